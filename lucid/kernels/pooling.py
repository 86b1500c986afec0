"""Pooling: the largest value or the mean of every window, and the gradient of the means.

Arrays are planes of three dimensions, ``(P, D, H, W)``; those of one and two have D or H of 1.
The references work on one place of all windows at a time.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from . import buffers, threads
from .jit import kernel, suits, wanted
from .windows import Edges

WORK = 1 << 15  # elements that a thread looks at before it takes more
THREADED = 1 << 17  # from this many elements on, waking a thread pays

Triple = tuple[Edges, Edges, Edges]


def _by_planes(task: Any, planes: int, work: int, *args: Any) -> None:
    """Run a task on all planes; on several threads where there is work for them."""
    step = max(1, WORK * planes // max(work, 1))
    threads.run(task, planes, step, *args, large=work >= THREADED)


# ---- the largest --------------------------------------------------------------------------


def largest(x: Any, windows: Triple, places: bool) -> tuple[Any, Any]:
    """The largest value of every window and, if `places`, where in the plane it stands.

    The first of equal ones is taken, and of NaN, which are larger than all, the last.

    Examples
    --------
    >>> from .windows import Span, edges
    >>> whole, pairs = edges(Span(1, 1)), edges(Span(4, 2, 2, 2))
    >>> values, where = largest(np.array([[[[3.0, 1.0, 2.0, 5.0]]]]), (whole, whole, pairs), True)
    >>> values.tolist(), where.tolist()
    ([[[[3.0, 5.0]]]], [[[[0, 3]]]])
    """
    shape = (len(x), *(edge.first.shape[1] for edge in windows))
    if x.size and wanted(x.size) and suits(x):
        out = buffers.empty(shape, x.dtype)
        index: Any = buffers.empty(shape, np.dtype(np.int64)) if places else None
        if _pairs(x, windows):
            _by_planes(_largest_of_four, len(x), x.size, x, out, index)
            return out, index
        flat = [part for edge in windows for part in edge]
        _by_planes(_largest, len(x), x.size, x, *flat, out, index)
        return out, index
    best = index = None
    for place in _places(windows):
        value = x[(np.arange(len(x))[:, None, None, None], *place)]
        here = np.broadcast_to((place[0] * x.shape[2] + place[1]) * x.shape[3] + place[2], shape)
        if best is None:
            best, index = value, here
            continue
        better = value > best
        if x.dtype.kind in "fV":
            better |= value != value
        best, index = np.where(better, value, best), np.where(better, here, index)
    return best, index


def _pairs(x: Any, windows: Triple) -> bool:
    """Whether the windows are squares of 2 x 2, side by side: the usual ones.

    They have a loop of their own, a sixth of the other's time.
    """
    deep, *plane = windows
    if deep.first.shape != (1, 1) or x.shape[1] != 1:
        return False
    for (first, stop, step), length in zip(plane, x.shape[2:], strict=True):
        count = length // 2
        if not count or first.shape != (1, count) or step != 1:
            return False
        # the steps of a row of windows are alike, or it ends elsewhere
        ends = first.item(0), stop.item(0), first.item(-1), stop.item(-1)
        if ends != (0, 2, 2 * count - 2, 2 * count):
            return False
    return True


def _places(windows: Triple) -> Any:
    """One element of every window after the other, as index arrays; short windows repeat."""
    along = []
    for axis, (first, stop, step) in enumerate(windows):
        last = first + (stop - first - 1) // step * step
        most = int(((stop - first - 1) // step).max(initial=0)) + 1
        shape = (len(first), *(-1 if i == axis else 1 for i in range(3)))
        along.append([np.minimum(first + i * step, last).reshape(shape) for i in range(most)])
    return itertools.product(*along)


@kernel()
def _largest(
    x: Any,
    d_first: Any,
    d_stop: Any,
    d_step: Any,
    h_first: Any,
    h_stop: Any,
    h_step: Any,
    w_first: Any,
    w_stop: Any,
    w_step: Any,
    out: Any,
    index: Any,
    start: int,
    end: int,
) -> None:
    height, width = x.shape[2], x.shape[3]
    for p in range(start, end):
        d_row, h_row, w_row = p % len(d_first), p % len(h_first), p % len(w_first)
        for i in range(out.shape[1]):
            d0, d1 = d_first[d_row, i], d_stop[d_row, i]
            for j in range(out.shape[2]):
                h0, h1 = h_first[h_row, j], h_stop[h_row, j]
                for k in range(out.shape[3]):
                    w0, w1 = w_first[w_row, k], w_stop[w_row, k]
                    best, place = x[p, d0, h0, w0], (d0 * height + h0) * width + w0
                    for d in range(d0, d1, d_step):
                        for h in range(h0, h1, h_step):
                            for w in range(w0, w1, w_step):
                                value = x[p, d, h, w]
                                if value > best or value != value:
                                    best, place = value, (d * height + h) * width + w
                    out[p, i, j, k] = best
                    if index is not None:
                        index[p, i, j, k] = place


@kernel()
def _largest_of_four(x: Any, out: Any, index: Any, start: int, end: int) -> None:
    width = x.shape[3]
    for p in range(start, end):
        for j in range(out.shape[2]):
            above, below, to = x[p, 0, 2 * j], x[p, 0, 2 * j + 1], out[p, 0, j]
            base = 2 * j * width
            for k in range(out.shape[3]):
                i = np.uintp(2 * k)
                best, place = above[i], 2 * k
                value = above[i + np.uintp(1)]
                later = (value > best) | (value != value)
                best, place = (value, 2 * k + 1) if later else (best, place)
                value = below[i]
                later = (value > best) | (value != value)
                best, place = (value, width + 2 * k) if later else (best, place)
                value = below[i + np.uintp(1)]
                later = (value > best) | (value != value)
                best, place = (value, width + 2 * k + 1) if later else (best, place)
                to[k] = best
                if index is not None:
                    index[p, 0, j, k] = base + place


# ---- means --------------------------------------------------------------------------------


def mean(x: Any, windows: Triple, counts: tuple[Any, Any, Any]) -> Any:
    """The sum of every window divided by its count, the product of three.

    Examples
    --------
    >>> from .windows import Span, counts, edges
    >>> spans = Span(1, 1), Span(1, 1), Span(4, 2, 2, 2)
    >>> windows, shares = tuple(map(edges, spans)), tuple(counts(span, False) for span in spans)
    >>> mean(np.array([[[[3.0, 1.0, 2.0, 5.0]]]]), windows, shares).tolist()
    [[[[2.0, 3.5]]]]
    """
    if x.size and wanted(x.size) and suits(x):
        out = buffers.empty((len(x), *map(len, counts)), x.dtype)
        work = max(x.size, out.size)
        _by_planes(_mean, len(x), work, x, *_ends(windows), *counts, out)
        return out
    for axis, edge in enumerate(windows, 1):
        x = _sums(x, axis, edge)
    return x / _product(counts).astype(x.dtype)


def mean_gradient(g: Any, shape: Any, windows: Triple, counts: tuple[Any, Any, Any]) -> Any:
    """The gradient of `mean` towards planes of a shape ``(P, D, H, W)``."""
    if g.size and wanted(math.prod(shape)) and suits(g):
        out = buffers.empty(shape, g.dtype)
        work = max(out.size, g.size)
        _by_planes(_mean_gradient, len(g), work, g, *_ends(windows), *counts, out)
        return out
    g = g / _product(counts).astype(g.dtype)
    for axis, edge in enumerate(windows, 1):
        g = _spread(g, axis, edge, shape[axis])
    return g


def _ends(windows: Triple) -> list[Any]:
    """First and stop of each dimension, as vectors."""
    return [part[0] for edge in windows for part in edge[:2]]


def _product(counts: tuple[Any, Any, Any]) -> Any:
    return counts[0][:, None, None] * counts[1][:, None] * counts[2]


def _sums(x: Any, axis: int, edge: Edges) -> Any:
    """Sums of windows along one dimension."""
    first, stop = edge.first[0], edge.stop[0]
    lanes = np.moveaxis(x, axis, -1)
    out = np.zeros((*lanes.shape[:-1], len(first)), x.dtype)
    for i in range(int((stop - first).max(initial=0))):
        inside = first + i < stop
        out[..., inside] += lanes[..., (first + i)[inside]]
    return np.moveaxis(out, -1, axis)


def _spread(g: Any, axis: int, edge: Edges, length: int) -> Any:
    """Every value added to all places of its window along one dimension."""
    first, stop = edge.first[0], edge.stop[0]
    lanes = np.moveaxis(g, axis, 0)
    out = np.zeros((length, *lanes.shape[1:]), g.dtype)
    for i in range(int((stop - first).max(initial=0))):
        inside = first + i < stop
        np.add.at(out, (first + i)[inside], lanes[inside])
    return np.moveaxis(out, 0, axis)


@kernel()
def _mean(
    x: Any,
    d_first: Any,
    d_stop: Any,
    h_first: Any,
    h_stop: Any,
    w_first: Any,
    w_stop: Any,
    d_count: Any,
    h_count: Any,
    w_count: Any,
    out: Any,
    start: int,
    end: int,
) -> None:
    zero = x.dtype.type(0)
    for p in range(start, end):
        for i in range(out.shape[1]):
            for j in range(out.shape[2]):
                shared = d_count[i] * h_count[j]
                for k in range(out.shape[3]):
                    total = 0.0
                    for d in range(d_first[i], d_stop[i]):
                        for h in range(h_first[j], h_stop[j]):
                            row = zero
                            for w in range(w_first[k], w_stop[k]):
                                row += x[p, d, h, w]
                            total += row
                    out[p, i, j, k] = total / (shared * w_count[k])


@kernel()
def _mean_gradient(
    g: Any,
    d_first: Any,
    d_stop: Any,
    h_first: Any,
    h_stop: Any,
    w_first: Any,
    w_stop: Any,
    d_count: Any,
    h_count: Any,
    w_count: Any,
    out: Any,
    start: int,
    end: int,
) -> None:
    real = g.dtype.type
    for p in range(start, end):
        out[p] = real(0)
        for i in range(g.shape[1]):
            for j in range(g.shape[2]):
                shared = d_count[i] * h_count[j]
                for k in range(g.shape[3]):
                    value = real(g[p, i, j, k] / (shared * w_count[k]))
                    for d in range(d_first[i], d_stop[i]):
                        for h in range(h_first[j], h_stop[j]):
                            for w in range(w_first[k], w_stop[k]):
                                out[p, d, h, w] += value
