"""What a worker does, be it a thread or a process: take a task, fetch its batch, answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, NamedTuple

_STEP = 0x9E3779B97F4A7C15  # odd, and far from regular: no two streams of a pass are alike
_WORD = (1 << 63) - 1


class Task(NamedTuple):
    """An order for one batch."""

    run: int  # the pass that it belongs to
    element: Any  # of the order: indices, or None for the next batch of a stream
    seed: int | None


class Answer(NamedTuple):
    """What became of a task."""

    run: int
    kind: str  # "batch", "ended" or "failed"
    value: Any


class Ended(Exception):  # noqa: N818 - it is no error
    """A stream has no more samples."""


class WorkerInfo(NamedTuple):
    """Who is asking: what `get_worker_info` returns.

    Attributes
    ----------
    id : int
        From 0 to ``num_workers - 1``.
    num_workers : int
    seed : int
        Of this worker, for generators that Lucid does not know of.
    dataset : Dataset
        The worker's own copy in a process, the common one in a thread.

    Examples
    --------
    >>> from lucid.data.worker import WorkerInfo
    >>> WorkerInfo(id=0, num_workers=2, seed=7, dataset=range(3)).num_workers
    2
    """

    id: int
    num_workers: int
    seed: int
    dataset: Any


class _Here(threading.local):
    info: WorkerInfo | None = None


_here = _Here()
_process: list[WorkerInfo] = []  # in a worker process, for threads that the dataset starts


def get_worker_info() -> WorkerInfo | None:
    """Which worker runs this code; None in the program itself.

    A stream reads its part only, so that no sample comes twice.

    Returns
    -------
    WorkerInfo or None

    Examples
    --------
    >>> from lucid.data import DataLoader, IterableDataset, get_worker_info
    >>> class Count(IterableDataset):
    ...     def __iter__(self):
    ...         worker = get_worker_info()
    ...         return iter(range(worker.id, 6, worker.num_workers))
    >>> loader = DataLoader(Count(), batch_size=2, num_workers=2, workers="threads")
    >>> [batch.tolist() for batch in loader]
    [[0, 2], [1, 3], [4], [5]]
    """
    return _here.info or (_process[0] if _process else None)


def stream_seed(base: int | None, number: int) -> int | None:
    """The seed of one stream of a pass: of a batch, or of a worker."""
    return None if base is None else (base + _STEP * (number + 1)) & _WORD


class Inbox:
    """Tasks on their way to a worker; those of a pass that is over are not worth a start."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Task | None] = SimpleQueue()
        self._newest: float = 0

    def put(self, task: Task) -> None:
        """Add a task."""
        self._newest = task.run
        self._queue.put(task)

    def close(self) -> None:
        """No more tasks, and those that wait are dropped."""
        self._newest = float("inf")
        self._queue.put(None)

    def get(self) -> Task | None:
        """The next task of the newest pass; None at the end."""
        while (task := self._queue.get()) is not None and task.run < self._newest:
            pass
        return task


def serve(
    info: WorkerInfo,
    fetcher: Any,
    init: Callable[[int], Any] | None,
    inbox: Inbox,
    answer: Callable[[Answer], None],
    reseed: Callable[[int | None], None],
    in_process: bool = False,
) -> None:
    """The life of a worker.

    Parameters
    ----------
    info : WorkerInfo
    fetcher : MapFetcher or StreamFetcher
    init : callable or None
        The loader's `worker_init_fn`.
    inbox : Inbox
    answer : callable
        Hands an `Answer` to the loader; one for each task, in their order.
    reseed : callable
        Starts the random streams of this worker from a seed.
    in_process : bool, default False
        Whether the worker has a process to itself.
    """
    _here.info = info
    if in_process:
        _process[:] = [info]
    try:
        reseed(info.seed)
        failed = _started(init, info.id)
        run, fetch = 0, fetcher
        while (task := inbox.get()) is not None:
            first = task.run != run
            if first:
                run, fetch = task.run, fetcher.fresh()
            if first or fetcher.seeds_each_batch:
                reseed(task.seed)
            answer(failed(run) if failed else _done(fetch, task))
    finally:
        _here.info = None


def _started(init: Callable[[int], Any] | None, worker: int) -> Callable[[int], Answer] | None:
    """Call the init function; where it fails, what every task is answered with."""
    try:
        if init is not None:
            init(worker)
    except Exception as error:
        problem = error
        problem.add_note(f"  in worker_init_fn, called by worker {worker}")
        return lambda run: Answer(run, "failed", problem)
    return None


def _done(fetch: Callable[[Any], Any], task: Task) -> Answer:
    try:
        return Answer(task.run, "batch", fetch(task.element))
    except Ended:
        return Answer(task.run, "ended", None)
    except Exception as error:
        return Answer(task.run, "failed", error)
