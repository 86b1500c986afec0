"""The quantile Huber loss: a pinball with a rounded tip, for distributional regression."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from ...core.tensor import Tensor, values
from ...kernels.regression import Fused
from ...kernels.regression import quantile_huber as quantile_huber_element
from ...ops.selection import where
from . import huber, smooth_l1
from .base import CallOptions, Options, Reduction, check_options, evaluate
from .curve import Curve
from .quantile import check_quantile, set_quantile, shown, spread
from .threshold_loss import ThresholdLoss, ThresholdOptions, threshold_for

# ---- the curve ------------------------------------------------------------------------


def _tilted(above: Any, q: Any, value: Any) -> Any:
    """(1 - q) value above the target, q value below: on arrays or tensors."""
    return where(above, (1 - q) * value, q * value)


def _above(r: Any) -> Any:
    """Where the input is above the target; the sign of a zero tells the side it came from."""
    return ~np.signbit(values(r))


def _declare(name: str, inner: Any, toward: Any, fused: Fused | None) -> Curve:
    """The curve of `huber` or `smooth_l1`, tilted by the quantile."""

    def value(r: Any, delta: Any) -> Any:
        return inner.psi(r, delta) * (r - 0.5 * huber.psi(r, delta))

    return Curve(
        name,
        rho=lambda r, delta, q: _tilted(_above(r), q, inner.rho(r, delta)),
        psi=lambda r, delta, q: _tilted(_above(r), q, inner.psi(r, delta)),
        weight=lambda r, delta, q: _tilted(_above(r), q, inner.weight(r, delta)),
        towards=(
            lambda r, delta, q: _tilted(_above(r), q, toward(r, delta)),
            lambda r, delta, q: where(_above(r), -value(r, delta), value(r, delta)),
        ),
        fused=fused,
        sample_params=(0.6, 0.3),
    )


CURVE = _declare(
    "quantile_huber", huber, huber.toward_delta, Fused("quantile_huber", quantile_huber_element)
)
DIVIDED = _declare("quantile_huber_divided", smooth_l1, smooth_l1.toward_beta, None)

# ---- the function ---------------------------------------------------------------------


def quantile_huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: Reduction = "mean",
    quantile: Any = 0.5,
    delta: Any = 1.0,
    weight: Any = None,
    *,
    mask: Any = None,
    divide_by_delta: bool = False,
    **options: Unpack[CallOptions],
) -> Tensor:
    """Huber's loss tilted by a quantile; see `QuantileHuberLoss` for the formula.

    Parameters
    ----------
    input, target : Tensor
        Of equal shape, or one of them 0-d; with Q quantiles the input is ``(..., Q)`` and the
        target ``(...)``, ``(..., 1)`` or ``(..., Q)``.
    reduction : {"mean", "sum", "none", None}, default "mean"
    quantile : float, sequence of float or Tensor, default 0.5
        Between 0 and 1.
    delta : float, array, Tensor or str, default 1.0
        The threshold, positive; ``"mad"`` and ``"quantile:q"`` read it off the residuals.
    weight : Tensor, optional
        Broadcast against the loss; 0 leaves an element out altogether.
    mask : Tensor of bool, optional
        False leaves an element out.
    divide_by_delta : bool, default False
        Divide the loss by `delta`, as the paper does.
    **options
        ``normalize``, ``nan_target`` and ``broadcast``, as `HuberLoss` has them.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `QuantileHuberLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> x, t = lucid.Tensor([1.0, 5.0]), lucid.Tensor([0.0, 8.0])
    >>> F.quantile_huber_loss(x, t, "none", quantile=0.9, delta=2.0)
    Tensor([0.0500, 3.6000])
    """
    name = "quantile_huber_loss"
    chosen = check_options(name, Options(reduction, **options))
    quantile = check_quantile(name, quantile)
    target = spread(name, quantile, input, target)
    call = input, target, weight, mask
    delta = threshold_for(name, "delta", delta, huber.EFFICIENT, *call)
    curve = DIVIDED if divide_by_delta else CURVE
    return evaluate(name, curve, (delta, quantile), chosen, *call)


# ---- the module -----------------------------------------------------------------------


class QuantileHuberLoss(ThresholdLoss):
    r"""Huber's loss, tilted so that one side of the target counts more than the other.

    With the residual :math:`r = \text{input} - \text{target}`, Huber's loss
    :math:`\rho_\delta` and influence :math:`\psi_\delta`, and
    :math:`\tau(r) = 1 - q` where the input is above the target (:math:`r > 0`), else
    :math:`q`,

    .. math::

        \rho(r) = \tau(r)\, \rho_\delta(r), \qquad
        \psi(r) = \tau(r)\, \psi_\delta(r), \qquad
        w(r) = \tau(r) \min(1, \delta / |r|)

    **With or without the division.** By default the loss is not divided by :math:`\delta`,
    as `HuberLoss` is not: a large :math:`\delta` gives the expectile loss
    :math:`\tau r^2 / 2`. QR-DQN divides it by its :math:`\kappa = \delta`
    (``divide_by_delta=True``), as `SmoothL1Loss` is: a small :math:`\delta` gives the
    `QuantileLoss`. Only at :math:`\delta = 1` are they the same. The larger :math:`\delta`
    is, the more the minimiser departs from the quantile towards the expectile.

    Parameters
    ----------
    reduction : {"mean", "sum", "none", None}, default "mean"
    quantile : float, sequence of float or Tensor, default 0.5
        Between 0 and 1; several as `QuantileLoss` has them.
    delta : float, array, Tensor, str or callable, default 1.0
        The threshold, positive: given, learned, automatic or scheduled as `HuberLoss` has it.
    divide_by_delta : bool, default False
        Divide the loss by `delta`.
    **options
        ``normalize``, ``nan_target``, ``broadcast``, ``momentum`` and ``track``, as
        `HuberLoss` has them.

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `HuberLoss` and `QuantileLoss` do.

    References
    ----------
    .. [1] W. Dabney, M. Rowland, M. G. Bellemare, R. Munos, "Distributional Reinforcement
       Learning with Quantile Regression", AAAI 2018, equation 10.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> from lucid import Tensor
    >>> x, t = Tensor([1.0, 5.0]), Tensor([0.0, 8.0])
    >>> nn.QuantileHuberLoss("none", quantile=0.9, delta=2.0)(x, t)
    Tensor([0.0500, 3.6000])
    >>> nn.QuantileHuberLoss("none", quantile=0.9, delta=2.0, divide_by_delta=True)(x, t)
    Tensor([0.0250, 1.8000])
    """

    argument = "delta"
    efficient = huber.EFFICIENT
    delta: Any
    quantile: Any

    def __init__(
        self,
        reduction: Reduction = "mean",
        quantile: Any = 0.5,
        delta: Any = 1.0,
        *,
        divide_by_delta: bool = False,
        **options: Unpack[ThresholdOptions],
    ) -> None:
        super().__init__(reduction, delta, **options)
        set_quantile(self, quantile)
        self.divide_by_delta = divide_by_delta

    @property
    def curve(self) -> Curve:  # type: ignore[override]
        """The curve in use: with the division or without it."""
        return DIVIDED if self.divide_by_delta else CURVE

    def params(self) -> tuple[Any, ...]:
        return (*super().params(), check_quantile(self.name, self.quantile))

    def params_for(self, input: Tensor, target: Tensor, weight: Any, mask: Any) -> tuple[Any, ...]:
        delta = super().params_for(input, target, weight, mask)[0]
        return delta, check_quantile(self.name, self.quantile)

    def forward(
        self,
        input: Tensor,
        target: Tensor,
        weight: Any = None,
        *,
        mask: Any = None,
        index: Any = None,
    ) -> Tensor:
        target = spread(self.name, self.quantile, input, target)
        return super().forward(input, target, weight, mask=mask, index=index)

    def extra_repr(self) -> str:
        own = f"quantile={shown(self.quantile)}, delta={self.delta!r}"
        divided = ", divide_by_delta=True" if self.divide_by_delta else ""
        return f"reduction={self.reduction!r}, {own}{divided}"
