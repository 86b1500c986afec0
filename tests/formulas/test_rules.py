"""Formulas read from gradient rules: what they say is what the engine runs."""

import ast
import builtins
import inspect

import numpy as np
import pytest

import lucid.nn  # noqa: F401 - fills the registry
from lucid.core.apply import apply
from lucid.core.node import ShapeOnly
from lucid.core.primitive import REGISTRY, Primitive
from lucid.errors import LucidError
from lucid.formulas.rules import gradients, remark
from lucid.samples import Draw

NAMES = ("tuple", "range", "len", "sorted")


def scope_of(prim):
    """What the names in the formulas of a rule stand for."""
    scope = {name: getattr(builtins, name) for name in NAMES}
    scope |= {name: getattr(np, name) for name in ("isnan", "arange", "inf", "nan", "sign")}
    for name, op in REGISTRY.items():
        scope[name] = lambda *inputs, op=op, **static: apply(op, *inputs, **static)
    for name, value in prim.vjp.__globals__.items():
        if callable(value) and not isinstance(value, Primitive):
            scope[name.lstrip("_")] = value
            scope.setdefault(getattr(value, "__name__", name).lstrip("_"), value)
    return scope


def compared(prim):
    """How many gradients of the first sample the formulas give, each equal to the rule's.

    Formulas with names that only the rule's own file knows are left out.
    """
    sample = prim.samples(Draw(0))[0]
    inputs, static = sample.inputs, sample.static
    out = prim.forward(*inputs, **static)
    if sample.through is not None or len(inputs) > len(prim.input_names) or type(out) is tuple:
        return 0
    out = np.asarray(out)
    g = np.random.default_rng(0).standard_normal(out.shape)
    seen = dict(zip(prim.input_names, map(stand_in, inputs), strict=False))
    lines = gradients(prim, {**seen, **static, "g": stand_in(g)})
    if lines is None:
        return 0
    told = {"needs": [True] * len(inputs)} if prim.vjp_needs else {}
    names = list(inspect.signature(prim.vjp).parameters)[: 2 + len(inputs)]
    scope = scope_of(prim) | dict(zip(names, (g, out, *inputs), strict=True)) | static
    try:
        expected = prim.vjp(g, out, *inputs, **static, **told)
        for line in lines:
            name, _, formula = line.partition(" = ")
            scope[name] = eval(formula, scope)
    except (LucidError, NameError, TypeError, ValueError):
        return 0
    count = 0
    for name, want in zip(names[2:], expected, strict=True):
        if want is not None and f"grad_{name}" in scope:
            found = np.broadcast_to(scope[f"grad_{name}"], np.shape(want))
            np.testing.assert_allclose(found, want, rtol=1e-5, atol=1e-6, err_msg=str(lines))
            count += 1
    return count


def stand_in(value):
    if isinstance(value, np.ndarray):
        return ShapeOnly(value.shape, value.dtype)
    return value


def test_formulas_give_what_the_rules_give():
    counts = {name: compared(prim) for name, prim in REGISTRY.items() if prim.vjp is not None}
    assert sum(counts.values()) > 180, counts


def test_a_formula_that_is_not_the_rule_is_noticed(monkeypatch):
    prim = REGISTRY["tanh"]
    assert compared(prim) == 1
    other = ast.parse("def rule(g, y, x):\n    return (g * (1 - y),)").body[0]
    monkeypatch.setattr("lucid.formulas.rules.parsed", lambda function: other)
    with pytest.raises(AssertionError, match=r"g \* \(1 - y\)"):
        compared(prim)


@pytest.mark.parametrize(
    ("name", "seen", "lines"),
    [
        ("tanh", None, ["grad_x = g * (1 - y * y)"]),
        ("mul", None, ["grad_a = g * b", "grad_b = g * a"]),
        ("mul", {"b": 2, "needs": [True, False]}, ["grad_a = g * 2"]),
        ("leaky_relu", {"negative_slope": 0.01}, ["grad_x = where(x > 0, g, g * 0.01)"]),
        ("floor", None, ["grad_x = 0"]),
        ("cumsum", {"reverse": False, "axis": 1}, ["grad_x = cumsum(g, axis=1, reverse=True)"]),
        ("stack", None, ["grad_tensors[i] = select(g, axis, i)"]),
        ("matmul", None, None),  # it depends on the dimensions
        ("cat", None, None),  # it has a loop
    ],
)
def test_gradients(name, seen, lines):
    assert gradients(REGISTRY[name], seen) == lines


def test_shapes_decide_between_branches():
    matrix, row = ShapeOnly((3, 4), np.dtype("f4")), ShapeOnly((4,), np.dtype("f4"))
    both = gradients(REGISTRY["matmul"], {"a": row, "b": row})
    assert both == ["grad_a = g * b", "grad_b = g * a"]
    rows = {"x": matrix, "w": matrix, "b": None, "g": matrix, "needs": [True, True, False]}
    assert gradients(REGISTRY["linear"], rows) == ["grad_x = g @ w", "grad_w = g.T @ x"]


def test_conjugates_stay_where_numbers_are_complex():
    z = ShapeOnly((3,), np.dtype("c16"))
    assert gradients(REGISTRY["exp"], {"x": z}) == ["grad_x = g * conj(y)"]
    assert gradients(REGISTRY["exp"]) == ["grad_x = g * y"]


def test_remarks_of_the_authors():
    assert remark(REGISTRY["matmul"].vjp) == "Y = A B:  dL/dA = G B',  dL/dB = A' G"
    assert remark(REGISTRY["tanh"].vjp) is None


def test_ops_without_a_rule_have_no_formulas():
    assert gradients(REGISTRY["argmax"]) is None
