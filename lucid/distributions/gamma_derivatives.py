r"""Gamma-distributed numbers with a gradient towards the shape, and the distribution function's.

Where a draw x of shape a keeps its place F(x; a), it moves with a by
:math:`dx/da = -\partial_a F / f` (implicit reparameterisation). Substituting :math:`t = x e^v`
in :math:`\partial_a F = \int_0^x f(t) (\log t - \psi(a)) dt`,

.. math:: \frac{d \log x}{d a} = \int_0^V e^{a v - x (e^v - 1)} (\log x + v - \psi(a)) \, dv,

with V minus infinity, or plus infinity, which gives the same: the whole integral is zero. Taken
towards the side where the bracket keeps its sign, nothing cancels.

References
----------
M. Figurnov, S. Mohamed and A. Mnih, "Implicit Reparameterization Gradients", NeurIPS 2018.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.function import Function, once_differentiable
from ..core.tensor import Tensor, values, wrap
from ..kernels.gamma import digamma_array, lgamma_array
from ..ops.random import rng_of
from ..ops.special.incomplete_gamma import igamma

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(40)
_FADED = 38.0  # e to the minus this is nothing to a double
_SMALL = 8.0  # shapes below it take the series on the left


def log_slope(shape: Any, log_x: Any) -> Any:
    """d log x / d shape of gamma-distributed numbers, from their logarithms; in double precision.

    Parameters
    ----------
    shape, log_x : array
        Broadcast against each other. The logarithm is finite where x itself underflows.
    """
    a, lx = np.broadcast_arrays(np.asarray(shape, np.float64), np.asarray(log_x, np.float64))
    a, lx = a.ravel(), lx.ravel()
    result = np.empty(a.shape)
    # On the left every term of the series is positive; large shapes would need many of them.
    series = (a < _SMALL) & (lx < np.log(a + 1))
    result[series] = _by_series(a[series], lx[series])
    for block in np.array_split(np.flatnonzero(~series), 1 + result.size // 4096):
        result[block] = _by_quadrature(a[block], lx[block])
    return result.reshape(np.broadcast_shapes(np.shape(shape), np.shape(log_x)))


def _by_series(a: Any, lx: Any) -> Any:
    """The sum over n of x^n / (a (a + 1) ... (a + n)) (psi(a + n + 1) - log x)."""
    x, psi = np.exp(lx), digamma_array(a + 1)
    term, total = 1 / a, (psi - lx) / a
    for n in range(1, 200):
        term = term * x / (a + n)
        psi = psi + 1 / (a + n)
        step = term * (psi - lx)
        total = total + step
        if not np.any(np.abs(step) > 1e-17 * np.abs(total)):
            break
    return total


def _by_quadrature(a: Any, lx: Any) -> Any:
    """The integral by Gauss's rule, up to where the integrand has faded."""
    x, psi = np.exp(lx), digamma_array(a)
    left = lx < psi
    end = _fade(a, x, left)
    v = end[:, None] * (0.5 + 0.5 * _NODES)
    log_ratio = a[:, None] * v - x[:, None] * np.expm1(v)
    heights = np.exp(log_ratio) * ((lx - psi)[:, None] + v)
    return 0.5 * end * (heights @ _WEIGHTS)


def _fade(a: Any, x: Any, left: Any) -> Any:
    """Where a v - x (e^v - 1) has fallen to minus `_FADED`: by Newton's method, from outside."""
    ratio = _FADED / x
    right = np.log1p(ratio + np.log1p(ratio) + 1)
    near = (a - x + np.sqrt((a - x) ** 2 + 2 * x * _FADED)) / x  # 1 + v + v^2/2 for e^v
    v = np.where(left, -(_FADED + x) / a, np.minimum(right, near))
    for _ in range(6):
        over = a * v - x * np.expm1(v) + _FADED
        v = v - over / (a - x * np.exp(v))
    return v


