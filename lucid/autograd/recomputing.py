"""Checkpointing: what lies between is computed again on the way back, and not kept till then.

A checkpointed call is recorded like any other, but its nodes give up what they saved. The first
of them that a backward pass reaches has the call run once more, on the same inputs and the same
random numbers, and every node takes what it needs from its twin. So gradients go to parameters
as to arguments, and second derivatives, ``autograd.grad`` and checkpoints within checkpoints
work as they do without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import get_ident, local
from typing import Any

import numpy as np

from ..config import LOCAL
from ..core import versions
from ..core.node import Leaf, Node, ShapeOnly, Slot, extras_of
from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, GradError, compose
from ..ops.autocasting import casting
from ..random import current_generator, drawing_from
from .grad_mode import enable_grad, is_grad_enabled


class _Current(local):
    """What this thread's checkpoints have to know of each other."""

    outermost = False  # a checkpointed call runs for the first time: those within only run
    made: list[_Region] | None = None  # collects the checkpoints of a call that runs again


_CURRENT = _Current()


class _Region:
    """The nodes of one checkpointed call, and how to compute again what they saved."""

    def __init__(
        self, function: Callable[..., Any], args: Any, kwargs: Any, keep_random: bool
    ) -> None:
        self.call = function, args, kwargs
        self.generator = current_generator() if keep_random else None
        self.state = None if self.generator is None else self.generator.get_state()
        self.casting = casting.get(get_ident())
        self.start = versions.tick()
        self.nodes: list[Node] = []
        self.within: dict[Node, _Region] = {}
        self.full = True

    def run(self) -> Any:
        """The call, for the first time."""
        function, args, kwargs = self.call
        before, _CURRENT.outermost = _CURRENT.outermost, True
        try:
            result = function(*args, **kwargs)
        finally:
            _CURRENT.outermost = before
        self.nodes = _made_since(self.start, result)
        for node in self.nodes:
            self._drop(node)
            key = extras_of(node).before
            key[-len(key) - 1] = _Refill(self, node)  # a key that no hook of a user's has
        self.full = False
        return result

    def _drop(self, node: Node) -> None:
        """Give up what a node saved, but for what lives on outside of the call."""
        saved: Any = node.saved
        for i, (edge, value) in enumerate(zip(node.edges, saved, strict=True)):
            outside = edge is not None and (type(edge) is Leaf or edge.when <= self.start)
            if isinstance(value, np.ndarray) and not outside:
                saved[i] = ShapeOnly(value.shape, value.dtype)
        node.out = node.residual = None

    def fill(self) -> None:
        """Run the call again, and give every node what its twin has saved."""
        self._refuse_changed()
        before, _CURRENT.outermost = _CURRENT.outermost, False
        collected, _CURRENT.made = _CURRENT.made, []
        function, args, kwargs = self.call
        start = versions.tick()
        try:
            with self._as_it_was():
                twins = _made_since(start, function(*args, **kwargs))
            inner = _CURRENT.made
        finally:
            _CURRENT.outermost, _CURRENT.made = before, collected
        if [node.prim for node in twins] != [node.prim for node in self.nodes]:
            problem = "the function did something else when it was computed again"
            seen = {"ops at first": len(self.nodes), "ops again": len(twins)}
            fix = "it must depend on its arguments alone; random numbers come from lucid's"
            raise GradError(compose("checkpoint", problem, seen, f"{fix} default generator"))
        for node, twin in zip(self.nodes, twins, strict=True):
            if node.saved is not None:
                _copy(node, twin)
        places = dict(zip(twins, self.nodes, strict=True))
        for region in inner:
            region.nodes = [places.get(node, node) for node in region.nodes]
            self.within.update((node, region) for node in region.nodes)
        self.full = True

    def reach(self, node: Node) -> None:
        """A backward pass has come to a node."""
        if not self.full:
            self.fill()
        region = self.within.get(node)
        if region is not None:
            region.reach(node)

    def _refuse_changed(self) -> None:
        _, args, kwargs = self.call
        for i, x in enumerate((*args, *kwargs.values())):
            if isinstance(x, Tensor) and versions.changed_since(x.data, self.start):
                problem = f"argument {i} was changed in place after the checkpointed call"
                fix = "change a copy (x.clone()), or change it after backward()"
                raise GradError(compose("checkpoint", problem, {"argument": x}, fix))

    @contextmanager
    def _as_it_was(self) -> Iterator[None]:
        """The random numbers, and the precision, of the first time."""
        thread, mode = get_ident(), LOCAL.state
        now, inference = casting.pop(thread, None), mode.inference
        mode.inference = False
        if self.casting is not None:
            casting[thread] = self.casting
        try:
            with enable_grad():
                if self.generator is None:
                    yield
                    return
                stand = self.generator.get_state()
                self.generator.set_state(self.state)
                try:
                    with drawing_from(self.generator):
                        yield
                finally:
                    self.generator.set_state(stand)
        finally:
            mode.inference = inference
            casting.pop(thread, None)
            if now is not None:
                casting[thread] = now


class _Refill:
    """The hook before a node of a checkpointed call."""

    __slots__ = ("node", "region")

    def __init__(self, region: _Region, node: Node) -> None:
        self.region = region
        self.node = node

    def __call__(self, gradients: Any) -> None:
        self.region.reach(self.node)


