"""Functions of complex arrays that NumPy has none for, or none that is accurate near 0."""

from __future__ import annotations

from typing import Any

import numpy as np


def joined(real: Any, imag: Any) -> Any:
    """Complex numbers from their parts, which broadcast; each part as it is.

    ``real + 1j * imag`` would make NaN of infinities and lose signs of zeros.
    """
    out = np.empty(np.broadcast_shapes(real.shape, imag.shape), np.result_type(real, np.complex64))
    out.real, out.imag = real, imag
    return out


def log1p(z: Any) -> Any:
    r""":math:`\ln(1 + z)`, by :math:`|1 + z|^2 - 1 = x (2 + x) + y^2`, which keeps small digits.

    Examples
    --------
    >>> log1p(np.array([1e-20 + 1e-20j]))
    array([1.e-20+1.e-20j])
    """
    x, y = z.real, z.imag
    near = np.hypot(x, y) < 0.5
    excess = np.where(near, x * (2 + x) + y * y, 0)
    size = np.where(near, np.log1p(excess) / 2, np.log(np.hypot(x + 1, y)))
    return joined(size, np.arctan2(y, x + 1))


def sigmoid(z: Any) -> Any:
    """The logistic function, on either side by the exponential that does not overflow there.

    Examples
    --------
    >>> sigmoid(np.array([-1000 + 1j, 0j, 1000 + 1j])).real
    array([0. , 0.5, 1. ])
    """
    right = z.real >= 0
    shrunk = np.exp(np.where(right, -z, z))
    return np.where(right, 1, shrunk) / (1 + shrunk)


def logaddexp(a: Any, b: Any) -> Any:
    r""":math:`\ln(e^a + e^b)`, from the one with the larger real part.

    Examples
    --------
    >>> logaddexp(np.array(1000 + 1j), np.array(-1000 + 2j))
    array(1000.+1.j)
    """
    first = (a.real >= b.real) | np.isnan(a)
    high, low = np.where(first, a, b), np.where(first, b, a)
    nothing = np.isneginf(high.real)  # twice -inf, whose difference would be NaN
    rest = log1p(np.exp(np.where(nothing, 0, low) - np.where(nothing, 0, high)))
    return np.where(nothing, high, high + rest)


def logcumsumexp(x: Any, axis: int) -> Any:
    """The running `logaddexp` along an axis.

    Examples
    --------
    >>> logcumsumexp(np.zeros(2, np.complex128), 0)
    array([0.        +0.j, 0.69314718+0.j])
    """
    out = np.moveaxis(x.copy(), axis, 0)
    for k in range(1, len(out)):
        out[k] = logaddexp(out[k - 1], out[k])
    return np.moveaxis(out, 0, axis)
