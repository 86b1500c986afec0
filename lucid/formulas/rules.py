"""A gradient rule, read back from its source as formulas.

What the engine runs is what is shown: nobody writes the formula a second time, so it cannot
become untrue. Rules that take their gradients from one expression each, after some
assignments, can be read; those with loops cannot, and their authors' remark stands instead.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from ..core.primitive import Primitive
from .expressions import REAL, Simplify, is_docstring

SHORT = 8  # characters: a local of so few is written out wherever it is used


class _NoFormulaError(Exception):
    """The rule does something that is no formula."""


@lru_cache(maxsize=512)
def parsed(function: Callable[..., Any]) -> ast.FunctionDef | None:
    """The definition of a function, as a tree; None where its source cannot be read."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return None
    return next((item for item in tree.body if isinstance(item, ast.FunctionDef)), None)


def remark(function: Callable[..., Any]) -> str | None:
    """What its author wrote beside the head of a rule, or at the start of its body.

    Examples
    --------
    >>> import lucid
    >>> remark(lucid.ops.linear._linear.vjp)
    "y = x W' + b:  dL/dx = g W,  dL/dW = g' x,  dL/db = sum g"
    """
    try:
        lines = inspect.getsource(function).splitlines()
    except (OSError, TypeError):
        return None
    start = next((i for i, line in enumerate(lines) if line.lstrip().startswith("def ")), 0)
    said: list[str] = []
    head = re.search(r":\s{2,}#\s*(.*)$", lines[start])
    if head:
        said.append(head[1])
    for line in lines[start + 1 :]:
        match = re.match(r"\s*#\s*(.*)$", line)
        if match is None:
            break
        said.append(match[1])
    text = re.sub(r"\s*\[\d+\]", "", " ".join(said)).removesuffix("type: ignore").strip()
    return text.rstrip(".") or None


def gradients(prim: Primitive, seen: Mapping[str, Any] | None = None) -> list[str] | None:
    """The gradient rule of an op as formulas, one a line; None if it is not plain enough.

    Parameters
    ----------
    prim : Primitive
    seen : mapping, optional
        What is known of one call, by the names in `Primitive.input_names` and of the static
        arguments: numbers are put in their places, and shapes decide between branches
        (inputs as `core.node.ShapeOnly`). ``"needs"`` tells which inputs want a gradient.

    Returns
    -------
    list of str or None
        ``grad_<input> = ...`` for each input, preceded by what these share. In them `g` is
        the gradient of the output.

    Examples
    --------
    >>> from lucid.core.primitive import REGISTRY
    >>> gradients(REGISTRY["tanh"])
    ['grad_x = g * (1 - y * y)']
    >>> gradients(REGISTRY["softplus"], {"beta": 1.0, "threshold": 20.0})
    ['grad_x = where(x > 20.0, g, g * sigmoid(x))']
    """
    if prim.vjp is None:
        return None
    tree = parsed(prim.vjp)
    if tree is None:
        return None
    try:
        return _Reading(prim, tree, dict(seen or {})).lines()
    except _NoFormulaError:
        return None