def _made_since(start: int, result: Any) -> list[Node]:
    """The nodes that lead to a result and were recorded after a tick, in order."""
    found: list[Any] = [x._node for x in _tensors(result) if x._node is not None]
    seen = set(found)
    for node in found:  # the list grows while it is walked
        for edge in node.edges:
            known = edge is None or type(edge) is Leaf or edge in seen
            if not known and edge.when > start:
                seen.add(edge)
                found.append(edge)
    nodes = {node.edges[0] if type(node) is Slot else node for node in found}
    made = (node for node in nodes if type(node) is Node and node.when > start)
    return sorted(made, key=lambda node: node.when)


def _tensors(tree: Any) -> list[Tensor]:
    if isinstance(tree, Tensor):
        return [tree]
    if isinstance(tree, dict):
        tree = tuple(tree.values())
    return [x for part in tree for x in _tensors(part)] if isinstance(tree, tuple | list) else []


def _copy(node: Node, twin: Node) -> None:
    """What a twin has saved; what was changed in place since then in memory of its own."""
    saved: Any = twin.saved
    node.saved[:] = [  # type: ignore[index]
        value if not isinstance(held, ShapeOnly) else _as_of(value, node.when)
        for held, value in zip(node.saved or (), saved, strict=True)
    ]
    out = twin.out
    several = isinstance(out, tuple)
    node.out = tuple(_as_of(o, node.when) for o in out) if several else _as_of(out, node.when)
    node.residual = twin.residual


def _as_of(value: Any, when: int) -> Any:
    changed = isinstance(value, np.ndarray) and versions.changed_since(value, when)
    return value.copy() if changed else value


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """Call a function, and compute it again on the way back in the place of keeping it all.

    Memory for time: of what the function computes, its results alone are kept until the
    backward pass comes back to it, for the price of a second forward pass.

    Parameters
    ----------
    function : callable
        A module, or any function. It must do the same when it is called again.
    *args, **kwargs
        What it is called with. Tensors among them must not be changed in place before the
        backward pass.
    use_reentrant : bool, optional
        For PyTorch's signature: there is one way, which does what its False does.
    preserve_rng_state : bool, default True
        Draw the same random numbers again (from the default generator). False saves the time
        to note where it stands.

    Returns
    -------
    Any
        What the function returns.

    Raises
    ------
    DTypeError
        If `function` cannot be called.
    GradError
        In the backward pass: if an argument was changed in place, or the function did
        something else than at first.

    References
    ----------
    T. Chen, B. Xu, C. Zhang, C. Guestrin, "Training Deep Nets with Sublinear Memory Cost", 2016.

    Examples
    --------
    >>> import lucid
    >>> from lucid.autograd.checkpoint import checkpoint
    >>> x = lucid.tensor([1.0, 2.0], requires_grad=True)
    >>> checkpoint(lambda x: x.exp().sin(), x).sum().backward()
    >>> print(x.grad)
    [-2.4784, 3.3129]
    """
    if not callable(function):
        problem = f"takes a function or a module, not {type(function).__name__}"
        raise DTypeError(compose("checkpoint", problem, {"function": function}))
    if _CURRENT.outermost or not is_grad_enabled():
        return function(*args, **kwargs)
    region = _Region(function, args, kwargs, preserve_rng_state)
    result = region.run()
    if _CURRENT.made is not None:
        _CURRENT.made.append(region)
    return result


def checkpoint_sequential(
    functions: Any,
    segments: int,
    input: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
) -> Any:
    """Run modules one after the other, with a checkpoint around each of a few segments.

    With n modules in about :math:`\\sqrt{n}` segments, memory grows with :math:`\\sqrt{n}`.

    Parameters
    ----------
    functions : Sequential, or sequence of callable
    segments : int
        In how many parts; the last one is run without a checkpoint, for its way back comes
        first.
    input : Tensor, or whatever the first function takes
    use_reentrant, preserve_rng_state
        As for `checkpoint`.

    Returns
    -------
    Any
        What the last function returns.

    Raises
    ------
    ArgumentError
        If there are not as many functions as segments, or no segment.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> from lucid.autograd.checkpoint import checkpoint_sequential
    >>> model = nn.Sequential(*(nn.Linear(4, 4) for _ in range(6)))
    >>> checkpoint_sequential(model, 3, lucid.ones(2, 4)).shape
    (2, 4)
    """
    parts = list(functions)
    if isinstance(segments, bool) or not isinstance(segments, int) or segments < 1:
        problem = f"segments must be a positive integer, not {segments!r}"
        raise ArgumentError(compose("checkpoint_sequential", problem))
    if len(parts) < segments:
        problem = f"{len(parts)} functions do not make {segments} segments"
        raise ArgumentError(compose("checkpoint_sequential", problem))
    size = len(parts) // segments
    for start in range(0, size * (segments - 1), size):
        run = _in_turn(parts[start : start + size])
        input = checkpoint(run, input, preserve_rng_state=preserve_rng_state)
    return _in_turn(parts[size * (segments - 1) :])(input)


def _in_turn(functions: Sequence[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def run(value: Any) -> Any:
        for function in functions:
            value = function(value)
        return value

    return run
