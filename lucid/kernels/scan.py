"""The linear recurrence along one dimension of an array."""

from __future__ import annotations

from typing import Any

import numpy as np

from .jit import kernel, suits, wanted


def recurrence(a: Any, b: Any, axis: int, reverse: bool) -> Any:
    """``s[k] = b[k] + a[k] * s[k - 1]`` along `axis`, from the far end with `reverse`.

    The first ``a`` multiplies nothing.
    """
    if b.size and wanted(b.size) and suits(a, b):
        n = b.shape[axis]
        inner = int(np.prod(b.shape[axis + 1 :]))
        out = np.empty(b.shape, b.dtype)
        _loop(a.reshape(-1, n, inner), b.reshape(-1, n, inner), out.reshape(-1, n, inner), reverse)
        return out
    return _reference(a, b, axis, reverse)


def _reference(a: Any, b: Any, axis: int, reverse: bool) -> Any:
    out = b.copy()
    rows, factors = np.moveaxis(out, axis, 0), np.moveaxis(a, axis, 0)
    if reverse:
        rows, factors = rows[::-1], factors[::-1]
    for k in range(1, len(rows)):
        rows[k] += factors[k] * rows[k - 1]
    return out


@kernel()
def _loop(a, b, out, reverse):
    lanes, n, inner = b.shape
    for lane in range(lanes):
        for i in range(n):
            k = n - 1 - i if reverse else i
            last = k + 1 if reverse else k - 1
            for j in range(inner):
                if i == 0:
                    out[lane, k, j] = b[lane, k, j]
                else:
                    out[lane, k, j] = b[lane, k, j] + a[lane, k, j] * out[lane, last, j]
