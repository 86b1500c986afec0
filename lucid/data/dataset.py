"""Datasets: samples by index, and datasets made of others."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, chain
from typing import Any

import numpy as np

from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, DTypeError, IndexingError, ShapeError, compose
from ..random import Generator
from .sampler import as_generator


class Dataset:
    """Base of the datasets: samples by index.

    A subclass defines ``__getitem__(index)`` and ``__len__()``. One that can fetch many
    samples at once, collated, may define ``batch(indices)``, which `DataLoader` then calls, or,
    as PyTorch has it, ``__getitems__(indices)``, which gives them as a list.

    Attributes
    ----------
    pure : bool
        True says that a sample takes no random numbers: a loader then draws no seed for them.

    Examples
    --------
    >>> from lucid.data import Dataset
    >>> class Squares(Dataset):
    ...     def __len__(self):
    ...         return 10
    ...
    ...     def __getitem__(self, index):
    ...         return index**2
    >>> both = Squares() + Squares()
    >>> len(both), both[13]
    (20, 9)
    """

    pure = False

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} must define __len__")

    def __add__(self, other: Dataset) -> ConcatDataset:
        return ConcatDataset([self, other])


class IterableDataset:
    """Base of the streams: samples one after another, as they come.

    A subclass defines ``__iter__()``, and may define ``__len__()``. One that can give whole
    batches may define ``batches(batch_size, drop_last)``, an iterator over them. With
    several workers each has the stream for itself, and `get_worker_info` tells it which part
    to read.

    Attributes
    ----------
    pure : bool
        True says that a sample takes no random numbers: a loader then draws no seed for them.

    Examples
    --------
    >>> from lucid.data import DataLoader, IterableDataset
    >>> class Countdown(IterableDataset):
    ...     def __iter__(self):
    ...         return iter([3, 2, 1])
    >>> [batch.tolist() for batch in DataLoader(Countdown() + Countdown(), batch_size=4)]
    [[3, 2, 1, 3], [2, 1]]
    """

    pure = False

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} must define __iter__")

    def __add__(self, other: IterableDataset) -> ChainDataset:
        return ChainDataset([self, other])


class TensorDataset(Dataset):
    """Samples along the first dimension of one or more tensors.

    Parameters
    ----------
    *tensors : Tensor or numpy.ndarray
        All of the same length. They are not copied.

    Raises
    ------
    ShapeError
        If the lengths differ, or a tensor is 0-d.
    DTypeError
        If one of them is neither a tensor nor an array.

    Examples
    --------
    >>> import lucid
    >>> from lucid.data import TensorDataset
    >>> dataset = TensorDataset(lucid.tensor([[1.0], [2.0], [3.0]]), lucid.tensor([0, 1, 0]))
    >>> len(dataset), dataset[1]
    (3, (Tensor([2.0000]), Tensor(1)))
    """

    pure = True

    def __init__(self, *tensors: Any) -> None:
        if not tensors:
            raise ArgumentError(compose("TensorDataset", "needs at least one tensor"))
        seen = {f"tensors[{i}]": tensor for i, tensor in enumerate(tensors)}
        for name, tensor in seen.items():
            if not isinstance(tensor, Tensor | np.ndarray):
                problem = f"{name} must be a tensor or an array, not {type(tensor).__name__}"
                raise DTypeError(compose("TensorDataset", problem))
        lengths = {tensor.shape[:1] for tensor in tensors}
        if len(lengths) > 1 or () in lengths:
            problem = "the tensors must have the same length in their first dimension"
            raise ShapeError(compose("TensorDataset", problem, seen))
        self.tensors = tuple(t if isinstance(t, Tensor) else wrap(t) for t in tensors)

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])

    def batch(self, indices: Any) -> tuple[Tensor, ...]:
        """Many samples at once: the same tensors that collating them one by one would give."""
        return tuple(
            tensor[indices] if tensor.requires_grad else wrap(tensor.data.take(indices, 0))
            for tensor in self.tensors
        )


class Subset(Dataset):
    """Some samples of another dataset.

    Parameters
    ----------
    dataset : Dataset
    indices : sequence of int

    Examples
    --------
    >>> from lucid.data import Subset
    >>> Subset("abcdef", [5, 0])[0]
    'f'
    """

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices
        self.pure = getattr(dataset, "pure", False)
        if hasattr(dataset, "batch"):  # a shortcut only where the whole dataset has one
            self.batch = self._batch

    def __getitem__(self, index: int) -> Any:
        return self.dataset[self.indices[index]]

    def __len__(self) -> int:
        return len(self.indices)

    def _batch(self, indices: Any) -> Any:
        return self.dataset.batch(np.asarray(self.indices)[indices])


class ConcatDataset(Dataset):
    """Datasets one after another.

    Parameters
    ----------
    datasets : iterable of Dataset

    Raises
    ------
    ArgumentError
        If there is none.
    DTypeError
        If one of them is a stream.

    Examples
    --------
    >>> from lucid.data import ConcatDataset
    >>> joined = ConcatDataset(["abc", "de"])
    >>> len(joined), joined[3], joined[-1]
    (5, 'd', 'e')
    """

    def __init__(self, datasets: Any) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ArgumentError(compose("ConcatDataset", "needs at least one dataset"))
        if any(isinstance(dataset, IterableDataset) for dataset in self.datasets):
            problem = "an IterableDataset has no samples by index"
            raise DTypeError(compose("ConcatDataset", problem, fix="ChainDataset(datasets)"))
        self.cumulative_sizes = list(accumulate(len(dataset) for dataset in self.datasets))

    def __getitem__(self, index: int) -> Any:
        size = len(self)
        if not -size <= index < size:
            problem = f"index {index} is outside a dataset of {size} samples"
            raise IndexingError(compose("ConcatDataset", problem))
        index %= size
        which = bisect_right(self.cumulative_sizes, index)
        return self.datasets[which][index - (self.cumulative_sizes[which - 1] if which else 0)]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]


class ChainDataset(IterableDataset):
    """Streams one after another.

    Parameters
    ----------
    datasets : iterable of IterableDataset

    Examples
    --------
    >>> from lucid.data import ChainDataset
    >>> list(ChainDataset([range(2), range(3)]))
    [0, 1, 0, 1, 2]
    """

    def __init__(self, datasets: Any) -> None:
        self.datasets = list(datasets)

    def __iter__(self) -> Iterator[Any]:
        return chain.from_iterable(self.datasets)

    def __len__(self) -> int:
        return sum(len(dataset) for dataset in self.datasets)


class StackDataset(Dataset):
    """Datasets side by side: a sample has one field of each.

    Parameters
    ----------
    *args : Dataset
        Samples are tuples of theirs; all have the same length.
    **kwargs : Dataset
        In place of `args`: samples are dicts.

    Raises
    ------
    ArgumentError
        If there are none, or both kinds.
    ShapeError
        If the lengths differ.

    Examples
    --------
    >>> from lucid.data import StackDataset
    >>> StackDataset("abc", [1, 2, 3])[1]
    ('b', 2)
    >>> StackDataset(image="abc", label=[1, 2, 3])[-1]
    {'image': 'c', 'label': 3}
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if bool(args) == bool(kwargs):
            problem = "takes datasets by position or by name, at least one, and not both"
            raise ArgumentError(compose("StackDataset", problem))
        named = kwargs or {f"datasets[{i}]": dataset for i, dataset in enumerate(args)}
        lengths = {name: len(dataset) for name, dataset in named.items()}
        if len(set(lengths.values())) > 1:
            raise ShapeError(compose("StackDataset", "the datasets differ in length", lengths))
        self.datasets: Any = kwargs or args
        self.pure = all(getattr(dataset, "pure", False) for dataset in named.values())

    def __getitem__(self, index: int) -> Any:
        if isinstance(self.datasets, Mapping):
            return {name: dataset[index] for name, dataset in self.datasets.items()}
        return tuple(dataset[index] for dataset in self.datasets)

    def __len__(self) -> int:
        named = isinstance(self.datasets, Mapping)
        return len(next(iter(self.datasets.values() if named else self.datasets)))


