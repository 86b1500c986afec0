"""Reading and writing by index arrays along one dimension: gather, scatter and their kin.

All of them are indexing with the right index arrays, and so have its gradients.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import DTypeError, IndexingError, ShapeError, compose
from ..samples import Draw, Sample
from .arithmetic import mul
from .axes import normal_axis
from .bind import method
from .broadcasting import broadcast_tensors
from .indexing import HERE, Pattern, add_at, getitem, read, set_at
from .shape import reshape

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
    where = _axis("select", input, dim)
    return getitem(input, (*_before(where), index))


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
    where = _axis("narrow", input, dim)
    size = input.shape[where]
    first = start + size if start < 0 else start
    if first < 0 or length < 0 or first + length > size:
        problem = f"the stretch leaves the dimension, which has length {size}"
        seen = {"input": input, "dim": dim, "start": start, "length": length}
        raise IndexingError(compose("narrow", problem, seen))
    return getitem(input, (*_before(where), slice(first, first + length)))


def _axis(caller: str, input: Tensor, dim: int) -> int:
    """A dimension counted from the front, of a tensor that must have one."""
    if not input.ndim:
        raise IndexingError(compose(caller, "a 0-d tensor has no dimension", {"input": input}))
    return normal_axis(caller, dim, input.ndim)


def _before(where: int) -> Pattern:
    """The part of an index that skips the dimensions before one."""
    return (slice(None),) * where


# ---- along one dimension ----------------------------------------------------------


@method("index_select")
def index_select(input: Tensor, dim: int, index: Any) -> Tensor:
    """Slices along a dimension, chosen by a vector of indices.

    Parameters
    ----------
    input : Tensor
    dim : int
    index : Tensor of int
        A vector; its values may repeat.

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
    index = _vector("index_select", index)
    return read(input, (index,), (*_before(_axis("index_select", input, dim)), HERE))


@method("index_add")
def index_add(input: Tensor, dim: int, index: Any, source: Tensor, *, alpha: float = 1) -> Tensor:
    """`input` with the slices of `source` added at the places that `index` names.

    Parameters
    ----------
    input : Tensor
    dim : int
    index : Tensor of int
        A vector; what is named twice is added to twice.
    source : Tensor
        The shape of `input`, with ``len(index)`` along `dim`.
    alpha : number, default 1
        Multiplier of `source`.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `source` does not fit.

    Examples
    --------
    >>> import lucid
    >>> lucid.index_add(lucid.tensor([0.0, 0.0]), 0, lucid.tensor([1, 1]), lucid.tensor([2.0, 3.0]))
    Tensor([0.0000, 5.0000])
    """
    index, where = _vector("index_add", index), _axis("index_add", input, dim)
    wanted = (*input.shape[:where], index.shape[0], *input.shape[where + 1 :])
    if source.shape != wanted:
        problem = f"source must have shape {wanted}"
        raise ShapeError(compose("index_add", problem, {"input": input, "source": source}))
    source = source if alpha == 1 else mul(source, alpha)
    return add_at(input, source, (index,), (*_before(where), HERE))


def _integers(caller: str, index: Any) -> Any:
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


def _vector(caller: str, index: Any) -> Any:
    index = _integers(caller, index)
    if index.ndim > 1:
        raise ShapeError(compose(caller, "the index must be a vector", {"index": index}))
    return index if index.ndim else index.reshape((1,))


def _along(
    caller: str, input: Tensor, dim: int, index: Any, src: Any = None
) -> tuple[list[Any], Pattern, Any]:
    """Index arrays that put `index` along `dim` and stay in place along the others."""
    index, where = _integers(caller, index), normal_axis(caller, dim, input.ndim)
    fits = index.ndim == input.ndim and all(
        n <= m for i, (n, m) in enumerate(zip(index.shape, input.shape, strict=True)) if i != where
    )
    if src is not None and fits:
        fits = index.ndim == src.ndim and all(
            n <= m for n, m in zip(index.shape, src.shape, strict=True)
        )
    if not fits:
        problem = "the index must have the number of dimensions of the rest and fit inside it"
        seen = {"input": input, "dim": dim, "index": index}
        if src is not None:
            seen["src"] = src
        raise ShapeError(compose(caller, problem, seen))
    values = index.data if isinstance(index, Tensor) else index
    size = input.shape[where] if input.ndim else 1
    if values.size and not 0 <= values.min() <= values.max() < size:
        problem = f"an index lies outside [0, {size})"
        seen = {"input": input, "dim": dim, "smallest": values.min(), "largest": values.max()}
        raise IndexingError(compose(caller, problem, seen))
    if not input.ndim:
        return [], (Ellipsis,), ()
    grid: list[Any] = list(np.ogrid[tuple(slice(n) for n in index.shape)])
    grid[where] = index
    return grid, (HERE,) * input.ndim, tuple(slice(n) for n in index.shape)


