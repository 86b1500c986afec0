"""Average pooling: the mean of every window, and power means (LP pooling).

Windows slide, or share out the input among a given number of outputs (adaptive pooling). The
gradient spreads each mean over its window; the two ops are each other's gradients.
"""

from __future__ import annotations

import math
from typing import Any

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, compose
from ..kernels import pooling as kernels
from ..kernels import windows
from ..kernels.windows import Span
from ..samples import Draw, Sample
from .activation import relu
from .numbers import integer
from .precision import in_single
from .promotion import real_floating
from .signs import sign
from .windows import Spans, counts_of, edges_of, planes, sharing, sliding, whole


def _samples(draw: Draw) -> list[Sample]:
    padded = {"padded": True, "divisor": None}
    inside = {"padded": False, "divisor": None}
    return [
        draw.sample(draw(2, 3, 6), spans=(Span(6, 3, 2, 2),), **padded),
        draw.sample(draw(2, 7), spans=(Span(7, 4, 3, 2, 1),), **inside),
        draw.sample(draw(2, 5, 6), spans=(Span(5, 3, 3, 2, 1), Span(6, 5, 2)), **padded),
        draw.sample(draw(1, 3, 5), spans=(Span(3, 2), Span(5, 7)), **inside),
        draw.sample(
            draw(2, 4, 3, 4),
            spans=(Span(4, 2, 2, 2), Span(3, 1, 3), Span(4, 2)),
            padded=True,
            divisor=5,
        ),
        draw.sample(draw(0, 2, 4), spans=(Span(4, 2, 2, 2),), **padded),
    ]


def _counts(spans: Spans, padded: bool, divisor: int | None) -> Any:
    """What the sums are divided by: the product of one vector a dimension."""
    counts = [windows.counts(span, padded) for span in whole(spans)]
    if divisor is not None:
        counts = [c * 0 + (divisor if i == 0 else 1) for i, c in enumerate(counts)]
    return tuple(counts)


@primitive("avg_pool", samples=_samples)
@in_single
def _avg_pool(x: Any, *, spans: Spans, padded: bool, divisor: int | None) -> Any:
    counts = _counts(spans, padded, divisor)
    out = kernels.mean(planes(x, len(spans)), edges_of(spans), counts)
    return out.reshape(counts_of(x, spans))


@_avg_pool.rule
def _(g, y, x, *, spans, padded, divisor):
    return (apply(_avg_spread, g, spans=spans, padded=padded, divisor=divisor),)


def _spread_samples(draw: Draw) -> list[Sample]:
    inside = {"padded": False, "divisor": None}
    return [
        draw.sample(draw(2, 3), spans=(Span(6, 3, 2, 2),), padded=True, divisor=3),
        draw.sample(draw(2, 3, 4), spans=(Span(5, 3, 3, 2, 1), Span(6, 4)), **inside),
    ]


@primitive("avg_spread", samples=_spread_samples)
@in_single
def _avg_spread(g: Any, *, spans: Spans, padded: bool, divisor: int | None) -> Any:
    """Every value, divided as in `avg_pool`, added to all of its window."""
    dims = len(spans)
    flat = planes(g, dims)
    shape = (len(flat), *(span.length for span in whole(spans)))
    counts = _counts(spans, padded, divisor)
    out = kernels.mean_gradient(flat, shape, edges_of(spans), counts)
    return out.reshape(*g.shape[: g.ndim - dims], *(span.length for span in spans))


@_avg_spread.rule
def _(d, y, g, *, spans, padded, divisor):
    return (apply(_avg_pool, d, spans=spans, padded=padded, divisor=divisor),)


def _pool(where: str, input: Tensor, spans: Spans, padded: bool, divisor: Any = None) -> Tensor:
    input = real_floating(input, where)
    if divisor is not None:
        divisor = integer(where, "divisor_override", divisor)
        if not divisor:
            problem = "divisor_override must not be zero"
            raise ArgumentError(compose(where, problem, {"divisor_override": divisor}))
    return apply(_avg_pool, input, spans=spans, padded=bool(padded), divisor=divisor)


# ---- windows that slide ---------------------------------------------------------------------


def avg_pool1d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    r"""The mean of every window that slides over the last dimension.

    .. math:: y_i = \frac{1}{k} \sum_{m=0}^{k-1} x_{i s - p + m}

    with window k, stride s and padding p.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, L)`` or ``(C, L)``.
    kernel_size : int or tuple of one
        Elements of a window.
    stride : int or tuple of one, optional
        From one window to the next; `kernel_size` unless given.
    padding : int or tuple of one, default 0
        Zeros beyond each end; at most half of a window.
    ceil_mode : bool, default False
        Also take a last window that reaches beyond the end.
    count_include_pad : bool, default True
        Whether the zeros of the padding count in the mean.

    Returns
    -------
    Tensor
        Shape ``(N, C, L_out)``.

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
    >>> F.avg_pool1d(lucid.tensor([[1.0, 3.0, 2.0, 5.0]]), 2)
    Tensor([[2.0000, 3.5000]])
    """
    name = "avg_pool1d"
    spans = sliding(name, input, 1, kernel_size, stride, padding, 1, ceil_mode)
    return _pool(name, input, spans, count_include_pad)


