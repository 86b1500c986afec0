"""Elements picked by an array of indices along one dimension, and added back there.

An array is seen as lanes x length x inner; of each lane and inner place the loop picks along
the middle. The references are ``np.take_along_axis`` and ``np.add.at``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import buffers, threads
from .jit import kernel, suits, wanted

BLOCK = 1 << 14  # elements that a thread takes at a time
THREADED = 1 << 18  # from this many elements on, waking a thread pays

_int64 = np.dtype(np.int64)


def gather(x: Any, index: Any, axis: int) -> Any:
    """``out[i, j, k] = x[i, index[i, j, k], k]`` for the middle one of three dimensions.

    Raises
    ------
    IndexError
        If an index is negative or not below the length of the dimension.

    Examples
    --------
    >>> gather(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1], [0]]), 1).tolist()
    [[2.0], [3.0]]
    """
    if not _loop_takes(x, index):
        _check(index, x.shape[axis])
        return np.take_along_axis(x, index, axis)
    out = buffers.empty(index.shape, x.dtype)
    bad = _by_lanes(_gather, x, index, out, axis)
    if bad.any():
        _check(index, x.shape[axis])
    return out


def add_along(g: Any, index: Any, axis: int, length: int) -> Any:
    """Zeros to which ``out[i, index[i, j, k], k] += g[i, j, k]``: the gradient of `gather`.

    Examples
    --------
    >>> add_along(np.array([[2.0, 3.0]]), np.array([[1, 1]]), 1, 3).tolist()
    [[0.0, 5.0, 0.0]]
    """
    out = np.zeros((*g.shape[:axis], length, *g.shape[axis + 1 :]), g.dtype)
    if _loop_takes(g, index):
        bad = _by_lanes(_add_along, out, index, g, axis)
        if not bad.any():
            return out
    _check(index, length)
    grid: list[Any] = list(np.ogrid[tuple(slice(n) for n in index.shape)])
    grid[axis] = index
    np.add.at(out, tuple(grid), g)
    return out


def _loop_takes(x: Any, index: Any) -> bool:
    return bool(
        index.size
        and index.dtype is _int64
        and wanted(index.size)
        and suits(x)
        and index.flags.c_contiguous
    )


def _check(index: Any, length: int) -> None:
    if index.size and not 0 <= index.min() <= index.max() < length:
        raise IndexError(f"an index lies outside of 0 to {length - 1}")


def _by_lanes(task: Any, x: Any, index: Any, out: Any, axis: int) -> Any:
    """Run a task over lanes; what is returned tells which lanes met a wrong index."""
    inner = math.prod(index.shape[axis + 1 :])
    x = x.reshape(-1, x.shape[axis], inner)
    index = index.reshape(len(x), -1, inner)
    out = out.reshape(index.shape)
    bad = np.zeros(len(x), np.bool_)
    step, large = max(1, BLOCK * len(x) // index.size), index.size >= THREADED
    threads.run(task, len(x), step, x, index, out, bad, large=large)
    return bad


@kernel()
def _gather(x: Any, index: Any, out: Any, bad: Any, first: int, last: int) -> None:
    for lane in range(first, last):
        for j in range(index.shape[1]):
            for k in range(index.shape[2]):
                i = index[lane, j, k]
                if 0 <= i < x.shape[1]:
                    out[lane, j, k] = x[lane, i, k]
                else:
                    bad[lane] = True


@kernel()
def _add_along(x: Any, index: Any, g: Any, bad: Any, first: int, last: int) -> None:
    for lane in range(first, last):
        for j in range(index.shape[1]):
            for k in range(index.shape[2]):
                i = index[lane, j, k]
                if 0 <= i < x.shape[1]:
                    x[lane, i, k] += g[lane, j, k]
                else:
                    bad[lane] = True
