"""Magnitude and sign."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from .bind import method
from .out import into
from .promotion import kind_of, promote_floating, promote_real, refuse_unordered
from .selection import flat_gradient, where


@primitive("abs", saves=("x",), complex=True, samples=samples.unary_kinked)
def _abs(x: Any) -> Any:
    return np.abs(x)


@_abs.rule
def _(g, y, x):
    return (g * sgn(x),)


@method("abs", "absolute", "__abs__")
def abs(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The magnitude :math:`|x|`, element by element; its slope at 0 is taken as 0.

    Parameters
    ----------
    input : Tensor
        Complex values give real ones.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.abs(lucid.tensor([-1.5, 2.0]))
    Tensor([1.5000, 2.0000])
    """
    if out is not None:
        return into(abs, locals())
    return apply(_abs, input)


@primitive("sign", samples=samples.unary_kinked)
def _sign(x: Any) -> Any:
    if x.dtype.kind == "b":
        return np.array(x)
    return np.subtract(x > 0, x < 0, dtype=x.dtype)  # np.sign would pass NaN through


@_sign.rule
def _(g, y, x):
    return (flat_gradient(g),)


@method("sign")
def sign(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """-1, 0 or 1 by the sign of each element; 0 for NaN. The gradient is zero.

    Parameters
    ----------
    input : Tensor
        Real (for complex values see `sgn`).
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.sign(lucid.tensor([-1.5, 0.0, 2.0]))
    Tensor([-1.0000, 0.0000, 1.0000])
    """
    if out is not None:
        return into(sign, locals())
    refuse_unordered("sign", input)
    return apply(_sign, input)


@method("sgn")
def sgn(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""`sign`, and for complex values the direction :math:`x / |x|`, which is 0 at 0.

    Parameters
    ----------
    input : Tensor
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.sgn(lucid.tensor([-1.5, 0.0, 2.0]))
    Tensor([-1.0000, 0.0000, 1.0000])
    """
    if out is not None:
        return into(sgn, locals())
    if kind_of("sgn", input) != "c":
        return sign(input)
    size = abs(input)
    origin = size == 0
    return where(origin, 0.0, input / where(origin, 1.0, size))


@primitive("signbit", samples=samples.unary_kinked)
def _signbit(x: Any) -> Any:
    return x < 0 if np.asarray(x).dtype.kind in "iub" else np.signbit(x)


@method("signbit")
def signbit(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Where elements carry a minus sign, also on zero (``-0.0``) and NaN.

    Parameters
    ----------
    input : Tensor
        Real.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of bool

    Examples
    --------
    >>> import lucid
    >>> lucid.signbit(lucid.tensor([1.0, -0.0]))
    Tensor([False, True])
    """
    if out is not None:
        return into(signbit, locals())
    return apply(_signbit, input)


def _copysign_samples(draw: samples.Draw) -> list[samples.Sample]:
    shapes = [((3, 4), (3, 4)), ((3, 4), (4,)), ((2, 1, 4), (3, 1)), ((), (3,))]
    return [draw.sample(draw.apart(*a), draw.apart(*b)) for a, b in shapes]


@primitive("copysign", saves=("magnitude", "out"), broadcasts=True, samples=_copysign_samples)
def _copysign(magnitude: Any, sign: Any) -> Any:
    return np.copysign(magnitude, sign)


@_copysign.rule
def _(g, y, a, b, *, needs):  # 1 where the sign was kept, -1 where it was turned, 0 at 0
    turned = where(a == 0, 0.0, where(y == a, g, -g))
    return turned, (flat_gradient(g) if needs[1] else None)


@method("copysign")
def copysign(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The magnitude of `input` with the sign of `other`, element by element.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    other : Tensor or number
        Broadcast against `input`; the sign of zeros counts. Its gradient is zero.
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
    >>> lucid.copysign(lucid.tensor([1.0, -2.0]), -0.0)
    Tensor([-1.0000, -2.0000])
    """
    if out is not None:
        return into(copysign, locals())
    return apply(_copysign, *promote_floating("copysign", input, other))


def _step_samples(draw: samples.Draw) -> list[samples.Sample]:
    whole = np.array([0, -1, 0, 2])  # a step has no slope at 0, so that is asked of integers
    return [
        draw.sample(draw.apart(3, 4), draw(4)),
        draw.sample(draw.apart(3), 0.5),
        draw.sample(whole, draw(2, 4)),
    ]


@primitive("heaviside", saves=("x",), broadcasts=True, samples=_step_samples)
def _heaviside(x: Any, values: Any) -> Any:
    dtype = np.result_type(values) if hasattr(values, "dtype") else x.dtype
    return np.where(x == 0, values, x > 0).astype(dtype)


@_heaviside.rule
def _(g, y, x, values, *, needs):
    return flat_gradient(g), (where(x == 0, g, 0.0) if needs[1] else None)


@method("heaviside")
def heaviside(input: Tensor, values: Any, *, out: Tensor | None = None) -> Tensor:
    """The step: 0 for negative numbers, 1 for positive ones, and at 0 what `values` says.

    Parameters
    ----------
    input : Tensor
        Real. Its gradient is 0. NaN counts as not positive, as in PyTorch.
    values : Tensor or number
        Broadcast against `input` and promoted to one dtype with it (PyTorch asks for equal
        dtypes). It has a gradient where `input` is 0.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DTypeError
        If an operand is complex.

    Examples
    --------
    >>> import lucid
    >>> lucid.heaviside(lucid.tensor([-1.5, 0.0, 2.0]), 0.5)
    Tensor([0.0000, 0.5000, 1.0000])
    """
    if out is not None:
        return into(heaviside, locals())
    return apply(_heaviside, *promote_real("heaviside", input, values))


absolute = abs
