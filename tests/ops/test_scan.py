"""Scans: running sums, products, log-sums, and the recurrence behind their gradients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

import lucid
from lucid import Tensor
from lucid.core.tensor import wrap
from lucid.errors import ArgumentError, DTypeError, IndexingError
from lucid.kernels import jit, scan
from lucid.ops.scan import linear_recurrence, shift

SCANS = ["cumsum", "cumprod", "logcumsumexp"]


def slow_recurrence(a, b):
    s = np.zeros_like(b)
    for k in range(len(b)):
        s[k] = b[k] + (a[k] * s[k - 1] if k else 0)
    return s


@given(
    arrays_of.arrays(np.float64, (2, 5, 2), elements=st.floats(-2, 2)),
    st.integers(0, 2),
    st.booleans(),
)
def test_the_recurrence_runs_along_any_dimension(a, axis, reverse):
    b = np.flip(a, 0) + 1
    step = -1 if reverse else 1
    front = [np.moveaxis(x, axis, 0)[::step] for x in (a, b)]
    expected = np.moveaxis(slow_recurrence(*front)[::step], 0, axis)
    np.testing.assert_allclose(linear_recurrence(a, b, axis, reverse), expected)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_kernel_is_its_reference(monkeypatch, reverse, dtype):
    pytest.importorskip("numba")
    monkeypatch.setattr(jit, "policy", jit._Policy())
    jit.settle(True)
    rng = np.random.default_rng(0)
    for shape, axis in [((7,), 0), ((3, 5), 0), ((3, 5), 1), ((2, 4, 3), 1), ((0, 3), 0)]:
        a, b = rng.standard_normal((2, *shape)).astype(dtype)
        ours = scan.recurrence(a, b, axis, reverse)
        assert ours.dtype == dtype
        np.testing.assert_allclose(ours, scan._reference(a, b, axis, reverse), rtol=1e-6)


def test_the_first_factor_multiplies_nothing():
    a = np.array([np.inf, 2.0])
    np.testing.assert_array_equal(linear_recurrence(a, np.array([0.0, 1.0]), 0), [0, 1])


def test_shift_brings_in_zero():
    x = np.array([1, 2, 3])
    np.testing.assert_array_equal(shift(x, 0, 1), [0, 1, 2])
    np.testing.assert_array_equal(shift(x, 0, -1), [2, 3, 0])


# ---- gradients where division or exponentials would break them ----------------------------


def test_running_products_with_zeros():
    x = Tensor([2.0, 0.0, 3.0, 0.0], requires_grad=True)
    x.cumprod(0).sum().backward()
    # 2 + 2*0 + 2*0*3 + 2*0*3*0 by each factor
    assert x.grad.tolist() == [1, 2 + 6, 0, 0]


def test_a_product_that_overflows_later_does_no_harm_before():
    x = Tensor(np.full(200, 10.0), requires_grad=True)  # 1e200 in float32 is inf
    x.cumprod(0)[2].backward()
    np.testing.assert_allclose(x.grad.data[:4], [100, 100, 100, 0])


def test_log_sums_over_a_wide_range():
    x = Tensor([-1000.0, 0.0, 1000.0, -np.inf], requires_grad=True)
    y = x.logcumsumexp(0)
    np.testing.assert_allclose(y.detach().data, [-1000, 0, 1000, 1000])
    y.sum().backward()
    np.testing.assert_allclose(x.grad.data, [1, 1, 2, 0])


def test_log_sums_that_start_at_nothing():
    x = Tensor([-np.inf, -np.inf, 1.0, 2.0], requires_grad=True, dtype=lucid.float64)
    x.logcumsumexp(0).sum().backward(create_graph=True)
    p = 1 / (1 + np.e)
    np.testing.assert_allclose(x.grad.data, [0, 0, 1 + p, 1 - p])
    gradient, x.grad = x.grad, None
    gradient[2].backward()
    np.testing.assert_allclose(x.grad.data, [0, 0, p * (1 - p), -p * (1 - p)], atol=1e-12)


# ---- dtypes, shapes, refusals ---------------------------------------------------------------


@pytest.mark.parametrize("name", SCANS)
def test_shapes(name):
    for shape in [(), (0,), (3, 0), (2, 3)]:
        assert getattr(lucid.ones(*shape), name)(0).shape == shape
    x = lucid.rand(2, 3)
    assert getattr(x, name)(axis=1).tolist() == getattr(x, name)(-1).tolist()


def test_dtypes():
    x = lucid.tensor([True, True])
    assert x.cumsum(0).tolist() == [1, 2]
    assert x.cumprod(0).dtype == lucid.int64
    assert x.logcumsumexp(0).dtype == lucid.float32
    assert x.cumsum(0, dtype=lucid.float64).dtype == lucid.float64


@pytest.mark.parametrize("name", [*SCANS, "cummax", "cummin"])
def test_refusals(name):
    x = lucid.ones(2, 3)
    with pytest.raises(IndexingError, match="no dimension 2"):
        getattr(x, name)(2)
    with pytest.raises(ArgumentError, match="needs a dimension"):
        getattr(x, name)()
    with pytest.raises(DTypeError, match="integer"):
        getattr(x, name)((0, 1))


# ---- differences ------------------------------------------------------------------------------


@given(
    arrays_of.arrays(np.int64, st.tuples(st.integers(0, 4), st.integers(0, 4))),
    st.integers(0, 5),
    st.sampled_from([0, 1]),
)
def test_differences_are_those_of_numpy(array, n, axis):
    np.testing.assert_array_equal(
        lucid.diff(wrap(array), n, axis).data, np.diff(array, n, axis=axis)
    )


def test_differences_with_more_at_the_ends():
    x = lucid.tensor([1.0, 4.0])
    assert x.diff(prepend=lucid.zeros(1), append=lucid.tensor([5.0])).tolist() == [1, 3, 1]
    assert lucid.tensor([True, False, False]).diff().tolist() == [True, False]
    with pytest.raises(IndexingError):
        lucid.tensor(1.0).diff()
    with pytest.raises(ArgumentError):
        x.diff(-1)


def test_a_running_sum_is_undone_by_differences():
    x = Tensor([1.0, 2.0, 4.0], requires_grad=True)
    x.cumsum(0).diff().sum().backward()
    assert x.grad.tolist() == [0, 1, 1]


INF = float("inf")


@pytest.mark.parametrize("values", [[INF, -INF, 1.0, INF], [1.0, INF, 2.0], [0.0, -INF, INF]])
def test_an_infinite_sum_of_exponentials_has_the_gradient_of_pytorch(values):
    torch = pytest.importorskip("torch")
    gradients = []
    for library in (lucid, torch):
        x = library.tensor(values, requires_grad=True)
        library.logcumsumexp(x, 0).backward(library.ones(len(values)))
        gradients.append(x.grad.tolist())
    np.testing.assert_allclose(*gradients)
