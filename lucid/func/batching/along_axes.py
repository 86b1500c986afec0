"""Ops along dimensions that they name: behind the samples, each is one further on."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.apply import apply
from ...core.primitive import Primitive
from ...ops.shape import reshape
from .registry import batches, everywhere

_ALONG = """
    all amax amin any argsort count_nonzero cumprod cummax cummin cumsum diagonal fft fold_border
    irfft kthvalue log_softmax logcumsumexp logsumexp max mean median min mode nanmean nansum norm
    norm_0 overlap_add pad_border prod resample resample_back rfft roll shift softmax sort split
    std sum topk unbind unfold var
"""
_PAIRS = "add_along gather linear_recurrence pick put_back"


def moved(static: dict[str, Any]) -> dict[str, Any]:
    """The keywords of an op, with the dimensions that they name one further on."""
    found = dict(static)
    for key in ("axis", "axes"):
        where = found.get(key)
        if type(where) is tuple:
            found[key] = tuple(i if i < 0 else i + 1 for i in where)
        elif where is not None:
            found[key] = where if where < 0 else where + 1
    return found


@batches(*_ALONG.split())
def _along(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    return apply(prim, values[0], **moved(static))


@batches(*_PAIRS.split())
def _pairs(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    both = [everywhere(level.size, x, b) for x, b in zip(values, batched, strict=True)]
    return apply(prim, *both, **moved(static))


@batches("cat", "stack")
def _joined(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    parts = [everywhere(level.size, x, b) for x, b in zip(values, batched, strict=True)]
    return apply(prim, *parts, **moved(static))


@batches("permute")
def _permute(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    return apply(prim, values[0], axes=(0, *(i + 1 for i in static["axes"])))


@batches("argmax", "argmin")
def _place_of_extreme(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    x, axis, keep = values[0], static["axis"], static["keepdims"]
    if axis is not None:
        return apply(prim, x, **moved(static))
    place = apply(prim, reshape(x, (level.size, -1)), axis=1, keepdims=False)
    return reshape(place, (level.size, *(1,) * (x.ndim - 1))) if keep else place


@batches("diag_embed")
def _diag_embed(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    laid = {**moved(static), "shape": (level.size, *static["shape"])}
    return apply(prim, values[0], **laid)


@batches("pad_constant")
def _pad_constant(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    return apply(prim, values[0], widths=((0, 0), *static["widths"]), value=static["value"])


@batches("as_strided")
def _as_strided(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    (x,) = values
    step = int(np.prod(x.shape[1:], dtype=np.int64))
    size, stride = (level.size, *static["size"]), (step, *static["stride"])
    return apply(prim, x, size=size, stride=stride, offset=static["offset"])


@batches("sum_strided")
def _sum_strided(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    step = int(np.prod(static["shape"], dtype=np.int64))
    shape, stride = (level.size, *static["shape"]), (step, *static["stride"])
    return apply(prim, values[0], shape=shape, stride=stride, offset=static["offset"])


@batches("searchsorted")
def _searchsorted(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    rows, x = values
    if not batched[0] and rows.ndim == 1:
        return apply(prim, rows, x, **static)
    rows, x = (everywhere(level.size, v, b) for v, b in zip(values, batched, strict=True))
    if rows.ndim == 2:  # one row a sample, for values of any shape
        found = apply(prim, rows, reshape(x, (level.size, -1)), **static)
        return reshape(found, x.shape)
    return apply(prim, rows, x, **static)
