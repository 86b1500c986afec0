"""The largest or smallest element of each row, in vector lanes and on all threads.

Floats are compared as integers: with the lower bits of a negative number flipped, the bits of
two floats stand in the order of their values, and integers have a maximum that compilers
vectorise, which floats with their NaN have not. The reference is ``np.maximum.reduce``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import jit, threads
from .jit import kernel, suits, wanted

SMALLEST = 1 << 11  # elements; below, NumPy is as fast
CHUNK = 1 << 16  # elements that a thread takes at a time
THREADED = 1 << 20  # from this many elements on, waking a thread pays

# For each dtype: the integer of its size, all bits but the sign's, how far away that is, and the
# bits of infinity, which only those of NaN exceed.
_BITS = {
    "f": (np.int32, np.int32(0x7FFF_FFFF), np.int32(31), np.int32(0x7F80_0000)),
    "d": (np.int64, np.int64(2**63 - 1), np.int64(63), np.int64(0x7FF0 << 48)),
}


def of_rows(x: Any, smallest: bool = False) -> Any:
    """The largest elements along the last dimension, or the smallest; NaN where there is one.

    Examples
    --------
    >>> of_rows(np.array([[1.0, -2.0], [3.0, 4.0]])).tolist()
    [1.0, 4.0]
    >>> of_rows(np.array([[1.0, -2.0], [3.0, 4.0]]), smallest=True).tolist()
    [-2.0, 3.0]
    """
    suitable = x.size >= SMALLEST and (jit.policy.on or wanted(x.size)) and suits(x)
    if not suitable:
        reduce: Any = np.minimum.reduce if smallest else np.maximum.reduce
        return reduce(x, axis=-1)
    integer, mask, sign, infinity = _BITS[x.dtype.char]
    width = x.shape[-1]
    out = np.empty(x.shape[:-1], x.dtype)
    rows = x.view(integer).reshape(-1, width)
    bits = mask, sign, infinity, integer(-1 if smallest else 0)
    step = max(1, CHUNK // width)
    results = out.view(integer).reshape(-1)
    threads.run(_rows, len(rows), step, rows, results, *bits, large=x.size >= THREADED)
    return out


@kernel()
def _extreme(row: Any, mask: Any, sign: Any, flip: Any) -> Any:
    """The largest in the order of floats, and the largest of the absolute values.

    With all bits of `flip` set the order is turned round.
    """
    integer = row.dtype.type  # Numba widens what 32-bit integers make together
    best, size = integer(~mask), integer(0)  # the lowest integer, and 0
    for i in range(row.size):
        bits = row[i]
        ordered = integer(bits ^ ((bits >> sign) & mask) ^ flip)
        best = ordered if ordered > best else best
        magnitude = integer(bits & mask)
        size = magnitude if magnitude > size else size
    return best, size


@kernel()
def _rows(
    x: Any, out: Any, mask: Any, sign: Any, infinity: Any, flip: Any, first: int, last: int
) -> None:
    for i in range(first, last):
        best, size = _extreme(x[i], mask, sign, flip)
        best = best ^ flip
        out[i] = size if size > infinity else best ^ ((best >> sign) & mask)
