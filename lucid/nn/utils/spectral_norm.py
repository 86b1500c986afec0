"""The older form of spectral norm, by a hook; new code takes `parametrizations.spectral_norm`."""

from __future__ import annotations

from typing import Any

from ...autograd.grad_mode import no_grad
from ...core.tensor import Tensor
from ...errors import ArgumentError, compose
from ...ops.matmul import mv
from ...ops.random import randn
from ...ops.similarity import normalize
from ..parameter import Parameter
from .parametrizations import as_matrix, check_weight, output_dimension
from .recomputed import Recomputed, attached, detach


class SpectralNorm(Recomputed):
    """The hook: ``weight`` from ``weight_orig`` and the vectors ``weight_u``, ``weight_v``."""

    def __init__(self, name: str, steps: int, dim: int, eps: float) -> None:
        self.name = name
        self.n_power_iterations = steps
        self.dim = dim
        self.eps = eps

    def compute(self, module: Any, moving: bool = False) -> Tensor:
        original, u, v = (getattr(module, self.name + end) for end in ("_orig", "_u", "_v"))
        matrix = as_matrix(original, self.dim)
        if moving:
            with no_grad():
                for _ in range(self.n_power_iterations):
                    v = normalize(mv(matrix.T, u), dim=0, eps=self.eps)
                    u = normalize(mv(matrix, v), dim=0, eps=self.eps)
            setattr(module, self.name + "_u", u)
            setattr(module, self.name + "_v", v)
        weight: Tensor = original / (u * mv(matrix, v)).sum()
        return weight

    def __call__(self, module: Any, args: Any) -> None:
        setattr(module, self.name, self.compute(module, moving=module.training))


def spectral_norm(
    module: Any,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Any:
    r"""Divide a weight by its largest singular value, :math:`w / \sigma(w)`.

    Parameters
    ----------
    module : Module
    name : str, default "weight"
    n_power_iterations : int, default 1
        Steps towards the singular vectors at each call in training mode.
    eps : float, default 1e-12
        The least norm that is divided by.
    dim : int, optional
        The dimension of the outputs: 0, but 1 for transposed convolutions.

    Returns
    -------
    Module
        `module`, with the parameter ``weight_orig`` and buffers ``weight_u``, ``weight_v``.

    Raises
    ------
    ArgumentError
        If the module has no such parameter, it is normalised already, or
        `n_power_iterations` is not positive.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> list(spectral_norm(nn.Linear(3, 2)).state_dict())
    ['bias', 'weight_orig', 'weight_u', 'weight_v']
    """
    where = "spectral_norm"
    if attached(module, SpectralNorm, name) is not None:
        raise ArgumentError(compose(where, f"{name!r} is normalised already"))
    if n_power_iterations < 1:
        problem = f"n_power_iterations must be positive, not {n_power_iterations}"
        raise ArgumentError(compose(where, problem))
    weight = check_weight(where, module, name)
    hook = SpectralNorm(
        name, n_power_iterations, output_dimension(module) if dim is None else dim, eps
    )
    sizes = as_matrix(weight.detach(), hook.dim).shape
    delattr(module, name)
    module.register_parameter(name + "_orig", weight)
    for end, size in zip(("_u", "_v"), sizes, strict=True):
        vector = normalize(randn(size, dtype=weight.dtype), dim=0, eps=eps)
        module.register_buffer(name + end, vector)
    module.register_forward_pre_hook(hook)
    setattr(module, name, weight.detach())  # computed at the first call
    return module


def remove_spectral_norm(module: Any, name: str = "weight") -> Any:
    """Make a weight that `spectral_norm` computes a parameter again, of the same value.

    Raises
    ------
    ArgumentError
        If it is not computed so.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> list(remove_spectral_norm(spectral_norm(nn.Linear(3, 2))).state_dict())
    ['bias', 'weight']
    """
    hook = detach("remove_spectral_norm", module, SpectralNorm, name)
    with no_grad():
        weight = hook.compute(module)
    for part in (name, name + "_orig", name + "_u", name + "_v"):
        delattr(module, part)
    module.register_parameter(name, Parameter(weight.detach()))
    return module
