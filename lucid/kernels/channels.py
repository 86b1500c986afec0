"""Normalisation of images and sequences, ``(N, C, L)``: four passes over rows of length L.

Batch normalisation pools the statistics of a channel's rows, group normalisation those of
neighbouring channels in one example. Both need the same passes over the data: the moments of
rows, a map of every row by numbers of its own, sums of products, and a combination. What lies
between is small, and computed in double precision.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import buffers, threads
from .jit import kernel, suits, wanted
from .norm import block_squares
from .sums import block_sum

BLOCK = 1 << 12  # elements summed in their own precision
CHUNK = 1 << 16  # elements that a thread takes at a time
THREADED = 1 << 18  # from this many elements on, waking a thread pays

# Sums may be reordered, so that they run in vector lanes; NaN and inf keep their meaning.
FAST = {"reassoc", "nsz", "contract"}


def batch_norm(x: Any, w: Any, b: Any, eps: float) -> tuple[Any, Any, Any]:
    """Every channel to mean 0 and variance 1 over ``(N, L)``, with its mean and variance.

    Examples
    --------
    >>> y, mean, var = batch_norm(np.array([[[1.0, 3.0]]]), None, None, 0.0)
    >>> y.tolist(), mean.tolist(), var.tolist()
    ([[[-1.0, 1.0]]], [2.0], [1.0])
    """
    means, squares = _moments(x)
    mean = _sum(means, 0) / len(x)
    spread = _sum(np.square(means - mean), 0)
    var = (_sum(squares, 0) / x.shape[2] + spread) / len(x)
    return given_norm(x, w, b, mean, var, eps), mean.astype(x.dtype), var.astype(x.dtype)


def given_norm(x: Any, w: Any, b: Any, mean: Any, var: Any, eps: float) -> Any:
    """The same with means and variances that are given.

    Examples
    --------
    >>> one = np.ones(1)
    >>> given_norm(np.array([[[1.0, 3.0]]]), None, None, one, one, 0.0).tolist()
    [[[0.0, 2.0]]]
    """
    factor = (var + eps) ** -0.5
    return _affine(x, mean, factor if w is None else factor * w, 0.0 if b is None else b)


def batch_norm_gradient(g: Any, x: Any, w: Any, mean: Any, scale: Any) -> tuple[Any, Any, Any]:
    """Gradients towards `x`, `w` and `b` of `batch_norm`; `scale` is 1/deviation."""
    plain, weighted = (_sum(part, 0) for part in _products(g, x, mean))
    scale = scale.astype(np.float64)
    weighted *= scale
    share = (scale if w is None else scale * w) / (len(x) * x.shape[2])
    slopes = (share * len(x) * x.shape[2], -share * scale * weighted, -share * plain)
    return _combined(g, x, mean, *slopes), weighted.astype(x.dtype), plain.astype(x.dtype)


def group_norm(x: Any, groups: int, w: Any, b: Any, eps: float) -> tuple[Any, Any, Any]:
    """Neighbouring channels of every example to mean 0 and variance 1; with means, 1/deviations.

    Examples
    --------
    >>> y, mean, scale = group_norm(np.array([[[1.0], [3.0]]]), 1, None, None, 0.0)
    >>> y.tolist(), mean.tolist(), scale.tolist()
    ([[[-1.0], [1.0]]], [[2.0]], [[1.0]])
    """
    shape = (len(x), groups, x.shape[1] // groups)
    means, squares = (part.reshape(shape) for part in _moments(x))
    mean = _sum(means, 2) / shape[2]
    spread = _sum(np.square(means - mean[:, :, None]), 2)
    var = (_sum(squares, 2) / x.shape[2] + spread) / shape[2]
    scale = (var + eps) ** -0.5
    centre, factor = _to_channels(mean, x), _to_channels(scale, x)
    out = _affine(x, centre, factor if w is None else factor * w, 0.0 if b is None else b)
    return out, mean, scale


def group_norm_gradient(g: Any, x: Any, w: Any, mean: Any, scale: Any) -> tuple[Any, Any, Any]:
    """Gradients towards `x`, `w` and `b` of `group_norm`."""
    centre, factor = _to_channels(mean, x), _to_channels(scale, x)
    plain, weighted = _products(g, x, centre)
    weighted = weighted * factor
    gw, gb = _sum(weighted, 0), _sum(plain, 0)
    if w is not None:
        plain, weighted = plain * w, weighted * w
    shape = (*mean.shape, x.shape[1] // mean.shape[1])
    count = shape[2] * x.shape[2]
    plain, weighted = (
        _to_channels(_sum(part.reshape(shape), 2) / count, x) for part in (plain, weighted)
    )
    slopes = (factor if w is None else factor * w, -factor * factor * weighted, -factor * plain)
    return _combined(g, x, centre, *slopes), gw.astype(x.dtype), gb.astype(x.dtype)


def _sum(x: Any, axis: int) -> Any:
    """The sum along an axis in double precision."""
    return np.add.reduce(x, axis, np.float64)


def _to_channels(part: Any, x: Any) -> Any:
    """One number for every group, repeated for its channels."""
    return part.repeat(x.shape[1] // part.shape[1], 1)


# ---- the passes -----------------------------------------------------------------------------


def _taken(x: Any, *others: Any) -> bool:
    """Whether the kernels should do it."""
    return x.size > 0 and wanted(x.size) and suits(x, *others)


def _rows(x: Any) -> Any:
    return x.reshape(-1, x.shape[2])


def _each(numbers: Any, x: Any) -> Any:
    """One number for every row, in the dtype of the rows."""
    return np.ascontiguousarray(np.broadcast_to(numbers, x.shape[:2]), x.dtype).reshape(-1)


def _by_rows(task: Any, x: Any, *args: Any) -> None:
    """Run ``task(x, *args, first, last)`` on rows, on several threads where that pays."""
    threads.run(task, len(x), max(1, CHUNK // x.shape[1]), x, *args, large=x.size >= THREADED)


def _moments(x: Any) -> tuple[Any, Any]:
    """Means of rows, and sums of squares about them, in double precision."""
    if _taken(x):
        means, squares = np.empty((2, *x.shape[:2]))
        _by_rows(_row_moments, _rows(x), means.reshape(-1), squares.reshape(-1))
        return means, squares
    means = _sum(x, 2) / x.shape[2]
    return means, _sum(np.square(x - means[:, :, None]), 2)


def _affine(x: Any, mean: Any, factor: Any, shift: Any) -> Any:
    """``(x - mean) * factor + shift``, by one number of each for every row or channel."""
    mean, factor, shift = _each(mean, x), _each(factor, x), _each(shift, x)
    if _taken(x):
        out = buffers.empty(x.shape, x.dtype)
        _by_rows(_row_affine, _rows(x), mean, factor, shift, _rows(out))
        return out
    out = _rows(x) - mean[:, None]
    out *= factor[:, None]
    out += shift[:, None]
    return out.reshape(x.shape)


def _products(g: Any, x: Any, mean: Any) -> tuple[Any, Any]:
    """Sums of the gradient over rows, and of the gradient times what is centred."""
    mean = _each(mean, x)
    if _taken(x, g):
        plain, weighted = np.empty((2, *x.shape[:2]))
        outs = (plain.reshape(-1), weighted.reshape(-1))
        _by_rows(_row_products, _rows(x), _rows(g), mean, *outs)
        return plain, weighted
    centred = x - mean.reshape(*x.shape[:2], 1)
    return _sum(g, 2), _sum(g * centred, 2)


def _combined(g: Any, x: Any, mean: Any, by_g: Any, by_x: Any, shift: Any) -> Any:
    """``g * by_g + (x - mean) * by_x + shift``, by one number of each for every row."""
    numbers = [_each(part, x) for part in (mean, by_g, by_x, shift)]
    if _taken(x, g):
        out = buffers.empty(x.shape, x.dtype)
        _by_rows(_row_combined, _rows(x), _rows(g), *numbers, _rows(out))
        return out
    mean, by_g, by_x, shift = (part.reshape(*x.shape[:2], 1) for part in numbers)
    out = (x - mean) * by_x
    out += g * by_g
    out += shift
    return out


@kernel(fastmath=FAST)
def _block_products(g: Any, x: Any, mean: Any) -> Any:
    total = x.dtype.type(0)
    for i in range(x.size):
        total += g[i] * (x[i] - mean)
    return total


@kernel()
def _row_moments(x: Any, means: Any, squares: Any, first: int, last: int) -> None:
    real = x.dtype.type
    for r in range(first, last):
        total = 0.0
        for start in range(0, x.shape[1], BLOCK):
            total += float(block_sum(x[r, start : start + BLOCK]))
        means[r] = total / x.shape[1]
        near, total = real(means[r]), 0.0
        for start in range(0, x.shape[1], BLOCK):
            total += float(block_squares(x[r, start : start + BLOCK], near))
        squares[r] = total  # about the rounded mean, so less what the rounding adds
        squares[r] -= x.shape[1] * (float(near) - means[r]) ** 2


@kernel()
def _row_affine(
    x: Any, mean: Any, factor: Any, shift: Any, out: Any, first: int, last: int
) -> None:
    for r in range(first, last):
        for i in range(x.shape[1]):
            out[r, i] = (x[r, i] - mean[r]) * factor[r] + shift[r]


@kernel()
def _row_products(
    x: Any, g: Any, mean: Any, plain: Any, weighted: Any, first: int, last: int
) -> None:
    for r in range(first, last):
        sums = products = 0.0
        for start in range(0, x.shape[1], BLOCK):
            piece = g[r, start : start + BLOCK]
            sums += float(block_sum(piece))
            products += float(_block_products(piece, x[r, start : start + BLOCK], mean[r]))
        plain[r], weighted[r] = sums, products


@kernel()
def _row_combined(
    x: Any,
    g: Any,
    mean: Any,
    by_g: Any,
    by_x: Any,
    shift: Any,
    out: Any,
    first: int,
    last: int,
) -> None:
    for r in range(first, last):
        for i in range(x.shape[1]):
            out[r, i] = g[r, i] * by_g[r] + (x[r, i] - mean[r]) * by_x[r] + shift[r]
