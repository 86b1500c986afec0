"""A batch norm in evaluation mode is an affine map: it goes into the layer before it."""

from __future__ import annotations

import copy
from typing import Any

from ...core.tensor import Tensor
from ...errors import ArgumentError, compose
from ...ops.creation import ones_like, zeros_like
from ...ops.exponential import rsqrt
from ..module import Module
from ..parameter import Parameter


def fuse_conv_bn_eval(conv: Any, bn: Any, transpose: bool = False) -> Any:
    """One convolution that does what a convolution and a batch norm after it do.

    Parameters
    ----------
    conv : Conv1d, Conv2d, Conv3d or a transposed one
    bn : BatchNorm1d, BatchNorm2d or BatchNorm3d
        With running statistics.
    transpose : bool, default False
        Whether the convolution is transposed: output channels in dimension 1 of its weight.

    Returns
    -------
    Module
        A copy of `conv` with other weights.

    Raises
    ------
    ArgumentError
        If a module is in training mode, or `bn` has no running statistics.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> conv, norm = nn.Conv1d(2, 3, 1).eval(), nn.BatchNorm1d(3).eval()
    >>> fused = nn.utils.fusion.fuse_conv_bn_eval(conv, norm)
    >>> x = lucid.randn(4, 2, 5)
    >>> bool((fused(x) - norm(conv(x))).abs().max() < 1e-5)
    True
    """
    return _fused("fuse_conv_bn_eval", conv, bn, transpose)


def fuse_linear_bn_eval(linear: Any, bn: Any) -> Any:
    """One dense layer that does what a dense layer and a batch norm after it do.

    Parameters
    ----------
    linear : Linear
    bn : BatchNorm1d
        With running statistics.

    Returns
    -------
    Linear

    Raises
    ------
    ArgumentError
        If a module is in training mode, `bn` has no running statistics, or another number of
        features.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> nn.utils.fusion.fuse_linear_bn_eval(nn.Linear(2, 3).eval(), nn.BatchNorm1d(3).eval())
    Linear(in_features=2, out_features=3, bias=True)
    """
    return _fused("fuse_linear_bn_eval", linear, bn, False)


def _fused(name: str, layer: Any, bn: Any, transpose: bool) -> Module:
    if layer.training or bn.training:
        problem = "the batch norm of training depends on the batch"
        raise ArgumentError(compose(name, problem, fix="layer.eval() and bn.eval() first"))
    if bn.running_mean is None or bn.running_var is None:
        raise ArgumentError(compose(name, "the batch norm has no running statistics"))
    fused: Module = copy.deepcopy(layer)
    fused.weight, fused.bias = fuse_conv_bn_weights(
        layer.weight,
        layer.bias,
        bn.running_mean,
        bn.running_var,
        bn.eps,
        bn.weight,
        bn.bias,
        transpose,
    )
    return fused


def fuse_conv_bn_weights(
    conv_w: Tensor,
    conv_b: Tensor | None,
    bn_rm: Tensor,
    bn_rv: Tensor,
    bn_eps: float,
    bn_w: Tensor | None,
    bn_b: Tensor | None,
    transpose: bool = False,
) -> tuple[Parameter, Parameter]:
    r"""Weight and bias of the fused layer: :math:`W' = W s` and :math:`b' = (b - \mu) s + \beta`
    with :math:`s = \gamma / \sqrt{\sigma^2 + \epsilon}`.

    Parameters
    ----------
    conv_w, conv_b : Tensor
        Of the layer; the bias may be None.
    bn_rm, bn_rv : Tensor
        Running mean and variance.
    bn_eps : float
    bn_w, bn_b : Tensor or None
        Scale and shift of the batch norm.
    transpose : bool, default False
        Whether output channels are in dimension 1 of the weight. With groups, dimension 1
        holds those of one group, and dimension 0 the groups.

    Returns
    -------
    tuple of Parameter

    Raises
    ------
    ArgumentError
        If the numbers of channels differ.

    Examples
    --------
    >>> import lucid
    >>> one = lucid.ones(1)
    >>> weight, bias = fuse_conv_bn_weights(lucid.ones(1, 2), None, one, 3 * one, 1.0, one, one)
    >>> weight.detach(), bias.detach()
    (Tensor([[0.5000, 0.5000]]), Tensor([0.5000]))
    """
    channels = bn_rm.numel()
    along = 1 if transpose else 0
    groups, rest = divmod(channels, conv_w.shape[along])
    if rest or groups < 1 or (groups > 1 and not transpose) or conv_w.shape[0] % groups:
        problem = f"the layer has {conv_w.shape[along]} outputs, the batch norm {channels}"
        raise ArgumentError(compose("fuse_conv_bn_weights", problem, {"conv_w": conv_w}))
    bias = zeros_like(bn_rm) if conv_b is None else conv_b
    shift = zeros_like(bn_rm) if bn_b is None else bn_b
    scale = (ones_like(bn_rm) if bn_w is None else bn_w) * rsqrt(bn_rv + bn_eps)
    kernel = (1,) * (conv_w.ndim - 2)
    if transpose:  # one scale for each group of inputs and each of the group's outputs
        each = scale.reshape(groups, -1).repeat_interleave(conv_w.shape[0] // groups, 0)
        weight = conv_w * each.reshape(*conv_w.shape[:2], *kernel)
    else:
        weight = conv_w * scale.reshape(-1, 1, *kernel)
    moved = (bias - bn_rm) * scale + shift
    wants = conv_w.requires_grad
    dtype = conv_w.dtype
    return (
        Parameter(weight.detach().astype(dtype), wants),
        Parameter(moved.detach().astype(dtype), wants),
    )


def fuse_linear_bn_weights(
    linear_w: Tensor,
    linear_b: Tensor | None,
    bn_rm: Tensor,
    bn_rv: Tensor,
    bn_eps: float,
    bn_w: Tensor | None,
    bn_b: Tensor | None,
) -> tuple[Parameter, Parameter]:
    """Weight and bias of the fused dense layer; see `fuse_conv_bn_weights`.

    Examples
    --------
    >>> import lucid
    >>> one = lucid.ones(1)
    >>> weight, _ = fuse_linear_bn_weights(lucid.ones(1, 2), None, one, 3 * one, 1.0, one, one)
    >>> weight.detach()
    Tensor([[0.5000, 0.5000]])
    """
    return fuse_conv_bn_weights(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b)
