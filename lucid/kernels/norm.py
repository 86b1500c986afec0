"""Normalisation: mean and variance of rows or of columns, and the gradients through them.

Layer normalisation works on rows, ``(R, D)``: statistics of every row. Batch normalisation
works on channels, ``(N, C, L)`` with L = 1 for plain features: statistics of every channel.
Means are summed in blocks, and the blocks' sums in double precision; variances are those of
the centred values, so that a large mean costs no digits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import channels, threads
from .jit import Kernel, kernel, suits, wanted
from .sums import block_sum

BLOCK = 1 << 12  # elements summed in their own precision
ROWS = 64  # rows that are summed into one partial result
CHUNK = 1 << 16  # elements that a thread takes at a time
THREADED = 1 << 19  # from this many elements on, waking a thread pays

# Sums may be reordered, so that they run in vector lanes; NaN and inf keep their meaning.
FAST = {"reassoc", "nsz", "contract"}

# ---- layer normalisation ----------------------------------------------------------------


def layer_norm(x: Any, w: Any, b: Any, eps: float) -> tuple[Any, Any, Any]:
    """Rows to mean 0 and variance 1, then times `w` plus `b`; with the means and 1/deviations.

    Examples
    --------
    >>> y, mean, scale = layer_norm(np.array([[1.0, 3.0]]), None, None, 0.0)
    >>> y.tolist(), mean.tolist(), scale.tolist()
    ([[-1.0, 1.0]], [2.0], [1.0])
    """
    if _kernels_take(x, w, b):
        out = np.empty_like(x)
        mean, scale = np.empty(len(x), x.dtype), np.empty(len(x), x.dtype)
        _by_rows(_layer_norm, x, w, b, eps, out, mean, scale)
        return out, mean, scale
    mean = _mean(x, 1)
    out = x - mean[:, None]
    scale = 1 / np.sqrt(_mean(out * out, 1) + x.dtype.type(eps))
    out *= scale[:, None]
    if w is not None:
        out *= w
    if b is not None:
        out += b
    return out, mean, scale


def layer_norm_gradient(
    g: Any, x: Any, w: Any, mean: Any, scale: Any, params: bool
) -> tuple[Any, Any, Any]:
    """Gradients towards `x`, and where `params`, `w` and `b`, of `layer_norm`."""
    if _kernels_take(g, x, w):
        rows = _rows_of_a_block(x)
        gx, parts = np.empty_like(x), np.zeros((2, -(-len(x) // rows), x.shape[1]), x.dtype)
        _by_rows(_layer_norm_gradient, x, g, w, mean, scale, gx, parts, params, rows)
        if not params:
            return gx, None, None
        gw, gb = parts[:, 0] if parts.shape[1] == 1 else np.add.reduce(parts, 1, np.float64)
        return gx, gw, gb
    normal = (x - mean[:, None]) * scale[:, None]
    gw, gb = (_column_sums(g * normal), _column_sums(g)) if params else (None, None)
    toward = g if w is None else g * w
    gx = toward - _mean(toward, 1)[:, None]
    normal *= _mean(toward * normal, 1)[:, None]
    gx -= normal
    gx *= scale[:, None]
    return gx, gw, gb


@kernel(fastmath=FAST)
def block_squares(x: Any, mean: Any) -> Any:
    """The sum of squares about a mean, in the precision of the block."""
    total = x.dtype.type(0)
    for i in range(x.size):
        total += (x[i] - mean) * (x[i] - mean)
    return total


@kernel()
def _moments(x: Any, eps: Any) -> Any:
    """Mean and 1/deviation of one row."""
    total, real = 0.0, x.dtype.type
    for start in range(0, x.size, BLOCK):
        total += float(block_sum(x[start : start + BLOCK]))
    mean = real(total / x.size)
    total = 0.0
    for start in range(0, x.size, BLOCK):
        total += float(block_squares(x[start : start + BLOCK], mean))
    return mean, real(1 / np.sqrt(total / x.size + eps))


@kernel()
def _affine_row(x: Any, w: Any, b: Any, mean: Any, scale: Any, out: Any) -> None:
    for j in range(x.size):
        value = (x[j] - mean) * scale
        if w is not None:
            value = value * w[j]
        if b is not None:
            value = value + b[j]
        out[j] = value


@kernel()
def _layer_norm(
    x: Any, w: Any, b: Any, eps: Any, out: Any, mean: Any, scale: Any, first: int, last: int
) -> None:
    for i in range(first, last):
        mean[i], scale[i] = _moments(x[i], eps)
        _affine_row(x[i], w, b, mean[i], scale[i], out[i])


@kernel(fastmath=FAST)
def _row_products(g: Any, x: Any, w: Any, mean: Any, scale: Any) -> Any:
    """Sums over one row of the gradient, and of the gradient times the normalised value."""
    plain = weighted = x.dtype.type(0)
    for j in range(x.size):
        toward = g[j]
        if w is not None:
            toward = toward * w[j]
        plain += toward
        weighted += toward * ((x[j] - mean) * scale)
    return plain, weighted


@kernel()
def _row_gradient(
    g: Any, x: Any, w: Any, mean: Any, scale: Any, plain: Any, weighted: Any, gx: Any
) -> None:
    for j in range(x.size):
        toward = g[j]
        if w is not None:
            toward = toward * w[j]
        gx[j] = scale * (toward - plain - (x[j] - mean) * scale * weighted)


@kernel()
def _add_to_params(g: Any, x: Any, mean: Any, scale: Any, gw: Any, gb: Any) -> None:
    for j in range(x.size):
        gw[j] += g[j] * ((x[j] - mean) * scale)
        gb[j] += g[j]


@kernel()
def _layer_norm_gradient(
    x: Any,
    g: Any,
    w: Any,
    mean: Any,
    scale: Any,
    gx: Any,
    parts: Any,
    params: bool,
    rows: int,
    first: int,
    last: int,
) -> None:
    share = x.dtype.type(1) / x.dtype.type(x.shape[1])
    for i in range(first, last):
        plain, weighted = _row_products(g[i], x[i], w, mean[i], scale[i])
        _row_gradient(g[i], x[i], w, mean[i], scale[i], plain * share, weighted * share, gx[i])
        if params:
            block = i // rows
            _add_to_params(g[i], x[i], mean[i], scale[i], parts[0, block], parts[1, block])


# ---- batch normalisation ------------------------------------------------------------------


def batch_norm(x: Any, w: Any, b: Any, eps: float) -> tuple[Any, Any, Any]:
    """Channels to mean 0 and variance 1, then times `w` plus `b`; with means and variances.

    Examples
    --------
    >>> y, mean, var = batch_norm(np.array([[[1.0]], [[3.0]]]), None, None, 0.0)
    >>> y.ravel().tolist(), mean.tolist(), var.tolist()
    ([-1.0, 1.0], [2.0], [1.0])
    """
    if x.shape[2] == 1 and _kernels_take(x, w, b):
        out, mean, var = np.empty_like(x), np.empty(x.shape[1], x.dtype), np.empty_like(x[0, :, 0])
        flat = x.reshape(x.shape[:2])
        _batch_norm(flat, w, b, eps, out.reshape(flat.shape), mean, var)
        return out, mean, var
    if x.shape[2] > 1:
        return channels.batch_norm(x, w, b, eps)
    mean = _channel_means(x)
    out = x - mean[:, None]
    var = _channel_means(out * out)
    scale = 1 / np.sqrt(var + x.dtype.type(eps))
    out *= (scale if w is None else scale * w)[:, None]
    if b is not None:
        out += b[:, None]
    return out, mean, var


def batch_norm_given(x: Any, w: Any, b: Any, mean: Any, var: Any, eps: float) -> Any:
    """The same with means and variances that are given.

    Examples
    --------
    >>> mean, var = np.array([2.0]), np.array([4.0])
    >>> batch_norm_given(np.array([[[4.0]]]), None, None, mean, var, 0.0).item()
    1.0
    """
    if x.shape[2] > 1:
        return channels.given_norm(x, w, b, mean, var, eps)
    factor = 1 / np.sqrt(var + var.dtype.type(eps))
    if w is not None:
        factor *= w
    if x.shape[2] == 1 and _kernels_take(x, mean, factor, b):
        out = np.empty_like(x)
        _affine_rows(x.reshape(x.shape[:2]), mean, factor, b, out.reshape(x.shape[:2]))
        return out
    out = x - mean[:, None]
    out *= factor[:, None]
    if b is not None:
        out += b[:, None]
    return out


def batch_norm_gradient(g: Any, x: Any, w: Any, mean: Any, scale: Any) -> tuple[Any, Any, Any]:
    """Gradients towards `x`, `w` and `b` of `batch_norm`; `scale` is 1/deviation."""
    if x.shape[2] > 1:
        return channels.batch_norm_gradient(g, x, w, mean, scale)
    factor = scale if w is None else scale * w
    if x.shape[2] == 1 and _kernels_take(g, x, w):
        flat, gx = x.reshape(x.shape[:2]), np.empty_like(x)
        gw, gb = np.empty_like(mean), np.empty_like(mean)
        _batch_norm_gradient(
            g.reshape(flat.shape), flat, mean, scale, factor, gx.reshape(flat.shape), gw, gb
        )
        return gx, gw, gb
    normal = (x - mean[:, None]) * scale[:, None]
    count = max(x.size // max(x.shape[1], 1), 1)
    gb, gw = _channel_means(g), _channel_means(g * normal)
    gx = g - gb[:, None]
    normal *= gw[:, None]
    gx -= normal
    gx *= factor[:, None]
    return gx, gw * x.dtype.type(count), gb * x.dtype.type(count)


@kernel()
def _add_row(x: Any, sums: Any) -> None:
    for j in range(x.size):
        sums[j] += x[j]


@kernel()
def _add_squares(x: Any, mean: Any, sums: Any) -> None:
    for j in range(x.size):
        sums[j] += (x[j] - mean[j]) * (x[j] - mean[j])


@kernel()
def _add_products(g: Any, x: Any, mean: Any, scale: Any, plain: Any, weighted: Any) -> None:
    for j in range(x.size):
        plain[j] += g[j]
        weighted[j] += g[j] * ((x[j] - mean[j]) * scale[j])


@kernel()
def _affine_columns(x: Any, mean: Any, factor: Any, b: Any, out: Any) -> None:
    for j in range(x.size):
        value = (x[j] - mean[j]) * factor[j]
        if b is not None:
            value = value + b[j]
        out[j] = value


@kernel()
def _affine_rows(x: Any, mean: Any, factor: Any, b: Any, out: Any) -> None:
    for i in range(len(x)):
        _affine_columns(x[i], mean, factor, b, out[i])


@kernel()
def _batch_norm(x: Any, w: Any, b: Any, eps: Any, out: Any, mean: Any, var: Any) -> None:
    count, width = x.shape
    part, total = np.empty_like(mean), np.zeros(width)
    for start in range(0, count, ROWS):
        part[:] = 0
        for i in range(start, min(start + ROWS, count)):
            _add_row(x[i], part)
        total += part
    mean[:] = total / count
    total[:] = 0
    for start in range(0, count, ROWS):
        part[:] = 0
        for i in range(start, min(start + ROWS, count)):
            _add_squares(x[i], mean, part)
        total += part
    var[:] = total / count
    part[:] = 1 / np.sqrt(total / count + eps)
    if w is not None:
        part *= w
    _affine_rows(x, mean, part, b, out)


@kernel()
def _column_gradient(
    g: Any, x: Any, mean: Any, scale: Any, factor: Any, plain: Any, weighted: Any, gx: Any
) -> None:
    for j in range(x.size):
        normal = (x[j] - mean[j]) * scale[j]
        gx[j] = factor[j] * (g[j] - plain[j] - normal * weighted[j])


@kernel()
def _batch_norm_gradient(
    g: Any, x: Any, mean: Any, scale: Any, factor: Any, gx: Any, gw: Any, gb: Any
) -> None:
    count, width = x.shape
    plain, weighted = np.empty_like(mean), np.empty_like(mean)
    plain_total, weighted_total = np.zeros(width), np.zeros(width)
    for start in range(0, count, ROWS):
        plain[:] = 0
        weighted[:] = 0
        for i in range(start, min(start + ROWS, count)):
            _add_products(g[i], x[i], mean, scale, plain, weighted)
        plain_total += plain
        weighted_total += weighted
    gb[:] = plain_total
    gw[:] = weighted_total
    plain[:] = plain_total / count
    weighted[:] = weighted_total / count
    for i in range(count):
        _column_gradient(g[i], x[i], mean, scale, factor, plain, weighted, gx[i])


# ---- shared -----------------------------------------------------------------------------


def _kernels_take(x: Any, *others: Any) -> bool:
    """Whether the kernels should do it."""
    given = [other for other in others if other is not None]
    return x.size > 0 and wanted(x.size) and suits(x, *given)


def _rows_of_a_block(x: Any) -> int:
    return max(ROWS, CHUNK // x.shape[1])


def _by_rows(task: Kernel, x: Any, *args: Any) -> None:
    """Run ``task(x, *args, first, last)`` on rows, on several threads where that pays."""
    threads.run(task, len(x), _rows_of_a_block(x), x, *args, large=x.size >= THREADED)


def _mean(x: Any, axis: int) -> Any:
    """The mean along an axis; of no elements, NaN without a warning."""
    count = x.shape[axis]
    return np.add.reduce(x, axis) * x.dtype.type(1 / count if count else np.nan)


def _column_sums(x: Any) -> Any:
    """Sums of columns: of a few rows each in their own precision, and of those in double."""
    if len(x) <= ROWS:
        return np.add.reduce(x, 0)
    whole = len(x) // ROWS
    parts = np.add.reduce(x[: whole * ROWS].reshape(whole, ROWS, x.shape[1]), 1)
    rest = np.add.reduce(x[whole * ROWS :], 0)
    return (np.add.reduce(parts, 0, np.float64) + rest).astype(x.dtype)


def _channel_means(x: Any) -> Any:
    """The mean of every channel of ``(N, C, L)``."""
    n, channels, length = x.shape
    sums = x.reshape(n, channels) if length == 1 else np.add.reduce(x, 2)
    return _column_sums(sums) * x.dtype.type(1 / (n * length) if n * length else np.nan)
