"""Normalisation of groups of channels in every example, and of channels alone (instance norm)."""

from __future__ import annotations

import math
from typing import Any

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, ShapeError, compose, not_a_tensor
from ..kernels import channels as kernels
from ..samples import Draw, Sample
from .norm import (
    _all_but_channels,
    _batch_norm,
    _channels,
    _check_dtypes,
    _check_tensor,
    _mean,
    _move,
    _over_channels,
    _sum,
    _wide,
    batch_norm,
)
from .numbers import integer
from .promotion import real_floating
from .reduction import mean as mean_over

# ---- groups -------------------------------------------------------------------------------


def _samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(3, 4, 5), draw(4), draw(4), groups=2, eps=1e-5),
        draw.sample(draw(2, 6), draw(6), None, groups=2, eps=1e-3),
        draw.sample(draw(2, 4, 3, 2), None, None, groups=4, eps=0.1),
        draw.sample(draw(2, 3, 2), None, draw(3), groups=1, eps=1e-5),
        draw.sample(draw(0, 4, 2), draw(4), draw(4), groups=2, eps=1e-5),
    ]


@primitive("group_norm", saves=("x", "w"), samples=_samples)
def _group_norm(x: Any, w: Any, b: Any, *, groups: int, eps: float) -> Any:
    return _recorder(x, w, b, groups=groups, eps=eps)[0]


@_group_norm.recording
def _recorder(x: Any, w: Any, b: Any, *, groups: int, eps: float) -> Any:
    out, mean, scale = kernels.group_norm(_channels(x), groups, w, b, eps)
    return out.reshape(x.shape).astype(x.dtype, copy=False), (mean, scale)


@_group_norm.rule
def _(g, y, x, w, b, *, groups, eps, needs):
    # as for layer_norm, with n = (x - mean) / deviation in every group and h = g w:
    # dL/dx = (h - mean(h) - n mean(h n)) / deviation,  dL/dw = sum(g n),  dL/db = sum(g)
    g, parts, axes = _wide(g), _in_groups(x.shape, groups), _all_but_channels(x.ndim)
    x = _wide(x)
    rows = x.reshape(*parts)
    centred = rows - _mean(rows, (2,))
    scale = (_mean(centred * centred, (2,)) + eps) ** -0.5
    normal = centred * scale
    gx = None
    if needs[0]:
        h = (g if w is None else g * _over_channels(w, x.ndim)).reshape(*parts)
        gx = scale * (h - _mean(h, (2,)) - normal * _mean(h * normal, (2,)))
        gx = gx.reshape(*x.shape)
    gw = _sum(g * normal.reshape(*x.shape), axes) if needs[1] else None
    return gx, gw, _sum(g, axes) if needs[2] else None


@_group_norm.fused_rule
def _(g, residual, y, x, w, b, *, groups, eps, needs):
    gx, gw, gb = kernels.group_norm_gradient(_channels(g), _channels(x), w, *residual)
    return gx.reshape(x.shape), (gw if needs[1] else None), (gb if needs[2] else None)


def _in_groups(shape: tuple[int, ...], groups: int) -> tuple[int, int, int]:
    return shape[0], groups, math.prod(shape[1:]) // groups


def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    r"""Bring neighbouring channels of every example to mean 0 and variance 1.

    .. math:: y = \frac{x - \mathrm{E}[x]}{\sqrt{\mathrm{Var}[x] + \epsilon}} \, w + b

    with mean and variance over a group of channels and all that follows them.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, ...)``.
    num_groups : int
        How many groups the channels are divided into; it divides C.
    weight, bias : Tensor, optional
        Shape ``(C,)``.
    eps : float, default 1e-5
        Added to the variance.

    Returns
    -------
    Tensor
        The shape of `input`.

    Raises
    ------
    ShapeError
        If `input` has fewer than two dimensions, or a parameter is not of shape ``(C,)``.
    ArgumentError
        If the groups do not divide the channels.

    References
    ----------
    Y. Wu and K. He, "Group Normalization", 2018.

    Examples
    --------
    >>> import lucid.nn.functional as F
    >>> F.group_norm(Tensor([[1.0, 3.0, 10.0, 30.0]]), 2, eps=0)
    Tensor([[-1.0000,  1.0000, -1.0000,  1.0000]])
    """
    _check_tensor("group_norm", input)
    _check_per_channel("group_norm", input, {"weight": weight, "bias": bias})
    num_groups = integer("group_norm", "num_groups", num_groups)
    channels = input.data.shape[1]
    if num_groups < 1 or channels % num_groups:
        problem = f"num_groups must divide the {channels} channels of the input"
        raise ArgumentError(
            compose("group_norm", problem, {"input": input, "num_groups": num_groups})
        )
    _check_dtypes("group_norm", input=input, weight=weight, bias=bias)
    input = real_floating(input, "group_norm")
    return apply(_group_norm, input, weight, bias, groups=num_groups, eps=eps)


