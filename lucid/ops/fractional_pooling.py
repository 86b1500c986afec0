"""Fractional max pooling: windows at random places, for any ratio of the sizes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, values, wrap
from ..errors import ArgumentError, ShapeError, compose
from ..kernels import pooling as kernels
from ..kernels.windows import Edges, Span, edges
from ..samples import Draw, Sample
from .max_pooling import lay_back
from .numbers import integers, real_number
from .promotion import refuse_unordered
from .random import rng_of, uniform_array
from .windows import check_dims, planes

Ints = tuple[int, ...]


def _samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw.apart(1, 2, 5, 6), draw.uniform(0, 1, 1, 2, 2), sizes=(2, 2), outs=(3, 3)),
        draw.sample(
            draw.apart(2, 4, 3, 4), draw.uniform(0, 1, 1, 2, 3), sizes=(2, 1, 2), outs=(2, 3, 1)
        ),
    ]


def _edges(samples: Any, length: int, size: int, count: int) -> Edges:
    """Windows of one dimension, one row for each plane.

    Steps of the same mean length a, rounded down from a random start u, end at the last window:
    ``floor((i + u) a) - floor(u a)``.
    """
    first = np.full((len(samples), count), length - size, np.int64)
    if count > 1:
        step = samples.dtype.type((length - size) / (count - 1))
        start = samples[:, None]
        order = np.arange(count - 1, dtype=samples.dtype)
        first[:, :-1] = ((order + start) * step).astype(np.int64) - (start * step).astype(np.int64)
    return Edges(first, first + size, 1)


@primitive("fractional_max_pool", saves=("out[1]",), outputs=2, samples=_samples)
def _fractional_max_pool(x: Any, samples: Any, *, sizes: Ints, outs: Ints) -> Any:
    dims = len(sizes)
    lead, lengths = x.shape[: x.ndim - dims], x.shape[x.ndim - dims :]
    flat = samples.reshape(-1, dims)
    # of two dimensions PyTorch takes the last one's sample first
    columns = range(dims) if dims == 3 else (1, 0)
    windows: Any = [
        _edges(flat[:, column], *each)
        for column, *each in zip(columns, lengths, sizes, outs, strict=True)
    ]
    if dims == 2:
        windows.insert(0, edges(Span(1, 1)))
    best, index = kernels.largest(planes(x, dims), tuple(windows), True)
    return best.reshape(*lead, *outs), index.reshape(*lead, *outs)


@_fractional_max_pool.rule
def _(g, y, x, samples, *, sizes, outs):
    return lay_back(g[0], y[1], x, len(sizes)), None


def _pool(
    where: str,
    dims: int,
    input: Tensor,
    kernel_size: Any,
    output_size: Any,
    output_ratio: Any,
    return_indices: bool,
    samples: Tensor | None,
) -> Any:
    lengths = check_dims(where, input, dims)
    refuse_unordered(where, input)
    sizes = integers(where, "kernel_size", kernel_size, dims)
    if (output_size is None) == (output_ratio is None):
        problem = "one of output_size and output_ratio is needed"
        seen = {"output_size": output_size, "output_ratio": output_ratio}
        raise ArgumentError(compose(where, problem, seen))
    if output_size is not None:
        outs = integers(where, "output_size", output_size, dims)
    else:
        outs = _by_ratio(where, lengths, output_ratio)
    for length, size, out in zip(lengths, sizes, outs, strict=True):
        if size < 1 or out < 1 or out + size - 1 > length:
            problem = f"{out} windows of {size} do not fit into a length of {length}"
            seen = {"input": input, "kernel_size": sizes, "output_size": outs}
            raise ShapeError(compose(where, problem, seen))
    lead = (1, *input.shape[: input.ndim - dims])[-2:]
    if samples is None:
        samples = wrap(uniform_array(rng_of(None), (*lead, dims), input.dtype))
    elif values(samples).shape != (*lead, dims):
        problem = f"the random samples must have shape {(*lead, dims)}"
        raise ShapeError(compose(where, problem, {"_random_samples": samples}))
    best, index = apply(_fractional_max_pool, input, samples, sizes=sizes, outs=outs)
    return (best, index) if return_indices else best


def _by_ratio(where: str, lengths: Ints, ratio: Any) -> Ints:
    """Output sizes as shares of the lengths."""
    ratios = ratio if isinstance(ratio, tuple | list) else (ratio,) * len(lengths)
    shares = [real_number(where, "output_ratio", share) for share in ratios]
    if len(shares) != len(lengths) or not all(0 < share < 1 for share in shares):
        problem = f"output_ratio must be one number between 0 and 1, or {len(lengths)}"
        raise ArgumentError(compose(where, problem, {"output_ratio": ratio}))
    return tuple(int(n * share) for n, share in zip(lengths, shares, strict=True))


def fractional_max_pool2d(
    input: Tensor,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Any:
    """The largest values of overlapping windows whose steps are random, by a ratio below 1.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, H, W)`` or ``(C, H, W)``.
    kernel_size : int or tuple of two
        Elements of a window.
    output_size : int or tuple of two, optional
        How many windows.
    output_ratio : float or tuple of float, optional
        Their number as a share of the input's lengths, between 0 and 1, in place of it.
    return_indices : bool, default False
        Also give where the values stand, as `max_pool2d` does.
    _random_samples : Tensor, optional
        Where the steps begin, between 0 and 1, shape ``(N, C, 2)``; drawn unless given.

    Returns
    -------
    Tensor, or tuple of Tensor
        Shape ``(N, C, H_out, W_out)``.

    Raises
    ------
    ShapeError
        If the input has other dimensions, or the windows do not fit into it.
    ArgumentError
        If not just one of `output_size` and `output_ratio` is given.
    DTypeError
        If the input is complex, or a size no integer.

    References
    ----------
    B. Graham, "Fractional Max-Pooling", 2014.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.fractional_max_pool2d(lucid.ones(1, 3, 9, 9), 2, output_ratio=0.7).shape
    (1, 3, 6, 6)
    """
    given = (output_size, output_ratio, return_indices, _random_samples)
    return _pool("fractional_max_pool2d", 2, input, kernel_size, *given)


def fractional_max_pool3d(
    input: Tensor,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Any:
    """The largest values of overlapping windows whose steps are random, by a ratio below 1.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, D, H, W)`` or ``(C, D, H, W)``.
    kernel_size : int or tuple of three
        Elements of a window.
    output_size : int or tuple of three, optional
        How many windows.
    output_ratio : float or tuple of float, optional
        Their number as a share of the input's lengths, between 0 and 1, in place of it.
    return_indices : bool, default False
        Also give where the values stand, as `max_pool3d` does.
    _random_samples : Tensor, optional
        Where the steps begin, between 0 and 1, shape ``(N, C, 3)``; drawn unless given.

    Returns
    -------
    Tensor, or tuple of Tensor
        Shape ``(N, C, D_out, H_out, W_out)``.

    Raises
    ------
    ShapeError
        If the input has other dimensions, or the windows do not fit into it.
    ArgumentError
        If not just one of `output_size` and `output_ratio` is given.
    DTypeError
        If the input is complex, or a size no integer.

    References
    ----------
    B. Graham, "Fractional Max-Pooling", 2014.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.fractional_max_pool3d(lucid.ones(1, 3, 9, 9, 9), 2, output_ratio=0.7).shape
    (1, 3, 6, 6, 6)
    """
    given = (output_size, output_ratio, return_indices, _random_samples)
    return _pool("fractional_max_pool3d", 3, input, kernel_size, *given)
