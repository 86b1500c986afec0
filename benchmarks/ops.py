"""``python -m benchmarks.ops``: the operations that networks use most, against PyTorch.

Every operation at a hundred, ten thousand and ten million elements, forward alone (under
``no_grad``) and forward with backward: the ratio of our time to PyTorch's, lower is better,
and the geometric mean of them all.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from statistics import median

from . import machine, operations_page, report
from .measure import installed
from .operations import OPERATIONS, SIZES
from .turns import Effort, Worker, WorkerError, take_turns

FULL = Effort(slice_seconds=0.02, slices=7, warm_seconds=0.06)
SMOKE = Effort(slice_seconds=0.001, slices=1, warm_seconds=0.002)
WAYS = {"forward": "op_forward", "with backward": "op_step"}


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table as it grows, and say what is slower than it should be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ops", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="very short: only shows that it runs")
    parser.add_argument("--only", metavar="NAME", help="operations whose name contains NAME")
    parser.add_argument("--sizes", metavar="N", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--json", metavar="FILE", type=Path, help="also write the results here")
    parser.add_argument("--page", action="store_true", help="write the page of the documentation")
    options = parser.parse_args(arguments)
    names = [name for name in OPERATIONS if not options.only or options.only in name]
    if not installed("torch"):
        print("PyTorch is not installed: there is nobody to compare with")
        return 0
    sizes = [size for size in options.sizes if not options.smoke or size <= 10_000]
    print(_title(sizes), flush=True)
    results = {}
    with Worker("lucid") as ours, Worker("torch") as theirs:
        for name in names:
            line = _measure(name, sizes, (ours, theirs), SMOKE if options.smoke else FULL)
            results[name] = line
            print(_line(name, line), flush=True)
    print("\n".join(operations_page.summary(results)))
    if options.json:
        facts = {"machine": machine.description(), "ops": results}
        options.json.write_text(json.dumps(facts, indent=1) + "\n")
    if options.page:
        operations_page.write(results)
    return 0


def _measure(
    name: str, sizes: list[int], workers: tuple[Worker, Worker], effort: Effort
) -> operations_page.Line:
    line: operations_page.Line = {}
    for size in sizes:
        for way, workload in WAYS.items():
            if way == "with backward" and not OPERATIONS[name].gradient:
                continue
            sides = [(worker, workload) for worker in workers]
            args = {"name": name, "size": size}
            try:
                contest = take_turns(sides[0], sides[1], args, effort, "wall")
            except WorkerError as error:
                raise WorkerError(f"{name}, {way}, {size} elements: {error}") from error
            line[f"{way} {size}"] = [median(contest.ours), median(contest.theirs)]
    return line


def _title(sizes: list[int]) -> str:
    facts = ", ".join(f"{name} {value}" for name, value in machine.description().items())
    columns = [f"{way} {size:,}" for size in sizes for way in ("fwd", "fwd+bwd")]
    cells = "".join(f"{column:>20}" for column in columns)
    return f"{facts}\nLucid / PyTorch: ratio (our time)\n\n{'':<16}{cells}"


def _line(name: str, line: operations_page.Line) -> str:
    sizes = sorted({int(key.rsplit(" ", 1)[1]) for key in line})
    cells = []
    for size in sizes:
        for way in WAYS:
            seconds = line.get(f"{way} {size}")
            text = "-" if seconds is None else _cell(*seconds)
            cells.append(f"{text:>20}")
    return f"{name:<16}{''.join(cells)}"


def _cell(ours: float, theirs: float) -> str:
    return f"{ours / theirs:.2f} ({report.show_seconds(ours)})"


if __name__ == "__main__":
    sys.exit(main())
