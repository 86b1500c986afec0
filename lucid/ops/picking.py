"""Picking elements along one dimension, and laying gradients back where they were picked.

Maxima, medians, sorted values and their kin are elements of their input: their forward finds
indices, and their gradient goes to the places that these name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..errors import IndexingError, compose
from ..samples import Draw, Sample
from .shape import reshape


class Chosen(NamedTuple):
    """Elements of a tensor, and where along the dimension they stood."""

    values: Any
    indices: Any


def grid(index: Any, axis: int) -> tuple[Any, ...]:
    """The index of NumPy that reads ``x[i, index[i, j], j]`` along `axis`."""
    ndim = index.ndim
    return tuple(
        index if i == axis else np.arange(n).reshape((n,) + (1,) * (ndim - 1 - i))
        for i, n in enumerate(index.shape)
    )


def _pick_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(3, 4), draw.integers(0, 4, 3, 2), axis=1),
        draw.sample(draw(3, 4), draw.integers(0, 3, 5, 4), axis=0),
    ]


@primitive("pick", saves=("index",), complex=True, samples=_pick_samples)
def _pick(x: Any, index: Any, *, axis: int) -> Any:
    return x[grid(index, axis)]


@_pick.rule
def _(g, y, x, index, *, axis):
    return put_back(g, index, axis, x.shape[axis], repeats=True), None


def pick(x: Any, index: Any, axis: int) -> Any:
    """The elements along `axis` that `index` names; its other dimensions are those of `x`."""
    return apply(_pick, x, index, axis=axis)


def _put_samples(draw: Draw) -> list[Sample]:
    order = np.argsort(draw(3, 4), axis=1)
    return [
        draw.sample(draw(3, 4), order, axis=1, length=4, repeats=False),
        draw.sample(draw(3, 4), order % 2, axis=1, length=3, repeats=True),
    ]


@primitive("put_back", saves=("index",), complex=True, samples=_put_samples)
def _put_back(g: Any, index: Any, *, axis: int, length: int, repeats: bool) -> Any:
    shape = list(g.shape)
    shape[axis] = length
    out = np.zeros(shape, g.dtype)
    if repeats:
        np.add.at(out, grid(index, axis), g)
    else:
        out[grid(index, axis)] = g
    return out


@_put_back.rule
def _(d, y, g, index, *, axis, length, repeats):
    return pick(d, index, axis), None


def put_back(g: Any, index: Any, axis: int, length: int, repeats: bool = False) -> Any:
    """Zeros of `length` along `axis`, with `g` laid (added, with `repeats`) where it was picked."""
    return apply(_put_back, g, index, axis=axis, length=length, repeats=repeats)


def to_chosen(g: Any, index: Any, x: Any, axis: int, keepdims: bool) -> Any:
    """The gradient of a reduction that chose one element of every lane of `x`."""
    if not keepdims:
        kept = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
        g, index = g.reshape(kept), index.reshape(kept)
    return put_back(g, index, axis, x.shape[axis])


def on_vector(function: Callable[..., Any], input: Any, *args: Any, **static: Any) -> Any:
    """Apply a function along a dimension to a 0-d tensor: it has one lane of one element."""
    result = function(reshape(input, (1,)), *args, **static)
    if isinstance(result, tuple):
        return Chosen(*(reshape(part, ()) for part in result))
    return reshape(result, ())


def refuse_empty(where: str, input: Any, axes: tuple[int, ...]) -> None:
    """Refuse to choose among no elements; asked where ``input.size`` is zero.

    Raises
    ------
    IndexingError
        If a dimension in `axes` has length zero.
    """
    if 0 in [input.shape[axis] for axis in axes]:
        problem = "there is no element to choose along a dimension of length zero"
        raise IndexingError(compose(where, problem, {"input": input, "dim": axes}))
