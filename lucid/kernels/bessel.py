"""Bessel functions of whole order n = 0, 1, 2, ... on arrays.

The modified ones of the first kind by series, with NumPy alone; the others are SciPy's.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .jit import kernel
from .scipy_import import scipy_special
from .special import each

_EPS = 1e-17


def modified_i_array(x: Any, order: int, scaled: bool) -> Any:
    """I_n(x) of every element, or, scaled, ``exp(-abs(x)) I_n(x)``, in x.dtype.

    By the power series up to a bound, and beyond it by the asymptotic one.

    References
    ----------
    DLMF 10.25.2 and 10.40.1; https://dlmf.nist.gov/10

    Examples
    --------
    >>> modified_i_array(np.array([0.0, 1.0, -40.0]), 0, True).round(6).tolist()
    [1.0, 0.46576, 0.063278]
    """
    bound = max(25.0, float(order * order))
    return each(x, _modified_i, _modified_i_reference, order, scaled, bound)


def _modified_i_reference(x: Any, order: int, scaled: bool, bound: float) -> Any:
    flat = np.asarray(x, np.float64).ravel()
    size = np.abs(flat)
    near = size < bound
    out = np.empty_like(flat)
    out[near] = _power_series(size[near], order)
    out[~near] = _asymptotic(size[~near], order)
    if not scaled:  # half by half: exp(x) overflows before I_n does
        half = np.exp(size / 2)
        out = np.where(np.isinf(size), np.inf, out * half * half)
    if order % 2:
        out = np.copysign(out, flat)
    return out.reshape(x.shape)


def _power_series(x: Any, n: int) -> Any:
    """All terms are positive, so that nothing cancels."""
    half = x / 2
    square = half * half
    term = half**n * (np.exp(-x) / math.factorial(n))
    total = term
    k = 1
    while np.any(term > _EPS * total):
        term = term * (square / (k * (k + n)))
        total = total + term
        k += 1
    return total


def _asymptotic(x: Any, n: int) -> Any:
    """Hankel's expansion, as far as its terms fall (25 of them do where x > 25)."""
    term = np.ones_like(x)
    total = term
    for k in range(1, 25):
        term = term * (((2 * k - 1) ** 2 - 4 * n * n) / (8 * k) / x)
        total = total + term
        if not np.any(np.abs(term) > _EPS):
            break
    return total / np.sqrt(2 * math.pi * x)


@kernel()
def _modified_i(
    x: Any, out: Any, order: int, scaled: bool, bound: float, first: int, last: int
) -> None:
    for i in range(first, last):
        size = abs(x[i] * 1.0)  # in double precision
        total = 1.0
        if size < bound:
            half = size / 2
            for k in range(order):
                total *= half / (k + 1)
            total *= math.exp(-size)
            term, k = total, 1
            while term > 1e-17 * total:
                term *= half * half / (k * (k + order))
                total += term
                k += 1
        else:
            term = 1.0
            for k in range(1, 25):
                term *= ((2 * k - 1) ** 2 - 4 * order * order) / (8 * k) / size
                total += term
                if abs(term) < 1e-17:
                    break
            total /= math.sqrt(2 * math.pi * size)
        if not scaled:
            half = math.exp(size / 2)
            total = math.inf if math.isinf(size) else total * half * half
        out[i] = math.copysign(total, x[i]) if order % 2 else total


# ---- through SciPy ------------------------------------------------------------------------


def j_array(x: Any, order: int) -> Any:
    """J_n(x) of every element, in x.dtype; it has come to rest at the infinities.

    Examples
    --------
    >>> j_array(np.array([0.0, 1.0]), 0).round(6).tolist()
    [1.0, 0.765198]
    """
    library = scipy_special(f"bessel_j{order}")
    known = {0: library.j0, 1: library.j1}
    wide = np.asarray(x, np.float64)
    value = known[order](wide) if order in known else library.jv(order, wide)
    return np.asarray(np.where(np.isinf(wide), 0.0, value), x.dtype)


def y_array(x: Any, order: int) -> Any:
    """Y_n(x) of every element, in x.dtype: -inf at 0, NaN below.

    Examples
    --------
    >>> y_array(np.array([0.0, 1.0]), 0).round(6).tolist()
    [-inf, 0.088257]
    """
    library = scipy_special(f"bessel_y{order}")
    known = {0: library.y0, 1: library.y1}
    wide = np.asarray(x, np.float64)
    value = known[order](wide) if order in known else library.yn(order, wide)
    return np.asarray(np.where(wide == np.inf, 0.0, value), x.dtype)


def modified_k_array(x: Any, order: int, scaled: bool) -> Any:
    """K_n(x) of every element, or, scaled, ``exp(x) K_n(x)``, in x.dtype: inf at 0, NaN below.

    Examples
    --------
    >>> modified_k_array(np.array([0.0, 1.0]), 0, False).round(6).tolist()
    [inf, 0.421024]
    """
    library = scipy_special(f"{'scaled_' * scaled}modified_bessel_k{order}")
    known = {(0, False): library.k0, (1, False): library.k1}
    known |= {(0, True): library.k0e, (1, True): library.k1e}
    wide = np.asarray(x, np.float64)
    if (order, scaled) in known:
        value = known[order, scaled](wide)
    else:
        value = library.kve(order, wide) if scaled else library.kn(order, wide)
    return np.asarray(np.where(wide == np.inf, 0.0, value), x.dtype)


def airy_array(x: Any, slope: bool) -> Any:
    """Ai(x) of every element, or its slope, in x.dtype.

    Examples
    --------
    >>> airy_array(np.array([0.0, np.inf]), False).round(6).tolist()
    [0.355028, 0.0]
    """
    wide = np.asarray(x, np.float64)
    value = scipy_special("airy_ai").airy(wide)[1 if slope else 0]
    return np.asarray(np.where(wide > 200, 0.0, value), x.dtype)  # it underflows at 108
