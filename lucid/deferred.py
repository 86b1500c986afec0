"""Names that a package imports when they are first asked for, so that it starts at once."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any


def deferred(
    package: str, names: dict[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The ``__getattr__`` and ``__dir__`` of a package (PEP 562).

    Parameters
    ----------
    package : str
        Its ``__name__``.
    names : dict of str to str
        For each name the module, within the package, that has it, or that it is.

    Examples
    --------
    >>> find, names = deferred("xml", {"dom": "dom", "parse": "etree.ElementTree"})
    >>> find("parse").__name__, names()[-1]
    ('parse', 'parse')
    """

    def find(name: str) -> Any:
        place = names.get(name)
        if place is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(f"{package}.{place}")
        value = module if place == name else getattr(module, name)
        setattr(sys.modules[package], name, value)  # the next time it is found without us
        return value

    def every() -> list[str]:
        return sorted({*vars(sys.modules[package]), *names})

    return find, every
