"""The results as a table for people and as JSON for later comparison."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import machine, turns
from .measure import Result

README = turns.ROOT / "README.md"
BEGIN, END = "<!-- speed table: begin -->", "<!-- speed table: end -->"
NAMES = {"torch": "PyTorch", "jax": "jax.jit", "numpy": "a copy"}
HEADINGS = ("", "Lucid", "other", "", "ratio", "hold", "stretch", "verdict")
WIDTHS = (56, 9, 9, 8, 6, 5, 7, 7)


def heading() -> str:
    """The machine, the versions, and a warning if the machine is busy."""
    facts = machine.description()
    lines = [", ".join(f"{name} {value}" for name, value in facts.items())]
    load = machine.load_average()
    if load is not None and load > machine.BUSY:
        lines.append(
            f"WARNING: the machine is busy (load average {load:.1f}); spinning threads may slow"
            " any side a hundredfold, so do not trust these figures."
        )
    lines.append("Ratio: Lucid over other, lower is better; for bytes per second, higher is.")
    return "\n".join([*lines, "", _columns(HEADINGS)])


def line(result: Result) -> str:
    """One row of the table."""
    row = result.row
    if result.problem:
        return f"{row.title:<{WIDTHS[0]}}  FAILED: {result.problem}"
    return _columns((*_figures(result), f"{row.hold:.2f}", f"{row.stretch:.2f}", result.verdict))


def _figures(result: Result) -> tuple[str, ...]:
    """What was measured, both sides and their ratio, as text."""
    row = result.row
    in_bytes = row.measure in ("size", "memory", "memory_of_step")
    show = show_bytes if in_bytes else show_seconds
    ratio = "-" if result.ratio is None else f"{result.ratio:.3f}"
    return row.title, show(result.ours), show(result.theirs), NAMES[row.against], ratio


def _columns(cells: Sequence[str]) -> str:
    first, *rest = zip(cells, WIDTHS, strict=True)
    text = [f"{first[0]:<{first[1]}}", *(f"{cell:>{width}}" for cell, width in rest)]
    return "  ".join(text).rstrip()


def show_seconds(seconds: float | None) -> str:
    """A duration in the unit that suits it.

    >>> show_seconds(4.2e-06), show_seconds(0.0123), show_seconds(2.5)
    ('4.20 us', '12.3 ms', '2.50 s')
    """
    if seconds is None:
        return "-"
    for unit, scale in (("us", 1e6), ("ms", 1e3)):
        if seconds * scale < 1000:
            return f"{_three_digits(seconds * scale)} {unit}"
    return f"{_three_digits(seconds)} s"


def _three_digits(value: float) -> str:
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}"


def show_bytes(count: float | None) -> str:
    """A size in megabytes.

    >>> show_bytes(72_400_000)
    '72.4 MB'
    """
    return "-" if count is None else f"{count / 1e6:.1f} MB"


def summary(results: list[Result]) -> str:
    """How many rows met their targets."""
    counts = dict.fromkeys(("stretch", "hold", "MISSED", "FAILED"), 0)
    for result in results:
        if result.verdict:
            counts[result.verdict] += 1
    return ", ".join(f"{count} {word}" for word, count in counts.items())


def as_json(results: list[Result]) -> dict[str, Any]:
    """Everything measured, with the slices behind each median."""
    return {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine.description(),
        "rows": [
            {
                "name": result.row.name,
                "title": result.row.title,
                "against": result.row.against,
                "ours": result.ours,
                "theirs": result.theirs,
                "ratio": result.ratio,
                "hold": result.row.hold,
                "stretch": result.row.stretch,
                "verdict": result.verdict,
                "problem": result.problem,
                "slices": result.slices,
            }
            for result in results
        ],
    }


def write(results: list[Result], path: Path) -> None:
    """Write the results as JSON, making the folder where needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(as_json(results), indent=1) + "\n", encoding="utf-8")


def markdown(results: list[Result]) -> str:
    """The measured rows as a table for README, under a line that says where they come from."""
    facts = machine.description()
    where = ", ".join(f"{name} {value}" for name, value in facts.items() if name != "system")
    lines = [
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: {where}. Lower ratios are better, except for",
        "bytes per second.",
        "",
        "| | Lucid | other | | ratio |",
        "|---|--:|--:|---|--:|",
        *(f"| {' | '.join(_figures(r))} |" for r in results if r.ratio is not None),
    ]
    return "\n".join(lines)


def write_into_readme(results: list[Result], path: Path = README) -> None:
    """Put the table between the two marks in README."""
    before, rest = path.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    text = f"{before}{BEGIN}\n{markdown(results)}\n{END}{after}"
    path.write_text(text, encoding="utf-8")
