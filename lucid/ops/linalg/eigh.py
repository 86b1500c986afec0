r"""Eigenvalues and eigenvectors of Hermitian matrices, :math:`A = V \, \mathrm{diag}(w) \, V^H`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor, wrap
from ...errors import ArgumentError, LinAlgError, ShapeError, compose
from ...samples import Draw, ErrorSample, Sample
from ..diagonals import diagonal
from ..out import into
from ..selection import where
from .operands import square
from .structure import (
    adjoint,
    as_column,
    as_row,
    hermitian_part,
    hermitian_samples,
    on_diagonal,
    refuse_phase,
    skew_part,
    through_hermitian,
    with_diagonal,
)


class Eigen(NamedTuple):
    """Eigenvalues, and eigenvectors as columns."""

    eigenvalues: Any
    eigenvectors: Any


def _inputs(draw: Draw) -> list[Any]:
    return [hermitian_part(draw(*shape)) for shape in ((3, 3), (2, 1, 2, 2), (0, 2, 2), (2, 0, 0))]


def _with_real_sums(op: Callable[..., Any], a: Any) -> Any:
    """Turn every eigenvector by the phase that makes its sum real, which fixes it."""
    w, v = through_hermitian(op, a)
    return w, v * v.sum(-2, keepdims=True).conj()


def _samples(draw: Draw) -> list[Sample]:
    given = [Sample((x,), {"uplo": "L"}, _with_real_sums) for x in _inputs(draw)]
    return [*given, Sample(given[0].inputs, {"uplo": "U"}, _with_real_sums)]


def _error_samples(draw: Draw) -> list[ErrorSample]:
    return [
        draw.error(lambda: eigh(wrap(np.ones((2, 3)))), ShapeError, "square"),
        draw.error(lambda: eigh(wrap(np.eye(2)), "X"), ValueError, "'L' or 'U'"),
    ]


@primitive(
    "eigh", saves=("out",), outputs=2, complex=True, samples=_samples, error_samples=_error_samples
)
def _eigh(a: Any, *, uplo: str) -> Any:
    return _factored(np.linalg.eigh, a, uplo)


def _factored(function: Any, a: Any, uplo: str) -> Any:
    try:
        return function(a, uplo)
    except np.linalg.LinAlgError as error:
        problem = "the algorithm does not converge"
        raise LinAlgError(compose("linalg.eigh", problem, {"A": a})) from error


@_eigh.rule
def _(g, y, a, *, uplo):
    toward_w, toward_v = g
    w, v = y
    if toward_v is None:
        return (_toward_matrix(toward_w, v),)
    turn = skew_part(adjoint(v) @ toward_v)
    if turn.dtype.kind == "c":
        refuse_phase("linalg.eigh", diagonal(turn, 0, -2, -1))
    gaps = where(on_diagonal(v), 1.0, as_row(w) - as_column(w))
    inner = with_diagonal(turn / gaps, w * 0.0 if toward_w is None else toward_w)
    return (v @ inner @ adjoint(v),)


def _toward_matrix(toward_w: Any, v: Any) -> Any:
    """The gradient of what depends on eigenvalues alone: ``V diag(g) V^H``."""
    return (v * as_row(toward_w)) @ adjoint(v)


def _triangle(caller: str, A: Tensor, UPLO: str) -> str:
    """Check the arguments; which triangle is read."""
    square(caller, A=A)
    uplo = UPLO.upper() if isinstance(UPLO, str) else ""
    if uplo not in ("L", "U"):
        problem = "UPLO says which triangle is read: 'L' or 'U'"
        raise ArgumentError(compose(caller, problem, {"UPLO": UPLO}))
    return uplo


def eigh(A: Tensor, UPLO: str = "L", *, out: Any = None) -> Eigen:
    r"""Eigenvalues and eigenvectors of Hermitian matrices.

    .. math:: A = V \, \mathrm{diag}(w) \, V^H

    Only one triangle of `A` is read; the gradient is that of Hermitian `A`, and Hermitian
    itself. Through the eigenvectors it needs distinct eigenvalues. Signs (complex: phases) of
    eigenvectors are arbitrary; a loss must not depend on them.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., n, n)``, float32, float64 or complex.
    UPLO : {"L", "U"}, default "L"
        The triangle that is read.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    eigenvalues : Tensor
        Shape ``(..., n)``: real, smallest first. NaN where the matrix has NaN.
    eigenvectors : Tensor
        Shape ``(..., n, n)``, columns of length 1, orthogonal to each other.

    Raises
    ------
    ShapeError
        If the matrices are not square.
    ArgumentError
        If `UPLO` is something else.
    DTypeError
        If `A` is neither floating nor complex.
    GradError
        In `backward`, if a loss depends on the phases of complex eigenvectors.

    References
    ----------
    .. [1] M. B. Giles, "An extended collection of matrix derivative results for forward and
       reverse mode algorithmic differentiation" (2008).

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.eigh(lucid.tensor([[2.0, 1.0], [1.0, 2.0]])).eigenvalues
    Tensor([1.0000, 3.0000])
    """
    if out is not None:
        return into(eigh, locals())
    return Eigen(*apply(_eigh, A, uplo=_triangle("linalg.eigh", A, UPLO)))


# ---- eigenvalues alone ----------------------------------------------------------------


@primitive(
    "eigvalsh",
    saves=("a",),
    complex=True,
    samples=lambda draw: hermitian_samples(*_inputs(draw), uplo="L"),
)
def _eigvalsh(a: Any, *, uplo: str) -> Any:
    return _factored(np.linalg.eigvalsh, a, uplo)


@_eigvalsh.rule
def _(g, y, a, *, uplo):
    return (_toward_matrix(g, apply(_eigh, a, uplo=uplo)[1]),)


@_eigvalsh.recording
def _(a, *, uplo):  # the vectors are wanted for the gradient, and found along the way
    return _factored(np.linalg.eigh, a, uplo)


@_eigvalsh.fused_rule
def _(g, v, y, a, *, uplo):
    return (_toward_matrix(g, v),)


def eigvalsh(A: Tensor, UPLO: str = "L", *, out: Tensor | None = None) -> Tensor:
    """Eigenvalues of Hermitian matrices, smallest first.

    Their gradient, unlike that of eigenvectors, is defined also where two are equal.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., n, n)``, float32, float64 or complex.
    UPLO : {"L", "U"}, default "L"
        The triangle that is read.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Shape ``(..., n)``, real.

    Raises
    ------
    ShapeError
        If the matrices are not square.
    ArgumentError
        If `UPLO` is something else.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.eigvalsh(lucid.tensor([[2.0, 1.0], [1.0, 2.0]]))
    Tensor([1.0000, 3.0000])
    """
    if out is not None:
        return into(eigvalsh, locals())
    return apply(_eigvalsh, A, uplo=_triangle("linalg.eigvalsh", A, UPLO))
