"""Weights whose rows or columns are orthonormal."""

from __future__ import annotations

from typing import Any

from ...core.tensor import Tensor, wrap
from ...errors import ArgumentError, ShapeError, UnimplementedError, compose
from ...ops.creation import zeros
from ...ops.diagonals import diagonal
from ...ops.joining import cat
from ...ops.linalg.householder import geqrf, householder_product
from ...ops.linalg.matrix_exponential import matrix_exp
from ...ops.linalg.solving import solve
from ...ops.random import randn
from ...ops.ranges import eye
from ..module import Module
from .parametrize import register_parametrization

MAPS = ("matrix_exp", "cayley", "householder")


class _Orthogonal(Module):
    """The map from any matrix to one with orthonormal columns (rows, if there are fewer).

    With a base B, what is trained is the way from there: :math:`Q = B \\, \\phi(X)`.
    """

    base: Tensor | None

    def __init__(self, weight: Tensor, orthogonal_map: str, use_trivialization: bool) -> None:
        super().__init__()
        self.orthogonal_map = orthogonal_map
        if use_trivialization:
            self.register_buffer("base", zeros(weight.shape, dtype=weight.dtype))
        else:
            self.register_buffer("base", None)

    def forward(self, X: Tensor) -> Tensor:
        wide = X.shape[-2] < X.shape[-1]
        tall = X.mT if wide else X
        if self.orthogonal_map == "householder":
            Q = _by_reflections(tall)
        else:
            Q = _by_rotations(tall, self.orthogonal_map)
        if self.base is not None:
            Q = self.base @ Q
        return Q.mT if wide else Q

    def right_inverse(self, Q: Tensor) -> Tensor:
        wide = Q.shape[-2] < Q.shape[-1]
        tall = Q.mT if wide else Q
        if self.base is None:
            if self.orthogonal_map != "householder":
                problem = f"{self.orthogonal_map} without trivialization has no inverse"
                raise UnimplementedError(compose("orthogonal", problem))
            A, tau = geqrf(tall)
            signs = diagonal(A, dim1=-2, dim2=-1).sign().data.copy()
            signs[tau.data == 0] *= -1
            kept = A.data.copy()
            n = kept.shape[-1]
            kept[..., range(n), range(n)] = signs
            return wrap(kept).mT if wide else wrap(kept)
        n, k = tall.shape[-2:]
        if n > k:  # completed to a square, in which the base can turn it
            tall = cat([tall, randn(*tall.shape[:-1], n - k, dtype=tall.dtype)], -1)
        self.base = _orthogonalized(tall)
        start = zeros(Q.shape, dtype=Q.dtype)
        size = min(n, k)
        start.data[..., range(size), range(size)] = -1
        return start


def _by_rotations(X: Tensor, way: str) -> Tensor:
    """The exponential of a skew-symmetric matrix, or its Cayley transform."""
    n, k = X.shape[-2:]
    X = X.tril()
    if n != k:
        X = cat([X, zeros(*X.shape[:-1], n - k, dtype=X.dtype)], -1)
    A = X - X.mH
    if way == "matrix_exp":
        Q = matrix_exp(A)
    else:
        identity = eye(n, dtype=A.dtype)
        Q = solve(identity - A * 0.5, identity + A * 0.5)
    return Q[..., :k] if n != k else Q


def _by_reflections(X: Tensor) -> Tensor:
    """The product of the reflections whose vectors stand below the diagonal."""
    A = X.tril(-1)
    tau = 2.0 / (1.0 + (A * A.conj()).sum(-2))
    signs = diagonal(X, dim1=-2, dim2=-1).detach().trunc()
    return householder_product(A, tau) * signs.unsqueeze(-2)


def _orthogonalized(A: Tensor) -> Tensor:
    """The orthogonal factor of a matrix, of positive diagonal in the other one."""
    X, tau = geqrf(A)
    return householder_product(X, tau) * diagonal(X, dim1=-2, dim2=-1).sgn().unsqueeze(-2)


def orthogonal(
    module: Any,
    name: str = "weight",
    orthogonal_map: str | None = None,
    *,
    use_trivialization: bool = True,
) -> Any:
    r"""Keep a weight orthogonal while it is trained: :math:`Q^\top Q = I` (or
    :math:`Q Q^\top = I`, where it is wider than tall).

    Parameters
    ----------
    module : Module
    name : str, default "weight"
    orthogonal_map : {"matrix_exp", "cayley", "householder"}, optional
        From the trained matrix X: the exponential of the skew-symmetric :math:`A = L - L^\top`
        with L the lower triangle of X; its Cayley transform
        :math:`(I - A/2)^{-1} (I + A/2)`; or a product of Householder reflections. By default
        the first for square and complex weights, the last for others.
    use_trivialization : bool, default True
        Train the way from a fixed orthogonal matrix, at the cost of one more product.

    Returns
    -------
    Module
        `module`, with ``parametrizations.weight.original``.

    Raises
    ------
    ArgumentError
        If the module has no such parameter, or there is no such map.
    ShapeError
        If the weight has fewer than two dimensions.

    References
    ----------
    M. Lezcano-Casado, "Trivializations for Gradient-Based Optimization on Manifolds",
    NeurIPS 2019.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> Q = orthogonal(nn.Linear(4, 3)).weight
    >>> bool(((Q @ Q.T - lucid.eye(3)).abs() < 1e-5).all())
    True
    """
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        problem = f"{type(module).__name__} has no parameter or buffer {name!r}"
        raise ArgumentError(compose("orthogonal", problem))
    if weight.ndim < 2:
        problem = "a weight must have two dimensions to be orthogonal"
        raise ShapeError(compose("orthogonal", problem, {name: weight}))
    if orthogonal_map is None:
        square = weight.shape[-2] == weight.shape[-1] or weight.dtype.kind == "c"
        orthogonal_map = "matrix_exp" if square else "householder"
    if orthogonal_map not in MAPS:
        problem = f"orthogonal_map must be one of {MAPS}, not {orthogonal_map!r}"
        raise ArgumentError(compose("orthogonal", problem))
    made = _Orthogonal(weight, orthogonal_map, use_trivialization)
    return register_parametrization(module, name, made, unsafe=True)
