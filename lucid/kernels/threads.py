"""Threads for the kernels: shares of fixed blocks, so that results do not depend on their number.

Kernels release the GIL, so plain Python threads run them side by side. Waking a thread costs
tens of microseconds; the kernels' callers know from which size on it pays.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from typing import Any

from ..errors import ArgumentError, compose


class _Threads:
    """How many threads the kernels use, and the pool behind them, made on first use."""

    __slots__ = ("count", "pool")

    def __init__(self) -> None:
        self.count = _cores()
        self.pool: Any = None


def _cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_threads = _Threads()


def get_num_threads() -> int:
    """How many threads kernels may use.

    Examples
    --------
    >>> get_num_threads() >= 1
    True
    """
    return _threads.count


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
    _threads.count = count
    if _threads.pool is not None:
        _threads.pool.shutdown()
        _threads.pool = None
    try:
        import threadpoolctl
    except ImportError:
        import warnings

        message = "set_num_threads: BLAS keeps its own threads (threadpoolctl is not installed)"
        warnings.warn(message, stacklevel=2)
    else:
        threadpoolctl.threadpool_limits(count, user_api="blas")


SHARES = 8  # for each thread: small enough that no thread waits long for another


def run(task: Callable[[int, int], Any], blocks: int) -> None:
    """Call ``task(first, last)`` on shares of ``range(blocks)``, on all threads.

    Every thread, the caller's own too, takes the next share when it has done one, so that a
    thread that wakes late, or whose core is busy with something else, delays nobody. A task
    must write its results to places of its blocks' own; what is summed over blocks is summed
    afterwards, in their order.
    """
    workers = min(_threads.count, blocks)
    if workers <= 1:
        task(0, blocks)
        return
    if _threads.pool is None:
        from concurrent.futures import ThreadPoolExecutor

        _threads.pool = ThreadPoolExecutor(_threads.count - 1, "lucid-kernel")
    shares = min(blocks, workers * SHARES)
    claim = itertools.count().__next__

    def work() -> None:
        while (i := claim()) < shares:
            task(blocks * i // shares, blocks * (i + 1) // shares)

    others = [_threads.pool.submit(work) for _ in range(workers - 1)]
    try:
        work()
    finally:
        for other in others:
            if not other.cancel():  # else it has not even woken
                other.result()


def _forget_pool() -> None:
    """A forked child has none of its parent's threads."""
    _threads.pool = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pool)