# ---- draws ----------------------------------------------------------------------------


class _StandardGamma(Function):
    """A draw of shape a and rate 1."""

    @staticmethod
    def forward(ctx, concentration):
        a = concentration.data
        drawn = rng_of(None).standard_gamma(a.astype(np.float64)).astype(a.dtype)
        out = wrap(np.maximum(drawn, np.asarray(np.finfo(a.dtype).tiny, a.dtype)))
        ctx.save_for_backward(concentration, out)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        a, x = (saved.data for saved in ctx.saved_tensors)
        slope = x * log_slope(a, np.log(x.astype(np.float64)))
        return g * wrap(slope.astype(a.dtype))


class _LogGamma(Function):
    """The logarithm of such a draw, finite however small the shape."""

    @staticmethod
    def forward(ctx, concentration):
        a = concentration.data.astype(np.float64)
        rng = rng_of(None)
        small = a < 1  # a draw of shape a + 1, times a uniform number to the power 1 / a
        log_x = np.log(rng.standard_gamma(np.where(small, a + 1, a)))
        log_x = np.where(small, log_x - rng.standard_exponential(a.shape) / a, log_x)
        ctx.log_x = log_x
        ctx.save_for_backward(concentration)
        return wrap(log_x.astype(concentration.dtype))

    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        (a,) = ctx.saved_tensors
        return g * wrap(log_slope(a.data, ctx.log_x).astype(a.dtype))


def standard_gamma(concentration: Tensor) -> Tensor:
    """Draws of the gamma distributions of the shapes given, of rate 1, with their gradient.

    Parameters
    ----------
    concentration : Tensor
        The shapes, positive.

    Returns
    -------
    Tensor of the same shape and dtype

    Examples
    --------
    >>> import lucid
    >>> standard_gamma(lucid.tensor([1.0, 100.0])).shape
    (2,)
    """
    return _StandardGamma.apply(concentration)


def log_standard_gamma(concentration: Tensor) -> Tensor:
    """The logarithms of such draws, which do not underflow for small shapes.

    Parameters
    ----------
    concentration : Tensor
        The shapes, positive.

    Returns
    -------
    Tensor of the same shape and dtype

    Examples
    --------
    >>> import lucid
    >>> bool(log_standard_gamma(lucid.full((100,), 1e-4)).isfinite().all())
    True
    """
    return _LogGamma.apply(concentration)


# ---- the distribution function --------------------------------------------------------


class _LowerGamma(Function):
    """P(a, x), differentiable towards both."""

    @staticmethod
    def forward(ctx, a, x):
        ctx.save_for_backward(a, x)
        return igamma(a, x)

    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        a, x = (values(saved).astype(np.float64) for saved in ctx.saved_tensors)
        log_x = np.log(x)
        density = np.exp((a - 1) * log_x - x - lgamma_array(a))
        along = [None, None]
        if ctx.needs_input_grad[0]:
            moved = np.where((x > 0) & np.isfinite(x), x, 1.0)
            slope = -density * moved * log_slope(a, np.log(moved))
            along[0] = g * wrap(np.where((x > 0) & np.isfinite(x), slope, 0.0).astype(g.dtype))
        if ctx.needs_input_grad[1]:
            along[1] = g * wrap(density.astype(g.dtype))
        return tuple(along)


def lower_gamma(concentration: Tensor, value: Tensor) -> Tensor:
    """The regularised lower incomplete gamma function, with its gradient towards the shape too.

    Parameters
    ----------
    concentration, value : Tensor
        Broadcast against each other.

    Returns
    -------
    Tensor

    Raises
    ------
    MissingPackageError
        If SciPy is not installed.

    Examples
    --------
    >>> import lucid
    >>> lower_gamma(lucid.tensor([1.0, 2.0]), lucid.tensor([1.0, 1.0]))
    Tensor([0.6321, 0.2642])
    """
    return _LowerGamma.apply(concentration, value)
