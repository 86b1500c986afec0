"""Binary cross entropy of scores, summed, and its slopes, in one pass.

    loss = max(x, 0) - x t + log(1 + e^-|x|)        d loss / d x = 1 / (1 + e^-x) - t

NumPy writes seven arrays of the whole size on the way. Blocks are summed in double precision
and in a fixed order, so that the sum does not depend on the number of threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import buffers, threads
from .jit import APART, kernel, suits, wanted
from .vector_math import exp32, log1p32

BLOCK = 1 << 10  # elements summed in their own precision
CHUNK = 1 << 14  # elements that a thread takes at a time
THREADED = 1 << 16  # from this many elements on, waking a thread pays
ZERO, ONE = np.float32(0), np.float32(1)


def each(x: Any, t: Any) -> Any:
    """The loss of every element.

    Examples
    --------
    >>> each(np.array([0.0, 800.0]), np.array([1.0, 0.0])).round(4).tolist()
    [0.6931, 800.0]
    """
    return np.maximum(x, 0) - x * t + np.log1p(np.exp(-np.abs(x)))


def total(x: Any, t: Any, factor: float | None) -> tuple[float, Any]:
    """The sum of the loss, and `factor` times the slopes (None if that is None).

    Examples
    --------
    >>> loss, slopes = total(np.zeros(2), np.array([1.0, 0.0]), 1.0)
    >>> round(loss, 4), slopes.tolist()
    (1.3863, [-0.5, 0.5])
    """
    if x.dtype.char == "f" and x.size >= APART and wanted(x.size) and suits(x, t):
        return _compiled(x, t, factor)
    loss = float(np.add.reduce(each(x, t), axis=None, dtype=np.float64))
    if factor is None:
        return loss, None
    e = np.exp(-np.abs(x))
    slope = np.where(x < 0, e, 1) / (1 + e) - t
    return loss, slope * x.dtype.type(factor)


def _compiled(x: Any, t: Any, factor: float | None) -> tuple[float, Any]:
    wants = factor is not None
    slope = buffers.empty(x.shape, x.dtype) if wants else np.empty(0, x.dtype)
    parts = np.empty(-(-x.size // CHUNK))
    scale = np.float32(factor or 0.0)
    args = (x.reshape(-1), t.reshape(-1), scale, wants, slope.reshape(-1), parts)
    threads.run(_chunks, x.size, CHUNK, *args, large=x.size >= THREADED)
    return float(np.add.reduce(parts)), slope if wants else None


@kernel(fastmath={"reassoc", "nsz", "contract"})
def _losses(x: Any, t: Any) -> Any:
    result = ZERO
    for i in range(x.size):
        above = x[i] if not x[i] < ZERO else ZERO
        result += above - x[i] * t[i] + log1p32(exp32(-abs(x[i])))
    return result


@kernel(fastmath={"reassoc", "nsz", "contract"})
def _losses_and_slopes(x: Any, t: Any, scale: Any, slope: Any) -> Any:
    result = ZERO
    for i in range(x.size):
        e = exp32(-abs(x[i]))
        above = x[i] if not x[i] < ZERO else ZERO
        result += above - x[i] * t[i] + log1p32(e)
        slope[i] = ((e if x[i] < ZERO else ONE) / (ONE + e) - t[i]) * scale
    return result


@kernel()
def _chunks(
    x: Any, t: Any, scale: Any, wants: bool, slope: Any, parts: Any, first: int, last: int
) -> None:
    for start in range(first, last, CHUNK):
        result = 0.0
        for i in range(start, min(start + CHUNK, last), BLOCK):
            j = min(i + BLOCK, last)
            if wants:
                result += _losses_and_slopes(x[i:j], t[i:j], scale, slope[i:j])
            else:
                result += _losses(x[i:j], t[i:j])
        parts[start // CHUNK] = result
