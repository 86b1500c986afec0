"""Slopes of sampled functions, by finite differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.tensor import Tensor
from ..errors import ArgumentError, ShapeError, compose
from .arithmetic import div, sub
from .axes import normal_axes
from .gathering import narrow
from .joining import cat
from .promotion import floating


def gradient(
    input: Tensor, *, spacing: Any = 1, dim: Any = None, edge_order: int = 1, axis: Any = None
) -> tuple[Tensor, ...]:
    r"""The slopes of a function in some directions, from samples on a grid.

    Inside, central differences of second order; for even spacing
    :math:`\frac{f(x + h) - f(x - h)}{2 h}`. At the two edges, differences to one side.

    Parameters
    ----------
    input : Tensor
        The values of the function. Integers are taken to the default floating dtype.
    spacing : number, or sequence of numbers or of Tensor, default 1
        The distance between samples, in all directions or in each; or in each direction where
        the samples were taken.
    dim : int or sequence of int, optional
        The directions; all by default. Also spelled `axis`.
    edge_order : {1, 2}, default 1
        The order of accuracy at the edges.

    Returns
    -------
    tuple of Tensor
        The slopes in each direction, of the shape of `input`.

    Raises
    ------
    ArgumentError
        If `edge_order` is neither 1 nor 2, or `spacing` is not as long as `dim`.
    ShapeError
        If there are fewer than ``edge_order + 1`` samples in a direction.
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.gradient(lucid.tensor([1.0, 2.0, 4.0, 7.0]))
    (Tensor([1.0000, 1.5000, 2.5000, 3.0000]),)
    """
    where = dim if axis is None else axis
    named = [where] if isinstance(where, int) else where
    normal_axes("gradient", named, input)
    everywhere = range(input.ndim)
    directions = list(everywhere) if named is None else [everywhere[i] for i in named]
    if edge_order not in (1, 2):
        raise ArgumentError(compose("gradient", f"edge_order must be 1 or 2, not {edge_order!r}"))
    for i in directions:
        if input.shape[i] <= edge_order:
            problem = f"dimension {i} needs at least {edge_order + 1} samples"
            raise ShapeError(compose("gradient", problem, {"input": input}))
    values = floating(input, "gradient")
    steps = _steps(spacing, directions, input)
    return tuple(
        _uneven(values, i, step, edge_order)
        if isinstance(step, Tensor)
        else _even(values, i, step, edge_order)
        for i, step in zip(directions, steps, strict=True)
    )


def _steps(spacing: Any, directions: Sequence[int], input: Tensor) -> list[Any]:
    """For every direction a distance, or a vector of coordinates."""
    if isinstance(spacing, Tensor) and not spacing.ndim:
        spacing = spacing.item()
    if isinstance(spacing, int | float | complex):
        return [spacing] * len(directions)
    steps = list(spacing) if isinstance(spacing, tuple | list) else [spacing]
    if len(steps) != len(directions):
        problem = f"spacing must have one element for each of {len(directions)} directions"
        raise ArgumentError(compose("gradient", problem, {"spacing": spacing}))
    for i, step in zip(directions, steps, strict=True):
        if isinstance(step, Tensor) and step.shape != (input.shape[i],):
            problem = f"the coordinates must be a vector of {input.shape[i]}, the length of dim {i}"
            raise ShapeError(compose("gradient", problem, {"coordinates": step, "input": input}))
    return steps


def _at(x: Any, i: int, start: int, length: int = 1) -> Any:
    """A stretch of samples in one direction, counted from the end if negative."""
    return narrow(x, i, start % x.shape[i], length)


def _even(x: Any, i: int, h: Any, edge_order: int) -> Any:
    """Slopes of samples at equal distances."""
    inside = div(sub(_at(x, i, 2, x.shape[i] - 2), _at(x, i, 0, x.shape[i] - 2)), 2 * h)
    if edge_order == 1:
        first, last = (div(sub(_at(x, i, a), _at(x, i, a - 1)), h) for a in (1, -1))
    else:
        first = (_at(x, i, 0) * -1.5 + _at(x, i, 1) * 2 - _at(x, i, 2) * 0.5) / h
        last = (_at(x, i, -1) * 1.5 - _at(x, i, -2) * 2 + _at(x, i, -3) * 0.5) / h
    return cat([first, inside, last], i)


def _uneven(x: Any, i: int, points: Tensor, edge_order: int) -> Any:
    """Slopes of samples at given coordinates: those of the parabola through three of them."""
    count, shape = x.shape[i], (-1, *(1,) * (x.ndim - 1 - i))
    coordinates = floating(points, "gradient")
    gaps = sub(narrow(coordinates, 0, 1, count - 1), narrow(coordinates, 0, 0, count - 1))
    gaps = gaps.reshape(shape)
    along = i - x.ndim  # the gaps have only the dimensions from this one on
    rises = sub(_at(x, i, 1, count - 1), _at(x, i, 0, count - 1)) / gaps
    before, after = (narrow(gaps, along, start, count - 2) for start in (0, 1))
    low, high = (narrow(rises, i, start, count - 2) for start in (0, 1))
    inside = (low * after + high * before) / (before + after)
    first, last = _at(rises, i, 0), _at(rises, i, -1)
    if edge_order == 2:
        first, last = _outer(rises, gaps, i, along, 0, 1), _outer(rises, gaps, i, along, -1, -2)
    return cat([first, inside, last], i)


def _outer(rises: Any, gaps: Any, i: int, along: int, edge: int, next_: int) -> Any:
    """The slope at an edge, of the parabola through the three samples there."""
    near, far = (_at(rises, i, place) for place in (edge, next_))
    h, k = (_at(gaps, gaps.ndim + along, place) for place in (edge, next_))
    return near + (near - far) * h / (h + k)
