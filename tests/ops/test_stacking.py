"""Stacks, splits and added dimensions, as NumPy and PyTorch have them."""

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, DTypeError, ShapeError

SHAPES = [[(3,), (3,)], [(2, 3), (2, 3)], [(2, 3, 2), (2, 3, 2)], [(), ()], [(2, 1), (2, 1)]]


def drawn(shapes):
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape) for shape in shapes]


@pytest.mark.parametrize("shapes", SHAPES)
@pytest.mark.parametrize("name", ["vstack", "row_stack", "hstack", "dstack", "column_stack"])
def test_stacks(name, shapes):
    torch = pytest.importorskip("torch")
    arrays = drawn(shapes)
    ours = [lucid.tensor(x, requires_grad=True) for x in arrays]
    theirs = [torch.tensor(x, requires_grad=True) for x in arrays]
    y, expected = getattr(lucid, name)(ours), getattr(torch, name)(theirs)
    np.testing.assert_array_equal(y.detach().numpy(), expected.detach().numpy())
    (y * y).sum().backward()
    (expected * expected).sum().backward()
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a.grad.numpy(), b.grad.numpy())


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_atleast(ndim):
    torch = pytest.importorskip("torch")
    name = f"atleast_{ndim}d"
    arrays = drawn([(), (3,), (2, 3), (2, 3, 4), (1, 2, 3, 4)])
    for x in arrays:
        y, expected = getattr(lucid, name)(lucid.tensor(x)), getattr(torch, name)(torch.tensor(x))
        np.testing.assert_array_equal(y.numpy(), expected.numpy())
    several = [lucid.tensor(x) for x in arrays[:2]]
    for parts in (getattr(lucid, name)(*several), getattr(lucid, name)(several)):
        assert isinstance(parts, tuple)
        assert [part.ndim for part in parts] == [ndim, ndim]


@pytest.mark.parametrize(
    ("name", "shape", "given"),
    [
        ("hsplit", (6,), 3),
        ("hsplit", (2, 4), 2),
        ("hsplit", (2, 4), [1, 3]),
        ("vsplit", (4, 2), 2),
        ("vsplit", (4, 2), (3,)),
        ("dsplit", (1, 2, 4), 4),
        ("dsplit", (1, 2, 4), [2, 2]),
        ("split_with_sizes", (4, 2), [1, 3]),
    ],
)
def test_splits(name, shape, given):
    torch = pytest.importorskip("torch")
    (x,) = drawn([shape])
    ours, theirs = lucid.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    parts, expected = getattr(lucid, name)(ours, given), getattr(torch, name)(theirs, given)
    assert len(parts) == len(expected)
    for a, b in zip(parts, expected, strict=True):
        np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy())
    (parts[0] * parts[0]).sum().backward()
    (expected[0] * expected[0]).sum().backward()
    np.testing.assert_array_equal(ours.grad.numpy(), theirs.grad.numpy())
    assert len(getattr(lucid.tensor(x), name)(given)) == len(parts)


def test_other_names():
    x = lucid.ones(2, 3, 4)
    assert lucid.swapdims(x, 0, 2).shape == lucid.swapaxes(x, 0, 2).shape == (4, 3, 2)
    assert lucid.moveaxis(x, 0, 2).shape == (3, 4, 2)


X = lucid.ones(2, 3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: lucid.hsplit(lucid.tensor(1.0), 1), ShapeError, "at least 1 dimension"),
        (lambda: lucid.vsplit(lucid.ones(3), 1), ShapeError, "at least 2 dimensions"),
        (lambda: lucid.dsplit(X, 1), ShapeError, "at least 3 dimensions"),
        (lambda: lucid.hsplit(X, 2), ArgumentError, "equal size"),
        (lambda: lucid.hsplit(X, 0), ArgumentError, "equal size"),
        (lambda: lucid.split_with_sizes(X, 1), DTypeError, "sequence of sizes"),
        (lambda: lucid.hstack([]), ArgumentError, "at least one"),
        (lambda: lucid.hstack([X, lucid.ones(3, 3)]), ShapeError, "must be equal"),
        (lambda: lucid.column_stack([X, 1]), DTypeError, "number 1 is none"),
        (lambda: lucid.atleast_1d(1.0), DTypeError, "takes tensors"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
