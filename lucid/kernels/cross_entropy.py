"""Softmax cross entropy of rows of scores, and its gradient, in one pass over each row.

For a row x of class t, with weights w of the classes and a share e of the target spread over
all C of them, q_c = (1 - e) w_t [c = t] + e w_c / C:

    loss = sum_c q_c (log sum exp x - x_c)        d loss / d x = softmax(x) sum q - q

NumPy writes an array of the whole size for the difference to the maximum, the exponentials and
the quotient each; the loop reads a row from cache after its first pass.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import buffers, threads
from .jit import APART, kernel, suits, wanted
from .softmax import exponentials, largest

BLOCK = 1 << 14  # elements that a thread takes at a time
THREADED = 1 << 17  # from this many elements on, waking a thread pays
ZERO = np.float32(0)


def cross_entropy(
    x: Any,
    classes: Any,
    weight: Any,
    ignore: int,
    smoothing: float,
    slope: float | None,
) -> tuple[Any, Any]:
    """The loss of every row, and `slope` times its gradient (None if `slope` is).

    Parameters
    ----------
    x : array
        Scores, shape ``(rows, C)``.
    classes : array of int64
        Shape ``(rows,)``; rows of class `ignore` have loss and gradient 0.
    weight : array or None
        Shape ``(C,)``.
    ignore : int
    smoothing : float
    slope : float or None

    Examples
    --------
    >>> loss, gradient = cross_entropy(np.zeros((1, 2)), np.array([0]), None, -100, 0.0, 1.0)
    >>> loss.round(4).tolist(), gradient.tolist()
    ([0.6931], [[-0.5, 0.5]])
    """
    if x.dtype.char == "f" and x.size >= APART and wanted(x.size) and suits(x):
        return _compiled(x, classes, weight, ignore, smoothing, slope)
    z = x - np.maximum.reduce(x, axis=1, keepdims=True, initial=-np.inf)
    e = np.exp(z)
    total = np.add.reduce(e, axis=1, keepdims=True)
    q = shares(classes, weight, ignore, smoothing, x.shape, x.dtype)
    each = np.where(q != 0, q * (np.log(total) - z), x.dtype.type(0))  # 0 * inf is no loss
    loss = np.add.reduce(each, axis=1)
    if slope is None:
        return loss, None
    gradient = e * (np.add.reduce(q, axis=1, keepdims=True) / total) - q
    gradient[classes == ignore] = 0  # where the scores are infinite or NaN too
    return loss, gradient * x.dtype.type(slope)


def shares(
    classes: Any, weight: Any, ignore: int, smoothing: float, shape: tuple[int, ...], dtype: Any
) -> Any:
    """The array q of the formula above; rows that do not count are zeros.

    Examples
    --------
    >>> shares(np.array([1, -100]), None, -100, 0.2, (2, 2), np.float64).tolist()
    [[0.1, 0.9], [0.0, 0.0]]
    """
    counts = classes != ignore
    picked = classes[counts]
    w = np.ones(shape[1], dtype) if weight is None else weight.astype(dtype)
    q = np.zeros(shape, dtype)
    if smoothing:
        q[counts] = w * (smoothing / shape[1])
    q[np.flatnonzero(counts), picked] += w[picked] * (1 - smoothing)
    return q


def _compiled(
    x: Any, classes: Any, weight: Any, ignore: int, smoothing: float, slope: float | None
) -> tuple[Any, Any]:
    """The same by the loop: every class has its weight, and every row its place in `loss`."""
    rows, count = x.shape
    w = np.ones(count, np.float32) if weight is None else weight.astype(np.float32)
    loss = np.empty(rows, np.float32)
    wants = slope is not None
    gradient = buffers.empty(x.shape, x.dtype) if wants else np.empty((1, count), np.float32)
    spread = np.float32(smoothing / count)
    near, factor = np.float32(1 - smoothing), np.float32(slope or 0.0)
    args = (x, classes, w, ignore, near, spread, factor, wants, loss, gradient)
    threads.run(_rows, rows, max(1, BLOCK // count), *args, large=x.size >= THREADED)
    return loss, gradient if wants else None


@kernel()
def _spread_loss(x: Any, w: Any, spread: Any, log: Any) -> tuple[Any, Any]:
    """The smoothed part of a loss, and of the sum of q."""
    loss, shares = ZERO, ZERO
    for j in range(x.size):
        q = w[j] * spread
        shares += q
        loss += q * (log - x[j]) if q != ZERO else ZERO
    return loss, shares


@kernel()
def _rows(
    x: Any,
    classes: Any,
    w: Any,
    ignore: int,
    near: Any,
    spread: Any,
    factor: Any,
    wants: bool,
    loss: Any,
    gradient: Any,
    first: int,
    last: int,
) -> None:
    row = np.empty(x.shape[1] + 2 * APART, np.float32)[APART:-APART]  # apart from `x` as well
    for i in range(first, last):
        t = classes[i]
        if wants:
            row = gradient[i]
        if t == ignore:
            loss[i] = ZERO
            if wants:
                row[:] = ZERO
            continue
        xi = x[i]
        top = largest(xi)
        total = exponentials(xi, top, row)
        log = np.log(total)
        mine = w[t] * near
        value = mine * (log - (xi[t] - top)) if mine != ZERO else ZERO
        shares = mine
        if spread != ZERO:
            more, others = _spread_loss(xi, w, spread, log + top)
            value += more
            shares += others
        loss[i] = value
        if wants:
            scale = factor * shares / total
            for j in range(row.size):
                row[j] *= scale
            if spread != ZERO:
                for j in range(row.size):
                    row[j] -= factor * spread * w[j]
            row[t] -= factor * mine
