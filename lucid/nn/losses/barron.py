"""Barron's general robust loss: one family from least squares to outlier rejection."""

from __future__ import annotations

import math
from typing import Any, Unpack

import numpy as np

from ...core.tensor import Tensor, values, wrap
from ...errors import ArgumentError, DTypeError, compose
from ...ops.exponential import exp, log
from ...ops.logistic import sigmoid
from ..parameter import Parameter
from .barron_curve import CURVE
from .base import CallOptions, Options, Reduction, check_options, evaluate
from .partition import log_partition
from .threshold_loss import ThresholdLoss, ThresholdOptions, fit, threshold_for

# ---- the function -------------------------------------------------------------------------


def check_alpha(name: str, alpha: Any) -> Any:
    """A shape as a float, or several as a tensor; -inf is allowed.

    Raises
    ------
    ArgumentError
        If one is NaN or +inf.
    DTypeError
        If they are no real numbers.
    """
    if type(alpha) is float and alpha < math.inf:
        return alpha
    raw = np.asarray(values(alpha))
    if raw.dtype.kind not in "fiu":
        problem = f"alpha must be a number or tensor, not {alpha!r}"
        raise DTypeError(compose(name, problem))
    if not np.all(raw < np.inf):  # NaN fails this too
        problem = "alpha must be below infinity and not NaN"
        raise ArgumentError(compose(name, problem, {"alpha": raw.tolist()}))
    if isinstance(alpha, Tensor):
        return alpha
    return float(raw) if raw.ndim == 0 else wrap(np.array(raw, np.float64))


def barron_loss(
    input: Tensor,
    target: Tensor,
    reduction: Reduction = "mean",
    alpha: Any = 1.0,
    scale: Any = 1.0,
    weight: Any = None,
    *,
    mask: Any = None,
    **options: Unpack[CallOptions],
) -> Tensor:
    """Barron's general robust loss; see `BarronLoss` for the formula.

    Parameters
    ----------
    input, target : Tensor
        Of equal shape, or one of them 0-d.
    reduction : {"mean", "sum", "none", None}, default "mean"
    alpha : float, array or Tensor, default 1.0
        The shape; -inf is allowed.
    scale : float, array, Tensor or str, default 1.0
        The size of a residual that is no outlier, positive;
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
        As `BarronLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.barron_loss(lucid.Tensor([0.5, 30.0]), lucid.Tensor([0.0, 0.0]), "none", alpha=-2.0)
    Tensor([0.1176, 1.9912])
    """
    name, call = "barron_loss", (input, target, weight, mask)
    chosen = check_options(name, Options(reduction, **options))
    scale = threshold_for(name, "scale", scale, 1.0, *call)
    alpha = check_alpha(name, alpha)
    fit(name, "alpha", alpha, input, target)
    return evaluate(name, CURVE, (scale, alpha), chosen, *call)


# ---- the module ---------------------------------------------------------------------------


