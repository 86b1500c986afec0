"""An explanation as text for a terminal: some lines an op, or for long tapes one."""

from __future__ import annotations

import textwrap

from . import wording
from .folding import Block
from .tape import Step

DETAILED = 14  # steps that are shown with all that is known of them; of more, one line each
WIDE = 100  # columns


def listing(blocks: list[Block], heading: str, remarks: list[str]) -> str:
    """The whole text.

    Parameters
    ----------
    blocks : list of Block
    heading : str
        The line on top.
    remarks : list of str
        Lines at the foot.
    """
    shown = sum(len(block.steps) for block in blocks)
    body = _detailed(blocks) if shown <= DETAILED else _table(blocks)
    return "\n".join([heading, "", *body, *([""] if remarks else []), *remarks])


def _detailed(blocks: list[Block]) -> list[str]:
    lines: list[str] = []
    last = ""  # a line of source that made several ops is shown with the first
    for block in blocks:
        inner: list[str] = []
        for step in block.steps:
            origin = wording.origin(step)
            inner += _full(step, block, origin if origin != last else "")
            last = origin
        lines += _framed(inner, block)
    return lines


def _framed(inner: list[str], block: Block) -> list[str]:
    """Lines within a frame that says how often they come, if that is more than once."""
    if block.times == 1:
        return inner
    span = f"  {block.span}" if block.span else ""
    first, count = block.steps[0].number, len(block.steps)
    last = first + count * block.times - 1
    head = (
        f"┌ × {block.times}{span}  (#{first} to #{last}, {count} op{'s' if count > 1 else ''} each)"
    )
    return [head, *(f"│{line}" for line in inner), "└"]


def _full(step: Step, block: Block, origin: str) -> list[str]:
    """All that is known of one step."""
    lines = _wrapped(
        f"{f'#{step.number}':>4}  {step.prim.name}(",
        wording.arguments(step, block.names),
        f") → {wording.result(step)}",
    )
    where = _place(step, block)
    if where:
        gap = WIDE - len(lines[0]) - len(where)
        if gap >= 2:
            lines[0] += " " * gap + where
        else:
            lines.append(f"{'':>6}in {where}")
    lines.append(f"        value  {wording.value_formula(step)}")
    lines += _gradient(step)
    kept = wording.held(step)
    if kept:
        lines.append(f"        holds  {kept}")
    if origin:
        lines.append(f"        from   {origin}")
    return lines


def _wrapped(head: str, parts: list[str], end: str) -> list[str]:
    """``head a, b, c end`` in lines that fit, which hang from the first one."""
    lines = [head]
    for i, part in enumerate(parts):
        text = part + (", " if i < len(parts) - 1 else end)
        if len(lines[-1]) + len(text.rstrip()) > WIDE and i:
            lines[-1] = lines[-1].rstrip()
            lines.append(" " * len(head))
        lines[-1] += text
    return lines if parts else [head + end]


def _gradient(step: Step) -> list[str]:
    """The gradients, as many on a line as fit."""
    if step.released:
        return ["        slope  released"]
    rows: list[str] = []
    for formula in wording.gradient_formulas(step):
        if rows and len(rows[-1]) + len(formula) + 17 < WIDE:
            rows[-1] += f",  {formula}"
        else:
            rows.append(formula)
    lines = [line for row in rows for line in textwrap.wrap(row, WIDE - 15)]
    return [f"        {'slope' if i == 0 else '':<5}  {line}" for i, line in enumerate(lines)]


def _place(step: Step, block: Block) -> str:
    path = wording.place(step)
    if step.path in block.names:
        return path.replace(step.path, block.names[step.path], 1)
    return path


def _table(blocks: list[Block]) -> list[str]:
    """One line a step, and beneath them the formulas of the ops, each once."""
    lines: list[str] = []
    rows = [(step, block) for block in blocks for step in block.steps]
    made = [wording.result(step) for step, _ in rows]
    held = [wording.size(step.bytes) if step.bytes else "" for step, _ in rows]
    places = [block.names.get(step.path or "", step.path or "") for step, block in rows]
    widths = max(map(len, made)), max(map(len, held)), min(max(map(len, places)), 30)
    texts = {
        step.number: f"{f'#{step.number}':>5}  {a:<{widths[0]}}  {b:>{widths[1]}}  "
        f"{c:<{widths[2]}}  {_short_call(step, block)}"
        for (step, block), a, b, c in zip(rows, made, held, places, strict=True)
    }
    for block in blocks:
        lines += _framed([texts[step.number] for step in block.steps], block)
    return [*lines, "", *_formulas([step for step, _ in rows])]


def _short_call(step: Step, block: Block) -> str:
    """The call by what comes from other steps and by names, without shapes."""
    parts = [
        wording.reference(given)
        if given.kind == "step"
        else wording.short_name(given, step, block.names)
        for given in step.inputs
        if given.kind not in ("nothing", "number")
    ]
    return f"{step.prim.name}({', '.join(parts)})"


def _formulas(steps: list[Step]) -> list[str]:
    first: dict[str, Step] = {}
    for step in steps:
        first.setdefault(step.prim.name, step)
    width = min(max(map(len, first)), 24)
    lines = []
    for name, step in sorted(first.items()):
        lines.append(f"{name:<{width}}  {wording.value_formula(step)}")
        lines += [f"{'':<{width}}  {line[15:]}" for line in _gradient(step)]
    return lines
