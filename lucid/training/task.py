"""`Task`: from a batch to its loss, the model's output, and the target."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from ..nn.module import Module
from ..optim.optimizer import Optimizer
from .batches import split


class Task:
    """What is done with a batch: the model and the loss, or a function of the user's own.

    Parameters
    ----------
    where : str
        Who complains, should anything not fit.
    model : Module
    loss : callable or None
        ``loss(output, target)``, one number.
    step : callable, optional
        ``step(model, batch)`` in their place: the loss, or ``(loss, output, target)`` where
        metrics are wanted.

    Attributes
    ----------
    summed : bool
        Whether the loss is a sum over the samples, not a mean.
    region : context manager
        What model and loss run in: an `autocast`, or nothing.
    """

    def __init__(
        self, where: str, model: Module, loss: Any, step: Callable[[Any, Any], Any] | None
    ) -> None:
        check_model(where, model)
        if step is None or loss is not None:
            check_loss(where, loss)
        if step is not None and not callable(step):
            problem = f"step must be a function (model, batch) -> loss, not {type(step).__name__}"
            raise DTypeError(compose(where, problem))
        if step is not None and loss is not None:
            problem = "loss and step exclude each other: step computes the loss"
            raise ArgumentError(compose(where, problem, fix="loss=None"))
        self.where = where
        self.model = model
        self.loss = loss
        self.step = step
        self.summed = getattr(loss, "reduction", None) == "sum"
        self.region: AbstractContextManager[Any] = nullcontext()

    def __call__(self, batch: Any) -> tuple[Tensor, Any, Any]:
        """The loss, and the output and target for the metrics (None if a step gives none).

        Raises
        ------
        DTypeError
            If the loss is no tensor, or the batch no pair.
        ShapeError
            If the loss is not one number.
        """
        with self.region:
            if self.step is None:
                inputs, target = split(self.where, batch)
                output = self.model(*inputs)
                loss = self.loss(output, target)
            else:
                result = self.step(self.model, batch)
                several = isinstance(result, tuple)
                loss, output, target = result if several else (result, None, None)
        if not isinstance(loss, Tensor):
            problem = f"the loss must be a tensor, not {type(loss).__name__}"
            fix = "loss(output, target) -> 0-d Tensor, without .item() or float()"
            raise DTypeError(compose(self.where, problem, fix=fix))
        if loss.numel() != 1:
            problem = "the loss must be one number a batch"
            fix = 'reduction="mean" in the loss, or .mean() of what it gives'
            raise ShapeError(compose(self.where, problem, {"loss": loss}, fix))
        return loss, output, target


def check_model(where: str, model: Any) -> None:
    """Refuse what is no model, with a word on what was meant.

    Raises
    ------
    DTypeError
        If it is no `Module`.
    """
    if isinstance(model, Module):
        return
    kind = model.__name__ if isinstance(model, type) else type(model).__name__
    problem = f"model must be an nn.Module, not {kind}"
    fix = None
    if isinstance(model, type):
        problem, fix = f"model is the class {kind}, not a model", f"{kind}(...): an instance of it"
    elif callable(model):
        fix = "a class with forward(self, x) that derives from nn.Module"
    raise DTypeError(compose(where, problem, fix=fix))


def check_loss(where: str, loss: Any) -> None:
    """Refuse what is no loss, with a word on what was meant.

    Raises
    ------
    DTypeError
        If it cannot be called as ``loss(output, target)``.
    """
    fix = "an instance such as nn.HuberLoss(), or a function (output, target) -> Tensor"
    if loss is None:
        raise DTypeError(compose(where, "loss is missing", fix=fix))
    if isinstance(loss, Optimizer):
        raise DTypeError(
            compose(where, "loss is an optimizer", fix=f"{where}(model, data, loss, optimizer)")
        )
    if isinstance(loss, type):
        problem = f"loss is the class {loss.__name__}, not a loss"
        raise DTypeError(compose(where, problem, fix=f"{loss.__name__}(): an instance of it"))
    if not callable(loss):
        problem = f"loss must be callable, not {type(loss).__name__}"
        raise DTypeError(compose(where, problem, {"loss": loss}, fix))


def check_optimizer(where: str, optimizer: Any, task: Task) -> None:
    """Refuse what is no optimizer, or one that has none of the model's parameters.

    Raises
    ------
    DTypeError
        If it is no `Optimizer`.
    ArgumentError
        If the parameters that it updates are not the model's.
    """
    if not isinstance(optimizer, Optimizer):
        example = "lucid.optim.Adam(model.parameters(), lr=1e-3)"
        kind = type(optimizer).__name__
        problem = f"optimizer must be an Optimizer, not {kind}"
        if optimizer is None:
            problem = "optimizer is missing"
        elif isinstance(optimizer, type):
            problem = f"optimizer is the class {optimizer.__name__}, not an optimizer"
            example = f"{optimizer.__name__}(model.parameters(), ...): an instance of it"
        elif callable(optimizer):
            problem = f"optimizer is a {kind}, which is no Optimizer"
            example = f"{where}(model, data, loss, optimizer), in this order"
        raise DTypeError(compose(where, problem, fix=example))
    own = {id(parameter) for parameter in task.model.parameters()}
    held = [p for group in optimizer.param_groups for p in group["params"]]
    if own and not any(id(parameter) in own for parameter in held):
        problem = "the optimizer has none of the model's parameters, so nothing would be learned"
        fix = f"{type(optimizer).__name__}(model.parameters(), ...) with the model given to {where}"
        raise ArgumentError(compose(where, problem, fix=fix))
