"""Which public functions run an op, found in their code."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from ..core.primitive import Primitive
from ..core.tensor import Tensor

PAGES = (  # where functions have their public names, the shorter first
    "lucid",
    "lucid.linalg",
    "lucid.fft",
    "lucid.special",
    "lucid.signal.windows",
    "lucid.nn.functional",
)
ROOMS = ("lucid.ops.", "lucid.nn.losses.")  # where ops are declared
ROOMS_THEMSELVES = {room.rstrip(".") for room in ROOMS}


class Callers:
    """The functions of all modules that are loaded, by what they call.

    Attributes
    ----------
    public : dict of int to str
        The public name of a function or class, by its id.
    """

    def __init__(self) -> None:
        self.public = dict(_public())
        self._callers: dict[int, list[Any]] = {}
        for module in _modules():
            for name, value in vars(module).items():
                own = getattr(value, "__module__", None) == module.__name__
                if own and isinstance(value, FunctionType) and name != "_":
                    for called in _named(value):
                        self._callers.setdefault(id(called), []).append(value)

    def of(self, prim: Primitive) -> list[Any]:
        """The public functions that run an op, the one that goes by its name first.

        Those that run it through another public function are left out.
        """
        beside = getattr(sys.modules.get(prim.module), prim.name, None)
        found: list[Any] = [beside] if id(beside) in self.public else []
        seen: set[int] = set()
        level: list[Any] = [prim, *_owners(prim)]
        while level:
            above = [caller for each in level for caller in self._callers.get(id(each), ())]
            above = list(
                {id(caller): caller for caller in above if id(caller) not in seen}.values()
            )
            seen.update(map(id, above))
            found += [caller for caller in above if id(caller) in self.public]
            inner = [caller for caller in above if id(caller) not in self.public]
            level = [caller for caller in inner if _near(caller.__module__, prim.module)]
        found += [each for each in _declared_beside(prim) if id(each) in self.public]
        found = list({id(each): each for each in found}.values())
        return sorted(found, key=lambda each: not each.__name__.startswith(prim.name))


def _public() -> Iterator[tuple[int, str]]:
    """Ids and names of what the public pages offer; the best name of each comes last."""
    for name, value in vars(Tensor).items():
        if isinstance(value, FunctionType) and not name.startswith("_"):
            yield id(value), f"lucid.Tensor.{name}"
    for own in (False, True):  # a function's own name before its other ones
        for page in reversed(PAGES):
            for name, value in vars(importlib.import_module(page)).items():
                home = getattr(value, "__module__", None) or ""
                function = isinstance(value, FunctionType) and home.startswith("lucid.")
                if function and not name.startswith("_") and own == (name == value.__name__):
                    yield id(value), f"{page}.{name}"
    for name, value in vars(importlib.import_module("lucid.nn")).items():
        if inspect.isclass(value) and value.__module__.startswith("lucid.nn.losses"):
            yield id(value), f"lucid.nn.{name}"


def _near(module: str, other: str) -> bool:
    """Whether one file builds on the other: it is the same, or of the same family of files."""
    package = other.rpartition(".")[0]
    return module == other or (package not in ROOMS_THEMSELVES and module.startswith(package))


def _modules() -> list[ModuleType]:
    return [module for name, module in list(sys.modules.items()) if name.startswith(ROOMS)]


def _named(function: FunctionType) -> Iterator[Any]:
    """The globals that the code of a function names, that of its inner functions included."""
    for code in _codes(function.__code__):
        for name in code.co_names:
            value = function.__globals__.get(name)
            if value is not None:
                yield value


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes(inner)


def curve_of(prim: Primitive) -> Any:
    """The curve that declared the op of a loss; None for any other op."""
    cells = getattr(prim.forward, "__closure__", None) or ()
    for cell in cells:
        if hasattr(cell.cell_contents, "rho") and hasattr(cell.cell_contents, "psi"):
            return cell.cell_contents
    return None


def _owners(prim: Primitive) -> list[Any]:
    curve = curve_of(prim)
    return [] if curve is None else [curve]


def _declared_beside(prim: Primitive) -> list[Callable[..., Any]]:
    """The class of a loss, which stands in the file of its curve."""
    curve = curve_of(prim)
    if curve is None:
        return []
    file = curve.rho.__module__
    things = vars(sys.modules[file]).values()
    return [each for each in things if inspect.isclass(each) and each.__module__ == file]
