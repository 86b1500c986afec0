"""The windows of pooling: what the arguments ask for, as spans over the dimensions."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..errors import ArgumentError, ShapeError, compose, not_a_tensor
from ..kernels.windows import Span, edges
from .numbers import integer, integers

Spans = tuple[Span, ...]

_WHOLE = Span(1, 1)


def planes(x: Any, dims: int) -> Any:
    """An array as planes of three dimensions, ``(P, D, H, W)``, of which `dims` are its last."""
    lead = x.ndim - dims
    return np.ascontiguousarray(x).reshape(
        math.prod(x.shape[:lead]), *(1,) * (3 - dims), *x.shape[lead:]
    )


def counts_of(x: Any, spans: Spans) -> tuple[int, ...]:
    """The shape after pooling."""
    return (*x.shape[: x.ndim - len(spans)], *(span.number for span in spans))


def edges_of(spans: Spans) -> Any:
    """The edges of the windows in three dimensions."""
    return tuple(map(edges, whole(spans)))


def whole(spans: Spans) -> Spans:
    """Spans over three dimensions."""
    return (_WHOLE,) * (3 - len(spans)) + spans


def check_dims(where: str, input: Any, dims: int) -> tuple[int, ...]:
    """The last `dims` lengths of an input with one or two dimensions before them.

    Raises
    ------
    DTypeError
        If the input is no tensor.
    ShapeError
        If it has other dimensions, or none of the lengths but the first may be zero and is.
    """
    if not isinstance(input, Tensor):
        raise not_a_tensor(where, input)
    shape = input.data.shape
    if len(shape) - dims not in (1, 2):
        letters = ", ".join(("D", "H", "W")[-dims:] if dims > 1 else "L")
        problem = f"the input must have shape (N, C, {letters}) or (C, {letters})"
        fix = "input.unsqueeze(0), where the batch or the channels are missing"
        raise ShapeError(compose(where, problem, {"input": input}, fix))
    if 0 in shape[-dims - 1 :]:
        problem = "no dimension of the input but the batch may be empty"
        raise ShapeError(compose(where, problem, {"input": input}))
    return shape[-dims:]


def sliding(
    where: str,
    input: Any,
    dims: int,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Spans:
    """The spans of windows that slide over the last dimensions.

    Raises
    ------
    DTypeError
        If the input is no tensor, or a size no integer.
    ArgumentError
        If a size is not positive, or the padding more than half of a window.
    ShapeError
        If the input has other dimensions, or is smaller than a window.
    """
    lengths = check_dims(where, input, dims)
    sizes = integers(where, "kernel_size", kernel_size, dims)
    strides = sizes if stride is None or stride == () else integers(where, "stride", stride, dims)
    paddings = integers(where, "padding", padding, dims)
    dilations = integers(where, "dilation", dilation, dims)
    spans = []
    for each in zip(lengths, sizes, strides, paddings, dilations, strict=True):
        span = _fit(*each, bool(ceil_mode))
        if isinstance(span, str):
            seen = {"input": input, "kernel_size": sizes, "stride": strides}
            seen.update(padding=paddings, dilation=dilations)
            kind = ShapeError if span.startswith("a window") else ArgumentError
            raise kind(compose(where, span, seen))
        spans.append(span)
    return tuple(spans)


@functools.lru_cache(maxsize=1024)
def _fit(
    length: int, size: int, stride: int, padding: int, dilation: int, ceil: bool
) -> Span | str:
    """The windows over one dimension, or what is wrong with them."""
    if min(size, stride, dilation) < 1:
        return "kernel_size, stride and dilation must be positive"
    reach = (size - 1) * dilation + 1
    if not 0 <= padding <= reach // 2:
        return f"padding must lie between 0 and half of the window, {reach // 2}"
    room = length + 2 * padding - reach
    count = (room + (stride - 1 if ceil else 0)) // stride + 1
    if ceil and (count - 1) * stride >= length + padding:
        count -= 1  # the last window would begin behind the input
    if count < 1:
        return f"a window reaches over {reach}, and the padded input over {length + 2 * padding}"
    return Span(length, count, size, stride, padding, dilation)


def sharing(where: str, input: Any, dims: int, output_size: Any) -> Spans:
    """The spans of windows that share out the last dimensions among `output_size`.

    Raises
    ------
    DTypeError
        If the input is no tensor, or a size neither an integer nor None.
    ArgumentError
        If a size is negative.
    ShapeError
        If the input has other dimensions.
    """
    lengths = check_dims(where, input, dims)
    sizes = output_size if isinstance(output_size, tuple | list) else (output_size,) * dims
    if len(sizes) == 1:
        sizes = tuple(sizes) * dims
    if len(sizes) != dims:
        problem = f"output_size must be one size or {dims}"
        raise ArgumentError(compose(where, problem, {"output_size": output_size}))
    spans = []
    for length, size in zip(lengths, sizes, strict=True):
        count = length if size is None else integer(where, "output_size", size)
        if count < 0:
            problem = "output_size must not be negative"
            raise ArgumentError(compose(where, problem, {"output_size": output_size}))
        spans.append(Span(length, count))
    return tuple(spans)
