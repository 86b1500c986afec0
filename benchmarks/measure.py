"""From a row to its result: which measurement each kind of row asks for."""

from __future__ import annotations

import importlib.util
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from . import processes, turns
from .rows import SMALL_STEP, Row
from .turns import Contest, Effort, Worker, WorkerError

MEMORY_CALLS = 100  # enough for kernels to be loaded by the small calls already


@dataclass
class Result:
    """What a row came to: seconds or bytes, ours and theirs."""

    row: Row
    ours: float | None = None
    theirs: float | None = None
    problem: str = ""
    slices: list[list[float]] = field(default_factory=list)

    @property
    def ratio(self) -> float | None:
        """The figure that is compared with the targets."""
        if self.ours is None or self.theirs is None:
            return None
        return self.theirs / self.ours if self.row.share else self.ours / self.theirs

    @property
    def verdict(self) -> str:
        """How the ratio stands to the targets, or why there is none."""
        if self.problem:
            return "FAILED"
        return "" if self.ratio is None else self.row.verdict(self.ratio)


class Measurer:
    """Measures rows, keeping the workers between them."""

    def __init__(self, effort: Effort) -> None:
        self._effort = effort
        self._workers: dict[str, Worker] = {}
        self._memory: dict[str, dict[str, Any]] = {}
        self._open = ExitStack()

    def __enter__(self) -> Measurer:
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def measure(self, row: Row) -> Result:
        """Measure a row; what goes wrong is told in the result, so that the next can follow."""
        result = Result(row)
        try:
            if row.measure == "process":
                self._keep(result, self._process(row))
            elif row.measure == "size":
                self._size(result)
            elif row.measure in ("memory", "memory_of_step"):
                self._peak(result)
            else:
                self._keep(result, self._timed(row))
        except (WorkerError, OSError) as error:
            result.problem = str(error)
            self._forget_dead()
        return result

    @staticmethod
    def _keep(result: Result, contest: Contest) -> None:
        result.slices = [contest.ours, contest.theirs]
        result.ours = median(contest.ours)
        result.theirs = median(contest.theirs) if contest.theirs else None

    def _timed(self, row: Row) -> Contest:
        theirs = None
        if installed(row.against):
            theirs = (self._worker(row.against), row.their_workload or row.workload)
        ours = (self._worker("lucid"), row.workload)
        return turns.take_turns(ours, theirs, row.args, self._effort, row.measure)

    def _process(self, row: Row) -> Contest:
        libraries = ["lucid"] + [row.against] * installed(row.against)
        return processes.start_times(row.workload, libraries, self._effort.slices)

    def _size(self, result: Result) -> None:
        result.ours = processes.lucid_bytes(result.row.workload)
        if installed(result.row.against):
            result.theirs = processes.installed_bytes([result.row.against])

    def _peak(self, result: Result) -> None:
        """Each framework in a fresh process; both memory rows read the same run."""
        row = result.row
        figures = []
        for framework in ["lucid"] + [row.against] * installed(row.against):
            if framework not in self._memory:
                order = {
                    "workload": row.workload,
                    "args": row.args,
                    "small": SMALL_STEP,
                    "calls": MEMORY_CALLS,
                }
                with Worker(framework) as warming:  # leaves compiled kernels in the disk cache
                    warming.order("memory", **order)
                with Worker(framework) as worker:
                    self._memory[framework] = worker.order("memory", **order)
            seen = self._memory[framework]
            whole = row.measure == "memory"
            figures.append(seen["peak"] if whole else seen["peak"] - seen["before"])
        result.ours, result.theirs = [*figures, None][:2]

    def _worker(self, framework: str) -> Worker:
        if framework not in self._workers:
            self._workers[framework] = self._open.enter_context(Worker(framework))
        return self._workers[framework]

    def _forget_dead(self) -> None:
        """Start over with fresh workers: one of them may have ended."""
        self._open.close()
        self._workers.clear()


def installed(framework: str) -> bool:
    """Whether there is anybody to compare with."""
    return importlib.util.find_spec(framework) is not None
