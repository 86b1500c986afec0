"""Splitting a tensor along a dimension; the parts are views.

All parts come from one op, so that the backward pass joins their gradients once, instead of
adding up as many arrays of the full size.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from ..samples import Draw, Sample
from .axes import ndim_of, normal_axis, one_spelling
from .bind import method
from .indexing import getitem
from .joining import cat, stack
from .numbers import integer


def _samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(5, 3), sizes=(2, 0, 3), axis=0),
        draw.sample(draw(2, 4), sizes=(1, 3), axis=1),
        draw.sample(draw(0, 2), sizes=(0, 0), axis=0),
    ]


@primitive("split", view=True, outputs=0, complex=True, samples=_samples)
def _split(x: Any, *, sizes: tuple[int, ...], axis: int) -> Any:
    parts, start, before = [], 0, (slice(None),) * axis
    for size in sizes:
        parts.append(x[(*before, slice(start, start + size))])
        start += size
    return tuple(parts)


@_split.rule
def _(g, y, x, *, sizes, axis):
    shapes = [(*x.shape[:axis], size, *x.shape[axis + 1 :]) for size in sizes]
    return (cat(_filled(g, shapes), axis),)


def _filled(grads: Any, shapes: list[tuple[int, ...]]) -> list[Any]:
    """The gradients of all outputs, zeros where none arrived."""
    dtype = next(g.dtype for g in grads if g is not None)
    return [
        np.zeros(shape, dtype) if g is None else g for g, shape in zip(grads, shapes, strict=True)
    ]


def _unbind_samples(draw: Draw) -> list[Sample]:
    return [draw.sample(draw(3, 2), axis=0), draw.sample(draw(2, 3), axis=1)]


@primitive("unbind", view=True, outputs=0, complex=True, samples=_unbind_samples)
def _unbind(x: Any, *, axis: int) -> Any:
    before = (slice(None),) * axis
    return tuple(x[(*before, i, ...)] for i in range(x.shape[axis]))


@_unbind.rule
def _(g, y, x, *, axis):
    shape = (*x.shape[:axis], *x.shape[axis + 1 :])
    return (stack(_filled(g, [shape] * len(g)), axis),)


def _axis(caller: str, input: Tensor, dim: Any, axis: Any) -> int:
    """The dimension to split: 0 by default, in PyTorch's spelling or NumPy's."""
    if not ndim_of(caller, input):
        raise ShapeError(compose(caller, "a 0-d tensor cannot be split", {"input": input}))
    place = one_spelling(caller, dim, axis)
    return normal_axis(caller, 0 if place is None else place, input)


@method("split", "unsafe_split")
def split(
    input: Tensor, split_size_or_sections: Any, dim: Any = None, *, axis: int | None = None
) -> tuple[Tensor, ...]:
    """Parts of a given size (the last may be smaller), or of given sizes.

    Parameters
    ----------
    input : Tensor
    split_size_or_sections : int or sequence of int
        The size of every part, or the sizes of all parts.
    dim : int, default 0
        Also spelled `axis`.

    Returns
    -------
    tuple of Tensor
        Views.

    Raises
    ------
    ArgumentError
        If the sizes are negative or do not add up to the length of the dimension.

    Examples
    --------
    >>> import lucid
    >>> [part.tolist() for part in lucid.split(lucid.tensor([1, 2, 3, 4, 5]), 2)]
    [[1, 2], [3, 4], [5]]
    >>> [part.tolist() for part in lucid.split(lucid.tensor([1, 2, 3]), [1, 2])]
    [[1], [2, 3]]
    """
    where = _axis("split", input, dim, axis)
    length, given = input.shape[where], split_size_or_sections
    if isinstance(given, tuple | list):
        sizes = tuple(integer("split", "a size", size) for size in given)
    else:
        size = integer("split", "the size", given)
        if size < 0 or (size == 0 and length):
            problem = f"the size of a part must be positive, not {size}"
            raise ArgumentError(compose("split", problem, {"input": input}))
        starts = range(0, length, size) if length else (0,)
        sizes = tuple(min(size, length - start) for start in starts)
    if sum(sizes) != length or min(sizes, default=0) < 0:
        problem = f"the sizes must add up to {length}, the length of the dimension"
        raise ArgumentError(compose("split", problem, {"input": input, "sizes": sizes}))
    return apply(_split, input, sizes=sizes, axis=where)


@method("chunk", "unsafe_chunk")
def chunk(
    input: Tensor, chunks: int, dim: Any = None, *, axis: int | None = None
) -> tuple[Tensor, ...]:
    """At most `chunks` parts of equal size; the last may be smaller.

    Parameters
    ----------
    input : Tensor
    chunks : int
    dim : int, default 0
        Also spelled `axis`.

    Returns
    -------
    tuple of Tensor
        Views.

    Raises
    ------
    ArgumentError
        If `chunks` is not positive.

    Examples
    --------
    >>> import lucid
    >>> [part.tolist() for part in lucid.chunk(lucid.tensor([1, 2, 3, 4, 5]), 3)]
    [[1, 2], [3, 4], [5]]
    """
    chunks = integer("chunk", "chunks", chunks)
    if chunks < 1:
        raise ArgumentError(compose("chunk", "chunks must be positive", {"chunks": chunks}))
    where = _axis("chunk", input, dim, axis)
    length = input.shape[where]
    if not length:
        return apply(_split, input, sizes=(0,) * chunks, axis=where)
    return split(input, -(-length // chunks), where)


@method("tensor_split")
def tensor_split(
    input: Tensor, indices_or_sections: Any, dim: Any = None, *, axis: int | None = None
) -> tuple[Tensor, ...]:
    """Exactly so many parts, as equal as can be, or parts that begin at given indices.

    Parameters
    ----------
    input : Tensor
    indices_or_sections : int or sequence of int
        The number of parts, or where each part but the first begins.
    dim : int, default 0
        Also spelled `axis`.

    Returns
    -------
    tuple of Tensor
        Views.

    Raises
    ------
    ArgumentError
        If the number of parts is not positive.

    Examples
    --------
    >>> import lucid
    >>> [part.tolist() for part in lucid.tensor_split(lucid.tensor([1, 2, 3, 4, 5]), 3)]
    [[1, 2], [3, 4], [5]]
    >>> [part.tolist() for part in lucid.tensor_split(lucid.tensor([1, 2, 3]), [1, 1])]
    [[1], [], [2, 3]]
    """
    where = _axis("tensor_split", input, dim, axis)
    length, given = input.shape[where], indices_or_sections
    if isinstance(given, tuple | list):
        bounds = [slice(integer("tensor_split", "an index", i)).indices(length)[1] for i in given]
        starts = [0, *bounds]
        ends = [*bounds, length]
        if bounds != sorted(bounds):  # parts may be empty or overlap: slices, each its own op
            before = (slice(None),) * where
            pairs = zip(starts, ends, strict=True)
            return tuple(getitem(input, (*before, slice(a, b))) for a, b in pairs)
        sizes = tuple(b - a for a, b in zip(starts, ends, strict=True))
    else:
        count = integer("tensor_split", "the number of parts", given)
        if count < 1:
            problem = "the number of parts must be positive"
            raise ArgumentError(compose("tensor_split", problem, {"sections": given}))
        small, larger = divmod(length, count)
        sizes = (small + 1,) * larger + (small,) * (count - larger)
    return apply(_split, input, sizes=sizes, axis=where)


@method("split_with_sizes", "unsafe_split_with_sizes")
def split_with_sizes(
    input: Tensor, split_sizes: Any, dim: Any = None, *, axis: int | None = None
) -> tuple[Tensor, ...]:
    """Parts of given sizes.

    Parameters
    ----------
    input : Tensor
    split_sizes : sequence of int
        They add up to the length of the dimension.
    dim : int, default 0
        Also spelled `axis`.

    Returns
    -------
    tuple of Tensor
        Views.

    Raises
    ------
    ArgumentError
        If the sizes are negative or do not add up.
    DTypeError
        If they are no sequence.

    Examples
    --------
    >>> import lucid
    >>> [part.tolist() for part in lucid.split_with_sizes(lucid.tensor([1, 2, 3]), [1, 2])]
    [[1], [2, 3]]
    """
    if not isinstance(split_sizes, tuple | list):
        problem = "takes a sequence of sizes"
        seen = {"split_sizes": split_sizes}
        raise DTypeError(compose("split_with_sizes", problem, seen, "lucid.split(x, size)"))
    return split(input, split_sizes, dim, axis=axis)


def _split_along(caller: str, input: Tensor, given: Any, least: int, dim: int) -> Any:
    """`tensor_split` along a fixed dimension, into parts of equal size if a number is given.

    Raises
    ------
    ShapeError
        If `input` has too few dimensions.
    ArgumentError
        If there are no so many parts of equal size.
    """
    if ndim_of(caller, input) < least:
        problem = f"needs at least {least} dimension{'s' * (least > 1)}"
        raise ShapeError(compose(caller, problem, {"input": input}, "lucid.tensor_split(x, ...)"))
    count = 1 if isinstance(given, tuple | list) else integer(caller, "the number of parts", given)
    if count < 1 or input.shape[dim] % count:
        problem = f"cannot make {given} parts of equal size from dimension {dim}"
        raise ArgumentError(compose(caller, problem, {"input": input}, "lucid.tensor_split(x, n)"))
    return tensor_split(input, given, dim)


@method("hsplit")
def hsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Parts beside each other: along the second dimension, of a vector along its only one.

    Parameters
    ----------
    input : Tensor
    indices_or_sections : int or sequence of int
        The number of parts of equal size, or where each part but the first begins.

    Returns
    -------
    tuple of Tensor
        Views.

    Raises
    ------
    ShapeError
        If `input` is 0-d.
    ArgumentError
        If the dimension does not divide so.

    Examples
    --------
    >>> import lucid
    >>> [part.tolist() for part in lucid.hsplit(lucid.tensor([[1, 2], [3, 4]]), 2)]
    [[[1], [3]], [[2], [4]]]
    """
    return _split_along(
        "hsplit", input, indices_or_sections, 1, min(1, ndim_of("hsplit", input) - 1)
    )


