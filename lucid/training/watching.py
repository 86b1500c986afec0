"""Watching the ops of this thread one by one, and the modules that they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..core.interception import intercept
from ..nn.module import Module


@contextmanager
def ops(see: Callable[[Any, list[Any], dict[str, Any], Any], None]) -> Iterator[None]:
    """Call ``see(primitive, arrays, static, output)`` after every op of a ``with`` block."""

    def hook(
        prim: Any, arrays: list[Any], static: dict[str, Any], recording: bool, inner: Any
    ) -> Any:
        out, residual = inner(prim, arrays, static, recording)
        see(prim, arrays, static, out)
        return out, residual

    with intercept(op=hook):
        yield


@contextmanager
def modules(
    model: Module,
    enter: Callable[[str, Module, Any, Any], None],
    leave: Callable[[str, Module, Any], None],
) -> Iterator[None]:
    """Call `enter` and `leave` around every `forward` within `model`, in a ``with`` block.

    Parameters
    ----------
    model : Module
    enter : callable
        ``enter(path, module, args, kwargs)``; the path of `model` itself is empty.
    leave : callable
        ``leave(path, module, output)``; not called if `forward` raises.
    """
    handles = []
    try:
        for path, module in model.named_modules():
            handles.append(_entering(path, module, enter))
            handles.append(_leaving(path, module, leave))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _entering(path: str, module: Module, enter: Callable[..., None]) -> Any:
    def hook(module: Module, args: Any, kwargs: Any) -> None:
        enter(path, module, args, kwargs)

    return module.register_forward_pre_hook(hook, with_kwargs=True)


def _leaving(path: str, module: Module, leave: Callable[..., None]) -> Any:
    def hook(module: Module, args: Any, output: Any) -> None:
        leave(path, module, output)

    return module.register_forward_hook(hook)
