"""`Callback`: what happens at the turning points of a training run; early stopping, schedules."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..errors import ArgumentError, DTypeError, compose


class Callback:
    """Base of the callbacks: every method is called at its moment with the `Run`.

    A run tells `model`, `optimizer`, `epoch` and `epochs`, `batch` (of the epoch) and
    `updates` (of the optimizer, in all), `loss` (of the last batch), `row` (the measures of
    the last epoch), `history`, and ``stop(reason)`` ends it after the epoch.

    Examples
    --------
    >>> import lucid
    >>> from lucid import nn
    >>> class Shout(lucid.training.Callback):
    ...     def on_epoch_end(self, run):
    ...         print(f"epoch {run.epoch} of {run.epochs}")
    >>> model = nn.Linear(1, 1)
    >>> optimizer = lucid.optim.SGD(model.parameters(), lr=0.1)
    >>> data = lucid.ones(4, 1), lucid.ones(4, 1)
    >>> _ = lucid.fit(
    ...     model, data, nn.MSELoss(), optimizer, 2, callbacks=Shout(), progress=False
    ... )
    epoch 1 of 2
    epoch 2 of 2
    """

    comes_last = False  # after the others, so as to see what they did

    def on_fit_begin(self, run: Any) -> None:
        """Before the first epoch; a resumed run has its history already."""

    def on_epoch_begin(self, run: Any) -> None:
        """Before the first batch."""

    def on_batch_end(self, run: Any) -> None:
        """After a batch went forward and backward."""

    def on_update(self, run: Any) -> None:
        """After the optimizer changed the parameters."""

    def on_epoch_end(self, run: Any) -> None:
        """After the last batch and the validation."""

    def on_fit_end(self, run: Any) -> None:
        """After the last epoch; also after an error, when ``run.failed`` is True."""

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps of it: nothing, unless a subclass says so."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave; called after `on_fit_begin`."""
        vars(self).update(state)


class EarlyStopping(Callback):
    """End the run when a measure has stopped getting better.

    Parameters
    ----------
    monitor : str, optional
        Which measure; by default ``"val_loss"``, or ``"loss"`` where nothing is validated.
    patience : int, default 5
        Epochs without improvement that are borne.
    min_delta : float, default 0
        How much better is better.
    mode : {"min", "max"}, optional
        Whether lower or higher is better; the metrics know.
    restore_best : bool, default True
        At the end give the model the parameters that it had in the best epoch.

    Attributes
    ----------
    best : float or None
        The best value so far.
    best_epoch : int or None

    Raises
    ------
    ArgumentError
        If an option is out of range; in `fit`, if nothing of that name is measured.

    References
    ----------
    Prechelt, "Early stopping - but when?", in Neural Networks: Tricks of the Trade, 1998.

    Examples
    --------
    >>> import lucid
    >>> stopping = lucid.training.EarlyStopping(patience=3)
    >>> stopping.patience
    3
    """

    def __init__(
        self,
        monitor: str | None = None,
        patience: int = 5,
        min_delta: float = 0.0,
        mode: str | None = None,
        restore_best: bool = True,
    ) -> None:
        if not isinstance(patience, int) or patience < 0 or not min_delta >= 0:
            problem = "patience must be a whole number of at least 0, min_delta at least 0"
            seen = {"patience": patience, "min_delta": min_delta}
            raise ArgumentError(compose("EarlyStopping", problem, seen))
        check_mode("EarlyStopping", mode)
        self.monitor = monitor
        self.patience = patience
        self.min_delta = min_delta
        self.mode = mode
        self.restore_best = restore_best
        self._reset()

    def _reset(self) -> None:
        self.best: float | None = None
        self.best_epoch: int | None = None
        self.waited = 0
        self._kept: dict[str, Any] | None = None

    def on_fit_begin(self, run: Any) -> None:
        """Begin anew, and find out what to look at."""
        self._reset()
        self._name, self._sign = direction("EarlyStopping", run, self.monitor, self.mode)

    def on_epoch_end(self, run: Any) -> None:
        """Compare the epoch with the best."""
        value = float(run.row[self._name])
        if is_better(value, self.best, self._sign, self.min_delta):
            self.best, self.best_epoch, self.waited = value, run.epoch, 0
            if self.restore_best:
                self._kept = {k: v.clone() for k, v in run.model.state_dict().items()}
            return
        self.waited += 1
        if self.waited >= max(self.patience, 1):
            since = "at all" if self.best_epoch is None else f"since epoch {self.best_epoch}"
            best = "" if self.best is None else f" ({self.best:.4g})"
            run.stop(f"{self._name} did not improve {since}{best}")

    def on_fit_end(self, run: Any) -> None:
        """Give the model its best parameters back."""
        if self._kept is not None and self.best_epoch != run.epoch and not run.failed:
            run.model.load_state_dict(self._kept)

    def state_dict(self) -> dict[str, Any]:
        """The best epoch, its parameters, and how long ago it was."""
        names = ("best", "best_epoch", "waited", "_kept")
        return {name: getattr(self, name) for name in names}


