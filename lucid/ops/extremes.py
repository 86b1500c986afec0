"""The largest and smallest elements along dimensions, and where they stand."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..core.apply import apply
from ..core.primitive import Primitive, primitive
from ..core.tensor import Tensor, values
from ..kernels import extremes as kernels
from ..samples import Draw, Sample
from .axes import Axes, normal_axes, normal_axis, one_spelling
from .bind import method
from .bounds import maximum, minimum
from .out import into
from .picking import Chosen, on_vector, refuse_empty, to_chosen
from .promotion import refuse_unordered
from .reduction import add_over, restore
from .selection import where

max_over: Any = np.maximum.reduce  # untyped: its overloads know no `keepdims` that varies
min_over: Any = np.minimum.reduce


class MinMax(NamedTuple):
    """The smallest and the largest elements."""

    min: Tensor
    max: Tensor


# ---- along any dimensions: equals share the gradient ----------------------------------


def _samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw.apart(3, 4), axis=(0, 1), keepdims=False),
        draw.sample(draw.apart(2, 3, 4), axis=(0, 2), keepdims=True),
        draw.sample(draw.apart(2, 3), axis=(1,), keepdims=False),
        draw.sample(draw.apart(), axis=(), keepdims=False),
    ]


def to_equals(g: Any, y: Any, x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """The gradient of a reduction that gives one of its elements: all equal ones share it."""
    raw, found = values(x), restore(values(y), x, axis, keepdims)
    equal = (raw == found) | ((raw != raw) & (found != found))  # NaN stands for NaN
    count = add_over(equal, axis=axis, keepdims=True, dtype=np.int64)
    each = restore(g, x, axis, keepdims) / count.astype(x.dtype)
    return where(equal, each, 0.0)


@primitive("amax", saves=("x", "out"), samples=_samples)
def _amax(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    if axis == (x.ndim - 1,) and not keepdims and x.size >= kernels.SMALLEST:
        return kernels.of_rows(x)
    return max_over(x, axis=axis, keepdims=keepdims)


@_amax.rule
def _(g, y, x, *, axis, keepdims):
    return (to_equals(g, y, x, axis, keepdims),)


@method("amax")
def amax(
    input: Tensor,
    dim: Axes = None,
    keepdim: bool = False,
    *,
    axis: Axes = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The largest elements along some dimensions, or of all; equals share the gradient.

    Parameters
    ----------
    input : Tensor
        Real. NaN counts as the largest; the gradient then goes to the NaNs.
    dim : int or sequence of int, optional
        Dimensions to reduce; all by default. Also spelled `axis`.
    keepdim : bool, default False
        Keep the dimensions with length 1. Also spelled `keepdims`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    IndexingError
        If there is no such dimension, or no element along it.
    DTypeError
        If the input is complex.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([1.0, 3.0, 3.0], requires_grad=True)
    >>> x.amax().backward()
    >>> print(x.grad)
    [0.0000, 0.5000, 0.5000]
    """
    if out is not None:
        return into(amax, locals())
    return _extreme("amax", _amax, input, one_spelling("amax", dim, axis), keepdim or keepdims)


