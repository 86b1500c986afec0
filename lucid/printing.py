"""How tensors print: four decimals, aligned columns, long arrays summarised."""

from __future__ import annotations

from typing import Any

import numpy as np


def show(tensor: Any) -> str:
    return represent(tensor) if tensor.requires_grad else body(tensor.data, 0)


def represent(tensor: Any) -> str:
    name = type(tensor).__name__
    parts = [body(tensor.data, len(name) + 1)]
    if tensor.requires_grad:
        grad = tensor.grad
        parts.append("grad=None" if grad is None else f"grad={body(grad.data, 0)}")
    return f"{name}({', '.join(parts)})"


def body(array: Any, indent: int) -> str:
    text: str = np.array2string(
        array, separator=", ", prefix=" " * indent, formatter={"float_kind": lambda v: f"{v:.4f}"}
    )
    return text
