"""Profiles as text: tables of ops, kernels and modules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..training.table import columns
from .totals import Row, total

NAMED = 3  # kernels or ops that a cell names at most

_HEADS = {
    "op": ["op", "pass", "calls", "time", "share", "mean", "bytes", "kernels"],
    "kernel": ["kernel", "kind", "calls", "time", "share", "mean", "ops"],
    "module": ["module", "kind", "calls", "time", "share", "forward", "backward", "bytes"],
}
_SUMMED = {
    "op": "calls time share bytes",
    "kernel": "calls time share",
    "module": "time share bytes",
}


def table(by: str, rows: Sequence[Row], limit: int | None) -> list[str]:
    """The lines of one table; none if there are no rows.

    Parameters
    ----------
    by : {"op", "kernel", "module"}
    rows : sequence of dict
        As `totals` makes them.
    limit : int or None
        How many of them are shown; the last line is the total of all.

    Examples
    --------
    >>> row = {"kernel": "relu_rows", "kind": "Numba", "calls": 2, "time": 3e-6, "share": 0.25}
    >>> print(*table("kernel", [{**row, "mean": 1.5e-6, "ops": {"dense": 3e-6}}], None), sep="\\n")
    kernel     kind   calls     time  share     mean  ops
    -------------------------------------------------------
    relu_rows  Numba      2  3.00 us  25.0%  1.50 us  dense
    -------------------------------------------------------
    total                 2  3.00 us  25.0%
    """
    if not rows:
        return []
    heads = [head for head in _HEADS[by] if rows[0][head] is not None]
    shown = rows[:limit]
    summed = _SUMMED[by].split()
    last = {head: total(rows, head) if head in summed else None for head in heads}
    cells = [[_cell(head, row[head]) for head in heads] for row in (*shown, last)]
    cells[-1][0] = "total"
    lines = _aligned([heads, *cells])
    rule = "-" * max(map(len, lines))
    rest = len(rows) - len(shown)
    more = [f"and {rest} more"] if rest else []
    return [lines[0], rule, *lines[1:-1], *more, rule, lines[-1]]


def _aligned(cells: list[list[str]]) -> list[str]:
    """Lines of cells; the names in front and behind flush left."""
    if cells[0][-1] not in ("kernels", "ops"):
        return columns(cells, left=2)
    numbers = columns([row[:-1] for row in cells], left=2)
    width = max(map(len, numbers))
    return [
        f"{line.ljust(width)}  {row[-1]}".rstrip() for line, row in zip(numbers, cells, strict=True)
    ]


def _cell(head: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        names = list(value)
        return ", ".join(names[:NAMED]) + (", ..." if len(names) > NAMED else "")
    if head == "module":
        return value or "(outside)"
    if head == "share":
        return f"{value:.1%}"
    if head == "bytes":
        return size(value)
    if head == "calls":
        return f"{value:,}" if value else ""
    return span(value) if isinstance(value, float) else str(value)


def explanation(wall: float, explained: float) -> str:
    """How much of the time the ops explain; seconds.

    Examples
    --------
    >>> print(explanation(0.01, 0.009))
    wall time 10.0 ms: ops and optimizer steps explain 90.0% of it, Python between them is the rest
    """
    return (
        f"wall time {span(wall)}: ops and optimizer steps explain {explained / wall:.1%} of it, "
        "Python between them is the rest"
    )


def span(seconds: float) -> str:
    """A short time in three digits.

    Examples
    --------
    >>> span(0.0), span(9.876e-7), span(0.012345), span(0.9999), span(75.0)
    ('0 s', '988 ns', '12.3 ms', '1.00 s', '75.0 s')
    """
    for unit, scale in (("ns", 1e9), ("us", 1e6), ("ms", 1e3)):
        value = seconds * scale
        if 0 < value < 999.5:
            return f"{value:.{_digits(value)}f} {unit}"
    return f"{seconds:.{_digits(seconds)}f} s" if seconds else "0 s"


def _digits(value: float) -> int:
    """How many of three digits stand behind the point."""
    return 2 if value < 9.995 else 1 if value < 99.95 else 0


def size(count: int) -> str:
    """A number of bytes in few characters.

    Examples
    --------
    >>> size(0), size(512), size(5 * 2**20), size(3 * 2**40)
    ('0 B', '512 B', '5.0 MiB', '3.0 TiB')
    """
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"
