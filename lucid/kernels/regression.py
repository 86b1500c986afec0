"""The fused pass of a regression loss: sum the loss and write its gradient, reading once.

Each loss gives a loop over a block of elements (`huber_block` and its like). `Fused` runs the
blocks, on several threads where that pays, and adds their sums in a fixed order in double
precision: each block sums 4096 elements in its own precision, in many lanes, which keeps the
relative error of 1e7 float32 values below 1e-6. A block whose sum overflows is summed again
in double precision, so that nothing overflows where the true value is finite.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import buffers, threads
from .jit import Kernel, kernel, suits, wanted

BLOCK = 1 << 12  # elements summed in their own precision
CHUNK = 1 << 18  # elements that a thread takes at a time; one partial sum each
THREADED = 1 << 19  # from this many elements on, waking a thread pays

# Sums may be reordered, so that they run in vector lanes; NaN and inf keep their meaning.
FAST = {"reassoc", "nsz"}

# ---- blocks: one loop a loss ----------------------------------------------------------
# x, t: input and target; w: weights or None, where 0 leaves an element out altogether;
# psi: where to write the gradient, or None; a, b: the loss's own parameters; scale: of the
# gradient. Returns the sum of the loss, not scaled.


@kernel(fastmath=FAST)
def huber_block(x: Any, t: Any, w: Any, psi: Any, a: Any, b: Any, scale: Any) -> Any:
    """psi = clip(r, -a, a), loss = psi (r - psi/2); NaN passes both tests."""
    zero, half = x.dtype.type(0), x.dtype.type(0.5)
    total = zero
    for i in range(x.size):
        r = x[i] - t[i]
        p = a if r > a else r
        p = -a if p < -a else p
        value = p * (r - half * p)
        if w is not None:
            value = value * w[i] if w[i] != zero else zero
            p = p * w[i] if w[i] != zero else zero
        if psi is not None:
            psi[i] = p * scale
        total += value
    return total


@kernel(fastmath=FAST)
def mse_block(x: Any, t: Any, w: Any, psi: Any, a: Any, b: Any, scale: Any) -> Any:
    """loss = r^2, psi = 2 r."""
    zero = x.dtype.type(0)
    total = zero
    for i in range(x.size):
        r = x[i] - t[i]
        value, p = r * r, r + r
        if w is not None:
            value = value * w[i] if w[i] != zero else zero
            p = p * w[i] if w[i] != zero else zero
        if psi is not None:
            psi[i] = p * scale
        total += value
    return total


@kernel(fastmath=FAST)
def l1_block(x: Any, t: Any, w: Any, psi: Any, a: Any, b: Any, scale: Any) -> Any:
    """loss = |r|, psi = sign(r)."""
    zero, one = x.dtype.type(0), x.dtype.type(1)
    total = zero
    for i in range(x.size):
        r = x[i] - t[i]
        p = one if r > zero else (-one if r < zero else r)
        value = abs(r)
        if w is not None:
            value = value * w[i] if w[i] != zero else zero
            p = p * w[i] if w[i] != zero else zero
        if psi is not None:
            psi[i] = p * scale
        total += value
    return total


# ---- the pass over all blocks ---------------------------------------------------------

block = huber_block  # what `_chunk` and `_again` call; `Fused` binds it to the loss's own loop


@kernel()
def _part(array: Any, first: int, last: int) -> Any:
    """A slice, or None of None."""
    if array is None:
        return None
    return array.reshape(array.size)[first:last]


@kernel()
def _chunk(
    x: Any, t: Any, w: Any, psi: Any, a: Any, b: Any, scale: Any, first: int, last: int
) -> float:
    """Sum the loss over elements ``first`` to ``last``, a block at a time."""
    total, real = 0.0, x.dtype.type
    for start in range(first, last, BLOCK):
        stop = min(start + BLOCK, last)
        xs, ts = _part(x, start, stop), _part(t, start, stop)
        ws, ps = _part(w, start, stop), _part(psi, start, stop)
        part = float(block(xs, ts, ws, ps, real(a), real(b), real(scale)))
        if np.isinf(part):
            part = _again(xs, ts, ws, a, b)
        total += part
    return total


@kernel()
def _again(x: Any, t: Any, w: Any, a: Any, b: Any) -> float:
    """A block's sum in double precision."""
    wide = _wide(w)
    x64, t64 = x.astype(np.float64), t.astype(np.float64)
    return float(block(x64, t64, wide, None, a, b, 1.0))


@kernel()
def _wide(w: Any) -> Any:
    if w is None:
        return None
    return w.astype(np.float64)


class Fused:
    """The fused pass of one loss, built from its block.

    Examples
    --------
    >>> x, t = np.array([0.5, 3.0], np.float32), np.zeros(2, np.float32)
    >>> total, psi = Fused("huber", huber_block)(x, t, None, 0.5, True, 1.0)
    >>> float(total), psi.tolist()
    (2.625, [0.25, 0.5])
    """

    __slots__ = ("_chunk",)

    def __init__(self, name: str, block: Kernel) -> None:
        again = _again.bind(f"{name}_again", block=block)
        self._chunk = _chunk.bind(f"{name}_chunk", block=block, _again=again)

    def __call__(
        self, x: Any, t: Any, w: Any, scale: float, gradient: bool, a: float = 0.0, b: float = 0.0
    ) -> tuple[float, Any] | None:
        """The sum of the loss, not scaled, and its gradient, scaled, where wanted.

        None if the kernel does not suit these arrays; the NumPy reference does it then.
        """
        size = x.size
        if not wanted(size) or x.shape != t.shape or not suits(x, t):
            return None
        if w is not None and (w.shape != x.shape or not suits(x, w)):
            return None
        if size > CHUNK:
            return self._in_chunks(x, t, w, scale, gradient, a, b)
        psi = np.empty_like(x) if gradient else None
        run = self._chunk.compiled
        return run(x, t, w, psi, a, b, scale, 0, size), psi

    def _in_chunks(
        self, x: Any, t: Any, w: Any, scale: float, gradient: bool, a: float, b: float
    ) -> tuple[float, Any]:
        """The same for large arrays, on several threads where that pays."""
        size = x.size
        psi = buffers.empty(x.shape, x.dtype) if gradient else None
        chunks = -(-size // CHUNK)
        sums = np.empty(chunks)

        def share(first: int, last: int) -> None:
            for i in range(first, last):
                start, stop = i * CHUNK, min((i + 1) * CHUNK, size)
                sums[i] = self._chunk(x, t, w, psi, a, b, scale, start, stop)

        if size >= THREADED:
            threads.run(share, chunks)
        else:
            share(0, chunks)
        return float(np.add.reduce(sums)), psi
