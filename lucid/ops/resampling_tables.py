"""From where along a dimension an interpolation reads, and by what weights.

Every mode of `interpolate` works on one dimension after the other, and on each is a table: for
every output a few places of the input, and their weights.
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import numpy as np

NEAR = -0.75  # the slope of the cubic kernel one element away; -0.5 where it is antialiased


class Grid(NamedTuple):
    """How a dimension is resampled.

    Attributes
    ----------
    mode : str
        nearest, nearest-exact, linear or cubic.
    length, outputs : int
        Elements before and after.
    scale : float
        What the coordinates follow from: `outputs` over `length`, or what was asked for; 0 for
        the ratio of the two.
    align_corners : bool
        Whether the outermost elements lie on each other, or the outer borders of them.
    antialias : bool
        Whether the kernel widens where elements are taken together.
    """

    mode: str
    length: int
    outputs: int
    scale: float = 0.0
    align_corners: bool = False
    antialias: bool = False


@functools.lru_cache(maxsize=256)
def table(grid: Grid) -> tuple[Any, Any]:
    """Places (int64) and weights (float64), a row for each output."""
    if grid.mode.startswith("nearest"):
        return _nearest(grid), np.ones((grid.outputs, 1))
    if grid.antialias:
        return _antialiased(grid)
    reads = _coordinates(grid)
    if grid.mode == "linear":
        reads = np.maximum(reads, 0)
        first = np.minimum(reads.astype(np.int64), grid.length - 1)
        share = np.clip(reads - first, 0, 1)
        places = np.stack([first, np.minimum(first + 1, grid.length - 1)], 1)
        return places, np.stack([1 - share, share], 1)
    first = np.floor(reads)
    places = first[:, None].astype(np.int64) + np.arange(-1, 3)
    weights = cubic((reads - first)[:, None] - np.arange(-1, 3), NEAR)
    return places.clip(0, grid.length - 1), weights


def _step(grid: Grid) -> float:
    """From one output to the next, in elements of the input."""
    if grid.align_corners:
        return (grid.length - 1) / (grid.outputs - 1) if grid.outputs > 1 else 0.0
    return 1 / grid.scale if grid.scale else grid.length / grid.outputs


def _coordinates(grid: Grid) -> Any:
    """Where in the input the outputs lie."""
    order = np.arange(grid.outputs)
    if grid.align_corners:
        return order * _step(grid)
    return (order + 0.5) * _step(grid) - 0.5


def _nearest(grid: Grid) -> Any:
    """PyTorch's places, which it computes in single precision."""
    half = np.float32(0.5 if grid.mode == "nearest-exact" else 0)
    step = np.float32(1 / grid.scale) if grid.scale else np.float32(grid.length / grid.outputs)
    places = np.floor((np.arange(grid.outputs, dtype=np.float32) + half) * step)
    return np.minimum(places.astype(np.int64), grid.length - 1)[:, None]


def cubic(distance: Any, a: float) -> Any:
    """The weight of an element at some distance, by piecewise cubics that interpolate (Keys)."""
    d = np.abs(distance)
    near = ((a + 2) * d - (a + 3)) * d * d + 1
    far = ((d - 5) * d + 8) * d * a - 4 * a
    return np.where(d <= 1, near, np.where(d < 2, far, 0.0))


def _antialiased(grid: Grid) -> tuple[Any, Any]:
    """A kernel as wide as the elements that are taken together, cut off at the ends."""
    step = _step(grid)
    stretch = max(step, 1.0)
    reach = stretch * (1 if grid.mode == "linear" else 2)
    order = np.arange(grid.outputs)
    # with corners aligned PyTorch keeps the centres of elements, too
    centre = (order + 0.5) * step
    first = np.maximum((centre - reach + 0.5).astype(np.int64), 0)
    stop = np.minimum((centre + reach + 0.5).astype(np.int64), grid.length)
    most = math.ceil(reach) * 2 + 1
    places = first[:, None] + np.arange(most)
    distance = (places + 0.5 - centre[:, None]) / stretch
    if grid.mode == "linear":
        weights = np.maximum(1 - np.abs(distance), 0)
    else:
        weights = cubic(distance, -0.5)
    weights = np.where(places < stop[:, None], weights, 0)
    return places.clip(0, grid.length - 1), weights / weights.sum(1, keepdims=True)
