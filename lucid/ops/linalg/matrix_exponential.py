"""The exponential of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor
from ...samples import Draw, Sample
from ..bind import method
from ..joining import cat
from .operands import square

# For each degree of the Padé approximant: up to which 1-norm it is exact to the last bit of
# float64 and of float32, and the coefficients of its numerator (Higham, table 2.3).
_DEGREES: tuple[tuple[float, float, tuple[float, ...]], ...] = (
    (1.495585217958292e-2, 4.258730016922831e-1, (120.0, 60.0, 12.0, 1.0)),
    (2.539398330063230e-1, 1.880152677804762e0, (30240.0, 15120.0, 3360.0, 420.0, 30.0, 1.0)),
    (
        9.504178996162932e-1,
        3.925724783138660e0,
        (17297280.0, 8648640.0, 1995840.0, 277200.0, 25200.0, 1512.0, 56.0, 1.0),
    ),
)
_LAST = 5.371920351148152e0  # the same for degree 13
_THIRTEEN = (
    *(64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0),
    *(129060195264000.0, 10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0),
    *(40840800.0, 960960.0, 16380.0, 182.0, 1.0),
)


def _samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(3, 3)),
        draw.sample(draw(2, 1, 2, 2) * np.array([0.01, 5.0]).reshape(2, 1, 1, 1)),
        draw.sample(draw(2, 2, 2) + 1j * draw(2, 2, 2)),
        draw.sample(np.array([[0.0, 1.0], [0.0, 0.0]])),
        draw.sample(draw(1, 1)),
        draw.sample(draw(0, 2, 2)),
    ]


@primitive("matrix_exp", saves=("a",), complex=True, samples=_samples)
def _matrix_exp(a: Any) -> Any:
    if not a.size:
        return a.copy()
    wide = a.astype(np.float32) if a.dtype.itemsize == 2 else a
    norm = np.abs(wide).sum(-2).max(-1)
    if not np.isfinite(norm).all():
        safe = np.where(np.isfinite(norm)[..., None, None], wide, 0)
        out = np.where(np.isfinite(norm)[..., None, None], _matrix_exp.forward(safe), np.nan)
        return out.astype(a.dtype)
    single = wide.dtype.char in "fF"
    largest = norm.max()
    for for_double, for_single, coefficients in _DEGREES:
        if largest <= (for_single if single else for_double):
            return _pade(wide, coefficients).astype(a.dtype, copy=False)
    halvings = np.maximum(0, np.frexp(norm / _LAST)[1])
    scaled = wide * np.ldexp(norm.dtype.type(1), -halvings)[..., None, None]
    return _squared(_pade(scaled, _THIRTEEN), halvings).astype(a.dtype, copy=False)


def _pade(a: Any, b: tuple[float, ...]) -> Any:
    """The quotient ``(V + U) / (V - U)`` of polynomials, U of odd and V of even powers."""
    eye, square = np.eye(a.shape[-1], dtype=a.dtype), a @ a
    if len(b) == 14:
        fourth = square @ square
        sixth = fourth @ square
        u = sixth @ (b[13] * sixth + b[11] * fourth + b[9] * square)
        u += b[7] * sixth + b[5] * fourth + b[3] * square + b[1] * eye
        v = sixth @ (b[12] * sixth + b[10] * fourth + b[8] * square)
        v += b[6] * sixth + b[4] * fourth + b[2] * square + b[0] * eye
    else:
        u, v, power = b[1] * eye, b[0] * eye, square
        for i in range(2, len(b), 2):
            u, v = u + b[i + 1] * power, v + b[i] * power
            power = power @ square if i + 2 < len(b) else power
    u = a @ u
    return np.linalg.solve(v - u, v + u)


def _squared(x: Any, times: Any) -> Any:
    """Every matrix squared as often as it asks for."""
    flat, left = x.reshape(-1, *x.shape[-2:]), times.reshape(-1)
    for done in range(int(left.max())):
        chosen = left > done
        flat[chosen] = flat[chosen] @ flat[chosen]
    return flat.reshape(x.shape)


@_matrix_exp.rule
def _(g, y, a):
    # exp([[A', G], [0, A']]) has the derivative of exp at A', toward G, above its diagonal
    n, turned = a.shape[-1], a.mT.conj()
    above = cat([turned, g], -1)
    below = cat([turned * 0, turned], -1)
    return (apply(_matrix_exp, cat([above, below], -2))[..., :n, n:],)


@method("matrix_exp")
def matrix_exp(A: Tensor) -> Tensor:
    r"""The exponential of square matrices, :math:`e^A = \sum_k A^k / k!`.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., n, n)``, floating or complex.

    Returns
    -------
    Tensor
        Of the same shape and dtype; NaN for a matrix with NaN or infinities.

    Raises
    ------
    ShapeError
        If the matrices are not square.
    DTypeError
        If `A` is neither floating nor complex.

    References
    ----------
    .. [1] N. J. Higham, "The scaling and squaring method for the matrix exponential
       revisited", SIAM J. Matrix Anal. Appl. 26(4), 2005, https://doi.org/10.1137/04061101X
    .. [2] R. Mathias, "A chain rule for matrix functions and applications", SIAM J. Matrix
       Anal. Appl. 17(3), 1996 (the derivative from a block matrix).

    Examples
    --------
    >>> import lucid
    >>> lucid.matrix_exp(lucid.tensor([[0.0, 1.0], [0.0, 0.0]]))
    Tensor([[1.0000, 1.0000],
            [0.0000, 1.0000]])
    """
    square("linalg.matrix_exp", narrow=True, A=A)
    return apply(_matrix_exp, A)
