"""Functions that run around a module's `forward`, and around its backward pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..core.node import HookHandle
from ..core.tensor import Tensor, wrap
from ..errors import DTypeError, ShapeError, compose
from ..ops.watch import watch
from . import outline


class Hooks:
    """The hooks of one module by the keys of their handles, each with its `with_kwargs`.

    Attributes
    ----------
    before, after : dict
        Around `forward`.
    backward_before, backward_after : dict
        Around the backward pass: when the gradients of the outputs, and of the inputs, are there.
    """

    __slots__ = ("after", "backward_after", "backward_before", "before")

    def __init__(self) -> None:
        self.before: dict[int, Any] = {}
        self.after: dict[int, Any] = {}
        self.backward_before: dict[int, Any] = {}
        self.backward_after: dict[int, Any] = {}


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
        if hooks.backward_before or hooks.backward_after:
            output = _Passage(module, hooks).run(args, kwargs)
        else:
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


class _Passage:
    """One call of a module whose backward pass has hooks.

    Its tensors go through `watch` on their way in and out, so that each gradient is complete
    when a hook sees it, and is this call's share alone.
    """

    __slots__ = ("_hooks", "_module", "_of_outputs", "_places")

    def __init__(self, module: Any, hooks: Hooks) -> None:
        self._module = module
        self._hooks = hooks
        self._of_outputs: tuple[Any, ...] = ()
        self._places: list[int | None] = []  # for every input its place among those watched

    def run(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """`forward`, watched."""
        watched = [arg for arg in args if isinstance(arg, Tensor) and arg.requires_grad]
        count = iter(range(len(watched)))
        self._places = [
            next(count) if isinstance(arg, Tensor) and arg.requires_grad else None for arg in args
        ]
        if watched:
            entered = watch(watched, self._leave_inputs)
            args = tuple(
                arg if place is None else entered[place]
                for arg, place in zip(args, self._places, strict=True)
            )
        output = self._module.forward(*args, **kwargs)
        if isinstance(output, Tensor):
            return watch([output], self._enter_outputs)[0]
        if isinstance(output, tuple) and output and all(isinstance(o, Tensor) for o in output):
            return watch(output, self._enter_outputs)
        return output

    def _enter_outputs(self, gradients: Sequence[Any]) -> Sequence[Any]:
        self._of_outputs = tuple(_as_tensor(g) for g in gradients)
        for hook, _ in tuple(self._hooks.backward_before.values()):
            replaced = hook(self._module, self._of_outputs)
            if replaced is not None:
                self._of_outputs = _replacement(self._of_outputs, replaced)
        if all(place is None for place in self._places):
            self._call_hooks((None,) * len(self._places))
        return [_like(g, seen) for g, seen in zip(gradients, self._of_outputs, strict=True)]

    def _leave_inputs(self, gradients: Sequence[Any]) -> Sequence[Any]:
        seen = tuple(None if p is None else _as_tensor(gradients[p]) for p in self._places)
        after = self._call_hooks(seen)
        kept = [g for g, place in zip(after, self._places, strict=True) if place is not None]
        return [_like(g, replaced) for g, replaced in zip(gradients, kept, strict=True)]

    def _call_hooks(self, of_inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        for hook, _ in tuple(self._hooks.backward_after.values()):
            replaced = hook(self._module, of_inputs, self._of_outputs)
            if replaced is not None:
                of_inputs = _replacement(of_inputs, replaced)
        return of_inputs


def _as_tensor(gradient: Any) -> Any:
    return gradient if gradient is None or isinstance(gradient, Tensor) else wrap(gradient)


def _like(gradient: Any, replaced: Any) -> Any:
    """What a hook gave, as an array or tensor, whichever the engine is working with."""
    if replaced is None or isinstance(gradient, Tensor):
        return replaced
    return replaced.data


def _replacement(gradients: tuple[Any, ...], replaced: Any) -> tuple[Any, ...]:
    """The gradients that a hook returned in place of those it was shown."""
    given = replaced if isinstance(replaced, tuple) else (replaced,)
    fits = len(given) == len(gradients) and all(
        new is None or old is None or (isinstance(new, Tensor) and new.shape == old.shape)
        for new, old in zip(given, gradients, strict=False)
    )
    if not fits:
        problem = "a backward hook returns None or one gradient for each it was shown"
        seen = {"gradients": gradients, "returned": replaced}
        raise ShapeError(compose("register_full_backward_hook", problem, seen))
    return given
