"""Joining after adding dimensions: below, beside and behind each other, as NumPy has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..errors import DTypeError, compose
from .joining import at_least, cat, in_one_dtype
from .out import into
from .shape import reshape


def _raised(caller: str, tensors: tuple[Any, ...], ndim: int) -> Any:
    """One tensor with at least so many dimensions, or a tuple of them for several."""
    if len(tensors) == 1 and not isinstance(tensors[0], tuple | list):
        return at_least(_tensor(caller, tensors[0]), ndim)
    if len(tensors) == 1:
        tensors = tuple(tensors[0])
    return tuple(at_least(_tensor(caller, tensor), ndim) for tensor in tensors)


def _tensor(caller: str, value: Any) -> Any:
    if not isinstance(value, Tensor | np.ndarray):
        problem = f"takes tensors, not {type(value).__name__}"
        raise DTypeError(compose(caller, problem, {"given": value}, "lucid.tensor(value)"))
    return value


def atleast_1d(*tensors: Any) -> Any:
    """Every tensor with at least one dimension.

    Parameters
    ----------
    *tensors : Tensor
        One by one or as one sequence.

    Returns
    -------
    Tensor or tuple of Tensor
        One for one, else a tuple; views.

    Raises
    ------
    DTypeError
        If something is no tensor.

    Examples
    --------
    >>> import lucid
    >>> lucid.atleast_1d(lucid.tensor(3))
    Tensor([3])
    """
    return _raised("atleast_1d", tensors, 1)


def atleast_2d(*tensors: Any) -> Any:
    """Every tensor with at least two dimensions; vectors become rows.

    Parameters
    ----------
    *tensors : Tensor
        One by one or as one sequence.

    Returns
    -------
    Tensor or tuple of Tensor
        One for one, else a tuple; views.

    Raises
    ------
    DTypeError
        If something is no tensor.

    Examples
    --------
    >>> import lucid
    >>> lucid.atleast_2d(lucid.tensor([1, 2]))
    Tensor([[1, 2]])
    """
    return _raised("atleast_2d", tensors, 2)


def atleast_3d(*tensors: Any) -> Any:
    """Every tensor with at least three dimensions: a matrix gets its third one behind.

    Parameters
    ----------
    *tensors : Tensor
        One by one or as one sequence.

    Returns
    -------
    Tensor or tuple of Tensor
        Shape ``(1, n, 1)`` for vectors and ``(m, n, 1)`` for matrices; views.

    Raises
    ------
    DTypeError
        If something is no tensor.

    Examples
    --------
    >>> import lucid
    >>> lucid.atleast_3d(lucid.tensor([1, 2])).shape
    (1, 2, 1)
    """
    return _raised("atleast_3d", tensors, 3)


def vstack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """Tensors below each other; vectors become rows.

    Parameters
    ----------
    tensors : sequence of Tensor
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shapes differ but in the first dimension.
    ArgumentError
        If there are no tensors.

    Examples
    --------
    >>> import lucid
    >>> lucid.vstack([lucid.tensor([1, 2]), lucid.tensor([3, 4])])
    Tensor([[1, 2],
            [3, 4]])
    """
    if out is not None:
        return into(vstack, locals())
    return cat([at_least(tensor, 2) for tensor in in_one_dtype("vstack", tensors)], 0)


row_stack = vstack


def hstack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """Tensors beside each other; vectors end to end.

    Parameters
    ----------
    tensors : sequence of Tensor
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shapes differ but in the second dimension (of vectors the first).
    ArgumentError
        If there are no tensors.

    Examples
    --------
    >>> import lucid
    >>> lucid.hstack([lucid.tensor([1, 2]), lucid.tensor([3, 4])])
    Tensor([1, 2, 3, 4])
    """
    if out is not None:
        return into(hstack, locals())
    parts = [at_least(tensor, 1) for tensor in in_one_dtype("hstack", tensors)]
    return cat(parts, min(1, parts[0].ndim - 1))


def column_stack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """Tensors beside each other; vectors become columns.

    Parameters
    ----------
    tensors : sequence of Tensor
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shapes differ but in the second dimension.
    ArgumentError
        If there are no tensors.

    Examples
    --------
    >>> import lucid
    >>> lucid.column_stack([lucid.tensor([1, 2]), lucid.tensor([3, 4])])
    Tensor([[1, 3],
            [2, 4]])
    """
    if out is not None:
        return into(column_stack, locals())
    parts = in_one_dtype("column_stack", tensors)
    return cat([reshape(t, (t.numel(), 1)) if t.ndim < 2 else t for t in parts], 1)


def dstack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """Tensors behind each other, along the third dimension.

    Parameters
    ----------
    tensors : sequence of Tensor
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shapes differ but in the third dimension.
    ArgumentError
        If there are no tensors.

    Examples
    --------
    >>> import lucid
    >>> lucid.dstack([lucid.tensor([1, 2]), lucid.tensor([3, 4])])
    Tensor([[[1, 3],
             [2, 4]]])
    """
    if out is not None:
        return into(dstack, locals())
    return cat([at_least(tensor, 3) for tensor in in_one_dtype("dstack", tensors)], 2)
