"""Rows divided by the root of their mean square, and the gradient through it."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import buffers, threads
from .jit import kernel, suits, wanted

BLOCK = 1 << 12  # elements summed in their own precision
ROWS = 64  # rows whose share of the weight's gradient is summed together
CHUNK = 1 << 16  # elements that a thread takes at a time
THREADED = 1 << 18  # from this many elements on, waking a thread pays

# Sums may be reordered, so that they run in vector lanes; NaN and inf keep their meaning.
FAST = {"reassoc", "nsz", "contract"}


def rms_norm(x: Any, w: Any, eps: float) -> tuple[Any, Any]:
    """``x / sqrt(mean(x^2) + eps) * w`` for rows, with what they were multiplied by.

    Examples
    --------
    >>> y, scale = rms_norm(np.array([[2.0, -2.0]]), None, 0.0)
    >>> y.tolist(), scale.tolist()
    ([[1.0, -1.0]], [0.5])
    """
    if _taken(x, w):
        out, scale = buffers.empty(x.shape, x.dtype), np.empty(len(x), x.dtype)
        _by_rows(_rms_norm, x, w, eps, out, scale)
        return out, scale
    squares = np.add.reduce(np.square(x), 1, np.float64) / max(x.shape[1], 1)
    scale = ((squares + eps) ** -0.5).astype(x.dtype)
    out = x * scale[:, None]
    if w is not None:
        out *= w
    return out, scale


def rms_norm_gradient(g: Any, x: Any, w: Any, scale: Any, weighted: bool) -> tuple[Any, Any]:
    """Gradients towards `x` and, if `weighted`, towards `w`."""
    if _taken(x, g, w):
        rows = max(ROWS, CHUNK // x.shape[1])
        gx = buffers.empty(x.shape, x.dtype)
        parts = np.zeros((-(-len(x) // rows) if weighted else 0, x.shape[1]), x.dtype)
        _by_rows(_rms_norm_gradient, x, g, w, scale, gx, parts, weighted, rows)
        return gx, np.add.reduce(parts, 0, np.float64).astype(x.dtype) if weighted else None
    normal = x * scale[:, None]
    toward = g if w is None else g * w
    share = np.add.reduce(toward * normal, 1, np.float64) / max(x.shape[1], 1)
    gx = toward - normal * share.astype(x.dtype)[:, None]
    gx *= scale[:, None]
    gw = np.add.reduce(g * normal, 0, np.float64).astype(x.dtype) if weighted else None
    return gx, gw


def _taken(x: Any, *others: Any) -> bool:
    """Whether the kernels should do it."""
    given = [other for other in others if other is not None]
    return x.size > 0 and wanted(x.size) and suits(x, *given)


def _by_rows(task: Any, x: Any, *args: Any) -> None:
    step = max(ROWS, CHUNK // x.shape[1])
    threads.run(task, len(x), step, x, *args, large=x.size >= THREADED)


@kernel(fastmath=FAST)
def _block_squares(x: Any) -> Any:
    total = x.dtype.type(0)
    for i in range(x.size):
        total += x[i] * x[i]
    return total


@kernel()
def _scaled(x: Any, w: Any, scale: Any, out: Any) -> None:
    for j in range(x.size):
        value = x[j] * scale
        if w is not None:
            value = value * w[j]
        out[j] = value


@kernel()
def _rms_norm(x: Any, w: Any, eps: Any, out: Any, scale: Any, first: int, last: int) -> None:
    real = x.dtype.type
    for r in range(first, last):
        total = 0.0
        for start in range(0, x.shape[1], BLOCK):
            total += float(_block_squares(x[r, start : start + BLOCK]))
        scale[r] = real(1 / np.sqrt(total / x.shape[1] + eps))
        _scaled(x[r], w, scale[r], out[r])


@kernel(fastmath=FAST)
def _block_products(g: Any, x: Any, w: Any) -> Any:
    total = x.dtype.type(0)
    for i in range(x.size):
        value = g[i] * x[i]
        if w is not None:
            value = value * w[i]
        total += value
    return total


@kernel()
def _toward(g: Any, x: Any, w: Any, scale: Any, share: Any, gx: Any) -> None:
    for j in range(x.size):
        value = g[j]
        if w is not None:
            value = value * w[j]
        gx[j] = scale * (value - x[j] * share)


@kernel()
def _add_products(g: Any, x: Any, scale: Any, gw: Any) -> None:
    for j in range(x.size):
        gw[j] += g[j] * x[j] * scale


@kernel()
def _rms_norm_gradient(
    x: Any,
    g: Any,
    w: Any,
    scale: Any,
    gx: Any,
    parts: Any,
    weighted: bool,
    rows: int,
    first: int,
    last: int,
) -> None:
    real = x.dtype.type
    for r in range(first, last):
        total = 0.0
        for start in range(0, x.shape[1], BLOCK):
            stop = start + BLOCK
            if w is None:
                total += float(_block_products(g[r, start:stop], x[r, start:stop], None))
            else:
                here = w[start:stop]
                total += float(_block_products(g[r, start:stop], x[r, start:stop], here))
        share = real(total / x.shape[1] * scale[r] * scale[r])
        _toward(g[r], x[r], w, scale[r], share, gx[r])
        if weighted:
            _add_products(g[r], x[r], scale[r], parts[r // rows])