@method("gather")
def gather(input: Tensor, dim: int, index: Any) -> Tensor:
    """Elements along a dimension: ``out[i, j] = input[index[i, j], j]`` for ``dim=0``.

    Parameters
    ----------
    input : Tensor
    dim : int
    index : Tensor of int
        As many dimensions as `input`; no longer than `input` along the others.

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
    grid, pattern, _ = _along("gather", input, dim, index)
    return read(input, grid, pattern)


@method("scatter")
def scatter(input: Tensor, dim: int, index: Any, src: Any) -> Tensor:
    """`input` with elements replaced: ``out[index[i, j], j] = src[i, j]`` for ``dim=0``.

    Parameters
    ----------
    input : Tensor
    dim : int
    index : Tensor of int
        As many dimensions as `input`. Of values written to one place the last one stays, and
        alone has a gradient.
    src : Tensor or number
        At least as long as `index` along every dimension; the rest is not read.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `index` or `src` does not fit.
    IndexingError
        If an index lies outside the dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.scatter(lucid.tensor([[0, 0], [0, 0]]), 1, lucid.tensor([[1], [0]]), 7)
    Tensor([[0, 7],
            [7, 0]])
    """
    tensor = src if isinstance(src, Tensor) else None
    grid, pattern, part = _along("scatter", input, dim, index, tensor)
    return set_at(input, src if tensor is None else getitem(src, part), grid, pattern)


@method("scatter_add")
def scatter_add(input: Tensor, dim: int, index: Any, src: Tensor) -> Tensor:
    """`input` with elements added: ``out[index[i, j], j] += src[i, j]`` for ``dim=0``.

    Parameters
    ----------
    input : Tensor
    dim : int
    index : Tensor of int
        As many dimensions as `input`; its values may repeat.
    src : Tensor
        At least as long as `index` along every dimension; the rest is not read.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `index` or `src` does not fit.
    IndexingError
        If an index lies outside the dimension.

    Examples
    --------
    >>> import lucid
    >>> x, src = lucid.tensor([0.0, 0.0]), lucid.tensor([1.0, 2.0])
    >>> lucid.scatter_add(x, 0, lucid.tensor([1, 1]), src)
    Tensor([0.0000, 3.0000])
    """
    grid, pattern, part = _along("scatter_add", input, dim, index, src)
    return add_at(input, getitem(src, part), grid, pattern)


@method("take_along_dim")
def take_along_dim(input: Tensor, indices: Any, dim: int | None = None) -> Tensor:
    """`gather` whose operands broadcast against each other along the other dimensions.

    Parameters
    ----------
    input : Tensor
    indices : Tensor of int
    dim : int, optional
        By default both are flattened first.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([[3, 1], [2, 4]])
    >>> lucid.take_along_dim(x, lucid.tensor([[0]]), dim=1)
    Tensor([[3],
            [2]])
    """
    index = _integers("take_along_dim", indices)
    if dim is None:
        return read(reshape(input, (-1,)), (index.reshape((-1,)),), (HERE,))
    if index.ndim != input.ndim:
        problem = "input and indices must have equally many dimensions"
        raise ShapeError(compose("take_along_dim", problem, {"input": input, "indices": index}))
    where = _axis("take_along_dim", input, dim)
    for i, (n, m) in enumerate(zip(index.shape, input.shape, strict=True)):
        if i != where and n != m and 1 not in (n, m):
            problem = f"the shapes do not broadcast along dimension {i}"
            seen = {"input": input, "indices": index}
            raise ShapeError(compose("take_along_dim", problem, seen))
    common = tuple(m if n == 1 else n for n, m in zip(index.shape, input.shape, strict=True))
    grid: list[Any] = list(np.ogrid[tuple(slice(n) for n in common)])
    for i, length in enumerate(input.shape):
        if length == 1 and i != where:
            grid[i] = np.zeros_like(grid[i])
    grid[where] = index
    return read(input, grid, (HERE,) * input.ndim)


@method("take")
def take(input: Tensor, index: Any) -> Tensor:
    """Elements of the flattened tensor, in the shape of `index`.

    Parameters
    ----------
    input : Tensor
    index : Tensor of int

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
    return read(reshape(input, (-1,)), (_integers("take", index),), (HERE,))


# ---- by mask ----------------------------------------------------------------------


@method("masked_select")
def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements where `mask` holds, in one dimension.

    Parameters
    ----------
    input : Tensor
    mask : Tensor of bool
        Both are broadcast against each other.

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
    if mask.dtype.kind != "b":
        problem = "the mask must be of dtype bool"
        raise DTypeError(compose("masked_select", problem, {"mask": mask}, "mask != 0"))
    spread, where = broadcast_tensors(input, mask)
    return reshape(read(spread, (where,), (HERE,)), (-1,))


def _nonzero_samples(draw: Draw) -> list[Sample]:
    return [draw.sample(draw(3, 4)), draw.sample(draw()), draw.sample(draw(0, 3))]


@primitive("nonzero", complex=True, samples=_nonzero_samples)
def _nonzero(x: Any) -> Any:
    return np.argwhere(x)


@method("nonzero")
def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """Where the elements that are not zero stand.

    Parameters
    ----------
    input : Tensor
    as_tuple : bool, default False
        Give one vector for each dimension, which can index, instead of one matrix.

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
    found = apply(_nonzero, input)
    if not as_tuple:
        return found
    return tuple(getitem(found, (slice(None), i)) for i in range(found.shape[1]))


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
