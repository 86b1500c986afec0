"""Rows of tables larger than memory, by index or as a stream."""

from __future__ import annotations

import os
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from ..config import SETTINGS
from ..core.tensor import wrap
from ..dtypes import resolve
from ..errors import ArgumentError, DTypeError, IndexingError, compose
from ..random import current_generator
from .dataset import Dataset, IterableDataset
from .table_files import open_table
from .worker import get_worker_info

Path = str | os.PathLike[str]


class _Rows:
    """What the rows of some files become: the base of both kinds of table.

    Files are opened when they are first read, anew in each process; only their paths travel.
    """

    def __init__(
        self, where: str, paths: Path | Sequence[Path], inputs: Any, targets: Any, dtype: Any
    ) -> None:
        given = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
        if not given:
            raise ArgumentError(compose(where, "needs at least one file"))
        self.where = where
        self.paths = [os.fspath(path) for path in given]
        self.dtype = SETTINGS.default_dtype if dtype is None else resolve(dtype, where)
        self._opened: tuple[int, list[Any]] | None = None
        files = self.files()
        types = files[0].types
        self.targets = [targets] if isinstance(targets, str) else list(targets or ())
        self.one_target = isinstance(targets, str)
        self.named = inputs is None and not self.targets  # rows stay dicts
        if inputs is None:
            inputs = [name for name in types if name not in self.targets]
        self.inputs = [inputs] if isinstance(inputs, str) else list(inputs)
        for path, file in zip(self.paths, files, strict=True):
            for name in (*self.inputs, *self.targets):
                if name not in file.types:
                    problem = f"{path!r} has no column {name!r}"
                    raise ArgumentError(compose(where, problem, {"columns": list(file.types)}))
        if not self.named:
            self._refuse_texts(types)
        self.blocks = [(f, b, n) for f, file in enumerate(files) for b, n in enumerate(file.rows)]

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_opened": None}

    def _refuse_texts(self, types: dict[str, Any]) -> None:
        from pyarrow import types as kinds

        for name in (*self.inputs, *self.targets):
            kind = types[name]
            numeric = (kinds.is_integer, kinds.is_floating, kinds.is_boolean, kinds.is_decimal)
            if not any(test(kind) for test in numeric):
                problem = f"the column {name!r} holds {kind}, no numbers"
                fix = "name the columns wanted: inputs=[...]; or encode it beforehand"
                raise DTypeError(compose(self.where, problem, fix=fix))

    def files(self) -> list[Any]:
        """The files, opened in this process."""
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = os.getpid(), [open_table(self.where, path) for path in self.paths]
        return self._opened[1]

    def read(self, block: tuple[int, int, int]) -> list[Any]:
        """The arrays of a block: a column each where rows are dicts, else inputs and targets."""
        which, number, _ = block
        table = self.files()[which].read(number, list(dict.fromkeys(self.inputs + self.targets)))
        if self.named:
            return [table.column(name).to_numpy() for name in self.inputs]
        arrays = [self._matrix(table, self.inputs)]
        if self.one_target:
            arrays.append(self._labels(table.column(self.targets[0])))
        elif self.targets:
            arrays.append(self._matrix(table, self.targets))
        return arrays

    def _matrix(self, table: Any, names: list[str]) -> Any:
        matrix = np.empty((table.num_rows, len(names)), self.dtype)
        for i, name in enumerate(names):
            matrix[:, i] = self._numbers(table.column(name))
        return matrix

    def _numbers(self, column: Any) -> Any:
        """Numbers of a column, with NaN where it has none."""
        return column.cast("float64", safe=False).to_numpy()

    def _labels(self, column: Any) -> Any:
        """A single target: whole numbers stay what they are."""
        array = column.to_numpy()
        return array if array.dtype.kind in "iub" else self._numbers(column).astype(self.dtype)

    def give(self, arrays: list[Any]) -> Any:
        """Samples, or one, as a loader gives them."""
        if not self.named:
            fields = tuple(wrap(np.asarray(array)) for array in arrays)
            return fields if self.targets else fields[0]
        return {name: _field(x) for name, x in zip(self.inputs, arrays, strict=True)}


