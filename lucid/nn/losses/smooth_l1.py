"""Smooth L1: Huber's loss divided by its threshold."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from ...core.tensor import Tensor, values
from ...kernels.regression import Fused
from ...kernels.regression import smooth_l1 as smooth_l1_element
from ...ops.selection import where
from .base import CallOptions, Options, Reduction, check_options, evaluate
from .curve import Curve
from .huber import EFFICIENT
from .threshold_loss import ThresholdLoss, ThresholdOptions, threshold_for

# ---- the curve ------------------------------------------------------------------------


def rho(r: Any, beta: Any) -> Any:
    """psi (r - clip(r, -beta, beta) / 2)."""
    return _slope(r, beta) * (r - 0.5 * np.clip(r, -beta, beta))


def _slope(r: Any, beta: Any) -> Any:
    """psi on arrays: r / beta up to 1, where 0 / 0 is 0."""
    return np.where(r == 0, r, np.clip(np.divide(r, beta), -1, 1))


def psi(r: Any, beta: Any) -> Any:
    """clip(r / beta, -1, 1)."""
    raw = values(r)
    inside = np.abs(raw) < values(beta)
    return where(inside, r / _safe(beta), np.sign(raw))


def weight(r: Any, beta: Any) -> Any:
    """1 / max(|r|, beta)."""
    raw = values(r)
    inside = np.abs(raw) <= values(beta)
    size = where(inside, 0.0 * r + beta, np.sign(raw) * r)
    return 1.0 / size


def toward_beta(r: Any, beta: Any) -> Any:
    """-(r / beta)^2 / 2 inside, -1/2 outside."""
    inside = np.abs(values(r)) < values(beta)
    u = where(inside, r, 0.0) / _safe(beta)
    return where(inside, -0.5 * (u * u), -0.5)


def _safe(beta: Any) -> Any:
    """Ones in place of zeros: what is divided by them is not chosen."""
    if isinstance(beta, float):
        return beta or 1.0
    zero = values(beta) == 0
    return where(zero, 1.0, beta) if zero.any() else beta


CURVE = Curve(
    "smooth_l1",
    rho,
    psi,
    weight,
    towards=(toward_beta,),
    fused=Fused("smooth_l1", smooth_l1_element),
    sample_params=(0.6,),
)

# ---- the function ---------------------------------------------------------------------


def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    reduction: Reduction = "mean",
    beta: Any = 1.0,
    weight: Any = None,
    *,
    mask: Any = None,
    **options: Unpack[CallOptions],
) -> Tensor:
    """Huber's loss divided by its threshold; see `SmoothL1Loss` for the formula.

    Parameters
    ----------
    input, target : Tensor
        Of equal shape, or one of them 0-d.
    reduction : {"mean", "sum", "none", None}, default "mean"
    beta : float, array, Tensor or str, default 1.0
        The threshold, positive or 0; ``"mad"`` and ``"quantile:q"`` read it off the residuals.
    weight : Tensor, optional
        Broadcast against the loss; 0 leaves an element out altogether.
    mask : Tensor of bool, optional
        False leaves an element out.
    **options
        ``normalize``, ``nan_target`` and ``broadcast``, as `HuberLoss` has them.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `SmoothL1Loss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.smooth_l1_loss(lucid.Tensor([0.5, 3.0]), lucid.Tensor([0.0, 0.0]), "none", beta=2.0)
    Tensor([0.0625, 2.0000])
    """
    name, call = "smooth_l1_loss", (input, target, weight, mask)
    chosen = check_options(name, Options(reduction, **options))
    beta = threshold_for(name, "beta", beta, EFFICIENT, *call, zero=True)
    return evaluate(name, CURVE, (beta,), chosen, *call)


# ---- the module -----------------------------------------------------------------------


class SmoothL1Loss(ThresholdLoss):
    r"""Huber's loss divided by its threshold: quadratic below it, then of slope 1.

    With the residual :math:`r = \text{input} - \text{target}` and :math:`\beta \ge 0`,

    .. math::

        \rho_\beta(r) = \begin{cases}
            r^2 / (2 \beta)          & |r| < \beta \\
            |r| - \tfrac12 \beta     & \text{otherwise}
        \end{cases}
        \qquad
        \psi_\beta(r) = \min(\max(r / \beta, -1), 1), \qquad
        w_\beta(r) = 1 / \max(|r|, \beta)

    The exact relation is ``SmoothL1Loss(beta=b) == HuberLoss(delta=b) / b``. The two part
    where b varies: as it goes to 0 this loss becomes `L1Loss` (which ``beta=0`` is) and
    Huber's vanishes; as it grows this loss vanishes and Huber's becomes half of `MSELoss`.
    Changing b here changes the curvature near zero, and there the slope of the tails.

    Parameters
    ----------
    reduction : {"mean", "sum", "none", None}, default "mean"
    beta : float, array, Tensor, str or callable, default 1.0
        The threshold, positive or 0; given, learned, automatic or scheduled as `HuberLoss`
        has it.
    **options
        ``normalize``, ``nan_target``, ``broadcast``, ``momentum`` and ``track``, as
        `HuberLoss` has them.

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `HuberLoss` does; a `beta` of 0 is allowed.

    References
    ----------
    .. [1] R. Girshick, "Fast R-CNN", ICCV 2015, equation 3.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> from lucid import Tensor
    >>> criterion = nn.SmoothL1Loss(reduction="none", beta=2.0)
    >>> criterion(Tensor([0.5, 3.0]), Tensor([0.0, 0.0]))
    Tensor([0.0625, 2.0000])
    """

    curve = CURVE
    argument = "beta"
    efficient = EFFICIENT
    zero = True

    def __init__(
        self,
        reduction: Reduction = "mean",
        beta: Any = 1.0,
        **options: Unpack[ThresholdOptions],
    ) -> None:
        super().__init__(reduction, beta, **options)
