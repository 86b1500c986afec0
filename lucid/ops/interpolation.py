"""Interpolation: images and sequences in another size.

Each mode resamples one dimension after the other, a linear map whose gradient adds every
output back to where it was read; the two ops are each other's gradients.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, ShapeError, compose, not_a_tensor
from ..kernels import resample as kernels
from ..samples import Draw, Sample
from .average_pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d
from .numbers import integers, real_number
from .precision import in_single
from .promotion import real_floating
from .resampling_tables import Grid, table

MODES = {  # how many dimensions each takes, and what it does along one
    "nearest": ((1, 2, 3), "nearest"),
    "nearest-exact": ((1, 2, 3), "nearest-exact"),
    "linear": ((1,), "linear"),
    "bilinear": ((2,), "linear"),
    "trilinear": ((3,), "linear"),
    "bicubic": ((2,), "cubic"),
    "area": ((1, 2, 3), "area"),
}
_AREA = {1: adaptive_avg_pool1d, 2: adaptive_avg_pool2d, 3: adaptive_avg_pool3d}


def _samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(2, 3, 4), axis=2, grid=Grid("nearest", 4, 7)),
        draw.sample(draw(2, 5, 3), axis=1, grid=Grid("linear", 5, 8)),
        draw.sample(draw(2, 5), axis=1, grid=Grid("linear", 5, 3, align_corners=True)),
        draw.sample(draw(5, 2), axis=0, grid=Grid("cubic", 5, 7)),
        draw.sample(draw(2, 9), axis=1, grid=Grid("cubic", 9, 4, antialias=True)),
        draw.sample(draw(0, 4), axis=1, grid=Grid("linear", 4, 2)),
    ]


@primitive("resample", samples=_samples)
@in_single
def _resample(x: Any, *, axis: int, grid: Grid) -> Any:
    return kernels.resample(np.ascontiguousarray(x), axis, *table(grid))


@_resample.rule
def _(g, y, x, *, axis, grid):
    return (apply(_resample_back, g, axis=axis, grid=grid),)


def _back_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(2, 3, 7), axis=2, grid=Grid("nearest-exact", 4, 7)),
        draw.sample(draw(8, 2), axis=0, grid=Grid("cubic", 5, 8, 1.7)),
    ]


@primitive("resample_back", samples=_back_samples)
@in_single
def _resample_back(g: Any, *, axis: int, grid: Grid) -> Any:
    return kernels.spread(np.ascontiguousarray(g), axis, grid.length, *table(grid))


@_resample_back.rule
def _(d, y, g, *, axis, grid):
    return (apply(_resample, d, axis=axis, grid=grid),)


def interpolate(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """A sequence, image or volume in another size.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, L)``, ``(N, C, H, W)`` or ``(N, C, D, H, W)``.
    size : int or tuple of int, optional
        The lengths that are wanted.
    scale_factor : float or tuple of float, optional
        Or by what the lengths are multiplied, rounded down.
    mode : str, default "nearest"
        ``"nearest"`` (rounded down, as PyTorch and OpenCV have it), ``"nearest-exact"``,
        ``"linear"``, ``"bilinear"``, ``"trilinear"`` (for one, two, three dimensions),
        ``"bicubic"`` (two), or ``"area"``, the mean of what an output covers.
    align_corners : bool, optional
        Of the linear and cubic modes: whether the centres of the outermost elements lie on each
        other, or (False, the default) their outer borders.
    recompute_scale_factor : bool, optional
        Whether the coordinates follow from the lengths, which are rounded, and not from
        `scale_factor`.
    antialias : bool, default False
        Of bilinear and bicubic: widen the kernel where the image becomes smaller.

    Returns
    -------
    Tensor

    Raises
    ------
    ArgumentError
        If the mode does not exist, not just one of `size` and `scale_factor` is given, or an
        option does not go with the mode.
    ShapeError
        If the mode does not take so many dimensions, or a length is or would become zero.
    DTypeError
        If the input is no real tensor, or a length no integer.

    References
    ----------
    R. Keys, "Cubic convolution interpolation for digital image processing", 1981 (bicubic,
    with a = -0.75; -0.5 with `antialias`).

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> x = lucid.tensor([[[1.0, 2.0]]])
    >>> F.interpolate(x, scale_factor=2)
    Tensor([[[1.0000, 1.0000, 2.0000, 2.0000]]])
    >>> F.interpolate(x, size=4, mode="linear")
    Tensor([[[1.0000, 1.2500, 1.7500, 2.0000]]])
    """
    dims, rule = _check_mode(input, mode, align_corners, antialias)
    lengths = input.shape[2:]
    sizes, scales = _sizes(input, dims, size, scale_factor)
    if recompute_scale_factor:
        if scale_factor is None:
            problem = "recompute_scale_factor goes with scale_factor"
            raise ArgumentError(compose("interpolate", problem, {"scale_factor": None}))
        scales = (0.0,) * dims
    if min(sizes) < 1 or 0 in lengths or not input.shape[1]:
        problem = "no dimension but the batch can be empty, before or after"
        raise ShapeError(compose("interpolate", problem, {"input": input, "size": sizes}))
    if rule == "area":
        return _AREA[dims](input, sizes)
    out = real_floating(input, "interpolate")
    for i, (length, count, scale) in enumerate(zip(lengths, sizes, scales, strict=True)):
        grid = Grid(rule, length, count, scale, bool(align_corners), antialias)
        if length != count or scale not in (0, 1):
            out = apply(_resample, out, axis=i + 2, grid=grid)
    return out.clone() if out is input else out


def _check_mode(
    input: Any, mode: str, align_corners: bool | None, antialias: bool
) -> tuple[int, str]:
    """How many dimensions are resampled, and how each of them."""
    if not isinstance(input, Tensor):
        raise not_a_tensor("interpolate", input)
    if mode not in MODES:
        problem = f"mode must be one of {', '.join(MODES)}"
        raise ArgumentError(compose("interpolate", problem, {"mode": mode}))
    counts, rule = MODES[mode]
    dims = input.ndim - 2
    if dims not in counts:
        takes = " or ".join(str(count + 2) for count in counts)
        problem = f"mode {mode} takes an input of {takes} dimensions, (N, C, ...)"
        fix = "input.unsqueeze(0), where the batch is missing" if dims + 1 in counts else None
        raise ShapeError(compose("interpolate", problem, {"input": input}, fix))
    if align_corners is not None and rule not in ("linear", "cubic"):
        problem = "align_corners goes with the linear and cubic modes"
        seen = {"mode": mode, "align_corners": align_corners}
        raise ArgumentError(compose("interpolate", problem, seen))
    if antialias and mode not in ("bilinear", "bicubic"):
        problem = "antialias goes with bilinear and bicubic"
        raise ArgumentError(compose("interpolate", problem, {"mode": mode}))
    return dims, rule


def _sizes(
    input: Tensor, dims: int, size: Any, scale_factor: Any
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The lengths that are wanted, and the scales that were given (0: none)."""
    if (size is None) == (scale_factor is None):
        problem = "one of size and scale_factor is needed"
        seen = {"size": size, "scale_factor": scale_factor}
        raise ArgumentError(compose("interpolate", problem, seen))
    if size is not None:
        return integers("interpolate", "size", size, dims), (0.0,) * dims
    given = scale_factor if isinstance(scale_factor, tuple | list) else (scale_factor,) * dims
    scales = tuple(real_number("interpolate", "scale_factor", scale) for scale in given)
    if len(scales) != dims or not all(scale > 0 for scale in scales):
        problem = f"scale_factor must be one positive number, or {dims}"
        raise ArgumentError(compose("interpolate", problem, {"scale_factor": scale_factor}))
    return tuple(int(n * s) for n, s in zip(input.shape[2:], scales, strict=True)), scales


def upsample(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """`interpolate` by its older name.

    Parameters
    ----------
    input, size, scale_factor, mode, align_corners
        As of `interpolate`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.upsample(lucid.ones(1, 1, 2), 4)
    Tensor([[[1.0000, 1.0000, 1.0000, 1.0000]]])
    """
    return interpolate(input, size, scale_factor, mode, align_corners)
