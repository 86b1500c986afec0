"""What Lucid offers: every public name is known, importable and documented.

After a deliberate change: ``python tests/architecture/test_public_names.py --write``.
"""

import importlib
import inspect
import re
import sys
import types
from pathlib import Path

import numpy as np
import pytest

SNAPSHOT = Path(__file__).with_name("public_names.txt")
PAGES = [
    "lucid",
    "lucid.amp",
    "lucid.autograd",
    "lucid.autograd.checkpoint",
    "lucid.autograd.functional",
    "lucid.autograd.graph",
    "lucid.data",
    "lucid.data.transforms",
    "lucid.debug",
    "lucid.explaining",
    "lucid.distributions",
    "lucid.distributions.constraints",
    "lucid.distributions.transforms",
    "lucid.fft",
    "lucid.func",
    "lucid.linalg",
    "lucid.nn",
    "lucid.nn.functional",
    "lucid.nn.init",
    "lucid.nn.utils.rnn",
    "lucid.optim",
    "lucid.optim.swa_utils",
    "lucid.profiling",
    "lucid.robust",
    "lucid.signal.windows",
    "lucid.special",
    "lucid.testing",
    "lucid.training",
]


def public_names():
    """``page.name`` for every public name on every contents page."""
    names = []
    for page in PAGES:
        module = importlib.import_module(page)
        found = [name for name in dir(module) if not name.startswith("_")]
        names += [f"{page}.{n}" for n in found if not is_foreign(page, getattr(module, n))]
    return names


def is_foreign(page, value):
    """True for what a module imports for its own use."""
    if type(value).__name__ == "_Feature":  # from __future__ import annotations
        return True
    if isinstance(value, types.ModuleType):  # which of them are there, imports elsewhere decide
        return True
    own = page in ("lucid.distributions.constraints", "lucid.nn.init")  # no contents pages
    return own and getattr(value, "__module__", None) != page


def objects():
    """Public functions and classes of Lucid, each once, under the first name found."""
    seen = {}
    for full in public_names():
        page, _, name = full.rpartition(".")
        value = getattr(importlib.import_module(page), name)
        callable_ = inspect.isfunction(value) or inspect.isclass(value)
        if callable_ and value.__module__.startswith("lucid"):
            seen.setdefault(id(value), (full, value))
    return dict(seen.values())


def test_the_snapshot_is_current():
    known = SNAPSHOT.read_text(encoding="utf-8").split()
    found = public_names()
    gone, new = sorted(set(known) - set(found)), sorted(set(found) - set(known))
    assert not gone and not new, f"gone: {gone}, new: {new}; see the top of this file"  # noqa: PT018


def test_dtypes_are_dtypes():
    import lucid

    for name in ("float32", "int64", "bool", "complex128"):
        assert isinstance(getattr(lucid, name), np.dtype)


@pytest.mark.parametrize("name", sorted(objects()))
def test_public_names_are_documented(name):
    value = objects()[name]
    text = inspect.getdoc(value) or ""
    assert text, "has no docstring"
    assert "Examples\n--------" in text, "has no example"
    assert ">>>" in text or "::" in text, "its example cannot be run"
    elsewhere = "Parameters\n------" not in text and re.search(r"`\w+`", text)
    for parameter in parameters(value):
        assert parameter in text or elsewhere, f"says nothing about {parameter}"


def parameters(value):
    """Names of the parameters that a caller gives."""
    if inspect.isclass(value):
        if issubclass(value, BaseException) or "__init__" not in vars(value):
            return []
        value = value.__init__
    try:
        given = inspect.signature(value).parameters.values()
    except ValueError:
        return []
    many = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return [p.name for p in given if p.name not in ("self", "cls") and p.kind not in many]


if __name__ == "__main__":
    if "--write" in sys.argv:
        SNAPSHOT.write_text("\n".join(public_names()) + "\n", encoding="utf-8")
