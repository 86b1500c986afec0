"""How a module prints, and how an error says in which layer it happened."""

from __future__ import annotations

from itertools import pairwise
from typing import Any


def represent(module: Any) -> str:
    """A module as the calls that make it, submodules indented by their names.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> nn.Sequential(nn.Linear(2, 1), nn.Sequential(nn.ReLU()))
    Sequential(
      (0): Linear(in_features=2, out_features=1, bias=True)
      (1): Sequential(
        (0): ReLU()
      )
    )
    """
    name, extra = type(module).__name__, module.extra_repr()
    own = extra.split("\n") if extra else []
    children = [f"({key}): {indented(repr(child))}" for key, child in module._modules.items()]
    if len(own) == 1 and not children:
        return f"{name}({own[0]})"
    return block(name, own + children)


def block(name: str, lines: list[str]) -> str:
    """``name(`` with one indented line for each entry, and ``)``."""
    if not lines:
        return f"{name}()"
    return "\n  ".join([f"{name}(", *lines]) + "\n)"


def indented(text: str) -> str:
    """Push all lines but the first two columns to the right."""
    return text.replace("\n", "\n  ")


def note_layer(module: Any, error: Exception) -> None:
    """Say in the notes of an error in which layer it happened.

    The innermost module knows only itself. Every module that the error passes on its way out
    puts its own part of the path in front.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> from lucid import Tensor
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.Linear(2, 1))
    >>> try:
    ...     model(Tensor([[1.0, 2.0]]))
    ... except ValueError as error:
    ...     print(error.__notes__[-1])
      in Sequential.1: Linear(in_features=2, out_features=1, bias=True)
    """
    trail = error.__dict__.setdefault("_lucid_trail", _Trail())
    if len(trail.modules) == DEEPEST:
        return
    trail.modules.append(module)
    notes = getattr(error, "__notes__", [])
    if trail.note in notes:
        notes.remove(trail.note)
    trail.note = trail.describe()
    error.add_note(trail.note)


DEEPEST = 32  # a module that calls itself without end must not be described without end


class _Trail:
    """The modules that an error has passed, innermost first, and the note that names them."""

    __slots__ = ("modules", "note")

    def __init__(self) -> None:
        self.modules: list[Any] = []
        self.note = ""

    def describe(self) -> str:
        inwards = self.modules[::-1]
        path = type(inwards[0]).__name__
        for outer, inner in pairwise(inwards):
            path += "." + _name_within(outer, inner)
        layer = self.modules[0]
        shown = type(layer).__name__ if layer._modules else repr(layer)
        return f"  in {path}: {shown}" if len(inwards) > 1 else f"  in {shown}"


def _name_within(outer: Any, inner: Any) -> str:
    """The path from one module to another; the class of one that is not registered."""
    names = (name for name, module in outer.named_modules() if module is inner)
    return next(names, type(inner).__name__)
