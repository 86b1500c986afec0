"""Pseudoinverses, ranks, and solutions of least squares."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor, values
from ...errors import ArgumentError, LinAlgError, ShapeError, compose
from ...samples import Draw, Sample
from ..bind import method
from ..out import into
from ..promotion import promote
from ..shape import squeeze, unsqueeze
from .operands import inexact, is_vector, matrices, square
from .structure import hermitian_samples


def _tolerance(caller: str, A: Any, atol: Any, rtol: Any) -> tuple[Any, Any]:
    """The absolute and relative tolerance, which default to 0 and to rounding errors."""
    for name, given in (("atol", atol), ("rtol", rtol)):
        if values(given if given is not None else 0.0).dtype.kind == "c":
            raise ArgumentError(compose(caller, f"{name} must be real", {name: given}))
    absolute = 0.0 if atol is None else _plain(atol)
    if rtol is None:  # an absolute tolerance above 0 stands alone
        eps = float(np.finfo(A.dtype).eps) * max(A.shape[-2:])
        relative = np.where(np.asarray(absolute) > 0, 0.0, eps)
        return absolute, relative if relative.ndim else float(relative)
    return absolute, _plain(rtol)


def _plain(tolerance: Any) -> Any:
    """A tolerance as a number, or as an array with one for every matrix."""
    array = np.asarray(values(tolerance), np.float64)
    return array if array.ndim else float(array)


def _counted(s: Any, atol: Any, rtol: Any) -> Any:
    """Which singular values (or magnitudes of eigenvalues) count as more than 0."""
    largest = s.max(-1, initial=0, keepdims=True)
    return s > np.maximum(np.asarray(atol)[..., None], np.asarray(rtol)[..., None] * largest)


# ---- the pseudoinverse ----------------------------------------------------------------


def _samples(draw: Draw) -> list[Sample]:
    low = draw(4, 2) @ draw(2, 3)
    usual: dict[str, Any] = {"atol": 0.0, "rtol": 1e-12, "hermitian": False}
    return [
        draw.sample(draw(3, 3), **usual),
        draw.sample(draw(2, 4, 2), **usual),
        draw.sample(draw(2, 3) + 1j * draw(2, 3), **usual),
        *hermitian_samples(draw(2, 3, 3), **{**usual, "hermitian": True}),
        draw.sample(draw(0, 3), **usual),
        draw.sample(draw(0, 2, 3), **usual),
        draw.sample(low[:0] @ low.mT, **usual),
    ]


@primitive("pinv", saves=("a", "out"), complex=True, samples=_samples)
def _pinv(a: Any, *, atol: Any, rtol: Any, hermitian: bool) -> Any:
    if hermitian:
        w, v = np.linalg.eigh(a)
        kept = _counted(np.abs(w), atol, rtol)
        return v * _inverse_where(kept, w)[..., None, :] @ v.mT.conj()
    u, s, vh = _svd("linalg.pinv", a)
    inverse = _inverse_where(_counted(s, atol, rtol), s)
    return vh.mT.conj() * inverse[..., None, :] @ u.mT.conj()


def _inverse_where(kept: Any, s: Any) -> Any:
    """1 / s where s is kept, and 0 elsewhere."""
    return np.divide(1, s, out=np.zeros_like(s), where=kept)


def _svd(caller: str, a: Any) -> Any:
    try:
        return np.linalg.svd(a, full_matrices=False)
    except np.linalg.LinAlgError as error:
        problem = "the singular values did not converge; the matrix may hold NaN or infinities"
        raise LinAlgError(compose(caller, problem, {"A": a})) from error


@_pinv.rule
def _(g, y, a, *, atol, rtol, hermitian):
    # With P the pseudoinverse, at constant rank (Golub and Pereyra):
    # dP = -P dA P + P P' dA' (I - A P) + (I - P A) dA' P' P
    turned, gh = y.mT.conj(), g.mT.conj()
    through = gh @ y
    along = through @ turned
    toward = (along - a @ (y @ along)) + turned @ (y @ (gh - through @ a)) - (y @ through).mT.conj()
    return (toward,)


def pinv(
    A: Tensor,
    rcond: Any = None,
    *,
    atol: Any = None,
    rtol: Any = None,
    hermitian: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    r"""The pseudoinverses of Moore and Penrose.

    With the singular values :math:`A = U \Sigma V^H` this is :math:`V \Sigma^+ U^H`, where
    :math:`\Sigma^+` has the inverses of the singular values above a tolerance, and zeros.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., m, n)``, floating or complex.
    rcond : float or Tensor, optional
        An older name of `rtol`.
    atol, rtol : float or Tensor, optional
        Singular values up to ``max(atol, rtol * largest)`` count as 0. By default `atol` is 0,
        and `rtol` is ``max(m, n) * eps``, or 0 where `atol` is positive.
    hermitian : bool, default False
        Take `A` for Hermitian, and use its eigenvalues, which is faster.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Shape ``(..., n, m)``. The gradient is that at constant rank.

    Raises
    ------
    ShapeError
        If `A` is no matrix, or with `hermitian` not square.
    DTypeError
        If `A` is neither floating nor complex.
    LinAlgError
        If the singular values do not converge.

    References
    ----------
    .. [1] G. H. Golub and V. Pereyra, "The differentiation of pseudo-inverses and nonlinear
       least squares problems whose variables separate", SIAM J. Numer. Anal. 10(2), 1973.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.pinv(lucid.tensor([[2.0, 0.0], [0.0, 0.0]]))
    Tensor([[0.5000, 0.0000],
            [0.0000, 0.0000]])
    """
    if out is not None:
        return into(pinv, locals())
    (square if hermitian else matrices)("linalg.pinv", A=A)
    absolute, relative = _tolerance("linalg.pinv", A, atol, rcond if rtol is None else rtol)
    return apply(_pinv, A, atol=absolute, rtol=relative, hermitian=hermitian)


@method("pinverse")
def pinverse(input: Tensor, rcond: float = 1e-15) -> Tensor:
    """The pseudoinverses of `lucid.linalg.pinv`, with an older default of the tolerance.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., m, n)``.
    rcond : float, default 1e-15
        Singular values up to ``rcond * largest`` count as 0.

    Returns
    -------
    Tensor
        Shape ``(..., n, m)``.

    Raises
    ------
    ShapeError
        If `input` is no matrix.

    Examples
    --------
    >>> import lucid
    >>> lucid.pinverse(lucid.tensor([[2.0], [0.0]]))
    Tensor([[0.5000, 0.0000]])
    """
    return pinv(input, rtol=rcond)


# ---- rank -----------------------------------------------------------------------------


def _rank_samples(draw: Draw) -> list[Sample]:
    usual: dict[str, Any] = {"atol": 0.0, "rtol": 1e-5, "hermitian": False}
    return [
        draw.sample(draw(2, 4, 3), **usual),
        draw.sample(draw(4, 1) @ draw(1, 3), **usual),
        draw.sample(np.eye(3).astype(draw.dtype), **{**usual, "hermitian": True}),
        draw.sample(draw(2, 0, 3), **usual),
    ]


@primitive("matrix_rank", complex=True, samples=_rank_samples)
def _matrix_rank(a: Any, *, atol: Any, rtol: Any, hermitian: bool) -> Any:
    s = np.abs(np.linalg.eigvalsh(a)) if hermitian else _singular_values(a)
    return _counted(s, atol, rtol).sum(-1, dtype=np.int64)


def _singular_values(a: Any) -> Any:
    if not a.size:
        return np.zeros((*a.shape[:-2], 0), a.real.dtype)
    return np.linalg.svd(a, compute_uv=False)


def matrix_rank(
    A: Tensor,
    tol: Any = None,
    *,
    atol: Any = None,
    rtol: Any = None,
    hermitian: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The numbers of singular values above a tolerance.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., m, n)``, floating or complex.
    tol : float or Tensor, optional
        An older name of `atol`, which leaves `rtol` at 0.
    atol, rtol : float or Tensor, optional
        Singular values up to ``max(atol, rtol * largest)`` count as 0. By default `atol` is 0,
        and `rtol` is ``max(m, n) * eps``, or 0 where `atol` is positive.
    hermitian : bool, default False
        Take `A` for Hermitian, and use its eigenvalues, which is faster.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of int64
        Shape ``(...)``.

    Raises
    ------
    ShapeError
        If `A` is no matrix, or with `hermitian` not square.
    DTypeError
        If `A` is neither floating nor complex.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.matrix_rank(lucid.ones(3, 3))
    Tensor(1)
    """
    if out is not None:
        return into(matrix_rank, locals())
    (square if hermitian else matrices)("linalg.matrix_rank", A=A)
    if tol is not None:
        atol, rtol = tol, 0.0
    absolute, relative = _tolerance("linalg.matrix_rank", A, atol, rtol)
    return apply(_matrix_rank, A, atol=absolute, rtol=relative, hermitian=hermitian)


