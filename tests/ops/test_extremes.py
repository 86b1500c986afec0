"""Maxima, minima, medians, quantiles: choices, ties, NaN, gradients of every order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

import lucid
from lucid import Tensor
from lucid.core.tensor import wrap
from lucid.errors import ArgumentError, DTypeError, IndexingError

CHOOSERS = {
    "max": lambda x: lucid.max(x, 1),
    "min": lambda x: lucid.min(x, 1),
    "median": lambda x: lucid.median(x, 1),
    "nanmedian": lambda x: lucid.nanmedian(x, 1),
    "kthvalue": lambda x: lucid.kthvalue(x, 2, 1),
    "mode": lambda x: lucid.mode(x, 1),
    "cummax": lambda x: lucid.cummax(x, 1),
    "cummin": lambda x: lucid.cummin(x, 1),
    "sort": lambda x: lucid.sort(x, 1),
    "topk": lambda x: lucid.topk(x, 2, 1),
}


@pytest.mark.parametrize("choose", CHOOSERS.values(), ids=CHOOSERS)
@given(
    arrays_of.arrays(
        np.float64,
        arrays_of.array_shapes(min_dims=2, max_dims=3, min_side=2, max_side=5),
        elements=st.sampled_from([-2.0, -1.0, 0.0, 1.0, 2.0, np.inf, np.nan]),
    )
)
def test_values_stand_where_indices_say(choose, array):
    chosen = choose(wrap(array))
    values, indices = chosen.values.data, chosen.indices.data
    assert indices.dtype == np.int64
    if values.ndim < array.ndim:
        values, indices = np.expand_dims(values, 1), np.expand_dims(indices, 1)
    np.testing.assert_array_equal(np.take_along_axis(array, indices, 1), values)


@pytest.mark.parametrize("choose", CHOOSERS.values(), ids=CHOOSERS)
def test_gradients_go_to_the_chosen_at_every_order(choose):
    x = Tensor([[3.0, 1.0, 2.0], [0.5, -1.0, 4.0]], requires_grad=True, dtype=lucid.float64)
    values, indices = choose(x)
    (values**3).sum().backward(create_graph=True)
    counts = np.zeros_like(x.data)
    where = indices.data if indices.ndim == 2 else indices.data[:, None]
    np.add.at(counts, (np.arange(2)[:, None], where), 1)
    np.testing.assert_allclose(x.grad.data, counts * 3 * x.data**2)
    gradient, x.grad = x.grad, None
    gradient.sum().backward()
    np.testing.assert_allclose(x.grad.data, counts * 6 * x.data)
    assert not indices.requires_grad


@pytest.mark.parametrize("choose", CHOOSERS.values(), ids=CHOOSERS)
def test_integers_and_bare_arrays(choose):
    array = np.array([[3, 1, 2], [5, 5, 4]], np.int32)
    chosen = choose(wrap(array))
    assert chosen.values.dtype == lucid.int32
    bare = choose(array)
    assert type(bare.values) is np.ndarray
    np.testing.assert_array_equal(bare.values, chosen.values.data)


@pytest.mark.parametrize("choose", CHOOSERS.values(), ids=CHOOSERS)
def test_complex_numbers_have_no_order(choose):
    with pytest.raises(DTypeError, match="no order"):
        choose(lucid.tensor([[1j, 2.0]]))


@pytest.mark.parametrize("name", ["max", "min", "median", "mode", "argmax", "argmin", "amax"])
def test_a_choice_needs_an_element(name):
    with pytest.raises(IndexingError, match="no element"):
        getattr(lucid.zeros(0, 3), name)(dim=0)
    dims = {"dim": 1}
    result = getattr(lucid.zeros(0, 3), name)(**dims)
    assert getattr(result, "values", result).shape == (0,)
    if name not in ("median", "mode"):
        with pytest.raises(IndexingError, match=name):
            getattr(lucid.zeros(0), name)()


@pytest.mark.parametrize("name", ["max", "min", "median", "kthvalue", "mode", "cummax", "sort"])
def test_a_number_is_its_own_extreme(name):
    x = Tensor(2.5, requires_grad=True)
    args = (1, 0) if name == "kthvalue" else (0,)
    values, indices = getattr(x, name)(*args)
    assert values.shape == indices.shape == ()
    assert (values.item(), indices.item()) == (2.5, 0)
    values.backward()
    assert x.grad.item() == 1


# ---- ties -----------------------------------------------------------------------------


def test_equals_share_or_the_first_takes_all():
    rows = [[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]
    for reduce, expected in [
        (lambda x: x.max(), [[0, 0.5, 0.5], [0, 0, 0]]),
        (lambda x: x.amax(1).sum(), [[0, 0.5, 0.5], [1 / 3] * 3]),
        (lambda x: x.max(1).values.sum(), [[0, 1, 0], [1, 0, 0]]),
        (lambda x: x.median(), [[0, 0, 0], [1 / 3] * 3]),
    ]:
        x = Tensor(rows, requires_grad=True)
        reduce(x).backward()
        np.testing.assert_allclose(x.grad.data, expected, rtol=1e-6)


def test_running_extremes_name_the_last_of_equals():
    assert lucid.tensor([1.0, 3.0, 3.0, 2.0]).cummax(0).indices.tolist() == [0, 1, 2, 2]


def test_float32_gradients_stay_float32():
    x = Tensor([1.0, 1.0, 1.0], requires_grad=True)
    x.amax().backward(create_graph=True)
    assert x.grad.dtype == lucid.float32


# ---- NaN --------------------------------------------------------------------------------


def test_nan_wins():
    x = lucid.tensor([1.0, np.nan, 3.0])
    for name in ("max", "min", "amax", "amin", "median"):
        assert np.isnan(getattr(x, name)().item())
    for name in ("max", "min", "median"):
        assert getattr(x, name)(0).indices.item() == 1
    assert x.argmax().item() == x.argmin().item() == 1
    assert x.nanmedian().item() == 1
    assert np.isnan(lucid.tensor([np.nan]).nanmedian().item())
    leaf = Tensor([1.0, np.nan, np.nan], requires_grad=True)
    leaf.max().backward()
    assert leaf.grad.tolist() == [0, 0.5, 0.5]


# ---- median and mode -----------------------------------------------------------------------


@given(arrays_of.arrays(np.int64, st.integers(1, 30), elements=st.integers(-5, 5)))
def test_the_median_is_the_lower_middle_and_the_mode_the_most_frequent(array):
    assert lucid.median(wrap(array)).item() == np.sort(array)[(len(array) - 1) // 2]
    numbers, counts = np.unique(array, return_counts=True)
    value, index = lucid.mode(wrap(array))
    assert value.item() == numbers[np.argmax(counts)]
    assert index.item() == np.nonzero(array == value.item())[0][-1]


def test_median_of_no_integers_is_refused():
    assert np.isnan(lucid.zeros(0).median().item())
    with pytest.raises(IndexingError):
        lucid.zeros(0, dtype="int64").median()


# ---- quantiles ----------------------------------------------------------------------------


@given(
    arrays_of.arrays(np.float64, st.integers(1, 20), elements=st.floats(-100, 100)),
    st.floats(0, 1),
    st.sampled_from(["linear", "lower", "higher", "midpoint"]),
)
def test_quantiles_are_those_of_numpy(array, q, interpolation):
    ours = lucid.quantile(wrap(array), q, interpolation=interpolation).item()
    assert ours == pytest.approx(np.quantile(array, q, method=interpolation), abs=1e-9)


def test_shapes_of_quantiles():
    x = lucid.rand(2, 3, 4)
    q = lucid.tensor([0.1, 0.9])
    assert x.quantile(0.5).shape == ()
    assert x.quantile(0.5, 1).shape == (2, 4)
    assert x.quantile(0.5, 1, keepdim=True).shape == (2, 1, 4)
    assert x.quantile(q).shape == (2,)
    assert x.quantile(q, 1).shape == (2, 2, 4)
    assert x.quantile(q, -1, keepdim=True).shape == (2, 2, 3, 1)
    assert x.quantile(q, keepdim=True).shape == (2, 1, 1, 1)
    assert x.quantile(q).dtype == lucid.float32


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda x: x.quantile(1.5), ArgumentError, "between 0 and 1"),
        (lambda x: x.quantile(0.5, interpolation="cubic"), ArgumentError, "nearest"),
        (lambda x: x.long().quantile(0.5), DTypeError, "float"),
        (lambda x: x.quantile(lucid.ones(1, 1)), ArgumentError, "vector"),
        (lambda x: x.kthvalue(4), ArgumentError, "between 1 and 3"),
        (lambda x: x.kthvalue(0), ArgumentError, "between 1 and 3"),
        (lambda x: x.max(1, 2, 3), TypeError, "positional"),
        (lambda x: x.max((0, 1)), DTypeError, "integer"),
    ],
)
def test_refusals(call, error, match):
    with pytest.raises(error, match=match):
        call(lucid.ones(2, 3))


def test_pairs_have_names():
    x = lucid.tensor([[1.0, 4.0], [3.0, 2.0]])
    result = x.max(dim=1)
    assert result.values.tolist() == [4, 3]
    assert result.indices.tolist() == [1, 0]
    low, high = x.aminmax()
    assert (low.item(), high.item()) == (1, 4)
    assert x.aminmax(dim=0).max.tolist() == [3, 4]
    assert x.max(axis=1, keepdims=True).values.shape == (2, 1)
    assert lucid.max(x, lucid.tensor(2.5)).tolist() == [[2.5, 4.0], [3.0, 2.5]]
