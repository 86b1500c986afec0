"""Grad modes: does this thread record what it computes?

Every mode is a context manager and a decorator, and belongs to the thread that enters it.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any, TypeVar

from ..config import LOCAL, State
from ..errors import ArgumentError, compose

F = TypeVar("F", bound=Callable[..., Any])

_GENERATOR, _COROUTINE = 0x20, 0x80  # inspect.CO_GENERATOR and CO_COROUTINE, without inspect


class GradMode:
    """Base of the modes: changes the state of this thread on entry, puts it back on exit.

    Parameters
    ----------
    function : callable, optional
        A function to decorate, so that ``@no_grad`` works without parentheses too.
    """

    __slots__ = ("_before",)

    def __new__(cls, function: Any = None) -> Any:
        """Make a mode, or a function that runs in it."""
        return object.__new__(cls) if function is None else cls()(function)

    def __init__(self, function: Any = None) -> None:
        self._before: list[tuple[bool, bool]] = []  # a stack: a mode may be entered twice

    def _change(self, state: State) -> None:
        """Set the mode."""
        raise NotImplementedError

    def __enter__(self) -> None:
        state = LOCAL.state
        self._before.append((state.grad_enabled, state.inference))
        self._change(state)

    def __exit__(self, *error: object) -> None:
        state = LOCAL.state
        state.grad_enabled, state.inference = self._before.pop()

    def __call__(self, function: F) -> F:
        """Decorate a function, generator function or coroutine function."""
        return _decorate(function, type(self))


class no_grad(GradMode):  # noqa: N801 - reads as a statement, and is PyTorch's name
    """Record nothing: results require no gradient, whatever their inputs do.

    For evaluation and for updates of parameters. A decorated generator or coroutine runs in
    the mode, while what happens between its steps does not.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([1.0, 2.0], requires_grad=True)
    >>> with lucid.no_grad():
    ...     y = x * 2
    >>> y.requires_grad
    False
    >>> @lucid.no_grad()
    ... def double(x):
    ...     return x * 2
    >>> double(x).requires_grad
    False
    """

    __slots__ = ()

    def _change(self, state: State) -> None:
        state.grad_enabled = False


class enable_grad(GradMode):  # noqa: N801
    """Record again, inside of `no_grad`; without effect inside of `inference_mode`.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([1.0, 2.0], requires_grad=True)
    >>> with lucid.no_grad(), lucid.enable_grad():
    ...     y = x * 2
    >>> y.requires_grad
    True
    """

    __slots__ = ()

    def _change(self, state: State) -> None:
        state.grad_enabled = not state.inference


class set_grad_enabled(GradMode):  # noqa: N801
    """Switch recording on or off: at once as a function, or for a ``with`` block.

    Parameters
    ----------
    mode : bool
        True to record. Inside of `inference_mode` nothing is recorded all the same.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([1.0, 2.0], requires_grad=True)
    >>> with lucid.set_grad_enabled(False):
    ...     y = x * 2
    >>> y.requires_grad
    False
    >>> _ = lucid.set_grad_enabled(True)  # as a function: until further notice
    >>> lucid.is_grad_enabled()
    True
    """

    __slots__ = ("_in_force", "_mode")

    def __new__(cls, mode: bool) -> set_grad_enabled:
        """Make the mode; it decorates only with its argument given."""
        made: set_grad_enabled = object.__new__(cls)
        return made

    def __init__(self, mode: bool) -> None:
        super().__init__()
        self._mode = _truth("set_grad_enabled", mode)
        super().__enter__()
        self._in_force = True  # by the call itself; the first `with` adds nothing to it

    def _change(self, state: State) -> None:
        state.grad_enabled = self._mode and not state.inference

    def __enter__(self) -> None:
        if self._in_force:
            self._in_force = False
            self._change(LOCAL.state)
        else:
            super().__enter__()

    def __call__(self, function: F) -> F:
        """Decorate a function; as a decorator it leaves the mode outside as it was."""
        if self._in_force:
            self._in_force = False
            self.__exit__()
        return _decorate(function, functools.partial(set_grad_enabled, self._mode))


class inference_mode(GradMode):  # noqa: N801
    """Record nothing, and let nothing inside switch recording on again.

    Parameters
    ----------
    mode : bool, default True
        False leaves an enclosing inference mode.

    Notes
    -----
    It differs from `no_grad` in that `enable_grad`, and ``create_graph=True``, have no effect
    inside. It differs from PyTorch's in that its tensors are ordinary ones: they may be used in
    recorded computations later on, and changes in place are counted as everywhere.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([1.0, 2.0], requires_grad=True)
    >>> with lucid.inference_mode(), lucid.enable_grad():
    ...     y = x * 2
    >>> y.requires_grad
    False
    """

    __slots__ = ("_mode",)

    def __new__(cls, mode: Any = True) -> Any:
        """Make the mode, or a function that runs in it."""
        return cls()(mode) if callable(mode) else object.__new__(cls)

    def __init__(self, mode: Any = True) -> None:
        super().__init__()
        self._mode = _truth("inference_mode", mode)

    def _change(self, state: State) -> None:
        state.inference = self._mode
        state.grad_enabled = not self._mode

    def __call__(self, function: F) -> F:
        """Decorate a function, generator function or coroutine function."""
        return _decorate(function, functools.partial(inference_mode, self._mode))


def is_grad_enabled() -> bool:
    """Whether this thread records operations on tensors that require gradients.

    Examples
    --------
    >>> import lucid
    >>> with lucid.no_grad():
    ...     lucid.is_grad_enabled()
    False
    """
    return LOCAL.state.grad_enabled


def is_inference_mode_enabled() -> bool:
    """Whether this thread is inside of `inference_mode`.

    Examples
    --------
    >>> import lucid
    >>> with lucid.inference_mode():
    ...     lucid.autograd.is_inference_mode_enabled()
    True
    """
    return LOCAL.state.inference


def _truth(where: str, mode: Any) -> bool:
    if not isinstance(mode, bool | int):
        problem = "the mode must be True or False"
        raise ArgumentError(compose(where, problem, {"mode": mode}))
    return bool(mode)


def _decorate(function: Any, make: Callable[[], GradMode]) -> Any:
    """`function` so that its body runs in the mode that `make` makes, a fresh one a call."""
    if isinstance(function, type) or not callable(function):
        problem = "a grad mode decorates functions and methods"
        raise ArgumentError(compose("grad mode", problem, {"decorated": function}))
    flags = getattr(getattr(function, "__code__", None), "co_flags", 0)
    if flags & _GENERATOR:

        @functools.wraps(function)
        def wrapped(*args: Any, **keywords: Any) -> Any:
            return (yield from _stepwise(function(*args, **keywords), make))

    elif flags & _COROUTINE:

        @functools.wraps(function)
        async def wrapped(*args: Any, **keywords: Any) -> Any:
            return await _awaitable(function(*args, **keywords), make)

    else:

        @functools.wraps(function)
        def wrapped(*args: Any, **keywords: Any) -> Any:
            with make():
                return function(*args, **keywords)

    return wrapped


def _stepwise(steps: Any, make: Callable[[], GradMode]) -> Any:
    """Run a generator or coroutine so that it is in the mode, and whoever drives it is not."""
    resume, argument = steps.send, None
    while True:
        try:
            with make():
                given = resume(argument)
        except StopIteration as end:
            return end.value
        try:
            resume, argument = steps.send, (yield given)
        except GeneratorExit:
            with make():
                steps.close()
            raise
        except BaseException as error:
            resume, argument = steps.throw, error


_awaitable = types.coroutine(_stepwise)
