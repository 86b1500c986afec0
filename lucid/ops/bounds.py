"""The greater and the lesser of two, and clamping between bounds."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, compose
from .bind import method
from .out import into
from .promotion import promote_all, promote_real, refuse_unordered
from .selection import where


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    """Pairs of arrays of which no two elements are equal."""
    shapes = [((3, 4), (3, 4)), ((3, 4), (4,)), ((2, 1, 4), (3, 1)), ((), (3,)), ((0, 3), (3,))]
    return [draw.sample(draw.apart(*a), np.asarray(draw.apart(*b) + 0.05)) for a, b in shapes]


# ---- NaN wins: maximum and minimum ----------------------------------------------------


@primitive("maximum", saves=("a", "b"), broadcasts=True, samples=_samples)
def _maximum(a: Any, b: Any) -> Any:
    return np.maximum(a, b)


@_maximum.rule
def _(g, y, a, b, *, needs):  # equals share the gradient
    shared = where(a == b, g * 0.5, g)
    return (
        where(a < b, 0.0, shared) if needs[0] else None,
        where(a > b, 0.0, shared) if needs[1] else None,
    )


@method("maximum")
def maximum(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The greater of two, element by element; NaN where either is NaN.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and promoted to one dtype. Where they are equal, each
        receives half of the gradient.
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
    >>> lucid.maximum(lucid.tensor([1.0, 5.0]), lucid.tensor([3.0, 2.0]))
    Tensor([3.0000, 5.0000])
    """
    if out is not None:
        return into(maximum, locals())
    return apply(_maximum, *promote_real("maximum", input, other))


@primitive("minimum", saves=("a", "b"), broadcasts=True, samples=_samples)
def _minimum(a: Any, b: Any) -> Any:
    return np.minimum(a, b)


@_minimum.rule
def _(g, y, a, b, *, needs):  # equals share the gradient
    shared = where(a == b, g * 0.5, g)
    return (
        where(a > b, 0.0, shared) if needs[0] else None,
        where(a < b, 0.0, shared) if needs[1] else None,
    )


