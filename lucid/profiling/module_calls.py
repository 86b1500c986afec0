"""Timing modules, and knowing at any time which one runs.

`Module.__call__` is exchanged while a profile runs. Hooks on the modules would show the same
calls, but a container runs hooked layers one by one that it otherwise runs as one op: a profile
has to show the program as it is.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident
from time import perf_counter_ns
from typing import Any

from ..core.versions import tick
from ..nn.module import Module
from .log import MODULE, Log
from .swapping import swapped


@contextmanager
def timed(log: Log, model: Module | None) -> Iterator[None]:
    """Within the ``with`` block, in this thread, write down every call of a module."""
    call = Module.__call__
    write, clock, running = log.entries.append, perf_counter_ns, log.module
    paths = Paths(model)

    def timed_call(self: Module, *args: Any, **kwargs: Any) -> Any:
        if get_ident() != log.thread:
            return call(self, *args, **kwargs)
        outer_path, outer = running
        running[0] = path = paths.of(self, outer_path, outer)
        running[1] = self
        first, start = tick(), clock()
        try:
            return call(self, *args, **kwargs)
        finally:
            end = clock()
            write((MODULE, type(self).__name__, start, end, path, (first, tick()), 0, None))
            running[0], running[1] = outer_path, outer

    with swapped(Module, "__call__", timed_call):
        yield


class Paths:
    """The paths of modules, found out at their first call.

    A path begins with the class of the outermost module, ``"Net.encoder.0"``. Outermost
    modules of one class that have parameters are told apart: ``"Net"``, ``"Net#2"``.

    Parameters
    ----------
    model : Module, optional
        Its submodules go by their paths in it even where they are called on their own.

    Examples
    --------
    >>> from lucid import nn
    >>> model, paths = nn.Sequential(nn.Linear(2, 2), nn.Tanh()), Paths(None)
    >>> paths.of(model, "", None), paths.of(model[1], "Sequential", model)
    ('Sequential', 'Sequential.1')
    >>> paths.of(nn.Tanh(), "Sequential", model), paths.of(nn.Sequential(nn.Tanh()), "", None)
    ('Sequential.<Tanh>', 'Sequential#2')
    """

    __slots__ = ("_counts", "_known")

    def __init__(self, model: Module | None) -> None:
        self._known: dict[int, tuple[weakref.ref[Module], str]] = {}
        self._counts: dict[str, int] = {}
        if model is not None:
            name = self._outermost(model)
            for path, module in model.named_modules(prefix=name):
                self._keep(module, path)

    def of(self, module: Module, outer_path: str, outer: Module | None) -> str:
        """The path of a module that another one calls, or none."""
        known = self._known.get(id(module))
        if known is not None and known[0]() is module:  # no other at the address of a dead one
            return known[1]
        if outer is None:
            path = self._outermost(module)
        else:
            within = outer.named_modules(prefix=outer_path)
            stray = f"{outer_path}.<{type(module).__name__}>"
            path = next((name for name, owned in within if owned is module), stray)
        return self._keep(module, path)

    def _keep(self, module: Module, path: str) -> str:
        self._known[id(module)] = weakref.ref(module), path
        return path

    def _outermost(self, module: Module) -> str:
        name = type(module).__name__
        if not module._modules and next(module.parameters(), None) is None:
            return name  # a loss or the like, which many programs make anew for each use
        count = self._counts[name] = self._counts.get(name, 0) + 1
        return name if count == 1 else f"{name}#{count}"