def _field(values: Any) -> Any:
    """Numbers as a tensor; texts and the like as they are."""
    array = np.asarray(values)
    if array.dtype.kind in "biuf":
        return wrap(array)
    return values.tolist() if isinstance(values, np.ndarray) else values


class TableDataset(Dataset):
    r"""Rows of Parquet, Arrow or CSV files by index; blocks of them are read when needed.

    Parameters
    ----------
    paths : str, path or sequence of them
        Files that end in ``.parquet``, ``.arrow``, ``.feather``, ``.csv`` or ``.tsv``.
    inputs : sequence of str, optional
        Columns of numbers that make the input; by default all but the targets.
    targets : str or sequence of str, optional
        Columns to predict. A single name gives a number a row, and keeps integers; several
        give a vector a row. Without `inputs` and `targets`, rows are dicts of all columns.
    dtype : dtype, optional
        Of the inputs; by default that of `lucid.get_default_dtype`.
    cached_blocks : int, default 8
        How many blocks (row groups, record batches) stay in memory.

    Raises
    ------
    MissingPackageError
        If pyarrow is not installed (``pip install 'lucid[tables]'``).
    FileNotFoundError
        If there is no such file.
    ArgumentError
        If a column is not there, or a file cannot be read.
    DTypeError
        If a column that should be numbers is not.

    See Also
    --------
    TableStream : Reads each block once in a pass, also in random order.

    Notes
    -----
    Missing values become NaN. A pass in random order over more blocks than are cached reads
    blocks again and again; `TableStream` with ``shuffle=True`` does not.

    Examples
    --------
    >>> import os, tempfile
    >>> from lucid.data import TableDataset
    >>> path = os.path.join(tempfile.mkdtemp(), "houses.csv")
    >>> with open(path, "w") as file:
    ...     _ = file.write("rooms,area,price\n3,70.5,210\n2,,150\n")
    >>> dataset = TableDataset(path, targets="price")
    >>> len(dataset), dataset[1]
    (2, (Tensor([2.0000, nan]), Tensor(150)))
    """

    pure = True

    def __init__(
        self,
        paths: Path | Sequence[Path],
        inputs: Sequence[str] | None = None,
        targets: str | Sequence[str] | None = None,
        dtype: Any = None,
        cached_blocks: int = 8,
    ) -> None:
        if cached_blocks < 1:
            problem = f"cached_blocks must be at least 1, not {cached_blocks!r}"
            raise ArgumentError(compose("TableDataset", problem))
        self.rows = _Rows("TableDataset", paths, inputs, targets, dtype)
        self.cached_blocks = cached_blocks
        self._ends = list(accumulate(rows for _, _, rows in self.rows.blocks))
        self._cache: OrderedDict[int, list[Any]] = OrderedDict()
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_cache": OrderedDict(), "_lock": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=threading.Lock())

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __getitem__(self, index: int) -> Any:
        block, row = self._place(index)
        return self.rows.give([array[row] for array in self._read(block)])

    def batch(self, indices: Any) -> Any:
        """Many rows at once, block by block."""
        places = np.asarray(indices, np.intp)
        size = len(self)
        outside = places[(places < -size) | (places >= size)]
        if len(outside):
            self._place(int(outside[0]))
        places = np.where(places < 0, places + size, places)
        which = np.searchsorted(self._ends, places, side="right")
        order = np.argsort(which, kind="stable")
        parts: list[list[Any]] = []
        for block in np.unique(which).tolist():
            rows = places[which == block] - (self._ends[block - 1] if block else 0)
            parts.append([array[rows] for array in self._read(block)])
        back = np.argsort(order, kind="stable")
        columns = zip(*parts, strict=True)
        return self.rows.give([np.concatenate(column)[back] for column in columns])

    def _place(self, index: int) -> tuple[int, int]:
        """Block and row of a sample."""
        size = len(self)
        if not -size <= index < size:
            problem = f"index {index} is outside a table of {size} rows"
            raise IndexingError(compose("TableDataset", problem))
        index %= size
        block = bisect_right(self._ends, index)
        return block, index - (self._ends[block - 1] if block else 0)

    def _read(self, block: int) -> list[Any]:
        with self._lock:
            if block not in self._cache:
                while len(self._cache) >= self.cached_blocks:
                    self._cache.popitem(last=False)
                self._cache[block] = self.rows.read(self.rows.blocks[block])
            self._cache.move_to_end(block)
            return self._cache[block]


