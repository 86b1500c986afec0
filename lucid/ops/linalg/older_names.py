"""The decompositions as PyTorch had them before `torch.linalg`: other names, other results."""

from __future__ import annotations

from typing import Any, NamedTuple

from ...core.tensor import Tensor
from ..bind import method
from ..creation import zeros
from ..out import into
from .cholesky import cholesky_of
from .householder import product_of
from .lu import LUFactor, factors_of, solve_factored
from .qr import QR
from .qr import qr as decompose
from .structure import adjoint
from .svd import svd as decompose_values
from .svd import svdvals


class SVD(NamedTuple):
    """What the older `svd` gives: A = U diag(S) V^H, with V and not its adjoint."""

    U: Any
    S: Any
    V: Any


@method("svd")
def svd(input: Tensor, some: bool = True, compute_uv: bool = True, *, out: Any = None) -> SVD:
    r"""The older form of `lucid.linalg.svd`, :math:`A = U \, \mathrm{diag}(S) \, V^H`.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., m, n)``, float32, float64 or complex.
    some : bool, default True
        Only as many vectors as there are singular values; False gives square matrices.
    compute_uv : bool, default True
        With False, `U` and `V` are zeros.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    U, S, V : Tensor
        `V`, where `lucid.linalg.svd` gives its adjoint.

    Raises
    ------
    LinAlgError
        If a matrix has NaN or infinite elements.
    ShapeError
        If `input` has fewer than two dimensions.

    Examples
    --------
    >>> import lucid
    >>> lucid.svd(lucid.tensor([[0.0, 2.0], [1.0, 0.0]])).S
    Tensor([2.0000, 1.0000])
    """
    if out is not None:
        return into(svd, locals())
    if compute_uv:
        u, s, vh = decompose_values(input, full_matrices=not some)
        return SVD(u, s, adjoint(vh))
    s = svdvals(input)
    *batch, m, n = input.shape
    return SVD(zeros(*batch, m, m, dtype=input.dtype), s, zeros(*batch, n, n, dtype=input.dtype))


@method("qr")
def qr(input: Tensor, some: bool = True, *, out: Any = None) -> QR:
    """The older form of `lucid.linalg.qr`.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., m, n)``, float32, float64 or complex.
    some : bool, default True
        Mode ``"reduced"``; False is ``"complete"``.
    out : Tensor or tuple of Tensor, optional
        Where the results are written (see `lucid.ops.out`).

    Returns
    -------
    Q, R : Tensor

    Raises
    ------
    ShapeError
        If `input` has fewer than two dimensions.

    Examples
    --------
    >>> import lucid
    >>> lucid.qr(lucid.tensor([[3.0, 1.0], [4.0, 2.0]])).R
    Tensor([[-5.0000, -2.2000],
            [ 0.0000,  0.4000]])
    """
    if out is not None:
        return into(qr, locals())
    return decompose(input, "reduced" if some else "complete")


@method("cholesky")
def cholesky(input: Tensor, upper: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The older form of `lucid.linalg.cholesky`.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., n, n)``, Hermitian and positive-definite.
    upper : bool, default False
        Give the upper triangle instead of the lower one.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Raises
    ------
    LinAlgError
        If a matrix is not positive-definite.
    ShapeError
        If the matrices are not square.

    Examples
    --------
    >>> import lucid
    >>> lucid.cholesky(lucid.tensor([[4.0, 2.0], [2.0, 10.0]]))
    Tensor([[2.0000, 0.0000],
            [1.0000, 3.0000]])
    """
    if out is not None:
        return into(cholesky, locals())
    return cholesky_of("cholesky", input, upper)


@method("lu")
def lu(A: Tensor, pivot: bool = True, get_infos: bool = False, *, out: Any = None) -> Any:
    """The older form of `lucid.linalg.lu_factor`, not of `lucid.linalg.lu`.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., m, n)``, float32, float64 or complex.
    pivot : bool, default True
        Exchange rows.
    get_infos : bool, default False
        Say which matrices are singular, instead of raising.
    out : Tensor or tuple of Tensor, optional
        Where the results are written (see `lucid.ops.out`).

    Returns
    -------
    named tuple of Tensor
        ``(LU, pivots)`` as of `lucid.linalg.lu_factor`; with `get_infos` and `info`, as of
        `lucid.linalg.lu_factor_ex`.

    Raises
    ------
    LinAlgError
        If a pivot is zero, without `get_infos`.
    ShapeError
        If `A` has fewer than two dimensions.

    Examples
    --------
    >>> import lucid
    >>> lucid.lu(lucid.tensor([[1.0, 2.0], [4.0, 4.0]])).pivots
    Tensor([2, 2], dtype=int32)
    """
    if out is not None:
        return into(lu, locals())
    factors = factors_of("lu", A, pivot, not get_infos)
    return factors if get_infos else LUFactor(*factors[:2])


@method("lu_solve")
def lu_solve(b: Tensor, LU_data: Tensor, LU_pivots: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The older form of `lucid.linalg.lu_solve`, with the right side first.

    Parameters
    ----------
    b : Tensor
        Shape ``(..., n, k)``.
    LU_data : Tensor
        Shape ``(..., n, n)``.
    LU_pivots : Tensor of int32
        Shape ``(..., n)``.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Raises
    ------
    ShapeError
        If the shapes do not fit.

    Examples
    --------
    >>> import lucid
    >>> packed, pivots = lucid.lu(lucid.tensor([[1.0, 2.0], [4.0, 4.0]]))
    >>> lucid.lu_solve(lucid.tensor([[3.0], [8.0]]), packed, pivots)
    Tensor([[1.0000],
            [1.0000]])
    """
    if out is not None:
        return into(lu_solve, locals())
    return solve_factored("lu_solve", LU_data, LU_pivots, b, True, False)


@method("orgqr")
def orgqr(input: Tensor, tau: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Another name of `lucid.linalg.householder_product`.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., m, n)``, as `geqrf` gives it.
    tau : Tensor
        Shape ``(..., k)``.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Raises
    ------
    ShapeError
        If the shapes do not fit.

    Examples
    --------
    >>> import lucid
    >>> lucid.orgqr(*lucid.geqrf(lucid.tensor([[3.0], [4.0]])))
    Tensor([[-0.6000],
            [-0.8000]])
    """
    if out is not None:
        return into(orgqr, locals())
    return product_of("orgqr", input, tau)