class Schedule(Callback):
    """Let a learning-rate scheduler take its steps; what `fit` makes of a bare one.

    Parameters
    ----------
    scheduler : LRScheduler
        Of ``lucid.optim.lr_scheduler``.
    every : {"epoch", "update"}, default "epoch"
        When it takes a step.
    monitor : str, optional
        For `ReduceLROnPlateau`, the measure that it is shown; by default as for
        `EarlyStopping`.

    Raises
    ------
    ArgumentError
        If `every` is neither, or a scheduler that waits for a measure is to step with every
        update; in `fit`, if the scheduler belongs to another optimizer.
    DTypeError
        If it is no scheduler.

    Examples
    --------
    >>> import lucid
    >>> from lucid import nn
    >>> model = nn.Linear(1, 1)
    >>> optimizer = lucid.optim.SGD(model.parameters(), lr=1.0)
    >>> halving = lucid.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> data = lucid.zeros(4, 1), lucid.zeros(4, 1)
    >>> history = lucid.fit(
    ...     model, data, nn.MSELoss(), optimizer, 3, callbacks=[halving], progress=False
    ... )
    >>> history["lr"]
    [1.0, 0.5, 0.25]
    """

    def __init__(self, scheduler: Any, every: str = "epoch", monitor: str | None = None) -> None:
        if not is_scheduler(scheduler):
            problem = f"takes a scheduler of lucid.optim.lr_scheduler, not {scheduler!r:.60}"
            raise DTypeError(compose("Schedule", problem))
        self._shows_measure = "ReduceLROnPlateau" in {c.__name__ for c in type(scheduler).__mro__}
        if every not in ("epoch", "update") or (self._shows_measure and every != "epoch"):
            problem = 'every must be "epoch" or "update"; ReduceLROnPlateau goes by epochs'
            raise ArgumentError(compose("Schedule", problem, {"every": every}))
        self.scheduler = scheduler
        self.every = every
        self.monitor = monitor

    def on_fit_begin(self, run: Any) -> None:
        """See that the scheduler belongs to the optimizer."""
        if self.scheduler.optimizer is not run.optimizer:
            problem = f"the {type(self.scheduler).__name__} belongs to another optimizer"
            raise ArgumentError(compose("fit", problem, fix="make it with the one given to fit"))
        if self._shows_measure:
            mode = self.scheduler.mode
            self._name, _ = direction("ReduceLROnPlateau", run, self.monitor, mode)

    def on_update(self, run: Any) -> None:
        """A step, if it goes by updates."""
        if self.every == "update":
            self.scheduler.step()

    def on_epoch_end(self, run: Any) -> None:
        """A step, if it goes by epochs."""
        if self._shows_measure:
            self.scheduler.step(run.row[self._name])
        elif self.every == "epoch":
            self.scheduler.step()

    def state_dict(self) -> dict[str, Any]:
        """The scheduler's."""
        return {"scheduler": self.scheduler.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Let the scheduler go on from where it was."""
        self.scheduler.load_state_dict(state["scheduler"])


def is_scheduler(value: Any) -> bool:
    """True for a learning-rate scheduler."""
    if isinstance(value, type):
        return False
    return all(hasattr(value, name) for name in ("optimizer", "step", "get_last_lr"))


def check_mode(where: str, mode: str | None) -> None:
    """Refuse a mode that is neither "min" nor "max" nor None.

    Raises
    ------
    ArgumentError
        If it is none of these.
    """
    if mode not in ("min", "max", None):
        problem = f'mode must be "min", "max" or None, not {mode!r}'
        raise ArgumentError(compose(where, problem))


def direction(where: str, run: Any, monitor: str | None, mode: str | None) -> tuple[str, float]:
    """Which measure is meant, and 1.0 if lower is better, -1.0 if higher is.

    Raises
    ------
    ArgumentError
        If the run has no such measure, or it is not known which way is better.
    """
    name = monitor or ("val_loss" if "val_loss" in run.measures else "loss")
    if name not in run.measures:
        problem = f"monitor={name!r} is not measured in this run"
        fix = f"one of {', '.join(run.measures)}"
        if name.startswith("val_") and "val_loss" not in run.measures:
            fix += "; val_... needs validation="
        raise ArgumentError(compose(where, problem, fix=fix))
    higher = run.measures[name] if mode is None else mode == "max"
    if higher is None:
        problem = f"whether lower or higher is better of {name!r} is not known"
        raise ArgumentError(compose(where, problem, fix='mode="min" or mode="max"'))
    return name, -1.0 if higher else 1.0


def is_better(value: float, best: float | None, sign: float, by: float = 0.0) -> bool:
    """Whether a value beats the best so far by more than `by`; NaN never does."""
    if math.isnan(value):
        return False
    return best is None or sign * value < sign * best - by


def as_callbacks(where: str, callbacks: Any) -> list[Callback]:
    """Callbacks from what a user gives: one or several, schedulers among them.

    Raises
    ------
    DTypeError
        If one is something else.
    """
    single = isinstance(callbacks, Callback) or is_scheduler(callbacks)
    given = [callbacks] if single else list(callbacks or ())
    found = []
    for value in given:
        if is_scheduler(value):
            value = Schedule(value)
        if not isinstance(value, Callback):
            problem = f"callbacks must be Callbacks or learning-rate schedulers, not {value!r:.60}"
            fix = None
            if isinstance(value, type) and issubclass(value, Callback):
                fix = f"{value.__name__}(): an instance, not the class"
            elif callable(value):
                fix = "a subclass of lucid.training.Callback with on_epoch_end"
            raise DTypeError(compose(where, problem, fix=fix))
        found.append(value)
    return sorted(found, key=lambda callback: callback.comes_last)
