"""The largest singular values of large matrices, found among a few random combinations.

References
----------
.. [1] N. Halko, P.-G. Martinsson, J. A. Tropp, "Finding structure with randomness:
   probabilistic algorithms for constructing approximate matrix decompositions", SIAM Review 53
   (2011).
"""

from __future__ import annotations

from typing import Any

from ...core.tensor import Tensor
from ...errors import ArgumentError, compose
from ..random import randn
from ..reduction import mean
from .older_names import SVD
from .operands import matrices
from .qr import qr
from .structure import adjoint
from .svd import svd


def svd_lowrank(A: Tensor, q: int | None = 6, niter: int = 2, M: Tensor | None = None) -> SVD:
    r"""The `q` largest singular values of matrices, and their vectors, approximately.

    .. math:: A \approx U \, \mathrm{diag}(S) \, V^H

    Good where singular values fall off fast. The result depends on random numbers, of the
    generator that `lucid.manual_seed` seeds.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., m, n)``, float32, float64 or complex.
    q : int, default 6
        How many; somewhat more than are wanted, to be accurate. It is at most ``min(m, n)``.
    niter : int, default 2
        How often the random combinations are drawn towards the large values.
    M : Tensor, optional
        Taken off `A` first; its leading dimensions broadcast.

    Returns
    -------
    U : Tensor
        Shape ``(..., m, q)``.
    S : Tensor
        Shape ``(..., q)``, largest first.
    V : Tensor
        Shape ``(..., n, q)``: V, where `lucid.linalg.svd` gives its adjoint.

    Raises
    ------
    ArgumentError
        If `q` or `niter` is out of range.
    ShapeError
        If `A` has fewer than two dimensions.

    Examples
    --------
    >>> import lucid
    >>> A = lucid.arange(12.0).reshape(4, 3)  # of rank 2
    >>> U, S, V = lucid.svd_lowrank(A, q=2)
    >>> lucid.allclose((U * S) @ V.T, A, atol=1e-5)
    True
    """
    matrices("svd_lowrank", A=A)
    count = _count("svd_lowrank", A, 6 if q is None else q, niter)
    A = A if M is None else A - M
    if A.shape[-2] < A.shape[-1]:
        v, s, uh = _tall(adjoint(A), count, niter)
        return SVD(adjoint(uh), s, v)
    u, s, vh = _tall(A, count, niter)
    return SVD(u, s, adjoint(vh))


def _count(caller: str, A: Tensor, q: int, niter: int) -> int:
    """Check the arguments; how many singular values."""
    largest = min(A.shape[-2:])
    if not 0 <= q <= largest:
        problem = f"q must be between 0 and min(m, n) = {largest}"
        raise ArgumentError(compose(caller, problem, {"A": A, "q": q}))
    if niter < 0:
        problem = "niter must not be negative"
        raise ArgumentError(compose(caller, problem, {"niter": niter}))
    return q


def _tall(A: Any, count: int, niter: int) -> Any:
    """The decomposition within a basis of what the matrices make of random vectors."""
    Ah = adjoint(A)
    basis = qr(A @ randn(A.shape[-1], count, dtype=A.dtype)).Q
    for _ in range(niter):
        basis = qr(A @ qr(Ah @ basis).Q).Q
    u, s, vh = svd(adjoint(basis) @ A, full_matrices=False)
    return basis @ u, s, vh


def pca_lowrank(A: Tensor, q: int | None = None, center: bool = True, niter: int = 2) -> SVD:
    r"""The principal components of data, approximately, by `svd_lowrank`.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., m, n)``: m points with n features.
    q : int, optional
        How many components; 6 by default, or all if there are fewer.
    center : bool, default True
        Take the mean off every feature first.
    niter : int, default 2
        As for `svd_lowrank`.

    Returns
    -------
    U : Tensor
        Shape ``(..., m, q)``.
    S : Tensor
        Shape ``(..., q)``: :math:`S^2 / (m - 1)` are the variances along the components.
    V : Tensor
        Shape ``(..., n, q)``: the components, as columns. ``A @ V[..., :k]`` are the points in
        the first k.

    Raises
    ------
    ArgumentError
        If `q` or `niter` is out of range.
    ShapeError
        If `A` has fewer than two dimensions.

    Examples
    --------
    >>> import lucid
    >>> points = lucid.tensor([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]])
    >>> lucid.pca_lowrank(points, q=1).V.abs()
    Tensor([[0.6000],
            [0.8000]])
    """
    matrices("pca_lowrank", A=A)
    count = _count("pca_lowrank", A, min(6, *A.shape[-2:]) if q is None else q, niter)
    return svd_lowrank(A - mean(A, -2, keepdim=True) if center else A, count, niter)
