"""Products of matrices in tiles that stay in registers, for loops that hold a product.

BLAS wants its operands as matrices in memory, and copies them into an order of its own first.
That costs as much as the product where one side is thin, as in a recurrent step with a small
batch, or where the matrix would have to be made, as in convolution. A tile is eight rows by
three vectors of 16 float32 that are summed up in 24 registers while the loop goes along the
inner dimension. Where it reads its operands is said by tables, so that the patches of a picture
need not be copied to stand in rows.

Numba has no name for a vector register, so the loop is put together from LLVM's instructions.
Every element is one chain of fused multiply-adds along the inner dimension, whatever tile it
falls into: results do not depend on how rows are shared among threads.

The tiles need 32 registers of 512 bits. On other processors `able` says no, and the products
are those of BLAS.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .jit import Intrinsic, kernel

LANES = 16  # float32 values in a register
VECTORS = 3  # registers of a row of the widest tile
WIDE = LANES * VECTORS
ROWS = 8
ALONE = 8  # registers of a row that has no others beside it, and would wait for itself


@functools.lru_cache(maxsize=1)
def able() -> bool:
    """Whether the processor has the registers that tiles are made for."""
    from llvmlite import binding

    try:
        return bool(binding.get_host_cpu_features().get("avx512f"))
    except RuntimeError:  # LLVM cannot tell
        return False


def _tile(rows: int, vectors: int) -> Intrinsic:
    """``tile(out, o0, pitch, a, a0, a_rows, r0, a_steps, b, b0, b_steps, depth, more)``.

    Over d below `depth` it sums ``a[a0 + a_rows[r0 + m] + a_steps[d]] * b[b0 + b_steps[d] + j]``
    and writes the sum to ``out[o0 + m * pitch + j]``, or adds it there if `more`; m goes through
    `rows` rows and j through `vectors` registers. All arrays are flat; `depth` is at least 1.
    """

    def make() -> Callable[..., Any]:
        from numba.core import types

        index = types.int64

        def typed(_: Any, out: Any, *given: Any) -> Any:
            at = {0, 1, 3, 8, 10, 11}  # what counts places, among those after `out`
            names = [index if i in at else kind for i, kind in enumerate(given)]
            names[-1] = types.boolean
            return types.void(out, *names), _emit(rows, vectors)

        def tile(
            _: Any, out: Any, o0: Any, pitch: Any, a: Any, a0: Any, a_rows: Any, r0: Any,
            a_steps: Any, b: Any, b0: Any, b_steps: Any, depth: Any, more: Any,
        ) -> Any:  # fmt: skip
            given = (o0, pitch, a, a0, a_rows, r0, a_steps, b, b0, b_steps, depth, more)
            return typed(_, out, *given)

        return tile

    return Intrinsic(make)


def _emit(rows: int, vectors: int) -> Callable[..., Any]:
    """What writes the instructions of a tile."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        from llvmlite import ir

        whole, real = ir.IntType(64), ir.FloatType()
        lanes = ir.VectorType(real, LANES)

        def data(i: int) -> Any:
            return context.make_array(signature.args[i])(context, builder, args[i]).data

        out, a, a_rows, a_steps, b, b_steps = (data(i) for i in (0, 3, 5, 7, 8, 10))
        o0, pitch, a0, r0, b0, depth, more = (args[i] for i in (1, 2, 4, 6, 9, 11, 12))
        moved = [builder.add(whole(m), r0) for m in range(rows)]
        starts = [builder.gep(a, [builder.add(a0, _read(builder, a_rows, m))]) for m in moved]
        b = builder.gep(b, [b0])
        entry, loop = builder.block, builder.append_basic_block("depth")
        builder.branch(loop)
        builder.position_at_end(loop)
        d = builder.phi(whole)
        d.add_incoming(whole(0), entry)
        sums = [[builder.phi(lanes) for _ in range(vectors)] for _ in starts]
        step, row = _read(builder, a_steps, d), builder.gep(b, [_read(builder, b_steps, d)])
        columns = [_vector(builder, row, v, lanes) for v in range(vectors)]
        totals = []
        for start, line in zip(starts, sums, strict=True):
            factor = _everywhere(builder, _read(builder, start, step), lanes)
            made = [
                _multiply_add(builder, factor, column, total, lanes)
                for column, total in zip(columns, line, strict=True)
            ]
            for total, after in zip(line, made, strict=True):
                total.add_incoming(ir.Constant(lanes, [0.0] * LANES), entry)
                total.add_incoming(after, loop)
            totals.append(made)
        following = builder.add(d, whole(1))
        d.add_incoming(following, loop)
        end = builder.append_basic_block("end")
        builder.cbranch(builder.icmp_signed("<", following, depth), loop, end)
        builder.position_at_end(end)
        _put(builder, builder.gep(out, [o0]), pitch, totals, more, lanes)
        return context.get_dummy_value()

    return build


def _put(builder: Any, out: Any, pitch: Any, totals: Any, more: Any, lanes: Any) -> None:
    """Write the sums of a tile, or add them to what is there."""
    from llvmlite import ir

    whole = ir.IntType(64)
    with builder.if_else(more) as (adds, writes):
        for branch, adding in ((adds, True), (writes, False)):
            with branch:
                for m, line in enumerate(totals):
                    row = builder.gep(out, [builder.mul(pitch, whole(m))])
                    for v, total in enumerate(line):
                        if adding:
                            total = builder.fadd(_vector(builder, row, v, lanes), total)
                        _store(builder, total, row, v, lanes)


