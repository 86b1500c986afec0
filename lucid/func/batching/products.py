"""Products of matrices: the samples are one more leading dimension, or part of the rows."""

from __future__ import annotations

from typing import Any

from ...core.apply import apply
from ...core.primitive import Primitive
from ...ops.shape import reshape
from .registry import aligned, batches


def _ndim(x: Any, batched: bool) -> int:
    return int(x.ndim) - batched


def matmul(a: Any, b: Any, batched: list[bool]) -> Any:
    """The product of what `batched` says are many matrices or vectors, for each sample."""
    a_vector, b_vector = _ndim(a, batched[0]) == 1, _ndim(b, batched[1]) == 1
    if not batched[1] and b.ndim <= 2:  # many rows, one matrix or vector
        return a @ b
    if not batched[0] and b_vector and a.ndim <= 2:
        return b @ (a if a_vector else a.T)
    if a_vector:
        a = reshape(a, (*a.shape[:-1], 1, a.shape[-1]))
    if b_vector:
        b = reshape(b, (*b.shape, 1))
    a, b = aligned([a, b], batched, 2)
    product = a @ b
    if a_vector and b_vector:
        return reshape(product, product.shape[:-2])
    if a_vector:
        return reshape(product, (*product.shape[:-2], product.shape[-1]))
    return reshape(product, product.shape[:-1]) if b_vector else product


@batches("matmul")
def _matmul(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    a, b = values
    return matmul(a, b, batched)


def affine(values: list[Any], batched: list[bool]) -> Any:
    """``x W' + b``, where each of the three may be of one sample or shared."""
    x, w, b = values
    if batched[1]:
        out = matmul(x, w.swapaxes(-1, -2), batched[:2])
    else:
        out = x @ w.T
    if b is None:
        return out
    return sum_of(out, b, [batched[0] or batched[1], batched[2]])


def sum_of(a: Any, b: Any, batched: list[bool]) -> Any:
    """The sum of two terms that broadcast as the samples do."""
    a, b = aligned([a, b], batched)
    return a + b


@batches("linear")
def _linear(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    if batched == [True, False, False]:
        return apply(prim, *values)
    return affine(values, batched)
