"""Sorting, searching and counting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

import lucid
from lucid import Tensor
from lucid.core.tensor import wrap
from lucid.errors import ArgumentError, DTypeError, IndexingError, ShapeError

small = arrays_of.arrays(
    np.float64,
    arrays_of.array_shapes(max_dims=3, max_side=6),
    elements=st.sampled_from([-1.0, 0.0, 0.5, 2.0, np.nan, np.inf, -np.inf]),
)

# ---- order --------------------------------------------------------------------------------


@given(small, st.booleans())
def test_sorting_is_stable_either_way(array, descending):
    values, indices = lucid.sort(wrap(array), descending=descending)
    rows = array.reshape(-1, array.shape[-1])
    for row, order in zip(rows, indices.data.reshape(rows.shape), strict=True):
        keys = [(1, 0.0) if np.isnan(x) else (0, x) for x in row.tolist()]  # NaN above all
        ranks = [(-n, -x) if descending else (n, x) for n, x in keys]
        assert order.tolist() == sorted(range(len(row)), key=ranks.__getitem__)
    np.testing.assert_array_equal(np.take_along_axis(array, indices.data, -1), values.data)
    np.testing.assert_array_equal(
        lucid.argsort(wrap(array), descending=descending).data, indices.data
    )


@given(small, st.integers(0, 6), st.booleans())
def test_the_largest_k_are_the_front_of_the_sorted(array, k, largest):
    k = min(k, array.shape[-1])
    values, indices = lucid.topk(wrap(array), k, largest=largest)
    expected = lucid.sort(wrap(array), descending=largest).values.data[..., :k]
    np.testing.assert_array_equal(values.data, expected)
    np.testing.assert_array_equal(np.take_along_axis(array, indices.data, -1), values.data)


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("dim", [0, 1])
def test_few_of_many(largest, dim):
    x = np.random.default_rng(0).standard_normal((100, 90))
    x[3, 5] = np.nan
    values, indices = lucid.topk(wrap(x), 3, dim, largest)
    expected = lucid.sort(wrap(x), dim, descending=largest).values.data
    np.testing.assert_array_equal(values.data, expected.take(range(3), dim))
    np.testing.assert_array_equal(np.take_along_axis(x, indices.data, dim), values.data)
    unordered = lucid.topk(wrap(x), 3, dim, largest, sorted=False).values.data
    np.testing.assert_array_equal(np.sort(unordered, dim), np.sort(values.data, dim))


def test_gradients_return_to_where_values_came_from():
    x = Tensor([[3.0, 1.0, 2.0], [4.0, 6.0, 5.0]], requires_grad=True)
    (x.sort(0, descending=True).values * lucid.tensor([[1.0], [10.0]])).sum().backward()
    assert x.grad.tolist() == [[10, 10, 10], [1, 1, 1]]
    x.grad = None
    x.topk(2).values.sum().backward()
    assert x.grad.tolist() == [[1, 0, 1], [0, 1, 1]]


def test_edges():
    assert lucid.zeros(0).sort().values.shape == (0,)
    assert lucid.tensor(3.0).sort().indices.item() == 0
    assert lucid.tensor(3.0).topk(1).values.shape == ()
    assert lucid.tensor(3.0).argsort().item() == 0
    assert lucid.zeros(3).topk(0).values.shape == (0,)
    assert lucid.tensor([True, False]).sort().values.tolist() == [False, True]


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda x: x.sort(2), IndexingError, "no dimension"),
        (lambda x: x.topk(4), ArgumentError, "between 0 and 3"),
        (lambda x: x.topk(-1), ArgumentError, "between 0 and 3"),
        (lambda x: lucid.tensor([1j]).sort(), DTypeError, "no order"),
    ],
)
def test_refusals_of_sorting(call, error, match):
    with pytest.raises(error, match=match):
        call(lucid.ones(2, 3))


# ---- distinct elements -------------------------------------------------------------------------


@given(arrays_of.arrays(np.int64, arrays_of.array_shapes(max_dims=2), elements=st.integers(0, 4)))
def test_distinct_elements_rebuild_the_whole(array):
    found, inverse, counts = lucid.unique(wrap(array), return_inverse=True, return_counts=True)
    np.testing.assert_array_equal(found.data[inverse.data], array)
    assert counts.sum().item() == array.size
    assert found.tolist() == sorted(set(array.ravel().tolist()))
    runs, inverse, counts = lucid.unique_consecutive(wrap(array), True, True)
    np.testing.assert_array_equal(np.repeat(runs.data, counts.data), array.ravel())
    np.testing.assert_array_equal(runs.data[inverse.data], array)


def test_distinct_slices_and_nan():
    x = lucid.tensor([[1, 2], [1, 2], [0, 5]])
    assert x.unique(dim=0).tolist() == [[0, 5], [1, 2]]
    assert lucid.tensor([np.nan, 1.0, np.nan]).unique().numel() == 3
    assert lucid.tensor(3).unique().tolist() == [3]


def test_membership():
    x = lucid.tensor([[1, 2], [3, 4]])
    assert lucid.isin(x, lucid.tensor([4, 1])).tolist() == [[True, False], [False, True]]
    assert lucid.isin(x, 2, invert=True).tolist() == [[True, False], [True, True]]


# ---- places in sorted sequences ------------------------------------------------------------------


@given(
    arrays_of.arrays(np.float64, st.integers(0, 8), elements=st.floats(-5, 5)).map(np.sort),
    arrays_of.arrays(np.float64, st.integers(0, 8), elements=st.floats(-6, 6)),
    st.booleans(),
)
def test_places_keep_the_sequence_sorted(row, values, right):
    side = "right" if right else "left"
    expected = np.searchsorted(row, values, side)
    for ours in [
        lucid.searchsorted(wrap(row), wrap(values), right=right),
        lucid.searchsorted(wrap(row), wrap(values), side=side),
        lucid.bucketize(wrap(values), wrap(row), right=right),
        lucid.searchsorted(wrap(row[None]), wrap(values[None]), right=right)[0],
    ]:
        assert ours.dtype == lucid.int64
        np.testing.assert_array_equal(ours.data, expected)


def test_places_among_mixed_dtypes():
    row = lucid.tensor([1, 3, 5])
    assert lucid.searchsorted(row, 3.5).item() == 2
    assert lucid.searchsorted(row, lucid.tensor([3.5]), out_int32=True).dtype == lucid.int32
    assert lucid.bucketize(3, row).item() == 1


# ---- counting --------------------------------------------------------------------------------


def test_counts():
    x = lucid.tensor([0, 2, 2])
    assert x.bincount(minlength=5).tolist() == [1, 0, 2, 0, 0]
    assert x.bincount(lucid.tensor([0.5, 1.0, 2.0])).tolist() == [0.5, 0, 3]
    assert x.bincount(lucid.tensor([1.0, 1.0, 1.0])).dtype == lucid.float32
    assert x.bincount(lucid.tensor([1, 1, 1])).dtype == lucid.float64
    assert lucid.zeros(0, dtype="int64").bincount().shape == (0,)
    weights = Tensor([0.5, 1.0, 2.0], requires_grad=True)
    (x.bincount(weights) * lucid.tensor([1.0, 10.0, 100.0])).sum().backward()
    assert weights.grad.tolist() == [1, 100, 100]


def test_histograms():
    x = lucid.tensor([1.0, 2.0, 3.0, 9.0])
    assert x.histc(4, 0, 4).tolist() == [0, 1, 1, 1]
    assert lucid.tensor([2.0, 2.0]).histc(4).tolist() == [0, 0, 2, 0]
    assert x.histc(2).tolist() == [3, 1]
    assert lucid.zeros(0).histc(2).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: lucid.bincount(lucid.tensor([1.5])), DTypeError, "integers"),
        (lambda: lucid.bincount(lucid.tensor([-1])), ArgumentError, "negative"),
        (lambda: lucid.bincount(lucid.tensor([[1]])), ShapeError, "vectors"),
        (lambda: lucid.bincount(lucid.tensor([1]), lucid.ones(2)), ShapeError, "equal length"),
        (lambda: lucid.histc(lucid.tensor([1])), DTypeError, "float"),
        (lambda: lucid.histc(lucid.ones(1), 0), ArgumentError, "bins"),
        (lambda: lucid.histc(lucid.ones(1), 2, 3, 1), ArgumentError, "min <= max"),
        (lambda: lucid.histc(lucid.tensor([np.inf])), ArgumentError, "not finite"),
        (
            lambda: lucid.searchsorted(lucid.ones(2, 3), lucid.ones(3, 1)),
            ShapeError,
            "leading dimensions",
        ),
        (lambda: lucid.searchsorted(lucid.ones(2), 1.0, side="middle"), ArgumentError, "side"),
        (lambda: lucid.bucketize(1.0, lucid.ones(2, 2)), ShapeError, "vector"),
    ],
)
def test_refusals_of_counting(call, error, match):
    with pytest.raises(error, match=match):
        call()
