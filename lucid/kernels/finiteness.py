"""Whether all elements of an array are finite, at the price of one pass.

A dot product of an array with itself is as fast as memory, takes half a microsecond where the
array is small, and is finite only if every element is. It may overflow though all are, so that
"no" is looked into. A Numba loop is not faster (0.46 us for 0.57, and the same for large arrays).
"""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np


def is_finite(x: Any) -> bool:
    """Whether every element is finite; those of integers and bools are.

    Examples
    --------
    >>> is_finite(np.array([1.0, 1e300])), is_finite(np.array([1.0, np.inf]))
    (True, False)
    """
    kind = x.dtype.char
    if kind == "f" or kind == "d":
        flat = x.ravel("K")  # in the order of memory, which copies nothing where it is dense
        return isfinite(flat.dot(flat)) or bool(np.isfinite(x).all())
    if x.dtype.kind in "fcV":
        return bool(np.isfinite(x).all())
    return True


def counts(x: Any) -> tuple[int, int]:
    """How many elements are NaN, and how many infinite.

    Examples
    --------
    >>> counts(np.array([1.0, np.nan, np.inf, -np.inf]))
    (1, 2)
    """
    if x.dtype.kind not in "fcV":
        return 0, 0
    return int(np.isnan(x).sum()), int(np.isinf(x).sum())
