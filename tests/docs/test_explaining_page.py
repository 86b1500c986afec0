"""What the page about explaining shows is what comes out, and its drawing can be made."""

import doctest
import importlib.util
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_is_true():
    options = doctest.NORMALIZE_WHITESPACE
    page = str(DOCS / "explaining.rst")
    result = doctest.testfile(page, module_relative=False, optionflags=options, encoding="utf-8")
    assert result.attempted > 5
    assert not result.failed


def test_the_drawing_is_made():
    file = DOCS / "explained_drawing.py"
    spec = importlib.util.spec_from_file_location("explained_drawing", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert "huber_reduced" in module.drawing()
