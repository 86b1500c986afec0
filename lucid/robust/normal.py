"""Means over the normal density, by quadrature that does not mind kinks at known places."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from statistics import NormalDist
from typing import Any

import numpy as np

STANDARD = NormalDist()
REACH = 12.0  # beyond so many standard deviations there is less than 1e-32

_nodes, _weights = np.polynomial.legendre.leggauss(16)


def normal_quadrature(breaks: Iterable[float] = (), mean: float = 0.0) -> tuple[Any, Any]:
    """Points and weights, so that ``sum(w * f(r))`` is the mean of f(r), r ~ N(mean, 1).

    Gauss-Legendre panels meet at the breaks, and grow narrower towards them and towards 0:
    functions with kinks or jumps there, however sharp, are integrated to about 1e-12.

    Parameters
    ----------
    breaks : iterable of float
    mean : float, default 0.0

    Examples
    --------
    >>> r, w = normal_quadrature([1.0])
    >>> round(float((w * np.abs(r)).sum()), 12), round(math.sqrt(2 / math.pi), 12)
    (0.797884560803, 0.797884560803)
    """
    graded = REACH * 0.5 ** np.arange(40)
    around = np.concatenate([-graded, [0.0], graded])
    finite = [b for b in (0.0, *breaks) if math.isfinite(b)]
    even = mean + np.linspace(-REACH, REACH, 49)
    edges = np.unique(np.concatenate([even, *(b + around for b in finite)]))
    edges = edges[np.abs(edges - mean) <= REACH]
    half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
    points = (middle[:, None] + half[:, None] * _nodes).ravel()
    weights = (half[:, None] * _weights).ravel()
    density = np.exp(-0.5 * (points - mean) ** 2) / math.sqrt(2 * math.pi)
    return points, weights * density


def bisect(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that rises from below 0 to above 0 crosses it, to the last bits.

    Examples
    --------
    >>> round(bisect(lambda x: x * x - 2, 0.0, 2.0), 12)
    1.414213562373
    """
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if function(middle) > 0:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)
