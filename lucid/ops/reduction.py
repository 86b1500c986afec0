"""Reductions: from many elements to one, along some dimensions or all."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..dtypes import resolve
from .axes import Axes, normal_axes, one_spelling
from .bind import method
from .shape import broadcast_to


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw(3, 4), axis=(0, 1), keepdims=False),
        draw.sample(draw(2, 3, 4), axis=(1,), keepdims=True),
        draw.sample(draw(2, 3, 4), axis=(0, 2), keepdims=False),
        draw.sample(draw(), axis=(), keepdims=False),
        draw.sample(draw(0, 3), axis=(0,), keepdims=False),
    ]


def spread(g: Any, x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """The gradient of a reduction, laid out over what was reduced."""
    if not keepdims:
        shape = list(x.shape)
        for i in axis:
            shape[i] = 1
        g = g.reshape(tuple(shape))
    return broadcast_to(g, x.shape)


@primitive("sum", samples=_samples)
def _sum(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    return np.add.reduce(x, axis=axis, keepdims=keepdims)


@_sum.rule
def _(g, y, x, *, axis, keepdims):
    return (spread(g, x, axis, keepdims),)


@method("sum")
def sum(
    input: Tensor,
    dim: Axes = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
    axis: Axes = None,
    keepdims: bool = False,
) -> Tensor:
    """The sum along some dimensions, or of all elements.

    Parameters
    ----------
    input : Tensor
        Integers and bools are summed in int64.
    dim : int or sequence of int, optional
        Dimensions to sum over; all by default. Also spelled `axis`.
    keepdim : bool, default False
        Keep the dimensions with length 1. Also spelled `keepdims`.
    dtype : dtype, optional
        Cast to this before summing.

    Returns
    -------
    Tensor

    Raises
    ------
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([[1.0, 2.0], [3.0, 4.0]]).sum(dim=0)
    Tensor([4.0000, 6.0000])
    """
    axes = normal_axes("sum", one_spelling("sum", dim, axis), input.ndim)
    if dtype is not None:
        input = input.astype(resolve(dtype, "sum"))
    elif input.dtype.kind in "bui":
        input = input.astype(np.int64)
    return apply(_sum, input, axis=axes, keepdims=keepdim or keepdims)
