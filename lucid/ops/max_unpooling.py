"""Max unpooling: values laid back where max pooling found them, among zeros."""

from __future__ import annotations

import math
from typing import Any

from ..core.tensor import Tensor, values
from ..errors import ArgumentError, IndexingError, ShapeError, compose
from .gathering import integers
from .numbers import integers as sizes_of
from .picking import put_back
from .windows import check_dims


def _unpool(
    where: str,
    dims: int,
    input: Tensor,
    indices: Tensor,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    output_size: Any,
) -> Tensor:
    lengths = check_dims(where, input, dims)
    index = integers(where, indices)
    if index.shape != input.shape:
        problem = "the indices must have the shape of the input"
        raise ShapeError(compose(where, problem, {"input": input, "indices": indices}))
    kernel_size = sizes_of(where, "kernel_size", kernel_size, dims)
    stride = kernel_size if stride is None else sizes_of(where, "stride", stride, dims)
    padding = sizes_of(where, "padding", padding, dims)
    sizes = [
        (n - 1) * s - 2 * p + k
        for n, s, p, k in zip(lengths, stride, padding, kernel_size, strict=True)
    ]
    if output_size is not None:
        sizes = _chosen(where, dims, input, sizes, stride, output_size)
    lead, length = input.shape[: input.ndim - dims], math.prod(sizes)
    raw = values(index)
    if raw.size and not 0 <= raw.min() <= raw.max() < length:
        problem = f"an index lies outside of the output, which has {length} places: {sizes}"
        fix = "output_size=x.shape, of the tensor that was pooled"
        raise IndexingError(compose(where, problem, {"input": input, "indices": indices}, fix))
    flat = (math.prod(lead), math.prod(lengths))
    laid = put_back(input.reshape(*flat), index.reshape(*flat), 1, length)
    return laid.reshape(*lead, *sizes)


def _chosen(
    where: str, dims: int, input: Tensor, sizes: list[int], stride: Any, output_size: Any
) -> list[int]:
    """The sizes that the caller wants, if they are not too far from those that follow."""
    wanted = list(output_size)
    if len(wanted) == dims + 1 or len(wanted) == dims + 2:
        wanted = wanted[-dims:]
    fits = len(wanted) == dims and all(
        size - step < want < size + step
        for size, step, want in zip(sizes, stride, wanted, strict=True)
    )
    if not fits:
        problem = f"output_size must lie within less than a stride of {sizes}"
        raise ArgumentError(compose(where, problem, {"input": input, "output_size": output_size}))
    return wanted


def max_unpool1d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Tensor:
    """Lay the values that `max_pool1d` chose back in their places, with zeros elsewhere.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, L)`` or ``(C, L)``.
    indices : Tensor of int
        The places, as `max_pool1d` gives them with ``return_indices=True``.
    kernel_size, stride, padding : int or tuple of one
        As they were given to `max_pool1d`.
    output_size : sequence of int, optional
        The shape that was pooled, where several have the same shape after pooling.

    Returns
    -------
    Tensor
        Shape ``(N, C, L_out)``, each
        ``(length - 1) * stride - 2 * padding + kernel_size``.

    Raises
    ------
    ShapeError
        If the input has other dimensions, or another shape than the indices.
    ArgumentError
        If `output_size` is further from the sizes above than a stride.
    IndexingError
        If an index lies outside of the output.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> x = lucid.tensor([[1.0, 3.0, 2.0, 5.0]])
    >>> F.max_unpool1d(*F.max_pool1d(x, 2, return_indices=True), 2)
    Tensor([[0.0000, 3.0000, 0.0000, 5.0000]])
    """
    name = "max_unpool1d"
    return _unpool(name, 1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Tensor:
    """Lay the values that `max_pool2d` chose back in their places, with zeros elsewhere.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, H, W)`` or ``(C, H, W)``.
    indices : Tensor of int
        The places, as `max_pool2d` gives them with ``return_indices=True``.
    kernel_size, stride, padding : int or tuple of two
        As they were given to `max_pool2d`.
    output_size : sequence of int, optional
        The shape that was pooled, where several have the same shape after pooling.

    Returns
    -------
    Tensor
        Shape ``(N, C, H_out, W_out)``, each
        ``(length - 1) * stride - 2 * padding + kernel_size``.

    Raises
    ------
    ShapeError
        If the input has other dimensions, or another shape than the indices.
    ArgumentError
        If `output_size` is further from the sizes above than a stride.
    IndexingError
        If an index lies outside of the output.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> x = lucid.tensor([[[1.0, 3.0], [2.0, 5.0]]])
    >>> F.max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), 2)
    Tensor([[[0.0000, 0.0000],
             [0.0000, 5.0000]]])
    """
    name = "max_unpool2d"
    return _unpool(name, 2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Tensor:
    """Lay the values that `max_pool3d` chose back in their places, with zeros elsewhere.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, D, H, W)`` or ``(C, D, H, W)``.
    indices : Tensor of int
        The places, as `max_pool3d` gives them with ``return_indices=True``.
    kernel_size, stride, padding : int or tuple of three
        As they were given to `max_pool3d`.
    output_size : sequence of int, optional
        The shape that was pooled, where several have the same shape after pooling.

    Returns
    -------
    Tensor
        Shape ``(N, C, D_out, H_out, W_out)``, each
        ``(length - 1) * stride - 2 * padding + kernel_size``.

    Raises
    ------
    ShapeError
        If the input has other dimensions, or another shape than the indices.
    ArgumentError
        If `output_size` is further from the sizes above than a stride.
    IndexingError
        If an index lies outside of the output.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> x = lucid.tensor([[[[1.0, 3.0], [2.0, 5.0]]]])
    >>> F.max_unpool3d(*F.max_pool3d(x, (1, 2, 2), return_indices=True), (1, 2, 2))
    Tensor([[[[0.0000, 0.0000],
              [0.0000, 5.0000]]]])
    """
    name = "max_unpool3d"
    return _unpool(name, 3, input, indices, kernel_size, stride, padding, output_size)
