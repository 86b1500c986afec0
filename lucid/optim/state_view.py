"""`optimizer.state`: what is remembered, seen by parameter, as it stands at any time."""

from __future__ import annotations

import copy
from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

from ..core.tensor import Tensor, values
from ..errors import ShapeError, StateError, compose
from . import state_dict

if TYPE_CHECKING:
    from .plan import Plan
    from .slot import Slot


class StateView(MutableMapping[Tensor, "EntryView"]):
    """From each parameter that has been updated to what is remembered of it.

    It is a view: one that is kept shows later steps too. What is taken out of it is forgotten,
    and starts anew; what is put in has to be what the optimizer remembers.
    """

    def __init__(self, plans: list[Plan], counts: bool, scalars: tuple[str, ...]) -> None:
        self._plans = plans
        self._counts = counts
        self._scalars = scalars
        self._entries: dict[int, EntryView] = {}

    def _place(self, parameter: Any) -> tuple[Plan, Slot]:
        for plan in self._plans:
            for slot in plan.slots:
                if slot.parameter is parameter:
                    return plan, slot
        raise KeyError(parameter)

    def __getitem__(self, parameter: Tensor) -> EntryView:
        plan, slot = self._place(parameter)
        if not (slot.step and slot.names):
            raise KeyError(parameter)
        entry = self._entries.get(id(slot))
        if entry is None:
            entry = EntryView(plan, slot, self._counts, self._scalars)
            self._entries[id(slot)] = entry
        return entry

    def __setitem__(self, parameter: Tensor, entry: Any) -> None:
        plan, slot = self._place(parameter)
        wanted = plan.names or tuple(k for k in entry if k != "step" and k not in self._scalars)
        slot.restore(*state_dict.fit("optimizer.state", slot, entry, wanted, self._scalars))
        plan.refresh()

    def __delitem__(self, parameter: Tensor) -> None:
        _ = self[parameter]  # refuses what is not there
        plan, slot = self._place(parameter)
        slot.names, slot.state, slot.step, slot.scalars, slot.data = (), None, 0, (), None
        plan.refresh()

    def __iter__(self) -> Iterator[Tensor]:
        for plan in self._plans:
            for slot in plan.slots:
                if slot.step and slot.names:
                    yield slot.parameter

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return repr(dict(self))

    def __deepcopy__(self, memo: dict[int, Any]) -> StateView:
        return StateView(copy.deepcopy(self._plans, memo), self._counts, self._scalars)


class EntryView(MutableMapping[str, Any]):
    """What is remembered of one parameter, by name; the tensors share the optimizer's memory.

    Values can be set, not added or taken out.
    """

    def __init__(self, plan: Plan, slot: Slot, counts: bool, scalars: tuple[str, ...]) -> None:
        self._plan, self._slot = plan, slot
        self._counts, self._scalars = counts, scalars

    def _all(self) -> dict[str, Any]:
        return state_dict.entry(self._slot, self._counts, self._scalars)

    def __getitem__(self, name: str) -> Any:
        return self._all()[name]

    def __setitem__(self, name: str, value: Any) -> None:
        slot, held = self._slot, self._all()
        if name not in held:
            problem = f"the optimizer remembers {', '.join(held)} of {slot.name}, and no {name!r}"
            raise StateError(compose("optimizer.state", problem))
        if name == "step":
            slot.step = int(value)
        elif name in self._scalars:
            numbers = dict(zip(self._scalars, slot.scalars, strict=True)) | {name: float(value)}
            slot.scalars = tuple(numbers[scalar] for scalar in self._scalars)
        else:
            array = values(value)
            if getattr(array, "shape", ()) not in ((), held[name].shape):
                problem = f"{name!r} of {slot.name} has another shape"
                seen = {"held": held[name], "given": array}
                raise ShapeError(compose("optimizer.state", problem, seen))
            held[name].data[...] = array
        self._plan.refresh()

    def __delitem__(self, name: str) -> None:
        problem = f"what is remembered of {self._slot.name} cannot be taken apart"
        raise StateError(compose("optimizer.state", problem, fix="del optimizer.state[parameter]"))

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return repr(self._all())
