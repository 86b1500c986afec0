"""Exponentials, logarithms and roots."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from .bind import method
from .promotion import floating


@primitive("exp", saves=("out",), samples=samples.unary)
def _exp(x: Any) -> Any:
    return np.exp(x)


@_exp.rule
def _(g, y, x):
    return (g * y,)


@method("exp")
def exp(input: Tensor) -> Tensor:
    r"""The exponential :math:`e^x`, element by element.

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
    >>> lucid.exp(lucid.tensor([0.0, 1.0]))
    Tensor([1.0000, 2.7183])
    """
    return apply(_exp, floating(input))


@primitive("log", saves=("x",), samples=samples.unary_positive)
def _log(x: Any) -> Any:
    return np.log(x)


@_log.rule
def _(g, y, x):
    return (g / x,)


@method("log")
def log(input: Tensor) -> Tensor:
    r"""The natural logarithm :math:`\ln x`, element by element; NaN below zero.

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
    >>> lucid.log(lucid.tensor([1.0, 2.0]))
    Tensor([0.0000, 0.6931])
    """
    return apply(_log, floating(input))
