"""Max pooling: the largest value of every window, and where it stands.

A window's gradient goes to the element that was chosen. Windows slide, or share out the input
among a given number of outputs (adaptive pooling).
"""

from __future__ import annotations

import math
from typing import Any

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, values
from ..kernels import pooling as kernels
from ..kernels.windows import Span
from ..samples import Draw, Sample
from .gathering import add_along
from .promotion import refuse_unordered
from .windows import Spans, counts_of, edges_of, planes, sharing, sliding


def _samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw.apart(2, 3, 6), spans=(Span(6, 3, 2, 2),)),
        draw.sample(draw.apart(2, 7), spans=(Span(7, 4, 3, 2, 1),)),
        draw.sample(draw.apart(2, 2, 5, 6), spans=(Span(5, 4, 2, 1), Span(6, 2, 3, 2, 0, 2))),
        draw.sample(draw.apart(1, 3, 5), spans=(Span(3, 2), Span(5, 3))),
        draw.sample(draw.apart(2, 4, 3, 4), spans=(Span(4, 2, 2, 2), Span(3, 1, 3), Span(4, 2))),
        draw.sample(draw(0, 2, 4), spans=(Span(4, 2, 2, 2),)),
    ]


def _chosen(x: Any, spans: Spans, places: bool = True) -> Any:
    """Values and places of the largest; the places as the forward of PyTorch gives them."""
    shape = counts_of(x, spans)
    best, index = kernels.largest(planes(x, len(spans)), edges_of(spans), places)
    return best.reshape(shape), index.reshape(shape) if places else None


def lay_back(g: Any, index: Any, x: Any, dims: int) -> Any:
    """Zeros like `x`, to which `g` is added at places counted within its last dimensions."""
    lead = x.ndim - dims
    count, length = math.prod(x.shape[:lead]), math.prod(x.shape[lead:])
    flat = (count, math.prod(g.shape[lead:]))
    return add_along(g.reshape(*flat), index.reshape(*flat), 1, length).reshape(*x.shape)


@primitive("max_pool", saves=("x",), samples=_samples)
def _max_pool(x: Any, *, spans: Spans) -> Any:
    return _chosen(x, spans, places=False)[0]


@_max_pool.recording
def _(x: Any, *, spans: Spans) -> Any:
    return _chosen(x, spans)


@_max_pool.rule
def _(g, y, x, *, spans):
    return (lay_back(g, _chosen(values(x), spans)[1], x, len(spans)),)


@_max_pool.fused_rule
def _(g, index, y, x, *, spans):
    return (lay_back(g, index, x, len(spans)),)


@primitive("max_pool_with_indices", saves=("out[1]",), outputs=2, samples=_samples)
def _max_pool_with_indices(x: Any, *, spans: Spans) -> Any:
    return _chosen(x, spans)


@_max_pool_with_indices.rule
def _(g, y, x, *, spans):
    return (lay_back(g[0], y[1], x, len(spans)),)


def _pool(where: str, input: Tensor, spans: Spans, return_indices: bool) -> Any:
    refuse_unordered(where, input)
    return apply(_max_pool_with_indices if return_indices else _max_pool, input, spans=spans)


# ---- windows that slide ---------------------------------------------------------------------


def max_pool1d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    r"""The largest value of every window that slides over the last dimension.

    .. math:: y_i = \max_{0 \le m < k} x_{i s - p + m d}

    with window k, stride s, padding p and dilation d.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, L)`` or ``(C, L)``.
    kernel_size : int or tuple of one
        Elements of a window.
    stride : int or tuple of one, optional
        From one window to the next; `kernel_size` unless given.
    padding : int or tuple of one, default 0
        Elements beyond each end, which are never chosen; at most half of a window.
    dilation : int or tuple of one, default 1
        From one element of a window to the next.
    ceil_mode : bool, default False
        Also take a last window that reaches beyond the end.
    return_indices : bool, default False
        Also give where the values stand, for `max_unpool1d`.

    Returns
    -------
    Tensor, or tuple of Tensor
        Values of shape ``(N, C, L_out)``; with `return_indices` the places
        too, counted within a lane. Of equal values the first is
        chosen; NaN is larger than all.

    Raises
    ------
    ShapeError
        If the input has other dimensions, or is smaller than a window.
    ArgumentError
        If a size is not positive, or the padding more than half of a window.
    DTypeError
        If the input is complex, or a size no integer.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.max_pool1d(lucid.tensor([[1.0, 3.0, 2.0, 5.0]]), 2, return_indices=True)
    (Tensor([[3.0000, 5.0000]]), Tensor([[1, 3]]))
    """
    name = "max_pool1d"
    spans = sliding(name, input, 1, kernel_size, stride, padding, dilation, ceil_mode)
    return _pool(name, input, spans, return_indices)


def max_pool2d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    r"""The largest value of every window that slides over the last two dimensions.

    .. math:: y_i = \max_{0 \le m < k} x_{i s - p + m d}

    with window k, stride s, padding p and dilation d, in every dimension.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, H, W)`` or ``(C, H, W)``.
    kernel_size : int or tuple of two
        Elements of a window.
    stride : int or tuple of two, optional
        From one window to the next; `kernel_size` unless given.
    padding : int or tuple of two, default 0
        Elements beyond each end, which are never chosen; at most half of a window.
    dilation : int or tuple of two, default 1
        From one element of a window to the next.
    ceil_mode : bool, default False
        Also take a last window that reaches beyond the end.
    return_indices : bool, default False
        Also give where the values stand, for `max_unpool2d`.

    Returns
    -------
    Tensor, or tuple of Tensor
        Values of shape ``(N, C, H_out, W_out)``; with `return_indices` the places
        too, counted within the last dimensions, flattened. Of equal values the first is
        chosen; NaN is larger than all.

    Raises
    ------
    ShapeError
        If the input has other dimensions, or is smaller than a window.
    ArgumentError
        If a size is not positive, or the padding more than half of a window.
    DTypeError
        If the input is complex, or a size no integer.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.max_pool2d(lucid.tensor([[[1.0, 3.0], [2.0, 5.0]]]), 2, return_indices=True)
    (Tensor([[[5.0000]]]), Tensor([[[3]]]))
    """
    name = "max_pool2d"
    spans = sliding(name, input, 2, kernel_size, stride, padding, dilation, ceil_mode)
    return _pool(name, input, spans, return_indices)