# ---- channels alone ---------------------------------------------------------------------------


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    r"""Bring every channel of every example to mean 0 and variance 1.

    .. math:: y = \frac{x - \mathrm{E}[x]}{\sqrt{\mathrm{Var}[x] + \epsilon}} \, w + b

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, ...)``.
    running_mean, running_var : Tensor, optional
        Shape ``(C,)``: averages over the examples, moved in place where the input's own
        statistics are used, and used in their place otherwise.
    weight, bias : Tensor, optional
        Shape ``(C,)``.
    use_input_stats : bool, default True
    momentum : float, default 0.1
        The share of the batch in the new running values.
    eps : float, default 1e-5
        Added to the variance.

    Returns
    -------
    Tensor
        The shape of `input`.

    Raises
    ------
    ShapeError
        If `input` has fewer than three dimensions, or something else is not of shape ``(C,)``.
    ArgumentError
        If a channel has only one value, or there are no statistics to use.

    References
    ----------
    D. Ulyanov, A. Vedaldi and V. Lempitsky, "Instance Normalization: The Missing Ingredient
    for Fast Stylization", 2016.

    Examples
    --------
    >>> import lucid.nn.functional as F
    >>> F.instance_norm(Tensor([[[1.0, 3.0], [10.0, 30.0]]]), eps=0)
    Tensor([[[-1.0000,  1.0000],
             [-1.0000,  1.0000]]])
    """
    name = "instance_norm"
    _check_tensor(name, input)
    running = {"running_mean": running_mean, "running_var": running_var}
    _check_per_channel(name, input, {**running, "weight": weight, "bias": bias})
    if not use_input_stats:
        if running_mean is None or running_var is None:
            problem = "without use_input_stats running_mean and running_var are needed"
            raise ArgumentError(compose(name, problem, running))
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    shape = input.data.shape
    count = math.prod(shape[2:])
    if len(shape) < 3 or count <= 1:
        problem = "every channel needs more than one value, in a shape (N, C, ...)"
        kind = ShapeError if len(shape) < 3 else ArgumentError
        raise kind(compose(name, problem, {"input": input}))
    _check_dtypes(name, input=input, weight=weight, bias=bias)
    # every channel of every example is a channel of one large example
    examples, channels = shape[:2]
    flat = real_floating(input, name).reshape(1, examples * channels, *shape[2:])
    per = [None if p is None else p.repeat(examples) for p in (weight, bias)]
    out, mean, var = apply(_batch_norm, flat, *per, eps=eps)
    for held, batch in ((running_mean, mean.data), (running_var, var.data * (count / (count - 1)))):
        if examples:
            _move(held, mean_over(batch.reshape(examples, channels), 0), momentum)
    return out.reshape(*shape)


def _check_per_channel(where: str, input: Tensor, operands: dict[str, Tensor | None]) -> None:
    """Refuse what is not one value for each channel.

    Raises
    ------
    ShapeError
        If the input has no channels, or an operand has another shape.
    DTypeError
        If an operand is no tensor.
    """
    if input.ndim < 2:
        problem = "the input must have two dimensions or more, (N, C, ...)"
        raise ShapeError(compose(where, problem, {"input": input}))
    channels = input.data.shape[1]
    for name, operand in operands.items():
        if operand is not None and not isinstance(operand, Tensor):
            raise not_a_tensor(where, operand, name)
        if operand is not None and operand.data.shape != (channels,):
            problem = f"{name} must have shape ({channels},): one value a channel of the input"
            raise ShapeError(compose(where, problem, {"input": input, name: operand}))
