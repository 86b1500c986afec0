"""Activations with a kink: the rectifier and its relatives, straight or bent below zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, ShapeError, compose
from ..kernels.activation import relu_gradient
from .autocasting import casting, lowered
from .axes import ndim_of
from .bind import method
from .out import into
from .precision import in_single
from .promotion import promote, real_floating, refuse_unordered
from .selection import where

# ---- the rectifier --------------------------------------------------------------------


_ZEROS: dict[np.dtype[Any], Any] = {}  # 0-d arrays: NumPy takes them faster than numbers


@primitive("relu", saves=("out",), samples=samples.unary_kinked)
def _relu(x: Any) -> Any:
    zero = _ZEROS.get(x.dtype)
    if zero is None:
        refuse_unordered("relu", x)
        zero = _ZEROS[x.dtype] = np.zeros((), x.dtype)
    return np.maximum(x, zero)


@_relu.rule
def _(g, y, x):
    return (where(y <= 0, 0.0, g),)


@_relu.fused_rule
def _(g, residual, y, x):
    return (relu_gradient(g, y),)


@method("relu")
def relu(input: Tensor) -> Tensor:
    r"""The rectifier :math:`\max(x, 0)`, element by element; its slope at 0 is taken as 0.

    Parameters
    ----------
    input : Tensor
        Integers stay integers. NaN stays NaN.

    Returns
    -------
    Tensor

    References
    ----------
    Nair and Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines",
    ICML 2010.

    Examples
    --------
    >>> import lucid
    >>> lucid.relu(lucid.tensor([-1.0, 2.0]))
    Tensor([0.0000, 2.0000])
    """
    return apply(_relu, input)


def _slope_samples(draw: samples.Draw) -> list[samples.Sample]:
    shapes: list[tuple[int, ...]] = [(3, 4), (), (0, 3)]
    some = [draw.sample(draw.apart(*shape), negative_slope=0.1) for shape in shapes]
    return [*some, draw.sample(draw.apart(3), negative_slope=-0.5)]


@primitive("leaky_relu", saves=("x",), samples=_slope_samples)
@in_single
def _leaky_relu(x: Any, *, negative_slope: float) -> Any:
    if 0 < negative_slope <= 1:
        return np.maximum(x, x * negative_slope)
    return np.where(x > 0, x, x * negative_slope)


@_leaky_relu.rule
def _(g, y, x, *, negative_slope):
    return (where(x > 0, g, g * negative_slope),)


@method("leaky_relu")
def leaky_relu(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    r"""The rectifier with a small slope below zero: :math:`x` if :math:`x > 0`, else
    :math:`a x`.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    negative_slope : float, default 0.01
        The slope :math:`a`, also taken at 0.

    Returns
    -------
    Tensor

    References
    ----------
    Maas et al., "Rectifier Nonlinearities Improve Neural Network Acoustic Models",
    ICML 2013.

    Examples
    --------
    >>> import lucid
    >>> lucid.leaky_relu(lucid.tensor([-1.0, 2.0]), 0.1)
    Tensor([-0.1000, 2.0000])
    """
    return apply(_leaky_relu, real_floating(input, "leaky_relu"), negative_slope=negative_slope)


def _prelu_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw.apart(3, 4), draw.uniform(0.1, 0.5, 1)),
        draw.sample(draw.apart(2, 3, 4), draw.uniform(0.1, 0.5, 3, 1)),
        draw.sample(draw.apart(), draw.uniform(0.1, 0.5)),
    ]


@primitive("prelu", saves=("x", "weight"), broadcasts=True, samples=_prelu_samples)
def _prelu(x: Any, weight: Any) -> Any:
    return np.where(x > 0, x, x * weight)


@_prelu.rule
def _(g, y, x, weight, *, needs):
    positive = x > 0
    return (
        where(positive, g, g * weight) if needs[0] else None,
        where(positive, 0.0, g * x) if needs[1] else None,
    )


@method("prelu")
def prelu(input: Tensor, weight: Tensor) -> Tensor:
    r"""The rectifier with a learnable slope below zero: :math:`x` if :math:`x > 0`, else
    :math:`w x`.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, ...)``.
    weight : Tensor
        One slope for all, or one for each channel: shape ``(1,)``, ``()`` or ``(C,)``.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If there are several slopes, but not one for each channel.

    References
    ----------
    He et al., "Delving Deep into Rectifiers", ICCV 2015.

    Examples
    --------
    >>> import lucid
    >>> lucid.prelu(lucid.tensor([[-1.0, -1.0]]), lucid.tensor([0.1, 0.2]))
    Tensor([[-0.1000, -0.2000]])
    """
    if casting:
        input, weight = lowered(input, weight)
    channels = input.shape[1] if ndim_of("prelu", input) > 1 else 1
    if ndim_of("prelu", weight, "weight") > 1 or weight.numel() not in (1, channels):
        problem = f"needs one slope, or {channels}, one for each channel (dimension 1)"
        raise ShapeError(compose("prelu", problem, {"input": input, "weight": weight}))
    if weight.numel() > 1:
        weight = weight.reshape((channels, *(1,) * (input.ndim - 2)))
    elif weight.ndim > input.ndim:
        weight = weight.reshape(())
    return apply(_prelu, *promote("prelu", real_floating(input, "prelu"), weight))


def _threshold_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [draw.sample(draw.apart(*s), threshold=0.45, value=-1.0) for s in [(3, 4), ()]]


@primitive("threshold", saves=("x",), samples=_threshold_samples)
def _threshold(x: Any, *, threshold: float, value: float) -> Any:
    return np.where(x <= threshold, value, x).astype(x.dtype, copy=False)


@_threshold.rule
def _(g, y, x, *, threshold, value):
    return (where(x <= threshold, 0.0, g),)


def threshold(
    input: Tensor, threshold: float, value: float, *, out: Tensor | None = None
) -> Tensor:
    r""":math:`x` where it exceeds a threshold, else a fixed value.

    Parameters
    ----------
    input : Tensor
    threshold : float
    value : float
        Put in place of what does not exceed `threshold`; the gradient there is zero.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.threshold(lucid.tensor([-1.0, 0.5, 2.0]), 1.0, 0.0)
    Tensor([0.0000, 0.0000, 2.0000])
    """
    if out is not None:
        return into(_itself, locals())
    refuse_unordered("threshold", input)
    return apply(_threshold, input, threshold=threshold, value=value)


_itself = threshold  # whose name its own parameter hides


# ---- bounded on both sides ------------------------------------------------------------


def _hardtanh_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [draw.sample(draw.apart(*s), min_val=-0.51, max_val=0.49) for s in [(3, 4), (), (0, 3)]]


@primitive("hardtanh", saves=("out",), samples=_hardtanh_samples)
@in_single
def _hardtanh(x: Any, *, min_val: float, max_val: float) -> Any:
    return np.minimum(np.maximum(x, min_val), max_val)


@_hardtanh.rule
def _(g, y, x, *, min_val, max_val):  # unlike clamp's, the slope at the bounds is 0
    return (where((y <= min_val) | (y >= max_val), 0.0, g),)


@method("hardtanh")
def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    r"""The identity between two bounds, :math:`\min(\max(x, a), b)`; slope 0 at the bounds.

    Parameters
    ----------
    input : Tensor
    min_val, max_val : float, default -1 and 1
        The bounds :math:`a` and :math:`b`.

    Returns
    -------
    Tensor

    Raises
    ------
    ArgumentError
        If `min_val` exceeds `max_val`.

    Examples
    --------
    >>> import lucid
    >>> lucid.hardtanh(lucid.tensor([-2.0, 0.5, 2.0]))
    Tensor([-1.0000, 0.5000, 1.0000])
    """
    if min_val > max_val:
        problem = "min_val must not exceed max_val"
        raise ArgumentError(compose("hardtanh", problem, {"min_val": min_val, "max_val": max_val}))
    refuse_unordered("hardtanh", input)
    if input.dtype.kind in "iu" and min_val == int(min_val) and max_val == int(max_val):
        min_val, max_val = int(min_val), int(max_val)
    return apply(_hardtanh, input, min_val=min_val, max_val=max_val)


@method("relu6")
def relu6(input: Tensor) -> Tensor:
    r"""The rectifier cut at 6, :math:`\min(\max(x, 0), 6)`.

    Parameters
    ----------
    input : Tensor

    Returns
    -------
    Tensor

    References
    ----------
    Krizhevsky, "Convolutional Deep Belief Networks on CIFAR-10", 2010.

    Examples
    --------
    >>> import lucid
    >>> lucid.relu6(lucid.tensor([-1.0, 2.0, 8.0]))
    Tensor([0.0000, 2.0000, 6.0000])
    """
    return hardtanh(input, 0, 6)


def _hard_samples(draw: samples.Draw) -> list[samples.Sample]:
    """Values on all three pieces, away from the kinks at -3 and 3."""
    return [draw.sample(draw.apart(7, 7)), draw.sample(draw.apart()), draw.sample(draw(0, 3))]


@primitive("hardsigmoid", saves=("x",), samples=_hard_samples)
@in_single
def _hardsigmoid(x: Any) -> Any:
    return np.minimum(np.maximum(x + 3, 0), 6) / 6


@_hardsigmoid.rule
def _(g, y, x):
    return (where((x > -3) & (x < 3), g / 6, 0.0),)


@method("hardsigmoid")
def hardsigmoid(input: Tensor) -> Tensor:
    r"""A sigmoid of straight pieces, :math:`\min(\max(x + 3, 0), 6) / 6`.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.

    Returns
    -------
    Tensor
        Between 0 and 1.

    Examples
    --------
    >>> import lucid
    >>> lucid.hardsigmoid(lucid.tensor([-4.0, 0.0, 1.5]))
    Tensor([0.0000, 0.5000, 0.7500])
    """
    return apply(_hardsigmoid, real_floating(input, "hardsigmoid"))


@primitive("hardswish", saves=("x",), samples=_hard_samples)
@in_single
def _hardswish(x: Any) -> Any:
    return x * np.minimum(np.maximum(x + 3, 0), 6) / 6


@_hardswish.rule
def _(g, y, x):
    return (where(x <= -3, 0.0, where((x > -3) & (x < 3), g * (x / 3 + 0.5), g)),)


@method("hardswish")
def hardswish(input: Tensor) -> Tensor:
    r"""The identity gated by `hardsigmoid`, :math:`x \min(\max(x + 3, 0), 6) / 6`.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.

    Returns
    -------
    Tensor

    References
    ----------
    Howard et al., "Searching for MobileNetV3", ICCV 2019.

    Examples
    --------
    >>> import lucid
    >>> lucid.hardswish(lucid.tensor([-1.0, 1.0, 4.0]))
    Tensor([-0.3333, 0.6667, 4.0000])
    """
    return apply(_hardswish, real_floating(input, "hardswish"))


# ---- exponential below zero -----------------------------------------------------------


def _elu_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw.apart(3, 4), alpha=1.0, scale=1.0, inner=1.0),
        draw.sample(draw.apart(3, 4), alpha=0.7, scale=1.5, inner=1.3),
        draw.sample(draw.apart(), alpha=-0.5, scale=1.0, inner=1.0),
    ]


@primitive("elu", saves=("x", "out"), samples=_elu_samples)
@in_single
def _elu(x: Any, *, alpha: float, scale: float, inner: float) -> Any:
    below = np.expm1(np.minimum(x, 0) * inner) * (alpha * scale)
    return np.where(x > 0, x if scale == 1 else x * scale, below)


@_elu.rule
def _(g, y, x, *, alpha, scale, inner):  # below: inner alpha scale e^(inner x), read off y
    slope = (y + alpha * scale) * inner
    return (where(x <= 0, g * slope, g if scale == 1 else g * scale),)


@method("elu")
def elu(input: Tensor, alpha: float = 1.0) -> Tensor:
    r"""Exponential linear unit: :math:`x` if :math:`x > 0`, else :math:`\alpha (e^x - 1)`.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    alpha : float, default 1
        Minus the value far to the left.

    Returns
    -------
    Tensor

    References
    ----------
    Clevert et al., "Fast and Accurate Deep Network Learning by Exponential Linear Units",
    ICLR 2016.

    Examples
    --------
    >>> import lucid
    >>> lucid.elu(lucid.tensor([-1.0, 2.0]))
    Tensor([-0.6321, 2.0000])
    """
    return apply(_elu, real_floating(input, "elu"), alpha=alpha, scale=1.0, inner=1.0)


_SELU_ALPHA = 1.6732632423543772  # fixes mean 0 and variance 1 from layer to layer
_SELU_SCALE = 1.0507009873554805


@method("selu")
def selu(input: Tensor) -> Tensor:
    r"""Self-normalising unit: :math:`\lambda x` if :math:`x > 0`, else
    :math:`\lambda \alpha (e^x - 1)`, with :math:`\alpha = 1.6733, \lambda = 1.0507`.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.

    Returns
    -------
    Tensor

    References
    ----------
    Klambauer et al., "Self-Normalizing Neural Networks", NeurIPS 2017.

    Examples
    --------
    >>> import lucid
    >>> lucid.selu(lucid.tensor([-1.0, 2.0]))
    Tensor([-1.1113, 2.1014])
    """
    return apply(
        _elu, real_floating(input, "selu"), alpha=_SELU_ALPHA, scale=_SELU_SCALE, inner=1.0
    )


@method("celu")
def celu(input: Tensor, alpha: float = 1.0) -> Tensor:
    r"""`elu` with a continuous slope: :math:`x` if :math:`x > 0`, else
    :math:`\alpha (e^{x / \alpha} - 1)`.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    alpha : float, default 1

    Returns
    -------
    Tensor

    Raises
    ------
    ArgumentError
        If `alpha` is 0.

    References
    ----------
    Barron, "Continuously Differentiable Exponential Linear Units", arXiv:1704.07483, 2017.

    Examples
    --------
    >>> import lucid
    >>> lucid.celu(lucid.tensor([-1.0, 2.0]), 2.0)
    Tensor([-0.7869, 2.0000])
    """
    if alpha == 0:
        raise ArgumentError(compose("celu", "alpha must not be 0", {"alpha": alpha}))
    return apply(_elu, real_floating(input, "celu"), alpha=alpha, scale=1.0, inner=1.0 / alpha)
