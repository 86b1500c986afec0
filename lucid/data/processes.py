"""A worker that is a process: Python code of the dataset runs beside the program's own.

A worker never outlives the program. It is asked to stop, then told to, then killed; and if the
program itself is killed, the pipe that its tasks come through closes, and it ends by itself.
Ctrl-C concerns the program alone, which then stops its workers.
"""

from __future__ import annotations

import os
import signal
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any

from ..errors import ArgumentError, DTypeError, WorkerError, compose
from ..kernels.threads import set_num_threads
from ..random import default_generator
from . import transfer
from .worker import Answer, Inbox, Task, WorkerInfo, serve

_GRACE = 2.0  # seconds for the batch that a worker is at, before it is told to stop
_our_ends: weakref.WeakSet[Any] = weakref.WeakSet()  # of the pipes to all workers


def context_of(name: Any) -> Any:
    """How processes are started, from a name, a context, or None for the system's own way.

    Raises
    ------
    ArgumentError
        If there is no such way here.
    """
    import multiprocessing  # costs `import lucid` 10 ms

    if name is not None and not isinstance(name, str):
        return name
    known = multiprocessing.get_all_start_methods()
    if name is not None and name not in known:
        problem = f"multiprocessing_context must be one of {', '.join(known)}, not {name!r}"
        raise ArgumentError(compose("DataLoader", problem))
    return multiprocessing.get_context(name)


class Exchange:
    """The folder through which workers hand over large arrays. It goes with this object.

    Attributes
    ----------
    path : str
    """

    def __init__(self) -> None:
        import shutil
        import tempfile

        memory = "/dev/shm"
        usable = os.path.isdir(memory) and os.access(memory, os.W_OK | os.X_OK)
        owner = os.getpid()
        self.path = tempfile.mkdtemp(prefix=f"lucid-data-{owner}-", dir=memory if usable else None)
        self.remove = weakref.finalize(self, _remove, shutil.rmtree, self.path, owner)


def _remove(rmtree: Callable[..., Any], path: str, owner: int) -> None:
    if os.getpid() == owner:  # and not a forked child that drops its copy
        rmtree(path, ignore_errors=True)


class ProcessWorker:
    """A process that fetches batches.

    Parameters
    ----------
    info : WorkerInfo
    fetcher : MapFetcher or StreamFetcher
    init : callable or None
    context : multiprocessing context
    exchange : Exchange

    Raises
    ------
    DTypeError
        If the dataset must be pickled, to start the process, and cannot be.
    """

    def __init__(
        self,
        info: WorkerInfo,
        fetcher: Any,
        init: Callable[[int], Any] | None,
        context: Any,
        exchange: Exchange,
    ) -> None:
        self.id = info.id
        self._exchange = exchange
        theirs, self._tasks = context.Pipe(duplex=False)
        self._answers, answers = context.Pipe(duplex=False)
        _our_ends.update((self._tasks, self._answers))
        parcel = transfer.Parcel((info, fetcher, init))
        self._process = context.Process(
            target=_live,
            args=(parcel, theirs, answers, exchange.path),
            name=f"lucid-data-{info.id}",
            daemon=True,
        )
        try:
            with _deaf_to_interrupts():
                self._process.start()
        except (TypeError, AttributeError, ValueError, ImportError) as error:
            raise _cannot_travel(error, context) from error
        except Exception as error:
            if type(error).__name__ == "PicklingError":
                raise _cannot_travel(error, context) from error
            raise
        finally:
            theirs.close()
            answers.close()
        self.name = f"worker {info.id} (process {self._process.pid})"

    def send(self, task: Task) -> None:
        """Give a task. A worker that is dead is found out by `receive`."""
        with suppress(ConnectionError):
            self._tasks.send_bytes(transfer.pack(task))

    def receive(self, run: int, timeout: float | None) -> Answer | None:
        """The next answer of a pass, or None if it does not come in time.

        Raises
        ------
        WorkerError
            If the process has ended.
        """
        from multiprocessing.connection import wait

        end = None if timeout is None else monotonic() + timeout
        while True:
            left = None if end is None else max(end - monotonic(), 0)
            ready = wait([self._answers, self._process.sentinel], left)
            if not ready:
                return None
            try:
                if self._answers not in ready and not self._answers.poll():
                    raise EOFError
                answer_run, kind, parts = self._answers.recv()
            except (EOFError, OSError):
                raise self._dead() from None
            if answer_run == run:
                return Answer(run, kind, transfer.opened(parts))
            transfer.discard(parts)

    def _dead(self) -> WorkerError:
        self._process.join(1.0)
        code = self._process.exitcode
        if code is not None and code < 0:
            how = f"was killed by signal {signal.Signals(-code).name}"
        else:
            how = f"ended with exit code {code}"
        fix = "num_workers=0 runs the dataset in the program itself, where it can be watched"
        if code == -9:
            fix = "it may have run out of memory: fewer workers, or a smaller prefetch_factor"
        return WorkerError(compose("DataLoader", f"{self.name} {how}", fix=fix))

    def stop(self) -> None:
        """Ask the process to end: no more tasks, and nobody listens to its answers."""
        for end in (self._tasks, self._answers):
            _our_ends.discard(end)
            end.close()
        self._patience = monotonic() + _GRACE  # all workers have the same time

    def join(self) -> None:
        """Wait for its end, with less and less patience."""
        process = self._process
        process.join(max(self._patience - monotonic(), 0))
        if process.is_alive():
            process.terminate()
            process.join(_GRACE)
        if process.is_alive():
            process.kill()
            process.join()
        process.close()


