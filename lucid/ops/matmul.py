"""Products of matrices and vectors: `matmul` does the work, the rest are its special cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, ShapeError, compose, not_a_tensor
from ..kernels import products
from ..samples import Draw, Sample
from .arithmetic import mul
from .autocasting import casting, lowered, suspended
from .axes import ndim_of, normal_axis
from .bind import method
from .out import into
from .promotion import promote
from .shape import reshape, unsqueeze
from .transposition import permute


def _samples(draw: Draw) -> list[Sample]:
    shapes = [
        *(((3, 4), (4, 2)), ((2, 3, 4), (4, 5)), ((2, 3, 4), (2, 4, 5)), ((3, 4), (2, 4, 5))),
        *(((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 2)), ((2, 3, 4), (4,)), ((4,), (2, 4, 3))),
        *(((2, 1, 3, 4), (5, 4, 2)), ((1, 4), (3, 4, 1)), ((0, 3), (3, 2)), ((2, 0), (0, 3))),
    ]
    return [draw.sample(draw(*a), draw(*b)) for a, b in shapes]


# The engine sums gradients over the batch dimensions that were broadcast.
@primitive(
    "matmul",
    saves=("a", "b"),
    only_for={"a": "b", "b": "a"},
    broadcasts=True,
    complex=True,
    samples=_samples,
)
def _matmul(a: Any, b: Any) -> Any:
    if a.itemsize == 2 and a.dtype.kind not in "iu":  # BLAS knows no halves; the sums are single
        return _matmul.forward(a.astype(np.float32), b.astype(np.float32)).astype(a.dtype)
    if a.ndim == 2 and b.ndim == 2:
        return products.dot(a, b)
    if b.ndim == 2 and a.ndim > 2 and a.size and a.flags.c_contiguous:  # one product, not many
        return products.dot(a.reshape(-1, a.shape[-1]), b).reshape(*a.shape[:-1], b.shape[-1])
    return np.matmul(a, b)


@_matmul.rule
def _(g, y, a, b, *, needs):  # Y = A B:  dL/dA = G B',  dL/dB = A' G
    toward_a = toward_b = None
    if needs[0]:
        b_bar = _factor(b)
        if a.ndim == 1 and b.ndim == 1:
            toward_a = g * b_bar
        elif b.ndim == 1:
            toward_a = _column(g) * b_bar
        elif a.ndim == 1:
            toward_a = _first_column(b_bar @ _column(g))
        else:
            toward_a = g @ _transposed(b_bar)
    if needs[1]:
        a_bar = _factor(a)
        if a.ndim == 1 and b.ndim == 1:
            toward_b = g * a_bar
        elif a.ndim == 1:
            toward_b = _column(a_bar) * _row(g)
        elif b.ndim == 1:
            toward_b = _first_column(_transposed(a_bar) @ _column(g))
        elif b.ndim == 2 and a.ndim > 2:  # the sum over the batch is a product as well
            toward_b = _transposed(_rows(a_bar)) @ _rows(g)
        else:
            toward_b = _transposed(a_bar) @ g
    return toward_a, toward_b


def _conjugate(x: Any) -> Any:
    return x.conj() if x.dtype.kind == "c" else x


def _factor(x: Any) -> Any:
    """What a gradient is multiplied by: conjugate, and in single precision where it is half."""
    if x.dtype.char in "fd":
        return x
    return x.astype(np.float32) if x.dtype.itemsize == 2 else _conjugate(x)


def _transposed(x: Any) -> Any:
    """Matrices transposed, without a copy."""
    return x.T if x.ndim == 2 else x.swapaxes(-2, -1)


def _column(x: Any) -> Any:
    return x.reshape((*x.shape, 1))


def _row(x: Any) -> Any:
    return x.reshape((*x.shape[:-1], 1, x.shape[-1]))


def _first_column(x: Any) -> Any:
    return x.reshape(x.shape[:-1])


def _rows(x: Any) -> Any:
    """All leading dimensions as one."""
    count = 1
    for length in x.shape[:-1]:
        count *= length
    return x.reshape((count, x.shape[-1]))


@method("matmul", "__matmul__")
def matmul(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The matrix product ``input @ other``.

    The last two dimensions are multiplied as matrices; those before broadcast. A vector on
    the left counts as one row, on the right as one column, and leaves no dimension behind.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., n, k)`` or ``(k,)``.
    other : Tensor
        Shape ``(..., k, m)`` or ``(k,)``. The two are promoted to one dtype (PyTorch refuses
        mixed ones).
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Shape ``(..., n, m)``.

    Raises
    ------
    ShapeError
        If the inner lengths differ, or the others do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> a = lucid.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> a @ lucid.tensor([1.0, 10.0])
    Tensor([21.0000, 43.0000])
    """
    if out is not None:
        return into(matmul, locals())
    if casting:
        input, other = lowered(input, other)
    a, b = promote("matmul", input, other)
    try:
        return apply(_matmul, a, b)
    except (ShapeError, AttributeError) as error:
        raise _misfit("matmul", input, other) from error


