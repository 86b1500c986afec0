"""Sphinx's settings: ``python -m sphinx -W docs build/html``."""

import ast
import importlib
import inspect
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

import coverage_table  # noqa: E402 - they stand beside this file
import explained_drawing  # noqa: E402
import operation_pages  # noqa: E402

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
    "sphinx.ext.viewcode",
    "numpydoc",
    "mathml",
]
templates_path = ["templates"]
exclude_patterns = ["_build", "templates"]
default_role = "code"


def contents(module_name: str) -> list[tuple[str, str, list[str]]]:
    """What a module offers, by the file that defines it: title, first line, directives.

    That is what it defines and what it re-exports by ``X as X``. Things are documented where
    people find them (lucid.nn.HuberLoss), and once: what `lucid` itself offers under the same
    name is left to its page.
    """
    top = importlib.import_module("lucid")
    module = importlib.import_module(module_name)
    families: dict[str, list[str]] = {}
    for name in sorted(_public_names(module), key=str.lower):
        thing = getattr(module, name)
        if module is not top and getattr(top, name, None) is thing:
            continue
        if inspect.isclass(thing) or inspect.isroutine(thing):
            directive = "autoclass" if inspect.isclass(thing) else "autofunction"
            families.setdefault(thing.__module__, []).append(f"{directive}:: {name}")
    return [(_title(family), _about(family), families[family]) for family in sorted(families)]


def _public_names(module: ModuleType) -> set[str]:
    names = set()
    for statement in ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.ImportFrom):
            names |= {alias.asname for alias in statement.names if alias.asname}
            if statement.names[0].name == "*":
                names |= {*importlib.import_module(f"lucid.{statement.module}").__all__}
        elif isinstance(statement, ast.ClassDef | ast.FunctionDef):
            names.add(statement.name)
    return {name for name in names if not name.startswith("_")}


def _title(family: str) -> str:
    return family.rpartition(".")[2].replace("_", " ").capitalize()


def _about(family: str) -> str:
    documented = (importlib.import_module(family).__doc__ or "").strip()
    return documented.partition("\n\n")[0].replace("\n", " ")


def leave_functions_to_their_page(app, what, name, thing, skip, options):
    """Methods of Tensor that are functions of `lucid` as well are documented there."""
    return True if getattr(thing, "__module__", "").startswith("lucid.ops") else None


def setup(app):
    """Called by Sphinx."""
    app.connect("builder-inited", coverage_table.write)
    app.connect("builder-inited", operation_pages.write)
    app.connect("builder-inited", explained_drawing.write)
    app.connect("autodoc-skip-member", leave_functions_to_their_page)


autosummary_context = {"contents": contents}
suppress_warnings = ["config.cache"]  # a function in the settings cannot be pickled
autodoc_typehints = "none"  # numpydoc's Parameters say it in words
autodoc_member_order = "groupwise"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

html_theme = "furo"
html_math_renderer = "mathml"
html_title = "Lucid"
html_show_copyright = False
