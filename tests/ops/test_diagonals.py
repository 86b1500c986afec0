"""Diagonals read and laid out, and the ways to choose, beside PyTorch's."""

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, IndexingError, ShapeError


def compared(call, *shapes):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape) for shape in shapes]
    ours = [lucid.tensor(x, requires_grad=True) for x in arrays]
    theirs = [torch.tensor(x, requires_grad=True) for x in arrays]
    y, expected = call(lucid, *ours), call(torch, *theirs)
    assert y.shape == tuple(expected.shape)
    np.testing.assert_array_equal(y.detach().numpy(), expected.detach().numpy())
    (y * y * y).sum().backward()
    (expected * expected * expected).sum().backward()
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), 1e-14)


@pytest.mark.parametrize("offset", [-4, -1, 0, 2, 5])
@pytest.mark.parametrize(
    ("shape", "dims"), [((3, 4), (0, 1)), ((3, 4), (1, 0)), ((2, 3, 4), (-1, 0)), ((0, 3), (0, 1))]
)
def test_diagonal(shape, dims, offset):
    if max(offset, 0) <= shape[dims[1]] and max(-offset, 0) <= shape[dims[0]]:
        compared(lambda m, x: m.diagonal(x, offset, *dims), shape)


@pytest.mark.parametrize("offset", [-2, 0, 1])
@pytest.mark.parametrize(
    ("shape", "dims"), [((3,), (-2, -1)), ((2, 3), (0, 2)), ((2, 3), (1, 0)), ((0,), (0, 1))]
)
def test_diag_embed(shape, dims, offset):
    compared(lambda m, x: m.diag_embed(x, offset, *dims), shape)


@pytest.mark.parametrize("offset", [-1, 0, 2])
@pytest.mark.parametrize("shape", [(3,), (2, 2), ()])
def test_diagflat(shape, offset):
    compared(lambda m, x: m.diagflat(x, offset), shape)


@pytest.mark.parametrize("offset", [-1, 0, 2])
@pytest.mark.parametrize("shape", [(3,), (3, 4)])
def test_diag(shape, offset):
    compared(lambda m, x: m.diag(x, offset), shape)


def test_a_diagonal_is_a_view():
    x = lucid.zeros(2, 3)
    x.diagonal()[1] = 5.0
    assert x.tolist() == [[0.0, 0.0, 0.0], [0.0, 5.0, 0.0]]
    x.diag(1).fill_(2.0)
    assert x[1, 2].item() == 2.0


def test_trace():
    compared(lambda m, x: m.trace(x), (3, 4))


def test_cartesian_prod():
    compared(lambda m, x, y: m.cartesian_prod(x, y), (2,), (3,))
    compared(lambda m, x: m.cartesian_prod(x), (2,))
    compared(lambda m, x, y, z: m.cartesian_prod(x, y, z), (2,), (0,), (1,))


@pytest.mark.parametrize("r", [1, 2, 3, 5])
@pytest.mark.parametrize("again", [False, True])
def test_combinations(r, again):
    compared(lambda m, x: m.combinations(x, r, again), (4,))
    assert lucid.combinations(lucid.ones(4), 0).shape == (0,)


X = lucid.ones(2, 3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: lucid.diagonal(X, 0, 1, -1), ArgumentError, "two different"),
        (lambda: lucid.diagonal(X, 0, 0, 2), IndexingError, "no dimension 2"),
        (lambda: lucid.diag_embed(X, 0, 0, 0), ArgumentError, "two different"),
        (lambda: lucid.diag_embed(lucid.tensor(1.0)), ShapeError, "needs a dimension"),
        (lambda: lucid.diag(lucid.ones(1, 1, 1)), ShapeError, "a vector or a matrix"),
        (lambda: lucid.trace(lucid.ones(1)), ShapeError, "takes a matrix"),
        (lambda: lucid.cartesian_prod(X), ShapeError, "takes vectors"),
        (lambda: lucid.cartesian_prod(), ArgumentError, "at least one"),
        (lambda: lucid.combinations(X), ShapeError, "takes a vector"),
        (lambda: lucid.combinations(lucid.ones(2), -1), ArgumentError, "must not be negative"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
