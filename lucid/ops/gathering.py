"""Reading by index arrays along one dimension, and by masks: gather, take and their kin.

All of them are indexing with the right index arrays, and so have its gradients. Writing so
stands in `scattering`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, values
from ..errors import ArgumentError, DTypeError, IndexingError, ShapeError, compose
from ..kernels import gather as kernels
from ..samples import Draw, Sample
from .axes import ndim_of, normal_axis
from .bind import method
from .broadcasting import broadcast_tensors
from .indexing import HERE, Pattern, as_asked, getitem, read, take_apart
from .out import into
from .shape import reshape

# ---- what is given ----------------------------------------------------------------


def integers(caller: str, index: Any) -> Any:
    """An index array of integers.

    Raises
    ------
    DTypeError
        If it is of another dtype.
    """
    array = index if isinstance(index, Tensor) else np.array(index)
    if array.dtype.kind not in "iu":
        problem = "the index must be of an integer dtype"
        raise DTypeError(compose(caller, problem, {"index": array}, "index.long()"))
    return array


def vector(caller: str, index: Any) -> Any:
    """A vector of integers; a single one is a vector of one.

    Raises
    ------
    DTypeError
        If the index is of another dtype.
    ShapeError
        If it has more dimensions.
    """
    index = integers(caller, index)
    if index.ndim > 1:
        raise ShapeError(compose(caller, "the index must be a vector", {"index": index}))
    return lifted(index)


def before(axis: int) -> Pattern:
    """The part of an index that skips the dimensions before one."""
    return (slice(None),) * axis


def lifted(x: Any) -> Any:
    """A 0-d tensor as a vector of one element; any other as it is."""
    return x if x.ndim else reshape(x, (1,))


def out_of_range(caller: str, index: Any, low: int, high: int, **seen: Any) -> IndexingError:
    """The error for an index of which a value lies outside ``[low, high)``."""
    raw = values(index)
    wrong = raw[(raw < low) | (raw >= high)].ravel()[0]
    problem = f"the index {wrong} is out of bounds: it lies outside [{low}, {high})"
    return IndexingError(compose(caller, problem, {**seen, "index": index}))


def along(
    caller: str, input: Tensor, axis: int, index: Any, src: Any = None
) -> tuple[list[Any], Pattern]:
    """Index arrays that put `index` along `axis` and stay in place along the others.

    Raises
    ------
    ShapeError
        If `index` does not fit into `input`, or into `src`, whose values go there.
    IndexingError
        If an index lies outside the dimension.
    """
    shape, seen = input.shape, {"input": input, "dim": axis, "index": index}
    fits = index.ndim == input.ndim and all(
        n <= m for i, (n, m) in enumerate(zip(index.shape, shape, strict=True)) if i != axis
    )
    if src is not None:
        seen["src"] = src
        fits = fits and index.ndim == src.ndim
        fits = fits and all(n <= m for n, m in zip(index.shape, src.shape, strict=True))
    if not fits:
        problem = "the index must have the number of dimensions of the rest and fit inside it"
        raise ShapeError(compose(caller, problem, seen))
    raw, size = values(index), shape[axis]
    if raw.size and not 0 <= raw.min() <= raw.max() < size:
        raise out_of_range(caller, index, 0, size, input=input, dim=axis)
    grid: list[Any] = list(np.ogrid[tuple(slice(n) for n in index.shape)])
    grid[axis] = index
    return grid, (HERE,) * input.ndim


# ---- one place, or a stretch ----------------------------------------------------


@method("select")
def select(input: Tensor, dim: int, index: int) -> Tensor:
    """One slice along a dimension, which goes away: ``x[:, index]`` for ``dim=1``.

    Parameters
    ----------
    input : Tensor
    dim, index : int

    Returns
    -------
    Tensor
        A view.

    Raises
    ------
    IndexingError
        If there is no such dimension or index.

    Examples
    --------
    >>> import lucid
    >>> lucid.select(lucid.tensor([[1, 2], [3, 4]]), 1, 0)
    Tensor([1, 3])
    """
    axis = _axis("select", input, dim)
    pattern, arrays = take_apart("select", (*before(axis), index))
    try:
        return read(input, arrays, pattern)
    except IndexingError as error:
        raise as_asked("select", error, input=input, dim=dim, index=index) from error.__cause__


@method("narrow")
def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """A stretch of one dimension: ``x[:, start : start + length]`` for ``dim=1``.

    Parameters
    ----------
    input : Tensor
    dim, start, length : int

    Returns
    -------
    Tensor
        A view.

    Raises
    ------
    IndexingError
        If the stretch leaves the tensor.

    Examples
    --------
    >>> import lucid
    >>> lucid.narrow(lucid.tensor([1, 2, 3, 4]), 0, 1, 2)
    Tensor([2, 3])
    """
    axis = _axis("narrow", input, dim)
    size = input.shape[axis]
    try:
        first = start.__index__()
        stop = (first + size if first < 0 else first) + length.__index__()
    except AttributeError:
        given = {"start": start, "length": length}
        raise DTypeError(compose("narrow", "start and length must be integers", given)) from None
    first = stop - length
    if not 0 <= first <= stop <= size:
        problem = f"the stretch leaves the dimension, which has length {size}"
        seen = {"input": input, "dim": dim, "start": start, "length": length}
        raise IndexingError(compose("narrow", problem, seen))
    return getitem(input, (*before(axis), slice(first, stop)))


def _axis(caller: str, input: Tensor, dim: int) -> int:
    """A dimension counted from the front, of a tensor that must have one."""
    axis = normal_axis(caller, dim, input)
    if not input.ndim:
        raise IndexingError(compose(caller, "a 0-d tensor has no dimension", {"input": input}))
    return axis


# ---- along one dimension ----------------------------------------------------------


@method("index_select")
def index_select(input: Tensor, dim: int, index: Any, *, out: Tensor | None = None) -> Tensor:
    """Slices along a dimension, chosen by a vector of indices.

    Parameters
    ----------
    input : Tensor
    dim : int
    index : Tensor of int
        A vector; its values may repeat, and negative ones count from the end.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `index` is no vector.
    IndexingError
        If an index lies outside the dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.index_select(lucid.tensor([[1, 2], [3, 4]]), 1, lucid.tensor([1, 1]))
    Tensor([[2, 2],
            [4, 4]])
    """
    if out is not None:
        return into(index_select, locals())
    axis, index = normal_axis("index_select", dim, input), vector("index_select", index)
    if not input.ndim:
        if index.shape != (1,):
            problem = "of a 0-d tensor one slice can be selected"
            raise ShapeError(compose("index_select", problem, {"input": input, "index": index}))
        return reshape(index_select(reshape(input, (1,)), 0, index), ())
    try:
        return read(input, (index,), (*before(axis), HERE))
    except IndexingError as error:
        size = input.shape[axis]
        raise out_of_range("index_select", index, -size, size, input=input, dim=dim) from error


def _gather_samples(draw: Draw) -> list[Sample]:
    index = np.array([[0, 2, 2], [1, 0, 1]])
    return [
        draw.sample(draw(2, 3), index, axis=1),
        draw.sample(draw(4, 3), index, axis=0),
        draw.sample(draw(2, 3, 2), index[:, :, None].repeat(2, 2), axis=1),
        draw.sample(draw(2, 0), np.zeros((2, 0), np.int64), axis=1),
    ]


@primitive("gather", saves=("index",), complex=True, samples=_gather_samples)
def _gather(x: Any, index: Any, *, axis: int) -> Any:
    return kernels.gather(x, index, axis)


@_gather.rule
def _(g, y, x, index, *, axis):
    return apply(_add_along, g, index, axis=axis, length=x.shape[axis]), None


def _add_along_samples(draw: Draw) -> list[Sample]:
    index = np.array([[0, 2, 2], [1, 0, 1]])
    return [
        draw.sample(draw(2, 3), index, axis=1, length=3),
        draw.sample(draw(2, 3), index, axis=0, length=4),
    ]


@primitive("add_along", saves=("index",), complex=True, samples=_add_along_samples)
def _add_along(g: Any, index: Any, *, axis: int, length: int) -> Any:
    return kernels.add_along(g, index, axis, length)


@_add_along.rule
def _(g, y, x, index, *, axis, length):
    return apply(_gather, g, index, axis=axis), None


def add_along(g: Any, index: Any, axis: int, length: int) -> Any:
    """Zeros of `length` along `axis`, with `g` added where `gather` would have read it."""
    return apply(_add_along, g, index, axis=axis, length=length)


def _alike_but_for(axis: int, a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return len(a) == len(b) and a[:axis] == b[:axis] and a[axis + 1 :] == b[axis + 1 :]


@method("gather")
def gather(
    input: Tensor, dim: int, index: Any, *, sparse_grad: bool = False, out: Tensor | None = None
) -> Tensor:
    """Elements along a dimension: ``out[i, j] = input[index[i, j], j]`` for ``dim=0``.

    Parameters
    ----------
    input : Tensor
    dim : int
    index : Tensor of int
        As many dimensions as `input`; no longer than `input` along the others.
    sparse_grad : bool, default False
        Gradients are dense either way; the argument is there for PyTorch's sake.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        The shape of `index`.

    Raises
    ------
    ShapeError
        If `index` does not fit.
    IndexingError
        If an index lies outside the dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.gather(lucid.tensor([[1, 2], [3, 4]]), 1, lucid.tensor([[1], [0]]))
    Tensor([[2],
            [3]])
    """
    if out is not None:
        return into(gather, locals())
    axis, index = normal_axis("gather", dim, input), integers("gather", index)
    if not input.ndim:
        return reshape(gather(reshape(input, (1,)), 0, lifted(index)), index.shape)
    shape = input.shape
    if _alike_but_for(axis, shape, index.shape):
        try:
            return apply(_gather, input, index, axis=axis)
        except IndexingError as error:
            seen = {"input": input, "dim": axis}
            raise out_of_range("gather", index, 0, shape[axis], **seen) from error
    grid, pattern = along("gather", input, axis, index)
    return read(input, grid, pattern)


@method("take_along_dim")
def take_along_dim(
    input: Tensor, indices: Any, dim: int | None = None, *, out: Tensor | None = None
) -> Tensor:
    """`gather` whose operands broadcast against each other along the other dimensions.

    Parameters
    ----------
    input : Tensor
    indices : Tensor of int
        Negative ones count from the end.
    dim : int, optional
        By default both are flattened first.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        The shape of `indices` along `dim`, the common one along the others.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    IndexingError
        If an index lies outside the dimension.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([[3, 1], [2, 4]])
    >>> lucid.take_along_dim(x, lucid.tensor([[0]]), dim=1)
    Tensor([[3],
            [2]])
    """
    if out is not None:
        return into(take_along_dim, locals())
    caller = "take_along_dim"
    axis, index = normal_axis(caller, 0 if dim is None else dim, input), integers(caller, indices)
    seen = {"input": input, "indices": index}
    if dim is None:
        input, index = reshape(input, (-1,)), reshape(index, (-1,))
    if index.ndim != input.ndim or not input.ndim:
        problem = "input and indices must have equally many dimensions, at least one"
        raise ShapeError(compose(caller, problem, seen))
    grid: list[Any] = []
    for i, (n, m) in enumerate(zip(index.shape, input.shape, strict=True)):
        if i != axis and n != m and 1 not in (n, m):
            problem = f"the shapes do not broadcast along dimension {i}"
            raise ShapeError(compose(caller, problem, seen))
        steps = np.arange(m if n == 1 else n) if m != 1 else np.zeros(n, np.intp)
        grid.append(steps.reshape((-1,) + (1,) * (input.ndim - 1 - i)))
    grid[axis] = index
    try:
        return read(input, grid, (HERE,) * input.ndim)
    except IndexingError as error:
        size = input.shape[axis]
        raise out_of_range(caller, index, -size, size, input=input, dim=axis) from error


@method("take")
def take(input: Tensor, index: Any, *, out: Tensor | None = None) -> Tensor:
    """Elements of the flattened tensor, in the shape of `index`.

    Parameters
    ----------
    input : Tensor
    index : Tensor of int
        Negative ones count from the end.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        The shape of `index`.

    Raises
    ------
    IndexingError
        If an index lies outside the flattened tensor.

    Examples
    --------
    >>> import lucid
    >>> lucid.take(lucid.tensor([[1, 2], [3, 4]]), lucid.tensor([0, 3]))
    Tensor([1, 4])
    """
    if out is not None:
        return into(take, locals())
    index = integers("take", index)
    flat = reshape(input, (-1,))
    try:  # 0-d indices would make a view
        return reshape(read(flat, (lifted(index),), (HERE,)), index.shape)
    except IndexingError as error:
        size = flat.shape[0]
        raise out_of_range("take", index, -size, size, input=input) from error


# ---- by mask ----------------------------------------------------------------------


def bools(caller: str, mask: Any) -> Any:
    """A mask.

    Raises
    ------
    DTypeError
        If it is no tensor of dtype bool.
    """
    if getattr(mask, "dtype", None) != np.bool_:
        problem = "the mask must be a tensor of dtype bool"
        raise DTypeError(compose(caller, problem, {"mask": mask}, "mask != 0"))
    return mask


@method("masked_select")
def masked_select(input: Tensor, mask: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The elements where `mask` holds, in one dimension.

    Parameters
    ----------
    input : Tensor
    mask : Tensor of bool
        Both are broadcast against each other.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of shape (count,)

    Raises
    ------
    DTypeError
        If `mask` is not of dtype bool.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([1.0, -2.0, 3.0])
    >>> lucid.masked_select(x, x > 0)
    Tensor([1.0000, 3.0000])
    """
    if out is not None:
        return into(masked_select, locals())
    ndim_of("masked_select", input)  # refuses what is no tensor
    spread, where = broadcast_tensors(input, bools("masked_select", mask))
    return reshape(read(spread, (where,), (HERE,)), (-1,))