@method("vsplit")
def vsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Parts below each other: along the first dimension.

    Parameters
    ----------
    input : Tensor
        At least two dimensions.
    indices_or_sections : int or sequence of int
        The number of parts of equal size, or where each part but the first begins.

    Returns
    -------
    tuple of Tensor
        Views.

    Raises
    ------
    ShapeError
        If `input` has fewer than two dimensions.
    ArgumentError
        If the dimension does not divide so.

    Examples
    --------
    >>> import lucid
    >>> [part.tolist() for part in lucid.vsplit(lucid.tensor([[1, 2], [3, 4]]), [1])]
    [[[1, 2]], [[3, 4]]]
    """
    return _split_along("vsplit", input, indices_or_sections, 2, 0)


@method("dsplit")
def dsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Parts behind each other: along the third dimension.

    Parameters
    ----------
    input : Tensor
        At least three dimensions.
    indices_or_sections : int or sequence of int
        The number of parts of equal size, or where each part but the first begins.

    Returns
    -------
    tuple of Tensor
        Views.

    Raises
    ------
    ShapeError
        If `input` has fewer than three dimensions.
    ArgumentError
        If the dimension does not divide so.

    Examples
    --------
    >>> import lucid
    >>> [part.shape for part in lucid.dsplit(lucid.ones(1, 2, 4), 2)]
    [(1, 2, 2), (1, 2, 2)]
    """
    return _split_along("dsplit", input, indices_or_sections, 3, 2)


@method("unbind")
def unbind(input: Tensor, dim: Any = None, *, axis: int | None = None) -> tuple[Tensor, ...]:
    """All slices along a dimension, which goes away.

    Parameters
    ----------
    input : Tensor
    dim : int, default 0
        Also spelled `axis`.

    Returns
    -------
    tuple of Tensor
        Views.

    Raises
    ------
    ShapeError
        If `input` is 0-d.

    Examples
    --------
    >>> import lucid
    >>> a, b = lucid.unbind(lucid.tensor([[1, 2], [3, 4]]), dim=1)
    >>> a
    Tensor([1, 3])
    """
    return apply(_unbind, input, axis=_axis("unbind", input, dim, axis))


# PyTorch's "unsafe" forms leave out the record of views; here that record costs nothing.
unsafe_chunk, unsafe_split, unsafe_split_with_sizes = chunk, split, split_with_sizes


@method("__iter__")
def _iterate(input: Tensor) -> Iterator[Tensor]:
    """The slices along the first dimension, one after the other."""
    if not input.ndim:
        problem = "a 0-d tensor cannot be iterated over"
        raise DTypeError(compose("iter", problem, {"tensor": input}, "x.item()"))
    return iter(unbind(input))
