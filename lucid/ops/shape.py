"""The shape of a tensor: the same elements, in order, under another division into dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..core.versions import owner
from ..dtypes import resolve
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from .axes import ndim_of, normal_axes, normal_axis, one_spelling
from .bind import method
from .casting import reinterpreted


def lengths(shape: tuple[Any, ...], where: str = "shape") -> tuple[int, ...]:
    """Lengths given one by one or as one sequence.

    Raises
    ------
    DTypeError
        If one is not an integer.
    """
    if len(shape) == 1 and isinstance(shape[0], tuple | list):
        shape = tuple(shape[0])
    try:
        return tuple([n if type(n) is int else n.__index__() for n in shape])
    except AttributeError as error:
        problem = "a shape must be given in integers"
        raise DTypeError(compose(where, problem, {"shape": shape})) from error


# ---- another division -----------------------------------------------------------------


def _reshape_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw(3, 4), shape=(2, 6)),
        draw.sample(draw(), shape=(1, 1)),
        draw.sample(draw(0, 3), shape=(3, 0)),
    ]


@primitive("reshape", view=True, complex=True, samples=_reshape_samples)
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
    >>> lucid.reshape(lucid.tensor([0, 1, 2, 3, 4, 5]), 2, -1)
    Tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    return apply(_reshape, input, shape=lengths(shape, "reshape"))


@method("reshape_as")
def reshape_as(input: Tensor, other: Tensor) -> Tensor:
    """`input` in the shape of `other`.

    Parameters
    ----------
    input, other : Tensor
        Of equally many elements.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1, 2]).reshape_as(lucid.tensor([[0], [0]]))
    Tensor([[1],
            [2]])
    """
    return reshape(input, other.shape)


@method("view")
def view(input: Tensor, *shape: Any) -> Tensor:
    """The elements in another shape, never a copy; where that cannot be, an error.

    Parameters
    ----------
    input : Tensor
    *shape : int or dtype
        The new lengths, given one by one or as one sequence; one may be -1. With a dtype the
        bytes are read anew, as elements of that dtype, and the result has no history.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the number of elements differs, or the layout in memory does not allow a view.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1, 2, 3, 4]).view(2, 2)
    Tensor([[1, 2],
            [3, 4]])
    >>> lucid.tensor([1.0]).view(lucid.int32)
    Tensor([1065353216], dtype=int32)
    """
    if len(shape) == 1 and isinstance(shape[0], np.dtype | type):
        return reinterpreted(input, resolve(shape[0], "view"))
    viewed = reshape(input, *shape)
    if owner(viewed.data) is not owner(input.data):
        problem = "this shape cannot be had without a copy: the elements are not in order"
        fix = "x.reshape(...), which copies where it must"
        raise ShapeError(compose("view", problem, {"input": input, "shape": viewed.shape}, fix))
    return viewed


@method("view_as")
def view_as(input: Tensor, other: Tensor) -> Tensor:
    """`input` viewed in the shape of `other` (see `view`).

    Parameters
    ----------
    input, other : Tensor
        Of equally many elements.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1, 2]).view_as(lucid.tensor([[0], [0]])).shape
    (2, 1)
    """
    return view(input, other.shape)


@method("flatten")
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Neighbouring dimensions as one.

    Parameters
    ----------
    input : Tensor
        A 0-d tensor becomes one of shape ``(1,)``.
    start_dim, end_dim : int
        The first and the last dimension that are joined; all by default.

    Returns
    -------
    Tensor

    Raises
    ------
    IndexingError
        If there is no such dimension.
    ArgumentError
        If `end_dim` comes before `start_dim`.

    Examples
    --------
    >>> import lucid
    >>> lucid.flatten(lucid.tensor([[[1, 2], [3, 4]]]), start_dim=1)
    Tensor([[1, 2, 3, 4]])
    """
    first = normal_axis("flatten", start_dim, input)
    last = normal_axis("flatten", end_dim, input)
    shape = input.shape
    if last < first:
        problem = "end_dim comes before start_dim"
        raise ArgumentError(compose("flatten", problem, {"start_dim": first, "end_dim": last}))
    if first == last and shape:
        return input
    joined = 1
    for length in shape[first : last + 1]:
        joined *= length
    return apply(_reshape, input, shape=(*shape[:first], joined, *shape[last + 1 :]))


