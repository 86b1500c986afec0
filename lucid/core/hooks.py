"""Runs the hooks that a backward pass meets, in PyTorch's order.

When the gradient of a tensor is complete: the tensor's own hooks, then it is retained where
that was asked for. Where the pass goes on: the hooks before the op, its rule, the hooks after
it. At a leaf: the hooks before, the accumulation, then those that wait for the filled `grad`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..config import LOCAL
from ..errors import ArgumentError, ShapeError, compose
from .node import Leaf
from .tensor import Tensor, wrap


def complete(node: Any, gradient: Any) -> Any:
    """Run the hooks of a tensor on its complete gradient, and retain it where asked."""
    if type(gradient) is list:  # of an op with several outputs, whose tensors had their turn
        return gradient
    extras = node.extras
    value = _tensor(gradient)
    for hook in tuple(extras.hooks.values()):
        replaced = hook(value)
        if replaced is not None:
            _check("register_hook", "a hook must return None or", value, replaced)
            value = replaced
    keeper = extras.retain() if extras.retain is not None else None
    if keeper is not None:
        copied = wrap(value.data.copy(), value._node)
        keeper.grad = copied if keeper.grad is None else keeper.grad + copied
    return _like(gradient, value)


def before(node: Any, gradient: Any) -> Any:
    """Run the hooks before an op (or before a leaf is filled) on what enters it.

    What enters an op with several outputs is a list.
    """
    several = type(gradient) is list
    parts = tuple(map(_tensor, gradient)) if several else (_tensor(gradient),)
    for hook in tuple(node.extras.before.values()):
        parts = _replaced("register_prehook", parts, hook(parts))
    if several:
        return [_like(old, new) for old, new in zip(gradient, parts, strict=True)]
    return _like(gradient, parts[0])


def after(node: Any, gradients: Sequence[Any], gradient: Any) -> list[Any]:
    """Run the hooks after an op on the gradients it has made, and on the one that entered."""
    entered = tuple(map(_tensor, gradient if type(gradient) is list else [gradient]))
    parts = tuple(map(_tensor, gradients[node.hidden :]))
    for hook in tuple(node.extras.after.values()):
        parts = _replaced("register_hook", parts, hook(parts, entered))
    seen = gradients[node.hidden :]
    made = [_like(old, new) for old, new in zip(seen, parts, strict=True)]
    return [*gradients[: node.hidden], *made]


def filled(leaf: Leaf, tensor: Tensor, gradient: Any) -> None:
    """Run the hooks that wait until a leaf has its gradient."""
    assert leaf.extras is not None
    for hook in tuple(leaf.extras.filled.values()):
        hook(tensor)
    for hook in tuple(leaf.extras.after.values()):
        if hook((), (_tensor(gradient),)) is not None:
            problem = "a leaf hands no gradient on, so its hook has nothing to replace"
            raise ArgumentError(compose("register_hook", problem, {"leaf": tensor}))


def at_end(callback: Callable[[], Any]) -> None:
    """Call `callback` when the backward pass that this thread is in has done its work."""
    state = LOCAL.state
    if state.pass_ends is None:
        state.pass_ends = []
    state.pass_ends.append(callback)


def _tensor(gradient: Any) -> Any:
    """What a hook is given: a tensor, or None."""
    if gradient is None or isinstance(gradient, Tensor):
        return gradient
    return wrap(np.asarray(gradient))


def _like(before: Any, value: Any) -> Any:
    """A hook's tensor as what the engine works with: an array, or a tensor with history."""
    return value.data if isinstance(value, Tensor) and not isinstance(before, Tensor) else value


def _replaced(where: str, parts: tuple[Any, ...], given: Any) -> tuple[Any, ...]:
    """What stands for `parts` after a hook: what it returned, if anything."""
    if given is None:
        return parts
    listed = tuple(given) if isinstance(given, tuple | list) else (given,)
    listed += (None,) * parts[len(listed) :].count(None)  # where outputs carry no gradient
    if len(listed) != len(parts):
        problem = f"a hook must return None or a tuple of {len(parts)}, not of {len(listed)}"
        raise ArgumentError(compose(where, problem))
    for old, new in zip(parts, listed, strict=True):
        if new is not None:
            _check(where, "a hook must return None or, for each gradient,", old, new)
    return listed


def _check(where: str, what: str, value: Any, replaced: Any) -> None:
    """Raise unless what a hook returned can stand for the gradient."""
    if value is not None and isinstance(replaced, Tensor) and replaced.shape == value.shape:
        return
    problem = f"{what} a tensor of the gradient's shape"
    raise ShapeError(compose(where, problem, {"gradient": value, "returned": replaced}))
