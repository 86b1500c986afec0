"""Large arrays that are made again and again keep their memory.

A fresh array of many megabytes costs more in page faults than in arithmetic: the system
hands its pages out one by one, zeroed. `empty` gives such an array the memory of an earlier
one of the same size that has died since. Smaller arrays are left to NumPy, whose allocator
does this already.
"""

from __future__ import annotations

import math
import weakref
from typing import Any

import numpy as np

SMALLEST = 32 << 20  # bytes; up to here malloc itself reuses memory
KEPT = 2  # blocks of one size that wait for their next use


class _Block(np.ndarray):
    """Memory lent to one array at a time.

    A class of its own, because NumPy makes a view of a view point to the owner of the memory
    unless that is of another class. So a view of a lent array keeps that array alive, and
    the memory comes back only when nobody can see it any more.
    """


_waiting: dict[int, list[Any]] = {}
_lent: dict[int, tuple[Any, Any]] = {}


def empty(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """An array with arbitrary values, like ``np.empty``."""
    size = math.prod(shape) * dtype.itemsize
    if size < SMALLEST:
        return np.empty(shape, dtype)
    waiting = _waiting.get(size)
    block = waiting.pop() if waiting else np.empty(size, np.uint8).view(_Block)
    array: Any = np.ndarray(shape, dtype, buffer=block)
    key = id(array)
    _lent[key] = (weakref.ref(array, lambda _: _take_back(key)), block)
    return array


def _take_back(key: int) -> None:
    _, block = _lent.pop(key)
    waiting = _waiting.setdefault(block.size, [])
    if len(waiting) < KEPT:
        waiting.append(block)


def empty_cache() -> None:
    """Give the memory of dead large arrays back to the system.

    Examples
    --------
    >>> empty_cache()
    """
    _waiting.clear()
