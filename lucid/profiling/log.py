"""What is written down while a profile runs: one tuple for each thing that has ended.

Nothing is worked out on the spot. A tuple of numbers and names costs the program some 0.5 us,
and keeps no array alive.
"""

from __future__ import annotations

from typing import Any, NamedTuple

OP, RULE, STEP, MODULE, KERNEL = range(5)  # a forward, a gradient rule, `Optimizer.step`, ...


class Entry(NamedTuple):
    """What the places of such a tuple mean; written down are bare tuples, which cost less.

    Attributes
    ----------
    kind : int
        `OP`, `RULE`, `STEP`, `MODULE` or `KERNEL`.
    name : str
        Of the primitive, the optimizer, the module's class, the kernel.
    start, end : int
        Nanoseconds on the clock of `time.perf_counter_ns`.
    path : str
        Of the innermost module that was running; of a `MODULE` its own. Empty outside of all.
    mark : int or tuple
        Of an `OP` a tick of the tape's clock, older than its node and younger than all earlier
        ones; of a `RULE` the tick of its node; of a `MODULE` those at its start and its end. By
        these a rule finds what it belongs to. Of a `STEP` 1 if it was given a closure.
    nbytes : int
        In the arrays that it returned.
    arrays : tuple or None
        Shape and dtype of each input; None stands for one that is no array. Of a `RULE` None
        where its op tells.
    """

    kind: int
    name: str
    start: int
    end: int
    path: str
    mark: Any
    nbytes: int
    arrays: tuple[tuple[tuple[int, ...], Any] | None, ...] | None


class Log:
    """What was written down, and where the program is.

    Attributes
    ----------
    entries : list of tuple
        As `Entry` says, in the order in which they ended.
    module : list
        Path and module of the innermost module that runs: ``["", None]`` outside of all.
    thread : int
        The one thread that is watched.
    """

    __slots__ = ("entries", "module", "thread")

    def __init__(self, thread: int) -> None:
        self.entries: list[Any] = []
        self.module: list[Any] = ["", None]
        self.thread = thread
