"""Resampling: every place along a dimension as a weighted sum of a few others.

An array is seen as lanes x length x inner. The weights and places come as a table with a row
for each output.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import buffers, threads
from .jit import kernel, suits, wanted

CHUNK = 1 << 15  # elements that a thread takes at a time
THREADED = 1 << 17  # from this many elements on, waking a thread pays


def resample(x: Any, axis: int, places: Any, weights: Any) -> Any:
    """``out[:, i] = sum_k weights[i, k] * x[:, places[i, k]]`` for the middle dimension.

    Examples
    --------
    >>> places, weights = np.array([[0, 1]]), np.array([[0.5, 0.5]])
    >>> resample(np.array([[1.0], [3.0]]), 0, places, weights).tolist()
    [[2.0]]
    """
    shape = (*x.shape[:axis], len(places), *x.shape[axis + 1 :])
    if x.size and wanted(x.size) and suits(x):
        out = buffers.empty(shape, x.dtype)
        _by_lanes(_resample, x, out, axis, places, weights)
        return out
    lanes = np.moveaxis(x, axis, -1)
    out = np.zeros((*lanes.shape[:-1], len(places)), x.dtype)
    for k in range(places.shape[1]):
        out += lanes[..., places[:, k]] * weights[:, k].astype(x.dtype)
    return np.moveaxis(out, -1, axis)


def spread(g: Any, axis: int, length: int, places: Any, weights: Any) -> Any:
    """The gradient of `resample`: every output added to its places, by their weights."""
    shape = (*g.shape[:axis], length, *g.shape[axis + 1 :])
    if g.size and wanted(g.size) and suits(g):
        out = np.zeros(shape, g.dtype)
        _by_lanes(_spread, out, g, axis, places, weights)
        return out
    lanes = np.moveaxis(g, axis, 0)
    out = np.zeros((length, *lanes.shape[1:]), g.dtype)
    for k in range(places.shape[1]):
        by = weights[:, k].astype(g.dtype).reshape(-1, *(1,) * (lanes.ndim - 1))
        np.add.at(out, places[:, k], lanes * by)
    return np.moveaxis(out, 0, axis)


def _by_lanes(task: Any, x: Any, out: Any, axis: int, places: Any, weights: Any) -> None:
    inner = math.prod(x.shape[axis + 1 :])
    x = x.reshape(-1, x.shape[axis], inner)
    out = out.reshape(-1, out.shape[axis], inner)
    work = max(x.size, out.size)
    args = (x, out, places, weights.astype(x.dtype, copy=False))
    step = max(1, CHUNK * len(x) // work)
    threads.run(task, len(x), step, *args, large=work >= THREADED)


@kernel(fastmath={"contract"})
def _resample(x: Any, out: Any, places: Any, weights: Any, first: int, last: int) -> None:
    for lane in range(first, last):
        for i in range(out.shape[1]):
            for j in range(out.shape[2]):
                out[lane, i, j] = x[lane, places[i, 0], j] * weights[i, 0]
            for k in range(1, places.shape[1]):
                place, weight = places[i, k], weights[i, k]
                for j in range(out.shape[2]):
                    out[lane, i, j] += x[lane, place, j] * weight


@kernel(fastmath={"contract"})
def _spread(out: Any, g: Any, places: Any, weights: Any, first: int, last: int) -> None:
    for lane in range(first, last):
        for i in range(g.shape[1]):
            for k in range(places.shape[1]):
                place, weight = places[i, k], weights[i, k]
                for j in range(g.shape[2]):
                    out[lane, place, j] += g[lane, i, j] * weight
