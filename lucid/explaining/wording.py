"""What is said of one step: its call, its formulas, what it holds, where it comes from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from ..core.node import ShapeOnly
from ..core.primitive import Primitive
from ..formulas.operation import Operation
from .tape import Given, Step

WORDS = 36  # characters: a static argument longer than that is left out


@lru_cache(maxsize=512)
def operation(prim: Primitive) -> Operation:
    """The op of a step, as it is declared."""
    return Operation(prim)


def size(count: int) -> str:
    """A size in bytes, in few characters.

    Examples
    --------
    >>> size(300), size(8192), size(3 << 20)
    ('300 B', '8.0 KiB', '3.0 MiB')
    """
    if count < 1024:
        return f"{count} B"
    amount = count / 1024
    for unit in ("KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"


def kind_of(shape: Any, dtype: Any) -> str:
    """dtype and shape: ``float32[3, 4]``."""
    return "?" if shape is None else f"{dtype}[{', '.join(map(str, shape))}]"


def result(step: Step) -> str:
    """What a step makes."""
    known = [kind_of(*pair) for pair in zip(step.shapes, step.dtypes, strict=True)]
    if len(known) > 1 and len(set(known)) == 1:
        return f"{len(known)} × {known[0]}"
    return ", ".join(known[:3]) + (", …" if len(known) > 3 else "")


def arguments(step: Step, names: Mapping[str, str]) -> list[str]:
    """What a step was given: ``x = #1``, ``w = 0.weight[4, 3]``, ``axis=0``."""
    own = next(filter(None, step.dtypes), None)
    parts = [_input(given, names, own) for given in step.inputs if given.kind != "nothing"]
    static = {name: _static(v) for name, v in step.static.items() if v is not None}
    return parts + [f"{name}={text}" for name, text in static.items() if text is not None]


def _input(given: Given, names: Mapping[str, str], own: str | None) -> str:
    if given.kind == "number":
        return f"{given.role} = {_number(given.value)}"
    if given.kind == "step":
        return f"{given.role} = {reference(given)}"
    name = names.get(given.name or "", given.name) or unnamed(given)
    shape = f"[{', '.join(map(str, given.shape or ()))}]"
    dtype = "" if given.dtype == own else f" {given.dtype}"
    return f"{given.role} = {name}{dtype}{shape}"


def unnamed(given: Given) -> str:
    """What is said of a tensor whose name is not known."""
    return "data" if given.kind == "data" else f"leaf {given.leaf}"


def short_name(given: Given, step: Step, names: Mapping[str, str]) -> str:
    """The name of a leaf or of data within the module of its step: ``weight``."""
    name = given.name
    if name is None:
        return unnamed(given)
    inner = name.removeprefix(f"{step.path}.") if step.path else name
    return inner if inner != name else names.get(name, name)


def reference(given: Given) -> str:
    """The number of the step that an input comes from, and which of its outputs it is."""
    return f"#{given.step}" + (f".{given.output}" if given.output else "")


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _static(value: Any) -> str | None:
    """A static argument in few characters; None for seeds, functions and long ones."""
    if _is_seed(value):
        return None
    if isinstance(value, tuple):
        parts = [_static(part) for part in value]
        text = "(" + ", ".join(map(str, parts)) + ("," if len(parts) == 1 else "") + ")"
        return None if None in parts or len(text) > WORDS else text
    if value is None or isinstance(value, bool | int | float | str):
        return _number(value) if isinstance(value, float) else repr(value)
    return None


def _is_seed(value: Any) -> bool:
    """Whether a static argument is a number that tells nobody anything."""
    return isinstance(value, int) and abs(value) > 1 << 31


def plain(value: Any) -> Any:
    """A number, string or tuple as `json.dumps` takes it; anything else as its text.

    Examples
    --------
    >>> plain((1, 2.5, None)), plain(np.float32(2.0)), plain(slice(2))
    ([1, 2.5, None], 2.0, 'slice(None, 2, None)')
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else str(value)
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    return str(value)


def value_formula(step: Step) -> str:
    """What the op computes, as a formula or else in words."""
    if is_users(step):
        return "a function of your own"
    op = operation(step.prim)
    return op.formula or op.about


def gradient_formulas(step: Step) -> list[str]:
    """How the gradients of its inputs come about, those that are wanted.

    A rule that cannot be put in a few lines is named by its place.
    """
    if is_users(step):
        return ["by its own backward"]
    op = operation(step.prim)
    lines = op.gradient_lines(seen(step))
    rule = next((each for each in op.sources if each.role == "rule"), None)
    if not lines and rule is not None:
        return [f"by the rule at {rule.file}:{rule.line}"]
    return lines


def seen(step: Step) -> dict[str, Any]:
    """What is known of the call, as `lucid.formulas.rules.gradients` takes it."""
    known: dict[str, Any] = {name: _known(given) for name, given in _by_name(step)}
    names = step.prim.input_names
    if names and f"{names[-1]}[0]" in known:  # a variadic last one
        parts = [value for name, value in known.items() if name.startswith(f"{names[-1]}[")]
        known = {name: value for name, value in known.items() if "[" not in name}
        known[names[-1]] = tuple(parts)
    known |= {name: v for name, v in step.static.items() if not _is_seed(v)}
    if step.shapes[0] is not None:
        known["g"] = ShapeOnly(step.shapes[0], _dtype(step.dtypes[0]))
    if step.needs:
        known["needs"] = step.needs
    return known


def _by_name(step: Step) -> list[tuple[str, Given]]:
    return [(given.role, given) for given in step.inputs]


def _known(given: Given) -> Any:
    if given.kind == "number":
        return given.value
    if given.kind == "nothing":
        return None
    return ShapeOnly(given.shape or (), _dtype(given.dtype))


def _dtype(name: str | None) -> Any:
    return np.dtype(name) if name in np.sctypeDict else np.dtype(np.float32)


def is_users(step: Step) -> bool:
    """Whether it is a `Function` that the user wrote."""
    return bool(step.prim.input_names[:1] == ("ctx",))


def held(step: Step) -> str:
    """What a step keeps for its gradient: ``x 1.0 KiB, w``; memory of leaves has no size."""
    parts: dict[str, int] = {}
    for each in step.held:
        parts[each.role] = parts.get(each.role, 0) + (each.bytes if each.own else 0)
    return ", ".join(f"{role} {size(count)}" if count else role for role, count in parts.items())


def place(step: Step) -> str:
    """The module of a step, and its class where that is known."""
    if step.path is None:
        return ""
    return f"{step.path} {step.kind}".strip() if step.kind else step.path


def origin(step: Step) -> str:
    """File, line and text of the user's source; empty if nothing was recorded."""
    where = step.origin
    if where is None:
        return ""
    file = os.path.basename(where.file)
    return f"{file}:{where.line}  {where.code}".rstrip()
