"""Files on one subject, functions that fit a screen, names that say something."""

import ast
import io
import tokenize
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "lucid").rglob("*.py"))
LONGEST_FILE = 600  # code lines: 150 to 350 is meant, this is a wall
LONGEST_FUNCTION = 60  # lines in the 95th percentile
FORBIDDEN = {"utils", "util", "helpers", "helper", "misc", "common", "stuff", "tools"}


def docstrings(tree):
    """Line numbers that docstrings stand on."""
    lines = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = body[0] if body else None
            text = getattr(first.value, "value", None) if isinstance(first, ast.Expr) else None
            if isinstance(text, str):
                lines.update(range(first.lineno, first.end_lineno + 1))
    return lines


def code_lines(text):
    """Lines that hold code: no docstring, no comment alone, no blank line."""
    skip = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in skip and token.type != tokenize.ENDMARKER:
            lines.update(range(token.start[0], token.end[0] + 1))
    return lines - docstrings(ast.parse(text))


def test_code_lines_are_counted():
    text = '"""Doc."""\n\n# comment\nx = 1  # why\n\n\ndef f():\n    """Doc\n    more."""\n'
    text += "    return 1\n"
    assert code_lines(text) == {4, 7, 10}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_are_short(path):
    count = len(code_lines(path.read_text(encoding="utf-8")))
    assert count <= LONGEST_FILE, f"{count} code lines; split it by meaning"


def test_functions_fit_a_screen():
    lengths = []
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        code = code_lines(text)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = range(node.lineno, node.end_lineno + 1)
                lengths.append((len(code.intersection(lines)), f"{path.name}:{node.name}"))
    p95 = np.percentile([length for length, _ in lengths], 95)
    assert p95 <= LONGEST_FUNCTION, f"{p95}; the longest: {sorted(lengths)[-5:]}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_names_say_something(path):
    if path.parent == ROOT / "lucid/nn/utils":  # a contents page under PyTorch's name
        path = Path(path.name)
    if path == ROOT / "lucid/optim/swa_utils.py":  # another one
        return
    words = set(path.stem.split("_")) | set(path.parent.name.split("_"))
    assert not words & FORBIDDEN, "name it after its subject"
