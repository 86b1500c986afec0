"""Addition, subtraction, multiplication, division and its rest: the operators of arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, compose, not_a_tensor
from .bind import method
from .out import into
from .promotion import floating, kind_of, promote, promote_floating
from .selection import flat_gradient

# ---- sum and difference ---------------------------------------------------------------


@primitive("add", broadcasts=True, complex=True, samples=samples.binary)
def _add(a: Any, b: Any) -> Any:
    return np.add(a, b)


@_add.rule
def _(g, y, a, b):
    return g, g


@method("add", "__add__", "__radd__")
def add(input: Tensor, other: Any, *, alpha: float = 1, out: Tensor | None = None) -> Tensor:
    """``input + alpha * other``, element by element.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and promoted to one dtype.
    alpha : number, default 1
        Multiplier of `other`.
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
        If an operand is not numeric.

    Examples
    --------
    >>> import lucid
    >>> lucid.add(lucid.tensor([1.0, 2.0]), 10)
    Tensor([11.0000, 12.0000])
    """
    if out is not None:
        return into(add, locals())
    if alpha != 1:
        other = mul(other, alpha)
    return apply(_add, *promote("add", input, other))


@primitive("sub", broadcasts=True, complex=True, samples=samples.binary)
def _sub(a: Any, b: Any) -> Any:
    return np.subtract(a, b)


@_sub.rule
def _(g, y, a, b, *, needs):
    return g, -g if needs[1] else None


@method("sub", "subtract", "__sub__")
def sub(input: Tensor, other: Any, *, alpha: float = 1, out: Tensor | None = None) -> Tensor:
    """``input - alpha * other``, element by element.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and promoted to one dtype; not both bool.
    alpha : number, default 1
        Multiplier of `other`.
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
        If both operands are bool, where a difference means nothing.

    Examples
    --------
    >>> import lucid
    >>> lucid.sub(lucid.tensor([1.0, 2.0]), 1)
    Tensor([0.0000, 1.0000])
    """
    if out is not None:
        return into(sub, locals())
    if alpha != 1:
        other = mul(other, alpha)
    a, b = promote("sub", input, other)
    if getattr(a, "dtype", None) == np.bool_:
        raise DTypeError(compose("sub", "bools have no difference", {"input": a}, "use a ^ b"))
    return apply(_sub, a, b)


@method("__rsub__", "rsub")
def rsub(input: Tensor, other: Any) -> Tensor:
    """``other - input``.

    Parameters
    ----------
    input, other : Tensor or number

    Examples
    --------
    >>> import lucid
    >>> lucid.rsub(lucid.tensor([1.0, 2.0]), 10)
    Tensor([9.0000, 8.0000])
    """
    return sub(other, input)


# ---- product and quotient -------------------------------------------------------------


@primitive(
    "mul",
    saves=("a", "b"),
    only_for={"a": "b", "b": "a"},
    broadcasts=True,
    complex=True,
    samples=samples.binary,
)
def _mul(a: Any, b: Any) -> Any:
    return np.multiply(a, b)


@_mul.rule
def _(g, y, a, b, *, needs):
    return (g * conj(b) if needs[0] else None), (g * conj(a) if needs[1] else None)


@method("mul", "multiply", "__mul__", "__rmul__")
def mul(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """``input * other``, element by element.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and promoted to one dtype.
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
        If an operand is not numeric.

    Examples
    --------
    >>> import lucid
    >>> lucid.mul(lucid.tensor([1.0, 2.0]), lucid.tensor([3.0, 4.0]))
    Tensor([3.0000, 8.0000])
    """
    if out is not None:
        return into(mul, locals())
    return apply(_mul, *promote("mul", input, other))


def _quotient_samples(draw: samples.Draw) -> list[samples.Sample]:
    shapes = [((3, 4), (3, 4)), ((3, 4), (4,)), ((2, 1, 4), (3, 1)), ((), (3,))]
    return [draw.sample(draw(*a), draw.positive(*b)) for a, b in shapes]


@primitive("div", saves=("b", "out"), broadcasts=True, complex=True, samples=_quotient_samples)
def _div(a: Any, b: Any) -> Any:
    return np.true_divide(a, b)


@_div.rule
def _(g, y, a, b, *, needs):  # d(a/b) = da/b - (a/b) db/b
    ga = g / conj(b)
    return ga, (-ga * conj(y) if needs[1] else None)


@method("div", "divide", "true_divide", "__truediv__")
def div(
    input: Tensor, other: Any, *, rounding_mode: str | None = None, out: Tensor | None = None
) -> Tensor:
    """``input / other``, element by element; integers give the default floating dtype.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and promoted to one dtype.
    rounding_mode : {None, "trunc", "floor"}
        Round the quotient towards zero or down, and keep integer dtypes.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    ArgumentError
        If `rounding_mode` is none of the three.

    Examples
    --------
    >>> import lucid
    >>> lucid.div(lucid.tensor([1.0, -3.0]), 2)
    Tensor([0.5000, -1.5000])
    >>> lucid.div(lucid.tensor([7, -7]), 2, rounding_mode="trunc")
    Tensor([3, -3])
    """
    if out is not None:
        return into(div, locals())
    if rounding_mode is None:
        return apply(_div, *promote_floating("div", input, other))
    if rounding_mode == "floor":
        return floor_divide(input, other)
    if rounding_mode == "trunc":
        return apply(_trunc_divide, *promote("div", input, other))
    problem = f"rounding_mode must be None, 'trunc' or 'floor', not {rounding_mode!r}"
    raise ArgumentError(compose("div", problem))


@method("__rtruediv__")
def _rdiv(input: Tensor, other: Any) -> Tensor:
    """``other / input``."""
    return div(other, input)


# ---- quotients without a rest, and the rest -------------------------------------------


def _rest_samples(draw: samples.Draw) -> list[samples.Sample]:
    a, b = draw.uniform(0.1, 0.9, 3, 4), draw.positive(3, 4)
    whole = np.arange(12, dtype=a.dtype).reshape(3, 4) - 5
    return [draw.sample((whole + a) * b, b), draw.sample((whole + a) * b[:1], b[:1])]


@primitive("trunc_divide", samples=_rest_samples, broadcasts=True)
def _trunc_divide(a: Any, b: Any) -> Any:
    if np.result_type(a, b).kind in "biu":
        whole = np.floor_divide(a, b)
        return whole + ((whole < 0) & (whole * b != a))
    return np.trunc(np.true_divide(a, b))


@_trunc_divide.rule
def _(g, y, a, b):  # constant between its jumps
    return flat_gradient(g), flat_gradient(g)


def _check_divisor(where: str, a: Any, b: Any) -> None:
    """Refuse zeros among whole divisors, which have no infinity to answer with, and bools."""
    kind = np.result_type(a, b).kind
    if kind == "b":
        fix = "input.int() for numbers"
        raise DTypeError(compose(where, "bools do not divide", {"input": a, "other": b}, fix))
    if kind in "iu" and not np.all(b):
        problem = "whole numbers cannot be divided by zero"
        fix = "with floating tensors the result is inf or NaN"
        raise ZeroDivisionError(compose(where, problem, {"input": a, "other": b}, fix))


@primitive("floor_divide", samples=_rest_samples, broadcasts=True)
def _floor_divide(a: Any, b: Any) -> Any:
    _check_divisor("floor_divide", a, b)
    return np.floor_divide(a, b)


@_floor_divide.rule
def _(g, y, a, b):  # constant between its jumps
    return flat_gradient(g), flat_gradient(g)


@method("floor_divide", "__floordiv__")
def floor_divide(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The quotient rounded down, element by element; the gradient is zero.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and promoted to one dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ZeroDivisionError
        If an integer is divided by zero.
    DTypeError
        If both operands are bool.

    Examples
    --------
    >>> import lucid
    >>> lucid.floor_divide(lucid.tensor([7, -7]), 2)
    Tensor([3, -4])
    """
    if out is not None:
        return into(floor_divide, locals())
    return apply(_floor_divide, *promote("floor_divide", input, other))


