"""Sphinx's settings: ``python -m sphinx -W docs build/html``."""

import ast
import importlib
import inspect
import sys
from importlib import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

project = "Lucid"
author = "the Lucid authors"
copyright = "2026, the Lucid authors"
try:
    release = metadata.version("lucid")
except metadata.PackageNotFoundError:
    release = "from source"

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.doctest",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
    "numpydoc",
]
templates_path = ["templates"]
exclude_patterns = ["_build", "templates"]
default_role = "code"


def contents(module_name: str, kind: str) -> list[str]:
    """The public names of a module: what it defines, and what it re-exports by ``X as X``.

    Things are documented where people find them (lucid.nn.HuberLoss), not where they are
    defined, and once: what `lucid` itself offers under the same name is left to its page.
    """
    top = importlib.import_module("lucid")
    module = importlib.import_module(module_name)
    names = set()
    for statement in ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.ImportFrom):
            names |= {alias.asname for alias in statement.names if alias.asname}
        elif isinstance(statement, ast.ClassDef | ast.FunctionDef):
            names.add(statement.name)
    wanted = inspect.isclass if kind == "classes" else inspect.isroutine
    public = {name: getattr(module, name) for name in names if not name.startswith("_")}
    return sorted(
        name
        for name, thing in public.items()
        if wanted(thing) and (module is top or getattr(top, name, None) is not thing)
    )


autosummary_context = {"contents": contents}
suppress_warnings = ["config.cache"]  # a function in the settings cannot be pickled
autodoc_typehints = "none"  # numpydoc's Parameters say it in words
autodoc_member_order = "groupwise"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

html_theme = "furo"
html_title = "Lucid"
html_show_copyright = False
