"""Threads for the kernels: shares of fixed blocks, so that results do not depend on their number.

Kernels release the GIL, so plain Python threads run them side by side. Waking a thread costs
tens of microseconds; the kernels' callers know from which size on it pays.
"""

from __future__ import annotations

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

    Results do not depend on it. BLAS is reached through the package threadpoolctl (part of
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


def run(task: Callable[[int, int], Any], blocks: int) -> None:
    """Call ``task(first, last)`` on shares of ``range(blocks)``, one share a thread.

    The caller's thread works too. A task must write its results to places of its blocks'
    own; what is summed over blocks is summed afterwards, in their order.
    """
    workers = min(_threads.count, blocks)
    if workers <= 1:
        task(0, blocks)
        return
    if _threads.pool is None:
        from concurrent.futures import ThreadPoolExecutor

        _threads.pool = ThreadPoolExecutor(_threads.count - 1, "lucid-kernel")
    bounds = [blocks * i // workers for i in range(workers + 1)]
    others = [_threads.pool.submit(task, bounds[i], bounds[i + 1]) for i in range(1, workers)]
    try:
        task(0, bounds[1])
    finally:
        for other in others:
            other.result()


def _forget_pool() -> None:
    """A forked child has none of its parent's threads."""
    _threads.pool = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pool)
