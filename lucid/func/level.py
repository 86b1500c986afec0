"""`Level`: one `vmap` at work. `apply` gives it every op while it runs.

An op on lanes is run by its batching rule, on the tensors that stand outside of this `vmap`,
with all samples in a row along the first dimension. Those tensors may be lanes of a `vmap`
further out, or have a history: each level knows its own lanes alone and hands the rest down.
What is differentiated within the `vmap` has its history in the tensors that hold the lanes.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from ..config import LOCAL
from ..core.apply import apply, on_slots
from ..core.engine import run_rule
from ..core.interception import run_op
from ..core.node import Node, ShapeOnly
from ..core.primitive import Primitive
from ..core.tensor import Tensor, wrap
from ..errors import GradError, LucidError, StateError, UnimplementedError, compose
from ..ops.joining import stack
from .batching.gradients import of_all_samples
from .batching.registry import LOWERINGS, rule_of
from .drawing import Draws, laid, own_levels, refuse
from .lanes import Lanes


class Level:
    """One `vmap` at work.

    Parameters
    ----------
    size : int
        How many samples.
    randomness : {"error", "different", "same"}

    Attributes
    ----------
    below : callable or None
        The level outside of this one.
    depth : int
        How many there are outside.
    """

    __slots__ = ("active", "below", "depth", "randomness", "size")

    def __init__(self, size: int, randomness: str) -> None:
        self.size = size
        self.randomness = randomness
        self.below: Any = LOCAL.state.lifting
        around: Any = self.below
        self.depth: int = 0 if around is None else around.depth + 1
        self.active = True

    def __call__(self, prim: Primitive, inputs: Sequence[Any], static: dict[str, Any]) -> Any:
        """What `apply` does, for ops some of whose inputs may be lanes of this level."""
        state = LOCAL.state
        if not any(self.holds(x) for x in inputs):
            state.lifting = self.below
            try:
                return apply(prim, *inputs, **static)
            finally:
                state.lifting = self
        lowering = LOWERINGS.get(prim.name)
        if lowering is not None:
            result = lowering(self, *inputs, **static)
            if result is not None:
                return result
        arrays, edges, values, batched = self.taken_apart(inputs)
        state.lifting = self.below
        try:
            many = any(batched)
            outs = (
                self._run(prim, values, batched, static) if many else apply(prim, *values, **static)
            )
        except LucidError as error:
            if many:
                note = f"  within vmap: {self.size} samples lie along the first dimension"
                error.add_note(note)
            raise
        finally:
            state.lifting = self
        recording = state.grad_enabled and prim.vjp is not None and any(edges)
        if prim.outputs == 1:
            out = Lanes(self, outs, many)
            return wrap(
                out, self._recorded(prim, arrays, edges, out, static) if recording else None
            )
        lanes = tuple(Lanes(self, out, many) for out in outs)
        if not recording:
            return tuple(wrap(out) for out in lanes)
        return on_slots(self._recorded(prim, arrays, edges, lanes, static), lanes)

    def holds(self, x: Any) -> bool:
        """True for lanes of this level, in a tensor or bare."""
        data = x._data if isinstance(x, Tensor) else x
        return type(data) is Lanes and data.level is self

    def check(self) -> None:
        """Refuse lanes of a `vmap` that has ended.

        Raises
        ------
        StateError
            If it has.
        """
        if not self.active:
            problem = "a tensor of a vmap that has ended is used outside of it"
            fix = "return it from the function that vmap is given, instead of keeping it aside"
            raise StateError(compose("vmap", problem, fix=fix))

    def lifted(self, x: Tensor) -> Tensor:
        """A tensor of what surrounds this level as one of its own, the same for all samples."""
        return x if self.holds(x) else wrap(Lanes(self, x, False))

    def below_of(self, x: Tensor) -> tuple[Tensor, bool]:
        """The tensor outside of this level that holds the samples, and whether it has many."""
        data: Any = x._data
        return (data.value, data.batched) if self.holds(x) else (x, False)

    def rng(self, rng: Any) -> Any:
        """What draws random numbers within this level (see `drawing`).

        Raises
        ------
        ArgumentError
            If none are allowed.
        """
        refuse(self)
        return Draws(self, rng)

    def drawn(self, shape: tuple[int, ...], draw: Callable[[tuple[int, ...]], Any]) -> Any:
        """What ``draw(shape)`` gives, an array: for every sample its own, or the same for all."""
        own = own_levels(self)
        return laid(own, draw((*(each.size for each in own), *shape)))

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Within the ``with`` block, have every op given to this level."""
        state = LOCAL.state
        before = state.hook, state.rule_hook, state.lifting
        state.hook, state.lifting = state.hook or run_op, self
        state.rule_hook = partial(self._rule, inner=state.rule_hook or run_rule)
        try:
            yield
        finally:
            state.hook, state.rule_hook, state.lifting = before

    def _rule(
        self, node: Node, gradient: Any, edges: Sequence[Any], create_graph: bool, inner: Any
    ) -> Sequence[Any]:
        """The gradients of one op in a pass within this level."""
        if not create_graph and any(type(x) is Lanes for x in (gradient, *(node.saved or ()))):
            problem = "backward() and autograd.grad() do not know of the samples of a vmap"
            raise GradError(compose("vmap", problem, fix="lucid.func.grad, or create_graph=True"))
        if LOCAL.state.inference:  # nothing is recorded
            found = of_all_samples(self, node, gradient, edges)
            if found is not None:
                return found
        gradients: Sequence[Any] = inner(node, gradient, edges, create_graph)
        return gradients

    def function(self, run: Callable[..., Any], args: Sequence[Any]) -> Any:
        """What an `autograd.Function` gives; None where it may run as it stands.

        Its own gradient rule must be recorded where the arguments have their history. Outside
        of this level that is for one sample after the other.

        Raises
        ------
        UnimplementedError
            If it is differentiated within this level and around it.
        """
        state = LOCAL.state
        tensors = [x for x in args if isinstance(x, Tensor)]
        held = [x for x in tensors if self.holds(x)]
        if held and not (state.grad_enabled and any(map(self._has_history_outside, tensors))):
            return None
        if any(x._node is not None for x in held):
            problem = "a Function is differentiated both within a vmap and around it"
            fix = "write it with Lucid's functions, or vmap the outer derivative"
            raise UnimplementedError(compose("vmap", problem, fix=fix))
        pairs = [self.below_of(x) if isinstance(x, Tensor) else (x, False) for x in args]
        state.lifting = self.below
        try:
            if not held:
                return run(*args)
            many = any(own for _, own in pairs)
            each = [
                run(*(x[i] if own else x for x, own in pairs))
                for i in range(self.size if many else 1)
            ]
            alone = isinstance(each[0], Tensor)
            parts = [each] if alone else [list(part) for part in zip(*each, strict=True)]
            joined = [stack(part) if many else part[0] for part in parts]
            outs = tuple(wrap(Lanes(self, part, many)) for part in joined)
            return outs[0] if alone else outs
        finally:
            state.lifting = self

    def _has_history_outside(self, x: Tensor) -> bool:
        if not self.holds(x):
            return x._node is not None
        data: Any = x._data
        while type(data) is Lanes:
            if data.value._node is not None:
                return True
            data = data.value._data
        return False

    def taken_apart(
        self, inputs: Sequence[Any]
    ) -> tuple[list[Any], list[Any], list[Any], list[bool]]:
        """What a node saves of the inputs, their nodes here, and what they are outside.

        A tensor from outside has no history here; it is saved with the one that it has there.
        """
        arrays: list[Any] = []
        edges: list[Any] = []
        values: list[Any] = []
        batched: list[bool] = []
        for x in inputs:
            held, node = x, None
            if isinstance(x, Tensor):
                held, node = x._data, x._node
            if type(held) is Lanes and not held.level.active:
                held.level.check()
            if type(held) is Lanes and held.level is self:
                if held is x:  # bare values are constants
                    held = held.detached()
            elif isinstance(x, Tensor) and (node is not None or type(held) is Lanes):
                held, node = Lanes(self, x, False), None
            elif type(held) is Lanes:
                held = Lanes(self, wrap(held.detached()), False)
            mine = type(held) is Lanes
            arrays.append(held)
            edges.append(node)
            values.append(held.value if mine else x)
            batched.append(mine and held.batched)
        return arrays, edges, values, batched

    def _run(
        self, prim: Primitive, values: list[Any], batched: list[bool], static: dict[str, Any]
    ) -> Any:
        """The op on all samples at once, by its batching rule; else on one after the other."""
        rule = rule_of(prim)
        if rule is not None:
            outs = rule(self, prim, values, batched, static)
            if outs is not None:
                return outs
        else:
            _warn(prim)
        each = [
            apply(prim, *(v[i] if b else v for v, b in zip(values, batched, strict=True)), **static)
            for i in range(self.size)
        ]
        if prim.outputs == 1:
            return stack(each)
        return tuple(stack(parts) for parts in zip(*each, strict=True))

    def _recorded(
        self, prim: Primitive, arrays: list[Any], edges: list[Any], out: Any, static: dict[str, Any]
    ) -> Node:
        """The node of an op, which keeps of each input no more than its rule reads."""
        keep: Any = prim.save_mask
        for i, array in enumerate(arrays):
            saved = keep[min(i, len(keep) - 1)]
            if saved is True or (saved is not False and edges[saved] is not None):
                continue
            if hasattr(array, "shape"):
                arrays[i] = ShapeOnly(array.shape, array.dtype)
        if prim.outputs != 1 and prim.save_outs:
            out = tuple(
                o if i in prim.save_outs else ShapeOnly(o.shape, o.dtype) for i, o in enumerate(out)
            )
        elif not prim.save_out and prim.outputs == 1:
            out = None
        return Node(prim, edges, arrays, out, None, static)


def _warn(prim: Primitive) -> None:
    """Say once of an op that it runs on one sample after the other."""
    if prim.name in _warned:
        return
    _warned.add(prim.name)
    problem = f"{prim.name} has no batching rule: it runs on one sample after the other"
    warnings.warn(f"vmap: {problem}", UserWarning, stacklevel=2)


_warned: set[str] = set()


def innermost() -> Level | None:
    """The level that ops are given to now."""
    level: Any = LOCAL.state.lifting
    return level
