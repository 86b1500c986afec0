"""How near is near enough: the one table of tolerances that the checks read.

Two numbers agree if they differ by at most ``atol + rtol * |expected|``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Tolerance(NamedTuple):
    """Relative and absolute part of a tolerance."""

    rtol: float
    atol: float


DIFFERENCES = Tolerance(1e-5, 1e-6)  # a gradient in float64 and central differences
SAME = {  # one calculation in two ways: two rules, two layouts, a kernel and its reference
    "float64": Tolerance(1e-10, 1e-12),
    "complex128": Tolerance(1e-10, 1e-12),
    "float32": Tolerance(2e-5, 2e-6),
    "complex64": Tolerance(2e-5, 2e-6),
    "float16": Tolerance(1e-2, 1e-3),
}
NARROWED = {  # a calculation in few digits and the same in float64
    "float32": Tolerance(2e-4, 2e-5),
    "float16": Tolerance(4e-2, 1e-2),
}


def same(dtype: Any) -> Tolerance:
    """The tolerance between two ways to calculate one thing; none for integers and bools.

    Examples
    --------
    >>> same("float64").rtol
    1e-10
    >>> same("int64")
    Tolerance(rtol=0.0, atol=0.0)
    """
    return SAME.get(np.dtype(dtype).name, Tolerance(0.0, 0.0))
