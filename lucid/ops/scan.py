r"""Scans: running sums, products, maxima, and the linear recurrence that their gradients need.

Products and log-sums have gradients of the form :math:`s_k = b_k + a_k s_{k+1}`. Computed as
that recurrence they need no division, no exponential of a large number, and cost one pass;
the gradient of the recurrence is again one, run the other way.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, values
from ..dtypes import resolve
from ..errors import ArgumentError, IndexingError, compose
from ..kernels import complex
from ..kernels.scan import recurrence, running_sum
from ..samples import Draw, Sample
from .axes import ndim_of, normal_axis, one_spelling
from .bind import method
from .exponential import exp
from .gathering import narrow
from .joining import cat
from .out import into
from .picking import Chosen, on_vector, put_back
from .promotion import floating, refuse_unordered
from .selection import where


def _scan_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(3, 4), axis=1, reverse=False),
        draw.sample(draw(2, 3, 2), axis=1, reverse=True),
        draw.sample(draw(0, 3), axis=0, reverse=False),
    ]


def _accumulate(ufunc: np.ufunc, x: Any, axis: int, reverse: bool) -> Any:
    """A running reduction, from the back with `reverse`; narrow and float32 sums in more bits."""
    if reverse:
        x = np.flip(x, axis)
    wide = {2: np.float32, 4: np.float64}.get(x.dtype.itemsize) if x.dtype.kind in "fV" else None
    out = ufunc.accumulate(x, axis=axis, dtype=wide).astype(x.dtype, copy=False)
    return np.flip(out, axis) if reverse else out


def _conj(x: Any) -> Any:
    """The conjugate of complex values; real ones as they are."""
    return x.conj() if x.dtype.kind == "c" else x


# ---- shift and recurrence: what gradients are made of ---------------------------------


def _shift_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(3, 4), axis=1, step=1),
        draw.sample(draw(3, 4), axis=0, step=-1),
        draw.sample(draw(0, 3), axis=0, step=1),
    ]


@primitive("shift", complex=True, samples=_shift_samples)
def _shift(x: Any, *, axis: int, step: int) -> Any:
    out = np.zeros(x.shape, x.dtype)
    near, far = [slice(None)] * x.ndim, [slice(None)] * x.ndim
    near[axis], far[axis] = slice(1, None), slice(None, -1)
    if step < 0:
        near, far = far, near
    out[tuple(near)] = x[tuple(far)]
    return out


@_shift.rule
def _(g, y, x, *, axis, step):
    return (shift(g, axis, -step),)


def shift(x: Any, axis: int, step: int) -> Any:
    """Every element moved one place onward (``step=1``) or back (-1); zero comes in."""
    return apply(_shift, x, axis=axis, step=step)


def _recurrence_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(3, 4), draw(3, 4), axis=1, reverse=False),
        draw.sample(draw(2, 3, 2), draw(2, 3, 2), axis=1, reverse=True),
        draw.sample(draw(3, 0), draw(3, 0), axis=1, reverse=False),
    ]


@primitive("linear_recurrence", saves=("a", "out"), complex=True, samples=_recurrence_samples)
def _recurrence(a: Any, b: Any, *, axis: int, reverse: bool) -> Any:
    return recurrence(a, b, axis, reverse)


@_recurrence.rule
def _(g, s, a, b, *, axis, reverse):  # the adjoint runs the other way
    onward = -1 if reverse else 1
    adjoint = linear_recurrence(_conj(shift(a, axis, -onward)), g, axis, not reverse)
    return adjoint * _conj(shift(s, axis, onward)), adjoint


def linear_recurrence(a: Any, b: Any, axis: int, reverse: bool = False) -> Any:
    r""":math:`s_k = b_k + a_k s_{k-1}` along `axis`; with `reverse`, :math:`+ a_k s_{k+1}`."""
    return apply(_recurrence, a, b, axis=axis, reverse=reverse)


# ---- running sum ----------------------------------------------------------------------


@primitive("cumsum", complex=True, samples=_scan_samples)
def _cumsum(x: Any, *, axis: int, reverse: bool) -> Any:
    fast = running_sum(x, axis, reverse)
    return _accumulate(np.add, x, axis, reverse) if fast is None else fast


@_cumsum.rule
def _(g, y, x, *, axis, reverse):
    return (apply(_cumsum, g, axis=axis, reverse=not reverse),)


@method("cumsum")
def cumsum(
    input: Tensor,
    dim: int | None = None,
    *,
    dtype: Any = None,
    axis: int | None = None,
    out: Tensor | None = None,
) -> Tensor:
    r"""The running sum :math:`y_k = \sum_{i \le k} x_i` along a dimension.

    Parameters
    ----------
    input : Tensor
        Integers and bools are summed in int64.
    dim : int
        Also spelled `axis`.
    dtype : dtype, optional
        Cast to this first.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Raises
    ------
    IndexingError
        If there is no such dimension.
    ArgumentError
        If no dimension is given.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1.0, 2.0, 3.0]).cumsum(0)
    Tensor([1.0000, 3.0000, 6.0000])
    """
    if out is not None:
        return into(cumsum, locals())
    along, operand = _prepared("cumsum", input, dim, axis, dtype)
    if not input.ndim:
        return operand
    return apply(_cumsum, operand, axis=along, reverse=False)


def _prepared(caller: str, input: Any, dim: Any, axis: Any, dtype: Any) -> tuple[int, Any]:
    """The axis counted from the front, and the input in the dtype that it accumulates in."""
    along = _axis(caller, input, dim, axis)
    if dtype is not None:
        return along, input.astype(resolve(dtype, caller))
    return along, input.astype(np.int64) if input.dtype.kind in "bui" else input


def _axis(caller: str, input: Any, dim: Any, axis: Any) -> int:
    chosen = one_spelling(caller, dim, axis)
    if chosen is None:
        raise ArgumentError(compose(caller, "needs a dimension", {"input": input}, "dim=0"))
    return normal_axis(caller, chosen, input)


# ---- running product ------------------------------------------------------------------


def _cumprod_samples(draw: Draw) -> list[Sample]:
    zeros = draw(3, 4)
    zeros[0, 1] = zeros[1, 0] = zeros[1, 2] = 0
    return [
        draw.sample(x, axis=axis, exclusive=exclusive, reverse=reverse)
        for x, axis in [(zeros, 1), (draw(2, 3, 2), 1)]
        for exclusive in (False, True)
        for reverse in (False, True)
    ]


@primitive("cumprod", saves=("x",), complex=True, samples=_cumprod_samples)
def _cumprod(x: Any, *, axis: int, exclusive: bool, reverse: bool) -> Any:
    out = _accumulate(np.multiply, x, axis, reverse)
    if exclusive:
        out = _shift.forward(out, axis=axis, step=-1 if reverse else 1)
        first = [slice(None)] * x.ndim
        first[axis] = slice(-1, None) if reverse else slice(0, 1)
        out[tuple(first)] = 1
    return out


@_cumprod.rule
def _(g, y, x, *, axis, exclusive, reverse):
    # dL/dx_k = P_k S_k, with P_k the product before k and S_k what follows makes of it
    onward = -1 if reverse else 1
    before = apply(_cumprod, x, axis=axis, exclusive=True, reverse=reverse)
    if exclusive:  # S_k = g_{k+1} + x_{k+1} S_{k+1}
        after = shift(linear_recurrence(_conj(x), g, axis, not reverse), axis, -onward)
    else:  # S_k = g_k + x_{k+1} S_{k+1}
        after = linear_recurrence(_conj(shift(x, axis, -onward)), g, axis, not reverse)
    return (_conj(before) * after,)


def products_of_others(x: Any, axis: int) -> Any:
    r"""The gradient of a product: :math:`\prod_{j \ne k} x_j` (its conjugate) for every k."""
    before = apply(_cumprod, x, axis=axis, exclusive=True, reverse=False)
    after = apply(_cumprod, x, axis=axis, exclusive=True, reverse=True)
    return _conj(before * after)


@method("cumprod")
def cumprod(
    input: Tensor,
    dim: int | None = None,
    *,
    dtype: Any = None,
    axis: int | None = None,
    out: Tensor | None = None,
) -> Tensor:
    r"""The running product :math:`y_k = \prod_{i \le k} x_i` along a dimension.

    The gradient is right also where elements are zero. Parameters as for `cumsum`.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1.0, 2.0, 3.0]).cumprod(0)
    Tensor([1.0000, 2.0000, 6.0000])
    """
    if out is not None:
        return into(cumprod, locals())
    along, operand = _prepared("cumprod", input, dim, axis, dtype)
    if not input.ndim:
        return operand
    return apply(_cumprod, operand, axis=along, exclusive=False, reverse=False)


# ---- running log of a sum of exponentials ---------------------------------------------


def _along_samples(draw: Draw) -> list[Sample]:
    return [draw.sample(draw.apart(3, 4), axis=1), draw.sample(draw.apart(2, 3, 2), axis=1)]


@primitive("logcumsumexp", saves=("x", "out"), complex=True, samples=_along_samples)
def _logcumsumexp(x: Any, *, axis: int) -> Any:
    if x.dtype.kind == "c":
        return complex.logcumsumexp(x, axis)
    return _accumulate(np.logaddexp, x, axis, False)


@_logcumsumexp.rule
def _(g, y, x, *, axis):
    # dL/dx_k = exp(x_k - y_k) S_k with S_k = g_k + exp(y_k - y_{k+1}) S_{k+1}: no exponent > 0
    last = np.arange(x.shape[axis]) == x.shape[axis] - 1
    last = last.reshape((-1,) + (1,) * (x.ndim - 1 - axis))
    nothing = values(y) == -np.inf
    rise = where(values(y) == np.inf, 0.0, y - where(last | nothing, y, shift(y, axis, -1)))
    after = linear_recurrence(_conj(_exp_or_zero(rise, nothing)), g, axis, reverse=True)
    return (_conj(_exp_or_zero(x - y, nothing)) * after,)


def _exp_or_zero(x: Any, zero: Any) -> Any:
    """``exp(x)``, and an exact 0 with gradient 0 where `zero` holds."""
    return exp(where(zero, -np.inf, x))


@method("logcumsumexp")
def logcumsumexp(
    input: Tensor, dim: int | None = None, *, axis: int | None = None, out: Tensor | None = None
) -> Tensor:
    r"""The running :math:`y_k = \log \sum_{i \le k} e^{x_i}` along a dimension, without overflow.

    Where a sum is still zero (all inputs -inf), its gradient is zero; PyTorch has NaN there.

    Parameters
    ----------
    input : Tensor
    dim : int
        Also spelled `axis`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Raises
    ------
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([0.0, 0.0, 0.0]).logcumsumexp(0)
    Tensor([0.0000, 0.6931, 1.0986])
    """
    if out is not None:
        return into(logcumsumexp, locals())
    along = _axis("logcumsumexp", input, dim, axis)
    if not input.ndim:
        return floating(input)
    return apply(_logcumsumexp, floating(input), axis=along)


# ---- running extremes -----------------------------------------------------------------


def _running(ufunc: np.ufunc, x: Any, axis: int) -> tuple[Any, Any]:
    """The running extreme, and where it stood; of equals the last, and NaN beats all."""
    out = ufunc.accumulate(x, axis=axis)
    hit = (x == out) | (x != x)
    place = np.arange(x.shape[axis]).reshape((-1,) + (1,) * (x.ndim - 1 - axis))
    return out, np.maximum.accumulate(np.where(hit, place, 0), axis=axis)


@primitive("cummax", saves=("out[1]",), outputs=2, samples=_along_samples)
def _cummax(x: Any, *, axis: int) -> Any:
    return _running(np.maximum, x, axis)


@_cummax.rule
def _(g, y, x, *, axis):
    return (put_back(g[0], values(y[1]), axis, x.shape[axis], repeats=True),)


@method("cummax")
def cummax(
    input: Tensor, dim: int | None = None, *, axis: int | None = None, out: Any = None
) -> Chosen:
    r"""The running maximum :math:`y_k = \max_{i \le k} x_i` along a dimension.

    Parameters
    ----------
    input : Tensor
        NaN counts as the largest.
    dim : int
        Also spelled `axis`.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    values : Tensor
        Of the shape of `input`.
    indices : Tensor of int64
        Where each value stood; of equals the last. Gradients go there.

    Raises
    ------
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1.0, 3.0, 2.0]).cummax(0).values
    Tensor([1.0000, 3.0000, 3.0000])
    """
    if out is not None:
        return into(cummax, locals())
    return _running_extreme("cummax", _cummax, input, dim, axis)


@primitive("cummin", saves=("out[1]",), outputs=2, samples=_along_samples)
def _cummin(x: Any, *, axis: int) -> Any:
    return _running(np.minimum, x, axis)


@_cummin.rule
def _(g, y, x, *, axis):
    return (put_back(g[0], values(y[1]), axis, x.shape[axis], repeats=True),)


@method("cummin")
def cummin(
    input: Tensor, dim: int | None = None, *, axis: int | None = None, out: Any = None
) -> Chosen:
    r"""The running minimum :math:`y_k = \min_{i \le k} x_i` along a dimension (as `cummax`).

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([3.0, 1.0, 2.0]).cummin(0).indices
    Tensor([0, 1, 1])
    """
    if out is not None:
        return into(cummin, locals())
    return _running_extreme("cummin", _cummin, input, dim, axis)


def _running_extreme(caller: str, prim: Any, input: Any, dim: Any, axis: Any) -> Chosen:
    refuse_unordered(caller, input)
    along = _axis(caller, input, dim, axis)
    if not input.ndim:
        return on_vector(lambda vector: apply(prim, vector, axis=0), input)
    return Chosen(*apply(prim, input, axis=along))


# ---- differences: the inverse of a running sum ----------------------------------------


@method("diff")
def diff(
    input: Tensor,
    n: int = 1,
    dim: int = -1,
    prepend: Tensor | None = None,
    append: Tensor | None = None,
    *,
    axis: int | None = None,
    out: Tensor | None = None,
) -> Tensor:
    r"""The differences of neighbours, :math:`x_{k+1} - x_k`, along a dimension.

    Parameters
    ----------
    input : Tensor
        Bools give whether neighbours differ.
    n : int, default 1
        How often differences are taken.
    dim : int, default -1
        Also spelled `axis`.
    prepend, append : Tensor, optional
        Joined to the input along the dimension beforehand.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Shorter by `n` along the dimension.

    Raises
    ------
    ArgumentError
        If `n` is negative.
    IndexingError
        If the input is 0-d, or there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1.0, 4.0, 9.0]).diff()
    Tensor([3.0000, 5.0000])
    """
    if out is not None:
        return into(diff, locals())
    if n < 0:
        raise ArgumentError(compose("diff", "n must not be negative", {"n": n}))
    if not ndim_of("diff", input):
        raise IndexingError(compose("diff", "a 0-d tensor has no neighbours", {"input": input}))
    along = normal_axis("diff", dim if axis is None else axis, input)
    parts = [part for part in (prepend, input, append) if part is not None]
    result: Any = cat(parts, along) if len(parts) > 1 else input
    for _ in range(n):
        count = max(result.shape[along] - 1, 0)
        after = narrow(result, along, min(1, result.shape[along]), count)
        before = narrow(result, along, 0, count)
        result = after != before if result.dtype == np.bool_ else after - before
    return result
