"""Joining tensors: end to end along a dimension that exists (`cat`) or a new one (`stack`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from ..samples import Draw, Sample
from .axes import ndim_of, normal_axis, one_spelling
from .broadcasting import broadcast_to
from .creation import zeros
from .gathering import narrow, select
from .out import into
from .promotion import promote_all
from .shape import reshape


def _samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(2, 3), draw(1, 3), axis=0),
        draw.sample(draw(2, 3), draw(2, 0), draw(2, 2), axis=1),
        draw.sample(draw(2), axis=0),
    ]


@primitive("cat", complex=True, samples=_samples)
def _cat(*tensors: Any, axis: int) -> Any:
    return np.concatenate(tensors, axis)


@_cat.rule
def _(g, y, *tensors, axis, needs):
    grads, start = [], 0
    for tensor, needed in zip(tensors, needs, strict=True):
        length = tensor.shape[axis]
        grads.append(narrow(g, axis, start, length) if needed else None)
        start += length
    return grads


def in_one_dtype(caller: str, tensors: Any) -> list[Tensor]:
    """The tensors of a sequence, in one dtype.

    Raises
    ------
    ArgumentError
        If there are none.
    DTypeError
        If it is no sequence of tensors.
    """
    if not isinstance(tensors, tuple | list):
        if not isinstance(tensors, Iterable):
            problem = f"takes a sequence of tensors, not {type(tensors).__name__}"
            raise DTypeError(compose(caller, problem, {"tensors": tensors}, "[a, b]"))
        tensors = tuple(tensors)
    if not tensors:
        raise ArgumentError(compose(caller, "needs at least one tensor"))
    dtype, alike = None, True
    for i, tensor in enumerate(tensors):
        if not isinstance(tensor, Tensor | np.ndarray):
            problem = f"takes a sequence of tensors, but number {i} is none"
            raise DTypeError(compose(caller, problem, {f"tensors[{i}]": tensor}))
        own = tensor.dtype
        alike = alike and (own is dtype or not i)
        dtype = own
    return list(tensors) if alike else promote_all(caller, *tensors)


def cat(
    tensors: Sequence[Tensor],
    dim: Any = None,
    *,
    axis: int | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Tensors end to end along a dimension.

    Parameters
    ----------
    tensors : sequence of Tensor
        Of equal shapes but along `dim`, promoted to one dtype. Empty vectors are left out.
    dim : int, default 0
        Also spelled `axis`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shapes differ elsewhere, or a tensor is 0-d.
    ArgumentError
        If there are no tensors.

    Examples
    --------
    >>> import lucid
    >>> lucid.cat([lucid.tensor([[1, 2]]), lucid.tensor([[3, 4], [5, 6]])])
    Tensor([[1, 2],
            [3, 4],
            [5, 6]])
    """
    if out is not None:
        return into(cat, locals())
    operands = in_one_dtype("cat", tensors)
    if operands[0].shape == (0,):
        operands = [t for t in operands if t.shape != (0,)] or operands
    place = one_spelling("cat", dim, axis)
    first = operands[0]
    if not first.ndim:
        fix = "lucid.stack(tensors)"
        raise ShapeError(compose("cat", "0-d tensors have no dimension to join", fix=fix))
    where = normal_axis("cat", 0 if place is None else place, first.ndim)
    try:
        return apply(_cat, *operands, axis=where)
    except ShapeError as error:
        rest = [t for t in operands if t.shape != (0,)]
        if 0 < len(rest) < len(operands):
            return cat(rest, dim, axis=axis)
        problem = f"the shapes must be equal but along dimension {where}"
        seen = {f"tensors[{i}]": t for i, t in enumerate(operands[:8])}
        raise ShapeError(compose("cat", problem, seen)) from error


concat = concatenate = cat


