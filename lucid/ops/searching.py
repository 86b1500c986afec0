"""Searching and counting: unique, searchsorted, bucketize, isin, bincount, histc."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, to_array
from ..errors import ArgumentError, DTypeError, ShapeError, compose, not_a_tensor
from ..samples import Draw, Sample
from .axes import ndim_of, normal_axis
from .bind import method
from .gathering import take_along_dim
from .out import into
from .picking import pick
from .promotion import kind_of, refuse_unordered

# ---- distinct elements ----------------------------------------------------------------


def _unique_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw.integers(0, 4, 3, 4), axis=None),
        draw.sample(draw.integers(0, 2, 5, 2), axis=0),
    ]


@primitive("unique", outputs=3, samples=_unique_samples)
def _unique(x: Any, *, axis: int | None) -> Any:
    found, inverse, counts = np.unique(
        x, return_inverse=True, return_counts=True, axis=axis, equal_nan=False
    )
    return found, inverse.reshape(x.shape if axis is None else -1), counts


@method("unique")
def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The distinct elements in ascending order; every NaN is distinct.

    Parameters
    ----------
    input : Tensor
        Real.
    sorted : bool, default True
        The result is sorted either way; the argument is there for PyTorch's sake.
    return_inverse : bool, default False
        Also give for every element its place among the distinct ones.
    return_counts : bool, default False
        Also give how often each occurs.
    dim : int, optional
        Take slices along this dimension as the elements.

    Returns
    -------
    Tensor, or a tuple with inverse and counts, both int64

    Raises
    ------
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([3, 1, 3]).unique(return_counts=True)
    (Tensor([1, 3]), Tensor([1, 2]))
    """
    refuse_unordered("unique", input)
    axis = None if dim is None or not input.ndim else normal_axis("unique", dim, input)
    found, inverse, counts = apply(_unique, input, axis=axis)
    return _asked(found, inverse, counts, return_inverse, return_counts)


def _asked(found: Any, inverse: Any, counts: Any, with_inverse: bool, with_counts: bool) -> Any:
    parts = [found]
    if with_inverse:
        parts.append(inverse)
    if with_counts:
        parts.append(counts)
    return tuple(parts) if len(parts) > 1 else found


def _consecutive_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw.integers(0, 2, 8), axis=None),
        draw.sample(draw.integers(0, 2, 0), axis=None),
        draw.sample(draw.integers(0, 2, 2, 6), axis=1),
        draw.sample(np.repeat(draw(4), [1, 3, 1, 2]), axis=None),
    ]


@primitive("unique_consecutive", outputs=3, complex=True, samples=_consecutive_samples)
def _unique_consecutive(x: Any, *, axis: int | None) -> Any:
    slices = x.reshape(-1) if axis is None else np.moveaxis(x, axis, 0)
    starts = np.ones(len(slices), np.bool_)
    starts[1:] = (slices[1:] != slices[:-1]).any(axis=tuple(range(1, slices.ndim)))
    (places,) = np.nonzero(starts)
    inverse, counts = np.cumsum(starts) - 1, np.diff(places, append=len(slices))
    if axis is None:
        return slices[places], inverse.reshape(x.shape), counts
    return x.take(places, axis), inverse, counts


@method("unique_consecutive")
def unique_consecutive(
    input: Tensor,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The elements without those that equal the one before them; every NaN is distinct.

    Parameters
    ----------
    input : Tensor
        Flattened, unless there is a `dim`.
    return_inverse : bool, default False
        Also give for every element its place among those that are left.
    return_counts : bool, default False
        Also give how many equal ones each stands for.
    dim : int, optional
        Take slices along this dimension as the elements.

    Returns
    -------
    Tensor, or a tuple with inverse and counts, both int64

    Raises
    ------
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1, 1, 2, 1]).unique_consecutive()
    Tensor([1, 2, 1])
    """
    axis = None if dim is None else normal_axis("unique_consecutive", dim, input)
    if axis is not None and not input.ndim:
        axis = None
    found, inverse, counts = apply(_unique_consecutive, input, axis=axis)
    return _asked(found, inverse, counts, return_inverse, return_counts)


def _isin_samples(draw: Draw) -> list[Sample]:
    some = draw(3, 4)
    return [
        draw.sample(draw.integers(0, 9, 3, 4), draw.integers(0, 9, 3), invert=False),
        draw.sample(some, some[1], invert=True),
    ]


@primitive("isin", complex=True, samples=_isin_samples)
def _isin(elements: Any, tests: Any, *, invert: bool) -> Any:
    return np.isin(elements, tests, invert=invert)


def isin(
    elements: Any,
    test_elements: Any,
    *,
    assume_unique: bool = False,
    invert: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Whether each element is among others.

    Parameters
    ----------
    elements, test_elements : Tensor or number
    assume_unique : bool, default False
        There for PyTorch's sake.
    invert : bool, default False
        Ask whether it is not.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of bool
        Of the shape of `elements`.

    Examples
    --------
    >>> import lucid
    >>> lucid.isin(lucid.tensor([1, 2, 3]), lucid.tensor([3, 1]))
    Tensor([True, False, True])
    """
    if out is not None:
        return into(isin, locals())
    for name, value in (("elements", elements), ("test_elements", test_elements)):
        if not isinstance(value, Tensor | np.ndarray | bool | int | float | complex):
            raise not_a_tensor("isin", value, name)
    return apply(_isin, elements, test_elements, invert=invert)


