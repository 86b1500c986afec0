"""Windows that slide over a dimension: `x.unfold`, and the sum of what overlaps.

The windows are a view, whatever the layout. Their gradient adds each window back where it came
from; the two ops are each other's gradients.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, compose
from ..samples import Draw, Sample
from .axes import normal_axis
from .bind import method
from .numbers import integer
from .precision import in_single
from .shape import reshape


def _samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(7), axis=0, size=3, step=2),
        draw.sample(draw(2, 6, 2), axis=1, size=4, step=1),
        draw.sample(draw(2, 7), axis=1, size=2, step=3),
        draw.sample(draw(3, 2), axis=0, size=3, step=1),
        draw.sample(draw(0, 3), axis=1, size=2, step=1),
    ]


@primitive("unfold", view=True, complex=True, samples=_samples)
def _unfold(x: Any, *, axis: int, size: int, step: int) -> Any:
    count = (x.shape[axis] - size) // step + 1
    stride = x.strides[axis]
    shape = (*x.shape[:axis], count, *x.shape[axis + 1 :], size)
    strides = (*x.strides[:axis], stride * step, *x.strides[axis + 1 :], stride)
    if not x.flags.c_contiguous or x.dtype.kind == "V":
        return as_strided(x, shape, strides, writeable=step >= size)
    out = np.ndarray(shape, x.dtype, x, 0, strides)  # the same at a fifth of the price
    if step < size:
        out.flags.writeable = False
    return out


@_unfold.rule
def _(g, y, x, *, axis, size, step):
    return (overlap_add(g, axis, step, x.shape[axis]),)


def _sum_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(3, 3), axis=0, step=2, length=8),
        draw.sample(draw(2, 2, 3, 5), axis=1, step=1, length=6),
        draw.sample(draw(4, 2), axis=0, step=3, length=11),
        draw.sample(draw(2, 1, 3), axis=1, step=1, length=3),
        draw.sample(draw(0, 2, 3), axis=1, step=1, length=4),
    ]


@primitive("overlap_add", complex=True, samples=_sum_samples)
@in_single
def _overlap_add(g: Any, *, axis: int, step: int, length: int) -> Any:
    out = np.zeros((*g.shape[:axis], length, *g.shape[axis + 1 : -1]), g.dtype)
    along, windows = np.moveaxis(out, axis, -1), np.moveaxis(g, axis, -2)
    count, size = windows.shape[-2:]
    if count <= size // step:  # few long windows, one after the other
        for i in range(count):
            along[..., i * step : i * step + size] += windows[..., i, :]
        return out
    for start in range(0, size, step):  # pieces no longer than a step do not meet
        pieces = windows[..., start : start + step]
        stride = along.strides[-1]
        strides = (*along.strides[:-1], stride * step, stride)
        places = as_strided(along[..., start:], pieces.shape, strides)
        places += pieces
    return out


@_overlap_add.rule
def _(d, y, g, *, axis, step, length):
    return (apply(_unfold, d, axis=axis, size=g.shape[-1], step=step),)


def overlap_add(windows: Any, axis: int, step: int, length: int) -> Any:
    """The sum of windows, the last dimension, where `unfold` would have read them from.

    They lie `step` apart along a dimension that has `length` in the result.
    """
    return apply(_overlap_add, windows, axis=axis, step=step, length=length)


@method("unfold")
def unfold(input: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """Windows of a given size that slide over a dimension, as a new last dimension.

    Parameters
    ----------
    input : Tensor
    dimension : int
        The dimension they slide over; it then counts the windows,
        ``(length - size) // step + 1``.
    size : int
        Length of a window.
    step : int
        How far one window is from the next.

    Returns
    -------
    Tensor
        A view; where windows overlap, it cannot be written to.

    Raises
    ------
    IndexingError
        If there is no such dimension.
    ArgumentError
        If a window is longer than the dimension, or `step` is not positive.
    DTypeError
        If `size` or `step` is not an integer.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1, 2, 3, 4, 5]).unfold(0, 3, 1)
    Tensor([[1, 2, 3],
            [2, 3, 4],
            [3, 4, 5]])
    """
    axis = normal_axis("unfold", dimension, input)
    size, step = integer("unfold", "size", size), integer("unfold", "step", step)
    length = input.shape[axis] if input.ndim else 1
    if not 0 <= size <= length:
        problem = f"a window must fit into the dimension, which has length {length}"
        seen = {"input": input, "dimension": dimension, "size": size}
        raise ArgumentError(compose("unfold", problem, seen))
    if step <= 0:
        raise ArgumentError(compose("unfold", "step must be positive", {"step": step}))
    if not input.ndim:
        windows = apply(_unfold, reshape(input, (1,)), axis=0, size=size, step=1)
        return windows[0]
    return apply(_unfold, input, axis=axis, size=size, step=step)
