"""Modules as functions of their parameters, and many of them as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.tensor import Tensor
from ..errors import ArgumentError, StateError, compose
from ..nn.module import Module
from ..nn.utils.stateless import functional_call as functional_call
from ..ops.joining import stack


def stack_module_state(
    models: Sequence[Module],
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The parameters and buffers of modules of one kind, stacked along a new first dimension.

    With `functional_call` and `vmap`, an ensemble runs as one network.

    Parameters
    ----------
    models : sequence of Module
        All of one class, with parameters of equal names and shapes, all in training or all in
        evaluation.

    Returns
    -------
    params, buffers : dict of str to Tensor
        By path, as `named_parameters` and `named_buffers` have them. A parameter that
        requires a gradient becomes a leaf that does.

    Raises
    ------
    ArgumentError
        If there is no module.
    StateError
        If they do not match.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> models = [nn.Linear(2, 1) for _ in range(3)]
    >>> params, buffers = lucid.func.stack_module_state(models)
    >>> call = lambda params, x: lucid.func.functional_call(models[0], params, x)
    >>> lucid.func.vmap(call, in_dims=(0, None))(params, lucid.ones(5, 2)).shape
    (3, 5, 1)
    """
    models = list(models)
    if not models:
        raise ArgumentError(compose("stack_module_state", "needs at least one module"))
    first = models[0]
    for i, model in enumerate(models):
        if type(model) is not type(first) or model.training is not first.training:
            problem = "the modules must be of one class, all in training or all in evaluation"
            training = [each.training for each in models]
            kinds = {"models[0]": type(first).__name__, f"models[{i}]": type(model).__name__}
            seen: dict[str, Any] = {**kinds, "training": training}
            raise StateError(compose("stack_module_state", problem, seen))
    params = _stacked([dict(model.named_parameters()) for model in models])
    return params, _stacked([dict(model.named_buffers()) for model in models])


def _stacked(states: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    found = {}
    for path, tensor in states[0].items():
        for i, state in enumerate(states):
            if state.keys() != states[0].keys() or state[path].shape != tensor.shape:
                problem = "the modules must have parameters and buffers of equal names and shapes"
                seen = {f"models[0].{path}": tensor, f"models[{i}]": state.get(path)}
                raise StateError(compose("stack_module_state", problem, seen))
        stacked = stack([state[path].detach() for state in states])
        found[path] = stacked.requires_grad_(tensor.requires_grad)
    return found
