"""Schedulers that put a factor on the rate: by a function, for a while, as a warm-up."""

from __future__ import annotations

from typing import Any

from ...errors import ArgumentError, compose
from ..optimizer import Optimizer
from .base import (
    Functions,
    LRScheduler,
    at_least,
    check_optimizer,
    per_group_functions,
    rates_of,
    saved_function,
)


class _ByFunction(LRScheduler):
    """A scheduler with a function for each group; functions themselves are not saved."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Functions, last_epoch: int = -1) -> None:
        where = type(self).__name__
        check_optimizer(where, optimizer)
        self.lr_lambdas = per_group_functions(where, lr_lambda, optimizer)
        super().__init__(optimizer, last_epoch)

    def state_dict(self) -> dict[str, Any]:
        saved = [saved_function(function) for function in self.lr_lambdas]
        return {**super().state_dict(), "lr_lambdas": saved}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        functions = self.lr_lambdas
        super().load_state_dict(state)
        self.lr_lambdas = functions
        for function, saved in zip(functions, state["lr_lambdas"], strict=True):
            if saved is not None:
                vars(function).update(saved)


class LambdaLR(_ByFunction):
    """The base rate times a function of the epoch.

    Parameters
    ----------
    optimizer : Optimizer
    lr_lambda : callable or sequence of callable
        ``lr_lambda(epoch) -> factor``; one for all groups or one for each.
    last_epoch : int, default -1
        Where to go on from, with ``initial_lr`` in the optimizer's groups; -1 begins.

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

    def first(self, index: int, rate: float) -> float:
        return self.following(index, rate)

    def resumed(self, index: int, rate: float) -> float:
        return self.following(index, rate)

    def following(self, index: int, rate: float) -> float:
        factor: float = self.lr_lambdas[index](self.last_epoch)
        return self.base_lrs[index] * factor


class MultiplicativeLR(_ByFunction):
    """Multiply the rate by a function of the epoch, every epoch.

    Parameters
    ----------
    optimizer : Optimizer
    lr_lambda : callable or sequence of callable
        ``lr_lambda(epoch) -> factor``; one for all groups or one for each.
    last_epoch : int, default -1
        Where to go on from, with ``initial_lr`` in the optimizer's groups; -1 begins.

    Raises
    ------
    ArgumentError
        If there are more or fewer functions than groups.

    Examples
    --------
    >>> import lucid
    >>> optimizer = lucid.optim.SGD([lucid.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = MultiplicativeLR(optimizer, lambda epoch: 0.5)
    >>> for _ in range(2):
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    def following(self, index: int, rate: float) -> float:
        factor: float = self.lr_lambdas[index](self.last_epoch)
        return rate * factor

    def restart(self) -> None:
        self.last_epoch = 0
        self._set([self.following(i, rate) for i, rate in enumerate(rates_of(self.optimizer))])


class ConstantLR(LRScheduler):
    """Multiply the rate by a factor for some epochs, and then no more.

    Parameters
    ----------
    optimizer : Optimizer
    factor : float, default 1/3
        Above 0 and at most 1.
    total_iters : int, default 5
        The epoch from which on the factor is taken away.
    last_epoch : int, default -1
        Where to go on from, with ``initial_lr`` in the optimizer's groups; -1 begins.

    Raises
    ------
    ArgumentError
        If `factor` is out of range.

    Examples
    --------
    >>> import lucid
    >>> optimizer = lucid.optim.SGD([lucid.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = ConstantLR(optimizer, factor=0.5, total_iters=2)
    >>> rates = []
    >>> for _ in range(3):
    ...     rates += scheduler.get_last_lr()
    ...     scheduler.step()
    >>> rates
    [0.5, 0.5, 1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1.0 / 3.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0.0 < factor <= 1.0:
            problem = f"factor must be above 0 and at most 1, not {factor!r}"
            raise ArgumentError(compose("ConstantLR", problem))
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def first(self, index: int, rate: float) -> float:
        return rate * self.factor

    def resumed(self, index: int, rate: float) -> float:
        return self.following(index, rate)

    def following(self, index: int, rate: float) -> float:
        return rate / self.factor if self.last_epoch == self.total_iters else rate


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
    last_epoch : int, default -1
        Where to go on from, with ``initial_lr`` in the optimizer's groups; -1 begins.

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
        last_epoch: int = -1,
    ) -> None:
        if not 0 < start_factor <= 1 or not 0 <= end_factor <= 1:
            problem = "start_factor must be above 0 and at most 1, end_factor from 0 to 1"
            seen = {"start_factor": start_factor, "end_factor": end_factor}
            raise ArgumentError(compose("LinearLR", problem, seen))
        at_least("LinearLR", "total_iters", total_iters, 1)
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _factor(self, epoch: int) -> float:
        part = min(epoch, self.total_iters) / self.total_iters
        return self.start_factor + (self.end_factor - self.start_factor) * part

    def first(self, index: int, rate: float) -> float:
        return rate * self.start_factor

    def following(self, index: int, rate: float) -> float:
        if self.last_epoch > self.total_iters:
            return rate
        return rate * self._factor(self.last_epoch) / self._factor(self.last_epoch - 1)
