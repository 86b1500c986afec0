"""Order statistics: the median, the k-th value, the most frequent one."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, values
from ..dtypes import is_floating
from ..errors import ArgumentError, compose
from ..samples import Draw, Sample
from .axes import normal_axis, one_spelling
from .bind import method
from .extremes import to_equals
from .out import into
from .picking import Chosen, grid, on_vector, refuse_empty, to_chosen
from .promotion import refuse_unordered


def _along_samples(draw: Draw, **static: Any) -> list[Sample]:
    return [
        draw.sample(draw.apart(3, 5), axis=1, keepdims=False, **static),
        draw.sample(draw.apart(4, 2, 3), axis=0, keepdims=True, **static),
    ]


def is_nan(x: Any) -> Any:
    """Where an array is NaN; nowhere for integers."""
    return x != x


def _chosen(x: Any, index: Any, axis: int, keepdims: bool) -> tuple[Any, Any]:
    """The elements at `index`, which has length 1 along `axis`, and the index."""
    found = x[grid(index, axis)]
    if keepdims:
        return found, index
    return found.squeeze(axis), index.squeeze(axis)


# ---- median ---------------------------------------------------------------------------


def _median_index(x: Any, axis: int, ignore_nan: bool) -> Any:
    """Where the lower of the two middle elements stands, in every lane along `axis`."""
    nan = is_nan(x)
    if ignore_nan and nan.any():
        order = np.argsort(x, axis=axis, kind="stable")  # NaN last
        count = np.add.reduce(~nan, axis=axis, keepdims=True, dtype=np.int64)
        return order[grid(np.maximum((count - 1) // 2, 0), axis)]
    middle = (x.shape[axis] - 1) // 2
    index = np.argpartition(x, middle, axis=axis).take([middle], axis)
    if nan.any():
        bad = nan.any(axis=axis, keepdims=True)
        index = np.where(bad, np.argmax(nan, axis=axis, keepdims=True), index)
    return index


@primitive(
    "median",
    saves=("out[1]",),
    outputs=2,
    samples=lambda draw: [
        *_along_samples(draw, ignore_nan=False),
        *_along_samples(draw, ignore_nan=True),
    ],
)
def _median(x: Any, *, axis: int, keepdims: bool, ignore_nan: bool) -> Any:
    return _chosen(x, _median_index(x, axis, ignore_nan), axis, keepdims)


@_median.rule
def _(g, y, x, *, axis, keepdims, ignore_nan):
    return (to_chosen(g[0], values(y[1]), x, axis, keepdims),)


@primitive(
    "median_of_all",
    saves=("x", "out"),
    samples=lambda draw: [draw.sample(draw.apart(3, 3), ignore_nan=flag) for flag in (True, False)],
)
def _median_of_all(x: Any, *, ignore_nan: bool) -> Any:
    flat = x.reshape(-1)
    if not flat.size:
        return np.asarray(np.nan, x.dtype)
    return flat[_median_index(flat, 0, ignore_nan)[0]]


@_median_of_all.rule
def _(g, y, x, *, ignore_nan):
    return (to_equals(g, y, x, tuple(range(x.ndim)), False),)


@method("median")
def median(
    input: Tensor,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    axis: int | None = None,
    keepdims: bool = False,
    out: Any = None,
) -> Any:
    """The median of all elements, or those along a dimension with their places.

    Of an even number of elements the lower of the two in the middle is meant.

    Parameters
    ----------
    input : Tensor
        Real. A NaN among the elements is their median.
    dim : int, optional
        Also spelled `axis`.
    keepdim : bool, default False
        Keep the dimension with length 1. Also spelled `keepdims`.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor, or with `dim` a named pair ``(values, indices)``
        Without `dim` equal elements share the gradient.

    Raises
    ------
    IndexingError
        If there is no such dimension, or no element along it.
    DTypeError
        If the input is complex.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([4.0, 1.0, 3.0, 2.0]).median()
    Tensor(2.0000)
    >>> lucid.tensor([[4.0, 1.0, 3.0]]).median(dim=1).indices
    Tensor([2])
    """
    if out is not None:
        return into(median, locals())
    chosen = one_spelling("median", dim, axis)
    return _middle("median", input, chosen, keepdim or keepdims, False)


@method("nanmedian")
def nanmedian(
    input: Tensor,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    axis: int | None = None,
    keepdims: bool = False,
    out: Any = None,
) -> Any:
    """The median of what is not NaN (as `median`); NaN where nothing is left.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1.0, float("nan"), 3.0]).nanmedian()
    Tensor(1.0000)
    """
    if out is not None:
        return into(nanmedian, locals())
    chosen = one_spelling("nanmedian", dim, axis)
    return _middle("nanmedian", input, chosen, keepdim or keepdims, True)


def _middle(caller: str, input: Any, dim: Any, keep: bool, ignore_nan: bool) -> Any:
    refuse_unordered(caller, input)
    if dim is None:
        if 0 in input.shape and not is_floating(input.dtype):
            refuse_empty(caller, input, tuple(range(input.ndim)))
        return apply(_median_of_all, input, ignore_nan=ignore_nan)
    return _along(caller, _median, input, dim, keep, ignore_nan=ignore_nan)


def _along(caller: str, prim: Any, input: Any, dim: Any, keep: bool, **static: Any) -> Any:
    """Values and indices along one dimension."""
    axis = normal_axis(caller, dim, input)
    if not input.ndim:
        return on_vector(lambda v: apply(prim, v, axis=0, keepdims=True, **static), input)
    if 0 in input.shape:
        refuse_empty(caller, input, (axis,))
    return Chosen(*apply(prim, input, axis=axis, keepdims=keep, **static))


# ---- k-th value and mode --------------------------------------------------------------


@primitive("kthvalue", saves=("out[1]",), outputs=2, samples=lambda draw: _along_samples(draw, k=2))
def _kthvalue(x: Any, *, k: int, axis: int, keepdims: bool) -> Any:
    index = np.argpartition(x, k - 1, axis=axis).take([k - 1], axis)
    return _chosen(x, index, axis, keepdims)


@_kthvalue.rule
def _(g, y, x, *, k, axis, keepdims):
    return (to_chosen(g[0], values(y[1]), x, axis, keepdims),)


@method("kthvalue")
def kthvalue(
    input: Tensor,
    k: int,
    dim: int = -1,
    keepdim: bool = False,
    *,
    axis: int | None = None,
    keepdims: bool = False,
    out: Any = None,
) -> Chosen:
    """The k-th smallest elements along a dimension, counted from 1, with their places.

    Parameters
    ----------
    input : Tensor
        Real. NaN counts as the largest.
    k : int
    dim : int, default -1
        Also spelled `axis`.
    keepdim : bool, default False
        Keep the dimension with length 1. Also spelled `keepdims`.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    values : Tensor
    indices : Tensor of int64

    Raises
    ------
    ArgumentError
        If there are fewer than `k` elements, or `k` is less than 1.
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([4.0, 1.0, 3.0]).kthvalue(2)
    Chosen(values=Tensor(3.0000), indices=Tensor(2))
    """
    if out is not None:
        return into(kthvalue, locals())
    refuse_unordered("kthvalue", input)
    chosen = dim if axis is None else axis
    along = normal_axis("kthvalue", chosen, input)
    length = input.shape[along] if input.ndim else 1
    if not 1 <= k <= length:
        problem = f"k must lie between 1 and {length}, the length of the dimension"
        raise ArgumentError(compose("kthvalue", problem, {"input": input, "k": k}))
    return _along("kthvalue", _kthvalue, input, chosen, keepdim or keepdims, k=k)


@primitive("mode", saves=("out[1]",), outputs=2, samples=lambda draw: _along_samples(draw))
def _mode(x: Any, *, axis: int, keepdims: bool) -> Any:
    # In sorted lanes equal elements form runs: the longest run is the mode, the first of several.
    ordered = np.moveaxis(np.sort(x, axis=axis), axis, -1)
    place = np.arange(ordered.shape[-1])
    before, after = ordered[..., :-1], ordered[..., 1:]
    starts = np.ones(ordered.shape, np.bool_)
    starts[..., 1:] = (before != after) & ~(is_nan(before) & is_nan(after))
    run = place - np.maximum.accumulate(np.where(starts, place, 0), axis=-1)
    best = np.argmax(run, axis=-1, keepdims=True)
    mode = np.moveaxis(ordered[grid(best, ordered.ndim - 1)], -1, axis)
    same = (x == mode) | (is_nan(x) & is_nan(mode))
    last = x.shape[axis] - 1 - np.argmax(np.flip(same, axis), axis=axis, keepdims=True)
    return _chosen(x, last, axis, keepdims)


@_mode.rule
def _(g, y, x, *, axis, keepdims):
    return (to_chosen(g[0], values(y[1]), x, axis, keepdims),)


@method("mode")
def mode(
    input: Tensor,
    dim: int = -1,
    keepdim: bool = False,
    *,
    axis: int | None = None,
    keepdims: bool = False,
    out: Any = None,
) -> Chosen:
    """The most frequent elements along a dimension, with the places where they stand last.

    Parameters
    ----------
    input : Tensor
        Real.
    dim : int, default -1
        Also spelled `axis`.
    keepdim : bool, default False
        Keep the dimension with length 1. Also spelled `keepdims`.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    values : Tensor
        Of several equally frequent ones the smallest.
    indices : Tensor of int64

    Raises
    ------
    IndexingError
        If there is no such dimension, or no element along it.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([2, 1, 1, 2, 3]).mode()
    Chosen(values=Tensor(1), indices=Tensor(2))
    """
    if out is not None:
        return into(mode, locals())
    refuse_unordered("mode", input)
    chosen = dim if axis is None else axis
    return _along("mode", _mode, input, chosen, keepdim or keepdims)
