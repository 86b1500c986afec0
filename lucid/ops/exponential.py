"""Exponentials, logarithms and roots."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..kernels import complex
from .arithmetic import conj
from .bind import method
from .out import into
from .promotion import floating, promote_floating, refuse_unordered
from .selection import where

_LN2, _LN10 = math.log(2.0), math.log(10.0)

# ---- exponentials ---------------------------------------------------------------------


@primitive("exp", saves=("out",), complex=True, samples=samples.unary)
def _exp(x: Any) -> Any:
    return np.exp(x)


@_exp.rule
def _(g, y, x):
    return (g * conj(y),)


@method("exp")
def exp(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The exponential :math:`e^x`, element by element.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.exp(lucid.tensor([0.0, 1.0]))
    Tensor([1.0000, 2.7183])
    """
    if out is not None:
        return into(exp, locals())
    return apply(_exp, floating(input, "exp"))


@primitive("exp2", saves=("out",), complex=True, samples=samples.unary)
def _exp2(x: Any) -> Any:
    return np.exp2(x)


@_exp2.rule
def _(g, y, x):
    return (g * conj(y * _LN2),)


@method("exp2")
def exp2(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The power of two :math:`2^x`, element by element.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.exp2(lucid.tensor([0.0, 3.0]))
    Tensor([1.0000, 8.0000])
    """
    if out is not None:
        return into(exp2, locals())
    return apply(_exp2, floating(input, "exp2"))


@primitive("expm1", saves=("out",), complex=True, samples=samples.unary)
def _expm1(x: Any) -> Any:
    return np.expm1(x)


@_expm1.rule
def _(g, y, x):
    return (g * conj(y + 1),)


@method("expm1")
def expm1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r""":math:`e^x - 1`, element by element, without cancellation near 0.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.expm1(lucid.tensor([0.0, 1.0]))
    Tensor([0.0000, 1.7183])
    """
    if out is not None:
        return into(expm1, locals())
    return apply(_expm1, floating(input, "expm1"))


# ---- logarithms -----------------------------------------------------------------------


@primitive("log", saves=("x",), complex=True, samples=samples.unary_positive)
def _log(x: Any) -> Any:
    return np.log(x)


@_log.rule
def _(g, y, x):
    return (g / conj(x),)


@method("log")
def log(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The natural logarithm :math:`\ln x`, element by element; NaN below zero.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.log(lucid.tensor([1.0, 2.0]))
    Tensor([0.0000, 0.6931])
    """
    if out is not None:
        return into(log, locals())
    return apply(_log, floating(input, "log"))


@primitive("log2", saves=("x",), complex=True, samples=samples.unary_positive)
def _log2(x: Any) -> Any:
    return np.log2(x)


@_log2.rule
def _(g, y, x):
    return (g / conj(x * _LN2),)


@method("log2")
def log2(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The logarithm to base two :math:`\log_2 x`, element by element; NaN below zero.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.log2(lucid.tensor([1.0, 8.0]))
    Tensor([0.0000, 3.0000])
    """
    if out is not None:
        return into(log2, locals())
    return apply(_log2, floating(input, "log2"))


@primitive("log10", saves=("x",), complex=True, samples=samples.unary_positive)
def _log10(x: Any) -> Any:
    return np.log10(x)


@_log10.rule
def _(g, y, x):
    return (g / conj(x * _LN10),)


@method("log10")
def log10(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The logarithm to base ten :math:`\log_{10} x`, element by element; NaN below zero.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.log10(lucid.tensor([1.0, 1000.0]))
    Tensor([0.0000, 3.0000])
    """
    if out is not None:
        return into(log10, locals())
    return apply(_log10, floating(input, "log10"))


@primitive("log1p", saves=("x",), complex=True, samples=samples.unary_within(-0.5, 2.0))
def _log1p(x: Any) -> Any:
    return np.log1p(x) if x.dtype.kind != "c" else complex.log1p(x)


@_log1p.rule
def _(g, y, x):
    return (g / conj(x + 1),)


@method("log1p")
def log1p(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r""":math:`\ln(1 + x)`, element by element, without cancellation near 0; NaN below -1.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.log1p(lucid.tensor([0.0, 1.0]))
    Tensor([0.0000, 0.6931])
    """
    if out is not None:
        return into(log1p, locals())
    return apply(_log1p, floating(input, "log1p"))


def _xlogy_samples(draw: samples.Draw) -> list[samples.Sample]:
    zero_factor = np.array([0.0, 2.0, 0.0], draw.dtype)
    return [*samples.binary_positive(draw), draw.sample(zero_factor, draw.positive(3))]


@primitive("xlogy", saves=("a", "b"), broadcasts=True, samples=_xlogy_samples)
def _xlogy(a: Any, b: Any) -> Any:
    product = np.asarray(a * np.log(b), np.result_type(a, b))
    return np.where(np.equal(a, 0) & ~np.isnan(b), product.dtype.type(0), product)


@_xlogy.rule
def _(g, y, a, b, *, needs):
    toward_factor = None
    if needs[0]:  # 0 log(b) is 0 also for b <= 0, where log(b) is not finite
        flat = (a == 0) & (b <= 0)
        toward_factor = where(flat, 0.0, g * log(where(flat, 1.0, b)))
    return toward_factor, (g * (a / b) if needs[1] else None)


@method("xlogy")
def xlogy(input: Any, other: Any, *, out: Tensor | None = None) -> Tensor:
    r""":math:`x \ln y`, element by element, and 0 wherever :math:`x = 0`.

    Parameters
    ----------
    input : Tensor or number
        The factor :math:`x`.
    other : Tensor or number
        :math:`y`, of the logarithm. NaN stays NaN, also beside a factor of 0.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.xlogy(lucid.tensor([0.0, 2.0]), lucid.tensor([0.0, 3.0]))
    Tensor([0.0000, 2.1972])
    """
    if out is not None:
        return into(xlogy, locals())
    a, b = promote_floating("xlogy", input, other)
    refuse_unordered("xlogy", a if hasattr(a, "dtype") else b)
    return apply(_xlogy, a, b)


# ---- roots ----------------------------------------------------------------------------


@primitive("sqrt", saves=("out",), complex=True, samples=samples.unary_positive)
def _sqrt(x: Any) -> Any:
    return np.sqrt(x)


@_sqrt.rule
def _(g, y, x):
    return (g / conj(y * 2),)


@method("sqrt")
def sqrt(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The square root :math:`\sqrt x`, element by element; NaN below zero.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype. The slope at 0 is infinite.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.sqrt(lucid.tensor([4.0, 2.0]))
    Tensor([2.0000, 1.4142])
    """
    if out is not None:
        return into(sqrt, locals())
    return apply(_sqrt, floating(input, "sqrt"))


@primitive("rsqrt", saves=("out",), complex=True, samples=samples.unary_positive)
def _rsqrt(x: Any) -> Any:
    return np.true_divide(1, np.sqrt(x))


@_rsqrt.rule
def _(g, y, x):
    return (g * conj(y * y * y * -0.5),)


@method("rsqrt")
def rsqrt(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The reciprocal of the square root, :math:`1 / \sqrt x`; inf at 0 and NaN below.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.rsqrt(lucid.tensor([4.0, 0.25]))
    Tensor([0.5000, 2.0000])
    """
    if out is not None:
        return into(rsqrt, locals())
    return apply(_rsqrt, floating(input, "rsqrt"))
