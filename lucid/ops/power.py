"""Powers: ``a ** b`` with a gradient that is right where one of them is zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..dtypes import category
from ..errors import not_a_tensor
from .arithmetic import conj
from .bind import method
from .exponential import log
from .out import into
from .promotion import promote
from .selection import flat_gradient, where


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    zero_exponent = np.array([0.0, 2.0, 0.0], draw.dtype)
    return [
        *samples.binary_positive(draw),
        draw.sample(draw(3, 4), 3.0),
        draw.sample(draw(3), 2),
        draw.sample(draw.apart(3), 0),
        draw.sample(2.0, draw(3)),
        draw.sample(draw.positive(3), zero_exponent),
    ]


@primitive("pow", saves=("a", "b", "out"), broadcasts=True, complex=True, samples=_samples)
def _pow(a: Any, b: Any) -> Any:
    if type(b) in (int, float):  # small whole powers by multiplication, many times faster
        if b == 2:
            return np.multiply(a, a)
        if b == 1:
            return np.array(a)
        if b == 3:
            return np.multiply(np.multiply(a, a), a)
    return np.power(a, b)


@_pow.rule
def _(g, y, a, b, *, needs):  # d(a^b) = b a^(b-1) da + a^b log(a) db
    return (
        _toward_base(g, a, b) if needs[0] else None,
        _toward_exponent(g, y, a, b) if needs[1] else None,
    )


def _toward_base(g: Any, a: Any, b: Any) -> Any:
    if type(b) in (int, float):
        return flat_gradient(g) if b == 0 else g * conj(pow(a, b - 1) * b)
    zero = _values(b) == 0
    if not zero.any():
        return g * conj(b * pow(a, b - 1))
    # exponent 0 has slope 0, also where a^(b-1) = 1/a is not finite
    pole = zero & ~np.isfinite(np.true_divide(1, _values(a)))
    return where(pole, 0.0, g * conj(b * pow(where(pole, 1.0, a), b - 1)))


def _toward_exponent(g: Any, y: Any, a: Any, b: Any) -> Any:
    flat = (_values(a) == 0) & (_values(b).real >= 0)
    if flat.any():  # 0^b has slope 0 towards b >= 0, where y log(a) would be 0 * inf
        a = where(flat, 1.0, a)
    if not hasattr(a, "dtype"):  # a number
        return g * conj(y * np.log(complex(a) if y.dtype.kind == "c" else a).item())
    return g * conj(y * log(a))


def _values(x: Any) -> Any:
    """The bare values, for masks: they are constants to differentiation."""
    return x.data if isinstance(x, Tensor) else np.asarray(x)


@method("pow", "__pow__")
def pow(input: Any, exponent: Any, *, out: Tensor | None = None) -> Tensor:
    """``input ** exponent``, element by element.

    Parameters
    ----------
    input, exponent : Tensor or number
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
    ArgumentError
        If integers are raised to a negative integer power.

    Examples
    --------
    >>> import lucid
    >>> lucid.pow(lucid.tensor([1.0, 2.0, 3.0]), 2)
    Tensor([1.0000, 4.0000, 9.0000])
    """
    if out is not None:
        return into(pow, locals())
    return apply(_pow, *promote("pow", input, exponent))


@method("__rpow__")
def _rpow(input: Tensor, other: Any) -> Tensor:
    """``other ** input``."""
    return pow(other, input)


@method("float_power")
def float_power(input: Any, exponent: Any, *, out: Tensor | None = None) -> Tensor:
    """`pow` computed in float64 (complex128 for complex operands).

    Parameters
    ----------
    input, exponent : Tensor or number
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Examples
    --------
    >>> import lucid
    >>> lucid.float_power(lucid.tensor([1, 2, 3]), 2).dtype
    dtype('float64')
    """
    if out is not None:
        return into(float_power, locals())
    for name, x in (("input", input), ("exponent", exponent)):
        if not isinstance(x, Tensor | np.ndarray | np.generic | bool | int | float | complex):
            raise not_a_tensor("float_power", x, name)
    pair = [x if isinstance(x, Tensor) else Tensor(x, dtype=np.float64) for x in (input, exponent)]
    wide = np.complex128 if any(category(x.dtype) == 3 for x in pair) else np.float64
    return pow(*(x.astype(wide) for x in pair))
