"""Formulas of docstrings as text."""

import inspect
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lucid
from lucid.formulas import latex
from lucid.formulas.docstrings import in_text, stated, summary_of
from lucid.formulas.latex import plain


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (r"\max(x, 0)", "max(x, 0)"),
        (r"e^{x_i} / \sum_j e^{x_j}", "e^xᵢ / Σⱼ e^xⱼ"),
        (r"\frac12 \ln\frac{1 + x}{1 - x}", "½ ln((1 + x)/(1 - x))"),
        (r"x_{i+1} = x_i W_i^\top + b_i", "xᵢ₊₁ = xᵢ Wᵢᵀ + bᵢ"),
        (r"\sqrt{x^2 + y^2}", "√(x² + y²)"),
        (r"\left(\sum_i |x_i|^p\right)^{1/p}", "(Σᵢ |xᵢ|^p)^(1/p)"),
        (r"\lfloor x \rfloor", "⌊x⌋"),
        (r"\overline{f'(x)}", "conj(f′(x))"),
        (r"A = V \, \mathrm{diag}(w) \, V^H", "A = V diag(w) Vᴴ"),
        (r"e^{x^2}", "e^(x²)"),
    ],
)
def test_plain(formula, text):
    assert plain(formula) == text


@given(st.text(alphabet=r"\{}^_&$ abx12+-/|()", max_size=30))
def test_any_text_is_read_to_its_end(formula):
    assert isinstance(plain(formula), str)


@pytest.mark.parametrize(
    ("docstring", "formula"),
    [
        ("The rectifier :math:`\\max(x, 0)`, element by element; slope 0.", "max(x, 0)"),
        ("``input * other``, element by element.", "input * other"),
        ("The matrix product ``input @ other``.", "input @ other"),
        (":math:`x` where :math:`|x| > \\lambda`, else 0.", "x where |x| > λ, else 0"),
        ("Drawn to zero by :math:`\\lambda`: :math:`|x| - \\lambda`.", "|x| - λ"),
        ("A loss.\n\n.. math::\n\n    \\rho(r) = r^2\n    \\qquad \\psi(r) = 2 r\n", "ρ(r) = r²"),
        ("Scaled by :math:`2 x`.", None),
        ("Elements for ``dim=0``.", None),
        ("The sum.\n\nIts gradient is :math:`g`.", None),
    ],
)
def test_stated(docstring, formula):
    found = stated(docstring)
    assert (None if found is None else in_text(found)) == formula


def test_summaries_are_sentences():
    assert summary_of("The sum of :math:`x_i`; more.\n\nAnd more.") == "The sum of xᵢ"


def test_no_command_is_left_in_a_formula_of_ours():
    """Commands that are not known would be printed by their names."""
    known = {*latex.SYMBOLS, *latex.SILENT, *latex.UPRIGHT, *latex.OVER, "begin", "end", "sqrt"}
    known |= {"frac", "tfrac", "dfrac", "overline", "binom"}
    spelled = {"max", "min", "ln", "log", "exp", "sin", "cos", "tanh", "sinh", "cosh", "arg"}
    spelled |= {"sup", "inf", "lim", "det"}
    unknown = {}
    for page in (lucid, lucid.nn, lucid.nn.functional, lucid.special, lucid.linalg, lucid.fft):
        for name, thing in vars(page).items():
            formula = stated(inspect.getdoc(thing) or "") if callable(thing) else None
            commands = set(re.findall(r"\\([A-Za-z]+)", formula or ""))
            if commands - known - spelled:
                unknown[name] = commands - known - spelled
    assert not unknown


def test_terminals_without_such_signs_get_letters(monkeypatch):
    class Narrow:
        encoding = "ascii"

    monkeypatch.setattr("sys.stdout", Narrow())
    assert latex.printable("½ r² ≤ δ → xᵢ") == "1/2 r^2 <= delta -> x_i"
