"""Weights that are normalised: by the length of each row, or by the largest singular value."""

from __future__ import annotations

from typing import Any

from ...autograd.grad_mode import no_grad
from ...core.tensor import Tensor
from ...errors import ArgumentError, compose
from ...ops.matmul import mv
from ...ops.random import randn
from ...ops.similarity import normalize
from ...ops.vector_norm import norm
from ..layers.conv_transpose import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from ..module import Module
from .orthogonal import orthogonal as orthogonal
from .parametrize import register_parametrization

# ---- weight norm ----------------------------------------------------------------------


def norm_except(v: Tensor, dim: int | None) -> Tensor:
    """The norms of the slices counted along a dimension, kept as dimensions of length 1.

    Examples
    --------
    >>> norm_except(Tensor([[3.0, 4.0], [0.0, 1.0]]), 0)
    Tensor([[5.0000],
            [1.0000]])
    """
    if dim is None or dim == -1:
        return norm(v)
    return norm(v, 2, [i for i in range(v.ndim) if i != dim % v.ndim], keepdim=True)


class _WeightNorm(Module):
    def __init__(self, dim: int | None) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, magnitude: Tensor, direction: Tensor) -> Tensor:
        return direction * (magnitude / norm_except(direction, self.dim))

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        return norm_except(weight, self.dim), weight


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    r"""Train the length and the direction of weights apart: :math:`w = g \, v / \lVert v \rVert`.

    Parameters
    ----------
    module : Module
    name : str, default "weight"
    dim : int or None, default 0
        The dimension that counts the vectors, outputs by default; None for one norm of all.

    Returns
    -------
    Module
        `module`, with ``parametrizations.weight.original0`` (g) and ``original1`` (v).

    Raises
    ------
    ArgumentError
        If the module has no such parameter.

    References
    ----------
    T. Salimans and D. P. Kingma, "Weight Normalization: A Simple Reparameterization to
    Accelerate Training of Deep Neural Networks", NeurIPS 2016.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> layer = weight_norm(nn.Linear(3, 2))
    >>> layer.parametrizations.weight.original0.shape
    (2, 1)
    """
    return register_parametrization(module, name, _WeightNorm(dim), unsafe=True)


# ---- spectral norm --------------------------------------------------------------------


def as_matrix(weight: Tensor, dim: int) -> Tensor:
    """A weight as a matrix whose rows are counted by one dimension.

    Examples
    --------
    >>> import lucid
    >>> as_matrix(lucid.ones(2, 3, 4), 1).shape
    (3, 8)
    """
    return weight.movedim(dim, 0).flatten(1)


def power_iteration(
    matrix: Tensor, u: Tensor, v: Tensor, steps: int, eps: float
) -> tuple[Tensor, Tensor]:
    """Left and right vectors turned towards those of the largest singular value.

    Examples
    --------
    >>> u, v = power_iteration(Tensor([[2.0, 0.0], [0.0, 1.0]]), *[Tensor([0.6, 0.8])] * 2, 9, 0)
    >>> round(u[0].item(), 4)
    1.0
    """
    for _ in range(steps):
        u = normalize(mv(matrix, v), dim=0, eps=eps)
        v = normalize(mv(matrix.T, u), dim=0, eps=eps)
    return u, v


class _SpectralNorm(Module):
    _u: Tensor
    _v: Tensor

    def __init__(self, weight: Tensor, n_power_iterations: int, dim: int, eps: float) -> None:
        super().__init__()
        self.dim = dim % weight.ndim
        self.eps = eps
        self.n_power_iterations = n_power_iterations
        if weight.ndim < 2:
            return
        matrix = as_matrix(weight.detach(), self.dim)
        u, v = (normalize(randn(n, dtype=weight.dtype), dim=0, eps=eps) for n in matrix.shape)
        u, v = power_iteration(matrix, u, v, 15, eps)
        self.register_buffer("_u", u)
        self.register_buffer("_v", v)

    def forward(self, weight: Tensor) -> Tensor:
        if weight.ndim < 2:
            return normalize(weight, dim=0, eps=self.eps)
        matrix = as_matrix(weight, self.dim)
        if self.training:
            with no_grad():
                steps = self.n_power_iterations
                self._u, self._v = power_iteration(matrix, self._u, self._v, steps, self.eps)
        return weight / (self._u * mv(matrix, self._v)).sum()

    def right_inverse(self, value: Tensor) -> Tensor:
        return value


def spectral_norm(
    module: Any,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Any:
    r"""Divide a weight by its largest singular value, :math:`w / \sigma(w)`.

    The value is followed by power iteration, a step at each reading in training mode.

    Parameters
    ----------
    module : Module
    name : str, default "weight"
    n_power_iterations : int, default 1
        Steps at each reading.
    eps : float, default 1e-12
        The least norm that is divided by.
    dim : int, optional
        The dimension of the outputs: 0, but 1 for transposed convolutions.

    Returns
    -------
    Module
        `module`, with ``parametrizations.weight.original`` and the vectors as buffers.

    Raises
    ------
    ArgumentError
        If the module has no such parameter, or `n_power_iterations` is not positive.

    References
    ----------
    T. Miyato et al., "Spectral Normalization for Generative Adversarial Networks", ICLR 2018.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> layer = spectral_norm(nn.Linear(3, 2), n_power_iterations=20)
    >>> round(lucid.linalg.matrix_norm(layer.weight, 2).item(), 3)
    1.0
    """
    weight = check_weight("spectral_norm", module, name)
    if n_power_iterations < 1:
        problem = f"n_power_iterations must be positive, not {n_power_iterations}"
        raise ArgumentError(compose("spectral_norm", problem))
    dim = output_dimension(module) if dim is None else dim
    made = _SpectralNorm(weight, n_power_iterations, dim, eps)
    return register_parametrization(module, name, made)


def check_weight(where: str, module: Any, name: str) -> Any:
    """The tensor of a module under a name.

    Raises
    ------
    ArgumentError
        If there is none.
    """
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        problem = f"{type(module).__name__} has no parameter or buffer {name!r}"
        raise ArgumentError(compose(where, problem))
    return weight


def output_dimension(module: Any) -> int:
    """The dimension of a layer's weight that counts its outputs.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> output_dimension(nn.Linear(2, 2)), output_dimension(nn.ConvTranspose1d(2, 2, 1))
    (0, 1)
    """
    return int(isinstance(module, ConvTranspose1d | ConvTranspose2d | ConvTranspose3d))