def avg_pool2d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    r"""The mean of every window that slides over the last two dimensions.

    .. math:: y_i = \frac{1}{k} \sum_{m=0}^{k-1} x_{i s - p + m}

    with window k, stride s and padding p, in every dimension.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, H, W)`` or ``(C, H, W)``.
    kernel_size : int or tuple of two
        Elements of a window.
    stride : int or tuple of two, optional
        From one window to the next; `kernel_size` unless given.
    padding : int or tuple of two, default 0
        Zeros beyond each end; at most half of a window.
    ceil_mode : bool, default False
        Also take a last window that reaches beyond the end.
    count_include_pad : bool, default True
        Whether the zeros of the padding count in the mean.
    divisor_override : int, optional
        Divide the sums by this, and not by the number of elements.

    Returns
    -------
    Tensor
        Shape ``(N, C, H_out, W_out)``.

    Raises
    ------
    ShapeError
        If the input has other dimensions, or is smaller than a window.
    ArgumentError
        If a size is not positive, the padding more than half of a window, or the divisor 0.
    DTypeError
        If the input is complex, or a size no integer.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.avg_pool2d(lucid.tensor([[[1.0, 3.0], [2.0, 5.0]]]), 2)
    Tensor([[[2.7500]]])
    """
    name = "avg_pool2d"
    spans = sliding(name, input, 2, kernel_size, stride, padding, 1, ceil_mode)
    return _pool(name, input, spans, count_include_pad, divisor_override)


def avg_pool3d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    r"""The mean of every window that slides over the last three dimensions.

    .. math:: y_i = \frac{1}{k} \sum_{m=0}^{k-1} x_{i s - p + m}

    with window k, stride s and padding p, in every dimension.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, D, H, W)`` or ``(C, D, H, W)``.
    kernel_size : int or tuple of three
        Elements of a window.
    stride : int or tuple of three, optional
        From one window to the next; `kernel_size` unless given.
    padding : int or tuple of three, default 0
        Zeros beyond each end; at most half of a window.
    ceil_mode : bool, default False
        Also take a last window that reaches beyond the end.
    count_include_pad : bool, default True
        Whether the zeros of the padding count in the mean.
    divisor_override : int, optional
        Divide the sums by this, and not by the number of elements.

    Returns
    -------
    Tensor
        Shape ``(N, C, D_out, H_out, W_out)``.

    Raises
    ------
    ShapeError
        If the input has other dimensions, or is smaller than a window.
    ArgumentError
        If a size is not positive, the padding more than half of a window, or the divisor 0.
    DTypeError
        If the input is complex, or a size no integer.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.avg_pool3d(lucid.arange(8.0).reshape(1, 2, 2, 2), 2)
    Tensor([[[[3.5000]]]])
    """
    name = "avg_pool3d"
    spans = sliding(name, input, 3, kernel_size, stride, padding, 1, ceil_mode)
    return _pool(name, input, spans, count_include_pad, divisor_override)


# ---- windows that share out the input --------------------------------------------------------


def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    r"""The means of windows that share out the last dimension.

    .. math:: y_i = \mathrm{mean} \{x_j : \lfloor i L / n \rfloor \le j
              < \lceil (i + 1) L / n \rceil\}

    with length L and output size n.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, L)`` or ``(C, L)``.
    output_size : int or tuple of one
        How many windows.

    Returns
    -------
    Tensor
        Shape ``(N, C, *output_size)``.

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
    >>> F.adaptive_avg_pool1d(lucid.tensor([[1.0, 3.0, 2.0, 5.0]]), 1)
    Tensor([[2.7500]])
    """
    name = "adaptive_avg_pool1d"
    return _pool(name, input, sharing(name, input, 1, output_size), padded=False)


def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    r"""The means of windows that share out the last two dimensions.

    .. math:: y_i = \mathrm{mean} \{x_j : \lfloor i L / n \rfloor \le j
              < \lceil (i + 1) L / n \rceil\}

    with length L and output size n, in every dimension.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, H, W)`` or ``(C, H, W)``.
    output_size : int or tuple of two
        How many windows; None for as many as elements.

    Returns
    -------
    Tensor
        Shape ``(N, C, *output_size)``.

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
    >>> F.adaptive_avg_pool2d(lucid.tensor([[[1.0, 3.0], [2.0, 5.0]]]), 1)
    Tensor([[[2.7500]]])
    """
    name = "adaptive_avg_pool2d"
    return _pool(name, input, sharing(name, input, 2, output_size), padded=False)


