"""Functions that run around a module's `forward`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.tensor import HookHandle
from ..errors import DTypeError, compose
from . import outline


class Hooks:
    """The hooks of one module, by the key of their handles: pairs of a hook and a flag."""

    __slots__ = ("after", "before")

    def __init__(self) -> None:
        self.before: dict[int, Any] = {}
        self.after: dict[int, Any] = {}


def of(module: Any) -> Hooks:
    """The hooks of a module, made on first use."""
    if module._hooks is None:
        module.__dict__["_hooks"] = Hooks()
    found: Hooks = module._hooks
    return found


def add(
    registry: dict[int, Any], hook: Callable[..., Any], with_kwargs: bool, prepend: bool
) -> HookHandle:
    """Register a hook, behind the others or before them."""
    if not callable(hook):
        problem = f"a hook must be callable, not {type(hook).__name__}"
        raise DTypeError(compose("register_hook", problem, {"hook": hook}))
    others = dict(registry) if prepend else {}
    if prepend:
        registry.clear()
    handle = HookHandle(registry, (hook, with_kwargs))  # type: ignore[arg-type]
    registry.update(others)
    return handle


def call(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run `forward` with any arguments, and the module's hooks around it."""
    hooks = module._hooks
    try:
        if hooks is None:
            return module.forward(*args, **kwargs)
        for hook, with_kwargs in tuple(hooks.before.values()):
            args, kwargs = _before(module, hook, with_kwargs, args, kwargs)
        output = module.forward(*args, **kwargs)
        for hook, with_kwargs in tuple(hooks.after.values()):
            seen = (args, kwargs, output) if with_kwargs else (args, output)
            replaced = hook(module, *seen)
            if replaced is not None:
                output = replaced
        return output
    except Exception as error:
        outline.note_layer(module, error)
        raise


def _before(
    module: Any,
    hook: Callable[..., Any],
    with_kwargs: bool,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Run one pre-hook; the arguments that `forward` gets after it."""
    if not with_kwargs:
        replaced = hook(module, args)
        if replaced is None:
            return args, kwargs
        return (replaced if isinstance(replaced, tuple) else (replaced,)), kwargs
    replaced = hook(module, args, kwargs)
    if replaced is None:
        return args, kwargs
    if not isinstance(replaced, tuple) or len(replaced) != 2:
        problem = "a pre-hook with_kwargs=True returns None or a pair (args, kwargs)"
        raise DTypeError(compose("register_forward_pre_hook", problem, {"returned": replaced}))
    return replaced
