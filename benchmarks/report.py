"""The results as a table for people and as JSON for later comparison."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import machine
from .measure import Result

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
    in_bytes = row.measure in ("size", "memory", "memory_over_import")
    show = show_bytes if in_bytes else show_seconds
    ratio = "-" if result.ratio is None else f"{result.ratio:.3f}"
    return _columns(
        (
            row.title,
            show(result.ours),
            show(result.theirs),
            NAMES[row.against],
            ratio,
            f"{row.hold:.2f}",
            f"{row.stretch:.2f}",
            result.verdict,
        )
    )


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
