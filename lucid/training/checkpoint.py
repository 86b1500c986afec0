"""`Checkpoint`: a run on disk, from which it goes on to the same bits as if never interrupted."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import ArgumentError, StateError, compose
from ..nn.module import Module
from ..serialization import load, save
from . import random_state
from .callback import Callback, check_mode, direction, is_better

FORMAT = "lucid.fit/1"


class Checkpoint(Callback):
    """Write the run to a file: model, optimizer, schedules, random state, place in the data.

    ``fit(..., resume=path)`` goes on from it, bit by bit as if nothing had happened. The file
    is replaced at once or not at all, and never by a state that holds NaN or infinity.

    Parameters
    ----------
    path : str or path
        The file; ``.safetensors`` is its usual ending. Its folder is made if there is none.
    every : int, default 1
        How many epochs lie between two checkpoints; the last epoch always has one.
    every_updates : int, optional
        Write also within an epoch, every so many updates of the optimizer.
    monitor : str, optional
        A measure: the state of its best epoch is kept in a second file, `best_path`.
    mode : {"min", "max"}, optional
        Whether lower or higher is better; the metrics know.

    Attributes
    ----------
    best_path : Path
        ``run.best.safetensors`` beside ``run.safetensors``.

    Raises
    ------
    ArgumentError
        If an option is out of range; in `fit`, if `monitor` is not measured.

    See Also
    --------
    lucid.load : the model's state alone is ``lucid.load(path)["model"]``.

    Examples
    --------
    >>> import lucid, tempfile
    >>> from lucid import nn
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = f"{folder.name}/run.safetensors"
    >>> data = lucid.ones(8, 1), lucid.ones(8, 1)
    >>> def train(epochs, resume=None):
    ...     _ = lucid.manual_seed(0)
    ...     model = nn.Linear(1, 1)
    ...     optimizer = lucid.optim.Adam(model.parameters(), lr=0.1)
    ...     keep = lucid.training.Checkpoint(path)
    ...     lucid.fit(
    ...         model, data, nn.MSELoss(), optimizer, epochs,
    ...         callbacks=keep, resume=resume, progress=False,
    ...     )
    ...     return model.weight.item()
    >>> whole = train(4)
    >>> _ = train(2)
    >>> train(4, resume=path) == whole
    True
    >>> folder.cleanup()
    """

    comes_last = True

    def __init__(
        self,
        path: str | os.PathLike[str],
        every: int = 1,
        every_updates: int | None = None,
        monitor: str | None = None,
        mode: str | None = None,
    ) -> None:
        for name, value in (("every", every), ("every_updates", every_updates)):
            if value is not None and (not isinstance(value, int) or value < 1):
                problem = f"{name} must be a positive integer, not {value!r}"
                raise ArgumentError(compose("Checkpoint", problem))
        check_mode("Checkpoint", mode)
        self.path = Path(path)
        self.best_path = self.path.with_suffix(f".best{self.path.suffix}")
        self.every = every
        self.every_updates = every_updates
        self.monitor = monitor
        self.mode = mode
        self.best: float | None = None

    def on_fit_begin(self, run: Any) -> None:
        """Make the folder, and find out what to look at."""
        self.best = None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.monitor is not None:
            self._name, self._sign = direction("Checkpoint", run, self.monitor, self.mode)

    def on_update(self, run: Any) -> None:
        """Write within an epoch."""
        if self.every_updates is not None and run.updates % self.every_updates == 0:
            self._write(run, self.path)

    def on_epoch_end(self, run: Any) -> None:
        """Write after an epoch; after the best one, twice."""
        better = False
        if self.monitor is not None:
            value = float(run.row[self._name])
            better = is_better(value, self.best, self._sign)
            if better:
                self.best = value
        ends = run.epoch == run.epochs or run.history.stop_reason is not None
        if ends or run.epoch % self.every == 0:
            self._write(run, self.path)
        if better:
            self._write(run, self.best_path)

    def _write(self, run: Any, path: Path) -> None:
        run.check_parameters()
        save(state_of(run), path)
        run.checkpoint = str(path)

    def state_dict(self) -> dict[str, Any]:
        """The best value so far."""
        return {"best": self.best}


def state_of(run: Any) -> dict[str, Any]:
    """Everything that a run needs to go on.

    Parameters
    ----------
    run : Run

    Returns
    -------
    dict
        What `lucid.save` writes.
    """
    loss = run.task.loss
    return {
        "format": FORMAT,
        "model": run.model.state_dict(),
        "loss": loss.state_dict() if isinstance(loss, Module) else {},
        "optimizer": run.optimizer.state_dict(),
        "scaler": {} if run.options.scaler is None else run.options.scaler.state_dict(),
        "callbacks": [[type(c).__name__, state] for c, state in _with_state(run)],
        "history": run.history.rows,
        "stop_reason": run.history.stop_reason,
        "epoch": run.epoch,
        "batch": run.batch,
        "updates": run.updates,
        "sums": {"total": run.total, "samples": run.samples, "seconds": run.seconds},
        "metrics": [[metric.name, metric.state_dict()] for metric in run.metrics],
        "random": random_state.capture(run.streams),
        "random_at_epoch_begin": run.at_epoch_begin,
    }


def _with_state(run: Any) -> list[tuple[Callback, dict[str, Any]]]:
    states = [(callback, callback.state_dict()) for callback in run.callbacks]
    return [(callback, state) for callback, state in states if state]


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The state that a checkpoint holds.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    StateError
        If it is damaged, or no checkpoint.
    """
    state = load(path)
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        problem = f"{os.fspath(path)!r} is no checkpoint of a training run"
        fix = "model.load_state_dict(lucid.load(path)) for a file of parameters"
        raise StateError(compose("fit", problem, fix=fix))
    return state


