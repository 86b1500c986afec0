"""Rows of a table by index, and gradients added back to the rows they came from."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import buffers
from .jit import kernel, suits, wanted

_int64 = np.dtype(np.int64)


def rows(table: Any, index: Any) -> Any:
    """``table[index]``.

    Raises
    ------
    IndexError
        If an index is negative or not below the number of rows.

    Examples
    --------
    >>> rows(np.array([[1.0], [2.0]]), np.array([1, 1, 0])).tolist()
    [[2.0], [2.0], [1.0]]
    """
    if index.size and not 0 <= index.min() <= index.max() < len(table):
        raise IndexError(f"an index lies outside of 0 to {len(table) - 1}")
    out = buffers.empty((*index.shape, table.shape[1]), table.dtype)
    return np.take(table, index, 0, out=out, mode="clip")  # the mode that needs no buffer


def add_rows(g: Any, index: Any, count: int) -> Any:
    """Zeros of `count` rows, to which ``out[index] += g``.

    Examples
    --------
    >>> add_rows(np.array([[1.0], [2.0]]), np.array([1, 1]), 3).tolist()
    [[0.0], [3.0], [0.0]]
    """
    out = np.zeros((count, g.shape[-1]), g.dtype)
    g, index = g.reshape(index.size, g.shape[-1]), index.reshape(-1)
    if wanted(g.size) and suits(g) and index.dtype is _int64 and index.flags.c_contiguous:
        _add_rows.compiled(out, index, g)
    else:
        np.add.at(out, index, g)
    return out


@kernel()
def _add_rows(out: Any, index: Any, g: Any) -> None:
    for i in range(index.size):
        row, gi = out[index[i]], g[i]
        for j in range(row.size):
            row[j] += gi[j]