def max_pool3d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    r"""The largest value of every window that slides over the last three dimensions.

    .. math:: y_i = \max_{0 \le m < k} x_{i s - p + m d}

    with window k, stride s, padding p and dilation d, in every dimension.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, D, H, W)`` or ``(C, D, H, W)``.
    kernel_size : int or tuple of three
        Elements of a window.
    stride : int or tuple of three, optional
        From one window to the next; `kernel_size` unless given.
    padding : int or tuple of three, default 0
        Elements beyond each end, which are never chosen; at most half of a window.
    dilation : int or tuple of three, default 1
        From one element of a window to the next.
    ceil_mode : bool, default False
        Also take a last window that reaches beyond the end.
    return_indices : bool, default False
        Also give where the values stand, for `max_unpool3d`.

    Returns
    -------
    Tensor, or tuple of Tensor
        Values of shape ``(N, C, D_out, H_out, W_out)``; with `return_indices` the places
        too, counted within the last dimensions, flattened. Of equal values the first is
        chosen; NaN is larger than all.

    Raises
    ------
    ShapeError
        If the input has other dimensions, or is smaller than a window.
    ArgumentError
        If a size is not positive, or the padding more than half of a window.
    DTypeError
        If the input is complex, or a size no integer.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.max_pool3d(lucid.arange(8.0).reshape(1, 2, 2, 2), 2, return_indices=True)
    (Tensor([[[[7.0000]]]]), Tensor([[[[7]]]]))
    """
    name = "max_pool3d"
    spans = sliding(name, input, 3, kernel_size, stride, padding, dilation, ceil_mode)
    return _pool(name, input, spans, return_indices)


# ---- windows that share out the input --------------------------------------------------------


def adaptive_max_pool1d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    r"""The largest values of windows that share out the last dimension.

    .. math:: y_i = \max \{x_j : \lfloor i L / n \rfloor \le j < \lceil (i + 1) L / n \rceil\}

    with length L and output size n.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, L)`` or ``(C, L)``.
    output_size : int or tuple of one
        How many windows.
    return_indices : bool, default False
        Also give where the values stand.

    Returns
    -------
    Tensor, or tuple of Tensor
        Values of shape ``(N, C, *output_size)``; with `return_indices` the places too, as of
        `max_pool1d`.

    Raises
    ------
    ShapeError
        If the input has other dimensions.
    ArgumentError
        If a size is negative.
    DTypeError
        If the input is complex, or a size no integer.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.adaptive_max_pool1d(lucid.tensor([[1.0, 3.0, 2.0, 5.0]]), 1)
    Tensor([[5.0000]])
    """
    name = "adaptive_max_pool1d"
    return _pool(name, input, sharing(name, input, 1, output_size), return_indices)


def adaptive_max_pool2d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    r"""The largest values of windows that share out the last two dimensions.

    .. math:: y_i = \max \{x_j : \lfloor i L / n \rfloor \le j < \lceil (i + 1) L / n \rceil\}

    with length L and output size n, in every dimension.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, H, W)`` or ``(C, H, W)``.
    output_size : int or tuple of two
        How many windows; None for as many as elements.
    return_indices : bool, default False
        Also give where the values stand.

    Returns
    -------
    Tensor, or tuple of Tensor
        Values of shape ``(N, C, *output_size)``; with `return_indices` the places too, as of
        `max_pool2d`.

    Raises
    ------
    ShapeError
        If the input has other dimensions.
    ArgumentError
        If a size is negative.
    DTypeError
        If the input is complex, or a size no integer.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.adaptive_max_pool2d(lucid.tensor([[[1.0, 3.0], [2.0, 5.0]]]), 1)
    Tensor([[[5.0000]]])
    """
    name = "adaptive_max_pool2d"
    return _pool(name, input, sharing(name, input, 2, output_size), return_indices)


def adaptive_max_pool3d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    r"""The largest values of windows that share out the last three dimensions.

    .. math:: y_i = \max \{x_j : \lfloor i L / n \rfloor \le j < \lceil (i + 1) L / n \rceil\}

    with length L and output size n, in every dimension.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, D, H, W)`` or ``(C, D, H, W)``.
    output_size : int or tuple of three
        How many windows; None for as many as elements.
    return_indices : bool, default False
        Also give where the values stand.

    Returns
    -------
    Tensor, or tuple of Tensor
        Values of shape ``(N, C, *output_size)``; with `return_indices` the places too, as of
        `max_pool3d`.

    Raises
    ------
    ShapeError
        If the input has other dimensions.
    ArgumentError
        If a size is negative.
    DTypeError
        If the input is complex, or a size no integer.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.adaptive_max_pool3d(lucid.arange(8.0).reshape(1, 2, 2, 2), 1)
    Tensor([[[[7.0000]]]])
    """
    name = "adaptive_max_pool3d"
    return _pool(name, input, sharing(name, input, 3, output_size), return_indices)
