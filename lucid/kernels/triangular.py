"""Triangular systems ``A x = b``: halves that multiply, down to blocks that LAPACK solves.

NumPy has no solver for triangles. Of one half of the unknowns the other is free once a product
is taken off, so nearly all work is matrix products.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .jit import kernel, wanted

_BLOCK = 64  # below it the general solver costs no more than the products would


def solve_triangular(a: Any, b: Any, upper: bool, unit: bool = False) -> Any:
    """The solution of triangular systems, one for each matrix of a batch.

    Parameters
    ----------
    a : ndarray
        Shape ``(..., n, n)``; only its triangle is read. A zero on the diagonal gives
        infinities and NaN, as division does.
    b : ndarray
        Shape ``(..., n, k)``; the leading dimensions broadcast against those of `a`.
    upper : bool
        Which triangle.
    unit : bool, default False
        Take the diagonal as ones, without reading it.

    Returns
    -------
    ndarray
        Shape ``(..., n, k)``.

    Examples
    --------
    >>> solve_triangular(np.array([[2.0, 1], [0, 4]]), np.array([[4.0], [8]]), upper=True)
    array([[1.],
           [2.]])
    """
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    x = np.empty((*batch, *b.shape[-2:]), np.result_type(a, b))
    x[...] = b
    if x.size:
        _solve_in_place(a, x, upper, unit)
    return x


def _solve_in_place(a: Any, x: Any, upper: bool, unit: bool) -> None:
    n = a.shape[-1]
    if n <= _BLOCK:
        _solve_block(a, x, upper, unit)
        return
    known, rest = slice(n // 2), slice(n // 2, None)
    if upper:
        known, rest = rest, known
    _solve_in_place(a[..., known, known], x[..., known, :], upper, unit)
    x[..., rest, :] -= a[..., rest, known] @ x[..., known, :]
    _solve_in_place(a[..., rest, rest], x[..., rest, :], upper, unit)


def _solve_block(a: Any, x: Any, upper: bool, unit: bool) -> None:
    """One small system after the other; or many abreast, unknown by unknown; or by LAPACK."""
    n, batch = a.shape[-1], x.shape[:-2]
    if (
        wanted(x.size)
        and x.dtype.char in "fd"
        and a.dtype == x.dtype
        and a.shape[:-2] in ((), batch)
    ):
        y = np.ascontiguousarray(x)
        whole = np.ascontiguousarray(a).reshape(-1, n, n)
        _block_loop(whole, y.reshape(-1, n, x.shape[-1]), upper, unit)
        if y is not x:
            x[...] = y
    elif x[..., 0, 0].size >= n or not _solve_by_elimination(a, x, upper, unit):
        _solve_abreast(a, x, upper, unit)


def _solve_abreast(a: Any, x: Any, upper: bool, unit: bool) -> None:
    n = a.shape[-1]
    for i in range(n - 1, -1, -1) if upper else range(n):
        row = x[..., i : i + 1, :]
        if not unit:
            row /= a[..., i : i + 1, i : i + 1]
        rest = slice(0, i) if upper else slice(i + 1, n)
        x[..., rest, :] -= a[..., rest, i : i + 1] * row


@kernel()
def _block_loop(a, x, upper, unit):
    count, n, columns = x.shape
    for system in range(count):
        m = a[system if a.shape[0] > 1 else 0]
        y = x[system]
        for step in range(n):
            i = n - 1 - step if upper else step
            for j in range(i + 1 if upper else 0, n if upper else i):
                factor = m[i, j]
                for k in range(columns):
                    y[i, k] -= factor * y[j, k]
            if not unit:
                for k in range(columns):
                    y[i, k] /= m[i, i]


def _solve_by_elimination(a: Any, x: Any, upper: bool, unit: bool) -> bool:
    """Solve by LAPACK's general routine; False where division or infinities matter."""
    try:
        found = np.linalg.solve(*_as_upper(a, x, upper, unit))
    except np.linalg.LinAlgError:  # a zero on the diagonal
        return False
    if not np.isfinite(found).all():  # elimination multiplies infinities by zeros of its own
        return False
    x[...] = found if upper else found[..., ::-1, :]
    return True


def _as_upper(a: Any, x: Any, upper: bool, unit: bool) -> tuple[Any, Any]:
    """An upper triangle with zeros below: elimination with pivoting then finds nothing to do."""
    if not upper:  # the unknowns in reverse order
        a, x = a[..., ::-1, ::-1], x[..., ::-1, :]
    a = np.triu(a)
    if unit:
        steps = np.arange(a.shape[-1])
        a[..., steps, steps] = 1
    return a, x
