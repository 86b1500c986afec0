"""What the timings of the operations come to, and the page of the documentation that shows them."""

from __future__ import annotations

import math

from . import machine, turns
from .operations import OPERATIONS

PAGE = turns.ROOT / "docs" / "speed_of_operations.rst"
HOLD, LIMIT = 0.8, 2.0  # of the geometric mean, and of a single ratio

Line = dict[str, list[float]]  # "forward 100": our seconds and theirs

_REDUCTION = "a reduction of NumPy takes 2 us to call"
_KERNEL = "calling a kernel costs a microsecond"
_STEPS = "two reductions of NumPy and the steps between them"
_INDEX = "the index is checked and prepared in Python"

# Why an operation takes more than twice PyTorch's time where it does.
WHY = {
    "add a row": "NumPy broadcasts in a loop over rows",
    "clamp": "two passes of NumPy, one a bound",
    "sigmoid": _KERNEL,
    "silu": _KERNEL,
    "softplus": _KERNEL,
    "gelu": _KERNEL,
    "erf": _KERNEL,
    "sum": _REDUCTION,
    "sum of rows": _REDUCTION,
    "sum of columns": _REDUCTION,
    "amax of rows": _REDUCTION,
    "argmax of rows": _REDUCTION,
    "norm": _REDUCTION,
    "var of rows": _STEPS,
    "logsumexp": _STEPS,
    "softmax": _STEPS,
    "log_softmax": _STEPS,
    "cumsum": "sums are carried in double precision, one after the other",
    "bmm": "NumPy multiplies one matrix after the other, on one thread",
    "cat": "the list of tensors is looked through in Python",
    "stack": "the list of tensors is looked through in Python",
    "transpose": "NumPy copies without blocks for the cache",
    "reshape": "the gradient is copied, which the caller may hold; PyTorch shares its memory",
    "rows by index": _INDEX,
    "index_select": _INDEX,
    "gather": _INDEX,
    "sort of rows": "NumPy sorts on one thread",
    "topk of rows": "a partition and a sort of NumPy, and their indices",
}

_TITLE = "The speed of operations"
_TEXT = """\
The operations that networks use most, at a hundred, ten thousand and ten million elements:
Lucid's time over PyTorch's, in one run, each in a process of its own, in turns; below 1 Lucid is
faster. *Forward* is the operation under ``no_grad``, *both* is forward and backward. The page is
written by ``python -m benchmarks.ops --page``."""


def ratios(results: dict[str, Line]) -> dict[str, float]:
    """Every ratio, by operation, way and size."""
    return {
        f"{name}, {way}": ours / theirs
        for name, line in results.items()
        for way, (ours, theirs) in line.items()
    }


def geometric_mean(values: list[float]) -> float:
    """The mean that treats twice as fast and half as fast alike.

    >>> geometric_mean([0.5, 2.0])
    1.0
    """
    return math.exp(sum(map(math.log, values)) / len(values))


def summary(results: dict[str, Line]) -> list[str]:
    """The mean, and each ratio above the limit with the reason."""
    found = ratios(results)
    lines = [
        f"Geometric mean of {len(found)} ratios: {geometric_mean(list(found.values())):.2f}"
        f" (to hold: {HOLD})."
    ]
    over = sorted(((ratio, name) for name, ratio in found.items() if ratio > LIMIT), reverse=True)
    for ratio, name in over:
        why = WHY.get(name.split(", ")[0], "no reason known")
        lines.append(f"above {LIMIT}: {name} elements: {ratio:.2f} ({why})")
    return lines


def write(results: dict[str, Line]) -> None:
    """Write the page."""
    facts = ", ".join(f"{name} {value}" for name, value in machine.description().items())
    mean, *over = summary(results)
    families = dict.fromkeys(OPERATIONS[name].family for name in results)
    parts = [_TITLE, "=" * len(_TITLE), "", _TEXT, "", f"Measured on: {facts}.", "", mean]
    for family in families:
        named = {n: line for n, line in results.items() if OPERATIONS[n].family == family}
        parts += ["", family.capitalize(), "-" * len(family), "", *_table(named)]
    if over:
        parts += ["", "Slower than twice", "-----------------", ""]
        parts += [f"* {line.removeprefix(f'above {LIMIT}: ')}" for line in over]
    PAGE.write_text("\n".join(parts) + "\n", encoding="utf-8")


def _table(results: dict[str, Line]) -> list[str]:
    keys = list(dict.fromkeys(key for line in results.values() for key in line))
    keys.sort(key=lambda key: (int(key.rsplit(" ", 1)[1]), not key.startswith("forward")))
    lines = [".. list-table::", "   :header-rows: 1", "", "   * - "]
    for key in keys:
        way, size = key.rsplit(" ", 1)
        lines.append(f"     - {'forward' if way == 'forward' else 'both'}, {int(size):,}")
    for name, line in results.items():
        lines.append(f"   * - {name}")
        for key in keys:
            pair = line.get(key)
            lines.append("     - " + ("" if pair is None else f"{pair[0] / pair[1]:.2f}"))
    return lines
