"""A worker that is a thread: it shares memory with the program, and starts in microseconds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

from ..random import STREAM, Generator
from .worker import Answer, Inbox, Task, WorkerInfo, serve

_PATIENCE = 5.0  # seconds that a thread may go on with its last batch before it is left alone


class ThreadWorker:
    """A thread that fetches batches.

    Parameters
    ----------
    info : WorkerInfo
    fetcher : MapFetcher or StreamFetcher
    init : callable or None
    """

    def __init__(self, info: WorkerInfo, fetcher: Any, init: Callable[[int], Any] | None) -> None:
        self.name = f"worker {info.id} (a thread)"
        self._inbox = Inbox()
        self._answers: SimpleQueue[Answer] = SimpleQueue()
        self._thread = threading.Thread(
            target=serve,
            args=(info, fetcher, init, self._inbox, self._answers.put, _reseed),
            name=f"lucid-data-{info.id}",
            daemon=True,
        )
        self._thread.start()

    def send(self, task: Task) -> None:
        """Give a task."""
        self._inbox.put(task)

    def receive(self, run: int, timeout: float | None) -> Answer | None:
        """The next answer of a pass, or None if it does not come in time."""
        try:
            while (answer := self._answers.get(timeout=timeout)).run != run:
                pass
        except Empty:
            return None
        return answer

    def stop(self) -> None:
        """Let the thread end after the batch that it is at."""
        self._inbox.close()

    def join(self) -> None:
        """Wait for its end."""
        self._thread.join(_PATIENCE)


def _reseed(seed: int | None) -> None:
    """In this thread, the default generator is one of its own."""
    STREAM.generator = None if seed is None else Generator(seed)
