"""Dense layers that ran as one op, taken apart into the layers that they are."""

from __future__ import annotations

from dataclasses import replace

from ..core.primitive import REGISTRY
from .tape import Given, Held, Step


def taken_apart(steps: list[Step]) -> list[Step]:
    """The steps with each chain of `lucid.ops.dense` as its `linear` and `relu`.

    Steps are counted anew.
    """
    made: list[Step] = []
    numbers: dict[int, int] = {}  # what a step was counted, and what its last part is
    for step in steps:
        parts = _layers(step) if step.prim.name == "dense" and not step.released else [step]
        for part in parts:
            inner = part is not parts[0]
            part.inputs = [_counted(given, numbers, inner, len(made)) for given in part.inputs]
            made.append(part)
            part_number = len(made)
        numbers[step.number] = part_number
    for number, step in enumerate(made, 1):
        step.number = number
    return made


def _counted(given: Given, numbers: dict[int, int], inner: bool, before: int) -> Given:
    if given.kind != "step":
        return given
    if inner and given.step == 0:  # the part before, within one chain
        return replace(given, step=before)
    return replace(given, step=numbers[given.step or 0])


def _layers(step: Step) -> list[Step]:
    """The layers of a chain, in turn; an input of 0 stands for the part before."""
    x, params = step.inputs[0], step.inputs[1:]
    outputs = [held for held in step.held if held.role == "residual"]
    holding: dict[str, list[Held]] = {given.role: [] for given in step.inputs}
    for held in step.held:
        if held.role in holding:
            holding[held.role].append(held)
    parts: list[Step] = []
    lead = (x.shape or ())[:-1]
    for i, rectified in enumerate(step.static["rectified"]):
        weight, bias = params[2 * i], params[2 * i + 1]
        shape = (*lead, (weight.shape or (0,))[0])
        inputs = [replace(x, role="x"), replace(weight, role="w"), replace(bias, role="b")]
        if i:
            inputs[0] = Given("x", "step", parts[-1].shapes[0], x.dtype, step=0)
        rows = outputs[i - 1 : i] if i else holding["x"]
        kept = [replace(each, role="x") for each in rows]
        kept += [replace(each, role="w") for each in holding[weight.role]]
        needs = [i > 0 or step.needs[0], step.needs[2 * i + 1], step.needs[2 * i + 2]]
        parts.append(_part(step, "linear", inputs, shape, kept, needs))
        if rectified:
            given = Given("x", "step", shape, x.dtype, step=0)
            kept = [replace(each, role="out") for each in outputs[i : i + 1]]
            parts.append(_part(step, "relu", [given], shape, kept, [True]))
    return parts


def _part(
    step: Step,
    name: str,
    inputs: list[Given],
    shape: tuple[int, ...],
    held: list[Held],
    needs: list[bool],
) -> Step:
    return Step(
        step.number,
        REGISTRY[name],
        inputs,
        shapes=[shape],
        dtypes=[step.inputs[0].dtype],
        held=held,
        needs=needs,
        origin=step.origin,
    )
