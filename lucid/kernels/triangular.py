"""Triangular systems ``A x = b``: halves that multiply, down to blocks that LAPACK solves.

NumPy has no solver for triangles. Of one half of the unknowns the other is free once a product
is taken off, so nearly all work is matrix products.
"""

from __future__ import annotations

from typing import Any

import numpy as np

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
    """Unknown by unknown for many small systems, which NumPy runs abreast; else by LAPACK."""
    if x[..., 0, 0].size < a.shape[-1]:
        try:
            x[...] = np.linalg.solve(*_as_upper(a, x, upper, unit))[..., :: 1 if upper else -1, :]
            return
        except np.linalg.LinAlgError:  # singular: division says where
            pass
    n = a.shape[-1]
    for i in range(n - 1, -1, -1) if upper else range(n):
        row = x[..., i : i + 1, :]
        if not unit:
            row /= a[..., i : i + 1, i : i + 1]
        rest = slice(0, i) if upper else slice(i + 1, n)
        x[..., rest, :] -= a[..., rest, i : i + 1] * row


def _as_upper(a: Any, x: Any, upper: bool, unit: bool) -> tuple[Any, Any]:
    """An upper triangle with zeros below: elimination with pivoting then finds nothing to do."""
    if not upper:  # the unknowns in reverse order
        a, x = a[..., ::-1, ::-1], x[..., ::-1, :]
    a = np.triu(a)
    if unit:
        steps = np.arange(a.shape[-1])
        a[..., steps, steps] = 1
    return a, x
