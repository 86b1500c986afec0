"""`Sequential` runs dense layers in a row as one op; nobody may notice but by the clock."""

import numpy as np
import pytest

import lucid
from lucid import nn
from lucid.autograd import gradcheck, gradgradcheck
from lucid.errors import DTypeError, ShapeError


def network(dtype=lucid.float64):
    lucid.manual_seed(0)
    layers = (nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 4, bias=False), nn.Linear(4, 2), nn.ReLU())
    return nn.Sequential(*layers).to(dtype)


def one_by_one(model, x):
    for module in model:
        x = module(x)
    return x


def gradients(model, output):
    model.zero_grad()
    (output * output).sum().backward()
    return [None if p.grad is None else p.grad.numpy() for p in model.parameters()]


@pytest.mark.parametrize("shape", [(6, 3), (2, 6, 3), (3,), (0, 3)])
def test_it_equals_its_modules_one_by_one(shape):
    model = network()
    x = lucid.randn(*shape, dtype=lucid.float64)
    chained, separate = model(x), one_by_one(model, x)
    np.testing.assert_allclose(chained.detach(), separate.detach(), rtol=1e-12)
    for a, b in zip(gradients(model, chained), gradients(model, separate), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_it_is_one_op_unless_a_hook_waits_in_between():
    model = network()
    x = lucid.randn(6, 3, dtype=lucid.float64)
    assert repr(model(x).grad_fn) == "<dense backward>"
    assert [edge for edge in model(x).grad_fn.edges if repr(edge) != "<leaf>"] == [None, None]
    seen = []
    model[2].register_forward_hook(lambda module, inputs, output: seen.append(output.shape))
    hooked = model(x)
    assert seen == [(6, 4)]
    np.testing.assert_allclose(hooked.detach(), one_by_one(model, x).detach(), rtol=1e-12)


def test_frozen_layers_get_no_gradient_and_the_others_the_right_one():
    model, x = network(), lucid.randn(6, 3, dtype=lucid.float64)
    want = gradients(model, one_by_one(model, x))
    model[0].requires_grad_(False)
    model.zero_grad()
    (model(x) ** 2).sum().backward()
    assert model[0].weight.grad is None
    for parameter, gradient in zip(model[2:].parameters(), want[2:], strict=True):
        np.testing.assert_allclose(parameter.grad, gradient, rtol=1e-12)


def test_gradients_of_first_and_second_order():
    model, x = network(), lucid.randn(4, 3, dtype=lucid.float64).requires_grad_()
    assert gradcheck(model, (x,))
    assert gradgradcheck(model, (x,))


def test_an_error_names_the_layer():
    model = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(4, 2))
    with pytest.raises(ShapeError, match="must have 4 features") as caught:
        model(lucid.randn(6, 3))
    assert any("Sequential.2: Linear" in note for note in caught.value.__notes__)
    with pytest.raises(DTypeError, match="the dtypes differ"):
        network()(lucid.randn(6, 3))


def test_kernels_equal_their_references():
    from lucid.kernels import jit

    model, x = network(lucid.float32), lucid.randn(40, 3)
    before = jit.policy.on
    results = []
    for on in (False, True):
        jit.settle(on)
        output = model(x)
        results.append([output.detach().numpy(), *gradients(model, output)])
    jit.policy.on = before
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=1e-6)
