"""What the functions of linear algebra ask of their operands."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.tensor import Tensor
from ...dtypes import is_differentiable
from ...errors import DTypeError, LinAlgError, ShapeError, compose
from .structure import failure


def inexact(caller: str, narrow: bool = False, **operands: Any) -> None:
    """Refuse what has no linear algebra: integers, bools, and (not with `narrow`) two-byte floats.

    Raises
    ------
    DTypeError
        If an operand is of such a dtype, or no tensor.
    """
    for name, x in operands.items():
        if not isinstance(x, Tensor | np.ndarray):
            problem = f"takes tensors, not {type(x).__name__}"
            raise DTypeError(compose(caller, problem, {name: x}, f"lucid.tensor({name})"))
        if not is_differentiable(x.dtype):
            problem = "takes floating or complex tensors"
            raise DTypeError(compose(caller, problem, {name: x}, f"{name}.to(lucid.float32)"))
        if x.dtype.itemsize == 2 and not narrow:
            problem = f"has no precision to spare for {x.dtype}"
            raise DTypeError(compose(caller, problem, {name: x}, f"{name}.to(lucid.float32)"))


def matrices(caller: str, narrow: bool = False, **operands: Any) -> None:
    """Refuse what are no floating or complex matrices, or batches of them.

    Raises
    ------
    DTypeError
        If an operand is not of a floating or complex dtype.
    ShapeError
        If one has fewer than two dimensions.
    """
    inexact(caller, narrow, **operands)
    for name, x in operands.items():
        if x.ndim < 2:
            problem = "takes a matrix or a batch of matrices, shape (..., m, n)"
            raise ShapeError(compose(caller, problem, {name: x}))


def square(caller: str, narrow: bool = False, **operands: Any) -> None:
    """Refuse what are no square floating or complex matrices.

    Raises
    ------
    DTypeError
        If an operand is not of a floating or complex dtype.
    ShapeError
        If one has fewer than two dimensions, or its last two differ.
    """
    matrices(caller, narrow, **operands)
    for name, x in operands.items():
        if x.shape[-1] != x.shape[-2]:
            problem = "takes square matrices, shape (..., n, n)"
            raise ShapeError(compose(caller, problem, {name: x}))


def is_vector(a: Any, b: Any) -> bool:
    """True if the right side `b` of an equation with the matrices `a` is a batch of vectors."""
    return b.ndim == 1 or (a.ndim - 1 == b.ndim and b.shape == a.shape[:-1])


# ---- singular matrices ----------------------------------------------------------------


def zero_pivots(a: Any) -> Any:
    """For every matrix 0, or the number, from 1, of the first zero pivot of its elimination.

    Asked on failing paths only, to say what is wrong with a matrix.
    """
    flat = a.reshape(-1, *a.shape[-2:])
    info = np.zeros(len(flat), np.int32)
    for place, matrix in enumerate(flat):
        try:
            np.linalg.inv(matrix)
        except np.linalg.LinAlgError:
            info[place] = _first_zero_pivot(matrix.copy()) or len(matrix)
    return info.reshape(a.shape[:-2])


def _first_zero_pivot(matrix: Any) -> int:
    for k in range(len(matrix)):
        largest = k + int(np.argmax(np.abs(matrix[k:, k])))
        if matrix[largest, k] == 0:
            return k + 1
        matrix[[k, largest]] = matrix[[largest, k]]
        factors = matrix[k + 1 :, k] / matrix[k, k]
        matrix[k + 1 :] -= factors[:, None] * matrix[k]
    return 0


def one_by_one(solve: Any, shape: tuple[int, ...], *stacks: Any) -> Any:
    """Run a function of NumPy matrix by matrix; NaN for those that it finds singular."""
    batch = np.broadcast_shapes(*(stack.shape[:-2] for stack in stacks))
    flat = [
        np.broadcast_to(stack, (*batch, *stack.shape[-2:])).reshape(-1, *stack.shape[-2:])
        for stack in stacks
    ]
    out = np.full((len(flat[0]), *shape), np.nan, stacks[0].dtype)
    for place, operands in enumerate(zip(*flat, strict=True)):
        try:
            out[place] = solve(*operands)
        except np.linalg.LinAlgError:
            continue
    return out.reshape(*batch, *shape)


def singular(caller: str, a: Any, info: Any | None = None) -> LinAlgError:
    """The error for singular matrices, which names the first of them."""
    problem = "the matrix is singular: pivot {order} of its elimination is zero"
    found = zero_pivots(a) if info is None else info
    error: LinAlgError = failure(caller, found, problem, "lucid.linalg.pinv or lstsq", A=a)
    return error
