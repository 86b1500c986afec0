"""Where NaN or infinity came from: the first op, parameter or input that went bad.

Nothing is watched while training goes well. When it does not, the batch is run once more,
with the same random numbers, under `lucid.detect_anomaly`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..autograd.grad_mode import enable_grad
from ..autograd.gradient import grad
from ..core.tensor import Tensor
from ..debug.anomaly import detect_anomaly
from ..debug.report import tally
from ..errors import AnomalyError
from ..kernels.finiteness import is_finite
from ..nn.module import Module
from ..random import default_generator
from .batches import tensors_in
from .task import Task


def first_bad(task: Task, batch: Any, random_state: Any) -> str:
    """Say what of a batch's forward and backward pass went bad first.

    Parameters
    ----------
    task : Task
    batch : object
    random_state : array
        Where the default generator stood before the batch.

    Returns
    -------
    str
        A clause such as ``"log made NaN from finite inputs, at model.py:12, in head: x.log()"``.
    """
    for path, tensor in tensors_in(batch):
        if not is_finite(tensor.data):
            return f"the data: {path}: {tally(tensor.data)}"
    named: list[tuple[str, str, Tensor]]
    named = [("parameter", *pair) for pair in task.model.named_parameters()]
    named += [("buffer", *pair) for pair in task.model.named_buffers()]
    for kind, path, tensor in named:
        if not is_finite(tensor.data):
            return f"the {kind} {path}: {tally(tensor.data)}"
    try:
        with _as_before(task.model, random_state), enable_grad(), detect_anomaly():
            return _first_in_gradients(task(batch)[0], task.model)
    except AnomalyError as error:
        return error.verdict if error.origin is None else f"{error.verdict}, at {error.origin}"
    except Exception as error:
        return f"not found: the batch, run once more, raised {type(error).__name__}"


def _first_in_gradients(loss: Tensor, model: Module) -> str:
    """The backward pass, which raises at the first bad op; else what of its sums is bad."""
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    gradients = grad(loss, [p for _, p in named], allow_unused=True)  # touches no `grad`
    for (name, _), gradient in zip(named, gradients, strict=True):
        if gradient is not None and not is_finite(gradient.data):
            return f"the gradient of {name}: {tally(gradient.data)}"
    return "not found: the batch, run once more, stayed finite"


@contextmanager
def _as_before(model: Module, random_state: Any) -> Iterator[None]:
    """The random numbers of an earlier moment; buffers and generator are put back at the end."""
    now = default_generator.get_state()
    buffers = [(buffer, buffer.data.copy()) for buffer in model.buffers()]
    default_generator.set_state(random_state)
    try:
        yield
    finally:
        default_generator.set_state(now)
        for buffer, values in buffers:
            buffer.data = values
