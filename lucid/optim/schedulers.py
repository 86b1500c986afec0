"""Schedulers: how the learning rate of an optimizer changes from epoch to epoch.

Each step derives the next rate from the present one, as PyTorch does; so several schedulers
may act on one optimizer, and a rate that was set by hand is carried on from.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

from ..errors import ArgumentError, StateError, compose
from .optimizer import Optimizer


class LRScheduler:
    """Base of the schedulers: counts epochs and sets the rates.

    A subclass says what the rate is at the start (`first`) and how it goes on (`following`),
    for one parameter group.

    Parameters
    ----------
    optimizer : Optimizer
        Its present rates, kept as ``group["initial_lr"]``, are the base rates.

    Attributes
    ----------
    base_lrs : list of float
    last_epoch : int
        How many steps have been taken.

    Examples
    --------
    >>> import lucid
    >>> class Halving(LRScheduler):
    ...     def following(self, index, rate):
    ...         return rate / 2
    >>> optimizer = lucid.optim.SGD([lucid.ones(2).requires_grad_()], lr=1.0)
    >>> scheduler = Halving(optimizer)
    >>> scheduler.step()
    >>> optimizer.param_groups[0]["lr"]
    0.5
    """

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            problem = f"optimizer must be an Optimizer, not {type(optimizer).__name__}"
            raise ArgumentError(compose(type(self).__name__, problem))
        self.optimizer = optimizer
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", float(group["lr"]))
        self.base_lrs = [float(group["initial_lr"]) for group in optimizer.param_groups]
        self._begin([float(group["lr"]) for group in optimizer.param_groups])

    def first(self, index: int, rate: float) -> float:
        """The rate of group `index` at epoch 0, where its `rate` is what stands there."""
        return rate

    def following(self, index: int, rate: float) -> float:
        """The rate of group `index` at `last_epoch`, from its `rate` one epoch earlier."""
        raise NotImplementedError

    def restart(self) -> None:
        """Begin at epoch 0, from the base rates."""
        self._begin(self.base_lrs)

    def _begin(self, rates: list[float]) -> None:
        self.last_epoch = 0
        for i, (group, rate) in enumerate(zip(self.optimizer.param_groups, rates, strict=True)):
            group["lr"] = self.first(i, rate)
        self._remember()

    def step(self) -> None:
        """Go on to the next epoch; called after the epoch's `optimizer.step` calls."""
        self.last_epoch += 1
        for i, group in enumerate(self.optimizer.param_groups):
            group["lr"] = self.following(i, float(group["lr"]))
        self._remember()

    def _remember(self) -> None:
        self._last_lr = [float(group["lr"]) for group in self.optimizer.param_groups]

    def get_last_lr(self) -> list[float]:
        """The rates that this scheduler set last, one a group."""
        return self._last_lr

    def state_dict(self) -> dict[str, Any]:
        """Everything that the scheduler remembers: numbers, strings and lists."""
        return {k: v for k, v in vars(self).items() if k != "optimizer" and not callable(v)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over a state that `state_dict` returned.

        Raises
        ------
        StateError
            If it belongs to another kind of scheduler.
        """
        own = set(self.state_dict())
        if set(state) != own:
            where = f"{type(self).__name__}.load_state_dict"
            problem = "the state is not of this kind of scheduler"
            seen = {"saved": sorted(state), "expected": sorted(own)}
            raise StateError(compose(where, problem, seen))
        vars(self).update(state)

    def _at_least(self, name: str, value: float, low: float) -> None:
        if not value >= low:
            problem = f"{name} must be at least {low}, not {value!r}"
            raise ArgumentError(compose(type(self).__name__, problem))


class LambdaLR(LRScheduler):
    """The base rate times a function of the epoch.

    Parameters
    ----------
    optimizer : Optimizer
    lr_lambda : callable or sequence of callable
        ``lr_lambda(epoch) -> factor``; one for all groups or one for each.

    Raises
    ------
    ArgumentError
        If there are more or fewer functions than groups.

    Examples
    --------
    >>> import lucid
    >>> optimizer = lucid.optim.SGD([lucid.Tensor([1.0], requires_grad=True)], lr=0.5)
    >>> scheduler = LambdaLR(optimizer, lambda epoch: 1 / (1 + epoch))
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
    ) -> None:
        groups = len(optimizer.param_groups)
        functions = [lr_lambda] * groups if callable(lr_lambda) else list(lr_lambda)
        if len(functions) != groups:
            problem = f"needs one function for each of {groups} groups, not {len(functions)}"
            raise ArgumentError(compose("LambdaLR", problem))
        self._functions = functions
        super().__init__(optimizer)

    def first(self, index: int, rate: float) -> float:
        return self.following(index, rate)

    def following(self, index: int, rate: float) -> float:
        return self.base_lrs[index] * self._functions[index](self.last_epoch)

    def state_dict(self) -> dict[str, Any]:
        return {k: v for k, v in super().state_dict().items() if k != "_functions"}


