"""What is to be said of an op whose result is not finite: is it to blame, and in what words.

The rule itself is told in `lucid.debug.anomaly`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..core.node import Node
from ..core.primitive import Primitive
from ..core.tensor import Tensor
from ..errors import AnomalyError
from ..kernels.finiteness import counts, is_finite
from . import report
from .origin import Mark, mark

# Ops that sum products of what they are given, by the file that has them: none has any use for
# an infinite factor.
_PRODUCTS = {"matmul", "linear", "dense", "conv", "conv_transpose", "einsum", "bilinear"}

_CLEAN = "clean the data, or leave missing values out (nan_to_num; nan_target='skip' of the losses)"
_UPDATED = (
    "the last update made it so, or it was loaded so: a smaller learning rate, clip_grad_norm_"
)
_ENTERED = "it was given to backward() so, made so by a hook, or the sum of several overflowed"


class Found(NamedTuple):
    """What is wrong, and what is known about it.

    Attributes
    ----------
    op, phase : str
    clause : str
        What happened.
    place : Mark or None
        Where the op belongs.
    values : list of (str, object)
        Names, and arrays or numbers, to be listed.
    fix : str
    """

    op: str
    phase: str
    clause: str
    place: Mark | None
    values: list[tuple[str, Any]]
    fix: str

    def error(self, step: int, earlier: str | None) -> AnomalyError:
        """The error that says it all.

        Parameters
        ----------
        step : int
        earlier : str or None
            Where the first infinity of the block came from.
        """
        lines = [f"detect_anomaly: {self.clause}", f"  step: {step}, {self.phase}"]
        lines += report.place(self.place)
        lines += [f"  {name}: {report.spelled(value)}" for name, value in self.values]
        if earlier is not None:
            lines.append(f"  the first infinity, before that: {earlier}")
        error = AnomalyError("\n".join([*lines, f"  help: {self.fix}"]))
        error.op, error.phase, error.step, error.verdict = self.op, self.phase, step, self.clause
        error.origin = None if self.place is None else self.place.read()
        return error


class Handed(NamedTuple):
    """Infinity that is nobody's fault so far.

    Attributes
    ----------
    words : str
        Where it appeared.
    """

    words: str


def of_forward(
    prim: Primitive, arrays: Sequence[Any], static: dict[str, Any], recording: bool, out: Any
) -> Found | Handed | None:
    """What to say of an op with this output, which holds NaN or infinity.

    Parameters
    ----------
    prim : Primitive
    arrays : sequence
        Its inputs.
    static : dict
    recording : bool
        Whether a gradient will be wanted.
    out : array
    """
    constants = [v for v in (*arrays, *static.values()) if isinstance(v, float | complex)]
    inputs = [v for v in arrays if isinstance(v, np.ndarray | np.generic)]
    if not inputs:  # a constant, written down
        return None
    nan_entered, inf_entered = _kinds((*inputs, *constants))
    if counts(out)[0]:
        if not nan_entered:
            source = "infinity among its inputs" if inf_entered else "finite inputs"
            return _blamed(prim, arrays, out, f"{prim.name} made NaN from {source}")
        if not recording or any(v != v for v in constants):  # only NaN is
            return None
        return _came_in(prim, arrays, out, "NaN")
    if inf_entered or nan_entered:
        if recording and prim.module.rpartition(".")[2] in _PRODUCTS:
            return _came_in(prim, arrays, out, "infinity")
        return Handed(f"handed on by {prim.name}{_where()}")
    if not recording:
        return Handed(f"made by {prim.name}{_where()}")
    return _blamed(prim, arrays, out, f"{prim.name} made infinity from finite inputs")


def _where() -> str:
    origin = mark().read()
    return "" if origin is None else f", {origin}"


def _blamed(prim: Primitive, arrays: Sequence[Any], out: Any, clause: str) -> Found:
    place = mark()
    values = [*zip(report.names(prim.input_names, arrays, place.modules), arrays, strict=True)]
    fix = report.advice(prim.name, "forward")
    return Found(prim.name, "forward", clause, place, [*_shown(values), ("output", out)], fix)


def _came_in(prim: Primitive, arrays: Sequence[Any], out: Any, kind: str) -> Found:
    found = _blamed(prim, arrays, out, "")
    bad = next(name for name, value in found.values if any(_kinds((value,))))
    ours = bad.startswith("the ")
    source = bad if ours else f"the input {bad} of {prim.name}"
    clause = f"{kind} came in with {source}"
    if ours:
        clause += f", which {prim.name} reads"
    return found._replace(clause=clause, fix=_UPDATED if ours else _CLEAN)


def _shown(values: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in values if value is not None]


def _kinds(values: Iterable[Any]) -> tuple[bool, bool]:
    """Whether there is NaN among some arrays and numbers, and whether infinity."""
    nan = inf = False
    for value in values:
        if isinstance(value, np.ndarray | np.generic):
            if not is_finite(value):
                nans, infs = counts(value)
                nan, inf = nan or nans > 0, inf or infs > 0
        elif isinstance(value, float | complex):
            number = complex(value)
            nan = nan or math.isnan(number.real) or math.isnan(number.imag)
            inf = inf or math.isinf(number.real) or math.isinf(number.imag)
    return nan, inf


def of_backward(
    node: Node, gradient: Any, edges: Sequence[Any], gradients: Sequence[Any], values: Any
) -> Found:
    """What to say of an op whose gradient rule gave something that is not finite.

    Parameters
    ----------
    node : Node
    gradient : object
        What entered it: an array, a tensor, or a list of them.
    edges, gradients : sequence
        Which inputs want a gradient, and what the rule gave.
    values : sequence
        What the node had saved of its inputs.
    """
    op, place = node.prim.name, _noted(node)
    modules = () if place is None else place.modules
    names = report.names(node.prim.input_names, values, modules)
    entered = [bare(g) for g in (gradient if type(gradient) is list else [gradient])]
    made = [
        (f"gradient of {name}", bare(g))
        for name, edge, g in zip(names, edges, gradients, strict=True)
        if edge is not None and g is not None
    ]
    kind = "NaN" if _kinds(g for _, g in made)[0] else "infinity"
    if any(_kinds(entered)):
        clause = f"{kind} came in with the gradient that reached {op}"
        fix = _ENTERED
    else:
        clause = f"the gradient of {op} made {kind} from finite gradients"
        fix = report.advice(op, "backward")
    parts = [("gradient of the output", g) for g in entered if g is not None]
    listed = _shown(zip(names, values, strict=True))
    if isinstance(node.out, np.ndarray):
        listed.append(("output", node.out))
    return Found(op, "backward", clause, place, [*listed, *parts, *made], fix)


def of_root(node: Node) -> Found:
    """What to say of a backward pass that starts from an infinite value."""
    op = node.prim.name
    clause = f"backward() starts from infinity, the output of {op}"
    fix = "a mask, or the data, put infinity where it reaches the loss"
    return Found(op, "backward", clause, _noted(node), [], fix)


def _noted(node: Node) -> Mark | None:
    noted = getattr(node, "origin", None)
    return noted if isinstance(noted, Mark) else None


def bare(gradient: Any) -> Any:
    """A gradient as an array."""
    return gradient._data if isinstance(gradient, Tensor) else gradient