@method("__rfloordiv__")
def _rfloor_divide(input: Tensor, other: Any) -> Tensor:
    """``other // input``."""
    return floor_divide(other, input)


@primitive("remainder", saves=("a", "b"), samples=_rest_samples, broadcasts=True)
def _remainder(a: Any, b: Any) -> Any:
    _check_divisor("remainder", a, b)
    return np.remainder(a, b)


@_remainder.rule
def _(g, y, a, b):  # a - floor(a/b) b
    return g, -g * floor_divide(_detached(a), _detached(b))


def _detached(x: Any) -> Any:
    return x.detach() if isinstance(x, Tensor) else x


@method("remainder", "__mod__")
def remainder(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The rest of the division rounded down; it has the sign of `other`.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and promoted to one dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ZeroDivisionError
        If an integer is divided by zero.
    DTypeError
        If both operands are bool.

    Examples
    --------
    >>> import lucid
    >>> lucid.remainder(lucid.tensor([7.0, -7.0]), 3)
    Tensor([1.0000, 2.0000])
    """
    if out is not None:
        return into(remainder, locals())
    return apply(_remainder, *promote("remainder", input, other))


@method("__rmod__")
def _rremainder(input: Tensor, other: Any) -> Tensor:
    """``other % input``."""
    return remainder(other, input)


@primitive("fmod", saves=("a", "b"), samples=_rest_samples, broadcasts=True)
def _fmod(a: Any, b: Any) -> Any:
    _check_divisor("fmod", a, b)
    return np.fmod(a, b)


@_fmod.rule
def _(g, y, a, b, *, needs):  # a - trunc(a/b) b
    whole = div(_detached(a), _detached(b), rounding_mode="trunc") if needs[1] else None
    return g, (-g * whole if needs[1] else None)


@method("fmod")
def fmod(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The rest of the division rounded towards zero; it has the sign of `input`.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and promoted to one dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ZeroDivisionError
        If an integer is divided by zero.
    DTypeError
        If both operands are bool.

    Examples
    --------
    >>> import lucid
    >>> lucid.fmod(lucid.tensor([7.0, -7.0]), 3)
    Tensor([1.0000, -1.0000])
    """
    if out is not None:
        return into(fmod, locals())
    return apply(_fmod, *promote("fmod", input, other))


# ---- sign -------------------------------------------------------------------


@primitive("neg", complex=True, samples=samples.unary)
def _neg(x: Any) -> Any:
    return np.negative(x)


@_neg.rule
def _(g, y, x):
    return (-g,)


@method("neg", "negative", "__neg__")
def neg(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """``-input``, element by element.

    Parameters
    ----------
    input : Tensor
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Examples
    --------
    >>> import lucid
    >>> lucid.neg(lucid.tensor([1.0, -2.0]))
    Tensor([-1.0000, 2.0000])
    """
    if out is not None:
        return into(neg, locals())
    return apply(_neg, input)


@method("positive", "__pos__")
def positive(input: Tensor) -> Tensor:
    """``+input``: the tensor itself.

    Parameters
    ----------
    input : Tensor
        Not of dtype bool.

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError
        If `input` is of dtype bool, which has no sign.

    Examples
    --------
    >>> import lucid
    >>> lucid.positive(lucid.tensor([-1.0, 2.0]))
    Tensor([-1.0000, 2.0000])
    """
    if kind_of("positive", input) == "b":
        fix = "input.int() for numbers"
        raise DTypeError(compose("positive", "bools have no sign", {"input": input}, fix))
    return input


@method("square")
def square(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """``input * input``.

    Parameters
    ----------
    input : Tensor
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Examples
    --------
    >>> import lucid
    >>> lucid.square(lucid.tensor([-2.0, 3.0]))
    Tensor([4.0000, 9.0000])
    """
    if out is not None:
        return into(square, locals())
    if kind_of("square", input) == "b":  # as a power, which bools have as whole numbers
        input = input.astype(np.int64)
    return mul(input, input)


# ---- conjugate and reciprocal ---------------------------------------------------------


def _complex_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [draw.sample(draw(3) + 1j * draw(3))]


@primitive("conj", complex=True, samples=_complex_samples)
def _conjugate(x: Any) -> Any:
    return np.conj(x)


@_conjugate.rule
def _(g, y, x):
    return (conj(g),)


@method("conj")
def conj(input: Any) -> Any:
    r"""The conjugate of complex values; a real tensor or number as it is.

    Gradients of complex values follow PyTorch: the gradient of :math:`f(x)` is
    :math:`g \cdot \overline{f'(x)}`, along which a real loss grows fastest.

    Parameters
    ----------
    input : Tensor or number

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([1.0, 2.0])
    >>> lucid.conj(x) is x
    True
    """
    dtype = getattr(input, "dtype", None)
    if dtype is None:
        if not isinstance(input, bool | int | float | complex):
            raise not_a_tensor("conj", input)
        return input.conjugate()
    return apply(_conjugate, input) if dtype.kind == "c" else input


@primitive("reciprocal", saves=("out",), complex=True, samples=samples.unary_positive)
def _reciprocal(x: Any) -> Any:
    return np.true_divide(1, x)


@_reciprocal.rule
def _(g, y, x):
    return (-g * conj(y * y),)


@method("reciprocal")
def reciprocal(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """``1 / input``, element by element.

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
    >>> lucid.reciprocal(lucid.tensor([2.0, -4.0]))
    Tensor([0.5000, -0.2500])
    """
    if out is not None:
        return into(reciprocal, locals())
    return apply(_reciprocal, floating(input, "reciprocal"))


# ---- the same by other names ----------------------------------------------------------

subtract, multiply, negative = sub, mul, neg
divide = true_divide = div
