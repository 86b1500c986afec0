"""Logic on truth values and on bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import Primitive, primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, compose, not_a_tensor
from .bind import method
from .out import into
from .promotion import kind_of, promote

_PAIRS: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((3, 4), (3, 4)),
    ((3, 1), (4,)),
    ((), (3,)),
    ((0, 3), (3,)),
]


def _truth_samples(draw: samples.Draw) -> list[samples.Sample]:
    some = [draw.sample(draw.bools(*a), draw.integers(-1, 2, *b)) for a, b in _PAIRS]
    return [*some, draw.sample(draw(3), draw(3))]


def _bit_samples(draw: samples.Draw) -> list[samples.Sample]:
    some = [draw.sample(draw.integers(0, 8, *a), draw.integers(0, 8, *b)) for a, b in _PAIRS]
    return [
        *some,
        draw.sample(draw.bools(3), draw.bools(3)),
        draw.sample(draw.integers(0, 8, 3), 2),
    ]


def _shift_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [draw.sample(draw.integers(-8, 8, *a), draw.integers(0, 8, *b)) for a, b in _PAIRS]


def _declare(
    name: str, function: Callable[..., Any], drawn: Any, complex: bool = False
) -> Primitive:
    """A primitive with no gradient rule: what it gives is a constant to differentiation."""
    declare = primitive(name, broadcasts=True, complex=complex, samples=drawn)
    return declare(lambda a, b: function(a, b))


# ---- truth values ---------------------------------------------------------------------

_logical_and = _declare("logical_and", np.logical_and, _truth_samples, complex=True)
_logical_or = _declare("logical_or", np.logical_or, _truth_samples, complex=True)
_logical_xor = _declare("logical_xor", np.logical_xor, _truth_samples, complex=True)


def _refuse_strangers(where: str, **operands: Any) -> None:
    """Refuse lists and the like, whose truth NumPy would ask for."""
    for name, value in operands.items():
        if not isinstance(value, Tensor | np.ndarray | np.generic | bool | int | float | complex):
            raise not_a_tensor(where, value, name)


@method("logical_and")
def logical_and(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """Where both are true; any number but zero is true.

    Parameters
    ----------
    input, other : Tensor or number
        Of any dtype; broadcast against each other.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of bool

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.logical_and(lucid.tensor([0, 1, 2]), lucid.tensor([True, True, False]))
    Tensor([False, True, False])
    """
    if out is not None:
        return into(logical_and, locals())
    _refuse_strangers("logical_and", input=input, other=other)
    return apply(_logical_and, input, other)


@method("logical_or")
def logical_or(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """Where at least one is true; any number but zero is true.

    Parameters
    ----------
    input, other : Tensor or number
        Of any dtype; broadcast against each other.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of bool

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.logical_or(lucid.tensor([0, 1, 2]), lucid.tensor([False, True, False]))
    Tensor([False, True, True])
    """
    if out is not None:
        return into(logical_or, locals())
    _refuse_strangers("logical_or", input=input, other=other)
    return apply(_logical_or, input, other)


@method("logical_xor")
def logical_xor(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """Where exactly one is true; any number but zero is true.

    Parameters
    ----------
    input, other : Tensor or number
        Of any dtype; broadcast against each other.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of bool

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.logical_xor(lucid.tensor([0, 1, 2]), lucid.tensor([False, True, False]))
    Tensor([False, False, True])
    """
    if out is not None:
        return into(logical_xor, locals())
    _refuse_strangers("logical_xor", input=input, other=other)
    return apply(_logical_xor, input, other)


def _negated_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [draw.sample(draw.integers(-1, 2, 3, 4)), draw.sample(draw(3))]


@primitive("logical_not", complex=True, samples=_negated_samples)
def _logical_not(x: Any) -> Any:
    return np.logical_not(x)


@method("logical_not")
def logical_not(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Where elements are zero.

    Parameters
    ----------
    input : Tensor
        Of any dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of bool

    Examples
    --------
    >>> import lucid
    >>> lucid.logical_not(lucid.tensor([0, 1, 2]))
    Tensor([True, False, False])
    """
    if out is not None:
        return into(logical_not, locals())
    return apply(_logical_not, input)


# ---- bits -----------------------------------------------------------------------------

_bitwise_and = _declare("bitwise_and", np.bitwise_and, _bit_samples)
_bitwise_or = _declare("bitwise_or", np.bitwise_or, _bit_samples)
_bitwise_xor = _declare("bitwise_xor", np.bitwise_xor, _bit_samples)
_left_shift = _declare("bitwise_left_shift", np.left_shift, _shift_samples)
_right_shift = _declare("bitwise_right_shift", np.right_shift, _shift_samples)


