"""Linear M-regression by iteratively reweighted least squares, with standard errors."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError, compose
from ..nn.losses.huber import EFFICIENT, HuberLoss
from .fit import RobustFit
from .influence import Influence, influence_of, slopes
from .lanes import in_kind, real_values
from .location import huber_power
from .normal import STANDARD
from .scale import SCALES, mad_of, scale_named

HUBER_REACH = 2.5  # from how many scales on a residual is cut off in the scale "huber"
TINY = 1e-10  # residuals below, in units of the scale, have the weight that they have here
COVARIANCES = ("H1", "H2", "H3")


def irls(
    X: Any,
    y: Any,
    loss: Any = None,
    *,
    scale: Any = "mad",
    update_scale: bool = True,
    start: Any = None,
    max_iterations: int = 500,
    tolerance: float = 1e-10,
    covariance: str = "H1",
) -> RobustFit:
    r"""Robust linear regression by iteratively reweighted least squares.

    .. math:: \hat\beta = \arg\min_\beta \sum_i \rho\left(\frac{x_i^T \beta - y_i}{s}\right)

    Each step estimates the scale s of the residuals, weights the rows by
    :math:`w_i = \psi(r_i / s) / (r_i / s)`, and solves weighted least squares. This is what
    gradient training of a linear layer under the same loss reaches, and how far one may trust
    it.

    Parameters
    ----------
    X : array or Tensor
        Of shape (N, D), real; a constant to differentiation. No intercept is added: give it a
        column of ones.
    y : array or Tensor
        Of shape (N,).
    loss : Module, optional
        Any regression loss (anything with ``rho``, ``psi`` and ``weight`` of a residual), its
        threshold in units of the scale; by default ``nn.HuberLoss(delta=1.345)``.
    scale : {"mad", "huber", "sn", "qn"}, float or callable, default "mad"
        How the scale of the residuals is estimated: ``"mad"`` about 0; ``"huber"`` with
        residuals cut off at 2.5 scales, corrected for the degrees of freedom; or what it is.
    update_scale : bool, default True
        Estimate it anew in each step; otherwise it stays as the start has it.
    start : array or Tensor, optional
        Coefficients to start from, of shape (D,); least squares by default. A redescending
        loss finds the solution next to its start (see `mm_regression`).
    max_iterations : int, default 500
    tolerance : float, default 1e-10
        Stop when no fitted value and not the scale changes by more, in units of the scale.
    covariance : {"H1", "H2", "H3"}, default "H1"
        Which of Huber's estimates of the coefficients' covariance.

    Returns
    -------
    RobustFit
        Coefficients, scale, weights, standard errors and how it went.

    Raises
    ------
    DTypeError
        If `X` or `y` are neither arrays nor tensors, or not real, or the loss has no influence.
    ShapeError
        If their shapes do not fit each other.
    ArgumentError
        If there is no such scale or covariance, or a number is NaN or infinite.

    Notes
    -----
    With :math:`m = \overline{\psi'}`, p the rank of X and
    :math:`k = 1 + \frac pn\, \mathrm{var}(\psi') / m^2`, the covariances are

    .. math::

        H_1 = k^2\, \frac{s^2 \sum \psi^2 / (n - p)}{m^2} (X^T X)^{-1}, \quad
        H_2 = k\, \frac{s^2 \sum \psi^2 / (n - p)}{m} W^{-1}, \quad
        H_3 = \frac{s^2 \sum \psi^2}{k (n - p)} W^{-1} X^T X\, W^{-1}

    with :math:`W = \sum_i \psi'_i x_i x_i^T`. They are NaN for losses whose psi has no slope
    (the absolute one). Where the scale becomes 0, more than half of the rows are fitted
    exactly, and the iteration ends there.

    References
    ----------
    .. [1] P. J. Huber, E. M. Ronchetti, "Robust Statistics", 2nd ed., Wiley, 2009, chapter 7.
    .. [2] P. W. Holland, R. E. Welsch, "Robust Regression Using Iteratively Reweighted
       Least-Squares", Communications in Statistics - Theory and Methods 6 (1977), 813-827.

    Examples
    --------
    >>> import lucid
    >>> from lucid.robust import irls
    >>> x = lucid.arange(10).double()
    >>> y = 1 + 2 * x + 0.1 * lucid.sin(7 * x)
    >>> y[9] = 100.0
    >>> irls(lucid.stack([lucid.ones(10).double(), x], 1), y).coefficients
    Tensor([1.0538, 1.9896], dtype=float64)
    """
    design, response = _checked("irls", X, y)
    if covariance not in COVARIANCES:
        problem = f"covariance must be one of {', '.join(COVARIANCES)}, not {covariance!r}"
        raise ArgumentError(compose("irls", problem))
    loss = HuberLoss(delta=EFFICIENT) if loss is None else loss
    influence = influence_of("irls", loss)
    scale_of = residual_scale("irls", scale, design)
    first = least_squares(design, response) if start is None else _started(design, start)
    steps = reweight(
        design, response, influence, scale_of, first, update_scale, max_iterations, tolerance
    )
    return finished(X, y, design, response, loss, influence, steps, covariance)


# ---- what it starts from ---------------------------------------------------------------


def _checked(where: str, X: Any, y: Any) -> tuple[Any, Any]:
    """Both as float64 arrays that fit each other."""
    design, response = real_values(where, X, "X"), real_values(where, y, "y")
    if design.ndim != 2 or response.shape != design.shape[:1]:
        fix = None
        if design.ndim == 1:
            fix = "lucid.stack([lucid.ones_like(X), X], 1), for a line with an intercept"
        elif response.ndim == 2 and 1 in response.shape:
            fix = "y.ravel()"
        problem = "takes X of shape (N, D) and y of shape (N,)"
        raise ShapeError(compose(where, problem, {"X": X, "y": y}, fix))
    if design.shape[0] <= design.shape[1]:
        problem = "takes more rows than columns"
        raise ShapeError(compose(where, problem, {"X": X}))
    for name, array, given in (("X", design, X), ("y", response, y)):
        if not np.isfinite(array).all():
            problem = f"{name} holds NaN or infinity"
            raise ArgumentError(compose(where, problem, {name: given}, "leave those rows out"))
    return design, response


def _started(design: Any, start: Any) -> Any:
    first = real_values("irls", start, "start")
    if first.shape != design.shape[1:]:
        problem = f"start must hold the {design.shape[1]} coefficients"
        raise ShapeError(compose("irls", problem, {"start": start}))
    return first


def least_squares(design: Any, response: Any, weights: Any = None) -> Any:
    """The coefficients of (weighted) least squares, the smallest where several will do."""
    if weights is not None:
        root = np.sqrt(weights)
        design, response = design * root[:, None], response * root
    return np.linalg.lstsq(design, response, rcond=None)[0]


def residual_scale(where: str, scale: Any, design: Any) -> Callable[[Any], float]:
    """The function that estimates the scale of residuals, by what `irls` takes for it."""
    if scale == "mad":
        return lambda r: mad_of(r, 0.0) / STANDARD.inv_cdf(0.75)
    if scale == "huber":
        free = (len(design) - np.linalg.matrix_rank(design)) / len(design)
        return lambda r: _huber_scale(r, HUBER_REACH, float(free))
    if isinstance(scale, str) and scale not in SCALES:
        problem = f"there is no scale {scale!r}"
        fix = "'mad', 'huber', 'sn', 'qn', a number or a function of the residuals"
        raise ArgumentError(compose(where, problem, fix=fix))
    return scale_named(where, scale)


def _huber_scale(r: Any, reach: float, free: float) -> float:
    """The s at which the squares of r / s, cut off, are as under the normal, on average."""
    s = mad_of(r, 0.0) / STANDARD.inv_cdf(0.75) or float(np.abs(r).mean())
    expected = huber_power(reach) * free
    for _ in range(1000):
        if s == 0:
            break
        change = math.sqrt(float(np.minimum((r / s) ** 2, reach * reach).mean()) / expected)
        s *= change
        if abs(change - 1) <= 1e-14:
            break
    return s


# ---- the iteration ---------------------------------------------------------------------


class Steps:
    """Where the iteration stands: coefficients, scale, weights, and how it went."""

    __slots__ = ("coefficients", "converged", "iterations", "scale", "weights")

    def __init__(self, coefficients: Any, scale: float, weights: Any) -> None:
        self.coefficients = coefficients
        self.scale = scale
        self.weights = weights
        self.iterations = 0
        self.converged = False


def reweight(
    design: Any,
    response: Any,
    influence: Influence,
    scale_of: Callable[[Any], float],
    start: Any,
    update_scale: bool,
    max_iterations: int,
    tolerance: float,
) -> Steps:
    """Reweighted least squares from `start` on, until neither fit nor scale changes."""
    fitted = design @ start
    steps = Steps(start, scale_of(response - fitted), np.ones(len(response)))
    while steps.iterations < max_iterations:
        if steps.scale <= 1e-15 * (np.abs(response).max() + np.abs(fitted).max()):
            steps.scale, steps.converged = 0.0, True  # more than half of the rows fit exactly
            steps.weights = (np.abs(response - fitted) <= 1e-12 * np.abs(response).max()) * 1.0
            break
        steps.weights = _weights(influence, (fitted - response) / steps.scale)
        if not steps.weights.any():
            break  # everything is rejected from here
        steps.coefficients = least_squares(design, response, steps.weights)
        before, fitted = fitted, design @ steps.coefficients
        previous = steps.scale
        if update_scale:
            steps.scale = scale_of(response - fitted)
        steps.iterations += 1
        change = max(float(np.abs(fitted - before).max()), abs(steps.scale - previous))
        if change <= tolerance * previous:
            steps.converged = True
            break
    return steps


def _weights(influence: Influence, r: Any) -> Any:
    """psi(r) / r, finite also for losses that have a corner at 0."""
    weights = influence.weight(r)
    if np.isfinite(weights).all():
        return weights
    return influence.weight(np.where(np.abs(r) < TINY, np.copysign(TINY, r), r))


# ---- what comes out --------------------------------------------------------------------


def finished(
    X: Any,
    y: Any,
    design: Any,
    response: Any,
    loss: Any,
    influence: Influence,
    steps: Steps,
    covariance: str,
) -> RobustFit:
    """The result of an iteration, in the kind of what was given."""
    residuals = response - design @ steps.coefficients
    matrix = np.full((design.shape[1],) * 2, np.nan)
    if steps.scale > 0:
        with np.errstate(divide="ignore", invalid="ignore"):
            matrix = _covariance(design, -residuals / steps.scale, influence, covariance)
        matrix = matrix * steps.scale**2
    return RobustFit(
        coefficients=in_kind(steps.coefficients, X, y),
        scale=steps.scale,
        weights=in_kind(steps.weights, X, y),
        residuals=in_kind(residuals, X, y),
        covariance=in_kind(matrix, X, y),
        iterations=steps.iterations,
        converged=steps.converged,
        loss=loss,
    )


def _covariance(design: Any, r: Any, influence: Influence, kind: str) -> Any:
    """Huber's H1, H2 or H3, for residuals in units of the scale."""
    n, rank = len(r), int(np.linalg.matrix_rank(design))
    psi, slope = influence.psi(r), slopes(influence, r)
    mean = slope.mean()
    k = 1 + rank / n * slope.var() / mean**2
    power = (psi * psi).sum() / (n - rank)
    gram = design.T @ design
    if kind == "H1":
        return k * k * power / mean**2 * np.linalg.pinv(gram)
    curved = np.linalg.pinv(design.T @ (slope[:, None] * design))
    if kind == "H2":
        return k * power / mean * curved
    return power / k * curved @ gram @ curved
