"""The shape of a tensor: views of the same elements in another arrangement."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ShapeError, compose
from .bind import method


def _reshape_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw(3, 4), shape=(2, 6)),
        draw.sample(draw(), shape=(1, 1)),
        draw.sample(draw(0, 3), shape=(3, 0)),
    ]


@primitive("reshape", view=True, samples=_reshape_samples)
def _reshape(x: Any, *, shape: tuple[int, ...]) -> Any:
    return x.reshape(shape)


@_reshape.rule
def _(g, y, x, *, shape):
    return (g.reshape(x.shape),)


@method("reshape")
def reshape(input: Tensor, *shape: Any) -> Tensor:
    """The elements in another shape; shares memory where the layout allows.

    Parameters
    ----------
    input : Tensor
    *shape : int
        The new lengths, given one by one or as one sequence; one may be -1.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the number of elements differs.

    Examples
    --------
    >>> import lucid
    >>> lucid.arange(6).reshape(2, -1)
    Tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    return apply(_reshape, input, shape=lengths(shape))


def lengths(shape: tuple[Any, ...]) -> tuple[int, ...]:
    """Lengths given one by one or as one sequence."""
    if len(shape) == 1 and isinstance(shape[0], tuple | list):
        shape = tuple(shape[0])
    return tuple(n.__index__() for n in shape)


def _broadcast_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw(3, 1), shape=(2, 3, 4)),
        draw.sample(draw(), shape=(2,)),
        draw.sample(draw(1, 3), shape=(0, 3)),
    ]


@primitive("broadcast_to", broadcasts=True, view=True, samples=_broadcast_samples)
def _broadcast_to(x: Any, *, shape: tuple[int, ...]) -> Any:
    return np.broadcast_to(x, shape)


@_broadcast_to.rule
def _(g, y, x, *, shape):  # the engine sums it back
    return (g,)


@method("broadcast_to")
def broadcast_to(input: Tensor, shape: Any) -> Tensor:
    """The tensor repeated along dimensions of length 1 and new leading ones, as a view.

    Parameters
    ----------
    input : Tensor
    shape : sequence of int

    Returns
    -------
    Tensor
        It cannot be written to: its elements share memory.

    Raises
    ------
    ShapeError
        If `input` does not broadcast to `shape`.

    Examples
    --------
    >>> import lucid
    >>> lucid.broadcast_to(lucid.tensor([1.0, 2.0]), (2, 2))
    Tensor([[1.0000, 2.0000],
            [1.0000, 2.0000]])
    """
    shape = lengths((shape,))
    if input.shape == shape:
        return input
    return apply(_broadcast_to, input, shape=shape)


def same_shape(where: str, **operands: Any) -> None:
    """Refuse operands of different shapes.

    Raises
    ------
    ShapeError
        If they differ.
    """
    if len({operand.shape for operand in operands.values()}) > 1:
        raise ShapeError(compose(where, "the shapes must be equal", operands))
