"""Integrals of sampled functions, by the rule of trapezoids."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from .arithmetic import add, mul, sub
from .axes import normal_axis
from .gathering import narrow
from .promotion import floating
from .reduction import sum
from .scan import cumsum


def trapezoid(
    y: Tensor,
    x: Any = None,
    *,
    dx: float | None = None,
    dim: int = -1,
    axis: int | None = None,
) -> Tensor:
    r"""The integral of samples, :math:`\sum_i \frac{y_{i-1} + y_i}{2} (x_i - x_{i-1})`.

    Parameters
    ----------
    y : Tensor
        The values of a function. Integers are taken to the default floating dtype.
    x : Tensor, optional
        Where they were taken: a vector, or of a shape that broadcasts against `y`.
    dx : float, default 1
        The distance between them, where no `x` is given.
    dim : int, default -1
        The dimension to integrate along. Also spelled `axis`.

    Returns
    -------
    Tensor
        Without that dimension.

    Raises
    ------
    ArgumentError
        If both `x` and `dx` are given.
    ShapeError
        If `x` has not one element for each sample.
    IndexingError
        If there is no such dimension.
    DTypeError
        If `y` or `x` is bool.

    Examples
    --------
    >>> import lucid
    >>> lucid.trapezoid(lucid.tensor([1.0, 2.0, 3.0]), dx=2)
    Tensor(8.0000)
    """
    areas, along = _areas("trapezoid", y, x, dx, dim if axis is None else axis)
    return sum(areas, along)


trapz = trapezoid


def cumulative_trapezoid(
    y: Tensor,
    x: Any = None,
    *,
    dx: float | None = None,
    dim: int = -1,
    axis: int | None = None,
) -> Tensor:
    """The integrals of samples from the first up to the second, the third, and so on.

    Parameters
    ----------
    y : Tensor
        As for `trapezoid`.
    x : Tensor, optional
    dx : float, default 1
    dim : int, default -1
        The dimension to integrate along. Also spelled `axis`.

    Returns
    -------
    Tensor
        One shorter along that dimension.

    Raises
    ------
    ArgumentError
        If both `x` and `dx` are given.
    ShapeError
        If `x` has not one element for each sample.

    Examples
    --------
    >>> import lucid
    >>> lucid.cumulative_trapezoid(lucid.tensor([1.0, 2.0, 3.0]))
    Tensor([1.5000, 4.0000])
    """
    areas, along = _areas("cumulative_trapezoid", y, x, dx, dim if axis is None else axis)
    return cumsum(areas, along)


def _areas(caller: str, y: Tensor, x: Any, dx: Any, dim: int) -> tuple[Any, int]:
    """The areas of the trapezoids, and the dimension along which they lie."""
    for name, given in (("y", y), ("x", x)):
        if getattr(given, "dtype", None) == np.bool_:
            raise DTypeError(compose(caller, f"{name} must not be bool", {name: given}))
    along = normal_axis(caller, dim, y) - y.ndim
    if not y.ndim:
        raise ShapeError(compose(caller, "there is no dimension to integrate along", {"y": y}))
    values = floating(y, caller)
    if not isinstance(x, Tensor):  # trapezoid(y, 0.5) would be taken for dx
        if x is not None:
            raise DTypeError(compose(caller, "x must be a tensor", {"x": x}, f"dx={x!r}"))
        return mul(_pairs(add, values, along), 0.5 if dx is None else dx / 2), along
    if dx is not None:
        raise ArgumentError(compose(caller, "x= and dx= exclude each other; give one of them"))
    points = x
    if x.ndim == 1:
        points = x.reshape((-1, *(1,) * (-1 - along)))
    if points.ndim < -along or points.shape[along] != y.shape[along]:
        problem = f"x must have one element for each of the {y.shape[along]} samples"
        raise ShapeError(compose(caller, problem, {"y": y, "x": x, "dim": dim}))
    widths = _pairs(sub, floating(points, caller), along)
    return mul(mul(_pairs(add, values, along), widths), 0.5), along


def _pairs(operation: Any, x: Any, along: int) -> Any:
    """What an operation gives of every element and the one before it."""
    count = max(0, x.shape[along] - 1)
    later = narrow(x, along, min(1, x.shape[along]), count)
    return operation(later, narrow(x, along, 0, count))
