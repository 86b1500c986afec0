"""Depthwise convolution: every channel has kernels of its own, and loops of its own here.

``x: (N, C, ...)``, ``w: (C * m, 1, ...)`` and ``y: (N, C * m, ...)``, where the channel `c`
of the input has the kernels ``c * m`` to ``c * m + m - 1``. The references are the products of
`conv`, which compute the same from patches, one matrix for each channel.

The plane of an input channel is copied between zeros first. An element of the kernel then
reads one stretch of that copy for a whole row of the output, whatever the padding. For the
gradients the output's plane is spread over a copy of that size, each value where the first
element of the kernel read for it, so that one stretch serves the whole plane. The zeros
between them must not meet what is not finite; where they would, rows are read one by one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import threads
from .jit import kernel
from .window import Window, spans

THREADED = 1 << 15  # from this many multiplications on, waking a thread pays

# Sums may be reordered, so that they run in vector lanes; NaN and inf keep their meaning.
FAST = {"reassoc", "nsz", "contract"}


def forward(x: Any, w: Any, b: Any, win: Window, out: Any) -> None:
    """Write ``conv(x, w) + b`` to `out`.

    Examples
    --------
    >>> from lucid.kernels.window import window
    >>> win = window((4,), (2,), (1,), ((0, 0),), (1,))
    >>> out = np.empty((1, 1, 3))
    >>> forward(np.array([[[1.0, 2.0, 4.0, 8.0]]]), np.array([[[-1.0, 1.0]]]), None, win, out)
    >>> out
    array([[[1., 2., 4.]]])
    """
    n, c = x.shape[:2]
    bias = np.zeros(len(w), x.dtype) if b is None else np.ascontiguousarray(b)
    args = x.ravel(), w.reshape(len(w), -1), bias, c, *win.loops, _need(win), out.ravel()
    threads.run(_forward, n * c, 1, *args, large=out.size * win.taps >= THREADED)


def towards_input(y: Any, w: Any, win: Window, x: Any) -> None:
    """Write the gradient towards the input to `x`.

    Examples
    --------
    >>> from lucid.kernels.window import window
    >>> win = window((4,), (2,), (1,), ((0, 0),), (1,))
    >>> x = np.empty((1, 1, 4))
    >>> towards_input(np.array([[[1.0, 2.0, 4.0]]]), np.array([[[-1.0, 1.0]]]), win, x)
    >>> x
    array([[[-1., -1., -2.,  4.]]])
    """
    n, c = x.shape[:2]
    args = y.ravel(), w.reshape(len(w), -1), c, *win.loops, _need(win), x.ravel()
    threads.run(_towards_input, n * c, 1, *args, large=y.size * win.taps >= THREADED)


def towards_kernel(y: Any, x: Any, win: Window, w: Any) -> None:
    """Write the gradient towards the kernels to `w`.

    Examples
    --------
    >>> from lucid.kernels.window import window
    >>> win = window((4,), (2,), (1,), ((0, 0),), (1,))
    >>> w = np.empty((1, 1, 2))
    >>> x = np.array([[[1.0, 2.0, 4.0, 8.0]]])
    >>> towards_kernel(np.array([[[1.0, 1.0, 0.0]]]), x, win, w)
    >>> w
    array([[[3., 6.]]])
    """
    n, c = x.shape[:2]
    flat = w.reshape(len(w), -1)
    args = y.ravel(), x.ravel(), n, c, *win.loops, _need(win), flat
    threads.run(_towards_kernel, c, 1, *args, large=y.size * win.taps >= THREADED)


def _need(win: Window) -> tuple[int, ...]:
    """Lengths of the plane between its zeros."""
    reach = spans(win.kernel, win.dilation)
    return tuple((o - 1) * s + r for o, s, r in zip(win.out, win.stride, reach, strict=True))


# ---- the loops, which count over slices from 0 or over unsigned places, as in `patches` -----


@kernel()
def _room(need: Any, like: Any) -> Any:
    """Zeros for a plane and what surrounds it."""
    return np.zeros(need[0] * need[1] * need[2], like.dtype)


@kernel()
def _lay_out(x: Any, at: int, size: Any, low: Any, need: Any, room: Any, back: bool) -> None:
    """Copy a plane of `x` to its place in `room`; or `back` from there."""
    ahead, before = max(-low[2], 0), max(low[2], 0)
    count = max(min(size[2], need[2] - low[2]) - ahead, 0)
    for d in range(max(-low[0], 0), min(size[0], need[0] - low[0])):
        for h in range(max(-low[1], 0), min(size[1], need[1] - low[1])):
            inner = np.uintp(at + (d * size[1] + h) * size[2] + ahead)
            outer = np.uintp(((d + low[0]) * need[1] + h + low[1]) * need[2] + before)
            if back:
                for i in range(np.uintp(count)):
                    x[inner + i] = room[outer + i]
            else:
                for i in range(np.uintp(count)):
                    room[outer + i] = x[inner + i]


@kernel(fastmath=FAST)
def _add_products(out: Any, at: int, room: Any, start: int, step: int, w: Any, count: int) -> None:
    """``out[at + i] += w * room[start + i * step]``."""
    write, read, many, stride = np.uintp(at), np.uintp(start), np.uintp(count), np.uintp(step)
    if step == 1:
        for i in range(many):
            out[write + i] += w * room[read + i]
    else:
        for i in range(many):
            out[write + i] += w * room[read + i * stride]


@kernel()
def _spread(y: Any, at: int, out: Any, stride: Any, need: Any, wide: Any) -> None:
    """Copy a plane of `y` to where the kernel's first element reads; the rest stays zero."""
    step = np.uintp(stride[2])
    for od in range(out[0]):
        for oh in range(out[1]):
            read = np.uintp(at + (od * out[1] + oh) * out[2])
            write = np.uintp((od * stride[0] * need[1] + oh * stride[1]) * need[2])
            for i in range(np.uintp(out[2])):
                wide[write + i * step] = y[read + i]


