r"""The three linear maps that every Fourier transform is made of, and how arguments are read.

Complex to complex along any dimensions, real to the half of its spectrum that says it all, and
from that half back. All are linear, so their gradients are their adjoints, and those are the
same maps again: the adjoint of :math:`F` is its unscaled inverse. Half a spectrum counts the
frequencies between the first and the middle one for two, which the weights below settle.

Each map has one of three scales, under NumPy's and PyTorch's names: ``"backward"`` divides the
inverse by the number of points, ``"forward"`` the forward one, ``"ortho"`` both by its root.
The adjoint of a map lies in the opposite direction with the opposite name.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor
from ...dtypes import complex64, complex128, float64
from ...errors import ArgumentError, DTypeError, IndexingError, ShapeError, compose
from ...samples import Draw, Sample
from ..autocasting import casting, raised
from ..axes import normal_axis
from ..casting import astype
from ..indexing import getitem, place
from ..numbers import integer
from ..promotion import floating

# NumPy warns of infinities from a module of its own, where no filter of ours reaches.
_QUIET = partial(np.errstate, invalid="ignore", over="ignore")

OPPOSITE: dict[str, Any] = {"backward": "forward", "forward": "backward", "ortho": "ortho"}


def _must_divide(x: Any, norm: str, inverse: bool) -> bool:
    """True for a sum in single precision that is not divided by anything.

    NumPy gives the scale 1 to its loops as an integer, which none of single precision takes: it
    would compute in double precision, several times slower. So it is made to divide by the
    number of points, and the result is multiplied by it.
    """
    single = x.dtype.itemsize == (8 if x.dtype.kind == "c" else 4)
    return single and norm == ("forward" if inverse else "backward")


# ---- complex to complex ----------------------------------------------------------------


def _full_samples(draw: Draw) -> list[Sample]:
    x, y = draw(3, 4) + 1j * draw(3, 4), draw(2, 3, 5) + 1j * draw(2, 3, 5)
    return [
        draw.sample(x, axes=(1,), inverse=False, norm="backward"),
        draw.sample(x, axes=(0, 1), inverse=True, norm="backward"),
        draw.sample(y, axes=(2, 0), inverse=False, norm="forward"),
        draw.sample(y, axes=(1,), inverse=True, norm="ortho"),
        draw.sample(x[:0], axes=(1,), inverse=False, norm="backward"),
    ]


@primitive("fft", complex=True, samples=_full_samples)
def _full(x: Any, *, axes: tuple[int, ...], inverse: bool, norm: Any) -> Any:
    divided = _must_divide(x, norm, inverse)
    name = OPPOSITE[norm] if divided else norm
    transform, out = np.fft.ifft if inverse else np.fft.fft, x
    with _QUIET():
        for axis in axes:
            out = transform(out, axis=axis, norm=name)
        if divided:
            out *= math.prod(x.shape[axis] for axis in axes)
    return out


@_full.rule
def _(g, y, x, *, axes, inverse, norm):
    return (full(g, axes, not inverse, OPPOSITE[norm]),)


def full(x: Any, axes: tuple[int, ...], inverse: bool, norm: str) -> Any:
    """Transform a complex tensor along some dimensions, which may be none."""
    return apply(_full, x, axes=axes, inverse=inverse, norm=norm) if axes else x


# ---- real to half a spectrum, and back ------------------------------------------------


def _half_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(3, 4), axis=1, norm="backward"),
        draw.sample(draw(5, 2), axis=0, norm="forward"),
        draw.sample(draw(1), axis=0, norm="ortho"),
        draw.sample(draw(0, 2), axis=1, norm="backward"),
    ]


@primitive("rfft", samples=_half_samples)
def _half(x: Any, *, axis: int, norm: Any) -> Any:
    divided = _must_divide(x, norm, inverse=False)
    with _QUIET():
        out = np.fft.rfft(x, axis=axis, norm=OPPOSITE[norm] if divided else norm)
        if divided:
            out *= x.shape[axis]
    return out


@_half.rule
def _(g, y, x, *, axis, norm):
    length = x.shape[axis]
    return (whole(_weighted(g, axis, length, 0.5), axis, length, OPPOSITE[norm]),)


def half(x: Any, axis: int, norm: str) -> Any:
    """Half the spectrum of a real tensor along a dimension: frequencies 0 to ``n // 2``."""
    return apply(_half, x, axis=axis, norm=norm)


def _whole_samples(draw: Draw) -> list[Sample]:
    x = draw(3, 4) + 1j * draw(3, 4)
    return [
        draw.sample(x, axis=1, length=6, norm="backward"),
        draw.sample(x, axis=1, length=7, norm="forward"),
        draw.sample(x, axis=0, length=5, norm="ortho"),
        draw.sample(x[:1], axis=0, length=1, norm="backward"),
        draw.sample(x[:0], axis=1, length=6, norm="backward"),
    ]


@primitive("irfft", complex=True, samples=_whole_samples)
def _whole(x: Any, *, axis: int, length: int, norm: Any) -> Any:
    divided = _must_divide(x, norm, inverse=True)
    with _QUIET():
        out = np.fft.irfft(x, length, axis=axis, norm=OPPOSITE[norm] if divided else norm)
        if divided:
            out *= length
    return out


