"""Another value in the place of an attribute, for the length of a ``with`` block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def swapped(owner: type, name: str, value: Any) -> Iterator[None]:
    """Within the ``with`` block, what a class has under a name of its own is `value`.

    Examples
    --------
    >>> class Door:
    ...     opens = "inwards"
    >>> with swapped(Door, "opens", "outwards"):
    ...     Door.opens
    'outwards'
    >>> Door.opens
    'inwards'
    """
    before = vars(owner)[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)
