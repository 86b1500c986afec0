"""Sums over what ran: by op, by kernel, by module."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import ArgumentError, compose
from .log import KERNEL, MODULE, STEP
from .spans import BACKWARD, FORWARD, Span, walk

BLAS = "BLAS"  # what the products of matrices stand under among the kernels
SECOND = 1e9  # nanoseconds

Row = dict[str, Any]


def by_op(spans: Iterable[Span], wall: int, memory: bool) -> list[Row]:
    """One row for each op and pass, and for each optimizer.

    Parameters
    ----------
    spans : iterable of Span
        The outermost ones.
    wall : int
        Nanoseconds that the profile took.
    memory : bool
        Whether bytes were written down.
    """
    rows: dict[tuple[str, str], Row] = {}
    for span in walk(spans):
        if span.is_op:
            key = span.entry.name, span.phase
            row = rows.get(key) or rows.setdefault(key, _row(op=key[0], phase=key[1]))
            _add(row, span.own, span.duration)
            row["total"] += span.duration
            row["bytes"] += span.entry.nbytes
            _spend(row["kernels"], BLAS, span.products)
        elif span.kind == KERNEL and span.op is not None:
            row = rows[span.op.entry.name, span.op.phase]
            _spend(row["kernels"], span.entry.name, span.duration)
    return [
        {
            "op": row["op"],
            "pass": row["phase"],
            **_spent(row, wall),
            "total": row["total"] / SECOND,
            "bytes": row["bytes"] if memory else None,
            "kernels": _in_seconds(row["kernels"]),
        }
        for row in rows.values()
    ]


def by_kernel(spans: Iterable[Span], wall: int) -> list[Row]:
    """One row for each kernel, and one for all products of matrices."""
    rows: dict[str, Row] = {}
    for span in walk(spans):
        if span.kind == KERNEL:
            name, kind, time = span.entry.name, "Numba", span.duration
            user = "" if span.op is None else span.op.entry.name
        elif span.products:
            name, kind, time, user = BLAS, "NumPy", span.products, span.entry.name
        else:
            continue
        row = rows.get(name) or rows.setdefault(name, _row(kernel=name, kind=kind))
        _add(row, time, time)
        if user:
            _spend(row["ops"], user, time)
    return [
        {
            "kernel": row["kernel"],
            "kind": row["kind"],
            **_spent(row, wall),
            "ops": _in_seconds(row["ops"]),
        }
        for row in rows.values()
    ]


def by_module(spans: Iterable[Span], wall: int, memory: bool) -> list[Row]:
    """One row for each path of modules; the empty path stands for what ran outside of all."""
    rows: dict[str, Row] = {}
    for span in walk(spans):
        if span.kind in (KERNEL, STEP):
            continue
        row = rows.get(span.path) or rows.setdefault(span.path, _row(path=span.path, kind=""))
        if span.kind == MODULE:
            _call(row, span)
            continue
        row["bytes"] += span.entry.nbytes
        if span.phase == BACKWARD:
            row["own_backward"] += span.own
        elif not span.path:
            row["time"] += span.own
            row["forward"] += span.own
    for path, row in rows.items():
        row["time"] += row["own_backward"]
        beneath = [path, *(name for name in rows if path and name.startswith(f"{path}."))]
        row["backward"] = sum(rows[name]["own_backward"] for name in beneath)
    return [
        {
            "module": row["path"],
            "kind": row["kind"],
            "calls": row["calls"],
            "time": row["time"] / SECOND,
            "share": row["time"] / wall,
            "total": (row["forward"] + row["backward"]) / SECOND,
            "forward": row["forward"] / SECOND,
            "backward": row["backward"] / SECOND,
            "bytes": row["bytes"] if memory else None,
        }
        for row in rows.values()
    ]


def _call(row: Row, span: Span) -> None:
    """Add a call of a module; one within its own call takes no time beside that."""
    row["kind"] = span.entry.name
    row["calls"] += 1
    if span.phase != FORWARD:  # run anew by a rule, whose ops stand under the backward pass
        return
    row["time"] += span.own
    around = span.module
    while around is not None and around.path != span.path:
        around = around.module
    if around is None:
        row["forward"] += span.duration


def explained(spans: Iterable[Span]) -> int:
    """Nanoseconds within ops, rules and steps."""
    return sum(span.own for span in walk(spans) if span.is_op)


def passes(spans: Iterable[Span]) -> dict[str, float]:
    """Seconds of the ops of each pass."""
    seconds: dict[str, float] = {}
    for span in walk(spans):
        if span.is_op:
            seconds[span.phase] = seconds.get(span.phase, 0.0) + span.own / SECOND
    return seconds


def sort(rows: list[Row], key: str, where: str) -> list[Row]:
    """Rows in the order of one column: names from a to z, numbers from the largest down.

    Raises
    ------
    ArgumentError
        If there is no such column, or it was not recorded.

    Examples
    --------
    >>> sort([{"op": "exp", "time": 1.0}, {"op": "log", "time": 2.0}], "time", "table")
    [{'op': 'log', 'time': 2.0}, {'op': 'exp', 'time': 1.0}]
    """
    if not rows:
        return rows
    known = [name for name, value in rows[0].items() if not isinstance(value, dict)]
    if key not in known:
        problem = f"there is no column {key!r} to sort by"
        raise ArgumentError(compose(where, problem, {"sort": key}, f"one of {known}"))
    if rows[0][key] is None:
        problem = f"{key} were not recorded, so nothing can be sorted by them"
        raise ArgumentError(compose(where, problem, {"sort": key}, "lucid.profile(memory=True)"))
    return sorted(rows, key=lambda row: row[key], reverse=not isinstance(rows[0][key], str))


def total(rows: Sequence[Row], column: str) -> Any:
    """The sum of one column; None if it was not recorded."""
    values = [row[column] for row in rows]
    return None if None in values else sum(values)


def _row(**names: Any) -> Row:
    counts = dict.fromkeys(
        ("calls", "time", "longest", "total", "bytes", "forward", "own_backward"), 0
    )
    return {**names, **counts, "kernels": {}, "ops": {}}


def _add(row: Row, time: int, longest: int) -> None:
    row["calls"] += 1
    row["time"] += time
    row["longest"] = max(row["longest"], longest)


def _spend(times: dict[str, int], name: str, time: int) -> None:
    if time:
        times[name] = times.get(name, 0) + time


def _spent(row: Row, wall: int) -> Row:
    """The columns on time."""
    return {
        "calls": row["calls"],
        "time": row["time"] / SECOND,
        "share": row["time"] / wall,
        "mean": row["time"] / row["calls"] / SECOND,
        "longest": row["longest"] / SECOND,
    }


def _in_seconds(times: dict[str, int]) -> dict[str, float]:
    """Times by name, the longest first."""
    return {name: time / SECOND for name, time in sorted(times.items(), key=lambda e: -e[1])}