def _nonzero_samples(draw: Draw) -> list[Sample]:
    return [draw.sample(draw(3, 4)), draw.sample(draw()), draw.sample(draw(0, 3))]


@primitive("nonzero", complex=True, samples=_nonzero_samples)
def _nonzero(x: Any) -> Any:
    return np.argwhere(x)


@method("nonzero")
def nonzero(input: Tensor, *, as_tuple: bool = False, out: Any = None) -> Any:
    """Where the elements that are not zero stand.

    Parameters
    ----------
    input : Tensor
    as_tuple : bool, default False
        Give one vector for each dimension, which can index, instead of one matrix.
    out : Tensor or tuple of Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor or tuple of Tensor
        int64; one row for each element found.

    Examples
    --------
    >>> import lucid
    >>> lucid.nonzero(lucid.tensor([[0, 5], [6, 0]]))
    Tensor([[0, 1],
            [1, 0]])
    """
    if out is not None:
        return into(nonzero, locals())
    found = apply(_nonzero, lifted(input) if as_tuple else input)
    if not as_tuple:
        return found
    return tuple(getitem(found, (slice(None), i)) for i in range(found.shape[1]))


def _static_samples(draw: Draw) -> list[Sample]:
    return [draw.sample(draw(3, 2), size=size, fill_value=-1) for size in (2, 8)]


