"""Sums, means and products: from many elements to one, along some dimensions or all."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, values
from ..dtypes import is_differentiable, resolve
from ..errors import DTypeError, compose
from ..kernels import sums
from .autocasting import casting, raised
from .axes import Axes, normal_axes, one_spelling
from .bind import method
from .broadcasting import broadcast_to
from .out import into
from .promotion import kind_of
from .scan import products_of_others
from .selection import where
from .shape import reshape

add_over: Any = np.add.reduce  # untyped: its overloads know no `keepdims` that varies
multiply_over: Any = np.multiply.reduce


def reduction_samples(draw: samples.Draw) -> list[samples.Sample]:
    """Samples of a reduction over a tuple of axes."""
    return [
        draw.sample(draw(3, 4), axis=(0, 1), keepdims=False),
        draw.sample(draw(2, 3, 4), axis=(1,), keepdims=True),
        draw.sample(draw(2, 3, 4), axis=(0, 2), keepdims=False),
        draw.sample(draw(), axis=(), keepdims=False),
        draw.sample(draw(0, 3), axis=(1,), keepdims=False),
    ]


def _sum_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [*reduction_samples(draw), draw.sample(draw(0, 3), axis=(0,), keepdims=False)]


def restore(g: Any, x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """What a reduction gave, with the reduced dimensions back as ones."""
    if keepdims or not g.ndim:
        return g
    shape = list(x.shape)
    for i in axis:
        shape[i] = 1
    return g.reshape(tuple(shape))


def spread(g: Any, x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """The gradient of a reduction, laid out over what was reduced."""
    return broadcast_to(restore(g, x, axis, keepdims), x.shape)


def count_over(shape: tuple[int, ...], axis: tuple[int, ...]) -> int:
    """How many elements a reduction over `axis` takes together."""
    return math.prod([shape[i] for i in axis])


def narrow_float(x: Any) -> bool:
    """True for float16 and bfloat16, which are reduced in float32."""
    return x.dtype.itemsize == 2 and x.dtype.kind in "fV"


def total(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """The sum of an array; float16 and bfloat16 in float32, and left so."""
    if narrow_float(x):
        return add_over(x, axis=axis, dtype=np.float32, keepdims=keepdims)
    if axis == (0,) and x.ndim > 1 and x.shape[0] > 512 and x.flags.c_contiguous:
        return _column_sums(x, keepdims)
    if x.size >= sums.SMALLEST and not keepdims:
        if len(axis) == x.ndim:
            return sums.total(x)
        if axis == (x.ndim - 1,):
            return sums.of_rows(x)
    return add_over(x, axis=axis, keepdims=keepdims)


def _column_sums(x: Any, keepdims: bool, block: int = 256) -> Any:
    """Sums down long columns. NumPy adds row by row, and errors with it; blocks tame that."""
    blocks = x.shape[0] // block
    whole = x[: blocks * block].reshape(blocks, block, *x.shape[1:])
    rest = x[blocks * block :]
    sums = add_over(add_over(whole, axis=1), axis=0) + add_over(rest, axis=0)
    return sums[None] if keepdims else sums


# ---- sum and mean ---------------------------------------------------------------------


@primitive("sum", complex=True, samples=_sum_samples)
def _sum(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    result = total(x, axis, keepdims)
    return result.astype(x.dtype) if narrow_float(x) else result


@_sum.rule
def _(g, y, x, *, axis, keepdims):
    return (spread(g, x, axis, keepdims),)


@method("sum")
def sum(
    input: Tensor,
    dim: Axes = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
    axis: Axes = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The sum along some dimensions, or of all elements.

    Parameters
    ----------
    input : Tensor
        Integers and bools are summed in int64.
    dim : int or sequence of int, optional
        Dimensions to sum over; all by default. Also spelled `axis`.
    keepdim : bool, default False
        Keep the dimensions with length 1. Also spelled `keepdims`.
    dtype : dtype, optional
        Cast to this before summing.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

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
    >>> lucid.tensor([[1.0, 2.0], [3.0, 4.0]]).sum(dim=0)
    Tensor([4.0000, 6.0000])
    """
    if out is not None:
        return into(sum, locals())
    axes = normal_axes("sum", one_spelling("sum", dim, axis), input)
    return apply(_sum, _accumulable("sum", input, dtype), axis=axes, keepdims=keepdim or keepdims)


