"""Order statistics of the n (n - 1) / 2 differences between n numbers, without making them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .jit import kernel, wanted


def smallest_difference(x: Any, k: int) -> float:
    """The k-th smallest (from 1) of the differences x[j] - x[i], i < j, of sorted numbers.

    Row i holds the differences to x[i], in order. Each round compares all rows with the
    weighted median of the middles of what is left of them, which discards a quarter or more:
    O(log n) rounds, each of O(n) steps in the loop, memory of O(n).

    Parameters
    ----------
    x : array of float64
        Sorted, finite, 1-d.
    k : int
        1 to n (n - 1) / 2.

    References
    ----------
    .. [1] D. B. Johnson, T. Mizoguchi, "Selecting the K-th Element in X + Y and
       X1 + X2 + ... + Xm", SIAM Journal on Computing 7 (1978), 147-153.
    .. [2] C. Croux, P. J. Rousseeuw, "Time-Efficient Algorithms for Two Highly Robust
       Estimators of Scale", Computational Statistics 1 (1992), 411-428.

    Examples
    --------
    >>> x = np.array([0.0, 1.0, 3.0, 7.0])
    >>> [smallest_difference(x, k) for k in range(1, 7)]
    [1.0, 2.0, 3.0, 4.0, 6.0, 7.0]
    """
    n = len(x)
    first = np.arange(1, n + 1)  # where each row begins
    left, right = first, np.full(n, n)
    while True:
        sizes = np.maximum(right - left, 0)
        if int(sizes.sum()) <= 4 * n:
            break
        rows = np.flatnonzero(sizes)
        middles = x[(left[rows] + right[rows] - 1) // 2] - x[rows]
        trial = _weighted_median(middles, sizes[rows])
        below = first_column(x, trial, beyond=False)
        if k <= int((below - first).sum()):
            right = np.minimum(right, below)
            continue
        upto = first_column(x, trial, beyond=True)
        if k <= int((upto - first).sum()):
            return trial
        left = np.maximum(left, upto)
    rows = np.repeat(np.arange(n), sizes)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    candidates = x[left[rows] + within] - x[rows]
    rank = k - 1 - int((left - first).sum())
    return float(np.partition(candidates, rank)[rank])


def _weighted_median(values: Any, weights: Any) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(reached, 0.5 * reached[-1])]])


def first_column(x: Any, t: float, beyond: bool) -> Any:
    """For each i the first j > i with x[j] - x[i] >= t, or > t where `beyond`; n if none.

    The differences themselves are compared: x[j] against x[i] + t would round otherwise.

    Examples
    --------
    >>> first_column(np.array([0.0, 1.0, 3.0, 7.0]), 2.0, beyond=False).tolist()
    [2, 2, 3, 4]
    """
    n = len(x)
    if wanted(n):
        out = np.empty(n, np.int64)
        _first_column.compiled(x, float(t), beyond, out)
        return out
    low, high = np.arange(1, n + 1), np.full(n, n)
    for _ in range(n.bit_length()):
        middle = (low + high) // 2
        gap = x[np.minimum(middle, n - 1)] - x
        short = (low < high) & ((gap <= t) if beyond else (gap < t))
        high = np.where(short, high, np.minimum(middle, high))
        low = np.where(short, middle + 1, low)
    return low


@kernel()
def _first_column(x: Any, t: Any, beyond: Any, out: Any) -> None:
    n = x.size
    j = 1
    for i in range(n):  # rows are ever shorter steps apart, so j never has to go back
        if j <= i:
            j = i + 1
        while j < n and (x[j] - x[i] < t or (beyond and x[j] - x[i] == t)):
            j += 1
        out[i] = j


def middle_distances(x: Any) -> Any:
    """For each of n sorted numbers the high median of its distances to all of them.

    That is the smallest reach, to both sides, that takes in n // 2 + 1 neighbours, itself
    among them: found for all numbers at once by bisection over where the neighbours begin.

    Parameters
    ----------
    x : array of float64
        Sorted, 1-d.

    Examples
    --------
    >>> middle_distances(np.array([0.0, 1.0, 3.0, 7.0])).tolist()
    [3.0, 2.0, 3.0, 6.0]
    """
    n = len(x)
    k, index = n // 2 + 1, np.arange(n)
    start, stop = np.maximum(index - k + 1, 0), np.minimum(index, n - k)
    low, high = start, stop
    for _ in range(n.bit_length()):
        middle = (low + high) // 2
        farther = x[middle + k - 1] - x >= x - x[middle]  # the right end is the farther one
        high = np.where(farther, middle, high)
        low = np.where(farther, low, np.minimum(middle + 1, high))
    before = np.maximum(low - 1, start)
    return np.minimum(_reach(x, low, k), _reach(x, before, k))


def _reach(x: Any, begin: Any, k: int) -> Any:
    return np.maximum(x[begin + k - 1] - x, x - x[begin])
