"""Reading and writing at indices, which may be the samples' own."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.apply import apply
from ...core.primitive import Primitive
from ...core.tensor import values as values_of
from ...ops.broadcasting import broadcast_to
from ...ops.embedding import _embedding
from ...ops.indexing import HERE, _getitem_arrays, _place, filled
from ...ops.selection import where
from ...ops.shape import reshape
from .registry import batches, everywhere

_ALL = slice(None)


def positions(shape: tuple[int, ...], indices: Any, pattern: Any) -> Any:
    """Where the elements that an index names stand among all of a sample, counted in a row."""
    numbers = np.arange(int(np.prod(shape, dtype=np.int64))).reshape(shape)
    return numbers[filled(pattern, tuple(indices))]


def _flat_index(
    level: Any, shape: Any, indices: Any, batched: Any, pattern: Any
) -> tuple[Any, Any]:
    """An index into ``(B, elements)`` that names the same, and its pattern.

    The indices of each sample are turned into numbers of elements, so that one rule serves
    every pattern.
    """
    raw = [values_of(index) for index in indices]
    if not any(batched):
        return [positions(shape, raw, pattern)], (_ALL, HERE)
    each = [
        positions(shape, [r[i] if b else r for r, b in zip(raw, batched, strict=True)], pattern)
        for i in range(level.size)
    ]
    places = np.stack(each)
    rows = np.arange(level.size).reshape((-1,) + (1,) * (places.ndim - 1))
    return [rows, places], (HERE, HERE)


def _flat(x: Any) -> Any:
    return reshape(x, (x.shape[0], int(np.prod(x.shape[1:], dtype=np.int64))))


@batches("getitem")
def _getitem(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    return apply(prim, values[0], pattern=(_ALL, *static["pattern"]))


@batches("getitem_arrays")
def _read(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    x, *indices = values
    shape = x.shape[1:] if batched[0] else x.shape
    index, pattern = _flat_index(level, shape, indices, batched[1:], static["pattern"])
    if not batched[0]:
        return apply(_getitem_arrays, reshape(x, (-1,)), index[1], pattern=(HERE,))
    return apply(_getitem_arrays, _flat(x), *index, pattern=pattern)


@batches("place")
def _lay_out(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    g, *indices = values
    shape, pattern = static["shape"], static["pattern"]
    g = everywhere(level.size, g, batched[0])
    if not indices:
        return apply(_place, g, pattern=(_ALL, *pattern), shape=(level.size, *shape))
    index, pattern = _flat_index(level, shape, indices, batched[1:], pattern)
    count = int(np.prod(shape, dtype=np.int64))
    laid = apply(_place, g, *index, pattern=pattern, shape=(level.size, count))
    return reshape(laid, (level.size, *shape))


@batches("setitem", "add_at", "multiply_at", "extreme_at")
def _write(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    x, value, *indices = values
    rest = {key: each for key, each in static.items() if key != "pattern"}
    x = everywhere(level.size, x, batched[0])
    shape, pattern = x.shape[1:], static["pattern"]
    if not indices:
        region = np.empty(shape, np.bool_)[pattern].shape
        value = _laid(level, value, batched[1], region)
        return apply(prim, x, value, pattern=(_ALL, *pattern), **rest)
    index, flat_pattern = _flat_index(level, shape, indices, batched[2:], pattern)
    region = index[-1].shape[1:] if len(index) == 2 else index[0].shape
    value = _laid(level, value, batched[1], region)
    written = apply(prim, _flat(x), value, *index, pattern=flat_pattern, **rest)
    return reshape(written, x.shape)


def _laid(level: Any, value: Any, batched: bool, region: tuple[int, ...]) -> Any:
    """What is written, in the shape of all samples' regions."""
    if batched:
        missing = len(region) - (value.ndim - 1)
        if missing > 0:
            value = reshape(value, (level.size, *(1,) * missing, *value.shape[1:]))
    array: Any = value if hasattr(value, "shape") else np.asarray(value)
    return broadcast_to(array, (level.size, *region))


# ---- rows of a table --------------------------------------------------------------------


def _numbered(level: Any, index: Any, batched: bool, count: int) -> Any:
    """Indices into the rows of all samples' tables, which stand one below the other."""
    raw = values_of(everywhere(level.size, index, batched))
    first = np.arange(level.size).reshape((-1,) + (1,) * (raw.ndim - 1)) * count
    return raw + first


@batches("embedding")
def _rows(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    weight, index = values
    if not batched[0]:
        return apply(prim, weight, index, **static)
    if static["by_freq"]:
        return None
    table = reshape(weight, (weight.shape[0] * weight.shape[1], weight.shape[2]))
    places = _numbered(level, index, batched[1], weight.shape[1])
    rows = apply(_embedding, table, places, padding_idx=-1, by_freq=False)
    padding = static["padding_idx"]
    if padding < 0:
        return rows
    return where((places % weight.shape[1] != padding)[..., None], rows, rows.detach())


@batches("embedding_gradient")
def _add_rows(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    g, count = everywhere(level.size, values[0], batched[0]), static["count"]
    places = _numbered(level, values[1], batched[1], count)
    rows = apply(prim, g, places, count=count * level.size)
    return reshape(rows, (level.size, count, rows.shape[1]))
