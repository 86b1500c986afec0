"""The logistic family: sigmoid, its inverse, and the smooth maxima it is the slope of.

All are written so that nothing overflows where the true value is finite.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, compose
from ..kernels import complex, pointwise
from .arithmetic import conj
from .bind import method
from .out import into
from .precision import in_single
from .promotion import floating, promote_floating, real_floating
from .selection import where

_LN2 = math.log(2.0)


@primitive("sigmoid", saves=("out",), complex=True, samples=samples.unary)
@in_single
def _sigmoid(x: Any) -> Any:
    return complex.sigmoid(x) if x.dtype.kind == "c" else pointwise.sigmoid(x)


@_sigmoid.rule
def _(g, y, x):
    return (g * conj(y * (1 - y)),)


@_sigmoid.fused_rule
def _(g, residual, y, x):
    if y.dtype.kind == "c":
        return (g * (y * (1 - y)).conj(),)
    return (pointwise.sigmoid_gradient(g, y),)


@method("sigmoid")
def sigmoid(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The logistic function :math:`\sigma(x) = 1 / (1 + e^{-x})`, element by element.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Between 0 and 1.

    Examples
    --------
    >>> import lucid
    >>> lucid.sigmoid(lucid.tensor([-1000.0, 0.0, 2.0]))
    Tensor([0.0000, 0.5000, 0.8808])
    """
    if out is not None:
        return into(sigmoid, locals())
    return apply(_sigmoid, floating(input, "sigmoid"))


def _logit_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw.uniform(0.1, 0.9, 3, 4), eps=None),
        draw.sample(draw.uniform(0.1, 0.9), eps=None),
        draw.sample(np.array([-0.5, 0.05, 0.3, 0.95], draw.dtype), eps=0.1),
    ]


@primitive("logit", saves=("x",), samples=_logit_samples)
@in_single
def _logit(x: Any, *, eps: float | None) -> Any:
    if eps is not None:
        x = np.minimum(np.maximum(x, eps), 1 - eps)
    return np.log(x / (1 - x))


@_logit.rule
def _(g, y, x, *, eps):
    low, outside = (0.0, np.nan) if eps is None else (eps, 0.0)
    beyond = (x < low) | (x > 1 - low)
    inner = where(beyond, 0.5, x) + 0.0  # -0.0 becomes 0.0: the slope there is +inf
    return (where(beyond, outside, g / (inner * (1 - inner))),)


@method("logit")
def logit(input: Tensor, eps: float | None = None, *, out: Tensor | None = None) -> Tensor:
    r"""The inverse of the logistic function, :math:`\ln(x / (1 - x))`, element by element.

    Parameters
    ----------
    input : Tensor
        Probabilities. Outside of [0, 1] the result is NaN, unless `eps` is given.
    eps : float, optional
        Clamp to ``[eps, 1 - eps]`` first; the gradient outside is zero.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.logit(lucid.tensor([0.5, 0.8808]))
    Tensor([0.0000, 2.0000])
    """
    if out is not None:
        return into(logit, locals())
    return apply(_logit, real_floating(input, "logit"), eps=eps)


@primitive("logsigmoid", saves=("x",), samples=samples.unary)
@in_single
def _logsigmoid(x: Any) -> Any:
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


@_logsigmoid.rule
def _(g, y, x):
    return (g * sigmoid(-x),)


@method("logsigmoid")
def logsigmoid(input: Tensor) -> Tensor:
    r"""The logarithm of the sigmoid, :math:`\min(x, 0) - \ln(1 + e^{-|x|})`.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.

    Returns
    -------
    Tensor
        Below 0; finite wherever `input` is.

    Examples
    --------
    >>> import lucid
    >>> lucid.logsigmoid(lucid.tensor([-200.0, 0.0]))
    Tensor([-200.0000, -0.6931])
    """
    return apply(_logsigmoid, real_floating(input, "logsigmoid"))


def _softplus_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw(3, 4), beta=1.0, threshold=20.0),
        draw.sample(draw(3, 4) * 3, beta=2.0, threshold=20.0),
        draw.sample(draw(), beta=0.5, threshold=20.0),
    ]


@primitive("softplus", saves=("x",), samples=_softplus_samples)
@in_single
def _softplus(x: Any, *, beta: float, threshold: float) -> Any:
    return pointwise.softplus(x, a=threshold) if beta == 1 else _scaled(x, beta, threshold)


def _scaled(x: Any, beta: float, threshold: float) -> Any:
    z = x * beta
    return np.where(z > threshold, x, pointwise.softplus(z, a=threshold) / beta)


@_softplus.rule
def _(g, y, x, *, beta, threshold):
    z = x * beta
    return (where(z > threshold, g, g * sigmoid(z)),)


@_softplus.fused_rule
def _(g, residual, y, x, *, beta, threshold):
    return (pointwise.softplus_gradient(g, x if beta == 1 else x * beta, a=threshold),)


@method("softplus")
def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    r"""A smooth maximum with zero, :math:`\frac{1}{\beta} \ln(1 + e^{\beta x})`.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    beta : float, default 1
        The larger, the closer to :math:`\max(x, 0)`.
    threshold : float, default 20
        Where :math:`\beta x` exceeds it, the result is `input` itself.

    Returns
    -------
    Tensor
        Above 0.

    Raises
    ------
    ArgumentError
        If `beta` is 0.

    References
    ----------
    Dugas et al., "Incorporating Second-Order Functional Knowledge for Better Option
    Pricing", NeurIPS 2000.

    Examples
    --------
    >>> import lucid
    >>> lucid.softplus(lucid.tensor([-200.0, 0.0, 200.0]))
    Tensor([0.0000, 0.6931, 200.0000])
    """
    if beta == 0:
        raise ArgumentError(compose("softplus", "beta must not be 0", {"beta": beta}))
    return apply(_softplus, real_floating(input, "softplus"), beta=beta, threshold=threshold)


@primitive("logaddexp", saves=("a", "b"), broadcasts=True, complex=True, samples=samples.binary)
def _logaddexp(a: Any, b: Any) -> Any:
    if np.result_type(a, b).kind == "c":
        return complex.logaddexp(np.asarray(a), np.asarray(b))
    return np.logaddexp(a, b)


@_logaddexp.rule
def _(g, y, a, b):
    return g * conj(sigmoid(a - b)), g * conj(sigmoid(b - a))


@method("logaddexp")
def logaddexp(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    r""":math:`\ln(e^x + e^y)`, element by element, without overflow.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and promoted to one floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.logaddexp(lucid.tensor([0.0, 100.0]), lucid.tensor([0.0, 100.0]))
    Tensor([0.6931, 100.6931])
    """
    if out is not None:
        return into(logaddexp, locals())
    return apply(_logaddexp, *promote_floating("logaddexp", input, other))


@primitive("logaddexp2", saves=("a", "b"), broadcasts=True, samples=samples.binary)
def _logaddexp2(a: Any, b: Any) -> Any:
    return np.logaddexp2(a, b)


@_logaddexp2.rule
def _(g, y, a, b):
    return g * sigmoid((a - b) * _LN2), g * sigmoid((b - a) * _LN2)


@method("logaddexp2")
def logaddexp2(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    r""":math:`\log_2(2^x + 2^y)`, element by element, without overflow.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and promoted to one floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.logaddexp2(lucid.tensor([0.0, 10.0]), lucid.tensor([0.0, 10.0]))
    Tensor([1.0000, 11.0000])
    """
    if out is not None:
        return into(logaddexp2, locals())
    return apply(_logaddexp2, *promote_floating("logaddexp2", input, other))
