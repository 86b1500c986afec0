"""Choosing between two arrays by a mask."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import buffers
from .jit import kernel, suits, wanted

SMALLEST = 1 << 11  # elements; below, calling the loop costs more than it saves

_ndarray = np.ndarray


def select(condition: Any, a: Any, b: Any) -> Any:
    """`a` where `condition` holds, else `b`: the reference is ``np.where``.

    The loop is for the common case: arrays of one shape, with which `a` or `b` may be a
    Python number. It has no branch an element, so that a random mask costs nothing extra.

    Examples
    --------
    >>> select(np.array([True, False]), np.array([1.0, 2.0]), 0.0).tolist()
    [1.0, 0.0]
    """
    like = a if isinstance(a, _ndarray) else b
    if not isinstance(like, _ndarray) or like.size < SMALLEST:
        return np.where(condition, a, b)
    if wanted(like.size) and _fit(condition, a, b, like):
        out = buffers.empty(like.shape, like.dtype)
        real = like.dtype.type
        _select.compiled(condition.ravel(), *_split(a, real), *_split(b, real), out.ravel())
        return out
    return np.where(condition, a, b)


def _fit(condition: Any, a: Any, b: Any, like: Any) -> bool:
    """Whether the loop takes these operands, one of which is the array `like`."""
    if not isinstance(condition, _ndarray) or condition.shape != like.shape:
        return False
    if not condition.flags.c_contiguous or not suits(like):
        return False
    other = b if like is a else a
    if isinstance(other, _ndarray):
        return other.shape == like.shape and suits(like, other)
    return type(other) is float or type(other) is int


def _split(x: Any, real: Any) -> tuple[Any, Any]:
    """An operand as an array or None, and a number."""
    return (x.ravel(), real(0)) if isinstance(x, _ndarray) else (None, real(x))


@kernel()
def _select(condition: Any, a: Any, a0: Any, b: Any, b0: Any, out: Any) -> None:
    for i in range(out.size):
        if a is None:
            x = a0
        else:
            x = a[i]
        if b is None:
            y = b0
        else:
            y = b[i]
        out[i] = x if condition[i] else y
