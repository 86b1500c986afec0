r"""Orthogonal polynomials: Chebyshev's of four kinds, Hermite's, Laguerre's and Legendre's.

Each family obeys a recurrence of three terms, :math:`d_k p_{k+1} = (a_k x + b_k) p_k - c_k
p_{k-1}` with :math:`p_0 = 1` (DLMF table 18.9.1). Differentiated m times it reads

.. math:: d_k p_{k+1}^{(m)} = (a_k x + b_k) p_k^{(m)} + m a_k p_k^{(m-1)} - c_k p_{k-1}^{(m)},

so that one primitive serves all families, and has every derivative, exact everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ... import samples
from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor
from ..out import into
from .operands import real_pair


class Family(NamedTuple):
    """A family's recurrence: ``(a, b)`` of :math:`p_1 = a x + b`, and a, b, c, d at step k."""

    first: tuple[float, float]
    step: Callable[[int], tuple[float, float, float, float]]


def _chebyshev(k: int) -> tuple[float, float, float, float]:
    return 2, 0, 1, 1


FAMILIES = {
    "chebyshev_polynomial_t": Family((1, 0), _chebyshev),
    "chebyshev_polynomial_u": Family((2, 0), _chebyshev),
    "chebyshev_polynomial_v": Family((2, -1), _chebyshev),
    "chebyshev_polynomial_w": Family((2, 1), _chebyshev),
    "hermite_polynomial_h": Family((2, 0), lambda k: (2, 0, 2 * k, 1)),
    "hermite_polynomial_he": Family((1, 0), lambda k: (1, 0, k, 1)),
    "laguerre_polynomial_l": Family((-1, 1), lambda k: (-1, 2 * k + 1, k, k + 1)),
    "legendre_polynomial_p": Family((1, 0), lambda k: (2 * k + 1, 0, k, k + 1)),
}


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    degrees = draw.integers(-1, 6, 4)
    one_each = [draw.sample(draw(3, 4), degrees, family=name, order=0) for name in FAMILIES]
    return [
        *one_each,
        draw.sample(draw(3, 4), 5, family="laguerre_polynomial_l", order=1),
        draw.sample(draw(3), draw.integers(2, 5, 2, 1), family="legendre_polynomial_p", order=2),
        draw.sample(draw(), 3, family="chebyshev_polynomial_t", order=0),
        draw.sample(draw(0, 3), 3, family="chebyshev_polynomial_u", order=0),
    ]


@primitive("orthogonal_polynomial", saves=("x", "n"), broadcasts=True, samples=_samples)
def _polynomial(x: Any, n: Any, *, family: str, order: int) -> Any:
    """The derivative of the given order of the polynomials of degrees n, in double precision."""
    wide, n = np.asarray(x, np.float64), np.asarray(n)
    out = np.zeros(np.broadcast_shapes(x.shape, n.shape))
    now, before = [np.ones_like(wide)], [np.zeros_like(wide)]
    now += before * order  # the derivatives of 1
    before = before * (order + 1)
    for k in range(int(n.max(initial=-1)) + 1):
        out = np.where(n == k, now[order], out)
        (a, b), c, d = FAMILIES[family].first, 0.0, 1.0
        if k > 0:
            a, b, c, d = FAMILIES[family].step(k)
        factor = a * wide + b
        after = [factor * p - c * q for p, q in zip(now, before, strict=True)]
        after[1:] = [p + m * a * now[m - 1] for m, p in enumerate(after[1:], 1)]
        now, before = [p / d for p in after], now
    return out.astype(x.dtype)


@_polynomial.rule
def _(g, y, x, n, *, family, order):
    return g * apply(_polynomial, x, n, family=family, order=order + 1), None


def _evaluate(family: str, input: Any, n: Any, shifted: bool = False) -> Tensor:
    """A polynomial of the family, at `input` or, shifted, at 2 input - 1."""
    name = f"shifted_{family}" if shifted else family
    x, degree = real_pair(name, input, n)
    if not hasattr(x, "dtype"):
        x = np.asarray(x, getattr(degree, "dtype", np.float64))
        x = Tensor(x) if isinstance(degree, Tensor) else x
    if shifted:
        x = x * 2 - 1
    whole = degree.data if isinstance(degree, Tensor) else np.asarray(degree)
    return apply(_polynomial, x, whole.astype(np.int64), family=family, order=0)


