"""Atomic reads and writes of one int64 in an array, by which threads agree without the GIL.

Each is one machine instruction. A write releases and a read acquires: who reads the value also
sees all that was written before it.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import Any

from .jit import Intrinsic

LINE = 8  # int64 values in a cache line: what different threads write should not share one


def _place(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    """The address of an element."""
    return builder.gep(context.make_array(array_type)(context, builder, array).data, [index])


@Intrinsic
def load() -> Callable[..., Any]:
    """``load(array, i)``: its value."""
    from numba.core import types

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _place(context, builder, signature.args[0], args[0], args[1])
        return builder.load_atomic(place, "acquire", 8)

    return lambda _, array, i: (types.int64(array, types.intp), build)


@Intrinsic
def add() -> Callable[..., Any]:
    """``add(array, i, value)``: adds, and returns the value from before."""
    from numba.core import types

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _place(context, builder, signature.args[0], args[0], args[1])
        return builder.atomic_rmw("add", place, args[2], "acq_rel")

    return lambda _, array, i, value: (types.int64(array, types.intp, types.int64), build)


@Intrinsic
def pause() -> Callable[..., Any]:
    """``pause()``: tells the processor that this is a loop that waits.

    Without it the loop takes half the strength of a core that two threads share.
    """
    from llvmlite import ir
    from numba.core import cgutils, types

    machine, integer = platform.machine(), ir.IntType(32)

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if machine in ("x86_64", "AMD64"):
            name, given = "llvm.x86.sse2.pause", []
        elif machine in ("aarch64", "arm64"):
            name, given = "llvm.aarch64.hint", [integer(1)]  # yield
        else:
            return context.get_dummy_value()
        kind = ir.FunctionType(ir.VoidType(), [integer] * len(given))
        builder.call(cgutils.get_or_insert_function(builder.module, kind, name), given)
        return context.get_dummy_value()

    return lambda _: (types.void(), build)
