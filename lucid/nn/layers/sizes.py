"""Checks of the numbers that layers are made with."""

from __future__ import annotations

from typing import Any

from ...errors import ArgumentError, DTypeError, compose


def whole(where: str, name: str, value: Any, least: int = 0) -> int:
    """A size as an int.

    Raises
    ------
    DTypeError
        If it is not an integer.
    ArgumentError
        If it is below `least`.

    Examples
    --------
    >>> whole("Linear", "in_features", 2.5)
    Traceback (most recent call last):
    lucid.errors.DTypeError: Linear: in_features must be an integer
      in_features: 2.5
    """
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise DTypeError(compose(where, f"{name} must be an integer", {name: value}))
    number = int(value.__index__())
    if number < least:
        problem = f"{name} must be at least {least}"
        raise ArgumentError(compose(where, problem, {name: number}))
    return number


def tuple_of(where: str, name: str, value: Any, count: int) -> tuple[int, ...]:
    """One integer for all of `count` places, or a sequence of one for each.

    Raises
    ------
    DTypeError
        If there is something else than integers.
    ArgumentError
        If there are more or fewer.

    Examples
    --------
    >>> tuple_of("ZeroPad1d", "padding", 3, 2)
    (3, 3)
    """
    if hasattr(value, "__index__") and not isinstance(value, bool):
        return (int(value.__index__()),) * count
    try:
        numbers = tuple(n.__index__() for n in value)
    except (TypeError, AttributeError):
        problem = f"{name} must be an integer or a sequence of {count}"
        raise DTypeError(compose(where, problem, {name: value})) from None
    if len(numbers) != count:
        problem = f"{name} must be one integer, or {count} of them"
        raise ArgumentError(compose(where, problem, {name: value}))
    return numbers