@_whole.rule
def _(g, y, x, *, axis, length, norm):
    return (_weighted(half(g, axis, OPPOSITE[norm]), axis, length, 2.0),)


def whole(x: Any, axis: int, length: int, norm: str) -> Any:
    """The real tensor of `length` points whose spectrum begins with `x` (``n // 2 + 1``)."""
    return apply(_whole, x, axis=axis, length=length, norm=norm)


def _weighted(spectrum: Any, axis: int, length: int, weight: float) -> Any:
    """Half a spectrum with a weight on all frequencies that stand for two.

    Frequency 0 has no twin, nor has the middle one of an even number of points.
    """
    weights = np.full(length // 2 + 1, weight, np.float32)
    weights[0] = 1.0
    if length % 2 == 0:
        weights[-1] = 1.0
    return spectrum * weights.reshape((-1,) + (1,) * (spectrum.ndim - axis - 1))


# ---- what a caller gives ---------------------------------------------------------------


def as_complex(caller: str, input: Any) -> Any:
    """A tensor in the complex dtype of its precision; integers by the default dtype.

    Raises
    ------
    DTypeError
        If it is no tensor, or in half precision.
    """
    x = _single_or_double(caller, input)
    if x.dtype.kind == "c":
        return x
    return astype(x, complex128 if x.dtype == float64 else complex64)


def as_real(caller: str, input: Any) -> Any:
    """A tensor in a real floating dtype.

    Raises
    ------
    DTypeError
        If it is no tensor, complex, or in half precision.
    """
    x = _single_or_double(caller, input)
    if x.dtype.kind == "c":
        problem = "takes a real tensor, not a complex one"
        raise DTypeError(compose(caller, problem, {"input": input}, "lucid.fft.fft, or x.real"))
    return x


def _single_or_double(caller: str, input: Any) -> Any:
    if casting:
        (input,) = raised(input)
    x = floating(input, caller)
    if x.dtype.itemsize < 4:
        problem = "takes single and double precision only: there are no complex halves"
        raise DTypeError(compose(caller, problem, {"input": input}, "x.float()"))
    return x


def scale(caller: str, norm: Any) -> str:
    """The name of a scale, ``"backward"`` for None.

    Raises
    ------
    ArgumentError
        If there is no such scale.
    """
    if norm is None:
        return "backward"
    if not isinstance(norm, str) or norm not in OPPOSITE:
        problem = "norm must be 'backward', 'ortho' or 'forward'"
        raise ArgumentError(compose(caller, problem, {"norm": norm}))
    return str(norm)


def one_axis(caller: str, input: Tensor, dim: Any) -> int:
    """The dimension to transform, counted from the front.

    Raises
    ------
    IndexingError
        If there is no such dimension.
    """
    if not input.ndim:
        problem = "a 0-d tensor has no dimension to transform"
        raise IndexingError(compose(caller, problem, {"input": input, "dim": dim}))
    return normal_axis(caller, dim, input)


def several_axes(
    caller: str, input: Tensor, s: Any, dim: Any
) -> tuple[tuple[int, ...], tuple[int | None, ...]]:
    """The dimensions to transform, in the order given, and a length or None for each.

    Without `dim` these are the last ones, as many as `s` has lengths, and all without either.
    A length of -1 stands for the one there is.

    Raises
    ------
    ArgumentError
        If a dimension is named twice.
    ShapeError
        If `s` and `dim` do not pair up, or `s` is longer than the shape.
    """
    sizes = None if s is None else (s if isinstance(s, tuple | list) else (s,))
    if dim is not None:
        dims = dim if isinstance(dim, tuple | list) else (dim,)
        axes = tuple(one_axis(caller, input, d) for d in dims)
        if len(set(axes)) != len(axes):
            raise ArgumentError(compose(caller, "a dimension is named twice", {"dim": dim}))
        if sizes is not None and len(sizes) != len(axes):
            problem = "s and dim must have equally many entries"
            raise ShapeError(compose(caller, problem, {"s": s, "dim": dim}))
    else:
        count = input.ndim if sizes is None else len(sizes)
        if count > input.ndim:
            problem = f"s has {count} lengths for a tensor of {input.ndim} dimensions"
            raise ShapeError(compose(caller, problem, {"input": input, "s": s}))
        axes = tuple(range(input.ndim - count, input.ndim))
    if sizes is None:
        return axes, (None,) * len(axes)
    return axes, tuple(None if n == -1 else n for n in sizes)


def resized(caller: str, x: Any, axis: int, length: int | None) -> Any:
    """The tensor cut off, or continued with zeros, to a length along a dimension.

    Raises
    ------
    ArgumentError
        If there is not at least one point to transform.
    DTypeError
        If the length is not an integer.
    """
    size = x.shape[axis]
    length = size if length is None else integer(caller, "a number of points", length)
    if length < 1:
        problem = f"needs at least one point, not {length}"
        raise ArgumentError(compose(caller, problem, {"input": x, "dim": axis}))
    if length == size:
        return x
    before = (slice(None),) * axis
    if length < size:
        return getitem(x, (*before, slice(length)))
    shape = (*x.shape[:axis], length, *x.shape[axis + 1 :])
    return place(x, (), (*before, slice(size)), shape)
