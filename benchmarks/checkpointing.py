"""Checkpointing: peak memory and time of a training step, with and without.

A deep network of equal layers; the step is a forward and a backward pass. Run it with
``python -m benchmarks.checkpointing [layers] [width] [batch]``.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import lucid
import lucid.nn as nn
from lucid.autograd.checkpoint import checkpoint, checkpoint_sequential


def peak(step: Callable[[], Any]) -> float:
    """The most memory that a step holds at a time, in MB."""
    step()
    tracemalloc.start()
    try:
        step()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def seconds(step: Callable[[], Any], repeats: int = 5) -> float:
    """The least time that a step takes."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return min(times)


def main(layers: int = 36, width: int = 256, batch: int = 1024) -> None:
    """Print a table: one row for each way to run the network."""
    lucid.manual_seed(0)
    blocks = [nn.Sequential(nn.Linear(width, width), nn.GELU()) for _ in range(layers)]
    model = nn.Sequential(*blocks)
    x = lucid.randn(batch, width)
    segments = max(1, round(layers**0.5))

    def each(x: Any) -> Any:
        for block in blocks:
            x = checkpoint(block, x)
        return x

    ways = {
        "everything kept": model,
        f"{segments} segments": lambda x: checkpoint_sequential(model, segments, x),
        "every layer": each,
    }
    print(f"{layers} layers of {width}, batch {batch}\n{'':18}{'peak MB':>10}{'ms':>10}")
    for name, call in ways.items():

        def step(call: Any = call) -> None:
            model.zero_grad()
            call(x).sum().backward()

        print(f"{name:18}{peak(step):10.1f}{seconds(step) * 1e3:10.1f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
