"""`ReduceLROnPlateau`: the rate follows a measure, not the epochs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

from ...errors import ArgumentError, compose
from ..optimizer import Optimizer
from .base import LRScheduler, check_optimizer, per_group, rates_of


class ReduceLROnPlateau(LRScheduler):
    """Lower the rate when a measure has stopped getting better.

    Parameters
    ----------
    optimizer : Optimizer
    mode : {"min", "max"}, default "min"
        Whether lower or higher is better.
    factor : float, default 0.1
        What the rate is multiplied by; below 1.
    patience : int, default 10
        Epochs without improvement that are borne before the rate is lowered.
    threshold : float, default 1e-4
        How much better is better.
    threshold_mode : {"rel", "abs"}, default "rel"
        Whether `threshold` is a share of the best value or an absolute amount.
    cooldown : int, default 0
        Epochs after a reduction in which none are counted.
    min_lr : float or sequence of float, default 0
        No lower than this, for all groups or for each.
    eps : float, default 1e-8
        Smaller changes of the rate are not made.

    Raises
    ------
    ArgumentError
        If an option is out of range.

    Examples
    --------
    >>> import lucid
    >>> optimizer = lucid.optim.SGD([lucid.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in [3.0, 2.0, 2.0, 2.0]:
    ...     scheduler.step(loss)
    >>> scheduler.get_last_lr()
    [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: Literal["min", "max"] = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: int = 0,
        min_lr: float | Sequence[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            problem = 'mode must be "min" or "max", and threshold_mode "rel" or "abs"'
            seen = {"mode": mode, "threshold_mode": threshold_mode}
            raise ArgumentError(compose("ReduceLROnPlateau", problem, seen))
        if not 0 <= factor < 1:
            problem = f"factor must be from 0 to below 1, not {factor!r}"
            raise ArgumentError(compose("ReduceLROnPlateau", problem))
        check_optimizer("ReduceLROnPlateau", optimizer)
        self.optimizer = optimizer
        self.default_min_lr = None if isinstance(min_lr, list | tuple) else min_lr
        self.min_lrs = per_group("ReduceLROnPlateau", "min_lr", min_lr, optimizer)
        self.mode = mode
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.threshold_mode = threshold_mode
        self.cooldown = cooldown
        self.eps = eps
        self.mode_worse = math.inf if mode == "min" else -math.inf
        self.last_epoch = 0
        self.best = self.mode_worse
        self.num_bad_epochs = 0
        self.cooldown_counter = 0
        self._last_lr = rates_of(optimizer)

    def step(self, metrics: Any) -> None:  # type: ignore[override]
        """Take note of the epoch's measure, and lower the rates if it is time.

        Parameters
        ----------
        metrics : float or 0-d Tensor
            NaN counts as no improvement.
        """
        value = float(metrics)
        self.last_epoch += 1
        if self._better(value):
            self.best, self.num_bad_epochs = value, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = rates_of(self.optimizer)

    def _better(self, value: float) -> bool:
        sign = 1.0 if self.mode == "min" else -1.0
        if self.threshold_mode == "abs":
            return sign * value < sign * self.best - self.threshold
        return sign * value < sign * self.best * (1.0 - sign * self.threshold)

    def _reduce(self) -> None:
        groups = self.optimizer.param_groups
        if len(groups) != len(self.min_lrs) and self.default_min_lr is not None:
            self.min_lrs = [self.default_min_lr] * len(groups)  # groups were added
        for group, low in zip(self.optimizer.param_groups, self.min_lrs, strict=True):
            rate = max(float(group["lr"]) * self.factor, low)
            if float(group["lr"]) - rate > self.eps:
                group["lr"] = rate
