"""The fused pass of the regression losses: blocks, chunks and weights against the reference."""

import numpy as np
import pytest

from lucid.config import SETTINGS
from lucid.kernels.regression import BLOCK, CHUNK, THREADED
from lucid.nn.losses import (
    barron_curve,
    cauchy,
    geman_mcclure,
    huber,
    l1,
    mse,
    pseudo_huber,
    quantile,
    quantile_huber,
    smooth_l1,
    tukey,
    welsch,
)
from lucid.testing.cases import kernels

CURVES = {
    "mse": (mse.CURVE, ()),
    "l1": (l1.CURVE, ()),
    "huber": (huber.CURVE, (0.7,)),
    "smooth_l1": (smooth_l1.CURVE, (0.7,)),
    "pseudo_huber": (pseudo_huber.CURVE, (0.7,)),
    "quantile": (quantile.CURVE, (0.3,)),
    "quantile_huber": (quantile_huber.CURVE, (0.7, 0.3)),
    "tukey": (tukey.CURVE, (2.9,)),
    "cauchy": (cauchy.CURVE, (0.7,)),
    "geman_mcclure": (geman_mcclure.CURVE, (0.7,)),
    "welsch": (welsch.CURVE, (0.7,)),
    "barron": (barron_curve.CURVE, (0.7, 1.3)),
}


def pair(size, dtype):
    rng = np.random.default_rng(size)
    return rng.standard_normal((2, size)).astype(dtype) * 2


def both(curve, params, x, t, w, scale=0.25):
    """The pass by the kernel and by the reference."""
    pytest.importorskip("numba")
    if SETTINGS.jit == "0":
        pytest.skip("kernels are switched off by LUCID_JIT=0")
    with kernels(True):
        assert curve.fused.run(x, t, w, scale, True, *params) is not None
        fast = curve.total(x, t, w, scale, scale=scale, params=params)
    with kernels(False):
        plain = curve.total(x, t, w, scale, scale=scale, params=params)
    return fast, plain


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("weighted", [False, True])
def test_kernel_is_the_reference(name, dtype, weighted):
    curve, params = CURVES[name]
    rel = 1e-11 if dtype == np.float64 else 2e-6
    for size in (0, 1, 7, BLOCK, BLOCK + 1, 3 * BLOCK + 5):
        x, t = pair(size, dtype)
        w = (np.arange(size) % 3).astype(dtype) if weighted else None
        (total, psi), (expected, slope) = both(curve, params, x, t, w)
        assert total == pytest.approx(expected, rel=rel)
        assert psi.dtype == dtype
        assert np.allclose(psi, slope, rtol=10 * rel, atol=1e-7 if dtype == np.float32 else 1e-15)


@pytest.mark.parametrize("size", [CHUNK, CHUNK + 1, THREADED + 3])
def test_chunks_and_threads(size):
    curve, params = CURVES["huber"]
    x, t = pair(size, np.float32)
    (total, psi), (expected, slope) = both(curve, params, x, t, None)
    assert total == pytest.approx(expected, rel=1e-6)
    assert np.array_equal(psi, slope)


@pytest.mark.parametrize("name", CURVES)
def test_no_gradient_is_written_where_none_is_wanted(name):
    curve, params = CURVES[name]
    x, t = pair(5, np.float64)
    for on in (True, False):
        with kernels(on):
            total, psi = curve.total(x, t, scale=1.0, params=params, gradient=False)
            assert psi is None
            assert total == pytest.approx(curve.rho(x - t, *params).sum(), rel=1e-12)


def test_arrays_that_do_not_suit_go_to_the_reference():
    curve, params = CURVES["huber"]
    x, t = pair(8, np.float32)
    with kernels(True):
        for a, b, w in (
            (x[::2], t[::2], None),
            (x.astype(np.float16), t.astype(np.float16), None),
            (x, t.astype(np.float64), None),
            (x, t[:1].reshape(()), None),
            (x, t, np.ones(1, np.float32)),
        ):
            assert curve.fused.run(a, b, w, 1.0, True, *params) is None


def test_the_sum_does_not_depend_on_where_the_arrays_lie():
    x, t = pair(8, np.float32)
    buffer = np.empty(1024, np.float32)
    sums = set()
    for start in range(100):
        places = [buffer[start + 8 * i : start + 8 * i + 8] for i in range(3)]
        for a, b, psi in (places, places[::-1], (places[1], places[2], places[0])):
            a[:], b[:] = x, t
            with kernels(True):
                chunk = CURVES["huber"][0].fused._chunk
                sums.add(chunk(a, b, None, psi, 1.0, 0.0, 1.0, 0, 8))
    assert len(sums) == 1