# ---- least squares --------------------------------------------------------------------


def _lstsq_samples(draw: Draw) -> list[Sample]:
    low = np.outer(draw(4), draw(3))
    return [
        draw.sample(draw(4, 2), draw(4, 3), rcond=1e-12),
        draw.sample(draw(2, 1, 2, 4), draw(3, 2, 1), rcond=1e-12),
        draw.sample(draw(3, 2) + 1j * draw(3, 2), draw(3, 1) + 1j * draw(3, 1), rcond=1e-12),
        draw.sample(low[:0], draw(0, 2), rcond=1e-12),
    ]


@primitive(
    "lstsq",
    saves=("a", "b", "out"),
    broadcasts=True,
    complex=True,
    samples=_lstsq_samples,
)
def _lstsq(a: Any, b: Any, *, rcond: float) -> Any:
    u, s, vh = _svd("linalg.lstsq", a)
    inverse = _inverse_where(_counted(s, 0.0, rcond), s)
    return vh.mT.conj() @ (inverse[..., None] * (u.mT.conj() @ b))


@_lstsq.rule
def _(g, y, a, b, *, rcond, needs):
    # X = P B, and dP as for the pseudoinverse; every product is one with a few columns
    p = apply(_pinv, a, atol=0.0, rtol=rcond, hermitian=False)
    turned = p.mT.conj()
    toward_b = turned @ g
    if not needs[0]:
        return None, toward_b
    rest = (b - a @ y) @ (p @ toward_b).mT.conj()
    outside = (turned @ y) @ (g - a.mT.conj() @ toward_b).mT.conj()
    return rest + outside - toward_b @ y.mT.conj(), toward_b if needs[1] else None


