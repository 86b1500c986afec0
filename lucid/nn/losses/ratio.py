"""Residuals in units of a threshold, free of overflow: r / c near zero, c / r far out."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...core.tensor import values
from ...ops.selection import where


class Split(NamedTuple):
    """A residual told apart by size, for formulas with one branch for each.

    Every member is finite for a branch's own elements and harmless at the others', so that
    a choice by `where` between two branches differentiates to exact zeros: an infinite
    residual, or one whose square would overflow, is far, and a NaN near.

    Attributes
    ----------
    far : bool array
        Where ``|r| > c``.
    near, beyond : Tensor or array
        The residual where it is near, else 0; and where it is far, else 1.
    u, v : Tensor or array
        ``near / c`` and ``c / beyond``.
    """

    far: Any
    near: Any
    beyond: Any
    u: Any
    v: Any


def split(r: Any, c: Any) -> Split:
    """Tell near residuals from far ones; on arrays or tensors.

    Examples
    --------
    >>> split(np.array([1.0, -np.inf]), 2.0).v[1]
    np.float64(-0.0)
    """
    far = np.abs(values(r)) > values(c)
    near, beyond = where(far, 0.0, r), where(far, r, 1.0)
    return Split(far, near, beyond, near / c, c / beyond)


def relative(top: Any, bottom: Any) -> Any:
    """The quotient of two arrays, with its limit 1 where both are 0."""
    zero = bottom == 0
    return np.where(zero, 1.0, top / np.where(zero, 1.0, bottom)).astype(bottom.dtype)
