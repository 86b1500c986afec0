"""Expressions of a rule or a forward, made shorter without changing what they say."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..core.primitive import Primitive

ITSELF = {"values", "_detached", "detached", "asarray"}  # what they give has the same values
EXACT: dict[type, Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}
REAL = SimpleNamespace(dtype=np.dtype(np.float64))  # an input of which nothing is known
OF_REAL = {"conj", "_conj", "_conjugate", "conjugate", "_factor"}  # and these, of real numbers
_TESTS = (
    ast.Expression, ast.Name, ast.Attribute, ast.Constant, ast.Compare, ast.BoolOp, ast.UnaryOp,
    ast.BinOp, ast.Subscript, ast.Tuple, ast.boolop, ast.unaryop, ast.cmpop, ast.operator,
    ast.expr_context,
)  # fmt: skip


def decided(test: ast.expr, known: Mapping[str, Any]) -> bool | None:
    """Whether a condition holds, by what is known; None if that does not decide it.

    Examples
    --------
    >>> decided(ast.parse("p == 2 and not flat", mode="eval").body, {"p": 2, "flat": False})
    True
    >>> decided(ast.parse("p == q", mode="eval").body, {"p": 2}) is None
    True
    """
    whole = ast.Expression(_given(test))
    if not all(isinstance(node, _TESTS) for node in ast.walk(whole)):
        return None
    try:
        code = compile(ast.fix_missing_locations(whole), "<condition>", "eval")
        answer = eval(code, {"__builtins__": {}}, dict(known))
        return bool(answer)
    except Exception:  # names and shapes that are not known; whatever it is, nothing is decided
        return None


def _given(test: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(test), mode="eval").body


class Simplify(ast.NodeTransformer):
    """Shortens the expressions of one function.

    Parameters
    ----------
    function : callable
        Whose globals tell what names stand for.
    known : mapping
        Values of some names. Complex inputs among them keep their conjugates.
    assumed : mapping, optional
        What decides conditions besides, where nothing is known.
    """

    def __init__(
        self, function: Any, known: Mapping[str, Any], assumed: Mapping[str, Any] | None = None
    ) -> None:
        self._scope = function.__globals__
        self._known = known
        self._assumed = assumed or {}
        self._complex = any(_is_complex(value) for value in known.values())
        self._current: Mapping[str, str] = {}

    def of(self, value: ast.expr, current: Mapping[str, str]) -> ast.expr:
        """The expression, with the locals of `current` under other names."""
        self._current = current
        result: ast.expr = self.visit(_given(value))
        return result

    def decided(self, test: ast.expr) -> bool | None:
        """Whether a condition holds, by what is known or assumed."""
        return decided(test, {**self._assumed, **self._known})

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._current:
            return ast.Name(self._current[node.id], ast.Load())
        if node.id in self._known:
            return _constant(self._known[node.id]) or node
        value = self._scope.get(node.id)
        if isinstance(value, float | int | np.floating) and node.id.lstrip("_").isupper():
            return ast.Constant(float(f"{value:.6g}"))
        if callable(value) and hasattr(value, "__name__"):  # sum, where it goes by sum_over
            return ast.Name(value.__name__.lstrip("_"), ast.Load())
        return ast.Name(node.id.lstrip("_") or node.id, ast.Load())

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id in ("np", "curve", "kernels"):
            return ast.Name(node.attr, ast.Load())
        node.value = self.visit(node.value)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if isinstance(node.func, ast.Attribute):
            name = node.func.attr if _is_numpy(node.func.value) else ""
            if node.func.attr == "conj" and not node.args and not self._complex:
                return self._visited(node.func.value)
        if node.args and (name in ITSELF or (name in OF_REAL and not self._complex)):
            return self._visited(node.args[0])
        if name == "rows_of" and self._is_matrix(node.args[0]):
            return self._visited(node.args[0])
        if name == "flat_gradient" or (name == "zeros" and not node.keywords):
            return ast.Constant(0)
        if name == "apply":
            return self._applied(node)
        args = [part for argument in node.args for part in self._spelled(argument)]
        words = [ast.keyword(word.arg, self._visited(word.value)) for word in node.keywords]
        return ast.Call(self._visited(node.func), args, words)

    def _is_matrix(self, node: ast.expr) -> bool:
        value = self._known.get(node.id) if isinstance(node, ast.Name) else None
        return getattr(value, "ndim", None) == 2

    def _spelled(self, argument: ast.expr) -> list[ast.expr]:
        """An argument, or those that a starred one stands for."""
        if isinstance(argument, ast.Starred) and isinstance(argument.value, ast.Name):
            value = self._known.get(argument.value.id)
            if isinstance(value, tuple) and argument.value.id not in self._current:
                return [_constant(part) or argument.value for part in value]
        return [self._visited(argument)]

    def _applied(self, node: ast.Call) -> ast.expr:
        """``apply(_op, x, axis=0)`` as ``op(x, axis=0)``."""
        op, args = node.args[0], node.args[1:]
        prim = self._scope.get(op.id) if isinstance(op, ast.Name) else None
        name = prim.name if isinstance(prim, Primitive) else ast.unparse(op).lstrip("_")
        parts = [part for argument in args for part in self._spelled(argument)]
        words = [ast.keyword(word.arg, self._visited(word.value)) for word in node.keywords]
        return ast.Call(ast.Name(name, ast.Load()), parts, words)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        answer = self.decided(node.test)
        if answer is None and _is_none(node.orelse):
            answer = True
        elif answer is None and _is_none(node.body):
            answer = False
        if answer is not None:
            return self._visited(node.body if answer else node.orelse)
        parts = [self._visited(part) for part in (node.test, node.body, node.orelse)]
        same = ast.unparse(parts[1]) == ast.unparse(parts[2])
        return parts[1] if same else ast.IfExp(*parts)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        operand = self._visited(node.operand)
        known = isinstance(operand, ast.Constant) and isinstance(operand.value, bool)
        if isinstance(node.op, ast.Not) and known:
            return ast.Constant(not operand.value)  # type: ignore[attr-defined]
        return ast.UnaryOp(node.op, operand)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        left, right = self._visited(node.left), self._visited(node.right)
        made = ast.BinOp(left, node.op, right)
        sums = EXACT.get(type(node.op))
        if sums is not None and _is_integer(left) and _is_integer(right):
            return ast.Constant(sums(left.value, right.value))  # type: ignore[attr-defined]
        if isinstance(node.op, ast.Mult | ast.Div | ast.Pow) and _is_one(right):
            return left
        if isinstance(node.op, ast.Mult) and _is_one(left):
            return right
        return made

    def _visited(self, node: ast.expr) -> ast.expr:
        result: ast.expr = self.visit(node)
        return result


def forward_text(function: Callable[..., Any], tree: ast.FunctionDef | None) -> str | None:
    r"""What a forward computes, if it is one expression of NumPy's functions and operators.

    Examples
    --------
    >>> def forward(x):
    ...     return np.sqrt(x) + 1
    >>> forward_text(forward, ast.parse("def f(x):\n    return np.sqrt(x) + 1").body[0])
    'sqrt(x) + 1'
    """
    if tree is None:
        return None
    body = [statement for statement in tree.body if not is_docstring(statement)]
    if len(body) != 1 or not isinstance(body[0], ast.Return) or body[0].value is None:
        return None
    for node in ast.walk(body[0].value):
        if isinstance(node, ast.Call) and not (
            isinstance(node.func, ast.Attribute) and _is_numpy(node.func.value)
        ):
            return None
        if isinstance(node, ast.IfExp | ast.Starred):
            return None
    text = ast.unparse(Simplify(function, {"": 0j}).of(body[0].value, {}))
    return text if len(text) <= 60 else None


def _is_integer(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int


def is_docstring(statement: ast.stmt) -> bool:
    """Whether a statement does nothing, as the text at the head of a function."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _constant(value: Any) -> ast.expr | None:
    """A number, flag, string or short tuple of numbers as an expression."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        value = float(f"{value:.6g}")
    if value is None or isinstance(value, bool | int | float | complex | str):
        return ast.parse(repr(value), mode="eval").body if _finite(value) else None
    if isinstance(value, tuple) and 0 < len(value) <= 4:
        parts = [_constant(part) for part in value]
        known = [part for part in parts if part is not None]
        return ast.Tuple(known, ast.Load()) if len(known) == len(value) else None
    return None


def _finite(value: Any) -> bool:
    return not re.search(r"inf|nan", repr(value)) or isinstance(value, str)


def _is_complex(value: Any) -> bool:
    return getattr(getattr(value, "dtype", None), "kind", "") == "c" or isinstance(value, complex)


def _is_numpy(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "np"


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value == 1
