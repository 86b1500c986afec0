"""The pages of operations hold every operation, once."""

import importlib.util
import re
from pathlib import Path

import pytest

import lucid

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "operation_pages.py"


@pytest.fixture(scope="module")
def pages():
    spec = importlib.util.spec_from_file_location("operation_pages", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pages()


def test_every_operation_has_a_section(pages):
    found = []
    for name, text in pages.items():
        if name != "index":
            found += re.findall(r"^(\w+)\n-+$", text, re.MULTILINE)
    assert sorted(found) == list(lucid.ops)


def test_the_index_leads_to_every_page(pages):
    assert set(re.findall(r"<(\w+)>`", pages["index"])) == set(pages) - {"index"}


def test_a_section_says_what_is_declared(pages):
    text = pages["trigonometric"].partition("\ntanh\n----\n")[2].partition("\n----\n")[0]
    assert ":functions: :obj:`lucid.tanh`" in text
    assert r":value: :math:`\sinh x / \cosh x`" in text
    assert ":saves: `out`" in text
    assert "grad_x = g * (1 - y * y)" in text
    assert "return np.tanh(x)" in text
    assert "return (g * conj(1 - y * y),)" in text


def test_losses_show_their_curves(pages):
    text = pages["nn_losses_curve"].partition("\nhuber_rho\n")[2].partition("\nl1_reduced\n")[0]
    assert "clipped * (r - 0.5 * clipped)" in text
    assert "psi, lucid/nn/losses/huber.py" in text
