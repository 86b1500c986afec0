"""Numbers in columns: how histories, progress and summaries are laid out as text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any


def spell(value: Any) -> str:
    """A value in few characters: four significant digits for a float.

    Examples
    --------
    >>> spell(0.123456), spell(12345678.0), spell(3), spell(None)
    ('0.1235', '1.235e+07', '3', '')
    """
    if value is None:
        return ""
    if not isinstance(value, float):
        return (
            f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
        )
    if not math.isfinite(value):
        return str(value)
    return f"{value:.4g}" if value == 0 or not 1e-4 <= abs(value) < 1e5 else f"{value:#.4g}"


def duration(seconds: float) -> str:
    """A time span in few characters.

    Examples
    --------
    >>> duration(0.1234), duration(12.3), duration(75), duration(7384)
    ('0.12 s', '12.3 s', '1:15', '2:03:04')
    """
    if seconds < 59.95:
        return f"{seconds:.2f} s" if seconds < 9.995 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def columns(rows: Sequence[Sequence[str]], left: int = 0, gap: str = "  ") -> list[str]:
    """Lines of equal width; the first `left` columns flush left, the others right.

    Examples
    --------
    >>> print(*columns([["name", "size"], ["a", "10"]], left=1), sep="\\n")
    name  size
    a       10
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        gap.join(
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