@primitive("amin", saves=("x", "out"), samples=_samples)
def _amin(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    if axis == (x.ndim - 1,) and not keepdims and x.size >= kernels.SMALLEST:
        return kernels.of_rows(x, smallest=True)
    return min_over(x, axis=axis, keepdims=keepdims)


@_amin.rule
def _(g, y, x, *, axis, keepdims):
    return (to_equals(g, y, x, axis, keepdims),)


@method("amin")
def amin(
    input: Tensor,
    dim: Axes = None,
    keepdim: bool = False,
    *,
    axis: Axes = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The smallest elements along some dimensions, or of all (as `amax`; NaN wins here too).

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([[1.0, 3.0], [0.0, 2.0]]).amin(dim=1)
    Tensor([1.0000, 0.0000])
    """
    if out is not None:
        return into(amin, locals())
    return _extreme("amin", _amin, input, one_spelling("amin", dim, axis), keepdim or keepdims)


def _extreme(caller: str, prim: Primitive, input: Any, dim: Axes, keep: bool) -> Any:
    axes = normal_axes(caller, dim, input)
    _check(caller, input, axes)
    return apply(prim, input, axis=axes, keepdims=keep)


def _check(caller: str, input: Any, axes: tuple[int, ...]) -> None:
    refuse_unordered(caller, input)
    if 0 in input.shape:
        refuse_empty(caller, input, axes)


@method("aminmax")
def aminmax(
    input: Tensor,
    *,
    dim: int | None = None,
    keepdim: bool = False,
    axis: int | None = None,
    keepdims: bool = False,
    out: Any = None,
) -> MinMax:
    """The smallest and the largest elements, as a pair ``(min, max)`` (see `amax`).

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1.0, 3.0, 2.0]).aminmax()
    MinMax(min=Tensor(1.0000), max=Tensor(3.0000))
    """
    if out is not None:
        return into(aminmax, locals())
    chosen, keep = one_spelling("aminmax", dim, axis), keepdim or keepdims
    return MinMax(
        _extreme("aminmax", _amin, input, chosen, keep),
        _extreme("aminmax", _amax, input, chosen, keep),
    )


# ---- along one dimension: the chosen element takes the gradient ---------------------------


def _along_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw.apart(3, 4), axis=1, keepdims=False),
        draw.sample(draw.apart(2, 3, 4), axis=0, keepdims=True),
        draw.sample(draw.apart(2, 3, 4), axis=1, keepdims=False),
    ]


@primitive("max", saves=("out[1]",), outputs=2, samples=_along_samples)
def _max(x: Any, *, axis: int, keepdims: bool) -> Any:
    index = np.argmax(x, axis=axis, keepdims=keepdims)
    return max_over(x, axis=axis, keepdims=keepdims), index


@_max.rule
def _(g, y, x, *, axis, keepdims):
    return (to_chosen(g[0], values(y[1]), x, axis, keepdims),)


@method("max")
def max(
    input: Tensor,
    dim: Any = None,
    keepdim: bool = False,
    *,
    axis: int | None = None,
    keepdims: bool = False,
    out: Any = None,
) -> Any:
    """The largest element of all, or those along a dimension with their places.

    ``max(input)`` gives the largest of all elements and shares the gradient among equals;
    ``max(input, dim)`` gives values and indices, and the element at the index takes the
    gradient; ``max(input, other)`` is `maximum`.

    Parameters
    ----------
    input : Tensor
        Real. NaN counts as the largest.
    dim : int or Tensor, optional
        The dimension to reduce, also spelled `axis`; or a tensor to compare with.
    keepdim : bool, default False
        Keep the dimension with length 1. Also spelled `keepdims`.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor, or a named pair ``(values, indices)``
        Of equals the first is chosen.

    Raises
    ------
    IndexingError
        If there is no such dimension, or no element along it.
    DTypeError
        If the input is complex.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([[1.0, 3.0], [5.0, 2.0]])
    >>> x.max()
    Tensor(5.0000)
    >>> values, indices = x.max(dim=1)
    >>> values, indices
    (Tensor([3.0000, 5.0000]), Tensor([1, 0]))
    """
    if out is not None:
        return into(max, locals())
    if isinstance(dim, Tensor):
        return maximum(input, dim)
    chosen = one_spelling("max", dim, axis)
    return _best("max", _max, _amax, input, chosen, keepdim or keepdims)


@primitive("min", saves=("out[1]",), outputs=2, samples=_along_samples)
def _min(x: Any, *, axis: int, keepdims: bool) -> Any:
    index = np.argmin(x, axis=axis, keepdims=keepdims)
    return min_over(x, axis=axis, keepdims=keepdims), index


@_min.rule
def _(g, y, x, *, axis, keepdims):
    return (to_chosen(g[0], values(y[1]), x, axis, keepdims),)


@method("min")
def min(
    input: Tensor,
    dim: Any = None,
    keepdim: bool = False,
    *,
    axis: int | None = None,
    keepdims: bool = False,
    out: Any = None,
) -> Any:
    """The smallest element of all, or those along a dimension with their places (as `max`).

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([[1.0, 3.0], [5.0, 2.0]]).min(dim=1).indices
    Tensor([0, 1])
    """
    if out is not None:
        return into(min, locals())
    if isinstance(dim, Tensor):
        return minimum(input, dim)
    chosen = one_spelling("min", dim, axis)
    return _best("min", _min, _amin, input, chosen, keepdim or keepdims)


def _best(caller: str, along: Primitive, over: Primitive, input: Any, dim: Any, keep: bool) -> Any:
    """`max` and `min` in their two forms."""
    if dim is None:
        axes = normal_axes(caller, None, input)
        _check(caller, input, axes)
        return apply(over, input, axis=axes, keepdims=keep)
    axis = normal_axis(caller, dim, input)
    if not input.ndim:
        refuse_unordered(caller, input)
        return on_vector(lambda vector: apply(along, vector, axis=0, keepdims=True), input)
    _check(caller, input, (axis,))
    return Chosen(*apply(along, input, axis=axis, keepdims=keep))


# ---- places alone ---------------------------------------------------------------------


def _place_samples(draw: Draw) -> list[Sample]:
    return [*_along_samples(draw), draw.sample(draw.apart(3, 4), axis=None, keepdims=False)]


@primitive("argmax", samples=_place_samples)
def _argmax(x: Any, *, axis: int | None, keepdims: bool) -> Any:
    return np.argmax(x, axis=axis, keepdims=keepdims)


@method("argmax")
def argmax(
    input: Tensor,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    axis: int | None = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Where the largest element stands along a dimension, or in the flattened tensor.

    Parameters
    ----------
    input : Tensor
        Real. NaN counts as the largest; of equals the first is meant.
    dim : int, optional
        Also spelled `axis`.
    keepdim : bool, default False
        Keep the dimension with length 1. Also spelled `keepdims`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of int64

    Raises
    ------
    IndexingError
        If there is no such dimension, or no element along it.
    DTypeError
        If the input is complex.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([[1.0, 3.0], [5.0, 2.0]]).argmax(dim=1)
    Tensor([1, 0])
    """
    if out is not None:
        return into(argmax, locals())
    chosen = one_spelling("argmax", dim, axis)
    return _place_of("argmax", _argmax, input, chosen, keepdim or keepdims)


@primitive("argmin", samples=_place_samples)
def _argmin(x: Any, *, axis: int | None, keepdims: bool) -> Any:
    return np.argmin(x, axis=axis, keepdims=keepdims)


@method("argmin")
def argmin(
    input: Tensor,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    axis: int | None = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Where the smallest element stands (as `argmax`; NaN counts as the smallest here).

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([[1.0, 3.0], [5.0, 2.0]]).argmin()
    Tensor(0)
    """
    if out is not None:
        return into(argmin, locals())
    chosen = one_spelling("argmin", dim, axis)
    return _place_of("argmin", _argmin, input, chosen, keepdim or keepdims)


def _place_of(caller: str, prim: Primitive, input: Any, dim: Any, keep: bool) -> Any:
    axis = None if dim is None else normal_axis(caller, dim, input)
    _check(caller, input, normal_axes(caller, axis, input))
    return apply(prim, input, axis=axis if input.ndim else None, keepdims=keep)
