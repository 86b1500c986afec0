"""Sums, means, products, moments, norms, any and all: what parity tests do not say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

import lucid
from lucid import Tensor
from lucid.core.tensor import wrap
from lucid.errors import ArgumentError, DTypeError, IndexingError

# ---- dimensions -----------------------------------------------------------------------


@st.composite
def array_and_axes(draw):
    shape = draw(arrays_of.array_shapes(min_dims=0, max_dims=4, max_side=4))
    array = draw(arrays_of.arrays(np.float64, shape, elements=st.floats(-10, 10)))
    axes = draw(st.lists(st.integers(0, max(len(shape) - 1, 0)), unique=True)) if shape else []
    return array, tuple(axes)


@given(array_and_axes(), st.booleans(), st.booleans())
def test_dimensions_mean_what_numpy_means(case, keepdim, negative):
    array, axes = case
    dims = tuple(a - array.ndim for a in axes) if negative else axes
    where = axes or None  # an empty tuple means all dimensions, as in PyTorch
    for ours, theirs in [
        (lucid.sum, np.sum),
        (lucid.amax, np.max),
        (lucid.amin, np.min),
        (lucid.mean, np.mean),
        (lucid.any, np.any),
        (lucid.all, np.all),
    ]:
        result = ours(wrap(array), dims, keepdim).data
        expected = theirs(array, axis=where, keepdims=keepdim)
        assert result.shape == expected.shape
        np.testing.assert_allclose(result, expected, atol=1e-12)


def test_both_spellings():
    x = lucid.tensor([[1.0, 2.0], [3.0, 4.0]])
    for name in ("sum", "mean", "prod", "var", "std", "norm", "logsumexp", "amax", "any", "all"):
        ours = getattr(lucid, name)(x, axis=1, keepdims=True)
        assert ours.tolist() == getattr(x, name)(dim=1, keepdim=True).tolist()
        assert ours.shape == (2, 1)
    with pytest.raises(ArgumentError, match="mean the same"):
        x.sum(0, axis=1)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda x: x.sum(2), IndexingError, "no dimension 2"),
        (lambda x: x.sum((0, -2)), ArgumentError, "twice"),
        (lambda x: x.sum(0.5), DTypeError, "integer"),
        (lambda x: x.long().mean(), DTypeError, r"input.float\(\).mean"),
        (lambda x: x.bool().var(), DTypeError, "float"),
        (lambda x: x.var(unbiased=True, correction=0), ArgumentError, "same"),
        (lambda x: x.norm("nuc"), ArgumentError, "'nuc'"),
        (lambda x: x.long().norm(), DTypeError, "float"),
    ],
)
def test_refusals(call, error, match):
    with pytest.raises(error, match=match):
        call(lucid.ones(2, 2))


# ---- dtypes and accuracy -----------------------------------------------------------------


def test_narrow_floats_are_summed_in_float32():
    x = lucid.full((4096, 3), 0.1, dtype=lucid.float16)
    exact = float(np.float16(0.1)) * 4096
    for dim in (0, None):
        total = x.sum(dim)
        assert total.dtype == lucid.float16
        np.testing.assert_allclose(total.data, exact * (1 if dim == 0 else 3), rtol=1e-3)
    big = lucid.full((1000,), 1000.0, dtype=lucid.float16)
    assert big.mean().item() == 1000  # though the sum would overflow
    assert big.std().item() == 0
    assert big.norm().item() == pytest.approx(1000 * 1000**0.5, rel=1e-3)
    assert big.logsumexp(0).item() == pytest.approx(1000 + np.log(1000), rel=1e-3)
    assert x.cumsum(0).dtype == lucid.float16
    np.testing.assert_allclose(x.cumsum(0).data[-1], exact, rtol=1e-3)


def test_bfloat16_is_reduced():
    pytest.importorskip("ml_dtypes")
    x = lucid.ones(1000, dtype="bfloat16")
    x.requires_grad = True
    total = (x.sum() + x.mean() + x.var()).sum()
    assert total.dtype.name == "bfloat16"
    assert float(x.sum()) == 1000
    total.backward()
    assert x.grad.dtype.name == "bfloat16"


def test_long_columns_are_summed_accurately():
    x = np.random.default_rng(0).random((100_000, 3), np.float32)
    exact = x.astype(np.float64).sum(0)
    np.testing.assert_allclose(lucid.sum(wrap(x), 0).data, exact, rtol=5e-7)
    assert lucid.sum(wrap(x), 0, keepdim=True).shape == (1, 3)


@pytest.mark.parametrize("keepdim", [False, True])
def test_norms_of_many_elements(keepdim):
    x = np.random.default_rng(0).standard_normal((1000, 101)).astype(np.float32)
    exact = np.sqrt((x.astype(np.float64) ** 2).sum(keepdims=keepdim))
    ours = lucid.norm(wrap(x), keepdim=keepdim).data
    assert ours.shape == exact.shape
    np.testing.assert_allclose(ours, exact, rtol=3e-7)
    np.testing.assert_allclose(lucid.norm(wrap(x.T)).data, exact.ravel()[0], rtol=3e-6)


def test_running_sums_are_accurate():
    x = np.random.default_rng(0).random(100_000, np.float32)
    exact = x.astype(np.float64).cumsum()
    np.testing.assert_allclose(lucid.cumsum(wrap(x), 0).data, exact, rtol=1e-7)


def test_variance_of_a_far_off_mean():
    x = lucid.tensor([1e8, 1e8 + 1, 1e8 + 2], dtype=lucid.float64)
    assert x.var().item() == 1


def test_integers_are_summed_in_int64():
    x = lucid.full((3,), 100, dtype=lucid.int8)
    assert x.sum().item() == 300
    assert x.sum().dtype == lucid.int64
    assert x.prod().item() == 10**6
    assert x.sum(dtype=lucid.float32).dtype == lucid.float32
    assert lucid.tensor([1, 2]).mean(dtype=lucid.float32).item() == 1.5


# ---- special values --------------------------------------------------------------------


def test_of_nothing():
    x = lucid.zeros(0)
    assert x.sum().item() == 0
    assert x.prod().item() == 1
    assert np.isnan(x.mean().item())
    assert np.isnan(x.var().item())
    assert x.logsumexp(0).item() == -np.inf
    assert x.norm().item() == 0
    assert x.all().item() is True
    assert x.any().item() is False
    assert np.isnan(x.nanmean().item())


@pytest.mark.parametrize("function", ["std", "norm"])
def test_a_root_of_zero_has_gradient_zero(function):
    x = Tensor([0.0, 0.0, 0.0], requires_grad=True)
    getattr(x, function)().backward()
    assert x.grad.tolist() == [0, 0, 0]


def test_sums_of_exponentials_neither_overflow_nor_make_nan():
    rows = [[1000.0, 1000.0], [-np.inf, -np.inf], [-np.inf, 5.0]]
    x = Tensor(rows, requires_grad=True, dtype=lucid.float64)
    y = x.logsumexp(1)
    np.testing.assert_allclose(y.detach().data, [1000 + np.log(2), -np.inf, 5])
    y.sum().backward()
    np.testing.assert_allclose(x.grad.data, [[0.5, 0.5], [0, 0], [0, 1]])


def test_products_with_zeros_to_second_order():
    x = Tensor([0.0, 2.0, 0.0, 3.0], requires_grad=True)
    x.prod().backward(create_graph=True)
    assert x.grad.tolist() == [0, 0, 0, 0]
    gradient, x.grad = x.grad, None
    gradient.sum().backward()  # only d2/dx0 dx2 = 6 is left
    assert x.grad.tolist() == [6, 0, 6, 0]


def test_products_over_several_dimensions():
    x = lucid.tensor(np.arange(1.0, 25).reshape(2, 3, 4))
    np.testing.assert_allclose(x.prod((0, 2)).data, x.data.prod((0, 2)))
    assert x.prod(keepdim=True).shape == (1, 1, 1)
    assert x.prod((0, 2), keepdim=True).shape == (1, 3, 1)


def test_nan_is_left_out():
    x = Tensor([1.0, np.nan, 3.0], requires_grad=True)
    (x.nansum() + x.nanmean()).backward()
    assert x.grad.tolist() == [1.5, 0, 1.5]


def test_methods_agree_with_functions_on_bare_arrays():
    array = np.array([[1.0, 2.0], [3.0, 4.0]])
    for name in ("sum", "mean", "var", "amax", "logsumexp", "norm", "any", "count_nonzero"):
        bare = getattr(lucid, name)(array, 0)
        assert type(bare) is np.ndarray
        np.testing.assert_array_equal(bare, getattr(wrap(array), name)(0).data)
