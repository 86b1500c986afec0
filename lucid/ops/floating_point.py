"""The parts that floating-point numbers are made of, and their neighbours."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..dtypes import is_floating
from ..errors import DTypeError, compose
from .arithmetic import conj
from .bind import method
from .out import into
from .promotion import floating, promote, promote_floating
from .selection import flat_gradient

_LN2 = math.log(2.0)

# ---- mantissa and exponent ------------------------------------------------------------


class Parts(NamedTuple):
    """What `frexp` takes a number apart into."""

    mantissa: Any
    exponent: Any


@primitive("frexp", saves=("out[1]",), outputs=2, samples=samples.unary_positive)
def _frexp(x: Any) -> tuple[Any, Any]:
    if x.dtype.kind == "V":  # bfloat16, of which float32 has the exponents
        mantissa, exponent = np.frexp(x.astype(np.float32))
        return mantissa.astype(x.dtype), exponent
    return np.frexp(x)


@_frexp.rule
def _(g, y, x):
    return (None if g[0] is None else ldexp(g[0], -y[1]),)


@method("frexp")
def frexp(input: Tensor, *, out: Any = None) -> Parts:
    r"""Mantissa and exponent: :math:`x = m \cdot 2^e` with :math:`\tfrac12 \le |m| < 1`.

    Parameters
    ----------
    input : Tensor
        Floating.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    mantissa : Tensor
        Of the dtype of `input`; 0, NaN and the infinities are their own mantissa. The gradient
        takes the exponent for a constant.
    exponent : Tensor of int32

    Raises
    ------
    DTypeError
        If `input` is not floating.

    Examples
    --------
    >>> import lucid
    >>> mantissa, exponent = lucid.frexp(lucid.tensor([8.0, -0.75]))
    >>> mantissa
    Tensor([0.5000, -0.7500])
    >>> exponent
    Tensor([4, 0], dtype=int32)
    """
    if out is not None:
        return into(frexp, locals())
    if not (hasattr(input, "dtype") and is_floating(input.dtype)):
        raise DTypeError(compose("frexp", "takes a floating tensor", {"input": input}))
    return Parts(*apply(_frexp, input))


def _ldexp_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw(3, 4), draw.integers(-3, 4, 4)),
        draw.sample(draw(3, 4), draw(4)),
        draw.sample(draw(), 2.5),
        draw.sample(draw(0, 3), 3),
    ]


@primitive("ldexp", saves=("b", "out"), broadcasts=True, complex=True, samples=_ldexp_samples)
def _ldexp(a: Any, b: Any) -> Any:
    if a.dtype.kind == "c" or np.asarray(b).dtype.kind not in "iu":
        return np.asarray(a * np.exp2(b), a.dtype)
    power = np.clip(b, -5000, 5000).astype(np.int32)
    if a.dtype.kind == "V":
        return np.ldexp(a.astype(np.float32), power).astype(a.dtype)
    return np.ldexp(a, power)


@_ldexp.rule
def _(g, y, a, b, *, needs):
    toward_b = g * conj(y * _LN2) if needs[1] else None
    return ldexp(g, conj(b)) if needs[0] else None, toward_b


@method("ldexp")
def ldexp(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    r""":math:`x \cdot 2^y`, element by element.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    other : Tensor or number
        The power; broadcast against `input`. Whole ones only move the exponent: nothing is
        rounded, and no intermediate power overflows.
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
    >>> lucid.ldexp(lucid.tensor([0.5, -0.75]), lucid.tensor([4, 0]))
    Tensor([8.0000, -0.7500])
    """
    if out is not None:
        return into(ldexp, locals())
    if isinstance(other, bool):
        other = int(other)
    whole = isinstance(other, int) or getattr(other, "dtype", np.dtype(float)).kind in "biu"
    if not whole:
        return apply(_ldexp, *promote_floating("ldexp", input, other))
    if getattr(other, "dtype", None) == np.bool_:
        other = other.astype(np.int32)
    return apply(_ldexp, floating(input, "ldexp"), other)


# ---- neighbours -----------------------------------------------------------------------


@primitive("nextafter", broadcasts=True, samples=samples.binary)
def _nextafter(a: Any, b: Any) -> Any:
    return np.nextafter(a, b)


@_nextafter.rule
def _(g, y, a, b, *, needs):  # a step of the last digit on: the slope is 1, and 0 towards b
    return g, (flat_gradient(g) if needs[1] else None)


@method("nextafter")
def nextafter(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The next number that the dtype has after `input`, on the way to `other`.

    Parameters
    ----------
    input : Tensor
        Floating. The gradient towards it is 1.
    other : Tensor or number
        Broadcast against `input`; its gradient is 0.
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
        If the operands are not floating.

    Examples
    --------
    >>> import lucid
    >>> one = lucid.tensor([1.0])
    >>> lucid.nextafter(one, 2.0) - one == 2.0**-23
    Tensor([True])
    """
    if out is not None:
        return into(nextafter, locals())
    a, b = promote("nextafter", input, other)
    dtype = getattr(a, "dtype", None) or b.dtype
    if not is_floating(dtype):
        problem = "takes floating tensors: only they have a next number"
        raise DTypeError(compose("nextafter", problem, {"input": input, "other": other}))
    return apply(_nextafter, a, b)
