"""The engine: carries gradients from results back to leaves, along the tape.

It does the chores that every rule would otherwise repeat: order, un-broadcasting, dtypes,
accumulation and None. By default gradients are bare arrays; with `create_graph` they are
tensors, and the same rules are recorded in their turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from operator import attrgetter
from typing import Any

import numpy as np

from ..config import LOCAL
from ..errors import GradError, LucidError, ShapeError, compose
from . import hooks, versions
from .apply import on_slots
from .node import Leaf, Node, Slot
from .tensor import Tensor, wrap

_ndarray = np.ndarray
_by_age = attrgetter("when")


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
    for node, gradient in roots:
        if isinstance(gradient, Tensor) and not create_graph:
            gradient = gradient._data
        if node in pending:
            _add(pending, owned, node, gradient, create_graph)
        else:
            pending[node] = gradient
            if type(node) is not Leaf:
                heappush(queue, (-node.when, node))
    collect = None if wanted is None else frozenset(wanted)
    useful = None if collect is None else _leading_to(collect, list(pending))
    found: dict[Any, Any] = {}
    while queue:
        node = heappop(queue)[1]
        gradient = pending.pop(node)
        if useful is not None and node not in useful:
            continue
        if node.extras is not None:
            gradient = hooks.complete(node, gradient)
        if collect is not None and node in collect:
            found[node] = _own(gradient)
            if useful is not None and useful.isdisjoint(node.edges):
                continue
        if type(node) is Node:
            _step(node, gradient, pending, owned, queue, keep, create_graph, useful)
        else:
            _into_slot(node, gradient, pending, queue)
    for leaf in pending:  # only leaves are left, their gradients complete
        if leaf.extras is not None and (useful is None or leaf in useful):
            pending[leaf] = hooks.complete(leaf, pending[leaf])
            if collect is None:
                pending[leaf] = hooks.before(leaf, pending[leaf])
            owned.discard(leaf)
    for leaf, gradient in pending.items():  # after all hooks: if one raises, no grad changes
        if collect is None:
            tensor = leaf.tensor()
            if tensor is None or tensor._node is None:  # gone, or it wants no gradient any more
                continue
            if tensor._grad is None and leaf in owned and type(gradient) is _ndarray:
                tensor._grad = wrap(gradient)
            else:
                _accumulate(tensor, gradient)
            if leaf.extras is not None:
                hooks.filled(leaf, tensor, gradient)
        elif leaf in collect:
            found[leaf] = gradient if leaf in owned else _own(gradient)
    return found


def _leading_to(wanted: frozenset[Any], nodes: list[Any]) -> set[Any]:
    """The nodes reachable from `nodes` that lead to a wanted one."""
    seen = set(nodes)
    released = None
    for node in nodes:  # the list grows while it is walked
        if not node.edges and type(node) is not Leaf:
            released = node
        for edge in node.edges:
            if edge is not None and edge not in seen:
                seen.add(edge)
                nodes.append(edge)
    if released is not None and not wanted <= seen:
        raise _released(released)
    nodes.sort(key=_by_age)
    useful: set[Any] = set()
    for node in nodes:
        if node in wanted or not useful.isdisjoint(node.edges):
            useful.add(node)
    return useful


def _step(
    node: Node,
    gradient: Any,
    pending: dict[Any, Any],
    owned: set[Any],
    queue: list[tuple[int, Any]],
    keep: bool,
    create_graph: bool,
    useful: set[Any] | None,
) -> None:
    """Run the rule of one op and hand its gradients on."""
    saved = node.saved
    if saved is None:
        raise _released(node)
    if versions.latest[0] > node.when:
        _check_versions(node)
    hooked = node.extras is not None
    if hooked:
        gradient = hooks.before(node, gradient)
    prim, edges, static = node.prim, node.edges, node.static
    if useful is not None:
        edges = [edge if edge in useful else None for edge in edges]
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
    broadcasts, held = prim.broadcasts, None
    for edge, grad, value in zip(edges, gradients, saved, strict=True):
        if edge is None or grad is None:
            continue
        if broadcasts and grad.shape != value.shape:
            grad = unbroadcast(grad, value.shape)
        if grad.dtype is not value.dtype and grad.dtype != value.dtype:
            grad = _cast(grad, value.dtype)
        if type(grad) is not _ndarray and not create_graph:
            grad = np.asarray(grad)
        if edge in pending:
            _add(pending, owned, edge, grad, create_graph)
        else:
            pending[edge] = grad
            if type(edge) is not Leaf:
                heappush(queue, (-edge.when, edge))
            elif hooked:
                pass  # whoever hooks a gradient may keep it
            elif not keep and (prim.fresh or grad is node.residual):
                owned.add(edge)
            else:
                if held is None:
                    held = _held(node, gradient, gradients)
                if id(grad) not in held and getattr(grad, "base", None) is None:
                    owned.add(edge)
    if not keep:
        node.saved = node.out = node.residual = None
        node.edges = []


def _fitted(node: Node, edges: list[Any], gradients: Sequence[Any]) -> list[Any]:
    """Gradients of the shapes and dtypes of the inputs, where those want one: for hooks."""
    assert node.saved is not None
    fitted: list[Any] = []
    for edge, grad, value in zip(edges, gradients, node.saved, strict=True):
        if edge is None or grad is None:
            fitted.append(None)
            continue
        if grad.shape != value.shape:
            grad = unbroadcast(grad, value.shape)
        fitted.append(grad if grad.dtype == value.dtype else _cast(grad, value.dtype))
    return fitted


def _recorded_rule(node: Node, gradient: Any, needs: list[Any]) -> Sequence[Any]:
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


def _released(node: Node | Slot) -> GradError:
    place = f" at {node.prim.name}" if type(node) is Node else ""
    problem = f"the graph{place} was released by an earlier backward pass"
    fix = "call the first one with retain_graph=True, or compute the result anew"
    return GradError(compose("backward", problem, fix=fix))


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


def _own(gradient: Any) -> Any:
    """A gradient in memory that nothing else holds, with the same history if it has one."""
    if isinstance(gradient, Tensor):
        return wrap(gradient.data.copy(), gradient._node)
    return gradient.copy()


def _accumulate(tensor: Tensor, gradient: Any) -> None:
    """Add a gradient that others may hold to the `grad` of a leaf."""
    before = tensor._grad
    if isinstance(gradient, Tensor):  # a pass with create_graph
        tensor._grad = _own(gradient) if before is None else before + gradient
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


def _cast(grad: Any, dtype: np.dtype[Any]) -> Any:
    """Bring a gradient to its input's dtype; the imaginary part of a real input has none."""
    if grad.dtype.kind == "c" and dtype.kind != "c":
        grad = grad.real
    return grad.astype(dtype)


