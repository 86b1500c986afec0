"""Threads for the kernels: shares of fixed blocks, so that results do not depend on their number.

Kernels release the GIL, so plain Python threads run them side by side. Waking a thread that
sleeps takes tens of microseconds, as long as a kernel takes for some 100 000 elements; a
thread that has just worked therefore waits awake for a moment, within compiled code, and
starts on the next call at once.
"""

from __future__ import annotations

import atexit
import os
import threading
from time import perf_counter
from typing import Any

import numpy as np

from ..errors import ArgumentError, compose
from . import atomic
from .jit import Kernel, kernel


class _Settings:
    """How many threads the kernels use."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = _cores()


def _cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_settings = _Settings()


def get_num_threads() -> int:
    """How many threads kernels may use.

    Examples
    --------
    >>> get_num_threads() >= 1
    True
    """
    return _settings.count


def set_num_threads(count: int) -> None:
    """Set how many threads kernels and BLAS may use.

    The results of kernels do not depend on it. Those of BLAS, which computes the matrix
    products, may in their last bits where sums have thousands of terms: it divides such sums
    among its threads. A program repeated with one number of threads repeats bit by bit.

    BLAS is reached through the package threadpoolctl (part of
    the extra ``lucid[jit]``); without it only the kernels follow, and a warning says so.

    Parameters
    ----------
    count : int
        At least 1.

    Raises
    ------
    ArgumentError
        If `count` is not a positive integer.

    Examples
    --------
    >>> before = get_num_threads()
    >>> set_num_threads(1)
    >>> get_num_threads()
    1
    >>> set_num_threads(before)
    """
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        problem = f"count must be a positive integer, not {count!r}"
        raise ArgumentError(compose("set_num_threads", problem))
    _settings.count = count
    try:
        import threadpoolctl
    except ImportError:
        import warnings

        message = "set_num_threads: BLAS keeps its own threads (threadpoolctl is not installed)"
        warnings.warn(message, stacklevel=2)
    else:
        threadpoolctl.threadpool_limits(count, user_api="blas")


SHARES = 8  # for each thread: small enough that no thread waits long for another
AWAKE = 200e-6  # seconds after a call that a helper waits awake at most, times `linger`
PATIENCE = 20e-6  # seconds that the leader gives helpers to return to their waiting

# Places on a call's board; each has a cache line of its own.
CLAIMED = 0  # shares that some thread has taken
DONE = atomic.LINE  # shares that are finished
INSIDE = 2 * atomic.LINE  # helpers that are at work, or not yet waiting again
BOARD = 3 * atomic.LINE

load, add, pause = atomic.load, atomic.add, atomic.pause
task: Any = None  # the loop that `_work` is bound to


def run(
    task: Kernel, size: int, step: int, *args: Any, large: bool = True, linger: float = 1
) -> None:
    """Call ``task(*args, first, last)`` on shares of ``range(size)``, on all threads.

    Every thread, the caller's own too, takes the next share when it has done one, so that a
    thread that wakes late, or whose core is busy with something else, delays nobody. A task
    must write its results to places of its blocks' own; what is summed over blocks is summed
    afterwards, in their order.

    Parameters
    ----------
    task : Kernel
    size : int
    step : int
        The size of a block; every `first` is a multiple of it.
    *args
        Arrays, numbers or None.
    large : bool, default True
        Whether there is so much to do that waking a thread pays; else the caller's thread
        does all.
    linger : float, default 1
        How long the helpers wait awake for the next call, in lengths of this one. 0 where a
        matrix product on BLAS's own threads follows, which they would keep from the cores.
    """
    count = _settings.count
    if not large or count == 1 or size <= step or not _busy.acquire(blocking=False):
        task.compiled(*args, 0, size)
        return
    try:
        _team_of(count - 1).run(task, size, step, args, linger)
    finally:
        _busy.release()


@kernel()
def _work(bell: Any, board: Any, size: int, step: int, args: Any, most: int, patience: int) -> None:
    """Take one share after another until none is left.

    The thread that leads, which is the one with patience, calls the helpers that are awake
    first, and waits afterwards until all is done. Then it gives them a moment to return to
    their waiting, for which they need the GIL: this thread does not hold it yet, and later
    they would stand in its way, or it in theirs.
    """
    leads = patience > 0
    if leads:
        add(bell, 0, 1)
    else:
        add(board, INSIDE, 1)
    blocks = -(-size // step)
    shares = min(blocks, most)
    i = add(board, CLAIMED, 1)
    while i < shares:
        first, last = blocks * i // shares, blocks * (i + 1) // shares
        task(*args, first * step, min(last * step, size))
        add(board, DONE, 1)
        i = add(board, CLAIMED, 1)
    if leads:
        while load(board, DONE) < shares:
            pause()
        while load(board, INSIDE) > 0 and patience > 0:
            patience -= 1
            pause()


@kernel()
def _wait(bell: Any, heard: int, board: Any, spins: int) -> int:
    """Leave a call, and wait awake for the next; the number of calls so far."""
    add(board, INSIDE, -1)
    for _ in range(spins):
        if load(bell, 0) != heard:
            break
        pause()
    return load(bell, 0)


class _Team:
    """The helpers of the thread that leads, asleep or waiting awake.

    Attributes
    ----------
    bell : array
        How many calls there were. `_work` rings it, without the GIL.
    call : tuple or None
        The number of the call, the loop, its arguments, and since when the helpers may wait
        awake, or None.
    pace : float
        Rounds of waiting in a second.
    """

    __slots__ = ("alarms", "bell", "call", "closed", "loops", "pace", "threads")

    def __init__(self, helpers: int) -> None:
        self.bell = np.zeros(1, np.int64)
        self.call: tuple[int, Kernel, tuple[Any, ...], float, float] | None = None
        self.closed = False
        self.pace = _pace()
        self.loops: dict[Kernel, Kernel] = {}
        self.alarms = [threading.Event() for _ in range(helpers)]
        self.threads = [
            threading.Thread(target=self._help, args=(alarm,), name="lucid-kernel", daemon=True)
            for alarm in self.alarms
        ]
        for thread in self.threads:
            thread.start()

    def run(self, task: Kernel, size: int, step: int, args: tuple[Any, ...], linger: float) -> None:
        """One call."""
        work = self.loops.get(task)
        if work is None:
            work = self.loops[task] = _work.bind(f"{task.name}_work", task=task)
        most = (len(self.threads) + 1) * SHARES
        job = (self.bell, np.zeros(BOARD, np.int64), size, step, args, most)
        self.call = int(self.bell[0]) + 1, work, job, perf_counter(), linger
        for alarm in self.alarms:
            if not alarm.is_set():
                alarm.set()
        try:
            work(*job, int(PATIENCE * self.pace))
        finally:
            self.call = None

    def _help(self, alarm: threading.Event) -> None:
        """The life of a helper. A call that it comes too late for has no shares left."""
        board, heard, spins = np.zeros(BOARD, np.int64), 0, 0
        while not self.closed:
            calls = _wait(self.bell, heard, board, spins)
            board, spins = np.zeros(BOARD, np.int64), 0
            if calls == heard:
                alarm.clear()
                if self.bell[0] == heard and not self.closed:
                    alarm.wait()
            heard = calls
            call = self.call
            if call is not None:
                heard, work, job, start, linger = call
                work(*job, 0)
                board = job[1]
                spins = int(min(perf_counter() - start, AWAKE) * linger * self.pace)
                del call, work, job  # the arrays may be wanted by nobody else

    def close(self) -> None:
        """End the helpers; the caller is not one of them."""
        self.closed = True
        for alarm in self.alarms:
            alarm.set()
        for thread in self.threads:
            thread.join()


def _pace() -> float:
    """Rounds of waiting in a second."""
    bell, board, rounds = np.zeros(1, np.int64), np.zeros(BOARD, np.int64), 2000
    _wait(bell, 0, board, 1)  # compiles it
    start = perf_counter()
    _wait(bell, 0, board, rounds)
    return rounds / (perf_counter() - start)


_busy = threading.Lock()  # held by the thread that leads
_teams: list[_Team] = []


def _team_of(helpers: int) -> _Team:
    """The team, made on first use and anew when the number of threads has changed."""
    if _teams and len(_teams[0].threads) != helpers:
        _teams.pop().close()
    if not _teams:
        _teams.append(_Team(helpers))
    return _teams[0]


def _disband() -> None:
    """End the helpers before the interpreter ends."""
    with _busy:
        while _teams:
            _teams.pop().close()


def _forget() -> None:
    """A forked child has none of its parent's threads."""
    global _busy
    _busy = threading.Lock()
    _teams.clear()


atexit.register(_disband)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
