"""LU factors with partial pivoting, ``P A = L U``, in batches. NumPy has no routine for them.

The left half of the columns is factored first; the right half then needs a triangular system
and one product, and what is left of it is factored in its turn [1]_.

References
----------
.. [1] S. Toledo, "Locality of reference in LU decomposition with partial pivoting",
   SIAM J. Matrix Anal. Appl. 18 (1997).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .triangular import solve_triangular

_NARROW = 16  # so few columns are factored one by one


def lu_factor(a: Any, pivot: bool = True) -> tuple[Any, Any, Any]:
    """The factors of every matrix of a batch, packed in one.

    Parameters
    ----------
    a : ndarray
        Shape ``(..., m, n)``.
    pivot : bool, default True
        Exchange rows, so that every pivot is the largest of its column.

    Returns
    -------
    lu : ndarray
        U on and above the diagonal; L below it, whose own diagonal is ones.
    pivots : ndarray of int32
        Shape ``(..., min(m, n))``. Row i was exchanged with row ``pivots[i]``, counted from 1.
    info : ndarray of int32
        Shape ``(...)``. The first pivot that is zero, counted from 1; 0 if there is none.

    Examples
    --------
    >>> packed, pivots, info = lu_factor(np.array([[1.0, 2], [4, 4]]))
    >>> packed
    array([[4.  , 4.  ],
           [0.25, 1.  ]])
    >>> pivots
    array([2, 2], dtype=int32)
    """
    lu = np.array(a, order="C")
    count = min(lu.shape[-2:])
    pivots = np.zeros((*lu.shape[:-2], count), np.intp)
    if lu.size:
        _factor(lu, pivots, pivot)
    diagonal = np.diagonal(lu, 0, -2, -1)
    zero = np.equal(diagonal, 0)
    info = np.where(zero.any(-1), zero.argmax(-1) + 1, 0) if count else np.zeros(lu.shape[:-2])
    return lu, (pivots + 1).astype(np.int32), np.asarray(info).astype(np.int32)


def _factor(a: Any, pivots: Any, pivot: bool) -> None:
    """Factor `a` in place; `pivots` takes the rows exchanged, counted from 0."""
    half = pivots.shape[-1] // 2
    if pivots.shape[-1] <= _NARROW:
        _factor_columns(a, pivots, pivot)
        half = pivots.shape[-1]  # a wide matrix has columns left
    left, right = a[..., :half], a[..., half:]
    if half < pivots.shape[-1]:
        _factor(left, pivots[..., :half], pivot)
    if not right.shape[-1]:
        return
    if pivot:
        _exchange(right, pivots[..., :half])
    above, below = right[..., :half, :], right[..., half:, :]
    above[...] = solve_triangular(left[..., :half, :], above, upper=False, unit=True)
    if not below.size or half == pivots.shape[-1]:
        return
    below -= left[..., half:, :] @ above
    _factor(below, pivots[..., half:], pivot)
    if pivot:
        _exchange(left[..., half:, :], pivots[..., half:])
    pivots[..., half:] += half


def _factor_columns(a: Any, pivots: Any, pivot: bool) -> None:
    """Factor the first columns of `a`, as many as there are pivots, one by one."""
    count = pivots.shape[-1]
    for j in range(count):
        column = a[..., j:, j]
        pivots[..., j] = j
        if pivot:
            pivots[..., j] += _size(column).argmax(-1)
            _exchange_one(a[..., :count], j, pivots[..., j])
        top, below = a[..., j : j + 1, j], a[..., j + 1 :, j]
        below /= np.where(top == 0, 1, top)  # as LAPACK: a column of zeros stays
        a[..., j + 1 :, j + 1 : count] -= below[..., None] * a[..., j : j + 1, j + 1 : count]


def _size(x: Any) -> Any:
    """What LAPACK compares pivots by: of complex numbers the sum of both parts' sizes."""
    return np.abs(x.real) + np.abs(x.imag) if x.dtype.kind == "c" else np.abs(x)


def _exchange_one(a: Any, j: int, other: Any) -> None:
    """Exchange row `j` with row `other`, which differs from matrix to matrix."""
    place = np.broadcast_to(other[..., None, None], (*a.shape[:-2], 1, a.shape[-1]))
    row = a[..., j : j + 1, :].copy()
    a[..., j : j + 1, :] = np.take_along_axis(a, place, -2)
    np.put_along_axis(a, place, row, -2)


def _exchange(a: Any, pivots: Any) -> None:
    """Make all exchanges, one after the other, as one permutation of the rows."""
    order = permutation(pivots, a.shape[-2])
    a[...] = np.take_along_axis(a, order[..., None], -2)


def permutation(pivots: Any, count: int) -> Any:
    """The order of rows that exchanges lead to: row i comes from row ``order[i]``.

    Parameters
    ----------
    pivots : ndarray of int
        Shape ``(..., k)``, counted from 0: row i was exchanged with row ``pivots[i]``.
    count : int
        Number of rows.

    Returns
    -------
    ndarray of intp
        Shape ``(..., count)``.

    Examples
    --------
    >>> permutation(np.array([2, 2, 2]), 3)
    array([2, 0, 1])
    """
    flat = pivots.reshape(int(np.prod(pivots.shape[:-1])), pivots.shape[-1])
    order = np.empty((len(flat), count), np.intp)
    for matrix, exchanges in enumerate(flat.tolist()):
        rows = list(range(count))
        for i, other in enumerate(exchanges):
            rows[i], rows[other] = rows[other], rows[i]
        order[matrix] = rows
    return order.reshape((*pivots.shape[:-1], count))
