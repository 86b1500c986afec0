"""Convolution by tiles that read the picture itself, without a matrix of patches in memory.

The input is copied between zeros once. There every element of the kernel reads, for all places
of the output, one stretch that lies the same number of elements further on: a table of these
distances is all that a tile (`kernels.tiles`) needs. Two ways follow.

- Directly: a tile's registers run along the padded rows, over their ends too; what is computed
  between the rows is thrown away.
- By panels: the patches of 48 places are gathered, multiplied with all kernels, and forgotten.
  That is for small planes, where too much would be thrown away.

With a stride, the copy holds the places of each remainder together, so that what the kernel
reads is one stretch again. The gradient towards the kernels sums over the same stretches.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from . import threads
from .jit import kernel
from .tiles import LANES, ROWS, VECTORS, WIDE, block, turn
from .window import Window

CACHE = 1 << 18  # elements of padded input that stay in cache
MANY = 512  # places at least, over which a gradient of the kernels is summed at once
THREADED = 1 << 16  # from this many elements on, waking a thread pays


class Plan(NamedTuple):
    """How the padded input lies, and what is read of it.

    Attributes
    ----------
    phases, rows : tuple of 3 int
        Remainders of the stride, and the lengths of the part of each, of which the last is the
        distance from row to row.
    plane : int
        Elements of a channel.
    offsets : array
        Where each element of the kernel reads for the first place.
    places : array
        Where the first element of the kernel reads for each place.
    reach : int
        From the first to past the last of these.
    """

    phases: tuple[int, int, int]
    rows: tuple[int, int, int]
    plane: int
    offsets: Any
    places: Any
    reach: int


@functools.lru_cache(maxsize=256)
def plan(win: Window) -> Plan:
    """The plan of a window.

    Examples
    --------
    >>> from lucid.kernels.window import window
    >>> found = plan(window((4, 4), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1)))
    >>> found.rows, found.offsets.tolist()
    ((1, 6, 5), [0, 1, 2, 5, 6, 7, 10, 11, 12])
    """
    taps = [np.arange(k) * d for k, d in zip(win.kernel, win.dilation, strict=True)]
    ahead = [t // s for t, s in zip(taps, win.stride, strict=True)]
    phase = [t % s for t, s in zip(taps, win.stride, strict=True)]
    phases = tuple(int(p.max()) + 1 for p in phase)
    rows = [o + int(a.max()) for o, a in zip(win.out, ahead, strict=True)]
    before, need = win.low[2], rows[2]
    if win.stride[2] == 1 and before > 0:  # the zeros after a row are those before the next
        rows[2] = max(min(before + win.size[2], need), need - before)
    deep, high, wide = rows
    part = (phase[0][:, None, None] * phases[1] + phase[1][:, None]) * phases[2] + phase[2]
    offsets = part * (deep * high * wide) + _flat(ahead, rows)
    places = _flat([np.arange(o) for o in win.out], rows).ravel()
    return Plan(
        phases,  # type: ignore[arg-type]
        (deep, high, wide),
        phases[0] * phases[1] * phases[2] * deep * high * wide,
        offsets.ravel(),
        places,
        int(places[-1]) + 1 if len(places) else 0,
    )


def _flat(steps: list[Any], rows: list[int]) -> Any:
    """Places in an array of these rows."""
    return (steps[0][:, None, None] * rows[1] + steps[1][:, None]) * rows[2] + steps[2]


class Kernels(NamedTuple):
    """A flat array of kernels, and where a tile finds those of each output channel.

    The kernels of the output channel `o` begin at ``rows[o]``, and go on as `steps` says, one
    step for each channel and element.
    """

    flat: Any
    rows: Any
    steps: Any


def forwards(w: Any, groups: int) -> Kernels:
    """The kernels as they are: ``(O, C / groups, ...)``."""
    depth = w.size // len(w)
    return Kernels(w.reshape(-1), np.arange(len(w)) * depth, np.arange(depth))


def backwards(w: Any, groups: int) -> Kernels:
    """The kernels that carry a gradient back: turned round, input and output exchanged.

    Examples
    --------
    >>> w = np.arange(6.0).reshape(1, 2, 3)
    >>> found = backwards(w, 1)
    >>> w.ravel()[found.rows[:, None] + found.steps].tolist()
    [[2.0, 1.0, 0.0], [5.0, 4.0, 3.0]]
    """
    out, inner = w.shape[:2]
    taps = w.size // (out * inner)
    whole = (out // groups) * inner * taps
    rows = (np.arange(groups)[:, None] * whole + np.arange(inner) * taps).ravel()
    steps = np.arange(out // groups)[:, None] * (inner * taps) + np.arange(taps)[::-1]
    return Kernels(w.reshape(-1), rows, steps.ravel())


def convolve(
    how: str, x: Any, kernels: Kernels, b: Any, win: Window, groups: int, out: Any
) -> None:
    """Write the convolution to `out`, ``"direct"`` or by ``"panels"``; all arrays are float32."""
    found, c, o = plan(win), x.shape[1], out.shape[1]
    inner = c // groups
    reads = (np.arange(inner)[:, None] * found.plane + found.offsets).ravel()
    bias = np.zeros(o, x.dtype) if b is None else np.ascontiguousarray(b)
    for examples, padded in _padded(x, win, found):
        count = examples.stop - examples.start
        here = out[examples].reshape(-1)
        common = padded, c * found.plane, inner * found.plane, *kernels, reads, groups, bias
        large = here.size * len(reads) >= THREADED
        if how == "direct":
            units = count * groups * -(-(o // groups) // ROWS)
            where = found.rows, found.reach, win.out
            threads.run(_direct, units, 1, *common, o, *where, here, large=large, linger=0)
        else:
            units = -(-count * win.places // WIDE)
            chosen = found.places, count
            threads.run(_by_panels, units, 1, *common, o, *chosen, here, large=large, linger=0)


def towards_kernel(y: Any, x: Any, win: Window, groups: int) -> Any:
    """The gradient towards the kernels, ``(O, C / groups, taps)``; all arrays are float32.

    The channels of a group fill whole registers, or there is one group.
    """
    found, (n, c), o = plan(win), x.shape[:2], y.shape[1]
    inner, columns = c // groups, -(-o // LANES) * LANES
    depth = inner * win.taps
    reads = np.arange(inner)[:, None] * found.plane + found.offsets
    reads = np.arange(groups)[:, None] * (inner * found.plane) + reads.reshape(-1)
    blocks = -(-depth // ROWS)
    reads = reads[:, np.minimum(np.arange(blocks * ROWS), depth - 1)].ravel()
    share = columns // groups
    total = np.zeros((groups * blocks * ROWS, share), x.dtype)
    y = y.reshape(n, o, win.places)
    for examples, padded in _padded(x, win, found):
        count = examples.stop - examples.start
        turned = np.empty((count * win.places, columns), x.dtype)
        _turned(y[examples], turned)
        places = (np.arange(count)[:, None] * (c * found.plane) + found.places).ravel()
        steps = np.arange(len(places)) * columns
        args = padded, reads, places, turned.reshape(-1), steps, blocks, total.reshape(-1), share
        large = total.size * len(places) >= THREADED
        threads.run(_towards_kernel, groups * blocks, 1, *args, large=large, linger=0)
    rows = total.reshape(groups, blocks * ROWS, share)
    made = np.empty((groups, share, blocks * ROWS), x.dtype)
    _turned(rows, made.reshape(-1, blocks * ROWS))
    return made[:, : o // groups, :depth].reshape(o, inner, win.taps)


def _padded(x: Any, win: Window, found: Plan) -> Any:
    """Some examples after the other, between zeros, in memory that is used again."""
    n, c = x.shape[:2]
    most = max(CACHE // max(c * found.plane, 1), -(-MANY // max(win.places, 1)))
    most = max(min(most, n), 1)
    size = most * c * found.plane
    memory = np.empty(size + 2 * WIDE + found.rows[2], x.dtype)
    memory[size:] = 0
    for first in range(0, n, most):
        examples = slice(first, min(first + most, n))
        part = x[examples].reshape(-1)
        planes = (examples.stop - first) * c
        args = part, win.size, win.stride, win.low, found.phases, found.rows, memory
        large = planes * found.plane >= THREADED
        threads.run(_pad, planes, 1, *args, large=large, linger=0)
        yield examples, memory


def _turned(x: Any, out: Any) -> None:
    """Each matrix of ``x: (N, rows, columns)`` turned, one below the other in `out`."""
    n, rows, columns = x.shape
    args = np.ascontiguousarray(x).reshape(-1), n, rows, columns, out.reshape(-1), out.shape[1]
    threads.run(_turn_all, n, 1, *args, large=x.size >= THREADED, linger=0)


# ---- the loops ------------------------------------------------------------------------


@kernel()
def _pad(
    x: Any, size: Any, stride: Any, low: Any, phases: Any, rows: Any, out: Any,
    first: int, last: int,
) -> None:  # fmt: skip
    """Copy planes between zeros, the places of each remainder of the stride together."""
    zero, step, wide = x.dtype.type(0), np.uintp(stride[2]), rows[2]
    at = first * phases[0] * phases[1] * phases[2] * rows[0] * rows[1] * wide
    for plane in range(first, last):
        start = plane * size[0] * size[1] * size[2]
        for phase in range(phases[0] * phases[1] * phases[2]):
            shift = phase % phases[2] - low[2]
            begin = min(max(-(shift // stride[2]), 0), wide)
            end = max(min((size[2] - 1 - shift) // stride[2] + 1, wide), begin)
            for i in range(rows[0]):
                d = i * stride[0] + phase // (phases[1] * phases[2]) - low[0]
                for j in range(rows[1]):
                    h = j * stride[1] + phase // phases[2] % phases[1] - low[1]
                    inside = 0 <= d < size[0] and 0 <= h < size[1]
                    left, right = (begin, end) if inside else (wide, wide)
                    for k in range(left):
                        out[at + k] = zero
                    for k in range(right, wide):
                        out[at + k] = zero
                    read = np.uintp(start + (d * size[1] + h) * size[2] + left * stride[2] + shift)
                    write = np.uintp(at + left)
                    if stride[2] == 1:
                        for k in range(np.uintp(right - left)):
                            out[write + k] = x[read + k]
                    else:
                        for k in range(np.uintp(right - left)):
                            out[write + k] = x[read + k * step]
                    at += wide


@kernel()
def _direct(
    x: Any, example: int, group: int, w: Any, w_rows: Any, w_steps: Any, reads: Any, groups: int,
    bias: Any, channels: int, rows: Any, reach: int, shape: Any, out: Any, first: int, last: int,
) -> None:  # fmt: skip
    """Eight output channels of an example at a time, along the padded rows."""
    width = -(-reach // WIDE) * WIDE
    made = np.empty(ROWS * width, x.dtype)
    share = channels // groups
    blocks, places = -(-share // ROWS), np.uintp(shape[2])
    for unit in range(first, last):
        n, rest = unit // (groups * blocks), unit % (groups * blocks)
        g, o = rest // blocks, rest // blocks * share + rest % blocks * ROWS
        many = min(ROWS, (g + 1) * share - o)
        base = n * example + g * group
        for t in range(0, reach, WIDE):
            vectors = min(-(-(reach - t) // LANES), VECTORS)
            row = 0
            while row < many:
                row += block(
                    many - row, vectors, made, row * width + t, width, w, 0, w_rows, o + row,
                    w_steps, x, base + t, reads, reads.size, False,
                )  # fmt: skip
        at = np.uintp((n * channels + o) * shape[0] * shape[1] * shape[2])
        for m in range(many):
            more = bias[o + m]
            for i in range(shape[0]):
                for j in range(shape[1]):
                    read = np.uintp(m * width + (i * rows[1] + j) * rows[2])
                    for k in range(places):
                        out[at + k] = made[read + k] + more
                    at += places


@kernel()
def _by_panels(
    x: Any, example: int, group: int, w: Any, w_rows: Any, w_steps: Any, reads: Any, groups: int,
    bias: Any, channels: int, places: Any, count: int, out: Any, first: int, last: int,
) -> None:  # fmt: skip
    """The patches of 48 places at a time, times all kernels."""
    depth, area = reads.size, places.size
    panel, made = np.empty(depth * WIDE, x.dtype), np.empty(ROWS * WIDE, x.dtype)
    start, goal = np.empty(WIDE, np.int32), np.empty(WIDE, np.int64)
    steps = np.arange(depth) * WIDE
    share = channels // groups
    for unit in range(first, last):
        many = min(count * area - unit * WIDE, WIDE)
        for j in range(WIDE):
            place = unit * WIDE + min(j, many - 1)
            start[j] = place // area * example + places[place % area]
            goal[j] = place // area * channels * area + place % area
        vectors = -(-many // LANES)
        for g in range(groups):
            for d in range(depth):
                base, at = g * group + reads[d], np.uintp(d * WIDE)
                for j in range(np.uintp(vectors * LANES)):
                    panel[at + j] = x[np.uintp(base + start[j])]
            o = g * share
            while o < (g + 1) * share:
                done = block(
                    (g + 1) * share - o, vectors, made, 0, WIDE, w, 0, w_rows, o,
                    w_steps, panel, 0, steps, depth, False,
                )  # fmt: skip
                for m in range(done):
                    for j in range(many):
                        out[goal[j] + (o + m) * area] = made[m * WIDE + j] + bias[o + m]
                o += done


@kernel()
def _towards_kernel(
    x: Any, reads: Any, places: Any, y: Any, steps: Any, blocks: int, total: Any, share: int,
    first: int, last: int,
) -> None:  # fmt: skip
    """Eight elements of the kernels at a time, for all output channels of their group."""
    for unit in range(first, last):
        o = 0
        while o < share:
            left = (share - o) // LANES
            vectors = left if left < 3 else (2 if left == 4 else 3)
            block(
                ROWS, vectors, total, unit * ROWS * share + o, share, x, 0, reads, unit * ROWS,
                places, y, unit // blocks * share + o, steps, places.size, True,
            )  # fmt: skip
            o += vectors * LANES


@kernel()
def _turn_all(
    x: Any, n: int, rows: int, columns: int, out: Any, pitch: int, first: int, last: int
) -> None:
    """Whole squares of 16 x 16, and what is left one by one; zeros where `out` is wider."""
    zero = x.dtype.type(0)
    whole, across = rows // LANES * LANES, columns // LANES * LANES
    for i in range(first, last):
        start, at = i * rows * columns, i * columns * pitch
        for r in range(0, whole, LANES):
            for c in range(0, across, LANES):
                turn(x, start + r * columns + c, columns, out, at + c * pitch + r, pitch)
        for c in range(columns):
            done = whole if c < across else 0
            for r in range(done, rows):
                out[at + c * pitch + r] = x[start + r * columns + c]
            for r in range(rows, pitch):
                out[at + c * pitch + r] = zero
