"""Reductions that ask: any, all, how many."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..samples import Draw, Sample
from .axes import Axes, normal_axes, one_spelling
from .bind import method
from .out import into
from .reduction import add_over

or_over: Any = np.logical_or.reduce
and_over: Any = np.logical_and.reduce


def _samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw.bools(3, 4), axis=(0, 1), keepdims=False),
        draw.sample(draw.integers(-1, 2, 2, 3, 4), axis=(0, 2), keepdims=True),
        draw.sample(draw(), axis=(), keepdims=False),
        draw.sample(draw(0, 3), axis=(0,), keepdims=False),
    ]


@primitive("any", complex=True, samples=_samples)
def _any(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    return or_over(x, axis=axis, keepdims=keepdims)


@method("any")
def any(
    input: Tensor,
    dim: Axes = None,
    keepdim: bool = False,
    *,
    axis: Axes = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Whether any element is not zero (NaN is not zero).

    Parameters
    ----------
    input : Tensor
    dim : int or sequence of int, optional
        Dimensions to reduce; all by default. Also spelled `axis`.
    keepdim : bool, default False
        Keep the dimensions with length 1. Also spelled `keepdims`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of bool
        Also for uint8, where PyTorch gives uint8.

    Raises
    ------
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([[0, 1], [0, 0]]).any(dim=1)
    Tensor([True, False])
    """
    if out is not None:
        return into(any, locals())
    axes = normal_axes("any", one_spelling("any", dim, axis), input)
    return apply(_any, input, axis=axes, keepdims=keepdim or keepdims)


@primitive("all", complex=True, samples=_samples)
def _all(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    return and_over(x, axis=axis, keepdims=keepdims)


@method("all")
def all(
    input: Tensor,
    dim: Axes = None,
    keepdim: bool = False,
    *,
    axis: Axes = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Whether no element is zero (parameters as for `any`); true of none.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([[1, 1], [0, 1]]).all(dim=1)
    Tensor([True, False])
    """
    if out is not None:
        return into(all, locals())
    axes = normal_axes("all", one_spelling("all", dim, axis), input)
    return apply(_all, input, axis=axes, keepdims=keepdim or keepdims)


def count_nonzero_array(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """How many elements of an array are not zero, in int64."""
    return add_over(x != 0, axis=axis, dtype=np.int64, keepdims=keepdims)


@primitive("count_nonzero", complex=True, samples=_samples)
def _count_nonzero(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    return count_nonzero_array(x, axis, keepdims)


@method("count_nonzero")
def count_nonzero(
    input: Tensor,
    dim: Axes = None,
    keepdim: bool = False,
    *,
    axis: Axes = None,
    keepdims: bool = False,
) -> Tensor:
    """How many elements are not zero (parameters as for `any`).

    Returns
    -------
    Tensor of int64

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([[0, 1], [2, 3]]).count_nonzero(dim=0)
    Tensor([1, 2])
    """
    axes = normal_axes("count_nonzero", one_spelling("count_nonzero", dim, axis), input)
    return apply(_count_nonzero, input, axis=axes, keepdims=keepdim or keepdims)
