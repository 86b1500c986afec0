r"""LDL factors, :math:`A = P L D L^H P^T`, of Hermitian or symmetric indefinite matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor, values, wrap
from ...errors import ArgumentError, LinAlgError, ShapeError, compose
from ...kernels.ldl import Layout, layout
from ...kernels.ldl import ldl_factor as factor_all
from ...samples import Draw, ErrorSample, Sample
from ..axes import ndim_of
from ..diagonals import diagonal
from ..gathering import take_along_dim
from ..out import into
from ..promotion import promote
from ..selection import where
from .operands import matrices, square
from .solving import solve_triangular
from .structure import (
    adjoint,
    as_column,
    failure,
    rows_in_order,
    through_hermitian,
    with_unit_diagonal,
)


class LDLFactor(NamedTuple):
    """What `ldl_factor` gives: L and D packed in one matrix, and the exchanges."""

    LD: Any
    pivots: Any


class LDLFactorEx(NamedTuple):
    """What `ldl_factor_ex` gives: as `ldl_factor`, and for each matrix a number, 0 if fine."""

    LD: Any
    pivots: Any
    info: Any


# ---- factoring ------------------------------------------------------------------------


def _through_symmetric(op: Callable[..., Any], x: Any) -> Any:
    return op((x + x.mT) * 0.5)


def _samples(draw: Draw) -> list[Sample]:
    hollow = draw(4, 4) * (1 - np.eye(4))  # needs pivots of two by two
    inputs = [draw(3, 3), draw(2, 1, 3, 3), hollow, draw(0, 2, 2), draw(2, 0, 0)]
    symmetric = [(x + x.mT) * 0.5 for x in inputs]
    return [
        *(Sample((x,), {"hermitian": False}, _through_symmetric) for x in symmetric),
        *(
            Sample(((x + adjoint(x)) * 0.5,), {"hermitian": True}, through_hermitian)
            for x in inputs[:3]
        ),
    ]


def _error_samples(draw: Draw) -> list[ErrorSample]:
    singular = wrap(np.zeros((2, 2)))
    return [
        draw.error(lambda: ldl_factor(singular), LinAlgError, "pivot 1 is zero"),
        draw.error(lambda: ldl_factor(wrap(np.ones((2, 3)))), ShapeError, "square"),
    ]


@primitive(
    "ldl_factor",
    saves=("out[0]", "out[1]"),
    outputs=3,
    complex=True,
    samples=_samples,
    error_samples=_error_samples,
)
def _ldl_factor(a: Any, *, hermitian: bool) -> Any:
    return factor_all(a, hermitian)


@_ldl_factor.rule
def _(g, y, a, *, hermitian):
    # L^-1 dA' L^-H = K D + dD + D K^H with K = L^-1 dL, which is zero in the blocks of D and
    # above: so below the blocks it is K D, and in them dD. A' has the exchanges of A made.
    packed, toward = y[0], g[0]
    form = layout(values(y[1]))
    lower = _triangle(packed, form)
    below = _below_blocks(form)
    toward_lower = where(below, take_along_dim(toward, form.rows, -2), 0.0)
    inner = adjoint(lower) @ toward_lower
    inner = adjoint(_solve_blocks(packed, form, adjoint(inner), hermitian))
    inner = where(below, inner, where(_in_blocks(form), toward, 0.0))
    half = solve_triangular(adjoint(lower), inner, upper=True, unitriangular=True)
    outer = lower.mT if hermitian else adjoint(lower)
    turned = solve_triangular(outer, half.mT, upper=True, unitriangular=True)
    result = (turned.mT + (turned.conj() if hermitian else turned)) * 0.5
    back = np.argsort(form.order, -1)
    return (take_along_dim(rows_in_order(result, back), back[..., None, :], -1),)


def ldl_factor_ex(
    A: Tensor, *, hermitian: bool = False, check_errors: bool = False, out: Any = None
) -> LDLFactorEx:
    """The packed LDL factors of `ldl_factor`, and which matrices are singular, without an error.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., n, n)``, float32, float64 or complex.
    hermitian : bool, default False
        Whether complex matrices are Hermitian, or symmetric.
    check_errors : bool, default False
        Raise for singular matrices, as `ldl_factor` does.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    LD, pivots : Tensor
        As `ldl_factor` gives them.
    info : Tensor of int32
        Shape ``(...)``. 0, or the number of the first pivot that is zero.

    Raises
    ------
    LinAlgError
        If a pivot is zero, and `check_errors` is set.
    ShapeError
        If the matrices are not square.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.ldl_factor_ex(lucid.zeros(2, 2)).info
    Tensor(1, dtype=int32)
    """
    if out is not None:
        return into(ldl_factor_ex, locals())
    return _factored("linalg.ldl_factor_ex", A, hermitian, check_errors)


def _factored(caller: str, A: Tensor, hermitian: bool, check: bool) -> LDLFactorEx:
    square(caller, A=A)
    packed, pivots, info = apply(_ldl_factor, A, hermitian=bool(hermitian))
    if check and (numbers := values(info)).any():
        problem = "the matrix is singular: pivot {order} is zero, and solving divides by it"
        raise failure(caller, numbers, problem, "lucid.linalg.ldl_factor_ex(A)", A=A)
    return LDLFactorEx(packed, pivots, info)


def ldl_factor(A: Tensor, *, hermitian: bool = False, out: Any = None) -> LDLFactor:
    r"""LDL factors of Hermitian or symmetric matrices, packed as `ldl_solve` takes them.

    .. math:: A = P L D L^H P^T

    L is a lower triangle with ones on its diagonal, D has blocks of one or two on its own, and
    P is a permutation. Only the lower triangle of `A` is read; the gradient (PyTorch has none)
    is that of Hermitian, or symmetric, `A`.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., n, n)``, float32, float64 or complex.
    hermitian : bool, default False
        Whether complex matrices are Hermitian, or symmetric (:math:`L^T` for :math:`L^H`).
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    LD : Tensor
        Shape ``(..., n, n)``, lower triangles, as LAPACK packs them.
    pivots : Tensor of int32
        Shape ``(..., n)``, counted from 1; negative, and two alike, for a block of two.

    Raises
    ------
    LinAlgError
        If a pivot is zero.
    ShapeError
        If the matrices are not square.
    DTypeError
        If `A` is neither floating nor complex.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.ldl_factor(lucid.tensor([[4.0, 2.0], [2.0, 3.0]])).LD
    Tensor([[4.0000, 0.0000],
            [0.5000, 2.0000]])
    """
    if out is not None:
        return into(ldl_factor, locals())
    return LDLFactor(*_factored("linalg.ldl_factor", A, hermitian, True)[:2])


# ---- reading the factors ----------------------------------------------------------------


def _in_blocks(form: Layout) -> Any:
    """The mask of the stored part of D: the diagonal, and the lower corner of blocks of two."""
    steps = np.arange(form.partner.shape[-1])
    corner = steps[:, None] == form.partner[..., None, :]
    return (corner & (steps[:, None] >= steps)) | (steps[:, None] == steps)


def _below_blocks(form: Layout) -> Any:
    """The mask of the part of L that is stored."""
    steps = np.arange(form.partner.shape[-1])
    return (steps[:, None] > steps) & ~_in_blocks(form)


def _triangle(packed: Any, form: Layout) -> Any:
    """L, in plain form."""
    plain = take_along_dim(packed, form.rows, -2)
    return with_unit_diagonal(where(_below_blocks(form), plain, 0.0))


def _solve_blocks(packed: Any, form: Layout, b: Any, hermitian: bool) -> Any:
    """The solutions of ``D X = B``, by Cramer's rule for blocks of two."""
    partner = form.partner
    n = partner.shape[-1]
    steps = np.arange(n)
    alone = partner == steps
    corner = np.maximum(partner, steps) * n + np.minimum(partner, steps)
    on = diagonal(packed, 0, -2, -1)
    beside = take_along_dim(packed.reshape((*packed.shape[:-2], n * n)), corner, -1)
    if hermitian:
        beside = where(steps < partner, beside.conj(), beside)
    opposite, mirrored = (take_along_dim(x, partner, -1) for x in (on, beside))
    crossed = as_column(where(alone, 0.0, beside)) * rows_in_order(b, partner)
    numerator = as_column(where(alone, 1.0, opposite)) * b - crossed
    return numerator / as_column(where(alone, on, on * opposite - beside * mirrored))


