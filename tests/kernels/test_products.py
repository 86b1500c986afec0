"""Large products on the kernels' threads: the same as on BLAS's own, in every layout."""

import numpy as np
import pytest

import lucid
from lucid.kernels import blas, jit, products

M, K, N = 417, 310, 230  # 30 million multiplications, and no multiples of a tile

pytestmark = pytest.mark.skipif(not jit.wanted(1 << 20), reason="kernels are switched off")


@pytest.fixture(autouse=True)
def three_threads():
    before = lucid.get_num_threads()
    lucid.set_num_threads(3)
    yield
    lucid.set_num_threads(before)


def matrices(dtype):
    rng = np.random.default_rng(0)
    return rng.standard_normal((M, K)).astype(dtype), rng.standard_normal((K, N)).astype(dtype)


def shared(monkeypatch):
    """Count the products that are shared out."""
    calls, run = [], products.threads.run
    monkeypatch.setattr(products.threads, "run", lambda *a, **k: (calls.append(a), run(*a, **k)))
    return calls


@pytest.mark.skipif(not blas.gemm_address("f"), reason="NumPy has another BLAS")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("order_a", ["C", "F"])
@pytest.mark.parametrize("order_b", ["C", "F"])
@pytest.mark.parametrize("wide", [False, True])
def test_every_layout(monkeypatch, dtype, order_a, order_b, wide):
    a, b = matrices(dtype)
    if wide:
        a, b = b.T.copy(), a.T.copy()
    calls = shared(monkeypatch)
    found = products.dot(np.asarray(a, order=order_a), np.asarray(b, order=order_b))
    assert len(calls) == 1
    exact = a.astype(np.longdouble) @ b.astype(np.longdouble)
    np.testing.assert_allclose(
        found, exact.astype(dtype), rtol=0, atol=1e-4 if dtype == "float32" else 1e-12
    )
    assert found.dtype == dtype
    assert found.flags.c_contiguous


@pytest.mark.parametrize("count", [2, 3, 5])
def test_the_number_of_threads_changes_no_bit(count):
    a, b = matrices("float32")
    lucid.set_num_threads(1)
    before = blas.one_thread()
    try:
        one = a.dot(b)
    finally:
        blas.restore(before)
    lucid.set_num_threads(count)
    np.testing.assert_array_equal(products.dot(a, b), one)


def test_strided_matrices_go_to_numpy(monkeypatch):
    a, b = matrices("float32")
    wide = np.zeros((M, 2 * K), np.float32)
    wide[:, ::2] = a
    calls = shared(monkeypatch)
    np.testing.assert_allclose(products.dot(wide[:, ::2], b), a @ b, atol=1e-4)
    assert not calls


def test_mixed_dtypes_go_to_numpy():
    a, b = matrices("float32")
    assert products.dot(a, b.astype(np.float64)).dtype == np.float64


def test_shapes_that_do_not_fit_are_refused_whatever_their_size():
    a, _ = matrices("float32")
    with pytest.raises(ValueError, match="shapes"):
        products.dot(a, a)
    with pytest.raises(lucid.errors.ShapeError, match="matmul"):
        lucid.tensor(a) @ lucid.tensor(a)


def test_blas_has_its_threads_back():
    a, b = matrices("float32")
    lucid.set_num_threads(2)
    products.dot(a, b)
    assert blas._library.get is None or blas._library.get() == 2
