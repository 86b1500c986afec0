"""Systems of linear equations with square matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor, values, wrap
from ...errors import LinAlgError, ShapeError, compose
from ...kernels.triangular import solve_triangular as solve_triangles
from ...samples import Draw, ErrorSample, Sample
from ..axes import ndim_of, normal_axis
from ..bind import method
from ..out import into
from ..promotion import promote
from ..shape import clone, reshape, squeeze, unsqueeze
from ..transposition import movedim
from ..triangles import tril, triu
from .inverse import well_conditioned
from .operands import inexact, is_vector, matrices, one_by_one, singular, square, zero_pivots


def _samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(well_conditioned(draw, 3, 3), draw(3, 2)),
        draw.sample(well_conditioned(draw, 2, 1, 2, 2), draw(3, 2, 1)),
        draw.sample(well_conditioned(draw, 2, 2) + 1j * draw(2, 2), draw(2, 2, 1) + 0j),
        draw.sample(draw(0, 2, 2), draw(2, 3)),
        draw.sample(draw(0, 0), draw(0, 2)),
        draw.sample(well_conditioned(draw, 2, 2), draw(2, 0)),
    ]


def _error_samples(draw: Draw) -> list[ErrorSample]:
    ones = wrap(np.ones((2, 2)))
    return [
        draw.error(lambda: solve(ones, ones), LinAlgError, "singular: pivot 2"),
        draw.error(lambda: solve(ones, wrap(np.ones(3))), ShapeError, "as many elements"),
        draw.error(lambda: solve(ones, ones, left=False), LinAlgError, "singular"),
    ]


@primitive(
    "solve",
    saves=("a", "out"),
    broadcasts=True,
    complex=True,
    samples=_samples,
    error_samples=_error_samples,
)
def _solve(a: Any, b: Any) -> Any:
    try:
        return np.linalg.solve(a, b)
    except np.linalg.LinAlgError as error:
        raise singular("linalg.solve", a) from error


@_solve.rule
def _(g, y, a, b, *, needs):  # A dX = dB - dA X
    toward_b = apply(_solve, a.mT.conj(), g)
    return (-(toward_b @ y.mT.conj()) if needs[0] else None), toward_b


def solve(A: Tensor, B: Tensor, *, left: bool = True, out: Tensor | None = None) -> Tensor:
    r"""The solutions :math:`X` of :math:`A X = B`, for square matrices.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., n, n)``, floating or complex.
    B : Tensor
        Shape ``(..., n, k)``, or a vector ``(n,)``, or vectors for the matrices of a batch,
        ``A.shape[:-1]``. The leading dimensions broadcast.
    left : bool, default True
        With False, solve :math:`X A = B` instead.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Shape ``(..., n, k)``, or without `k` for vectors.

    Raises
    ------
    LinAlgError
        If a matrix is singular.
    ShapeError
        If `A` is not square, or `B` does not fit.
    DTypeError
        If an operand is neither floating nor complex.

    Examples
    --------
    >>> import lucid
    >>> A = lucid.tensor([[2.0, 1.0], [0.0, 4.0]])
    >>> lucid.linalg.solve(A, lucid.tensor([5.0, 4.0]))
    Tensor([2.0000, 1.0000])
    """
    if out is not None:
        return into(solve, locals())
    return _solved("linalg.solve", A, B, left)


def _solved(caller: str, A: Tensor, B: Tensor, left: bool) -> Tensor:
    """Solve; a vector becomes a matrix of one column, and an equation X A = B is transposed."""
    square(caller, A=A)
    ndim_of(caller, B, "B")  # refuses what is no tensor
    vector = is_vector(A, B)
    _fitting(caller, A, B, left or vector, vector)
    a, b = promote(caller, A, B)
    if vector:
        return squeeze(apply(_solve, a if left else a.mT, unsqueeze(b, -1)), -1)
    if left:
        return apply(_solve, a, b)
    return apply(_solve, a.mT, b.mT).mT


def _fitting(caller: str, A: Tensor, B: Tensor, left: bool, vector: bool = False) -> None:
    """Refuse a right side that does not fit the matrices."""
    (inexact if vector else matrices)(caller, B=B)
    rows = B.shape[-1] if vector or not left else B.shape[-2]
    if rows != A.shape[-1]:
        kind = "elements" if vector else "rows" if left else "columns"
        problem = f"B must have as many {kind} as A"
        raise ShapeError(compose(caller, problem, {"A": A, "B": B}))
    try:
        np.broadcast_shapes(A.shape[:-2], B.shape[:-1] if vector and B.ndim == 1 else B.shape[:-2])
    except ValueError as error:
        if not vector:
            problem = "the leading dimensions do not broadcast"
            raise ShapeError(compose(caller, problem, {"A": A, "B": B})) from error


class Solved(NamedTuple):
    """What `solve_ex` gives: the solutions, and for each the number of a zero pivot, or 0."""

    result: Any
    info: Any


def solve_ex(
    A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False, out: Any = None
) -> Solved:
    """The solutions of `solve`, and which matrices are singular, without an error.

    Parameters
    ----------
    A, B : Tensor
        As for `solve`.
    left : bool, default True
    check_errors : bool, default False
        Raise for singular matrices, as `solve` does.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    result : Tensor
        NaN for every singular matrix.
    info : Tensor of int32
        Shape ``(...)``: for every matrix 0, or the number of the pivot that is zero.

    Raises
    ------
    LinAlgError
        If a matrix is singular, and `check_errors` is set.
    ShapeError
        If `A` is not square, or `B` does not fit.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.solve_ex(lucid.ones(2, 2), lucid.ones(2)).result
    Tensor([nan, nan])
    """
    if out is not None:
        return into(solve_ex, locals())
    try:
        result = _solved("linalg.solve_ex", A, B, left)
        return Solved(result, wrap(np.zeros(A.shape[:-2], np.int32)))
    except LinAlgError:
        info = zero_pivots(values(A))
        if check_errors:
            raise singular("linalg.solve_ex", values(A), info) from None
    a, b = (values(x) for x in promote("linalg.solve_ex", A, B))
    vector = is_vector(a, b)
    if vector:
        b = b[..., None]
    turned = not left and not vector
    b = b.mT if turned else b
    found = one_by_one(np.linalg.solve, b.shape[-2:], a if left else a.mT, b)
    return Solved(wrap(found[..., 0] if vector else found.mT if turned else found), wrap(info))


# ---- triangular matrices --------------------------------------------------------------


def _triangular_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(well_conditioned(draw, 3, 3), draw(3, 2), upper=True, unitriangular=False),
        draw.sample(
            well_conditioned(draw, 2, 1, 2, 2), draw(3, 2, 1), upper=False, unitriangular=False
        ),
        draw.sample(well_conditioned(draw, 3, 3), draw(3, 1), upper=False, unitriangular=True),
        draw.sample(
            well_conditioned(draw, 2, 2) + 1j * draw(2, 2),
            draw(2, 2, 1) + 1j * draw(2, 2, 1),
            upper=True,
            unitriangular=False,
        ),
        draw.sample(draw(0, 0), draw(0, 2), upper=True, unitriangular=False),
    ]


@primitive(
    "solve_triangular",
    saves=("a", "out"),
    broadcasts=True,
    complex=True,
    samples=_triangular_samples,
)
def _solve_triangular(a: Any, b: Any, *, upper: bool, unitriangular: bool) -> Any:
    return solve_triangles(a, b, upper, unitriangular)


@_solve_triangular.rule
def _(g, y, a, b, *, upper, unitriangular, needs):
    toward_b = apply(
        _solve_triangular, a.mT.conj(), g, upper=not upper, unitriangular=unitriangular
    )
    toward_a = None
    if needs[0]:
        whole = -(toward_b @ y.mT.conj())
        offset = int(unitriangular)
        toward_a = triu(whole, offset) if upper else tril(whole, -offset)
    return toward_a, toward_b


def solve_triangular(
    A: Tensor,
    B: Tensor,
    *,
    upper: bool,
    left: bool = True,
    unitriangular: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    r"""The solutions :math:`X` of :math:`A X = B`, for triangular matrices.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., n, n)``, floating or complex. The other triangle is not read.
    B : Tensor
        Shape ``(..., n, k)``. The leading dimensions broadcast.
    upper : bool
        Whether `A` is an upper or a lower triangle.
    left : bool, default True
        With False, solve :math:`X A = B` instead, for `B` of shape ``(..., k, n)``.
    unitriangular : bool, default False
        Take the diagonal of `A` for ones, without reading it.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Of the shape of `B`. Zeros on a diagonal give infinities or NaN, not an error.

    Raises
    ------
    ShapeError
        If `A` is not square, or `B` does not fit.
    DTypeError
        If an operand is neither floating nor complex.

    Examples
    --------
    >>> import lucid
    >>> A = lucid.tensor([[2.0, 1.0], [0.0, 4.0]])
    >>> lucid.linalg.solve_triangular(A, lucid.tensor([[5.0], [4.0]]), upper=True)
    Tensor([[2.0000],
            [1.0000]])
    """
    if out is not None:
        return into(solve_triangular, locals())
    square("linalg.solve_triangular", A=A)
    _fitting("linalg.solve_triangular", A, B, left)
    a, b = promote("linalg.solve_triangular", A, B)
    if left:
        return apply(_solve_triangular, a, b, upper=upper, unitriangular=unitriangular)
    turned = {"upper": not upper, "unitriangular": unitriangular}
    return apply(_solve_triangular, a.mT, b.mT, **turned).mT


class TriangularSolution(NamedTuple):
    """What `triangular_solve` gives: the solutions, and a copy of the matrices."""

    solution: Any
    cloned_coefficient: Any


@method("triangular_solve")
def triangular_solve(
    b: Tensor,
    A: Tensor,
    upper: bool = True,
    transpose: bool = False,
    unitriangular: bool = False,
    *,
    out: Any = None,
) -> TriangularSolution:
    """The older form of `lucid.linalg.solve_triangular`, with the right side first.

    Parameters
    ----------
    b : Tensor
        Shape ``(..., n, k)``.
    A : Tensor
        Shape ``(..., n, n)``.
    upper : bool, default True
    transpose : bool, default False
        Solve with the transpose of `A`.
    unitriangular : bool, default False
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    solution : Tensor
    cloned_coefficient : Tensor

    Raises
    ------
    ShapeError
        If the shapes do not fit.

    Examples
    --------
    >>> import lucid
    >>> lucid.triangular_solve(lucid.ones(1, 1), lucid.tensor([[4.0]])).solution
    Tensor([[0.2500]])
    """
    if out is not None:
        return into(triangular_solve, locals())
    a = A.mT if transpose else A
    found = solve_triangular(a, b, upper=upper != transpose, unitriangular=unitriangular)
    return TriangularSolution(found, clone(A))


# ---- tensors as matrices --------------------------------------------------------------


def tensorsolve(
    A: Tensor, B: Tensor, dims: Sequence[int] | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The solution `X` of ``tensordot(A, X, X.ndim) = B``.

    Parameters
    ----------
    A : Tensor
        Its first ``B.ndim`` dimensions are the rows of a square matrix, the rest the columns.
    B : Tensor
    dims : sequence of int, optional
        Dimensions of `A` to move to its end first.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Shape ``A.shape[B.ndim:]``.

    Raises
    ------
    ShapeError
        If the lengths do not make a square matrix that fits `B`.
    LinAlgError
        If there is no solution.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.tensorsolve(2 * lucid.eye(6).reshape(2, 3, 6), lucid.ones(2, 3)).shape
    (6,)
    """
    if out is not None:
        return into(tensorsolve, locals())
    for name, operand in (("A", A), ("B", B)):
        ndim_of("linalg.tensorsolve", operand, name)  # refuses what is no tensor
    if dims is not None:
        sources = [normal_axis("linalg.tensorsolve", dim, A) for dim in dims]
        A = movedim(A, tuple(sources), tuple(range(A.ndim - len(sources), A.ndim)))
    size, columns = B.numel(), tuple(A.shape[B.ndim :])
    if math.prod(columns) != size or A.numel() != size * size:
        problem = "the dimensions of A must make a square matrix with a row for each element of B"
        raise ShapeError(compose("linalg.tensorsolve", problem, {"A": A, "B": B}))
    found = solve(reshape(A, (size, size)), reshape(B, (size,)))
    return reshape(found, columns)
