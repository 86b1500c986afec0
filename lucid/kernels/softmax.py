"""Softmax, its logarithm and log-sum-exp along the last dimension, and their gradients.

A row is read from cache after its first pass: a kernel takes its maximum, its exponentials
(`kernels.vector_math`) and their sum while NumPy would write an array of the whole size for
each step. Other dimensions, and float64, go by the NumPy references.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import buffers, jit, threads
from .jit import APART, Kernel, kernel, suits, wanted
from .sums import block_sum
from .vector_math import exp32

BLOCK = 1 << 15  # elements that a thread takes at a time
THREADED = 1 << 18  # from this many elements on, waking a thread pays
LEAST = np.float32(-np.inf)
ZERO, ONE = np.float32(0), np.float32(1)

_float32 = np.dtype(np.float32)


def softmax(x: Any, axis: tuple[int, ...]) -> Any:
    """exp(x) / sum exp(x).

    Examples
    --------
    >>> softmax(np.zeros((1, 4)), (1,)).tolist()
    [[0.25, 0.25, 0.25, 0.25]]
    """
    if _suit(axis, x):
        return _by_rows(_softmax_rows, x)
    out = _below_maximum(x, axis)
    np.exp(out, out=out)
    out /= np.add.reduce(out, axis=axis, keepdims=True)
    return out


def softmax_gradient(g: Any, y: Any, axis: tuple[int, ...]) -> Any:
    """y (g - sum g y)."""
    if _suit(axis, g, y):
        return _by_rows(_softmax_gradient_rows, g, y)
    gy = g * y
    return gy - y * np.add.reduce(gy, axis=axis, keepdims=True)


def log_softmax(x: Any, axis: tuple[int, ...]) -> Any:
    """x - log sum exp(x).

    Examples
    --------
    >>> log_softmax(np.array([0.0, 1000.0]), (0,)).tolist()
    [-1000.0, 0.0]
    """
    if _suit(axis, x):
        return _by_rows(_log_softmax_rows, x)
    out = _below_maximum(x, axis)
    out -= np.log(np.add.reduce(np.exp(out), axis=axis, keepdims=True))
    return out


def log_softmax_gradient(g: Any, y: Any, axis: tuple[int, ...]) -> Any:
    """g - exp(y) sum g."""
    if _suit(axis, g, y):
        return _by_rows(_log_softmax_gradient_rows, g, y)
    return g - np.exp(y) * np.add.reduce(g, axis=axis, keepdims=True)


def log_sum_exp(x: Any) -> Any:
    """log sum exp(x) along the last dimension, without overflow; None if the loop does not suit.

    All of -inf gives -inf, an inf among them inf.
    """
    if not _suit((x.ndim - 1,), x):
        return None
    rows, out = x.reshape(-1, x.shape[-1]), np.empty(x.shape[:-1], x.dtype)
    step, large = max(1, BLOCK // x.shape[-1]), x.size >= THREADED
    threads.run(_log_sum_rows, len(rows), step, rows, out.reshape(-1), large=large)
    return out


def _below_maximum(x: Any, axis: tuple[int, ...]) -> Any:
    """`x` less its maximum, so that no exponential overflows."""
    top = np.maximum.reduce(x, axis=axis, keepdims=True, initial=-np.inf)
    return np.asarray(x - top)


def _suit(axis: tuple[int, ...], *arrays: Any) -> bool:
    """Whether the kernels take these arrays."""
    x = arrays[-1]
    if x.dtype is not _float32 or axis != (x.ndim - 1,) or x.size < APART:
        return False
    if not (jit.policy.on or wanted(x.size)) or not suits(*arrays):
        return False
    return len(arrays) == 1 or arrays[0].shape == x.shape


def _by_rows(task: Kernel, *arrays: Any) -> Any:
    like = arrays[0]
    width = like.shape[-1]
    out = buffers.empty(like.shape, like.dtype)
    rows = [array.reshape(-1, width) for array in (*arrays, out)]
    step, large = max(1, BLOCK // width), like.size >= THREADED
    threads.run(task, len(rows[0]), step, *rows, large=large)
    return out


@kernel()
def largest(x: Any) -> Any:
    """The largest element, in four lanes; NaN is passed over, and found by the sum."""
    a = b = c = d = LEAST
    whole = x.size // 4 * 4
    for i in range(0, whole, 4):
        a = x[i] if x[i] > a else a
        b = x[i + 1] if x[i + 1] > b else b
        c = x[i + 2] if x[i + 2] > c else c
        d = x[i + 3] if x[i + 3] > d else d
    for i in range(whole, x.size):
        a = x[i] if x[i] > a else a
    a = b if b > a else a
    c = d if d > c else c
    return c if c > a else a


@kernel(fastmath={"reassoc", "nsz", "contract"})
def exponentials(x: Any, top: Any, out: Any) -> Any:
    """Write exp(x - top) and return the sum."""
    total = ZERO
    for j in range(x.size):
        e = exp32(x[j] - top)
        out[j] = e
        total += e
    return total


@kernel(fastmath={"reassoc", "nsz", "contract"})
def _sum_of_exponentials(x: Any, top: Any) -> Any:
    total = ZERO
    for j in range(x.size):
        total += exp32(x[j] - top)
    return total


@kernel()
def _log_sum_rows(x: Any, out: Any, first: int, last: int) -> None:
    for i in range(first, last):
        top = largest(x[i])
        if np.isinf(top):  # inf - inf would be NaN
            top = ZERO
        out[i] = np.log(_sum_of_exponentials(x[i], top)) + top


@kernel()
def _softmax_rows(x: Any, out: Any, first: int, last: int) -> None:
    for i in range(first, last):
        row = out[i]
        share = ONE / exponentials(x[i], largest(x[i]), row)
        for j in range(row.size):
            row[j] *= share


@kernel(fastmath={"reassoc", "nsz", "contract"})
def _dot(g: Any, y: Any) -> Any:
    total = ZERO
    for j in range(g.size):
        total += g[j] * y[j]
    return total


@kernel()
def _softmax_gradient_rows(g: Any, y: Any, out: Any, first: int, last: int) -> None:
    for i in range(first, last):
        gi, yi, row = g[i], y[i], out[i]
        total = _dot(gi, yi)
        for j in range(row.size):
            row[j] = yi[j] * (gi[j] - total)


@kernel()
def _log_softmax_rows(x: Any, out: Any, first: int, last: int) -> None:
    for i in range(first, last):
        xi, row = x[i], out[i]
        top = largest(xi)
        log = np.log(exponentials(xi, top, row))
        for j in range(row.size):
            row[j] = (xi[j] - top) - log


@kernel()
def _log_softmax_gradient_rows(g: Any, y: Any, out: Any, first: int, last: int) -> None:
    for i in range(first, last):
        gi, yi, row = g[i], y[i], out[i]
        total = block_sum(gi)
        for j in range(row.size):
            row[j] = gi[j] - exp32(yi[j]) * total
