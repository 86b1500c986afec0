"""What robustness costs where the noise is normal after all, and what it buys."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from .. import nn
from ..errors import ArgumentError, compose
from ..training.table import columns
from .breakdown import breakdown_point
from .influence import at_normal, behaviour, gross_error_sensitivity, influence_of, with_threshold
from .location import m_location
from .normal import bisect


def asymptotic_efficiency(loss: Any) -> float:
    r"""The efficiency of a loss's location estimate under standard normal noise.

    .. math::

        e = \frac{(\mathrm{E}\,\psi'(z))^2}{\mathrm{E}\,\psi(z)^2}, \qquad z \sim N(0, 1)

    is the variance of the mean over that of the estimate, for large samples: at 0.95 the
    estimate needs 1/0.95 times as many data as the mean to be as precise. Regression
    coefficients have the same efficiency, against those of least squares. Residuals are in
    units of the scale.

    Parameters
    ----------
    loss : Module
        A regression loss, or anything with ``rho``, ``psi`` and ``weight`` of a residual.
        Thresholds that are read off residuals are taken as they are under normal noise.

    Returns
    -------
    float
        Between 0 and 1. A loss that treats the sides differently estimates another place
        than the centre (a quantile); its variance there is compared with the mean's.

    Raises
    ------
    DTypeError
        If `loss` has no influence function.
    ArgumentError
        If it has a parameter of several values.

    References
    ----------
    .. [1] P. J. Huber, "Robust Estimation of a Location Parameter", Annals of Mathematical
       Statistics 35 (1964), 73-101.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> from lucid.robust import asymptotic_efficiency
    >>> round(asymptotic_efficiency(nn.HuberLoss(delta=1.345)), 4)
    0.95
    >>> round(asymptotic_efficiency(nn.L1Loss()), 4)  # the median: 2 / pi
    0.6366
    """
    moments = at_normal(influence_of("asymptotic_efficiency", loss))
    return moments.slope**2 / moments.power


def tuning_constant(loss: Callable[..., Any], efficiency: float = 0.95, **options: Any) -> float:
    """The threshold at which a loss has a wanted efficiency under normal noise.

    Parameters
    ----------
    loss : type
        A class of losses with a threshold, as ``nn.HuberLoss`` or ``nn.TukeyBiweightLoss``.
    efficiency : float, default 0.95
        See `asymptotic_efficiency`.
    **options
        What else the loss is made with, as ``alpha=-2.0`` for ``nn.BarronLoss``.

    Returns
    -------
    float
        In units of the scale.

    Raises
    ------
    DTypeError
        If `loss` is no such class.
    ArgumentError
        If no threshold has that efficiency.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> from lucid.robust import tuning_constant
    >>> round(tuning_constant(nn.HuberLoss, 0.95), 4)
    1.345
    >>> round(tuning_constant(nn.TukeyBiweightLoss, 0.95), 4)
    4.6851
    """
    kind = with_threshold("tuning_constant", loss)
    if not 0 < efficiency < 1:
        problem = f"efficiency must be between 0 and 1, not {efficiency!r}"
        raise ArgumentError(compose("tuning_constant", problem))

    def reached(logarithm: float) -> float:
        made = kind(**{kind.argument: math.exp(logarithm)}, **options)
        return asymptotic_efficiency(made)

    low, high = math.log(1e-3), math.log(1e4)
    ends = reached(low), reached(high)
    if not ends[0] < efficiency < ends[1]:
        problem = f"{kind.__name__} has no {kind.argument} of efficiency {efficiency}"
        fix = f"between {ends[0]:.4f} and {ends[1]:.4f}"
        raise ArgumentError(compose("tuning_constant", problem, fix=fix))
    return math.exp(bisect(lambda x: reached(x) - efficiency, low, high))


class EfficiencyTable:
    """What losses cost and buy, as `efficiency_table` computes it; prints as a table.

    Parameters
    ----------
    rows : list of dict

    Attributes
    ----------
    rows : list of dict
        One for each loss: ``loss``, ``threshold`` (None where there is none), ``efficiency``,
        ``sensitivity``, ``breakdown`` and ``influence``.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> from lucid.robust import efficiency_table
    >>> table = efficiency_table([nn.MSELoss()])
    >>> table.rows[0]["influence"]
    'unbounded'
    """

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def __repr__(self) -> str:
        head = ["loss", "threshold", "efficiency", "sensitivity", "breakdown", "influence"]
        return "\n".join(columns([head, *(self._cells(row) for row in self.rows)], left=1))

    @staticmethod
    def _cells(row: dict[str, Any]) -> list[str]:
        threshold = "" if row["threshold"] is None else f"{row['threshold']:.4f}"
        bound = row["sensitivity"]
        bounded = "∞" if math.isinf(bound) else f"{bound:.2f}"
        share = f"{row['breakdown']:.2f}", row["influence"]
        return [row["loss"], threshold, f"{row['efficiency']:.1%}", bounded, *share]


def efficiency_table(
    losses: Iterable[Any] | None = None, efficiency: float = 0.95
) -> EfficiencyTable:
    r"""Efficiency, sensitivity and breakdown of losses, all of it computed.

    Parameters
    ----------
    losses : iterable of Module, optional
        By default every regression loss of `lucid.nn` that treats both sides alike; those
        with a threshold are given the one that has the wanted efficiency.
    efficiency : float, default 0.95
        For the default losses with a threshold.

    Returns
    -------
    EfficiencyTable
        ``efficiency`` is that of `asymptotic_efficiency`; ``sensitivity`` the gross-error
        sensitivity :math:`\sup |\psi| / \mathrm{E}\,\psi'`, how far (in units of the scale,
        times n) one observation can move the estimate; ``breakdown`` the share of bad data
        that carries the estimate of 100 numbers away, found by trying (`breakdown_point` of
        `m_location` with the MAD as scale).

    Raises
    ------
    DTypeError, ArgumentError
        As `asymptotic_efficiency` and `tuning_constant` do.

    References
    ----------
    .. [1] F. R. Hampel, "The Influence Curve and Its Role in Robust Estimation", Journal of
       the American Statistical Association 69 (1974), 383-393.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> from lucid.robust import efficiency_table
    >>> efficiency_table([nn.MSELoss(), nn.HuberLoss(delta=1.345), nn.L1Loss()])
    loss       threshold  efficiency  sensitivity  breakdown     influence
    MSELoss                   100.0%            ∞       0.01     unbounded
    HuberLoss     1.3450       95.0%         1.64       0.50       bounded
    L1Loss                     63.7%         1.25       0.50       bounded
    """
    chosen = _tuned(efficiency) if losses is None else losses
    return EfficiencyTable([_row(loss) for loss in chosen])


def _tuned(efficiency: float) -> list[Any]:
    """The symmetric regression losses, at one efficiency where they have a threshold.

    Smooth L1 is Huber's loss divided by its threshold, and estimates the same.
    """
    classes: list[Any] = [
        nn.HuberLoss,
        nn.PseudoHuberLoss,
        nn.CauchyLoss,
        nn.GemanMcClureLoss,
        nn.WelschLoss,
        nn.TukeyBiweightLoss,
    ]
    tuned = [kind(**{kind.argument: tuning_constant(kind, efficiency)}) for kind in classes]
    return [nn.MSELoss(), nn.LogCoshLoss(), *tuned, nn.L1Loss()]


def _row(loss: Any) -> dict[str, Any]:
    influence = influence_of("efficiency_table", loss)
    moments = at_normal(influence)
    finite = math.isfinite(influence.threshold)
    return {
        "loss": influence.name,
        "threshold": influence.threshold if finite else None,
        "efficiency": moments.slope**2 / moments.power,
        "sensitivity": gross_error_sensitivity(influence) / moments.slope,
        "breakdown": breakdown_point(lambda x: m_location(x, loss)),
        "influence": behaviour(influence),
    }
