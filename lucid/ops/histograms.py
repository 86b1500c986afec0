"""Histograms: how many elements fall into each of several bins, in one direction or in many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from ..samples import Draw, Sample
from .bind import method
from .out import into
from .promotion import kind_of
from .shape import reshape


class Histogram(NamedTuple):
    """What falls into the bins, and their edges: one vector, or one for each direction."""

    hist: Any
    bin_edges: Any


# ---- edges ----------------------------------------------------------------------------


def _edge_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(5), bins=3, limits=None),
        draw.sample(draw(5), bins=2, limits=(-1.0, 1.0)),
        draw.sample(draw(0), bins=2, limits=None),
    ]


@primitive("bin_edges", samples=_edge_samples)
def _bin_edges(x: Any, *, bins: int, limits: tuple[float, float] | None) -> Any:
    if limits is None:
        limits = (x.min(), x.max()) if x.size else (0.0, 1.0)
    low, high = (float(limit) for limit in limits)
    if not np.isfinite([low, high]).all():
        problem = f"the range from {low} to {high} is not finite"
        raise ArgumentError(compose("histogram", problem, fix="give range=, or leave out NaN"))
    if low == high:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, bins + 1).astype(x.dtype)


def _edges(caller: str, x: Tensor, bins: Any, limits: Any) -> Any:
    """The edges of the bins in one direction: as given, or at equal distances."""
    if isinstance(bins, Tensor):
        if bins.ndim != 1 or not bins.shape[0] or bins.dtype != x.dtype:
            problem = f"the edges must be a vector of {x.dtype}"
            raise ShapeError(compose(caller, problem, {"bins": bins}))
        return bins.detach()
    if isinstance(bins, bool) or not hasattr(bins, "__index__"):
        problem = "bins must be a number of bins, or a tensor of their edges"
        raise DTypeError(compose(caller, problem, {"bins": bins}))
    if bins.__index__() < 1:
        raise ArgumentError(compose(caller, "there must be at least one bin", {"bins": bins}))
    if limits is not None:
        if len(limits) != 2 or limits[0] > limits[1]:
            problem = "range must be (least, largest) in every direction"
            raise ArgumentError(compose(caller, problem, {"range": limits}))
        limits = (float(limits[0]), float(limits[1]))
    return apply(_bin_edges, x, bins=bins.__index__(), limits=limits)


# ---- counting -------------------------------------------------------------------------


def _samples(draw: Draw) -> list[Sample]:
    edges = np.linspace(-1.0, 1.0, 4).astype(draw.dtype)
    return [
        draw.sample(draw(9, 1), None, edges, density=False),
        draw.sample(draw(9, 2), draw.positive(9), edges, edges[:3], density=True),
        draw.sample(draw(0, 1), None, edges, density=False),
    ]


@primitive("histogramdd", samples=_samples)
def _histogramdd(points: Any, weight: Any, *edges: Any, density: bool) -> Any:
    shape = tuple(len(e) - 1 for e in edges)
    inside = np.ones(len(points), np.bool_)
    place = np.zeros(len(points), np.intp)
    for column, e in zip(points.T, edges, strict=True):
        bin_ = np.searchsorted(e, column, side="right") - 1
        bin_ = np.where(column == e[-1], len(e) - 2, bin_)  # the last bin has both its edges
        inside &= (bin_ >= 0) & (bin_ < len(e) - 1) & (column == column)
        place = place * (len(e) - 1) + bin_
    counted = None if weight is None else weight[inside]
    counts = np.bincount(place[inside], counted, int(np.prod(shape))).reshape(shape)
    if density:
        counts = counts / counts.sum()
        for i, e in enumerate(edges):
            widths = np.diff(e.astype(np.float64))
            counts = counts / widths.reshape((-1, *(1,) * (len(edges) - 1 - i)))
    return counts.astype(points.dtype)


def _counts(
    caller: str, points: Tensor, weight: Tensor | None, edges: Sequence[Any], density: bool
) -> Any:
    if weight is not None:
        if weight.numel() != points.shape[0]:
            problem = f"weight must have one element for each of the {points.shape[0]} points"
            raise ShapeError(compose(caller, problem, {"weight": weight}))
        if weight.dtype != points.dtype:
            problem = "weight must have the dtype of the input"
            raise DTypeError(compose(caller, problem, {"input": points, "weight": weight}))
        weight = reshape(weight.detach(), (-1,))
    return apply(_histogramdd, points, weight, *edges, density=density)


def _real(caller: str, input: Tensor) -> None:
    if kind_of(caller, input) != "f":
        problem = "takes floating tensors"
        raise DTypeError(compose(caller, problem, {"input": input}, "input.to(lucid.float32)"))


@method("histogram")
def histogram(
    input: Tensor,
    bins: Any,
    *,
    range: Any = None,
    weight: Tensor | None = None,
    density: bool = False,
    out: Any = None,
) -> Histogram:
    """How many elements fall into each bin.

    A bin has its lower edge, and the last one its upper edge as well. NaN, and what lies beyond
    all bins, counts nowhere.

    Parameters
    ----------
    input : Tensor
        Floating.
    bins : int or Tensor
        The number of bins of equal width; or the edges of the bins, ascending.
    range : pair of float, optional
        The first edge and the last; by default the least and the largest element.
    weight : Tensor, optional
        What each element counts for, instead of 1.
    density : bool, default False
        Divide by the widths of the bins and the total, so that the integral is 1.
    out : pair of Tensor, optional
        Where the results are written (see `lucid.ops.out`).

    Returns
    -------
    hist : Tensor
        Of the dtype of `input`, and constant to differentiation.
    bin_edges : Tensor
        One more than there are bins.

    Raises
    ------
    ArgumentError
        If there is no bin, or the range is descending or not finite.
    ShapeError
        If `weight` does not fit, or the edges are no vector.
    DTypeError
        If `input` is not floating, or `weight` of another dtype.

    Examples
    --------
    >>> import lucid
    >>> lucid.histogram(lucid.tensor([1.0, 2.0, 1.0]), bins=2, range=(0.0, 2.0)).hist
    Tensor([0.0000, 3.0000])
    """
    if out is not None:
        return into(histogram, locals())
    _real("histogram", input)
    column = reshape(input.detach(), (-1, 1))
    edges = _edges("histogram", column[:, 0], bins, range)
    return Histogram(_counts("histogram", column, weight, [edges], density), edges)


def histogramdd(
    input: Tensor,
    bins: Any,
    *,
    range: Any = None,
    weight: Tensor | None = None,
    density: bool = False,
) -> Histogram:
    """How many points fall into each bin of a grid.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., D)``, floating: points with `D` coordinates.
    bins : int, or sequence of int or of Tensor
        The number of bins in every direction or in each; or the edges in each, ascending.
    range : sequence of float, optional
        The first edge and the last in each direction, one after the other, `2 D` numbers; by
        default the least and the largest coordinate.
    weight : Tensor, optional
        Shape ``(...)``: what each point counts for, instead of 1.
    density : bool, default False
        Divide by the volumes of the bins and the total, so that the integral is 1.

    Returns
    -------
    hist : Tensor
        With `D` dimensions, of the dtype of `input`, and constant to differentiation.
    bin_edges : tuple of Tensor
        For every direction one more than there are bins.

    Raises
    ------
    ArgumentError
        If `bins` or `range` are not as long as there are coordinates, there is no bin, or a
        range is descending or not finite.
    ShapeError
        If `input` has fewer than two dimensions, or `weight` does not fit.
    DTypeError
        If `input` is not floating, or `weight` of another dtype.

    Examples
    --------
    >>> import lucid
    >>> points = lucid.tensor([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> lucid.histogramdd(points, bins=2).hist
    Tensor([[0.0000, 1.0000],
            [1.0000, 1.0000]])
    """
    _real("histogramdd", input)
    if input.ndim < 2:
        problem = "takes points, shape (..., D)"
        raise ShapeError(compose("histogramdd", problem, {"input": input}))
    count = input.shape[-1]
    wanted = list(bins) if isinstance(bins, tuple | list) else [bins] * count
    limits = None if range is None else list(range)
    if len(wanted) != count or (limits is not None and len(limits) != 2 * count):
        problem = f"for {count} coordinates, bins must have {count} elements and range {2 * count}"
        raise ArgumentError(compose("histogramdd", problem, {"bins": bins, "range": range}))
    points = reshape(input.detach(), (-1, count))
    edges = tuple(
        _edges(
            "histogramdd", points[:, i], own, None if limits is None else limits[2 * i : 2 * i + 2]
        )
        for i, own in enumerate(wanted)
    )
    return Histogram(_counts("histogramdd", points, weight, edges, density), edges)
