r"""Eigenvalues and eigenvectors of any square matrices, :math:`A V = V \, \mathrm{diag}(w)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor, wrap
from ...errors import LinAlgError, ShapeError
from ...samples import Draw, ErrorSample, Sample
from ..diagonals import diagonal
from ..out import into
from ..selection import where
from .eigh import Eigen
from .operands import square
from .solving import solve
from .structure import (
    adjoint,
    as_column,
    as_row,
    failure,
    on_diagonal,
    refuse_phase,
    with_diagonal,
)


def _with_real_sums(op: Callable[..., Any], a: Any) -> Any:
    """Turn every eigenvector by the phase that makes its sum real, which fixes it."""
    w, v = op(a)
    return w, v * v.sum(-2, keepdims=True).conj()


def _inputs(draw: Draw) -> list[Any]:
    return [draw(3, 3), draw(2, 1, 2, 2), draw(0, 2, 2), draw(2, 0, 0)]


def _samples(draw: Draw) -> list[Sample]:
    return [Sample((x,), {}, _with_real_sums) for x in _inputs(draw)]


def _error_samples(draw: Draw) -> list[ErrorSample]:
    bad = wrap(np.stack([np.eye(2), np.full((2, 2), np.nan)]))
    return [
        draw.error(lambda: eig(bad), LinAlgError, "batch element 1: .*NaN"),
        draw.error(lambda: eig(wrap(np.ones((2, 3)))), ShapeError, "square"),
    ]


@primitive(
    "eig", saves=("out",), outputs=2, complex=True, samples=_samples, error_samples=_error_samples
)
def _eig(a: Any) -> Any:
    w, v = _factored(np.linalg.eig, a)
    kind = np.result_type(a.dtype, np.complex64)  # where all is real NumPy gives real arrays
    return w.astype(kind, copy=False), v.astype(kind, copy=False)


def _factored(function: Any, a: Any) -> Any:
    """What NumPy finds, or the error for the matrix that defeats it."""
    try:
        return function(a)
    except np.linalg.LinAlgError as error:
        strange = ~np.isfinite(a).all((-2, -1))
        problem = "the algorithm does not converge"
        if strange.any():
            problem = "the matrix has NaN or infinite elements"
        raise failure("linalg.eig", strange, problem, A=a) from error


@_eig.rule
def _(g, y, a):  # the columns of V have length 1, and their phases count for nothing [1]
    toward_w, toward_v = g
    w, v = y
    if toward_v is None:
        return (_toward_matrix(toward_w, v),)
    vh = adjoint(v)
    turn = vh @ toward_v
    along = diagonal(turn, 0, -2, -1)
    refuse_phase("linalg.eig", along)
    turn = turn - (vh @ v) * as_row((along + along.conj()) * 0.5)
    gaps = where(on_diagonal(v), 1.0, as_row(w) - as_column(w)).conj()
    inner = with_diagonal(turn / gaps, w * 0.0 if toward_w is None else toward_w)
    return (solve(vh, inner @ vh),)


def _toward_matrix(toward_w: Any, v: Any) -> Any:
    """The gradient of what depends on eigenvalues alone: ``V^-H diag(g) V^H``."""
    vh = adjoint(v)
    return solve(vh, as_column(toward_w) * vh)


def eig(A: Tensor, *, out: Any = None) -> Eigen:
    r"""Eigenvalues and eigenvectors of square matrices, :math:`A V = V \, \mathrm{diag}(w)`.

    Gradients need a matrix that can be diagonalised; through the eigenvectors, also distinct
    eigenvalues. The phases of eigenvectors are arbitrary; a loss must not depend on them. For
    Hermitian matrices use `eigh`, which is faster and more accurate.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., n, n)``, float32, float64 or complex.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    eigenvalues : Tensor
        Shape ``(..., n)``: complex, also for real `A`, in no particular order.
    eigenvectors : Tensor
        Shape ``(..., n, n)``: complex, columns of length 1.

    Raises
    ------
    LinAlgError
        If a matrix has NaN or infinite elements.
    ShapeError
        If the matrices are not square.
    DTypeError
        If `A` is neither floating nor complex.
    GradError
        In `backward`, if a loss depends on the phases of eigenvectors.

    References
    ----------
    .. [1] C. Boeddeker, P. Hanebrink, L. Drude, J. Heymann, R. Haeb-Umbach, "On the computation
       of complex-valued gradients with application to statistically optimum beamforming",
       arXiv:1701.00392 (2017).

    Examples
    --------
    >>> import lucid
    >>> w, V = lucid.linalg.eig(lucid.tensor([[2.0, 0.0], [0.0, 3.0]]))
    >>> w.dtype
    dtype('complex64')
    """
    if out is not None:
        return into(eig, locals())
    square("linalg.eig", A=A)
    return Eigen(*apply(_eig, A))


# ---- eigenvalues alone ----------------------------------------------------------------


@primitive(
    "eigvals",
    saves=("a",),
    complex=True,
    samples=lambda draw: [draw.sample(x) for x in _inputs(draw)],
)
def _eigvals(a: Any) -> Any:
    w = _factored(np.linalg.eigvals, a)
    return w.astype(np.result_type(a.dtype, np.complex64), copy=False)


@_eigvals.rule
def _(g, y, a):
    return (_toward_matrix(g, apply(_eig, a)[1]),)


@_eigvals.recording
def _(a):  # with the vectors that the gradient needs, in the order that they are found in
    return _eig.forward(a)


@_eigvals.fused_rule
def _(g, v, y, a):
    return (_toward_matrix(g, v),)


def eigvals(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Eigenvalues of square matrices.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., n, n)``, float32, float64 or complex. For a gradient it must be possible
        to diagonalise it.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Shape ``(..., n)``: complex, also for real `A`, in no particular order.

    Raises
    ------
    LinAlgError
        If a matrix has NaN or infinite elements.
    ShapeError
        If the matrices are not square.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.eigvals(lucid.tensor([[0.0, 1.0], [-1.0, 0.0]])).imag.abs()
    Tensor([1.0000, 1.0000])
    """
    if out is not None:
        return into(eigvals, locals())
    square("linalg.eigvals", A=A)
    return apply(_eigvals, A)
