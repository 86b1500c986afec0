"""Products of vectors, and the matrices of Vandermonde."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor
from ...errors import ArgumentError, ShapeError, compose
from ...samples import Draw, Sample
from ..arithmetic import mul
from ..autocasting import casting, lowered
from ..axes import ndim_of, normal_axis
from ..bind import method
from ..broadcasting import broadcast_to
from ..creation import as_tensor
from ..diagonals import diagonal as diagonal_of
from ..joining import cat
from ..out import into
from ..promotion import promote
from ..rearranging import flip
from ..reduction import sum
from ..scan import cumprod
from ..shape import unsqueeze


def _cross_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(3), draw(3), axis=-1),
        draw.sample(draw(2, 3), draw(4, 1, 3), axis=-1),
        draw.sample(draw(3, 2), draw(3, 1), axis=-2),
        draw.sample(draw(0, 3), draw(3), axis=-1),
    ]


@primitive(
    "cross",
    saves=("a", "b"),
    only_for={"a": "b", "b": "a"},
    broadcasts=True,
    complex=True,
    samples=_cross_samples,
)
def _cross(a: Any, b: Any, *, axis: int) -> Any:
    lanes = [np.moveaxis(x, axis, 0) for x in (a, b)]
    (a0, a1, a2), (b0, b1, b2) = lanes
    parts = [a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0]
    return np.stack(parts, axis if axis < 0 else axis - a.ndim)


@_cross.rule
def _(g, y, a, b, *, axis, needs):  # g . (da x b) = da . (b x g), and so on around
    return (
        apply(_cross, b.conj(), g, axis=axis) if needs[0] else None,
        apply(_cross, g, a.conj(), axis=axis) if needs[1] else None,
    )


def cross(
    input: Tensor,
    other: Tensor,
    *,
    dim: int = -1,
    axis: int | None = None,
    out: Tensor | None = None,
) -> Tensor:
    r"""The cross products of vectors of length 3.

    .. math:: a \times b = (a_2 b_3 - a_3 b_2,\; a_3 b_1 - a_1 b_3,\; a_1 b_2 - a_2 b_1)

    Parameters
    ----------
    input, other : Tensor
        They broadcast, but must have equally many dimensions.
    dim : int, default -1
        The dimension along which the vectors lie. Also spelled `axis`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the dimension is not of length 3, or the shapes do not broadcast.
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.cross(lucid.tensor([1, 0, 0]), lucid.tensor([0, 1, 0]))
    Tensor([0, 0, 1])
    """
    if out is not None:
        return into(cross, locals())
    return _crossed("linalg.cross", input, other, dim if axis is None else axis)


def _crossed(caller: str, input: Tensor, other: Tensor, dim: int) -> Tensor:
    if ndim_of(caller, input) != ndim_of(caller, other, "other"):
        problem = "the operands must have equally many dimensions"
        raise ShapeError(compose(caller, problem, {"input": input, "other": other}))
    axis = normal_axis(caller, dim, input) - input.ndim
    if not input.ndim or input.shape[axis] != 3 or other.shape[axis] != 3:
        problem = f"dimension {dim} must have length 3"
        raise ShapeError(compose(caller, problem, {"input": input, "other": other}))
    a, b = promote(caller, input, other)
    return apply(_cross, a, b, axis=axis)


@method("cross")
def cross_of(
    input: Tensor,
    other: Tensor,
    dim: int | None = None,
    *,
    axis: int | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The cross products of vectors of length 3: `lucid.linalg.cross` with an older default.

    Parameters
    ----------
    input, other : Tensor
        They broadcast, but must have equally many dimensions.
    dim : int, optional
        The dimension along which the vectors lie; by default the first of length 3. Also
        spelled `axis`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If there is no dimension of length 3, or the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.cross(lucid.tensor([1, 0, 0]), lucid.tensor([0, 1, 0]))
    Tensor([0, 0, 1])
    """
    if out is not None:
        return into(cross_of, locals())
    where = dim if axis is None else axis
    if where is None:
        if not ndim_of("cross", input) or 3 not in input.shape:
            problem = "no dimension of the input has length 3"
            raise ShapeError(compose("cross", problem, {"input": input, "other": other}))
        where = list(input.shape).index(3)
    return _crossed("cross", input, other, where)


