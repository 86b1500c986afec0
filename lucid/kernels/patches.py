"""Patches: what each place of a window reads, as the columns of a matrix, and their sum back.

Convolution becomes a product of matrices once the patches of the input stand in columns
("im2col"). Their number is that of the input times the elements of the kernel, so they are
made for a few examples at a time, and stay in cache.

The references are the few lines of NumPy in each function.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import threads
from .jit import kernel, suits, wanted
from .window import Window, meeting, padded, spans, taps

THREADED = 1 << 16  # from this many elements on, waking a thread pays


def patches(x: Any, w: Window, cols: Any) -> None:
    """Write the patches of ``x: (N, C, ...)`` to ``cols: (C, taps, N, places)``.

    Examples
    --------
    >>> from lucid.kernels.window import window
    >>> w = window((4,), (2,), (1,), ((0, 1),), (1,))
    >>> cols = np.empty((1, 2, 1, 4))
    >>> patches(np.array([[[1.0, 2.0, 3.0, 4.0]]]), w, cols)
    >>> cols[0, :, 0].tolist()
    [[1.0, 2.0, 3.0, 4.0], [2.0, 3.0, 4.0, 0.0]]
    """
    n, c = x.shape[:2]
    if suits(x, cols) and wanted(cols.size):
        _in_shares(_patches, n * c, cols.size, x.ravel(), n, c, *w.loops, cols.ravel())
        return
    x = padded(x.reshape(n, c, *w.size), w)
    for k, read in taps(w):
        cols[:, k] = x[read].reshape(n, c, w.places).swapaxes(0, 1)


def add_patches(cols: Any, w: Window, x: Any) -> None:
    """Write to ``x: (N, C, ...)`` the sum of the patches in `cols`, each at its place.

    Afterwards the values of `cols` are arbitrary.

    Examples
    --------
    >>> from lucid.kernels.window import window
    >>> w = window((4,), (2,), (1,), ((0, 1),), (1,))
    >>> x = np.empty((1, 1, 4))
    >>> add_patches(np.ones((1, 2, 1, 4)), w, x)
    >>> x.tolist()
    [[[1.0, 2.0, 2.0, 2.0]]]
    """
    n, c = x.shape[:2]
    if suits(x, cols) and wanted(cols.size):
        _in_shares(_add_patches, n * c, cols.size, x.ravel(), n, c, *w.loops, cols.ravel())
        return
    reach = spans(w.kernel, w.dilation)
    need = [(o - 1) * s + r for o, s, r in zip(w.out, w.stride, reach, strict=True)]
    total = np.zeros((n, c, *need), x.dtype)
    for k, read in taps(w):
        total[read] += cols[:, k].swapaxes(0, 1).reshape(n, c, *w.out)
    inner, outer = meeting(w, need)
    x = x.reshape(n, c, *w.size)  # a view: `x` is row-major
    x[...] = 0
    x[inner] = total[outer]


def _in_shares(loop: Any, planes: int, size: int, *args: Any) -> None:
    """Run a loop over planes, on all threads where that pays; matrix products follow."""
    threads.run(loop, planes, 1, *args, large=size >= THREADED, linger=0)


# ---- the loops ------------------------------------------------------------------------
#
# Places within the flat arrays are unsigned: of a signed index Numba asks each time whether it
# counts from the end, and then there are no vector lanes.


@kernel()
def _first(shift: int, step: int) -> int:
    """The first place ``o >= 0`` with ``o * step + shift >= 0``."""
    return 0 if shift >= 0 else (-shift + step - 1) // step


@kernel()
def _stop(shift: int, step: int, size: int, out: int) -> int:
    """The place after the last ``o < out`` with ``o * step + shift < size``."""
    if shift >= size:
        return 0
    return min((size - 1 - shift) // step + 1, out)


@kernel()
def _fill(out: Any, at: int, count: int) -> None:
    start, zero = np.uintp(at), out.dtype.type(0)
    for o in range(np.uintp(max(count, 0))):
        out[start + o] = zero


@kernel()
def _copy(x: Any, start: int, step: int, out: Any, at: int, count: int) -> None:
    read, write, many = np.uintp(start), np.uintp(at), np.uintp(count)
    if step == 1:
        for o in range(many):
            out[write + o] = x[read + o]
    else:
        stride = np.uintp(step)
        for o in range(many):
            out[write + o] = x[read + o * stride]


@kernel()
def _add(x: Any, start: int, step: int, out: Any, at: int, count: int) -> None:
    write, read, many = np.uintp(start), np.uintp(at), np.uintp(count)
    if step == 1:
        for o in range(many):
            x[write + o] += out[read + o]
    else:
        stride = np.uintp(step)
        for o in range(many):
            x[write + o * stride] += out[read + o]


@kernel()
def _blank_edges(cols: Any, at: int, rows: int, wide: int, first: int, stop: int) -> None:
    """Zeros in every row before `first` and from `stop` on."""
    for _ in range(rows):
        _fill(cols, at, first)
        _fill(cols, at + stop, wide - stop)
        at += wide


# Where the output is as wide as the input, a plane of patches is the input's, moved by some
# places: one long copy, of which only the edges have to be set to zero. Else rows are copied.


@kernel()
def _patches(
    x: Any,
    n: int,
    c: int,
    size: Any,
    kernel: Any,
    stride: Any,
    low: Any,
    dilation: Any,
    out: Any,
    cols: Any,
    begin: int,
    end: int,
) -> None:
    """The patches of the planes `begin` to `end`, counted over examples and channels."""
    wide, area = out[2], out[1] * out[2]
    places, many = out[0] * area, kernel[0] * kernel[1] * kernel[2]
    whole = stride[1] == 1 and stride[2] == 1 and wide == size[2]
    for plane in range(begin, end):
        k = 0
        for kd in range(kernel[0]):
            for kh in range(kernel[1]):
                down = kh * dilation[1] - low[1]
                top = _first(down, stride[1])
                bottom = max(_stop(down, stride[1], size[1], out[1]), top)
                for kw in range(kernel[2]):
                    shift = kw * dilation[2] - low[2]
                    first = min(_first(shift, stride[2]), wide)
                    stop = max(_stop(shift, stride[2], size[2], wide), first)
                    at = ((plane % c * many + k) * n + plane // c) * places
                    for od in range(out[0]):
                        d = od * stride[0] + kd * dilation[0] - low[0]
                        if d < 0 or d >= size[0] or top >= bottom or first >= stop:
                            _fill(cols, at, area)
                            at += area
                            continue
                        start = (plane * size[0] + d) * size[1] * size[2] + shift
                        _fill(cols, at, top * wide)
                        if whole:
                            begun = start + (top + down) * size[2] + first
                            count = (bottom - top - 1) * wide + stop - first
                            _copy(x, begun, 1, cols, at + top * wide + first, count)
                            _blank_edges(cols, at + top * wide, bottom - top, wide, first, stop)
                        else:
                            for oh in range(top, bottom):
                                row = at + oh * wide
                                begun = start + (oh * stride[1] + down) * size[2]
                                begun += first * stride[2]
                                if first > 0:
                                    _fill(cols, row, first)
                                _copy(x, begun, stride[2], cols, row + first, stop - first)
                                if stop < wide:
                                    _fill(cols, row + stop, wide - stop)
                        _fill(cols, at + bottom * wide, (out[1] - bottom) * wide)
                        at += area
                    k += 1


@kernel()
def _add_patches(
    x: Any,
    n: int,
    c: int,
    size: Any,
    kernel: Any,
    stride: Any,
    low: Any,
    dilation: Any,
    out: Any,
    cols: Any,
    begin: int,
    end: int,
) -> None:
    """The sums of the planes `begin` to `end`; what lies outside of them becomes zero."""
    wide, area = out[2], out[1] * out[2]
    places, many = out[0] * area, kernel[0] * kernel[1] * kernel[2]
    whole = stride[1] == 1 and stride[2] == 1 and wide == size[2]
    volume = size[0] * size[1] * size[2]
    for plane in range(begin, end):
        k = 0
        _fill(x, plane * volume, volume)
        for kd in range(kernel[0]):
            for kh in range(kernel[1]):
                down = kh * dilation[1] - low[1]
                top = _first(down, stride[1])
                bottom = _stop(down, stride[1], size[1], out[1])
                for kw in range(kernel[2]):
                    shift = kw * dilation[2] - low[2]
                    first = _first(shift, stride[2])
                    stop = _stop(shift, stride[2], size[2], wide)
                    at = ((plane % c * many + k) * n + plane // c) * places
                    for od in range(out[0]):
                        d = od * stride[0] + kd * dilation[0] - low[0]
                        if 0 <= d < size[0] and top < bottom and first < stop:
                            start = plane * volume + d * size[1] * size[2] + shift
                            row = at + top * wide
                            if whole:
                                _blank_edges(cols, row, bottom - top, wide, first, stop)
                                begun = start + (top + down) * size[2] + first
                                count = (bottom - top - 1) * wide + stop - first
                                _add(x, begun, 1, cols, row + first, count)
                            else:
                                for oh in range(top, bottom):
                                    begun = start + (oh * stride[1] + down) * size[2]
                                    begun += first * stride[2]
                                    _add(x, begun, stride[2], cols, row + first, stop - first)
                                    row += wide
                        at += area
                    k += 1
