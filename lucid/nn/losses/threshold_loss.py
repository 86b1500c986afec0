"""`ThresholdLoss`: a regression loss with a threshold that is given, learned or automatic."""

from __future__ import annotations

import math
from typing import Any, Unpack

import numpy as np

from ...core.tensor import Tensor, values, wrap
from ...errors import ArgumentError, compose
from ..parameter import Parameter
from .base import Reduction
from .regression_loss import LossOptions, RegressionLoss
from .threshold import automatic, check_fits, check_positive, from_residuals


def threshold_for(
    name: str,
    argument: str,
    value: Any,
    efficient: float,
    input: Any,
    target: Any,
    weight: Any = None,
    mask: Any = None,
    zero: bool = False,
) -> Any:
    """The threshold of one call: checked, or read off the residuals where it is a rule.

    Parameters
    ----------
    name, argument : str
        Who complains, and of what.
    value : float, array, Tensor or str
    efficient : float
        What ``"mad"`` multiplies the scale of the residuals by.
    input, target, weight, mask
        Of the call.
    zero : bool, default False
        Whether zero is allowed.

    Returns
    -------
    float or Tensor

    Raises
    ------
    ArgumentError, DTypeError, ShapeError
        If the threshold is not positive, no number, or does not broadcast to the loss.
    """
    if type(value) is float and value > 0:
        return value
    if isinstance(value, str):
        read = automatic(name, argument, value, efficient)
        return from_residuals(name, read, input, target, weight, mask)
    value = check_positive(name, argument, value, zero)
    fit(name, argument, value, input, target)
    return value


def fit(name: str, argument: str, value: Any, input: Any, target: Any) -> None:
    """Refuse a parameter of several values that would enlarge the loss.

    Raises
    ------
    ShapeError
        If it does not broadcast to the shape of the loss.
    """
    if isinstance(value, Tensor) and value.ndim:
        shapes = np.shape(values(input)), np.shape(values(target))
        try:
            shape = np.broadcast_shapes(*shapes)
        except ValueError:
            return  # input and target do not fit each other, which is said better elsewhere
        check_fits(name, argument, value, shape)


class ThresholdOptions(LossOptions, total=False):
    """The keywords of every loss with a threshold."""

    momentum: float | None


class ThresholdLoss(RegressionLoss):
    """Base of the losses with a threshold, beyond which a residual counts as an outlier.

    Parameters
    ----------
    reduction : {"mean", "sum", "none", None}, default "mean"
    value : float, array, Tensor, str or callable
        The threshold, positive: a number, values that broadcast to the loss (learned where
        they require a gradient), ``"mad"``, ``"quantile:q"``, or a schedule
        ``value(step) -> float`` over training calls.
    momentum : float, optional
        For automatic thresholds: keep a running value instead of each batch's own;
        evaluation then uses the running value as it is.
    **options
        Those of `RegressionLoss`.
    """

    argument: str  # what the threshold is called, as argument and attribute
    efficient: float  # the threshold that is 95 % efficient under standard normal noise
    zero = False  # whether it may be zero
    steps: Tensor  # training calls seen, for a schedule

    def __init__(
        self,
        reduction: Reduction,
        value: Any,
        *,
        momentum: float | None = None,
        **options: Unpack[LossOptions],
    ) -> None:
        super().__init__(reduction, **options)
        self.momentum = self._checked_momentum(momentum, value)
        if isinstance(value, str):
            automatic(self.name, self.argument, value, self.efficient)
        elif not callable(value):
            value = check_positive(self.name, self.argument, value, self.zero)
        if isinstance(value, Tensor) and not isinstance(value, Parameter):
            self.register_buffer(self.argument, value)
        else:
            setattr(self, self.argument, value)
        if callable(value):
            self.register_buffer("steps", wrap(np.zeros((), np.int64)))
        if momentum is not None:
            self.register_buffer(f"running_{self.argument}", wrap(np.full((), np.nan)))

    def params(self) -> tuple[Any, ...]:
        value = getattr(self, self.argument)
        if callable(value):
            return (check_positive(self.name, self.argument, value(self._step()), self.zero),)
        if not isinstance(value, str):
            return (check_positive(self.name, self.argument, value, self.zero),)
        running = self._running()
        if math.isnan(running):
            problem = "the threshold is read off the residuals of each call"
            fix = "call the loss, with momentum= to keep a running threshold"
            raise ArgumentError(compose(self.name, problem, {self.argument: value}, fix))
        return (running,)

    def params_for(self, input: Tensor, target: Tensor, weight: Any, mask: Any) -> tuple[Any, ...]:
        value = getattr(self, self.argument)
        if type(value) is float and value > 0:
            return (value,)
        if isinstance(value, str) and self.momentum is not None:
            return (self._moved(value, input, target, weight, mask),)
        if callable(value):
            params = self.params()
            self._count()
            return params
        names = self.name, self.argument
        call = input, target, weight, mask
        return (threshold_for(*names, value, self.efficient, *call, self.zero),)

    def threshold(self, params: tuple[Any, ...]) -> Any:
        return params[0]

    def extra_repr(self) -> str:
        value = getattr(self, self.argument)
        return f"reduction={self.reduction!r}, {self.argument}={value!r}"

    # ---- thresholds that move ---------------------------------------------------------

    def _running(self) -> float:
        """The running threshold; NaN before the first call, or where none is kept."""
        if self.momentum is None:
            return math.nan
        return float(getattr(self, f"running_{self.argument}").data)

    def _moved(self, rule: str, input: Any, target: Any, weight: Any, mask: Any) -> float:
        """The running threshold, moved towards that of this batch when training."""
        running, momentum = self._running(), self.momentum or 1.0
        if not self.training and not math.isnan(running):
            return running
        read = automatic(self.name, self.argument, rule, self.efficient)
        batch = from_residuals(self.name, read, input, target, weight, mask)
        moved = batch if math.isnan(running) else running + momentum * (batch - running)
        if self.training:
            getattr(self, f"running_{self.argument}").data[...] = moved
        return moved

    def _step(self) -> int:
        """How many training calls a scheduled threshold has seen."""
        steps = self._buffers.get("steps")
        return 0 if steps is None else int(steps.data)

    def _count(self) -> None:
        if self._buffers.get("steps") is None:  # the schedule was assigned later
            self.register_buffer("steps", wrap(np.zeros((), np.int64)))
        if self.training:
            self.steps.data += 1

    def _checked_momentum(self, momentum: Any, value: Any) -> float | None:
        if momentum is None:
            return None
        if not isinstance(value, str):
            problem = "momentum is for automatic thresholds"
            fix = f'{self.argument}="mad" or "quantile:q"'
            raise ArgumentError(compose(self.name, problem, {self.argument: value}, fix))
        if not isinstance(momentum, int | float) or not 0 < momentum <= 1:
            problem = f"momentum must be in (0, 1], not {momentum!r}"
            raise ArgumentError(compose(self.name, problem))
        return float(momentum)
