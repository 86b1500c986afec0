"""Arrays that stay on disk: only the samples that are asked for are read."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, ShapeError, compose
from .dataset import Dataset


class ArrayFileDataset(Dataset):
    """Samples along the first dimension of one or more ``.npy`` files, of any size.

    The files are mapped into memory, and worker processes map them for themselves: what
    travels to them are the paths.

    Parameters
    ----------
    *paths : str or path
        Files that `numpy.save` wrote, all of one length.

    Attributes
    ----------
    arrays : tuple of numpy.memmap
        Read-only.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ShapeError
        If the lengths differ, or an array is 0-d.
    ArgumentError
        If a file holds no array that can be mapped.

    Examples
    --------
    >>> import os, tempfile, numpy as np
    >>> from lucid.data import ArrayFileDataset
    >>> path = os.path.join(tempfile.mkdtemp(), "x.npy")
    >>> np.save(path, np.arange(6.0, dtype="float32").reshape(3, 2))
    >>> dataset = ArrayFileDataset(path)
    >>> len(dataset), dataset[1]
    (3, (Tensor([2.0000, 3.0000]),))
    """

    pure = True

    def __init__(self, *paths: str | os.PathLike[str]) -> None:
        if not paths:
            raise ArgumentError(compose("ArrayFileDataset", "needs at least one file"))
        self.paths = tuple(os.fspath(path) for path in paths)
        self.arrays = tuple(map(_mapped, self.paths))
        lengths = {array.shape[:1] for array in self.arrays}
        if len(lengths) > 1 or () in lengths:
            problem = "the arrays must have the same length in their first dimension"
            seen = dict(zip(self.paths, self.arrays, strict=True))
            raise ShapeError(compose("ArrayFileDataset", problem, seen))

    def __getitem__(self, index: int) -> tuple[Tensor, ...]:
        return tuple(wrap(np.array(array[index])) for array in self.arrays)

    def __len__(self) -> int:
        return len(self.arrays[0])

    def batch(self, indices: Any) -> tuple[Tensor, ...]:
        """Many samples at once, read in the order in which they lie in the file."""
        places = np.asarray(indices, np.intp)
        order = np.argsort(places, kind="stable")
        back = np.argsort(order, kind="stable")
        return tuple(
            wrap(np.asarray(array.take(places[order], 0)).take(back, 0)) for array in self.arrays
        )

    def __reduce__(self) -> Any:
        return ArrayFileDataset, self.paths


def _mapped(path: str) -> Any:
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        problem = f"{path!r} holds no array that can be mapped: {error}"
        raise ArgumentError(compose("ArrayFileDataset", problem)) from error
