"""PyTorch's options on how an update is carried out: what they mean here, and what is refused.

``foreach`` and ``fused`` choose among PyTorch's implementations of one update; here there is
one, which updates all parameters of a group in one pass, so they are accepted and change
nothing. ``capturable`` (for CUDA graphs) and ``differentiable`` (gradients through the step)
would promise something that is not there: True is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ArgumentError, UnimplementedError, compose

NAMES = ("foreach", "fused", "capturable", "differentiable")

_REASONS = {
    "capturable": ("needs a CUDA device", "leave it out; nothing is captured on a CPU"),
    "differentiable": (
        "would record the step itself, which is not implemented",
        "write the step with tensors: w = w - lr * grad, grad from lucid.autograd.grad(..., "
        "create_graph=True)",
    ),
}


def check(where: str, group: Mapping[str, Any]) -> None:
    """Refuse what the options of a group ask for and the optimizers here do not do.

    Raises
    ------
    UnimplementedError
        If `capturable` or `differentiable` is set.
    ArgumentError
        If `foreach` and `fused` are both set.

    Examples
    --------
    >>> check("Adam", {"foreach": True, "fused": None, "capturable": False})
    >>> check("Adam", {"capturable": True})
    Traceback (most recent call last):
        ...
    lucid.errors.UnimplementedError: Adam: capturable=True needs a CUDA device
      help: leave it out; nothing is captured on a CPU
    """
    for name, (problem, fix) in _REASONS.items():
        if group.get(name):
            raise UnimplementedError(compose(where, f"{name}=True {problem}", fix=fix))
    if group.get("foreach") and group.get("fused"):
        raise ArgumentError(compose(where, "foreach and fused cannot both be True"))