def restore(run: Any, state: Mapping[str, Any]) -> None:
    """Bring a run to where it was, its callbacks apart.

    Raises
    ------
    StateError
        If model, optimizer or metrics are not those of the run that was saved.
    """
    names = [name for name, _ in state["metrics"]]
    if names != [metric.name for metric in run.metrics]:
        seen = {"saved": names, "given": [metric.name for metric in run.metrics]}
        raise StateError(compose("fit", "the checkpoint is of a run with other metrics", seen))
    loss = run.task.loss
    if isinstance(loss, Module):
        loss.load_state_dict(state["loss"])
    run.model.load_state_dict(state["model"])
    run.optimizer.load_state_dict(state["optimizer"])
    if run.options.scaler is not None and state.get("scaler"):
        run.options.scaler.load_state_dict(state["scaler"])
    run.history.rows = [dict(row) for row in state["history"]]
    run.history.stop_reason = state["stop_reason"]
    run.row = run.history.rows[-1] if run.history.rows else {}
    for name in ("epoch", "batch", "updates"):
        setattr(run, name, state[name])
    for name, value in state["sums"].items():
        setattr(run, name, value)
    for metric, (_, saved) in zip(run.metrics, state["metrics"], strict=True):
        metric.load_state_dict(saved)
    run.at_epoch_begin = state["random_at_epoch_begin"]
    run.to_go_on_from = state["random"]


def restore_callbacks(run: Any, state: Mapping[str, Any]) -> None:
    """Let the callbacks go on from where they were.

    Raises
    ------
    StateError
        If those that remember something are not those of the run that was saved.
    """
    own = _with_state(run)
    names = [type(callback).__name__ for callback, _ in own]
    saved = [name for name, _ in state["callbacks"]]
    if names != saved:
        problem = "the checkpoint is of a run with other callbacks"
        fix = "the callbacks of that run, in its order; loggers may come and go"
        raise StateError(compose("fit", problem, {"saved": saved, "given": names}, fix))
    for (callback, _), (_, kept) in zip(own, state["callbacks"], strict=True):
        callback.load_state_dict(kept)
