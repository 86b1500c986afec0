"""`MatrixSlot`: a parameter whose update sees its shape, and whose state has shapes of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..core.tensor import wrap
from .slot import PLAIN, Slot, working_dtype


class MatrixSlot(Slot):
    """A real parameter in its own shape; `state` is a tuple of arrays.

    The rules of `lucid.kernels.optim.matrices` take it so. What is remembered may be smaller
    than the parameter: ``row_var`` and ``col_var`` hold one number a row and a column, and
    stand in the place of ``variance`` for parameters of two or more axes.
    """

    __slots__ = ()

    def bind(self, names: tuple[str, ...], counts: bool, initial: Mapping[str, float]) -> None:
        data = self._usable()
        dtype = working_dtype(data.dtype)
        names = self.selected(names)
        kept = dict(zip(self.names, self.state or (), strict=True))
        if not counts and not kept.keys() >= set(names):
            self.step = 0
        self.state = tuple(
            kept[name] if name in kept else np.zeros(self.shape_of(name), dtype) for name in names
        )
        self.names = names
        self.plain = False  # so that the plan asks `through`
        self._take(data, dtype)

    def through(self, rule: Callable[..., None], gradient: Any, hyper: Any) -> None:
        gradient = gradient.reshape(self.shape)
        if self.data.dtype in PLAIN:
            rule(self.data, gradient, self.state, hyper)
            return
        work = self.data.astype(self.dtype)
        rule(work, gradient, self.state, hyper)
        self.data[...] = work

    def tidy(self) -> None:
        for array in self.state:
            array[np.abs(array) < np.finfo(self.dtype).tiny] = 0

    def entry(self) -> dict[str, Any]:
        return {name: wrap(array) for name, array in zip(self.names, self.state, strict=True)}

    def restore(self, entry: Mapping[str, Any], step: int, scalars: tuple[float, ...]) -> None:
        data = self.parameter.data
        dtype = working_dtype(data.dtype)
        self.names, self.shape, self.step = tuple(entry), data.shape, step
        self.scalars = scalars
        self.state = tuple(np.array(array, dtype) for array in entry.values()) or None
        self.data = None

    def selected(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Which of the names this parameter has: factors are for two or more axes."""
        other = {"variance"} if len(self.parameter.shape) > 1 else {"row_var", "col_var"}
        return tuple(name for name in names if name not in other)

    def shape_of(self, name: str) -> tuple[int, ...]:
        shape = list(self.parameter.shape)
        if name == "row_var":
            shape[-1] = 1
        elif name == "col_var":
            shape[-2] = 1
        return tuple(shape)
