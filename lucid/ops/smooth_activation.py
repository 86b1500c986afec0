"""Smooth activations: gates that let a value through by its own size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, ShapeError, compose
from ..kernels import complex, pointwise
from .arithmetic import conj
from .axes import normal_axis
from .bind import method
from .complex import real
from .exponential import exp
from .logistic import sigmoid, softplus
from .precision import in_single
from .promotion import floating, real_floating
from .signs import abs, sgn
from .special.error_function import erfc
from .trigonometric import tanh

# ---- gelu -----------------------------------------------------------------------------

_HALF_ROOT = math.sqrt(0.5)
_DENSITY = 1 / math.sqrt(2 * math.pi)  # of the normal distribution at 0


@primitive("gelu", saves=("x",), samples=samples.unary)
@in_single
def _gelu(x: Any) -> Any:
    return pointwise.gelu(x)


@_gelu.rule
def _(g, y, x):  # slope: Phi(x) + x phi(x)
    below = erfc(x * -_HALF_ROOT) * 0.5
    return (g * (below + x * exp(x * x * -0.5) * _DENSITY),)


@_gelu.fused_rule
def _(g, residual, y, x):
    return (pointwise.gelu_gradient(g, x),)


_WIDTH, _CUBIC = math.sqrt(2 / math.pi), 0.044715  # Hendrycks and Gimpel's fit


@primitive("gelu_tanh", saves=("x",), samples=samples.unary)
@in_single
def _gelu_tanh(x: Any) -> Any:
    return x * ((np.tanh((x + x * x * x * _CUBIC) * _WIDTH) + 1) * 0.5)


@_gelu_tanh.rule
def _(g, y, x):
    t = tanh((x + x * x * x * _CUBIC) * _WIDTH)
    inner = (x * x * (3 * _CUBIC) + 1) * _WIDTH
    return (g * ((t + 1) * 0.5 + x * (1 - t * t) * inner * 0.5),)


@method("gelu")
def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    r"""Gaussian error linear unit :math:`x \Phi(x)`, with the normal distribution
    :math:`\Phi(x) = \frac12 \operatorname{erfc}(-x / \sqrt 2)`.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    approximate : {"none", "tanh"}
        ``"tanh"`` computes
        :math:`\frac x2 (1 + \tanh(\sqrt{2 / \pi} (x + 0.044715 x^3)))`, within 0.0005.

    Returns
    -------
    Tensor

    Raises
    ------
    ArgumentError
        If `approximate` is neither of the two.

    References
    ----------
    Hendrycks and Gimpel, "Gaussian Error Linear Units", arXiv:1606.08415, 2016.

    Examples
    --------
    >>> import lucid
    >>> lucid.gelu(lucid.tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.1587, 0.0000, 1.9545])
    >>> lucid.gelu(lucid.tensor([-1.0, 0.0, 2.0]), approximate="tanh")
    Tensor([-0.1588, 0.0000, 1.9546])
    """
    if approximate == "none":
        return apply(_gelu, real_floating(input, "gelu"))
    if approximate == "tanh":
        return apply(_gelu_tanh, real_floating(input, "gelu"))
    problem = f"approximate must be 'none' or 'tanh', not {approximate!r}"
    raise ArgumentError(compose("gelu", problem))


# ---- gated by a sigmoid ---------------------------------------------------------------


@primitive("silu", saves=("x",), complex=True, samples=samples.unary)
@in_single
def _silu(x: Any) -> Any:
    return x * complex.sigmoid(x) if x.dtype.kind == "c" else pointwise.silu(x)


@_silu.rule
def _(g, y, x):
    s = sigmoid(x)
    return (g * conj(s * (x * (1 - s) + 1)),)


@_silu.fused_rule
def _(g, residual, y, x):
    if x.dtype.kind != "c":
        return (pointwise.silu_gradient(g, x),)
    s = complex.sigmoid(x)
    return (g * (s * (x * (1 - s) + 1)).conj(),)


@method("silu")
def silu(input: Tensor) -> Tensor:
    r"""The identity gated by the sigmoid, :math:`x \sigma(x)`; also called swish.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.

    Returns
    -------
    Tensor

    References
    ----------
    Elfwing et al., "Sigmoid-Weighted Linear Units for Neural Network Function
    Approximation in Reinforcement Learning", Neural Networks 107, 2018.

    Examples
    --------
    >>> import lucid
    >>> lucid.silu(lucid.tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.2689, 0.0000, 1.7616])
    """
    return apply(_silu, floating(input, "silu"))


@primitive("mish", saves=("x",), samples=samples.unary)
@in_single
def _mish(x: Any) -> Any:
    return x * np.tanh(np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0))


@_mish.rule
def _(g, y, x):
    t = tanh(softplus(x))
    return (g * (t + x * sigmoid(x) * (1 - t * t)),)


@method("mish")
def mish(input: Tensor) -> Tensor:
    r"""The identity gated by the tanh of softplus, :math:`x \tanh(\ln(1 + e^x))`.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.

    Returns
    -------
    Tensor

    References
    ----------
    Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", BMVC 2020.

    Examples
    --------
    >>> import lucid
    >>> lucid.mish(lucid.tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.3034, 0.0000, 1.9440])
    """
    return apply(_mish, real_floating(input, "mish"))


@method("glu")
def glu(input: Tensor, dim: int = -1, *, axis: int | None = None) -> Tensor:
    r"""Gated linear unit: the first half gated by the second, :math:`a \, \sigma(b)`.

    Parameters
    ----------
    input : Tensor
    dim : int, default -1
        The dimension that is halved, of even length. Also spelled `axis`.

    Returns
    -------
    Tensor
        Half as long in that dimension.

    Raises
    ------
    ShapeError
        If the length of the dimension is odd, or `input` has none.

    References
    ----------
    Dauphin et al., "Language Modeling with Gated Convolutional Networks", ICML 2017.

    Examples
    --------
    >>> import lucid
    >>> lucid.glu(lucid.tensor([2.0, 3.0, 0.0, 0.0]))
    Tensor([1.0000, 1.5000])
    """
    dim = normal_axis("glu", dim if axis is None else axis, input)
    if not input.ndim or input.shape[dim] % 2:
        problem = f"the length of dimension {dim} must be even, to be halved"
        raise ShapeError(compose("glu", problem, {"input": input}))
    half = input.shape[dim] // 2
    before = (slice(None),) * dim
    return input[(*before, slice(None, half))] * sigmoid(input[(*before, slice(half, None))])


# ---- bent by their own size -----------------------------------------------------------


@primitive("softsign", saves=("x",), complex=True, samples=samples.unary_kinked)
@in_single
def _softsign(x: Any) -> Any:
    return x / (np.abs(x) + 1)


@_softsign.rule
def _(g, y, x):
    width = abs(x) + 1
    if x.dtype.kind != "c":
        return (g / (width * width),)
    outward = real(conj(g) * x) / (width * width)  # what |x| in the divisor adds
    return (g / width - outward * sgn(x),)


@method("softsign")
def softsign(input: Tensor) -> Tensor:
    r""":math:`x / (1 + |x|)`, element by element.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.

    Returns
    -------
    Tensor
        Between -1 and 1.

    Examples
    --------
    >>> import lucid
    >>> lucid.softsign(lucid.tensor([-1.0, 0.0, 3.0]))
    Tensor([-0.5000, 0.0000, 0.7500])
    """
    return apply(_softsign, floating(input, "softsign"))
