r"""Cholesky factors, :math:`A = L L^H`, of Hermitian positive-definite matrices."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor, values, wrap
from ...errors import LinAlgError, ShapeError, compose
from ...kernels.cholesky import cholesky as factor_all
from ...samples import Draw, ErrorSample, Sample
from ..bind import method
from ..out import into
from ..promotion import promote
from ..triangles import tril
from .operands import matrices, square
from .solving import solve_triangular
from .structure import (
    adjoint,
    failure,
    half_diagonal,
    hermitian_part,
    hermitian_samples,
    positive_definite,
)


class CholeskyFactor(NamedTuple):
    """What `cholesky_ex` gives: the triangle, and for each matrix a number, 0 if it has one."""

    L: Any
    info: Any


def _samples(draw: Draw) -> list[Sample]:
    return hermitian_samples(
        positive_definite(draw, 3, 3),
        positive_definite(draw, 2, 1, 2, 2),
        draw(0, 2, 2),
        draw(2, 0, 0),
    )


def _error_samples(draw: Draw) -> list[ErrorSample]:
    bad = wrap(np.stack([np.eye(2), -np.eye(2)]))
    return [
        draw.error(lambda: cholesky(bad), LinAlgError, "batch element 1: .* order 1"),
        draw.error(lambda: cholesky(wrap(np.ones((2, 3)))), ShapeError, "square"),
        draw.error(lambda: cholesky(wrap(np.ones((2, 2), np.int64))), TypeError, "floating"),
    ]


@primitive(
    "cholesky",
    saves=("out[0]",),
    outputs=2,
    complex=True,
    samples=_samples,
    error_samples=_error_samples,
)
def _cholesky(a: Any) -> Any:
    return factor_all(a)


@_cholesky.rule
def _(g, y, a):
    # L^-1 dA L^-H = L^-1 dL + (L^-1 dL)^H, so L^-1 dL is its triangle with half the diagonal [1]
    factor = y[0]
    inner = half_diagonal(tril(adjoint(factor) @ g[0]))
    return (_between_inverses(hermitian_part(inner), adjoint(factor)),)


def _between_inverses(x: Any, upper: Any) -> Any:
    """``U^-1 X U^-H`` for Hermitian `x` and an upper triangle."""
    half = solve_triangular(upper, x, upper=True)
    return hermitian_part(solve_triangular(upper, adjoint(half), upper=True))


def cholesky(A: Tensor, *, upper: bool = False, out: Tensor | None = None) -> Tensor:
    r"""The Cholesky factors of Hermitian positive-definite matrices, :math:`A = L L^H`.

    Only the lower triangle of `A` is read (the upper one with `upper`); the gradient is that of
    Hermitian `A`, and Hermitian itself.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., n, n)``, float32, float64 or complex.
    upper : bool, default False
        Give :math:`U = L^H` instead.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Triangles of the same shape, with a positive diagonal.

    Raises
    ------
    LinAlgError
        If a matrix is not positive-definite; it names the matrix and its first leading minor
        that is not.
    ShapeError
        If the matrices are not square.
    DTypeError
        If `A` is neither floating nor complex.

    References
    ----------
    .. [1] I. Murray, "Differentiation of the Cholesky decomposition", arXiv:1602.07527 (2016).

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.cholesky(lucid.tensor([[4.0, 2.0], [2.0, 10.0]]))
    Tensor([[2.0000, 0.0000],
            [1.0000, 3.0000]])
    """
    if out is not None:
        return into(cholesky, locals())
    return cholesky_of("linalg.cholesky", A, upper)


def cholesky_of(caller: str, A: Tensor, upper: bool) -> Tensor:
    """The factors, or the error in the name of the caller."""
    factor, info = _factored(caller, A, upper)
    _refuse_indefinite(caller, A, info)
    return factor


def _factored(caller: str, A: Tensor, upper: bool) -> Any:
    square(caller, A=A)
    factor, info = apply(_cholesky, adjoint(A) if upper else A)
    return adjoint(factor) if upper else factor, info


def _refuse_indefinite(caller: str, A: Tensor, info: Any) -> None:
    numbers = values(info)
    if numbers.any():
        problem = "the matrix is not positive-definite: its leading minor of order {order} is not"
        raise failure(caller, numbers, problem, "A + eps * lucid.eye(n)", A=A)


def cholesky_ex(
    A: Tensor, *, upper: bool = False, check_errors: bool = False, out: Any = None
) -> CholeskyFactor:
    """The Cholesky factors, and which matrices have none, without an error.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., n, n)``, float32, float64 or complex.
    upper : bool, default False
        As for `cholesky`.
    check_errors : bool, default False
        Raise where a matrix has no factor, as `cholesky` does.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    L : Tensor
        The triangles; what stands in those of matrices without a factor is of no use.
    info : Tensor of int32
        Shape ``(...)``. 0, or the order of the first leading minor that is not
        positive-definite.

    Raises
    ------
    LinAlgError
        If a matrix is not positive-definite, and `check_errors` is set.
    ShapeError
        If the matrices are not square.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.cholesky_ex(lucid.tensor([[1.0, 2.0], [2.0, 1.0]])).info
    Tensor(2, dtype=int32)
    """
    if out is not None:
        return into(cholesky_ex, locals())
    factor, info = _factored("linalg.cholesky_ex", A, upper)
    if check_errors:
        _refuse_indefinite("linalg.cholesky_ex", A, info)
    return CholeskyFactor(factor, info)


@method("cholesky_inverse")
def cholesky_inverse(L: Tensor, upper: bool = False, *, out: Tensor | None = None) -> Tensor:
    r"""The inverses of matrices that are given by their Cholesky factors, :math:`(L L^H)^{-1}`.

    Parameters
    ----------
    L : Tensor
        Shape ``(..., n, n)``: triangles, the other triangle is not read.
    upper : bool, default False
        Whether they are upper triangles, of :math:`U^H U`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Of the same shape, Hermitian.

    Raises
    ------
    LinAlgError
        If a triangle has a zero on its diagonal.
    ShapeError
        If the matrices are not square.

    Examples
    --------
    >>> import lucid
    >>> lucid.cholesky_inverse(lucid.tensor([[2.0, 0.0], [0.0, 4.0]]))
    Tensor([[0.2500, 0.0000],
            [0.0000, 0.0625]])
    """
    if out is not None:
        return into(cholesky_inverse, locals())
    square("cholesky_inverse", L=L)
    zero = np.equal(np.diagonal(values(L), 0, -2, -1), 0)
    if zero.any():
        info = np.where(zero.any(-1), zero.argmax(-1) + 1, 0)
        problem = "the matrix is singular: element {order} of the diagonal of L is zero"
        raise failure("cholesky_inverse", info, problem, L=L)
    identity: Any = np.eye(L.shape[-1], dtype=L.dtype)
    inverse = solve_triangular(L, identity, upper=upper)
    return inverse @ adjoint(inverse) if upper else adjoint(inverse) @ inverse


@method("cholesky_solve")
def cholesky_solve(
    B: Tensor, L: Tensor, upper: bool = False, *, out: Tensor | None = None
) -> Tensor:
    r"""The solutions :math:`X` of :math:`A X = B`, for `A` given by its Cholesky factor.

    Parameters
    ----------
    B : Tensor
        Shape ``(..., n, k)``.
    L : Tensor
        Shape ``(..., n, n)``: triangles with :math:`A = L L^H`; the other triangle is not read.
    upper : bool, default False
        Whether they are upper triangles, with :math:`A = U^H U`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Shape ``(..., n, k)``; the leading dimensions broadcast.

    Raises
    ------
    ShapeError
        If `L` is not square, or `B` does not fit.

    Examples
    --------
    >>> import lucid
    >>> L = lucid.tensor([[2.0, 0.0], [1.0, 3.0]])
    >>> lucid.cholesky_solve(lucid.tensor([[6.0], [12.0]]), L)
    Tensor([[1.0000],
            [1.0000]])
    """
    if out is not None:
        return into(cholesky_solve, locals())
    square("cholesky_solve", L=L)
    matrices("cholesky_solve", B=B)
    if B.shape[-2] != L.shape[-1]:
        problem = "B must have as many rows as L"
        raise ShapeError(compose("cholesky_solve", problem, {"B": B, "L": L}))
    b, factor = promote("cholesky_solve", B, L)
    if upper:
        half = solve_triangular(adjoint(factor), b, upper=False)
        return solve_triangular(factor, half, upper=True)
    half = solve_triangular(factor, b, upper=False)
    return solve_triangular(adjoint(factor), half, upper=True)
