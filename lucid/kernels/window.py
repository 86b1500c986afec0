"""`Window`: how a kernel moves over an input, in numbers, for convolutions and their kin.

Everything here has three dimensions. Those that a convolution over lines or planes lacks come
first, have length one, and cost nothing; so every loop is written once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

Triple = tuple[int, int, int]


class Window(NamedTuple):
    """A kernel that moves over an input in steps.

    The element `k` of the kernel at the place `o` of the output reads ``input[o * stride +
    k * dilation - low]``, which is zero outside of the input.

    Attributes
    ----------
    size, kernel, out : tuple of 3 int
        Lengths of the input, of the kernel and of the output.
    stride, low, dilation : tuple of 3 int
        The step, the zeros before the input (fewer than none cut it off), and the distance
        of the kernel's elements.
    dims : int
        How many dimensions there are to the user.
    pointwise : bool
        Output and input are the same places, one to one.
    taps, places : int
        Elements of the kernel, and of an output channel.
    """

    size: Triple
    kernel: Triple
    stride: Triple
    low: Triple
    dilation: Triple
    out: Triple
    dims: int
    pointwise: bool
    taps: int
    places: int

    @property
    def shape(self) -> tuple[int, ...]:
        """The output's shape, as the user knows it."""
        return self.out[3 - self.dims :]

    def slabs(self, count: int) -> list[tuple[Window, slice]]:
        """The window over `count` parts of the output, or fewer, and the places of each."""
        axis = next((i for i, n in enumerate(self.out) if n > 1), 2)
        length = self.out[axis]
        rows = -(-length // min(count, length)) if length else 1
        area = math.prod(self.out[axis + 1 :])
        parts = []
        for first in range(0, length, rows):
            last = min(first + rows, length)
            low, out = list(self.low), list(self.out)
            low[axis] -= first * self.stride[axis]
            out[axis] = last - first
            places = (last - first) * area
            part = self._replace(low=tuple(low), out=tuple(out), places=places)  # type: ignore[arg-type]
            parts.append((part, slice(first * area, first * area + places)))
        return parts

    @property
    def loops(self) -> tuple[Triple, Triple, Triple, Triple, Triple, Triple]:
        """What the compiled loops take."""
        return self[:6]


@lru_cache(maxsize=1024)
def window(
    size: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
) -> Window:
    """The window of a convolution.

    Parameters
    ----------
    size, kernel, stride, dilation : tuple of int
        One number for each of one to three dimensions.
    padding : tuple of (int, int)
        Zeros before and after the input.

    Examples
    --------
    >>> w = window((5,), (3,), (2,), ((1, 1),), (1,))
    >>> w.out, w.shape
    ((1, 1, 3), (3,))
    """
    lacking = 3 - len(size)
    ones = (1,) * lacking
    reach = spans(kernel, dilation)
    out = tuple(
        max((n + low + high - r) // s + 1, 0)
        for n, (low, high), r, s in zip(size, padding, reach, stride, strict=True)
    )
    still = all(s == 1 for s in stride) and all(pads == (0, 0) for pads in padding)
    return Window(
        (*ones, *size),  # type: ignore[arg-type]
        (*ones, *kernel),  # type: ignore[arg-type]
        (*ones, *stride),  # type: ignore[arg-type]
        ((0,) * lacking + tuple(low for low, _ in padding)),  # type: ignore[arg-type]
        (*ones, *dilation),  # type: ignore[arg-type]
        (*ones, *out),  # type: ignore[arg-type]
        len(size),
        still and all(k == 1 for k in kernel),
        math.prod(kernel),
        math.prod(out),
    )


def spans(kernel: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[int, ...]:
    """How far a kernel reaches: 5 for three elements at distance 2.

    Examples
    --------
    >>> spans((3, 1), (2, 2))
    (5, 1)
    """
    return tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))


def back(win: Window) -> Window:
    """The window, of stride 1, that leads from the places of the output to those of the input."""
    lacking = 3 - win.dims
    padding = []
    reach = spans(win.kernel, win.dilation)
    for n, o, r, low in zip(win.size, win.out, reach, win.low, strict=True):
        before = r - 1 - low
        padding.append((before, n - o + r - 1 - before))
    return window(
        win.out[lacking:],
        win.kernel[lacking:],
        win.stride[lacking:],
        tuple(padding[lacking:]),
        win.dilation[lacking:],
    )


# ---- the NumPy way over a window ----------------------------------------------------------


def padded(x: Any, w: Window) -> Any:
    """The part of ``x: (N, C, D, H, W)`` that the window reads, with the zeros around it."""
    reach = spans(w.kernel, w.dilation)
    need = [(o - 1) * s + r for o, s, r in zip(w.out, w.stride, reach, strict=True)]
    out = np.zeros((*x.shape[:2], *need), x.dtype)
    inner, outer = meeting(w, need)
    out[outer] = x[inner]
    return out


def meeting(w: Window, need: list[int]) -> tuple[Any, Any]:
    """Where input and padded input overlap: slices of the one and of the other."""
    inner, outer = [..., *w.size], [..., *w.size]
    for i, (n, low, length) in enumerate(zip(w.size, w.low, need, strict=True)):
        first, last = max(low, 0), min(length, n + low)
        outer[i + 1] = slice(first, max(last, first))
        inner[i + 1] = slice(first - low, max(last, first) - low)
    return tuple(inner), tuple(outer)


def taps(w: Window) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The elements of the kernel: their number, and what each reads of the padded input."""
    for k, place in enumerate(np.ndindex(*w.kernel)):
        read = [
            slice(i * d, i * d + (o - 1) * s + 1, s)
            for i, d, o, s in zip(place, w.dilation, w.out, w.stride, strict=True)
        ]
        yield k, (..., *read)
