"""Running sums, and the linear recurrence, along one dimension of an array."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import buffers, threads
from .jit import kernel, suits, wanted

SMALLEST = 1 << 11  # elements; below, NumPy is as fast
BLOCK = 1 << 15  # elements that a thread takes at a time
THREADED = 1 << 19  # from this many elements on, waking a thread pays


def running_sum(x: Any, axis: int, reverse: bool) -> Any:
    """The sums of all elements up to each, in double precision; None if the loop does not suit."""
    if x.size < SMALLEST or not wanted(x.size) or not suits(x):
        return None
    n = x.shape[axis]
    inner = math.prod(x.shape[axis + 1 :])
    out = buffers.empty(x.shape, x.dtype)
    lanes = x.reshape(-1, n, inner), out.reshape(-1, n, inner)
    step, large = max(1, BLOCK // (n * inner)), x.size >= THREADED
    threads.run(_running_sum, len(lanes[0]), step, *lanes, reverse, large=large)
    return out


@kernel()
def _running_sum_of_row(x: Any, out: Any, reverse: bool) -> None:
    total = 0.0
    for i in range(x.size):
        k = x.size - 1 - i if reverse else i
        total += x[k]
        out[k] = total


@kernel()
def _running_sum(x: Any, out: Any, reverse: bool, first: int, last: int) -> None:
    _, n, inner = x.shape
    sums = np.zeros(inner)
    for lane in range(first, last):
        if inner == 1:  # the sum stays in a register
            _running_sum_of_row(x[lane, :, 0], out[lane, :, 0], reverse)
            continue
        sums[:] = 0
        for i in range(n):
            k = n - 1 - i if reverse else i
            for j in range(inner):
                sums[j] += x[lane, k, j]
                out[lane, k, j] = sums[j]


def recurrence(a: Any, b: Any, axis: int, reverse: bool) -> Any:
    """``s[k] = b[k] + a[k] * s[k - 1]`` along `axis`, from the far end with `reverse`.

    The first ``a`` multiplies nothing.
    """
    if b.size and wanted(b.size) and suits(a, b):
        n = b.shape[axis]
        inner = math.prod(b.shape[axis + 1 :])
        out = np.empty(b.shape, b.dtype)
        _loop(a.reshape(-1, n, inner), b.reshape(-1, n, inner), out.reshape(-1, n, inner), reverse)
        return out
    return _reference(a, b, axis, reverse)


def _reference(a: Any, b: Any, axis: int, reverse: bool) -> Any:
    out = b.copy()
    rows, factors = np.moveaxis(out, axis, 0), np.moveaxis(a, axis, 0)
    if reverse:
        rows, factors = rows[::-1], factors[::-1]
    for k in range(1, len(rows)):
        rows[k] += factors[k] * rows[k - 1]
    return out


@kernel()
def _loop(a, b, out, reverse):
    lanes, n, inner = b.shape
    for lane in range(lanes):
        for i in range(n):
            k = n - 1 - i if reverse else i
            last = k + 1 if reverse else k - 1
            for j in range(inner):
                if i == 0:
                    out[lane, k, j] = b[lane, k, j]
                else:
                    out[lane, k, j] = b[lane, k, j] + a[lane, k, j] * out[lane, last, j]
