"""From an element of the order to what the caller gets; errors learn which sample it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from .collate import default_collate, default_convert
from .worker import Ended


class MapFetcher:
    """Fetches samples by index.

    Parameters
    ----------
    dataset : Dataset
    batched : bool
        Whether the elements of the order are lists of indices, or indices.
    collate : callable or None
        None for the default of either.
    """

    seeds_each_batch = True

    def __init__(
        self, dataset: Any, batched: bool, collate: Callable[[Any], Any] | None = None
    ) -> None:
        self.dataset = dataset
        self.batched = batched
        self.collate = collate
        self.at_once = batched and collate is None and hasattr(dataset, "batch")

    def fresh(self) -> MapFetcher:
        """A fetcher for a new pass."""
        return self

    def __call__(self, element: Any) -> Any:
        if self.at_once:
            return self._at_once(element)
        if self.batched:
            return _collated(self.collate, self._samples(element), element, self.dataset)
        sample = self._sample(element)
        return (self.collate or default_convert)(sample)

    def _at_once(self, indices: Any) -> Any:
        try:
            return self.dataset.batch(np.asarray(indices, np.intp))
        except Exception as error:
            error.add_note(f"  while loading the samples {indices} of {_name(self.dataset)}")
            raise

    def _samples(self, indices: Any) -> list[Any]:
        several = getattr(self.dataset, "__getitems__", None)
        if several is None:
            return [self._sample(index) for index in indices]
        try:
            return list(several(indices))
        except Exception as error:
            error.add_note(f"  while loading the samples {indices} of {_name(self.dataset)}")
            raise

    def _sample(self, index: Any) -> Any:
        try:
            return self.dataset[index]
        except Exception as error:
            error.add_note(f"  while loading sample {index} of {_name(self.dataset)}")
            raise


class StreamFetcher:
    """Fetches the next samples of an iterable dataset.

    Parameters
    ----------
    dataset : IterableDataset
    batch_size : int or None
        None gives the samples one by one.
    drop_last : bool
    collate : callable or None
    """

    seeds_each_batch = False

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None,
        drop_last: bool = False,
        collate: Callable[[Any], Any] | None = None,
    ) -> None:
        self.dataset = dataset
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.collate = collate
        self._batches: Iterator[Any] | None = None

    def fresh(self) -> StreamFetcher:
        """A fetcher that starts the stream anew."""
        return StreamFetcher(self.dataset, self.batch_size, self.drop_last, self.collate)

    def __call__(self, element: Any) -> Any:
        if self._batches is None:
            self._batches = self._stream()
        try:
            return next(self._batches)
        except StopIteration:
            raise Ended from None

    def _stream(self) -> Iterator[Any]:
        if self.batch_size is not None and self.collate is None:
            batches = getattr(self.dataset, "batches", None)
            if batches is not None:
                yield from batches(self.batch_size, self.drop_last)
                return
        samples, start = _watched(self.dataset), 0
        if self.batch_size is None:
            yield from map(self.collate or default_convert, samples)
            return
        while batch := list(islice(samples, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                positions = range(start, start + len(batch))
                yield _collated(self.collate, batch, list(positions), self.dataset)
            start += len(batch)


def _watched(dataset: Any) -> Iterator[Any]:
    """The samples of a stream; an error learns how many came before."""
    count = 0
    try:
        for sample in dataset:
            yield sample
            count += 1
    except Exception as error:
        error.add_note(f"  while reading sample {count} of the stream {_name(dataset)}")
        raise


def _collated(collate: Any, samples: list[Any], indices: Any, dataset: Any) -> Any:
    try:
        return (collate or default_collate)(samples)
    except Exception as error:
        error.add_note(f"  while collating the samples {list(indices)} of {_name(dataset)}")
        raise


def _name(dataset: Any) -> str:
    return type(dataset).__name__
