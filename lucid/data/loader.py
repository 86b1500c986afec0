"""`DataLoader`: batches of a dataset, fetched by threads where wanted, in a fixed order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from ..errors import ArgumentError, DTypeError, compose
from ..random import Generator
from .collate import default_collate
from .sampler import BatchSampler, RandomSampler, SequentialSampler


class DataLoader:
    """Iterates over a dataset in batches; each ``iter`` is one pass.

    The order depends on the generator alone, never on the number of workers. Workers are
    threads: they share memory with the program and cost nothing to start, and NumPy and file
    reading let them run side by side.

    Parameters
    ----------
    dataset : Dataset
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
        How many threads fetch batches ahead; 0 fetches when asked.
    collate_fn : callable, optional
        From a list of samples to a batch; `default_collate` if left out.
    drop_last : bool, default False
        Leave out a last batch that is not full.
    generator : Generator or int, optional
        Or a seed; by default the default generator. A seed starts one stream: the passes
        differ from each other, and repeat with a new loader.
    prefetch_factor : int, default 2
        How many batches each worker may be ahead.

    Raises
    ------
    ArgumentError
        If arguments exclude each other or are out of range.

    Notes
    -----
    An error while a sample is fetched reaches the caller as it is, with a note that says
    which sample it was. When a pass is left early, its threads end before anything else
    happens.

    Examples
    --------
    >>> import lucid
    >>> from lucid.data import DataLoader, TensorDataset
    >>> dataset = TensorDataset(lucid.arange(5))
    >>> [x.tolist() for (x,) in DataLoader(dataset, batch_size=2)]
    [[0, 1], [2, 3], [4]]
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool = False,
        sampler: Iterable[int] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        drop_last: bool = False,
        *,
        generator: Generator | int | None = None,
        prefetch_factor: int = 2,
    ) -> None:
        _whole_number("num_workers", num_workers, 0)
        _whole_number("prefetch_factor", prefetch_factor, 1)
        if sampler is not None and shuffle:
            raise _exclusive("sampler", "shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise _exclusive("batch_sampler", "batch_size, shuffle, sampler and drop_last")
            batch_size = None
        elif batch_size is None and drop_last:
            raise _exclusive("batch_size=None", "drop_last")
        if not hasattr(dataset, "__getitem__"):
            problem = (
                f"the dataset must have __getitem__ and __len__; {type(dataset).__name__} has not"
            )
            raise DTypeError(compose("DataLoader", problem, {"dataset": dataset}))
        if sampler is None and batch_sampler is None:
            sampler = (
                RandomSampler(dataset, generator=generator)
                if shuffle
                else SequentialSampler(dataset)
            )
        if batch_sampler is None and batch_size is not None:
            _whole_number("batch_size", batch_size, 1)
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.dataset = dataset
        self.batch_size = batch_size
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.num_workers = num_workers
        self.collate_fn = collate_fn
        self.drop_last = drop_last
        self.prefetch_factor = prefetch_factor

    def __len__(self) -> int:
        """How many batches one pass gives."""
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Any]:
        fetch = self._fetcher()
        if self.num_workers == 0:
            return map(fetch, self._order())
        return self._ahead(fetch)

    def _order(self) -> Iterator[Any]:
        return iter(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]

    def _fetcher(self) -> Callable[[Any], Any]:
        """What turns an element of the order into what the caller gets."""
        if self.batch_sampler is None:
            return self._fetch_sample
        if self.collate_fn is None and hasattr(self.dataset, "batch"):
            return self._fetch_at_once
        return self._fetch_batch

    def _fetch_sample(self, index: int) -> Any:
        sample = self._sample(index)
        return sample if self.collate_fn is None else self.collate_fn(sample)

    def _fetch_at_once(self, indices: list[int]) -> Any:
        try:
            return self.dataset.batch(np.asarray(indices, np.intp))
        except Exception as error:
            error.add_note(f"  while loading the samples {indices} of {_name(self.dataset)}")
            raise

    def _fetch_batch(self, indices: list[int]) -> Any:
        samples = [self._sample(index) for index in indices]
        try:
            return (self.collate_fn or default_collate)(samples)
        except Exception as error:
            error.add_note(f"  while collating the samples {indices} of {_name(self.dataset)}")
            raise

    def _sample(self, index: int) -> Any:
        try:
            return self.dataset[index]
        except Exception as error:
            error.add_note(f"  while loading sample {index} of {_name(self.dataset)}")
            raise

    def _ahead(self, fetch: Callable[[Any], Any]) -> Iterator[Any]:
        """Let threads fetch batches ahead, and hand them out in their order."""
        order = self._order()
        from concurrent.futures import ThreadPoolExecutor  # costs `import lucid` 4 ms

        pool = ThreadPoolExecutor(self.num_workers, "lucid-data")
        waiting: deque[Any] = deque()
        try:
            for element in order:
                waiting.append(pool.submit(fetch, element))
                if len(waiting) > self.num_workers * self.prefetch_factor:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:  # also when the caller leaves the loop early
            pool.shutdown(wait=True, cancel_futures=True)


def _name(dataset: Any) -> str:
    return type(dataset).__name__


def _whole_number(name: str, value: Any, low: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < low:
        problem = f"{name} must be an integer of at least {low}, not {value!r}"
        raise ArgumentError(compose("DataLoader", problem))


def _exclusive(name: str, others: str) -> ArgumentError:
    return ArgumentError(compose("DataLoader", f"{name} excludes {others}"))
