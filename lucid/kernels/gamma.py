"""The gamma function's logarithm, that one's derivatives, and the zeta function they meet in."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .jit import kernel
from .special import each, scalars

# ---- log gamma ------------------------------------------------------------------------


def lgamma_array(x: Any) -> Any:
    """log|Gamma(x)| of every element; inf at the poles 0, -1, -2, ...

    Examples
    --------
    >>> lgamma_array(np.array([1.0, 4.0, -2.0])).round(6).tolist()
    [0.0, 1.791759, inf]
    """
    return each(x, _lgamma, scalars(_log_gamma))


def _log_gamma(x: float) -> float:
    try:
        return math.lgamma(x)
    except (ValueError, OverflowError):  # a pole; beyond the largest number
        return math.inf


@kernel()
def _lgamma(x: Any, out: Any, first: int, last: int) -> None:
    for i in range(first, last):
        out[i] = math.lgamma(x[i])


# ---- digamma --------------------------------------------------------------------------

_SHIFT = 10  # from here on the asymptotic series is exact to double precision
_STIRLING = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12)  # B_2k / 2k


def digamma_array(x: Any) -> Any:
    """psi(x) of every element: by recurrence up to where the asymptotic series holds.

    Left of 0 by reflection; NaN at the poles, but at zero an infinity of the sign opposite
    to zero's own.

    References
    ----------
    DLMF 5.5.2 (recurrence), 5.5.4 (reflection), 5.11.2 (series); https://dlmf.nist.gov/5

    Examples
    --------
    >>> digamma_array(np.array([1.0, 0.0, -0.0, -1.0])).round(6).tolist()
    [-0.577216, -inf, inf, nan]
    """
    return each(x, _digamma, _digamma_reference)


def _digamma_reference(x: Any) -> Any:
    x = np.asarray(x, np.float64)
    left = x <= 0
    right = np.where(left, 1 - x, x)
    low = right < _SHIFT
    steps = sum(1 / (right + k) for k in range(_SHIFT))
    high = np.where(low, right + _SHIFT, right)
    z = 1 / (high * high)
    series = np.zeros_like(z)
    for coefficient in reversed(_STIRLING):
        series = (series + coefficient) * z
    value = np.log(high) - 0.5 / high - series - np.where(low, steps, 0.0)
    beyond = x - np.rint(x)  # the tangent has period 1 in x
    mirrored = value - math.pi / np.tan(math.pi * beyond)
    value = np.where(left, np.where(beyond == 0, np.nan, mirrored), value)
    return np.where(x == 0, np.copysign(np.inf, -x), value)


@kernel()
def _digamma(x: Any, out: Any, first: int, last: int) -> None:
    for i in range(first, last):
        v = x[i] * 1.0  # in double precision
        if v == 0.0:
            out[i] = math.copysign(math.inf, -v)
            continue
        right, value = v, 0.0
        if v < 0.0:
            beyond = v - np.rint(v)
            if beyond == 0.0 or math.isinf(v):
                out[i] = math.nan
                continue
            right = 1.0 - v
            value = -math.pi / math.tan(math.pi * beyond)
        if right < 10.0:
            steps = 0.0
            for k in range(10):
                steps += 1.0 / (right + k)
            value -= steps
            right += 10.0
        z = 1.0 / (right * right)
        series = z * (1 / 132 + z * (-691 / 32760 + z * (1 / 12)))
        series = z * (1 / 12 + z * (-1 / 120 + z * (1 / 252 + z * (-1 / 240 + series))))
        out[i] = math.log(right) - 0.5 / right - series + value


# ---- zeta ------------------------------------------------------------------------------

_DIRECT = 10  # terms summed as they stand, before the Euler-Maclaurin formula takes the rest
_BERNOULLI = (  # B_2k / (2k)!
    1 / 12,
    -1 / 720,
    1 / 30240,
    -1 / 1209600,
    1 / 47900160,
    -691 / 1307674368000,
    1 / 74724249600,
    -3617 / 10670622842880000,
    43867 / 5109094217170944000,
    -174611 / 802857662698291200000,
)


def zeta_array(s: Any, q: Any) -> Any:
    """Hurwitz's zeta function, the sum of ``(q + k)^-s`` over k = 0, 1, ..., in double precision.

    inf at the poles ``s = 1`` and ``q = 0, -1, ...``; NaN for ``s < 1``, and for negative q
    unless s is whole.

    References
    ----------
    DLMF 25.11.1 (definition), 25.11.5 (Euler-Maclaurin); https://dlmf.nist.gov/25.11

    Examples
    --------
    >>> zeta_array(2.0, np.array([1.0, -1.0])).round(6).tolist()
    [1.644934, inf]
    """
    s, q = np.broadcast_arrays(np.asarray(s, np.float64), np.asarray(q, np.float64))
    below = np.floor(q)
    negative, pole = q < 0, (q <= 0) & (q == below) & np.isfinite(q)
    value = _hurwitz(s, np.where(q > 0, q, np.where(np.isnan(q), q, 1.0)))
    if np.any(negative & ~pole):
        value = np.where(negative, _left_of_zero(s, q), value)
    value = np.where(pole | (s == 1), np.inf, value)
    undefined = (s < 1) | np.isnan(s) | np.isnan(q)
    return np.where(undefined, np.nan, value)


def _left_of_zero(s: Any, q: Any) -> Any:
    """The terms up to 0 have the sizes of those from `low` to -q, and the sign of (-1)^s."""
    size = np.where(q < 0, -q, 0.5)
    low = size - np.floor(size)
    low = np.where(low > 0, low, 0.5)
    passed = _hurwitz(s, low) - _hurwitz(s, 1 + size)
    value = _hurwitz(s, 1 - low) + np.where(s % 2 == 0, passed, -passed)
    return np.where((s == np.floor(s)) & np.isfinite(q), value, np.nan)


def _hurwitz(s: Any, q: Any) -> Any:
    """The sum for q > 0, by the Euler-Maclaurin formula."""
    total = sum(np.power(q + k, -s) for k in range(_DIRECT))
    a = q + _DIRECT
    power = np.power(a, -s)
    total = total + power * (a / (s - 1)) + power / 2
    factor = s * power / a
    for k, coefficient in enumerate(_BERNOULLI):
        total = total + coefficient * factor
        factor = factor * ((s + 2 * k + 1) * (s + 2 * k + 2) / a / a)
    limit = np.where(q < 1, np.inf, np.where(q == 1, 1.0, 0.0))
    return np.where(np.isinf(q), 0.0, np.where(np.isinf(s), limit, total))


def polygamma_array(n: int, x: Any) -> Any:
    """The n-th derivative of digamma, n > 0: ``(-1)^(n+1) n! zeta(n + 1, x)``, in x.dtype.

    Examples
    --------
    >>> polygamma_array(1, np.array([1.0])).round(6).tolist()
    [1.644934]
    """
    size = float(math.factorial(n)) if n <= 170 else math.inf
    return each(x, _polygamma, _polygamma_reference, n, size if n % 2 else -size)


def _polygamma_reference(x: Any, n: int, factor: float) -> Any:
    return factor * zeta_array(n + 1.0, x)


@kernel()
def _polygamma(x: Any, out: Any, n: int, factor: float, first: int, last: int) -> None:
    s = n + 1
    for i in range(first, last):
        q = x[i] * 1.0  # in double precision
        if q > 0.0:
            value = _whole_hurwitz(s, q)
        elif q == np.floor(q):
            value = math.nan if math.isinf(q) else math.inf
        else:  # the terms up to 0, as in `_left_of_zero`
            low = -q - np.floor(-q)
            passed = _whole_hurwitz(s, low) - _whole_hurwitz(s, 1.0 - q)
            value = _whole_hurwitz(s, 1.0 - low) + (passed if s % 2 == 0 else -passed)
        out[i] = factor * value


@kernel()
def _whole_hurwitz(s: int, q: float) -> float:
    """`_hurwitz` of a whole exponent: powers by multiplication."""
    total = 0.0
    for k in range(_DIRECT):
        inverse = 1.0 / (q + k)
        power = inverse
        for _ in range(s - 1):
            power *= inverse
        total += power
    inverse = 1.0 / (q + _DIRECT)
    power = 1.0
    for _ in range(s - 1):
        power *= inverse
    total += power / (s - 1)
    power *= inverse
    total += power / 2
    factor = s * power * inverse
    for k in range(len(_BERNOULLI)):
        total += _BERNOULLI[k] * factor
        factor *= (s + 2 * k + 1) * (s + 2 * k + 2) * inverse * inverse
    return total