@method("ravel")
def ravel(input: Tensor) -> Tensor:
    """All elements in one dimension.

    Parameters
    ----------
    input : Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.ravel(lucid.tensor([[1, 2], [3, 4]]))
    Tensor([1, 2, 3, 4])
    """
    return flatten(input)


@method("unflatten")
def unflatten(input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """One dimension divided into several: the reverse of `flatten`.

    Parameters
    ----------
    input : Tensor
    dim : int
        The dimension to divide.
    sizes : sequence of int
        The lengths it is divided into; one may be -1.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `sizes` do not multiply to the length of `dim`.

    Examples
    --------
    >>> import lucid
    >>> lucid.unflatten(lucid.tensor([1, 2, 3, 4]), 0, (2, -1))
    Tensor([[1, 2],
            [3, 4]])
    """
    where, shape = normal_axis("unflatten", dim, input), input.shape
    parts = lengths((sizes,), "unflatten")
    known = int(np.prod([n for n in parts if n != -1]))
    if -1 in parts and known and shape[where] % known == 0:
        parts = tuple(shape[where] // known if n == -1 else n for n in parts)
    if not shape or int(np.prod(parts)) != shape[where] or min(parts, default=0) < 0:
        problem = "the sizes must multiply to the length of the dimension"
        seen = {"input": input, "dim": dim, "sizes": sizes}
        raise ShapeError(compose("unflatten", problem, seen))
    return reshape(input, (*shape[:where], *parts, *shape[where + 1 :]))


# ---- dimensions of length 1 -----------------------------------------------------------


@method("squeeze")
def squeeze(input: Tensor, dim: Any = None, *, axis: Any = None) -> Tensor:
    """The tensor without dimensions of length 1.

    Parameters
    ----------
    input : Tensor
    dim : int or sequence of int, optional
        Look at these dimensions alone; one of another length stays as it is. Also spelled
        `axis`.

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
    >>> lucid.squeeze(lucid.tensor([[[1], [2]]])).shape
    (2,)
    >>> lucid.squeeze(lucid.tensor([[[1], [2]]]), 0).shape
    (2, 1)
    """
    where = normal_axes("squeeze", one_spelling("squeeze", dim, axis), input)
    shape = tuple(n for i, n in enumerate(input.shape) if n != 1 or i not in where)
    return apply(_reshape, input, shape=shape)


@method("unsqueeze")
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """The tensor with a new dimension of length 1.

    Parameters
    ----------
    input : Tensor
    dim : int
        Where the new dimension will stand.

    Returns
    -------
    Tensor

    Raises
    ------
    IndexingError
        If `dim` lies outside the new shape.

    Examples
    --------
    >>> import lucid
    >>> lucid.unsqueeze(lucid.tensor([1, 2]), -1)
    Tensor([[1],
            [2]])
    """
    where = normal_axis("unsqueeze", dim, input, extra=1)
    shape = input.shape
    return apply(_reshape, input, shape=(*shape[:where], 1, *shape[where:]))


# ---- copies -----------------------------------------------------------------


@primitive("clone", complex=True, samples=samples.unary)
def _clone(x: Any) -> Any:
    return x.copy()


@_clone.rule
def _(g, y, x):
    return (g,)


@method("clone")
def clone(input: Tensor) -> Tensor:
    """A copy with memory of its own; gradients flow through it to `input`.

    Parameters
    ----------
    input : Tensor

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([1.0, 2.0])
    >>> y = lucid.clone(x)
    >>> y[0] = 5.0
    >>> x
    Tensor([1.0000, 2.0000])
    """
    ndim_of("clone", input)  # lists can be copied too
    return apply(_clone, input)


def detach(input: Tensor) -> Tensor:
    """The same values, sharing memory, without the history: a constant to differentiation.

    Parameters
    ----------
    input : Tensor

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([1.0, 2.0], requires_grad=True)
    >>> lucid.detach(x * 2).requires_grad
    False
    """
    ndim_of("detach", input)  # refuses what is no tensor
    return input.detach()


@method("contiguous")
def contiguous(input: Tensor) -> Tensor:
    """The tensor with its elements in order in memory; itself if they are already.

    Parameters
    ----------
    input : Tensor

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([[1, 2], [3, 4]]).T
    >>> x.is_contiguous(), x.contiguous().is_contiguous()
    (False, True)
    """
    return input if input.is_contiguous() else clone(input)
