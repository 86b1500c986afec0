"""`apply`, the one point through which every op goes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..config import LOCAL
from ..errors import ArgumentError, DTypeError, IndexingError, LucidError, ShapeError, compose
from . import views
from .node import Node, ShapeOnly, Slot
from .primitive import Primitive
from .tensor import Tensor, new, wrap
from .versions import tick

_ndarray = np.ndarray
new_node = object.__new__
_new_tuple = tuple.__new__  # skips the Python frame of a NamedTuple's own constructor


def apply(prim: Primitive, *inputs: Any, **static: Any) -> Any:
    """Run a primitive on tensors, arrays and Python scalars, and record it where wanted.

    With no tensor among the inputs the arrays are computed and returned bare; that is how
    gradient rules run when nobody asks for their derivative.
    """
    arrays: list[Any] = []
    edges: list[Any] = []
    bare, recording = True, False
    for value in inputs:
        if type(value) is Tensor or isinstance(value, Tensor):  # the first is twice as fast
            bare = False
            node = value._node
            arrays.append(value._data)
            edges.append(node)
            if node is not None:
                recording = True
        else:
            arrays.append(value)
            edges.append(None)
    state = LOCAL.state
    recording = recording and state.grad_enabled and prim.vjp is not None
    residual = origin = None
    try:
        if state.hook is not None:
            if state.lifting is not None:  # inputs of which each stands for many: `func.vmap`
                return state.lifting(prim, inputs, static)
            origin = state.origin
            out, residual = state.hook(prim, arrays, static, recording)
        elif recording and prim.recorder is not None:
            out, residual = prim.recorder(*arrays, **static)
        else:
            out = prim.forward(*arrays, **static)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError) as error:
        raise explain(prim, arrays, static, error) from error
    if prim.outputs != 1:
        results = _several(prim, out, arrays, edges, residual, static, bare, recording, origin)
        if prim.view and not bare and (state.grad_enabled or edges[0] is not None):
            for result in results:
                views.note(result, inputs[0])
        return results
    if type(out) is not _ndarray:
        out = np.asarray(out)
    if bare:
        return out if arrays and type(arrays[0]) is _ndarray else _of_numbers(prim, arrays, out)
    result = new(Tensor)
    result._data, result._grad = out, None
    if recording:
        result._node = record(prim, arrays, edges, out, residual, static, origin)
    else:
        result._node = None
    if prim.view and (state.grad_enabled or edges[0] is not None):
        views.note(result, inputs[0], prim if state.grad_enabled else None, static)
    return result


def record(
    prim: Primitive,
    arrays: list[Any],
    edges: list[Any],
    out: Any,
    residual: Any,
    static: Any,
    origin: Any = None,
) -> Node:
    """Make the node, keeping of each input no more than the rules read."""
    if not prim.save_all:
        keep = prim.save_mask
        if len(keep) < len(arrays):  # a variadic last name stands for all that follow
            keep += keep[-1:] * (len(arrays) - len(keep))
        for i, array in enumerate(arrays):
            saved = keep[i]
            if saved is True or (saved is not False and edges[saved] is not None):
                continue
            if type(array) is _ndarray:
                arrays[i] = _new_tuple(ShapeOnly, (array.shape, array.dtype))
    node = new_node(Node)  # what `Node(...)` does, without the frame of a constructor
    node.prim, node.edges, node.saved, node.static = prim, edges, arrays, static
    node.out = out if prim.save_out else None
    node.residual, node.extras, node.when = residual, None, tick()
    if origin is not None:
        node.origin = origin()
    return node


def _several(
    prim: Primitive,
    outs: Any,
    arrays: list[Any],
    edges: list[Any],
    residual: Any,
    static: Any,
    bare: bool,
    recording: bool,
    origin: Any,
) -> tuple[Any, ...]:
    """Wrap the outputs of an op that has several; each differentiable one gets a `Slot`."""
    outs = tuple(np.asarray(out) for out in outs)
    if bare:
        return outs
    if not recording:
        return tuple(wrap(out) for out in outs)
    saved = outs
    if prim.save_outs:
        saved = tuple(
            out if i in prim.save_outs else ShapeOnly(out.shape, out.dtype)
            for i, out in enumerate(outs)
        )
    return on_slots(record(prim, arrays, edges, saved, residual, static, origin), outs)


def on_slots(node: Node, outs: tuple[Any, ...]) -> tuple[Tensor, ...]:
    """The outputs of an op as tensors; every one that can carry a gradient gets its `Slot`."""
    return tuple(
        wrap(out, Slot(node, i, len(outs), out) if out.dtype.kind in "fcV" else None)
        for i, out in enumerate(outs)
    )


def _of_numbers(prim: Primitive, arrays: list[Any], out: Any) -> Any:
    """What was computed without a tensor, unless a list or the like stood in its place.

    Raises
    ------
    DTypeError
        If one did: NumPy took it for an array.
    """
    stranger = _stranger(prim, arrays, ...)
    if stranger is not None:
        raise stranger
    return out


def _stranger(prim: Primitive, arrays: list[Any], lacking: Any) -> DTypeError | None:
    """The error for a list or string among the inputs, or a number where only an array will do."""
    for value in arrays:
        known = isinstance(value, _ndarray | np.generic | complex | float | int | None)
        if not known or (value is lacking and not isinstance(value, _ndarray)):
            problem = f"takes tensors and numbers, not {type(value).__name__}"
            return DTypeError(compose(prim.name, problem, {"given": value}, "lucid.tensor(value)"))
    return None


def explain(prim: Primitive, arrays: list[Any], static: Any, error: Exception) -> Exception:
    """Turn an error of the array library into one that names the op and what it was given."""
    if isinstance(error, LucidError):
        return error
    names = prim.input_names
    if isinstance(error, AttributeError):
        return _stranger(prim, arrays, error.obj) or error  # else a fault of the forward's own
    seen = {
        (names[i] if i < len(names) else f"{names[-1]}[{i - len(names) + 1}]"): array
        for i, array in enumerate(arrays)
    }
    seen.update(static)
    reason = str(error)
    if isinstance(error, IndexError):
        return IndexingError(compose(prim.name, reason, seen))
    if isinstance(error, TypeError):
        if "input types" in reason and any(np.iscomplexobj(array) for array in arrays):
            reason = "takes real numbers only"
        return DTypeError(compose(prim.name, reason, seen))
    if "shape" in reason or "broadcast" in reason or "dimension" in reason or "axis" in reason:
        return ShapeError(compose(prim.name, reason, seen))
    return ArgumentError(compose(prim.name, reason, seen))
