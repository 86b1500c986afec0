"""Determinants, and their logarithms."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor, values
from ...errors import LinAlgError
from ...samples import Draw, Sample
from ..bind import method
from ..exponential import log
from ..out import into
from ..selection import where
from .inverse import _inv, well_conditioned
from .operands import square


def _samples(draw: Draw) -> list[Sample]:
    flat = draw(4, 4)
    flat[..., 3] = flat[..., 0]
    flatter = draw(2, 3, 3)
    flatter[0, 1:] = flatter[0, :1]
    return [
        draw.sample(well_conditioned(draw, 3, 3)),
        draw.sample(draw(2, 1, 3, 3)),
        draw.sample(draw(2, 3, 3) + 1j * draw(2, 3, 3)),
        draw.sample(flat),
        draw.sample(flatter),
        draw.sample(draw(2, 0, 0)),
        draw.sample(draw(0, 2, 2)),
    ]


@primitive("det", saves=("a", "out"), complex=True, samples=_samples)
def _det(a: Any) -> Any:
    with np.errstate(all="ignore"):  # NumPy would warn in its own name of NaN
        return np.linalg.det(a)


@_det.rule
def _(g, y, a):  # d det = tr(adj(A) dA)
    return (_column(g) * _adjugate(a, _column(y)).mT.conj(),)


def _column(x: Any) -> Any:
    """One number a matrix, in the shape of a matrix."""
    return x.reshape((*x.shape, 1, 1))


def _adjugate(a: Any, det: Any) -> Any:
    """The adjugate, ``det(A) A^-1``, of singular matrices as well, and differentiable there."""
    try:
        inverse = apply(_inv, a)
    except LinAlgError:
        return _deflated_adjugate(a)
    x, y = values(a), values(inverse)
    condition = np.abs(x).sum(-2).max(-1, initial=0) * np.abs(y).sum(-2).max(-1, initial=0)
    if (condition * np.sqrt(np.finfo(x.dtype).eps) > 1).any():
        return _deflated_adjugate(a)
    return det * inverse


def _deflated_adjugate(a: Any) -> Any:
    r"""The adjugate of matrices with singular values near 0, from matrices that have none.

    With the singular vectors U, V of the k least singular values taken for constants, and
    :math:`M = A + U V^H`, the determinant is :math:`\det M \det K`, where
    :math:`K = I_k - V^H M^{-1} U`. M has an inverse, and the polynomials det K and adj K need
    none, so that what comes out has all derivatives that the determinant has.
    """
    x = values(a)
    finite = np.isfinite(x).all((-2, -1), keepdims=True)
    if not finite.all():
        eye = np.eye(x.shape[-1], dtype=x.dtype)
        return where(finite, _deflated_adjugate(where(finite, a, eye)), np.nan)
    u, s, vh = np.linalg.svd(x)
    largest = s[..., :1]
    small = s <= largest * np.cbrt(np.finfo(s.dtype).eps)
    k = max(1, int(small.sum(-1).max(initial=0)))
    u = u[..., :, -k:] * np.where(largest == 0, 1, largest)[..., None]
    vh = vh[..., -k:, :]
    lifted = a + u @ vh
    inverse, det = apply(_inv, lifted), _column(apply(_det, lifted))
    adjugate, last = _small_adjugate(np.eye(k, dtype=x.dtype) - vh @ inverse @ u)
    return det * (last * inverse + inverse @ u @ adjugate @ vh @ inverse)


def _small_adjugate(a: Any) -> tuple[Any, Any]:
    """Adjugate and determinant by the method of Faddeev and LeVerrier: products alone."""
    k = a.shape[-1]
    eye = np.eye(k, dtype=a.dtype)
    matrix, coefficient = a * 0 + eye, 1.0
    for step in range(1, k + 1):
        if step > 1:
            matrix = a @ matrix + coefficient * eye
        coefficient = (a * matrix.mT).sum(axis=(-2, -1), keepdims=True) * (-1 / step)
    return matrix * (-1.0) ** (k - 1), coefficient * (-1.0) ** k


@method("det")
def det(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The determinants of square matrices.

    Its gradient is the matrix of cofactors, :math:`\det(A) A^{-H}`, and right for singular
    matrices too (where PyTorch may give zeros).

    Parameters
    ----------
    A : Tensor
        Shape ``(..., n, n)``, floating or complex.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Shape ``(...)``; 1 for matrices of no elements.

    Raises
    ------
    ShapeError
        If the matrices are not square.
    DTypeError
        If `A` is neither floating nor complex.

    Examples
    --------
    >>> import lucid
    >>> lucid.det(lucid.tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor(-2.0000)
    """
    if out is not None:
        return into(det, locals())
    square("linalg.det", A=A)
    return apply(_det, A)


