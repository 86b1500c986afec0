"""The engine: carries gradients from results back to leaves, along the tape.

It does the chores that every rule would otherwise repeat: order, un-broadcasting, dtypes,
accumulation and None. By default gradients are bare arrays; with `create_graph` they are
tensors, and the same rules are recorded in their turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Any

import numpy as np

from ..config import LOCAL
from ..errors import GradError, LucidError, compose
from . import hooks, versions
from .apply import on_slots
from .node import Leaf, Node, Slot
from .search import Search, own, released
from .tensor import Tensor, new, wrap

_ndarray = np.ndarray


def run(
    roots: Sequence[tuple[Any, Any]],
    keep: bool,
    create_graph: bool,
    wanted: Sequence[Any] | None = None,
) -> dict[Any, Any]:
    """Carry gradients backward from `roots`, pairs of a node and the gradient that enters it.

    Parameters
    ----------
    roots : sequence of (node, gradient)
        Gradients are arrays, or tensors with `create_graph`.
    keep : bool
        Keep what the nodes saved, for another pass.
    create_graph : bool
        Record the pass itself, so that its results can be differentiated again.
    wanted : sequence of nodes, optional
        Collect the gradients that reach these nodes and touch no leaf; without it every
        leaf accumulates into the `grad` of its tensor.

    Returns
    -------
    dict
        The gradient of every wanted node that was reached.
    """
    pending: dict[Any, Any] = {}
    owned: set[Any] = set()  # nodes whose pending gradient nobody else holds
    queue: list[tuple[int, Any]] = []  # ops that have a gradient, the youngest first
    state = LOCAL.state
    rule = state.rule_hook or run_rule
    before, state.grad_enabled = state.grad_enabled, create_graph and not state.inference
    ends, state.pass_ends = state.pass_ends, None
    try:
        for node, gradient in roots:
            if create_graph != isinstance(gradient, Tensor):
                gradient = wrap(gradient) if create_graph else gradient._data
            if node in pending:
                _add(pending, owned, node, gradient, create_graph)
            else:
                pending[node] = gradient
                if type(node) is not Leaf:
                    heappush(queue, (-node.when, node))
        search = None if wanted is None else Search(wanted, list(pending))
        while queue:
            node = heappop(queue)[1]
            gradient = pending.pop(node)
            if search is not None and node not in search.useful:
                continue
            if node.extras is not None:
                gradient = hooks.complete(node, gradient)
            if search is not None and search.ends_at(node, gradient):
                continue
            if type(node) is not Node:
                _into_slot(node, gradient, pending, queue)
                continue
            edges = node.edges if search is None else search.among(node.edges)
            gradients: Sequence[Any] = rule(node, gradient, edges, create_graph)
            prim = node.prim
            saved: Any = node.saved
            broadcasts, held = prim.broadcasts, None
            if len(gradients) != len(edges):
                raise _miscounted(node, gradients)
            mine = node.extras is None  # whoever hooks a gradient may keep it
            fresh = prim.fresh and not keep and mine
            for edge, grad, value in zip(edges, gradients, saved):  # noqa: B905 - strict is slow
                if edge is None or grad is None:
                    continue
                if broadcasts and grad.shape != value.shape:
                    grad = unbroadcast(grad, value.shape)
                if grad.dtype is not value.dtype and grad.dtype != value.dtype:
                    grad = cast(grad, value.dtype)
                if type(grad) is not _ndarray and not create_graph:
                    grad = np.asarray(grad)
                if edge in pending:
                    _add(pending, owned, edge, grad, create_graph)
                    continue
                pending[edge] = grad
                if type(edge) is not Leaf:
                    heappush(queue, (-edge.when, edge))
                elif fresh or (mine and not keep and grad is node.residual):
                    owned.add(edge)
                elif mine:
                    held = held or _held(node, gradient, gradients)
                    if id(grad) not in held and getattr(grad, "base", None) is None:
                        owned.add(edge)
            if not keep:
                node.saved = node.out = node.residual = None
                node.edges = []
        if search is None:
            _fill_leaves(pending, owned)
        else:
            search.finish(pending, owned)
        while state.pass_ends:
            state.pass_ends.pop(0)()
        return {} if search is None else search.found
    finally:
        state.grad_enabled, state.pass_ends = before, ends


def _fill_leaves(pending: dict[Any, Any], owned: set[Any]) -> None:
    """Add the gradients that reached the leaves to the `grad` of their tensors."""
    for leaf in pending:
        if leaf.extras is not None:
            pending[leaf] = hooks.before(leaf, hooks.complete(leaf, pending[leaf]))
            owned.discard(leaf)
    for leaf, gradient in pending.items():  # after all hooks: if one raises, no grad changes
        tensor = leaf.tensor()
        if tensor is None or tensor._node is None:  # gone, or it wants no gradient any more
            continue
        if tensor._grad is None and leaf in owned and type(gradient) is _ndarray:
            tensor._grad = grad = new(Tensor)  # what `wrap` does, without its frame
            grad._data, grad._grad, grad._node = gradient, None, None
        else:
            accumulate(tensor, gradient)
        if leaf.extras is not None:
            hooks.filled(leaf, tensor, gradient)


def run_rule(node: Node, gradient: Any, edges: Sequence[Any], create_graph: bool) -> Sequence[Any]:
    """The gradients of the inputs of one op, by the rule that suits.

    Raises
    ------
    GradError
        If the graph was released, or a saved value was changed in place.
    """
    saved = node.saved
    if saved is None:
        raise released(node)
    if versions.latest[0] > node.when:
        _check_versions(node)
    hooked = node.extras is not None
    if hooked:
        gradient = hooks.before(node, gradient)
    prim, static = node.prim, node.static
    gradients: Sequence[Any]
    try:  # which gradients are needed, the edges themselves tell
        if create_graph:
            gradients = _recorded_rule(node, gradient, edges)
        elif prim.fused_vjp is not None:
            if prim.fused_needs:
                static = {"needs": edges, **static}
            gradients = prim.fused_vjp(gradient, node.residual, node.out, *saved, **static)
        elif prim.vjp_needs:
            gradients = prim.vjp(gradient, node.out, *saved, needs=edges, **static)  # type: ignore[misc]
        else:
            gradients = prim.vjp(gradient, node.out, *saved, **static)  # type: ignore[misc]
    except LucidError as error:
        error.add_note(f"  while differentiating {prim.name}")
        raise
    if hooked:
        gradients = hooks.after(node, _fitted(node, edges, gradients), gradient)
    return gradients


def _fitted(node: Node, edges: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
    """Gradients of the shapes and dtypes of the inputs, where those want one: for hooks."""
    assert node.saved is not None
    fitted: list[Any] = []
    for edge, grad, value in zip(edges, gradients, node.saved, strict=True):
        if edge is None or grad is None:
            fitted.append(None)
            continue
        if grad.shape != value.shape:
            grad = unbroadcast(grad, value.shape)
        fitted.append(grad if grad.dtype == value.dtype else cast(grad, value.dtype))
    return fitted


def _recorded_rule(node: Node, gradient: Any, needs: Sequence[Any]) -> Sequence[Any]:
    """The rule run on tensors, so that what it computes can be differentiated again."""
    saved, out = _as_tensors(node)
    static = {"needs": needs, **node.static} if node.prim.vjp_needs else node.static
    return node.prim.vjp(gradient, out, *saved, **static)  # type: ignore[misc]


def _as_tensors(node: Node) -> tuple[list[Any], Any]:
    """The saved arrays as tensors on the edges they came from."""
    saved: list[Any] = [
        wrap(value, edge) if isinstance(value, _ndarray) else value
        for edge, value in zip(node.edges, node.saved or (), strict=True)
    ]
    out = node.out
    if isinstance(out, _ndarray):
        out = wrap(out, node)
    elif isinstance(out, tuple):
        out = on_slots(node, out)
    return saved, out


def _check_versions(node: Node) -> None:
    """Refuse to differentiate with a saved value that was changed after it was saved."""
    names = node.prim.input_names
    values = [(names[min(i, len(names) - 1)], v) for i, v in enumerate(node.saved or ())]
    outs = node.out if isinstance(node.out, tuple) else (node.out,)
    for name, value in [*values, *(("its output", out) for out in outs)]:
        if isinstance(value, _ndarray) and versions.changed_since(value, node.when):
            problem = f"the gradient of {node.prim.name} needs {name}, which was changed in place"
            fix = "change a copy (x = x + 1, or x.clone()), or change it after backward()"
            raise GradError(compose("backward", problem, {name: value}, fix))


def _miscounted(node: Node, gradients: Sequence[Any]) -> TypeError:
    problem = f"{len(gradients)} gradients for {len(node.edges)} inputs"
    return TypeError(f"the rule of {node.prim.name} returns {problem}")


def _into_slot(
    slot: Slot, gradient: Any, pending: dict[Any, Any], queue: list[tuple[int, Any]]
) -> None:
    """Put the gradient of one output where the op's rule will find it."""
    node = slot.edges[0]
    if node not in pending:
        pending[node] = [None] * slot.count
        heappush(queue, (-node.when, node))
    slots = pending[node]
    held = slots[slot.index]  # the rule itself, when it is differentiated, adds to an output
    slots[slot.index] = gradient if held is None else held + gradient