def adaptive_avg_pool3d(input: Tensor, output_size: Any) -> Tensor:
    r"""The means of windows that share out the last three dimensions.

    .. math:: y_i = \mathrm{mean} \{x_j : \lfloor i L / n \rfloor \le j
              < \lceil (i + 1) L / n \rceil\}

    with length L and output size n, in every dimension.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, D, H, W)`` or ``(C, D, H, W)``.
    output_size : int or tuple of three
        How many windows; None for as many as elements.

    Returns
    -------
    Tensor
        Shape ``(N, C, *output_size)``.

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
    >>> F.adaptive_avg_pool3d(lucid.arange(8.0).reshape(1, 2, 2, 2), 1)
    Tensor([[[[3.5000]]]])
    """
    name = "adaptive_avg_pool3d"
    return _pool(name, input, sharing(name, input, 3, output_size), padded=False)


# ---- power means ----------------------------------------------------------------------------


def _power_pool(
    where: str, dims: int, input: Tensor, p: float, kernel_size: Any, stride: Any, ceil_mode: bool
) -> Tensor:
    """The sums as means times the full window's count, as PyTorch has them at the rim too."""
    spans = sliding(where, input, dims, kernel_size, stride, 0, 1, ceil_mode)
    powers = real_floating(input, where) ** p
    means = apply(_avg_pool, powers, spans=spans, padded=True, divisor=None)
    count = math.prod(span.size for span in spans)
    return (sign(means) * relu(means.abs()) * count) ** (1 / p)


def lp_pool1d(
    input: Tensor,
    norm_type: float,
    kernel_size: Any,
    stride: Any = None,
    ceil_mode: bool = False,
) -> Tensor:
    r"""The p-norm of every window that slides over the last dimension, signs left in.

    .. math:: y_i = \left(\sum_{m=0}^{k-1} x_{i s + m}^p\right)^{1/p}

    with window k and stride s. For p = 1 it is the sum, for large p nearly the maximum.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, L)`` or ``(C, L)``.
    norm_type : float
        The power p.
    kernel_size : int or tuple of one
        Elements of a window.
    stride : int or tuple of one, optional
        From one window to the next; `kernel_size` unless given.
    ceil_mode : bool, default False
        Also take a last window that reaches beyond the end.

    Returns
    -------
    Tensor
        Shape ``(N, C, L_out)``.

    Raises
    ------
    ShapeError
        If the input has other dimensions, or is smaller than a window.
    ArgumentError
        If a size is not positive.
    DTypeError
        If the input is complex, or a size no integer.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.lp_pool1d(lucid.tensor([[3.0, 4.0]]), 2, 2)
    Tensor([[5.0000]])
    """
    return _power_pool("lp_pool1d", 1, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(
    input: Tensor,
    norm_type: float,
    kernel_size: Any,
    stride: Any = None,
    ceil_mode: bool = False,
) -> Tensor:
    r"""The p-norm of every window that slides over the last two dimensions, signs left in.

    .. math:: y_i = \left(\sum_{m=0}^{k-1} x_{i s + m}^p\right)^{1/p}

    with window k and stride s. For p = 1 it is the sum, for large p nearly the maximum.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, H, W)`` or ``(C, H, W)``.
    norm_type : float
        The power p.
    kernel_size : int or tuple of two
        Elements of a window.
    stride : int or tuple of two, optional
        From one window to the next; `kernel_size` unless given.
    ceil_mode : bool, default False
        Also take a last window that reaches beyond the end.

    Returns
    -------
    Tensor
        Shape ``(N, C, H_out, W_out)``.

    Raises
    ------
    ShapeError
        If the input has other dimensions, or is smaller than a window.
    ArgumentError
        If a size is not positive.
    DTypeError
        If the input is complex, or a size no integer.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.lp_pool2d(lucid.tensor([[[3.0, 4.0], [0.0, 0.0]]]), 2, 2)
    Tensor([[[5.0000]]])
    """
    return _power_pool("lp_pool2d", 2, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(
    input: Tensor,
    norm_type: float,
    kernel_size: Any,
    stride: Any = None,
    ceil_mode: bool = False,
) -> Tensor:
    r"""The p-norm of every window that slides over the last three dimensions, signs left in.

    .. math:: y_i = \left(\sum_{m=0}^{k-1} x_{i s + m}^p\right)^{1/p}

    with window k and stride s. For p = 1 it is the sum, for large p nearly the maximum.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, D, H, W)`` or ``(C, D, H, W)``.
    norm_type : float
        The power p.
    kernel_size : int or tuple of three
        Elements of a window.
    stride : int or tuple of three, optional
        From one window to the next; `kernel_size` unless given.
    ceil_mode : bool, default False
        Also take a last window that reaches beyond the end.

    Returns
    -------
    Tensor
        Shape ``(N, C, D_out, H_out, W_out)``.

    Raises
    ------
    ShapeError
        If the input has other dimensions, or is smaller than a window.
    ArgumentError
        If a size is not positive.
    DTypeError
        If the input is complex, or a size no integer.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.lp_pool3d(lucid.tensor([[[[3.0, 4.0], [0.0, 0.0]]]]), 2, (1, 2, 2))
    Tensor([[[[5.0000]]]])
    """
    return _power_pool("lp_pool3d", 3, input, norm_type, kernel_size, stride, ceil_mode)
