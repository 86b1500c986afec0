"""The loop for squares of 2 x 2 agrees with the reference on ties, NaN and odd sizes."""

import numpy as np
import pytest

from lucid.kernels import jit, pooling
from lucid.kernels.windows import Span, edges

pytestmark = pytest.mark.skipif(not jit.wanted(1 << 20), reason="kernels are switched off")


def _windows(height, width, **other):
    def span(length):
        return Span(length, length // 2, **{"size": 2, "stride": 2, **other})

    return tuple(map(edges, (Span(1, 1), span(height), span(width))))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [(2, 2), (5, 7), (8, 34), (3, 2)])
def test_ties_and_nan(size, dtype, monkeypatch):
    rng = np.random.default_rng(size)
    x = rng.integers(0, 3, (6, 1, *size)).astype(dtype)
    x[rng.random(x.shape) < 0.2] = np.nan
    windows = _windows(*size)
    assert pooling._pairs(x, windows)
    values, places = pooling.largest(x, windows, places=True)
    alone, none = pooling.largest(x, windows, places=False)
    monkeypatch.setattr(pooling, "wanted", lambda size: False)
    expected = pooling.largest(x, windows, places=True)
    np.testing.assert_array_equal(values, expected[0])
    np.testing.assert_array_equal(places, expected[1])
    np.testing.assert_array_equal(alone, values)
    assert none is None


@pytest.mark.parametrize("other", [{"padding": 1}, {"dilation": 2}, {"stride": 1}, {"size": 0}])
def test_other_windows_are_none_of_these(other):
    x = np.zeros((1, 1, 7, 7), np.float32)
    assert not pooling._pairs(x, _windows(7, 7, **other))
