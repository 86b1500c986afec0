"""Huber's loss: quadratic for small residuals, linear for outliers."""

from __future__ import annotations

import math
from typing import Any, Unpack

import numpy as np

from ...core.tensor import Tensor, values, wrap
from ...kernels.regression import Fused
from ...kernels.regression import huber as huber_element
from ...ops.exponential import exp, log
from ...ops.selection import where
from .base import Options, Reduction, check_options, evaluate
from .curve import Curve
from .threshold_loss import ThresholdLoss, ThresholdOptions, threshold_for

EFFICIENT = 1.345  # delta in units of the scale: 95 % efficient where the noise is normal

# ---- the curve ------------------------------------------------------------------------


def rho(r: Any, delta: Any) -> Any:
    """psi (r - psi/2): one branch, exact at every size of delta, finite wherever it can be."""
    clipped = np.clip(r, -delta, delta)
    return clipped * (r - 0.5 * clipped)


def psi(r: Any, delta: Any) -> Any:
    """clip(r, -delta, delta), with slope 1 inside and 0 from the threshold on."""
    raw = values(r)
    return where(np.abs(raw) < values(delta), r, np.sign(raw) * delta)


def weight(r: Any, delta: Any) -> Any:
    """min(1, delta / |r|)."""
    raw = values(r)
    inside = np.abs(raw) <= values(delta)
    sign = np.where(inside, 1, np.sign(raw)).astype(raw.dtype)
    return where(inside, r * 0 + 1, delta / where(inside, 1.0, sign * r))


def toward_delta(r: Any, delta: Any) -> Any:
    """d rho / d delta = max(|r| - delta, 0)."""
    raw = values(r)
    return where(np.abs(raw) <= values(delta), 0.0, np.sign(raw) * r - delta)


CURVE = Curve(
    "huber",
    rho,
    psi,
    weight,
    towards=(toward_delta,),
    fused=Fused("huber", huber_element),
    sample_params=(0.6,),
)


def log_normalizer(delta: Any) -> Tensor:
    r"""The logarithm of :math:`Z(\delta) = \int e^{-\rho(r)} dr`.

    Adding it makes the loss a negative log-likelihood, and a learned delta well posed:
    without it, delta would shrink to 0.

    Parameters
    ----------
    delta : float or Tensor

    Examples
    --------
    >>> round(float(log_normalizer(1e6)), 4)  # the normal density: log sqrt(2 pi)
    0.9189
    """
    d = delta if isinstance(delta, Tensor) else wrap(np.asarray(delta, np.float64))
    core = math.sqrt(2 * math.pi) * (d * math.sqrt(0.5)).erf()
    return log(core + 2 / d * exp(-0.5 * d * d))


# ---- the function ---------------------------------------------------------------------


def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: Reduction = "mean",
    delta: Any = 1.0,
    weight: Any = None,
    *,
    mask: Any = None,
    normalize: str = "weight",
    nan_target: str = "propagate",
    broadcast: bool = False,
) -> Tensor:
    r"""Huber's loss; see `HuberLoss` for the formula and the options.

    Parameters
    ----------
    input, target : Tensor
        Of equal shape, or one of them 0-d.
    reduction : {"mean", "sum", "none", None}, default "mean"
    delta : float, array, Tensor or str, default 1.0
        The threshold; ``"mad"`` and ``"quantile:q"`` read it off the residuals.
    weight : Tensor, optional
        Broadcast against the loss.
    mask : Tensor of bool, optional
    normalize : {"weight", "count"}, default "weight"
        PyTorch's ``F.huber_loss`` divides a weighted mean by the count.
    nan_target : {"propagate", "skip", "raise"}, default "propagate"
    broadcast : bool, default False

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
    >>> F.huber_loss(lucid.Tensor([0.5, 3.0]), lucid.Tensor([0.0, 0.0]), reduction="none")
    Tensor([0.1250, 2.5000])
    """
    options = check_options("huber_loss", Options(reduction, normalize, nan_target, broadcast))
    delta = threshold_for("huber_loss", "delta", delta, EFFICIENT, input, target, weight, mask)
    return evaluate("huber_loss", CURVE, (delta,), options, input, target, weight, mask)


# ---- the module -----------------------------------------------------------------------


