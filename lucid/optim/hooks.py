"""Functions that run around an optimizer's step, and around its state dicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.node import HookHandle
from ..errors import ArgumentError, compose

BEFORE_ALL: dict[int, Callable[..., Any]] = {}  # around the steps of every optimizer
AFTER_ALL: dict[int, Callable[..., Any]] = {}


class Hooks:
    """The hooks of one optimizer, each under the key of its handle."""

    __slots__ = (
        "load_after",
        "load_before",
        "save_after",
        "save_before",
        "step_after",
        "step_before",
    )

    def __init__(self) -> None:
        self.step_before: dict[int, Callable[..., Any]] = {}
        self.step_after: dict[int, Callable[..., Any]] = {}
        self.save_before: dict[int, Callable[..., Any]] = {}
        self.save_after: dict[int, Callable[..., Any]] = {}
        self.load_before: dict[int, Callable[..., Any]] = {}
        self.load_after: dict[int, Callable[..., Any]] = {}


class Hooked:
    """The part of an optimizer that registers hooks; they run in the order of registration.

    Every method returns a handle, whose ``remove()`` takes the hook away again.
    """

    _hooks: Hooks | None = None  # made with the first hook

    def _own_hooks(self) -> Hooks:
        if self._hooks is None:
            self._hooks = Hooks()
        return self._hooks

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call ``hook(optimizer, args, kwargs)`` before each step.

        `args` are those of the step, the optimizer first, then the closure where there is
        one. The hook may return a pair ``(args, kwargs)`` to put in their place.

        Examples
        --------
        >>> import lucid
        >>> w = lucid.tensor([1.0], requires_grad=True)
        >>> optimizer = lucid.optim.SGD([w], lr=0.1)
        >>> with optimizer.register_step_pre_hook(lambda *_: print("about to step")):
        ...     optimizer.step()
        about to step
        """
        return add(self._own_hooks().step_before, hook)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call ``hook(optimizer, args, kwargs)`` after each step."""
        return add(self._own_hooks().step_after, hook)

    def register_state_dict_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> HookHandle:
        """Call ``hook(optimizer)`` before a state dict is made; `prepend`: before other hooks."""
        return add(self._own_hooks().save_before, hook, prepend)

    def register_state_dict_post_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> HookHandle:
        """Call ``hook(optimizer, state)`` on a state dict that was made.

        It may change the dict, or return another.
        """
        return add(self._own_hooks().save_after, hook, prepend)

    def register_load_state_dict_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> HookHandle:
        """Call ``hook(optimizer, state)`` before a state dict is loaded.

        It gets a shallow copy, which it may change, or return another.
        """
        return add(self._own_hooks().load_before, hook, prepend)

    def register_load_state_dict_post_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> HookHandle:
        """Call ``hook(optimizer)`` when a state dict has been loaded."""
        return add(self._own_hooks().load_after, hook, prepend)


def register_optimizer_step_pre_hook(hook: Callable[..., Any]) -> HookHandle:
    """Call ``hook(optimizer, args, kwargs)`` before each step of every optimizer.

    Parameters
    ----------
    hook : callable
        See `Optimizer.register_step_pre_hook`.

    Returns
    -------
    HookHandle
        Its ``remove()`` takes the hook away again.

    Examples
    --------
    >>> import lucid
    >>> def announce(optimizer, args, kwargs):
    ...     print(type(optimizer).__name__)
    >>> with lucid.optim.register_optimizer_step_pre_hook(announce):
    ...     lucid.optim.SGD([lucid.tensor([1.0], requires_grad=True)]).step()
    SGD
    """
    return add(BEFORE_ALL, hook)


def register_optimizer_step_post_hook(hook: Callable[..., Any]) -> HookHandle:
    """Call ``hook(optimizer, args, kwargs)`` after each step of every optimizer.

    Parameters
    ----------
    hook : callable

    Returns
    -------
    HookHandle
        Its ``remove()`` takes the hook away again.

    Examples
    --------
    >>> import lucid
    >>> steps = []
    >>> handle = lucid.optim.register_optimizer_step_post_hook(lambda *_: steps.append(1))
    >>> lucid.optim.SGD([lucid.tensor([1.0], requires_grad=True)]).step()
    >>> handle.remove()
    >>> len(steps)
    1
    """
    return add(AFTER_ALL, hook)


def add(
    registry: dict[int, Callable[..., Any]], hook: Callable[..., Any], prepend: bool = False
) -> HookHandle:
    """Register a hook, behind the others or before them.

    Raises
    ------
    ArgumentError
        If it cannot be called.
    """
    if not callable(hook):
        problem = f"a hook must be callable, not {type(hook).__name__}"
        raise ArgumentError(compose("register_hook", problem))
    others = dict(registry) if prepend else {}
    if prepend:
        registry.clear()
    handle = HookHandle(registry, hook)
    registry.update(others)
    return handle


def before_step(optimizer: Any, closure: Any) -> Any:
    """Run the hooks before a step; the closure that it gets.

    Raises
    ------
    ArgumentError
        If a hook returns something else than None or a pair.
    """
    own = optimizer._hooks.step_before if optimizer._hooks is not None else {}
    for hook in (*BEFORE_ALL.values(), *own.values()):
        replaced = hook(optimizer, _arguments(optimizer, closure), {})
        if replaced is None:
            continue
        if not isinstance(replaced, tuple) or len(replaced) != 2:
            problem = "a pre-hook returns None or a pair (args, kwargs)"
            seen = {"returned": replaced}
            raise ArgumentError(compose("register_step_pre_hook", problem, seen))
        args, kwargs = replaced
        closure = args[1] if len(args) > 1 else kwargs.get("closure")
    return closure


def after_step(optimizer: Any, closure: Any) -> None:
    """Run the hooks after a step."""
    own = optimizer._hooks.step_after if optimizer._hooks is not None else {}
    for hook in (*own.values(), *AFTER_ALL.values()):
        hook(optimizer, _arguments(optimizer, closure), {})


def through(hooks: dict[int, Callable[..., Any]], optimizer: Any, state: Any) -> Any:
    """A state dict after hooks that may change or replace it."""
    for hook in tuple(hooks.values()):
        replaced = hook(optimizer, state)
        if replaced is not None:
            state = replaced
    return state


def _arguments(optimizer: Any, closure: Any) -> tuple[Any, ...]:
    return (optimizer,) if closure is None else (optimizer, closure)
