"""Connectionist temporal classification: the sum over all alignments, and how often each is used.

The labels of a sequence are spread out to states, with blanks before, between and behind them.
`alpha` is the logarithm of the sum over all beginnings of alignments that end in a state at a
time, `beta` that of all endings from there; a state follows itself, the one before it and,
unless its label would be lost among equals, the one before that. All of it in double precision.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import threads
from .jit import kernel, wanted

THREADED = 1 << 14  # from this many states times steps on, waking a thread pays
NONE = -np.inf


def ctc(
    x: Any, states: Any, skips: Any, times: Any, lengths: Any, gradient: bool
) -> tuple[Any, Any]:
    """The negative log-likelihood of every sequence, and its gradient if that is wanted.

    Parameters
    ----------
    x : array
        Log-probabilities, shape ``(T, N, C)``.
    states : array of int64
        Classes of the states, shape ``(N, S)``.
    skips : array of bool
        Shape ``(N, S)``: whether a state follows the one before the last.
    times, lengths : array of int64
        Shape ``(N,)``: how many steps and how many states of each sequence count.
    gradient : bool

    Examples
    --------
    >>> x = np.log(np.full((2, 1, 2), 0.5))
    >>> states, skips = np.array([[0, 1, 0]]), np.zeros((1, 3), bool)
    >>> loss, slope = ctc(x, states, skips, np.array([2]), np.array([3]), True)
    >>> np.exp(-loss).round(4).tolist()  # three alignments of four: not blank twice
    [0.75]
    """
    wide = np.ascontiguousarray(x, np.float64)
    if wanted(x.shape[0] * states.size):
        loss = np.empty(x.shape[1])
        slope = np.zeros(wide.shape if gradient else (0, 0, 0))
        args = (wide, states, skips, times, lengths, gradient, loss, slope)
        large = x.shape[0] * states.size >= THREADED
        threads.run(_sequences, len(times), 1, *args, large=large)
    else:
        loss, slope = _reference(wide, states, skips, times, lengths, gradient)
    return loss.astype(x.dtype), slope.astype(x.dtype, copy=False) if gradient else None


def _reference(
    x: Any, states: Any, skips: Any, times: Any, lengths: Any, gradient: bool
) -> tuple[Any, Any]:
    steps, count, _ = x.shape
    rows = np.arange(count)
    emitted = x[:, rows[:, None], states]
    ends = at_end(states.shape, lengths)
    alpha = np.full((max(steps, 1), *states.shape), NONE)
    if not steps:
        emptied = np.where(lengths == 1, 0.0, NONE)
        return -emptied, np.zeros_like(x)
    alpha[0] = np.where(at_start(states.shape, lengths), emitted[0], NONE)
    for t in range(1, steps):
        alpha[t] = _from_left(alpha[t - 1], skips) + emitted[t]
    last = alpha[np.maximum(times, 1) - 1, rows]
    total = np.logaddexp.reduce(np.where(ends, last, NONE), axis=1)
    total = np.where(times > 0, total, np.where(lengths == 1, 0.0, NONE))
    if not gradient:
        return -total, None
    slope = np.zeros_like(x)
    beta = np.full(states.shape, NONE)
    for t in range(steps - 1, -1, -1):
        if t < steps - 1:
            beta = _from_right(beta + emitted[t + 1], skips)
        beta = np.where((times == t + 1)[:, None], np.where(ends, 0.0, NONE), beta)
        used = np.exp(alpha[t] + beta - total[:, None])
        used[times <= t] = 0
        np.subtract.at(slope[t], (rows[:, None], states), used)
    return -total, slope


def at_start(shape: tuple[int, int], lengths: Any) -> Any:
    """Where an alignment may begin: in the first blank, or the first label.

    Examples
    --------
    >>> at_start((1, 3), np.array([3])).tolist()
    [[True, True, False]]
    """
    place = np.arange(shape[1])
    return (place < 2) & (place < lengths[:, None])


def at_end(shape: tuple[int, int], lengths: Any) -> Any:
    """Where an alignment may end: in the last label, or the last blank.

    Examples
    --------
    >>> at_end((1, 4), np.array([3])).tolist()
    [[False, True, True, False]]
    """
    place = np.arange(shape[1])
    return (place >= lengths[:, None] - 2) & (place < lengths[:, None])


def _from_left(a: Any, skips: Any) -> Any:
    out = a.copy()
    out[:, 1:] = np.logaddexp(a[:, 1:], a[:, :-1])
    out[:, 2:] = np.logaddexp(out[:, 2:], np.where(skips[:, 2:], a[:, :-2], NONE))
    return out


def _from_right(a: Any, skips: Any) -> Any:
    out = a.copy()
    out[:, :-1] = np.logaddexp(a[:, :-1], a[:, 1:])
    out[:, :-2] = np.logaddexp(out[:, :-2], np.where(skips[:, 2:], a[:, 2:], NONE))
    return out


@kernel()
def _log_sum(a: Any, b: Any, c: Any) -> Any:
    top = max(a, max(b, c))
    if np.isinf(top):  # whose difference to itself is NaN; that of the others is not lost
        return top if a == a and b == b and c == c else np.nan
    return top + np.log(np.exp(a - top) + np.exp(b - top) + np.exp(c - top))


@kernel()
def _sequences(
    x: Any,
    states: Any,
    skips: Any,
    times: Any,
    lengths: Any,
    gradient: bool,
    loss: Any,
    slope: Any,
    first: int,
    last: int,
) -> None:
    for n in range(first, last):
        steps, count = times[n], lengths[n]
        if steps == 0:
            loss[n] = 0.0 if count == 1 else np.inf
            continue
        alpha = np.full((steps, count), NONE)
        for s in range(min(2, count)):
            alpha[0, s] = x[0, n, states[n, s]]
        for t in range(1, steps):
            for s in range(count):
                one = alpha[t - 1, s - 1] if s > 0 else NONE
                two = alpha[t - 1, s - 2] if s > 1 and skips[n, s] else NONE
                alpha[t, s] = _log_sum(alpha[t - 1, s], one, two) + x[t, n, states[n, s]]
        before = alpha[steps - 1, count - 2] if count > 1 else NONE
        total = _log_sum(alpha[steps - 1, count - 1], before, NONE)
        loss[n] = -total
        if not gradient:
            continue
        beta, later = np.full(count, NONE), np.empty(count)
        beta[count - 1] = 0.0
        if count > 1:
            beta[count - 2] = 0.0
        for t in range(steps - 1, -1, -1):
            for s in range(count):
                slope[t, n, states[n, s]] -= np.exp(alpha[t, s] + beta[s] - total)
            for s in range(count):
                later[s] = beta[s] + x[t, n, states[n, s]]
            for s in range(count):
                one = later[s + 1] if s + 1 < count else NONE
                two = later[s + 2] if s + 2 < count and skips[n, s + 2] else NONE
                beta[s] = _log_sum(later[s], one, two)
