"""Reads arguments that are single numbers: sizes, counts, steps, widths.

>>> integer("chunk", "chunks", 3)
3
"""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentError, DTypeError, compose


def integer(where: str, name: str, value: Any) -> int:
    """An integer as Python has it, from whatever counts as one.

    Parameters
    ----------
    where, name : str
        Names of the function and the argument, for the error.
    value : int, or an integer tensor with one element

    Raises
    ------
    DTypeError
        If it is no integer.
    """
    if type(value) is int:
        return value
    try:
        if not isinstance(value, bool):
            return int(value.__index__())
    except (AttributeError, TypeError):
        pass
    raise DTypeError(compose(where, f"{name} must be an integer", {name: value}))


def integers(where: str, name: str, value: Any, count: int) -> tuple[int, ...]:
    """One integer for all of `count` places, or a sequence of one for each.

    Parameters
    ----------
    where, name : str
        Names of the function and the argument, for the error.
    value : int or sequence of int
    count : int

    Raises
    ------
    DTypeError
        If there is something else than integers.
    ArgumentError
        If there are more or fewer.

    Examples
    --------
    >>> integers("ZeroPad1d", "padding", 3, 2)
    (3, 3)
    """
    if type(value) is int:
        return (value,) * count
    try:
        if hasattr(value, "__index__"):
            return (integer(where, name, value),) * count
        numbers = tuple(integer(where, name, number) for number in value)
    except TypeError:
        problem = f"{name} must be an integer or a sequence of {count}"
        raise DTypeError(compose(where, problem, {name: value})) from None
    if len(numbers) == 1:
        return numbers * count
    if len(numbers) != count:
        problem = f"{name} must be one integer, or {count} of them"
        raise ArgumentError(compose(where, problem, {name: value}))
    return numbers


def real_number(where: str, name: str, value: Any) -> float:
    """A real number as Python has it.

    Parameters
    ----------
    where, name : str
        Names of the function and the argument, for the error.
    value : number, or a tensor with one element

    Raises
    ------
    DTypeError
        If it is none.
    """
    try:
        if not isinstance(value, str):
            return float(value)
    except (TypeError, ValueError):
        pass
    raise DTypeError(compose(where, f"{name} must be a real number", {name: value}))