# ---- places in sorted sequences ----------------------------------------------------------


def _search_samples(draw: Draw) -> list[Sample]:
    rows = np.sort(draw(2, 5), axis=1)
    return [
        draw.sample(rows[0], draw(3, 4), right=False),
        draw.sample(rows, draw(2, 3), right=True),
    ]


@primitive("searchsorted", samples=_search_samples)
def _searchsorted(rows: Any, x: Any, *, right: bool) -> Any:
    side: Literal["right", "left"] = "right" if right else "left"
    if rows.ndim == 1:
        return np.searchsorted(rows, x, side)
    places = np.empty(x.shape, np.int64)
    for lane in np.ndindex(x.shape[:-1]):
        places[lane] = np.searchsorted(rows[lane], x[lane], side)
    return places


def searchsorted(
    sorted_sequence: Tensor,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Where values would have to be inserted into ascending sequences to keep them ascending.

    Parameters
    ----------
    sorted_sequence : Tensor
        Ascending along the last dimension. A vector serves all values; otherwise its leading
        dimensions are those of `input`.
    input : Tensor or number
        The values.
    out_int32 : bool, default False
        Give int32 rather than int64.
    right : bool, default False
        After equal elements rather than before them.
    side : {"left", "right"}, optional
        The same in NumPy's words.
    sorter : Tensor of int64, optional
        The order that makes the sequences ascend, as of `argsort`, where they do not yet.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of int64
        Of the shape of `input`.

    Raises
    ------
    ShapeError
        If the leading dimensions differ, or `sorter` has another shape than the sequences.
    ArgumentError
        If `side` is neither of the two, or contradicts `right`.

    Examples
    --------
    >>> import lucid
    >>> lucid.searchsorted(lucid.tensor([1, 3, 5]), lucid.tensor([0, 3, 6]))
    Tensor([0, 1, 3])
    """
    if out is not None:
        return into(searchsorted, locals())
    if side not in (None, "left", "right") or (side == "left" and right):
        problem = "side must be 'left' or 'right', and agree with right="
        raise ArgumentError(compose("searchsorted", problem, {"side": side, "right": right}))
    if sorter is not None:
        sorted_sequence = _in_order(sorted_sequence, sorter)
    rows, x = _comparable("searchsorted", sorted_sequence, input)
    if rows.ndim != 1 and rows.shape[:-1] != x.shape[:-1]:
        problem = "the sequences must be one vector, or have the leading dimensions of the values"
        raise ShapeError(compose("searchsorted", problem, {"sorted_sequence": rows, "input": x}))
    places = apply(_searchsorted, rows, x, right=right or side == "right")
    return places.astype(np.int32) if out_int32 else places


def _in_order(sequence: Any, sorter: Any) -> Any:
    """The sequences in an order that is given for each."""
    if sorter.shape != sequence.shape:
        problem = "sorter must have the shape of the sequences"
        seen = {"sorted_sequence": sequence, "sorter": sorter}
        raise ShapeError(compose("searchsorted", problem, seen))
    return take_along_dim(sequence, sorter, -1)


def _comparable(caller: str, sequence: Any, value: Any) -> Any:
    """Two operands of one dtype, neither cut down to that of the other."""
    if not isinstance(value, Tensor | np.ndarray):
        if not isinstance(value, bool | int | float):
            raise not_a_tensor(caller, value)
        value = Tensor(value, dtype=to_array(value, None, caller).dtype)
    refuse_unordered(caller, sequence)
    refuse_unordered(caller, value)
    wide = np.promote_types(sequence.dtype, value.dtype)
    return sequence.astype(wide), value.astype(wide)


def bucketize(
    input: Any,
    boundaries: Tensor,
    *,
    out_int32: bool = False,
    right: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The bucket that each value falls into, between ascending boundaries.

    Parameters
    ----------
    input : Tensor or number
    boundaries : Tensor of shape (n,)
        Ascending.
    out_int32 : bool, default False
        Give int32 rather than int64.
    right : bool, default False
        Whether a value on a boundary belongs to the bucket above it.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of int64
        Numbers from 0 to n.

    Raises
    ------
    ShapeError
        If the boundaries are no vector.

    Examples
    --------
    >>> import lucid
    >>> lucid.bucketize(lucid.tensor([0, 3, 4]), lucid.tensor([1, 3]))
    Tensor([0, 1, 2])
    """
    if out is not None:
        return into(bucketize, locals())
    if ndim_of("bucketize", boundaries, "boundaries") != 1:
        raise ShapeError(
            compose("bucketize", "boundaries must be a vector", {"boundaries": boundaries})
        )
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


# ---- counting -------------------------------------------------------------------------


def _bincount_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw.integers(0, 5, 9), minlength=0),
        draw.sample(draw.integers(0, 5, 9), draw(9), minlength=7),
    ]