def _accumulable(where: str, input: Any, dtype: Any) -> Any:
    """The input in the dtype asked for; otherwise integers and bools in int64."""
    if dtype is not None:
        return input.astype(resolve(dtype, where))
    return input.astype(np.int64) if input.dtype.kind in "bui" else input


@primitive("mean", complex=True, samples=reduction_samples)
def _mean(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    result = total(x, axis, keepdims) / count_over(x.shape, axis)
    return result.astype(x.dtype) if narrow_float(x) else result


@_mean.rule
def _(g, y, x, *, axis, keepdims):
    return (spread(g / count_over(x.shape, axis), x, axis, keepdims),)


@method("mean")
def mean(
    input: Tensor,
    dim: Axes = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
    axis: Axes = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    r"""The mean along some dimensions, or of all elements: :math:`\frac{1}{n}\sum_i x_i`.

    Parameters
    ----------
    input : Tensor
        Floating or complex.
    dim : int or sequence of int, optional
        Dimensions to average over; all by default. Also spelled `axis`.
    keepdim : bool, default False
        Keep the dimensions with length 1. Also spelled `keepdims`.
    dtype : dtype, optional
        Cast to this first; makes the mean of integers possible.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        NaN where there are no elements.

    Raises
    ------
    DTypeError
        If the input holds integers or bools.
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([[1.0, 2.0], [3.0, 4.0]]).mean(dim=1)
    Tensor([1.5000, 3.5000])
    """
    if out is not None:
        return into(mean, locals())
    axes = normal_axes("mean", one_spelling("mean", dim, axis), input)
    if dtype is not None:
        input = input.astype(resolve(dtype, "mean"))
    elif input.dtype.kind in "bui":
        refuse_integers("mean", input)
    return apply(_mean, input, axis=axes, keepdims=keepdim or keepdims)


def refuse_integers(where: str, input: Any) -> None:
    """Refuse dtypes that cannot hold a fraction.

    Raises
    ------
    DTypeError
        If `input` is neither floating nor complex.
    """
    if kind_of(where, input) not in "fcV":
        problem = "needs a floating or complex tensor: whole numbers cannot hold the result"
        fix = f"input.float().{where}(...)"
        raise DTypeError(compose(where, problem, {"input": input}, fix))


# ---- leaving out NaN ------------------------------------------------------------------


def _nan_samples(draw: samples.Draw) -> list[samples.Sample]:
    some = draw(3, 4)
    some[0, 1] = some[2, 3] = np.nan
    return [
        draw.sample(some, axis=(0, 1), keepdims=False),
        draw.sample(some, axis=(1,), keepdims=True),
        draw.sample(draw(3, 4), axis=(0,), keepdims=False),
    ]


@primitive("nansum", saves=("x",), complex=True, samples=_nan_samples)
def _nansum(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    present = np.where(np.isnan(x), x.dtype.type(0), x)
    return total(present, axis, keepdims).astype(x.dtype, copy=False)


@_nansum.rule
def _(g, y, x, *, axis, keepdims):
    return (where(np.isnan(values(x)), 0.0, spread(g, x, axis, keepdims)),)


@method("nansum")
def nansum(
    input: Tensor,
    dim: Axes = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
    axis: Axes = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The sum of what is not NaN (parameters as for `sum`).

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1.0, float("nan"), 3.0]).nansum()
    Tensor(4.0000)
    """
    if out is not None:
        return into(nansum, locals())
    axes = normal_axes("nansum", one_spelling("nansum", dim, axis), input)
    operand = _accumulable("nansum", input, dtype)
    prim = _nansum if is_differentiable(operand.dtype) else _sum
    return apply(prim, operand, axis=axes, keepdims=keepdim or keepdims)


@primitive("nanmean", saves=("x",), complex=True, samples=_nan_samples)
def _nanmean(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    gone = np.isnan(x)
    present = total(np.where(gone, x.dtype.type(0), x), axis, keepdims)
    return (present / _present(gone, axis, keepdims, present.dtype)).astype(x.dtype, copy=False)


def _present(gone: Any, axis: tuple[int, ...], keepdims: bool, dtype: Any) -> Any:
    """How many elements remain, in a floating dtype."""
    return add_over(~gone, axis=axis, keepdims=keepdims, dtype=np.int64).astype(dtype)


@_nanmean.rule
def _(g, y, x, *, axis, keepdims):
    gone = np.isnan(values(x))
    each = g / _present(gone, axis, keepdims, g.dtype)
    return (where(gone, 0.0, spread(each, x, axis, keepdims)),)


@method("nanmean")
def nanmean(
    input: Tensor,
    dim: Axes = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
    axis: Axes = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The mean of what is not NaN (parameters as for `mean`); NaN where nothing is left.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1.0, float("nan"), 3.0]).nanmean()
    Tensor(2.0000)
    """
    if out is not None:
        return into(nanmean, locals())
    axes = normal_axes("nanmean", one_spelling("nanmean", dim, axis), input)
    if dtype is not None:
        input = input.astype(resolve(dtype, "nanmean"))
    refuse_integers("nanmean", input)
    return apply(_nanmean, input, axis=axes, keepdims=keepdim or keepdims)


# ---- product --------------------------------------------------------------------------


def _prod_samples(draw: samples.Draw) -> list[samples.Sample]:
    zeros = draw(3, 4)
    zeros[0, 1] = zeros[1, 0] = zeros[1, 2] = 0
    return [
        draw.sample(draw(3, 4), axis=0, keepdims=False),
        draw.sample(zeros, axis=1, keepdims=True),
        draw.sample(draw(0, 3), axis=0, keepdims=False),
    ]


@primitive("prod", saves=("x",), complex=True, samples=_prod_samples)
def _prod(x: Any, *, axis: int, keepdims: bool) -> Any:
    wide = np.float32 if narrow_float(x) else None
    product = multiply_over(x, axis=axis, dtype=wide, keepdims=keepdims)
    return product.astype(x.dtype, copy=False)


@_prod.rule
def _(g, y, x, *, axis, keepdims):  # no division, so that zeros do no harm
    return (spread(g, x, (axis,), keepdims) * products_of_others(x, axis),)


@method("prod")
def prod(
    input: Tensor,
    dim: Axes = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
    axis: Axes = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    r"""The product along some dimensions, or of all elements: :math:`\prod_i x_i`.

    The gradient :math:`\prod_{j \ne i} x_j` is right also where elements are zero.

    Parameters
    ----------
    input : Tensor
        Integers and bools are multiplied in int64.
    dim : int or sequence of int, optional
        Dimensions to multiply over; all by default. Also spelled `axis`.
    keepdim : bool, default False
        Keep the dimensions with length 1. Also spelled `keepdims`.
    dtype : dtype, optional
        Cast to this first.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        One where there are no elements.

    Raises
    ------
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([2.0, 0.0, 3.0], requires_grad=True)
    >>> x.prod().backward()
    >>> print(x.grad)
    [0.0000, 6.0000, 0.0000]
    """
    if out is not None:
        return into(prod, locals())
    if casting:
        (input,) = raised(input)
    axes = normal_axes("prod", one_spelling("prod", dim, axis), input)
    result, keep = _accumulable("prod", input, dtype), keepdim or keepdims
    if len(axes) == input.ndim and input.ndim != 1:
        product = apply(_prod, reshape(result, (-1,)), axis=0, keepdims=False)
        return reshape(product, (1,) * input.ndim) if keep else product
    for each in reversed(axes):
        result = apply(_prod, result, axis=each, keepdims=keep)
    return result
