"""`autograd.grad` and `autograd.backward`."""

import numpy as np
import pytest

import lucid
from lucid import Tensor
from lucid.autograd import backward, grad
from lucid.errors import ArgumentError, DTypeError, GradError, ShapeError


def leaf(*numbers):
    return Tensor(numbers, requires_grad=True, dtype=lucid.float64)


def test_leaves_and_intermediates():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    h = x * w
    y = (h * h).sum()
    by_h, by_x = grad(y, (h, x))
    np.testing.assert_allclose(by_h.data, 2 * h.data)
    np.testing.assert_allclose(by_x.data, 2 * h.data * w.data)
    assert (x.grad, w.grad, h.grad) == (None, None, None)


def test_by_itself():
    x = leaf(2.0)
    y = x * 3
    assert grad(y, y)[0].tolist() == [1.0]
    assert grad(x, x)[0].tolist() == [1.0]
    z = (x * x).sum()
    (one,) = grad(z, z)
    one.data[...] = 5  # memory of its own: the next pass starts from one again
    assert grad((x * x).sum(), x)[0].tolist() == [4.0]


def test_the_same_input_twice():
    x = leaf(2.0)
    a, b = grad((x * x).sum(), [x, x])
    assert a.tolist() == b.tolist() == [4.0]


def test_outputs_are_summed_and_weighted():
    x = leaf(1.0, 2.0)
    v = Tensor([10.0, 100.0], dtype=lucid.float64)
    (g,) = grad([x * x, x.sum()], x, [v, None])
    assert g.tolist() == [21.0, 401.0]
    y = x * x
    assert grad([y.sum(), y.sum()], x)[0].tolist() == [4.0, 8.0]


def test_the_same_output_twice():
    x = leaf(3.0)
    y = (x * x).sum()
    assert grad([y, y], x)[0].tolist() == [12.0]


def test_an_unused_input():
    x, z = leaf(1.0), leaf(2.0)
    y = (x * 2).sum()
    with pytest.raises(GradError, match=r"grad: the outputs do not depend on inputs\[1\]"):
        grad(y, [x, z], retain_graph=True)
    assert grad(y, [x, z], retain_graph=True, allow_unused=True)[1] is None
    zeros = grad(y, [x, z], materialize_grads=True)[1]
    assert (zeros.tolist(), zeros.dtype) == ([0.0], lucid.float64)


def test_zeros_cannot_be_had_without_unused_inputs():
    x = leaf(1.0)
    with pytest.raises(ArgumentError, match="leave allow_unused out"):
        grad(x.sum(), x, allow_unused=False, materialize_grads=True)


def test_only_what_lies_between_is_computed():
    calls = []
    x, w = leaf(1.0), leaf(2.0)
    w.register_hook(lambda g: calls.append("w"))
    grad((x * w).sum(), x)
    assert calls == []


def test_only_what_lies_between_is_released():
    x, w = leaf(1.0), leaf(2.0)
    side, h = w * w, x * x
    y = (h * side).sum()
    grad(y, h)
    assert grad(side.sum(), w)[0].tolist() == [4.0]
    assert grad(h.sum(), x)[0].tolist() == [2.0]


def test_a_graph_is_released_or_retained():
    x = leaf(3.0)
    y = (x * x).sum()
    grad(y, x, retain_graph=True)
    grad(y, x)
    with pytest.raises(GradError, match="released by an earlier backward pass"):
        grad(y, x)


def test_higher_orders():
    x = leaf(2.0)
    y = (x**5).sum()
    for expected in (80.0, 160.0, 240.0, 240.0, 120.0):
        (y,) = grad(y.sum(), x, create_graph=True)
        np.testing.assert_allclose(y.data, [expected])


def test_derivatives_by_grad_outputs():
    x, v = leaf(2.0, 3.0), leaf(1.0, 1.0)
    (g,) = grad(x * x * x, x, v, create_graph=True)
    (by_v,) = grad(g.sum(), v)
    np.testing.assert_allclose(by_v.data, [12.0, 27.0])