@primitive("bincount", saves=("x",), samples=_bincount_samples)
def _bincount(x: Any, *weights: Any, minlength: int) -> Any:
    if not weights:
        return np.bincount(x, minlength=minlength)
    sums = np.bincount(x, weights[0], minlength)
    return sums.astype(np.float32) if weights[0].dtype == np.float32 else sums


@_bincount.rule
def _(g, y, x, *weights, minlength):
    return None, *(pick(g, x, 0) for _ in weights)


@method("bincount")
def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each number occurs, or the sum of the weights where it does.

    Parameters
    ----------
    input : Tensor of integers, shape (n,)
        None negative.
    weights : Tensor of shape (n,), optional
    minlength : int, default 0
        The least length of the result.

    Returns
    -------
    Tensor of shape (count,)
        int64; with weights float32 for float32 ones, else float64. The weights have a gradient.

    Raises
    ------
    DTypeError
        If the input does not hold integers.
    ArgumentError
        If a number is negative, or `minlength` is.
    ShapeError
        If the input is no vector, or the weights have another shape.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([0, 2, 2]).bincount()
    Tensor([1, 0, 2])
    """
    seen = {"input": input, "weights": weights, "minlength": minlength}
    if kind_of("bincount", input) not in "iu":
        raise DTypeError(compose("bincount", "counts integers", seen, "input.long()"))
    if input.ndim != 1 or (weights is not None and weights.shape != input.shape):
        raise ShapeError(compose("bincount", "takes vectors of equal length", seen))
    if minlength < 0 or (input.shape[0] and int(input.min()) < 0):
        raise ArgumentError(compose("bincount", "numbers must not be negative", seen))
    extra = () if weights is None else (weights,)
    return apply(_bincount, input, *extra, minlength=minlength)


def _histc_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(20), bins=5, low=-1.0, high=1.0),
        draw.sample(draw(8), bins=3, low=0, high=0),
    ]


@primitive("histc", samples=_histc_samples)
def _histc(x: Any, *, bins: int, low: float, high: float) -> Any:
    if low == high and x.size:
        low, high = float(x.min()), float(x.max())
    if low == high:
        low, high = low - 1, high + 1
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError(f"the range {low} to {high} is not finite")
    return np.histogram(x, bins, (low, high))[0].astype(x.dtype)


@method("histc")
def histc(
    input: Tensor, bins: int = 100, min: float = 0, max: float = 0, *, out: Tensor | None = None
) -> Tensor:
    """How many elements fall into each of some intervals of equal width.

    Parameters
    ----------
    input : Tensor
        Floating.
    bins : int, default 100
        The number of intervals.
    min, max : float, default 0
        The range that they divide; where equal, that of the elements. What lies outside is
        not counted.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of shape (bins,)
        Of the dtype of the input. It carries no gradient.

    Raises
    ------
    DTypeError
        If the input is not floating.
    ArgumentError
        If `bins` is less than 1, ``min > max``, or the range is not finite.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1.0, 2.0, 1.0]).histc(bins=4, min=0, max=3)
    Tensor([0.0000, 2.0000, 1.0000, 0.0000])
    """
    if out is not None:
        return into(histc, locals())
    seen = {"input": input, "bins": bins, "min": min, "max": max}
    if kind_of("histc", input) != "f":
        raise DTypeError(compose("histc", "counts floating numbers", seen, "input.float()"))
    if bins < 1 or min > max:
        raise ArgumentError(compose("histc", "needs bins > 0 and min <= max", seen))
    return apply(_histc, input, bins=bins, low=float(min), high=float(max))
