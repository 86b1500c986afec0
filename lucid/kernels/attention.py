"""Attention in blocks: of the scores no more stands in memory than a cache holds.

A block is some heads, or some rows of one head. Its scores are one product, its probabilities a
pass over them in place, its output a second product. Of a large problem only the logarithm of
each row's sum is kept for the way back, where the probabilities are computed once more.

References
----------
A. Vaswani et al., "Attention Is All You Need", 2017.
T. Dao et al., "FlashAttention: Fast and Memory-Efficient Exact Attention with IO-Awareness",
2022: the way back.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from . import blas, jit
from .dropout import kept
from .jit import kernel, suits, wanted
from .softmax import ZERO, largest
from .vector_math import F, exp32

BLOCK = 1 << 18  # scores at a time
WHOLE = 1 << 20  # up to so many scores in all, the probabilities are kept for the way back

LEAST = F(-87.0)  # exp of it is a normal number, just

_ODD = 0xD1342543DE82EF95  # tells the random numbers of blocks apart
_float32 = np.dtype(np.float32)


def blocks(shape: tuple[int, ...], causal: bool) -> list[tuple[Any, slice, int]]:
    """How scores of shape ``(..., L, S)`` are cut up: which heads, which rows, how many columns.

    Examples
    --------
    >>> blocks((2, 3, 4, 4), False)
    [((), slice(0, 4, None), 4)]
    >>> blocks((2, 1024, 1024), True)[1]
    ((0,), slice(256, 512, None), 512)
    """
    *leads, length, columns = shape
    if not math.prod(shape):
        return []
    if length * columns > BLOCK:
        step = max(BLOCK // columns, 1)
        rows = [slice(r, min(r + step, length)) for r in range(0, length, step)]
        heads = list(np.ndindex(*leads))
        return [(h, r, min(r.stop, columns) if causal else columns) for h in heads for r in rows]
    whole, inner = len(leads), length * columns
    while whole and inner * leads[whole - 1] <= BLOCK:
        whole -= 1
        inner *= leads[whole]
    reach = min(length, columns) if causal else columns
    every = slice(0, length)
    if not whole:
        return [((), every, reach)]
    step, outer = BLOCK // inner, leads[whole - 1]
    return [
        ((*head, slice(i, i + step)), every, reach)
        for head in np.ndindex(*leads[: whole - 1])
        for i in range(0, outer, step)
    ]


def _shape(q: Any, k: Any, v: Any, mask: Any) -> tuple[int, ...]:
    """The shape of the scores."""
    leads = [x.shape[:-2] for x in (q, k, v, mask) if x is not None]
    return (*np.broadcast_shapes(*leads), q.shape[-2], k.shape[-2])


def _spread(shape: tuple[int, ...], q: Any, k: Any, v: Any, mask: Any) -> list[Any]:
    """All operands with all heads; nothing is copied but half precision, to single."""
    spread: list[Any] = []
    for x in (q, k, v):
        x = x.astype(np.float32) if x.dtype.itemsize == 2 else x
        spread.append(np.broadcast_to(x, (*shape[:-2], *x.shape[-2:])))
    return [*spread, None if mask is None else np.broadcast_to(mask, shape)]


def keep(shape: tuple[int, ...], p: float, key: int, causal: bool) -> Any:
    """Which probabilities are kept when each is dropped with probability `p`.

    Examples
    --------
    >>> keep((2, 3), 0.5, 1, False).tolist()
    [[True, True, False], [True, True, True]]
    """
    mask = np.zeros(shape, np.bool_)
    for i, (head, rows, reach) in enumerate(blocks(shape, causal)):
        part = mask[head][..., rows, :reach]
        part[...] = _kept(part.shape, p, key, i)
    return mask


def _kept(shape: tuple[int, ...], p: float, key: int, block: int) -> Any:
    return kept(shape, p, (key + block * _ODD) % (1 << 64))


def attention(
    q: Any, k: Any, v: Any, mask: Any, scale: float, causal: bool, p: float, key: int
) -> tuple[Any, tuple[Any, Any]]:
    """The outputs; and the logarithms of the rows' sums, or the probabilities, block by block.

    Parameters
    ----------
    q, k, v : array
        Shapes ``(..., L, E)``, ``(..., S, E)`` and ``(..., S, F)``, which broadcast.
    mask : array or None
        Shape ``(..., L, S)``: False where nothing is to be seen, or what is added to the scores.
    scale : float
        Of the scores.
    causal : bool
        Row i sees columns up to i.
    p, key
        Probability of dropout, and its key.
    """
    shape = _shape(q, k, v, mask)
    dtype = q.dtype
    q, k, v, mask = _spread(shape, q, k, v, mask)
    out = np.empty_like(q, shape=(*shape[:-1], v.shape[-1]))
    if not math.prod(shape):
        out[...] = 0
        return out.astype(dtype, copy=False), (None, None)
    small = math.prod(shape) <= WHOLE
    logs = np.empty(shape[:-1], q.dtype)
    every: list[Any] = []
    threads = blas.one_thread(shape[-2] * shape[-1] * q.shape[-1])
    for i, (head, rows, reach) in enumerate(blocks(shape, causal)):
        scores = _scores(q, k, mask, scale, causal, (head, rows, reach))[0]
        logs[head][..., rows] = _probabilities(scores)
        if small:
            every.append(scores)
        if p:
            scores = scores * (_kept(scores.shape, p, key, i) * _factor(p, scores))
        np.matmul(scores, v[head][..., :reach, :], out=out[head][..., rows, :])
    blas.restore(threads)
    return out.astype(dtype, copy=False), (None if small else logs, every)


def _factor(p: float, like: Any) -> Any:
    """What kept probabilities are scaled by."""
    return like.dtype.type(1 / (1 - p) if p < 1 else 0)


def _scores(
    q: Any, k: Any, mask: Any, scale: float, causal: bool, block: tuple[Any, slice, int]
) -> tuple[Any, Any]:
    """The scores of a block, -inf where nothing is to be seen; and the scaled queries."""
    head, rows, reach = block
    scaled = q[head][..., rows, :] * q.dtype.type(scale)
    scores = np.matmul(scaled, k[head][..., :reach, :].swapaxes(-1, -2))
    if mask is not None:
        part = mask[head][..., rows, :reach]
        if part.dtype.kind == "b":
            np.copyto(scores, -np.inf, where=~part)
        else:
            scores += part
    if causal:
        first = min(rows.start, reach)
        scores[..., first:] += _ahead(rows.stop - rows.start, reach - first, scores.dtype)
    return scores, scaled


@functools.lru_cache(maxsize=8)
def _ahead(rows: int, columns: int, dtype: Any) -> Any:
    """-inf above the diagonal, to add: a third of the time of writing it there by a mask."""
    return np.where(np.tri(rows, columns, dtype=np.bool_), 0, -np.inf).astype(dtype)


def _loops(scores: Any) -> bool:
    size = scores.size
    return scores.dtype is _float32 and (jit.policy.on or wanted(size)) and suits(scores)


def _probabilities(scores: Any) -> Any:
    """Scores to probabilities, in place, and the logarithms of the sums of exponentials.

    A row that sees nothing has only zeros, and 0 for its logarithm.
    """
    if _loops(scores):
        logs = np.empty(scores.shape[:-1], scores.dtype)
        rows = scores.reshape(-1, scores.shape[-1])
        _probable_rows.compiled(rows, logs.reshape(-1))
        return logs
    top = np.maximum.reduce(scores, axis=-1, keepdims=True)
    top[top == -np.inf] = 0
    scores -= top
    np.exp(scores, out=scores)
    total = np.add.reduce(scores, axis=-1, keepdims=True)
    blind = total == 0
    scores /= np.where(blind, 1, total)
    return np.where(blind, 0, np.log(total) + top)[..., 0]


@kernel(fastmath={"reassoc", "nsz", "contract"})
def _exponentials(x: Any, top: Any) -> Any:
    """Write exp(x - top) in place and return the sum.

    What would not be a normal number is 0: masked scores are many, and arithmetic that
    underflows takes a hundred times as long.
    """
    total = ZERO
    for j in range(x.size):
        below = x[j] - top
        e = exp32(LEAST if below < LEAST else below)
        e = ZERO if below < LEAST else e
        x[j] = e
        total += e
    return total


@kernel()
def _probable_rows(x: Any, logs: Any) -> None:
    for i in range(x.shape[0]):
        row = x[i]
        top = largest(row)
        if top == F(-np.inf):
            top = ZERO
        total = _exponentials(row, top)
        if total == ZERO:
            logs[i] = ZERO
            continue
        logs[i] = np.log(total) + top
        share = F(1) / total
        for j in range(row.size):
            row[j] *= share


def _again(scores: Any, logs: Any) -> Any:
    """The probabilities once more, in place."""
    scores -= logs[..., None]
    return np.exp(scores, out=scores)


def gradients(
    g: Any, residual: Any, out: Any, q: Any, k: Any, v: Any, mask: Any,
    scale: float, causal: bool, p: float, key: int, of_mask: bool,
) -> tuple[Any, Any, Any, Any]:  # fmt: skip
    """The gradients of q, k, v and, if wanted, an added mask, with all heads each."""
    shape = _shape(q, k, v, mask)
    q, k, v, mask = _spread(shape, q, k, v, mask)
    dq, dk, dv = (np.zeros_like(x) for x in (q, k, v))
    dmask = np.zeros(shape, q.dtype) if of_mask else None
    logs, every = residual
    threads = blas.one_thread(shape[-2] * shape[-1] * q.shape[-1])
    for i, (head, rows, reach) in enumerate(blocks(shape, causal)):
        if logs is None:
            probable = every[i]
            scaled = q[head][..., rows, :] * q.dtype.type(scale)
        else:
            probable, scaled = _scores(q, k, mask, scale, causal, (head, rows, reach))
            probable = _again(probable, logs[head][..., rows])
        entered, columns = g[head][..., rows, :].astype(q.dtype, copy=False), slice(0, reach)
        slopes = np.matmul(entered, v[head][..., columns, :].swapaxes(-1, -2))
        seen = probable
        if p:
            chosen = _kept(probable.shape, p, key, i) * _factor(p, probable)
            slopes, seen = slopes * chosen, probable * chosen
        _collect(dv[head][..., columns, :], seen, entered, rows.start == 0)
        slopes -= np.add.reduce(entered * out[head][..., rows, :], axis=-1, keepdims=True)
        slopes *= probable
        if dmask is not None:
            dmask[head][..., rows, columns] = slopes
        _collect(dk[head][..., columns, :], slopes, scaled, rows.start == 0)
        slopes *= q.dtype.type(scale)
        np.matmul(slopes, k[head][..., columns, :], out=dq[head][..., rows, :])
    blas.restore(threads)
    return dq, dk, dv, dmask


def _collect(total: Any, weights: Any, rows: Any, first: bool) -> None:
    """Add what a block of rows gives to the gradient of its keys or values."""
    if first:  # of the head: there are only zeros so far
        np.matmul(weights.swapaxes(-1, -2), rows, out=total)
    else:
        total += np.matmul(weights.swapaxes(-1, -2), rows)
