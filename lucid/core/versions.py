"""One clock for two questions: which op came first, and was this memory changed since?

Every recorded op takes a tick, and so does every in-place change. A backward pass can then
tell that a saved array was changed after it was saved: its memory's last change is younger
than the node. The record is kept per block of memory, so that all views share it, and costs
the forward pass nothing beyond the tick.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Iterable
from typing import Any

tick = itertools.count(1).__next__


class _Change:
    """The last change of one block of memory: when, and how many there have been."""

    __slots__ = ("count", "guard", "when")
    count: int
    guard: Any
    when: int


_changes: dict[int, _Change] = {}
latest = [0]  # tick of the youngest change of all; one look tells that nothing changed


def owner(array: Any) -> Any:
    """The object that owns an array's memory."""
    while (base := getattr(array, "base", None)) is not None:
        array = base
    return array


def bump(array: Any) -> None:
    """Note that `array` was changed in place just now."""
    bump_all((watch(array),))


def watch(array: Any) -> _Change:
    """The record of an array's memory, for those who change it often: see `bump_all`.

    It is valid as long as the memory lives.
    """
    memory = owner(array)
    change = _changes.get(id(memory))
    if change is None:
        change = _changes[id(memory)] = _Change()
        change.count = change.when = 0
        change.guard = _forget_when_gone(memory)
    return change


def bump_all(changes: Iterable[_Change]) -> None:
    """Note that the memory behind each of these records was changed in place just now."""
    when = latest[0] = tick()
    for change in changes:
        change.count += 1
        change.when = when


def count(array: Any) -> int:
    """How often the memory behind `array` was changed in place."""
    change = _changes.get(id(owner(array)))
    return 0 if change is None else change.count


def changed_since(array: Any, when: int) -> bool:
    """True if the memory behind `array` was changed in place after tick `when`."""
    change = _changes.get(id(owner(array)))
    return change is not None and change.when > when


def _forget_when_gone(memory: Any) -> Any:
    """Drop the entry with its memory: a later array may get the same address."""
    key = id(memory)
    try:
        return weakref.ref(memory, lambda _: _changes.pop(key, None))
    except TypeError:  # bytes and the like: a stale entry is older than any node that meets it
        return None
