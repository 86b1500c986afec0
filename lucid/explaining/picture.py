"""An explanation as a drawing for notebooks: plain SVG, without scripts or fonts of its own.

Steps stand below each other in the order in which they ran. What the user gave comes in from the
left, what another step gave from above, or around on the right; a frame holds what repeats.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from . import wording
from .folding import Block
from .tape import Given, Step

LEFT, BOX, LANE = 214, 470, 14  # widths: of what comes in, of a step, between two bypasses
GAP, LINE, PAD = 34, 17, 12  # heights: between steps, of a line of text, around the text
CHIP = 24  # height of what comes in
FITS = 66  # characters of small type in a step
SANS = "-apple-system, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', sans-serif"
MONO = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
# Drawings within a page share its styles: ours are for what is within ours.
STYLE = f"""
.lucid-tape text {{ font-family: {SANS}; font-size: 12px; fill: #1f2933 }}
.lucid-tape .mono {{ font-family: {MONO}; font-size: 11px }}
.lucid-tape .op {{ font-size: 14px; font-weight: 600 }}
.lucid-tape .soft {{ font-size: 11px; fill: #66727f }}
.lucid-tape .slope {{ fill: #a0461b }}
.lucid-tape .box {{ fill: #ffffff; stroke: #cfd6de }}
.lucid-tape .edge {{ fill: none; stroke: #93a1b0; stroke-width: 1.4 }}
.lucid-tape .leaf {{ fill: #e4eefb; stroke: #7aa7e0 }}
.lucid-tape .data {{ fill: #f0f2f4; stroke: #b9c2cc }}
.lucid-tape .fold {{ fill: #f3f0fb; stroke: #9b87d3; stroke-dasharray: 5 4 }}
.lucid-tape .badge {{ fill: #6d55b5 }}
""".replace("\n", "")


@dataclass(slots=True)
class _Box:
    """A step in its place."""

    step: Step
    block: Block
    lines: list[tuple[str, str]]  # class and text
    top: float
    height: float

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


def svg(blocks: list[Block], heading: str, remarks: list[str]) -> str:
    """The drawing as text.

    Parameters
    ----------
    blocks : list of Block
    heading : str
        The line on top.
    remarks : list of str
        Lines at the foot.
    """
    boxes, bottom = _placed(blocks)
    around, lanes = _bypasses(boxes, blocks)
    width = LEFT + BOX + max(60, 30 + LANE * lanes)
    height = bottom + 14 + LINE * len(remarks)
    parts = [_text(20, 26, heading, "op")]
    parts += [_frame(block, boxes, width) for block in blocks if block.times > 1]
    for above, box in zip([None, *boxes], boxes, strict=False):
        parts += _entering(box)
        if above is not None:
            parts += _from_above(above, box)
    parts += around
    parts += [part for box in boxes for part in _box(box)]
    parts += [_text(20, bottom + LINE * i, said, "soft") for i, said in enumerate(remarks)]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height:g}" '
        f'viewBox="0 0 {width} {height:g}" role="img" class="lucid-tape">'
        f"<title>{escape(heading)}</title><style>{STYLE}</style>"
        '<defs><marker id="lucid-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#93a1b0"/></marker></defs>'
        f'<rect width="{width}" height="{height:g}" rx="8" fill="#fafbfc"/>'
    )
    return head + "".join(parts) + "</svg>"


# ---- where everything stands ------------------------------------------------------------


def _placed(blocks: list[Block]) -> tuple[list[_Box], float]:
    """A box for every step that is shown, and where the drawing ends."""
    boxes: list[_Box] = []
    at, origin = 56.0, ""
    for block in blocks:
        at += 26 if block.times > 1 else 0
        for step in block.steps:
            before, origin = origin, wording.origin(step)
            lines = _lines(step, origin if origin != before else "")
            chips = sum(given.kind in ("leaf", "data") for given in step.inputs)
            height = max(2 * PAD + LINE * len(lines) - 3, chips * (CHIP + 4) + 8)
            boxes.append(_Box(step, block, lines, at, height))
            at += height + GAP
        at += 12 if block.times > 1 else 0
    return boxes, at


def _lines(step: Step, origin: str) -> list[tuple[str, str]]:
    lines = [("op", step.prim.name), ("", _cut(wording.value_formula(step), 74))]
    slopes = ["released"] if step.released else wording.gradient_formulas(step)
    lines += [("mono slope", _cut(slope, FITS)) for slope in slopes]
    kept = wording.held(step)
    if kept:
        lines.append(("soft", _cut(f"holds {kept}", 78)))
    if origin:
        lines.append(("soft mono", _cut(origin, FITS)))
    return lines


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _bypasses(boxes: list[_Box], blocks: list[Block]) -> tuple[list[str], int]:
    """Edges that pass by other steps, each in a lane of its own while it runs."""
    index = {box.step.number: i for i, box in enumerate(boxes)}
    hops: set[tuple[int, int]] = set()
    for i, box in enumerate(boxes):
        for given in box.step.inputs:
            source = _shown(given.step, blocks) if given.step is not None else None
            if source is not None and index[source] not in (i, i - 1):
                hops.add((index[source], i))
    parts: list[str] = []
    ends: list[int] = []  # where the last edge in each lane ends
    for first, last in sorted(hops, key=lambda hop: (min(hop), abs(hop[0] - hop[1]))):
        low, high = min(first, last), max(first, last)
        lane = next((k for k, end in enumerate(ends) if end <= low), len(ends))
        ends[lane : lane + 1] = [high]
        parts.append(_around(boxes[first], boxes[last], lane))
    return parts, len(ends)


def _shown(number: int, blocks: list[Block]) -> int:
    """The step of the first copy that stands for a step."""
    for block in blocks:
        first, count = block.steps[0].number, len(block.steps)
        if first <= number < first + count * block.times:
            return first + (number - first) % count
    return number


# ---- how it is drawn ----------------------------------------------------------------------


def _around(source: _Box, target: _Box, lane: int) -> str:
    right = LEFT + BOX
    out = right + 16 + LANE * lane
    y1, y2 = source.middle + 6, target.middle - 6
    bend = 8 if y2 > y1 else -8
    way = (
        f"M{right} {y1:g}H{out - 8}Q{out} {y1:g} {out} {y1 + bend:g}"
        f"V{y2 - bend:g}Q{out} {y2:g} {out - 8} {y2:g}H{right + 2}"
    )
    return f'<path class="edge" marker-end="url(#lucid-tip)" d="{way}"/>'


def _from_above(above: _Box, box: _Box) -> list[str]:
    """The arrow from the step before, where that is an input, with what passes along it."""
    x, top = LEFT + BOX / 2, above.top + above.height
    if not any(given.step == above.step.number for given in box.step.inputs):
        follows = above.block is not box.block or above.step.number + 1 == box.step.number
        copies = above.block.times > 1 and above.block is not box.block
        if not (follows and copies):
            return []
    label = wording.result(above.step)
    return [
        f'<path class="edge" marker-end="url(#lucid-tip)" d="M{x:g} {top:g}V{box.top - 2:g}"/>',
        _text(x + 10, box.top - 12, label, "soft"),
    ]


def _entering(box: _Box) -> list[str]:
    """What the user gave: parameters and data, on the left."""
    given = [each for each in box.step.inputs if each.kind in ("leaf", "data")]
    start = box.middle - (CHIP + 4) * len(given) / 2 + 2
    parts = []
    for i, each in enumerate(given):
        y = start + (CHIP + 4) * i
        parts.append(
            f'<path class="edge" d="M{LEFT - 20} {y + CHIP / 2:g}H{LEFT}"/>'
            f'<rect class="{each.kind}" x="14" y="{y:g}" width="{LEFT - 34}" height="{CHIP}" '
            f'rx="{CHIP / 2:g}"/>' + _chip_text(each, box, y + CHIP / 2 + 4)
        )
    return parts


def _chip_text(given: Given, box: _Box, y: float) -> str:
    name = wording.short_name(given, box.step, box.block.names)
    shape = f"[{', '.join(map(str, given.shape or ()))}]"
    room = 27 - len(shape)
    if len(name) > room:
        name = f"…{name[-room + 1 :]}" if room > 1 else ""
    tip = f"<title>{escape(f'{given.role} = {given.name or name} {given.dtype}{shape}')}</title>"
    return (
        f'<text x="24" y="{y:g}">{tip}{escape(name)}'
        f'<tspan class="soft" dx="5">{escape(shape)}</tspan></text>'
    )


def _box(box: _Box) -> list[str]:
    step = box.step
    called = f"{step.prim.name}({', '.join(wording.arguments(step, {}))})"
    accent = "#3b78c9" if any(given.kind == "leaf" for given in step.inputs) else "#7b8794"
    parts = [
        f'<g><title>{escape(called)}</title><rect class="box" x="{LEFT}" '
        f'y="{box.top:g}" width="{BOX}" height="{box.height:g}" rx="6"/>'
        f'<rect x="{LEFT}" y="{box.top + 6:g}" width="3" height="{box.height - 12:g}" '
        f'rx="1.5" fill="{accent}"/>'
    ]
    spare = (box.height - (2 * PAD + LINE * len(box.lines) - 3)) / 2
    for i, (kind, said) in enumerate(box.lines):
        parts.append(_text(LEFT + 16, box.top + spare + PAD + 11 + LINE * i, said, kind))
    place = wording.place(step)
    if step.path in box.block.names:
        place = place.replace(step.path, box.block.names[step.path], 1)
    right = f"{place} · #{step.number}" if place else f"#{step.number}"
    at = f'x="{LEFT + BOX - 12}" y="{box.top + spare + PAD + 11:g}"'
    parts.append(f'<text class="soft" {at} text-anchor="end">{escape(_cut(right, 52))}</text></g>')
    return parts


def _frame(block: Block, boxes: list[_Box], width: float) -> str:
    """The frame around what repeats, with its number."""
    inner = [box for box in boxes if box.block is block]
    top, bottom = inner[0].top - 34, inner[-1].top + inner[-1].height + 12
    label = f"× {block.times}" + (f" · {block.span}" if block.span else "")
    wide = 7.2 * len(label) + 22
    return (
        f'<rect class="fold" x="6" y="{top:g}" width="{width - 12:g}" '
        f'height="{bottom - top:g}" rx="10"/>'
        f'<rect class="badge" x="16" y="{top - 10:g}" width="{wide:g}" height="22" rx="11"/>'
        f'<text x="27" y="{top + 5:g}" style="fill:#fff;font-weight:600">{escape(label)}</text>'
    )


def _text(x: float, y: float, text: str, kind: str) -> str:
    name = f' class="{kind}"' if kind else ""
    return f'<text{name} x="{x:g}" y="{y:g}" xml:space="preserve">{escape(text)}</text>'
