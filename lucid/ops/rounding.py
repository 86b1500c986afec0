"""Rounding, and mending what is not finite. The gradient of a step function is zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from .bind import method
from .complex import complex, imag, real
from .finiteness import isfinite
from .out import into
from .promotion import kind_of, refuse_unordered
from .selection import flat_gradient, where


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    """Values between the steps: 0.1 to 0.4 above a whole number."""
    shapes: list[tuple[int, ...]] = [(3, 4), (), (0, 3)]
    whole = [draw.integers(-3, 3, *shape).astype(draw.dtype) for shape in shapes]
    return [
        draw.sample(np.asarray(n + draw.uniform(0.1, 0.4, *shape)))
        for n, shape in zip(whole, shapes, strict=True)
    ]


def _flat(g: Any, y: Any, x: Any) -> tuple[Any]:
    """The rule of a step function."""
    return (flat_gradient(g),)


@primitive("floor", samples=_samples)
def _floor(x: Any) -> Any:
    return np.floor(x) if x.dtype.kind not in "biu" else np.array(x)


_floor.rule(_flat)


@method("floor", "__floor__")
def floor(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The greatest whole number not above each element, :math:`\lfloor x \rfloor`.

    Parameters
    ----------
    input : Tensor
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Of the same dtype.

    Examples
    --------
    >>> import lucid
    >>> lucid.floor(lucid.tensor([1.5, -1.5]))
    Tensor([1.0000, -2.0000])
    """
    if out is not None:
        return into(floor, locals())
    return apply(_floor, input)


@primitive("ceil", samples=_samples)
def _ceil(x: Any) -> Any:
    return np.ceil(x) if x.dtype.kind not in "biu" else np.array(x)


_ceil.rule(_flat)


@method("ceil", "__ceil__")
def ceil(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The least whole number not below each element, :math:`\lceil x \rceil`.

    Parameters
    ----------
    input : Tensor
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Of the same dtype.

    Examples
    --------
    >>> import lucid
    >>> lucid.ceil(lucid.tensor([1.5, -1.5]))
    Tensor([2.0000, -1.0000])
    """
    if out is not None:
        return into(ceil, locals())
    return apply(_ceil, input)


@primitive("trunc", samples=_samples)
def _trunc(x: Any) -> Any:
    return np.trunc(x) if x.dtype.kind not in "biu" else np.array(x)


_trunc.rule(_flat)


@method("trunc", "fix", "__trunc__")
def trunc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The whole part of each element: rounded towards zero.

    Parameters
    ----------
    input : Tensor
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Of the same dtype.

    Examples
    --------
    >>> import lucid
    >>> lucid.trunc(lucid.tensor([1.5, -1.5]))
    Tensor([1.0000, -1.0000])
    """
    if out is not None:
        return into(trunc, locals())
    return apply(_trunc, input)


@method("frac")
def frac(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""What is left without the whole part, :math:`x - \text{trunc}(x)`, of slope 1.

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
    >>> lucid.frac(lucid.tensor([1.25, -1.25]))
    Tensor([0.2500, -0.2500])
    """
    if out is not None:
        return into(frac, locals())
    return input - trunc(input)


def _round_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        *(draw.sample(*sample.inputs, decimals=0) for sample in _samples(draw)),
        draw.sample(draw.integers(-50, 50, 3, 4) * 0.01 + draw.uniform(0.001, 0.004), decimals=2),
    ]


@primitive("round", samples=_round_samples)
def _round(x: Any, *, decimals: int) -> Any:
    if x.dtype.kind == "b":
        return np.array(x)
    return np.rint(x) if decimals == 0 and x.dtype.kind == "f" else np.round(x, decimals)


@_round.rule
def _(g, y, x, *, decimals):
    return (flat_gradient(g),)


@method("round")
def round(input: Tensor, *, decimals: int = 0, out: Tensor | None = None) -> Tensor:
    """Each element rounded, halves to the even neighbour.

    Parameters
    ----------
    input : Tensor
    decimals : int, default 0
        Digits kept after the point; negative ones round before it.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Of the same dtype.

    Examples
    --------
    >>> import lucid
    >>> lucid.round(lucid.tensor([0.5, 1.5, -1.7]))
    Tensor([0.0000, 2.0000, -2.0000])
    >>> lucid.round(lucid.tensor([0.126]), decimals=2)
    Tensor([0.1300])
    """
    if out is not None:
        return into(round, locals())
    refuse_unordered("round", input)
    return apply(_round, input, decimals=decimals)


@method("__round__")
def _round_builtin(input: Tensor, digits: int | None = None) -> Tensor:
    """``round(input, digits)``."""
    return round(input, decimals=digits or 0)


def _mending_samples(draw: samples.Draw) -> list[samples.Sample]:
    static = {"nan": 0.0, "posinf": None, "neginf": None}
    return [draw.sample(draw(3, 4), **static), draw.sample(draw(), **static)]


@primitive("nan_to_num", saves=("x",), samples=_mending_samples)
def _nan_to_num(x: Any, *, nan: float, posinf: float | None, neginf: float | None) -> Any:
    return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


@_nan_to_num.rule
def _(g, y, x, *, nan, posinf, neginf):
    return (where(isfinite(x), g, 0.0),)


@method("nan_to_num")
def nan_to_num(
    input: Tensor,
    nan: float = 0.0,
    posinf: float | None = None,
    neginf: float | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """NaN and infinities replaced by numbers; the gradient there is zero.

    Parameters
    ----------
    input : Tensor
    nan : float, default 0
        Put in place of NaN.
    posinf, neginf : float, optional
        Put in place of the infinities; by default the greatest and the least number of the
        dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([float("nan"), float("inf"), 1.0])
    >>> lucid.nan_to_num(x, nan=0.0, posinf=100.0)
    Tensor([0.0000, 100.0000, 1.0000])
    """
    if out is not None:
        return into(nan_to_num, locals())
    if kind_of("nan_to_num", input) == "c":  # each part by itself
        parts = (nan_to_num(part, nan, posinf, neginf) for part in (real(input), imag(input)))
        return complex(*parts)
    return apply(_nan_to_num, input, nan=nan, posinf=posinf, neginf=neginf)


fix = trunc
