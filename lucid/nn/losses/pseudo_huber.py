"""The pseudo-Huber loss: Huber's with the corner rounded off."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from ...core.tensor import Tensor, values
from ...kernels.regression import Fused
from ...kernels.regression import pseudo_huber as pseudo_huber_element
from ...ops.exponential import sqrt
from ...ops.selection import where
from .base import CallOptions, Options, Reduction, check_options, evaluate
from .curve import Curve
from .ratio import split
from .threshold_loss import ThresholdLoss, ThresholdOptions, threshold_for

EFFICIENT = 1.287  # delta in units of the scale: 95 % efficient where the noise is normal

# ---- the curve ------------------------------------------------------------------------


def rho(r: Any, delta: Any) -> Any:
    """delta^2 (sqrt(1 + (r/delta)^2) - 1), without the cancellation of the last difference."""
    far, near, beyond, u, v = split(r, delta)
    steep = np.abs(beyond) * (delta / (np.abs(v) + np.sqrt(1 + v * v)))
    return np.where(far, steep, near * (near / (1 + np.sqrt(1 + u * u))))


def psi(r: Any, delta: Any) -> Any:
    """r / sqrt(1 + (r/delta)^2)."""
    far, near, _, u, v = split(r, delta)
    steep = np.sign(values(r)) * delta / sqrt(1 + v * v)
    return where(far, steep, near / sqrt(1 + u * u))


def weight(r: Any, delta: Any) -> Any:
    """1 / sqrt(1 + (r/delta)^2)."""
    far, _, _, u, v = split(r, delta)
    return where(far, np.sign(values(r)) * v / sqrt(1 + v * v), 1 / sqrt(1 + u * u))


def toward_delta(r: Any, delta: Any) -> Any:
    """delta (s - 1)^2 / s with s = sqrt(1 + (r/delta)^2)."""
    far, _, beyond, u, v = split(r, delta)
    s, t = sqrt(1 + u * u), sqrt(1 + v * v)
    sign = np.sign(values(r))
    excess = u * u / (1 + s)
    gap = t - sign * v
    return where(far, sign * beyond * (gap * gap / t), delta * (excess * excess / s))


CURVE = Curve(
    "pseudo_huber",
    rho,
    psi,
    weight,
    towards=(toward_delta,),
    fused=Fused("pseudo_huber", pseudo_huber_element),
    sample_params=(0.6,),
)

# ---- the function ---------------------------------------------------------------------


def pseudo_huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: Reduction = "mean",
    delta: Any = 1.0,
    weight: Any = None,
    *,
    mask: Any = None,
    **options: Unpack[CallOptions],
) -> Tensor:
    """Huber's loss with the corner rounded off; see `PseudoHuberLoss` for the formula.

    Parameters
    ----------
    input, target : Tensor
        Of equal shape, or one of them 0-d.
    reduction : {"mean", "sum", "none", None}, default "mean"
    delta : float, array, Tensor or str, default 1.0
        Where the slope turns from growing to constant, positive;
        ``"mad"`` and ``"quantile:q"`` read it off the residuals.
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
        As `HuberLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.pseudo_huber_loss(lucid.Tensor([0.5, 30.0]), lucid.Tensor([0.0, 0.0]), "none")
    Tensor([0.1180, 29.0167])
    """
    name, call = "pseudo_huber_loss", (input, target, weight, mask)
    chosen = check_options(name, Options(reduction, **options))
    delta = threshold_for(name, "delta", delta, EFFICIENT, *call)
    return evaluate(name, CURVE, (delta,), chosen, *call)


# ---- the module -----------------------------------------------------------------------


class PseudoHuberLoss(ThresholdLoss):
    r"""Huber's loss with the corner rounded off: smooth in every derivative.

    With the residual :math:`r = \text{input} - \text{target}`, :math:`\delta > 0` and
    :math:`s = \sqrt{1 + (r / \delta)^2}`,

    .. math:: \rho(r) = \delta^2 (s - 1), \qquad \psi(r) = r / s, \qquad w(r) = 1 / s.

    Close to zero it is :math:`r^2 / 2`, far out :math:`\delta |r| - \delta^2`; the influence
    is bounded by :math:`\delta`, as Huber's. An infinite :math:`\delta` gives half the squared
    error.

    Parameters
    ----------
    reduction : {"mean", "sum", "none", None}, default "mean"
    delta : float, array, Tensor, str or callable, default 1.0
        Where the slope turns from growing to constant, positive.
        Given, learned, automatic or scheduled as `HuberLoss` has it;
        ``"mad"`` takes 1.287 times the scale of the residuals.
    **options
        ``normalize``, ``nan_target``, ``broadcast``, ``momentum`` and ``track``, as
        `HuberLoss` has them.

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `HuberLoss` does.

    References
    ----------
    .. [1] P. Charbonnier, L. Blanc-Feraud, G. Aubert, M. Barlaud, "Two Deterministic
       Half-Quadratic Regularization Algorithms for Computed Imaging", ICIP 1994.
    .. [2] R. Hartley, A. Zisserman, "Multiple View Geometry in Computer Vision", 2nd ed.,
       Cambridge University Press, 2003, appendix 6.8.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> from lucid import Tensor
    >>> criterion = nn.PseudoHuberLoss("none")
    >>> criterion(Tensor([0.5, 30.0]), Tensor([0.0, 0.0]))
    Tensor([0.1180, 29.0167])
    """

    curve = CURVE
    argument = "delta"
    efficient = EFFICIENT

    def __init__(
        self,
        reduction: Reduction = "mean",
        delta: Any = 1.0,
        **options: Unpack[ThresholdOptions],
    ) -> None:
        super().__init__(reduction, delta, **options)