def _misfit(caller: str, a: Any, b: Any) -> ShapeError:
    """Say why two operands do not multiply, and what might have been meant."""
    seen, fix = {"input": a, "other": b}, None
    x, y = getattr(a, "shape", ()), getattr(b, "shape", ())
    if not x or not y:
        problem, fix = "a 0-d operand has no dimension to multiply over", "input * other"
    elif x[-1] == y[max(0, len(y) - 2)]:
        problem = "the leading dimensions do not broadcast"
    else:
        inner = y[max(0, len(y) - 2)]
        problem = (
            f"the inner lengths differ: {x[-1]} columns on the left, {inner} rows on the right"
        )
        if len(y) > 1 and x[-1] == y[-1]:
            fix = "input @ other.mT"
        elif len(x) > 1 and x[-2] == inner:
            fix = "input.mT @ other"
    return ShapeError(compose(caller, problem, seen, fix))


@method("__rmatmul__")
def _rmatmul(input: Tensor, other: Any) -> Tensor:
    """``other @ input``."""
    return matmul(other, input)


# ---- special cases ------------------------------------------------------------


def of_dimensions(caller: str, *expected: tuple[str, Any, int]) -> None:
    """Refuse operands with another number of dimensions than expected."""
    try:
        fits = all(operand.ndim == ndim for _, operand, ndim in expected)
    except AttributeError:
        name, given = next((name, x) for name, x, _ in expected if not hasattr(x, "ndim"))
        raise not_a_tensor(caller, given, name) from None
    if not fits:
        problem = "takes " + ", ".join(f"{ndim}-d {name}" for name, _, ndim in expected)
        raise ShapeError(compose(caller, problem, {name: x for name, x, _ in expected}))


@method("mm")
def mm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The product of two matrices.

    Parameters
    ----------
    input : Tensor
        Shape ``(n, k)``.
    mat2 : Tensor
        Shape ``(k, m)``.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Raises
    ------
    ShapeError
        If they are no matrices, or do not fit.

    Examples
    --------
    >>> import lucid
    >>> lucid.mm(lucid.tensor([[1, 2]]), lucid.tensor([[3], [4]]))
    Tensor([[11]])
    """
    if out is not None:
        return into(mm, locals())
    of_dimensions("mm", ("input", input, 2), ("mat2", mat2, 2))
    return matmul(input, mat2)


@method("bmm")
def bmm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Products of two batches of matrices, pair by pair.

    Parameters
    ----------
    input : Tensor
        Shape ``(b, n, k)``.
    mat2 : Tensor
        Shape ``(b, k, m)``.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Raises
    ------
    ShapeError
        If they are not 3-d, or do not fit; nothing is broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.bmm(lucid.tensor([[[1, 2]]]), lucid.tensor([[[3], [4]]]))
    Tensor([[[11]]])
    """
    if out is not None:
        return into(bmm, locals())
    of_dimensions("bmm", ("input", input, 3), ("mat2", mat2, 3))
    if input.shape[0] != mat2.shape[0]:
        problem = "the batches must have equal length"
        raise ShapeError(compose("bmm", problem, {"input": input, "mat2": mat2}, "lucid.matmul"))
    return matmul(input, mat2)