# ---- Chebyshev's of the four kinds ---------------------------------------------------------


def chebyshev_polynomial_t(input: Any, n: Any, *, out: Tensor | None = None) -> Tensor:
    r"""Chebyshev's polynomial of the first kind, of degree `n`,

    .. math:: T_n(\cos\theta) = \cos(n \theta), \qquad T_{n+1} = 2 x T_n - T_{n-1}, \quad T_1 = x.

    Parameters
    ----------
    input : Tensor or number
        Where to evaluate; differentiable to any order.
    n : Tensor or number
        The degree, broadcast against `input`; a broken one is cut off to a whole number.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        0 where `n` is negative.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DTypeError
        If an operand is complex.

    References
    ----------
    DLMF 18.5.1 and table 18.9.1, https://dlmf.nist.gov/18.5

    Examples
    --------
    >>> import lucid
    >>> lucid.special.chebyshev_polynomial_t(lucid.tensor([0.5, 2.0]), 2)
    Tensor([-0.5000, 7.0000])
    """
    if out is not None:
        return into(chebyshev_polynomial_t, locals())
    return _evaluate("chebyshev_polynomial_t", input, n)


def chebyshev_polynomial_u(input: Any, n: Any, *, out: Tensor | None = None) -> Tensor:
    r"""Chebyshev's polynomial of the second kind, of degree `n`,

    .. math:: U_n(\cos\theta) = \frac{\sin((n + 1) \theta)}{\sin\theta}, \qquad U_1 = 2 x.

    Parameters
    ----------
    input : Tensor or number
        Where to evaluate; differentiable to any order.
    n : Tensor or number
        The degree, broadcast against `input`; a broken one is cut off to a whole number.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        0 where `n` is negative.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DTypeError
        If an operand is complex.

    References
    ----------
    DLMF 18.5.2 and table 18.9.1, https://dlmf.nist.gov/18.5

    Examples
    --------
    >>> import lucid
    >>> lucid.special.chebyshev_polynomial_u(lucid.tensor([0.5, 2.0]), 2)
    Tensor([0.0000, 15.0000])
    """
    if out is not None:
        return into(chebyshev_polynomial_u, locals())
    return _evaluate("chebyshev_polynomial_u", input, n)


def chebyshev_polynomial_v(input: Any, n: Any, *, out: Tensor | None = None) -> Tensor:
    r"""Chebyshev's polynomial of the third kind, of degree `n`,

    .. math:: V_n(\cos\theta) = \frac{\cos((n + \frac12) \theta)}{\cos(\frac12 \theta)},
        \qquad V_1 = 2 x - 1.

    Parameters
    ----------
    input : Tensor or number
        Where to evaluate; differentiable to any order.
    n : Tensor or number
        The degree, broadcast against `input`; a broken one is cut off to a whole number.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        0 where `n` is negative.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DTypeError
        If an operand is complex.

    References
    ----------
    DLMF 18.5.3 and table 18.9.1, https://dlmf.nist.gov/18.5

    Examples
    --------
    >>> import lucid
    >>> lucid.special.chebyshev_polynomial_v(lucid.tensor([0.5, 2.0]), 2)
    Tensor([-1.0000, 11.0000])
    """
    if out is not None:
        return into(chebyshev_polynomial_v, locals())
    return _evaluate("chebyshev_polynomial_v", input, n)


def chebyshev_polynomial_w(input: Any, n: Any, *, out: Tensor | None = None) -> Tensor:
    r"""Chebyshev's polynomial of the fourth kind, of degree `n`,

    .. math:: W_n(\cos\theta) = \frac{\sin((n + \frac12) \theta)}{\sin(\frac12 \theta)},
        \qquad W_1 = 2 x + 1.

    Parameters
    ----------
    input : Tensor or number
        Where to evaluate; differentiable to any order.
    n : Tensor or number
        The degree, broadcast against `input`; a broken one is cut off to a whole number.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        0 where `n` is negative.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DTypeError
        If an operand is complex.

    References
    ----------
    DLMF 18.5.4 and table 18.9.1, https://dlmf.nist.gov/18.5

    Examples
    --------
    >>> import lucid
    >>> lucid.special.chebyshev_polynomial_w(lucid.tensor([0.5, 2.0]), 2)
    Tensor([1.0000, 19.0000])
    """
    if out is not None:
        return into(chebyshev_polynomial_w, locals())
    return _evaluate("chebyshev_polynomial_w", input, n)


