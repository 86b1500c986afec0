"""Convolutions, normalisations and windows: samples beside the examples, or beside channels."""

from __future__ import annotations

from typing import Any

from ...core.apply import apply
from ...core.primitive import REGISTRY, Primitive
from ...ops.shape import reshape
from ...ops.transposition import movedim
from .products import sum_of
from .registry import aligned, batches, everywhere, merged, parted

# ---- samples as more examples ---------------------------------------------------------


@batches("patches", "from_patches")
def _examples(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    return parted(apply(prim, merged(values[0]), **static), level.size)


# ---- convolutions ---------------------------------------------------------------------


def _as_channels(x: Any) -> Any:
    """The samples beside the channels: ``(B, N, C, ...) -> (N, B C, ...)``."""
    x = movedim(x, 0, 1)
    return reshape(x, (x.shape[0], x.shape[1] * x.shape[2], *x.shape[3:]))


def _from_channels(x: Any, size: int) -> Any:
    """The reverse."""
    parts = reshape(x, (x.shape[0], size, x.shape[1] // size, *x.shape[2:]))
    return movedim(parts, 1, 0)


@batches("conv", "conv_input")
def _convolution(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    x, w, b = values
    if batched[1]:  # every sample has kernels of its own: a group of channels each
        wide = {**static, "groups": static["groups"] * level.size}
        x = _as_channels(everywhere(level.size, x, batched[0]))
        out = _from_channels(apply(prim, x, merged(w), None, **wide), level.size)
    elif batched[0]:
        bias = None if batched[2] else b
        out = parted(apply(prim, merged(x), w, bias, **static), level.size)
        b = b if batched[2] else None
    else:
        out = apply(prim, x, w, None, **static)
    if b is None:
        return out
    b = reshape(b, (*b.shape, *(1,) * (w.ndim - batched[1] - 2)))
    return sum_of(out, b, [batched[0] or batched[1], batched[2]])


@batches("conv_weight")
def _towards_kernel(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    both = (everywhere(level.size, x, b) for x, b in zip(values, batched, strict=True))
    wide = {**static, "groups": static["groups"] * level.size}
    return parted(apply(prim, *map(_as_channels, both), **wide), level.size)


# ---- normalisation --------------------------------------------------------------------


def _scaled(out: Any, w: Any, b: Any, batched: list[bool], trailing: int) -> Any:
    """``out w + b`` for weights and biases of each sample, or shared."""
    for param, own, product in ((w, batched[0], True), (b, batched[1], False)):
        if param is None:
            continue
        param = reshape(param, (*param.shape, *(1,) * trailing))
        first, second = aligned([out, param], [True, own])
        out = first * second if product else first + second
    return out


@batches("layer_norm", "rms_norm")
def _last_dimensions(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    x, *params = values
    if not any(batched[1:]):
        return apply(prim, *values, **static)
    w, b = [*params, None][:2]
    own = [*batched[1:], False][:2]
    nothing = [None] * (len(values) - 1)
    out = apply(prim, everywhere(level.size, x, batched[0]), *nothing, **static)
    return _scaled(out, w, b, own, 0)


@batches("group_norm")
def _groups(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    x, w, b = values
    x = merged(everywhere(level.size, x, batched[0]))
    if not any(batched[1:]):
        return parted(apply(prim, x, w, b, **static), level.size)
    out = parted(apply(prim, x, None, None, **static), level.size)
    return _scaled(out, w, b, batched[1:], out.ndim - 3)


@batches("batch_norm")
def _over_examples(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    x, w, b = values
    wide = _as_channels(everywhere(level.size, x, batched[0]))
    out, mean, var = apply(prim, wide, None, None, **static)
    out = _from_channels(out, level.size)
    out = _scaled(out, w, b, batched[1:], out.ndim - 3)
    return out, *(reshape(part, (level.size, -1)) for part in (mean, var))


@batches("batch_norm_given")
def _by_statistics(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    x, *params = values
    if not any(batched[1:]):
        return parted(apply(prim, merged(x), *params, **static), level.size)
    x = _as_channels(everywhere(level.size, x, batched[0]))
    params = [everywhere(level.size, p, b) for p, b in zip(params, batched[1:], strict=True)]
    rows = [None if p is None else merged(p) for p in params]
    return _from_channels(apply(prim, x, *rows, **static), level.size)


# ---- recurrent layers -----------------------------------------------------------------


@batches("rnn_layer", "gru_layer", "lstm_layer")
def _recurrent(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    states = 2 if prim is REGISTRY["lstm_layer"] else 1
    if any(batched[1 + states :]):  # weights of each sample's own
        return None
    count, sizes = level.size, static["sizes"]
    x, *start = (
        everywhere(count, v, b) for v, b in zip(values[: 1 + states], batched, strict=False)
    )
    wide = {**static, "sizes": tuple(n * count for n in sizes)}
    rows = [_by_step(x, sizes), *(reshape(movedim(s, 0, 1), (-1, s.shape[-1])) for s in start)]
    out, *last = apply(prim, *rows, *values[1 + states :], **wide)
    ends = (movedim(reshape(s, (-1, count, s.shape[-1])), 1, 0) for s in last)
    return _by_sample(out, sizes, count), *ends


def _by_step(x: Any, sizes: tuple[int, ...]) -> Any:
    """The rows of all samples, step by step, those of one sequence together.

    The sequences that run longest come first in each sample; so they must in all together.
    """
    return reshape(movedim(x, 0, 1), (sum(sizes) * x.shape[0], x.shape[-1]))


def _by_sample(rows: Any, sizes: tuple[int, ...], count: int) -> Any:
    """The reverse."""
    return movedim(reshape(rows, (sum(sizes), count, rows.shape[-1])), 1, 0)