def stack(
    tensors: Sequence[Tensor],
    dim: Any = None,
    *,
    axis: int | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Tensors of one shape side by side along a new dimension.

    Parameters
    ----------
    tensors : sequence of Tensor
    dim : int, default 0
        Where the new dimension will stand. Also spelled `axis`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shapes differ.
    ArgumentError
        If there are no tensors.

    Examples
    --------
    >>> import lucid
    >>> lucid.stack([lucid.tensor([1, 2]), lucid.tensor([3, 4])], dim=1)
    Tensor([[1, 3],
            [2, 4]])
    """
    if out is not None:
        return into(stack, locals())
    operands = in_one_dtype("stack", tensors)
    shape = operands[0].shape
    for i, tensor in enumerate(operands):
        if tensor.shape != shape:
            problem = "the shapes must be equal"
            seen = {"tensors[0]": operands[0], f"tensors[{i}]": tensor}
            raise ShapeError(compose("stack", problem, seen))
    place = one_spelling("stack", dim, axis)
    where = normal_axis("stack", 0 if place is None else place, len(shape) + 1)
    return apply(_stack, *operands, axis=where)


def _stack_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(2, 3), draw(2, 3), axis=1),
        draw.sample(draw(3), draw(3), draw(3), axis=1),
        draw.sample(draw(), draw(), axis=0),
    ]


@primitive("stack", complex=True, samples=_stack_samples)
def _stack(*tensors: Any, axis: int) -> Any:
    shape = tensors[0].shape
    shape = (*shape[:axis], 1, *shape[axis:])
    return np.concatenate([tensor.reshape(shape) for tensor in tensors], axis)


@_stack.rule
def _(g, y, *tensors, axis, needs):
    return [select(g, axis, i) if needed else None for i, needed in enumerate(needs)]


def at_least(tensor: Tensor, ndim: int) -> Tensor:
    """The tensor with dimensions of length 1: in front up to 2-d, and the third behind."""
    shape = tensor.shape
    if len(shape) >= ndim:
        return tensor
    shape = (1,) * (min(ndim, 2) - len(shape)) + shape
    return reshape(tensor, shape + (1,) * (ndim - len(shape)))


def block_diag(*tensors: Tensor) -> Tensor:
    """Matrices along the diagonal of one matrix, zeros elsewhere.

    Parameters
    ----------
    *tensors : Tensor
        Matrices; vectors count as rows.

    Examples
    --------
    >>> import lucid
    >>> lucid.block_diag(lucid.tensor([[1, 2]]), lucid.tensor([[3]]))
    Tensor([[1, 2, 0],
            [0, 0, 3]])
    """
    blocks = [at_least(tensor, 2) for tensor in in_one_dtype("block_diag", tensors)]
    if any(block.ndim > 2 for block in blocks):
        seen = {f"tensors[{i}]": block for i, block in enumerate(blocks)}
        raise ShapeError(compose("block_diag", "takes matrices", seen))
    width, rows, start = sum(block.shape[1] for block in blocks), [], 0
    for block in blocks:
        height, own = block.shape
        left = zeros(height, start, dtype=block.dtype)
        right = zeros(height, width - start - own, dtype=block.dtype)
        rows.append(cat([left, block, right], 1))
        start += own
    return cat(rows, 0)


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """Coordinates of a grid: each vector spread over the grid along its own dimension.

    Parameters
    ----------
    *tensors : Tensor
        Vectors or 0-d tensors, given one by one or as one sequence.
    indexing : {"ij", "xy"}
        With ``"xy"`` the first two dimensions of the grid are exchanged.

    Returns
    -------
    tuple of Tensor
        Views; they cannot be written to.

    Raises
    ------
    ArgumentError
        If `indexing` is neither.
    ShapeError
        If an operand has more than one dimension.

    Examples
    --------
    >>> import lucid
    >>> a, b = lucid.meshgrid(lucid.tensor([1, 2]), lucid.tensor([3, 4, 5]))
    >>> a
    Tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    if len(tensors) == 1 and isinstance(tensors[0], tuple | list):
        tensors = tuple(tensors[0])
    if indexing not in ("ij", "xy"):
        problem = f"indexing must be 'ij' or 'xy', not {indexing!r}"
        raise ArgumentError(compose("meshgrid", problem))
    for i, tensor in enumerate(tensors):
        if ndim_of("meshgrid", tensor) > 1:
            raise ShapeError(compose("meshgrid", "takes vectors", {f"tensors[{i}]": tensor}))
    places = list(range(len(tensors)))
    if indexing == "xy":
        places[:2] = places[:2][::-1]
    shape = [1] * len(tensors)
    for place, tensor in zip(places, tensors, strict=True):
        shape[place] = tensor.numel()
    grids = []
    for place, tensor in zip(places, tensors, strict=True):
        own = tuple(-1 if i == place else 1 for i in range(len(shape)))
        grids.append(broadcast_to(reshape(tensor, own), tuple(shape)))
    return tuple(grids)
