"""Reads arguments that are single numbers: sizes, counts, steps, widths.

>>> integer("chunk", "chunks", 3)
3
"""

from __future__ import annotations

from typing import Any

from ..errors import DTypeError, compose


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
