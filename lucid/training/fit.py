"""`fit`: train a model on data."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..amp.autocast import autocast as half_precision
from ..amp.grad_scaler import GradScaler
from ..dtypes import float16
from ..errors import ArgumentError, DTypeError, compose
from ..kernels import jit
from ..nn.module import Module
from ..optim.optimizer import Optimizer
from . import checkpoint
from .batches import batches_of, is_spent_after_one_pass, split_off
from .callback import as_callbacks
from .history import History
from .metric import resolve
from .names import KNOWN
from .progress import Progress
from .run import Options, Run, needs_closure
from .task import Task, check_optimizer


def fit(
    model: Module,
    data: Any,
    loss: Any = None,
    optimizer: Optimizer | None = None,
    epochs: int = 1,
    validation: Any = None,
    callbacks: Any = (),
    *,
    metrics: Any = (),
    batch_size: int = 32,
    shuffle: bool = True,
    step: Callable[[Any, Any], Any] | None = None,
    accumulate: int = 1,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    check_finite: bool = True,
    autocast: Any = None,
    scaler: GradScaler | None = None,
    resume: str | os.PathLike[str] | bool | None = None,
    progress: bool = True,
) -> History:
    """Train a model: batches, losses, gradients, updates, epoch after epoch.

    Parameters
    ----------
    model : Module
    data : DataLoader, Dataset, tuple of Tensor or numpy.ndarray, or iterable of batches
        Batches ``(input, target)``; with more fields the last is the target, and the model is
        called with the others. Tensors, arrays and datasets are cut into batches; floating
        NumPy arrays are taken to the default dtype.
    loss : callable
        ``loss(output, target)``, one number a batch: a loss of `nn`, or a function.
    optimizer : Optimizer
        Over the model's parameters.
    epochs : int, default 1
        How many in all; a resumed run goes on to this number.
    validation : like `data`, or float, optional
        Measured after every epoch, in evaluation mode: ``val_loss`` and the metrics. A share
        such as 0.1 is split off `data` if these are tensors, arrays or a dataset: at random,
        but the same samples in every run.
    callbacks : Callback, learning-rate scheduler, or sequence of them
        `EarlyStopping`, `Checkpoint`, `Schedule`, `CSVLogger`, `TensorBoard`, or your own. A
        scheduler takes a step after every epoch; ``Schedule(s, every="update")`` after every
        update.
    metrics : str, Metric, callable, or sequence of them
        By name ("mae", "rmse", "r2", "accuracy", "f1", "auc"), as `Metric`, or as function
        ``(output, target) -> number``. During training they are taken from the outputs as
        they come, while the model changes.
    batch_size : int, default 32
        For data that comes without batches.
    shuffle : bool, default True
        For data that comes without batches: another order in every epoch.
    step : callable, optional
        ``step(model, batch)`` in place of `loss`, for batches or models of another kind: gives
        the loss, or ``(loss, output, target)``.
    accumulate : int, default 1
        Batches whose gradients make one update, that of the mean over all their samples.
    clip_norm, clip_value : float, optional
        Scale the gradients to at most this common norm; clip every element to at most this.
    check_finite : bool, default True
        Stop at a loss or gradient that is NaN or infinite, before anything is updated with it.
    autocast : dtype or True, optional
        Compute model and loss in half precision (`lucid.amp.autocast`): ``lucid.float16``, or
        bfloat16, which True stands for too. Gradients in float16 are scaled.
    scaler : GradScaler, optional
        One of your own for that. An update whose gradients overflow is left out; it does not
        count, and is no error.
    resume : str, path or True, optional
        A file that `Checkpoint` wrote, to go on from; True for that of the checkpoint among
        the callbacks, if it is there already.
    progress : bool, default True
        Show a table, and a bar, on standard error.

    Returns
    -------
    History
        The measures of every epoch, which print as a table and `plot` themselves.

    Raises
    ------
    DTypeError
        If model, data, loss, optimizer or a callback is of the wrong kind.
    ArgumentError
        If an option is out of range, or the optimizer has none of the model's parameters.
    NonFiniteError
        If a loss or gradient is NaN or infinite: the message says when, and which op,
        parameter or input went bad first, and which checkpoint is the last good one.
    StateError
        If the checkpoint is of another model, optimizer or set of callbacks.
    FileNotFoundError
        If there is no checkpoint at `resume`.

    Notes
    -----
    The loss of an epoch is the mean over its samples, of the losses as they came. Modules
    that were set to evaluation mode within a model in training mode stay frozen. An error
    while a batch is fetched or computed carries a note with the batch's number and shapes.

    A resumed run goes on bit by bit as if it had not been interrupted, if its data give the
    same batches for the same random numbers; in the middle of an epoch the batches that were
    done are fetched again, and passed over. Whether compiled kernels run is settled at the
    start, and it has to be the same in both runs: a kernel's last bits can differ from NumPy's.

    See Also
    --------
    evaluate, predict, summary

    Examples
    --------
    >>> import lucid
    >>> from lucid import nn
    >>> _ = lucid.manual_seed(0)
    >>> x = lucid.rand(256, 1)
    >>> data = x, 3 * x - 1
    >>> model = nn.Linear(1, 1)
    >>> optimizer = lucid.optim.Adam(model.parameters(), lr=0.1)
    >>> history = lucid.fit(
    ...     model, data, nn.HuberLoss(), optimizer, epochs=20, metrics="r2", progress=False
    ... )
    >>> history["loss"][-1] < 1e-3, history["r2"][-1] > 0.99
    (True, True)
    """
    task = Task("fit", model, loss, step)
    check_optimizer("fit", optimizer, task)
    assert optimizer is not None
    scaler = _enter_half_precision(task, autocast, scaler)
    options = Options(accumulate, clip_norm, clip_value, check_finite, scaler)
    _check_numbers(epochs, options)
    if needs_closure(optimizer) and (accumulate > 1 or scaler is not None):
        what = "accumulates" if scaler is None else "can be scaled"
        problem = f"{type(optimizer).__name__} computes the loss itself, so nothing {what}"
        fix = "a larger batch_size" if scaler is None else "autocast=lucid.bfloat16()"
        raise ArgumentError(compose("fit", problem, fix=fix))
    if isinstance(validation, float):
        data, validation = split_off("fit", data, validation)
    batches = batches_of("fit", "data", data, batch_size, shuffle)
    held_out = None
    if validation is not None:
        held_out = batches_of("fit", "validation", validation, batch_size, False)
    _check_repeatable(batches, held_out, epochs)
    calls = as_callbacks("fit", callbacks)
    if progress:
        calls.insert(0, Progress())
    jit.settle()
    found = resolve("fit", metrics, KNOWN)
    run = Run(task, optimizer, batches, held_out, epochs, found, calls, options)
    _carry_out(run, _checkpoint_to_resume(resume, calls))
    return run.history


def _enter_half_precision(task: Task, dtype: Any, scaler: GradScaler | None) -> GradScaler | None:
    """Let the task run in half precision, if it is to; the scaler for it, or None.

    Raises
    ------
    DTypeError
        If `scaler` is none.
    ArgumentError
        If `dtype` is no half precision.
    """
    if scaler is not None and not isinstance(scaler, GradScaler):
        problem = f"scaler must be a GradScaler, not {type(scaler).__name__}"
        raise DTypeError(compose("fit", problem, fix="lucid.amp.GradScaler()"))
    if dtype is None or dtype is False:
        return scaler
    region = half_precision("cpu", None if dtype is True else dtype)
    task.region = region
    if scaler is None and region.dtype == float16:
        scaler = GradScaler()
    return scaler


def _carry_out(run: Run, path: Path | None) -> None:
    """Begin or resume, go through all epochs, and end, whatever happens."""
    state = None
    if path is not None:
        state = checkpoint.read(path)
        checkpoint.restore(run, state)
        run.checkpoint = str(path)
    run.failed = True
    try:
        run.tell("on_fit_begin")
        if state is not None:
            checkpoint.restore_callbacks(run, state)
        run.go()
        run.failed = False
    finally:
        run.tell("on_fit_end")


def _check_numbers(epochs: Any, options: Options) -> None:
    for name, value in (("epochs", epochs), ("accumulate", options.accumulate)):
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            problem = f"{name} must be a positive integer, not {value!r}"
            raise ArgumentError(compose("fit", problem))
    for name, limit in (("clip_norm", options.clip_norm), ("clip_value", options.clip_value)):
        if limit is not None and not limit > 0:
            raise ArgumentError(compose("fit", f"{name} must be above 0, not {limit!r}"))


def _check_repeatable(data: Any, validation: Any, epochs: int) -> None:
    for name, batches in (("data", data), ("validation", validation)):
        if batches is not None and epochs > 1 and is_spent_after_one_pass(batches):
            problem = f"{name} is a generator, which gives its batches once, for {epochs} epochs"
            fix = f"{name}=list(...), or a DataLoader"
            raise ArgumentError(compose("fit", problem, fix=fix))


def _checkpoint_to_resume(resume: Any, callbacks: list[Any]) -> Path | None:
    if resume is None or resume is False:
        return None
    if resume is not True:
        return Path(resume)
    paths = [c.path for c in callbacks if isinstance(c, checkpoint.Checkpoint)]
    if not paths:
        problem = "resume=True goes on from the Checkpoint among the callbacks; there is none"
        fix = "resume=path, or callbacks=Checkpoint(path)"
        raise ArgumentError(compose("fit", problem, fix=fix))
    return paths[0] if paths[0].exists() else None
