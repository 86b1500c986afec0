"""Tables on disk as blocks of rows that are read one at a time: Parquet, Arrow, CSV.

Parquet has row groups and Arrow record batches; a CSV file is cut here at ends of lines, some
megabytes apart. PyArrow reads them all; it is imported when a table is first opened.
"""

from __future__ import annotations

import os
import threading
from typing import Any

import numpy as np

from ..errors import ArgumentError, MissingPackageError, compose

_CHUNK = 4 << 20  # bytes of a CSV file that make a block
_QUOTE, _NEWLINE, _RETURN = 34, 10, 13


def pyarrow(where: str) -> Any:
    """The package pyarrow.

    Raises
    ------
    MissingPackageError
        If it is not installed.
    """
    try:
        import pyarrow as package
    except ImportError as error:
        problem = "needs the package pyarrow, which is not installed"
        fix = "pip install 'lucid[tables]'"
        raise MissingPackageError(compose(where, problem, fix=fix)) from error
    return package


def open_table(where: str, path: str) -> Any:
    """A file as blocks, by the ending of its name.

    Returns
    -------
    object
        With `types` (a PyArrow type for each column, by name), `rows` (of each block), and
        ``read(block, columns)``, which gives a PyArrow table.

    Raises
    ------
    ArgumentError
        If the ending is none of those known, or the file is damaged.
    FileNotFoundError
        If there is no such file.
    """
    package = pyarrow(where)
    kind = _KINDS.get(os.path.splitext(path)[1].lower())
    if kind is None:
        problem = f"{path!r} must end in one of {', '.join(_KINDS)}"
        raise ArgumentError(compose(where, problem))
    if not os.path.exists(path):
        raise FileNotFoundError(compose(where, f"there is no file {path!r}"))
    try:
        return kind(path)
    except package.ArrowException as error:
        raise ArgumentError(compose(where, f"cannot read {path!r}: {error}")) from error


class _Parquet:
    def __init__(self, path: str) -> None:
        self._path, self._opened = path, threading.local()
        file = self._file()
        about = file.metadata
        self.rows = [about.row_group(i).num_rows for i in range(about.num_row_groups)]
        self.types = {field.name: field.type for field in file.schema_arrow}

    def _file(self) -> Any:
        """The file as this thread has opened it: two that read one `ParquetFile` crash."""
        import pyarrow.parquet as parquet

        if not hasattr(self._opened, "file"):
            self._opened.file = parquet.ParquetFile(self._path, memory_map=True)
        return self._opened.file

    def read(self, block: int, columns: list[str]) -> Any:
        return self._file().read_row_group(block, columns=columns, use_threads=False)


class _Arrow:
    def __init__(self, path: str) -> None:
        import pyarrow as pa

        self._file = pa.ipc.open_file(pa.memory_map(path))
        count = self._file.num_record_batches
        self.rows = [self._file.get_batch(i).num_rows for i in range(count)]
        self.types = {field.name: field.type for field in self._file.schema}

    def read(self, block: int, columns: list[str]) -> Any:
        import pyarrow as pa

        return pa.Table.from_batches([self._file.get_batch(block)]).select(columns)


class _CSV:
    """The columns have the types that the first block shows."""

    _delimiter = ","

    def __init__(self, path: str) -> None:
        self._path = path
        blocks = _cut(path)
        header, *self._blocks = blocks
        self.rows = [rows for _, _, rows in self._blocks]
        head = self._bytes(header)
        first = self._bytes(self._blocks[0]) if self._blocks else b""
        table = self._parsed(head + (first or b"\n"), {}, None)
        self.types = {field.name: field.type for field in table.schema}

    def read(self, block: int, columns: list[str]) -> Any:
        types = {name: self.types[name] for name in columns}
        table = self._parsed(self._bytes(self._blocks[block]), types, list(self.types))
        if table.num_rows != self.rows[block]:
            problem = f"a line of {self._path!r} is blank or broken: {table.num_rows} rows"
            raise ArgumentError(compose("CSV", problem, {"expected": self.rows[block]}))
        return table

    def _parsed(self, content: bytes, types: dict[str, Any], names: list[str] | None) -> Any:
        import io

        from pyarrow import csv

        return csv.read_csv(
            io.BytesIO(content),
            read_options=csv.ReadOptions(
                column_names=names, use_threads=False, block_size=max(len(content), 1)
            ),
            parse_options=csv.ParseOptions(delimiter=self._delimiter, newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=types, include_columns=list(types) or None
            ),
        )

    def _bytes(self, block: tuple[int, int, int]) -> bytes:
        start, end, _ = block
        with open(self._path, "rb") as file:
            file.seek(start)
            return file.read(end - start)


class _TSV(_CSV):
    _delimiter = "\t"


_KINDS: dict[str, Any] = {
    ".parquet": _Parquet,
    ".arrow": _Arrow,
    ".feather": _Arrow,
    ".csv": _CSV,
    ".tsv": _TSV,
}


def _cut(path: str) -> list[tuple[int, int, int]]:
    """The header and the blocks of a CSV file: first byte, end, and number of rows."""
    blocks: list[tuple[int, int, int]] = []
    start = line = place = 0  # of the block, of the line, of the chunk
    quotes, last = 0, _NEWLINE
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            data = np.frombuffer(chunk, np.uint8)
            within = (np.cumsum(data == _QUOTE, dtype=np.int64) + quotes) & 1
            ends = np.flatnonzero((data == _NEWLINE) & (within == 0))
            quotes = int(within[-1])
            if len(ends):
                starts = np.concatenate(([line - place], ends[:-1] + 1))
                before = np.where(ends > 0, data[ends - 1], last)
                lengths = ends - starts
                full = (lengths > 1) | ((lengths == 1) & (before != _RETURN))
                if not blocks and full.any():  # the first line that is not blank is the header
                    head = int(np.argmax(full))
                    blocks.append((start, place + int(ends[head]) + 1, 1))
                    start, full = blocks[0][1], full[head + 1 :]
                line = place + int(ends[-1]) + 1
                if full.any():
                    blocks.append((start, line, int(full.sum())))
                    start = line
            place += len(chunk)
            last = chunk[-1]
    if line < place:  # the last line ends with the file
        blocks.append((start, place, 1))
    return blocks or [(0, 0, 0)]
