"""What kind of number each element is: NaN, infinite, finite. The results are bools."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from .bind import method
from .comparison import eq
from .out import into
from .promotion import refuse_unordered


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    special = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0], draw.dtype)
    return [draw.sample(special), draw.sample(draw.integers(0, 3, 2, 3)), draw.sample(draw())]


@primitive("isnan", complex=True, samples=_samples)
def _isnan(x: Any) -> Any:
    return np.isnan(x)


@method("isnan")
def isnan(input: Tensor) -> Tensor:
    """Where elements are NaN.

    Parameters
    ----------
    input : Tensor

    Returns
    -------
    Tensor of bool

    Examples
    --------
    >>> import lucid
    >>> lucid.isnan(lucid.tensor([1.0, float("nan")]))
    Tensor([False, True])
    """
    return apply(_isnan, input)


@primitive("isinf", complex=True, samples=_samples)
def _isinf(x: Any) -> Any:
    return np.isinf(x)


@method("isinf")
def isinf(input: Tensor) -> Tensor:
    """Where elements are infinite, of either sign.

    Parameters
    ----------
    input : Tensor

    Returns
    -------
    Tensor of bool

    Examples
    --------
    >>> import lucid
    >>> lucid.isinf(lucid.tensor([1.0, float("-inf")]))
    Tensor([False, True])
    """
    return apply(_isinf, input)


@primitive("isfinite", complex=True, samples=_samples)
def _isfinite(x: Any) -> Any:
    return np.isfinite(x)


@method("isfinite")
def isfinite(input: Tensor) -> Tensor:
    """Where elements are neither NaN nor infinite.

    Parameters
    ----------
    input : Tensor

    Returns
    -------
    Tensor of bool

    Examples
    --------
    >>> import lucid
    >>> lucid.isfinite(lucid.tensor([1.0, float("inf"), float("nan")]))
    Tensor([True, False, False])
    """
    return apply(_isfinite, input)


@method("isposinf")
def isposinf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Where elements are plus infinity.

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
    >>> lucid.isposinf(lucid.tensor([float("inf"), float("-inf")]))
    Tensor([True, False])
    """
    if out is not None:
        return into(isposinf, locals())
    refuse_unordered("isposinf", input)
    return eq(input, np.inf)


@method("isneginf")
def isneginf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Where elements are minus infinity.

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
    >>> lucid.isneginf(lucid.tensor([float("inf"), float("-inf")]))
    Tensor([False, True])
    """
    if out is not None:
        return into(isneginf, locals())
    refuse_unordered("isneginf", input)
    return eq(input, -np.inf)
