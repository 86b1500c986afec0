"""Softmax and its relatives: scores along a dimension turned into probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import Primitive, primitive
from ..core.tensor import Tensor
from ..dtypes import resolve
from ..errors import ArgumentError, compose
from ..kernels import softmax as kernels
from .axes import normal_axes, one_spelling
from .bind import method
from .exponential import exp
from .out import into
from .precision import in_single
from .promotion import real_floating


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw(3, 4), axis=(1,)),
        draw.sample(draw(2, 3, 4), axis=(1,)),
        draw.sample(draw(2, 3, 4), axis=(0,)),
        draw.sample(draw(), axis=()),
        draw.sample(draw(0, 3), axis=(1,)),
        draw.sample(draw(3, 0), axis=(1,)),
    ]


def _along(prim: Primitive, input: Tensor, dim: Any, dtype: Any, axis: Any) -> Tensor:
    """Apply one of the primitives below along the dimension that the caller named."""
    dim = one_spelling(prim.name, dim, axis)
    if dim is None:
        problem = "needs the dimension along which the result sums to 1"
        fix = f"{prim.name}(x, dim=-1) for the last one"
        raise ArgumentError(compose(prim.name, problem, {"input": input}, fix))
    if dtype is not None:
        input = input.astype(resolve(dtype, prim.name))
    return apply(prim, real_floating(input, prim.name), axis=normal_axes(prim.name, dim, input))


@primitive("softmax", saves=("out",), samples=_samples)
@in_single
def _softmax(x: Any, *, axis: tuple[int, ...]) -> Any:
    return kernels.softmax(x, axis)


@_softmax.fused_rule
def _(g, residual, y, x, *, axis):
    if y.dtype.itemsize == 2:  # the two terms nearly cancel; rounded once, as by PyTorch
        g, y = g.astype(np.float32), y.astype(np.float32)
    return (kernels.softmax_gradient(g, y, axis),)


@_softmax.rule
def _(g, y, x, *, axis):
    if y.dtype.itemsize == 2:  # the two terms nearly cancel; rounded once, as by PyTorch
        g, y = g.astype(np.float32), y.astype(np.float32)
    gy = g * y
    return (gy - y * gy.sum(axis=axis, keepdims=True),)


@method("softmax")
def softmax(
    input: Tensor,
    dim: int | None = None,
    dtype: Any = None,
    *,
    axis: Any = None,
    out: Tensor | None = None,
) -> Tensor:
    r"""Probabilities in proportion to the exponentials of scores along a dimension:
    :math:`y_i = e^{x_i} / \sum_j e^{x_j}`.

    Parameters
    ----------
    input : Tensor
        Scores of any size: nothing overflows. A score of -inf has probability 0.
    dim : int
        The dimension along which the result sums to 1. Also spelled `axis`.
    dtype : dtype, optional
        Cast to this first.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ArgumentError
        If no dimension is given.
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.softmax(lucid.tensor([1000.0, 1001.0]), dim=0)
    Tensor([0.2689, 0.7311])
    """
    if out is not None:
        return into(softmax, locals())
    return _along(_softmax, input, dim, dtype, axis)


@primitive("log_softmax", saves=("out",), samples=_samples)
@in_single
def _log_softmax(x: Any, *, axis: tuple[int, ...]) -> Any:
    return kernels.log_softmax(x, axis)


@_log_softmax.fused_rule
def _(g, residual, y, x, *, axis):
    return (kernels.log_softmax_gradient(g, y, axis),)


@_log_softmax.rule
def _(g, y, x, *, axis):
    return (g - exp(y) * g.sum(axis=axis, keepdims=True),)


@method("log_softmax")
def log_softmax(
    input: Tensor,
    dim: int | None = None,
    dtype: Any = None,
    *,
    axis: Any = None,
    out: Tensor | None = None,
) -> Tensor:
    r"""The logarithm of `softmax`, :math:`x_i - \ln \sum_j e^{x_j}`, exact where that is tiny.

    Parameters
    ----------
    input : Tensor
    dim : int
        The dimension of the sum. Also spelled `axis`.
    dtype : dtype, optional
        Cast to this first.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ArgumentError
        If no dimension is given.
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.log_softmax(lucid.tensor([0.0, 1000.0]), dim=0)
    Tensor([-1000.0000, 0.0000])
    """
    if out is not None:
        return into(log_softmax, locals())
    return _along(_log_softmax, input, dim, dtype, axis)


@method("softmin")
def softmin(
    input: Tensor, dim: int | None = None, dtype: Any = None, *, axis: Any = None
) -> Tensor:
    r"""`softmax` of the negated scores: the least has the greatest probability.

    Parameters
    ----------
    input : Tensor
    dim : int
        The dimension along which the result sums to 1. Also spelled `axis`.
    dtype : dtype, optional
        Cast to this first.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ArgumentError
        If no dimension is given.
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.softmin(lucid.tensor([1.0, 2.0]), dim=0)
    Tensor([0.7311, 0.2689])
    """
    return softmax(-real_floating(input, "softmin"), dim, dtype, axis=axis)