def test_derivatives_by_grad_outputs_of_another_dtype():
    x = Tensor([2.0, 3.0], requires_grad=True)
    v = leaf(1.0, 1.0)
    (g,) = grad(x * x, x, v, create_graph=True)
    assert g.dtype == lucid.float32
    (by_v,) = grad(g.sum(), v)
    assert by_v.tolist() == [4.0, 6.0]


def test_gradients_do_not_share_memory():
    x, z = leaf(1.0, 2.0), leaf(3.0, 4.0)
    v = Tensor([1.0, 1.0], dtype=lucid.float64)
    for create_graph in (False, True):
        a, b = grad(x + z, [x, z], v, create_graph=create_graph)
        assert not np.shares_memory(a.data, b.data)
        assert not np.shares_memory(a.data, v.data)


def test_an_output_of_several_at_the_second_order():
    x = leaf(0.5, 1.5)
    values, _ = (x * 2).sort()
    (slope,) = grad((values**3).sum(), values, create_graph=True)
    (curve,) = grad(slope.sum(), values)
    np.testing.assert_allclose(curve.data, 6 * values.data)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda x, c: grad(c.sum(), x), GradError, "requires no gradient"),
        (lambda x, c: grad(x.sum(), c), GradError, r"inputs\[0\] requires no gradient"),
        (lambda x, c: grad(x * 2, x), GradError, "implied for one element"),
        (lambda x, c: grad(x * 2, x, c), ShapeError, "shape of the tensor"),
        (lambda x, c: grad(x.sum(), [x.data]), DTypeError, "inputs must be tensors"),
        (lambda x, c: grad(x.sum(), []), ArgumentError, "inputs is empty"),
        (lambda x, c: grad([], x), ArgumentError, "outputs is empty"),
        (lambda x, c: grad(x.sum(), x, [None, None]), ArgumentError, "one entry for each of 1"),
        (lambda x, c: backward(c.sum()), GradError, "requires no gradient"),
    ],
)
def test_refusals(call, error, match):
    with pytest.raises(error, match=match):
        call(leaf(1.0, 2.0), Tensor([1.0, 2.0, 3.0], dtype=lucid.float64))


def test_backward_of_several():
    x = leaf(1.0, 2.0)
    backward([x.sum(), x * x], [None, Tensor([1.0, 10.0], dtype=lucid.float64)])
    assert x.grad.tolist() == [3.0, 41.0]


def test_backward_into_chosen_inputs():
    x, w = leaf(1.0), leaf(5.0)
    backward((x * w).sum(), inputs=x, retain_graph=True)
    backward((x * w).sum(), inputs=[x])
    assert x.grad.tolist() == [10.0]
    assert w.grad is None


@pytest.mark.parametrize("framework", ["lucid", "torch"])
def test_what_retains_its_gradient_does_so_in_every_pass(framework):
    m = pytest.importorskip(framework)
    x = m.tensor([1.0, 2.0], requires_grad=True)
    h = x * 2
    assert not h.retains_grad
    h.retain_grad()
    assert h.retains_grad
    assert not x.retains_grad
    loss = (h * 3).sum()
    m.autograd.grad(loss, x, retain_graph=True)
    assert (h.grad.tolist(), x.grad) == ([3.0, 3.0], None)
    loss.backward(inputs=[x])
    assert (h.grad.tolist(), x.grad.tolist()) == ([6.0, 6.0], [6.0, 6.0])


def test_batches_of_gradients_are_refused():
    x = leaf(1.0, 2.0)
    with pytest.raises(NotImplementedError, match="is_grads_batched=True is not supported"):
        grad(x * 2, x, lucid.ones(3, 2), is_grads_batched=True)


def test_backward_of_a_tensor_into_chosen_inputs():
    x, w = leaf(1.0), leaf(5.0)
    h = x * w
    (h * h).backward(inputs=[h, x])
    assert (h.grad.tolist(), x.grad.tolist(), w.grad) == ([10.0], [50.0], None)
    (x * w).backward(inputs=w, create_graph=True)
    assert w.grad.requires_grad
    with pytest.raises(GradError, match=r"inputs\[0\] requires no gradient"):
        (x * w).backward(inputs=lucid.ones(1))
