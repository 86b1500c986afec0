"""Sums of all elements, or of each row: in vector lanes, and on all threads where that pays.

Blocks are summed in their own precision and added in double, in a fixed order, so that a
float32 sum of ten million elements is good to a relative 1e-6 and does not depend on the
number of threads. The reference is ``np.add.reduce``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import jit, threads
from .jit import kernel, suits, wanted

SMALLEST = 1 << 11  # elements; below, NumPy is as fast
BLOCK = 1 << 12  # elements summed in their own precision
CHUNK = 1 << 16  # elements that a thread takes at a time; a multiple of BLOCK
THREADED = 1 << 20  # from this many elements on, waking a thread pays


def total(x: Any) -> Any:
    """The sum of all elements, 0-d and of the array's dtype.

    Examples
    --------
    >>> total(np.arange(4.0)).item()
    6.0
    """
    size = x.size
    if size < SMALLEST or not (jit.policy.on or wanted(size)) or not suits(x):
        return np.add.reduce(x, axis=None)
    flat = x.reshape(-1)
    if size <= CHUNK:
        return np.asarray(_sum.compiled(flat, 0, size), x.dtype)
    parts = np.empty(-(-size // CHUNK))
    threads.run(_parts, size, CHUNK, flat, parts, large=size >= THREADED)
    return np.asarray(np.add.reduce(parts), x.dtype)


def of_rows(x: Any) -> Any:
    """The sums along the last dimension.

    Examples
    --------
    >>> of_rows(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [3.0, 7.0]
    """
    if x.size < SMALLEST or not (jit.policy.on or wanted(x.size)) or not suits(x):
        return np.add.reduce(x, axis=-1)
    width = x.shape[-1]
    rows, out = x.reshape(-1, width), np.empty(x.shape[:-1], x.dtype)
    step, large = max(1, CHUNK // width), x.size >= THREADED
    threads.run(_row_sums, len(rows), step, rows, out.reshape(-1), large=large)
    return out


@kernel(fastmath={"reassoc", "nsz"})
def block_sum(x: Any) -> Any:
    """The sum of a block, in its own precision."""
    result = x.dtype.type(0)
    for i in range(x.size):
        result += x[i]
    return result


@kernel()
def _sum(x: Any, first: int, last: int) -> float:
    result = 0.0
    for start in range(first, last, BLOCK):
        result += block_sum(x[start : min(start + BLOCK, last)])
    return result


@kernel()
def _parts(x: Any, parts: Any, first: int, last: int) -> None:
    for start in range(first, last, CHUNK):
        parts[start // CHUNK] = _sum(x, start, min(start + CHUNK, last))


@kernel()
def _row_sums(x: Any, out: Any, first: int, last: int) -> None:
    for i in range(first, last):
        out[i] = _sum(x[i], 0, x.shape[1])
