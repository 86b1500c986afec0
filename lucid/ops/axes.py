"""Reads the dimension arguments of reductions: PyTorch's `dim` or NumPy's `axis`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import ArgumentError, DTypeError, IndexingError, compose, not_a_tensor

Axes = int | Sequence[int] | None


def one_spelling(where: str, dim: Any, axis: Any, names: str = "dim axis") -> Any:
    """The one of two spellings that was given.

    Raises
    ------
    ArgumentError
        If both were.
    """
    if axis is None:
        return dim
    if dim is not None:
        a, b = names.split()
        raise ArgumentError(compose(where, f"{a}= and {b}= mean the same; give one of them"))
    return axis


def ndim_of(where: str, input: Any, name: str = "input") -> int:
    """The number of dimensions of a tensor.

    Raises
    ------
    DTypeError
        If it is none.
    """
    try:
        ndim: int = input.ndim
    except AttributeError:
        raise not_a_tensor(where, input, name) from None
    return ndim


def normal_axis(where: str, axis: Any, of: Any, extra: int = 0) -> int:
    """An axis counted from the front (a 0-d tensor has axes 0 and -1, as in PyTorch).

    Parameters
    ----------
    where : str
        Name of the function, for errors.
    axis : int
    of : Tensor
        The tensor that has the axis. Given itself it is checked to be one, at no cost; its
        number of dimensions will do too.
    extra : int, default 0
        How many dimensions the result will have more.

    Raises
    ------
    IndexingError
        If there is no such axis.
    DTypeError
        If it is not an integer, or `of` is no tensor.
    """
    try:
        ndim = of.ndim + extra
    except AttributeError:
        ndim = _dimensions(where, of) + extra
    if isinstance(axis, bool) or not hasattr(axis, "__index__"):
        raise DTypeError(compose(where, "a dimension must be an integer", {"dim": axis}))
    number, count = axis.__index__(), max(ndim, 1)
    if not -count <= number < count:
        problem = f"there is no dimension {number} in a tensor of {ndim} dimensions"
        fix = f"one of {-count} to {count - 1}"
        raise IndexingError(compose(where, problem, fix=fix))
    return int(number % count)


def _dimensions(where: str, of: Any) -> int:
    """The number of dimensions where it was given as such; an error for what is no tensor."""
    if type(of) is not int:
        raise not_a_tensor(where, of)
    return of


def normal_axes(where: str, axes: Any, of: Any) -> tuple[int, ...]:
    """Axes counted from the front, sorted; None means all, and so does an empty sequence.

    Parameters
    ----------
    where : str
        Name of the function, for errors.
    axes : int, sequence of int or None
    of : Tensor
        The tensor that has the axes, or its number of dimensions (as for `normal_axis`).

    Raises
    ------
    ArgumentError
        If one is named twice.
    DTypeError
        If `of` is no tensor.
    """
    try:
        ndim = of.ndim
    except AttributeError:
        ndim = _dimensions(where, of)
    if type(axes) is int and -ndim <= axes < ndim:  # the common case
        return (axes + ndim if axes < 0 else axes,)
    named = axes if isinstance(axes, tuple | list) else (axes,)
    if axes is None or not named:
        return tuple(range(ndim))
    result = tuple(sorted(normal_axis(where, axis, of) for axis in named))
    if len(set(result)) != len(result):
        raise ArgumentError(compose(where, "a dimension is named twice", {"dim": axes}))
    return result if ndim else ()
