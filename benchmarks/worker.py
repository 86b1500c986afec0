"""A worker: one framework in a process of its own, told over pipes what to run.

Orders and answers are lines of JSON. An order names what to do:

``load`` (workload, args, warm)
    Prepare and warm up for so many seconds; answers the seconds of one call and a value to
    compare.
``run`` (calls)
    Answers the wall seconds and the CPU seconds, of all threads, of one call.
``memory`` (workload, args, small, calls)
    Answers the bytes held when all code is loaded, after calls with the ``small`` arguments,
    and at the peak of the calls with ``args``.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from . import machine
from .eager import UNRECORDED

SAME_STEPS = 5  # after as many calls every framework must have come to the same value
WARM_CALLS = 8


class _Loaded:
    """The workload at hand, and what it runs under."""

    def __init__(self, step: Callable[[], Any], around: Callable[[], Any]) -> None:
        self.step = step
        self.around = around

    def run(self, calls: int) -> dict[str, float]:
        """Time `calls` calls; the answer is the time of one."""
        step, turns = self.step, range(calls)
        with self.around():
            wall, cpu = time.perf_counter(), time.process_time()
            for _ in turns:
                step()
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        return {"wall": wall / calls, "cpu": cpu / calls}

    def first_value(self) -> float | None:
        """One number of the result after a few calls, to see that all do the same work."""
        with self.around():
            for _ in range(SAME_STEPS):
                value = self.step()
        if value is None:
            return None
        while getattr(value, "ndim", 0):
            value = value[0]
        return float(value.item())

    def warm_up(self, at_least: float) -> float:
        """Run until caches are warm and lazy work is done; returns the seconds of one call."""
        calls, spent = 1, 0.0
        while spent < at_least or calls < WARM_CALLS:
            spent += self.run(calls)["wall"] * calls
            calls *= 2
        single = self.run(1)["wall"]
        return self.run(max(1, int(0.02 / single)))["wall"]


def serve(
    workloads: dict[str, Callable[..., Callable[[], Any]]],
    no_grad: Callable[[], Any] = contextlib.nullcontext,
) -> None:
    """Obey orders until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a framework prints must not mix with the answers
    loaded: _Loaded | None = None

    def load(workload: str, args: dict[str, Any]) -> _Loaded:
        around = no_grad if workload in UNRECORDED else contextlib.nullcontext
        return _Loaded(workloads[workload](**args), around)

    for line in sys.stdin:
        order = json.loads(line)
        answer: dict[str, Any] = {}
        try:
            if order["do"] == "load":
                loaded = None  # let go of the last one's memory first
                loaded = load(order["workload"], order["args"])
                answer = {"value": loaded.first_value(), "seconds": loaded.warm_up(order["warm"])}
            elif order["do"] == "run" and loaded is not None:
                answer = loaded.run(order["calls"])
            elif order["do"] == "memory":
                load(order["workload"], order["small"]).run(order["calls"])
                before = machine.resident_memory()
                machine.forget_peak()
                load(order["workload"], order["args"]).run(order["calls"])
                answer = {"before": before, "peak": machine.peak_memory()}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)
