"""Regression that stands up to half of the rows being bad: S- and MM-estimates."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError, compose
from ..nn.losses.tukey import EFFICIENT, TukeyBiweightLoss
from ..random import Generator, current_generator
from .fit import RobustFit
from .influence import Influence, influence_of
from .m_scale import breakdown_constant, m_scale_of, normal_mean_of_rho
from .regression import Steps, _checked, finished, least_squares, reweight
from .scale import NORMAL_MAD, mad_of

KEPT = 5  # starts that are carried to the end


def s_regression(
    X: Any,
    y: Any,
    *,
    breakdown: float = 0.5,
    subsamples: int = 500,
    generator: Generator | None = None,
) -> RobustFit:
    r"""The regression whose residuals have the smallest robust scale: an S-estimate.

    .. math:: \hat\beta = \arg\min_\beta s(\beta), \qquad
        \frac1n \sum_i \rho_c\left(\frac{y_i - x_i^T \beta}{s(\beta)}\right) = b \max \rho_c

    with Tukey's biweight, and c so that s is consistent at the normal for the breakdown point
    b. Bad rows may be outliers in y or in X (leverage points). The price is a low efficiency, 29 %
    at b = 1/2: `mm_regression` starts from here.

    Parameters
    ----------
    X : array or Tensor
        Of shape (N, D), real; a constant to differentiation. No intercept is added: give it a
        column of ones.
    y : array or Tensor
        Of shape (N,).
    breakdown : float, default 0.5
        The share of bad rows that it stands, at most one half.
    subsamples : int, default 500
        How many random choices of D rows to start from. One of them must be free of bad rows:
        with a share b of these, that has the probability
        :math:`1 - (1 - (1 - b)^D)^{\text{subsamples}}`.
    generator : Generator, optional
        What draws them; the default generator otherwise.

    Returns
    -------
    RobustFit

    Raises
    ------
    DTypeError, ShapeError, ArgumentError
        As `irls` does; also if `breakdown` or `subsamples` are out of range.

    References
    ----------
    .. [1] P. J. Rousseeuw, V. J. Yohai, "Robust Regression by Means of S-Estimators", in:
       Robust and Nonlinear Time Series Analysis, Springer, 1984, 256-272.
    .. [2] M. Salibian-Barrera, V. J. Yohai, "A Fast Algorithm for S-Regression Estimates",
       Journal of Computational and Graphical Statistics 15 (2006), 414-427.

    Examples
    --------
    >>> import lucid
    >>> from lucid.robust import s_regression
    >>> x = lucid.arange(10).double()
    >>> y = 1 + 2 * x + 0.1 * lucid.sin(7 * x)
    >>> y[6:] = 0.0  # four rows in ten are wrong
    >>> fit = s_regression(lucid.stack([lucid.ones(10).double(), x], 1), y,
    ...                    generator=lucid.Generator(0))
    >>> fit.coefficients.round(decimals=1)
    Tensor([1.1000, 2.0000], dtype=float64)
    """
    design, response = _checked("s_regression", X, y)
    loss = TukeyBiweightLoss(c=breakdown_constant(TukeyBiweightLoss, breakdown))
    steps = _fast_s("s_regression", design, response, loss, subsamples, generator)
    influence = influence_of("s_regression", loss)
    return finished(X, y, design, response, loss, influence, steps, "H1")


def mm_regression(
    X: Any,
    y: Any,
    loss: Any = None,
    *,
    breakdown: float = 0.5,
    subsamples: int = 500,
    generator: Generator | None = None,
    max_iterations: int = 500,
    tolerance: float = 1e-10,
    covariance: str = "H1",
) -> RobustFit:
    """Regression with a high breakdown point and a high efficiency: an MM-estimate.

    An S-estimate finds the bulk of the data and its scale, however bad the rest is; an
    M-estimate of that scale, by a redescending loss, starts from there.

    Parameters
    ----------
    X : array or Tensor
        Of shape (N, D), real; a constant to differentiation. No intercept is added: give it a
        column of ones.
    y : array or Tensor
        Of shape (N,).
    loss : Module, optional
        A redescending regression loss, its threshold in units of the scale; by default
        ``nn.TukeyBiweightLoss(c=4.685)``, 95 % efficient.
    breakdown : float, default 0.5
        The share of bad rows that it stands, at most one half.
    subsamples : int, default 500
        Starts of the S-estimate (see `s_regression`).
    generator : Generator, optional
        What draws them; the default generator otherwise.
    max_iterations : int, default 500
    tolerance : float, default 1e-10
    covariance : {"H1", "H2", "H3"}, default "H1"
        As `irls` has them.

    Returns
    -------
    RobustFit

    Raises
    ------
    DTypeError, ShapeError, ArgumentError
        As `irls` and `s_regression` do.

    References
    ----------
    .. [1] V. J. Yohai, "High Breakdown-Point and High Efficiency Robust Estimates for
       Regression", Annals of Statistics 15 (1987), 642-656.

    Examples
    --------
    >>> import lucid
    >>> from lucid.robust import mm_regression
    >>> x = lucid.arange(10).double()
    >>> y = 1 + 2 * x + 0.1 * lucid.sin(7 * x)
    >>> y[6:] = 0.0  # four rows in ten are wrong
    >>> fit = mm_regression(lucid.stack([lucid.ones(10).double(), x], 1), y,
    ...                     generator=lucid.Generator(0))
    >>> (fit.weights > 0.5).tolist()
    [True, True, True, True, True, True, False, False, False, False]
    """
    where = "mm_regression"
    design, response = _checked(where, X, y)
    loss = TukeyBiweightLoss(c=EFFICIENT) if loss is None else loss
    influence = influence_of(where, loss)
    first = TukeyBiweightLoss(c=breakdown_constant(TukeyBiweightLoss, breakdown))
    s = _fast_s(where, design, response, first, subsamples, generator)

    def fixed(_: Any) -> float:
        return s.scale

    call = s.coefficients, False, max_iterations, tolerance
    steps = reweight(design, response, influence, fixed, *call)
    return finished(X, y, design, response, loss, influence, steps, covariance)


# ---- many starts -----------------------------------------------------------------------


def _fast_s(
    where: str, design: Any, response: Any, loss: Any, subsamples: int, generator: Any
) -> Steps:
    """Two steps from every subsample, all steps from the best few."""
    if isinstance(subsamples, bool) or not isinstance(subsamples, int) or subsamples < 1:
        problem = f"subsamples must be a positive integer, not {subsamples!r}"
        raise ArgumentError(compose(where, problem))
    influence = influence_of(where, loss)
    target = normal_mean_of_rho(influence)
    rng = (generator or current_generator()).rng
    starts = []
    for _ in range(subsamples):
        beta = _through(design, response, rng)
        if beta is not None:
            starts.append(_improved(design, response, influence, target, beta))
    if not starts:
        problem = "no choice of rows determines the coefficients: columns depend on each other"
        raise ShapeError(compose(where, problem, {"X": design}, "leave columns out"))
    starts.sort(key=lambda start: start[0])
    best = None
    for scale, beta in starts[:KEPT]:
        steps = _carried_on(design, response, influence, target, scale, beta)
        if best is None or steps.scale < best.scale:
            best = steps
    assert best is not None
    return best


def _through(design: Any, response: Any, rng: Any) -> Any:
    """The coefficients that fit as many rows exactly as there are columns; None if singular."""
    n, d = design.shape
    rows = rng.choice(n, d, replace=False)
    square = design[rows]
    try:
        beta = np.linalg.solve(square, response[rows])
    except np.linalg.LinAlgError:
        return None
    exact = np.abs(square @ beta - response[rows]).max() <= 1e-6 * np.abs(response).max()
    return beta if exact and np.isfinite(beta).all() else None


def _improved(
    design: Any, response: Any, influence: Influence, target: float, beta: Any
) -> tuple[float, Any]:
    """Two reweighted steps, the scale moved by one step of its equation in each."""
    residuals = response - design @ beta
    scale = mad_of(residuals, 0.0) / NORMAL_MAD
    for _ in range(2):
        if scale == 0:
            return 0.0, beta
        scale *= math.sqrt(float(influence.rho(residuals / scale).mean()) / target)
        weights = influence.weight(residuals / scale)
        beta = least_squares(design, response, weights)
        residuals = response - design @ beta
    for _ in range(2):
        scale *= math.sqrt(float(influence.rho(residuals / scale).mean()) / target)
    return scale, beta


def _carried_on(
    design: Any, response: Any, influence: Influence, target: float, scale: float, beta: Any
) -> Steps:
    """The S-estimate that reweighting reaches from here."""
    state = [scale]

    def scale_of(residuals: Any) -> float:
        state[0] = m_scale_of(residuals, influence, target, state[0] or None)
        return state[0]

    return reweight(design, response, influence, scale_of, beta, True, 500, 1e-10)
