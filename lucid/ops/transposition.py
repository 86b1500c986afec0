"""The order of dimensions: every op here is one permutation, and a view."""

from __future__ import annotations

from typing import Any

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, ShapeError, compose
from .axes import ndim_of, normal_axis
from .bind import method


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw(2, 3, 4), axes=(2, 0, 1)),
        draw.sample(draw(3, 4), axes=(1, 0)),
        draw.sample(draw(), axes=()),
        draw.sample(draw(0, 3), axes=(1, 0)),
    ]


@primitive("permute", view=True, complex=True, samples=_samples)
def _permute(x: Any, *, axes: tuple[int, ...]) -> Any:
    return x.transpose(axes)


@_permute.rule
def _(g, y, x, *, axes):
    back = tuple(sorted(range(len(axes)), key=axes.__getitem__))
    return (apply(_permute, g, axes=back),)


@method("permute")
def permute(input: Tensor, *dims: Any) -> Tensor:
    """The dimensions in another order.

    Parameters
    ----------
    input : Tensor
    *dims : int
        Which old dimension stands at each place, one by one or as one sequence.

    Returns
    -------
    Tensor
        A view.

    Raises
    ------
    ArgumentError
        If not every dimension is named exactly once.

    Examples
    --------
    >>> import lucid
    >>> lucid.permute(lucid.tensor([[[1, 2, 3]]]), 2, 0, 1).shape
    (3, 1, 1)
    """
    if len(dims) == 1 and isinstance(dims[0], tuple | list):
        dims = tuple(dims[0])
    axes = tuple([normal_axis("permute", dim, input) for dim in dims])
    if len(axes) != ndim_of("permute", input) or len(set(axes)) != len(axes):
        problem = f"every one of the {input.ndim} dimensions must be named once"
        raise ArgumentError(compose("permute", problem, {"input": input, "dims": dims}))
    return apply(_permute, input, axes=axes)


@method("transpose", "swapaxes", "swapdims")
def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Two dimensions exchanged.

    Parameters
    ----------
    input : Tensor
    dim0, dim1 : int

    Returns
    -------
    Tensor
        A view.

    Raises
    ------
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.transpose(lucid.tensor([[1, 2], [3, 4]]), 0, 1)
    Tensor([[1, 3],
            [2, 4]])
    """
    a, b = normal_axis("transpose", dim0, input), normal_axis("transpose", dim1, input)
    count = input.ndim
    axes = list(range(count))
    if count:
        axes[a], axes[b] = b, a
    return apply(_permute, input, axes=tuple(axes))


swapaxes = swapdims = transpose


@method("movedim", "moveaxis")
def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """Some dimensions moved to other places; the rest keep their order.

    Parameters
    ----------
    input : Tensor
    source, destination : int or sequence of int
        Where they stand, and where they will stand.

    Returns
    -------
    Tensor
        A view.

    Raises
    ------
    ArgumentError
        If `source` and `destination` do not pair up, or name a dimension twice.

    Examples
    --------
    >>> import lucid
    >>> lucid.movedim(lucid.tensor([[[1, 2, 3]]]), -1, 0).shape
    (3, 1, 1)
    """
    old, new = (
        [normal_axis("movedim", dim, input) for dim in (d if _many(d) else (d,))]
        for d in (source, destination)
    )
    if len(old) != len(new) or len(set(old)) != len(old) or len(set(new)) != len(new):
        problem = "source and destination must pair up and name no dimension twice"
        seen = {"source": source, "destination": destination}
        raise ArgumentError(compose("movedim", problem, seen))
    axes = [i for i in range(input.ndim) if i not in old]
    for place, axis in sorted(zip(new, old, strict=True)):
        axes.insert(place, axis)
    return apply(_permute, input, axes=tuple(axes[: input.ndim]))


moveaxis = movedim


def _many(dims: Any) -> bool:
    return isinstance(dims, tuple | list)


@method("t")
def t(input: Tensor) -> Tensor:
    """A matrix with rows and columns exchanged; vectors and 0-d tensors as they are.

    Parameters
    ----------
    input : Tensor
        At most two dimensions.

    Raises
    ------
    ShapeError
        If there are more.

    Examples
    --------
    >>> import lucid
    >>> lucid.t(lucid.tensor([[1, 2]])).shape
    (2, 1)
    """
    if ndim_of("t", input) > 2:
        fix = "x.mT, x.permute(...) or x.transpose(dim0, dim1)"
        raise ShapeError(compose("t", "takes at most two dimensions", {"input": input}, fix))
    return _reversed(input)


def _reversed(input: Tensor) -> Tensor:
    """The tensor with its dimensions in reverse order: ``x.T``."""
    count = input.data.ndim
    if count == 2:
        return apply(_permute, input, axes=(1, 0))
    return input if count < 2 else apply(_permute, input, axes=tuple(range(count))[::-1])


def _matrix_transposed(input: Tensor) -> Tensor:
    """The tensor with its last two dimensions exchanged: ``x.mT``."""
    if input.ndim < 2:
        raise ShapeError(compose("mT", "needs at least two dimensions", {"input": input}))
    return transpose(input, -2, -1)


Tensor.T = property(_reversed)  # type: ignore[method-assign, assignment]
Tensor.mT = property(_matrix_transposed)  # type: ignore[method-assign, assignment]
