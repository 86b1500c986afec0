"""`evaluate` and `predict`: a model on data, without learning."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..autograd.grad_mode import no_grad
from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, compose
from ..nn.module import Module
from ..ops.joining import cat
from .batches import batches_of, inputs_of, numbered, size_of, spell
from .metric import Metric, resolve
from .names import KNOWN
from .task import Task, check_model


def evaluate(
    model: Module,
    data: Any,
    loss: Any = None,
    metrics: Any = (),
    *,
    batch_size: int = 256,
    step: Callable[[Any, Any], Any] | None = None,
) -> dict[str, float]:
    """Measure a model on data, in evaluation mode and without gradients.

    Parameters
    ----------
    model : Module
        Its modules' modes are put back afterwards.
    data : DataLoader, Dataset, tuple of Tensor, or iterable
        As `fit` takes it.
    loss : callable, optional
        ``loss(output, target)``.
    metrics : str, Metric, callable, or sequence of them
        As `fit` takes them.
    batch_size : int, default 256
        For data that comes without batches.
    step : callable, optional
        ``step(model, batch)`` in place of the loss, as `fit` takes it.

    Returns
    -------
    dict
        ``"loss"``, the mean over the samples, if there is one, and every metric by its name.

    Raises
    ------
    DTypeError
        If model, loss or data is of the wrong kind.
    ArgumentError
        If there is nothing to measure, or no data.

    Examples
    --------
    >>> import lucid
    >>> from lucid import nn
    >>> model = nn.Identity()
    >>> data = lucid.tensor([1.0, 2.0]), lucid.tensor([1.0, 4.0])
    >>> lucid.evaluate(model, data, nn.MSELoss(), metrics="mae")
    {'loss': 2.0, 'mae': 1.0}
    """
    found = resolve("evaluate", metrics, KNOWN)
    check_model("evaluate", model)
    if loss is None and step is None:
        if not found:
            problem = "nothing to measure: give a loss or metrics"
            raise ArgumentError(compose("evaluate", problem, fix='metrics="accuracy"'))
        task = Task("evaluate", model, _no_loss, None)
    else:
        task = Task("evaluate", model, loss, step)
    batches = batches_of("evaluate", "data", data, batch_size, False)
    measured = measure(task, batches, found, "the data")
    if task.loss is _no_loss:
        del measured["loss"]
    return measured


def _no_loss(output: Any, target: Any) -> Tensor:
    return Tensor(math.nan)


def measure(
    task: Task, batches: Any, metrics: Sequence[Metric], place: str = "the validation data"
) -> dict[str, float]:
    """The loss and the metrics of a task over batches, in evaluation mode.

    Raises
    ------
    ArgumentError
        If there is no batch.
    """
    total, samples = 0.0, 0
    for metric in metrics:
        metric.reset()
    with evaluating(task.model), no_grad():
        for number, batch in numbered(task.where, batches, place):
            try:
                loss, output, target = task(batch)
                update(task.where, metrics, output, target)
            except Exception as error:
                error.add_note(f"  {task.where}: in batch {number} of {place}: {spell(batch)}")
                raise
            size = size_of(batch)
            total += loss.item() * (1 if task.summed else size)
            samples += size
    if not samples:
        problem = f"{place} gave no batch"
        raise ArgumentError(compose(task.where, problem, fix="a list, or a new generator"))
    return {"loss": total / samples, **{m.name: m.compute() for m in metrics}}


def update(where: str, metrics: Sequence[Metric], output: Any, target: Any) -> None:
    """Show every metric a batch.

    Raises
    ------
    DTypeError
        If a step gave no output to measure.
    """
    if not metrics:
        return
    if output is None:
        problem = "metrics need the output and the target, and step gave the loss alone"
        raise DTypeError(compose(where, problem, fix="return loss, output, target"))
    if isinstance(output, Tensor):
        output = output.detach()
    for metric in metrics:
        metric.update(output, target)


@contextmanager
def evaluating(model: Module) -> Iterator[None]:
    """Evaluation mode for a ``with`` block; afterwards every module has its own mode back."""
    before = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in before:
            module.training = training


def predict(model: Module, data: Any, *, batch_size: int = 256, targets: bool = True) -> Any:
    """The outputs of a model for data, in evaluation mode and without gradients.

    Parameters
    ----------
    model : Module
        Its modules' modes are put back afterwards.
    data : Tensor, numpy.ndarray, DataLoader, Dataset, tuple of Tensor, or iterable
        Inputs; in a tuple, or batches of several fields, the last is taken for the target
        and left out, so that the data of `fit` can be given.
    batch_size : int, default 256
        For data that comes without batches.
    targets : bool, default True
        False if the last field is an input too.

    Returns
    -------
    Tensor
        The outputs of all samples in their order; of a model that gives a tuple or a dict,
        a tuple or dict of them.

    Raises
    ------
    DTypeError
        If model or data is of the wrong kind.
    ArgumentError
        If there is no data.

    Examples
    --------
    >>> import lucid
    >>> from lucid import nn
    >>> lucid.predict(nn.ReLU(), lucid.tensor([-1.0, 2.0]))
    Tensor([0.0000, 2.0000])
    """
    check_model("predict", model)
    batches = batches_of("predict", "data", data, batch_size, False)
    outputs = []
    with evaluating(model), no_grad():
        for number, batch in numbered("predict", batches, "the data"):
            try:
                outputs.append(model(*inputs_of("predict", batch, targets)))
            except Exception as error:
                error.add_note(f"  predict: in batch {number} of the data: {spell(batch)}")
                raise
    if not outputs:
        problem = "the data gave no batch"
        raise ArgumentError(compose("predict", problem, fix="a list, or a new generator"))
    return _joined(outputs)


def _joined(outputs: list[Any]) -> Any:
    """The outputs of all batches, one after another, field by field."""
    first = outputs[0]
    if isinstance(first, Tensor):
        return cat(outputs)
    if isinstance(first, dict):
        return {key: _joined([output[key] for output in outputs]) for key in first}
    if isinstance(first, tuple | list):
        parts = tuple(_joined(list(part)) for part in zip(*outputs, strict=True))
        return type(first)(*parts) if hasattr(first, "_fields") else parts
    problem = f"the model gives {type(first).__name__}, which cannot be put together"
    fix = "a forward that returns tensors, or tuples or dicts of them"
    raise DTypeError(compose("predict", problem, fix=fix))
