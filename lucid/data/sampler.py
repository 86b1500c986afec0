"""Samplers: in which order the samples of a dataset are visited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..errors import ArgumentError, compose
from ..random import Generator, default_generator


def as_generator(where: str, generator: Generator | int | None) -> Generator:
    """A generator from a generator, a seed, or None for the default one.

    Raises
    ------
    ArgumentError
        If it is something else.
    """
    if generator is None:
        return default_generator
    if isinstance(generator, Generator):
        return generator
    if isinstance(generator, int) and not isinstance(generator, bool):
        return Generator(generator)
    problem = f"generator must be a Generator or a seed, not {type(generator).__name__}"
    raise ArgumentError(compose(where, problem))


class Sampler:
    """Base of the samplers: iterates over indices, anew at each ``iter``.

    Examples
    --------
    >>> class Odd(Sampler):
    ...     def __iter__(self):
    ...         return iter([1, 3, 5])
    >>> list(Odd())
    [1, 3, 5]
    """

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} must define __iter__")


class SequentialSampler(Sampler):
    """All indices in their order.

    Parameters
    ----------
    data_source : Dataset

    Examples
    --------
    >>> from lucid.data import SequentialSampler
    >>> list(SequentialSampler("abc"))
    [0, 1, 2]
    """

    def __init__(self, data_source: Any) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler):
    """Indices in random order, another one each time.

    Parameters
    ----------
    data_source : Dataset
    replacement : bool, default False
        Draw each index independently, so that some come twice.
    num_samples : int, optional
        How many; by default as many as there are. Without `replacement`, more than that
        starts over with another order.
    generator : Generator or int, optional
        Or a seed; by default the default generator.

    Raises
    ------
    ArgumentError
        If `num_samples` is not positive, or there is nothing to draw from.

    Examples
    --------
    >>> from lucid.data import RandomSampler
    >>> sorted(RandomSampler("abc", generator=0))
    [0, 1, 2]
    """

    def __init__(
        self,
        data_source: Any,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | int | None = None,
    ) -> None:
        if num_samples is not None and num_samples <= 0:
            problem = f"num_samples must be a positive integer, not {num_samples!r}"
            raise ArgumentError(compose("RandomSampler", problem))
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = as_generator("RandomSampler", generator)

    @property
    def num_samples(self) -> int:
        """How many indices one pass gives."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        size, rng = len(self.data_source), self.generator.rng
        left = self.num_samples
        if left and not size:
            raise ArgumentError(compose("RandomSampler", "the dataset is empty"))
        if self.replacement:
            yield from rng.integers(0, size, left).tolist() if left else ()
            return
        while left:
            order = rng.permutation(size)[:left].tolist()
            yield from order
            left -= len(order)

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler):
    """Given indices in random order, another one each time.

    Parameters
    ----------
    indices : sequence of int
    generator : Generator or int, optional
        Or a seed; by default the default generator.

    Examples
    --------
    >>> from lucid.data import SubsetRandomSampler
    >>> sorted(SubsetRandomSampler([3, 5, 8], generator=0))
    [3, 5, 8]
    """

    def __init__(self, indices: Sequence[int], generator: Generator | int | None = None) -> None:
        self.indices = indices
        self.generator = as_generator("SubsetRandomSampler", generator)

    def __iter__(self) -> Iterator[int]:
        for place in self.generator.rng.permutation(len(self.indices)).tolist():
            yield self.indices[place]

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    """Indices drawn with given weights.

    Parameters
    ----------
    weights : sequence of float
        One for each sample; they need not sum to 1.
    num_samples : int
    replacement : bool, default True
    generator : Generator or int, optional
        Or a seed; by default the default generator.

    Raises
    ------
    ArgumentError
        If a weight is negative or not finite, all are zero, or fewer than `num_samples` are
        positive where each index may come once.

    Examples
    --------
    >>> from lucid.data import WeightedRandomSampler
    >>> list(WeightedRandomSampler([0.0, 1.0, 0.0], num_samples=3))
    [1, 1, 1]
    """

    def __init__(
        self,
        weights: Sequence[float],
        num_samples: int,
        replacement: bool = True,
        generator: Generator | int | None = None,
    ) -> None:
        values = np.asarray(weights.data if isinstance(weights, Tensor) else weights, np.float64)
        where = "WeightedRandomSampler"
        if values.ndim != 1 or not np.isfinite(values).all() or (values < 0).any():
            problem = "weights must be a sequence of finite numbers of at least 0"
            raise ArgumentError(compose(where, problem, {"weights": values}))
        if num_samples <= 0:
            problem = f"num_samples must be a positive integer, not {num_samples!r}"
            raise ArgumentError(compose(where, problem))
        enough = 1 if replacement else num_samples
        if int((values > 0).sum()) < enough:
            problem = f"needs at least {enough} positive weights"
            raise ArgumentError(compose(where, problem, {"positive": int((values > 0).sum())}))
        self.weights = values / values.max()
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = as_generator(where, generator)

    def __iter__(self) -> Iterator[int]:
        shares = self.weights / self.weights.sum()
        rng = self.generator.rng
        drawn = rng.choice(len(shares), self.num_samples, replace=self.replacement, p=shares)
        return iter(drawn.tolist())

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler):
    """Lists of indices, a batch each.

    Parameters
    ----------
    sampler : iterable of int
    batch_size : int
    drop_last : bool, default False
        Leave out a last batch that is not full.

    Raises
    ------
    ArgumentError
        If `batch_size` is not a positive integer.

    Examples
    --------
    >>> from lucid.data import BatchSampler
    >>> list(BatchSampler(range(5), batch_size=2))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Any, batch_size: int, drop_last: bool = False) -> None:
        if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size <= 0:
            problem = f"batch_size must be a positive integer, not {batch_size!r}"
            raise ArgumentError(compose("BatchSampler", problem))
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while batch := list(islice(indices, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        full, rest = divmod(len(self.sampler), self.batch_size)
        return full if self.drop_last or not rest else full + 1
