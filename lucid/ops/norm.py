"""Normalisation over features (layer norm) and over the batch (batch norm)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import samples
from ..core import versions
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from ..kernels import norm as kernels
from .axes import ndim_of
from .broadcasting import broadcast_to
from .promotion import real_floating
from .reduction import sum as sum_over

# ---- layer normalisation ----------------------------------------------------------------


def _layer_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw(5, 4), draw(4), draw(4), dims=1, eps=1e-5),
        draw.sample(draw(2, 3, 4), draw(3, 4), None, dims=2, eps=1e-5),
        draw.sample(draw(4), None, None, dims=1, eps=0.1),
        draw.sample(draw(3, 70), draw(70), draw(70), dims=1, eps=1e-3),
        draw.sample(draw(0, 4), draw(4), draw(4), dims=1, eps=1e-5),
    ]


@primitive("layer_norm", saves=("x", "w"), samples=_layer_samples)
def _layer_norm(x: Any, w: Any, b: Any, *, dims: int, eps: float) -> Any:
    return _layer_recorder(x, w, b, dims=dims, eps=eps)[0]


@_layer_norm.recording
def _layer_recorder(x: Any, w: Any, b: Any, *, dims: int, eps: float) -> Any:
    rows = _wide(x).reshape(_rows_shape(x.shape, dims))
    out, mean, scale = kernels.layer_norm(rows, _flat(w, rows), _flat(b, rows), eps)
    return out.reshape(x.shape).astype(x.dtype, copy=False), (mean, scale)


@_layer_norm.rule
def _(g, y, x, w, b, *, dims, eps, needs):
    # with n = (x - mean) / deviation and h = g w:
    # dL/dx = (h - mean(h) - n mean(h n)) / deviation,  dL/dw = sum(g n),  dL/db = sum(g)
    axes, lead = tuple(range(x.ndim - dims, x.ndim)), tuple(range(x.ndim - dims))
    g, x = _wide(g), _wide(x)
    normal, scale = _normal(x, axes, eps)
    gx = None
    if needs[0]:
        h = g if w is None else g * w
        gx = scale * (h - _mean(h, axes) - normal * _mean(h * normal, axes))
    gw = _sum(g * normal, lead) if needs[1] else None
    return gx, gw, _sum(g, lead) if needs[2] else None


@_layer_norm.fused_rule
def _(g, residual, y, x, w, b, *, dims, eps, needs):
    shape = _rows_shape(x.shape, dims)
    rows = _wide(x).reshape(shape)
    mean, scale = residual
    params = bool(needs[1] or needs[2])
    gx, gw, gb = kernels.layer_norm_gradient(
        _wide(g).reshape(shape), rows, _flat(w, rows), mean, scale, params
    )
    inner = x.shape[x.ndim - dims :]
    return (
        gx.reshape(x.shape) if needs[0] else None,
        gw.reshape(inner) if needs[1] else None,
        gb.reshape(inner) if needs[2] else None,
    )


def layer_norm(
    input: Tensor,
    normalized_shape: int | tuple[int, ...],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    r"""Bring the last dimensions of every example to mean 0 and variance 1.

    .. math:: y = \frac{x - \mathrm{E}[x]}{\sqrt{\mathrm{Var}[x] + \epsilon}} \, w + b

    Parameters
    ----------
    input : Tensor
        Shape ``(..., *normalized_shape)``.
    normalized_shape : int or tuple of int
        The trailing dimensions that are normalised together.
    weight, bias : Tensor, optional
        Shape `normalized_shape`.
    eps : float, default 1e-5
        Added to the variance, which is that of the values, not of a population.

    Returns
    -------
    Tensor
        The shape of `input`.

    Raises
    ------
    ShapeError
        If `input` does not end in `normalized_shape`, or a parameter has another shape.

    References
    ----------
    J. L. Ba, J. R. Kiros and G. E. Hinton, "Layer Normalization", 2016.

    Examples
    --------
    >>> import lucid.nn.functional as F
    >>> F.layer_norm(Tensor([[1.0, 2.0, 3.0]]), 3)
    Tensor([[-1.2247, 0.0000, 1.2247]])
    """
    _check_tensor("layer_norm", input)
    inner = normalized_shape if isinstance(normalized_shape, tuple) else _lengths(normalized_shape)
    dims = len(inner)
    if not dims or input.data.shape[-dims:] != inner:
        problem = f"the input must end in the dimensions {list(inner)} that are normalised"
        raise ShapeError(compose("layer_norm", problem, {"input": input}))
    for name, param in (("weight", weight), ("bias", bias)):
        if param is not None and param.data.shape != inner:
            problem = f"the {name} must have the shape {list(inner)} that is normalised"
            raise ShapeError(compose("layer_norm", problem, {name: param}))
    _check_dtypes("layer_norm", input=input, weight=weight, bias=bias)
    return apply(_layer_norm, real_floating(input, "layer_norm"), weight, bias, dims=dims, eps=eps)


def _lengths(shape: Any) -> tuple[int, ...]:
    """A normalised shape given as a number or any sequence."""
    if hasattr(shape, "__index__"):
        return (shape.__index__(),)
    return tuple(n.__index__() for n in shape)


# ---- batch normalisation, by the statistics of the batch ----------------------------------


def _batch_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw(6, 3), draw(3), draw(3), eps=1e-5),
        draw.sample(draw(4, 3, 5), draw(3), None, eps=1e-3),
        draw.sample(draw(2, 3, 2, 2), None, None, eps=0.1),
        draw.sample(draw(70, 2), draw(2), draw(2), eps=1e-5),
    ]


@primitive("batch_norm", saves=("x", "w"), outputs=3, samples=_batch_samples)
def _batch_norm(x: Any, w: Any, b: Any, *, eps: float) -> Any:
    return _batch_recorder(x, w, b, eps=eps)[0]


@_batch_norm.recording
def _batch_recorder(x: Any, w: Any, b: Any, *, eps: float) -> Any:
    out, mean, var = kernels.batch_norm(_channels(x), w, b, eps)
    out = out.reshape(x.shape).astype(x.dtype, copy=False)
    return (out, mean, var), (mean, 1 / np.sqrt(var + var.dtype.type(eps)))


@_batch_norm.rule
def _batch_rule(g, y, x, w, b, *, eps, needs):
    # as for layer_norm, over all dimensions but the second; the outputs mean and variance
    # have gradients of their own
    gy, gmean, gvar = g
    axes, x = _all_but_channels(x.ndim), _wide(x)
    normal, scale = _normal(x, axes, eps)
    count = _count(x.shape)
    gx = gw = gb = None
    if gy is not None:
        gy = _wide(gy)
        h = gy if w is None else gy * _over_channels(w, x.ndim)
        gx = scale * (h - _mean(h, axes) - normal * _mean(h * normal, axes))
        gw = _sum(gy * normal, axes) if needs[1] else None
        gb = _sum(gy, axes) if needs[2] else None
    for extra, slope in ((gmean, 1.0), (gvar, normal / scale * 2.0)):
        if extra is not None:  # d mean/dx = 1/count,  d var/dx = 2 (x - mean)/count
            more = broadcast_to(_over_channels(extra, x.ndim) * slope / count, x.shape)
            gx = more if gx is None else gx + more
    return gx, gw, gb


@_batch_norm.fused_rule
def _(g, residual, y, x, w, b, *, eps, needs):
    gy, gmean, gvar = g
    if gmean is not None or gvar is not None:
        return _batch_rule(g, y, x, w, b, eps=eps, needs=needs)
    gx, gw, gb = kernels.batch_norm_gradient(_channels(gy), _channels(x), w, *residual)
    return gx.reshape(x.shape), (gw if needs[1] else None), (gb if needs[2] else None)


# ---- batch normalisation, by given statistics -----------------------------------------------


def _given_samples(draw: samples.Draw) -> list[samples.Sample]:
    mean, var, w, b = draw(3), draw.positive(3), draw(3), draw(3)
    return [
        draw.sample(draw(4, 3), mean, var, w, b, eps=1e-5),
        draw.sample(draw(2, 3, 4), mean, var, w, None, eps=1e-3),
        draw.sample(draw(2, 3, 2, 2), mean, var, None, None, eps=0.1),
        draw.sample(draw(0, 3), mean, var, None, b, eps=0.1),
    ]


@primitive("batch_norm_given", saves=("x", "mean", "var", "w"), samples=_given_samples)
def _batch_norm_given(x: Any, mean: Any, var: Any, w: Any, b: Any, *, eps: float) -> Any:
    out = kernels.batch_norm_given(_channels(x), w, b, mean, var, eps)
    return out.reshape(x.shape).astype(x.dtype, copy=False)


@_batch_norm_given.rule
def _(g, y, x, mean, var, w, b, *, eps, needs):
    axes, g = _all_but_channels(x.ndim), _wide(g)
    scale = _over_channels((var + eps) ** -0.5, x.ndim)
    centred = _wide(x) - _over_channels(mean, x.ndim)
    gx = (g if w is None else g * _over_channels(w, x.ndim)) * scale
    return (
        gx if needs[0] else None,
        -_sum(gx, axes) if needs[1] else None,
        _sum(gx * centred * (scale * scale), axes) * -0.5 if needs[2] else None,
        _sum(g * centred * scale, axes) if needs[3] else None,
        _sum(g, axes) if needs[4] else None,
    )


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    r"""Bring every channel to mean 0 and variance 1, over the batch.

    .. math:: y = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} \, w + b

    In training :math:`\mu` and :math:`\sigma^2` are those of the batch, and the running ones
    move towards them; otherwise they are the running ones.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C)`` or ``(N, C, ...)``.
    running_mean, running_var : Tensor or None
        Shape ``(C,)``; changed in place in training. The variance that goes into the running
        one is that of a population, with N - 1 in the denominator.
    weight, bias : Tensor, optional
        Shape ``(C,)``.
    training : bool, default False
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
        If `input` has fewer than two dimensions, or something else is not of shape ``(C,)``.
    ArgumentError
        If in training a channel has only one value, or outside of it there are no running
        statistics.

    References
    ----------
    S. Ioffe and C. Szegedy, "Batch Normalization: Accelerating Deep Network Training by
    Reducing Internal Covariate Shift", 2015.

    Examples
    --------
    >>> import lucid.nn.functional as F
    >>> F.batch_norm(Tensor([[1.0], [3.0]]), None, None, training=True, eps=0)
    Tensor([[-1.0000],
            [ 1.0000]])
    """
    _check_tensor("batch_norm", input)
    given = {"weight": weight, "bias": bias}
    running = {"running_mean": running_mean, "running_var": running_var}
    _check_channels(input, {**running, **given})
    _check_dtypes("batch_norm", input=input, **given)
    input = real_floating(input, "batch_norm")
    if not training:
        if running_mean is None or running_var is None:
            problem = "without training=True running_mean and running_var are needed"
            raise ArgumentError(compose("batch_norm", problem, running))
        return apply(_batch_norm_given, input, running_mean, running_var, weight, bias, eps=eps)
    count = _count(input.data.shape)
    if count <= 1:
        problem = "training needs more than one value for each channel"
        fix = "a larger batch (DataLoader's drop_last=True), or model.eval()"
        raise ArgumentError(compose("batch_norm", problem, {"input": input}, fix))
    out, mean, var = apply(_batch_norm, input, weight, bias, eps=eps)
    _move(running_mean, mean.data, momentum)
    _move(running_var, var.data * (count / (count - 1)), momentum)
    return out


def _move(running: Tensor | None, batch: Any, momentum: float) -> None:
    """Move a running statistic towards that of the batch, in place."""
    if running is not None:
        running.data *= 1 - momentum
        running.data += batch * momentum
        versions.bump(running.data)


def _check_channels(input: Tensor, operands: dict[str, Tensor | None]) -> None:
    if input.ndim < 2:
        problem = "the input must have two dimensions or more, (N, C, ...)"
        raise ShapeError(compose("batch_norm", problem, {"input": input}))
    channels = input.data.shape[1]
    for name, operand in operands.items():
        if operand is None:
            continue
        if ndim_of("batch_norm", operand, name) != 1 or operand.shape[0] != channels:
            problem = f"{name} must have shape ({channels},): one value a channel of the input"
            raise ShapeError(compose("batch_norm", problem, {"input": input, name: operand}))


# ---- shared -----------------------------------------------------------------------------


def _check_tensor(where: str, input: Any) -> None:
    if not isinstance(input, Tensor):
        problem = f"the input must be a tensor, not {type(input).__name__}"
        raise DTypeError(compose(where, problem, {"input": input}, "lucid.tensor(input)"))


def _check_dtypes(where: str, **operands: Tensor | None) -> None:
    """Refuse parameters of another dtype than the input: float64 would creep in silently.

    A half fits parameters in float32, in which it is computed.
    """
    found = {t.data.dtype for t in operands.values() if t is not None}
    if len({np.dtype(np.float32) if d.itemsize == 2 else d for d in found if d.kind in "fV"}) > 1:
        fix = "input.to(module.weight.dtype), or module.to(input.dtype)"
        raise DTypeError(compose(where, "the dtypes differ", operands, fix))


def _wide(x: Any) -> Any:
    """Half precision taken to single: sums of squares need it."""
    return x.astype(np.float32) if x.dtype.itemsize == 2 else x


def _normal(x: Any, axes: tuple[int, ...], eps: float) -> tuple[Any, Any]:
    """The normalised values and 1/deviation, differentiable."""
    centred = x - _mean(x, axes)
    scale = (_mean(centred * centred, axes) + eps) ** -0.5
    return centred * scale, scale


def _mean(x: Any, axes: tuple[int, ...]) -> Any:
    count = math.prod(x.shape[axis] for axis in axes)
    return sum_over(x, axes, keepdim=True) * (1 / count if count else math.nan)


def _sum(x: Any, axes: tuple[int, ...]) -> Any:
    """The sum over some axes; over none, the values (where `sum` might mean all)."""
    return sum_over(x, axes) if axes else x


def _rows_shape(shape: tuple[int, ...], dims: int) -> tuple[int, int]:
    inner = math.prod(shape[len(shape) - dims :])
    return math.prod(shape[: len(shape) - dims]), inner


def _flat(param: Any, rows: Any) -> Any:
    """A parameter as one row, in the dtype of the rows."""
    return None if param is None else param.reshape(-1).astype(rows.dtype, copy=False)


def _channels(x: Any) -> Any:
    """``(N, C, ...)`` as ``(N, C, L)``."""
    x = _wide(x)
    return x.reshape(*x.shape[:2], math.prod(x.shape[2:]))


def _all_but_channels(ndim: int) -> tuple[int, ...]:
    return (0, *range(2, ndim))


def _count(shape: tuple[int, ...]) -> int:
    """Values for each channel."""
    return shape[0] * math.prod(shape[2:])


def _over_channels(x: Any, ndim: int) -> Any:
    """One value a channel, laid out to broadcast against ``(N, C, ...)``."""
    return x.reshape((1, x.shape[0]) + (1,) * (ndim - 2))