class TransformDataset(Dataset):
    """Another dataset, with every sample changed by a function.

    Parameters
    ----------
    dataset : Dataset
    transform : callable
        From a sample to a sample. Of samples that are tuples, it gets the first field only:
        the input, whose target stays.

    Examples
    --------
    >>> from lucid.data import TransformDataset
    >>> TransformDataset([("cat", 0), ("dog", 1)], str.upper)[1]
    ('DOG', 1)
    """

    def __init__(self, dataset: Any, transform: Any) -> None:
        self.dataset = dataset
        self.transform = transform

    def __getitem__(self, index: int) -> Any:
        sample = self.dataset[index]
        if isinstance(sample, tuple):
            return (self.transform(sample[0]), *sample[1:])
        return self.transform(sample)

    def __len__(self) -> int:
        return len(self.dataset)


def random_split(
    dataset: Any, lengths: Sequence[float], generator: Generator | int | None = None
) -> list[Subset]:
    """Split a dataset at random into parts that do not overlap.

    Parameters
    ----------
    dataset : Dataset
    lengths : sequence of int or of float
        Sizes that sum to the dataset's, or shares that sum to 1; what rounding the shares
        down leaves over goes to the first parts, one sample each.
    generator : Generator or int, optional
        Or a seed; by default the default generator.

    Returns
    -------
    list of Subset

    Raises
    ------
    ArgumentError
        If the lengths do not sum to the dataset's.

    Examples
    --------
    >>> from lucid.data import random_split
    >>> train, test = random_split(range(10), [0.8, 0.2], generator=0)
    >>> len(train), len(test), sorted([*train, *test]) == list(range(10))
    (8, 2, True)
    """
    total = len(dataset)
    sizes = list(lengths)
    if any(size < 0 for size in sizes):
        raise ArgumentError(
            compose("random_split", "no length may be negative", {"lengths": sizes})
        )
    if not all(isinstance(size, int) for size in sizes) and math.isclose(sum(sizes), 1.0):
        sizes = [math.floor(total * share) for share in sizes]
        for i in range(total - int(sum(sizes))):
            sizes[i % len(sizes)] += 1
    if sum(sizes) != total:
        problem = "the lengths must sum to the dataset's length, or as shares to 1"
        seen = {"lengths": list(lengths), "dataset": total}
        raise ArgumentError(compose("random_split", problem, seen))
    order = as_generator("random_split", generator).rng.permutation(total).tolist()
    ends = list(accumulate(int(size) for size in sizes))
    return [Subset(dataset, order[end - int(n) : end]) for end, n in zip(ends, sizes, strict=True)]
