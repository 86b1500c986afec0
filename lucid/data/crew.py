"""The workers of a loader, and a pass over its data with their help, in a fixed order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from ..errors import WorkerError, compose
from .processes import Exchange, ProcessWorker, context_of
from .threads import ThreadWorker
from .worker import Answer, Task, WorkerInfo, stream_seed


class Crew:
    """Workers that fetch batches ahead.

    Batch after batch goes to the next worker in turn, and they are handed out in that order:
    which worker is faster makes no difference to what the caller sees.

    Parameters
    ----------
    loader : DataLoader
    fetcher : MapFetcher or StreamFetcher
    seed : int
        Of this crew; each worker derives its own.
    """

    def __init__(self, loader: Any, fetcher: Any, seed: int) -> None:
        self.busy = False
        self.timeout = loader.timeout
        self.prefetch = loader.prefetch_factor
        self.streams = not fetcher.seeds_each_batch
        self.run = 0
        self.workers: list[Any] = []
        self._exchange = Exchange() if loader.workers == "processes" else None
        context = None if self._exchange is None else context_of(loader.multiprocessing_context)
        try:
            for i in range(loader.num_workers):
                own = stream_seed(seed, i) or 0
                info = WorkerInfo(i, loader.num_workers, own, loader.dataset)
                about = info, fetcher, loader.worker_init_fn
                self.workers.append(
                    ThreadWorker(*about)
                    if self._exchange is None
                    else ProcessWorker(*about, context, self._exchange)
                )
        except BaseException:
            self.close()
            raise

    def batches(self, order: Iterable[Any], seed: int | None) -> Iterator[Any]:
        """One pass.

        Parameters
        ----------
        order : iterable
            What the fetcher takes, a batch each; endless for streams.
        seed : int or None
            Of the pass; None where nothing random is drawn.

        Raises
        ------
        WorkerError
            If a worker dies, or is slower than the loader's timeout.
        """
        self.run += 1
        elements = enumerate(order)
        turns = deque(list(enumerate(self.workers)) * self.prefetch)
        owed: deque[tuple[int, Any, Any]] = deque()  # who owes the next answers, and for what

        def hand_out() -> None:
            while turns and (item := next(elements, None)) is not None:
                i, worker = turns.popleft()
                number, element = item
                own = stream_seed(seed, i if self.streams else number)
                worker.send(Task(self.run, element, own))
                owed.append((i, worker, element))

        hand_out()
        while owed:
            i, worker, element = owed.popleft()
            answer = self._answer(worker, element)
            if answer.kind == "failed":
                raise answer.value
            if answer.kind == "batch":  # else its stream has ended, and it has no more turns
                turns.append((i, worker))
                hand_out()  # before the caller gets to work
                yield answer.value

    def _answer(self, worker: Any, element: Any) -> Answer:
        try:
            answer: Answer | None = worker.receive(self.run, self.timeout or None)
        except WorkerError as error:
            if element is not None:
                error.add_note(f"  while it had to load the samples {element}")
            raise
        if answer is None:
            problem = f"{worker.name} gave no batch within the timeout of {self.timeout} s"
            seen = None if element is None else {"samples": element}
            raise WorkerError(compose("DataLoader", problem, seen))
        return answer

    def close(self) -> None:
        """End all workers; none is left behind."""
        for worker in self.workers:
            worker.stop()
        for worker in self.workers:
            worker.join()
        self.workers = []
        if self._exchange is not None:
            self._exchange.remove()
