"""Embeddings: rows of a table by index, alone or in bags."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import samples
from ..core import versions
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, DTypeError, IndexingError, ShapeError, compose
from ..kernels import embedding as kernels
from .gathering import gather
from .scattering import index_add
from .selection import where

# ---- rows by index ----------------------------------------------------------------------


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    index = np.array([[1, 2, 1], [0, 1, 4]])
    return [
        draw.sample(draw(5, 3), index, padding_idx=-1, by_freq=False),
        draw.sample(draw(5, 3), index, padding_idx=3, by_freq=False),  # else no true gradient
        draw.sample(draw(5, 3), index[0, 0], padding_idx=-1, by_freq=False),
        draw.sample(draw(5, 3), index[:0], padding_idx=-1, by_freq=False),
    ]


@primitive("embedding", saves=("index",), samples=_samples)
def _embedding(weight: Any, index: Any, *, padding_idx: int, by_freq: bool) -> Any:
    return kernels.rows(weight, index)


@_embedding.rule
def _(g, y, weight, index, *, padding_idx, by_freq):
    index = index.data if isinstance(index, Tensor) else index
    if padding_idx >= 0:
        g = where((index != padding_idx)[..., None], g, 0.0)
    if by_freq:
        counts = np.bincount(index.reshape(-1), minlength=1)[index].astype(weight.dtype)
        g = g / counts[..., None]
    return (apply(_add_rows, g, index, count=weight.shape[0]), None)


def _add_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [draw.sample(draw(2, 3, 4), np.array([[1, 2, 1], [0, 1, 4]]), count=5)]


@primitive("embedding_gradient", saves=("index",), samples=_add_samples)
def _add_rows(g: Any, index: Any, *, count: int) -> Any:
    return kernels.add_rows(g, index, count)


@_add_rows.rule
def _(g, y, given, index, *, count):
    return (apply(_embedding, g, index, padding_idx=-1, by_freq=False), None)


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """The rows of a table that indices point to.

    Parameters
    ----------
    input : Tensor of int
        Indices, of any shape.
    weight : Tensor
        The table, shape ``(V, D)``.
    padding_idx : int, optional
        A row that gets no gradient. Negative numbers count from the end.
    max_norm : float, optional
        Rows that are looked up and have a greater norm are scaled down to it first, in place.
    norm_type : float, default 2
        The p of that norm.
    scale_grad_by_freq : bool, default False
        Divide the gradient of a row by how often it is looked up.
    sparse : bool, default False
        Taken for PyTorch's sake: gradients are dense either way.

    Returns
    -------
    Tensor
        Shape ``(*input.shape, D)``.

    Raises
    ------
    DTypeError
        If `input` does not hold integers.
    ShapeError
        If `weight` does not have two dimensions.
    IndexingError
        If an index is negative or not below V.
    ArgumentError
        If `padding_idx` is no row.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> table = lucid.Tensor([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])
    >>> F.embedding(lucid.tensor([2, 1]), table)
    Tensor([[3.0000, 4.0000],
            [1.0000, 2.0000]])
    """
    index = _checked("embedding", input, weight)
    if max_norm is not None:
        _renorm(weight, index.data, max_norm, norm_type)
    row = padding_row("embedding", padding_idx, len(weight))
    return apply(_embedding, weight, index, padding_idx=row, by_freq=bool(scale_grad_by_freq))


def padding_row(where_: str, padding_idx: int | None, count: int) -> int:
    """The row that is padding, counted from 0; -1 for none.

    Raises
    ------
    ArgumentError
        If there is no such row.

    Examples
    --------
    >>> padding_row("embedding", -1, 5)
    4
    """
    if padding_idx is None:
        return -1
    if not -count <= padding_idx < count:
        problem = f"padding_idx must lie between {-count} and {count - 1}"
        raise ArgumentError(compose(where_, problem, {"padding_idx": padding_idx}))
    return padding_idx + count if padding_idx < 0 else padding_idx


def _checked(where_: str, input: Any, weight: Any) -> Tensor:
    """The indices as int64."""
    seen = {"input": input, "weight": weight}
    for name, operand in seen.items():
        if not isinstance(operand, Tensor):
            problem = f"the {name} must be a tensor, not {type(operand).__name__}"
            raise DTypeError(compose(where_, problem, seen, f"lucid.tensor({name})"))
    if input.dtype.kind not in "iu":
        fix = "the table comes second" if weight.dtype.kind in "iu" else "input.long()"
        raise DTypeError(compose(where_, "the input must hold integers", seen, fix))
    if weight.ndim != 2:
        problem = "the weight must have two dimensions, (rows, features)"
        raise ShapeError(compose(where_, problem, seen))
    index = input.data
    if index.size and not 0 <= index.min() <= index.max() < len(weight.data):
        problem = f"every index must lie between 0 and {len(weight) - 1}, the last row"
        low, high = int(index.min()), int(index.max())
        raise IndexingError(compose(where_, problem, {**seen, "least": low, "largest": high}))
    return input if index.dtype == np.int64 else wrap(index.astype(np.int64))


def _renorm(weight: Tensor, index: Any, max_norm: float, p: float) -> None:
    """Scale the rows that are looked up down to a norm, in place."""
    chosen = np.unique(index)
    some = weight.data[chosen]
    norms = np.linalg.norm(some, p, axis=1)
    long = norms > max_norm
    if long.any():
        scale = (max_norm / (norms[long] + 1e-7)).astype(some.dtype)
        weight.data[chosen[long]] = some[long] * scale[:, None]
        versions.bump(weight.data)


# ---- bags of rows -----------------------------------------------------------------------


def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """Sums, means or maxima over bags of rows of a table.

    Parameters
    ----------
    input : Tensor of int
        Shape ``(B, n)``: bags of n indices each; or ``(N,)``: bags of different sizes, one
        after the other.
    weight : Tensor
        The table, shape ``(V, D)``.
    offsets : Tensor of int, optional
        Where each bag of a one-dimensional input begins. The first one begins at 0.
    max_norm, norm_type, scale_grad_by_freq, sparse
        As of `embedding`.
    mode : {"mean", "sum", "max"}
    per_sample_weights : Tensor, optional
        The shape of `input`: what rows are multiplied with, in sums.
    include_last_offset : bool, default False
        Whether `offsets` has the end of the last bag as well.
    padding_idx : int, optional
        An index that counts as not being there.

    Returns
    -------
    Tensor
        Shape ``(B, D)``; zeros for an empty bag.

    Raises
    ------
    ShapeError, DTypeError, IndexingError
        If the operands do not fit.
    ArgumentError
        If the mode is another word, `offsets` are missing or do not rise from 0, or there are
        weights with another mode than "sum".

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> table = lucid.Tensor([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])
    >>> F.embedding_bag(lucid.tensor([2, 1, 1]), table, lucid.tensor([0, 2]), mode="sum")
    Tensor([[4.0000, 6.0000],
            [1.0000, 2.0000]])
    """
    name = "embedding_bag"
    index = _checked(name, input, weight)
    if mode not in ("mean", "sum", "max"):
        problem = "mode must be 'mean', 'sum' or 'max'"
        raise ArgumentError(compose(name, problem, {"mode": mode}))
    bags, count = _bags(input, offsets, include_last_offset)
    factors = _factors(input, weight, per_sample_weights, mode)
    if max_norm is not None:
        _renorm(weight, index.data, max_norm, norm_type)
    flat = index.data.reshape(-1)[: len(bags)]  # the last offset may end before the input does
    factors = None if factors is None else factors[: len(bags)]
    row = padding_row(name, padding_idx, len(weight))
    if row >= 0:
        present = np.flatnonzero(flat != row)
        flat, bags = flat[present], bags[present]
        factors = None if factors is None else factors[wrap(present)]
    by_freq = bool(scale_grad_by_freq)
    rows = apply(_embedding, weight, wrap(flat), padding_idx=-1, by_freq=by_freq)
    if mode == "max":
        return _largest(rows, bags, count)
    if factors is not None:
        rows = rows * factors.unsqueeze(1)
    zeros = wrap(np.zeros((count, weight.shape[1]), weight.dtype))
    sums = index_add(zeros, 0, wrap(bags), rows)
    if mode == "sum":
        return sums
    sizes = np.maximum(np.bincount(bags, minlength=count), 1)[:, None]
    return sums / wrap(sizes.astype(weight.dtype))


def _bags(input: Tensor, offsets: Any, include_last: bool) -> tuple[Any, int]:
    """The bag of every index, and the number of bags."""
    name, seen = "embedding_bag", {"input": input, "offsets": offsets}
    if input.ndim == 2:
        if offsets is not None:
            problem = "an input of two dimensions has its bags in rows, and takes no offsets"
            raise ArgumentError(compose(name, problem, seen))
        return np.repeat(np.arange(input.shape[0]), input.shape[1]), input.shape[0]
    if input.ndim != 1:
        raise ShapeError(compose(name, "the input must have one or two dimensions", seen))
    if not isinstance(offsets, Tensor) or offsets.ndim != 1 or offsets.dtype.kind not in "iu":
        problem = "an input of one dimension needs offsets: a tensor (B,) of integers"
        raise ArgumentError(compose(name, problem, seen))
    starts = offsets.data.astype(np.int64)
    ends = np.append(starts[1:], len(input)) if not include_last else starts[1:]
    if include_last and not len(starts):
        raise ArgumentError(compose(name, "include_last_offset needs at least one offset", seen))
    sizes = ends - starts[: len(ends)]
    if len(starts) and (starts[0] != 0 or (sizes < 0).any() or ends[-1:].sum() > len(input)):
        problem = f"offsets must begin with 0, not fall, and not exceed {len(input)}"
        raise ArgumentError(compose(name, problem, seen))
    bags = np.repeat(np.arange(len(sizes)), sizes)
    return bags, len(sizes)


def _factors(input: Tensor, weight: Tensor, given: Any, mode: str) -> Tensor | None:
    """What each row is multiplied with, in one dimension."""
    if given is None:
        return None
    seen = {"input": input, "per_sample_weights": given}
    if mode != "sum":
        problem = "per_sample_weights are for mode='sum'"
        raise ArgumentError(compose("embedding_bag", problem, {**seen, "mode": mode}))
    if not isinstance(given, Tensor) or given.shape != input.shape:
        problem = "per_sample_weights must have the shape of the input"
        raise ShapeError(compose("embedding_bag", problem, seen))
    if given.dtype != weight.dtype:
        problem = "per_sample_weights must have the dtype of the weight"
        raise DTypeError(compose("embedding_bag", problem, {**seen, "weight": weight}))
    return given.reshape(-1)


def _largest(rows: Tensor, bags: Any, count: int) -> Tensor:
    """The largest of each bag, column by column; of equal ones the first gets the gradient."""
    values, sizes = rows.data, np.bincount(bags, minlength=count)
    width = values.shape[1]
    if not len(values):
        return wrap(np.zeros((count, width), values.dtype))
    best = np.full((count, width), -np.inf, values.dtype)
    np.maximum.at(best, bags, values)
    places = np.arange(len(values))[:, None]
    hit = np.where((values == best[bags]) | np.isnan(values), places, len(values))
    first = np.full((count, width), len(values))
    np.minimum.at(first, bags, hit)
    first[sizes == 0] = 0
    return where(wrap((sizes > 0)[:, None]), gather(rows, 0, wrap(first)), 0.0)
