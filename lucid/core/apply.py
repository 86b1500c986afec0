"""`apply`, the one point through which every op goes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..config import LOCAL
from ..errors import ArgumentError, DTypeError, LucidError, ShapeError, compose
from .node import Node, ShapeOnly, Slot
from .primitive import Primitive
from .tensor import Tensor, wrap

_ndarray = np.ndarray


def apply(prim: Primitive, *inputs: Any, **static: Any) -> Any:
    """Run a primitive on tensors, arrays and Python scalars, and record it where wanted.

    With no tensor among the inputs the arrays are computed and returned bare; that is how
    gradient rules run when nobody asks for their derivative.
    """
    arrays: list[Any] = []
    edges: list[Any] = []
    bare, recording = True, False
    for value in inputs:
        if isinstance(value, Tensor):
            bare = False
            arrays.append(value.data)
            edges.append(value._node)
            if value._node is not None:
                recording = True
        else:
            arrays.append(value)
            edges.append(None)
    state = LOCAL.state
    recording = recording and state.grad_enabled and prim.vjp is not None
    residual = None
    try:
        if state.hook is not None:
            out, residual = state.hook(prim, arrays, static, recording)
        elif recording and prim.recorder is not None:
            out, residual = prim.recorder(*arrays, **static)
        else:
            out = prim.forward(*arrays, **static)
    except (ValueError, TypeError, IndexError) as error:
        raise explain(prim, arrays, static, error) from error
    if prim.outputs != 1:
        return _several(prim, out, arrays, edges, residual, static, bare, recording)
    if type(out) is not _ndarray:
        out = np.asarray(out)
    if bare:
        return out
    if not recording:
        return wrap(out)
    return wrap(out, record(prim, arrays, edges, out, residual, static))


def record(
    prim: Primitive, arrays: list[Any], edges: list[Any], out: Any, residual: Any, static: Any
) -> Node:
    """Make the node, keeping of each input no more than the rules read."""
    if not prim.save_all:
        keep = prim.save_index
        last = len(prim.input_names) - 1  # a variadic last name stands for all that follow
        arrays = [
            a if min(i, last) in keep or not isinstance(a, _ndarray) else ShapeOnly(a)
            for i, a in enumerate(arrays)
        ]
    return Node(prim, edges, arrays, out if prim.save_out else None, residual, static)


def _several(
    prim: Primitive,
    outs: Any,
    arrays: list[Any],
    edges: list[Any],
    residual: Any,
    static: Any,
    bare: bool,
    recording: bool,
) -> tuple[Any, ...]:
    """Wrap the outputs of an op that has several; each differentiable one gets a `Slot`."""
    outs = tuple(np.asarray(out) for out in outs)
    if bare:
        return outs
    if not recording:
        return tuple(wrap(out) for out in outs)
    node = record(prim, arrays, edges, outs, residual, static)
    return tuple(
        wrap(out, Slot(node, i, len(outs), out) if out.dtype.kind in "fcV" else None)
        for i, out in enumerate(outs)
    )


def explain(prim: Primitive, arrays: list[Any], static: Any, error: Exception) -> Exception:
    """Turn an error of the array library into one that names the op and what it was given."""
    if isinstance(error, LucidError):
        return error
    names = prim.input_names
    seen = {
        (names[i] if i < len(names) else f"{names[-1]}[{i - len(names) + 1}]"): array
        for i, array in enumerate(arrays)
    }
    seen.update(static)
    reason = str(error)
    if isinstance(error, TypeError):
        return DTypeError(compose(prim.name, reason, seen))
    if "shape" in reason or "broadcast" in reason or "dimension" in reason or "axis" in reason:
        return ShapeError(compose(prim.name, reason, seen))
    return ArgumentError(compose(prim.name, reason, seen))
