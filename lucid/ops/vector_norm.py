"""Norms, and the logarithm of a sum of exponentials."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, values
from ..dtypes import resolve
from ..errors import ArgumentError, compose
from ..kernels.softmax import log_sum_exp
from .axes import Axes, normal_axes, one_spelling
from .bind import method
from .exponential import exp
from .extremes import amax, amin
from .out import into
from .power import pow
from .promotion import floating
from .reduction import (
    narrow_float,
    reduction_samples,
    refuse_integers,
    restore,
    spread,
    total,
)
from .selection import where
from .truth import count_nonzero_array


def _norm_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw.apart(3, 4), p=2.0, axis=(0, 1), keepdims=False),
        draw.sample(draw.apart(2, 3, 4), p=2.0, axis=(1,), keepdims=True),
        draw.sample(draw.apart(3, 4), p=3.0, axis=(1,), keepdims=False),
        draw.sample(draw.apart(3, 4), p=1.0, axis=(0,), keepdims=False),
        draw.sample(draw.apart(3, 4), p=0.5, axis=(0,), keepdims=True),
        draw.sample(draw.apart(), p=2.0, axis=(), keepdims=False),
    ]


def _square_sum(x: Any, axis: tuple[int, ...], keepdims: bool, block: int = 4096) -> Any:
    """The sum of squared magnitudes; of all elements in blocks, without an array of squares."""
    if len(axis) < x.ndim or x.size < block or not x.flags.c_contiguous or x.dtype.char not in "fd":
        return total((x * x.conj()).real if x.dtype.kind == "c" else x * x, axis, keepdims)
    flat = x.reshape(-1)
    whole = flat[: flat.size // block * block].reshape(-1, block)
    rest = flat[whole.size :]
    result = total(np.vecdot(whole, whole), (0,), False) + np.vecdot(rest, rest)
    return np.reshape(result, (1,) * x.ndim) if keepdims else result


@primitive("norm", saves=("x", "out"), complex=True, samples=_norm_samples)
def _norm(x: Any, *, p: float, axis: tuple[int, ...], keepdims: bool) -> Any:
    dtype = x.real.dtype if x.dtype.kind == "c" else x.dtype
    wide = x.astype(np.float32) if narrow_float(x) else x
    if p == 2:
        result = np.sqrt(_square_sum(wide, axis, keepdims))
    elif p == 1:
        result = total(np.abs(wide), axis, keepdims)
    else:
        result = np.power(total(np.power(np.abs(wide), p), axis, keepdims), 1 / p)
    return result.astype(dtype, copy=False)


@_norm.rule
def _(g, y, x, *, p, axis, keepdims):
    # dL/dx = g x |x|^(p-2) / y^(p-1): zero where x or the norm is
    flat = values(y) == 0
    if p != 1:
        g = where(flat, 0.0, g / pow(where(flat, 1.0, y), p - 1))
    g = spread(g, x, axis, keepdims)
    if p == 2:
        return (g * x,)
    if p == 1 and x.dtype.kind != "c":
        return (g * np.sign(values(x)),)
    none = values(x) == 0
    size = abs(where(none, 1.0, x))
    return (where(none, 0.0, g * x * pow(size, p - 2)),)


@method("norm")
def norm(
    input: Tensor,
    p: Any = "fro",
    dim: Axes = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
    axis: Axes = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    r"""The p-norm of the elements: :math:`\left(\sum_i |x_i|^p\right)^{1/p}`.

    Its gradient is zero where the norm is.

    Parameters
    ----------
    input : Tensor
        Floating or complex.
    p : number or "fro", default "fro"
        Any real number: ``inf`` gives the largest and ``-inf`` the smallest magnitude, 0 counts
        what is not zero; "fro" is 2.
    dim : int or sequence of int, optional
        Dimensions to reduce; all by default. Also spelled `axis`.
    keepdim : bool, default False
        Keep the dimensions with length 1. Also spelled `keepdims`.
    dtype : dtype, optional
        Cast to this first.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Real.

    Raises
    ------
    DTypeError
        If the input holds integers or bools.
    ArgumentError
        If `p` is neither a number nor "fro".

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([3.0, -4.0])
    >>> x.norm(), x.norm(1), x.norm(float("inf"))
    (Tensor(5.0000), Tensor(7.0000), Tensor(4.0000))
    """
    if out is not None:
        return into(norm, locals())
    if dtype is not None:
        input = input.astype(resolve(dtype, "norm"))
    refuse_integers("norm", input)
    if isinstance(p, bool) or not (p in (None, "fro") or isinstance(p, int | float)):
        problem = f"p must be a number or 'fro', not {p!r}"
        raise ArgumentError(compose("norm", problem, fix="lucid.linalg.matrix_norm for the rest"))
    axes = normal_axes("norm", one_spelling("norm", dim, axis), input)
    keep = keepdim or keepdims
    order = 2.0 if p in (None, "fro") else float(p)
    if math.isinf(order):
        extreme = amax if order > 0 else amin
        return extreme(abs(input), axes or None, keep)
    if order == 0:
        return apply(_count, input, axis=axes, keepdims=keep)
    return apply(_norm, input, p=order, axis=axes, keepdims=keep)


@primitive("norm_0", complex=True, samples=lambda draw: reduction_samples(draw)[:3])
def _count(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    dtype = x.real.dtype if x.dtype.kind == "c" else x.dtype
    return count_nonzero_array(x, axis, keepdims).astype(dtype)


@_count.rule
def _(g, y, x, *, axis, keepdims):  # constant between its jumps
    return (spread(g * 0, x, axis, keepdims),)


# ---- log of a sum of exponentials -----------------------------------------------------


@primitive("logsumexp", saves=("x", "out"), complex=True, samples=reduction_samples)
def _logsumexp(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    fast = log_sum_exp(x) if axis == (x.ndim - 1,) and not keepdims else None
    if fast is not None:
        return fast
    wide = x.astype(np.float32) if narrow_float(x) else x
    top = np.maximum.reduce(wide.real, axis=axis, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, top.dtype.type(0))  # inf - inf would be NaN
    result = np.log(total(np.exp(wide - top), axis, True)) + top
    if not keepdims:
        result = result.reshape([n for i, n in enumerate(x.shape) if i not in axis])
    return result.astype(x.dtype, copy=False)


@_logsumexp.rule
def _(g, y, x, *, axis, keepdims):  # the softmax; exactly 0 for -inf
    y = restore(y, x, axis, keepdims)
    share = exp(where(values(x) == -np.inf, -np.inf, x - y))
    return (restore(g, x, axis, keepdims) * (share.conj() if x.dtype.kind == "c" else share),)


@method("logsumexp")
def logsumexp(
    input: Tensor,
    dim: Axes = None,
    keepdim: bool = False,
    *,
    axis: Axes = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    r"""The logarithm of a sum of exponentials, :math:`\log \sum_i e^{x_i}`, without overflow.

    Its gradient is the softmax. Elements that are -inf have gradient zero also where all of
    them are; PyTorch has NaN there.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    dim : int or sequence of int, optional
        Dimensions to reduce; all by default. Also spelled `axis`.
    keepdim : bool, default False
        Keep the dimensions with length 1. Also spelled `keepdims`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        -inf where there are no elements.

    Raises
    ------
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1000.0, 1000.0]).logsumexp(0)
    Tensor(1000.6932)
    """
    if out is not None:
        return into(logsumexp, locals())
    axes = normal_axes("logsumexp", one_spelling("logsumexp", dim, axis), input)
    return apply(_logsumexp, floating(input), axis=axes, keepdims=keepdim or keepdims)
