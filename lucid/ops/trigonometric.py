"""Trigonometric and hyperbolic functions, and their inverses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..kernels import pointwise
from .arithmetic import conj
from .bind import method
from .exponential import sqrt
from .out import into
from .promotion import floating, promote_floating, real_floating
from .selection import where

# ---- circular -------------------------------------------------------------------------


@primitive("sin", saves=("x",), complex=True, samples=samples.unary)
def _sin(x: Any) -> Any:
    return np.sin(x)


@_sin.rule
def _(g, y, x):
    return (g * conj(cos(x)),)


@method("sin")
def sin(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The sine, element by element.

    Parameters
    ----------
    input : Tensor
        In radians. Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.sin(lucid.tensor([0.0, 1.0]))
    Tensor([0.0000, 0.8415])
    """
    if out is not None:
        return into(sin, locals())
    return apply(_sin, floating(input, "sin"))


@primitive("cos", saves=("x",), complex=True, samples=samples.unary)
def _cos(x: Any) -> Any:
    return np.cos(x)


@_cos.rule
def _(g, y, x):
    return (-g * conj(sin(x)),)


@method("cos")
def cos(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The cosine, element by element.

    Parameters
    ----------
    input : Tensor
        In radians. Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.cos(lucid.tensor([0.0, 1.0]))
    Tensor([1.0000, 0.5403])
    """
    if out is not None:
        return into(cos, locals())
    return apply(_cos, floating(input, "cos"))


@primitive("tan", saves=("out",), complex=True, samples=samples.unary_within(-1.2, 1.2))
def _tan(x: Any) -> Any:
    return np.tan(x)


@_tan.rule
def _(g, y, x):
    return (g * conj(y * y + 1),)


@method("tan")
def tan(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The tangent, element by element.

    Parameters
    ----------
    input : Tensor
        In radians. Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.tan(lucid.tensor([0.0, 1.0]))
    Tensor([0.0000, 1.5574])
    """
    if out is not None:
        return into(tan, locals())
    return apply(_tan, floating(input, "tan"))


@primitive("asin", saves=("x",), complex=True, samples=samples.unary_within(-0.9, 0.9))
def _asin(x: Any) -> Any:
    return np.arcsin(x)


@_asin.rule
def _(g, y, x):
    return (g / conj(sqrt(1 - x * x)),)


@method("asin", "arcsin")
def asin(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The inverse of the sine, element by element; NaN outside of [-1, 1].

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        In radians, between :math:`-\pi/2` and :math:`\pi/2`.

    Examples
    --------
    >>> import lucid
    >>> lucid.asin(lucid.tensor([0.0, 0.5]))
    Tensor([0.0000, 0.5236])
    """
    if out is not None:
        return into(asin, locals())
    return apply(_asin, floating(input, "asin"))


@primitive("acos", saves=("x",), complex=True, samples=samples.unary_within(-0.9, 0.9))
def _acos(x: Any) -> Any:
    return np.arccos(x)


@_acos.rule
def _(g, y, x):
    return (-g / conj(sqrt(1 - x * x)),)


@method("acos", "arccos")
def acos(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The inverse of the cosine, element by element; NaN outside of [-1, 1].

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        In radians, between 0 and :math:`\pi`.

    Examples
    --------
    >>> import lucid
    >>> lucid.acos(lucid.tensor([0.0, 0.5]))
    Tensor([1.5708, 1.0472])
    """
    if out is not None:
        return into(acos, locals())
    return apply(_acos, floating(input, "acos"))


@primitive("atan", saves=("x",), complex=True, samples=samples.unary)
def _atan(x: Any) -> Any:
    return np.arctan(x)


@_atan.rule
def _(g, y, x):
    return (g / conj(x * x + 1),)


@method("atan", "arctan")
def atan(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The inverse of the tangent, element by element.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        In radians, between :math:`-\pi/2` and :math:`\pi/2`.

    Examples
    --------
    >>> import lucid
    >>> lucid.atan(lucid.tensor([0.0, 1.0]))
    Tensor([0.0000, 0.7854])
    """
    if out is not None:
        return into(atan, locals())
    return apply(_atan, floating(input, "atan"))


# ---- hyperbolic -----------------------------------------------------------------------


@primitive("sinh", saves=("x",), complex=True, samples=samples.unary)
def _sinh(x: Any) -> Any:
    return np.sinh(x)


@_sinh.rule
def _(g, y, x):
    return (g * conj(cosh(x)),)


@method("sinh")
def sinh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The hyperbolic sine :math:`(e^x - e^{-x}) / 2`, element by element.

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
    >>> lucid.sinh(lucid.tensor([0.0, 1.0]))
    Tensor([0.0000, 1.1752])
    """
    if out is not None:
        return into(sinh, locals())
    return apply(_sinh, floating(input, "sinh"))


@primitive("cosh", saves=("x",), complex=True, samples=samples.unary)
def _cosh(x: Any) -> Any:
    return np.cosh(x)


@_cosh.rule
def _(g, y, x):
    return (g * conj(sinh(x)),)


@method("cosh")
def cosh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The hyperbolic cosine :math:`(e^x + e^{-x}) / 2`, element by element.

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
    >>> lucid.cosh(lucid.tensor([0.0, 1.0]))
    Tensor([1.0000, 1.5431])
    """
    if out is not None:
        return into(cosh, locals())
    return apply(_cosh, floating(input, "cosh"))


@primitive("tanh", saves=("out",), complex=True, samples=samples.unary)
def _tanh(x: Any) -> Any:
    return np.tanh(x)


@_tanh.rule
def _(g, y, x):
    return (g * conj(1 - y * y),)


@_tanh.fused_rule
def _(g, residual, y, x):
    if y.dtype.kind == "c":
        return (g * (1 - y * y).conj(),)
    return (pointwise.tanh_gradient(g, y),)


@method("tanh")
def tanh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The hyperbolic tangent :math:`\sinh x / \cosh x`, element by element.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Between -1 and 1.

    Examples
    --------
    >>> import lucid
    >>> lucid.tanh(lucid.tensor([0.0, 1.0]))
    Tensor([0.0000, 0.7616])
    """
    if out is not None:
        return into(tanh, locals())
    return apply(_tanh, floating(input, "tanh"))


@primitive("asinh", saves=("x",), complex=True, samples=samples.unary)
def _asinh(x: Any) -> Any:
    return np.arcsinh(x)


@_asinh.rule
def _(g, y, x):
    return (g / conj(sqrt(x * x + 1)),)


@method("asinh", "arcsinh")
def asinh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The inverse of the hyperbolic sine, :math:`\ln(x + \sqrt{x^2 + 1})`.

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
    >>> lucid.asinh(lucid.tensor([0.0, 1.0]))
    Tensor([0.0000, 0.8814])
    """
    if out is not None:
        return into(asinh, locals())
    return apply(_asinh, floating(input, "asinh"))


@primitive("acosh", saves=("x",), complex=True, samples=samples.unary_within(1.2, 3.0))
def _acosh(x: Any) -> Any:
    return np.arccosh(x)


@_acosh.rule
def _(g, y, x):
    return (g / conj(sqrt(x - 1) * sqrt(x - -1)),)  # x + 1 would make a -0j to 0j


@method("acosh", "arccosh")
def acosh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The inverse of the hyperbolic cosine, :math:`\ln(x + \sqrt{x^2 - 1})`; NaN below 1.

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
    >>> lucid.acosh(lucid.tensor([1.0, 2.0]))
    Tensor([0.0000, 1.3170])
    """
    if out is not None:
        return into(acosh, locals())
    return apply(_acosh, floating(input, "acosh"))


@primitive("atanh", saves=("x",), complex=True, samples=samples.unary_within(-0.9, 0.9))
def _atanh(x: Any) -> Any:
    return np.arctanh(x)


@_atanh.rule
def _(g, y, x):
    return (g / conj(1 - x * x),)


@method("atanh", "arctanh")
def atanh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The inverse of the hyperbolic tangent, :math:`\frac12 \ln\frac{1 + x}{1 - x}`;
    NaN outside of [-1, 1].

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
    >>> lucid.atanh(lucid.tensor([0.0, 0.5]))
    Tensor([0.0000, 0.5493])
    """
    if out is not None:
        return into(atanh, locals())
    return apply(_atanh, floating(input, "atanh"))


# ---- two arguments --------------------------------------------------------------------


@primitive("atan2", saves=("a", "b"), broadcasts=True, samples=samples.binary)
def _atan2(a: Any, b: Any) -> Any:
    return np.arctan2(a, b)


@_atan2.rule
def _(g, y, a, b):  # b / r^2 and -a / r^2, divided twice lest r^2 overflow; 0 at the origin
    r = hypot(a, b)
    r = where(r == 0, 1.0, r)
    return g * (b / r / r), -g * (a / r / r)


@method("atan2", "arctan2")
def atan2(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    r"""The angle of the point with ordinate `input` and abscissa `other`.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and promoted to one floating dtype. At the origin the
        gradient is taken as 0.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        In radians, between :math:`-\pi` and :math:`\pi`.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.atan2(lucid.tensor([0.0, 1.0]), lucid.tensor([1.0, -1.0]))
    Tensor([0.0000, 2.3562])
    """
    if out is not None:
        return into(atan2, locals())
    return apply(_atan2, *promote_floating("atan2", input, other))


@primitive("hypot", saves=("a", "b", "out"), broadcasts=True, samples=samples.binary)
def _hypot(a: Any, b: Any) -> Any:
    return np.hypot(a, b)


@_hypot.rule
def _(g, y, a, b, *, needs):
    return (g * (a / y) if needs[0] else None), (g * (b / y) if needs[1] else None)


@method("hypot")
def hypot(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    r"""The length :math:`\sqrt{x^2 + y^2}`, element by element, without overflow.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and promoted to one floating dtype.
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
    >>> lucid.hypot(lucid.tensor([3.0]), lucid.tensor([4.0]))
    Tensor([5.0000])
    """
    if out is not None:
        return into(hypot, locals())
    return apply(_hypot, *promote_floating("hypot", input, other))


# ---- degrees --------------------------------------------------------------------------


@method("deg2rad")
def deg2rad(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""Degrees taken to radians: :math:`x \cdot \pi / 180`.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError
        If `input` is complex.

    Examples
    --------
    >>> import lucid
    >>> lucid.deg2rad(lucid.tensor([180.0, -90.0]))
    Tensor([3.1416, -1.5708])
    """
    if out is not None:
        return into(deg2rad, locals())
    return real_floating(input, "deg2rad") * (math.pi / 180)


@method("rad2deg")
def rad2deg(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""Radians taken to degrees: :math:`x \cdot 180 / \pi`.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError
        If `input` is complex.

    Examples
    --------
    >>> import lucid
    >>> lucid.rad2deg(lucid.tensor([lucid.pi, 1.0]))
    Tensor([180.0000, 57.2958])
    """
    if out is not None:
        return into(rad2deg, locals())
    return real_floating(input, "rad2deg") * (180 / math.pi)


# ---- NumPy's names --------------------------------------------------------------------

arcsin, arccos, arctan, arctan2 = asin, acos, atan, atan2
arcsinh, arccosh, arctanh = asinh, acosh, atanh
