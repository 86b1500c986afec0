"""The Welsch (Leclerc) loss: a Gaussian well."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from ...core.tensor import Tensor, values
from ...kernels.regression import Fused
from ...kernels.regression import welsch as welsch_element
from ...ops.exponential import exp, expm1
from ...ops.selection import where
from .base import CallOptions, Options, Reduction, check_options, evaluate
from .curve import Curve
from .ratio import relative
from .threshold_loss import ThresholdLoss, ThresholdOptions, threshold_for

EFFICIENT = 2.985  # c in units of the scale: 95 % efficient where the noise is normal

# ---- the curve ------------------------------------------------------------------------


def rho(r: Any, c: Any) -> Any:
    """c^2/2 (1 - exp(-(r/c)^2))."""
    far, near, w = _split(r, c)
    return np.where(far, c * (0.5 * c), 0.5 * near * near * relative(-np.expm1(-w), w))


def psi(r: Any, c: Any) -> Any:
    """r exp(-(r/c)^2)."""
    far, near, w = _split(r, c)
    return where(far, 0.0, near * exp(-w))


def weight(r: Any, c: Any) -> Any:
    """exp(-(r/c)^2)."""
    far, _, w = _split(r, c)
    return where(far, 0.0, exp(-w))


def toward_c(r: Any, c: Any) -> Any:
    """c (1 - (1 + w) exp(-w)) with w = (r/c)^2."""
    far, _, w = _split(r, c)
    return c * where(far, 1.0, -expm1(-w) - w * exp(-w))


def _split(r: Any, c: Any) -> tuple[Any, Any, Any]:
    """Where exp(-(r/c)^2) underflows to 0, the residual elsewhere, and (r/c)^2 there."""
    far = np.abs(values(r)) > 28 * values(c)
    near = where(far, 0.0, r)
    u = near / c
    return far, near, u * u


CURVE = Curve(
    "welsch",
    rho,
    psi,
    weight,
    towards=(toward_c,),
    fused=Fused("welsch", welsch_element),
    sample_params=(0.6,),
)

# ---- the function ---------------------------------------------------------------------


def welsch_loss(
    input: Tensor,
    target: Tensor,
    reduction: Reduction = "mean",
    c: Any = EFFICIENT,
    weight: Any = None,
    *,
    mask: Any = None,
    **options: Unpack[CallOptions],
) -> Tensor:
    """The Welsch loss; see `WelschLoss` for the formula.

    Parameters
    ----------
    input, target : Tensor
        Of equal shape, or one of them 0-d.
    reduction : {"mean", "sum", "none", None}, default "mean"
    c : float, array, Tensor or str, default 2.985
        The width of the well, positive;
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
    >>> F.welsch_loss(lucid.Tensor([0.5, 30.0]), lucid.Tensor([0.0, 0.0]), "none")
    Tensor([0.1233, 4.4551])
    """
    name, call = "welsch_loss", (input, target, weight, mask)
    chosen = check_options(name, Options(reduction, **options))
    c = threshold_for(name, "c", c, EFFICIENT, *call)
    return evaluate(name, CURVE, (c,), chosen, *call)


# ---- the module -----------------------------------------------------------------------


class WelschLoss(ThresholdLoss):
    r"""The Welsch (Leclerc) loss: a Gaussian well in a flat plain.

    With the residual :math:`r = \text{input} - \text{target}` and :math:`c > 0`,

    .. math::

        \rho_c(r) = \frac{c^2}{2} \left(1 - e^{-(r/c)^2}\right), \qquad
        \psi_c(r) = r \, e^{-(r/c)^2}, \qquad
        w_c(r) = e^{-(r/c)^2}

    The loss is bounded by :math:`c^2/2`; the influence is greatest at :math:`c / \sqrt 2` and
    then fades faster than any power: outliers are rejected, as by Tukey's biweight, but
    smoothly. Minimising it maximises the correntropy of input and target. An infinite `c`
    gives half the squared error.

    Parameters
    ----------
    reduction : {"mean", "sum", "none", None}, default "mean"
    c : float, array, Tensor, str or callable, default 2.985
        The width of the well, positive.
        Given, learned, automatic or scheduled as `HuberLoss` has it;
        ``"mad"`` takes 2.985 times the scale of the residuals.
    **options
        ``normalize``, ``nan_target``, ``broadcast``, ``momentum`` and ``track``, as
        `HuberLoss` has them.

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `HuberLoss` does.

    References
    ----------
    .. [1] J. E. Dennis, R. E. Welsch, "Techniques for Nonlinear Least Squares and Robust
       Regression", Communications in Statistics B7 (1978), 345-359.
    .. [2] Y. G. Leclerc, "Constructing Simple Stable Descriptions for Image Partitioning",
       International Journal of Computer Vision 3 (1989), 73-102.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> from lucid import Tensor
    >>> criterion = nn.WelschLoss("none")
    >>> criterion(Tensor([0.5, 30.0]), Tensor([0.0, 0.0]))
    Tensor([0.1233, 4.4551])
    """

    curve = CURVE
    argument = "c"
    efficient = EFFICIENT

    def __init__(
        self,
        reduction: Reduction = "mean",
        c: Any = EFFICIENT,
        **options: Unpack[ThresholdOptions],
    ) -> None:
        super().__init__(reduction, c, **options)