def vecdot(
    x: Tensor, y: Tensor, *, dim: int = -1, axis: int | None = None, out: Tensor | None = None
) -> Tensor:
    r"""The scalar products of vectors, :math:`\sum_i \bar{x}_i y_i`.

    Parameters
    ----------
    x, y : Tensor
        They broadcast.
    dim : int, default -1
        The dimension along which the vectors lie. Also spelled `axis`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Without that dimension.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.vecdot(lucid.tensor([[1, 2], [3, 4]]), lucid.tensor([1, 10]))
    Tensor([21, 43])
    """
    if out is not None:
        return into(vecdot, locals())
    if casting:
        x, y = lowered(x, y)
    a, b = promote("linalg.vecdot", x, y)
    products = mul(a.conj() if a.dtype.kind == "c" else a, b)
    return sum(products, dim if axis is None else axis)


def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """The diagonals of matrices: `lucid.diagonal` of the last two dimensions.

    Parameters
    ----------
    A : Tensor
    offset : int, default 0
        Positive diagonals lie above the main one.
    dim1, dim2 : int, default -2 and -1

    Returns
    -------
    Tensor

    Raises
    ------
    ArgumentError
        If `dim1` and `dim2` are the same dimension.
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.diagonal(lucid.tensor([[[1, 2], [3, 4]]]))
    Tensor([[1, 4]])
    """
    return diagonal_of(A, offset, dim1, dim2)


def vander(x: Tensor, *, N: int | None = None) -> Tensor:
    """The matrices of Vandermonde: the powers 0, 1, 2, ... of every element, in a row.

    Parameters
    ----------
    x : Tensor
        Shape ``(..., n)``.
    N : int, optional
        The number of columns; `n` by default.

    Returns
    -------
    Tensor
        Shape ``(..., n, N)``.

    Raises
    ------
    ArgumentError
        If there is to be less than one column.
    ShapeError
        If `x` has no dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.vander(lucid.tensor([1, 2, 3]))
    Tensor([[1, 1, 1],
            [1, 2, 4],
            [1, 3, 9]])
    """
    if not ndim_of("linalg.vander", x):
        raise ShapeError(compose("linalg.vander", "takes a vector, or a batch of them", {"x": x}))
    columns = x.shape[-1] if N is None else N
    if columns <= 1 and N is not None:
        raise ArgumentError(compose("linalg.vander", "N must be more than 1", {"N": N}))
    return _powers(x, columns)


def _powers(x: Tensor, columns: int) -> Tensor:
    """The powers from 0 up to `columns` less 1, along a new last dimension."""
    x = x.astype(np.int64) if x.dtype.kind == "b" else x
    ones = broadcast_to(as_tensor(np.ones((), x.dtype)), (*x.shape, 1))
    if columns < 2:
        return ones[..., :columns]
    repeated = broadcast_to(unsqueeze(x, -1), (*x.shape, columns - 1))
    powers = cumprod(repeated, -1)
    return cat([ones.astype(powers.dtype), powers], -1)


def vander_of(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    """The matrix of Vandermonde of a vector, the highest powers first.

    Parameters
    ----------
    x : Tensor
        A vector.
    N : int, optional
        The number of columns; the length of `x` by default.
    increasing : bool, default False
        The power 0 first, as `lucid.linalg.vander` has it.

    Returns
    -------
    Tensor
        Shape ``(n, N)``.

    Raises
    ------
    ShapeError
        If `x` is no vector.
    ArgumentError
        If `N` is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.vander(lucid.tensor([1, 2, 3]))
    Tensor([[1, 1, 1],
            [4, 2, 1],
            [9, 3, 1]])
    """
    if ndim_of("vander", x) != 1:
        raise ShapeError(compose("vander", "takes a vector", {"x": x}))
    columns = x.shape[0] if N is None else N
    if columns < 0:
        raise ArgumentError(compose("vander", "N must not be negative", {"N": N}))
    powers = _powers(x, columns)
    return powers if increasing else flip(powers, 1)
