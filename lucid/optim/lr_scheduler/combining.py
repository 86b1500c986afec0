"""Schedulers made of schedulers: one after another, or all at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from ...errors import ArgumentError, compose
from ..optimizer import Optimizer
from .base import LRScheduler, check_optimizer, rates_of
from .plateau import ReduceLROnPlateau


class _Several(LRScheduler):
    """A scheduler made of others on one optimizer."""

    def _adopt(self, optimizer: Any, schedulers: Sequence[LRScheduler]) -> None:
        where = type(self).__name__
        check_optimizer(where, optimizer)
        for index, scheduler in enumerate(schedulers):
            if not isinstance(scheduler, LRScheduler) or isinstance(scheduler, ReduceLROnPlateau):
                problem = (
                    f"scheduler {index} is a {type(scheduler).__name__}, which follows no epoch"
                )
                fix = "step it beside this one" if isinstance(scheduler, LRScheduler) else None
                raise ArgumentError(compose(where, problem, fix=fix))
            if scheduler.optimizer is not optimizer:
                raise ArgumentError(compose(where, "the schedulers' optimizers differ"))
        self.optimizer = optimizer
        self._schedulers = list(schedulers)

    def _undo(self) -> None:
        for scheduler in self._schedulers:
            scheduler._undo()

    def state_dict(self) -> dict[str, Any]:
        states = [scheduler.state_dict() for scheduler in self._schedulers]
        return {**super().state_dict(), "_schedulers": states}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        parts = self._schedulers
        super().load_state_dict(state)
        self._schedulers = parts
        for part, saved in zip(parts, state["_schedulers"], strict=True):
            part.load_state_dict(saved)


class SequentialLR(_Several):
    """One scheduler after another, each from its own epoch 0: a warm-up, then a decay.

    Parameters
    ----------
    optimizer : Optimizer
    schedulers : sequence of LRScheduler
    milestones : sequence of int
        The epochs at which the second, the third, ... takes over.
    last_epoch : int, default -1
        Where to go on from, with ``initial_lr`` in the optimizer's groups; -1 begins.

    Raises
    ------
    ArgumentError
        If the numbers of schedulers and milestones do not fit, or an optimizer differs.

    Examples
    --------
    >>> import lucid
    >>> from lucid.optim.lr_scheduler import ExponentialLR, LinearLR
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
        last_epoch: int = -1,
    ) -> None:
        if len(schedulers) != len(milestones) + 1:
            problem = "needs one milestone fewer than schedulers"
            seen = {"schedulers": len(schedulers), "milestones": len(milestones)}
            raise ArgumentError(compose("SequentialLR", problem, seen))
        self._adopt(optimizer, schedulers)
        self._milestones = list(milestones)
        self.last_epoch = last_epoch + 1
        self._undo()
        self._begin()

    def _begin(self) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        now = self._schedulers[bisect_right(self._milestones, 0)]
        now._begin()
        self._last_lr = now.get_last_lr()

    def step(self) -> None:
        self.last_epoch += 1
        index = bisect_right(self._milestones, self.last_epoch)
        now = self._schedulers[index]
        if index > 0 and self._milestones[index - 1] == self.last_epoch:
            now.restart()
        else:
            now.step()
        self._last_lr = now.get_last_lr()

    def restart(self) -> None:
        self.last_epoch = 0
        self._schedulers[0].restart()
        self._last_lr = self._schedulers[0].get_last_lr()


class ChainedScheduler(_Several):
    """Several schedulers at once: each changes the rate that the one before has left.

    Parameters
    ----------
    schedulers : sequence of LRScheduler
    optimizer : Optimizer, optional
        Theirs, if not given.

    Raises
    ------
    ArgumentError
        If there is no scheduler, or an optimizer differs.

    Examples
    --------
    >>> import lucid
    >>> from lucid.optim.lr_scheduler import ConstantLR, ExponentialLR
    >>> optimizer = lucid.optim.SGD([lucid.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> parts = [ConstantLR(optimizer, 0.5, total_iters=2), ExponentialLR(optimizer, 0.5)]
    >>> scheduler = ChainedScheduler(parts)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates += scheduler.get_last_lr()
    ...     scheduler.step()
    >>> rates
    [0.5, 0.25, 0.25, 0.125]
    """

    def __init__(
        self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None
    ) -> None:
        if len(schedulers) == 0:
            raise ArgumentError(compose("ChainedScheduler", "needs at least one scheduler"))
        self._adopt(optimizer or getattr(schedulers[0], "optimizer", None), schedulers)
        self._last_lr = rates_of(self.optimizer)

    def step(self) -> None:
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = rates_of(self.optimizer)

    def restart(self) -> None:
        for scheduler in self._schedulers:
            scheduler.restart()
        self._last_lr = rates_of(self.optimizer)

    def _begin(self) -> None:
        for scheduler in self._schedulers:
            scheduler._begin()
        self._last_lr = rates_of(self.optimizer)