@primitive("nonzero_static", complex=True, samples=_static_samples)
def _nonzero_static(x: Any, *, size: int, fill_value: int) -> Any:
    found = np.argwhere(x)[:size]
    out = np.full((size, x.ndim), fill_value, np.int64)
    out[: len(found)] = found
    return out


@method("nonzero_static")
def nonzero_static(input: Tensor, *, size: int, fill_value: int = -1) -> Tensor:
    """`nonzero` in a fixed number of rows: cut off, or filled up with `fill_value`.

    Parameters
    ----------
    input : Tensor
    size : int
        Number of rows.
    fill_value : int, default -1

    Returns
    -------
    Tensor of int64, shape (size, input.ndim)

    Raises
    ------
    ArgumentError
        If `size` is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.nonzero_static(lucid.tensor([0, 5]), size=2)
    Tensor([[ 1],
            [-1]])
    """
    if size < 0:
        raise ArgumentError(compose("nonzero_static", "size must not be negative", {"size": size}))
    return apply(_nonzero_static, input, size=size, fill_value=fill_value)


@method("argwhere")
def argwhere(input: Tensor) -> Tensor:
    """Where the elements that are not zero stand, one row for each.

    Parameters
    ----------
    input : Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.argwhere(lucid.tensor([0, 5]))
    Tensor([[1]])
    """
    return nonzero(input)
