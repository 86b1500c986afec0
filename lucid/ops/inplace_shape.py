"""Another shape, other memory or no history, for a tensor in place: ``x.unsqueeze_(0)``.

Nothing is written to memory here: the tensor becomes a view of what it was. In its family (see
`core.views`) a stand-in takes over its place, so that the views that were made from it earlier
keep their shapes and their gradients.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core import views
from ..core.node import Leaf
from ..core.tensor import Tensor, wrap
from ..errors import DTypeError, GradError, ShapeError, compose
from .bind import method
from .inplace import move_to, refuse_leaf
from .shape import lengths, squeeze, unsqueeze
from .strided import as_strided
from .transposition import t, transpose


def _become(caller: str, function: Callable[..., Tensor], input: Tensor, *args: Any) -> Tensor:
    """Turn `input` into the view ``function(input, *args)`` of what it was."""
    refuse_leaf(caller, input)
    view = function(input, *args)
    if view is input:
        return input
    if type(input._node) is not Leaf:  # a leaf, outside of recording, stays one
        views.step_aside(input, wrap(input._data, input._node))
        if getattr(view, "_kin", None) is not None:
            input._kin = view._kin
        move_to(input, view._node)
    input._data = view._data
    return input


def _becomes(function: Callable[..., Tensor], *names: str) -> None:
    """Attach the form in place of a function that gives a view."""

    def method_(input: Tensor, *args: Any, **options: Any) -> Tensor:
        return _become(names[0], lambda x: function(x, *args, **options), input)

    method_.__name__ = method_.__qualname__ = names[0]
    method_.__doc__ = f"`{function.__name__}` in place: the tensor itself gets the new shape."
    method(*names)(method_)


_becomes(squeeze, "squeeze_")
_becomes(unsqueeze, "unsqueeze_")
_becomes(t, "t_")
_becomes(transpose, "transpose_", "swapaxes_", "swapdims_")
_becomes(as_strided, "as_strided_")


@method("detach_")
def detach_(input: Tensor) -> Tensor:
    """The history cut off in place: the tensor becomes a leaf that requires no gradient.

    Parameters
    ----------
    input : Tensor

    Returns
    -------
    Tensor
        `input` itself.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([1.0, 2.0], requires_grad=True)
    >>> y = (x * 2).detach_()
    >>> y.requires_grad
    False
    """
    if views.origin(input) is not None:  # what it was made from keeps its history
        views.leave(input)
    input._node = None
    return input


def _refuse_history(caller: str, input: Tensor) -> None:
    """Raise for a tensor that requires a gradient, which belongs to its present elements."""
    if input._node is not None:
        problem = "a tensor that requires a gradient cannot get other elements"
        fix = "x.detach(), or a new tensor"
        raise GradError(compose(caller, problem, {"tensor": input}, fix))


@method("resize_")
def resize_(input: Tensor, *sizes: Any) -> Tensor:
    """Another number of elements, in place.

    The elements keep their order; where there are more of them than before, the new ones are
    whatever memory held. A tensor that does not grow keeps its memory if that is contiguous.

    Parameters
    ----------
    input : Tensor
        Requires no gradient.
    *sizes : int
        The new lengths, one by one or as one sequence.

    Returns
    -------
    Tensor
        `input` itself.

    Raises
    ------
    GradError
        If the tensor requires a gradient.
    ShapeError
        If a length is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([[1, 2, 3], [4, 5, 6]]).resize_(2, 2)
    Tensor([[1, 2],
            [3, 4]])
    """
    _refuse_history("resize_", input)
    shape = lengths(sizes, "resize_")
    if min(shape, default=0) < 0:
        raise ShapeError(compose("resize_", "lengths must not be negative", {"sizes": shape}))
    count, old = math.prod(shape), input._data.reshape(-1)
    if count > old.size:
        fresh = np.empty(count, old.dtype)
        fresh[: old.size] = old
        old = fresh
    views.leave(input)
    input._data = old[:count].reshape(shape)
    return input


@method("resize_as_")
def resize_as_(input: Tensor, other: Tensor) -> Tensor:
    """The shape of another tensor, in place (see `resize_`).

    Parameters
    ----------
    input, other : Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1, 2, 3, 4]).resize_as_(lucid.zeros(1, 3))
    Tensor([[1, 2, 3]])
    """
    return resize_(input, other.shape)


@method("set_")
def set_(
    input: Tensor,
    source: Tensor | None = None,
    storage_offset: int = 0,
    size: Sequence[int] | None = None,
    stride: Sequence[int] | None = None,
) -> Tensor:
    """Share the memory of another tensor, in place.

    Parameters
    ----------
    input : Tensor
        Requires no gradient.
    source : Tensor, optional
        Of the same dtype; without one the tensor becomes empty.
    storage_offset : int, default 0
        Where to begin in the memory of `source`, in elements.
    size, stride : sequence of int, optional
        Shape and steps, in elements; by default those of `source`, or of a contiguous tensor.

    Returns
    -------
    Tensor
        `input` itself.

    Raises
    ------
    DTypeError
        If the dtypes differ.
    GradError
        If the tensor requires a gradient.
    ArgumentError
        If size, stride and offset leave the memory of `source`.

    Examples
    --------
    >>> import lucid
    >>> x, y = lucid.tensor([1, 2]), lucid.tensor([3, 4, 5])
    >>> x.set_(y)[0] = 7
    >>> y
    Tensor([7, 4, 5])
    """
    _refuse_history("set_", input)
    array = np.empty(0, input.dtype) if source is None else source.data
    if array.dtype != input.dtype:
        problem = "the source must have the dtype of the tensor"
        seen = {"tensor": input, "source": source}
        raise DTypeError(compose("set_", problem, seen, f"source.to(lucid.{input.dtype})"))
    if size is None and storage_offset:
        size = (array.size - storage_offset,)
    if size is not None:
        shape = lengths((size,), "set_")
        steps = _row_major(shape) if stride is None else stride
        array = as_strided(wrap(array), shape, steps, storage_offset).data
    views.leave(input)
    input._data = array
    return input


def _row_major(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The steps of a contiguous tensor, in elements."""
    return tuple(math.prod(shape[i + 1 :]) for i in range(len(shape)))
