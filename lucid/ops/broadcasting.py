"""Broadcasting made explicit: one element seen in many places, without a copy."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ShapeError, compose, not_a_tensor
from .axes import ndim_of
from .bind import method
from .shape import lengths


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw(3, 1), shape=(2, 3, 4)),
        draw.sample(draw(), shape=(2,)),
        draw.sample(draw(1, 3), shape=(0, 3)),
    ]


@primitive("broadcast_to", broadcasts=True, view=True, complex=True, samples=_samples)
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
    shape = lengths((shape,), "broadcast_to")
    try:
        if input.shape == shape:
            return input
    except AttributeError:
        raise not_a_tensor("broadcast_to", input) from None
    return apply(_broadcast_to, input, shape=shape)


@method("expand")
def expand(input: Tensor, *shape: Any) -> Tensor:
    """The tensor repeated along dimensions of length 1, as a view; -1 keeps a length.

    Parameters
    ----------
    input : Tensor
    *shape : int
        The new lengths, given one by one or as one sequence; new dimensions come first.

    Returns
    -------
    Tensor
        It cannot be written to: its elements share memory.

    Raises
    ------
    ShapeError
        If a dimension whose length is not 1 would change.

    Examples
    --------
    >>> import lucid
    >>> lucid.expand(lucid.tensor([[1], [2]]), -1, 3)
    Tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    ndim_of("expand", input)  # refuses what is no tensor
    wanted, old = lengths(shape, "expand"), input.shape
    new = len(wanted) - len(old)
    if new < 0 or -1 in wanted[:new]:
        problem = "needs a length for every dimension; -1 can only keep one that exists"
        raise ShapeError(compose("expand", problem, {"input": input, "shape": wanted}))
    full = tuple([old[i - new] if n == -1 else n for i, n in enumerate(wanted)])
    if any(to != n != 1 for to, n in zip(full[new:], old, strict=True)):
        problem = "the lengths do not broadcast: only 1 can be expanded"
        raise ShapeError(compose("expand", problem, {"input": input, "shape": wanted}))
    return broadcast_to(input, full)


@method("sum_to_size")
def _sum_to_size(input: Tensor, *size: Any) -> Tensor:
    """The sum over what broadcasting would add: the reverse of `expand`.

    Parameters
    ----------
    input : Tensor
    *size : int
        A shape that broadcasts to that of `input`, one by one or as one sequence.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shape does not broadcast to that of `input`.

    Examples
    --------
    >>> import lucid
    >>> lucid.ones(2, 3).sum_to_size(1, 3)
    Tensor([[2.0000, 2.0000, 2.0000]])
    """
    shape, own = lengths(size, "sum_to_size"), input.shape
    extra = len(own) - len(shape)
    if extra < 0 or any(n not in (1, m) for n, m in zip(shape, own[extra:], strict=True)):
        problem = f"the shape {shape} does not broadcast to that of the tensor"
        raise ShapeError(compose("sum_to_size", problem, {"input": input}))
    stretched = [extra + i for i, n in enumerate(shape) if n == 1 != own[extra + i]]
    axes = (*range(extra), *stretched)
    return input.sum(axes, keepdim=True).reshape(shape) if axes else input


@method("expand_as")
def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """`input` expanded to the shape of `other` (see `expand`).

    Parameters
    ----------
    input, other : Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1, 2]).expand_as(lucid.tensor([[0, 0], [0, 0]]))
    Tensor([[1, 2],
            [1, 2]])
    """
    return broadcast_to(input, other.shape)


def broadcast_shapes(*shapes: Any) -> tuple[int, ...]:
    """The shape that several shapes broadcast to.

    Parameters
    ----------
    *shapes : sequence of int

    Raises
    ------
    ShapeError
        If they do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.broadcast_shapes((3, 1), (4,))
    (3, 4)
    """
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError as error:
        problem = "the shapes do not broadcast: counted from the last, lengths must agree or be 1"
        raise ShapeError(compose("broadcast_shapes", problem, {"shapes": shapes})) from error


def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """Tensors broadcast against each other, as views.

    Parameters
    ----------
    *tensors : Tensor

    Raises
    ------
    ShapeError
        If they do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> a, b = lucid.broadcast_tensors(lucid.tensor([[1], [2]]), lucid.tensor([3, 4, 5]))
    >>> a.shape, b.shape
    ((2, 3), (2, 3))
    """
    for i, tensor in enumerate(tensors):
        ndim_of("broadcast_tensors", tensor, f"tensors[{i}]")  # refuses what is no tensor
    shape = broadcast_shapes(*(tensor.shape for tensor in tensors))
    return tuple(broadcast_to(tensor, shape) for tensor in tensors)
