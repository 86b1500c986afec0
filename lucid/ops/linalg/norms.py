"""Norms of vectors and matrices, and condition numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...core.tensor import Tensor, wrap
from ...dtypes import resolve
from ...errors import ArgumentError, ShapeError, compose
from ..axes import Axes, normal_axes, normal_axis, one_spelling
from ..extremes import amax, amin
from ..out import into
from ..promotion import cast
from ..reduction import sum
from ..selection import where
from ..shape import squeeze, unsqueeze
from ..signs import abs
from ..transposition import movedim
from ..vector_norm import norm as norm_of_elements
from .inverse import inv_ex
from .operands import inexact, matrices, square
from .svd import svdvals

_ORDERS = ("fro", "nuc", math.inf, -math.inf, 1, -1, 2, -2)


def vector_norm(
    x: Tensor,
    ord: float = 2,
    dim: Axes = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
    axis: Axes = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    r"""The p-norms of vectors, :math:`\left(\sum_i |x_i|^p\right)^{1/p}`.

    Parameters
    ----------
    x : Tensor
        Floating or complex.
    ord : float, default 2
        The order p, any real number. ``inf`` gives the largest and ``-inf`` the smallest
        magnitude, 0 counts what is not zero.
    dim : int or sequence of int, optional
        The dimensions that make up a vector; all by default. Also spelled `axis`.
    keepdim : bool, default False
        Keep the dimensions with length 1. Also spelled `keepdims`.
    dtype : dtype, optional
        Cast to this first.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Real.

    Raises
    ------
    ArgumentError
        If `ord` is no number, or infinite or negative for a vector of no elements.
    DTypeError
        If `x` is neither floating nor complex.
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.vector_norm(lucid.tensor([[3.0, -4.0], [0.0, 2.0]]), dim=1)
    Tensor([5.0000, 2.0000])
    """
    if out is not None:
        return into(vector_norm, locals())
    caller = "linalg.vector_norm"
    inexact(caller, narrow=True, x=x)
    if isinstance(ord, str) or not isinstance(ord, int | float):
        raise ArgumentError(compose(caller, "ord must be a number", {"ord": ord}))
    axes = one_spelling(caller, dim, axis)
    if 0 in x.shape and (ord < 0 or math.isinf(ord)):
        reduced = normal_axes(caller, axes, x)
        if 0 in [x.shape[i] for i in reduced]:
            problem = f"vectors of no elements have no norm of order {ord}"
            raise ArgumentError(compose(caller, problem, {"x": x, "dim": axes}))
    return norm_of_elements(x, ord, axes, keepdim or keepdims, dtype=dtype)


def matrix_norm(
    A: Tensor,
    ord: Any = "fro",
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
    axis: Any = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    r"""The norms of matrices.

    ========== ================================================================
    `ord`      norm
    ========== ================================================================
    ``"fro"``  :math:`\sqrt{\sum_{ij} |a_{ij}|^2}`, that of Frobenius
    ``"nuc"``  the sum of the singular values
    2, -2      the largest, the smallest singular value
    1, -1      the largest, the smallest sum of magnitudes in a column
    inf, -inf  the largest, the smallest sum of magnitudes in a row
    ========== ================================================================

    Parameters
    ----------
    A : Tensor
        Shape ``(..., m, n)``, floating or complex.
    ord : {"fro", "nuc", inf, -inf, 1, -1, 2, -2}, default "fro"
    dim : pair of int, optional
        The dimensions of rows and of columns; the last two by default. Also spelled `axis`.
    keepdim : bool, default False
        Keep them with length 1. Also spelled `keepdims`.
    dtype : dtype, optional
        Cast to this first.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Real.

    Raises
    ------
    ArgumentError
        If there is no such norm, or `dim` is no pair of different dimensions.
    ShapeError
        If `A` has fewer than two dimensions.
    DTypeError
        If `A` is neither floating nor complex.

    Examples
    --------
    >>> import lucid
    >>> A = lucid.tensor([[1.0, -2.0], [3.0, 4.0]])
    >>> lucid.linalg.matrix_norm(A, 1), lucid.linalg.matrix_norm(A, float("inf"))
    (Tensor(6.0000), Tensor(7.0000))
    """
    if out is not None:
        return into(matrix_norm, locals())
    pair = one_spelling("linalg.matrix_norm", dim, axis)
    pair = (-2, -1) if pair is None else pair
    return _of_matrices("linalg.matrix_norm", A, ord, pair, keepdim or keepdims, dtype)


def _of_matrices(caller: str, A: Tensor, ord: Any, pair: Any, keep: bool, dtype: Any) -> Tensor:
    """A norm of matrices that lie in a pair of dimensions."""
    matrices(caller, narrow=ord not in ("nuc", 2, -2), A=A)
    if ord not in _ORDERS or isinstance(ord, bool):
        problem = "ord must be one of 'fro', 'nuc', inf, -inf, 1, -1, 2 and -2"
        raise ArgumentError(compose(caller, problem, {"ord": ord}))
    rows, columns = _pair(caller, A, pair)
    if dtype is not None:
        A = cast(A, resolve(dtype, caller))
    if ord == "fro":
        return norm_of_elements(A, 2, (rows, columns), keep)
    if ord in ("nuc", 2, -2):
        return _of_singular_values(A, ord, rows, columns, keep)
    summed, chosen = (rows, columns) if ord in (1, -1) else (columns, rows)
    sums = sum(abs(A), summed, keepdim=True)
    extreme = amax if ord > 0 else amin
    empty = ord > 0 and not A.shape[chosen]  # a largest of no sums of magnitudes is 0
    result = sum(sums, chosen, True) if empty else extreme(sums, chosen, keepdim=True)
    return result if keep else squeeze(result, (rows, columns))


def _pair(caller: str, A: Tensor, pair: Any) -> tuple[int, int]:
    named = list(pair) if isinstance(pair, tuple | list) else [pair]
    axes = [normal_axis(caller, axis, A) for axis in named]
    if len(axes) != 2 or axes[0] == axes[1]:
        problem = "dim must be a pair of different dimensions"
        raise ArgumentError(compose(caller, problem, {"dim": pair}))
    return axes[0], axes[1]


def _of_singular_values(A: Tensor, ord: Any, rows: int, columns: int, keep: bool) -> Tensor:
    values = svdvals(movedim(A, (rows, columns), (-2, -1)))
    if ord == "nuc" or (ord == 2 and not values.shape[-1]):
        result = sum(values, -1)
    else:  # they descend
        result = values[..., 0] if ord == 2 else values[..., -1]
    for place in sorted((rows, columns)) if keep else ():
        result = unsqueeze(result, place)
    return result


def norm(
    A: Tensor,
    ord: Any = None,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
    axis: Any = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """A norm of vectors or of matrices, as `ord` and `dim` have it.

    Parameters
    ----------
    A : Tensor
        Floating or complex.
    ord : number or {"fro", "nuc"}, optional
        By default the 2-norm of all elements in `dim`.
    dim : int or pair of int, optional
        One dimension for the norms of vectors, two (with `ord`) for those of matrices. By
        default all; with `ord` there may be one or two of them. Also spelled `axis`.
    keepdim : bool, default False
        Keep the dimensions with length 1. Also spelled `keepdims`.
    dtype : dtype, optional
        Cast to this first.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Real.

    See Also
    --------
    vector_norm, matrix_norm : Say which of the two is meant.

    Raises
    ------
    ArgumentError
        If there is no such norm.
    ShapeError
        If `ord` is given without `dim` for more than two dimensions.
    DTypeError
        If `A` is neither floating nor complex.

    Examples
    --------
    >>> import lucid
    >>> A = lucid.tensor([[3.0, 0.0], [0.0, -4.0]])
    >>> lucid.linalg.norm(A), lucid.linalg.norm(A, 2), lucid.linalg.norm(A, 1, dim=0)
    (Tensor(5.0000), Tensor(4.0000), Tensor([3.0000, 4.0000]))
    """
    if out is not None:
        return into(norm, locals())
    inexact("linalg.norm", narrow=True, A=A)
    axes, keep = one_spelling("linalg.norm", dim, axis), keepdim or keepdims
    if ord is None:
        return vector_norm(A, 2, axes, keep, dtype=dtype)
    if axes is None:
        if A.ndim not in (1, 2):
            problem = "with ord and without dim, A must have one dimension or two"
            raise ShapeError(compose("linalg.norm", problem, {"A": A, "ord": ord}))
        axes = tuple(range(A.ndim))
    named = tuple(axes) if isinstance(axes, tuple | list) else (axes,)
    if len(named) == 1 and not isinstance(ord, str):
        return vector_norm(A, ord, named, keep, dtype=dtype)
    return _of_matrices("linalg.norm", A, ord, named, keep, dtype)


def nuclear_norm(
    input: Tensor, dim: Any = None, keepdim: bool = False, *, out: Tensor | None = None
) -> Tensor:
    """The sums of singular values: ``lucid.linalg.matrix_norm(input, "nuc")``.

    Parameters
    ----------
    input : Tensor
    dim : pair of int, optional
        The dimensions of the matrices; the last two by default.
    keepdim : bool, default False
        Keep them with length 1.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Raises
    ------
    ShapeError
        If `input` has fewer than two dimensions.

    Examples
    --------
    >>> import lucid
    >>> lucid.nuclear_norm(lucid.tensor([[3.0, 0.0], [0.0, -4.0]]))
    Tensor(7.0000)
    """
    if out is not None:
        return into(nuclear_norm, locals())
    return _of_matrices(
        "nuclear_norm", input, "nuc", (-2, -1) if dim is None else dim, keepdim, None
    )


def frobenius_norm(
    input: Tensor, dim: Axes = None, keepdim: bool = False, *, out: Tensor | None = None
) -> Tensor:
    """The roots of sums of squares, over one or two dimensions or all.

    Parameters
    ----------
    input : Tensor
        Floating or complex.
    dim : int or pair of int, optional
        All dimensions by default.
    keepdim : bool, default False
        Keep them with length 1.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Raises
    ------
    ArgumentError
        If `dim` names more than two.

    Examples
    --------
    >>> import lucid
    >>> lucid.frobenius_norm(lucid.tensor([[3.0, 0.0], [0.0, -4.0]]))
    Tensor(5.0000)
    """
    if out is not None:
        return into(frobenius_norm, locals())
    inexact("frobenius_norm", narrow=True, input=input)
    if isinstance(dim, tuple | list) and len(dim) > 2:
        problem = "dim must name at most two dimensions"
        raise ArgumentError(compose("frobenius_norm", problem, {"dim": dim}))
    return norm_of_elements(input, 2, dim, keepdim)


def cond(A: Tensor, p: Any = None, *, out: Tensor | None = None) -> Tensor:
    r"""Condition numbers, :math:`\lVert A \rVert_p \lVert A^{-1} \rVert_p`.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., m, n)``, floating or complex; square unless `p` is 2 or -2.
    p : {None, "fro", "nuc", inf, -inf, 1, -1, 2, -2}, optional
        A norm of `matrix_norm`; 2 by default, which gives the ratio of the largest singular
        value to the smallest (-2: its inverse).
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Shape ``(...)``, real; inf for singular matrices.

    Raises
    ------
    ArgumentError
        If there is no such norm.
    ShapeError
        If the matrices are not square where they must be.
    DTypeError
        If `A` is neither floating nor complex.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.cond(lucid.tensor([[4.0, 0.0], [0.0, 2.0]]))
    Tensor(2.0000)
    """
    if out is not None:
        return into(cond, locals())
    matrices("linalg.cond", A=A)
    if p in (None, 2, -2):
        s = svdvals(A)
        if not s.shape[-1]:
            return wrap(np.zeros(A.shape[:-2], s.dtype))
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    square("linalg.cond", A=A)
    size = _of_matrices("linalg.cond", A, p, (-2, -1), False, None)
    if not A.shape[-1]:
        return size
    inverse, info = inv_ex(A)
    product = size * _of_inverse(inverse, p, info.data > 0)
    return where(info.data > 0, np.asarray(np.inf, product.dtype), product)


def _of_inverse(inverse: Tensor, p: Any, singular: Any) -> Tensor:
    """The norms of inverses; of ones in place of those that there are not."""
    if singular.any():
        stand_in = np.eye(inverse.shape[-1], dtype=inverse.dtype)
        inverse = where(singular[..., None, None], stand_in, inverse)
    return _of_matrices("linalg.cond", inverse, p, (-2, -1), False, None)
