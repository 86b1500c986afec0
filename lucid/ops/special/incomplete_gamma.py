"""The regularised incomplete gamma functions, which are each other's rest to 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import samples
from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor
from ...errors import GradError, compose
from ...kernels.scipy_import import scipy_special
from ..bind import method
from ..exponential import exp, xlogy
from ..out import into
from .gamma import lgamma
from .operands import real_pair


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    return [draw.sample(a, draw.positive(3, 4)) for a in (0.7, 2.5)] + [
        draw.sample(1.5, draw.positive())
    ]


def _of_scipy(name: str, a: Any, x: Any) -> Any:
    """SciPy's function in the dtype of the arrays, computed in double precision."""
    dtype = next((v.dtype for v in (x, a) if isinstance(v, np.ndarray)), np.float64)
    wide = np.asarray(a, np.float64), np.asarray(x, np.float64)
    return np.asarray(getattr(scipy_special(name), name)(*wide)).astype(dtype)


def _density(where: str, a: Any, x: Any, needs: Any) -> Any:
    """What both change by along x: the density of the gamma distribution of shape a."""
    if needs[0]:
        problem = "there is no derivative towards the first argument, the shape"
        raise GradError(compose(where, problem, fix="pass it as input.detach()"))
    if not hasattr(a, "dtype"):
        a = np.asarray(a, x.dtype)
    return exp(xlogy(a - 1, x) - x - lgamma(a))


@primitive("gammainc", saves=("a", "x"), broadcasts=True, samples=_samples)
def _lower(a: Any, x: Any) -> Any:
    return _of_scipy("gammainc", a, x)


@_lower.rule
def _(g, y, a, x, *, needs):
    return None, g * _density("igamma", a, x, needs)


@method("igamma")
def igamma(input: Any, other: Any, *, out: Tensor | None = None) -> Tensor:
    r"""The regularised lower incomplete gamma function,

    .. math:: P(a, x) = \frac{1}{\Gamma(a)} \int_0^x t^{a - 1} e^{-t} \, dt.

    Needs SciPy (``pip install 'lucid[scipy]'``).

    Parameters
    ----------
    input : Tensor or number
        The shape :math:`a`, not negative. It has no gradient, as in PyTorch.
    other : Tensor or number
        The limit :math:`x`, not negative; broadcast against `input`. The derivative towards it
        is :math:`x^{a - 1} e^{-x} / \Gamma(a)`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Between 0 and 1; NaN where an argument is negative, or both are 0 or infinite.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    MissingPackageError
        If SciPy is not installed.

    References
    ----------
    DLMF 8.2.4, https://dlmf.nist.gov/8.2

    Examples
    --------
    >>> import lucid
    >>> lucid.igamma(lucid.tensor([1.0, 2.0]), lucid.tensor([1.0, 1.0]))
    Tensor([0.6321, 0.2642])
    """
    if out is not None:
        return into(igamma, locals())
    return apply(_lower, *real_pair("igamma", input, other))


@primitive("gammaincc", saves=("a", "x"), broadcasts=True, samples=_samples)
def _upper(a: Any, x: Any) -> Any:
    return _of_scipy("gammaincc", a, x)


@_upper.rule
def _(g, y, a, x, *, needs):
    return None, -g * _density("igammac", a, x, needs)


@method("igammac")
def igammac(input: Any, other: Any, *, out: Tensor | None = None) -> Tensor:
    r"""The regularised upper incomplete gamma function,

    .. math:: Q(a, x) = \frac{1}{\Gamma(a)} \int_x^\infty t^{a - 1} e^{-t} \, dt = 1 - P(a, x).

    Needs SciPy (``pip install 'lucid[scipy]'``).

    Parameters
    ----------
    input : Tensor or number
        The shape :math:`a`, not negative. It has no gradient, as in PyTorch.
    other : Tensor or number
        The limit :math:`x`, not negative; broadcast against `input`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Between 0 and 1; NaN where an argument is negative, or both are 0 or infinite.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    MissingPackageError
        If SciPy is not installed.

    References
    ----------
    DLMF 8.2.4, https://dlmf.nist.gov/8.2

    Examples
    --------
    >>> import lucid
    >>> lucid.igammac(lucid.tensor([1.0, 2.0]), lucid.tensor([1.0, 1.0]))
    Tensor([0.3679, 0.7358])
    """
    if out is not None:
        return into(igammac, locals())
    return apply(_upper, *real_pair("igammac", input, other))


gammainc, gammaincc = igamma, igammac
