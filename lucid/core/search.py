"""Which ops of a tape lead to the nodes whose gradients are asked for, and what reached those."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from ..errors import GradError, compose
from . import hooks
from .node import Leaf, Node, Slot
from .tensor import Tensor, wrap

_by_age = attrgetter("when")


class Search:
    """What a backward pass towards chosen nodes has to know.

    Parameters
    ----------
    wanted : sequence of nodes
    roots : list of nodes
        Where the pass begins.

    Attributes
    ----------
    useful : set of nodes
        Those that lead to a wanted one, which are themselves among them.
    found : dict
        The gradient of every wanted node that was reached.
    """

    __slots__ = ("found", "useful", "wanted")

    def __init__(self, wanted: Sequence[Any], roots: list[Any]) -> None:
        self.wanted = frozenset(wanted)
        self.useful = _leading_to(self.wanted, roots)
        self.found: dict[Any, Any] = {}

    def ends_at(self, node: Any, gradient: Any) -> bool:
        """Keep the gradient of a wanted node, and say whether no other lies behind it."""
        if node not in self.wanted:
            return False
        self.found[node] = own(gradient)
        return self.useful.isdisjoint(node.edges)

    def among(self, edges: Sequence[Any]) -> list[Any]:
        """The edges that lead to a wanted node, with None in the place of the others."""
        useful = self.useful
        return [edge if edge in useful else None for edge in edges]

    def finish(self, pending: dict[Any, Any], owned: set[Any]) -> None:
        """Keep what has reached the wanted leaves, in memory of its own."""
        for leaf, gradient in pending.items():
            if leaf not in self.wanted:
                continue
            if leaf.extras is not None:
                gradient = hooks.complete(leaf, gradient)
            mine = leaf in owned and leaf.extras is None
            self.found[leaf] = gradient if mine else own(gradient)


def _leading_to(wanted: frozenset[Any], nodes: list[Any]) -> set[Any]:
    """The nodes reachable from `nodes` that lead to a wanted one."""
    seen = set(nodes)
    at_end = None
    for node in nodes:  # the list grows while it is walked
        if not node.edges and type(node) is not Leaf:
            at_end = node
        for edge in node.edges:
            if edge is not None and edge not in seen:
                seen.add(edge)
                nodes.append(edge)
    if at_end is not None and not wanted <= seen:
        raise released(at_end)
    nodes.sort(key=_by_age)
    useful: set[Any] = set()
    for node in nodes:
        if node in wanted or not useful.isdisjoint(node.edges):
            useful.add(node)
    return useful


def own(gradient: Any) -> Any:
    """A gradient in memory that nothing else holds, with the same history if it has one."""
    if isinstance(gradient, Tensor):
        return wrap(gradient.data.copy(), gradient._node)
    return gradient.copy()


def released(node: Node | Slot) -> GradError:
    """The error for a second pass through a graph that the first one has given up."""
    place = f" at {node.prim.name}" if type(node) is Node else ""
    problem = f"the graph{place} was released by an earlier backward pass"
    fix = "call the first one with retain_graph=True, or compute the result anew"
    return GradError(compose("backward", problem, fix=fix))
