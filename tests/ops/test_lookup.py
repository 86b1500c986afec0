"""`lucid.ops["tanh"]`: ops by their names."""

import pydoc
import subprocess
import sys

import pytest

import lucid
from lucid.core.primitive import REGISTRY
from lucid.errors import ArgumentError, DTypeError


def test_an_op_shows_all_that_is_declared_of_it():
    text = repr(lucid.ops["tanh"])
    assert "value     y = sinh x / cosh x" in text
    assert "gradient  grad_x = g * (1 - y * y)" in text
    assert "saves     out" in text
    for piece in ("return np.tanh(x)", "return (g * conj(1 - y * y),)", "pointwise.tanh_gradient"):
        assert piece in text
    assert "kernel, lucid/kernels/pointwise.py:" in text
    assert "return ONE - y * y" in text


def test_help_shows_it_too():
    text = pydoc.plain(pydoc.render_doc(lucid.ops["exp"]))
    assert "grad_x = g * y" in text
    assert "np.exp(x)" in text


def test_the_module_is_a_table_of_all_ops():
    names = list(lucid.ops)
    assert names == sorted(REGISTRY)
    assert len(lucid.ops) == len(names)
    assert "cross_entropy" in lucid.ops
    assert "no such op" not in lucid.ops
    assert lucid.ops.trigonometric.tanh is lucid.tanh  # it is a module as before


@pytest.mark.parametrize("name", sorted(lucid.ops))
def test_every_op_can_be_shown(name):
    op = lucid.ops[name]
    text = repr(op)
    assert text.startswith(name)
    assert op.sources[0].role == "forward"
    assert op.primitive.vjp is None or "rule, lucid/" in text
    if op.primitive.fused_vjp is not None:
        assert "fused rule, lucid/" in text


@pytest.mark.parametrize(
    ("name", "public", "formula"),
    [
        ("relu", "lucid.relu", "y = max(x, 0)"),
        ("linear", "lucid.nn.functional.linear", "y = x Wᵀ + b"),
        ("abs", "lucid.abs", "y = |x|"),
        ("cholesky", "lucid.linalg.cholesky", "A = L Lᴴ"),
        ("sin", "lucid.sin", "y = sin(x)"),
        ("mul", "lucid.mul", "y = input * other"),
        ("erfcx", "lucid.special.erfcx", "y = e^(x²) erfc(x)"),
        ("sum", "lucid.sum", None),
    ],
)
def test_functions_and_formulas(name, public, formula):
    op = lucid.ops[name]
    assert op.public[0] == public
    assert op.formula == formula


def test_a_loss_has_the_formula_of_its_class():
    op = lucid.ops["huber_reduced"]
    assert op.formula == "ρ_δ(r) = { ½ r² if |r| ≤ δ; δ (|r| - ½ δ) otherwise }"
    assert "lucid.nn.HuberLoss" in op.public
    assert {"rho", "psi", "weight"} <= {source.role for source in op.sources}


def test_unknown_names():
    with pytest.raises(ArgumentError, match=r'no op named \'tahn\'(.|\n)*lucid.ops\["tanh"\]'):
        lucid.ops["tahn"]
    with pytest.raises(ArgumentError, match=r"runs other ops(.|\n)*huber_reduced"):
        lucid.ops["huber_loss"]
    with pytest.raises(ArgumentError, match=r"list\(lucid.ops\)"):
        lucid.ops["zzzzzzzz"]
    with pytest.raises(DTypeError, match="by its name, a string, not by int"):
        lucid.ops[0]


def test_looking_up_costs_nothing_at_the_start():
    code = "import lucid, sys; print(any(n.startswith('lucid.formulas') for n in sys.modules))"
    run = [sys.executable, "-c", code]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "False\n"
