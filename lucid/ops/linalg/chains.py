"""Powers of a matrix, and products of many matrices in the cheapest order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ...core.tensor import Tensor
from ...errors import ArgumentError, DTypeError, ShapeError, compose
from ..axes import ndim_of
from ..bind import method
from ..broadcasting import broadcast_to
from ..creation import as_tensor
from ..matmul import matmul
from ..out import into
from ..shape import clone, reshape, unsqueeze
from .inverse import inv


@method("matrix_power")
def matrix_power(A: Tensor, n: int, *, out: Tensor | None = None) -> Tensor:
    r"""Powers :math:`A^n` of square matrices, by repeated squaring.

    Parameters
    ----------
    A : Tensor
        Shape ``(..., m, m)``.
    n : int
        Negative powers are powers of the inverse; the power 0 is the identity.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Of the shape of `A`.

    Raises
    ------
    ShapeError
        If the matrices are not square.
    LinAlgError
        If `n` is negative and a matrix singular.
    DTypeError
        If `n` is no integer.

    Examples
    --------
    >>> import lucid
    >>> lucid.linalg.matrix_power(lucid.tensor([[1, 1], [0, 1]]), 10)
    Tensor([[1, 10],
            [0,  1]])
    """
    if out is not None:
        return into(matrix_power, locals())
    if isinstance(n, bool) or not hasattr(n, "__index__"):
        raise DTypeError(compose("linalg.matrix_power", "n must be an integer", {"n": n}))
    if ndim_of("linalg.matrix_power", A) < 2 or A.shape[-1] != A.shape[-2]:
        problem = "takes square matrices, shape (..., m, m)"
        raise ShapeError(compose("linalg.matrix_power", problem, {"A": A}))
    power = n.__index__()
    if power < 0:
        A, power = inv(A), -power
    if power == 0:
        return clone(broadcast_to(as_tensor(np.eye(A.shape[-1], dtype=A.dtype)), A.shape))
    result = None
    while True:
        if power & 1:
            result = A if result is None else matmul(result, A)
        power >>= 1
        if not power:
            break
        A = matmul(A, A)
    return clone(A) if n == 1 else result  # type: ignore[return-value]


def multi_dot(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """The product of matrices, multiplied in the order that takes the fewest operations.

    Parameters
    ----------
    tensors : sequence of Tensor
        Two or more. The first may be a vector, which counts as a row, and the last as a column.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        A vector dimension leaves nothing behind.

    Raises
    ------
    ArgumentError
        If there are fewer than two.
    ShapeError
        If one is no matrix, or two neighbours do not fit.

    References
    ----------
    .. [1] T. H. Cormen et al., "Introduction to Algorithms", chapter 15.2 (the matrix chain).

    Examples
    --------
    >>> import lucid
    >>> parts = [lucid.ones(2, 10), lucid.ones(10, 3), lucid.ones(3)]
    >>> lucid.linalg.multi_dot(parts)
    Tensor([30.0000, 30.0000])
    """
    if out is not None:
        return into(multi_dot, locals())
    return _product("linalg.multi_dot", list(tensors), 2)


def chain_matmul(*matrices: Tensor, out: Tensor | None = None) -> Tensor:
    """The product of matrices in the cheapest order: an older name of `lucid.linalg.multi_dot`.

    Parameters
    ----------
    *matrices : Tensor
        One or more.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Raises
    ------
    ShapeError
        If one is no matrix, or two neighbours do not fit.

    Examples
    --------
    >>> import lucid
    >>> lucid.chain_matmul(lucid.ones(1, 3), lucid.ones(3, 4), lucid.ones(4, 1))
    Tensor([[12.0000]])
    """
    if out is not None:
        return into(chain_matmul, locals())
    parts = (
        list(matrices[0])
        if len(matrices) == 1 and isinstance(matrices[0], list | tuple)
        else matrices
    )
    if any(part.ndim != 2 for part in parts):
        seen = {f"matrices[{i}]": part for i, part in enumerate(parts)}
        raise ShapeError(compose("chain_matmul", "takes matrices", seen))
    return _product("chain_matmul", list(parts), 1)


def _product(caller: str, parts: list[Tensor], least: int) -> Tensor:
    """Check a chain, multiply it, and drop the dimensions of vectors at its ends."""
    if len(parts) < least:
        problem = f"takes at least {least} tensors, not {len(parts)}"
        raise ArgumentError(compose(caller, problem))
    row, column = parts[0].ndim == 1, parts[-1].ndim == 1
    chain = list(parts)
    if row:
        chain[0] = unsqueeze(chain[0], 0)
    if column:
        chain[-1] = unsqueeze(chain[-1], -1)
    fits = all(x.ndim == 2 for x in chain) and all(
        a.shape[1] == b.shape[0] for a, b in pairwise(chain)
    )
    if not fits:
        problem = "takes matrices, each with as many rows as the one before has columns"
        seen = {f"tensors[{i}]": part for i, part in enumerate(parts)}
        raise ShapeError(compose(caller, problem, seen))
    result = clone(chain[0]) if len(chain) == 1 else _multiplied(chain, _splits(chain))
    shape = (() if row else result.shape[:1]) + (() if column else result.shape[1:])
    return reshape(result, tuple(shape)) if row or column else result


def _splits(chain: list[Tensor]) -> dict[tuple[int, int], int]:
    """For every part ``first..last`` of the chain, after which matrix it is best divided."""
    lengths = [chain[0].shape[0], *(x.shape[1] for x in chain)]
    cost: dict[tuple[int, int], int] = {(i, i): 0 for i in range(len(chain))}
    best: dict[tuple[int, int], int] = {}
    for span in range(1, len(chain)):
        for first in range(len(chain) - span):
            last = first + span
            options = [
                cost[first, k]
                + cost[k + 1, last]
                + lengths[first] * lengths[k + 1] * lengths[last + 1]
                for k in range(first, last)
            ]
            cost[first, last] = min(options)
            best[first, last] = first + options.index(cost[first, last])
    return best


def _multiplied(chain: list[Tensor], best: dict[tuple[int, int], int]) -> Tensor:
    def part(first: int, last: int) -> Any:
        if first == last:
            return chain[first]
        middle = best[first, last]
        return matmul(part(first, middle), part(middle + 1, last))

    result: Tensor = part(0, len(chain) - 1)
    return result
