"""The pointwise kernels beside their NumPy references, on both sides of every threshold."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from lucid.kernels import activation, jit, selection, special

pytest.importorskip("numba")


@pytest.fixture(autouse=True)
def _kernels() -> Iterator[None]:
    """Kernels on, whatever the process has decided; and back."""
    before = jit.policy.on, jit.policy.settled
    jit.policy.on = jit.policy.settled = True
    yield
    jit.policy.on, jit.policy.settled = before


def special_values(size: int, dtype: type) -> np.ndarray:
    x = np.random.default_rng(size).standard_normal(size).astype(dtype)
    x[:5] = [np.nan, np.inf, -np.inf, 0.0, -0.0]
    return x


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [6, selection.SMALLEST - 1, selection.SMALLEST, 5000])
def test_select(size: int, dtype: type) -> None:
    a, b = special_values(size, dtype), special_values(size, dtype)[::-1].copy()
    mask = np.random.default_rng(1).random(size) < 0.5
    for first, second in [(a, b), (a, 0.0), (2, b), (np.nan, b), (a, a)]:
        found, wanted = selection.select(mask, first, second), np.where(mask, first, second)
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(found, wanted)


def test_select_leaves_what_does_not_fit_to_the_reference() -> None:
    x = np.arange(4096.0).reshape(64, 64)
    mask = x % 3 == 0
    pairs = [(x.T, 0.0), (x, x[0]), (x, x.astype(np.float32)), (x, 1j), (x.astype(np.int64), 0)]
    for first, second in pairs:
        found, wanted = selection.select(mask, first, second), np.where(mask, first, second)
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(selection.select(mask.T, x, 0.0), np.where(mask.T, x, 0.0))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(5,), (3, 100, 7)])
def test_relu_gradient(shape: tuple[int, ...], dtype: type) -> None:
    size = math.prod(shape)
    y = np.maximum(special_values(size, dtype), 0).reshape(shape)
    g = special_values(size, dtype)[::-1].reshape(shape).copy()
    wanted = np.where(y <= 0, 0.0, g)
    np.testing.assert_array_equal(activation.relu_gradient(g, y), wanted)
    spread = np.broadcast_to(np.asarray(3.0, dtype), shape)
    np.testing.assert_array_equal(activation.relu_gradient(spread, y), np.where(y <= 0, 0.0, 3.0))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [7, special.THREADED + 3])
def test_erf_and_erfc(size: int, dtype: type) -> None:
    x = special_values(size, dtype) * dtype(2)
    for kernel, function in [
        (special.erf_array, math.erf),
        (special.erfc_array, math.erfc),
    ]:
        wanted = np.array([function(v) for v in x.tolist()])
        np.testing.assert_allclose(kernel(x), wanted, rtol=8 * np.finfo(dtype).eps)
