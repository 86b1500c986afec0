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
