"""Variance and standard deviation."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, values
from ..errors import ArgumentError, compose
from .axes import Axes, normal_axes, one_spelling
from .bind import method
from .out import into
from .reduction import count_over, mean, narrow_float, refuse_integers, spread, total
from .selection import where


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw(3, 4), axis=(0, 1), keepdims=False, correction=1),
        draw.sample(draw(2, 3, 4), axis=(1,), keepdims=True, correction=0),
        draw.sample(draw(2, 3, 4), axis=(0, 2), keepdims=False, correction=1.5),
    ]


def _variance(x: Any, axis: tuple[int, ...], keepdims: bool, correction: float) -> Any:
    """The variance by two passes: the squares are those of differences from the mean."""
    if narrow_float(x):
        x = x.astype(np.float32)
    count = count_over(x.shape, axis)
    centred = x - total(x, axis, True) / count
    squares = (centred * centred.conj()).real if x.dtype.kind == "c" else centred * centred
    freedom = count - correction
    return total(squares, axis, keepdims) / np.float64(freedom if freedom > 0 else 0)


@primitive("var", saves=("x",), complex=True, samples=_samples)
def _var(x: Any, *, axis: tuple[int, ...], keepdims: bool, correction: float) -> Any:
    return _real_of(_variance(x, axis, keepdims, correction), x)


def _real_of(result: Any, x: Any) -> Any:
    """The result in the dtype of `x`, or of its real part."""
    return result.astype(x.real.dtype if x.dtype.kind == "c" else x.dtype)


@_var.rule
def _(g, y, x, *, axis, keepdims, correction):
    return (_toward(spread(g, x, axis, keepdims), x, axis, correction),)


def _toward(g: Any, x: Any, axis: tuple[int, ...], correction: float) -> Any:
    """The gradient of a variance, :math:`2 g (x - \\bar x) / (n - c)`."""
    freedom = count_over(x.shape, axis) - correction
    centred = x - mean(x, axis or None, True) if x.ndim else x - x
    if freedom > 0:
        return g * centred * (2 / freedom)
    return g * np.where(values(centred) == 0, np.nan, np.inf).astype(x.dtype)


@method("var")
def var(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
    axis: Axes = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    r"""The variance along some dimensions, or of all elements.

    .. math:: \frac{1}{n - c} \sum_i (x_i - \bar x)^2

    Parameters
    ----------
    input : Tensor
        Floating or complex.
    dim : int or sequence of int, optional
        Dimensions to reduce; all by default. Also spelled `axis`. A bool here is `unbiased`.
    unbiased : bool, optional
        True for :math:`c = 1`, False for :math:`c = 0`.
    keepdim : bool, default False
        Keep the dimensions with length 1. Also spelled `keepdims`.
    correction : number, default 1
        :math:`c`, the degrees of freedom lost.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        NaN (or inf) where :math:`n \le c`.

    Raises
    ------
    DTypeError
        If the input holds integers or bools.
    ArgumentError
        If both `unbiased` and `correction` are given.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1.0, 2.0, 3.0]).var()
    Tensor(1.0000)
    """
    if out is not None:
        return into(var, locals())
    static = _static("var", input, dim, unbiased, correction, axis, keepdim or keepdims)
    return apply(_var, input, **static)


def _static(
    caller: str, input: Any, dim: Any, unbiased: Any, correction: Any, axis: Any, keep: bool
) -> dict[str, Any]:
    """What `var` and its kin were asked for, in one form."""
    refuse_integers(caller, input)
    if isinstance(dim, bool):  # PyTorch's var(unbiased)
        dim, unbiased = None, dim
    if unbiased is not None:
        if correction is not None:
            problem = "unbiased= and correction= say the same; give one of them"
            raise ArgumentError(compose(caller, problem))
        correction = int(unbiased)
    axes = normal_axes(caller, one_spelling(caller, dim, axis), input)
    return {"axis": axes, "keepdims": keep, "correction": 1 if correction is None else correction}


@primitive("std", saves=("x", "out"), complex=True, samples=_samples)
def _std(x: Any, *, axis: tuple[int, ...], keepdims: bool, correction: float) -> Any:
    return _real_of(np.sqrt(_variance(x, axis, keepdims, correction)), x)


@_std.rule
def _(g, y, x, *, axis, keepdims, correction):  # d std = d var / (2 std), and 0 at std = 0
    flat = values(y) == 0
    halved = where(flat, 0.0, g / (where(flat, 1.0, y) * 2))
    return (_toward(spread(halved, x, axis, keepdims), x, axis, correction),)


@method("std")
def std(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
    axis: Axes = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The standard deviation, the root of `var` (whose parameters it takes).

    Where all elements are equal its gradient is zero.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([[1.0, 3.0], [2.0, 2.0]]).std(dim=1, correction=0)
    Tensor([1.0000, 0.0000])
    """
    if out is not None:
        return into(std, locals())
    static = _static("std", input, dim, unbiased, correction, axis, keepdim or keepdims)
    return apply(_std, input, **static)


@method("var_mean")
def var_mean(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
    axis: Axes = None,
    keepdims: bool = False,
) -> tuple[Tensor, Tensor]:
    """The variance and the mean (parameters as for `var`).

    Examples
    --------
    >>> import lucid
    >>> lucid.var_mean(lucid.tensor([1.0, 2.0, 3.0]))
    (Tensor(1.0000), Tensor(2.0000))
    """
    static = _static("var_mean", input, dim, unbiased, correction, axis, keepdim or keepdims)
    return apply(_var, input, **static), _mean_of(input, static)


@method("std_mean")
def std_mean(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
    axis: Axes = None,
    keepdims: bool = False,
) -> tuple[Tensor, Tensor]:
    """The standard deviation and the mean (parameters as for `var`).

    Examples
    --------
    >>> import lucid
    >>> lucid.std_mean(lucid.tensor([1.0, 2.0, 3.0]))
    (Tensor(1.0000), Tensor(2.0000))
    """
    static = _static("std_mean", input, dim, unbiased, correction, axis, keepdim or keepdims)
    return apply(_std, input, **static), _mean_of(input, static)


def _mean_of(input: Tensor, static: dict[str, Any]) -> Tensor:
    return mean(input, static["axis"] if input.ndim else None, static["keepdims"])
