"""Timing the Numba kernels.

Whoever calls a kernel reads its attribute `compiled`, so that attribute is exchanged while a
profile runs: on the class, where it finds every kernel, those that are compiled later too, and
costs nothing afterwards. The updates of optimizers are called by entry points that were looked
up earlier; there `Rule.choose`, which hands them out, is exchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident
from time import perf_counter_ns
from typing import Any

from ..kernels.jit import Kernel
from ..kernels.optim.rule import Rule
from .log import KERNEL, Log
from .swapping import swapped


@contextmanager
def timed(log: Log) -> Iterator[None]:
    """Within the ``with`` block, in this thread, write down every call of a kernel."""
    slot, choose, thread = vars(Kernel)["compiled"], Rule.choose, log.thread
    watched: dict[Any, Callable[..., Any]] = {}  # by kernel, or by entry point
    aside = False  # while a rule looks up what it will keep for good

    def compiled(kernel: Kernel) -> Any:
        if aside or get_ident() != thread:
            return _bare(kernel, slot)
        return watched.get(kernel) or watch(kernel, _bare(kernel, slot), kernel)

    def chosen(rule: Rule, size: int, dtype: Any) -> Any:
        nonlocal aside
        before, aside = aside, True
        try:
            run = choose(rule, size, dtype)
        finally:
            aside = before
        if get_ident() != thread or run is rule.reference or run == rule._threaded:
            return run  # those have no kernel, or read `compiled` when they are called
        return watched.get(run) or watch(run, run, rule._whole)

    def watch(key: Any, function: Any, kernel: Kernel) -> Callable[..., Any]:
        watched[key] = made = _timed(function, kernel, log)
        return made

    with (
        swapped(Kernel, "compiled", property(compiled, slot.__set__)),
        swapped(Rule, "choose", chosen),
    ):
        yield


def _bare(kernel: Kernel, slot: Any) -> Any:
    """What a kernel has under `compiled` when nobody watches."""
    try:
        return slot.__get__(kernel)
    except AttributeError:  # read for the first time; it compiles, and fills the slot
        return Kernel.__getattr__(kernel, "compiled")


def _timed(function: Any, kernel: Kernel, log: Log) -> Callable[..., Any]:
    """A compiled function that writes its calls down."""
    write, clock, name = log.entries.append, perf_counter_ns, kernel.name.lstrip("_")

    def timed(*args: Any) -> Any:
        start = clock()
        result = function(*args)
        write((KERNEL, name, start, clock(), "", 0, 0, None))
        return result

    timed.compile = getattr(function, "compile", None)  # type: ignore[attr-defined]
    return timed
