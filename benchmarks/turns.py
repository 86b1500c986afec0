"""Timing in turns: A B A B ..., each framework in a process of its own.

Only one worker runs at a time; the others are stopped, so that the spinning threads of an
idle framework take no core from the one being timed. Short slices in turn see the same
weather: what the machine does besides falls on all alike.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
REST = 0.1  # seconds for idle threads to fall asleep, where a process cannot be stopped
CAN_STOP = hasattr(signal, "SIGSTOP")


class Effort(NamedTuple):
    """How long to measure."""

    slice_seconds: float
    slices: int
    warm_seconds: float


FULL = Effort(slice_seconds=0.12, slices=15, warm_seconds=0.3)
SMOKE = Effort(slice_seconds=0.005, slices=3, warm_seconds=0.02)


class WorkerError(Exception):
    """A worker could not do what it was told."""


def clean_environment() -> dict[str, str]:
    """The environment without what would hold a framework back.

    That is fewer threads, the instructions of another processor, or Lucid's source compiled at
    every start where that of an installed package has been compiled once.
    """
    held = ("OMP_", "MKL_", "OPENBLAS_", "NUMBA_NUM_", "LUCID_", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(held)}


class Worker:
    """A framework in a process of its own, stopped unless it has an order."""

    def __init__(self, framework: str) -> None:
        self.framework = framework
        self._complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by `close`
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.{framework}_worker"],
            cwd=ROOT,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
        )

    def order(self, do: str, **details: Any) -> dict[str, Any]:
        """Let the worker do one thing and wait for its answer.

        Raises
        ------
        WorkerError
            If the workload fails, or the process ends.
        """
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        self._signal("SIGCONT")
        try:
            print(json.dumps({"do": do, **details}), file=process.stdin, flush=True)
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        self._signal("SIGSTOP")
        if not line:
            process.wait()
            self._complaints.seek(0)
            raise WorkerError(f"{self.framework}'s process ended: {last_line(self._complaints)}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise WorkerError(f"{self.framework}: {answer['error']}")
        return answer

    def _signal(self, name: str) -> None:
        if self._process.poll() is not None:
            return
        if CAN_STOP:
            self._process.send_signal(getattr(signal, name))
        elif name == "SIGSTOP":
            time.sleep(REST)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._complaints.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def last_line(lines: Iterable[str]) -> str:
    """The last line that says something: of a traceback, the error."""
    return next((line.strip() for line in reversed(list(lines)) if line.strip()), "no reason given")


class Contest(NamedTuple):
    """Seconds of one call, slice by slice, by contestant."""

    ours: list[float]
    theirs: list[float]

    @property
    def ratio(self) -> float:
        """Our median over theirs."""
        return median(self.ours) / median(self.theirs)


def take_turns(
    ours: tuple[Worker, str],
    theirs: tuple[Worker, str] | None,
    args: Any,
    effort: Effort,
    clock: str,
) -> Contest:
    """Time a workload of two workers in turns.

    Parameters
    ----------
    ours, theirs : (Worker, workload)
        Without `theirs` the first is timed alone.
    args : dict
        Arguments of the workload.
    effort : Effort
    clock : {"wall", "cpu"}

    Raises
    ------
    WorkerError
        If a worker fails, or the two come to different values: then they do not do the same
        work, and a ratio would mean nothing.
    """
    sides = [side for side in (ours, theirs) if side is not None]
    loaded = [
        worker.order("load", workload=workload, args=args, warm=effort.warm_seconds)
        for worker, workload in sides
    ]
    values = [answer["value"] for answer in loaded if answer["value"] is not None]
    if len(values) == 2 and not agree(*values):
        raise WorkerError(f"the two compute different values: {values[0]} and {values[1]}")
    calls = [max(1, round(effort.slice_seconds / answer["seconds"])) for answer in loaded]
    times: list[list[float]] = [[], []]
    for _ in range(effort.slices):
        for i, (worker, _) in enumerate(sides):
            times[i].append(worker.order("run", calls=calls[i])[clock])
    return Contest(*times)


def agree(a: float, b: float) -> bool:
    """Whether two float32 results of the same work are close enough to be the same."""
    return abs(a - b) <= 1e-3 * max(abs(a), abs(b)) + 1e-5
