"""RMS normalisation: features divided by the root of their mean square."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ShapeError, compose
from ..kernels import rms_norm as kernels
from ..samples import Draw, Sample
from .attributes import finfo
from .norm import (
    _check_dtypes,
    _check_tensor,
    _flat,
    _lengths,
    _mean,
    _rows_shape,
    _sum,
    _wide,
)
from .promotion import real_floating


def _samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(5, 4), draw(4), dims=1, eps=1e-5),
        draw.sample(draw(2, 3, 4), draw(3, 4), dims=2, eps=1e-3),
        draw.sample(draw(4), None, dims=1, eps=0.1),
        draw.sample(draw(70, 3), draw(3), dims=1, eps=1e-5),
        draw.sample(draw(0, 4), draw(4), dims=1, eps=1e-5),
    ]


@primitive("rms_norm", saves=("x", "w"), samples=_samples)
def _rms_norm(x: Any, w: Any, *, dims: int, eps: float) -> Any:
    return _recorder(x, w, dims=dims, eps=eps)[0]


@_rms_norm.recording
def _recorder(x: Any, w: Any, *, dims: int, eps: float) -> Any:
    rows = np.ascontiguousarray(_wide(x)).reshape(_rows_shape(x.shape, dims))
    out, scale = kernels.rms_norm(rows, _flat(w, rows), eps)
    return out.reshape(x.shape).astype(x.dtype, copy=False), scale


@_rms_norm.rule
def _(g, y, x, w, *, dims, eps, needs):
    # with s = (mean(x^2) + eps)^(-1/2), n = s x and h = g w:
    # dL/dx = s (h - n mean(h n)),  dL/dw = sum(g n)
    axes, lead = tuple(range(x.ndim - dims, x.ndim)), tuple(range(x.ndim - dims))
    g, x = _wide(g), _wide(x)
    scale = (_mean(x * x, axes) + eps) ** -0.5
    normal = x * scale
    gx = None
    if needs[0]:
        h = g if w is None else g * w
        gx = scale * (h - normal * _mean(h * normal, axes))
    return gx, _sum(g * normal, lead) if needs[1] else None


@_rms_norm.fused_rule
def _(g, scale, y, x, w, *, dims, eps, needs):
    shape = _rows_shape(x.shape, dims)
    rows = np.ascontiguousarray(_wide(x)).reshape(shape)
    toward = np.ascontiguousarray(_wide(g)).reshape(shape)
    gx, gw = kernels.rms_norm_gradient(toward, rows, _flat(w, rows), scale, bool(needs[1]))
    return gx.reshape(x.shape), None if gw is None else gw.reshape(x.shape[x.ndim - dims :])


def rms_norm(
    input: Tensor,
    normalized_shape: int | tuple[int, ...],
    weight: Tensor | None = None,
    eps: float | None = None,
) -> Tensor:
    r"""Divide the last dimensions of every example by the root of their mean square.

    .. math:: y = \frac{x}{\sqrt{\mathrm{E}[x^2] + \epsilon}} \, w

    Parameters
    ----------
    input : Tensor
        Shape ``(..., *normalized_shape)``.
    normalized_shape : int or tuple of int
        The trailing dimensions that are normalised together.
    weight : Tensor, optional
        Shape `normalized_shape`.
    eps : float, optional
        Added to the mean square; the machine epsilon of the input's dtype unless given.

    Returns
    -------
    Tensor
        The shape of `input`.

    Raises
    ------
    ShapeError
        If `input` does not end in `normalized_shape`, or the weight has another shape.

    References
    ----------
    B. Zhang and R. Sennrich, "Root Mean Square Layer Normalization", 2019.

    Examples
    --------
    >>> import lucid.nn.functional as F
    >>> F.rms_norm(Tensor([[1.0, 7.0]]), 2)
    Tensor([[0.2000, 1.4000]])
    """
    _check_tensor("rms_norm", input)
    inner = normalized_shape if isinstance(normalized_shape, tuple) else _lengths(normalized_shape)
    dims = len(inner)
    if not dims or input.data.shape[-dims:] != inner:
        problem = f"the input must end in the dimensions {list(inner)} that are normalised"
        raise ShapeError(compose("rms_norm", problem, {"input": input}))
    if weight is not None and weight.data.shape != inner:
        problem = f"the weight must have the shape {list(inner)} that is normalised"
        raise ShapeError(compose("rms_norm", problem, {"weight": weight}))
    _check_dtypes("rms_norm", input=input, weight=weight)
    input = real_floating(input, "rms_norm")
    eps = float(finfo(input.dtype).eps) if eps is None else eps
    return apply(_rms_norm, input, weight, dims=dims, eps=eps)