def _cannot_travel(error: BaseException, context: Any) -> DTypeError:
    how = context.get_start_method()
    problem = f"the dataset cannot be pickled, as processes started by {how!r} need: {error}"
    fix = "define what it holds at the top of a module, or workers='threads'"
    return DTypeError(compose("DataLoader", problem, fix=fix))


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let a process start with SIGINT blocked, until it has been told to ignore it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# ---- within the process ---------------------------------------------------------------


def _live(parcel: transfer.Parcel, tasks: Any, answers: Any, folder: str) -> None:
    """What the process runs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    with warnings.catch_warnings():  # BLAS may keep its threads
        warnings.simplefilter("ignore")
        set_num_threads(1)
    info, fetcher, init = parcel.content
    inbox = Inbox()
    reader = threading.Thread(target=_read, args=(tasks, inbox, folder), daemon=True)
    reader.start()
    count = 0

    def answer(done: Answer) -> None:
        nonlocal count
        count += 1
        path = os.path.join(folder, f"{info.id}-{count}")
        try:
            parts = transfer.message(_portable(done, info), path)
        except Exception as error:  # the batch holds what cannot be pickled
            error.add_note(f"  while sending a batch from worker {info.id} to the program")
            done = done._replace(kind="failed", value=error)
            parts = transfer.message(_portable(done, info), path)
        answers.send((done.run, done.kind, parts))

    with suppress(ConnectionError):  # where nobody listens any more
        serve(info, fetcher, init, inbox, answer, _reseed, in_process=True)


def _read(tasks: Any, inbox: Inbox, folder: str) -> None:
    """Take tasks in at once, so that the program never waits to give one.

    The pipe closes when the program stops the worker, and when it dies; then also the dataset
    may be at something that never ends.
    """
    import pickle

    parent = os.getppid()
    try:
        while True:
            if tasks.poll(1.0):
                inbox.put(pickle.loads(tasks.recv_bytes()))
            elif os.getppid() != parent:
                raise EOFError
    except (EOFError, OSError):
        inbox.close()
        _leave_if_orphaned(parent, folder)


def _leave_if_orphaned(parent: int, folder: str) -> None:
    import shutil
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    program = parent_process()
    if program is None:
        return
    while os.getppid() == parent and not wait([program.sentinel], 1.0):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _portable(done: Answer, info: WorkerInfo) -> Any:
    """The value of an answer; an error takes its traceback along, and its type if it can."""
    if done.kind != "failed":
        return done.value
    import pickle
    import traceback

    error = done.value
    lines = "".join(traceback.format_exception(error)).rstrip().replace("\n", "\n  | ")
    error.add_note(f"  in worker {info.id} (process {os.getpid()}):\n  | {lines}")
    error.__cause__ = error.__context__ = None
    try:
        twin = pickle.loads(transfer.pack(error))
        if type(twin) is type(error) and str(twin) == str(error):
            return error
    except Exception:  # some errors take other arguments than they keep
        pass
    plain = WorkerError(f"{type(error).__name__}: {error}")
    for note in error.__notes__:
        plain.add_note(note)
    return plain


def _reseed(seed: int | None) -> None:
    """Start all the generators that a dataset may draw from."""
    if seed is None:
        return
    import random

    import numpy as np

    default_generator.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed & 0xFFFFFFFF)


def _forget() -> None:
    """A forked child must not hold open what its siblings wait for the end of."""
    for end in list(_our_ends):
        end.close()
    _our_ends.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
