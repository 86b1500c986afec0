"""Puts functions onto `Tensor` as methods and operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..core.tensor import Tensor

F = TypeVar("F", bound=Callable[..., Any])


def method(*names: str) -> Callable[[F], F]:
    """Attach a function to `Tensor` under these names (its own if none are given).

    The tensor is the function's first argument. Operators are methods too:
    ``@method("add", "__add__")``.
    """

    def attach(function: F) -> F:
        for name in names or (function.__name__,):
            inherited = name.startswith("__") and getattr(object, name, None) is not None
            if name in Tensor.__dict__ and not inherited:
                raise TypeError(f"Tensor has a method {name!r} already")
            setattr(Tensor, name, function)
        return function

    return attach
