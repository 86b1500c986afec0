"""What surrounds the product of a dense layer: its bias, its rectifier, and their gradients.

The products themselves are BLAS's. Each function here is one pass over the rows, where NumPy
would take one for the bias and another for the rectifier. All work in place or return fresh
arrays; the references are the few lines of NumPy in each.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import jit, threads
from .jit import kernel, suits, wanted

THREADED = 1 << 18  # from this many elements on, waking a thread pays
ROWS = 64  # rows that a thread takes at a time


def add_bias(out: Any, b: Any) -> Any:
    """``out += b``, in place.

    Examples
    --------
    >>> add_bias(np.zeros((2, 2)), np.array([1.0, 2.0])).tolist()
    [[1.0, 2.0], [1.0, 2.0]]
    """
    size = out.size
    if (jit.policy.on or wanted(size)) and out.ndim == 2 and size < THREADED and suits(out, b):
        _add_bias.compiled(out, b)
    else:
        out += b
    return out


@kernel()
def _add_bias(out: Any, b: Any) -> None:
    for i in range(out.shape[0]):
        row = out[i]
        for j in range(row.size):
            row[j] += b[j]


def bias_relu(out: Any, b: Any) -> Any:
    """``max(out + b, 0)``, in place; NaN stays NaN.

    Examples
    --------
    >>> bias_relu(np.array([[0.0, -5.0]]), np.array([1.0, 2.0])).tolist()
    [[1.0, 0.0]]
    """
    size = out.size
    if (jit.policy.on or wanted(size)) and out.ndim == 2 and b is not None and suits(out, b):
        if size < THREADED:
            _bias_relu.compiled(out, b, 0, len(out))
        else:
            threads.run(_bias_relu, len(out), ROWS, out, b)
        return out
    if b is not None:
        out += b
    return np.maximum(out, 0, out=out)


@kernel()
def _bias_relu(out: Any, b: Any, first: int, last: int) -> None:
    zero = out.dtype.type(0)
    for i in range(first, last):
        row = out[i]
        for j in range(row.size):
            value = row[j] + b[j]
            row[j] = zero if value <= zero else value


def relu_rows(g: Any, y: Any, in_place: bool = False) -> tuple[Any, Any]:
    """`g` where `y` is above 0 or NaN, else 0; and, where it comes for free, its column sums.

    The sums are None for large arrays, where a product with ones is as fast. With `in_place`
    the caller has no further use for `g`.

    Examples
    --------
    >>> g, sums = relu_rows(np.ones((2, 2)), np.array([[1.0, 0.0], [3.0, 0.0]]))
    >>> g.tolist()
    [[1.0, 0.0], [1.0, 0.0]]
    """
    size = g.size
    if not (jit.policy.on or wanted(size)) or not suits(g, y):
        return np.where(y <= 0, g.dtype.type(0), g), None
    if not in_place:
        g = g.copy()
    if size < THREADED:
        sums = np.zeros(g.shape[1], g.dtype)
        _relu_rows.compiled(g, y, sums)
        return g, sums
    threads.run(_masked_rows, len(g), ROWS, g, y)
    return g, None


# Both values are read before the choice between them, which is no branch then; and the result
# goes where `g` was read, because an `out` that may be `g` itself would not be vectorised.


@kernel()
def _relu_rows(g: Any, y: Any, sums: Any) -> None:
    zero = g.dtype.type(0)
    for i in range(g.shape[0]):
        row, yi = g[i], y[i]
        for j in range(row.size):
            value, output = row[j], yi[j]
            value = zero if output <= zero else value
            row[j] = value
            sums[j] += value


@kernel()
def _masked_rows(g: Any, y: Any, first: int, last: int) -> None:
    zero = g.dtype.type(0)
    for i in range(first, last):
        row, yi = g[i], y[i]
        for j in range(row.size):
            value, output = row[j], yi[j]
            row[j] = zero if output <= zero else value
