"""Watching gradients go by: an identity whose gradient rule is somebody else's function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    return [draw.sample(draw(3), draw(2, 2), seen=list), draw.sample(draw(), seen=list)]


@primitive("watch", outputs=0, complex=True, samples=_samples)
def _watch(*inputs: Any, seen: Callable[[Sequence[Any]], Sequence[Any]]) -> Any:
    return tuple(x.copy() for x in inputs)  # a view would have to be one of each input


@_watch.rule
def _(g, y, *inputs, seen):
    return tuple(seen(g))


def watch(
    inputs: Sequence[Tensor], seen: Callable[[Sequence[Any]], Sequence[Any]]
) -> tuple[Tensor, ...]:
    """Equal tensors, with a function that their gradients pass through.

    Parameters
    ----------
    inputs : sequence of Tensor
    seen : callable
        ``seen(gradients) -> gradients``, called once all of them are complete; one that did
        not arrive is None. They are arrays, or tensors with ``create_graph=True``.

    Returns
    -------
    tuple of Tensor
        Copies, so that what is done to them in place leaves `inputs` alone.

    Examples
    --------
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> (y,) = watch([x], lambda gradients: [g * 10 for g in gradients])
    >>> y.sum().backward()
    >>> print(x.grad)
    [10.0000, 10.0000]
    """
    results: tuple[Tensor, ...] = apply(_watch, *inputs, seen=seen)
    return results