class StepLR(LRScheduler):
    """Multiply the rate by `gamma` every `step_size` epochs.

    Parameters
    ----------
    optimizer : Optimizer
    step_size : int
    gamma : float, default 0.1

    Examples
    --------
    >>> import lucid
    >>> optimizer = lucid.optim.SGD([lucid.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for _ in range(4):
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self._at_least("step_size", step_size, 1)
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer)

    def following(self, index: int, rate: float) -> float:
        return rate * self.gamma if self.last_epoch % self.step_size == 0 else rate


class MultiStepLR(LRScheduler):
    """Multiply the rate by `gamma` at each of some epochs.

    Parameters
    ----------
    optimizer : Optimizer
    milestones : iterable of int
    gamma : float, default 0.1

    Examples
    --------
    >>> import lucid
    >>> optimizer = lucid.optim.SGD([lucid.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = MultiStepLR(optimizer, milestones=[1, 3], gamma=0.5)
    >>> for _ in range(3):
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    def __init__(self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1) -> None:
        self.milestones = sorted(milestones)
        self.gamma = gamma
        super().__init__(optimizer)

    def following(self, index: int, rate: float) -> float:
        return rate * self.gamma ** Counter(self.milestones)[self.last_epoch]


class ExponentialLR(LRScheduler):
    """Multiply the rate by `gamma` every epoch.

    Parameters
    ----------
    optimizer : Optimizer
    gamma : float

    Examples
    --------
    >>> import lucid
    >>> optimizer = lucid.optim.SGD([lucid.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = ExponentialLR(optimizer, gamma=0.5)
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.5]
    """

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        self.gamma = gamma
        super().__init__(optimizer)

    def following(self, index: int, rate: float) -> float:
        return rate * self.gamma


class LinearLR(LRScheduler):
    """Change a factor on the rate evenly over some epochs: a warm-up.

    Parameters
    ----------
    optimizer : Optimizer
    start_factor : float, default 1/3
        The factor at epoch 0, above 0 and at most 1.
    end_factor : float, default 1
        The factor from epoch `total_iters` on, from 0 to 1.
    total_iters : int, default 5

    Examples
    --------
    >>> import lucid
    >>> optimizer = lucid.optim.SGD([lucid.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.75]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3.0,
        end_factor: float = 1.0,
        total_iters: int = 5,
    ) -> None:
        if not 0 < start_factor <= 1 or not 0 <= end_factor <= 1:
            problem = "start_factor must be above 0 and at most 1, end_factor from 0 to 1"
            seen = {"start_factor": start_factor, "end_factor": end_factor}
            raise ArgumentError(compose("LinearLR", problem, seen))
        self._at_least("total_iters", total_iters, 1)
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer)

    def _factor(self, epoch: int) -> float:
        part = min(epoch, self.total_iters) / self.total_iters
        return self.start_factor + (self.end_factor - self.start_factor) * part

    def first(self, index: int, rate: float) -> float:
        return rate * self.start_factor

    def following(self, index: int, rate: float) -> float:
        if self.last_epoch > self.total_iters:
            return rate
        return rate * self._factor(self.last_epoch) / self._factor(self.last_epoch - 1)


class CosineAnnealingLR(LRScheduler):
    r"""Lower the rate along half a cosine wave, and raise it again.

    .. math::
        \eta_t = \eta_\text{min}
               + \tfrac12 (\eta_0 - \eta_\text{min}) (1 + \cos(\pi t / T_\text{max}))

    Parameters
    ----------
    optimizer : Optimizer
    T_max : int
        Epochs from the base rate to `eta_min`.
    eta_min : float, default 0

    References
    ----------
    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.

    Examples
    --------
    >>> import lucid
    >>> optimizer = lucid.optim.SGD([lucid.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = CosineAnnealingLR(optimizer, T_max=2)
    >>> scheduler.step()
    >>> round(scheduler.get_last_lr()[0], 6)
    0.5
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        self._at_least("T_max", T_max, 1)
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer)

    def _height(self, epoch: int) -> float:
        return (1.0 + math.cos(math.pi * epoch / self.T_max)) / 2.0

    def following(self, index: int, rate: float) -> float:
        lowest = self.last_epoch - 1 - self.T_max
        if lowest % (2 * self.T_max) == 0:  # coming from the bottom, where nothing is left
            span = self.base_lrs[index] - self.eta_min  # of the present rate to go on from
            return rate + span * self._height(self.last_epoch)
        change = self._height(self.last_epoch) / self._height(self.last_epoch - 1)
        return self.eta_min + (rate - self.eta_min) * change


class SequentialLR(LRScheduler):
    """One scheduler after another, each from its own epoch 0: a warm-up, then a decay.

    Parameters
    ----------
    optimizer : Optimizer
    schedulers : sequence of LRScheduler
    milestones : sequence of int
        The epochs at which the second, the third, ... takes over.

    Raises
    ------
    ArgumentError
        If the numbers of schedulers and milestones do not fit, or an optimizer differs.

    Examples
    --------
    >>> import lucid
    >>> optimizer = lucid.optim.SGD([lucid.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> warmup = LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> decay = ExponentialLR(optimizer, gamma=0.5)
    >>> scheduler = SequentialLR(optimizer, [warmup, decay], milestones=[2])
    >>> rates = []
    >>> for _ in range(4):
    ...     rates += scheduler.get_last_lr()
    ...     scheduler.step()
    >>> rates
    [0.5, 0.75, 1.0, 0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
    ) -> None:
        if len(schedulers) != len(milestones) + 1:
            problem = "needs one milestone fewer than schedulers"
            seen = {"schedulers": len(schedulers), "milestones": len(milestones)}
            raise ArgumentError(compose("SequentialLR", problem, seen))
        if any(scheduler.optimizer is not optimizer for scheduler in schedulers):
            raise ArgumentError(compose("SequentialLR", "the schedulers' optimizers differ"))
        self._schedulers = list(schedulers)
        self.milestones = list(milestones)
        super().__init__(optimizer)

    def _begin(self, rates: list[float]) -> None:
        self.last_epoch = 0
        self._schedulers[0].restart()
        self._remember()

    def step(self) -> None:
        self.last_epoch += 1
        index = bisect_right(self.milestones, self.last_epoch)
        if index > 0 and self.milestones[index - 1] == self.last_epoch:
            self._schedulers[index].restart()
        else:
            self._schedulers[index].step()
        self._remember()

    def state_dict(self) -> dict[str, Any]:
        states = [scheduler.state_dict() for scheduler in self._schedulers]
        return {**super().state_dict(), "_schedulers": states}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        parts = self._schedulers
        super().load_state_dict(state)
        for part, saved in zip(parts, state["_schedulers"], strict=True):
            part.load_state_dict(saved)
        self._schedulers = parts


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
        groups = len(optimizer.param_groups)
        lows = [float(min_lr)] * groups if isinstance(min_lr, int | float) else list(min_lr)
        if len(lows) != groups:
            problem = f"min_lr must name a rate for each of {groups} groups, not {len(lows)}"
            raise ArgumentError(compose("ReduceLROnPlateau", problem))
        self.mode = mode
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.threshold_mode = threshold_mode
        self.cooldown = cooldown
        self.min_lrs = lows
        self.eps = eps
        super().__init__(optimizer)

    def _begin(self, rates: list[float]) -> None:
        self.last_epoch = 0
        self.best = math.inf if self.mode == "min" else -math.inf
        self.num_bad_epochs = 0
        self.cooldown_counter = 0
        self._remember()

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
        self._remember()

    def _better(self, value: float) -> bool:
        sign = 1.0 if self.mode == "min" else -1.0
        if self.threshold_mode == "abs":
            return sign * value < sign * self.best - self.threshold
        return sign * value < sign * self.best * (1.0 - sign * self.threshold)

    def _reduce(self) -> None:
        for group, low in zip(self.optimizer.param_groups, self.min_lrs, strict=True):
            rate = max(float(group["lr"]) * self.factor, low)
            if float(group["lr"]) - rate > self.eps:
                group["lr"] = rate