# ---- the same on the interval from 0 to 1 ---------------------------------------------------


def shifted_chebyshev_polynomial_t(input: Any, n: Any, *, out: Tensor | None = None) -> Tensor:
    r"""`chebyshev_polynomial_t` shifted from [-1, 1] to [0, 1], of degree `n`,

    .. math:: T_n^*(x) = T_n(2 x - 1).

    Parameters
    ----------
    input : Tensor or number
        Where to evaluate; differentiable to any order.
    n : Tensor or number
        The degree, broadcast against `input`; a broken one is cut off to a whole number.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        0 where `n` is negative.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DTypeError
        If an operand is complex.

    References
    ----------
    DLMF 18.1.3, https://dlmf.nist.gov/18.1

    Examples
    --------
    >>> import lucid
    >>> lucid.special.shifted_chebyshev_polynomial_t(lucid.tensor([0.5, 2.0]), 2)
    Tensor([-1.0000, 17.0000])
    """
    if out is not None:
        return into(shifted_chebyshev_polynomial_t, locals())
    return _evaluate("chebyshev_polynomial_t", input, n, shifted=True)


def shifted_chebyshev_polynomial_u(input: Any, n: Any, *, out: Tensor | None = None) -> Tensor:
    r"""`chebyshev_polynomial_u` shifted from [-1, 1] to [0, 1], of degree `n`,

    .. math:: U_n^*(x) = U_n(2 x - 1).

    Parameters
    ----------
    input : Tensor or number
        Where to evaluate; differentiable to any order.
    n : Tensor or number
        The degree, broadcast against `input`; a broken one is cut off to a whole number.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        0 where `n` is negative.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DTypeError
        If an operand is complex.

    References
    ----------
    DLMF 18.1.3, https://dlmf.nist.gov/18.1

    Examples
    --------
    >>> import lucid
    >>> lucid.special.shifted_chebyshev_polynomial_u(lucid.tensor([0.5, 2.0]), 2)
    Tensor([-1.0000, 35.0000])
    """
    if out is not None:
        return into(shifted_chebyshev_polynomial_u, locals())
    return _evaluate("chebyshev_polynomial_u", input, n, shifted=True)


def shifted_chebyshev_polynomial_v(input: Any, n: Any, *, out: Tensor | None = None) -> Tensor:
    r"""`chebyshev_polynomial_v` shifted from [-1, 1] to [0, 1], of degree `n`,

    .. math:: V_n^*(x) = V_n(2 x - 1).

    Parameters
    ----------
    input : Tensor or number
        Where to evaluate; differentiable to any order.
    n : Tensor or number
        The degree, broadcast against `input`; a broken one is cut off to a whole number.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        0 where `n` is negative.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DTypeError
        If an operand is complex.

    References
    ----------
    DLMF 18.1.3, https://dlmf.nist.gov/18.1

    Examples
    --------
    >>> import lucid
    >>> lucid.special.shifted_chebyshev_polynomial_v(lucid.tensor([0.5, 2.0]), 2)
    Tensor([-1.0000, 29.0000])
    """
    if out is not None:
        return into(shifted_chebyshev_polynomial_v, locals())
    return _evaluate("chebyshev_polynomial_v", input, n, shifted=True)


def shifted_chebyshev_polynomial_w(input: Any, n: Any, *, out: Tensor | None = None) -> Tensor:
    r"""`chebyshev_polynomial_w` shifted from [-1, 1] to [0, 1], of degree `n`,

    .. math:: W_n^*(x) = W_n(2 x - 1).

    Parameters
    ----------
    input : Tensor or number
        Where to evaluate; differentiable to any order.
    n : Tensor or number
        The degree, broadcast against `input`; a broken one is cut off to a whole number.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        0 where `n` is negative.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DTypeError
        If an operand is complex.

    References
    ----------
    DLMF 18.1.3, https://dlmf.nist.gov/18.1

    Examples
    --------
    >>> import lucid
    >>> lucid.special.shifted_chebyshev_polynomial_w(lucid.tensor([0.5, 2.0]), 2)
    Tensor([-1.0000, 41.0000])
    """
    if out is not None:
        return into(shifted_chebyshev_polynomial_w, locals())
    return _evaluate("chebyshev_polynomial_w", input, n, shifted=True)


