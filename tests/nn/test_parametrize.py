"""Parametrized weights beside PyTorch's: states travel, values and gradients agree."""

import copy

import numpy as np
import pytest

import lucid
import lucid.nn as nn
from lucid.errors import ArgumentError, ShapeError
from lucid.nn.utils import parametrizations, parametrize

rng = np.random.default_rng(0)


def pair(make, wrap):
    """A layer here and in PyTorch, parametrized, with PyTorch's state."""
    torch = pytest.importorskip("torch")
    theirs = wrap(torch.nn.utils.parametrizations, make(torch.nn).double())
    mine = wrap(parametrizations, make(nn).double())
    state = {key: lucid.tensor(value.numpy()) for key, value in theirs.state_dict().items()}
    mine.load_state_dict(state)
    return mine, theirs


def agree(mine, theirs, shape):
    torch = pytest.importorskip("torch")
    x = rng.standard_normal(shape)
    a, b = lucid.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    mine(a).square().sum().backward()
    theirs(b).square().sum().backward()
    np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-9, atol=1e-10)
    other = dict(theirs.named_parameters())
    for name, parameter in mine.named_parameters():
        np.testing.assert_allclose(
            parameter.grad.numpy(), other[name].grad.numpy(), rtol=1e-8, atol=1e-9
        )
    for name, buffer in mine.named_buffers():
        there = dict(theirs.named_buffers())[name]
        np.testing.assert_allclose(buffer.numpy(), there.numpy(), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("dim", [0, 1, None])
def test_weight_norm(dim):
    mine, theirs = pair(lambda lib: lib.Linear(4, 3), lambda p, m: p.weight_norm(m, dim=dim))
    agree(mine, theirs, (5, 4))
    mine, theirs = pair(lambda lib: lib.Conv1d(4, 3, 2), lambda p, m: p.weight_norm(m, dim=dim))
    agree(mine, theirs, (5, 4, 6))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda lib: lib.Linear(4, 3), (5, 4)),
        (lambda lib: lib.Conv1d(4, 3, 2), (5, 4, 6)),
        (lambda lib: lib.ConvTranspose1d(4, 3, 2), (5, 4, 6)),
    ],
)
def test_spectral_norm(make, shape, training):
    wrap = lambda p, m: p.spectral_norm(m, n_power_iterations=2).train(training)  # noqa: E731
    agree(*pair(make, wrap), shape)


@pytest.mark.parametrize("way", ["matrix_exp", "cayley", "householder"])
@pytest.mark.parametrize("sizes", [(4, 4), (5, 3), (3, 5)])
@pytest.mark.parametrize("trivial", [True, False])
def test_orthogonal(way, sizes, trivial):
    def wrap(p, m):
        return p.orthogonal(m, orthogonal_map=way, use_trivialization=trivial)

    mine, theirs = pair(lambda lib: lib.Linear(*sizes), wrap)
    q = mine.weight.detach().numpy()
    narrow = q @ q.T if q.shape[0] < q.shape[1] else q.T @ q
    np.testing.assert_allclose(narrow, np.eye(min(sizes)), atol=1e-12)
    agree(mine, theirs, (6, sizes[0]))


def test_an_orthogonal_weight_can_be_assigned():
    layer = parametrizations.orthogonal(nn.Linear(3, 5).double())
    other = np.linalg.qr(rng.standard_normal((5, 3)))[0]
    other = other * np.sign(rng.standard_normal(3))
    layer.weight = lucid.tensor(other)
    np.testing.assert_allclose(np.abs(layer.weight.detach().numpy()), np.abs(other), atol=1e-12)


class Double(nn.Module):
    def forward(self, x):
        return x * 2

    def right_inverse(self, x):
        return x / 2


class Longer(nn.Module):
    def forward(self, x):
        return lucid.cat([x, x])


def test_several_parametrizations_and_their_removal():
    layer = nn.Linear(2, 2)
    before, weight = layer.weight.detach().numpy().copy(), layer.weight
    for _ in range(2):
        parametrize.register_parametrization(layer, "weight", Double())
    np.testing.assert_array_equal(layer.weight.detach().numpy(), before)
    np.testing.assert_array_equal(weight.detach().numpy(), before / 4)
    assert layer.parametrizations.weight.original is weight
    assert repr(layer).startswith("ParametrizedLinear(")
    assert parametrize.type_before_parametrizations(layer) is nn.Linear
    layer.weight = lucid.ones(2, 2)
    np.testing.assert_array_equal(layer.weight.detach().numpy(), np.ones((2, 2)))
    twin = copy.deepcopy(layer)
    with parametrize.cached():
        assert layer.weight is layer.weight
        assert twin.weight is not layer.weight
    assert layer.weight is not layer.weight
    parametrize.remove_parametrizations(layer, "weight")
    assert type(layer) is nn.Linear
    assert layer.weight is weight
    np.testing.assert_array_equal(layer.weight.detach().numpy(), np.ones((2, 2)))
    assert parametrize.is_parametrized(twin, "weight")


def test_refusals():
    layer = nn.Linear(2, 2)
    before = layer.weight
    with pytest.raises(ShapeError, match="changes the shape"):
        parametrize.register_parametrization(layer, "weight", Longer())
    assert layer.weight is before
    assert type(layer) is nn.Linear
    with pytest.raises(ArgumentError, match="no parameter or buffer 'wait'"):
        parametrize.register_parametrization(layer, "wait", Double())
    with pytest.raises(ArgumentError, match="not parametrized"):
        parametrize.remove_parametrizations(layer, "weight")
    parametrizations.weight_norm(layer)
    with pytest.raises(ArgumentError, match="several originals"):
        parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)
    with pytest.raises(ArgumentError, match="orthogonal_map"):
        parametrizations.orthogonal(nn.Linear(2, 2), orthogonal_map="qr")


def test_a_parametrized_buffer():
    layer = nn.BatchNorm1d(2)
    parametrize.register_parametrization(layer, "running_mean", Double())
    assert "parametrizations.running_mean.original" in layer.state_dict()
    assert not layer.running_mean.numpy().any()
