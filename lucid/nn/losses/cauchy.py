"""The Cauchy (Lorentzian) loss: outliers pull the less, the farther they lie."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from ...core.tensor import Tensor
from ...kernels.regression import Fused
from ...kernels.regression import cauchy as cauchy_element
from ...ops.exponential import log, log1p
from ...ops.selection import where
from .base import CallOptions, Options, Reduction, check_options, evaluate
from .curve import Curve
from .ratio import relative, split
from .threshold_loss import ThresholdLoss, ThresholdOptions, threshold_for

EFFICIENT = 2.385  # c in units of the scale: 95 % efficient where the noise is normal

# ---- the curve ------------------------------------------------------------------------


def rho(r: Any, c: Any) -> Any:
    """c^2/2 log(1 + (r/c)^2)."""
    far, near, _, u, v = split(r, c)
    w = u * u
    steep = c * (c * (0.5 * np.log1p(v * v) - np.log(np.abs(v))))
    return np.where(far, steep, 0.5 * near * near * relative(np.log1p(w), w))


def psi(r: Any, c: Any) -> Any:
    """r / (1 + (r/c)^2)."""
    far, near, _, u, v = split(r, c)
    return where(far, c * (v / (1 + v * v)), near / (1 + u * u))


def weight(r: Any, c: Any) -> Any:
    """1 / (1 + (r/c)^2)."""
    far, _, _, u, v = split(r, c)
    return where(far, v * v / (1 + v * v), 1 / (1 + u * u))


def toward_c(r: Any, c: Any) -> Any:
    """c (log(1 + w) - w / (1 + w)) with w = (r/c)^2."""
    far, _, _, u, v = split(r, c)
    w, x = u * u, v * v
    steep = log1p(x) - log(x) - 1 / (1 + x)
    return c * where(far, steep, log1p(w) - w / (1 + w))


CURVE = Curve(
    "cauchy",
    rho,
    psi,
    weight,
    towards=(toward_c,),
    fused=Fused("cauchy", cauchy_element),
    sample_params=(0.6,),
)

# ---- the function ---------------------------------------------------------------------


def cauchy_loss(
    input: Tensor,
    target: Tensor,
    reduction: Reduction = "mean",
    c: Any = EFFICIENT,
    weight: Any = None,
    *,
    mask: Any = None,
    **options: Unpack[CallOptions],
) -> Tensor:
    """The Cauchy loss; see `CauchyLoss` for the formula.

    Parameters
    ----------
    input, target : Tensor
        Of equal shape, or one of them 0-d.
    reduction : {"mean", "sum", "none", None}, default "mean"
    c : float, array, Tensor or str, default 2.385
        The residual of greatest influence, positive;
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
    >>> F.cauchy_loss(lucid.Tensor([0.5, 30.0]), lucid.Tensor([0.0, 0.0]), "none")
    Tensor([0.1223, 14.4205])
    """
    name, call = "cauchy_loss", (input, target, weight, mask)
    chosen = check_options(name, Options(reduction, **options))
    c = threshold_for(name, "c", c, EFFICIENT, *call)
    return evaluate(name, CURVE, (c,), chosen, *call)


# ---- the module -----------------------------------------------------------------------


class CauchyLoss(ThresholdLoss):
    r"""The Cauchy (Lorentzian) loss: the influence of outliers fades as 1/r.

    With the residual :math:`r = \text{input} - \text{target}` and :math:`c > 0`,

    .. math::

        \rho_c(r) = \frac{c^2}{2} \log(1 + (r/c)^2), \qquad
        \psi_c(r) = \frac{r}{1 + (r/c)^2}, \qquad
        w_c(r) = \frac{1}{1 + (r/c)^2}

    The influence is greatest at :math:`|r| = c`, where it is :math:`c/2`. With
    :math:`c = 1` this is the log-likelihood of Student's t with one degree of freedom, up to
    a constant. An infinite `c` gives half the squared error.

    Parameters
    ----------
    reduction : {"mean", "sum", "none", None}, default "mean"
    c : float, array, Tensor, str or callable, default 2.385
        The residual of greatest influence, positive.
        Given, learned, automatic or scheduled as `HuberLoss` has it;
        ``"mad"`` takes 2.385 times the scale of the residuals.
    **options
        ``normalize``, ``nan_target``, ``broadcast``, ``momentum`` and ``track``, as
        `HuberLoss` has them.

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `HuberLoss` does.

    References
    ----------
    .. [1] M. J. Black, P. Anandan, "The Robust Estimation of Multiple Motions: Parametric and
       Piecewise-Smooth Flow Fields", Computer Vision and Image Understanding 63 (1996), 75-104.
    .. [2] P. W. Holland, R. E. Welsch, "Robust Regression Using Iteratively Reweighted
       Least-Squares", Communications in Statistics A6 (1977), 813-827.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> from lucid import Tensor
    >>> criterion = nn.CauchyLoss("none")
    >>> criterion(Tensor([0.5, 30.0]), Tensor([0.0, 0.0]))
    Tensor([0.1223, 14.4205])
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
