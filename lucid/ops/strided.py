"""Tensors over any strides of their memory: `as_strided` and its kin.

Strides are those of PyTorch: in elements, over the memory that the tensor shares with the
tensor it is a view of. The primitives know a tensor's own elements in order only. A tensor
whose elements lie there without gaps, in whatever order of dimensions, is brought to them by a
permutation, and the result is a view. For other layouts, and for what lies outside the tensor,
the memory is copied first with the tensor's elements put into it, so that gradients find them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, ShapeError, compose
from ..samples import Draw, Sample
from .axes import ndim_of
from .bind import method
from .indexing import HERE, read, set_at
from .numbers import integer
from .shape import contiguous, lengths, reshape
from .transposition import permute

Ints = tuple[int, ...]


def _positions(size: Ints, stride: Ints, offset: int) -> Any:
    """Where the elements of such a tensor lie, as an integer array of its shape."""
    places = np.full(size, offset, np.intp)
    for axis, (length, step) in enumerate(zip(size, stride, strict=True)):
        along = (-1,) + (1,) * (len(size) - axis - 1)
        places += (np.arange(length) * step).reshape(along)
    return places


def _overlaps(size: Ints, stride: Ints) -> bool:
    """False if no two elements can lie in one place."""
    reach = 0
    for step, length in sorted(zip(stride, size, strict=True)):
        if length > 1:
            if step <= reach:
                return True
            reach += step * (length - 1)
    return False


def _over(flat: Any, size: Ints, stride: Ints, offset: int) -> Any:
    """The view of contiguous memory with such strides."""
    item = flat.dtype.itemsize
    steps = tuple(step * item for step in stride)
    buffer = flat.view(np.uint8) if flat.dtype.kind == "V" else flat  # bfloat16 exports none
    return np.ndarray(size, flat.dtype, buffer, offset * item, steps)


# ---- reading and its gradient -----------------------------------------------------------


def _samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(3, 4), size=(2, 3), stride=(5, 2), offset=1),
        draw.sample(draw(6), size=(4, 3), stride=(1, 1), offset=0),
        draw.sample(draw(4), size=(3, 2), stride=(0, 1), offset=2),
        draw.sample(draw(2, 2), size=(), stride=(), offset=3),
        draw.sample(draw(0, 3), size=(0, 2), stride=(2, 1), offset=0),
    ]


@primitive("as_strided", view=True, complex=True, samples=_samples)
def _as_strided(x: Any, *, size: Ints, stride: Ints, offset: int) -> Any:
    out = _over(np.ascontiguousarray(x).reshape(-1), size, stride, offset)
    if _overlaps(size, stride):
        out.flags.writeable = False
    return out


@_as_strided.rule
def _(g, y, x, *, size, stride, offset):
    return (apply(_sum_strided, g, shape=x.shape, stride=stride, offset=offset),)


def _sum_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(2, 3), shape=(3, 4), stride=(5, 2), offset=1),
        draw.sample(draw(4, 3), shape=(6,), stride=(1, 1), offset=0),
        draw.sample(draw(), shape=(2, 2), stride=(), offset=3),
        draw.sample(draw(0, 2), shape=(0, 3), stride=(2, 1), offset=0),
    ]


@primitive("sum_strided", complex=True, samples=_sum_samples)
def _sum_strided(g: Any, *, shape: Ints, stride: Ints, offset: int) -> Any:
    out = np.zeros(shape, g.dtype)
    if _overlaps(g.shape, stride):
        places = _positions(g.shape, stride, offset)
        np.add.at(out.reshape(-1), places.reshape(-1), g.reshape(-1))
    else:
        _over(out.reshape(-1), g.shape, stride, offset)[...] = g
    return out


@_sum_strided.rule
def _(d, y, g, *, shape, stride, offset):
    return (apply(_as_strided, d, size=g.shape, stride=stride, offset=offset),)


# ---- the memory of a tensor -------------------------------------------------------------


def _address(array: Any) -> int:
    return int(array.__array_interface__["data"][0])


def _memory(x: Any) -> tuple[Any, int]:
    """All the memory that an array lies in, flat, and the place of its first element there.

    None in place of the memory if it is not in one piece, or of another dtype.
    """
    found, base = x, x
    while (base := getattr(base, "base", None)) is not None:
        if type(base) is np.ndarray and base.dtype == x.dtype and base.flags.forc:
            found = base
    if not found.flags.forc:
        return None, 0
    flat = found.reshape(-1, order="A")
    start, left = divmod(_address(x) - _address(flat), x.itemsize) if x.size else (0, 0)
    return (None, 0) if left or start < 0 else (flat, start)


def _in_memory_order(x: Any) -> Ints | None:
    """The order of dimensions in which the elements follow each other without gaps, if any."""
    if x.flags.c_contiguous:
        return tuple(range(x.ndim))
    axes = tuple(sorted(range(x.ndim), key=lambda axis: (-x.strides[axis], axis)))
    return axes if x.transpose(axes).flags.c_contiguous else None


class _Ground:
    """The memory beneath a tensor, as a flat tensor that knows the tensor's history.

    Attributes
    ----------
    flat : Tensor
        Contiguous: the tensor itself in memory order, or all the memory.
    origin : int
        Where `flat` begins in memory.
    start, at : int
        Where the tensor begins in memory, and where the strides do.
    axes : tuple of int or None
        The order of the tensor's dimensions in `flat`; None where that is all the memory.
    """

    def __init__(self, caller: str, input: Tensor, size: Any, stride: Any, offset: Any) -> None:
        ndim_of(caller, input)  # a tensor it must be
        self.size, self.stride = lengths((size,), caller), lengths((stride,), caller)
        if min(input.data.strides, default=0) < 0:
            input = contiguous(input)  # reversed tensors are copies in PyTorch
        memory, self.start = _memory(input.data)
        if memory is None:
            input = contiguous(input)
            memory, self.start = input.data.reshape(-1), 0
        self.at = self.start if offset is None else integer(caller, "storage_offset", offset)
        self._refuse_outside(caller, input, memory.size, offset)
        self.input, self.axes = input, _in_memory_order(input.data)
        end = self.start + input.data.size
        inside = self.start <= self.at and self._last() < end
        if self.axes is not None and (inside or 0 in self.size):
            self.origin = self.start
            self.flat = input if input.data.flags.c_contiguous else permute(input, self.axes)
            return
        self.axes, self.origin, self.flat = None, 0, wrap(memory)
        if input.requires_grad:
            self.flat = set_at(self.flat, input, [self._own_places()], (HERE,))

    def _last(self) -> int:
        """The last place that the strides reach."""
        steps = zip(self.size, self.stride, strict=True)
        reach: int = self.at + sum((length - 1) * step for length, step in steps)
        return reach

    def _own_places(self) -> Any:
        return _positions(self.input.shape, self.input.stride(), self.start)

    def _refuse_outside(self, caller: str, input: Tensor, room: int, offset: Any) -> None:
        """Raise unless sizes and strides pair up and stay inside the memory."""
        seen = {"input": input, "size": self.size, "stride": self.stride, "storage_offset": offset}
        if len(self.size) != len(self.stride):
            raise ShapeError(compose(caller, "size and stride must have equal lengths", seen))
        if min((*self.size, *self.stride, self.at)) < 0:
            problem = "sizes, strides and offset must not be negative"
            raise ArgumentError(compose(caller, problem, seen, "x.flip(dim)"))
        if 0 not in self.size and self._last() >= room:
            problem = f"would read element {self._last()} of a memory of {room} elements"
            raise ArgumentError(compose(caller, problem, seen))

    def strided(self) -> Tensor:
        """The memory as the strides read it."""
        at = 0 if 0 in self.size else self.at - self.origin
        return apply(_as_strided, self.flat, size=self.size, stride=self.stride, offset=at)

    def written(self, src: Tensor) -> Tensor:
        """The tensor after `src` was written where the strides read."""
        places = _positions(self.size, self.stride, self.at - self.origin)
        flat = set_at(reshape(self.flat, (-1,)), src, [places], (HERE,))
        if self.axes is None:
            return read(flat, [self._own_places()], (HERE,))
        back = sorted(range(len(self.axes)), key=self.axes.__getitem__)
        return permute(reshape(flat, self.flat.shape), back)


# ---- public functions -------------------------------------------------------------------


@method("as_strided")
def as_strided(input: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    r"""The memory of a tensor, read with any sizes and strides.

    .. math:: y_{ij\ldots} = \mathrm{memory}[o + i s_0 + j s_1 + \ldots]

    Parameters
    ----------
    input : Tensor
        Its memory is that of the tensor it is a view of.
    size : sequence of int
        The shape of the result.
    stride : sequence of int
        Step between neighbours along every dimension, in elements; 0 repeats.
    storage_offset : int, optional
        Where to begin in memory; by default where `input` does.

    Returns
    -------
    Tensor
        A view where the elements of `input` lie in memory without gaps and nothing else is
        read. It cannot be written to where elements share their place.

    Raises
    ------
    ShapeError
        If `size` and `stride` do not pair up.
    ArgumentError
        If a number is negative, or the strides leave the memory.

    Notes
    -----
    An element that is read several times collects all its gradients. What is read of the memory
    outside of `input` has none.

    Examples
    --------
    >>> import lucid
    >>> lucid.as_strided(lucid.tensor([1, 2, 3, 4]), (3, 2), (1, 1))
    Tensor([[1, 2],
            [2, 3],
            [3, 4]])
    """
    return _Ground("as_strided", input, size, stride, storage_offset).strided()


@method("as_strided_scatter")
def as_strided_scatter(
    input: Tensor, src: Tensor, size: Any, stride: Any, storage_offset: int | None = None
) -> Tensor:
    """`input` with `src` in the places that `as_strided` would read.

    Parameters
    ----------
    input : Tensor
    src : Tensor
        Of shape `size`.
    size, stride : sequence of int
    storage_offset : int, optional
        As for `as_strided`. Where places are shared, the last value stays.

    Returns
    -------
    Tensor
        A copy of `input`, in its dtype.

    Raises
    ------
    ShapeError
        If `src` has another shape than `size`, or `size` and `stride` do not pair up.
    ArgumentError
        If a number is negative, or the strides leave the memory.

    Examples
    --------
    >>> import lucid
    >>> lucid.as_strided_scatter(lucid.zeros(2, 2), lucid.tensor([1.0, 2.0]), (2,), (3,))
    Tensor([[1.0000, 0.0000],
            [0.0000, 2.0000]])
    """
    ground = _Ground("as_strided_scatter", input, size, stride, storage_offset)
    ndim_of("as_strided_scatter", src)
    if src.shape != ground.size:
        problem = "src must have the shape that size gives"
        seen = {"src": src, "size": ground.size}
        raise ShapeError(compose("as_strided_scatter", problem, seen))
    return ground.written(src)


@method("storage_offset")
def storage_offset(input: Tensor) -> int:
    """Where the tensor begins in the memory that it shares, in elements.

    Parameters
    ----------
    input : Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1, 2, 3])[1:].storage_offset()
    1
    """
    return _memory(input.data)[1]
