"""Fused ops, and those that draw random numbers, by other ops within the `vmap`.

A fused op saves the price of many small ones, which many samples at once do not pay; and the
rules of the parts do not compute anew what the forward pass has computed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...autograd.grad_mode import is_grad_enabled
from ...core.apply import apply
from ...core.node import Node
from ...core.tensor import Tensor, wrap
from ...core.tensor import values as values_of
from ...kernels import attention as attention_kernels
from ...kernels import cross_entropy as cross_entropy_kernels
from ...kernels import dropout as dropout_kernels
from ...ops.activation import relu
from ...ops.broadcasting import broadcast_to
from ...ops.dense import _dense as _dense_op
from ...ops.dense import _layers
from ...ops.gathering import gather
from ...ops.linear import linear
from ...ops.max_pooling import _max_pool_with_indices
from ...ops.reduction import sum as sum_over
from ...ops.selection import where
from ...ops.shape import reshape
from ...ops.softmax import log_softmax, softmax
from ..lanes import Lanes, by_lane
from .indexing import positions
from .registry import lowers


@lowers("dense")
def _dense(level: Any, x: Any, *params: Any, rectified: tuple[bool, ...]) -> Any:
    whole = _dense_at_once(level, x, params, rectified)
    if whole is not None:
        return whole
    for i, relu_follows in enumerate(rectified):
        x = linear(x, *params[2 * i : 2 * i + 2])
        if relu_follows:
            x = relu(x)
    return x


def _dense_at_once(level: Any, x: Any, params: Any, rectified: tuple[bool, ...]) -> Any:
    """Layers that all samples share, each of which is a vector: the op itself.

    What it keeps of the layers is for `gradients`. None where a history outside asks for more.
    """
    arrays, edges, values, batched = level.taken_apart((x, *params))
    if not batched[0] or any(batched[1:]) or values[0].ndim != 2:
        return None
    plain = []
    for value in values:
        if isinstance(value, Tensor):
            if value._node is not None or type(value._data) is not np.ndarray:
                return None
            value = value._data
        plain.append(value)
    outputs = _layers(plain[0], tuple(plain[1:]), rectified)
    recording = any(edges) and is_grad_enabled()
    kept = {"rectified": rectified}
    node = Node(_dense_op, edges, arrays, None, outputs, kept) if recording else None
    return wrap(Lanes(level, wrap(outputs[-1])), node)


@lowers("max_pool")
def _max_pool(level: Any, x: Any, *, spans: Any) -> Any:
    values, _ = apply(_max_pool_with_indices, x, spans=spans)
    return values


@lowers("setitem")
def _setitem(level: Any, x: Any, value: Any, *indices: Any, pattern: Any) -> Any:
    """Where each sample has indices of its own: for every element, what was written there last."""
    raw = [values_of(index) for index in indices]
    if not any(type(index) is Lanes for index in raw):
        return None
    last = by_lane(_last_written, (x.shape, raw, pattern), {})
    region = by_lane(positions, (x.shape, raw, pattern), {}).shape
    value = value if isinstance(value, Tensor) else wrap(np.asarray(value))
    written = reshape(broadcast_to(value, region), (-1,))
    if not written.numel():
        return x
    chosen = reshape(gather(written, 0, wrap(np.maximum(last, 0))), x.shape)
    return where(wrap((last >= 0).reshape(x.shape)), chosen, x)


def _last_written(shape: tuple[int, ...], indices: list[Any], pattern: Any) -> Any:
    """Which of the values written to an index each element keeps; -1 for none."""
    places = positions(shape, indices, pattern).reshape(-1)
    last = np.full(int(np.prod(shape, dtype=np.int64)), -1)
    last[places] = np.arange(places.size)
    return last


@lowers("cross_entropy")
def _cross_entropy(
    level: Any,
    x: Any,
    classes: Any,
    *,
    weight: Any,
    ignore: int,
    smoothing: float,
    scale: float,
    reduced: bool,
) -> Any:
    classes = classes.data if isinstance(classes, Tensor) else classes
    shares = _of_rows(level, _shares, classes, (x.shape, weight, ignore, smoothing, x.dtype))
    loss = -sum_over(where(shares == 0, 0.0, log_softmax(x, 1) * shares), 1)
    return sum_over(loss, 0) * scale if reduced else loss


def _shares(
    classes: Any, shape: Any, weight: Any, ignore: int, smoothing: float, dtype: Any
) -> Any:
    wide = (classes.size, *shape[1:])
    found = cross_entropy_kernels.shares(
        classes.reshape(-1), weight, ignore, smoothing, wide, dtype
    )
    return found.reshape((*classes.shape, *shape[1:]))


def _of_rows(level: Any, function: Any, x: Any, rest: Any) -> Tensor:
    """A constant that is computed from rows of whole numbers, of all samples at once."""
    if type(x) is not Lanes:
        return wrap(np.asarray(function(x, *rest)))
    data = x.value._data
    if type(data) is Lanes:
        inner = _of_rows(data.level, function, data, rest)
    else:
        inner = wrap(np.asarray(function(data, *rest)))
    return wrap(Lanes(x.level, inner, x.batched))


# ---- random numbers -------------------------------------------------------------------


@lowers("dropout")
def _dropout(level: Any, x: Any, *, p: float, key: int) -> Any:
    scale = 1 / (1 - p) if p < 1 else 0.0
    kept = wrap(level.drawn(x.shape, lambda shape: dropout_kernels.kept(shape, p, key)))
    return where(kept, x * scale, 0.0)


@lowers("attention")
def _attention(
    level: Any, q: Any, k: Any, v: Any, mask: Any, *, scale: float, causal: bool, p: float, key: int
) -> Any:
    if not p:
        return None
    scores = (q * scale) @ k.swapaxes(-1, -2)
    if mask is not None:
        scores = where(mask, scores, -np.inf) if mask.dtype == np.bool_ else scores + mask
    if causal:
        scores = where(np.tri(*scores.shape[-2:], dtype=np.bool_), scores, -np.inf)
    blind = (scores == -np.inf).all(axis=-1, keepdims=True)
    weights = where(blind, 0.0, softmax(where(blind, 0.0, scores), -1))
    kept = wrap(
        level.drawn(scores.shape, lambda shape: attention_kernels.keep(shape, p, key, causal))
    )
    return where(kept, weights * (1 / (1 - p) if p < 1 else 0.0), 0.0) @ v
