"""`Plan`: one parameter group made ready, so that a step does little but call its kernels."""

from __future__ import annotations

from typing import Any

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
    step : int or None
        How many updates the slots have seen, if all have seen as many.
    complete : bool
        Whether every parameter has a gradient in the present step.
    stale : bool
        Whether a slot has changed since the last `refresh`.
    """

    __slots__ = (
        "_changes",
        "complete",
        "names",
        "parameters",
        "rows",
        "size",
        "slots",
        "stale",
        "step",
    )

    def __init__(self, slots: list[Slot], parameters: tuple[Tensor, ...]) -> None:
        self.slots = slots
        self.parameters = parameters
        self.names: tuple[str, ...] = ()
        self.complete = False
        self.refresh()

    def refresh(self) -> None:
        """Look at the slots anew after some of them have changed."""
        self.rows = [(s, s.parameter, s.data, s.shape, s.dtype) for s in self.slots]
        self.size = sum(parameter.data.size for parameter in self.parameters)
        steps = {slot.step for slot in self.slots}
        self.step = steps.pop() if len(steps) == 1 else None
        self._changes = [slot.change for slot in self.slots]
        self.stale = False

    def rename(self, names: tuple[str, ...]) -> None:
        """Remember other things from the next step on."""
        self.names = names
        for slot in self.slots:
            slot.data = None
        self.refresh()

    def update(self, rule: kernels.Rule, gradients: list[Any], hyper: Any) -> None:
        """Update all parameters; each has a gradient, and has seen as many steps."""
        versions.bump_all(self._changes)
        run = rule.choose(self.size)
        step = self.step = self.step + 1  # type: ignore[operator]
        for slot, g in zip(self.slots, gradients, strict=True):
            slot.step = step
            if slot.plain:
                run(slot.flat, g, slot.state, hyper)
            else:
                slot.through(run, g, hyper)
        if step % TIDY_EVERY == 0:
            for slot in self.slots:
                slot.tidy()

    def update_one(self, rule: kernels.Rule, slot: Slot, gradient: Any, hyper: Any) -> None:
        """Update one parameter, where others have no gradient or have seen other steps."""
        versions.bump_all((slot.change,))
        slot.step += 1
        run = rule.choose(slot.data.size)
        slot.through(run, gradient, hyper)
        if slot.step % TIDY_EVERY == 0:
            slot.tidy()