_DRIVERS = ("gels", "gelsy", "gelsd", "gelss")


def _beside_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(4, 2), draw(4, 3), draw(2, 3), rcond=1e-5, driver=driver)
        for driver in _DRIVERS
    ]


@primitive("lstsq_beside", outputs=3, complex=True, samples=_beside_samples)
def _beside(a: Any, b: Any, x: Any, *, rcond: float, driver: str) -> Any:
    """Residuals, ranks and singular values, each empty where it is not asked for."""
    s = _singular_values(a)
    rank = _counted(s, 0.0, rcond).sum(-1, dtype=np.int64)
    residuals = np.zeros(0, s.dtype)
    m, n = a.shape[-2:]
    if m > n and (driver == "gels" or (rank == n).all()):
        residuals = np.square(np.abs(a @ x - b)).sum(-2)
    return (
        residuals,
        np.zeros(0, np.int64) if driver == "gels" else rank,
        s if driver in ("gelsd", "gelss") else np.zeros(0, s.dtype),
    )


class LeastSquares(NamedTuple):
    """What `lstsq` gives."""

    solution: Any
    residuals: Any
    rank: Any
    singular_values: Any


def lstsq(A: Tensor, B: Tensor, rcond: Any = None, *, driver: str | None = None) -> LeastSquares:
    r"""The solutions of least squares, :math:`\min_X \lVert A X - B \rVert_F`.

    Where there are many, the one of least norm. All are found from singular values; `driver`
    decides only what is returned beside the solution.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., m, n)``, floating or complex.
    B : Tensor
        Shape ``(..., m, k)``, or a vector ``(m,)``, or vectors for the matrices of a batch,
        ``A.shape[:-1]``. The leading dimensions broadcast.
    rcond : float, optional
        Singular values up to ``rcond * largest`` count as 0; ``max(m, n) * eps`` by default.
    driver : {"gelsy", "gels", "gelsd", "gelss"}, optional
        LAPACK's names; "gelsy" by default.

    Returns
    -------
    solution : Tensor
        Shape ``(..., n, k)``, or without `k` for vectors. It alone is differentiable, at
        constant rank.
    residuals : Tensor
        The squared norms of the columns of ``A X - B`` where ``m > n`` and all matrices are of
        full rank; otherwise empty. (PyTorch leaves them out with "gelsy".)
    rank : Tensor of int64
        Empty with "gels", which assumes full rank.
    singular_values : Tensor
        Of `A`, with "gelsd" and "gelss"; otherwise empty.

    Raises
    ------
    ShapeError
        If `A` is no matrix, or `B` has not as many rows.
    DTypeError
        If an operand is neither floating nor complex.
    ArgumentError
        If there is no such driver.

    Examples
    --------
    A line through three points:

    >>> import lucid
    >>> A = lucid.tensor([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    >>> lucid.linalg.lstsq(A, lucid.tensor([1.0, 3.0, 5.0])).solution
    Tensor([1.0000, 2.0000])
    """
    matrices("linalg.lstsq", A=A)
    inexact("linalg.lstsq", B=B)
    if driver not in (None, *_DRIVERS):
        problem = f"driver must be one of {', '.join(_DRIVERS)}, not {driver!r}"
        raise ArgumentError(compose("linalg.lstsq", problem))
    vector = is_vector(A, B)
    if B.shape[-1 if vector else -2 if B.ndim > 1 else -1] != A.shape[-2]:
        problem = "B must have as many rows as A"
        raise ShapeError(compose("linalg.lstsq", problem, {"A": A, "B": B}))
    a, b = promote("linalg.lstsq", A, B)
    columns = unsqueeze(b, -1) if vector else b
    cut = max(A.shape[-2:]) * float(np.finfo(a.dtype).eps) if rcond is None else float(rcond)
    solution = apply(_lstsq, a, columns, rcond=cut)
    beside = apply(_beside, a, columns, solution, rcond=cut, driver=driver or "gelsy")
    return LeastSquares(squeeze(solution, -1) if vector else solution, *beside)