# ---- Hermite's, Laguerre's, Legendre's ----------------------------------------------------


def hermite_polynomial_h(input: Any, n: Any, *, out: Tensor | None = None) -> Tensor:
    r"""The physicist's Hermite polynomial of degree `n`,

    .. math:: H_{n+1} = 2 x H_n - 2 n H_{n-1}, \qquad H_0 = 1, \quad H_1 = 2 x.

    Parameters
    ----------
    input : Tensor or number
        Where to evaluate; differentiable to any order.
    n : Tensor or number
        The degree, broadcast against `input`; a broken one is cut off to a whole number.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        0 where `n` is negative.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DTypeError
        If an operand is complex.

    References
    ----------
    DLMF table 18.9.1, https://dlmf.nist.gov/18.9

    Examples
    --------
    >>> import lucid
    >>> lucid.special.hermite_polynomial_h(lucid.tensor([0.5, 2.0]), 2)
    Tensor([-1.0000, 14.0000])
    """
    if out is not None:
        return into(hermite_polynomial_h, locals())
    return _evaluate("hermite_polynomial_h", input, n)


def hermite_polynomial_he(input: Any, n: Any, *, out: Tensor | None = None) -> Tensor:
    r"""The probabilist's Hermite polynomial of degree `n`,

    .. math:: He_{n+1} = x He_n - n He_{n-1}, \qquad He_0 = 1, \quad He_1 = x.

    Parameters
    ----------
    input : Tensor or number
        Where to evaluate; differentiable to any order.
    n : Tensor or number
        The degree, broadcast against `input`; a broken one is cut off to a whole number.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        0 where `n` is negative.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DTypeError
        If an operand is complex.

    References
    ----------
    DLMF table 18.9.1, https://dlmf.nist.gov/18.9

    Examples
    --------
    >>> import lucid
    >>> lucid.special.hermite_polynomial_he(lucid.tensor([0.5, 2.0]), 2)
    Tensor([-0.7500, 3.0000])
    """
    if out is not None:
        return into(hermite_polynomial_he, locals())
    return _evaluate("hermite_polynomial_he", input, n)


def laguerre_polynomial_l(input: Any, n: Any, *, out: Tensor | None = None) -> Tensor:
    r"""Laguerre's polynomial of degree `n`,

    .. math:: (n + 1) L_{n+1} = (2 n + 1 - x) L_n - n L_{n-1}, \qquad L_0 = 1, \quad L_1 = 1 - x.

    Parameters
    ----------
    input : Tensor or number
        Where to evaluate; differentiable to any order.
    n : Tensor or number
        The degree, broadcast against `input`; a broken one is cut off to a whole number.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        0 where `n` is negative.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DTypeError
        If an operand is complex.

    References
    ----------
    DLMF table 18.9.1, https://dlmf.nist.gov/18.9

    Examples
    --------
    >>> import lucid
    >>> lucid.special.laguerre_polynomial_l(lucid.tensor([0.5, 2.0]), 2)
    Tensor([0.1250, -1.0000])
    """
    if out is not None:
        return into(laguerre_polynomial_l, locals())
    return _evaluate("laguerre_polynomial_l", input, n)


def legendre_polynomial_p(input: Any, n: Any, *, out: Tensor | None = None) -> Tensor:
    r"""Legendre's polynomial of degree `n`,

    .. math:: (n + 1) P_{n+1} = (2 n + 1) x P_n - n P_{n-1}, \qquad P_0 = 1, \quad P_1 = x.

    Parameters
    ----------
    input : Tensor or number
        Where to evaluate; differentiable to any order.
    n : Tensor or number
        The degree, broadcast against `input`; a broken one is cut off to a whole number.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        0 where `n` is negative.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DTypeError
        If an operand is complex.

    References
    ----------
    DLMF table 18.9.1, https://dlmf.nist.gov/18.9

    Examples
    --------
    >>> import lucid
    >>> lucid.special.legendre_polynomial_p(lucid.tensor([0.5, 2.0]), 2)
    Tensor([-0.1250, 5.5000])
    """
    if out is not None:
        return into(legendre_polynomial_p, locals())
    return _evaluate("legendre_polynomial_p", input, n)
