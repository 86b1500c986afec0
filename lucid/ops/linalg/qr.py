r"""The QR decomposition, :math:`A = Q R`: orthonormal columns times an upper triangle."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor, wrap
from ...errors import ArgumentError, GradError, ShapeError, compose
from ...samples import Draw, ErrorSample, Sample
from ..joining import cat
from ..out import into
from ..triangles import triu
from .operands import matrices
from .solving import solve_triangular
from .structure import adjoint, half_diagonal

_MODES = ("reduced", "complete", "r")


class QR(NamedTuple):
    """What `qr` gives: A = Q R."""

    Q: Any
    R: Any


def _samples(draw: Draw) -> list[Sample]:
    inputs = [draw(3, 3), draw(2, 4, 2), draw(2, 4), draw(0, 2, 2), draw(2, 3, 0)]
    reduced = [draw.sample(x, mode="reduced") for x in inputs]
    return [*reduced, draw.sample(draw(2, 3), mode="complete")]


def _error_samples(draw: Draw) -> list[ErrorSample]:
    def differentiated(mode: str) -> Any:
        x = wrap(np.ones((3, 2)))
        x.requires_grad = True
        return lambda: qr(x, mode).R.sum().backward()

    return [
        draw.error(lambda: qr(wrap(np.eye(2)), "full"), ArgumentError, "'reduced'"),
        draw.error(lambda: qr(wrap(np.ones(3))), ShapeError, "matrix"),
        draw.error(differentiated("r"), GradError, "depends on Q"),
        draw.error(differentiated("complete"), GradError, "more rows than columns"),
    ]


@primitive(
    "qr", saves=("out",), outputs=2, complex=True, samples=_samples, error_samples=_error_samples
)
def _qr(x: Any, *, mode: str) -> Any:
    if mode == "r":
        return np.empty(0, x.dtype), np.linalg.qr(x, "r")
    q, r = np.linalg.qr(x, mode)  # type: ignore[call-overload]
    return q, r


@_qr.rule
def _(g, y, x, *, mode):
    (q, r), (toward_q, toward_r) = y, g
    rows, columns = x.shape[-2:]
    if mode == "r":
        problem = "the gradient depends on Q, which mode='r' does not compute"
        raise GradError(compose("linalg.qr", problem, {"A": x}, "mode='reduced'"))
    if mode == "complete" and rows > columns:
        problem = "mode='complete' has no gradient for matrices with more rows than columns"
        raise GradError(compose("linalg.qr", problem, {"A": x}, "mode='reduced'"))
    return (toward_decomposed(toward_q, toward_r, q, r),)


def toward_decomposed(toward_q: Any, toward_r: Any, q: Any, r: Any) -> Any:
    """The gradient of ``A = Q R``, whatever its shape; `toward_q` or `toward_r` may be None."""
    rows, columns = q.shape[-1], r.shape[-1]
    if rows >= columns:
        return _toward_square(toward_q, toward_r, q, r)
    if toward_r is None:
        first = _toward_square(toward_q, None, q, r[..., :rows])
        nothing: Any = np.zeros((*q.shape[:-1], columns - rows), q.dtype)
        return cat([first, nothing], -1)
    # The columns beyond the square are R2 = Q^H A2: their gradient is Q's in part.
    beyond = toward_r[..., rows:]
    through = q @ (r[..., rows:] @ adjoint(beyond))
    toward_q = through if toward_q is None else toward_q + through
    first = _toward_square(toward_q, toward_r[..., :rows], q, r[..., :rows])
    return cat([first, q @ beyond], -1)


def _toward_square(toward_q: Any, toward_r: Any, q: Any, r: Any) -> Any:
    """The gradient for a square triangle R [1]; `toward_q` or `toward_r` may be None."""
    inner: Any = 0.0
    if toward_r is not None:
        inner = toward_r @ adjoint(r)
    if toward_q is not None:
        inner = inner - adjoint(q) @ toward_q
    inner = triu(inner)
    total = q @ half_diagonal(inner + adjoint(inner))
    if toward_q is not None:
        total = total + toward_q
    return solve_triangular(adjoint(r), total, upper=False, left=False)


def qr(A: Tensor, mode: str = "reduced", *, out: Any = None) -> QR:
    r"""The QR decomposition, :math:`A = Q R`, by Householder reflections.

    `Q` has orthonormal columns, `R` is an upper triangle, its diagonal real but of either sign.
    Gradients need the first ``min(m, n)`` columns of `A` to be independent.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., m, n)``, float32, float64 or complex.
    mode : {"reduced", "complete", "r"}, default "reduced"
        ``"complete"`` gives a square `Q`; ``"r"`` gives an empty one and no gradient.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Q : Tensor
        Shape ``(..., m, k)`` with :math:`k = \min(m, n)`, or ``(..., m, m)``.
    R : Tensor
        Shape ``(..., k, n)``, or ``(..., m, n)`` for ``"complete"``.

    Raises
    ------
    ArgumentError
        If there is no such mode.
    ShapeError
        If `A` has fewer than two dimensions.
    DTypeError
        If `A` is neither floating nor complex.
    GradError
        In `backward`, for mode ``"r"``, and for ``"complete"`` of matrices with more rows than
        columns, whose last columns of `Q` are arbitrary.

    References
    ----------
    .. [1] H.-J. Liao, J.-G. Liu, L. Wang, T. Xiang, "Differentiable programming tensor
       networks", Phys. Rev. X 9 (2019).

    Examples
    --------
    >>> import lucid
    >>> A = lucid.tensor([[3.0, 1.0], [4.0, 2.0]])
    >>> Q, R = lucid.linalg.qr(A)
    >>> R.abs()
    Tensor([[5.0000, 2.2000],
            [0.0000, 0.4000]])
    """
    if out is not None:
        return into(qr, locals())
    matrices("linalg.qr", A=A)
    if mode not in _MODES:
        problem = "mode must be 'reduced', 'complete' or 'r'"
        raise ArgumentError(compose("linalg.qr", problem, {"mode": mode}))
    return QR(*apply(_qr, A, mode=mode))
