"""`Plan`: one parameter group made ready, so that a step does little but call its kernels."""

from __future__ import annotations

import struct
from itertools import repeat
from typing import Any

import numpy as np

from ..core import versions
from ..core.tensor import Tensor
from ..kernels import optim as kernels
from .slot import Slot

TIDY_EVERY = 512  # steps; see `Slot.tidy`


class Plan:
    """One group made ready.

    Attributes
    ----------
    slots : list of Slot
    parameters : tuple of Tensor
    names : tuple of str
        What is remembered of each parameter.
    rows : list of tuple
        Each slot with what a step compares: parameter, array, shape, dtype of the gradient.
    dtype : dtype or None
        Of what is updated, if it is the same for all.
    step : int or None
        How many updates the slots have seen, if all have seen as many, and remember the same
        scalars.
    scalars, upcoming : tuple of float
        Those scalars, and what they will be after the update.
    stale : bool
        Whether a slot has changed since the last `refresh`.
    """

    __slots__ = (
        "_changes",
        "_flats",
        "_hyper",
        "_pack",
        "_plain",
        "_states",
        "dtype",
        "names",
        "parameters",
        "rows",
        "scalars",
        "size",
        "slots",
        "stale",
        "step",
        "upcoming",
    )

    def __init__(self, slots: list[Slot], parameters: tuple[Tensor, ...]) -> None:
        self.slots = slots
        self.parameters = parameters
        self.names: tuple[str, ...] = ()
        self._hyper: Any = None
        self._pack: Any = None
        self.refresh()

    def refresh(self) -> None:
        """Look at the slots anew after some of them have changed."""
        self.rows = [(s, s.parameter, s.data, s.shape, s.dtype) for s in self.slots]
        self.size = sum(parameter.data.size for parameter in self.parameters)
        dtypes = {slot.dtype for slot in self.slots}
        self.dtype = dtypes.pop() if len(dtypes) == 1 else None
        ages: set[tuple[int | None, tuple[float, ...]]]
        ages = {(slot.step, slot.scalars) for slot in self.slots}
        self.step, self.scalars = ages.pop() if len(ages) == 1 else (None, ())
        self.upcoming = self.scalars
        self._changes = [slot.change for slot in self.slots]
        self._plain = all(slot.plain for slot in self.slots)
        self._flats = [slot.flat for slot in self.slots]
        self._states = [slot.state for slot in self.slots]
        self.stale = False

    def rename(self, names: tuple[str, ...]) -> None:
        """Remember other things from the next step on."""
        self.names = names
        for slot in self.slots:
            slot.data = None
        self.refresh()

    def fill(self, values: tuple[float, ...]) -> Any:
        """The hyperparameters as an array, the same one each time: that is cheaper."""
        if self._hyper is None:
            self._hyper = np.array(values, np.float64)
            self._pack = struct.Struct(f"{len(values)}d").pack_into
        self._pack(self._hyper, 0, *values)
        return self._hyper

    def update(
        self, rule: kernels.Rule | kernels.MatrixRule, gradients: list[Any], hyper: Any
    ) -> None:
        """Update the parameters. Nothing in here fails.

        Parameters
        ----------
        rule : Rule
        gradients : list of array or None
        hyper : array, or list of (array, tuple of float)
            For each parameter with the scalars after the update, if not all are of one age or
            have a gradient.
        """
        if type(hyper) is list:
            self._update_some(rule, gradients, hyper)
            return
        versions.bump_all(self._changes)
        step = self.step = self.step + 1  # type: ignore[operator]
        run = rule.choose(self.size, self.dtype)
        for slot in self.slots:
            slot.step = step
        if self.upcoming is not self.scalars:
            self.scalars = self.upcoming
            for slot in self.slots:
                slot.scalars = self.scalars
        if self._plain:
            for _ in map(run, self._flats, gradients, self._states, repeat(hyper)):
                pass  # the call is all
        else:
            for slot, g in zip(self.slots, gradients, strict=True):
                slot.through(run, g, hyper)
        if step % TIDY_EVERY == 0:
            for slot in self.slots:
                slot.tidy()

    def _update_some(
        self, rule: kernels.Rule | kernels.MatrixRule, gradients: list[Any], paces: Any
    ) -> None:
        run = rule.choose(self.size, self.dtype)
        for slot, g, (hyper, scalars) in zip(self.slots, gradients, paces, strict=True):
            if g is None:
                continue
            versions.bump_all((slot.change,))
            slot.step += 1
            slot.scalars = scalars
            slot.through(run, g, hyper)
            if slot.step % TIDY_EVERY == 0:
                slot.tidy()
        self.stale = True
