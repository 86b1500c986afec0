"""Elements in other places: repeated, reversed, rolled, rotated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..core.versions import owner
from ..errors import ArgumentError, ShapeError, compose
from ..samples import Draw, Sample
from .axes import ndim_of, normal_axes, normal_axis, one_spelling
from .bind import method
from .broadcasting import broadcast_to
from .gathering import index_select
from .indexing import getitem
from .numbers import integer
from .shape import clone, lengths, reshape
from .transposition import permute, transpose

# ---- repeated -----------------------------------------------------------------


@method("repeat")
def repeat(input: Tensor, *sizes: Any) -> Tensor:
    """The tensor laid side by side with itself, so many times along each dimension.

    Parameters
    ----------
    input : Tensor
    *sizes : int
        One number for each dimension, one by one or as one sequence; further ones come first
        and make new dimensions.

    Returns
    -------
    Tensor
        A copy.

    Raises
    ------
    ShapeError
        If there are fewer numbers than dimensions, or one is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1, 2]).repeat(2, 2)
    Tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """
    counts, ndim = lengths(sizes, "repeat"), ndim_of("repeat", input)
    shape = input.shape
    if len(counts) < ndim or min(counts, default=0) < 0:
        problem = f"needs a number, not negative, for each of the {ndim} dimensions"
        raise ShapeError(compose("repeat", problem, {"input": input, "sizes": counts}))
    shape = (1,) * (len(counts) - len(shape)) + shape
    apart = tuple(n for length in shape for n in (1, length))
    laid = tuple(n for pair in zip(counts, shape, strict=True) for n in pair)
    spread = broadcast_to(reshape(input, apart), laid)
    whole = tuple(count * length for count, length in zip(counts, shape, strict=True))
    repeated = reshape(spread, whole)
    return clone(repeated) if owner(repeated.data) is owner(input.data) else repeated


@method("tile")
def tile(input: Tensor, *dims: Any) -> Tensor:
    """`repeat` for which missing numbers count as 1.

    Parameters
    ----------
    input : Tensor
    *dims : int

    Examples
    --------
    >>> import lucid
    >>> lucid.tile(lucid.tensor([[1, 2], [3, 4]]), 2)
    Tensor([[1, 2, 1, 2],
            [3, 4, 3, 4]])
    """
    counts = lengths(dims, "tile")
    return repeat(input, (1,) * (ndim_of("tile", input) - len(counts)) + counts)


@method("repeat_interleave")
def repeat_interleave(
    input: Tensor, repeats: Any, dim: int | None = None, *, axis: int | None = None
) -> Tensor:
    """Every slice along a dimension repeated in its place.

    Parameters
    ----------
    input : Tensor
    repeats : int or Tensor of int
        How often, for all slices or for each.
    dim : int, optional
        By default the tensor is flattened first. Also spelled `axis`.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `repeats` has not one number, or one for each slice.
    ArgumentError
        If a number is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.repeat_interleave(lucid.tensor([1, 2]), 2)
    Tensor([1, 1, 2, 2])
    >>> lucid.repeat_interleave(lucid.tensor([1, 2]), lucid.tensor([1, 3]))
    Tensor([1, 2, 2, 2])
    """
    place = one_spelling("repeat_interleave", dim, axis)
    if place is None:
        input, place = reshape(input, (-1,)), 0
    where = normal_axis("repeat_interleave", place, input)
    counts = np.asarray(repeats.data if isinstance(repeats, Tensor) else repeats)
    length = input.shape[where]
    if counts.ndim > 1 or counts.size not in (1, length):
        problem = f"repeats must be one number, or {length}"
        raise ShapeError(compose("repeat_interleave", problem, {"repeats": counts}))
    if counts.size and counts.min() < 0:
        problem = "repeats must not be negative"
        raise ArgumentError(compose("repeat_interleave", problem, {"repeats": repeats}))
    rows = np.repeat(np.arange(length), counts.astype(np.intp))
    return index_select(input, where, rows)


# ---- reversed and rolled ------------------------------------------------------


@method("flip")
def flip(input: Tensor, *dims: Any) -> Tensor:
    """The elements in reverse order along some dimensions.

    Parameters
    ----------
    input : Tensor
    *dims : int
        One by one or as one sequence.

    Returns
    -------
    Tensor
        A view (in PyTorch a copy).

    Raises
    ------
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.flip(lucid.tensor([[1, 2], [3, 4]]), 0)
    Tensor([[3, 4],
            [1, 2]])
    """
    if len(dims) == 1 and isinstance(dims[0], tuple | list):
        dims = tuple(dims[0])
    axes = normal_axes("flip", dims, input)
    index = tuple(slice(None, None, -1 if i in axes else None) for i in range(input.ndim))
    return getitem(input, index)


@method("fliplr")
def fliplr(input: Tensor) -> Tensor:
    """The columns in reverse order.

    Parameters
    ----------
    input : Tensor
        At least two dimensions.

    Examples
    --------
    >>> import lucid
    >>> lucid.fliplr(lucid.tensor([[1, 2], [3, 4]]))
    Tensor([[2, 1],
            [4, 3]])
    """
    if ndim_of("fliplr", input) < 2:
        problem = "needs at least two dimensions"
        raise ShapeError(compose("fliplr", problem, {"input": input}, "lucid.flip(x, 0)"))
    return flip(input, 1)


@method("flipud")
def flipud(input: Tensor) -> Tensor:
    """The rows in reverse order.

    Parameters
    ----------
    input : Tensor
        At least one dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.flipud(lucid.tensor([1, 2]))
    Tensor([2, 1])
    """
    if not ndim_of("flipud", input):
        raise ShapeError(compose("flipud", "needs at least one dimension", {"input": input}))
    return flip(input, 0)


def _roll_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(3, 4), shifts=(1, -2), axes=(0, 1)),
        draw.sample(draw(0, 2), shifts=(3,), axes=(0,)),
    ]


@primitive("roll", complex=True, samples=_roll_samples)
def _roll(x: Any, *, shifts: tuple[int, ...], axes: tuple[int, ...]) -> Any:
    return np.roll(x, shifts, axes)


@_roll.rule
def _(g, y, x, *, shifts, axes):
    return (apply(_roll, g, shifts=tuple(-shift for shift in shifts), axes=axes),)


@method("roll")
def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """The elements shifted along some dimensions; what leaves at the end returns in front.

    Parameters
    ----------
    input : Tensor
    shifts : int or sequence of int
    dims : int or sequence of int, optional
        By default the tensor is rolled as if flattened.

    Returns
    -------
    Tensor

    Raises
    ------
    ArgumentError
        If `shifts` and `dims` do not pair up.

    Examples
    --------
    >>> import lucid
    >>> lucid.roll(lucid.tensor([1, 2, 3, 4]), 1)
    Tensor([4, 1, 2, 3])
    """
    given = shifts if isinstance(shifts, tuple | list) else (shifts,)
    steps = tuple(integer("roll", "a shift", step) for step in given)
    if dims is None:
        rolled = apply(_roll, reshape(input, (-1,)), shifts=(sum(steps),), axes=(0,))
        return reshape(rolled, input.shape)
    places = dims if isinstance(dims, tuple | list) else (dims,)
    if len(places) != len(steps):
        problem = "needs a shift for every dimension"
        raise ArgumentError(compose("roll", problem, {"shifts": shifts, "dims": dims}))
    axes = tuple(normal_axis("roll", dim, input) for dim in places)
    return apply(_roll, input, shifts=steps, axes=axes)


@method("rot90")
def rot90(input: Tensor, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
    """The tensor turned by `k` right angles in the plane of two dimensions.

    Parameters
    ----------
    input : Tensor
    k : int, default 1
    dims : pair of int, default (0, 1)
        Turned from the first towards the second.

    Returns
    -------
    Tensor
        A view.

    Raises
    ------
    ArgumentError
        If `dims` are not two different dimensions.

    Examples
    --------
    >>> import lucid
    >>> lucid.rot90(lucid.tensor([[1, 2], [3, 4]]))
    Tensor([[2, 4],
            [1, 3]])
    """
    if len(dims) != 2:
        raise ArgumentError(compose("rot90", "needs two dimensions", {"dims": dims}))
    a, b = (normal_axis("rot90", dim, input) for dim in dims)
    if a == b:
        raise ArgumentError(compose("rot90", "needs two different dimensions", {"dims": dims}))
    turns = integer("rot90", "k", k) % 4
    if turns == 2:
        return flip(input, (a, b))
    if turns == 0:
        return permute(input, *range(input.ndim))
    return transpose(flip(input, b), a, b) if turns == 1 else flip(transpose(input, a, b), b)