@method("minimum")
def minimum(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The lesser of two, element by element; NaN where either is NaN.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and promoted to one dtype. Where they are equal, each
        receives half of the gradient.
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
    >>> lucid.minimum(lucid.tensor([1.0, 5.0]), lucid.tensor([3.0, 2.0]))
    Tensor([1.0000, 2.0000])
    """
    if out is not None:
        return into(minimum, locals())
    return apply(_minimum, *promote_real("minimum", input, other))


# ---- NaN loses: fmax and fmin ---------------------------------------------------------


@primitive("fmax", saves=("a", "b"), broadcasts=True, samples=_samples)
def _fmax(a: Any, b: Any) -> Any:
    return np.fmax(a, b)


@_fmax.rule
def _(g, y, a, b):  # all to the one that was chosen; to the first of equals
    first = (a >= b) | (b != b)
    return where(first, g, 0.0), where(first, 0.0, g)


@method("fmax")
def fmax(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The greater of two, element by element; where one is NaN, the other.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and promoted to one dtype. Where they are equal,
        `input` receives the gradient.
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
    >>> lucid.fmax(lucid.tensor([1.0, float("nan")]), lucid.tensor([3.0, 2.0]))
    Tensor([3.0000, 2.0000])
    """
    if out is not None:
        return into(fmax, locals())
    return apply(_fmax, *promote_real("fmax", input, other))


@primitive("fmin", saves=("a", "b"), broadcasts=True, samples=_samples)
def _fmin(a: Any, b: Any) -> Any:
    return np.fmin(a, b)


@_fmin.rule
def _(g, y, a, b):  # all to the one that was chosen; to the first of equals
    first = (a <= b) | (b != b)
    return where(first, g, 0.0), where(first, 0.0, g)


@method("fmin")
def fmin(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The lesser of two, element by element; where one is NaN, the other.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and promoted to one dtype. Where they are equal,
        `input` receives the gradient.
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
    >>> lucid.fmin(lucid.tensor([1.0, float("nan")]), lucid.tensor([3.0, 2.0]))
    Tensor([1.0000, 2.0000])
    """
    if out is not None:
        return into(fmin, locals())
    return apply(_fmin, *promote_real("fmin", input, other))


# ---- clamping -------------------------------------------------------------------------


def _bounded_samples(draw: samples.Draw) -> list[samples.Sample]:
    """An array and one bound: another array, or a number."""
    return [*_samples(draw), draw.sample(draw.apart(3, 4), 0.05)]


@primitive("clamp_min", saves=("x", "min"), broadcasts=True, samples=_bounded_samples)
def _clamp_min(x: Any, min: Any) -> Any:
    return np.maximum(x, min)


@_clamp_min.rule
def _(g, y, x, min, *, needs):
    return where(x >= min, g, 0.0), (where(x < min, g, 0.0) if needs[1] else None)


@method("clamp_min")
def clamp_min(input: Tensor, min: Any, *, out: Tensor | None = None) -> Tensor:
    """`input`, and `min` where it is below that.

    Parameters
    ----------
    input : Tensor
        At the bound itself it receives the whole gradient.
    min : Tensor or number
        Broadcast against `input`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.clamp_min(lucid.tensor([-2.0, 0.5]), 0)
    Tensor([0.0000, 0.5000])
    """
    if out is not None:
        return into(clamp_min, locals())
    return apply(_clamp_min, *promote_real("clamp_min", input, min))


@primitive("clamp_max", saves=("x", "max"), broadcasts=True, samples=_bounded_samples)
def _clamp_max(x: Any, max: Any) -> Any:
    return np.minimum(x, max)


@_clamp_max.rule
def _(g, y, x, max, *, needs):
    return where(x <= max, g, 0.0), (where(x > max, g, 0.0) if needs[1] else None)


@method("clamp_max")
def clamp_max(input: Tensor, max: Any, *, out: Tensor | None = None) -> Tensor:
    """`input`, and `max` where it is above that.

    Parameters
    ----------
    input : Tensor
        At the bound itself it receives the whole gradient.
    max : Tensor or number
        Broadcast against `input`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.clamp_max(lucid.tensor([-2.0, 0.5]), 0)
    Tensor([-2.0000, 0.0000])
    """
    if out is not None:
        return into(clamp_max, locals())
    return apply(_clamp_max, *promote_real("clamp_max", input, max))


_REAL = (int, float)  # numbers that do not widen a floating tensor


def _between_samples(draw: samples.Draw) -> list[samples.Sample]:
    low, high = draw.uniform(-0.55, -0.51, 4), draw.uniform(0.51, 0.55, 3, 1)
    return [
        draw.sample(draw.apart(3, 4), -0.51, 0.52),
        draw.sample(draw.apart(3, 4), low, high),
        draw.sample(draw.apart(3, 4), low, 0.52),
        draw.sample(draw.apart(), -0.05, 0.05),
    ]


@primitive("clamp", saves=("x", "min", "max"), broadcasts=True, samples=_between_samples)
def _clamp(x: Any, min: Any, max: Any) -> Any:
    if type(min) in _REAL and type(max) in _REAL and x.ndim:
        out = np.maximum(x, min)
        return np.minimum(out, max, out=out)  # one array fewer
    return np.minimum(np.maximum(x, min), max)


@_clamp.rule
def _(g, y, x, min, max, *, needs):  # where the bounds cross, `max` is what comes out
    above = below = None
    if needs[1]:
        below = where((x < min) & (min < max), g, 0.0)
    if needs[2]:
        above = where((x > max) | (max < min), g, 0.0)
    return where((x >= min) & (x <= max), g, 0.0), below, above


@method("clamp", "clip")
def clamp(input: Tensor, min: Any = None, max: Any = None, *, out: Tensor | None = None) -> Tensor:
    r""":math:`\min(\max(\text{input}, \text{min}), \text{max})`, element by element.

    The gradient passes between the bounds and at them, and is zero outside. NaN stays NaN.

    Parameters
    ----------
    input : Tensor
    min, max : Tensor or number, optional
        The bounds, broadcast against `input`; at least one of them. Where `min` exceeds
        `max`, the result is `max`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ArgumentError
        If neither bound is given.
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.clamp(lucid.tensor([-2.0, 0.5, 3.0]), -1, 1)
    Tensor([-1.0000, 0.5000, 1.0000])
    """
    if out is not None:
        return into(clamp, locals())
    if min is None and max is None:
        problem = "needs min, max, or both"
        raise ArgumentError(compose("clamp", problem, {"input": input}))
    if max is None:
        return clamp_min(input, min)
    if min is None:
        return clamp_max(input, max)
    if type(min) in _REAL and type(max) in _REAL and input.dtype.kind == "f":
        return apply(_clamp, input, min, max)
    operands = promote_all("clamp", input, min, max)
    refuse_unordered("clamp", operands[0])
    return apply(_clamp, *operands)


clip = clamp  # NumPy's name