@kernel(fastmath=FAST)
def _dot(y: Any, room: Any, start: int, count: int) -> Any:
    """The sum of ``y[i] * room[start + i]``."""
    read, total = np.uintp(start), y.dtype.type(0)
    for i in range(np.uintp(count)):
        total += y[i] * room[read + i]
    return total


@kernel()
def _dot_by_rows(y: Any, at: int, room: Any, start: int, out: Any, stride: Any, need: Any) -> Any:
    """What `_dot` gives, read at the places of the output alone."""
    total = y.dtype.type(0)
    for od in range(out[0]):
        for oh in range(out[1]):
            read = start + (od * stride[0] * need[1] + oh * stride[1]) * need[2]
            for ow in range(out[2]):
                total += y[at] * room[read + ow * stride[2]]
                at += 1
    return total


@kernel()
def _add_by_rows(
    room: Any, start: int, y: Any, at: int, w: Any, out: Any, stride: Any, need: Any
) -> None:
    """What `_add_products` adds, written to the places that were read alone."""
    for od in range(out[0]):
        for oh in range(out[1]):
            write = start + (od * stride[0] * need[1] + oh * stride[1]) * need[2]
            for ow in range(out[2]):
                room[write + ow * stride[2]] += w * y[at]
                at += 1


@kernel()
def _forward(
    x: Any,
    w: Any,
    b: Any,
    c: int,
    size: Any,
    kernel: Any,
    stride: Any,
    low: Any,
    dilation: Any,
    out: Any,
    need: Any,
    y: Any,
    begin: int,
    end: int,
) -> None:
    room = _room(need, x)
    volume, places, more = size[0] * size[1] * size[2], out[0] * out[1] * out[2], len(w) // c
    for plane in range(begin, end):
        _lay_out(x, plane * volume, size, low, need, room, False)
        for m in range(more):
            o = plane % c * more + m
            at = (plane * more + m) * places
            for od in range(out[0]):
                for oh in range(out[1]):
                    y[at : at + out[2]] = b[o]
                    corner = (od * stride[0] * need[1] + oh * stride[1]) * need[2]
                    k = 0
                    for kd in range(kernel[0]):
                        for kh in range(kernel[1]):
                            start = (
                                corner + (kd * dilation[0] * need[1] + kh * dilation[1]) * need[2]
                            )
                            for _ in range(kernel[2]):
                                _add_products(y, at, room, start, stride[2], w[o, k], out[2])
                                start += dilation[2]
                                k += 1
                    at += out[2]


@kernel()
def _towards_input(
    y: Any,
    w: Any,
    c: int,
    size: Any,
    kernel: Any,
    stride: Any,
    low: Any,
    dilation: Any,
    out: Any,
    need: Any,
    x: Any,
    begin: int,
    end: int,
) -> None:
    room, wide = _room(need, x), _room(need, x)
    volume, places, more = size[0] * size[1] * size[2], out[0] * out[1] * out[2], len(w) // c
    for plane in range(begin, end):
        room[:] = 0
        for m in range(more):
            o, k, at = plane % c * more + m, 0, (plane * more + m) * places
            _spread(y, at, out, stride, need, wide)
            for kd in range(kernel[0]):
                for kh in range(kernel[1]):
                    start = (kd * dilation[0] * need[1] + kh * dilation[1]) * need[2]
                    for _ in range(kernel[2]):
                        if np.isfinite(w[o, k]):
                            _add_products(room, start, wide, 0, 1, w[o, k], room.size - start)
                        else:
                            _add_by_rows(room, start, y, at, w[o, k], out, stride, need)
                        start += dilation[2]
                        k += 1
        x[plane * volume : (plane + 1) * volume] = 0
        _lay_out(x, plane * volume, size, low, need, room, True)


@kernel()
def _towards_kernel(
    y: Any,
    x: Any,
    n: int,
    c: int,
    size: Any,
    kernel: Any,
    stride: Any,
    low: Any,
    dilation: Any,
    out: Any,
    need: Any,
    w: Any,
    begin: int,
    end: int,
) -> None:
    room, wide = _room(need, x), _room(need, x)
    volume, places, more = size[0] * size[1] * size[2], out[0] * out[1] * out[2], len(w) // c
    w[begin * more : end * more] = 0
    for channel in range(begin, end):
        for i in range(n):
            plane = i * c + channel
            _lay_out(x, plane * volume, size, low, need, room, False)
            for m in range(more):
                row, k, at = w[channel * more + m], 0, (plane * more + m) * places
                _spread(y, at, out, stride, need, wide)
                for kd in range(kernel[0]):
                    for kh in range(kernel[1]):
                        start = (kd * dilation[0] * need[1] + kh * dilation[1]) * need[2]
                        for _ in range(kernel[2]):
                            total = _dot(wide, room, start, room.size - start)
                            if not np.isfinite(total):
                                total = _dot_by_rows(y, at, room, start, out, stride, need)
                            row[k] += total
                            start += dilation[2]
                            k += 1