class TableStream(IterableDataset):
    r"""Rows of Parquet, Arrow or CSV files as they come, each block read once in a pass.

    Several workers share the blocks among them.

    Parameters
    ----------
    paths : str, path or sequence of them
    inputs : sequence of str, optional
    targets : str or sequence of str, optional
    dtype : dtype, optional
        All as `TableDataset` takes them.
    shuffle : bool, default False
        Blocks in random order, and the rows of `mixed_blocks` of them at a time.
    mixed_blocks : int, default 4
        How many blocks are in memory at a time where rows are shuffled.

    Raises
    ------
    MissingPackageError, FileNotFoundError, ArgumentError, DTypeError
        As `TableDataset` does.

    Examples
    --------
    >>> import os, tempfile
    >>> from lucid.data import DataLoader, TableStream
    >>> path = os.path.join(tempfile.mkdtemp(), "points.csv")
    >>> with open(path, "w") as file:
    ...     _ = file.write("x,y\n1,10\n2,20\n3,30\n")
    >>> loader = DataLoader(TableStream(path, inputs=["x"], targets="y"), batch_size=2)
    >>> [(x.tolist(), y.tolist()) for x, y in loader]
    [([[1.0], [2.0]], [10, 20]), ([[3.0]], [30])]
    """

    def __init__(
        self,
        paths: Path | Sequence[Path],
        inputs: Sequence[str] | None = None,
        targets: str | Sequence[str] | None = None,
        dtype: Any = None,
        shuffle: bool = False,
        mixed_blocks: int = 4,
    ) -> None:
        if mixed_blocks < 1:
            problem = f"mixed_blocks must be at least 1, not {mixed_blocks!r}"
            raise ArgumentError(compose("TableStream", problem))
        self.rows = _Rows("TableStream", paths, inputs, targets, dtype)
        self.shuffle = shuffle
        self.pure = not shuffle
        self.mixed_blocks = mixed_blocks if shuffle else 1

    def __len__(self) -> int:
        return sum(rows for _, _, rows in self.rows.blocks)

    def __iter__(self) -> Iterator[Any]:
        for arrays in self._pools():
            for row in range(len(arrays[0])):
                yield self.rows.give([array[row] for array in arrays])

    def batches(self, batch_size: int, drop_last: bool = False) -> Iterator[Any]:
        """The rows in batches, as collating them one by one would give.

        Parameters
        ----------
        batch_size : int
        drop_last : bool, default False
        """
        rest: list[Any] | None = None
        for arrays in self._pools():
            if rest is not None:
                arrays = [np.concatenate(pair) for pair in zip(rest, arrays, strict=True)]
            size = len(arrays[0])
            whole = size - size % batch_size
            for first in range(0, whole, batch_size):
                yield self.rows.give([array[first : first + batch_size] for array in arrays])
            rest = [array[whole:] for array in arrays]
        if rest is not None and len(rest[0]) and not drop_last:
            yield self.rows.give(rest)

    def _pools(self) -> Iterator[list[Any]]:
        """The arrays of some blocks at a time, shuffled where wanted."""
        worker = get_worker_info()
        blocks = self.rows.blocks
        if worker is not None:
            blocks = blocks[worker.id :: worker.num_workers]
        rng = current_generator().rng if self.shuffle else None
        if rng is not None:
            blocks = [blocks[i] for i in rng.permutation(len(blocks)).tolist()]
        for first in range(0, len(blocks), self.mixed_blocks):
            parts = [self.rows.read(block) for block in blocks[first : first + self.mixed_blocks]]
            arrays = [np.concatenate(column) for column in zip(*parts, strict=True)]
            if rng is not None:
                order = rng.permutation(len(arrays[0]))
                arrays = [array[order] for array in arrays]
            yield arrays
