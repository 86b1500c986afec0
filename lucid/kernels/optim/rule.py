"""What an optimizer's update is made of: its reference, its loop, and which of them runs.

In this room ``p`` is a parameter and ``g`` its gradient (size n), ``s`` the state (one row of
n for each thing the optimizer remembers), and ``h`` the hyperparameters as float64. All are
flat and contiguous; ``p`` and ``s`` are changed in place. Each reference is the specification
of the loop beneath it, which takes the same steps in the same order: the two agree to the
last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import threads
from ..jit import Kernel, kernel, wanted

BLOCK = 1 << 14  # elements that a thread takes at a time
THREADED = 1 << 17  # from this many elements on, waking a thread pays


@kernel()
def loop(p: Any, g: Any, s: Any, h: Any, first: int, last: int) -> None:
    """Stands for one of the loops above; `Rule` binds it."""


@kernel()
def _whole(p: Any, g: Any, s: Any, h: Any) -> None:
    loop(p, g, s, h, 0, p.size)


class Rule:
    """One update: its reference, its loop, and what runs when.

    Examples
    --------
    >>> from lucid.kernels.optim import sgd
    >>> p, g = np.array([1.0, 2.0]), np.array([0.5, 0.5])
    >>> sgd.reference(p, g, np.empty((0, 2)), np.array([0.1, 0.0, 1.0, 0.0, 0.0]))
    >>> p.tolist()
    [0.95, 1.95]
    """

    __slots__ = ("_entries", "_loop", "_whole", "reference")

    def __init__(self, name: str, reference: Callable[..., None], loop: Kernel) -> None:
        self.reference = reference
        self._whole = _whole.bind(f"{name}_whole", loop=loop)
        self._loop = loop
        self._entries: dict[Any, Callable[..., None]] = {}

    def choose(self, size: int, dtype: Any) -> Callable[[Any, Any, Any, Any], None]:
        """What updates parameters of `size` elements in all; it is called with p, g, s, h.

        All of p, g and s must be of `dtype`, or it must be None.
        """
        if not wanted(size):
            return self.reference
        if size >= THREADED:
            return self._threaded
        return self._entries.get(dtype) or self._entry(dtype)

    def _entry(self, dtype: Any) -> Callable[..., None]:
        """The loop compiled for one dtype, or for any."""
        entry = self._whole.compiled
        if dtype is not None:
            flat = np.empty(0, dtype)
            entry = self._whole.entry(flat, flat, np.empty((1, 0), dtype), np.empty(0))
        self._entries[dtype] = entry
        return entry

    def _threaded(self, p: Any, g: Any, s: Any, h: Any) -> None:
        """The loop, on several threads if the parameter is large."""
        size = p.size
        if size < THREADED:
            self._whole(p, g, s, h)
            return
        threads.run(self._loop, size, BLOCK, p, g, s, h)


def plus(g: Any, factor: float, x: Any) -> Any:
    """``g + factor x`` with one new array."""
    work = np.multiply(x, factor)
    work += g
    return work
