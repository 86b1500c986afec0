"""Sums, softmax and running sums: the loops agree with NumPy, special values included."""

from __future__ import annotations

import numpy as np
import pytest

from lucid.config import SETTINGS
from lucid.kernels import scan, softmax, sums
from lucid.testing.cases import kernels

pytest.importorskip("numba")

switched_on = pytest.mark.skipif(SETTINGS.jit == "0", reason="switched off by LUCID_JIT=0")

SHAPES = [(3000, 7), (3, 5000), (1, 2048), (300, 4000)]


def draw(shape, seed=0):
    return (np.random.default_rng(seed).standard_normal(shape) * 3).astype(np.float32)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sums(shape, dtype):
    x = draw(shape).astype(dtype)
    with kernels(True):
        total, rows = sums.total(x), sums.of_rows(x)
    assert total.dtype == rows.dtype == dtype
    bound = 1e-6 * np.abs(x).sum(dtype=np.float64)
    assert abs(total - x.sum(dtype=np.float64)) <= bound
    np.testing.assert_allclose(rows, x.sum(1, dtype=np.float64), rtol=1e-4, atol=1e-3)


def test_sums_of_special_values():
    for values in ([np.inf, 1], [np.inf, -np.inf], [np.nan, 1]):
        x = np.resize(np.array(values, np.float32), (2, 4096))
        with kernels(True):
            np.testing.assert_array_equal(sums.total(x), sum(values))
            np.testing.assert_array_equal(sums.of_rows(x), [sum(values)] * 2)


PAIRS = [
    (softmax.softmax, softmax.softmax_gradient),
    (softmax.log_softmax, softmax.log_softmax_gradient),
]


@pytest.mark.parametrize(("function", "gradient"), PAIRS)
@pytest.mark.parametrize("shape", SHAPES)
def test_softmax_and_its_gradient(function, gradient, shape):
    x, g = draw(shape), draw(shape, 1)
    with kernels(True):
        y = function(x, (1,))
        fast = gradient(g, y, (1,))
    wide = function(x.astype(np.float64), (1,))
    np.testing.assert_allclose(y, wide, rtol=2e-5, atol=2e-6)
    expected = gradient(g.astype(np.float64), wide, (1,))
    np.testing.assert_allclose(fast, expected, rtol=1e-4, atol=2e-5)


ROWS = np.array(
    [
        [1000, 1001, 1002, -1000, 0],
        [-np.inf, 0, 1, 2, 3],
        [np.nan, 0, 1, 2, 3],
        [0, 1, 2, 3, np.nan],
        [-np.inf] * 5,
        [np.inf, 0, 1, 2, 3],
    ]
    * 3,  # small arrays go by the references
    np.float32,
)


@pytest.mark.parametrize("function", [softmax.softmax, softmax.log_softmax])
def test_special_rows(function):
    with kernels(True):
        fast = function(ROWS, (1,))
    with kernels(False):
        np.testing.assert_allclose(fast, function(ROWS, (1,)), rtol=1e-6)


@switched_on
def test_log_sum_exp_of_special_rows():
    with kernels(True):
        fast = softmax.log_sum_exp(ROWS)
    with np.errstate(invalid="ignore"):
        expected = np.logaddexp.reduce(ROWS.astype(np.float64), axis=1)
    np.testing.assert_allclose(fast, expected, rtol=1e-6)


@switched_on
@pytest.mark.parametrize("shape", [*SHAPES, (4, 50, 30)])
@pytest.mark.parametrize("reverse", [True, False])
def test_running_sums(shape, reverse):
    x = draw(shape)
    with kernels(True):
        fast = scan.running_sum(x, 1, reverse)
    wide = np.flip(x, 1) if reverse else x
    expected = np.cumsum(wide, 1, dtype=np.float64).astype(np.float32)
    np.testing.assert_array_equal(fast, np.flip(expected, 1) if reverse else expected)