class _Reading:
    """One reading of a rule: its statements are followed one by one."""

    def __init__(self, prim: Primitive, tree: ast.FunctionDef, seen: dict[str, Any]) -> None:
        names = [argument.arg for argument in tree.args.args]
        self._inputs = names[2:]
        self._variadic = tree.args.vararg.arg if tree.args.vararg else None
        self._known = _renamed(prim, self._inputs, self._variadic, seen)
        assumed: dict[str, Any] = dict.fromkeys(["g", "y", *self._inputs], REAL)
        if self._variadic:
            assumed[self._variadic] = ()
        self._simplify = Simplify(prim.vjp, self._known, assumed)
        self._tree = tree
        calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
        self._called = {f.id.lstrip("_") for f in calls if isinstance(f, ast.Name)}
        self._made: dict[str, ast.expr] = {}  # locals by the names they are shown under
        self._current: dict[str, str] = {}

    def lines(self) -> list[str]:
        result = self._run(self._tree.body)
        if result is None:
            raise _NoFormulaError
        shown = self._named(self._elements(result))
        return self._with_locals(shown)

    def _run(self, body: list[ast.stmt]) -> ast.expr | None:
        """Follow statements; the expression that is returned, if one of them returns."""
        for statement in body:
            if isinstance(statement, ast.Return) and statement.value is not None:
                return self._simple(statement.value)
            if isinstance(statement, ast.If):
                result = self._branch(statement)
                if result is not None:
                    return result
            elif isinstance(statement, ast.Assign):
                value = self._simple(statement.value)
                for target in statement.targets:
                    self._bind(target, value)
            elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
                self._bind(statement.target, self._simple(statement.value))
            elif isinstance(statement, ast.AugAssign):
                both = ast.BinOp(_read(statement.target), statement.op, statement.value)
                self._bind(statement.target, self._simple(both))
            elif not is_docstring(statement):
                raise _NoFormulaError
        return None

    def _branch(self, statement: ast.If) -> ast.expr | None:
        answer = self._simplify.decided(statement.test)
        if answer is None and _asks_for_need(statement.test):
            answer = True
        if answer is None:
            raise _NoFormulaError
        return self._run(statement.body if answer else statement.orelse)

    def _simple(self, value: ast.expr) -> ast.expr:
        """An expression in the names that are current, simplified."""
        return self._simplify.of(value, self._current)

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple):
            if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts):
                for part, piece in zip(target.elts, value.elts, strict=True):
                    self._bind(part, piece)
                return
            for i, part in enumerate(target.elts):
                self._bind(part, ast.Subscript(value, ast.Constant(i), ast.Load()))
            return
        if not isinstance(target, ast.Name):
            raise _NoFormulaError
        shown = target.id.lstrip("_") or "rest"
        taken = {*self._made, *self._inputs, "g", "y", *self._called}
        while shown in taken:
            shown += "_"
        self._made[shown] = value
        self._current[target.id] = shown
        if isinstance(value, ast.Constant):
            self._known[target.id] = value.value
        else:
            self._known.pop(target.id, None)

    def _elements(self, result: ast.expr) -> list[ast.expr]:
        while isinstance(result, ast.Name) and result.id in self._made:
            result = self._made[result.id]
        if not isinstance(result, ast.Tuple | ast.List | ast.ListComp):
            raise _NoFormulaError
        return [ast.Starred(result)] if isinstance(result, ast.ListComp) else list(result.elts)

    def _named(self, elements: list[ast.expr]) -> dict[str, ast.expr]:
        """Each gradient under the name of its input."""
        found: dict[str, ast.expr] = {}
        needs = self._known.get("needs", ())
        for i, element in enumerate(elements):
            variadic = f"{self._variadic}[i]"
            name = self._inputs[i] if i < len(self._inputs) else variadic
            if isinstance(element, ast.Starred):
                inner = element.value
                while isinstance(inner, ast.Name) and inner.id in self._made:
                    inner = self._made[inner.id]
                if not isinstance(inner, ast.GeneratorExp | ast.ListComp):
                    raise _NoFormulaError
                if self._known.get(self._variadic or "") == ():
                    continue
                element, name = inner.elt, variadic if self._variadic else "input[i]"
            wanted = i >= len(needs) or isinstance(element, ast.Starred) or needs[i]
            if wanted and not _is_none(self._resolved(element)):
                found[f"grad_{name}"] = element
        return found

    def _resolved(self, value: ast.expr) -> ast.expr:
        while isinstance(value, ast.Name) and value.id in self._made:
            value = self._made[value.id]
        return value

    def _with_locals(self, shown: dict[str, ast.expr]) -> list[str]:
        """The gradients as text: locals used once are written out, others named before."""
        uses: dict[str, int] = {}
        pending = list(shown.values())
        while pending:
            for node in ast.walk(pending.pop()):
                if isinstance(node, ast.Name) and node.id in self._made:
                    uses[node.id] = uses.get(node.id, 0) + 1
                    if uses[node.id] == 1:
                        pending.append(self._made[node.id])
        kept = [name for name in self._made if uses.get(name, 0) > 1 and not self._short(name)]
        write = _WriteOut({name: v for name, v in self._made.items() if name not in kept})
        return [
            f"{name} = {_text(write.visit(_copy(value)))}"
            for name, value in [*((name, self._made[name]) for name in kept), *shown.items()]
        ]

    def _short(self, name: str) -> bool:
        value = self._made[name]
        plain = isinstance(value, ast.Name | ast.Constant | ast.Attribute)
        return plain or len(ast.unparse(value)) <= SHORT


class _WriteOut(ast.NodeTransformer):
    """Puts what locals stand for in their places."""

    def __init__(self, values: dict[str, ast.expr]) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        value = self._values.get(node.id)
        return node if value is None else self.visit(_copy(value))


def _renamed(
    prim: Primitive, inputs: list[str], variadic: str | None, seen: dict[str, Any]
) -> dict[str, Any]:
    """What is known, under the names that the rule has for the inputs."""
    known = {name: value for name, value in seen.items() if name not in prim.input_names}
    for theirs, ours in zip(prim.input_names, [*inputs, variadic], strict=False):
        if ours is not None and theirs in seen:
            known[ours] = seen[theirs]
    return known


def _asks_for_need(test: ast.expr) -> bool:
    return isinstance(test, ast.Subscript) and _is_name(test.value, "needs")


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _read(target: ast.expr) -> ast.expr:
    return ast.Name(target.id, ast.Load()) if isinstance(target, ast.Name) else target


def _copy(node: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(node), mode="eval").body


def _text(node: ast.expr) -> str:
    return ast.unparse(node)
