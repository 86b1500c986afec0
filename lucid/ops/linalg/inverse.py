"""Inverses of square matrices, and of tensors that stand for them."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor, values, wrap
from ...errors import ArgumentError, LinAlgError, ShapeError, compose
from ...samples import Draw, ErrorSample, Sample
from ..axes import ndim_of
from ..bind import method
from ..out import into
from ..shape import reshape
from .operands import one_by_one, singular, square, zero_pivots


def well_conditioned(draw: Draw, *shape: int) -> Any:
    """Square matrices that are far from singular: noise on a multiple of the identity."""
    return draw(*shape) + 3 * np.eye(shape[-1])


def _samples(draw: Draw) -> list[Sample]:
    turned = well_conditioned(draw, 2, 3, 3) + 1j * draw(2, 3, 3)
    return [
        draw.sample(well_conditioned(draw, 3, 3)),
        draw.sample(well_conditioned(draw, 2, 1, 2, 2)),
        draw.sample(turned),
        draw.sample(draw(0, 2, 2)),
        draw.sample(draw(2, 0, 0)),
    ]


def _error_samples(draw: Draw) -> list[ErrorSample]:
    flat = wrap(np.ones((2, 2)))
    return [
        draw.error(lambda: inv(flat), LinAlgError, "pivot 2"),
        draw.error(lambda: inv(wrap(np.ones((2, 3)))), ShapeError, "square"),
        draw.error(lambda: inv(wrap(np.ones((2, 2), np.int64))), TypeError, "floating"),
    ]


@primitive("inv", saves=("out",), complex=True, samples=_samples, error_samples=_error_samples)
def _inv(a: Any) -> Any:
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError as error:
        raise singular("linalg.inv", a) from error


@_inv.rule
def _(g, y, a):  # dY = -Y dA Y
    turned = y.mT.conj()
    return (-(turned @ g @ turned),)


@method("inverse")
def inv(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The inverses of square matrices, :math:`A^{-1} A = I`.

    To solve equations use `lucid.linalg.solve`, which is faster and more accurate.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., n, n)``, floating or complex.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Of the same shape and dtype.

    Raises
    ------
    LinAlgError
        If a matrix is singular.
    ShapeError
        If the matrices are not square.
    DTypeError
        If `A` is neither floating nor complex.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.inv(lucid.tensor([[2.0, 0.0], [0.0, 4.0]]))
    Tensor([[0.5000, 0.0000],
            [0.0000, 0.2500]])
    """
    if out is not None:
        return into(inv, locals())
    square("linalg.inv", A=A)
    return apply(_inv, A)


class Inverted(NamedTuple):
    """What `inv_ex` gives: the inverses, and for each the number of its zero pivot, or 0."""

    inverse: Any
    info: Any


def inv_ex(A: Tensor, *, check_errors: bool = False, out: Any = None) -> Inverted:
    """The inverses of square matrices, and which of them are singular, without an error.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., n, n)``, floating or complex.
    check_errors : bool, default False
        Raise for singular matrices, as `inv` does.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    inverse : Tensor
        NaN for every singular matrix.
    info : Tensor of int32
        Shape ``(...)``: for every matrix 0, or the number of the pivot that is zero.

    Raises
    ------
    LinAlgError
        If a matrix is singular, and `check_errors` is set.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.inv_ex(lucid.ones(2, 2)).info
    Tensor(2, dtype=int32)
    """
    if out is not None:
        return into(inv_ex, locals())
    square("linalg.inv_ex", A=A)
    a = values(A)
    try:
        return Inverted(apply(_inv, A), wrap(np.zeros(a.shape[:-2], np.int32)))
    except LinAlgError:
        info = zero_pivots(a)
        if check_errors:
            raise singular("linalg.inv_ex", a, info) from None
        return Inverted(wrap(one_by_one(np.linalg.inv, a.shape[-2:], a)), wrap(info))


def tensorinv(A: Tensor, ind: int = 2, *, out: Tensor | None = None) -> Tensor:
    """The inverse of `lucid.tensordot` with a tensor: its first `ind` dimensions are the rows.

    Parameters
    ----------
    A : Tensor
        The lengths of its first `ind` dimensions multiply to as much as those of the others.
    ind : int, default 2
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Shape ``A.shape[ind:] + A.shape[:ind]``.

    Raises
    ------
    ArgumentError
        If `ind` is not positive.
    ShapeError
        If the products of the lengths differ.
    LinAlgError
        If there is no inverse.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.tensorinv(lucid.eye(6).reshape(6, 2, 3), ind=1).shape
    (2, 3, 6)
    """
    if out is not None:
        return into(tensorinv, locals())
    if ind <= 0:
        problem = "ind counts the dimensions of the rows, so it must be positive"
        raise ArgumentError(compose("linalg.tensorinv", problem, {"ind": ind}))
    ndim_of("linalg.tensorinv", A)  # refuses what is no tensor
    rows, columns = tuple(A.shape[:ind]), tuple(A.shape[ind:])
    if math.prod(rows) != math.prod(columns):
        problem = f"the lengths {rows} and {columns} must have equal products"
        raise ShapeError(compose("linalg.tensorinv", problem, {"A": A, "ind": ind}))
    size = math.prod(rows)
    return reshape(inv(reshape(A, (size, size))), columns + rows)