def _read(builder: Any, start: Any, index: Any) -> Any:
    return builder.load(builder.gep(start, [index]))


def _place(builder: Any, start: Any, v: int, lanes: Any) -> Any:
    from llvmlite import ir

    return builder.bitcast(builder.gep(start, [ir.IntType(64)(LANES * v)]), lanes.as_pointer())


def _vector(builder: Any, start: Any, v: int, lanes: Any) -> Any:
    """The vector number v from here."""
    loaded = builder.load(_place(builder, start, v, lanes))
    loaded.align = 4
    return loaded


def _store(builder: Any, value: Any, start: Any, v: int, lanes: Any) -> None:
    builder.store(value, _place(builder, start, v, lanes)).align = 4


def _everywhere(builder: Any, value: Any, lanes: Any) -> Any:
    """A vector of one value."""
    from llvmlite import ir

    short = ir.IntType(32)
    nothing = ir.Constant(lanes, ir.Undefined)
    first = builder.insert_element(nothing, value, short(0))
    places = ir.Constant(ir.VectorType(short, LANES), [0] * LANES)
    return builder.shuffle_vector(first, nothing, places)


def _multiply_add(builder: Any, a: Any, b: Any, c: Any, lanes: Any) -> Any:
    from llvmlite import ir
    from numba.core import cgutils

    kind = ir.FunctionType(lanes, [lanes] * 3)
    called = cgutils.get_or_insert_function(builder.module, kind, f"llvm.fma.v{LANES}f32")
    return builder.call(called, [a, b, c])


@Intrinsic
def turn() -> Callable[..., Any]:
    """``turn(x, x0, x_pitch, out, o0, o_pitch)``: a square of 16 x 16, rows to columns."""
    from llvmlite import ir
    from numba.core import types

    index, short = types.int64, ir.IntType(32)

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        lanes = ir.VectorType(ir.FloatType(), LANES)
        x, out = (context.make_array(signature.args[i])(context, builder, args[i]) for i in (0, 3))

        def row(start: Any, first: Any, pitch: Any, m: int) -> Any:
            move = builder.add(first, builder.mul(pitch, ir.IntType(64)(m)))
            return builder.gep(start, [move])

        half = LANES // 2
        rows = [_vector(builder, row(x.data, args[1], args[2], m), 0, lanes) for m in range(LANES)]
        pairs = [i // 2 + (i % 2) * LANES for i in range(LANES)]
        halves = [
            ir.Constant(ir.VectorType(short, LANES), [i + shift for i in pairs])
            for shift in (0, half)
        ]
        for _ in range(LANES.bit_length() - 1):  # each time, two rows are shuffled like cards
            rows = [
                builder.shuffle_vector(rows[i], rows[i + half], chosen)
                for i in range(half)
                for chosen in halves
            ]
        for m, value in enumerate(rows):
            _store(builder, value, row(out.data, args[4], args[5], m), 0, lanes)
        return context.get_dummy_value()

    def typed(_: Any, x: Any, x0: Any, x_pitch: Any, out: Any, o0: Any, o_pitch: Any) -> Any:
        return types.void(x, index, index, out, index, index), build

    return typed


_eight, _eight_by_two, _eight_by_one = _tile(8, 3), _tile(8, 2), _tile(8, 1)
_six, _four, _two = _tile(6, 3), _tile(4, 3), _tile(2, 3)
_one, _alone = _tile(1, 3), _tile(1, ALONE)


@kernel()
def block(
    rows: int, vectors: int, out: Any, o0: int, pitch: int, a: Any, a0: int, a_rows: Any, r0: int,
    a_steps: Any, b: Any, b0: int, b_steps: Any, depth: int, more: bool,
) -> int:  # fmt: skip
    """The tile that fits: up to `rows` rows, and `vectors` registers or, of less than eight
    rows, three; how many rows it has. The arguments are `_tile`'s."""
    if rows >= 8:
        if vectors == 3:
            _eight(out, o0, pitch, a, a0, a_rows, r0, a_steps, b, b0, b_steps, depth, more)
        elif vectors == 2:
            _eight_by_two(out, o0, pitch, a, a0, a_rows, r0, a_steps, b, b0, b_steps, depth, more)
        else:
            _eight_by_one(out, o0, pitch, a, a0, a_rows, r0, a_steps, b, b0, b_steps, depth, more)
        return 8
    if rows >= 6:
        _six(out, o0, pitch, a, a0, a_rows, r0, a_steps, b, b0, b_steps, depth, more)
        return 6
    if rows >= 4:
        _four(out, o0, pitch, a, a0, a_rows, r0, a_steps, b, b0, b_steps, depth, more)
        return 4
    if rows >= 2:
        _two(out, o0, pitch, a, a0, a_rows, r0, a_steps, b, b0, b_steps, depth, more)
        return 2
    if vectors == ALONE:
        _alone(out, o0, pitch, a, a0, a_rows, r0, a_steps, b, b0, b_steps, depth, more)
    else:
        _one(out, o0, pitch, a, a0, a_rows, r0, a_steps, b, b0, b_steps, depth, more)
    return 1
