"""Cholesky factors in batches, and where they end if a matrix has none."""

from __future__ import annotations

from typing import Any

import numpy as np


def cholesky(a: Any) -> tuple[Any, Any]:
    """The lower triangles L of ``A = L L^H``, read from the lower triangles of `a`.

    Parameters
    ----------
    a : ndarray
        Shape ``(..., n, n)``.

    Returns
    -------
    factor : ndarray
        Of the same shape. Where a matrix has no factor, what was computed of it, and then what
        was given.
    info : ndarray of int32
        Shape ``(...)``. The order of the first leading minor that is not positive-definite; 0
        if all are.

    Examples
    --------
    >>> cholesky(np.array([[4.0, 0], [2, 10]]))[0]
    array([[2., 0.],
           [1., 3.]])
    >>> cholesky(np.array([[1.0, 0], [0, -1]]))[1]
    array(2, dtype=int32)
    """
    try:
        factor = np.linalg.cholesky(a)
        diagonal = np.diagonal(factor, 0, -2, -1)
        if (diagonal == diagonal).all():  # LAPACK lets NaN through
            return factor, np.zeros(a.shape[:-2], np.int32)
    except np.linalg.LinAlgError:
        pass
    return _as_far_as_it_goes(a)


def _as_far_as_it_goes(a: Any) -> tuple[Any, Any]:
    """Column by column for the whole batch; a matrix whose pivot is not positive stays behind."""
    factor, info = np.tril(a), np.zeros(a.shape[:-2], np.int32)
    for j in range(a.shape[-1]):
        row = factor[..., j : j + 1, :j]
        rest = factor[..., j:, j] - (factor[..., j:, :j] @ row.mT.conj())[..., 0]
        pivot = rest[..., 0].real
        info[(info == 0) & ~(pivot > 0)] = j + 1
        column = np.empty_like(rest)
        column[..., 0] = np.sqrt(pivot)
        column[..., 1:] = rest[..., 1:] / column[..., :1]
        rest[..., 1:] = factor[..., j + 1 :, j]
        keep = np.where((info == j + 1)[..., None], rest, factor[..., j:, j])
        factor[..., j:, j] = np.where((info == 0)[..., None], column, keep)
    return factor, info
