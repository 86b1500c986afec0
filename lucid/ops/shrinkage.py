"""Shrinkage: what is near zero is drawn to zero."""

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
from .precision import in_single
from .promotion import real_floating
from .selection import where
from .trigonometric import tanh


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    shapes: list[tuple[int, ...]] = [(3, 4), (), (0, 3)]
    return [draw.sample(draw.apart(*shape), lambd=0.45) for shape in shapes]


@primitive("hardshrink", saves=("x",), samples=_samples)
@in_single
def _hardshrink(x: Any, *, lambd: float) -> Any:
    return np.where((x >= -lambd) & (x <= lambd), 0.0, x)


@_hardshrink.rule
def _(g, y, x, *, lambd):
    return (where((x >= -lambd) & (x <= lambd), 0.0, g),)


@method("hardshrink")
def hardshrink(input: Tensor, lambd: float = 0.5, *, out: Tensor | None = None) -> Tensor:
    r""":math:`x` where :math:`|x| > \lambda`, else 0.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    lambd : float, default 0.5
        The threshold :math:`\lambda`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.hardshrink(lucid.tensor([-1.0, 0.25, 2.0]))
    Tensor([-1.0000, 0.0000, 2.0000])
    """
    if out is not None:
        return into(hardshrink, locals())
    return apply(_hardshrink, real_floating(input, "hardshrink"), lambd=lambd)


@primitive("softshrink", saves=("x",), samples=_samples)
@in_single
def _softshrink(x: Any, *, lambd: float) -> Any:
    return x - np.minimum(np.maximum(x, -lambd), lambd)


@_softshrink.rule
def _(g, y, x, *, lambd):
    return (where((x >= -lambd) & (x <= lambd), 0.0, g),)


@method("softshrink")
def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    r"""Drawn towards zero by :math:`\lambda`: :math:`\text{sign}(x) \max(|x| - \lambda, 0)`.

    It is the proximal operator of :math:`\lambda |x|`.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    lambd : float, default 0.5
        How far, :math:`\lambda`; not negative.

    Returns
    -------
    Tensor

    Raises
    ------
    ArgumentError
        If `lambd` is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.softshrink(lucid.tensor([-1.0, 0.25, 2.0]))
    Tensor([-0.5000, 0.0000, 1.5000])
    """
    if lambd < 0:
        raise ArgumentError(compose("softshrink", "lambd must not be negative", {"lambd": lambd}))
    return apply(_softshrink, real_floating(input, "softshrink"), lambd=lambd)


@method("tanhshrink")
def tanhshrink(input: Tensor) -> Tensor:
    r""":math:`x - \tanh x`, element by element.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.tanhshrink(lucid.tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.2384, 0.0000, 1.0360])
    """
    return input - tanh(input)
