"""The steps of a recurrent layer in one compiled loop, products and cells together.

A step is a product of a few rows with a large matrix, and a pass over its result. By BLAS and
NumPy each step costs three calls, and BLAS copies the matrix into its own order every time.
Here the matrix is put in order once, as panels of columns as wide as a tile
(`kernels.tiles`), and each thread takes some of the sequences from the first step to the last.
The references are the loops of `kernels.recurrent`, over steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import jit, threads, tiles
from .cells import lstm_back_row, lstm_row
from .jit import kernel, suits, wanted
from .tiles import ALONE, LANES, ROWS, VECTORS, block

THREADED = 1 << 22  # multiplications of all steps from which waking a thread pays

_float32 = np.dtype(np.float32)


def able(first: Any, *others: Any) -> bool:
    """Whether the loops take these arrays."""
    if first.dtype is not _float32 or not (jit.policy.on or wanted(first.size)):
        return False
    return suits(first, *others) and first.size > 0 and tiles.able()


def panels(w: Any, wide: int) -> Any:
    """A matrix ``(K, N)`` as ``(panels, K, wide)``, the last panel filled up with zeros.

    Examples
    --------
    >>> panels(np.ones((2, 50), np.float32), 48).sum(axis=(1, 2)).tolist()
    [96.0, 4.0]
    """
    depth, columns = w.shape
    full = columns // wide
    made = np.zeros((-(-columns // wide), depth, wide), w.dtype)
    made[:full] = w[:, : full * wide].reshape(depth, full, wide).swapaxes(0, 1)
    if full < len(made):
        made[full, :, : columns - full * wide] = w[:, full * wide :]
    return made


class _Product:
    """A product of some rows with one matrix, as `_multiply` takes it.

    Attributes
    ----------
    args : tuple
        The panels, their width in registers, and the tables of rows, of steps along a row and
        along a panel.
    width : int
        Columns of the result, a multiple of a tile's.
    """

    __slots__ = ("args", "width")

    def __init__(self, w: Any, batch: int, pitch: int) -> None:
        vectors = VECTORS if batch > 1 else ALONE
        made = panels(w, vectors * LANES)
        self.width = len(made) * vectors * LANES
        steps = np.arange(len(w))
        rows = np.arange(batch) * pitch
        self.args = made.ravel(), vectors, rows, steps, steps * (vectors * LANES)


@kernel()
def _multiply(
    a: Any, a0: int, out: Any, width: int, first: int, last: int,
    matrix: Any, vectors: int, rows: Any, steps: Any, along: Any,
) -> None:  # fmt: skip
    """``out[first:last] = a[first:last] @ matrix``, of flat arrays."""
    depth, wide = steps.size, vectors * LANES
    for column in range(0, width, wide):
        row = first
        while row < last:
            row += block(
                last - row, vectors, out, row * width + column, width, a, a0, rows, row,
                steps, matrix, column * depth, along, depth, False,
            )  # fmt: skip


def _order(sizes: tuple[int, ...], reverse: bool) -> tuple[Any, Any]:
    """The first row and the number of sequences of every step, in the order of the steps."""
    counts = np.array(sizes, np.int64)
    starts = np.cumsum(counts) - counts
    return (starts[::-1].copy(), counts[::-1].copy()) if reverse else (starts, counts)


# ---- long short-term memory ---------------------------------------------------------------


def lstm(gates: Any, h: Any, c: Any, w_hh: Any, sizes: tuple[int, ...], reverse: bool) -> Any:
    """All outputs, the old cells and the tanh of the new ones; gates, h and c move on in place.

    The arguments are those of `kernels.recurrent.lstm`, and the input's share of the gates.
    """
    batch, size = h.shape
    out, before, bent = (np.empty((len(gates), size), gates.dtype) for _ in range(3))
    product = _Product(w_hh.T, batch, size)
    share = np.empty((batch, product.width), gates.dtype)
    args = gates, share, h, c, before, bent, out, *_order(sizes, reverse), *product.args
    large = w_hh.size * len(gates) >= THREADED
    threads.run(_lstm, batch, ROWS, *args, large=large, linger=0)
    return out, before, bent


@kernel()
def _lstm(
    gates: Any, share: Any, h: Any, c: Any, before: Any, bent: Any, out: Any, starts: Any,
    counts: Any, matrix: Any, vectors: int, rows: Any, steps: Any, along: Any,
    first: int, last: int,
) -> None:  # fmt: skip
    size, width = h.shape[1], share.shape[1]
    flat, product = h.reshape(h.size), share.reshape(share.size)
    for t in range(starts.size):
        running = min(last, counts[t])
        _multiply(flat, 0, product, width, first, running, matrix, vectors, rows, steps, along)
        for b in range(first, running):
            at = starts[t] + b
            lstm_row(gates[at], share[b], c[b], before[at], bent[at], out[at])
            for j in range(size):
                h[b, j] = out[at, j]


def lstm_back(
    g: Any, dh: Any, dc: Any, w_hh: Any, residual: Any, sizes: tuple[int, ...], reverse: bool
) -> tuple[Any, Any]:
    """The gradients of what entered the gates, and of the first h; `dc` moves on in place.

    Parameters
    ----------
    g : array or None
        The gradient of all outputs.
    dh, dc : array
        The gradients of the last states.
    w_hh : array
    residual : tuple of array
        The gates, the old cells and the tanh of the new ones.
    sizes, reverse
        Of the way forward.
    """
    gates, before, bent = residual
    batch, size = dh.shape
    entered = np.empty_like(gates)
    product = _Product(w_hh, batch, gates.shape[1])
    carried = np.zeros((batch, product.width), gates.dtype)
    carried[:, :size] = dh
    if g is not None:
        g = np.ascontiguousarray(g, gates.dtype)
    args = g, carried, dc, gates, before, bent, entered, *_order(sizes, not reverse), *product.args
    large = w_hh.size * len(gates) >= THREADED
    threads.run(_lstm_back, batch, ROWS, *args, large=large, linger=0)
    return entered, carried[:, :size].copy()


@kernel()
def _lstm_back(
    g: Any, carried: Any, dc: Any, gates: Any, before: Any, bent: Any, entered: Any, starts: Any,
    counts: Any, matrix: Any, vectors: int, rows: Any, steps: Any, along: Any,
    first: int, last: int,
) -> None:  # fmt: skip
    size, width = dc.shape[1], carried.shape[1]
    flat, product = entered.reshape(entered.size), carried.reshape(carried.size)
    for t in range(starts.size):
        running = min(last, counts[t])
        for b in range(first, running):
            at, dh = starts[t] + b, carried[b]
            if g is not None:
                for j in range(size):
                    dh[j] += g[at, j]
            lstm_back_row(dh, dc[b], gates[at], before[at], bent[at], entered[at])
        begun = starts[t] * gates.shape[1]
        _multiply(flat, begun, product, width, first, running, matrix, vectors, rows, steps, along)
