"""Padding: values beyond the borders of the last dimensions, constant or taken from inside.

A constant border is laid around the input at once, and its gradient is the input's part of the
gradient: a padding by the negative widths. The other borders repeat elements of the input, one
dimension after the other, and the gradient adds them back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from ..samples import Draw, Sample
from .axes import ndim_of
from .numbers import integer

Widths = tuple[tuple[int, int], ...]  # before and after, for every dimension

# ---- a constant border ----------------------------------------------------------------------


def _constant_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(3, 4), widths=((0, 0), (1, 2)), value=0.5),
        draw.sample(draw(2, 3, 4), widths=((1, 0), (-1, 2), (-1, -2)), value=0.0),
        draw.sample(draw(0, 2), widths=((1, 1), (0, 1)), value=1.0),
        draw.sample(draw(), widths=(), value=1.0),
    ]


@primitive("pad_constant", complex=True, samples=_constant_samples)
def _pad_constant(x: Any, *, widths: Widths, value: float) -> Any:
    shape = tuple(n + a + b for n, (a, b) in zip(x.shape, widths, strict=True))
    out = np.zeros(shape, x.dtype) if value == 0 else np.full(shape, value, x.dtype)
    inner = tuple(slice(max(a, 0), n - max(b, 0)) for n, (a, b) in zip(shape, widths, strict=True))
    kept = tuple(
        slice(max(-a, 0), n - max(-b, 0)) for n, (a, b) in zip(x.shape, widths, strict=True)
    )
    out[inner] = x[kept]
    return out


@_pad_constant.rule
def _(g, y, x, *, widths, value):
    back = tuple((-a, -b) for a, b in widths)
    return (apply(_pad_constant, g, widths=back, value=0.0),)


# ---- a border of the input's own elements ------------------------------------------------------


def _sources(mode: str, length: int, before: int, after: int) -> Any:
    """The places that the elements of the padded dimension are taken from."""
    if mode == "circular":  # what is taken away does not come back from the other end
        kept = np.arange(max(-before, 0), length - max(-after, 0))
        return kept.take(np.arange(-max(before, 0), len(kept) + max(after, 0)), mode="wrap")
    places = np.arange(-before, length + after)
    if mode == "replicate":
        return places.clip(0, length - 1)
    last = length - 1
    return last - np.abs(last - np.abs(places))


def _border_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(2, 4), axis=1, before=2, after=3, mode="reflect"),
        draw.sample(draw(4, 2), axis=0, before=5, after=1, mode="replicate"),
        draw.sample(draw(2, 3, 2), axis=1, before=3, after=2, mode="circular"),
        draw.sample(draw(2, 4), axis=1, before=-1, after=2, mode="circular"),
        draw.sample(draw(0, 2), axis=1, before=1, after=1, mode="reflect"),
    ]


@primitive("pad_border", complex=True, samples=_border_samples)
def _pad_border(x: Any, *, axis: int, before: int, after: int, mode: str) -> Any:
    return x.take(_sources(mode, x.shape[axis], before, after), axis)


@_pad_border.rule
def _(g, y, x, *, axis, before, after, mode):
    widths = {"before": before, "after": after}
    return (apply(_fold_border, g, axis=axis, length=x.shape[axis], **widths, mode=mode),)


def _fold_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(2, 9), axis=1, length=4, before=2, after=3, mode="reflect"),
        draw.sample(draw(9, 2), axis=0, length=3, before=5, after=1, mode="replicate"),
        draw.sample(draw(2, 5), axis=1, length=4, before=-1, after=2, mode="circular"),
        draw.sample(draw(2, 5), axis=1, length=3, before=1, after=1, mode="circular"),
    ]


@primitive("fold_border", complex=True, samples=_fold_samples)
def _fold_border(g: Any, *, axis: int, length: int, before: int, after: int, mode: str) -> Any:
    """The border's elements added to those of the inside that they repeat."""
    out = np.zeros((*g.shape[:axis], length, *g.shape[axis + 1 :]), g.dtype)
    into, g = np.moveaxis(out, axis, 0), np.moveaxis(g, axis, 0)
    places = _sources(mode, length, before, after)
    first, last = max(before, 0), len(places) - max(after, 0)
    into[places[first:last]] = g[first:last]
    for border in (slice(0, first), slice(last, None)):
        here = places[border]
        if mode == "replicate" and here.size:  # they all repeat one element
            into[here[0]] += g[border].sum(0)
        else:
            into[here] += g[border]
    return out


