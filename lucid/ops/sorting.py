"""Sorting, and the largest k."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, values
from ..errors import ArgumentError, compose
from ..samples import Draw, Sample
from .axes import normal_axis
from .bind import method
from .out import into
from .picking import Chosen, grid, on_vector, put_back
from .promotion import refuse_unordered


def _samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw.apart(3, 4), axis=1, descending=False),
        draw.sample(draw.apart(2, 3, 2), axis=1, descending=True),
        draw.sample(draw.apart(0, 3), axis=0, descending=False),
    ]


def _order(x: Any, axis: int, descending: bool) -> Any:
    """The order that sorts, equals in the order they had; NaN counts as the largest."""
    if not descending:
        return np.argsort(x, axis=axis, kind="stable")
    # Sorted upward from the far end and read backward, equals keep their order too.
    backward = np.argsort(np.flip(x, axis), axis=axis, kind="stable")
    return x.shape[axis] - 1 - np.flip(backward, axis)


@primitive("sort", saves=("out[1]",), outputs=2, samples=_samples)
def _sort(x: Any, *, axis: int, descending: bool) -> Any:
    order = _order(x, axis, descending)
    return x[grid(order, axis)], order


@_sort.rule
def _(g, y, x, *, axis, descending):
    return (put_back(g[0], values(y[1]), axis, x.shape[axis]),)


@method("sort")
def sort(
    input: Tensor,
    dim: int = -1,
    descending: bool = False,
    stable: bool = True,
    *,
    axis: int | None = None,
    out: Any = None,
) -> Chosen:
    """The elements along a dimension in order, and the places they came from.

    Parameters
    ----------
    input : Tensor
        Real. NaN counts as the largest.
    dim : int, default -1
        Also spelled `axis`.
    descending : bool, default False
        The largest first.
    stable : bool, default True
        Equals keep their order either way; the argument is there for PyTorch's sake.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    values : Tensor
    indices : Tensor of int64

    Raises
    ------
    IndexingError
        If there is no such dimension.
    DTypeError
        If the input is complex.

    Examples
    --------
    >>> import lucid
    >>> values, indices = lucid.tensor([3.0, 1.0, 2.0]).sort()
    >>> values, indices
    (Tensor([1.0000, 2.0000, 3.0000]), Tensor([1, 2, 0]))
    """
    if out is not None:
        return into(sort, locals())
    refuse_unordered("sort", input)
    along = normal_axis("sort", dim if axis is None else axis, input)
    if not input.ndim:
        return on_vector(sort, input)
    return Chosen(*apply(_sort, input, axis=along, descending=bool(descending)))


@primitive("argsort", samples=_samples)
def _argsort(x: Any, *, axis: int, descending: bool) -> Any:
    return _order(x, axis, descending)


@method("argsort")
def argsort(
    input: Tensor,
    dim: int = -1,
    descending: bool = False,
    stable: bool = True,
    *,
    axis: int | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The order that sorts a tensor along a dimension (parameters as for `sort`).

    Returns
    -------
    Tensor of int64

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([3.0, 1.0, 2.0]).argsort(descending=True)
    Tensor([0, 2, 1])
    """
    if out is not None:
        return into(argsort, locals())
    refuse_unordered("argsort", input)
    along = normal_axis("argsort", dim if axis is None else axis, input)
    if not input.ndim:
        return on_vector(argsort, input)
    return apply(_argsort, input, axis=along, descending=bool(descending))


@method("msort")
def msort(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The elements sorted along the first dimension: ``sort(input, dim=0).values``.

    Parameters
    ----------
    input : Tensor
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([[3, 1], [2, 4]]).msort()
    Tensor([[2, 1],
            [3, 4]])
    """
    if out is not None:
        return into(msort, locals())
    return sort(input, 0).values


def _topk_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw.apart(3, 5), k=2, axis=1, largest=True, ordered=True),
        draw.sample(draw.apart(4, 2), k=3, axis=0, largest=False, ordered=True),
        draw.sample(draw.apart(3, 5), k=5, axis=1, largest=True, ordered=True),
    ]


@primitive("topk", saves=("out[1]",), outputs=2, samples=_topk_samples)
def _topk(x: Any, *, k: int, axis: int, largest: bool, ordered: bool) -> Any:
    n = x.shape[axis]
    if 8 * k > n:  # partitioning first pays for few of many
        index = np.take(_order(x, axis, largest), np.arange(k), axis)
        return x[grid(index, axis)], index
    parted = (
        np.argpartition(x, n - k if largest else k - 1, axis=axis) if k else _order(x, axis, False)
    )
    index = np.take(parted, np.arange(n - k, n) if largest else np.arange(k), axis)
    found = x[grid(index, axis)]
    if ordered:
        order = _order(found, axis, largest)
        index, found = index[grid(order, axis)], found[grid(order, axis)]
    return found, index


@_topk.rule
def _(g, y, x, *, k, axis, largest, ordered):
    return (put_back(g[0], values(y[1]), axis, x.shape[axis]),)


@method("topk")
def topk(
    input: Tensor,
    k: int,
    dim: int = -1,
    largest: bool = True,
    sorted: bool = True,
    *,
    axis: int | None = None,
    out: Any = None,
) -> Chosen:
    """The k largest elements along a dimension, and their places.

    Parameters
    ----------
    input : Tensor
        Real. NaN counts as the largest.
    k : int
    dim : int, default -1
        Also spelled `axis`.
    largest : bool, default True
        False for the k smallest.
    sorted : bool, default True
        Whether they must come in order.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    values : Tensor
    indices : Tensor of int64

    Raises
    ------
    ArgumentError
        If there are fewer than `k` elements, or `k` is negative.
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1.0, 4.0, 2.0, 3.0]).topk(2)
    Chosen(values=Tensor([4.0000, 3.0000]), indices=Tensor([1, 3]))
    """
    if out is not None:
        return into(topk, locals())
    refuse_unordered("topk", input)
    along = normal_axis("topk", dim if axis is None else axis, input)
    length = input.shape[along] if input.ndim else 1
    if not 0 <= k <= length:
        problem = f"k must lie between 0 and {length}, the length of the dimension"
        raise ArgumentError(compose("topk", problem, {"input": input, "k": k}))
    if not input.ndim:
        return on_vector(topk, input, k)
    static = {"k": k, "axis": along, "largest": bool(largest), "ordered": bool(sorted)}
    return Chosen(*apply(_topk, input, **static))
