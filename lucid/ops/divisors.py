"""Common divisors and multiples of whole numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import Primitive, primitive
from ..core.tensor import Tensor
from ..errors import DTypeError, compose
from .bind import method
from .out import into
from .promotion import promote


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw.integers(-20, 20, 3, 4), draw.integers(-20, 20, 4)),
        draw.sample(draw.integers(-20, 20, 3), 6),
        draw.sample(draw.integers(0, 20), draw.integers(0, 20)),
    ]


def _errors(function: str) -> Callable[[samples.Draw], list[samples.ErrorSample]]:
    def broken(draw: samples.Draw) -> list[samples.ErrorSample]:
        call = {"gcd": gcd, "lcm": lcm}[function]
        one = Tensor([1.0])
        return [draw.error(lambda: call(one, one), DTypeError, "whole numbers")]

    return broken


@primitive("gcd", samples=_samples, error_samples=_errors("gcd"))
def _gcd(a: Any, b: Any) -> Any:
    return np.gcd(a, b)


@primitive("lcm", samples=_samples, error_samples=_errors("lcm"))
def _lcm(a: Any, b: Any) -> Any:
    return np.lcm(a, b)


@method("gcd")
def gcd(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The greatest common divisor, element by element; never negative, and 0 of two zeros.

    Parameters
    ----------
    input, other : Tensor or int
        Of integer dtypes; broadcast against each other and promoted to one dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError
        If an operand is not an integer.
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.gcd(lucid.tensor([12, -4, 0]), lucid.tensor([18, 6, 0]))
    Tensor([6, 2, 0])
    """
    if out is not None:
        return into(gcd, locals())
    return _of_integers(_gcd, input, other)


@method("lcm")
def lcm(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The least common multiple, element by element; never negative, and 0 beside a zero.

    Parameters
    ----------
    input, other : Tensor or int
        Of integer dtypes; broadcast against each other and promoted to one dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError
        If an operand is not an integer.
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.lcm(lucid.tensor([12, -4, 0]), lucid.tensor([18, 6, 5]))
    Tensor([36, 12, 0])
    """
    if out is not None:
        return into(lcm, locals())
    return _of_integers(_lcm, input, other)


def _of_integers(prim: Primitive, input: Any, other: Any) -> Tensor:
    a, b = promote(prim.name, input, other)
    dtype = (a if hasattr(a, "dtype") else np.asarray(b)).dtype
    if dtype.kind not in "iu":
        problem = "takes tensors of whole numbers"
        raise DTypeError(compose(prim.name, problem, {"input": input, "other": other}))
    return apply(prim, a, b)
