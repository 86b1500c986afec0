"""Losses: every sample has a total of its own."""

from __future__ import annotations

from typing import Any

from ...core.apply import apply
from ...core.primitive import REGISTRY, Primitive
from ...ops.reduction import sum as sum_over
from ...ops.selection import where
from .registry import aligned, batches, everywhere


def _totals(loss: Any) -> Any:
    """The sum of each sample."""
    return sum_over(loss, tuple(range(1, loss.ndim))) if loss.ndim > 1 else loss


@batches("_reduced")
def _curve(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    rho = REGISTRY[prim.name.removesuffix("_reduced") + "_rho"]
    arrays = aligned(values[:3], batched[:3])
    scale = static["scale"] if len(values) < 4 else values[3]
    residual = arrays[0] - arrays[1]
    if len(arrays) == 3:
        residual = where(arrays[2] != 0, residual, 0.0)
    loss = apply(rho, residual, *static["params"])
    if len(arrays) == 3:
        loss = loss * arrays[2]
    return _totals(loss) * scale


@batches("binary_cross_entropy_with_logits")
def _logits(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    both = [everywhere(level.size, x, b) for x, b in zip(values, batched, strict=True)]
    loss = apply(prim, *both, scale=None)
    return loss if static["scale"] is None else _totals(loss) * static["scale"]