def _add(
    pending: dict[Any, Any], owned: set[Any], edge: Any, grad: Any, create_graph: bool
) -> None:
    """Add a further gradient: own the sum of two, then add in place."""
    total = pending[edge]
    if create_graph:
        pending[edge] = total + grad
    elif edge in owned and total.ndim:
        total += grad
    else:
        pending[edge] = np.asarray(total + grad)
        owned.add(edge)


def _held(node: Node, gradient: Any, gradients: Sequence[Any]) -> set[int]:
    """The identities of arrays that others hold; any other gradient a leaf may keep.

    Others are the node itself, whoever gave the gradient that entered, and, where a rule
    returns an array twice or a view of it, the other inputs.
    """
    held = {id(value) for value in node.saved or ()}
    held.update((id(gradient), id(node.out), id(node.residual)))
    if type(gradient) is list:  # of an op with several outputs
        held.update(map(id, gradient))
    seen: set[int] = set()
    for grad in gradients:
        if grad is not None:
            (held if id(grad) in seen else seen).add(id(grad))
            base = getattr(grad, "base", None)
            if base is not None:
                held.add(id(base))
    return held


def accumulate(tensor: Tensor, gradient: Any) -> None:
    """Add a gradient that others may hold to the `grad` of a leaf."""
    before = tensor._grad
    if isinstance(gradient, Tensor):  # a pass with create_graph
        tensor._grad = own(gradient) if before is None else before + gradient
    elif before is None:
        tensor._grad = wrap(gradient.copy())
    elif before._node is None and before._data.flags.writeable:
        versions.bump(before._data)
        before._data += gradient
    else:
        tensor._grad = wrap(before._data + gradient)


def unbroadcast(grad: Any, shape: tuple[int, ...]) -> Any:
    """Sum a gradient over the dimensions that broadcasting added or stretched."""
    extra = grad.ndim - len(shape)
    stretched = [extra + i for i, n in enumerate(shape) if n == 1 and grad.shape[extra + i] != 1]
    axes = (*range(extra), *stretched)
    if axes and isinstance(grad, Tensor):
        grad = grad.sum(axis=axes, keepdims=True)
    elif axes:  # an array's own `sum` would warn in NumPy's name of inf - inf
        grad = np.add.reduce(grad, axis=axes, keepdims=True)
    return grad.reshape(shape) if extra else grad


def cast(grad: Any, dtype: np.dtype[Any]) -> Any:
    """Bring a gradient to its input's dtype; the imaginary part of a real input has none."""
    if grad.dtype.kind == "c" and dtype.kind != "c":
        grad = grad.real
    return grad.astype(dtype)
