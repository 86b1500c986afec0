"""Triangles of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..errors import ShapeError, compose
from .axes import ndim_of
from .bind import method
from .numbers import integer
from .out import into
from .selection import where


@method("tril")
def tril(input: Tensor, diagonal: int = 0, *, out: Tensor | None = None) -> Tensor:
    """The lower triangle of matrices, with zeros above.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., rows, columns)``.
    diagonal : int, default 0
        Keep what stands on or below this diagonal; positive ones lie above the main one.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

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
    if out is not None:
        return into(tril, locals())
    return where(_lower("tril", input, diagonal), input, np.zeros((), input.dtype))


@method("triu")
def triu(input: Tensor, diagonal: int = 0, *, out: Tensor | None = None) -> Tensor:
    """The upper triangle of matrices, with zeros below.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., rows, columns)``.
    diagonal : int, default 0
        Keep what stands on or above this diagonal; positive ones lie above the main one.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

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
    if out is not None:
        return into(triu, locals())
    return where(_lower("triu", input, diagonal, -1), np.zeros((), input.dtype), input)


def _lower(caller: str, input: Tensor, diagonal: int, shift: int = 0) -> Any:
    """The mask of what stands on or below a diagonal."""
    if ndim_of(caller, input) < 2:
        raise ShapeError(compose(caller, "needs at least two dimensions", {"input": input}))
    rows, columns = input.shape[-2:]
    diagonal = integer(caller, "diagonal", diagonal) + shift
    return np.tri(rows, columns, diagonal, dtype=np.bool_)
