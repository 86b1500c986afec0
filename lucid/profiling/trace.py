"""Profiles as a file in the Trace Event format, which browsers draw on a time line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any

from ..errors import ArgumentError, compose
from .log import KERNEL, MODULE, STEP
from .spans import Span, walk

_PROCESS = {"pid": 1, "tid": 1}  # one of each: the thread that entered the profile


def write(spans: Iterable[Span], began: int, path: str | os.PathLike[str]) -> None:
    """Write spans to a file, which appears complete or not at all.

    Parameters
    ----------
    spans : iterable of Span
        The outermost ones.
    began : int
        When the profile began, in nanoseconds.
    path : str or path

    Raises
    ------
    ArgumentError
        If the folder does not exist, or `path` is one.
    """
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    if not os.path.isdir(folder):
        problem = f"the folder {folder!r} does not exist"
        fix = f"os.makedirs({folder!r}) first, or another path"
        raise ArgumentError(compose("profile.export", problem, {"path": os.fspath(path)}, fix))
    if os.path.isdir(target):
        problem = "the path is that of a folder, not of a file"
        fix = f"p.export({os.path.join(os.fspath(path), 'trace.json')!r})"
        raise ArgumentError(compose("profile.export", problem, {"path": os.fspath(path)}, fix))
    content = json.dumps(events(spans, began), allow_nan=False)
    temporary = f"{target}.{os.urandom(6).hex()}.tmp"  # same folder: replacing it is atomic
    try:
        with open(temporary, "x", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


def events(spans: Iterable[Span], began: int) -> dict[str, Any]:
    """What stands in such a file.

    Examples
    --------
    >>> from lucid.profiling.spans import tree
    >>> from lucid.profiling.log import MODULE
    >>> spans = tree([(MODULE, "Net", 3000, 5500, "Net", (1, 2), 0, None)])
    >>> events(spans, 1000)["traceEvents"][-1]["ts"]
    2.0
    """
    names = [("process_name", "lucid"), ("thread_name", "the thread that was profiled")]
    listed: list[dict[str, Any]] = [
        {"name": kind, "ph": "M", **_PROCESS, "args": {"name": name}} for kind, name in names
    ]
    listed += (_event(span, began) for span in walk(spans))
    return {"traceEvents": listed, "displayTimeUnit": "ms"}


def _event(span: Span, began: int) -> dict[str, Any]:
    """One complete event; times in microseconds."""
    entry = span.entry
    return {
        "name": span.path or entry.name if entry.kind == MODULE else entry.name,
        "cat": {MODULE: "module", KERNEL: "kernel"}.get(entry.kind, span.phase),
        "ph": "X",
        "ts": (entry.start - began) / 1000,
        "dur": span.duration / 1000,
        **_PROCESS,
        "args": dict(_details(span)),
    }


def _details(span: Span) -> Iterator[tuple[str, Any]]:
    """What is shown of an event that is clicked on."""
    entry = span.entry
    if entry.kind == MODULE:
        yield "class", entry.name
        return
    yield "module", span.path
    if entry.kind in (KERNEL, STEP) or span.arrays is None:
        return
    yield "shapes", [None if array is None else list(array[0]) for array in span.arrays]
    yield "dtypes", [None if array is None else str(array[1]) for array in span.arrays]
