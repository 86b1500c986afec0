r"""The singular value decomposition, :math:`A = U \, \mathrm{diag}(S) \, V^H`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor, wrap
from ...errors import LinAlgError, ShapeError
from ...samples import Draw, ErrorSample, Sample
from ..diagonals import diagonal
from ..out import into
from ..selection import where
from .operands import matrices
from .structure import (
    adjoint,
    as_column,
    as_row,
    failure,
    on_diagonal,
    refuse_phase,
    skew_part,
    with_diagonal,
)

_decompose: Any = np.linalg.svd  # untyped: its overloads know no `compute_uv` that varies


class SVD(NamedTuple):
    """What `svd` gives: A = U diag(S) Vh."""

    U: Any
    S: Any
    Vh: Any


def _matrices_to_factor(draw: Draw) -> list[Any]:
    return [draw(3, 3), draw(2, 4, 2), draw(2, 3), draw(0, 2, 2), draw(2, 0, 3)]


def _with_real_sums(op: Callable[..., Any], x: Any) -> Any:
    """Turn every pair of vectors by the phase that makes the sum of the left one real."""
    u, s, vh = op(x)
    total = u.sum(-2, keepdims=True)
    return u * total.conj(), s, total.mT * vh


def _samples(draw: Draw) -> list[Sample]:
    cases = [(x, False) for x in _matrices_to_factor(draw)] + [(draw(2, 3, 3), True)]
    return [Sample((x,), {"full_matrices": full}, _with_real_sums) for x, full in cases]


def _error_samples(draw: Draw) -> list[ErrorSample]:
    bad = wrap(np.stack([np.eye(2), np.full((2, 2), np.nan)]))
    return [
        draw.error(lambda: svd(bad), LinAlgError, "batch element 1: .*NaN"),
        draw.error(lambda: svd(wrap(np.ones(3))), ShapeError, "matrix"),
        draw.error(lambda: svd(wrap(np.ones((2, 2), np.int64))), TypeError, "floating"),
    ]


@primitive(
    "svd", saves=("out",), outputs=3, complex=True, samples=_samples, error_samples=_error_samples
)
def _svd(x: Any, *, full_matrices: bool) -> Any:
    u, s, vh = _factored(x, full_matrices)
    return u, s, vh


def _factored(x: Any, full_matrices: bool = False, compute_uv: bool = True) -> Any:
    """What NumPy finds, or the error for the matrix that defeats it."""
    try:
        found = _decompose(x, full_matrices, compute_uv)
        sizes = found[1] if compute_uv else found
        if not np.isnan(sizes).any():
            return found
    except np.linalg.LinAlgError:
        pass
    strange = ~np.isfinite(x).all((-2, -1))
    problem = "the algorithm does not converge"
    if strange.any():
        problem = "the matrix has NaN or infinite elements"
    raise failure("linalg.svd", strange, problem, A=x)


@_svd.rule
def _(g, y, x, *, full_matrices):
    u, s, vh = y
    toward_u, toward_s, toward_vh = g
    if full_matrices:  # the vectors beyond are any basis of what is left: nothing depends on them
        k = s.shape[-1]
        u, vh = u[..., :k], vh[..., :k, :]
        toward_u = None if toward_u is None else toward_u[..., :k]
        toward_vh = None if toward_vh is None else toward_vh[..., :k, :]
    if toward_u is None and toward_vh is None:
        return (_toward_matrix(toward_s, u, vh),)
    return (_toward_all(toward_u, toward_s, toward_vh, u, s, vh),)


def _toward_matrix(toward_s: Any, u: Any, vh: Any) -> Any:
    """The gradient of what depends on singular values alone: ``U diag(g) V^H``."""
    return (u * as_row(toward_s)) @ vh


def _toward_all(gu: Any, gs: Any, gvh: Any, u: Any, s: Any, vh: Any) -> Any:
    """The gradient where singular vectors count [1]; `gu`, `gs` or `gvh` may be None."""
    turn_u = None if gu is None else skew_part(adjoint(u) @ gu)
    turn_v = None if gvh is None else skew_part(vh @ adjoint(gvh))
    squares = s * s
    gaps = where(on_diagonal(vh[..., : s.shape[-1]]), 1.0, as_row(squares) - as_column(squares))
    inner = 0.0
    if turn_u is not None:
        inner = (turn_u + turn_u) / gaps * as_row(s)
    if turn_v is not None:
        inner = inner + as_column(s) * ((turn_v + turn_v) / gaps)
    inner = with_diagonal(inner, _on_diagonal(turn_u, gs, turn_v, s))
    result = u @ inner @ vh
    if gu is not None and u.shape[-2] > u.shape[-1]:  # what leaves the span of U
        outward = gu / as_row(s)
        result = result + (outward - u @ (adjoint(u) @ outward)) @ vh
    if gvh is not None and vh.shape[-1] > vh.shape[-2]:
        outward = gvh / as_column(s)
        result = result + u @ (outward - (outward @ adjoint(vh)) @ vh)
    return result


def _on_diagonal(turn_u: Any, gs: Any, turn_v: Any, s: Any) -> Any:
    """The diagonal of the inner gradient: that of S, and the relative phase of U and V."""
    along = s * 0.0 if gs is None else gs
    some = turn_v if turn_u is None else turn_u
    if some.dtype.kind != "c":
        return along
    phase_u = 0.0 if turn_u is None else diagonal(turn_u, 0, -2, -1)
    phase_v = 0.0 if turn_v is None else diagonal(turn_v, 0, -2, -1)
    refuse_phase("linalg.svd", phase_u + phase_v)
    return along + (phase_u - phase_v) / (s + s)


def svd(
    A: Tensor, full_matrices: bool = True, *, driver: str | None = None, out: Any = None
) -> SVD:
    r"""The singular value decomposition, :math:`A = U \, \mathrm{diag}(S) \, V^H`.

    Gradients through `U` and `Vh` need distinct singular values, and grow without bound as two
    of them, or a singular value and zero, come near each other. Signs (complex: phases) of
    singular vectors are arbitrary; a loss must not depend on them. Vectors that only
    `full_matrices` gives are arbitrary altogether, and their gradient counts for nothing.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., m, n)``, float32, float64 or complex.
    full_matrices : bool, default True
        Square `U` and `Vh`; else only as many vectors as there are singular values.
    driver : str, optional
        Accepted for PyTorch's sake; it means something on CUDA only.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    U : Tensor
        Shape ``(..., m, m)``, or ``(..., m, k)`` with :math:`k = \min(m, n)`.
    S : Tensor
        Shape ``(..., k)``: real, not negative, largest first.
    Vh : Tensor
        Shape ``(..., n, n)`` or ``(..., k, n)``.

    Raises
    ------
    LinAlgError
        If a matrix has NaN or infinite elements.
    ShapeError
        If `A` has fewer than two dimensions.
    DTypeError
        If `A` is neither floating nor complex.
    GradError
        In `backward`, if a loss depends on the phases of complex singular vectors.

    References
    ----------
    .. [1] J. Townsend, "Differentiating the singular value decomposition" (2016).

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.svd(lucid.tensor([[0.0, 2.0], [1.0, 0.0]])).S
    Tensor([2.0000, 1.0000])
    """
    if out is not None:
        return into(svd, locals())
    matrices("linalg.svd", A=A)
    return SVD(*apply(_svd, A, full_matrices=bool(full_matrices)))


# ---- singular values alone ------------------------------------------------------------


@primitive(
    "svdvals",
    saves=("x",),
    complex=True,
    samples=lambda draw: [draw.sample(x) for x in _matrices_to_factor(draw)],
)
def _svdvals(x: Any) -> Any:
    return _factored(x, compute_uv=False)


@_svdvals.rule
def _(g, y, x):
    u, _, vh = apply(_svd, x, full_matrices=False)
    return (_toward_matrix(g, u, vh),)


@_svdvals.recording
def _(x):  # the vectors are wanted for the gradient, and found along the way
    u, s, vh = _factored(x)
    return s, (u, vh)


@_svdvals.fused_rule
def _(g, vectors, y, x):
    return (_toward_matrix(g, *vectors),)


def svdvals(A: Tensor, *, driver: str | None = None, out: Tensor | None = None) -> Tensor:
    """The singular values of matrices.

    Their gradient, unlike that of singular vectors, is defined also where two are equal.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., m, n)``, float32, float64 or complex.
    driver : str, optional
        Accepted for PyTorch's sake; it means something on CUDA only.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Shape ``(..., min(m, n))``: real, not negative, largest first.

    Raises
    ------
    LinAlgError
        If a matrix has NaN or infinite elements.
    ShapeError
        If `A` has fewer than two dimensions.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.svdvals(lucid.tensor([[0.0, 2.0], [1.0, 0.0]]))
    Tensor([2.0000, 1.0000])
    """
    if out is not None:
        return into(svdvals, locals())
    matrices("linalg.svdvals", A=A)
    return apply(_svdvals, A)
