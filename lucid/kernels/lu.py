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

from .jit import kernel, suits, wanted
from .triangular import solve_triangular

_NARROW, _NARROW_COMPILED = 16, 48  # so few columns are factored one by one


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
    pivots = np.zeros((*lu.shape[:-2], count), np.int32)
    if lu.size:
        _factor(lu.reshape(-1, *lu.shape[-2:]), pivots.reshape(-1, count), pivot)
    zero = np.equal(np.diagonal(lu, 0, -2, -1), 0)
    info = np.where(zero.any(-1), zero.argmax(-1) + 1, 0) if count else np.zeros(lu.shape[:-2])
    return lu, pivots + np.int32(1), np.asarray(info).astype(np.int32)


def _factor(a: Any, pivots: Any, pivot: bool) -> None:
    """Factor a batch in place; `pivots` takes the rows exchanged, counted from 0."""
    count = pivots.shape[-1]
    compiled = wanted(a.size) and a.dtype.char in "fd"
    if count <= (_NARROW_COMPILED if compiled else _NARROW):
        _factor_columns(a, pivots, pivot, compiled)
        return
    half = count // 2
    left, right = a[..., :half], a[..., half:]
    _factor(left, pivots[..., :half], pivot)
    if pivot:
        _exchange(right, pivots[..., :half])
    above, below = right[..., :half, :], right[..., half:, :]
    above[...] = solve_triangular(left[..., :half, :], above, upper=False, unit=True)
    below -= left[..., half:, :] @ above
    _factor(below, pivots[..., half:], pivot)
    if pivot:
        _exchange(left[..., half:, :], pivots[..., half:])
    pivots[..., half:] += half


def _factor_columns(a: Any, pivots: Any, pivot: bool, compiled: bool) -> None:
    """Factor few columns one by one."""
    if not compiled:
        _columns(a, pivots, pivot)
    elif suits(a) and pivots.flags.c_contiguous:
        _columns_loop(a, pivots, pivot)
    else:
        panel, exchanges = a.copy(), pivots.copy()
        _columns_loop(panel, exchanges, pivot)
        a[...], pivots[...] = panel, exchanges


def _columns(a: Any, pivots: Any, pivot: bool) -> None:
    for j in range(pivots.shape[-1]):
        pivots[:, j] = j
        if pivot:
            pivots[:, j] += _size(a[:, j:, j]).argmax(-1).astype(np.int32)
            _exchange_one(a, j, pivots[:, j])
        top, below = a[:, j, None, j], a[:, j + 1 :, j]
        below /= np.where(top == 0, 1, top)  # as LAPACK: a column of zeros stays
        a[:, j + 1 :, j + 1 :] -= below[..., None] * a[:, j, None, j + 1 :]


@kernel()
def _columns_loop(a, pivots, pivot):
    rows, columns = a.shape[1:]
    for matrix in range(a.shape[0]):
        m = a[matrix]
        for j in range(pivots.shape[1]):
            best = j
            if pivot:
                largest = abs(m[j, j])
                for i in range(j + 1, rows):
                    size = abs(m[i, j])
                    if size > largest or (size != size and largest == largest):
                        best, largest = i, size
                if best != j:
                    for k in range(columns):
                        m[j, k], m[best, k] = m[best, k], m[j, k]
            pivots[matrix, j] = best
            top = m[j, j]
            for i in range(j + 1, rows):
                if top != 0:
                    m[i, j] /= top
                factor = m[i, j]
                for k in range(j + 1, columns):
                    m[i, k] -= factor * m[j, k]


def _size(x: Any) -> Any:
    """What LAPACK compares pivots by: of complex numbers the sum of both parts' sizes."""
    return np.abs(x.real) + np.abs(x.imag) if x.dtype.kind == "c" else np.abs(x)


def _exchange_one(a: Any, j: int, other: Any) -> None:
    """Exchange row `j` with row `other`, which differs from matrix to matrix."""
    batch = np.arange(len(a))
    row = a[:, j].copy()
    a[:, j] = a[batch, other]
    a[batch, other] = row


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
