"""Parameters as vectors, calls with other parameters, fused batch norms."""

import numpy as np
import pytest

import lucid
import lucid.nn as nn
from lucid.errors import ArgumentError, ShapeError, StateError
from lucid.nn.utils import (
    fuse_conv_bn_eval,
    fuse_linear_bn_eval,
    parameters_to_vector,
    vector_to_parameters,
)
from lucid.nn.utils.stateless import functional_call


def test_vectors_there_and_back():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    vector = parameters_to_vector(model.parameters())
    assert vector.shape == (13,)
    vector.sum().backward()
    assert all((p.grad == 1).all() for p in model.parameters())
    vector_to_parameters(vector.detach() * 2, model.parameters())
    np.testing.assert_array_equal(
        parameters_to_vector(model.parameters()).detach().numpy(), vector.detach().numpy() * 2
    )
    with pytest.raises(ShapeError, match="13 elements"):
        vector_to_parameters(lucid.zeros(12), model.parameters())


def test_functional_call():
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    before = {k: v.numpy().copy() for k, v in model.state_dict().items()}
    weight = lucid.ones(2, 2, requires_grad=True)
    mean = lucid.zeros(2)
    out = functional_call(model, {"0.weight": weight, "1.running_mean": mean}, lucid.randn(5, 2))
    out.square().sum().backward()
    assert weight.grad is not None
    assert model[0].weight.grad is None
    after = model.state_dict()
    np.testing.assert_array_equal(after["0.weight"].numpy(), before["0.weight"])
    np.testing.assert_array_equal(after["1.running_mean"].numpy(), before["1.running_mean"])
    assert model[0].weight is dict(model.named_parameters())["0.weight"]
    with pytest.raises(StateError, match="no parameter or buffer 'wait'"):
        functional_call(model, {"wait": weight}, lucid.ones(1, 2))
    with pytest.raises(StateError, match="left out"):
        functional_call(model, {"0.weight": weight}, lucid.ones(1, 2), strict=True)


def test_tied_weights_and_errors_within():
    model = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    model[1].weight = model[0].weight
    own = model[0].weight
    twos, x = lucid.full((2, 2), 2.0), lucid.ones(1, 2)
    assert functional_call(model, {"0.weight": twos}, (x,)).tolist() == [[16.0, 16.0]]
    with pytest.raises(ShapeError):
        functional_call(model, {"0.weight": twos}, lucid.ones(1, 3))
    assert model[0].weight is own
    assert model[1].weight is own


def trained_norm(cls, count):
    norm = cls(count, dtype=lucid.float64)
    for tensor in (norm.running_mean, norm.running_var, norm.weight.detach(), norm.bias.detach()):
        tensor.data[...] = np.random.default_rng(count).uniform(0.5, 2, count)
    return norm.eval()


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("transpose", "groups"), [(False, 1), (False, 2), (True, 1), (True, 2)])
def test_convolution_and_batch_norm_in_one(transpose, groups, bias):
    layer = nn.ConvTranspose2d if transpose else nn.Conv2d
    conv = layer(4, 6, 3, groups=groups, bias=bias, dtype=lucid.float64).eval()
    norm = trained_norm(nn.BatchNorm2d, 6)
    x = lucid.randn(2, 4, 5, 5, dtype=lucid.float64)
    fused = fuse_conv_bn_eval(conv, norm, transpose)
    np.testing.assert_allclose(
        fused(x).detach().numpy(), norm(conv(x)).detach().numpy(), rtol=1e-9, atol=1e-12
    )


def test_dense_layer_and_batch_norm_in_one():
    dense = nn.Linear(3, 4, dtype=lucid.float64).eval()
    norm = trained_norm(nn.BatchNorm1d, 4)
    x = lucid.randn(5, 3, dtype=lucid.float64)
    np.testing.assert_allclose(
        fuse_linear_bn_eval(dense, norm)(x).detach().numpy(),
        norm(dense(x)).detach().numpy(),
        rtol=1e-10,
    )
    with pytest.raises(ArgumentError, match=r"eval\(\)"):
        fuse_linear_bn_eval(nn.Linear(3, 4), norm)
    with pytest.raises(ArgumentError, match="has 5 outputs"):
        fuse_linear_bn_eval(nn.Linear(3, 5).eval(), norm)
