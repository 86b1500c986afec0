"""A product of matrices or vectors added to a tensor: ``beta * input + alpha * (a @ b)``."""

from __future__ import annotations

from typing import Any

from ..core.tensor import Tensor
from ..errors import ShapeError, compose
from .arithmetic import add, mul
from .autocasting import casting, lowered
from .axes import ndim_of
from .bind import method
from .matmul import bmm, matmul, mv, of_dimensions, outer
from .out import into
from .shape import reshape
from .transposition import permute


def _scaled_sum(caller: str, input: Tensor, product: Tensor, beta: Any, alpha: Any) -> Tensor:
    """``beta * input + alpha * product``; with beta 0 not even a NaN of `input` counts."""
    ndim_of(caller, input)  # refuses what is no tensor
    if input.shape != product.shape and not _spreads(input.shape, product.shape):
        problem = "the input must broadcast to the shape of the product"
        raise ShapeError(compose(caller, problem, {"input": input, "product": product}))
    product = product if alpha == 1 else mul(product, alpha)
    if beta == 0:
        return product
    return add(input if beta == 1 else mul(input, beta), product)


def _spreads(shape: Any, target: Any) -> bool:
    """True if broadcasting takes a shape to the target."""
    extra = len(target) - len(shape)
    return extra >= 0 and all(a in (1, b) for a, b in zip(shape, target[extra:], strict=True))


@method("addmm")
def addmm(
    input: Tensor,
    mat1: Tensor,
    mat2: Tensor,
    *,
    beta: float = 1,
    alpha: float = 1,
    out: Tensor | None = None,
) -> Tensor:
    """``beta * input + alpha * (mat1 @ mat2)`` for matrices.

    Parameters
    ----------
    input : Tensor
        Broadcasts to ``(n, m)``; it is left out where `beta` is 0.
    mat1, mat2 : Tensor
        Shapes ``(n, k)`` and ``(k, m)``.
    beta, alpha : number, default 1
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Raises
    ------
    ShapeError
        If the shapes do not fit.

    Examples
    --------
    >>> import lucid
    >>> lucid.addmm(lucid.tensor([1, 1]), lucid.tensor([[1, 2]]), lucid.tensor([[1, 0], [0, 1]]))
    Tensor([[2, 3]])
    """
    if out is not None:
        return into(addmm, locals())
    of_dimensions("addmm", ("mat1", mat1, 2), ("mat2", mat2, 2))
    if casting:
        input, mat1, mat2 = lowered(input, mat1, mat2)
    return _scaled_sum("addmm", input, matmul(mat1, mat2), beta, alpha)


@method("addmv")
def addmv(
    input: Tensor,
    mat: Tensor,
    vec: Tensor,
    *,
    beta: float = 1,
    alpha: float = 1,
    out: Tensor | None = None,
) -> Tensor:
    """``beta * input + alpha * (mat @ vec)`` for a matrix and a vector.

    Parameters
    ----------
    input : Tensor
        Broadcasts to ``(n,)``; it is left out where `beta` is 0.
    mat, vec : Tensor
        Shapes ``(n, k)`` and ``(k,)``.
    beta, alpha : number, default 1
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Raises
    ------
    ShapeError
        If the shapes do not fit.

    Examples
    --------
    >>> import lucid
    >>> lucid.addmv(lucid.tensor([1]), lucid.tensor([[1, 2]]), lucid.tensor([1, 10]))
    Tensor([22])
    """
    if out is not None:
        return into(addmv, locals())
    of_dimensions("addmv", ("mat", mat, 2), ("vec", vec, 1))
    return _scaled_sum("addmv", input, mv(mat, vec), beta, alpha)


@method("baddbmm")
def baddbmm(
    input: Tensor,
    batch1: Tensor,
    batch2: Tensor,
    *,
    beta: float = 1,
    alpha: float = 1,
    out: Tensor | None = None,
) -> Tensor:
    """``beta * input + alpha * (batch1 @ batch2)`` for batches of matrices.

    Parameters
    ----------
    input : Tensor
        Broadcasts to ``(b, n, m)``; it is left out where `beta` is 0.
    batch1, batch2 : Tensor
        Shapes ``(b, n, k)`` and ``(b, k, m)``.
    beta, alpha : number, default 1
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Raises
    ------
    ShapeError
        If the shapes do not fit.

    Examples
    --------
    >>> import lucid
    >>> one = lucid.tensor([[[2]]])
    >>> lucid.baddbmm(one, one, one)
    Tensor([[[6]]])
    """
    if out is not None:
        return into(baddbmm, locals())
    if casting:
        input, batch1, batch2 = lowered(input, batch1, batch2)
    return _scaled_sum("baddbmm", input, bmm(batch1, batch2), beta, alpha)


@method("addbmm")
def addbmm(
    input: Tensor,
    batch1: Tensor,
    batch2: Tensor,
    *,
    beta: float = 1,
    alpha: float = 1,
    out: Tensor | None = None,
) -> Tensor:
    """``beta * input + alpha * (batch1 @ batch2).sum(0)`` for batches of matrices.

    Parameters
    ----------
    input : Tensor
        Broadcasts to ``(n, m)``; it is left out where `beta` is 0.
    batch1, batch2 : Tensor
        Shapes ``(b, n, k)`` and ``(b, k, m)``.
    beta, alpha : number, default 1
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Raises
    ------
    ShapeError
        If the shapes do not fit.

    Examples
    --------
    >>> import lucid
    >>> batch = lucid.tensor([[[2]], [[3]]])
    >>> lucid.addbmm(lucid.tensor([[1]]), batch, batch)
    Tensor([[14]])
    """
    if out is not None:
        return into(addbmm, locals())
    of_dimensions("addbmm", ("batch1", batch1, 3), ("batch2", batch2, 3))
    (b, n, k), (b2, k2, m) = batch1.shape, batch2.shape
    if (b, k) != (b2, k2):
        problem = "the batches must have shapes (b, n, k) and (b, k, m)"
        raise ShapeError(compose("addbmm", problem, {"batch1": batch1, "batch2": batch2}))
    if casting:
        input, batch1, batch2 = lowered(input, batch1, batch2)
    side_by_side = reshape(permute(batch1, 1, 0, 2), (n, b * k))
    product = matmul(side_by_side, reshape(batch2, (b * k, m)))
    return _scaled_sum("addbmm", input, product, beta, alpha)


@method("addr")
def addr(
    input: Tensor,
    vec1: Tensor,
    vec2: Tensor,
    *,
    beta: float = 1,
    alpha: float = 1,
    out: Tensor | None = None,
) -> Tensor:
    """``beta * input + alpha * outer(vec1, vec2)``.

    Parameters
    ----------
    input : Tensor
        Broadcasts to ``(n, m)``; it is left out where `beta` is 0.
    vec1, vec2 : Tensor
        Shapes ``(n,)`` and ``(m,)``.
    beta, alpha : number, default 1
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Raises
    ------
    ShapeError
        If the shapes do not fit.

    Examples
    --------
    >>> import lucid
    >>> lucid.addr(lucid.tensor(1), lucid.tensor([1, 2]), lucid.tensor([3, 4]))
    Tensor([[4, 5],
            [7, 9]])
    """
    if out is not None:
        return into(addr, locals())
    of_dimensions("addr", ("vec1", vec1, 1), ("vec2", vec2, 1))
    return _scaled_sum("addr", input, outer(vec1, vec2), beta, alpha)
