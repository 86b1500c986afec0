"""Robust locations: M-estimates with any of the regression losses, and Huber's proposal 2."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError, compose
from ..nn.losses.threshold import NORMAL_MAD
from .influence import Influence, influence_of
from .lanes import over_lanes
from .normal import STANDARD, bisect
from .scale import mad_of, scale_named

_STEPS = 1000


class LocationScale(NamedTuple):
    """A location and a scale, estimated together.

    Attributes
    ----------
    location, scale : array or Tensor

    Examples
    --------
    >>> import lucid
    >>> from lucid.robust import tau_location_scale
    >>> tau_location_scale(lucid.tensor([1.0, 2.0, 3.0, 4.0, 1000.0])).location
    Tensor(2.6268)
    """

    location: Any
    scale: Any


# ---- location, given the scale ---------------------------------------------------------


def m_location(
    input: Any,
    loss: Any,
    dim: Any = None,
    keepdim: bool = False,
    *,
    scale: Any = "mad",
    axis: Any = None,
    keepdims: bool = False,
) -> Any:
    r"""The constant that a loss fits best: an M-estimate of location.

    .. math:: T = \arg\min_t \sum_i \rho\left(\frac{t - x_i}{s}\right)
        \qquad\text{so that}\qquad \sum_i \psi\left(\frac{T - x_i}{s}\right) = 0

    with the scale s held fixed. It is what gradient descent on a bias would reach.

    Parameters
    ----------
    input : array or Tensor
        Real; a constant to differentiation.
    loss : Module
        Any regression loss (anything with ``rho``, ``psi`` and ``weight`` of a residual), its
        threshold in units of the scale: ``nn.HuberLoss(delta=1.345)``.
    dim : int or sequence of int, optional
        Dimensions to reduce; all by default. Also spelled `axis`.
    keepdim : bool, default False
        Keep them with length 1. Also spelled `keepdims`.
    scale : {"mad", "sn", "qn"}, float or callable, default "mad"
        The scale, or what estimates it from a 1-d array.

    Returns
    -------
    array or Tensor
        Of the kind of `input`, and its dtype if that is floating. NaN where there is a NaN,
        the median where the scale is 0.

    Raises
    ------
    DTypeError
        If the input is neither array nor tensor, or not real, or the loss has no influence.
    ArgumentError
        If there is nothing to estimate from, or no such scale.
    IndexingError
        If there is no such dimension.

    Notes
    -----
    Where the weights psi(r) / r are finite, they are iterated from the median, which for a
    redescending loss finds the solution next to it. Otherwise (the median, quantiles) psi is
    bisected, and the middle taken of several solutions.

    References
    ----------
    .. [1] P. J. Huber, "Robust Estimation of a Location Parameter", Annals of Mathematical
       Statistics 35 (1964), 73-101.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> from lucid.robust import m_location
    >>> x = lucid.tensor([1.0, 2.0, 3.0, 4.0, 1000.0])
    >>> m_location(x, nn.HuberLoss(delta=1.345))
    Tensor(3.0000)
    >>> m_location(x, nn.TukeyBiweightLoss())
    Tensor(2.5000)
    """
    influence = influence_of("m_location", loss)
    scale_of = scale_named("m_location", scale)

    def estimate(x: Any) -> float:
        return location_of(x, influence, scale_of(x))

    return over_lanes("m_location", estimate, input, dim, axis, keepdim or keepdims)


def location_of(x: Any, influence: Influence, scale: float) -> float:
    """`m_location` of one lane, an array of float64."""
    start = float(np.median(x))
    if scale == 0 or not math.isfinite(start):
        return start
    if np.isfinite(influence.weight(np.zeros(1))).all():
        return _reweighted(x, influence, scale, start)
    return _balanced(x, influence, scale)


def _reweighted(x: Any, influence: Influence, scale: float, location: float) -> float:
    """The weighted mean, iterated until its weights are its own."""
    for _ in range(_STEPS):
        weights = influence.weight((location - x) / scale)
        total = float(weights.sum())
        if total == 0:
            break  # everything is rejected from here
        step = float((weights * (x - location)).sum()) / total
        location += step
        if abs(step) <= 1e-13 * scale + 1e-15 * abs(location):
            break
    return location


def _balanced(x: Any, influence: Influence, scale: float) -> float:
    """Where a psi that rises changes its sign; the middle, if it is 0 for a while."""
    low, high = float(x.min()), float(x.max())
    if low == high or not math.isfinite(high - low):
        return float(np.median(x))

    def balance(t: float) -> float:
        return float(influence.psi((t - x) / scale).sum())

    slack = 1e-12 * float(np.abs(influence.psi((high - x) / scale)).sum())
    left = bisect(lambda t: balance(t) + slack, low, high)
    right = bisect(lambda t: balance(t) - slack, low, high)
    return 0.5 * (left + right)


# ---- location and scale together -------------------------------------------------------


def huber_location_scale(
    input: Any,
    delta: float = 1.5,
    dim: Any = None,
    keepdim: bool = False,
    *,
    axis: Any = None,
    keepdims: bool = False,
) -> LocationScale:
    r"""Huber's proposal 2: location T and scale s, estimated together.

    .. math::

        \sum_i \psi_\delta\left(\frac{x_i - T}{s}\right) = 0, \qquad
        \frac{1}{n - 1} \sum_i \psi_\delta\left(\frac{x_i - T}{s}\right)^2
            = \mathrm{E}\,\psi_\delta(z)^2, \qquad z \sim N(0, 1)

    Parameters
    ----------
    input : array or Tensor
        Real; a constant to differentiation.
    delta : float, default 1.5
        The threshold of Huber's psi, in units of s; about 1/4 of the data may be bad then,
        and the more, the smaller it is.
    dim : int or sequence of int, optional
        Dimensions to reduce; all by default. Also spelled `axis`.
    keepdim : bool, default False
        Keep them with length 1. Also spelled `keepdims`.

    Returns
    -------
    LocationScale
        ``location`` and ``scale``, each of the kind and floating dtype of `input`. The scale
        of a single number, or where most are equal, may be 0.

    Raises
    ------
    DTypeError
        If the input is neither array nor tensor, or not real.
    ArgumentError
        If there is nothing to estimate from, or delta is not positive and finite.
    IndexingError
        If there is no such dimension.

    References
    ----------
    .. [1] P. J. Huber, "Robust Estimation of a Location Parameter", Annals of Mathematical
       Statistics 35 (1964), 73-101.

    Examples
    --------
    >>> import lucid
    >>> from lucid.robust import huber_location_scale
    >>> location, scale = huber_location_scale(lucid.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 99.0]))
    >>> location, scale
    (Tensor(4.2312), Tensor(2.9247))
    """
    if isinstance(delta, bool) or not isinstance(delta, int | float) or not 0 < delta < math.inf:
        problem = f"delta must be a positive number, not {delta!r}"
        raise ArgumentError(compose("huber_location_scale", problem))
    beta = huber_power(delta)

    def estimate(x: Any) -> tuple[float, float]:
        return _proposal_2(x, float(delta), beta)

    keep = keepdim or keepdims
    found = over_lanes("huber_location_scale", estimate, input, dim, axis, keep, results=2)
    return LocationScale(*found)


def huber_power(delta: float) -> float:
    """The mean of psi(z)^2 of Huber's psi, z standard normal.

    Examples
    --------
    >>> round(huber_power(1.5), 4)
    0.7785
    """
    outside = 2 * (1 - STANDARD.cdf(delta))
    return 1 - outside - 2 * delta * STANDARD.pdf(delta) + delta * delta * outside


def _proposal_2(x: Any, delta: float, beta: float) -> tuple[float, float]:
    n, location = len(x), float(np.median(x))
    scale = max(mad_of(x) / NORMAL_MAD, 1e-6 * float(x.std()))  # not too far from any solution
    if n == 1 or scale == 0 or not math.isfinite(scale):
        return location, 0.0 if n == 1 else scale
    for _ in range(_STEPS):
        r = (x - location) / scale
        clipped = np.clip(r, -delta, delta)
        inside = max(int((np.abs(r) < delta).sum()), 1)
        step = scale * float(clipped.sum()) / inside
        change = math.sqrt(float((clipped * clipped).sum()) / ((n - 1) * beta))
        location, scale = location + step, scale * change
        if scale == 0 or (abs(step) <= 1e-12 * scale and abs(change - 1) <= 1e-12):
            break
    return location, scale