class BarronLoss(ThresholdLoss):
    r"""Barron's general and adaptive robust loss.

    With the residual :math:`r = \text{input} - \text{target}`, a scale :math:`c > 0` and a
    shape :math:`\alpha`,

    .. math::

        \rho(r) = \frac{|\alpha - 2|}{\alpha}
            \left(\left(\frac{(r/c)^2}{|\alpha - 2|} + 1\right)^{\alpha/2} - 1\right), \qquad
        \psi(r) = \frac{r}{c^2}
            \left(\frac{(r/c)^2}{|\alpha - 2|} + 1\right)^{\alpha/2 - 1}, \qquad
        w(r) = \frac{\psi(r)}{r},

    continued to the shapes where the formula fails. Up to the factor :math:`c^2` it is

    ============== ============================== ==========================================
    alpha          loss                           name
    ============== ============================== ==========================================
    2              r^2 / (2 c^2)                  half of `MSELoss`
    1              sqrt((r/c)^2 + 1) - 1          `PseudoHuberLoss` (delta = c)
    0              log((r/c)^2 / 2 + 1)           `CauchyLoss` (c sqrt 2)
    -2             2 (r/c)^2 / ((r/c)^2 + 4)      `GemanMcClureLoss` (2 c)
    -inf           1 - exp(-(r/c)^2 / 2)          `WelschLoss` (c sqrt 2)
    ============== ============================== ==========================================

    Parameters
    ----------
    reduction : {"mean", "sum", "none", None}, default "mean"
    alpha : float, array or Tensor, default 1.0
        The shape; the smaller, the less an outlier pulls.
    scale : float, array, Tensor, str or callable, default 1.0
        The size of a residual that is no outlier, positive.
        Given, learned, automatic or scheduled as `HuberLoss` has it;
        ``"mad"`` takes the robust standard deviation of the residuals.
    adaptive : bool, default False
        Learn shape and scale: the loss becomes the negative log-likelihood
        :math:`\rho(r) + \log c + \log Z(\alpha)`, whose minimum exists. `alpha` (within 0.001
        to 1.999) and `scale` are where learning starts; arrays learn one of each per output.
        The parameters are `alpha_logit` and `log_scale`: give them to the optimizer.
    **options
        ``normalize``, ``nan_target``, ``broadcast``, ``momentum`` and ``track``, as
        `HuberLoss` has them.

    Attributes
    ----------
    alpha, scale : float or Tensor
        In use now.

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `HuberLoss` does; also if `alpha` is NaN or +inf.

    Notes
    -----
    Learned without ``adaptive=True``, shape and scale go to wherever the loss is smallest:
    everything becomes an outlier. The partition function Z is integrated numerically to a
    relative error below 1e-9, and differentiated exactly (`log_partition`). Towards alpha the
    slope is infinite at 2; it is taken as 0 there.

    References
    ----------
    .. [1] J. T. Barron, "A General and Adaptive Robust Loss Function", CVPR 2019.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> from lucid import Tensor
    >>> criterion = nn.BarronLoss("none", alpha=-2.0)
    >>> criterion(Tensor([0.5, 30.0]), Tensor([0.0, 0.0]))
    Tensor([0.1176, 1.9912])
    >>> adaptive = nn.BarronLoss(adaptive=True)
    >>> [name for name, _ in adaptive.named_parameters()]
    ['alpha_logit', 'log_scale']
    """

    curve = CURVE
    argument = "scale"
    efficient = 1.0
    bounds = (0.001, 1.999)  # of a learned alpha: Z is infinite below 0

    def __init__(
        self,
        reduction: Reduction = "mean",
        alpha: Any = 1.0,
        scale: Any = 1.0,
        *,
        adaptive: bool = False,
        **options: Unpack[ThresholdOptions],
    ) -> None:
        super().__init__(reduction, scale, **options)
        alpha = check_alpha(self.name, alpha)
        self.adaptive = self.normalizer = adaptive
        if adaptive:
            self._learn(values(alpha), scale)
        elif isinstance(alpha, Tensor) and not isinstance(alpha, Parameter):
            self.register_buffer("alpha", alpha)
        else:
            self.alpha = alpha

    def _learn(self, alpha: Any, scale: Any) -> None:
        """Make parameters that may take any value, from which alpha and scale are computed."""
        low, high = self.bounds
        if isinstance(scale, str) or callable(scale):
            problem = "an adaptive scale is learned, so it starts from a number"
            raise ArgumentError(compose(self.name, problem, {"scale": scale}))
        if not np.all((alpha > low) & (alpha < high)):
            problem = f"an adaptive alpha starts between {low} and {high}"
            raise ArgumentError(compose(self.name, problem, {"alpha": alpha.tolist()}))
        del self.scale
        alpha, scale = np.broadcast_arrays(alpha, values(scale))
        self.alpha_logit = Parameter(np.log((alpha - low) / (high - alpha)).tolist())
        self.log_scale = Parameter(np.log(scale).tolist())

    def __getattr__(self, name: str) -> Any:
        # Asked only for what is not stored, as alpha and scale are not when they are learned.
        if name in ("alpha", "scale") and "log_scale" in self.__dict__:
            scale, alpha = self.params()
            return (alpha if name == "alpha" else scale).detach()
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def params(self) -> tuple[Any, ...]:
        if not self.adaptive:
            return (*super().params(), check_alpha(self.name, self.alpha))
        low, high = self.bounds
        alpha = sigmoid(self.alpha_logit) * (high - low) + low
        return exp(self.log_scale), alpha

    def params_for(self, input: Tensor, target: Tensor, weight: Any, mask: Any) -> tuple[Any, ...]:
        if self.adaptive:
            scale, alpha = self.params()
            fit(self.name, "scale", scale, input, target)
        else:
            scale = super().params_for(input, target, weight, mask)[0]
            alpha = check_alpha(self.name, self.alpha)
        fit(self.name, "alpha", alpha, input, target)
        return scale, alpha

    def log_normalizer(self, params: tuple[Any, ...]) -> Tensor:
        scale, alpha = params
        return log_partition(alpha) + log(scale)

    def extra_repr(self) -> str:
        own = f"alpha={self.alpha!r}, scale={self.scale!r}"
        adaptive = ", adaptive=True" if self.adaptive else ""
        return f"reduction={self.reduction!r}, {own}{adaptive}"
