"""Which tensors are views of which: what in-place changes must know.

A view made by an op has a history of its own. When its memory, or that of the tensor it was
made from, is changed in place by something that is differentiated, the histories of all of
them change with it. `apply` therefore notes the outputs of view primitives here. Nobody pays
who makes no views; detached tensors, which share memory but by intention no history, are not
noted.

The notes lie with the tensors, in their slot `_kin`: what a view was made from and how, and
the family, a list of weak references that the root and all its views share. A view keeps what
it was made from alive, never the other way round.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from weakref import ref

from .versions import owner


class Kin(NamedTuple):
    """What a tensor knows of those it shares memory with.

    Attributes
    ----------
    base : Tensor or None
        What it was made from; None for the root, and where the way is not known.
    prim : Primitive or None
        The op that made it, with the keywords `static`.
    family : list of weakref
        The root, and all views of it in order of creation.
    """

    base: Any
    prim: Any
    static: Any
    family: list[Any]


_make = tuple.__new__


def note(view: Any, base: Any, prim: Any = None, static: Any = None) -> None:
    """Note that ``prim(base, **static)`` made `view`, if the two share memory.

    Without `prim` the view is known as one, but not how to make it anew.
    """
    if owner(view._data) is not owner(base._data):
        return
    kin = getattr(base, "_kin", None)
    if kin is None:
        kin = base._kin = Kin(None, None, None, [ref(base)])
    family = kin.family
    family.append(ref(view))
    view._kin = _make(Kin, (None if prim is None else base, prim, static, family))
    size = len(family)
    if size >= 64 and not size & (size - 1):  # now and then, forget those that are gone
        family[:] = [member for member in family if member() is not None]


def relatives(tensor: Any) -> list[Any]:
    """The other live tensors of the family, the root first, views in order of creation."""
    kin = getattr(tensor, "_kin", None)
    if kin is None:
        return []
    memory = owner(tensor._data)
    live = [t for member in kin.family if (t := member()) is not None and t is not tensor]
    return [t for t in live if owner(t._data) is memory]


def origin(tensor: Any) -> tuple[Any, Any, Any] | None:
    """How a noted view was made: ``(base, primitive, static arguments)``; None for others."""
    kin = getattr(tensor, "_kin", None)
    if kin is None or kin.base is None or owner(kin.base._data) is not owner(tensor._data):
        return None
    return kin.base, kin.prim, kin.static


def step_aside(tensor: Any, stand_in: Any) -> None:
    """Let `stand_in`, of the same memory and history, take a tensor's place in its family.

    The tensor itself becomes a view of the stand-in, as yet made in no known way. That is how
    a tensor gets another shape in place while others know it as what they were made from.
    """
    kin = getattr(tensor, "_kin", None)
    if kin is None:
        return
    family = kin.family
    for place, member in enumerate(family):
        other = member()
        if other is tensor:
            family[place] = ref(stand_in)
        elif other is not None and other._kin.base is tensor:
            other._kin = other._kin._replace(base=stand_in)
    stand_in._kin, tensor._kin = kin, Kin(None, None, None, family)
    family.append(ref(tensor))


def leave(tensor: Any) -> None:
    """Let a tensor leave its family: it has a history, or memory, of its own from now on."""
    kin = getattr(tensor, "_kin", None)
    if kin is not None:
        kin.family[:] = [member for member in kin.family if member() is not tensor]
        tensor._kin = None