def _of_bits(where: str, input: Any, other: Any) -> tuple[Any, Any]:
    """The operands in one dtype, which must be an integer one or bool."""
    a, b = promote(where, input, other)
    for x in (a, b):
        kind = x.dtype.kind if hasattr(x, "dtype") else "b" if isinstance(x, bool | int) else "f"
        if kind not in "biu":
            problem = "takes integers and bools, which have bits"
            fix = "compare first: (x > 0) & (y > 0)"
            raise DTypeError(compose(where, problem, {"input": input, "other": other}, fix))
    return a, b


@method("bitwise_and", "__and__", "__rand__")
def bitwise_and(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """``input & other``: the bits that both have; logical "and" on bools.

    Parameters
    ----------
    input, other : Tensor or number
        Integers or bools; broadcast against each other and promoted to one dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError
        If an operand is floating.
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([-1.0, 0.5, 3.0])
    >>> (x > 0) & (x < 1)
    Tensor([False, True, False])
    """
    if out is not None:
        return into(bitwise_and, locals())
    return apply(_bitwise_and, *_of_bits("bitwise_and", input, other))


@method("bitwise_or", "__or__", "__ror__")
def bitwise_or(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """``input | other``: the bits that at least one has; logical "or" on bools.

    Parameters
    ----------
    input, other : Tensor or number
        Integers or bools; broadcast against each other and promoted to one dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError
        If an operand is floating.
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.bitwise_or(lucid.tensor([1, 2]), lucid.tensor([4, 2]))
    Tensor([5, 2])
    """
    if out is not None:
        return into(bitwise_or, locals())
    return apply(_bitwise_or, *_of_bits("bitwise_or", input, other))


@method("bitwise_xor", "__xor__", "__rxor__")
def bitwise_xor(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """``input ^ other``: the bits that exactly one has; "either, not both" on bools.

    Parameters
    ----------
    input, other : Tensor or number
        Integers or bools; broadcast against each other and promoted to one dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError
        If an operand is floating.
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.bitwise_xor(lucid.tensor([1, 2]), lucid.tensor([4, 2]))
    Tensor([5, 0])
    """
    if out is not None:
        return into(bitwise_xor, locals())
    return apply(_bitwise_xor, *_of_bits("bitwise_xor", input, other))


@primitive("bitwise_not", samples=lambda draw: [draw.sample(draw.integers(-4, 4, 3, 4))])
def _bitwise_not(x: Any) -> Any:
    return np.bitwise_not(x)


@method("bitwise_not", "__invert__")
def bitwise_not(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """``~input``: every bit turned over; logical "not" on bools.

    Parameters
    ----------
    input : Tensor
        Integers or bools.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError
        If `input` is floating.

    Examples
    --------
    >>> import lucid
    >>> ~lucid.tensor([True, False])
    Tensor([False, True])
    """
    if out is not None:
        return into(bitwise_not, locals())
    if kind_of("bitwise_not", input) not in "biu":
        problem = "takes integers and bools, which have bits"
        raise DTypeError(compose("bitwise_not", problem, {"input": input}, "x == 0"))
    return apply(_bitwise_not, input)


def _shift(where: str, prim: Primitive, input: Any, other: Any) -> Any:
    a, b = _of_bits(where, input, other)
    if np.any(np.less(b.data if isinstance(b, Tensor) else b, 0)):
        problem = "the number of bits to shift by must not be negative"
        raise ArgumentError(compose(where, problem, {"other": other}))
    return apply(prim, a, b)


@method("bitwise_left_shift", "__lshift__")
def bitwise_left_shift(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """``input << other``: bits moved up, which multiplies by a power of two.

    Parameters
    ----------
    input, other : Tensor or int
        Integers; broadcast against each other and promoted to one dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError
        If an operand is floating.
    ArgumentError
        If a shift is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1, 3]) << 2
    Tensor([4, 12])
    """
    if out is not None:
        return into(bitwise_left_shift, locals())
    return _shift("bitwise_left_shift", _left_shift, input, other)


@method("bitwise_right_shift", "__rshift__")
def bitwise_right_shift(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """``input >> other``: bits moved down, which divides by a power of two, rounding down.

    Parameters
    ----------
    input, other : Tensor or int
        Integers; broadcast against each other and promoted to one dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError
        If an operand is floating.
    ArgumentError
        If a shift is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([4, -3]) >> 1
    Tensor([2, -2])
    """
    if out is not None:
        return into(bitwise_right_shift, locals())
    return _shift("bitwise_right_shift", _right_shift, input, other)


@method("__rlshift__")
def _rlshift(input: Tensor, other: Any) -> Tensor:
    """``other << input``."""
    return bitwise_left_shift(other, input)


@method("__rrshift__")
def _rrshift(input: Tensor, other: Any) -> Tensor:
    """``other >> input``."""
    return bitwise_right_shift(other, input)
