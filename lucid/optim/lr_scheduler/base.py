"""`LRScheduler`: counts epochs and sets the learning rates of an optimizer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

from ...errors import ArgumentError, StateError, compose
from ..optimizer import Optimizer


class LRScheduler:
    """Base of the schedulers: counts epochs and sets the rates.

    A subclass says for one parameter group what the rate is at the start (`first`) and how it
    goes on (`following`); or, for all groups at once, overrides `get_lr`.

    Parameters
    ----------
    optimizer : Optimizer
        Its present rates, kept as ``group["initial_lr"]``, are the base rates.
    last_epoch : int, default -1
        Where to go on from, with ``initial_lr`` in the optimizer's groups; -1 begins.

    Attributes
    ----------
    base_lrs : list of float
    last_epoch : int
        How many steps have been taken.

    Raises
    ------
    ArgumentError
        If `optimizer` is none, or a group lacks ``initial_lr`` when resuming.

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

    _is_initial = False  # true while the scheduler is being made

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        where = type(self).__name__
        check_optimizer(where, optimizer)
        self.optimizer = optimizer
        for index, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", float(group["lr"]))
            elif "initial_lr" not in group:
                problem = f"resuming at epoch {last_epoch}, but group {index} lacks initial_lr"
                fix = "optimizer.load_state_dict first; or load_state_dict of the scheduler"
                raise ArgumentError(compose(where, problem, fix=fix))
        self.base_lrs = [float(group["initial_lr"]) for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._begin()

    def first(self, index: int, rate: float) -> float:
        """The rate of group `index` at epoch 0, where its `rate` is what stands there."""
        return rate

    def resumed(self, index: int, rate: float) -> float:
        """The rate of group `index` when resuming, where its `rate` is what stands there."""
        return rate

    def following(self, index: int, rate: float) -> float:
        """The rate of group `index` at `last_epoch`, from its `rate` one epoch earlier."""
        raise NotImplementedError

    def get_lr(self) -> list[float]:
        """The rates at `last_epoch`, one a group; `get_last_lr` tells what was set last."""
        rule = self.following
        if self._is_initial:
            rule = self.first if self.last_epoch == 0 else self.resumed
        return [rule(i, rate) for i, rate in enumerate(rates_of(self.optimizer))]

    def step(self) -> None:
        """Go on to the next epoch; called after the epoch's `optimizer.step` calls."""
        self._step_count += 1
        self.last_epoch += 1
        self._set(self.get_lr())

    def restart(self) -> None:
        """Begin at epoch 0 again, from the base rates."""
        self.last_epoch = 0
        if type(self).get_lr is LRScheduler.get_lr:
            self._set([self.first(i, rate) for i, rate in enumerate(self.base_lrs)])
        else:
            self._set(self.get_lr())

    def _begin(self) -> None:
        """The step into the first epoch."""
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def _undo(self) -> None:
        """Take the step into the first epoch back, for one who makes it at another time."""
        self.last_epoch -= 1

    def _set(self, rates: list[float]) -> None:
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
        self._last_lr = rates_of(self.optimizer)

    def get_last_lr(self) -> list[float]:
        """The rates that this scheduler set last, one a group."""
        return self._last_lr

    def state_dict(self) -> dict[str, Any]:
        """Everything that the scheduler remembers, in PyTorch's layout."""
        return {k: v for k, v in vars(self).items() if k != "optimizer" and not callable(v)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over a state that `state_dict` returned, here or of PyTorch's scheduler.

        Raises
        ------
        StateError
            If it belongs to another kind of scheduler.
        """
        own = set(self.state_dict())
        if own - set(state) - _OPTIONAL or set(state) - own - _OPTIONAL:
            where = f"{type(self).__name__}.load_state_dict"
            problem = "the state is not of this kind of scheduler"
            seen = {"saved": sorted(state), "expected": sorted(own)}
            raise StateError(compose(where, problem, seen))
        vars(self).update({name: state[name] for name in own if name in state})


_OPTIONAL = {"_step_count", "_is_initial", "_get_lr_called_within_step", "verbose"}

Functions = Callable[[int], float] | Sequence[Callable[[int], float]]


def rates_of(optimizer: Optimizer) -> list[float]:
    """The present rates, one a group."""
    return [float(group["lr"]) for group in optimizer.param_groups]


def per_group(where: str, name: str, value: Any, optimizer: Optimizer) -> list[Any]:
    """An option as a list with one value a group.

    Raises
    ------
    ArgumentError
        If it is a list of another length.
    """
    groups = len(optimizer.param_groups)
    if not isinstance(value, list | tuple):
        return [value] * groups
    if len(value) != groups:
        problem = f"{name} must name one value for each of {groups} groups, not {len(value)}"
        raise ArgumentError(compose(where, problem))
    return list(value)


def check_optimizer(where: str, optimizer: Any) -> None:
    """Refuse what is no optimizer.

    Raises
    ------
    ArgumentError
    """
    if not isinstance(optimizer, Optimizer):
        problem = f"optimizer must be an Optimizer, not {type(optimizer).__name__}"
        raise ArgumentError(compose(where, problem))


def at_least(where: str, name: str, value: float, low: float) -> None:
    """Refuse an option below a bound.

    Raises
    ------
    ArgumentError
    """
    if not value >= low:
        raise ArgumentError(compose(where, f"{name} must be at least {low}, not {value!r}"))


def saved_function(function: Any) -> dict[str, Any] | None:
    """What a state dict keeps of a function: nothing, or the attributes of a callable object."""
    plain = function is None or isinstance(function, FunctionType)
    return None if plain else dict(vars(function))


def per_group_functions(where: str, given: Functions, optimizer: Optimizer) -> list[Any]:
    """One function a group.

    Raises
    ------
    ArgumentError
        If there are more or fewer functions than groups, or one cannot be called.
    """
    groups = len(optimizer.param_groups)
    functions = [given] * groups if callable(given) else list(given)
    if len(functions) != groups:
        problem = f"needs one function for each of {groups} groups, not {len(functions)}"
        raise ArgumentError(compose(where, problem))
    for function in functions:
        if not callable(function):
            problem = f"lr_lambda must be callable, not {type(function).__name__}"
            raise ArgumentError(compose(where, problem))
    return functions
