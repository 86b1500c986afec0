"""The tape: `Node` is one recorded op, `Leaf` the place where a gradient ends.

Nodes point to the nodes of their inputs, never to tensors, and nothing points back: dropping
the last tensor frees the whole graph by reference count.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

from .primitive import Primitive
from .versions import tick


class _Fields(NamedTuple):
    shape: tuple[int, ...]
    dtype: Any


class ShapeOnly(_Fields):
    """Stands for an array that a rule has no need of: its shape and dtype, not its values.

    A tuple, because those are made fastest; but arithmetic with it is an error.
    """

    __slots__ = ()
    __array_ufunc__ = None

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    def _no_value(self, other: Any) -> Any:
        raise TypeError(f"a rule reads a value that `saves` does not name: {tuple(self)}")

    __add__ = __radd__ = __mul__ = __rmul__ = _no_value
    __sub__ = __rsub__ = __truediv__ = __rtruediv__ = __pow__ = _no_value
    __gt__ = __lt__ = __ge__ = __le__ = _no_value


class Extras:
    """What few nodes have: hooks on the gradient, and a tensor that retains it."""

    __slots__ = ("hooks", "retain")

    def __init__(self) -> None:
        self.hooks: dict[int, Callable[[Any], Any]] = {}
        self.retain: weakref.ref[Any] | None = None


class Node:
    """One recorded op.

    Attributes
    ----------
    prim : Primitive
    edges : list
        For each input its node, or None where no gradient is wanted.
    saved : list
        For each input its array, a Python scalar, or a `ShapeOnly`.
    out : array or None
        The output, where the rule reads it.
    residual : object
        What the recorder wrote down for the fused rule.
    static : dict
    when : int
        The tick at which it was recorded; orders the tape and dates the saved values.
    """

    __slots__ = ("edges", "extras", "out", "prim", "residual", "saved", "static", "when")

    def __init__(
        self,
        prim: Primitive,
        edges: list[Any],
        saved: list[Any] | None,
        out: Any,
        residual: Any,
        static: dict[str, Any],
    ) -> None:
        self.prim = prim
        self.edges = edges
        self.saved = saved
        self.out = out
        self.residual = residual
        self.static = static
        self.extras: Extras | None = None
        self.when = tick()

    def __repr__(self) -> str:
        return f"<{self.prim.name} backward>"


class Leaf:
    """Where a gradient ends: the node of a tensor that the user made with `requires_grad`."""

    __slots__ = ("extras", "tensor", "when")
    edges: tuple[()] = ()

    def __init__(self, tensor: Any) -> None:
        self.tensor = weakref.ref(tensor)  # a dead tensor's gradient can be read by nobody
        self.extras: Extras | None = None
        self.when = -tick()  # negative: leaves come after every op in a backward pass

    def __repr__(self) -> str:
        return "<leaf>"


class Slot:
    """One output of an op with several: hands its gradient to the op's node.

    A rule that reads the outputs gets them on slots made anew; those equal the first ones, so
    that all gradients of an output meet. `when` orders them right behind their op.
    """

    __slots__ = ("count", "edges", "extras", "index", "like", "when")

    def __init__(self, node: Node, index: int, count: int, like: Any) -> None:
        self.edges = [node]
        self.index = index
        self.count = count
        self.like = ShapeOnly(like.shape, like.dtype)
        self.extras: Extras | None = None
        self.when = node.when + (index + 1) / (count + 1)

    def __eq__(self, other: object) -> bool:
        return type(other) is Slot and other.when == self.when

    def __hash__(self) -> int:
        return hash(self.when)

    def __repr__(self) -> str:
        return f"<{self.edges[0]!r} output {self.index}>" if self.edges else "<released>"


def extras_of(node: Any) -> Extras:
    """The extras of a node, made on first use."""
    if node.extras is None:
        node.extras = Extras()
    extras: Extras = node.extras
    return extras
