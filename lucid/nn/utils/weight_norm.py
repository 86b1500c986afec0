"""The older form of weight norm, by a hook; new code takes `parametrizations.weight_norm`."""

from __future__ import annotations

from typing import Any

from ...autograd.grad_mode import no_grad
from ...core.tensor import Tensor
from ...errors import ArgumentError, compose
from ..parameter import Parameter
from .parametrizations import check_weight, norm_except
from .recomputed import Recomputed, attached, detach


class WeightNorm(Recomputed):
    """The hook: ``weight`` from ``weight_g`` and ``weight_v``."""

    def __init__(self, name: str, dim: int | None) -> None:
        self.name = name
        self.dim = -1 if dim is None else dim

    def compute(self, module: Any) -> Tensor:
        length, direction = (getattr(module, self.name + end) for end in ("_g", "_v"))
        weight: Tensor = direction * (length / norm_except(direction, self.dim))
        return weight


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    r"""Train the length and the direction of weights apart: :math:`w = g \, v / \lVert v \rVert`.

    Parameters
    ----------
    module : Module
    name : str, default "weight"
    dim : int or None, default 0
        The dimension that counts the vectors; None for one norm of all.

    Returns
    -------
    Module
        `module`, with parameters ``weight_g`` and ``weight_v``.

    Raises
    ------
    ArgumentError
        If the module has no such parameter, or it is normalised already.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> layer = weight_norm(nn.Linear(3, 2))
    >>> [name for name, _ in layer.named_parameters()]
    ['bias', 'weight_g', 'weight_v']
    """
    if attached(module, WeightNorm, name) is not None:
        raise ArgumentError(compose("weight_norm", f"{name!r} is normalised already"))
    weight = check_weight("weight_norm", module, name)
    hook = WeightNorm(name, dim)
    delattr(module, name)
    with no_grad():
        length = norm_except(weight, hook.dim)
    module.register_parameter(name + "_g", Parameter(length))
    module.register_parameter(name + "_v", Parameter(weight.detach()))
    hook.attach(module)
    return module


def remove_weight_norm(module: Any, name: str = "weight") -> Any:
    """Make a weight that `weight_norm` computes a parameter again, of the same value.

    Raises
    ------
    ArgumentError
        If it is not computed so.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> layer = remove_weight_norm(weight_norm(nn.Linear(3, 2)))
    >>> [name for name, _ in layer.named_parameters()]
    ['bias', 'weight']
    """
    hook = detach("remove_weight_norm", module, WeightNorm, name)
    with no_grad():
        weight = hook.compute(module)
    for part in (name, name + "_g", name + "_v"):
        delattr(module, part)
    module.register_parameter(name, Parameter(weight.detach()))
    return module