# ---- logarithms -----------------------------------------------------------------------


def _regular_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(well_conditioned(draw, 3, 3)),
        draw.sample(draw(2, 1, 3, 3)),
        draw.sample(draw(2, 3, 3) + 1j * draw(2, 3, 3)),
        draw.sample(draw(0, 2, 2)),
    ]


@primitive("slogdet", saves=("a", "out[0]"), outputs=2, complex=True, samples=_regular_samples)
def _slogdet(a: Any) -> Any:
    with np.errstate(all="ignore"):
        return tuple(np.linalg.slogdet(a))


@_slogdet.rule
def _(g, y, a):
    # With t = tr(A^-1 dA):  d log|det| = Re t,  d sign = i sign Im t
    toward_sign, toward_log = g
    weight = None if toward_log is None else _column(toward_log)
    if toward_sign is not None and a.dtype.kind == "c":
        turned = (_column(toward_sign).conj() * _column(y[0])).imag * -1j
        weight = turned if weight is None else weight + turned
    if weight is None:
        return (None,)
    try:
        inverse = apply(_inv, a)
    except LinAlgError:  # infinite, but not in the other matrices of the batch
        inverse = _deflated_adjugate(a) / _column(apply(_det, a))
    return (weight * inverse.mT.conj(),)


class SignLog(NamedTuple):
    """What `slogdet` gives: ``sign * exp(logabsdet)`` is the determinant."""

    sign: Any
    logabsdet: Any


@method("slogdet")
def slogdet(A: Tensor, *, out: Any = None) -> SignLog:
    r"""Sign and logarithm of the magnitude of determinants, which themselves may overflow.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., n, n)``, floating or complex.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    sign : Tensor
        Of magnitude 1; 0 for singular matrices.
    logabsdet : Tensor
        Real; -inf for singular matrices, where its gradient is infinite.

    Raises
    ------
    ShapeError
        If the matrices are not square.
    DTypeError
        If `A` is neither floating nor complex.

    Examples
    --------
    >>> import lucid
    >>> lucid.slogdet(-lucid.eye(3))
    SignLog(sign=Tensor(-1.0000), logabsdet=Tensor(0.0000))
    """
    if out is not None:
        return into(slogdet, locals())
    square("linalg.slogdet", A=A)
    return SignLog(*apply(_slogdet, A))


@method("logdet")
def logdet(input: Tensor) -> Tensor:
    """The logarithms of determinants: NaN for negative ones, -inf for 0.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., n, n)``, floating or complex.

    Returns
    -------
    Tensor
        Shape ``(...)``.

    Raises
    ------
    ShapeError
        If the matrices are not square.
    DTypeError
        If `input` is neither floating nor complex.

    Examples
    --------
    >>> import lucid
    >>> lucid.logdet(lucid.eye(2) * 2)
    Tensor(1.3863)
    """
    square("logdet", input=input)
    sign, size = apply(_slogdet, input)
    if input.dtype.kind == "c":
        return log(sign) + size
    return where(sign < 0, np.asarray(np.nan, size.dtype), size)
