"""Arrays that are made again and again keep their memory.

A fresh array costs more in page faults than in arithmetic: the system hands its pages out one
by one, zeroed. `keep_freed_memory` asks the allocator beneath NumPy to hold on to what has
been freed; for arrays too large for that, `empty` gives a new one the memory of an earlier one
of the same size that has died since.
"""

from __future__ import annotations

import ctypes
import math
import os
import sys
import weakref
from typing import Any

import numpy as np

SMALLEST = 32 << 20  # bytes; up to here malloc itself can reuse memory
HEAP = 256 << 20  # bytes of freed memory that malloc may hold on to
KEPT = 2  # blocks of one size that wait for their next use


def keep_freed_memory() -> bool:
    """Ask glibc not to give freed memory back to the system at once, and say if it will.

    By default it returns the top of the heap whenever some 100 kB of it are free, so that a
    training step on arrays of 256 kB takes over a hundred page faults, a fifth of its time.
    ``LUCID_KEEP_MEMORY=0`` in the environment leaves the allocator as it is.
    """
    if not sys.platform.startswith("linux") or os.environ.get("LUCID_KEEP_MEMORY") == "0":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    trim_threshold, mmap_threshold = -1, -3  # names of <malloc.h>
    return bool(mallopt(trim_threshold, HEAP) and mallopt(mmap_threshold, SMALLEST))


class _Block(np.ndarray):
    """Memory lent to one array at a time.

    It owns the memory and is of a class of its own, because NumPy makes a view of a view point
    to the owner of the memory unless that is of another class. So a view of a lent array keeps
    that array alive, and the memory comes back only when nobody can see it any more.
    """


_waiting: dict[int, list[Any]] = {}
_lent: dict[int, tuple[Any, Any]] = {}


def empty(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """An array with arbitrary values, like ``np.empty``."""
    size = math.prod(shape) * dtype.itemsize
    if size < SMALLEST:
        return np.empty(shape, dtype)
    waiting = _waiting.get(size)
    block = waiting.pop() if waiting else _Block((size,), np.uint8)
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