@method("mv")
def mv(input: Tensor, vec: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The product of a matrix and a vector.

    Parameters
    ----------
    input : Tensor
        Shape ``(n, k)``.
    vec : Tensor
        Shape ``(k,)``.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Raises
    ------
    ShapeError
        If they are of other dimensions, or do not fit.

    Examples
    --------
    >>> import lucid
    >>> lucid.mv(lucid.tensor([[1, 2], [3, 4]]), lucid.tensor([1, 10]))
    Tensor([21, 43])
    """
    if out is not None:
        return into(mv, locals())
    of_dimensions("mv", ("input", input, 2), ("vec", vec, 1))
    return _as_it_is(input, vec)


@method("dot")
def dot(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The scalar product of two vectors.

    Parameters
    ----------
    input, other : Tensor
        Of one length. For more dimensions see `matmul`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Raises
    ------
    ShapeError
        If they are no vectors, or of different length.

    Examples
    --------
    >>> import lucid
    >>> lucid.dot(lucid.tensor([1, 2]), lucid.tensor([3, 4]))
    Tensor(11)
    """
    if out is not None:
        return into(dot, locals())
    of_dimensions("dot", ("input", input, 1), ("other", other, 1))
    if input.shape != other.shape:
        problem = "the vectors must have the same length"
        raise ShapeError(compose("dot", problem, {"input": input, "other": other}))
    return _as_it_is(input, other)


@method("vdot")
def vdot(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The scalar product of two vectors, the first conjugated.

    Parameters
    ----------
    input, other : Tensor
        Vectors of one length.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Raises
    ------
    ShapeError
        If they are no vectors, or of different length.

    Examples
    --------
    >>> import lucid
    >>> lucid.vdot(lucid.tensor([1, 2]), lucid.tensor([3, 4]))
    Tensor(11)
    """
    if out is not None:
        return into(vdot, locals())
    of_dimensions("vdot", ("input", input, 1), ("other", other, 1))
    return _as_it_is(_conjugate(input), other)


def _as_it_is(input: Tensor, other: Tensor) -> Tensor:
    """The product in the operands' own dtype; PyTorch's autocast passes these over."""
    if casting:
        with suspended():
            return matmul(input, other)
    return matmul(input, other)


@method("inner")
def inner(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Scalar products over the last dimension of both.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., k)``; a 0-d operand multiplies instead.
    other : Tensor
        Shape ``(..., k)``.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        The shapes without their last dimensions, one after the other.

    Raises
    ------
    ShapeError
        If the last lengths differ.

    Examples
    --------
    >>> import lucid
    >>> lucid.inner(lucid.tensor([[1, 2], [3, 4]]), lucid.tensor([1, 10]))
    Tensor([21, 43])
    """
    if out is not None:
        return into(inner, locals())
    if not ndim_of("inner", input) or not ndim_of("inner", other):
        return mul(input, other)
    return _contract("inner", input, other, [input.ndim - 1], [other.ndim - 1])


@method("outer", "ger")
def outer(input: Tensor, vec2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """All products of an element of one vector with one of another.

    Parameters
    ----------
    input : Tensor
        Shape ``(n,)``.
    vec2 : Tensor
        Shape ``(m,)``.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Shape ``(n, m)``.

    Raises
    ------
    ShapeError
        If they are no vectors.

    Examples
    --------
    >>> import lucid
    >>> lucid.outer(lucid.tensor([1, 2]), lucid.tensor([3, 4]))
    Tensor([[3, 4],
            [6, 8]])
    """
    if out is not None:
        return into(outer, locals())
    of_dimensions("outer", ("input", input, 1), ("vec2", vec2, 1))
    return mul(unsqueeze(input, 1), vec2)


def tensordot(a: Tensor, b: Tensor, dims: Any = 2, *, out: Tensor | None = None) -> Tensor:
    """Two tensors multiplied and summed over some dimensions of both.

    Parameters
    ----------
    a, b : Tensor
    dims : int or pair of sequences of int, default 2
        So many last dimensions of `a` with the first of `b`, or the dimensions of each.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        What is left of `a`, then what is left of `b`.

    Raises
    ------
    ShapeError
        If the lengths of a pair of dimensions differ.
    ArgumentError
        If `dims` do not pair up.

    Examples
    --------
    >>> import lucid
    >>> a = lucid.tensor([[1, 2], [3, 4]])
    >>> lucid.tensordot(a, a, dims=([0], [1]))
    Tensor([[ 7, 15],
            [10, 22]])
    """
    if out is not None:
        return into(tensordot, locals())
    if isinstance(dims, tuple | list):
        first, second = (list(d) if isinstance(d, tuple | list) else [d] for d in dims)
    elif not 0 <= dims <= min(ndim_of("tensordot", a), ndim_of("tensordot", b)):
        seen = {"a": a, "b": b, "dims": dims}
        raise ArgumentError(compose("tensordot", "there are not so many dimensions", seen))
    else:
        first, second = list(range(a.ndim - dims, a.ndim)), list(range(dims))
    first = [normal_axis("tensordot", dim, a) for dim in first]
    second = [normal_axis("tensordot", dim, b.ndim) for dim in second]
    if len(first) != len(second) or len({*first}) < len(first) or len({*second}) < len(second):
        problem = "the dimensions must pair up, and none be named twice"
        raise ArgumentError(compose("tensordot", problem, {"a": a, "b": b, "dims": dims}))
    return _contract("tensordot", a, b, first, second)


def _contract(
    caller: str, a: Tensor, b: Tensor, over_a: Sequence[int], over_b: Sequence[int]
) -> Tensor:
    """Sum products over pairs of dimensions, as one product of two matrices."""
    lengths = [a.shape[i] for i in over_a]
    if lengths != [b.shape[i] for i in over_b]:
        problem = f"the dimensions {tuple(over_a)} and {tuple(over_b)} must have equal lengths"
        raise ShapeError(compose(caller, problem, {"first": a, "second": b}))
    left = [i for i in range(a.ndim) if i not in over_a]
    right = [i for i in range(b.ndim) if i not in over_b]
    rows, columns = [a.shape[i] for i in left], [b.shape[i] for i in right]
    inner_size = int(np.prod(lengths))
    matrix_a = reshape(permute(a, *left, *over_a), int(np.prod(rows)), inner_size)
    matrix_b = reshape(permute(b, *over_b, *right), inner_size, int(np.prod(columns)))
    return reshape(matmul(matrix_a, matrix_b), (*rows, *columns))


@method("kron")
def kron(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The Kronecker product: every element of `input` times all of `other`, laid out as blocks.

    Parameters
    ----------
    input, other : Tensor
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Examples
    --------
    >>> import lucid
    >>> lucid.kron(lucid.tensor([[1, 2]]), lucid.tensor([[1, 1]]))
    Tensor([[1, 1, 2, 2]])
    """
    if out is not None:
        return into(kron, locals())
    count = max(ndim_of("kron", input), ndim_of("kron", other))
    a = (1,) * (count - input.ndim) + tuple(input.shape)
    b = (1,) * (count - other.ndim) + tuple(other.shape)
    blocks = mul(
        reshape(input, tuple(n for length in a for n in (length, 1))),
        reshape(other, tuple(n for length in b for n in (1, length))),
    )
    return reshape(blocks, tuple(m * n for m, n in zip(a, b, strict=True)))
