"""The gradient of the rectifier: on the path of every small network."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import buffers
from .jit import kernel, suits, wanted


def relu_gradient(g: Any, y: Any) -> Any:
    """`g` where the output `y` of the rectifier is above 0 or NaN, else exactly 0.

    Examples
    --------
    >>> relu_gradient(np.array([5.0, np.inf]), np.array([1.0, 0.0])).tolist()
    [5.0, 0.0]
    """
    if wanted(y.size) and suits(g, y):
        out = buffers.empty(y.shape, y.dtype)
        _relu_gradient.compiled(g.ravel(), y.ravel(), out.ravel())
        return out
    return np.where(y <= 0, 0.0, g)


@kernel()
def _relu_gradient(g: Any, y: Any, out: Any) -> None:
    zero = y.dtype.type(0)
    for i in range(out.size):
        value, output = g[i], y[i]  # both read before the choice, which is no branch then
        out[i] = zero if output <= zero else value
