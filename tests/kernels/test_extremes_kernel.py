"""The largest and smallest of rows: kernel against NumPy, NaN, infinities and zeros included."""

import numpy as np
import pytest

from lucid.kernels import extremes, jit

SPECIAL = [0.0, -0.0, np.inf, -np.inf, 1e-45, -1e-45, 3.4e38, -3.4e38, np.nan, -np.nan]


def rows(dtype, share):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((300, 17)).astype(dtype)
    special = rng.random(x.shape) < share
    x[special] = rng.choice(SPECIAL, special.sum()).astype(dtype)
    x[0], x[1], x[2], x[3] = -np.inf, np.inf, 0.0, -np.abs(x[4])
    return x


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("share", [0.0, 0.05, 0.5])
@pytest.mark.parametrize("smallest", [False, True])
def test_the_kernel_equals_numpy(dtype, share, smallest):
    x = rows(dtype, share)
    reduce = np.minimum.reduce if smallest else np.maximum.reduce
    found = extremes.of_rows(x, smallest)
    assert found.dtype == x.dtype
    np.testing.assert_array_equal(found, reduce(x, axis=-1))


def test_leading_dimensions_stay():
    x = rows("float32", 0.0)[:256].reshape(4, 64, 17)
    np.testing.assert_array_equal(extremes.of_rows(x), x.max(-1))


def test_what_the_kernel_does_not_suit_goes_to_numpy():
    x = np.arange(20_000).reshape(200, 100)
    np.testing.assert_array_equal(extremes.of_rows(x), x.max(-1))
    y = rows("float64", 0.0).T
    np.testing.assert_array_equal(extremes.of_rows(y), y.max(-1))


@pytest.mark.skipif(not jit.wanted(1 << 20), reason="kernels are switched off")
def test_a_row_of_nan_alone_is_nan():
    x = np.full((300, 17), np.nan, np.float32)
    assert np.isnan(extremes.of_rows(x)).all()
    assert np.isnan(extremes.of_rows(-x, smallest=True)).all()
