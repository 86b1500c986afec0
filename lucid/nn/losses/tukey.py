"""Tukey's biweight: gross outliers have no say at all."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from ...core.tensor import Tensor, values
from ...kernels.regression import Fused, tukey
from ...ops.selection import where
from .base import CallOptions, Options, Reduction, check_options, evaluate
from .curve import Curve
from .threshold_loss import ThresholdLoss, ThresholdOptions, threshold_for

EFFICIENT = 4.685  # c in units of the scale: 95 % efficient where the noise is normal

# ---- the curve ------------------------------------------------------------------------


def rho(r: Any, c: Any) -> Any:
    """r^2/2 (1 - w + w^2/3) with w = (r/c)^2; c^2/6 from c on."""
    far = np.abs(r) >= c
    near = np.where(far, 0, r)
    w = (near / c) ** 2
    return np.where(far, c * (c / 6), 0.5 * near * near * (1 - w * (1 - w / 3)))


def psi(r: Any, c: Any) -> Any:
    """r (1 - w)^2; 0 from c on."""
    far, near, rest = _split(r, c)
    return where(far, 0.0, near * rest * rest)


def weight(r: Any, c: Any) -> Any:
    """(1 - w)^2; 0 from c on."""
    far, _, rest = _split(r, c)
    return where(far, 0.0, rest * rest)


def toward_c(r: Any, c: Any) -> Any:
    """c w^2 (1 - 2w/3); c/3 from c on."""
    far, _, rest = _split(r, c)
    w = 1 - rest
    return where(far, c / 3, c * (w * w * (1 - w * (2 / 3))))


def _split(r: Any, c: Any) -> tuple[Any, Any, Any]:
    """Which residuals are far, the near ones (else 0), and 1 - (near/c)^2."""
    far = np.abs(values(r)) >= values(c)
    near = where(far, 0.0, r)
    u = near / c
    return far, near, 1 - u * u


CURVE = Curve(
    "tukey_biweight",
    rho,
    psi,
    weight,
    towards=(toward_c,),
    fused=Fused("tukey_biweight", tukey),
    sample_params=(2.8,),
)

# ---- the function ---------------------------------------------------------------------


def tukey_biweight_loss(
    input: Tensor,
    target: Tensor,
    reduction: Reduction = "mean",
    c: Any = EFFICIENT,
    weight: Any = None,
    *,
    mask: Any = None,
    **options: Unpack[CallOptions],
) -> Tensor:
    """Tukey's biweight; see `TukeyBiweightLoss` for the formula.

    Parameters
    ----------
    input, target : Tensor
        Of equal shape, or one of them 0-d.
    reduction : {"mean", "sum", "none", None}, default "mean"
    c : float, array, Tensor or str, default 4.685
        From where on a residual has no influence, positive;
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
    >>> F.tukey_biweight_loss(lucid.Tensor([0.5, 30.0]), lucid.Tensor([0.0, 0.0]), "none")
    Tensor([0.1236, 3.6582])
    """
    name, call = "tukey_biweight_loss", (input, target, weight, mask)
    chosen = check_options(name, Options(reduction, **options))
    c = threshold_for(name, "c", c, EFFICIENT, *call)
    return evaluate(name, CURVE, (c,), chosen, *call)


# ---- the module -----------------------------------------------------------------------


class TukeyBiweightLoss(ThresholdLoss):
    r"""Tukey's biweight: beyond :math:`c` a residual has no influence at all.

    With the residual :math:`r = \text{input} - \text{target}` and :math:`c > 0`,

    .. math::

        \rho_c(r) = \frac{c^2}{6} \left(1 - (1 - (r/c)^2)^3\right), \qquad
        \psi_c(r) = r \, (1 - (r/c)^2)^2, \qquad
        w_c(r) = (1 - (r/c)^2)^2
        \qquad (|r| \le c)

    and :math:`c^2/6`, 0, 0 beyond. The influence rises, falls back to zero, and stays there:
    gross outliers are rejected. So are good data far from a bad start, where the gradient is
    exactly 0: begin with `HuberLoss`, or with a large `c`. An infinite `c` gives half the
    squared error.

    Parameters
    ----------
    reduction : {"mean", "sum", "none", None}, default "mean"
    c : float, array, Tensor, str or callable, default 4.685
        From where on a residual has no influence, positive.
        Given, learned, automatic or scheduled as `HuberLoss` has it;
        ``"mad"`` takes 4.685 times the scale of the residuals.
    **options
        ``normalize``, ``nan_target``, ``broadcast``, ``momentum`` and ``track``, as
        `HuberLoss` has them.

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `HuberLoss` does.

    References
    ----------
    .. [1] A. E. Beaton, J. W. Tukey, "The Fitting of Power Series, Meaning Polynomials,
       Illustrated on Band-Spectroscopic Data", Technometrics 16 (1974), 147-185.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> from lucid import Tensor
    >>> criterion = nn.TukeyBiweightLoss("none")
    >>> criterion(Tensor([0.5, 30.0]), Tensor([0.0, 0.0]))
    Tensor([0.1236, 3.6582])
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
