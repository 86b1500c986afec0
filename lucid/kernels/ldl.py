"""LDL factors of symmetric and Hermitian matrices, with Bunch and Kaufman's pivots [1]_.

A pivot is a number, or a block of two by two where no number would be large enough. What is
stored, and how exchanges are counted, is LAPACK's ``sytrf`` and ``hetrf`` for lower triangles.

References
----------
.. [1] J. R. Bunch, L. Kaufman, "Some stable methods for calculating inertia and solving
   symmetric linear systems", Math. Comp. 31 (1977).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

_GROWTH = (1 + 17**0.5) / 8  # bounds the growth of elements alike for both kinds of pivot


def ldl_factor(a: Any, hermitian: bool) -> tuple[Any, Any, Any]:
    """The factors of every matrix of a batch, read from the lower triangles.

    Parameters
    ----------
    a : ndarray
        Shape ``(..., n, n)``.
    hermitian : bool
        Whether complex matrices are Hermitian, or symmetric.

    Returns
    -------
    ld : ndarray
        D on the diagonal (and beside it, where a block stands), L below.
    pivots : ndarray of int32
        Shape ``(..., n)``, counted from 1. A number ``p`` at place i: row and column i were
        exchanged with those of p. Two equal numbers ``-p``: the second of a block was.
    info : ndarray of int32
        Shape ``(...)``. The first pivot that is zero, counted from 1; 0 if there is none.

    Examples
    --------
    >>> ld, pivots, info = ldl_factor(np.array([[4.0, 0], [2, 3]]), False)
    >>> ld
    array([[4. , 0. ],
           [0.5, 2. ]])
    """
    hermitian = hermitian and a.dtype.kind == "c"
    lower = np.tril(a, -1)
    opposite = lower.mT.conj() if hermitian else lower.mT
    diagonal = np.einsum("...ii->...i", a)
    ld = lower + opposite
    np.einsum("...ii->...i", ld)[...] = diagonal.real if hermitian else diagonal
    pivots = np.zeros(a.shape[:-1], np.int32)
    info = np.zeros(a.shape[:-2], np.int32)
    for place in np.ndindex(*a.shape[:-2]):
        info[place] = _factor(ld[place], pivots[place], hermitian)
    return np.tril(ld), pivots, info


def _factor(a: Any, pivots: Any, hermitian: bool) -> int:
    """Factor one whole matrix in place; what is left of it stays symmetric."""
    k, info, n = 0, 0, len(a)
    while k < n:
        other, width = _pivot(a[k:, k:])
        last = k + width - 1
        _exchange(a[k:, k:], width - 1, other)
        pivots[k : k + width] = (k + other + 1) * (1 if width == 1 else -1)
        here, rest = slice(k, k + width), slice(k + width, n)
        below = a[rest, here].copy()
        if width == 1 and a[k, k] == 0:
            info = info or k + 1  # its column is zero too
        else:
            a[rest, here] = _divided(below, a[here, here])
            a[rest, rest] -= a[rest, here] @ (below.T.conj() if hermitian else below.T)
            if hermitian:  # its diagonal is real, up to rounding
                np.fill_diagonal(a[rest, rest].imag, 0)
        k = last + 1
    return info


def _pivot(a: Any) -> tuple[int, int]:
    """The row to exchange with, and the width of the pivot."""
    corner = _size(a[0, 0])
    column = _size(a[1:, 0])
    largest = column.max(initial=0)
    if not max(corner, largest) > 0 or corner >= _GROWTH * largest:
        return 0, 1
    row = 1 + int(column.argmax())
    beside = _size(np.delete(a[:, row], row)).max()
    if corner >= _GROWTH * largest * (largest / beside):
        return 0, 1
    return (row, 1) if _size(a[row, row]) >= _GROWTH * beside else (row, 2)


def _size(x: Any) -> Any:
    """What LAPACK compares pivots by: of complex numbers the sum of both parts' sizes."""
    return np.abs(x.real) + np.abs(x.imag)


def _exchange(a: Any, i: int, j: int) -> None:
    """Exchange two rows and the two columns."""
    if i != j:
        a[[i, j]] = a[[j, i]]
        a[:, [i, j]] = a[:, [j, i]]


def _divided(below: Any, pivot: Any) -> Any:
    """``X D^-1`` for a pivot of one or two."""
    if len(pivot) == 1:
        return below / pivot
    (a, b), (c, d) = pivot
    x, y = below.T
    return np.stack([d * x - c * y, a * y - b * x], -1) / (a * d - b * c)


# ---- what is stored, in plain form ------------------------------------------------------


class Layout(NamedTuple):
    """How stored factors are read: ``A[order][:, order] = L D L'``.

    Attributes
    ----------
    order : ndarray of int, shape (..., n)
        Which row of A comes to each place.
    rows : ndarray of int, shape (..., n, n)
        Element ``[i, j]`` of L is stored at ``[rows[i, j], j]``: LAPACK does not exchange the
        columns that it has finished with.
    partner : ndarray of int, shape (..., n)
        The other place of the same block; the place itself if there is none.
    """

    order: Any
    rows: Any
    partner: Any


def layout(pivots: Any) -> Layout:
    """Read the pivots of `ldl_factor`, counted from 1.

    Examples
    --------
    >>> layout(np.array([2, 2])).order
    array([1, 0])
    """
    n = pivots.shape[-1]
    order = np.empty(pivots.shape, np.intp)
    partner = np.empty(pivots.shape, np.intp)
    rows = np.empty((*pivots.shape, n), np.intp)
    for place in np.ndindex(*pivots.shape[:-1]):
        _read(pivots[place].tolist(), order[place], rows[place], partner[place])
    return Layout(order, rows, partner)


def _read(pivots: list[int], order: Any, rows: Any, partner: Any) -> None:
    """Go through the steps backwards: a column is exchanged by all steps after its own."""
    partner[:] = range(len(pivots))
    steps, k = [], 0
    while k < len(pivots):
        width = 1 if pivots[k] > 0 else 2
        steps.append((k, width))
        if width == 2:
            partner[k], partner[k + 1] = k + 1, k
        k += width
    later = np.arange(len(pivots))
    for k, width in reversed(steps):
        rows[:, k : k + width] = later[:, None]
        i, j = k + width - 1, abs(pivots[k]) - 1
        at_i, at_j = later == i, later == j
        later[at_i], later[at_j] = j, i
    order[:] = later
