"""The data and first weights of every workload, drawn once so that all frameworks get the same."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np


def pair(size: int) -> tuple[Any, Any]:
    """An input and a target whose residuals fall on both sides of the threshold."""
    rng = np.random.default_rng(size)
    return (
        rng.standard_normal(size, dtype=np.float32),
        rng.standard_normal(size, dtype=np.float32),
    )


def batch(rows: int, inputs: int, outputs: int) -> tuple[Any, Any]:
    """One batch of inputs and targets."""
    rng = np.random.default_rng(rows)
    return (
        rng.standard_normal((rows, inputs), dtype=np.float32),
        rng.standard_normal((rows, outputs), dtype=np.float32),
    )


def layers(widths: list[int]) -> list[tuple[Any, Any]]:
    """A weight (out, in) and a bias for each layer of a network, as PyTorch lays them out."""
    rng = np.random.default_rng(sum(widths))
    return [
        (
            rng.standard_normal((wide, narrow), dtype=np.float32) / np.float32(narrow**0.5),
            np.zeros(wide, dtype=np.float32),
        )
        for narrow, wide in pairwise(widths)
    ]
