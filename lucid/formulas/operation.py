"""`Operation`: all that is declared of an op, to be read."""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

from ..core.primitive import Primitive
from .callers import Callers, curve_of
from .docstrings import in_text, stated, summary_of
from .expressions import forward_text
from .latex import printable
from .rules import gradients, parsed, remark
from .sources import Source, kernels, sources

CONCISE = 5, 110  # so many lines of so many characters are a formula; more is a program


class Operation:
    """One op: its formula, its gradient, and the source of everything that runs for it.

    ``lucid.ops["tanh"]`` is one. It prints as all of that; `help` shows the same.

    Parameters
    ----------
    prim : Primitive
        The op.

    Attributes
    ----------
    name : str
    primitive : Primitive
    public : list of str
        The public functions that run it, the one that goes by its name first.
    about : str
        What it does, in words: the first sentence of its public function's documentation.
    formula : str or None
        Its value, as the documentation of its public function states it, or as its forward
        computes it if that is a single expression. None if neither says it in a line.
    gradient : list of str or None
        Its gradient rule as formulas, read from the rule's source; `g` is the gradient of
        the output `y`. None without a rule, or if the rule is no formula: see `remark`.
    remark : str or None
        What the rule's author wrote beside it.
    sources : list of Source
        Forward, rules and kernels, with file and line.

    Examples
    --------
    >>> import lucid
    >>> op = lucid.ops["tanh"]
    >>> op.formula, op.gradient
    ('y = sinh x / cosh x', ['grad_x = g * (1 - y * y)'])
    """

    def __init__(self, prim: Primitive) -> None:
        self.primitive = prim
        self.name = prim.name

    @cached_property
    def public(self) -> list[str]:
        """The public functions that run it, the one that goes by its name first."""
        index = _callers()
        return [index.public[id(each)] for each in self._functions]

    @cached_property
    def about(self) -> str:
        """What it does, in words."""
        if self._docstring:
            return summary_of(self._docstring)
        others = " and others" if len(self.public) > 1 else ""
        return f"A part of {self.public[0]}{others}" if self.public else ""

    @cached_property
    def statement(self) -> str | None:
        """The formula in reStructuredText, for pages that draw it."""
        found = stated(self._docstring) if self._docstring else None
        if found is None:
            text = forward_text(self.primitive.forward, parsed(self.primitive.forward))
            found = None if text is None else f"``{text}``"
        return found

    @property
    def formula(self) -> str | None:
        """Its value in a line of text."""
        if self.statement is None:
            return None
        text = in_text(self.statement)
        equation = " = " in re.split(r" if | for | where|, (?:and|which|with) ", text)[0]
        return text if equation else f"y = {text}"

    @cached_property
    def gradient(self) -> list[str] | None:
        """Its gradient rule as formulas."""
        return gradients(self.primitive)

    @cached_property
    def remark(self) -> str | None:
        """What the rule's author wrote beside it."""
        return remark(self.primitive.vjp) if self.primitive.vjp is not None else None

    def gradient_lines(self, seen: Mapping[str, Any] | None = None) -> list[str]:
        """The gradient in a few short lines: the rule's formulas, or its author's remark.

        Parameters
        ----------
        seen : mapping, optional
            What is known of a call, as `lucid.formulas.rules.gradients` takes it.

        Returns
        -------
        list of str
            Empty if there is no rule, or nothing short can be said of it.
        """
        lines = gradients(self.primitive, seen) if seen else self.gradient
        most, widest = CONCISE
        if lines is not None and len(lines) <= most and all(len(line) <= widest for line in lines):
            return lines
        return [] if self.remark is None else [self.remark]

    @cached_property
    def sources(self) -> list[Source]:
        """Forward, rules and kernels, with file and line."""
        return sources(self.primitive)

    @cached_property
    def _functions(self) -> list[Any]:
        return _callers().of(self.primitive)

    @cached_property
    def _docstring(self) -> str:
        """The documentation that speaks of this op, and not of a function with more in it."""
        named = [each for each in self._functions if each.__name__ == self.name]
        losses = [each for each in self._functions if inspect.isclass(each)]
        if curve_of(self.primitive) is not None and losses:
            named = losses[:1]
        elif not named and len(self._functions) == 1 and self.name in self._functions[0].__name__:
            named = self._functions
        if not any(each.__module__ == self.primitive.module for each in named) and not losses:
            beside = getattr(sys.modules.get(self.primitive.module), self.name, None)
            named = [beside, *named] if inspect.isfunction(beside) else named
        named = [*named, self.primitive.forward, *kernels(self.primitive)[:1]]
        text = next(filter(None, map(inspect.getdoc, named)), "")
        see = re.search(r"see `(\w+)`", text.partition("\n\n")[0])
        return (_loss(see[1]) if see else None) or text

    def __repr__(self) -> str:
        head = f"{self.name}: {self.about}" if self.about else self.name
        return printable(f"{head}\n{self._text()}")

    def _text(self) -> str:
        lines = [""]
        if self.public:
            lines.append(f"  function  {', '.join(self.public[:6])}")
        if self.formula is not None:
            lines.append(f"  value     {self.formula}")
        lines += _labelled("gradient", self._gradient_said())
        if self.primitive.vjp is not None:
            lines.append(f"  saves     {', '.join(self.primitive.saves) or 'nothing'}")
        for each in self.sources:
            lines += ["", f"{each.role}, {each.file}:{each.line}"]
            lines.append(textwrap.indent(each.text, "    "))
        return "\n".join(lines)

    def _gradient_said(self) -> list[str]:
        if self.primitive.vjp is None:
            return ["none: it has no gradient rule"]
        lines = self.gradient_lines()
        return lines or ["see the rule below"]

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        """What `help` shows: the same as is printed."""
        return repr(self)


def _labelled(label: str, lines: list[str]) -> list[str]:
    return [f"  {label if i == 0 else '':<10}{line}" for i, line in enumerate(lines)]


def _loss(name: str) -> str | None:
    thing = getattr(sys.modules.get("lucid.nn"), name, None)
    return inspect.getdoc(thing) if inspect.isclass(thing) else None


@lru_cache(maxsize=1)
def _callers() -> Callers:
    return Callers()
