"""Which tensors are views of which: what in-place changes must know.

A view made by an op has a history of its own. When its memory, or that of the tensor it was
made from, is changed in place by something that is differentiated, the histories of all of
them change with it. `apply` therefore notes the outputs of view primitives here. Nobody pays
who makes no views; a note goes when its view goes, and detached tensors, which share memory
but by intention no history, are not noted.
"""

from __future__ import annotations

import weakref
from typing import Any

from .versions import owner


class Group:
    """A tensor that is no view itself, and the views made from it, in order of creation."""

    __slots__ = ("key", "members", "root")

    def __init__(self, root: Any) -> None:
        self.key = id(root)
        self.root = weakref.ref(root)
        self.members: dict[int, Member] = {}


class Member(weakref.ref):  # type: ignore[type-arg]
    """A view, and how it was made.

    Attributes
    ----------
    base : Tensor or None
        What it was made from; None where it was made in a way that cannot be repeated.
    prim : Primitive or None
        The op that made it, with the keywords `static`.
    """

    __slots__ = ("base", "group", "key", "prim", "static")

    base: Any
    group: Group
    key: int
    prim: Any
    static: Any


_groups: dict[int, Group] = {}  # by id of the root
_members: dict[int, Member] = {}  # by id of the view


def note(view: Any, base: Any, prim: Any = None, static: Any = None) -> None:
    """Note that ``prim(base, **static)`` made `view`, if the two share memory.

    Without `prim` the view is known as one, but not how to make it anew.
    """
    if owner(view.data) is not owner(base.data):
        return
    group = _group_of(base)
    if group is None:
        group = _groups[id(base)] = Group(base)
    member = Member(view, _forget)
    member.base, member.prim, member.static = None if prim is None else base, prim, static
    member.group, member.key = group, id(view)
    group.members[member.key] = _members[member.key] = member


def _group_of(tensor: Any) -> Group | None:
    member = _members.get(id(tensor))
    if member is not None and member() is tensor:
        return member.group
    group = _groups.get(id(tensor))
    return group if group is not None and group.root() is tensor else None


def _forget(member: Member) -> None:
    """Drop the note of a view that is gone, and its group with the last one."""
    group = member.group
    for notes in (group.members, _members):
        if notes.get(member.key) is member:
            del notes[member.key]
    if not group.members and _groups.get(group.key) is group:
        del _groups[group.key]


def relatives(tensor: Any) -> list[Any]:
    """The other live tensors of the group, the root first, views in order of creation."""
    group = _group_of(tensor)
    if group is None:
        return []
    memory = owner(tensor.data)
    live = [group.root(), *(member() for member in group.members.values())]
    return [t for t in live if t is not None and t is not tensor and owner(t.data) is memory]


def origin(tensor: Any) -> tuple[Any, Any, Any] | None:
    """How a noted view was made: ``(base, primitive, static arguments)``; None for others."""
    member = _members.get(id(tensor))
    if member is None or member() is not tensor or member.base is None:
        return None
    if owner(member.base.data) is not owner(tensor.data):
        return None
    return member.base, member.prim, member.static
