"""``python -m benchmarks.networks``: whole networks against PyTorch, time and memory.

A step of training at batch 8 and 64, and the answer to one input: the ratio of our time to
PyTorch's, lower is better, beside our time; and of training, the ratio of the memory that it
takes at its peak beyond what the loaded library holds.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

from . import machine, report
from .measure import installed
from .network_models import NETWORKS
from .turns import Effort, Worker, WorkerError, take_turns

FULL = Effort(slice_seconds=0.3, slices=9, warm_seconds=0.5)
SMOKE = Effort(slice_seconds=0.001, slices=1, warm_seconds=0.001)
BATCHES = (8, 64)
MEMORY_CALLS = 5
MEMORY_HOLD = 1.0

Pair = list[float]  # ours and theirs


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table as it grows, and say what is not held."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.networks", description=__doc__)
    parser.add_argument(
        "--smoke", action="store_true", help="small networks: only shows that it runs"
    )
    parser.add_argument("--only", metavar="NAME", help="networks whose name contains NAME")
    parser.add_argument("--json", metavar="FILE", type=Path, help="also write the results here")
    options = parser.parse_args(arguments)
    names = [name for name in NETWORKS if not options.only or options.only in name]
    if not names:
        parser.error(f"no network is named like {options.only!r}: {', '.join(NETWORKS)}")
    if not installed("torch"):
        print("PyTorch is not installed: there is nobody to compare with")
        return 0
    facts = ", ".join(f"{name} {value}" for name, value in machine.description().items())
    print(f"{facts}\nLucid / PyTorch: ratio (ours)\n", flush=True)
    results: dict[str, dict[str, Pair]] = {}
    for name in names:
        print(NETWORKS[name].title, flush=True)
        results[name] = measure(name, small=options.smoke)
    if not options.smoke:
        print("\n".join(missed(results)))
    if options.json:
        written = {"machine": machine.description(), "networks": results}
        options.json.write_text(json.dumps(written, indent=1) + "\n")
    return 0


def measure(name: str, small: bool) -> dict[str, Pair]:
    """Time and memory of one network; prints each line as it is known."""
    line: dict[str, Pair] = {}
    with Worker("lucid") as ours, Worker("torch") as theirs:
        for what, workload, args in _timed(name, small):
            sides = [(worker, workload) for worker in (ours, theirs)]
            try:
                contest = take_turns(*sides, args, SMOKE if small else FULL, "wall")
            except WorkerError as error:
                raise WorkerError(f"{name}, {what}: {error}") from error
            line[what] = [median(contest.ours), median(contest.theirs)]
            print(_shown(what, line[what], report.show_seconds(line[what][0])), flush=True)
    for batch in BATCHES:
        what = f"memory, batch {batch}"
        line[what] = [_memory(library, name, batch, small) for library in ("lucid", "torch")]
        print(_shown(what, line[what], f"{line[what][0] / 1e6:.1f} MB"), flush=True)
    return line


def _timed(name: str, small: bool) -> list[tuple[str, str, dict[str, Any]]]:
    """What is timed: its title, the workload and its arguments."""
    common = {"name": name, "small": small}
    steps = [(f"step, batch {rows}", "network_step", {**common, "rows": rows}) for rows in BATCHES]
    return [*steps, ("answer, batch 1", "network_answer", common)]


def _memory(library: str, name: str, rows: int, small: bool) -> float:
    """The peak of a few steps in a fresh process, beyond a small network's."""
    args = {"name": name, "rows": rows, "small": small}
    first = {"name": name, "rows": 2, "small": True, "warm": True}  # loads kernels of any size
    with Worker(library) as worker:
        seen = worker.order(
            "memory", workload="network_step", args=args, small=first, calls=MEMORY_CALLS
        )
    return float(max(seen["peak"] - seen["before"], 1))


def _shown(what: str, pair: Pair, ours: str) -> str:
    return f"    {what:<22}{pair[0] / pair[1]:>8.2f} ({ours})"


def missed(results: dict[str, dict[str, Pair]]) -> list[str]:
    """Each ratio above what is to be held."""
    lines = []
    for name, line in results.items():
        for what, (ours, theirs) in line.items():
            hold = MEMORY_HOLD if what.startswith("memory") else NETWORKS[name].hold
            if ours / theirs > hold:
                lines.append(f"above {hold}: {name}, {what}: {ours / theirs:.2f}")
    return lines or ["every ratio is held"]


if __name__ == "__main__":
    sys.exit(main())
