"""Dropout: which elements are kept is a function of a key and of their place.

The bits come from SplitMix64, which turns a counter into random words without any state: the
reference and the loop give the same elements for the same key, in any order and on any number
of threads. Each word decides about two neighbours, by 32 bits each.

References
----------
G. L. Steele, D. Lea and C. H. Flood, "Fast splittable pseudorandom number generators", 2014.
"""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

from .jit import kernel, suits, wanted

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_ONE, _27, _30, _31, _32 = (np.uint64(n) for n in (1, 27, 30, 31, 32))
_LOW = np.uint64(0xFFFFFFFF)


def kept(shape: tuple[int, ...], p: float, key: int) -> Any:
    """Which elements of an array are kept when each is dropped with probability `p`.

    Examples
    --------
    >>> kept((2, 3), 0.5, key=1).tolist()
    [[True, True, False], [True, True, True]]
    """
    size = math.prod(shape)
    word = np.arange(1, (size + 3) // 2, dtype=np.uint64)
    word *= _STEP
    word += np.uint64(key)
    word ^= word >> _30
    word *= _FIRST
    word ^= word >> _27
    word *= _SECOND
    word ^= word >> _31
    bits = word.view(np.uint32)[:size]
    if sys.byteorder == "big":  # the lower half of a word decides about the first neighbour
        bits = word.view(np.uint32).reshape(-1, 2)[:, ::-1].reshape(-1)[:size]
    return (bits >= _threshold(p)).reshape(shape)


def dropout(x: Any, p: float, key: int) -> tuple[Any, Any]:
    """`x` with dropped elements zero and the others scaled up, and which were kept."""
    scale = x.dtype.type(1 / (1 - p) if p < 1 else 0)
    if wanted(x.size) and suits(x):
        out, mask = np.empty_like(x), np.empty(x.shape, np.bool_)
        _dropout(
            x.reshape(-1), _threshold(p), np.uint64(key), scale, out.reshape(-1), mask.reshape(-1)
        )
        return out, mask
    mask = kept(x.shape, p, key)
    return x * (mask * scale), mask


def dropout_gradient(g: Any, mask: Any, p: float) -> Any:
    """The gradient, dropped and scaled in the same places."""
    scale = g.dtype.type(1 / (1 - p) if p < 1 else 0)
    if wanted(g.size) and suits(g):
        out = np.empty_like(g)
        _scale_kept(g.reshape(-1), mask.reshape(-1), scale, out.reshape(-1))
        return out
    return g * (mask * scale)


def _threshold(p: float) -> Any:
    """32 random bits below it mean: drop. Of 64 bits, because p = 1 needs one more than 32."""
    return np.uint64(round(p * (1 << 32)))


@kernel()
def _word(key: Any, count: Any) -> Any:
    word = key + count * _STEP
    word = (word ^ (word >> _30)) * _FIRST
    word = (word ^ (word >> _27)) * _SECOND
    return word ^ (word >> _31)


@kernel()
def _dropout(x: Any, threshold: Any, key: Any, scale: Any, out: Any, mask: Any) -> None:
    zero = x.dtype.type(0)
    for j in range(x.size // 2):
        word = _word(key, np.uint64(j) + _ONE)
        low, high = (word & _LOW) >= threshold, (word >> _32) >= threshold
        mask[2 * j], mask[2 * j + 1] = low, high
        out[2 * j] = x[2 * j] * (scale if low else zero)
        out[2 * j + 1] = x[2 * j + 1] * (scale if high else zero)
    if x.size % 2:
        last = x.size - 1
        keep = (_word(key, np.uint64(x.size // 2) + _ONE) & _LOW) >= threshold
        mask[last] = keep
        out[last] = x[last] * (scale if keep else zero)


@kernel()
def _scale_kept(g: Any, mask: Any, scale: Any, out: Any) -> None:
    zero = g.dtype.type(0)
    for i in range(g.size):
        out[i] = g[i] * (scale if mask[i] else zero)
