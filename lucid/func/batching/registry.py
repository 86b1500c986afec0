"""How each op runs on many samples at once: the batching rules, by primitive.

A rule is ``rule(level, prim, values, batched, static) -> outputs``. `values` are the inputs as
they are outside of the `vmap`, those that are `batched` with all samples in a row along their
first dimension; so are the outputs. It is written with `apply` and Lucid's functions, so that
what it does has a history, and may itself be lanes of a `vmap` further out. None in the place of
outputs says that in this case the op runs on one sample after the other.

A lowering is ``lowering(level, *inputs, **static) -> outputs``, on the tensors within the
`vmap`: it does the same by other ops. None says that the op itself shall run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.primitive import Primitive
from ...core.tensor import wrap
from ...ops.broadcasting import broadcast_to
from ...ops.shape import reshape

Rule = Callable[..., Any]

RULES: dict[str, Rule] = {}
LOWERINGS: dict[str, Rule] = {}


def batches(*names: str) -> Callable[[Rule], Rule]:
    """Declare the batching rule of some primitives."""

    def declare(rule: Rule) -> Rule:
        RULES.update(dict.fromkeys(names, rule))
        return rule

    return declare


def lowers(*names: str) -> Callable[[Rule], Rule]:
    """Declare what stands for some primitives within a `vmap`."""

    def declare(lowering: Rule) -> Rule:
        LOWERINGS.update(dict.fromkeys(names, lowering))
        return lowering

    return declare


def rule_of(prim: Primitive) -> Rule | None:
    """The batching rule of a primitive, by its name or by what it declares of itself."""
    rule = RULES.get(prim.name)
    if rule is None and prim.broadcasts:
        family = "_reduced" if prim.name.endswith("_reduced") else "broadcasts"
        rule = RULES[family]
    return rule


# ---- bringing inputs into line ----------------------------------------------------------


def with_ndim(x: Any, ndim: int) -> Any:
    """A batched tensor whose samples have `ndim` dimensions: ones behind the first."""
    missing = ndim - (x.ndim - 1)
    return reshape(x, (x.shape[0], *(1,) * missing, *x.shape[1:])) if missing > 0 else x


def aligned(values: list[Any], batched: list[bool], least: int = 0) -> list[Any]:
    """Inputs that broadcast as the samples do, the samples along the first dimension."""
    ndim = max(least, *(np.ndim(x) - b for x, b in zip(values, batched, strict=True)))
    return [with_ndim(x, ndim) if b else x for x, b in zip(values, batched, strict=True)]


def everywhere(size: int, x: Any, batched: bool) -> Any:
    """A batched tensor: what all samples share is laid out for each."""
    if batched or x is None:
        return x
    if not hasattr(x, "shape"):
        x = np.asarray(x)
    if 0 in x.shape:  # reshaping would not copy it, and kernels take no read-only arrays
        return wrap(np.zeros((size, *x.shape), x.dtype))
    return broadcast_to(x, (size, *x.shape))


def merged(x: Any) -> Any:
    """The samples along the first dimension of each: ``(B, N, ...) -> (B N, ...)``."""
    return reshape(x, (x.shape[0] * x.shape[1], *x.shape[2:]))


def parted(x: Any, size: int) -> Any:
    """The reverse: ``(B N, ...) -> (B, N, ...)``."""
    return reshape(x, (size, x.shape[0] // size, *x.shape[1:]))
