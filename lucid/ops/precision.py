"""Half precision that is computed in single precision."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np


def in_single(forward: Callable[..., Any]) -> Callable[..., Any]:
    """Let a forward see float16 and bfloat16 arrays as float32, and round its result back.

    Forwards of several steps need it: each step would round to 11 bits, and intermediate
    values would leave the range of a half where the result does not. PyTorch does the same.
    """

    @functools.wraps(forward)
    def widened(x: Any, *rest: Any, **static: Any) -> Any:
        if x.dtype.itemsize > 2 or x.dtype.kind in "biu":
            return forward(x, *rest, **static)
        rest = tuple(r.astype(np.float32) if isinstance(r, np.ndarray) else r for r in rest)
        return forward(x.astype(np.float32), *rest, **static).astype(x.dtype)

    return widened