@_fold_border.rule
def _(d, y, g, *, axis, length, before, after, mode):
    return (apply(_pad_border, d, axis=axis, before=before, after=after, mode=mode),)


# ---- the public function -------------------------------------------------------------------------


def pad(
    input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None
) -> Tensor:
    """Put values around the last dimensions, or with negative widths take some away.

    Parameters
    ----------
    input : Tensor
    pad : sequence of int
        Widths in pairs, before and after, of the last dimension first:
        ``(left, right, top, bottom, front, back)``.
    mode : {"constant", "reflect", "replicate", "circular"}
        What stands in the border: `value`; the inside mirrored at its outermost elements; the
        outermost element; the inside continued from the other end. Of the last three the
        first two take at most three dimensions, and the input has one or two more.
    value : float, optional
        Of the constant border; 0 unless given.

    Returns
    -------
    Tensor

    Raises
    ------
    ArgumentError
        If the mode is none of these, there is an odd number of widths, or a width is more than
        the mode can fill.
    ShapeError
        If there are too many widths for the dimensions, or nothing would remain of one.
    DTypeError
        If a width is not an integer.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> x = lucid.tensor([[1, 2, 3]])
    >>> F.pad(x, (1, 2))
    Tensor([[0, 1, 2, 3, 0, 0]])
    >>> F.pad(x, (1, 2), mode="reflect")
    Tensor([[2, 1, 2, 3, 2, 1]])
    >>> F.pad(x, (1, 2), mode="replicate")
    Tensor([[1, 1, 2, 3, 3, 3]])
    >>> F.pad(x, (1, 2), mode="circular")
    Tensor([[3, 1, 2, 3, 1, 2]])
    """
    ndim = ndim_of("pad", input)
    widths = _widths(input, pad, ndim)
    if mode == "constant":
        return apply(_pad_constant, input, widths=widths, value=0.0 if value is None else value)
    if mode not in ("reflect", "replicate", "circular"):
        problem = "mode must be constant, reflect, replicate or circular"
        raise ArgumentError(compose("pad", problem, {"mode": mode}))
    if value:
        problem = "value belongs to the mode constant"
        raise ArgumentError(compose("pad", problem, {"mode": mode, "value": value}))
    _check_border(input, widths, len(pad) // 2, mode)
    for axis, (before, after) in enumerate(widths):
        if before or after:
            input = apply(_pad_border, input, axis=axis, before=before, after=after, mode=mode)
    return input


def _widths(input: Tensor, pad: Sequence[int], ndim: int) -> Widths:
    """The widths for every dimension, from the first on."""
    try:
        flat = [integer("pad", "every width", width) for width in pad]
    except TypeError as error:
        if isinstance(error, DTypeError):
            raise
        problem = "pad must be a sequence of widths, (left, right, ...)"
        raise DTypeError(compose("pad", problem, {"pad": pad})) from None
    if len(flat) % 2 or len(flat) > 2 * ndim:
        problem = f"pad must hold two widths for each of at most {ndim} dimensions"
        kind = ArgumentError if len(flat) % 2 else ShapeError
        raise kind(compose("pad", problem, {"input": input, "pad": pad}))
    pairs = list(zip(flat[::2], flat[1::2], strict=True))[::-1]
    widths = ((0, 0),) * (ndim - len(pairs)) + tuple(pairs)
    for n, (before, after) in zip(input.shape, widths, strict=True):
        if n + before + after < 0 or min(before, 0) + n < 0 or min(after, 0) + n < 0:
            problem = f"a dimension of length {n} cannot lose {-before} before and {-after} after"
            raise ShapeError(compose("pad", problem, {"input": input, "pad": pad}))
    return widths


def _check_border(input: Tensor, widths: Widths, dims: int, mode: str) -> None:
    """Refuse borders wider than what they repeat."""
    seen = {"input": input, "pad": tuple(w for pair in widths[::-1][:dims] for w in pair)}
    if not 0 < dims <= 3 or input.ndim not in (dims + 1, dims + 2):
        problem = (
            f"mode {mode} pads the last 1 to 3 dimensions of an input that has one or two more"
        )
        fix = "input.unsqueeze(0), or a pair of widths for every dimension but the first two"
        raise ShapeError(compose("pad", problem, seen, fix))
    for n, pair in zip(input.shape, widths, strict=True):
        most = {"reflect": n - 1, "circular": n, "replicate": max(pair) if n else 0}[mode]
        if max(pair) > max(most, 0):
            problem = (
                f"mode {mode} can fill at most {max(most, 0)} beyond a dimension of length {n}"
            )
            raise ArgumentError(compose("pad", problem, seen))
