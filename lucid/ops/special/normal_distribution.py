"""The distribution function of the normal distribution, its logarithm and its inverse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import samples
from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor
from ...kernels.special import erfc_array, erfcx_array, erfinv_array
from ..exponential import exp
from ..out import into
from ..precision import in_single
from ..promotion import real_floating
from .error_function import erfcx

_SQRT_HALF = math.sqrt(0.5)
_DENSITY = 1 / math.sqrt(2 * math.pi)  # of the distribution at 0


@primitive("ndtr", saves=("x",), samples=samples.unary)
@in_single
def _ndtr(x: Any) -> Any:
    return erfc_array(np.asarray(x * -_SQRT_HALF, x.dtype)) * x.dtype.type(0.5)


@_ndtr.rule
def _(g, y, x):
    return (g * (exp(x * x * -0.5) * _DENSITY),)


def ndtr(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The normal distribution function: the mass of the standard normal left of a point,

    .. math:: \Phi(x) = \frac{1}{\sqrt{2 \pi}} \int_{-\infty}^x e^{-t^2 / 2} \, dt
        = \tfrac12 \operatorname{erfc}\!\left(-x / \sqrt 2\right).

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Between 0 and 1.

    Raises
    ------
    DTypeError
        If `input` is complex.

    References
    ----------
    M. Abramowitz and I. A. Stegun, "Handbook of Mathematical Functions", 1964, 26.2.2.

    Examples
    --------
    >>> import lucid
    >>> lucid.special.ndtr(lucid.tensor([-1.0, 0.0, 1.0]))
    Tensor([0.1587, 0.5000, 0.8413])
    """
    if out is not None:
        return into(ndtr, locals())
    return apply(_ndtr, real_floating(input, "ndtr"))


@primitive("log_ndtr", saves=("x",), samples=samples.unary)
@in_single
def _log_ndtr(x: Any) -> Any:
    z = np.asarray(x * -_SQRT_HALF, x.dtype)
    left = x < -1  # there erfc would underflow, and its logarithm with it
    tail = np.where(left, z, 1)
    with_tail = np.log(erfcx_array(tail) * 0.5) - tail * tail
    return np.asarray(np.where(left, with_tail, np.log1p(erfc_array(-z) * -0.5)), x.dtype)


@_log_ndtr.rule
def _(g, y, x):  # the density over the mass, both without their exponential
    return (g * (2 * _DENSITY) / erfcx(x * -_SQRT_HALF),)


def log_ndtr(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The logarithm of the normal distribution function, :math:`\ln \Phi(x)` (see `ndtr`).

    It keeps its digits far in the left tail, where :math:`\Phi` itself is 0 to the machine.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Not above 0.

    Raises
    ------
    DTypeError
        If `input` is complex.

    References
    ----------
    M. Abramowitz and I. A. Stegun, "Handbook of Mathematical Functions", 1964, 26.2.2.

    Examples
    --------
    >>> import lucid
    >>> lucid.special.log_ndtr(lucid.tensor([-20.0, 0.0]))
    Tensor([-203.9172, -0.6931])
    """
    if out is not None:
        return into(log_ndtr, locals())
    return apply(_log_ndtr, real_floating(input, "log_ndtr"))


@primitive("ndtri", saves=("out",), samples=samples.unary_within(0.05, 0.95))
def _ndtri(p: Any) -> Any:
    """By the inverse of erf in the middle, and in the tails by the logarithm of erfc."""
    flat = np.asarray(p, np.float64).ravel()
    middle = np.abs(flat - 0.5) <= 0.25  # 2 p - 1 is exact there
    mass = np.minimum(flat, 1 - flat)
    tail = ~middle & (mass > 0)
    z = np.where(mass == 0, np.inf, np.full_like(flat, np.nan))
    z[middle] = erfinv_array(2 * flat[middle] - 1)
    z[tail] = _tail_quantile(np.log(2 * mass[tail]))
    z = np.where(middle, z, np.copysign(z, flat - 0.5))
    return (z * math.sqrt(2)).reshape(p.shape).astype(p.dtype)


def _tail_quantile(goal: Any) -> Any:
    """Where log erfc is `goal`, by Halley's method: erfc itself would underflow far out."""
    z = np.sqrt(-goal)
    for _ in range(3):
        scaled = erfcx_array(z)
        fall = 2 / math.sqrt(math.pi) / scaled  # the slope is its negative
        step = (np.log(scaled) - z * z - goal) / fall
        z = z + step / (1 + step * (fall / 2 - z))
    return z


@_ndtri.rule
def _(g, y, p):
    return (g * (exp(y * y * 0.5) * (1 / _DENSITY)),)


def ndtri(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The normal quantile :math:`\Phi^{-1}(p)`, the inverse of `ndtr`.

    Parameters
    ----------
    input : Tensor
        Between 0 and 1, where the result is infinite; NaN beyond.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError
        If `input` is complex.

    References
    ----------
    M. Abramowitz and I. A. Stegun, "Handbook of Mathematical Functions", 1964, 26.2.2.

    Examples
    --------
    >>> import lucid
    >>> lucid.special.ndtri(lucid.tensor([0.0, 0.025, 0.5, 0.975]))
    Tensor([-inf, -1.9600, 0.0000, 1.9600])
    """
    if out is not None:
        return into(ndtri, locals())
    return apply(_ndtri, real_floating(input, "ndtri"))
