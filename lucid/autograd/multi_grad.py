"""Hooks on several tensors, and changes behind the back of differentiation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..config import LOCAL
from ..core import versions
from ..core.hooks import at_end
from ..core.tensor import Tensor
from ..errors import ArgumentError, compose


def register_multi_grad_hook(
    tensors: Sequence[Tensor], fn: Callable[..., Any], *, mode: str = "all"
) -> MultiGradHandle:
    """Call a function with the gradients of several tensors, once in a backward pass.

    Parameters
    ----------
    tensors : sequence of Tensor
        They must require gradients.
    fn : callable
        With mode ``"all"`` it is called as ``fn(gradients)``, a list with one gradient for
        each tensor: when the last of them is there, or else at the end of the pass, with None
        for those that the pass did not reach. With mode ``"any"`` it is called as
        ``fn(gradient)`` with the first. What it returns is not looked at.
    mode : {"all", "any"}, default "all"

    Returns
    -------
    MultiGradHandle
        Its `remove` takes the hook away.

    Raises
    ------
    ArgumentError
        If `mode` is neither, or there is no tensor.
    GradError
        If a tensor requires no gradient.

    Examples
    --------
    >>> import lucid
    >>> x, w = lucid.ones(2, requires_grad=True), lucid.ones(2, requires_grad=True)
    >>> handle = lucid.autograd.graph.register_multi_grad_hook([x, w], lambda g: print(len(g)))
    >>> (x * w).sum().backward()
    2
    """
    if mode not in ("all", "any"):
        problem = f"mode must be 'all' or 'any', not {mode!r}"
        raise ArgumentError(compose("register_multi_grad_hook", problem))
    if not tensors:
        raise ArgumentError(compose("register_multi_grad_hook", "tensors is empty"))
    return MultiGradHandle(tensors, fn, alone=mode == "any")


class MultiGradHandle:
    """Takes a hook on several tensors away again: see `register_multi_grad_hook`.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.ones(2, requires_grad=True)
    >>> with lucid.autograd.graph.register_multi_grad_hook([x], print):
    ...     x.sum().backward()
    [Tensor([1.0000, 1.0000])]
    >>> x.sum().backward()
    """

    def __init__(self, tensors: Sequence[Tensor], fn: Callable[..., Any], alone: bool) -> None:
        self._fn, self._alone, self._count = fn, alone, len(tensors)
        self._handles = [
            tensor.register_hook(lambda gradient, i=i: self._arrived(i, gradient))  # type: ignore[misc]
            for i, tensor in enumerate(tensors)
        ]

    def _arrived(self, i: int, gradient: Tensor) -> None:
        """Note one gradient, in the collection that belongs to the present pass."""
        for end in LOCAL.state.pass_ends or ():
            if isinstance(end, _Collection) and end.owner is self:
                break
        else:
            end = _Collection(self)
            at_end(end)
        end.add(i, gradient)

    def remove(self) -> None:
        """Take the hook away; a second call does nothing."""
        for handle in self._handles:
            handle.remove()

    def __enter__(self) -> MultiGradHandle:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


class _Collection:
    """The gradients that one pass has brought so far; called when the pass ends."""

    def __init__(self, owner: MultiGradHandle) -> None:
        self.owner = owner
        self.gradients: list[Tensor | None] = [None] * owner._count
        self.missing = owner._count
        self.done = False

    def add(self, i: int, gradient: Tensor) -> None:
        self.gradients[i] = gradient
        self.missing -= 1
        if self.owner._alone and not self.done:
            self.done = True
            self.owner._fn(gradient)
        elif not self.missing:
            self()

    def __call__(self) -> None:
        if not self.done:
            self.done = True
            self.owner._fn(self.gradients)


def increment_version(tensor: Tensor | Sequence[Tensor]) -> None:
    """Say that tensors were changed in place behind Lucid's back, as through ``x.data``.

    Gradients that need the old values then refuse to be computed.

    Parameters
    ----------
    tensor : Tensor or sequence of Tensor

    Examples
    --------
    >>> import lucid
    >>> x = lucid.ones(2)
    >>> x.data[0] = 5.0
    >>> lucid.autograd.graph.increment_version(x)
    >>> x._version
    1
    """
    for each in [tensor] if isinstance(tensor, Tensor) else tensor:
        versions.bump(each._data)
