"""Sphinx's settings: ``python -m sphinx -W docs build/html``."""

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

# Names are documented where people find them (lucid.nn.HuberLoss), not where they are defined.
autosummary_imported_members = True
autosummary_ignore_module_all = False
autodoc_typehints = "none"  # numpydoc's Parameters say it in words
autodoc_member_order = "groupwise"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

html_theme = "furo"
html_title = "Lucid"
html_show_copyright = False
