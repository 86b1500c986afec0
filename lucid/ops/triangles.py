"""Diagonals and triangles of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..errors import ArgumentError, ShapeError, compose
from .axes import normal_axis
from .bind import method
from .indexing import HERE, place, read
from .reduction import sum
from .selection import where
from .transposition import movedim


@method("tril")
def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The lower triangle of matrices, with zeros above.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., rows, columns)``.
    diagonal : int, default 0
        Keep what stands on or below this diagonal; positive ones lie above the main one.

    Raises
    ------
    ShapeError
        If `input` has fewer than two dimensions.

    Examples
    --------
    >>> import lucid
    >>> lucid.tril(lucid.tensor([[1, 2], [3, 4]]))
    Tensor([[1, 0],
            [3, 4]])
    """
    return where(_lower("tril", input, diagonal), input, np.zeros((), input.dtype))


@method("triu")
def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The upper triangle of matrices, with zeros below.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., rows, columns)``.
    diagonal : int, default 0
        Keep what stands on or above this diagonal; positive ones lie above the main one.

    Raises
    ------
    ShapeError
        If `input` has fewer than two dimensions.

    Examples
    --------
    >>> import lucid
    >>> lucid.triu(lucid.tensor([[1, 2], [3, 4]]))
    Tensor([[1, 2],
            [0, 4]])
    """
    return where(_lower("triu", input, diagonal - 1), np.zeros((), input.dtype), input)


def _lower(caller: str, input: Tensor, diagonal: int) -> Any:
    """The mask of what stands on or below a diagonal."""
    if input.ndim < 2:
        raise ShapeError(compose(caller, "needs at least two dimensions", {"input": input}))
    rows, columns = input.shape[-2:]
    return np.tri(rows, columns, diagonal, dtype=np.bool_)


def _coordinates(rows: int, columns: int, offset: int) -> tuple[Any, Any]:
    """Where a diagonal runs."""
    count = max(0, min(rows, columns - offset) if offset >= 0 else min(rows + offset, columns))
    steps = np.arange(count)
    return steps + max(0, -offset), steps + max(0, offset)


@method("diagonal")
def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A diagonal of two dimensions, as the last dimension.

    Parameters
    ----------
    input : Tensor
    offset : int, default 0
        Positive diagonals lie above the main one.
    dim1, dim2 : int

    Returns
    -------
    Tensor
        A copy (in PyTorch a view).

    Raises
    ------
    ArgumentError
        If `dim1` and `dim2` are the same dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.diagonal(lucid.tensor([[1, 2], [3, 4]]))
    Tensor([1, 4])
    """
    a = normal_axis("diagonal", dim1, input.ndim)
    b = normal_axis("diagonal", dim2, input.ndim)
    if a == b:
        problem = "needs two different dimensions"
        raise ArgumentError(compose("diagonal", problem, {"dim1": dim1, "dim2": dim2}))
    matrices = movedim(input, (a, b), (-2, -1))
    rows, columns = matrices.shape[-2:]
    return read(matrices, _coordinates(rows, columns, offset), (Ellipsis, HERE, HERE))


@method("diag")
def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """The diagonal of a matrix; of a vector, the matrix that has it as its diagonal.

    Parameters
    ----------
    input : Tensor
        A vector or a matrix.
    diagonal : int, default 0
        Positive diagonals lie above the main one.

    Raises
    ------
    ShapeError
        If `input` is neither.

    Examples
    --------
    >>> import lucid
    >>> lucid.diag(lucid.tensor([1, 2]))
    Tensor([[1, 0],
            [0, 2]])
    >>> lucid.diag(lucid.tensor([[1, 2], [3, 4]]))
    Tensor([1, 4])
    """
    if input.ndim == 2:
        rows, columns = input.shape
        return read(input, _coordinates(rows, columns, diagonal), (HERE, HERE))
    if input.ndim != 1:
        raise ShapeError(compose("diag", "takes a vector or a matrix", {"input": input}))
    size = input.shape[0] + abs(diagonal)
    return place(input, _coordinates(size, size, diagonal), (HERE, HERE), (size, size))


@method("trace")
def trace(input: Tensor) -> Tensor:
    """The sum of the diagonal of a matrix.

    Parameters
    ----------
    input : Tensor

    Raises
    ------
    ShapeError
        If `input` is no matrix.

    Examples
    --------
    >>> import lucid
    >>> lucid.trace(lucid.tensor([[1, 2], [3, 4]]))
    Tensor(5)
    """
    if input.ndim != 2:
        raise ShapeError(compose("trace", "takes a matrix", {"input": input}))
    return sum(diag(input))
