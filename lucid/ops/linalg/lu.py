r"""LU factors with partial pivoting, :math:`A = P L U`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor, values, wrap
from ...errors import ArgumentError, LinAlgError, ShapeError, compose
from ...kernels.lu import lu_factor as factor_all
from ...kernels.lu import permutation
from ...samples import Draw, ErrorSample, Sample
from ..axes import ndim_of
from ..joining import cat
from ..out import into
from ..promotion import promote
from ..triangles import tril, triu
from .inverse import well_conditioned
from .operands import matrices, square
from .solving import solve_triangular
from .structure import adjoint, failure, rows_in_order, with_unit_diagonal


class LU(NamedTuple):
    """What `lu` gives: A = P L U."""

    P: Any
    L: Any
    U: Any


class LUFactor(NamedTuple):
    """What `lu_factor` gives: L and U packed in one matrix, and the exchanges of rows."""

    LU: Any
    pivots: Any


class LUFactorEx(NamedTuple):
    """What `lu_factor_ex` gives: as `lu_factor`, and for each matrix a number, 0 if it is fine."""

    LU: Any
    pivots: Any
    info: Any


# ---- factoring ------------------------------------------------------------------------


def _samples(draw: Draw) -> list[Sample]:
    inputs = [well_conditioned(draw, 3, 3), well_conditioned(draw, 2, 1, 2, 2), draw(2, 4, 2)]
    inputs += [draw(2, 2, 4), draw(0, 2, 2), draw(2, 0, 3)]
    return [
        *(draw.sample(x, pivot=True) for x in inputs),
        draw.sample(well_conditioned(draw, 3, 3), pivot=False),
    ]


def _error_samples(draw: Draw) -> list[ErrorSample]:
    singular = wrap(np.stack([np.eye(2), np.ones((2, 2))]))
    whole = wrap(np.ones((2, 2), np.int64))
    return [
        draw.error(lambda: lu_factor(singular), LinAlgError, "batch element 1: .* pivot 2"),
        draw.error(lambda: lu_factor(wrap(np.ones(2))), ShapeError, "matrix"),
        draw.error(lambda: lu(whole), TypeError, "floating"),
    ]


@primitive(
    "lu_factor",
    saves=("out[0]", "out[1]"),
    outputs=3,
    complex=True,
    samples=_samples,
    error_samples=_error_samples,
)
def _lu_factor(a: Any, *, pivot: bool) -> Any:
    return factor_all(a, pivot)


@_lu_factor.rule
def _(g, y, a, *, pivot):
    result = toward_factored(g[0], y[0])
    if not pivot:
        return (result,)
    back = np.argsort(permutation(values(y[1]) - 1, a.shape[-2]), -1)
    return (rows_in_order(result, back),)


def toward_factored(toward: Any, packed: Any) -> Any:
    """The gradient of ``A = L U``, from that of its packed factors.

    ``L^-1 dA U^-1`` is ``L^-1 dL + dU U^-1``: a strictly lower and an upper triangle [1].
    """
    rows, columns = packed.shape[-2:]
    k = min(rows, columns)
    corner, top = packed[..., :k, :k], toward[..., :k, :k]
    lower, upper = with_unit_diagonal(tril(corner, -1)), triu(corner)
    beneath, above = adjoint(lower) @ tril(top, -1), triu(top) @ adjoint(upper)
    if columns > k:  # the columns beyond: L^-1 dA2 = L^-1 dL U2 + dU2
        beneath = beneath - toward[..., k:] @ adjoint(packed[..., k:])
    if rows > k:  # the rows beyond: dA2 U^-1 = dL2 + L2 dU U^-1
        above = above - adjoint(packed[..., k:, :]) @ toward[..., k:, :]
    inner = tril(beneath, -1) + triu(above)
    left: dict[str, Any] = {"upper": True, "unitriangular": True}
    right: dict[str, Any] = {"upper": False, "left": False}
    half = solve_triangular(adjoint(upper), inner, **right)
    result = solve_triangular(adjoint(lower), half, **left)
    if columns > k:
        result = cat([result, solve_triangular(adjoint(lower), toward[..., k:], **left)], -1)
    if rows > k:
        result = cat([result, solve_triangular(adjoint(upper), toward[..., k:, :], **right)], -2)
    return result


def lu_factor_ex(
    A: Tensor, *, pivot: bool = True, check_errors: bool = False, out: Any = None
) -> LUFactorEx:
    """The packed LU factors of `lu_factor`, and which matrices are singular, without an error.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., m, n)``, float32, float64 or complex.
    pivot : bool, default True
        As for `lu_factor`.
    check_errors : bool, default False
        Raise for singular matrices, as `lu_factor` does.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    LU, pivots : Tensor
        As `lu_factor` gives them.
    info : Tensor of int32
        Shape ``(...)``. 0, or the number of the first pivot that is zero.

    Raises
    ------
    LinAlgError
        If a pivot is zero, and `check_errors` is set.
    ShapeError
        If `A` has fewer than two dimensions.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.lu_factor_ex(lucid.ones(2, 2)).info
    Tensor(2, dtype=int32)
    """
    if out is not None:
        return into(lu_factor_ex, locals())
    return factors_of("linalg.lu_factor_ex", A, pivot, check_errors)


def factors_of(caller: str, A: Tensor, pivot: bool, check: bool) -> LUFactorEx:
    """The packed factors, in the name of the caller."""
    matrices(caller, A=A)
    packed, pivots, info = apply(_lu_factor, A, pivot=bool(pivot))
    if check and (numbers := values(info)).any():
        problem = "the matrix is singular: pivot {order} is zero, and solving divides by it"
        raise failure(caller, numbers, problem, "lucid.linalg.lu(A), or lu_factor_ex(A)", A=A)
    return LUFactorEx(packed, pivots, info)


def lu_factor(A: Tensor, *, pivot: bool = True, out: Any = None) -> LUFactor:
    r"""LU factors packed in one matrix, as `lu_solve` takes them.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., m, n)``, float32, float64 or complex.
    pivot : bool, default True
        Exchange rows, so that every pivot is the largest of its column. Without, small pivots
        make large errors.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    LU : Tensor
        Shape ``(..., m, n)``: `U` on and above the diagonal, `L` without its ones below.
    pivots : Tensor of int32
        Shape ``(..., min(m, n))``: row i was exchanged with row ``pivots[i]``, counted from 1.

    Raises
    ------
    LinAlgError
        If a pivot is zero.
    ShapeError
        If `A` has fewer than two dimensions.
    DTypeError
        If `A` is neither floating nor complex.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.lu_factor(lucid.tensor([[1.0, 2.0], [4.0, 4.0]]))
    LUFactor(LU=Tensor([[4.0000, 4.0000],
            [0.2500, 1.0000]]), pivots=Tensor([2, 2], dtype=int32))
    """
    if out is not None:
        return into(lu_factor, locals())
    return LUFactor(*factors_of("linalg.lu_factor", A, pivot, True)[:2])


def lu(A: Tensor, *, pivot: bool = True, out: Any = None) -> LU:
    r"""The LU decomposition with partial pivoting, :math:`A = P L U`.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., m, n)``, float32, float64 or complex. For a gradient its first
        ``min(m, n)`` pivots must not be zero.
    pivot : bool, default True
        Exchange rows, so that every pivot is the largest of its column. Without, `P` is empty.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    P : Tensor
        Shape ``(..., m, m)``: permutations.
    L : Tensor
        Shape ``(..., m, k)`` with :math:`k = \min(m, n)`: lower triangles, ones on the diagonal.
    U : Tensor
        Shape ``(..., k, n)``: upper triangles.

    Raises
    ------
    ShapeError
        If `A` has fewer than two dimensions.
    DTypeError
        If `A` is neither floating nor complex.

    References
    ----------
    .. [1] S. F. Walter, L. Lehmann, "Algorithmic differentiation of linear algebra functions
       with application in optimum experimental design", arXiv:1001.1654 (2010).

    Examples
    --------
    >>> import lucid
    >>> P, L, U = lucid.linalg.lu(lucid.tensor([[1.0, 2.0], [4.0, 4.0]]))
    >>> L, U
    (Tensor([[1.0000, 0.0000],
            [0.2500, 1.0000]]), Tensor([[4.0000, 4.0000],
            [0.0000, 1.0000]]))
    """
    if out is not None:
        return into(lu, locals())
    packed, pivots, _ = factors_of("linalg.lu", A, pivot, False)
    return lu_unpack(packed, pivots, unpack_pivots=bool(pivot))


# ---- using the factors ----------------------------------------------------------------


def _rows(caller: str, pivots: Any, count: int) -> Any:
    """The permutation that pivots, counted from 1, lead to."""
    exchanges = values(pivots)
    if exchanges.dtype.kind not in "iu":
        problem = "the pivots must be integers, as lu_factor gives them"
        raise ArgumentError(compose(caller, problem, {"pivots": pivots}))
    if exchanges.size and not 1 <= exchanges.min() <= exchanges.max() <= count:
        problem = f"the pivots must be between 1 and {count}, as lu_factor gives them"
        raise ArgumentError(compose(caller, problem, {"pivots": pivots}))
    return permutation(exchanges.astype(np.intp) - 1, count)


def lu_unpack(
    LU_data: Tensor,
    LU_pivots: Tensor,
    unpack_data: bool = True,
    unpack_pivots: bool = True,
    *,
    out: Any = None,
) -> LU:
    """The matrices P, L and U from what `lucid.linalg.lu_factor` gives.

    Parameters
    ----------
    LU_data : Tensor
        Shape ``(..., m, n)``.
    LU_pivots : Tensor of int32
        Shape ``(..., min(m, n))``.
    unpack_data : bool, default True
        With False, `L` and `U` are empty.
    unpack_pivots : bool, default True
        With False, `P` is empty.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    P, L, U : Tensor
        As of `lucid.linalg.lu`.

    Raises
    ------
    ArgumentError
        If the pivots are none.
    ShapeError
        If the shapes do not fit.

    Examples
    --------
    >>> import lucid
    >>> packed, pivots = lucid.linalg.lu_factor(lucid.tensor([[1.0, 2.0], [4.0, 4.0]]))
    >>> lucid.lu_unpack(packed, pivots).P
    Tensor([[0.0000, 1.0000],
            [1.0000, 0.0000]])
    """
    if out is not None:
        return into(lu_unpack, locals())
    matrices("lu_unpack", LU_data=LU_data)
    rows, columns = LU_data.shape[-2:]
    k = min(rows, columns)
    empty = wrap(np.empty(0, LU_data.dtype))
    P: Any = empty
    L: Any = empty
    U: Any = empty
    if unpack_data:
        L = with_unit_diagonal(tril(LU_data[..., :k], -1))
        U = triu(LU_data[..., :k, :])
    if unpack_pivots:
        ndim_of("lu_unpack", LU_pivots, "LU_pivots")  # refuses what is no tensor
        if LU_pivots.shape != (*LU_data.shape[:-2], k):
            problem = f"there must be {k} pivots for each matrix"
            seen = {"LU_data": LU_data, "LU_pivots": LU_pivots}
            raise ShapeError(compose("lu_unpack", problem, seen))
        order = _rows("lu_unpack", LU_pivots, rows)
        P = wrap((order[..., None, :] == np.arange(rows)[:, None]).astype(LU_data.dtype))
    return LU(P, L, U)


def lu_solve(
    LU: Tensor,
    pivots: Tensor,
    B: Tensor,
    *,
    left: bool = True,
    adjoint: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    r"""The solutions :math:`X` of :math:`A X = B`, for `A` factored by `lu_factor`.

    Parameters
    ----------
    LU : Tensor
        Shape ``(..., n, n)``.
    pivots : Tensor of int32
        Shape ``(..., n)``.
    B : Tensor
        Shape ``(..., n, k)``; the leading dimensions broadcast.
    left : bool, default True
        With False, solve :math:`X A = B` instead, for `B` of shape ``(..., k, n)``.
    adjoint : bool, default False
        Solve with :math:`A^H` in place of `A`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Of the shape of `B`.

    Raises
    ------
    ShapeError
        If `LU` is not square, or the shapes do not fit.
    ArgumentError
        If the pivots are none.

    Examples
    --------
    >>> import lucid
    >>> packed, pivots = lucid.linalg.lu_factor(lucid.tensor([[1.0, 2.0], [4.0, 4.0]]))
    >>> lucid.linalg.lu_solve(packed, pivots, lucid.tensor([[3.0], [8.0]]))
    Tensor([[1.0000],
            [1.0000]])
    """
    if out is not None:
        return into(lu_solve, locals())
    return solve_factored("linalg.lu_solve", LU, pivots, B, left, adjoint)


def solve_factored(
    caller: str, packed: Any, pivots: Any, B: Any, left: bool, adjoined: bool
) -> Any:
    """Solve with packed factors, in the name of the caller."""
    square(caller, LU=packed)
    matrices(caller, B=B)
    ndim_of(caller, pivots, "pivots")  # refuses what is no tensor
    n = packed.shape[-1]
    if B.shape[-2 if left else -1] != n or pivots.shape != packed.shape[:-1]:
        problem = f"B must have as many {'rows' if left else 'columns'} as LU, and LU a pivot a row"
        raise ShapeError(compose(caller, problem, {"LU": packed, "pivots": pivots, "B": B}))
    factors, b = promote(caller, packed, B)
    if not left:  # X A = B is A^H X^H = B^H
        b, adjoined = adjoint(b), not adjoined
    order = _rows(caller, pivots, n)
    if adjoined:
        half = solve_triangular(adjoint(factors), b, upper=False)
        half = solve_triangular(adjoint(factors), half, upper=True, unitriangular=True)
        found = rows_in_order(half, np.argsort(order, -1))
    else:
        half = rows_in_order(b, order)
        half = solve_triangular(factors, half, upper=False, unitriangular=True)
        found = solve_triangular(factors, half, upper=True)
    return found if left else adjoint(found)