def ldl_solve(
    LD: Tensor, pivots: Tensor, B: Tensor, *, hermitian: bool = False, out: Tensor | None = None
) -> Tensor:
    r"""The solutions :math:`X` of :math:`A X = B`, for `A` factored by `ldl_factor`.

    Parameters
    ----------
    LD : Tensor
        Shape ``(..., n, n)``.
    pivots : Tensor of int32
        Shape ``(..., n)``.
    B : Tensor
        Shape ``(..., n, k)``; the leading dimensions broadcast.
    hermitian : bool, default False
        As it was for `ldl_factor`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Shape ``(..., n, k)``.

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    ArgumentError
        If the pivots are none.

    Examples
    --------
    >>> import lucid
    >>> factors = lucid.linalg.ldl_factor(lucid.tensor([[4.0, 2.0], [2.0, 3.0]]))
    >>> lucid.linalg.ldl_solve(*factors, lucid.tensor([[6.0], [5.0]]))
    Tensor([[1.0000],
            [1.0000]])
    """
    if out is not None:
        return into(ldl_solve, locals())
    square("linalg.ldl_solve", LD=LD)
    matrices("linalg.ldl_solve", B=B)
    ndim_of("linalg.ldl_solve", pivots, "pivots")  # refuses what is no tensor
    n = LD.shape[-1]
    if B.shape[-2] != n or pivots.shape != LD.shape[:-1]:
        problem = "B must have as many rows as LD, and LD one pivot for each"
        seen = {"LD": LD, "pivots": pivots, "B": B}
        raise ShapeError(compose("linalg.ldl_solve", problem, seen))
    form = layout(_checked(values(pivots), n))
    packed, b = promote("linalg.ldl_solve", LD, B)
    lower = _triangle(packed, form)
    half = rows_in_order(b, form.order)
    half = solve_triangular(lower, half, upper=False, unitriangular=True)
    half = _solve_blocks(packed, form, half, hermitian)
    outer = adjoint(lower) if hermitian else lower.mT
    half = solve_triangular(outer, half, upper=True, unitriangular=True)
    return rows_in_order(half, np.argsort(form.order, -1))


def _checked(pivots: Any, n: int) -> Any:
    """Refuse pivots that `ldl_factor` does not give."""
    sizes = np.abs(pivots)
    if pivots.dtype.kind in "iu" and ((sizes >= 1) & (sizes <= n)).all():
        return pivots
    problem = f"the pivots must be integers between 1 and {n} in size, as ldl_factor gives them"
    raise ArgumentError(compose("linalg.ldl_solve", problem, {"pivots": pivots}))
