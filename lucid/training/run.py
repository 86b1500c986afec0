"""`Run`: a training run: its loop, and everything that changes while it goes on."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from copy import copy
from typing import Any, NamedTuple

from ..amp.grad_scaler import GradScaler
from ..autograd.grad_mode import enable_grad, no_grad
from ..debug.report import tally
from ..errors import ArgumentError, NonFiniteError, compose
from ..kernels.finiteness import is_finite
from ..optim.clip import clip_grad_norm_, clip_grad_value_
from ..optim.lbfgs import LBFGS
from ..optim.optimizer import Optimizer
from ..random import default_generator
from . import diagnosis, random_state
from .batches import length, numbered, size_of, spell
from .callback import Callback
from .evaluation import measure, update
from .history import History
from .metric import Metric
from .task import Task


def needs_closure(optimizer: Optimizer) -> bool:
    """True for an optimizer that computes the loss several times in a step, as LBFGS does."""
    return isinstance(optimizer, LBFGS) or type(optimizer).step.__defaults__ is None


class Options(NamedTuple):
    """What `fit` was told about its updates."""

    accumulate: int
    clip_norm: float | None
    clip_value: float | None
    check_finite: bool
    scaler: GradScaler | None = None


class Run:
    """A training run, as callbacks see it; `fit` makes it.

    Parameters
    ----------
    task : Task
        The model and its loss.
    optimizer : Optimizer
    data, validation : iterable
        Batches; `validation` may be None.
    epochs : int
    metrics : sequence of Metric
    callbacks : sequence of Callback
    options : Options
        How updates are made.

    Attributes
    ----------
    model : Module
    epoch : int
        The number of the present one, from 1 on.
    parameters : list of Tensor
        What the optimizer updates.
    batch : int
        How many batches of the epoch are done.
    batches : int or None
        How many an epoch has, if the data say so.
    updates : int
        How often the optimizer has stepped, in all.
    loss : float
        That of the last batch.
    mean_loss : float
        That of the epoch so far.
    row : dict
        The measures of the last epoch.
    history : History
    measures : dict
        The name of everything that is measured, with True if higher is better, False if lower
        is, None if that is not known.
    checkpoint : str or None
        Where the last checkpoint was written, or read.
    failed : bool
        Whether an error ended it.

    Examples
    --------
    >>> import lucid
    >>> from lucid import nn
    >>> class Budget(lucid.training.Callback):
    ...     def on_epoch_end(self, run):
    ...         if run.updates >= 4:
    ...             run.stop("enough updates")
    >>> model = nn.Linear(1, 1)
    >>> optimizer = lucid.optim.SGD(model.parameters(), lr=0.1)
    >>> data = lucid.ones(64, 1), lucid.ones(64, 1)
    >>> history = lucid.fit(
    ...     model, data, nn.MSELoss(), optimizer, 9, callbacks=Budget(), progress=False
    ... )
    >>> len(history), history.stop_reason
    (2, 'enough updates')
    """

    def __init__(
        self,
        task: Task,
        optimizer: Optimizer,
        data: Any,
        validation: Any,
        epochs: int,
        metrics: Sequence[Metric],
        callbacks: Sequence[Callback],
        options: Options,
    ) -> None:
        self.task, self.model, self.optimizer = task, task.model, optimizer
        self.data, self.validation = data, validation
        self.epochs, self.options = epochs, options
        self.metrics = list(metrics)
        self.callbacks = list(callbacks)
        self.history = History()
        self.epoch = self.batch = self.updates = 0
        self.batches = length(data)
        self.loss = math.nan
        self.row: dict[str, Any] = {}
        self.checkpoint: str | None = None
        self.failed = False
        self.total, self.samples, self.seconds = 0.0, 0, 0.0
        self.streams = random_state.generators(task.model, data, validation)
        self.at_epoch_begin: Any = None  # the random state
        self.to_go_on_from: Any = None  # the random state in the middle of a resumed epoch
        names = {m.name: m.higher_is_better for m in self.metrics}
        of_data = {"loss": False, **names}
        self.measures: dict[str, bool | None] = {**of_data, "lr": None}
        if validation is not None:
            self.measures |= {f"val_{name}": higher for name, higher in of_data.items()}
        self._validation_metrics = [copy(metric) for metric in self.metrics]
        self.parameters: list[Any] = []
        self._pending = 0  # batches whose gradients wait for an update
        self._pending_samples = 0
        self._unit = 1  # how many samples a weight of 1 stands for
        self._random_before: Any = None
        self._closes = needs_closure(optimizer)

    @property
    def mean_loss(self) -> float:
        """The loss of the epoch so far, the mean over its samples."""
        return self.total / self.samples if self.samples else math.nan

    def stop(self, reason: str) -> None:
        """End the run after this epoch.

        Parameters
        ----------
        reason : str
            Stands in the history.
        """
        self.history.stop_reason = reason

    def go(self) -> None:
        """From the present epoch to the last."""
        if not self.model.training:
            self.model.train()
        self.optimizer.zero_grad()
        if not self.batch:
            self._catch_up()
        while self.history.stop_reason is None and len(self.history) < self.epochs:
            self.epoch = len(self.history) + 1
            self._go_through_epoch()
            self.tell("on_epoch_end")

    def tell(self, moment: str) -> None:
        """Call one method of every callback."""
        for callback in self.callbacks:
            getattr(callback, moment)(self)

    # ---- an epoch ---------------------------------------------------------------------

    def _go_through_epoch(self) -> None:
        done = self.batch  # more than 0 in an epoch that is resumed
        start = time.perf_counter() - (self.seconds if done else 0.0)
        if not done:
            self._begin_epoch()
        self.tell("on_epoch_begin")
        if not done:
            self.at_epoch_begin = random_state.capture(self.streams)
        else:  # the same order again; from where it broke off, the random numbers of then
            random_state.restore(self.streams, self.at_epoch_begin)
        self.parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        with closing(numbered("fit", self.data, f"epoch {self.epoch}")) as batches:
            for number, batch in batches:
                if number >= done:
                    self._go_through_batch(number, batch)
                    self.seconds = time.perf_counter() - start
                elif number == done - 1:
                    self._catch_up()  # before the next batch is fetched
        if self._pending:
            self._update(batch, number)
        self._end_epoch(start)

    def _catch_up(self) -> None:
        """In a resumed run, once: let every stream of random numbers go on from where it was."""
        if self.to_go_on_from is not None:
            random_state.restore(self.streams, self.to_go_on_from)
            self.to_go_on_from = None

    def _begin_epoch(self) -> None:
        self.total, self.samples, self.seconds = 0.0, 0, 0.0
        for metric in self.metrics:
            metric.reset()

    def _end_epoch(self, start: float) -> None:
        if not self.samples:
            problem = f"the data gave no batch in epoch {self.epoch}"
            fix = "a DataLoader or a list: a generator gives its batches once"
            raise ArgumentError(compose("fit", problem, fix=fix))
        row: dict[str, Any] = {"epoch": self.epoch, "loss": self.mean_loss}
        validated: dict[str, float] = {}
        if self.validation is not None:
            validated = measure(self.task, self.validation, self._validation_metrics)
            row["val_loss"] = validated["loss"]
        for metric in self.metrics:
            row[metric.name] = metric.compute()
            if validated:
                row[f"val_{metric.name}"] = validated[metric.name]
        row["lr"] = float(self.optimizer.param_groups[0]["lr"])
        row["seconds"] = self.seconds = time.perf_counter() - start
        self.row = row
        self.history.rows.append(row)
        self.batches, self.batch = self.batch, 0

    # ---- a batch ----------------------------------------------------------------------

    def _go_through_batch(self, number: int, batch: Any) -> None:
        if self.options.check_finite:
            self._random_before = default_generator.get_state()
        size = size_of(batch)
        try:
            with enable_grad():
                loss, output, target = self.task(batch)
                self.loss = loss.item()
                if self.options.check_finite and not math.isfinite(self.loss):
                    raise self._not_finite(f"the loss is {self.loss}", batch, number)
                weighted = self.options.accumulate > 1 and not self.task.summed
                if weighted and not self._pending and self.options.scaler is not None:
                    self._unit = size  # so that sums over samples do not overflow a half
                entering = loss * (size / self._unit) if weighted else loss
                scaler = self.options.scaler
                (entering if scaler is None else scaler.scale(entering)).backward()
            update("fit", self.metrics, output, target)
        except NonFiniteError:
            raise
        except Exception as error:
            error.add_note(f"  fit: in batch {number} of epoch {self.epoch}: {spell(batch)}")
            raise
        self.total += self.loss * (1 if self.task.summed else size)
        self.samples += size
        self.batch = number + 1
        self._pending += 1
        self._pending_samples += size
        if self._pending == self.options.accumulate:
            self._update(batch, number, loss)
        self.tell("on_batch_end")

    def _update(self, batch: Any, number: int, loss: Any = None) -> None:
        """One step of the optimizer, with the gradients of all batches since the last."""
        parameters = self.parameters
        options, scaler = self.options, self.options.scaler
        if scaler is not None:
            scaler.unscale_(self.optimizer)
        if options.check_finite and not (scaler and scaler.overflowed(self.optimizer)):
            self._check_gradients(parameters, batch, number)
        if options.accumulate > 1 and not self.task.summed:
            with no_grad():  # the gradient of the mean over all samples of these batches
                for parameter in parameters:
                    if parameter.grad is not None:
                        parameter.grad = parameter.grad * (self._unit / self._pending_samples)
        if options.clip_value is not None:
            clip_grad_value_(parameters, options.clip_value)
        if options.clip_norm is not None:
            clip_grad_norm_(parameters, options.clip_norm)
        left_out = False
        if scaler is None:
            self.optimizer.step(self._closure(batch, loss) if self._closes else None)
        else:
            left_out = scaler.overflowed(self.optimizer)
            scaler.step(self.optimizer)
            scaler.update()
        self.optimizer.zero_grad()
        self._pending = self._pending_samples = 0
        if not left_out:
            self.updates += 1
            self.tell("on_update")

    def _closure(self, batch: Any, loss: Any) -> Callable[[], Any]:
        """What computes the loss again, with gradients; the first time it is there already."""
        ready = [loss]

        def evaluate() -> Any:
            if ready:
                return ready.pop()
            self.optimizer.zero_grad()
            again = self.task(batch)[0]
            again.backward()
            return again

        return evaluate

    # ---- what goes wrong --------------------------------------------------------------

    def name_of(self, parameter: Any) -> str:
        """The path of a parameter in the model."""
        named = self.model.named_parameters()
        return next((path for path, p in named if p is parameter), "outside of the model")

    def check_parameters(self) -> None:
        """Refuse to go on, or to keep, where a parameter is not finite.

        Raises
        ------
        NonFiniteError
            If one is not; its message names the parameter.
        """
        for parameter in self.parameters:
            if self.options.check_finite and not is_finite(parameter.data):
                bad = f"the parameter {self.name_of(parameter)}: {tally(parameter.data)}"
                raise self._error(f"after update {self.updates} there is NaN or infinity", bad)

    def _check_gradients(self, parameters: list[Any], batch: Any, number: int) -> None:
        for parameter in parameters:
            grad = parameter._grad
            if grad is not None and not is_finite(grad._data):
                bad = f"the gradient of {self.name_of(parameter)} is not finite"
                raise self._not_finite(f"{bad} ({tally(grad.data)})", batch, number)

    def _not_finite(self, problem: str, batch: Any, number: int) -> NonFiniteError:
        place = f"in epoch {self.epoch}, batch {number} (update {self.updates + 1})"
        bad = diagnosis.first_bad(self.task, batch, self._random_before)
        return self._error(f"{problem}, {place}", bad)

    def _error(self, problem: str, bad: str) -> NonFiniteError:
        kept = "no checkpoint was written"
        if self.checkpoint is not None:
            kept = f"the last good checkpoint is {self.checkpoint}"
        text = f"{problem}\n  went bad first: {bad}\n  the model was not updated with it; {kept}"
        fix = "a smaller learning rate, or clip_norm=1.0; look for log(0), 0/0 and sqrt(0)"
        if bad.startswith("the data"):
            fix = "clean the data, or skip missing targets (nan_target='skip' in the loss)"
        return NonFiniteError(compose("fit", text, fix=fix))
