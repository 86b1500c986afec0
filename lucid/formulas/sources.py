"""The source of an op: its forward, its rules, and the kernels that these call."""

from __future__ import annotations

import inspect
import os
import textwrap
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from ..core.primitive import Primitive
from ..kernels.jit import Kernel
from .callers import curve_of

MACHINERY = {"jit", "threads", "buffers", "blas"}  # files of kernels that compute nothing
MOST = 6  # kernels that are shown


class Source(NamedTuple):
    """A piece of source.

    Attributes
    ----------
    role : str
        What it is to the op: "forward", "recorder", "rule", "fused rule" or "kernel"; for a
        loss also "rho", "psi" and "weight".
    file : str
        Path from the folder that Lucid stands in.
    line : int
        Where it begins.
    text : str
        The source itself, without indentation.
    """

    role: str
    file: str
    line: int
    text: str


def sources(prim: Primitive) -> list[Source]:
    """All that runs for an op, in the order in which it is declared.

    Examples
    --------
    >>> from lucid.core.primitive import REGISTRY
    >>> [source.role for source in sources(REGISTRY["tanh"])][:3]
    ['forward', 'rule', 'fused rule']
    """
    parts = [
        ("forward", prim.forward),
        ("recorder", prim.recorder),
        ("rule", prim.vjp),
        ("fused rule", prim.fused_vjp),
    ]
    curve = curve_of(prim)
    if curve is not None:
        parts += [("rho", curve.rho), ("psi", curve.psi), ("weight", curve.weight)]
    found = [source(role, function) for role, function in parts if function is not None]
    found += [source("kernel", function) for function in kernels(prim)]
    return [each for each in found if each is not None]


def source(role: str, function: Callable[..., Any]) -> Source | None:
    """The source of a function; None where it cannot be read."""
    function = inspect.unwrap(function)
    try:
        lines, line = inspect.getsourcelines(function)
        file = inspect.getsourcefile(function) or ""
    except (OSError, TypeError):
        return None
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if file.startswith(root + os.sep):
        file = os.path.relpath(file, root).replace(os.sep, "/")
    return Source(role, file, line, textwrap.dedent("".join(lines)).rstrip())


def kernels(prim: Primitive) -> list[FunctionType]:
    """The functions of `lucid.kernels` that an op calls, each before the loops beneath it."""
    found: dict[int, FunctionType] = {}
    waiting: list[Any] = [prim.fused_vjp, prim.recorder, prim.forward]
    curve = curve_of(prim)
    if curve is not None:
        waiting += _functions(curve.fused)
    seen: set[int] = set()
    while waiting and len(found) < MOST:
        function = waiting.pop()
        if not isinstance(function, FunctionType) or id(function) in seen:
            continue
        seen.add(id(function))
        if is_kernel(function):
            found[id(function)] = function
        waiting += [called for called in _called(function) if _is_own(called, function)][::-1]
    return list(found.values())


def is_kernel(function: Any) -> bool:
    """Whether a function is one of the kernels, and not of their machinery."""
    rooms = getattr(function, "__module__", "").split(".")
    return rooms[:2] == ["lucid", "kernels"] and rooms[-1] not in MACHINERY


def _is_own(called: Any, function: FunctionType) -> bool:
    """Kernels, and what stands in the file of the caller."""
    return is_kernel(called) or (
        getattr(called, "__module__", None) == function.__module__ and not is_kernel(function)
    )


def _called(function: FunctionType) -> Iterator[Any]:
    """The functions that the code of a function names, by themselves or in a module."""
    names = function.__code__.co_names
    scope = function.__globals__
    for name in names:
        value = scope.get(name)
        if isinstance(value, ModuleType) and value.__name__.startswith("lucid.kernels"):
            for inner in names:
                yield from _functions(vars(value).get(inner))
        else:
            yield from _functions(value)


def _functions(value: Any) -> Iterator[Any]:
    """A function, the loop of a kernel, or those that an object of the kernels holds."""
    if isinstance(value, FunctionType):
        yield inspect.unwrap(value)
    elif isinstance(value, Kernel):
        yield value.function
        for bound in value._bindings.values():
            yield from _functions(bound)
    elif is_kernel(type(value)):
        for name in getattr(type(value), "__slots__", ()):
            yield from _functions(getattr(value, name, None))
