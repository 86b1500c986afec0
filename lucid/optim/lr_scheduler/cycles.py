"""Schedulers that raise and lower the rate, and move the momentum against it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

from ...errors import ArgumentError, compose
from ..optimizer import Optimizer
from .base import LRScheduler, check_optimizer, per_group, saved_function


class _WithMomentum(LRScheduler):
    """A scheduler that may set the momentum too, or the first beta where there is none."""

    cycle_momentum: bool
    use_beta1: bool

    def _take_momentum(self, low: Any, high: Any, begins: bool) -> tuple[list[Any], list[Any]]:
        """Check that there is a momentum; the bounds for each group, noted there."""
        where, optimizer = type(self).__name__, self.optimizer
        if not {"momentum", "betas"} & set(optimizer.defaults):
            problem = f"{type(optimizer).__name__} has neither momentum nor betas to be cycled"
            raise ArgumentError(compose(where, problem, fix="cycle_momentum=False"))
        self.use_beta1 = "betas" in optimizer.defaults
        lows = per_group(where, "base_momentum", low, optimizer)
        highs = per_group(where, "max_momentum", high, optimizer)
        if begins:
            self._set_momentum(highs)
            for group, least, most in zip(optimizer.param_groups, lows, highs, strict=True):
                group["max_momentum"], group["base_momentum"] = most, least
        return lows, highs

    def _set_momentum(self, values: list[float]) -> None:
        for group, value in zip(self.optimizer.param_groups, values, strict=True):
            if self.use_beta1:
                group["betas"] = (value, *group["betas"][1:])
            else:
                group["momentum"] = value


class CyclicLR(_WithMomentum):
    r"""Raise the rate evenly and lower it again, round after round, batch by batch.

    In round :math:`c`, with :math:`x` going from 0 to 1 and back,

    .. math::
        \eta = \eta_\text{base} + x\, (\eta_\text{max} - \eta_\text{base})\, s

    where the scale :math:`s` is 1 (``"triangular"``), :math:`2^{1-c}` (``"triangular2"``) or
    :math:`\gamma^t` at step :math:`t` (``"exp_range"``).

    Parameters
    ----------
    optimizer : Optimizer
    base_lr, max_lr : float or list of float
        The bounds, for all groups or for each.
    step_size_up : int, default 2000
        Steps of the rising half.
    step_size_down : int, optional
        Steps of the falling half; as many, if not given.
    mode : {"triangular", "triangular2", "exp_range"}
    gamma : float, default 1
    scale_fn : callable, optional
        A scale of one's own, in the place of `mode`: a function of the round, or of the step.
    scale_mode : {"cycle", "iterations"}
        Which of the two `scale_fn` is given.
    cycle_momentum : bool, default True
        Move the momentum (or the first beta) the other way.
    base_momentum, max_momentum : float or list of float, default 0.8 and 0.9
    last_epoch : int, default -1
        Where to go on from, with ``initial_lr`` in the optimizer's groups; -1 begins.

    Raises
    ------
    ArgumentError
        If an option is not known, or there is no momentum to be cycled.

    References
    ----------
    Smith, "Cyclical learning rates for training neural networks", WACV 2017.

    Examples
    --------
    >>> import lucid
    >>> w = lucid.Tensor([1.0], requires_grad=True)
    >>> optimizer = lucid.optim.SGD([w], lr=1.0, momentum=0.9)
    >>> scheduler = CyclicLR(optimizer, base_lr=0.0, max_lr=1.0, step_size_up=2)
    >>> rates = []
    >>> for _ in range(5):
    ...     rates += scheduler.get_last_lr()
    ...     scheduler.step()
    >>> rates
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: Literal["triangular", "triangular2", "exp_range"] = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: Literal["cycle", "iterations"] = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        check_optimizer("CyclicLR", optimizer)
        if scale_fn is None and mode not in ("triangular", "triangular2", "exp_range"):
            problem = 'mode must be "triangular", "triangular2" or "exp_range"'
            raise ArgumentError(compose("CyclicLR", problem, {"mode": mode}))
        self.optimizer = optimizer
        base_lrs = per_group("CyclicLR", "base_lr", base_lr, optimizer)
        self.max_lrs = per_group("CyclicLR", "max_lr", max_lr, optimizer)
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, base_lrs, strict=True):
                group["lr"] = rate
        down = step_size_up if step_size_down is None else step_size_down
        self.total_size = float(step_size_up + down)
        self.step_ratio = step_size_up / self.total_size
        self.mode = mode
        self.gamma = gamma
        self._scale_fn_custom = scale_fn
        self.scale_mode = scale_mode
        if scale_fn is None:
            self.scale_mode = "iterations" if mode == "exp_range" else "cycle"
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.base_momentums, self.max_momentums = self._take_momentum(
                base_momentum, max_momentum, last_epoch == -1
            )
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def scale_fn(self, x: float) -> float:
        """The scale in a round, or at a step; see `scale_mode`."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        if self.mode == "exp_range":
            return self.gamma**x
        return 0.5 ** (x - 1) if self.mode == "triangular2" else 1.0

    def get_lr(self) -> list[float]:
        """The rates at `last_epoch`; sets the momentum."""
        rounds = self.last_epoch / self.total_size
        cycle = math.floor(1 + rounds)
        x = 1.0 + rounds - cycle
        height = x / self.step_ratio
        if x > self.step_ratio:
            height = (x - 1.0) / (self.step_ratio - 1.0)
        height *= self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            pairs = zip(self.base_momentums, self.max_momentums, strict=True)
            self._set_momentum([high - (high - low) * height for low, high in pairs])
        pairs = zip(self.base_lrs, self.max_lrs, strict=True)
        return [low + (high - low) * height for low, high in pairs]

    def state_dict(self) -> dict[str, Any]:
        saved = saved_function(self._scale_fn_custom)
        return {**super().state_dict(), "_scale_fn_custom": saved}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        function = self._scale_fn_custom
        super().load_state_dict(state)
        self._scale_fn_custom = function
        if state["_scale_fn_custom"] is not None:
            vars(function).update(state["_scale_fn_custom"])


class OneCycleLR(_WithMomentum):
    """One rise to the largest rate and one long fall far below the first, batch by batch.

    Parameters
    ----------
    optimizer : Optimizer
    max_lr : float or list of float
        The largest rate, for all groups or for each.
    total_steps : int, optional
        Steps in all; or give `epochs` and `steps_per_epoch`.
    epochs, steps_per_epoch : int, optional
    pct_start : float, default 0.3
        The share of the steps that the rise takes.
    anneal_strategy : {"cos", "linear"}
    cycle_momentum : bool, default True
        Move the momentum (or the first beta) the other way.
    base_momentum, max_momentum : float or list of float, default 0.85 and 0.95
    div_factor : float, default 25
        The first rate is ``max_lr / div_factor``.
    final_div_factor : float, default 1e4
        The last rate is the first divided by it.
    three_phase : bool, default False
        Fall to the first rate as fast as it rose, and only then to the last.
    last_epoch : int, default -1
        Where to go on from, with ``initial_lr`` in the optimizer's groups; -1 begins.

    Raises
    ------
    ArgumentError
        If an option is out of range, there is no momentum to be cycled, or a step goes beyond
        `total_steps`.

    References
    ----------
    Smith and Topin, "Super-convergence: very fast training of neural networks using large
    learning rates", 2019.

    Examples
    --------
    >>> import lucid
    >>> optimizer = lucid.optim.Adam([lucid.Tensor([1.0], requires_grad=True)])
    >>> scheduler = OneCycleLR(optimizer, max_lr=1.0, total_steps=10, anneal_strategy="linear")
    >>> rates = []
    >>> for _ in range(3):
    ...     rates.append(round(scheduler.get_last_lr()[0], 4))
    ...     scheduler.step()
    >>> rates
    [0.04, 0.52, 1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        check_optimizer("OneCycleLR", optimizer)
        if not 0.0 <= pct_start <= 1.0:
            problem = f"pct_start must be from 0 to 1, not {pct_start!r}"
            raise ArgumentError(compose("OneCycleLR", problem))
        if anneal_strategy not in ("cos", "linear"):
            problem = f'anneal_strategy must be "cos" or "linear", not {anneal_strategy!r}'
            raise ArgumentError(compose("OneCycleLR", problem))
        self.optimizer = optimizer
        self.total_steps = _total(total_steps, epochs, steps_per_epoch)
        self._schedule_phases = _phases(self.total_steps, pct_start, three_phase)
        self._anneal_func_type = anneal_strategy
        highest = per_group("OneCycleLR", "max_lr", max_lr, optimizer)
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, highest, strict=True):
                group["initial_lr"] = rate / div_factor
                group["max_lr"] = rate
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self._take_momentum(base_momentum, max_momentum, last_epoch == -1)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rates at `last_epoch`; sets the momentum."""
        if self.last_epoch > self.total_steps:
            problem = f"step {self.last_epoch} of {self.total_steps}: the cycle is over"
            raise ArgumentError(compose("OneCycleLR.step", problem, fix="a larger total_steps"))
        start = 0.0
        for phase in self._schedule_phases:
            end = phase["end_step"]
            if self.last_epoch <= end or phase is self._schedule_phases[-1]:
                break
            start = end
        share = (self.last_epoch - start) / (end - start)
        groups = self.optimizer.param_groups
        if self.cycle_momentum:
            names = phase["start_momentum"], phase["end_momentum"]
            self._set_momentum([self._between(g[names[0]], g[names[1]], share) for g in groups])
        names = phase["start_lr"], phase["end_lr"]
        return [self._between(g[names[0]], g[names[1]], share) for g in groups]

    def _between(self, start: float, end: float, share: float) -> float:
        if self._anneal_func_type == "linear":
            return start + (end - start) * share
        return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1.0)


def _total(steps: int | None, epochs: int | None, steps_per_epoch: int | None) -> int:
    """How many steps there are in all."""
    given = {"total_steps": steps}
    if steps is None:
        given = {"epochs": epochs, "steps_per_epoch": steps_per_epoch}
    for name, value in given.items():
        if value is None:
            problem = "needs total_steps, or epochs and steps_per_epoch"
            raise ArgumentError(compose("OneCycleLR", problem))
        if not isinstance(value, int) or value < 1:
            problem = f"{name} must be an integer of at least 1, not {value!r}"
            raise ArgumentError(compose("OneCycleLR", problem))
    return math.prod(value for value in given.values() if value is not None)


def _phases(total: int, rise: float, three: bool) -> list[dict[str, Any]]:
    """Where each phase ends, and between which options of a group it goes."""

    def phase(end: float, *names: str) -> dict[str, Any]:
        keys = ("start_lr", "end_lr", "start_momentum", "end_momentum")
        return {"end_step": end, **dict(zip(keys, names, strict=True))}

    up = phase(rise * total - 1, "initial_lr", "max_lr", "max_momentum", "base_momentum")
    if not three:
        down = phase(total - 1, "max_lr", "min_lr", "base_momentum", "max_momentum")
        return [up, down]
    back = phase(2 * rise * total - 2, "max_lr", "initial_lr", "base_momentum", "max_momentum")
    out = phase(total - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum")
    return [up, back, out]
