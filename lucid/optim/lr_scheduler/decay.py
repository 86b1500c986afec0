"""Schedulers that lower the rate: in steps, every epoch, along a power."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from ..optimizer import Optimizer
from .base import LRScheduler, at_least


class StepLR(LRScheduler):
    """Multiply the rate by `gamma` every `step_size` epochs.

    Parameters
    ----------
    optimizer : Optimizer
    step_size : int
    gamma : float, default 0.1
    last_epoch : int, default -1
        Where to go on from, with ``initial_lr`` in the optimizer's groups; -1 begins.

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

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        at_least("StepLR", "step_size", step_size, 1)
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def resumed(self, index: int, rate: float) -> float:
        return self.following(index, rate)

    def following(self, index: int, rate: float) -> float:
        return rate * self.gamma if self.last_epoch % self.step_size == 0 else rate


class MultiStepLR(LRScheduler):
    """Multiply the rate by `gamma` at each of some epochs.

    Parameters
    ----------
    optimizer : Optimizer
    milestones : iterable of int
    gamma : float, default 0.1
    last_epoch : int, default -1
        Where to go on from, with ``initial_lr`` in the optimizer's groups; -1 begins.

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

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def following(self, index: int, rate: float) -> float:
        return rate * self.gamma ** self.milestones[self.last_epoch]

    def resumed(self, index: int, rate: float) -> float:
        return self.following(index, rate)

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "milestones": dict(self.milestones)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self.milestones = Counter(self.milestones)


class ExponentialLR(LRScheduler):
    """Multiply the rate by `gamma` every epoch.

    Parameters
    ----------
    optimizer : Optimizer
    gamma : float
    last_epoch : int, default -1
        Where to go on from, with ``initial_lr`` in the optimizer's groups; -1 begins.

    Examples
    --------
    >>> import lucid
    >>> optimizer = lucid.optim.SGD([lucid.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = ExponentialLR(optimizer, gamma=0.5)
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.5]
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def following(self, index: int, rate: float) -> float:
        return rate * self.gamma


class PolynomialLR(LRScheduler):
    r"""Lower the rate to zero along a power of the epochs that are left.

    .. math::
        \eta_t = \eta_0 \left(1 - \frac{\min(t, T)}{T}\right)^p

    Parameters
    ----------
    optimizer : Optimizer
    total_iters : int, default 5
        :math:`T`, the epochs until the rate is zero.
    power : float, default 1
        :math:`p`.
    last_epoch : int, default -1
        Where to go on from, with ``initial_lr`` in the optimizer's groups; -1 begins.

    Raises
    ------
    ArgumentError
        If `total_iters` is below 1.

    Examples
    --------
    >>> import lucid
    >>> optimizer = lucid.optim.SGD([lucid.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = PolynomialLR(optimizer, total_iters=2, power=2.0)
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        total_iters: int = 5,
        power: float = 1.0,
        last_epoch: int = -1,
    ) -> None:
        at_least("PolynomialLR", "total_iters", total_iters, 1)
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def following(self, index: int, rate: float) -> float:
        if self.last_epoch > self.total_iters:
            return rate
        left = self.total_iters - self.last_epoch
        return rate * float(left / (left + 1)) ** self.power
