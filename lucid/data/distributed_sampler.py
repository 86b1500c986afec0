"""Samplers for several processes that train one model together."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import ArgumentError, compose
from ..random import Generator
from .sampler import Sampler

# What launchers tell a process: torchrun and its like, Open MPI, MPICH, Slurm.
_COUNTS = ("WORLD_SIZE", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_NTASKS")
_RANKS = ("RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "SLURM_PROCID")


class DistributedSampler(Sampler):
    """The share of a dataset that falls to one of several processes.

    All shares have one length; together they are the dataset, with a few samples twice, or
    with `drop_last` a few missing.

    Parameters
    ----------
    dataset : Dataset
    num_replicas : int, optional
        How many processes there are; if left out, what the launcher says in the environment
        (``WORLD_SIZE``, or that of MPI or Slurm), else 1.
    rank : int, optional
        Which of them this one is; likewise (``RANK``), else 0.
    shuffle : bool, default True
        In random order, the same in all processes.
    seed : int, default 0
        Of that order; the same in all processes.
    drop_last : bool, default False
        Leave out what does not divide, rather than repeat the first samples.

    Raises
    ------
    ArgumentError
        If `rank` is not within ``range(num_replicas)``.

    Notes
    -----
    Call `set_epoch` before each pass: the order depends on the seed and the epoch alone.

    Examples
    --------
    >>> from lucid.data import DistributedSampler
    >>> [list(DistributedSampler(range(5), 2, rank, shuffle=False)) for rank in (0, 1)]
    [[0, 2, 4], [1, 3, 0]]
    """

    def __init__(
        self,
        dataset: Any,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        self.dataset = dataset
        self.num_replicas = _told(_COUNTS, 1) if num_replicas is None else num_replicas
        self.rank = _told(_RANKS, 0) if rank is None else rank
        self.shuffle = shuffle
        self.seed = seed
        self.drop_last = drop_last
        self.epoch = 0
        if not 0 <= self.rank < self.num_replicas:
            problem = "rank must be at least 0 and below num_replicas"
            seen = {"rank": self.rank, "num_replicas": self.num_replicas}
            raise ArgumentError(compose("DistributedSampler", problem, seen))

    @property
    def num_samples(self) -> int:
        """How many indices this process gets."""
        full, rest = divmod(len(self.dataset), self.num_replicas)
        return full if self.drop_last or not rest else full + 1

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of the next pass."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        size = len(self.dataset)
        if self.shuffle:
            order = Generator(self.seed + self.epoch).rng.permutation(size)
        else:
            order = np.arange(size)
        if size:
            order = np.resize(order, self.num_samples * self.num_replicas)
        return iter(order[self.rank :: self.num_replicas].tolist())

    def __len__(self) -> int:
        return self.num_samples


def _told(names: tuple[str, ...], otherwise: int) -> int:
    """What the launcher says."""
    for name in names:
        if os.environ.get(name, "").isdigit():
            return int(os.environ[name])
    return otherwise
