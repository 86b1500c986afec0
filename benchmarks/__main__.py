"""``python -m benchmarks``: measure every row and print the table as it grows."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import measure, report, rows, turns


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks; the exit code is 1 if any row could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="very short: only shows that it runs")
    parser.add_argument("--only", metavar="NAME", help="rows whose name contains NAME")
    parser.add_argument("--list", action="store_true", help="print the names of the rows")
    parser.add_argument("--json", metavar="FILE", type=Path, help="also write the results here")
    parser.add_argument("--readme", action="store_true", help="put the table into README.md")
    options = parser.parse_args(arguments)
    chosen = rows.chosen(options.only, options.smoke)
    if options.list:
        print("\n".join(f"{row.name:<20} {row.title}" for row in chosen))
        return 0
    if not chosen:
        parser.error(f"no row is named like {options.only!r}; --list shows the names")
    print(report.heading(), flush=True)
    results = []
    with measure.Measurer(turns.SMOKE if options.smoke else turns.FULL) as measurer:
        for row in chosen:
            results.append(measurer.measure(row))
            print(report.line(results[-1]), flush=True)
    print(f"\n{report.summary(results)}")
    if options.json:
        report.write(results, options.json)
    if options.readme:
        report.write_into_readme(results)
    return int(any(result.problem for result in results))


if __name__ == "__main__":
    sys.exit(main())
