"""`DataLoader`: batches of a dataset, fetched ahead by workers where wanted, in a fixed order."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from typing import Any

import numpy as np

from ..errors import ArgumentError, DTypeError, compose
from ..random import Generator, drawing_from
from .collate import default_collate
from .crew import Crew
from .dataset import IterableDataset
from .fetching import MapFetcher, StreamFetcher
from .processes import context_of
from .sampler import BatchSampler, RandomSampler, SequentialSampler, as_generator
from .worker import Ended, stream_seed


class DataLoader:
    """Iterates over a dataset in batches; each ``iter`` is one pass.

    Order and content depend on the generator alone, never on the number of workers: the random
    numbers that a dataset draws for a batch start from a seed of that batch. In the program
    itself and in threads this holds for what Lucid draws (`lucid.rand`, the transforms); in
    processes also for the modules `random` and `numpy.random`.

    Parameters
    ----------
    dataset : Dataset or IterableDataset
        Or any object with ``__getitem__`` and ``__len__``.
    batch_size : int or None, default 1
        None gives the samples one by one, not collated.
    shuffle : bool, default False
        Another random order in each pass.
    sampler : iterable of int, optional
        The order, in place of `shuffle`.
    batch_sampler : iterable of list of int, optional
        The batches, in place of `batch_size`, `shuffle`, `sampler` and `drop_last`.
    num_workers : int, default 0
        How many workers fetch batches ahead; 0 fetches when asked.
    collate_fn : callable, optional
        From a list of samples to a batch; `default_collate` if left out, and `default_convert`
        where `batch_size` is None.
    pin_memory : bool, default False
        Changes nothing: there is no other memory to copy to.
    drop_last : bool, default False
        Leave out a last batch that is not full; of a stream, that of each worker.
    timeout : float, default 0
        Seconds to wait for a batch of a worker; 0 waits as long as it takes.
    worker_init_fn : callable, optional
        Called in each worker with its number, before it fetches.
    multiprocessing_context : str or context, optional
        How processes are started: ``"fork"``, ``"spawn"`` or ``"forkserver"``. Where they are
        not forked, the dataset is pickled, and the program needs ``if __name__ == "__main__":``.
    generator : Generator or int, optional
        Or a seed; by default the default generator. A seed starts one stream: the passes
        differ from each other, and repeat with a new loader.
    prefetch_factor : int, optional
        How many batches each worker may be ahead; 2 if left out.
    persistent_workers : bool, default False
        Keep the workers for the next pass.
    workers : {"processes", "threads"}, default "processes"
        Processes run Python code side by side, each with its own copy of the dataset. Threads
        start at once and share the dataset, which must bear that; they pay where the time goes
        into NumPy, reading and decompressing.

    Raises
    ------
    ArgumentError
        If arguments exclude each other or are out of range.
    DTypeError
        If `dataset` gives no samples.

    Notes
    -----
    An error while a sample is fetched reaches the caller as it is, with notes that say which
    sample it was and, from a process, the traceback within it. A worker that dies or is too
    slow is a `WorkerError`. However a pass ends (an error, ``break``, Ctrl-C), its workers
    end with it, and no process outlives the program, even if that is killed.

    Large arrays come from processes through shared memory, without a pipe.

    Examples
    --------
    >>> import lucid
    >>> from lucid.data import DataLoader, TensorDataset
    >>> dataset = TensorDataset(lucid.arange(5))
    >>> [x.tolist() for (x,) in DataLoader(dataset, batch_size=2)]
    [[0, 1], [2, 3], [4]]
    >>> [x.tolist() for (x,) in DataLoader(dataset, batch_size=2, num_workers=2)]
    [[0, 1], [2, 3], [4]]
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[int] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], Any] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | int | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        workers: str = "processes",
    ) -> None:
        self.dataset = dataset
        self.num_workers = num_workers
        self.pin_memory = pin_memory
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.persistent_workers = persistent_workers
        self.workers = workers
        self._check_workers(prefetch_factor)
        self.prefetch_factor = prefetch_factor or 2
        self.generator = as_generator("DataLoader", generator)
        self.collate_fn = None if collate_fn is default_collate and batch_size else collate_fn
        self.drop_last = drop_last
        self._streams = isinstance(dataset, IterableDataset)
        if self._streams:
            _refuse_order(shuffle, sampler, batch_sampler)
        elif not hasattr(dataset, "__getitem__"):
            kind = type(dataset).__name__
            problem = f"the dataset must have __getitem__ and __len__; {kind} has not"
            fix = "derive a dataset that has __iter__ from IterableDataset"
            raise DTypeError(compose("DataLoader", problem, {"dataset": dataset}, fix))
        self._choose_order(batch_size, shuffle, sampler, batch_sampler)
        self._crew: Crew | None = None

    def _check_workers(self, prefetch_factor: int | None) -> None:
        _whole_number("num_workers", self.num_workers, 0)
        if prefetch_factor is not None:
            _whole_number("prefetch_factor", prefetch_factor, 1)
        if self.workers not in ("processes", "threads"):
            problem = f"workers must be 'processes' or 'threads', not {self.workers!r}"
            raise ArgumentError(compose("DataLoader", problem))
        if isinstance(self.timeout, bool) or not self.timeout >= 0:
            problem = f"timeout must be a number of seconds, not {self.timeout!r}"
            raise ArgumentError(compose("DataLoader", problem))
        wants = {
            "prefetch_factor": prefetch_factor is not None,
            "persistent_workers": self.persistent_workers,
            "timeout": self.timeout > 0,
            "multiprocessing_context": self.multiprocessing_context is not None,
        }
        for name, given in wants.items():
            if given and not self.num_workers:
                problem = f"{name} is for workers, and num_workers is 0"
                raise ArgumentError(compose("DataLoader", problem, fix="num_workers=2"))
        if self.multiprocessing_context is not None:
            if self.workers == "threads":
                raise _exclusive("multiprocessing_context", "workers='threads'")
            context_of(self.multiprocessing_context)

    def _choose_order(
        self,
        batch_size: int | None,
        shuffle: bool | None,
        sampler: Iterable[int] | None,
        batch_sampler: Iterable[Any] | None,
    ) -> None:
        if sampler is not None and shuffle:
            raise _exclusive("sampler", "shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or self.drop_last:
                raise _exclusive("batch_sampler", "batch_size, shuffle, sampler and drop_last")
            batch_size = None
        elif batch_size is None and self.drop_last:
            raise _exclusive("batch_size=None", "drop_last")
        elif batch_size is not None:
            _whole_number("batch_size", batch_size, 1)
        if sampler is None and batch_sampler is None and not self._streams:
            if shuffle:
                sampler = RandomSampler(self.dataset, generator=self.generator)
            else:
                sampler = SequentialSampler(self.dataset)
        if sampler is not None and batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, self.drop_last)
        self.batch_size = batch_size
        self.sampler = sampler
        self.batch_sampler = batch_sampler

    def __len__(self) -> int:
        """How many batches one pass gives.

        Of a stream, this is what its own length says, if it has one; workers that each end
        with a batch that is not full give more.
        """
        if not self._streams:
            return len(self._order())  # type: ignore[arg-type]
        size = len(self.dataset)
        if self.batch_size is None:
            return size
        full, rest = divmod(size, self.batch_size)
        return full if self.drop_last or not rest else full + 1

    def __iter__(self) -> Iterator[Any]:
        return self._ahead() if self.num_workers else self._when_asked()

    def _order(self) -> Iterable[Any]:
        """What the fetcher takes, a batch each."""
        if self._streams:
            return repeat(None)
        return self.sampler if self.batch_sampler is None else self.batch_sampler  # type: ignore[return-value]

    def _fetcher(self) -> MapFetcher | StreamFetcher:
        if self._streams:
            return StreamFetcher(self.dataset, self.batch_size, self.drop_last, self.collate_fn)
        return MapFetcher(self.dataset, self.batch_sampler is not None, self.collate_fn)

    def _pass_seed(self) -> int | None:
        """The seed of a pass; none for a dataset that says that it draws nothing.

        Where the order is drawn, the seed follows from where the generator stands before, so
        that the same generator gives the same order for any dataset.
        """
        if getattr(self.dataset, "pure", False) and self.collate_fn is None:
            return None
        if isinstance(self.sampler, RandomSampler) and self.sampler.generator is self.generator:
            state = np.random.SeedSequence(self.generator.get_state().tolist())
            return int(state.generate_state(1, np.uint64)[0] >> 1)
        return int(self.generator.rng.integers(1 << 63))

    def _when_asked(self) -> Iterator[Any]:
        """A pass without workers."""
        seed, fetch = self._pass_seed(), self._fetcher()
        if seed is None:
            yield from _until_ended(fetch, self._order())
            return
        stream = Generator(stream_seed(seed, 0))
        for number, element in enumerate(self._order()):
            if fetch.seeds_each_batch:
                stream = Generator(stream_seed(seed, number))
            with drawing_from(stream):
                try:
                    batch = fetch(element)
                except Ended:
                    return
            yield batch

    def _ahead(self) -> Iterator[Any]:
        """A pass with workers, which end with it unless they are to stay."""
        seed = self._pass_seed()
        crew = self._crew
        if crew is None or crew.busy:
            crew = Crew(self, self._fetcher(), seed or 0)
            if self.persistent_workers and self._crew is None:
                self._crew = crew
                weakref.finalize(self, crew.close)
        crew.busy, keep = True, crew is self._crew
        try:
            yield from crew.batches(self._order(), seed)
        except BaseException as reason:
            keep = keep and isinstance(reason, GeneratorExit)  # the caller left early
            raise
        finally:
            crew.busy = False
            if not keep:
                if crew is self._crew:
                    self._crew = None
                crew.close()


def _until_ended(fetch: Any, order: Iterable[Any]) -> Iterator[Any]:
    try:
        yield from map(fetch, order)
    except Ended:
        return


def _refuse_order(shuffle: Any, sampler: Any, batch_sampler: Any) -> None:
    """A stream has its own order."""
    given = {"shuffle": shuffle, "sampler": sampler, "batch_sampler": batch_sampler}
    for name, value in given.items():
        if value is not None and value is not False:
            problem = f"an IterableDataset has its own order, and takes no {name}"
            raise ArgumentError(compose("DataLoader", problem, {name: value}))


def _whole_number(name: str, value: Any, low: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < low:
        problem = f"{name} must be an integer of at least {low}, not {value!r}"
        raise ArgumentError(compose("DataLoader", problem))


def _exclusive(name: str, others: str) -> ArgumentError:
    return ArgumentError(compose("DataLoader", f"{name} excludes {others}"))
