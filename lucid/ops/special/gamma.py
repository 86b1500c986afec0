"""The logarithm of the gamma function and its derivatives: digamma and polygamma."""

from __future__ import annotations

import math
import operator
from typing import Any

from ... import samples
from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor
from ...errors import ArgumentError, DTypeError, compose
from ...kernels.gamma import digamma_array, lgamma_array, polygamma_array
from ..bind import method
from ..out import into
from ..promotion import real_floating


def _between_poles(draw: samples.Draw) -> list[samples.Sample]:
    """Positive numbers, and negative ones away from the poles at whole numbers."""
    left = draw.uniform(0.2, 0.8, 4) - draw.integers(1, 4, 4)
    return [*samples.unary_positive(draw), draw.sample(left.astype(draw.dtype))]


@primitive("lgamma", saves=("x",), samples=_between_poles)
def _lgamma(x: Any) -> Any:
    return lgamma_array(x)


@_lgamma.rule
def _(g, y, x):
    return (g * digamma(x),)


@method("lgamma")
def lgamma(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The logarithm of the gamma function's magnitude, :math:`\ln |\Gamma(x)|`, where

    .. math:: \Gamma(x) = \int_0^\infty t^{x - 1} e^{-t} \, dt.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        inf at the poles 0, -1, -2, ... The gradient is `digamma`.

    Raises
    ------
    DTypeError
        If `input` is complex.

    References
    ----------
    DLMF 5.2.1, https://dlmf.nist.gov/5.2

    Examples
    --------
    >>> import lucid
    >>> lucid.lgamma(lucid.tensor([1.0, 4.0, 0.5]))
    Tensor([0.0000, 1.7918, 0.5724])
    """
    if out is not None:
        return into(lgamma, locals())
    return apply(_lgamma, real_floating(input, "lgamma"))


@primitive("digamma", saves=("x",), samples=_between_poles)
def _digamma(x: Any) -> Any:
    return digamma_array(x)


@_digamma.rule
def _(g, y, x):
    return (g * polygamma(1, x),)


@method("digamma")
def digamma(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The slope of `lgamma`, :math:`\psi(x) = \frac{d}{dx} \ln \Gamma(x)`.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        NaN at the poles -1, -2, ...; at 0 an infinity of the sign opposite to zero's own. The
        gradient is ``polygamma(1, input)``.

    Raises
    ------
    DTypeError
        If `input` is complex.

    References
    ----------
    DLMF 5.2.2, https://dlmf.nist.gov/5.2

    Examples
    --------
    >>> import lucid
    >>> lucid.digamma(lucid.tensor([1.0, 0.5]))
    Tensor([-0.5772, -1.9635])
    """
    if out is not None:
        return into(digamma, locals())
    return apply(_digamma, real_floating(input, "digamma"))


def _polygamma_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(*sample.inputs, order=order)
        for order in (1, 2, 3)
        for sample in _between_poles(draw)
    ]


@primitive("polygamma", saves=("x",), samples=_polygamma_samples)
def _polygamma(x: Any, *, order: int) -> Any:
    return polygamma_array(order, x)


@_polygamma.rule
def _(g, y, x, *, order):
    return (g * polygamma(order + 1, x),)


def polygamma(n: int, input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The derivative of order `n` of `digamma`,

    .. math:: \psi^{(n)}(x) = \frac{d^n}{dx^n} \psi(x) = (-1)^{n + 1} n!\, \zeta(n + 1, x)
        \quad (n > 0).

    Parameters
    ----------
    n : int
        Not negative; 0 is `digamma` itself.
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Infinite at the poles 0, -1, -2, ... The gradient is ``polygamma(n + 1, input)``.

    Raises
    ------
    ArgumentError
        If `n` is negative.
    DTypeError
        If `n` is not an int, or `input` is complex.

    References
    ----------
    DLMF 5.15.1 and 25.11.12, https://dlmf.nist.gov/5.15

    Examples
    --------
    >>> import lucid
    >>> lucid.polygamma(1, lucid.tensor([1.0, 0.5]))
    Tensor([1.6449, 4.9348])
    """
    if out is not None:
        return into(polygamma, locals())
    order = _whole("polygamma", "n", n, 0)
    if order == 0:
        return digamma(input)
    return apply(_polygamma, real_floating(input, "polygamma"), order=order)


@method("polygamma")
def _polygamma_method(input: Tensor, n: int) -> Tensor:
    """The derivative of order `n` of `digamma`: ``lucid.polygamma(n, input)``."""
    return polygamma(n, input)


@method("mvlgamma")
def mvlgamma(input: Tensor, p: int, *, out: Tensor | None = None) -> Tensor:
    r"""The logarithm of the multivariate gamma function of dimension `p`,

    .. math:: \ln \Gamma_p(a) = \frac{p (p - 1)}{4} \ln \pi
        + \sum_{i = 1}^{p} \ln \Gamma\!\left(a - \frac{i - 1}{2}\right).

    Parameters
    ----------
    input : Tensor
        The :math:`a`, greater than :math:`(p - 1) / 2` where the function is defined.
    p : int
        The dimension, at least 1.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ArgumentError
        If `p` is less than 1.
    DTypeError
        If `p` is not an int, or `input` is complex.

    References
    ----------
    DLMF 35.3.4 and 35.3.5, https://dlmf.nist.gov/35.3

    Examples
    --------
    >>> import lucid
    >>> lucid.mvlgamma(lucid.tensor([3.0]), 2)
    Tensor([1.5502])
    """
    if out is not None:
        return into(mvlgamma, locals())
    p = _whole("mvlgamma", "p", p, 1)
    a = real_floating(input, "mvlgamma")
    total = lgamma(a)
    for i in range(1, p):
        total = total + lgamma(a - i / 2)
    return total + p * (p - 1) / 4 * math.log(math.pi)


def _whole(where: str, name: str, value: Any, least: int) -> int:
    """An argument that must be a whole number, at least `least`."""
    try:
        number = operator.index(value)
    except TypeError:
        problem = f"{name} must be an int, not {type(value).__name__}"
        raise DTypeError(compose(where, problem, {name: value})) from None
    if number < least:
        raise ArgumentError(compose(where, f"{name} must be at least {least}", {name: number}))
    return number


gammaln, psi, multigammaln = lgamma, digamma, mvlgamma
