"""Weights that are computed anew before each call, by a hook: what the older forms share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from ...core.tensor import Tensor
from ...errors import ArgumentError, UnimplementedError, compose
from .. import hooks

Hook = TypeVar("Hook", bound="Recomputed")


class Recomputed:
    """A forward pre-hook that sets one tensor of a module.

    Attributes
    ----------
    name : str
        Of the tensor.
    """

    name: str

    def compute(self, module: Any) -> Tensor:
        """The tensor, from what is trained in its place."""
        raise UnimplementedError(compose(type(self).__name__, "does not say how"))

    def __call__(self, module: Any, args: Any) -> None:
        setattr(module, self.name, self.compute(module))

    def attach(self, module: Any) -> None:
        """Compute the tensor now, and before every call of the module."""
        module.register_forward_pre_hook(self)
        self(module, ())


def attached(module: Any, kind: Callable[..., Hook], name: str) -> Hook | None:
    """The hook of one class that sets a tensor of a module, or None."""
    if module._hooks is None:
        return None
    for hook, _ in module._hooks.before.values():
        if isinstance(hook, cast(Any, kind)) and hook.name == name:
            found: Hook = hook
            return found
    return None


def detach(where: str, module: Any, kind: Callable[..., Hook], name: str) -> Hook:
    """Take such a hook away, and give it back.

    Raises
    ------
    ArgumentError
        If there is none.
    """
    found = attached(module, kind, name)
    if found is None:
        problem = f"{name!r} of {type(module).__name__} is not set by such a hook"
        raise ArgumentError(compose(where, problem))
    before = hooks.of(module).before
    for key in [key for key, (hook, _) in before.items() if hook is found]:
        del before[key]
    return found
