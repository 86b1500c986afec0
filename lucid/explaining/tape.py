"""The tape of a result as plain steps: what each op was given, what it made, what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core.node import Leaf, Node, Slot
from ..debug.origin import origin_of


@dataclass(slots=True)
class Given:
    """One input of a step.

    Attributes
    ----------
    role : str
        Its name in the op: ``"w"``.
    kind : {"step", "leaf", "data", "number", "nothing"}
        Where it comes from: the output of another step; a tensor that requires a gradient; a
        constant; a Python number; or it was left out.
    shape : tuple of int or None
    dtype : str or None
    value : object
        The number, where it is one.
    name : str or None
        Of a leaf or of data, where it is known.
    step : int or None
        The number of the step it comes from.
    output : int
        Which output of that step.
    leaf : int or None
        The number of the leaf, counted from 1.
    source : object
        The leaf or the array itself; for finding names.
    """

    role: str
    kind: str
    shape: tuple[int, ...] | None = None
    dtype: str | None = None
    value: Any = None
    name: str | None = None
    step: int | None = None
    output: int = 0
    leaf: int | None = None
    source: Any = None


@dataclass(slots=True)
class Held:
    """A value that a step keeps for its gradient.

    Attributes
    ----------
    role : str
        The name of the input, ``"out"`` for the output, ``"residual"`` for what the op wrote
        down besides.
    shape : tuple of int
    dtype : str
    bytes : int
    place : tuple of int
        Its address and size; equal for one memory held twice.
    own : bool
        False for the memory of a leaf, which is there anyway.
    """

    role: str
    shape: tuple[int, ...]
    dtype: str
    bytes: int
    place: tuple[int, int]
    own: bool


@dataclass(slots=True)
class Step:
    """One op that was run.

    Attributes
    ----------
    number : int
        Steps are counted from 1 in the order in which they ran.
    prim : Primitive
    inputs : list of Given
    shapes : list of tuple or None
        Those of the outputs; None where nothing tells.
    dtypes : list of str or None
    static : dict
        What the op was told besides its inputs.
    held : list of Held
    needs : list of bool
        Which inputs get a gradient.
    origin : Origin or None
        Where it came from, if that was recorded.
    path : str or None
        The module that it belongs to.
    kind : str or None
        The class of that module.
    released : bool
        `backward` went through it, and it holds nothing any more.
    """

    number: int
    prim: Any
    inputs: list[Given]
    shapes: list[Any] = field(default_factory=lambda: [None])
    dtypes: list[Any] = field(default_factory=lambda: [None])
    static: dict[str, Any] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    needs: list[bool] = field(default_factory=list)
    origin: Any = None
    path: str | None = None
    kind: str | None = None
    released: bool = False

    @property
    def bytes(self) -> int:
        """Held for the gradient; memory of leaves is not counted, and none twice."""
        return sum({held.place: held.bytes for held in self.held if held.own}.values())


def ordered(root: Any) -> list[Node]:
    """The ops behind a node, in the order in which they ran."""
    found: dict[int, Node] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if type(node) is Slot:
            node = node.edges[0]
        if not isinstance(node, Node) or id(node) in found:
            continue
        found[id(node)] = node
        waiting += [edge for edge in node.edges if edge is not None]
    return sorted(found.values(), key=lambda node: node.when)


def steps_of(root: Any, result: Any) -> list[Step]:
    """All steps behind the node of a result.

    Parameters
    ----------
    root : Node or Slot
    result : numpy.ndarray
        The values of the result.
    """
    nodes = ordered(root)
    numbers = {id(node): i for i, node in enumerate(nodes, 1)}
    steps = [_step(node, numbers) for node in nodes]
    leaves: dict[int, int] = {}
    for given in (given for step in steps for given in step.inputs if given.kind == "leaf"):
        given.leaf = leaves.setdefault(id(given.source), len(leaves) + 1)
    for node, step in zip(nodes, steps, strict=True):
        for given in step.inputs:
            if given.step is not None:
                _note(steps[given.step - 1], given.output, given.shape, given.dtype)
        for i, out in enumerate(node.out if isinstance(node.out, tuple) else (node.out,)):
            if out is not None:
                _note(step, i, tuple(out.shape), str(out.dtype))
    last = steps[numbers[id(root.edges[0] if type(root) is Slot else root)] - 1]
    _note(last, root.index if type(root) is Slot else 0, result.shape, str(result.dtype))
    return steps


def _note(step: Step, output: int, shape: Any, dtype: Any) -> None:
    """Write down what one output of a step is, as those who take it tell."""
    while len(step.shapes) <= output:
        step.shapes.append(None)
        step.dtypes.append(None)
    if shape is not None:
        step.shapes[output], step.dtypes[output] = shape, dtype


def _step(node: Node, numbers: dict[int, int]) -> Step:
    prim, hidden = node.prim, node.hidden
    step = Step(numbers[id(node)], prim, [], static=dict(node.static))
    step.origin = origin_of(node)
    saved: Any = node.saved
    if saved is None:
        step.released = True
        return step
    leaves = [edge for edge in node.edges if type(edge) is Leaf]
    addresses = {place_of(tensor._data) for leaf in leaves if (tensor := leaf.tensor()) is not None}
    names = role_names(prim.input_names, len(saved))
    for role, edge, value in zip(names[hidden:], node.edges[hidden:], saved[hidden:], strict=True):
        step.inputs.append(_given(role, edge, value, numbers))
        step.needs.append(edge is not None)
        step.held += held_in(role, value, addresses)
    for out in node.out if isinstance(node.out, tuple) else (node.out,):
        step.held += held_in("out", out, addresses)
    step.held += held_in("residual", node.residual, addresses)
    if hidden:  # a `Function` keeps with its context what it was told to save
        kept = [array for array, _, _ in getattr(saved[0], "_saved", ())]
        step.held += held_in("saved", kept, addresses)
    return step


def role_names(names: tuple[str, ...], count: int) -> list[str]:
    """The names of `count` inputs; a variadic last one is counted.

    Examples
    --------
    >>> role_names(("x", "params"), 4)
    ['x', 'params[0]', 'params[1]', 'params[2]']
    """
    if count <= len(names):
        return list(names[:count])
    fixed = len(names) - 1
    return [*names[:fixed], *(f"{names[-1]}[{i}]" for i in range(count - fixed))]


def _given(role: str, edge: Any, value: Any, numbers: dict[int, int]) -> Given:
    shape = tuple(value.shape) if hasattr(value, "shape") else None
    dtype = str(value.dtype) if hasattr(value, "dtype") else None
    if type(edge) is Leaf:
        return Given(role, "leaf", shape, dtype, source=edge)
    if edge is not None:
        node, output = (edge.edges[0], edge.index) if type(edge) is Slot else (edge, 0)
        return Given(role, "step", shape, dtype, step=numbers[id(node)], output=output)
    if value is None:
        return Given(role, "nothing")
    if shape is None:
        return Given(role, "number", value=value)
    return Given(role, "data", shape, dtype, source=value)


def held_in(role: str, value: Any, leaves: set[tuple[int, int]]) -> Iterator[Held]:
    """The arrays in a saved value, be it one, none, or a structure of them."""
    if isinstance(value, np.ndarray):
        place = place_of(value)
        yield Held(role, value.shape, str(value.dtype), place[1], place, place not in leaves)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from held_in(role, inner, leaves)
    elif type(value) in (list, tuple):
        for inner in value:
            yield from held_in(role, inner, leaves)


def place_of(array: Any) -> tuple[int, int]:
    """Where the memory of an array begins, and how much of it there is."""
    owner = array
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    return array.__array_interface__["data"][0], min(array.nbytes, owner.nbytes)