def seed(tensor: Tensor, gradient: Any, where: str) -> Any:
    """The gradient that enters a result: ones for a scalar, else what the user gives.

    Raises
    ------
    GradError
        If the result requires no gradient, or is no scalar and no gradient is given.
    ShapeError
        If the given gradient has another shape.
    """
    if tensor._node is None:
        problem = "the tensor requires no gradient, so there is nothing to differentiate"
        fix = "make an input with requires_grad=True, outside no_grad()"
        raise GradError(compose(where, problem, {"tensor": tensor}, fix))
    if gradient is None:
        if tensor._data.size != 1:
            problem = "a gradient is implied for one element only"
            fix = "reduce with .sum() or .mean(), or give gradient="
            raise GradError(compose(where, problem, {"tensor": tensor}, fix))
        return _one(tensor._data)
    value = gradient if isinstance(gradient, Tensor) else np.asarray(gradient)
    if value.shape != tensor._data.shape:
        problem = "the gradient must have the shape of the tensor"
        raise ShapeError(compose(where, problem, {"tensor": tensor, "gradient": value}))
    return value if value.dtype == tensor._data.dtype else _cast(value, tensor._data.dtype)


_ONES: dict[str, Any] = {}


def _one(like: Any) -> Any:
    """The gradient of a scalar towards itself; read-only and shared, being wanted so often."""
    if like.ndim:
        return np.ones(like.shape, like.dtype)
    one = _ONES.get(like.dtype.char)
    if one is None:
        one = _ONES[like.dtype.char] = np.ones((), like.dtype)
        one.flags.writeable = False
    return one


def backward(
    tensor: Tensor,
    gradient: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Compute the gradients of a tensor with respect to the leaves it was made from.

    They are added to the `grad` of each leaf.

    Parameters
    ----------
    tensor : Tensor
        The result to differentiate.
    gradient : Tensor or array, optional
        The gradient that enters; needed unless the tensor has one element.
    retain_graph : bool, optional
        Keep the graph for another pass; by default it is kept only with `create_graph`.
    create_graph : bool, default False
        Record the pass itself, so that gradients can be differentiated again.
    inputs : Tensor or sequence of Tensor, optional
        Fill the `grad` of these alone; by default of every leaf.

    Raises
    ------
    GradError
        If the tensor requires no gradient, its graph was released by an earlier pass, or a
        value that a gradient needs was changed in place.
    ShapeError
        If `gradient` has another shape than the tensor.

    Examples
    --------
    >>> x = Tensor([3.0], requires_grad=True)
    >>> (x * x).backward()
    >>> print(x.grad)
    [6.0000]
    """
    roots = [(tensor._node, seed(tensor, gradient, "backward"))]
    keep = create_graph if retain_graph is None else retain_graph
    if inputs is None:
        propagate(roots, keep, create_graph)
    else:
        fill([inputs] if isinstance(inputs, Tensor) else list(inputs), roots, keep, create_graph)


def fill(
    inputs: Sequence[Tensor], roots: Sequence[tuple[Any, Any]], keep: bool, create_graph: bool
) -> None:
    """Carry gradients backward from `roots` into the `grad` of `inputs` alone.

    Raises
    ------
    GradError
        If one of them requires no gradient.
    """
    for i, tensor in enumerate(inputs):
        if tensor._node is None:
            problem = f"inputs[{i}] requires no gradient"
            fix = "set requires_grad=True before the computation"
            raise GradError(compose("backward", problem, {f"inputs[{i}]": tensor}, fix))
    nodes = {tensor._node: tensor for tensor in inputs}
    for node, gradient in propagate(roots, keep, create_graph, list(nodes)).items():
        hooked = type(node) is Leaf and node.extras is not None
        if hooked:
            gradient = hooks.before(node, gradient)
        _accumulate(nodes[node], gradient)
        if hooked:
            hooks.filled(node, nodes[node], gradient)


def propagate(
    roots: Sequence[tuple[Any, Any]],
    keep: bool,
    create_graph: bool,
    wanted: Sequence[Any] | None = None,
) -> dict[Any, Any]:
    """`run` under the right grad mode, with gradients as arrays or as tensors."""
    if create_graph:
        roots = [(n, g if isinstance(g, Tensor) else wrap(g)) for n, g in roots]
    state = LOCAL.state
    before, state.grad_enabled = state.grad_enabled, create_graph and not state.inference
    ends, state.pass_ends = state.pass_ends, None
    try:
        found = run(roots, keep, create_graph, wanted)
        while state.pass_ends:
            state.pass_ends.pop(0)()
        return found
    finally:
        state.grad_enabled, state.pass_ends = before, ends


Tensor.backward = backward  # type: ignore[method-assign, assignment]
