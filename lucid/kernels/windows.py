"""Windows over one dimension: where each of them begins and ends, and how many it counts.

>>> sliding = Span(length=5, number=3, size=3, stride=2, padding=1)
>>> edges(sliding).first.tolist(), edges(sliding).stop.tolist()
([[0, 1, 3]], [[2, 4, 5]])
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np


class Span(NamedTuple):
    """Windows over a dimension, that slide (`size` elements, `dilation` apart) or share it out.

    Attributes
    ----------
    length : int
        Elements of the dimension.
    number : int
        Windows.
    size : int
        Elements of a window; 0 where the windows share the dimension out evenly.
    stride : int
        From one window to the next.
    padding : int
        How far before the first element the first window begins.
    dilation : int
        From one element of a window to the next.
    """

    length: int
    number: int
    size: int = 0
    stride: int = 1
    padding: int = 0
    dilation: int = 1


class Edges(NamedTuple):
    """First places and past-the-last places of windows, ``(planes or 1, number)``, and the step."""

    first: Any
    stop: Any
    step: int


@functools.lru_cache(maxsize=1024)
def edges(span: Span) -> Edges:
    """Where windows begin and end, cut off at the ends of the dimension.

    A window that lies between two elements, as dilated ones can, is taken to the nearest.
    """
    order, length = np.arange(span.number, dtype=np.int64)[None], span.length
    if not span.size:
        first = order * length // span.number
        return Edges(first, -(-(order + 1) * length // span.number), 1)
    first = order * span.stride - span.padding
    stop = np.minimum(first + (span.size - 1) * span.dilation + 1, length)
    first = np.where(first < 0, first % span.dilation, first)
    first = np.minimum(first, length - 1)
    return Edges(first, np.maximum(stop, first + 1), span.dilation)


@functools.lru_cache(maxsize=1024)
def counts(span: Span, padded: bool) -> Any:
    """Elements in each window as float64, of the padding too where `padded`."""
    if not padded or not span.size:
        first, stop, _ = edges(span)
        return (stop - first)[0].astype(np.float64)
    first = np.arange(span.number) * span.stride - span.padding
    most = span.length + span.padding - first
    return np.minimum(span.size, most).astype(np.float64)
