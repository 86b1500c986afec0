"""The table: what is measured, against whom, and which ratio is to be held.

A ratio is ours over theirs, so lower is better and 1.00 is equal; a row with `share` is
theirs over ours, and higher is better. `hold` must be met, `stretch` is the aim.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Measure = Literal["wall", "cpu", "memory", "memory_of_step", "process", "size"]


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    title: str
    measure: Measure
    hold: float
    stretch: float
    workload: str = ""
    args: dict[str, Any] = field(default_factory=dict)
    against: str = "torch"
    their_workload: str = ""  # where it is not the same
    share: bool = False
    heavy: bool = False  # left out of a smoke run

    def verdict(self, ratio: float) -> str:
        """What a measured ratio means for this row."""
        sign = -1 if self.share else 1
        if sign * ratio <= sign * self.stretch:
            return "stretch"
        return "hold" if sign * ratio <= sign * self.hold else "MISSED"


def _huber(size: int, title: str, hold: float, stretch: float, heavy: bool = False) -> Row:
    return Row(
        f"huber-{title}",
        f"Huber forward+backward, {title} elements",
        "wall",
        hold,
        stretch,
        "huber_step",
        {"size": size},
        heavy=heavy,
    )


def _mlp(rows: int, widths: list[int], hold: float, stretch: float, against: str = "torch") -> Row:
    layers = f"I{widths[0]} H{widths[1]}x{len(widths) - 2} O{widths[-1]}"
    suffix = "" if against == "torch" else f"-{against}"
    return Row(
        f"mlp-b{rows}-h{widths[1]}{suffix}",
        f"MLP step B{rows} {layers}",
        "wall",
        hold,
        stretch,
        "mlp_step",
        {"rows": rows, "widths": widths},
        against,
    )


def _cpu(width: int) -> Row:
    return Row(
        f"cpu-{width}",
        f"MLP step 10-{width}-{width}-10, batch 128: CPU seconds",
        "cpu",
        0.5,
        0.3,
        "mlp_step",
        {"rows": 128, "widths": [10, width, width, 10]},
    )


SMALL_STEP = {"rows": 2, "widths": [2, 2, 2, 2]}
_BIG_STEP = {"rows": 256, "widths": [784, 512, 512, 10]}
_MILLION, _16_MILLION = 1 << 20, 1 << 24

ROWS = [
    _huber(16, "16", 0.25, 0.12),
    _huber(64, "64", 0.25, 0.12),
    _huber(256, "256", 0.25, 0.12),
    _huber(1024, "1k", 0.25, 0.12),
    _huber(65536, "64k", 0.50, 0.35),
    _huber(_MILLION, "1M", 0.50, 0.35),
    _huber(_16_MILLION, "16M", 0.15, 0.10, heavy=True),
    Row(
        "huber-bandwidth",
        "Huber forward+backward, 16M elements: bytes per second",
        "wall",
        0.80,
        0.95,
        "huber_step",
        {"size": _16_MILLION},
        against="numpy",
        their_workload="copy",
        share=True,
        heavy=True,
    ),
    Row(
        "huber-forward-1M",
        "Huber forward under no_grad, 1M elements",
        "wall",
        0.50,
        0.30,
        "huber_forward",
        {"size": _MILLION},
    ),
    _mlp(32, [8, 32, 32, 1], 0.18, 0.10),
    _mlp(64, [16, 64, 64, 1], 0.20, 0.12),
    _mlp(64, [16, 64, 64, 1], 0.80, 0.50, against="jax"),
    _mlp(256, [64, 256, 256, 1], 0.80, 0.70),
    _mlp(256, [784, 512, 512, 10], 0.85, 0.75),
    _mlp(1024, [1024, 1024, 1024, 10], 1.05, 0.95),
    *(_cpu(width) for width in (32, 45, 46, 64, 128, 256)),
    Row(
        "answer",
        "model(x) on one row, MLP 10-64-1, no_grad",
        "wall",
        0.60,
        0.40,
        "mlp_answer",
        {"widths": [10, 64, 1]},
    ),
    Row("import", "import, process wall", "process", 0.15, 0.10, "import"),
    Row("cold", "cold process: Linear, HuberLoss, backward", "process", 0.35, 0.20, "cold"),
    Row("size-jit", "installed size with the JIT", "size", 0.35, 0.31, "jit"),
    Row("size-core", "installed size, required dependencies alone", "size", 0.10, 0.09, "core"),
    Row(
        "memory",
        "peak memory of the B256 I784 step, whole process",
        "memory",
        0.60,
        0.40,
        "mlp_step",
        _BIG_STEP,
    ),
    # Beyond what any process of the two needs to run at all. Parameters, gradients, Adam's two
    # moments, input and activations are 14 MB in either framework, so 0.6 is out of reach here.
    Row(
        "memory-of-step",
        "peak memory of the B256 I784 step, beyond a tiny step's",
        "memory_of_step",
        1.00,
        0.80,
        "mlp_step",
        _BIG_STEP,
    ),
]


def chosen(only: str | None, smoke: bool) -> list[Row]:
    """The rows whose name contains `only`; a smoke run leaves out the heavy ones."""
    rows = [row for row in ROWS if only is None or only in row.name]
    return [row for row in rows if not (smoke and row.heavy)]
