"""Robust scales of numbers: MAD, Sn and Qn, along any dimensions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ArgumentError, DTypeError, compose
from ..kernels.pair_differences import middle_distances, smallest_difference
from ..nn.losses.threshold import NORMAL_MAD
from .lanes import over_lanes
from .normal import STANDARD, bisect

# What makes Sn and Qn estimate the standard deviation of normal data.
_QUARTILE = STANDARD.inv_cdf(0.75)
SN_CONSTANT = 1 / bisect(
    lambda s: STANDARD.cdf(_QUARTILE + s) - STANDARD.cdf(_QUARTILE - s) - 0.5, 0.1, 3.0
)
QN_CONSTANT = 1 / (math.sqrt(2) * STANDARD.inv_cdf(5 / 8))

# Simulated by Croux and Rousseeuw, for 2 to 9 numbers; beyond by formula.
_SN_SMALL = (0.743, 1.851, 0.954, 1.351, 0.993, 1.198, 1.005, 1.131)
_QN_SMALL = (0.399, 0.994, 0.512, 0.844, 0.611, 0.857, 0.669, 0.872)

# ---- of one lane, an array of float64 --------------------------------------------------


def mad_of(x: Any, center: float | None = None) -> float:
    """The median distance from the median, or from `center`, not normalised.

    Examples
    --------
    >>> mad_of(np.array([1.0, 2.0, 3.0, 4.0, 100.0]))
    1.0
    """
    middle = np.median(x) if center is None else center
    with np.errstate(invalid="ignore"):  # inf - inf, where half of the numbers are infinite
        return float(np.median(np.abs(x - middle)))


def sn_of(x: Any, correction: bool = True) -> float:
    """Sn: the low median over i of the high median over j of abs(x[i] - x[j]), normalised.

    Examples
    --------
    >>> round(sn_of(np.arange(10.0)), 4)
    3.5778
    """
    n = len(x)
    if n < 2:
        return 0.0
    middles = middle_distances(_within_range(np.sort(x)))
    raw = float(np.partition(middles, (n + 1) // 2 - 1)[(n + 1) // 2 - 1])
    return _normalised(raw, SN_CONSTANT * (_sn_correction(n) if correction else 1.0))


def qn_of(x: Any, correction: bool = True) -> float:
    """Qn: about the first quartile of the distances between all pairs, normalised.

    Examples
    --------
    >>> round(qn_of(np.arange(10.0)), 4)
    3.2162
    """
    n = len(x)
    if n < 2:
        return 0.0
    h = n // 2 + 1
    raw = smallest_difference(_within_range(np.sort(x)), h * (h - 1) // 2)
    return _normalised(raw, QN_CONSTANT * (_qn_correction(n) if correction else 1.0))


def _sn_correction(n: int) -> float:
    if n < 10:
        return _SN_SMALL[n - 2]
    return n / (n - 0.9) if n % 2 else 1.0


def _qn_correction(n: int) -> float:
    if n < 10:
        return _QN_SMALL[n - 2]
    return n / (n + (1.4 if n % 2 else 3.8))


_FAR = np.finfo(np.float64).max / 4


def _within_range(x: Any) -> Any:
    """Infinities made finite, and so large that their distances are told from others."""
    return np.clip(x, -_FAR, _FAR)


def _normalised(raw: float, factor: float) -> float:
    return math.inf if raw > _FAR / 2 else raw * factor


# ---- by name ---------------------------------------------------------------------------

SCALES: dict[str, Callable[[Any], float]] = {
    "mad": lambda x: mad_of(x) / NORMAL_MAD,
    "sn": sn_of,
    "qn": qn_of,
}


def scale_named(where: str, scale: Any) -> Callable[[Any], float]:
    """The function that estimates a scale: by name, a number that it is, or itself.

    Raises
    ------
    ArgumentError
        If there is no scale of that name, or the number is not positive.
    DTypeError
        If it is none of these.

    Examples
    --------
    >>> scale_named("m_location", 2.0)(np.arange(5.0))
    2.0
    """
    if callable(scale):
        return lambda x: float(np.asarray(scale(x)))
    if isinstance(scale, str):
        if scale not in SCALES:
            problem = f"there is no scale {scale!r}"
            fix = ", ".join(map(repr, SCALES)) + ", a number or a function"
            raise ArgumentError(compose(where, problem, fix=fix))
        return SCALES[scale]
    if isinstance(scale, bool) or not isinstance(scale, int | float | np.number):
        problem = f"scale must be a name, a positive number or a function, not {scale!r}"
        raise DTypeError(compose(where, problem))
    number = float(scale)
    if not 0 < number < math.inf:
        problem = f"scale must be positive and finite, not {number!r}"
        raise ArgumentError(compose(where, problem))
    return lambda x: number


# ---- public ----------------------------------------------------------------------------


def mad(
    input: Any,
    dim: Any = None,
    keepdim: bool = False,
    *,
    center: float | None = None,
    normalize: bool = True,
    axis: Any = None,
    keepdims: bool = False,
) -> Any:
    r"""The median absolute deviation: the median distance from the median.

    .. math:: \mathrm{MAD} = \frac{\mathrm{med}_i\, |x_i - \mathrm{med}_j\, x_j|}{\Phi^{-1}(3/4)}

    Half of the data may be bad; where all are good and normal, it is 37 % efficient.

    Parameters
    ----------
    input : array or Tensor
        Real; a constant to differentiation.
    dim : int or sequence of int, optional
        Dimensions to reduce; all by default. Also spelled `axis`.
    keepdim : bool, default False
        Keep them with length 1. Also spelled `keepdims`.
    center : float, optional
        Measure the distances from here, as from 0 for residuals.
    normalize : bool, default True
        Divide by 0.6745, so that normal data give their standard deviation.

    Returns
    -------
    array or Tensor
        Of the kind of `input`, and its dtype if that is floating. NaN where there is a NaN.

    Raises
    ------
    DTypeError
        If the input is neither array nor tensor, or not real.
    ArgumentError
        If there is nothing to estimate from.
    IndexingError
        If there is no such dimension.

    References
    ----------
    .. [1] F. R. Hampel, "The Influence Curve and Its Role in Robust Estimation", Journal of
       the American Statistical Association 69 (1974), 383-393.

    Examples
    --------
    >>> import lucid
    >>> from lucid.robust import mad
    >>> mad(lucid.tensor([1.0, 2.0, 3.0, 4.0, 1000.0]))
    Tensor(1.4826)
    """
    unit = NORMAL_MAD if normalize else 1.0

    def estimate(x: Any) -> float:
        return mad_of(x, center) / unit

    return over_lanes("mad", estimate, input, dim, axis, keepdim or keepdims)


def sn_scale(
    input: Any,
    dim: Any = None,
    keepdim: bool = False,
    *,
    correction: bool = True,
    axis: Any = None,
    keepdims: bool = False,
) -> Any:
    r"""The scale Sn of Rousseeuw and Croux: a typical distance between the data.

    .. math:: S_n = 1.1926\; \mathrm{lomed}_i\; \mathrm{himed}_j\; |x_i - x_j|

    It needs no centre, so it suits skewed data; half of the data may be bad; it is 58 %
    efficient under normal noise. O(n log n) time, O(n) memory.

    Parameters
    ----------
    input : array or Tensor
        Real; a constant to differentiation.
    dim : int or sequence of int, optional
        Dimensions to reduce; all by default. Also spelled `axis`.
    keepdim : bool, default False
        Keep them with length 1. Also spelled `keepdims`.
    correction : bool, default True
        Correct the bias for small numbers of normal data.

    Returns
    -------
    array or Tensor
        As `mad` does; 0 for a single number.

    Raises
    ------
    DTypeError, ArgumentError, IndexingError
        As `mad` does.

    References
    ----------
    .. [1] P. J. Rousseeuw, C. Croux, "Alternatives to the Median Absolute Deviation", Journal
       of the American Statistical Association 88 (1993), 1273-1283.
    .. [2] C. Croux, P. J. Rousseeuw, "Time-Efficient Algorithms for Two Highly Robust
       Estimators of Scale", Computational Statistics 1 (1992), 411-428.

    Examples
    --------
    >>> import lucid
    >>> from lucid.robust import sn_scale
    >>> sn_scale(lucid.tensor([1.0, 2.0, 3.0, 4.0, 1000.0]))
    Tensor(3.2224)
    """

    def estimate(x: Any) -> float:
        return sn_of(x, correction)

    return over_lanes("sn_scale", estimate, input, dim, axis, keepdim or keepdims)


def qn_scale(
    input: Any,
    dim: Any = None,
    keepdim: bool = False,
    *,
    correction: bool = True,
    axis: Any = None,
    keepdims: bool = False,
) -> Any:
    r"""The scale Qn of Rousseeuw and Croux: a low quantile of all distances between the data.

    .. math:: Q_n = 2.2191\; \{ |x_i - x_j| : i < j \}_{(k)}, \qquad
        k = \binom{h}{2},\ h = \lfloor n/2 \rfloor + 1

    Half of the data may be bad, and still it is 82 % efficient under normal noise. It needs
    no centre. The k-th of n (n - 1) / 2 distances is found in O(n log n) time and O(n) memory.

    Parameters
    ----------
    input : array or Tensor
        Real; a constant to differentiation.
    dim : int or sequence of int, optional
        Dimensions to reduce; all by default. Also spelled `axis`.
    keepdim : bool, default False
        Keep them with length 1. Also spelled `keepdims`.
    correction : bool, default True
        Correct the bias for small numbers of normal data.

    Returns
    -------
    array or Tensor
        As `mad` does; 0 for a single number.

    Raises
    ------
    DTypeError, ArgumentError, IndexingError
        As `mad` does.

    Notes
    -----
    The constant is :math:`1 / (\sqrt 2\, \Phi^{-1}(5/8))`; the paper rounds it to 2.2219.

    References
    ----------
    .. [1] P. J. Rousseeuw, C. Croux, "Alternatives to the Median Absolute Deviation", Journal
       of the American Statistical Association 88 (1993), 1273-1283.
    .. [2] C. Croux, P. J. Rousseeuw, "Time-Efficient Algorithms for Two Highly Robust
       Estimators of Scale", Computational Statistics 1 (1992), 411-428.

    Examples
    --------
    >>> import lucid
    >>> from lucid.robust import qn_scale
    >>> qn_scale(lucid.tensor([1.0, 2.0, 3.0, 4.0, 1000.0]))
    Tensor(1.8730)
    """

    def estimate(x: Any) -> float:
        return qn_of(x, correction)

    return over_lanes("qn_scale", estimate, input, dim, axis, keepdim or keepdims)
