"""An optimizer's state as a dict in PyTorch's layout, and back, checked before it is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.tensor import Tensor
from ..errors import StateError, compose
from . import execution
from .slot import Slot

if TYPE_CHECKING:
    from .plan import Plan

_UNSAVED = ("params", "param_names")
_OPTIONAL = ("initial_lr", "decoupled_weight_decay", *execution.NAMES)  # older states lack them


def entry(slot: Slot, counts: bool, scalars: tuple[str, ...]) -> dict[str, Any]:
    """What is remembered of one parameter."""
    numbers = dict(zip(scalars, slot.scalars, strict=True))
    return {"step": slot.step, **numbers, **slot.entry()} if counts else slot.entry()


def make(
    groups: list[dict[str, Any]], plans: list[Plan], counts: bool, scalars: tuple[str, ...]
) -> dict[str, Any]:
    """The whole dict; see `Optimizer.state_dict`."""
    saved, start = [], 0
    for group, plan in zip(groups, plans, strict=True):
        options = {name: value for name, value in group.items() if name not in _UNSAVED}
        numbers = list(range(start, start + len(plan.slots)))
        start += len(plan.slots)
        saved.append({**options, "params": numbers})
    slots = [slot for plan in plans for slot in plan.slots]
    state = {
        i: entry(slot, counts, scalars) for i, slot in enumerate(slots) if slot.step and slot.names
    }
    return {"state": state, "param_groups": saved}


def read(
    where: str, state: Mapping[str, Any], groups: list[dict[str, Any]], plans: list[Plan]
) -> tuple[list[dict[str, Any]], list[Mapping[str, Any]]]:
    """The options for each group and the entry for each parameter.

    Raises
    ------
    StateError
        If the groups, their sizes or their options are not those of the optimizer.
    """
    where = f"{where}.load_state_dict"
    if not isinstance(state, Mapping) or not {"state", "param_groups"} <= set(state):
        problem = 'the state must be a dict with "state" and "param_groups"'
        raise StateError(compose(where, problem, {"given": state}))
    saved = state["param_groups"]
    sizes = [len(group["params"]) for group in saved]
    wanted = [len(plan.slots) for plan in plans]
    if sizes != wanted:
        problem = "the saved groups have other numbers of parameters than the optimizer's"
        raise StateError(compose(where, problem, {"saved": sizes, "optimizer": wanted}))
    loaded = []
    for index, (group, ours) in enumerate(zip(saved, groups, strict=True)):
        missing = sorted(set(ours) - set(group) - {*_UNSAVED, *_OPTIONAL})
        if missing:
            problem = f"saved group {index} lacks the options {missing}"
            fix = "was it saved by an optimizer of another class?"
            raise StateError(compose(where, problem, fix=fix))
        options = {k: _plain(v) for k, v in group.items() if k not in _UNSAVED}
        loaded.append({**ours, **options})
    numbers = [number for group in saved for number in group["params"]]
    unknown = sorted(set(state["state"]) - set(numbers), key=str)
    if unknown:
        problem = f"there is state for {unknown}, which no saved group names"
        raise StateError(compose(where, problem))
    return loaded, [state["state"].get(number, {}) for number in numbers]


def fit(
    where: str,
    slot: Slot,
    saved: Mapping[str, Any],
    names: tuple[str, ...],
    scalars: tuple[str, ...],
) -> tuple[dict[str, Any], int, tuple[float, ...]]:
    """The arrays of one entry that the optimizer will remember, the step and the scalars.

    Raises
    ------
    StateError
        If the entry lacks one of them, has others, or one has another shape than the
        parameter.
    """
    where = f"{where}.load_state_dict"
    arrays = {k: _array(v) for k, v in saved.items() if k != "step" and v is not None}
    if not arrays and "step" not in saved:
        return {}, 0, ()
    names = slot.selected(names)
    if set(arrays) != {*names, *scalars}:
        problem = f"the state saved for {slot.name} is not what the optimizer remembers"
        seen = {"saved": sorted(arrays), "remembered": sorted((*names, *scalars))}
        raise StateError(compose(where, problem, seen))
    numbers = tuple(float(arrays.pop(name)) for name in scalars)
    for name, array in arrays.items():
        if array.shape != slot.shape_of(name):
            problem = f"{name!r} saved for {slot.name} has another shape than the parameter"
            if slot.shape_of(name) != slot.parameter.shape:
                problem = f"{name!r} saved for {slot.name} should be {slot.shape_of(name)}"
            both = {"saved": array, "parameter": slot.parameter}
            raise StateError(compose(where, problem, both))
    return {name: arrays[name] for name in names}, int(_plain(saved.get("step", 1))), numbers


def _array(value: Any) -> Any:
    return value.data if isinstance(value, Tensor) else np.asarray(value)


def _plain(value: Any) -> Any:
    """A 0-d tensor or array as a number; PyTorch keeps steps and rates in such."""
    return value.item() if getattr(value, "shape", None) == () else value
