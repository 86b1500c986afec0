r"""Products of Householder reflections, :math:`H_i = I - \tau_i v_i v_i^H`.

They are how LAPACK keeps the Q of a QR decomposition. Together they are one product [1]_:

.. math:: Q = I - V (I + D S)^{-1} D \, V^H

with :math:`D = \mathrm{diag}(\tau)` and :math:`S` the part of :math:`V^H V` above its diagonal.
So everything here is matrix products and one triangular system.

References
----------
.. [1] C. Puglisi, "Modification of the Householder method based on the compact WY
   representation", SIAM J. Sci. Stat. Comput. 13 (1992).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor, wrap
from ...errors import ShapeError, compose
from ...samples import Draw, ErrorSample, Sample
from ..bind import method
from ..joining import cat
from ..out import into
from ..promotion import promote
from ..triangles import tril, triu
from .lu import toward_factored
from .operands import inexact, matrices
from .qr import toward_decomposed
from .solving import solve_triangular
from .structure import adjoint, as_column, with_diagonal, with_unit_diagonal


def _vectors(packed: Any, count: int) -> Any:
    """The vectors of the first `count` reflections: below the diagonal, with ones on it."""
    return with_unit_diagonal(tril(packed[..., :count], -1))


def _reflected(v: Any, tau: Any, x: Any, adjoined: bool = False) -> Any:
    """``Q X``, or ``Q^H X``."""
    weights, vh = as_column(tau), adjoint(v)
    system = weights * (vh @ v)
    if adjoined:
        half = solve_triangular(adjoint(system), vh @ x, upper=False, unitriangular=True)
        return x - v @ (as_column(tau.conj()) * half)
    half = solve_triangular(system, weights * (vh @ x), upper=True, unitriangular=True)
    return x - v @ half


def _check(caller: str, packed: Any, tau: Any) -> None:
    """Refuse reflections that are none."""
    matrices(caller, A=packed)
    inexact(caller, tau=tau)
    fits = tau.ndim == packed.ndim - 1 and tau.shape[:-1] == packed.shape[:-2]
    if not fits or tau.shape[-1] > min(packed.shape[-2:]):
        problem = "tau must have one number for each reflection, at most min(m, n) of them"
        raise ShapeError(compose(caller, problem, {"A": packed, "tau": tau}))


def householder_product(A: Tensor, tau: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The first columns of a product of Householder reflections.

    .. math:: Q = H_1 \cdots H_k, \qquad H_i = I - \tau_i v_i v_i^H

    Parameters
    ----------
    A : Tensor
        Shape ``(..., m, n)`` with :math:`m \ge n`. Below the diagonal of column i stands
        :math:`v_i`, whose element on the diagonal is 1 and above it 0; the rest is not read.
    tau : Tensor
        Shape ``(..., k)`` with :math:`k \le n`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Shape ``(..., m, n)``. Its columns are orthonormal if `A` and `tau` come from `geqrf`.

    Raises
    ------
    ShapeError
        If `A` has more columns than rows, or `tau` does not fit.
    DTypeError
        If an operand is neither floating nor complex.

    Examples
    --------
    >>> import lucid
    >>> packed, tau = lucid.geqrf(lucid.tensor([[3.0], [4.0]]))
    >>> lucid.linalg.householder_product(packed, tau)
    Tensor([[-0.6000],
            [-0.8000]])
    """
    if out is not None:
        return into(householder_product, locals())
    return product_of("linalg.householder_product", A, tau)


def product_of(caller: str, A: Tensor, tau: Tensor) -> Tensor:
    """The product, in the name of the caller."""
    _check(caller, A, tau)
    if A.shape[-1] > A.shape[-2]:
        problem = "A must have at least as many rows as columns"
        raise ShapeError(compose(caller, problem, {"A": A, "tau": tau}))
    packed, weights = promote(caller, A, tau)
    identity = np.eye(*A.shape[-2:], dtype=packed.dtype)
    return _reflected(_vectors(packed, tau.shape[-1]), weights, identity)