class HuberLoss(ThresholdLoss):
    r"""Huber's loss: quadratic for small residuals, linear for outliers.

    With the residual :math:`r = \text{input} - \text{target}` and a threshold
    :math:`\delta > 0`,

    .. math::

        \rho_\delta(r) = \begin{cases}
            \tfrac12 r^2                        & |r| \le \delta \\
            \delta (|r| - \tfrac12 \delta)      & \text{otherwise}
        \end{cases}
        \qquad
        \psi_\delta(r) = \rho'_\delta(r) = \min(\max(r, -\delta), \delta)

    The influence :math:`\psi` of one element is bounded by :math:`\delta`, so an outlier
    pulls no harder than a residual of size :math:`\delta`. An infinite :math:`\delta` gives
    half the squared error; dividing by :math:`\delta` gives `SmoothL1Loss`.

    Parameters
    ----------
    reduction : {"mean", "sum", "none", None}, default "mean"
        Mean over the elements, their sum, or the loss of each ("none" and None alike).
    delta : float, array, Tensor, str or callable, default 1.0
        The threshold, positive:

        * a number; infinity is allowed;
        * an array or tensor that broadcasts to the loss: a threshold per output. It is
          learned where it requires a gradient (make it an ``nn.Parameter``);
        * ``"mad"``: 1.345 times the normalised median absolute residual, read off each
          batch: 95 % as efficient as least squares under normal noise, whatever the unit
          of the target;
        * ``"quantile:q"``: the quantile q of the absolute residuals of each batch;
        * a callable ``delta(step) -> float``: a schedule over training calls.
    normalize : {"weight", "count"}, default "weight"
        What a weighted mean divides by: the sum of the weights, so that a constant weight
        changes nothing, or the number of elements, as PyTorch's ``F.huber_loss`` does.
    nan_target : {"propagate", "skip", "raise"}, default "propagate"
        What a NaN among the targets means: a NaN loss, a missing value that is left out, or
        an error.
    broadcast : bool, default False
        Let input and target broadcast against each other.
    momentum : float, optional
        For automatic thresholds: keep a running value ``delta += momentum * (batch - delta)``
        instead of each batch's own; evaluation then uses the running value as it is.
    normalizer : bool, default False
        Add :math:`\log \int e^{-\rho_\delta(r)} dr`, which makes a learned `delta` well posed.
    track : bool, default False
        Keep the outlier ledger that `report` reads.

    Attributes
    ----------
    reduction, delta
        As given.

    Raises
    ------
    ShapeError
        On a call, if the shapes of input and target differ and neither is 0-d. PyTorch
        broadcasts with a warning, which turns N residuals into N x N of them.
    DTypeError
        If an operand is complex, or `delta` is no number.
    ArgumentError
        If `delta` is not positive or is NaN, or an option has none of its values.

    Notes
    -----
    Integers and bools are taken to the default floating dtype, mixed floating dtypes to the
    wider one; float16 and bfloat16 are computed and summed in float32. The mean of no
    elements is NaN, their sum 0; where every weight is 0 the loss is 0. At
    :math:`|r| = \delta` the slope is :math:`\pm\delta` and the second derivative 0.

    References
    ----------
    .. [1] P. J. Huber, "Robust Estimation of a Location Parameter", Annals of Mathematical
       Statistics 35 (1964), 73-101.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> from lucid import Tensor
    >>> input = Tensor([[1.5, 2.0, 3.5, 4.0]], requires_grad=True)
    >>> target = Tensor([[1.0, 2.5, 3.0, 5.0]])
    >>> criterion = nn.HuberLoss(reduction="mean", delta=1.0)
    >>> loss = criterion(input, target)
    >>> print(loss)
    Tensor(0.2188, grad=None)
    >>> loss.backward()
    >>> print(input.grad)
    [[0.1250, -0.1250, 0.1250, -0.2500]]
    """

    curve = CURVE
    argument = "delta"
    efficient = EFFICIENT

    def __init__(
        self,
        reduction: Reduction = "mean",
        delta: Any = 1.0,
        *,
        normalizer: bool = False,
        **options: Unpack[ThresholdOptions],
    ) -> None:
        super().__init__(reduction, delta, **options)
        self.normalizer = normalizer

    def log_normalizer(self, params: tuple[Any, ...]) -> Tensor:
        return log_normalizer(*params)
