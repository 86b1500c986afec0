"""segment_reduce: values and gradients as PyTorch has them, and refusals."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lucid
from lucid.autograd import gradcheck, gradgradcheck
from lucid.errors import ArgumentError, DTypeError, IndexingError, ShapeError

KINDS = ["sum", "mean", "max", "min", "prod"]
NUMPY = {"sum": np.sum, "mean": np.mean, "max": np.max, "min": np.min, "prod": np.prod}


@pytest.mark.parametrize("initial", [None, 2.0])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("shape", "given", "axis"),
    [
        ((6, 2), {"lengths": [2, 0, 1, 3]}, 0),
        ((6,), {"lengths": [6]}, 0),
        ((6, 2), {"offsets": [0, 1, 1, 6]}, 0),
        ((6, 2), {"offsets": [1, 3, 5]}, 0),
        ((6, 2), {"lengths": [1, 2], "unsafe": True}, 0),
        ((2, 3, 2), {"lengths": [[1, 2], [3, 0]]}, 1),
        ((2, 3), {"offsets": [[0, 2, 3], [0, 0, 3]]}, -1),
        ((4, 2), {"lengths": [0, 4, 0]}, 0),
    ],
)
def test_values_and_gradients(shape, given, axis, kind, initial):
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).integers(-3, 4, shape) / 2  # with ties and zeros
    ours = lucid.tensor(x, dtype=lucid.float64, requires_grad=True)
    theirs = torch.tensor(x, requires_grad=True)
    options = {k: lucid.tensor(v) if isinstance(v, list) else v for k, v in given.items()}
    their = {k: torch.tensor(v) if isinstance(v, list) else v for k, v in given.items()}
    result = lucid.segment_reduce(ours, kind, **options, axis=axis, initial=initial)
    expected = torch.segment_reduce(theirs, kind, **their, axis=axis % len(shape), initial=initial)
    assert result.shape == tuple(expected.shape)
    assert np.allclose(result.detach().numpy(), expected.detach().numpy(), equal_nan=True)
    used = ~np.isnan(expected.detach().numpy())
    g = np.where(used, np.arange(1.0, used.size + 1).reshape(used.shape), 0)
    result.backward(lucid.tensor(g))
    expected.backward(torch.tensor(g))
    slope = _as_meant(ours, theirs, kind, given, axis, initial, g)
    assert np.allclose(ours.grad.numpy(), slope)


def _as_meant(ours, theirs, kind, given, axis, initial, g):
    """PyTorch's gradient, or the product's by its definition, which it misses with offsets."""
    if kind != "prod":
        return theirs.grad.numpy()
    x = ours.detach().numpy()
    slope = np.zeros(x.shape)
    moved, out = np.moveaxis(x, axis, -1), np.moveaxis(slope, axis, -1)
    lead = x.shape[: axis % x.ndim]
    for place in np.ndindex(*lead):
        table = np.array(next(v for v in given.values() if isinstance(v, list)))[place]
        edges = table if "offsets" in given else np.concatenate([[0], np.cumsum(table)])
        for i, (a, b) in enumerate(itertools.pairwise(edges)):
            for j in range(a, b):
                rest = [k for k in range(a, b) if k != j]
                rows = moved[place][..., rest].prod(-1) * (1.0 if initial is None else initial)
                out[place][..., j] = rows * np.moveaxis(g, axis, -1)[place][..., i]
    return slope


@given(st.lists(st.integers(0, 4), min_size=1, max_size=8), st.sampled_from(KINDS))
def test_each_segment_is_reduced_alone(lengths, kind):
    x = np.random.default_rng(len(lengths)).standard_normal((sum(lengths), 3))
    found = lucid.segment_reduce(lucid.tensor(x), kind, lengths=lucid.tensor(lengths)).numpy()
    edges = np.cumsum([0, *lengths])
    for row, (a, b) in zip(found, itertools.pairwise(edges), strict=True):
        if a < b:
            assert np.allclose(row, NUMPY[kind](x[a:b], 0), rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_every_order_of_derivative(kind):
    x = lucid.tensor(np.random.default_rng(1).standard_normal((7, 2)), requires_grad=True)
    lengths = lucid.tensor([3, 0, 4])

    def reduced(x):
        return lucid.segment_reduce(x, kind, lengths=lengths, initial=0.5)

    assert gradcheck(reduced, (x,))
    assert gradgradcheck(reduced, (x,))


def test_nan_is_an_extreme():
    x = lucid.tensor([1.0, float("nan"), 3.0], requires_grad=True)
    found = lucid.segment_reduce(x, "max", lengths=lucid.tensor([2, 1]))
    assert np.isnan(found.detach().numpy()).tolist() == [True, False]
    found.sum().backward()
    assert x.grad.tolist() == [0, 1, 1]


def test_rows_in_no_segment_have_no_gradient():
    x = lucid.tensor([np.inf, 1.0, 2.0, np.nan], requires_grad=True)
    lucid.segment_reduce(x, "sum", offsets=lucid.tensor([1, 3])).sum().backward()
    assert x.grad.tolist() == [0, 1, 1, 0]


def test_nothing_to_reduce():
    x = lucid.zeros(0, 3, requires_grad=True)
    for kind, empty in [("sum", 0), ("prod", 1), ("max", -np.inf), ("min", np.inf)]:
        found = lucid.segment_reduce(x, kind, lengths=lucid.tensor([0, 0]))
        assert found.tolist() == [[empty] * 3] * 2
    none = lucid.segment_reduce(x, "sum", lengths=lucid.zeros(0, dtype=lucid.int64))
    assert none.shape == (0, 3)
    none.sum().backward()
    assert x.grad.shape == (0, 3)


def test_kinds():
    x = np.arange(4.0)
    assert isinstance(lucid.segment_reduce(x, "sum", lengths=np.array([1, 3])), np.ndarray)
    whole = lucid.segment_reduce(lucid.tensor([1, 2, 3]), "mean", lengths=lucid.tensor([3]))
    assert whole.dtype == lucid.get_default_dtype()
    assert whole.item() == 2
    half = lucid.segment_reduce(lucid.ones(4).half(), "sum", lengths=lucid.tensor([4]))
    assert half.dtype == np.float16


def test_refusals():
    x, reduce = lucid.zeros(4, 3), lucid.segment_reduce
    two = lucid.tensor([2, 2])
    with pytest.raises(ArgumentError, match=r"one of sum, mean, max, min, prod, not 'median'"):
        reduce(x, "median", lengths=two)
    for options in ({}, {"lengths": two, "offsets": two}, {"indices": two}):
        with pytest.raises(ArgumentError, match="either lengths or offsets, and no indices"):
            reduce(x, "sum", **options)
    with pytest.raises(
        ArgumentError, match=r"add up to the 4 rows of data(.|\n)*help: unsafe=True"
    ):
        reduce(x, "sum", lengths=lucid.tensor([1, 2]))
    with pytest.raises(ArgumentError, match="add up to the 4 rows"):
        reduce(x, "sum", lengths=lucid.tensor([3, 2]), unsafe=True)
    with pytest.raises(ArgumentError, match="a length is negative"):
        reduce(x, "sum", lengths=lucid.tensor([-1, 5]))
    with pytest.raises(ArgumentError, match="offsets must rise from 0 on, up to the 4 rows"):
        reduce(x, "sum", offsets=lucid.tensor([0, 3, 2]))
    with pytest.raises(DTypeError, match=r"lengths must be integers(.|\n)*lengths.long\(\)"):
        reduce(x, "sum", lengths=lucid.tensor([2.0, 2.0]))
    with pytest.raises(ShapeError, match="the 1 dimensions of data before axis 1"):
        reduce(x, "sum", lengths=two, axis=1)
    with pytest.raises(IndexingError, match="there is no dimension 2"):
        reduce(x, "sum", lengths=two, axis=2)
    with pytest.raises(DTypeError, match="segment_reduce: takes real numbers only"):
        reduce(x + 0j, "sum", lengths=two)
    with pytest.raises(DTypeError, match="segment_reduce: takes a tensor, not list"):
        reduce([1.0], "sum", lengths=two)
