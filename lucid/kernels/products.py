"""Large matrix products, shared out among the kernels' own threads.

OpenBLAS divides a product among threads of its own, which stand in the way of those of the
kernels, and wait for each other in loops: beside another busy process a product of a
millisecond takes ten. Here each of our threads computes some rows, or columns, of the result
by a call of OpenBLAS on one thread. See decision 0010. The reference is ``a.dot(b)``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import blas, jit, threads
from .jit import Intrinsic, kernel

SHARED = 24_000_000  # multiplications from which on our threads are faster than those of BLAS
SHARE = 4_000_000  # multiplications in a share, at least: BLAS sums small products in another order
AWAKE = 3  # lengths of a product that helpers wait awake: the next one is seldom far
TILE = 32  # rows and columns are shared out in multiples of it, as BLAS's inner loop takes them


def dot(a: Any, b: Any) -> Any:
    """The product of two matrices.

    Examples
    --------
    >>> dot(np.eye(2), np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    if len(a) * b.size < SHARED or not jit.policy.on or threads.get_num_threads() == 1:
        return a.dot(b)
    address = blas.gemm_address(a.dtype.char)
    first, second = _stored(a), _stored(b)
    fits = a.shape[1] == len(b) and a.dtype is b.dtype and a.dtype.isnative
    if not (address and fits) or first is None or second is None:
        return a.dot(b)  # which says what is wrong, if something is
    out = np.empty((len(a), b.shape[1]), a.dtype)
    by_rows, length = len(a) >= b.shape[1], max(out.shape)
    parts = min(threads.get_num_threads(), len(a) * b.size // SHARE, length // TILE)
    if parts < 2:
        return a.dot(b)
    before = blas.one_thread()
    try:
        threads.run(_parts, parts, 1, address, by_rows, *first, *second, out, parts, linger=AWAKE)
    finally:
        blas.restore(before)
    return out


_dot = np.ndarray.dot  # without the Python frame in which `np.dot` looks for other kinds of array


def chosen(multiplications: int) -> Callable[[Any, Any], Any]:
    """What multiplies matrices in a chain of products of at most this size.

    It saves small products the frame of `dot`.
    """
    return dot if multiplications >= SHARED else _dot


def one_thread(multiplications: int) -> int:
    """Put BLAS on one thread for products of this size, where `dot` shares out the large ones.

    Returns
    -------
    int
        What to give `blas.restore` afterwards.
    """
    if multiplications >= SHARED and jit.policy.on and blas.gemm_address("f"):
        multiplications = blas.MANY - 1
    return blas.one_thread(multiplications)


def _stored(matrix: Any) -> tuple[Any, bool] | None:
    """A matrix as its rows lie in memory, and whether that is its transpose."""
    if matrix.flags.c_contiguous:
        return matrix, False
    return (matrix.T, True) if matrix.flags.f_contiguous else None


@Intrinsic
def gemm() -> Callable[..., Any]:
    """``gemm(address, a', b', m, n, k, a, lda, b, ldb, c, ldc, c)``: a call of CBLAS.

    `address` is the function's; `a'` and `b'` are 112 for the transpose, else 111; `a`, `b` and
    `c` addresses of matrices. The last argument tells the type of their elements.
    """
    from llvmlite import ir
    from numba.core import types

    row_major = 101

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        flag, size, pointer = ir.IntType(32), ir.IntType(64), ir.IntType(8).as_pointer()
        real = context.get_value_type(signature.args[12].dtype)
        kinds = [flag] * 3 + [size] * 3 + [real, pointer, size, pointer, size, real, pointer, size]
        function = ir.FunctionType(ir.VoidType(), kinds).as_pointer()
        address, across_a, across_b, m, n, k, a, lda, b, ldb, c, ldc, _ = args

        def at(place: Any) -> Any:
            return builder.inttoptr(place, pointer)

        flags = [ir.Constant(flag, row_major)]
        flags += [builder.trunc(across, flag) for across in (across_a, across_b)]
        one, zero = ir.Constant(real, 1.0), ir.Constant(real, 0.0)
        given = [*flags, m, n, k, one, at(a), lda, at(b), ldb, zero, at(c), ldc]
        builder.call(builder.inttoptr(address, function), given)
        return context.get_dummy_value()

    # Numba wants each argument by name.
    return lambda _, f, ta, tb, m, n, k, a, lda, b, ldb, c, ldc, like: (
        types.void(*[types.int64] * 12, like),
        build,
    )


@kernel()
def _parts(
    address: int,
    by_rows: bool,
    a: Any,
    a_across: bool,
    b: Any,
    b_across: bool,
    out: Any,
    parts: int,
    first: int,
    last: int,
) -> None:
    """Of the product's rows, or columns, the parts `first` to `last` of so many."""
    length = out.shape[0] if by_rows else out.shape[1]
    tiles = length // TILE
    for i in range(first, last):
        start, stop = tiles * i // parts * TILE, tiles * (i + 1) // parts * TILE
        stop = length if i + 1 == parts else stop
        _part(address, by_rows, a, a_across, b, b_across, out, start, stop)


@kernel()
def _part(
    address: int,
    by_rows: bool,
    a: Any,
    a_across: bool,
    b: Any,
    b_across: bool,
    out: Any,
    start: int,
    stop: int,
) -> None:
    """Rows, or columns, `start` to `stop` of the product."""
    size, width = out.itemsize, out.shape[1]
    m, n = (stop - start, width) if by_rows else (out.shape[0], stop - start)
    k = a.shape[0] if a_across else a.shape[1]
    row, column = (start, 0) if by_rows else (0, start)
    a_at = a.ctypes.data + (row if a_across else row * a.shape[1]) * size
    b_at = b.ctypes.data + (column * b.shape[1] if b_across else column) * size
    c_at = out.ctypes.data + (row * width + column) * size
    ta, tb = 112 if a_across else 111, 112 if b_across else 111
    gemm(address, ta, tb, m, n, k, a_at, a.shape[1], b_at, b.shape[1], c_at, width, out)
