"""Robust scales that are solutions of equations, or weighted sums: M, tau, biweight."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ArgumentError, compose
from ..nn.losses.threshold import NORMAL_MAD
from ..nn.losses.tukey import TukeyBiweightLoss
from .influence import Influence, behaviour, influence_of, with_threshold
from .lanes import over_lanes
from .location import LocationScale, huber_power
from .normal import bisect, normal_quadrature
from .scale import mad_of

_STEPS = 1000

# ---- M-estimates of scale --------------------------------------------------------------


def normal_mean_of_rho(influence: Influence) -> float:
    """The mean loss of standard normal residuals.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> round(normal_mean_of_rho(influence_of("", nn.MSELoss())), 12)
    1.0
    """
    r, w = normal_quadrature(influence.breaks)
    return float((w * influence.rho(r)).sum())


def m_scale_of(r: Any, influence: Influence, target: float, scale: float | None = None) -> float:
    """The s at which the mean of rho(r / s) is `target`, from a first guess on."""
    if scale is None:
        scale = mad_of(r, 0.0) / NORMAL_MAD
    if scale == 0:
        scale = float(np.abs(r).mean())
    if scale == 0 or not math.isfinite(scale):
        return scale
    for _ in range(_STEPS):
        change = math.sqrt(float(influence.rho(r / scale).mean()) / target)
        scale *= change
        if scale < 1e-300:
            return 0.0
        if abs(change - 1) <= 1e-13:
            break
    return scale


def breakdown_constant(loss: Callable[..., Any], breakdown: float = 0.5, **options: Any) -> float:
    """The threshold at which the M-scale of a bounded loss stands a share of bad data.

    At it, the mean loss of standard normal residuals is that share of the largest loss, so the
    M-scale is consistent and has that breakdown point.

    Parameters
    ----------
    loss : type
        A class of bounded losses with a threshold: ``nn.TukeyBiweightLoss``.
    breakdown : float, default 0.5
    **options
        What else the loss is made with.

    Returns
    -------
    float
        In units of the scale.

    Raises
    ------
    DTypeError
        If `loss` is no class of losses with a threshold.
    ArgumentError
        If the loss is not bounded, or `breakdown` not between 0 and 1/2.

    References
    ----------
    .. [1] P. J. Rousseeuw, V. J. Yohai, "Robust Regression by Means of S-Estimators", in:
       Robust and Nonlinear Time Series Analysis, Springer, 1984, 256-272.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> from lucid.robust import breakdown_constant
    >>> round(breakdown_constant(nn.TukeyBiweightLoss), 4)
    1.5476
    """
    where = "breakdown_constant"
    kind = with_threshold(where, loss)
    if not 0 < breakdown <= 0.5:
        problem = f"breakdown must be above 0 and at most 0.5, not {breakdown!r}"
        raise ArgumentError(compose(where, problem))

    def excess(logarithm: float) -> float:
        made = influence_of(where, kind(**{kind.argument: math.exp(logarithm)}, **options))
        return breakdown - normal_mean_of_rho(made) / _largest(where, made)

    return math.exp(bisect(excess, math.log(1e-2), math.log(1e2)))


def _largest(where: str, influence: Influence) -> float:
    """The largest loss; an error for one that grows without end."""
    far = np.array([1e7, 1e8]) * max(1.0, influence.threshold)
    near, end = influence.rho(far)
    if behaviour(influence) != "redescending" or end > near * (1 + 1e-6):
        problem = f"takes a bounded loss, and {influence.name} grows without end"
        raise ArgumentError(compose(where, problem, fix="nn.TukeyBiweightLoss"))
    return float(end)


def m_scale(
    input: Any,
    loss: Any = None,
    dim: Any = None,
    keepdim: bool = False,
    *,
    center: float | None = None,
    axis: Any = None,
    keepdims: bool = False,
) -> Any:
    r"""The scale at which the mean loss is what it is under normal noise: an M-estimate.

    .. math:: \frac1n \sum_i \rho\left(\frac{x_i - c}{s}\right) = \mathrm{E}\,\rho(z),
        \qquad z \sim N(0, 1)

    Parameters
    ----------
    input : array or Tensor
        Real; a constant to differentiation.
    loss : Module, optional
        A regression loss, its threshold in units of the scale. By default Tukey's biweight
        with c = 1.5476, of which half the data may be bad (see `breakdown_constant`).
    dim : int or sequence of int, optional
        Dimensions to reduce; all by default. Also spelled `axis`.
    keepdim : bool, default False
        Keep them with length 1. Also spelled `keepdims`.
    center : float, optional
        c; the median by default.

    Returns
    -------
    array or Tensor
        As `mad` does.

    Raises
    ------
    DTypeError, ArgumentError, IndexingError
        As `m_location` does.

    References
    ----------
    .. [1] P. J. Huber, E. M. Ronchetti, "Robust Statistics", 2nd ed., Wiley, 2009, chapter 5.

    Examples
    --------
    >>> import lucid
    >>> from lucid.robust import m_scale
    >>> m_scale(lucid.tensor([1.0, 2.0, 3.0, 4.0, 1000.0]))
    Tensor(1.8618)
    """
    if loss is None:
        loss = TukeyBiweightLoss(c=breakdown_constant(TukeyBiweightLoss))
    influence = influence_of("m_scale", loss)
    target = normal_mean_of_rho(influence)

    def estimate(x: Any) -> float:
        return m_scale_of(x - (np.median(x) if center is None else center), influence, target)

    return over_lanes("m_scale", estimate, input, dim, axis, keepdim or keepdims)


# ---- sums of what lies within reach ----------------------------------------------------


def tau_location_scale(
    input: Any,
    dim: Any = None,
    keepdim: bool = False,
    *,
    reach: tuple[float, float] = (4.5, 3.0),
    axis: Any = None,
    keepdims: bool = False,
) -> LocationScale:
    r"""Tau-estimates of location and scale: robust first, then efficient.

    With the median m, the raw MAD :math:`s_0` and the weights
    :math:`w_i = (1 - (u_i / c_1)^2)_+^2,\ u_i = (x_i - m) / s_0`,

    .. math::

        T = \frac{\sum_i w_i x_i}{\sum_i w_i}, \qquad
        s^2 = \frac{s_0^2}{b\, n} \sum_i \min\left(\frac{(x_i - T)^2}{s_0^2},\, c_2^2\right)

    where b makes s the standard deviation of normal data.

    Parameters
    ----------
    input : array or Tensor
        Real; a constant to differentiation.
    dim : int or sequence of int, optional
        Dimensions to reduce; all by default. Also spelled `axis`.
    keepdim : bool, default False
        Keep them with length 1. Also spelled `keepdims`.
    reach : tuple of float, default (4.5, 3.0)
        c1 and c2, in units of the raw MAD.

    Returns
    -------
    LocationScale
        ``location`` and ``scale``, each of the kind and floating dtype of `input`; the median
        and 0 where the MAD is 0.

    Raises
    ------
    DTypeError, ArgumentError, IndexingError
        As `mad` does.

    References
    ----------
    .. [1] R. A. Maronna, R. H. Zamar, "Robust Estimates of Location and Dispersion for
       High-Dimensional Datasets", Technometrics 44 (2002), 307-317.

    Examples
    --------
    >>> import lucid
    >>> from lucid.robust import tau_location_scale
    >>> tau_location_scale(lucid.tensor([1.0, 2.0, 3.0, 4.0, 1000.0])).scale
    Tensor(1.7441)
    """
    near, far = reach
    normal = huber_power(far * NORMAL_MAD)

    def estimate(x: Any) -> tuple[float, float]:
        middle, spread = float(np.median(x)), mad_of(x)
        if spread == 0 or not math.isfinite(spread):
            return middle, spread
        w = np.maximum(1 - ((x - middle) / (near * spread)) ** 2, 0) ** 2
        location = float((w * x)[w > 0].sum() / w.sum())
        power = np.minimum(((x - location) / spread) ** 2, far * far).mean()
        return location, spread * math.sqrt(power / normal)

    keep = keepdim or keepdims
    found = over_lanes("tau_location_scale", estimate, input, dim, axis, keep, results=2)
    return LocationScale(*found)


def biweight_midvariance(
    input: Any,
    dim: Any = None,
    keepdim: bool = False,
    *,
    reach: float = 9.0,
    axis: Any = None,
    keepdims: bool = False,
) -> Any:
    r"""The biweight midvariance: a robust variance, 87 % efficient under normal noise.

    With the median m and :math:`u_i = (x_i - m) / (9\, \mathrm{MAD})`, over
    :math:`|u_i| < 1`,

    .. math:: \frac{n \sum_i (x_i - m)^2 (1 - u_i^2)^4}
        {\left(\sum_i (1 - u_i^2)(1 - 5 u_i^2)\right)^2}

    Parameters
    ----------
    input : array or Tensor
        Real; a constant to differentiation.
    dim : int or sequence of int, optional
        Dimensions to reduce; all by default. Also spelled `axis`.
    keepdim : bool, default False
        Keep them with length 1. Also spelled `keepdims`.
    reach : float, default 9.0
        From how many raw MADs on data are left out.

    Returns
    -------
    array or Tensor
        As `mad` does. It is the square of a scale.

    Raises
    ------
    DTypeError, ArgumentError, IndexingError
        As `mad` does.

    References
    ----------
    .. [1] D. A. Lax, "Robust Estimators of Scale: Finite-Sample Performance in Long-Tailed
       Symmetric Distributions", Journal of the American Statistical Association 80 (1985),
       736-741.

    Examples
    --------
    >>> import lucid
    >>> from lucid.robust import biweight_midvariance
    >>> biweight_midvariance(lucid.tensor([1.0, 2.0, 3.0, 4.0, 1000.0]))
    Tensor(2.0289)
    """

    def estimate(x: Any) -> float:
        from_middle, spread = x - np.median(x), mad_of(x)
        if spread == 0 or not math.isfinite(spread):
            return spread
        near = from_middle[np.abs(from_middle) < reach * spread]
        v = (near / (reach * spread)) ** 2
        slope = ((1 - v) * (1 - 5 * v)).sum()
        return float(len(x) * (near**2 * (1 - v) ** 4).sum() / slope**2)

    return over_lanes("biweight_midvariance", estimate, input, dim, axis, keepdim or keepdims)