@method("ormqr")
def ormqr(
    input: Tensor,
    tau: Tensor,
    other: Tensor,
    left: bool = True,
    transpose: bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    r"""The product of a matrix with the whole square Q of Householder reflections.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., p, k)``: the reflections, as `geqrf` gives them.
    tau : Tensor
        Shape ``(..., min(p, k))``.
    other : Tensor
        Shape ``(..., m, n)``, with `p` rows, or `p` columns where `left` is False.
    left : bool, default True
        :math:`Q C`; else :math:`C Q`.
    transpose : bool, default False
        Take :math:`Q^H` in place of Q.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Of the shape of `other`.

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    DTypeError
        If an operand is neither floating nor complex.

    Examples
    --------
    >>> import lucid
    >>> A = lucid.tensor([[3.0, 1.0], [4.0, 2.0]])
    >>> lucid.ormqr(*lucid.geqrf(A), A, transpose=True)  # R
    Tensor([[-5.0000, -2.2000],
            [ 0.0000,  0.4000]])
    """
    if out is not None:
        return into(ormqr, locals())
    _check("ormqr", input, tau)
    matrices("ormqr", other=other)
    if other.shape[-2 if left else -1] != input.shape[-2]:
        problem = f"other must have as many {'rows' if left else 'columns'} as input has rows"
        raise ShapeError(compose("ormqr", problem, {"input": input, "other": other}))
    packed, c = promote("ormqr", input, other)
    packed, weights = promote("ormqr", packed, tau)
    vectors = _vectors(packed, tau.shape[-1])
    if left:
        return _reflected(vectors, weights, c, transpose)
    return adjoint(_reflected(vectors, weights, adjoint(c), not transpose))


# ---- finding reflections --------------------------------------------------------------


class Reflections(NamedTuple):
    """What `geqrf` gives: R and the vectors of the reflections in one matrix, and their tau."""

    a: Any
    tau: Any


def _samples(draw: Draw) -> list[Sample]:
    inputs = [draw(3, 3), draw(2, 4, 2), draw(2, 4), draw(0, 2, 2), draw(2, 3, 0)]
    return [draw.sample(x) for x in inputs]


def _error_samples(draw: Draw) -> list[ErrorSample]:
    return [
        draw.error(lambda: geqrf(wrap(np.ones(3))), ShapeError, "matrix"),
        draw.error(
            lambda: product_of("f", wrap(np.ones((2, 3))), wrap(np.ones(2))),
            ShapeError,
            "as many rows",
        ),
        draw.error(
            lambda: product_of("f", wrap(np.ones((3, 2))), wrap(np.ones(3))),
            ShapeError,
            "each reflection",
        ),
    ]


@primitive(
    "geqrf",
    saves=("out",),
    outputs=2,
    complex=True,
    samples=_samples,
    error_samples=_error_samples,
)
def _geqrf(x: Any) -> Any:
    packed, tau = np.linalg.qr(x, "raw")
    return packed.mT, tau


@_geqrf.rule
def _(g, y, x):
    # A = Q R, and I - Q = V (T V1^H) is an LU decomposition: of V, and of U with diagonal tau [1].
    (packed, tau), (toward_packed, toward_tau) = y, g
    k = tau.shape[-1]
    if x.dtype.kind != "c" and k == x.shape[-2]:  # the last reflection of a real square is none
        tau = tau[..., :-1]
        toward_tau = None if toward_tau is None else toward_tau[..., :-1]
    count = tau.shape[-1]
    identity = np.eye(x.shape[-2], k, dtype=x.dtype)
    vectors = _vectors(packed, count)
    q, r = _reflected(vectors, tau, identity), triu(packed[..., :k, :])
    toward_r = None if toward_packed is None else triu(toward_packed[..., :k, :])
    system = (identity - q)[..., :count, :count]  # V1 U, where V1 has ones on its diagonal
    upper = solve_triangular(vectors[..., :count, :], system, upper=False, unitriangular=True)
    toward_lu = 0.0 * vectors
    if toward_packed is not None:
        toward_lu = tril(toward_packed[..., :count], -1)
    if toward_tau is not None:
        toward_lu = with_diagonal(toward_lu, toward_tau)
    below = tril(packed[..., :count], -1)
    factors = cat([below[..., :count, :] + triu(upper), below[..., count:, :]], -2)
    toward_q = -toward_factored(toward_lu, factors)
    if count < k:
        toward_q = cat([toward_q, 0.0 * q[..., count:]], -1)
    return (toward_decomposed(toward_q, toward_r, q, r),)


@method("geqrf")
def geqrf(input: Tensor, *, out: Any = None) -> Reflections:
    r"""The QR decomposition as LAPACK keeps it: R, and Householder reflections that make Q.

    The gradient (PyTorch has none) is not finite where a column is a multiple of the axis that
    it would be reflected to, so that `tau` is zero; the last of a real square matrix excepted.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., m, n)``, float32, float64 or complex.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    a : Tensor
        Shape ``(..., m, n)``: R on and above the diagonal, the vectors of the reflections below
        it (see `lucid.linalg.householder_product`).
    tau : Tensor
        Shape ``(..., min(m, n))``.

    Raises
    ------
    ShapeError
        If `input` has fewer than two dimensions.
    DTypeError
        If it is neither floating nor complex.

    Examples
    --------
    >>> import lucid
    >>> lucid.geqrf(lucid.tensor([[3.0, 1.0], [4.0, 2.0]])).a
    Tensor([[-5.0000, -2.2000],
            [ 0.5000,  0.4000]])
    """
    if out is not None:
        return into(geqrf, locals())
    matrices("geqrf", input=input)
    return Reflections(*apply(_geqrf, input))
