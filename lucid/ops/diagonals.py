"""Diagonals of matrices: read, laid out over zeros, and summed up."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, ShapeError, compose
from ..samples import Draw, Sample
from .axes import ndim_of, normal_axis
from .bind import method
from .numbers import integer
from .out import into
from .reduction import sum
from .shape import reshape

# ---- reading and its gradient -----------------------------------------------------------


def _samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(3, 4), offset=0, axes=(0, 1)),
        draw.sample(draw(4, 2, 3), offset=-1, axes=(0, 2)),
        draw.sample(draw(2, 3), offset=2, axes=(1, 0)),
        draw.sample(draw(0, 3), offset=1, axes=(0, 1)),
    ]


@primitive("diagonal", view=True, complex=True, samples=_samples)
def _diagonal(x: Any, *, offset: int, axes: tuple[int, int]) -> Any:
    return _writable_diagonal(x, offset, axes)


def _writable_diagonal(x: Any, offset: int, axes: tuple[int, int]) -> Any:
    """The view that NumPy gives, which it makes read-only to be on the safe side."""
    view = x.diagonal(offset, *axes)
    view.flags.writeable = x.flags.writeable
    return view


@_diagonal.rule
def _(g, y, x, *, offset, axes):
    return (_laid_out(g, x.shape, offset, axes),)


def _laid_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(3), shape=(3, 4), offset=0, axes=(0, 1)),
        draw.sample(draw(2, 2), shape=(3, 2, 4), offset=-1, axes=(0, 2)),
        draw.sample(draw(0), shape=(0, 3), offset=1, axes=(0, 1)),
    ]


@primitive("diag_embed", complex=True, samples=_laid_samples)
def _diag_embed(g: Any, *, shape: tuple[int, ...], offset: int, axes: tuple[int, int]) -> Any:
    out = np.zeros(shape, g.dtype)
    _writable_diagonal(out, offset, axes)[...] = g
    return out


@_diag_embed.rule
def _(d, y, g, *, shape, offset, axes):
    return (apply(_diagonal, d, offset=offset, axes=axes),)


def _laid_out(g: Any, shape: tuple[int, ...], offset: int, axes: tuple[int, int]) -> Any:
    """`g`, its last dimension laid out along the diagonal of two dimensions of zeros."""
    return apply(_diag_embed, g, shape=shape, offset=offset, axes=axes)


def _two_axes(caller: str, dim1: int, dim2: int, input: Tensor, extra: int = 0) -> tuple[int, int]:
    """Two dimensions, counted from the front, of a tensor that gets so many more.

    Raises
    ------
    ArgumentError
        If they are the same.
    """
    a, b = (normal_axis(caller, dim, input, extra) for dim in (dim1, dim2))
    if a == b:
        problem = "needs two different dimensions"
        raise ArgumentError(compose(caller, problem, {"dim1": dim1, "dim2": dim2}))
    return a, b


# ---- public functions -------------------------------------------------------------------


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
        A view.

    Raises
    ------
    ArgumentError
        If `dim1` and `dim2` are the same dimension.
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.diagonal(lucid.tensor([[1, 2], [3, 4]]))
    Tensor([1, 4])
    """
    axes, offset = _two_axes("diagonal", dim1, dim2, input), integer("diagonal", "offset", offset)
    return apply(_diagonal, input, offset=offset, axes=axes)


@method("diag")
def diag(input: Tensor, diagonal: int = 0, *, out: Tensor | None = None) -> Tensor:
    """The diagonal of a matrix; of a vector, the matrix that has it as its diagonal.

    Parameters
    ----------
    input : Tensor
        A vector or a matrix.
    diagonal : int, default 0
        Positive diagonals lie above the main one.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Of a matrix, a view.

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
    if out is not None:
        return into(diag, locals())
    ndim, diagonal = ndim_of("diag", input), integer("diag", "diagonal", diagonal)
    if ndim == 2:
        return apply(_diagonal, input, offset=diagonal, axes=(0, 1))
    if ndim != 1:
        raise ShapeError(compose("diag", "takes a vector or a matrix", {"input": input}))
    return diag_embed(input, diagonal)


@method("diag_embed")
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Square matrices with the last dimension on a diagonal, zeros elsewhere.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., n)``.
    offset : int, default 0
        Positive diagonals lie above the main one.
    dim1, dim2 : int, default -2, -1
        Where rows and columns stand in the result.

    Returns
    -------
    Tensor
        With both dimensions of length ``n + abs(offset)``.

    Raises
    ------
    ShapeError
        If `input` is 0-d.
    ArgumentError
        If `dim1` and `dim2` are the same dimension.
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.diag_embed(lucid.tensor([1, 2]), 1)
    Tensor([[0, 1, 0],
            [0, 0, 2],
            [0, 0, 0]])
    """
    if not ndim_of("diag_embed", input):
        raise ShapeError(compose("diag_embed", "needs a dimension", {"input": input}))
    offset = integer("diag_embed", "offset", offset)
    axes = _two_axes("diag_embed", dim1, dim2, input, extra=1)
    shape, length = list(input.shape[:-1]), input.shape[-1] + abs(offset)
    for axis in sorted(axes):
        shape.insert(axis, length)
    return _laid_out(input, tuple(shape), offset, axes)


@method("diagflat")
def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """A matrix with all elements of the input on a diagonal, zeros elsewhere.

    Parameters
    ----------
    input : Tensor
        Of any shape; it is flattened.
    offset : int, default 0
        Positive diagonals lie above the main one.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.diagflat(lucid.tensor([[1, 2]]))
    Tensor([[1, 0],
            [0, 2]])
    """
    return diag_embed(reshape(input, (-1,)), offset)


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
    if ndim_of("trace", input) != 2:
        raise ShapeError(compose("trace", "takes a matrix", {"input": input}))
    return sum(diag(input))
