"""The Geman-McClure loss: bounded, and smooth everywhere."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from ...core.tensor import Tensor
from ...kernels.regression import Fused
from ...kernels.regression import geman_mcclure as geman_mcclure_element
from ...ops.selection import where
from .base import CallOptions, Options, Reduction, check_options, evaluate
from .curve import Curve
from .ratio import split
from .threshold_loss import ThresholdLoss, ThresholdOptions, threshold_for

EFFICIENT = 3.787  # c in units of the scale: 95 % efficient where the noise is normal

# ---- the curve ------------------------------------------------------------------------


def rho(r: Any, c: Any) -> Any:
    """r^2/2 / (1 + (r/c)^2)."""
    far, near, _, u, v = split(r, c)
    return np.where(far, 0.5 * c * (c / (1 + v * v)), 0.5 * near * (near / (1 + u * u)))


def psi(r: Any, c: Any) -> Any:
    """r / (1 + (r/c)^2)^2."""
    far, near, _, u, v = split(r, c)
    w, x = 1 / (1 + u * u), v / (1 + v * v)
    return where(far, c * (x * x * v), near * w * w)


def weight(r: Any, c: Any) -> Any:
    """1 / (1 + (r/c)^2)^2."""
    far, _, _, u, v = split(r, c)
    w, x = 1 / (1 + u * u), v * v / (1 + v * v)
    return where(far, x * x, w * w)


def toward_c(r: Any, c: Any) -> Any:
    """c w^2 / (1 + w)^2 with w = (r/c)^2."""
    far, _, _, u, v = split(r, c)
    w, x = u * u / (1 + u * u), 1 / (1 + v * v)
    return c * where(far, x * x, w * w)


CURVE = Curve(
    "geman_mcclure",
    rho,
    psi,
    weight,
    towards=(toward_c,),
    fused=Fused("geman_mcclure", geman_mcclure_element),
    sample_params=(0.6,),
)

# ---- the function ---------------------------------------------------------------------


def geman_mcclure_loss(
    input: Tensor,
    target: Tensor,
    reduction: Reduction = "mean",
    c: Any = EFFICIENT,
    weight: Any = None,
    *,
    mask: Any = None,
    **options: Unpack[CallOptions],
) -> Tensor:
    """The Geman-McClure loss; see `GemanMcClureLoss` for the formula.

    Parameters
    ----------
    input, target : Tensor
        Of equal shape, or one of them 0-d.
    reduction : {"mean", "sum", "none", None}, default "mean"
    c : float, array, Tensor or str, default 3.787
        Where the loss has half of its bound, positive;
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
    >>> F.geman_mcclure_loss(lucid.Tensor([0.5, 30.0]), lucid.Tensor([0.0, 0.0]), "none")
    Tensor([0.1229, 7.0582])
    """
    name, call = "geman_mcclure_loss", (input, target, weight, mask)
    chosen = check_options(name, Options(reduction, **options))
    c = threshold_for(name, "c", c, EFFICIENT, *call)
    return evaluate(name, CURVE, (c,), chosen, *call)


# ---- the module -----------------------------------------------------------------------


class GemanMcClureLoss(ThresholdLoss):
    r"""The Geman-McClure loss: bounded, and smooth everywhere.

    With the residual :math:`r = \text{input} - \text{target}` and :math:`c > 0`,

    .. math::

        \rho_c(r) = \frac{1}{2} \frac{r^2}{1 + (r/c)^2}, \qquad
        \psi_c(r) = \frac{r}{(1 + (r/c)^2)^2}, \qquad
        w_c(r) = \frac{1}{(1 + (r/c)^2)^2}

    The loss is bounded by :math:`c^2/2`; the influence is greatest at :math:`c / \sqrt 3` and
    fades as :math:`1/|r|^3`. Being bounded, it has local minima: start near a solution. An
    infinite `c` gives half the squared error.

    Parameters
    ----------
    reduction : {"mean", "sum", "none", None}, default "mean"
    c : float, array, Tensor, str or callable, default 3.787
        Where the loss has half of its bound, positive.
        Given, learned, automatic or scheduled as `HuberLoss` has it;
        ``"mad"`` takes 3.787 times the scale of the residuals.
    **options
        ``normalize``, ``nan_target``, ``broadcast``, ``momentum`` and ``track``, as
        `HuberLoss` has them.

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `HuberLoss` does.

    References
    ----------
    .. [1] S. Geman, D. E. McClure, "Statistical Methods for Tomographic Image Reconstruction",
       Bulletin of the International Statistical Institute 52-4 (1987), 5-21.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> from lucid import Tensor
    >>> criterion = nn.GemanMcClureLoss("none")
    >>> criterion(Tensor([0.5, 30.0]), Tensor([0.0, 0.0]))
    Tensor([0.1229, 7.0582])
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
