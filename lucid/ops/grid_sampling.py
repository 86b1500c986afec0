"""Sampling images and volumes at given places, and the grids of affine maps.

Written in other ops: where the samples lie is a matter of constants, by what weights they are
taken is differentiable.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from ..core.tensor import Tensor, values, wrap
from ..errors import ArgumentError, DTypeError, ShapeError, compose, not_a_tensor
from .bounds import clamp
from .indexing import getitem
from .matmul import matmul
from .resampling_tables import NEAR
from .selection import where

MODES = ("bilinear", "nearest", "bicubic")
PADDINGS = ("zeros", "border", "reflection")

# ---- where the samples lie --------------------------------------------------------------------


def _unnormalised(c: Any, length: int, align_corners: bool) -> Any:
    """Coordinates from -1 to 1 as places from 0 to ``length - 1``."""
    if align_corners:
        return (c + 1) * ((length - 1) / 2)
    return ((c + 1) * length - 1) * 0.5


def _padded(c: Any, length: int, padding: str, align_corners: bool) -> Any:
    """Places brought inside, but where zeros are to stand outside."""
    if padding == "zeros":
        return c
    if padding == "reflection":
        low, span = (0.0, length - 1) if align_corners else (-0.5, length)
        if not span:
            return c * 0
        away = (c - low).abs()
        flips = np.floor(values(away) / span)
        rest = away - wrap((flips * span).astype(away.dtype))
        c = where(wrap(flips % 2 == 0), rest, span - rest) + low
    return clamp(c, 0, length - 1)


def _linear(c: Any) -> list[tuple[Any, Any]]:
    """The two neighbours of places, and their weights."""
    first = np.floor(values(c))
    share = c - wrap(first)
    return [(first, 1 - share), (first + 1, share)]


def _nearest(c: Any) -> list[tuple[Any, Any]]:
    """The nearest neighbour; its weight does not depend on the place."""
    everywhere = wrap(np.ones(c.shape, np.bool_))
    return [(np.rint(values(c)), where(everywhere, 1.0, c))]


def _cubic(c: Any) -> list[tuple[Any, Any]]:
    """Four neighbours, weighted by cubics."""
    first = np.floor(values(c))
    t = c - wrap(first)
    weights = [_cubic_far(t + 1), _cubic_near(t), _cubic_near(1 - t), _cubic_far(2 - t)]
    return [(first + i - 1, weight) for i, weight in enumerate(weights)]


def _cubic_near(d: Any) -> Any:
    return ((NEAR + 2) * d - (NEAR + 3)) * d * d + 1


def _cubic_far(d: Any) -> Any:
    return (((d - 5) * d + 8) * d - 4) * NEAR


# ---- taking them ------------------------------------------------------------------------------


def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """An image, or a volume, read at the places of a grid.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, H, W)`` or ``(N, C, D, H, W)``.
    grid : Tensor
        Shape ``(N, H_out, W_out, 2)`` or ``(N, D_out, H_out, W_out, 3)``: for every output x, y
        (and z) between -1 and 1, left, top (and front) first.
    mode : {"bilinear", "nearest", "bicubic"}
        How values between elements come about; of volumes ``"bilinear"`` is trilinear, and
        ``"bicubic"`` is not to be had.
    padding_mode : {"zeros", "border", "reflection"}
        What stands outside.
    align_corners : bool, optional
        Whether -1 and 1 are the centres of the outermost elements or (False, the default) their
        outer borders.

    Returns
    -------
    Tensor
        Shape ``(N, C, H_out, W_out)`` or ``(N, C, D_out, H_out, W_out)``.

    Raises
    ------
    ShapeError
        If the shapes are others, or the input is empty but for the batch.
    ArgumentError
        If a mode does not exist.
    DTypeError
        If the dtypes differ or are no real floating ones.

    References
    ----------
    M. Jaderberg et al., "Spatial Transformer Networks", 2015.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> x = lucid.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    >>> F.grid_sample(x, lucid.tensor([[[[0.0, 0.0], [1.0, -1.0]]]]), align_corners=True)
    Tensor([[[[2.5000, 2.0000]]]])
    """
    dims = _check(input, grid, mode, padding_mode)
    align = bool(align_corners)
    count, channels, *lengths = input.shape
    outs = grid.shape[1:-1]
    flat = input.reshape(count, channels, math.prod(lengths))
    grid = grid.reshape(count, math.prod(outs), dims)
    along = []
    for i, length in enumerate(lengths):
        c = _unnormalised(grid[..., dims - 1 - i], length, align)
        if mode == "bicubic":  # the neighbours are brought inside, not the places
            found = [
                (values(_padded(wrap(place), length, padding_mode, align)), weight)
                for place, weight in _cubic(c)
            ]
        else:
            c = _padded(c, length, padding_mode, align)
            found = _linear(c) if mode == "bilinear" else _nearest(c)
        along.append(found)
    total: Any = None
    for corner in itertools.product(*along):
        part = _read(flat, lengths, [place for place, _ in corner], [w for _, w in corner])
        total = part if total is None else total + part
    return total.transpose(1, 2).reshape(count, channels, *outs)


def _read(flat: Any, lengths: list[int], places: list[Any], weights: list[Any]) -> Any:
    """The elements at places, times their weights; outside zeros, whatever stands at the rim."""
    index, inside = np.zeros(places[0].shape, np.int64), np.ones(places[0].shape, np.bool_)
    weight: Any = None
    for length, place, share in zip(lengths, places, weights, strict=True):
        inside &= (place >= 0) & (place <= length - 1)
        within = np.where(inside, place, 0).astype(np.int64)
        index = index * length + within
        weight = share if weight is None else weight * share
    index = np.where(inside, index, 0)
    batch = np.arange(len(index))[:, None]
    read = getitem(flat, (wrap(batch), slice(None), wrap(index)))
    return where(wrap(inside[..., None]), read * weight.unsqueeze(-1), 0.0)


def _check(input: Any, grid: Any, mode: str, padding_mode: str) -> int:
    """How many dimensions are sampled."""
    name = "grid_sample"
    for label, value in (("input", input), ("grid", grid)):
        if not isinstance(value, Tensor):
            raise not_a_tensor(name, value, label)
    seen: dict[str, Any] = {"input": input, "grid": grid}
    if mode not in MODES or padding_mode not in PADDINGS:
        problem = f"mode must be one of {MODES}, padding_mode one of {PADDINGS}"
        raise ArgumentError(compose(name, problem, {"mode": mode, "padding_mode": padding_mode}))
    if input.dtype != grid.dtype or input.dtype.kind != "f":
        problem = "input and grid must have the same real floating dtype"
        raise DTypeError(compose(name, problem, seen, "grid.to(input.dtype)"))
    dims = input.ndim - 2
    if dims not in (2, 3) or grid.ndim != dims + 2 or grid.shape[-1] != dims:
        problem = (
            "takes an input (N, C, H, W) and a grid (N, H_out, W_out, 2), or (N, C, D, H, W) "
            "and (N, D_out, H_out, W_out, 3)"
        )
        raise ShapeError(compose(name, problem, seen))
    if input.shape[0] != grid.shape[0] or 0 in input.shape[2:]:
        problem = "input and grid must have the same batch, and the input no empty dimension"
        raise ShapeError(compose(name, problem, seen))
    if mode == "bicubic" and dims == 3:
        raise ArgumentError(compose(name, "bicubic is for images only", seen))
    return dims


# ---- grids of affine maps ----------------------------------------------------------------------


def affine_grid(theta: Tensor, size: Any, align_corners: bool | None = None) -> Tensor:
    r"""The places that `grid_sample` reads to map images affinely.

    .. math:: \mathrm{grid}_{h w} = \theta \, (x_w, y_h, 1)^\top

    Parameters
    ----------
    theta : Tensor
        Shape ``(N, 2, 3)``, or ``(N, 3, 4)`` for volumes.
    size : sequence of int
        The shape of the output, ``(N, C, H, W)`` or ``(N, C, D, H, W)``.
    align_corners : bool, optional
        As of `grid_sample`.

    Returns
    -------
    Tensor
        Shape ``(N, H, W, 2)`` or ``(N, D, H, W, 3)``.

    Raises
    ------
    ShapeError
        If `theta` does not have the shape that goes with `size`.
    ArgumentError
        If a length is not positive.
    DTypeError
        If `theta` is no real floating tensor.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> mirror = lucid.tensor([[[-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
    >>> grid = F.affine_grid(mirror, (1, 1, 1, 3), align_corners=True)
    >>> F.grid_sample(lucid.tensor([[[[1.0, 2.0, 3.0]]]]), grid, align_corners=True)
    Tensor([[[[3.0000, 2.0000, 1.0000]]]])
    """
    if not isinstance(theta, Tensor):
        raise not_a_tensor("affine_grid", theta, "theta")
    if theta.dtype.kind != "f":
        raise DTypeError(compose("affine_grid", "theta must be real floats", {"theta": theta}))
    lengths = tuple(size)
    dims = len(lengths) - 2
    if dims not in (2, 3) or theta.shape != (lengths[0], dims, dims + 1):
        problem = "theta must have shape (N, 2, 3) for a size (N, C, H, W), (N, 3, 4) for one more"
        raise ShapeError(compose("affine_grid", problem, {"theta": theta, "size": size}))
    if min(lengths) < 1:
        raise ArgumentError(compose("affine_grid", "lengths must be positive", {"size": size}))
    steps = []
    for length in lengths[:1:-1]:
        line = np.linspace(-1, 1, length) if length > 1 else np.zeros(1)
        steps.append(line if align_corners else line * ((length - 1) / length))
    mesh = np.meshgrid(*steps[::-1], indexing="ij")[::-1]
    base = np.stack([*(part.ravel() for part in mesh), np.ones(mesh[0].size)], 1)
    out = matmul(wrap(base.astype(theta.dtype)), theta.transpose(1, 2))
    return out.reshape(lengths[0], *lengths[2:], dims)
