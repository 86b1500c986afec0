"""Writing into the part of a tensor that a view would show: slices, stretches, diagonals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError, compose, not_a_tensor
from .axes import normal_axis
from .bind import method
from .gathering import before, select
from .indexing import HERE, Pattern, set_at
from .inplace import change
from .out import into
from .selection import one_value
from .shape import reshape


def _written(caller: str, input: Tensor, src: Any, shape: tuple[int, ...], pattern: Pattern) -> Any:
    """`input` with `src` in the place of the part of this shape."""
    _refuse_misfit(caller, input, src, shape)
    return set_at(input, src, (), (*pattern, Ellipsis))


def _refuse_misfit(caller: str, input: Tensor, src: Any, shape: tuple[int, ...]) -> None:
    """Raise unless `src` has the shape of the part, and values that `input` can hold."""
    if not isinstance(src, Tensor | np.ndarray):
        raise not_a_tensor(caller, src, "src")
    seen = {"input": input, "src": src}
    if src.shape != shape:
        problem = f"src must have shape {shape}, that of the part it replaces"
        raise ShapeError(compose(caller, problem, seen))
    if src.dtype.kind == "c" and input.dtype.kind != "c":
        problem = "complex values do not fit a real tensor"
        raise DTypeError(compose(caller, problem, seen, "src.real"))


@method("select_scatter")
def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    """`input` with one slice along a dimension replaced: the counterpart of `select`.

    Parameters
    ----------
    input : Tensor
    src : Tensor
        The shape of ``input.select(dim, index)``; cast to the dtype of `input`.
    dim, index : int

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `src` has another shape than the slice.
    IndexingError
        If there is no such dimension or index.

    Examples
    --------
    >>> import lucid
    >>> lucid.select_scatter(lucid.zeros(2, 2), lucid.ones(2), 0, 1)
    Tensor([[0.0000, 0.0000],
            [1.0000, 1.0000]])
    """
    axis = normal_axis("select_scatter", dim, input)
    part = select(input, axis, index)  # refuses what is out of range
    return _written("select_scatter", input, src, part.shape, (*before(axis), int(index)))


@method("slice_scatter")
def slice_scatter(
    input: Tensor,
    src: Tensor,
    dim: int = 0,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`input` with a stretch of a dimension replaced: ``out[start:end:step] = src``.

    Parameters
    ----------
    input : Tensor
    src : Tensor
        The shape of the stretch; cast to the dtype of `input`.
    dim : int, default 0
    start, end : int, optional
        Negative ones count from the end, as in slices.
    step : int, default 1
        Positive.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `src` has another shape than the stretch.
    ArgumentError
        If `step` is not positive.
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.slice_scatter(lucid.zeros(4), lucid.ones(2), start=0, step=2)
    Tensor([1.0000, 0.0000, 1.0000, 0.0000])
    """
    if out is not None:
        return into(slice_scatter, locals())
    axis = normal_axis("slice_scatter", dim, input)
    if step < 1:
        problem = "step must be positive"
        raise ArgumentError(compose("slice_scatter", problem, {"step": step}))
    if not input.ndim:
        raise ShapeError(compose("slice_scatter", "a 0-d tensor has no slices", {"input": input}))
    stretch = slice(start, end, step)
    length = len(range(*stretch.indices(input.shape[axis])))
    shape = (*input.shape[:axis], length, *input.shape[axis + 1 :])
    return _written("slice_scatter", input, src, shape, (*before(axis), stretch))


@method("diagonal_scatter")
def diagonal_scatter(
    input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1
) -> Tensor:
    """`input` with a diagonal replaced: the counterpart of `diagonal`.

    Parameters
    ----------
    input : Tensor
    src : Tensor
        The shape of ``input.diagonal(offset, dim1, dim2)``; cast to the dtype of `input`.
    offset : int, default 0
        Which diagonal: above (positive) or below the main one.
    dim1, dim2 : int
        The dimensions that it runs through.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `src` has another shape than the diagonal.
    ArgumentError
        If `dim1` and `dim2` are the same dimension.
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.diagonal_scatter(lucid.zeros(2, 2), lucid.tensor([1.0, 2.0]))
    Tensor([[1.0000, 0.0000],
            [0.0000, 2.0000]])
    """
    a, b = (normal_axis("diagonal_scatter", dim, input) for dim in (dim1, dim2))
    if a == b:
        problem = "dim1 and dim2 must be different dimensions"
        raise ArgumentError(compose("diagonal_scatter", problem, {"dim1": dim1, "dim2": dim2}))
    places = np.arange(math.prod(input.shape)).reshape(input.shape).diagonal(offset, a, b)
    _refuse_misfit("diagonal_scatter", input, src, places.shape)
    flat, index = reshape(input, (-1,)), places.ravel()
    return reshape(set_at(flat, reshape(src, (-1,)), (index,), (HERE,)), input.shape)


@method("fill_diagonal_")
def fill_diagonal_(input: Tensor, fill_value: float, wrap: bool = False) -> Tensor:
    """The main diagonal filled with one value, in place.

    Parameters
    ----------
    input : Tensor
        A matrix, or a tensor of more dimensions of equal length.
    fill_value : number or 0-d Tensor
        Cast to the dtype of `input`.
    wrap : bool, default False
        In a tall matrix begin again below the end of the diagonal, with a row left out.

    Returns
    -------
    Tensor
        `input` itself.

    Raises
    ------
    ShapeError
        If `input` has less than two dimensions, or more of unequal length.
    GradError, ArgumentError
        If `input` cannot be changed (see `setitem`).

    Examples
    --------
    >>> import lucid
    >>> lucid.zeros(2, 2).fill_diagonal_(1)
    Tensor([[1.0000, 0.0000],
            [0.0000, 1.0000]])
    """
    shape = input.shape
    if len(shape) < 2 or (len(shape) > 2 and len(set(shape)) > 1):
        problem = "takes a matrix, or a tensor of more dimensions of equal length"
        raise ShapeError(compose("fill_diagonal_", problem, {"input": input}))
    value = one_value("fill_diagonal_", fill_value, input, "fill_value")
    step = sum(math.prod(shape[i + 1 :]) for i in range(len(shape)))  # one onward in each
    stop = None if wrap or len(shape) > 2 else min(shape) * step
    return change("fill_diagonal_", _with_every, input, value, slice(0, stop, max(step, 1)))


def _with_every(input: Tensor, value: Any, places: slice) -> Tensor:
    """`input` with one value at regular places of the flattened tensor."""
    return reshape(set_at(reshape(input, (-1,)), value, (), (places,)), input.shape)
