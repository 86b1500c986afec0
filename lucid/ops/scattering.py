"""Writing by index arrays along one dimension, and by masks: scatter, index_copy and their kin.

The counterpart of `gathering`; all of them are `set_at`, `add_at` or `combine_at` with the right
index arrays, and so have their gradients. Each has a form in place, with ``_`` at its end.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.tensor import Tensor, values
from ..errors import ArgumentError, DTypeError, IndexingError, ShapeError, compose, not_a_tensor
from .arithmetic import mul
from .axes import normal_axis
from .bind import method
from .broadcasting import broadcast_tensors
from .gathering import along, before, bools, integers, lifted, out_of_range, vector
from .indexing import HERE, Pattern, add_at, as_asked, getitem, set_at, take_apart
from .out import into
from .scatter_reduction import combine_at
from .selection import one_value
from .shape import reshape


def _shaped_as(result: Any, input: Any) -> Any:
    """A result on vectors as a 0-d tensor again, where the input was one."""
    return result if input.ndim else reshape(result, ())


def _same_dtype(caller: str, input: Any, source: Any, name: str = "source") -> None:
    """Refuse values of another dtype: written down they would change unnoticed.

    Raises
    ------
    DTypeError
        If the dtypes differ, or one of the two is no tensor.
    """
    for what, value in (("input", input), (name, source)):
        if not isinstance(value, Tensor | np.ndarray):
            raise not_a_tensor(caller, value, what)
    if input.dtype != source.dtype:
        problem = f"{name} must have the dtype of input"
        fix = f"{name}.to(input.dtype)"
        raise DTypeError(compose(caller, problem, {"input": input, name: source}, fix))


# ---- slices along one dimension ---------------------------------------------------


def _slices(
    caller: str, input: Any, dim: int, index: Any, source: Any
) -> tuple[Any, Any, list[Any], Pattern]:
    """The operands of writing slices (0-d ones as vectors), index arrays and pattern.

    Raises
    ------
    ShapeError
        If `source` has not one slice for each index.
    """
    axis, index = normal_axis(caller, dim, input), vector(caller, index)
    _same_dtype(caller, input, source)
    target, source = lifted(input), source if input.ndim else lifted(source)
    wanted = (*target.shape[:axis], index.shape[0], *target.shape[axis + 1 :])
    if source.shape != wanted:
        problem = f"source must have shape {wanted}: one slice for each index"
        seen = {"input": input, "dim": dim, "index": index, "source": source}
        raise ShapeError(compose(caller, problem, seen))
    _refuse_outside(caller, target, axis, index)
    return target, source, [index], (*before(axis), HERE)


def _refuse_outside(caller: str, target: Any, axis: int, index: Any) -> None:
    """Raise for an index outside of a dimension; negative ones count from its end."""
    raw, size = values(index), target.shape[axis]
    if raw.size and not -size <= raw.min() <= raw.max() < size:
        raise out_of_range(caller, index, -size, size, input=target, dim=axis)


@method("index_add")
def index_add(
    input: Tensor,
    dim: int,
    index: Any,
    source: Tensor,
    *,
    alpha: float = 1,
    out: Tensor | None = None,
) -> Tensor:
    """`input` with the slices of `source` added at the places that `index` names.

    Parameters
    ----------
    input : Tensor
    dim : int
    index : Tensor of int
        A vector; what is named twice is added to twice, and negative ones count from the end.
    source : Tensor
        The shape of `input`, with ``len(index)`` along `dim`, and its dtype.
    alpha : number, default 1
        Multiplier of `source`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `source` does not fit.
    DTypeError
        If it has another dtype.
    IndexingError
        If an index lies outside the dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.index_add(lucid.tensor([0.0, 0.0]), 0, lucid.tensor([1, 1]), lucid.tensor([2.0, 3.0]))
    Tensor([0.0000, 5.0000])
    """
    if out is not None:
        return into(index_add, locals())
    target, source, indices, pattern = _slices("index_add", input, dim, index, source)
    if alpha != 1:
        source = mul(source, one_value("index_add", alpha, source, "alpha"))
    return _shaped_as(add_at(target, source, indices, pattern), input)


@method("index_copy")
def index_copy(
    input: Tensor, dim: int, index: Any, source: Tensor, *, out: Tensor | None = None
) -> Tensor:
    """`input` with the slices that `index` names replaced by those of `source`.

    Parameters
    ----------
    input : Tensor
    dim : int
    index : Tensor of int
        A vector; negative ones count from the end. Of slices written to one place the last
        one stays, and alone has a gradient.
    source : Tensor
        The shape of `input`, with ``len(index)`` along `dim`, and its dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `source` does not fit.
    DTypeError
        If it has another dtype.
    IndexingError
        If an index lies outside the dimension.

    Examples
    --------
    >>> import lucid
    >>> x, rows = lucid.zeros(3, 2), lucid.ones(1, 2)
    >>> lucid.index_copy(x, 0, lucid.tensor([1]), rows)
    Tensor([[0.0000, 0.0000],
            [1.0000, 1.0000],
            [0.0000, 0.0000]])
    """
    if out is not None:
        return into(index_copy, locals())
    target, source, indices, pattern = _slices("index_copy", input, dim, index, source)
    return _shaped_as(set_at(target, source, indices, pattern), input)


@method("index_fill")
def index_fill(input: Tensor, dim: int, index: Any, value: Any) -> Tensor:
    """`input` with the slices that `index` names filled with one value.

    Parameters
    ----------
    input : Tensor
    dim : int
    index : Tensor of int
        A vector; negative ones count from the end.
    value : number or 0-d Tensor
        Cast to the dtype of `input`.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `value` has dimensions.
    IndexingError
        If an index lies outside the dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.index_fill(lucid.tensor([1, 2, 3]), 0, lucid.tensor([0, -1]), 7)
    Tensor([7, 2, 7])
    """
    axis, index = normal_axis("index_fill", dim, input), vector("index_fill", index)
    target, value = lifted(input), one_value("index_fill", value, input)
    _refuse_outside("index_fill", target, axis, index)
    return _shaped_as(set_at(target, value, [index], (*before(axis), HERE)), input)


@method("index_reduce")
def index_reduce(
    input: Tensor,
    dim: int,
    index: Any,
    source: Tensor,
    reduce: str,
    *,
    include_self: bool = True,
    out: Tensor | None = None,
) -> Tensor:
    """`input` with the slices of `source` taken in at the places that `index` names.

    Parameters
    ----------
    input : Tensor
    dim : int
    index : Tensor of int
        A vector; negative ones count from the end.
    source : Tensor
        The shape of `input`, with ``len(index)`` along `dim`, and its dtype.
    reduce : {"prod", "mean", "amax", "amin"}
        How values that meet at one place are taken together. (For sums: `index_add`.)
    include_self : bool, default True
        Whether what stands in `input` takes part where something arrives.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Equal largest (smallest) values share the gradient.

    Raises
    ------
    ArgumentError
        If there is no such reduction.
    ShapeError
        If `source` does not fit.
    DTypeError
        If it has another dtype.
    IndexingError
        If an index lies outside the dimension.

    Examples
    --------
    >>> import lucid
    >>> x, source = lucid.tensor([1.0, 1.0]), lucid.tensor([2.0, 5.0])
    >>> lucid.index_reduce(x, 0, lucid.tensor([1, 1]), source, "prod")
    Tensor([1.0000, 10.0000])
    """
    if out is not None:
        return into(index_reduce, locals())
    target, source, indices, pattern = _slices("index_reduce", input, dim, index, source)
    known = ("prod", "mean", "amax", "amin")
    result = combine_at(
        "index_reduce", target, source, indices, pattern, reduce, include_self, known
    )
    return _shaped_as(result, input)


# ---- elements along one dimension -------------------------------------------------


def _elements(
    caller: str, input: Any, dim: int, index: Any, src: Any
) -> tuple[Any, Any, list[Any], Pattern]:
    """The operands of writing elements (0-d ones as vectors), index arrays and pattern.

    Of `src` the part that the index covers is left; a number is taken to the dtype.
    """
    axis, index = normal_axis(caller, dim, input), integers(caller, index)
    target = lifted(input)
    index = index if input.ndim else lifted(index)
    if isinstance(src, bool | int | float | complex):
        grid, pattern = along(caller, target, axis, index)
        return target, one_value(caller, src, input), grid, pattern
    _same_dtype(caller, input, src, "src")
    src = src if input.ndim else lifted(src)
    grid, pattern = along(caller, target, axis, index, src)
    if src.shape != index.shape:
        src = getitem(src, tuple(slice(n) for n in index.shape))
    return target, src, grid, pattern


@method("scatter")
def scatter(
    input: Tensor,
    dim: int,
    index: Any,
    src: Any = None,
    *,
    value: Any = None,
    reduce: str | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """`input` with elements replaced: ``out[index[i, j], j] = src[i, j]`` for ``dim=0``.

    Parameters
    ----------
    input : Tensor
    dim : int
    index : Tensor of int
        As many dimensions as `input`. Of values written to one place the last one stays, and
        alone has a gradient.
    src : Tensor or number
        Of the dtype of `input`, and at least as long as `index` along every dimension; the
        rest is not read.
    value : number, optional
        One value for all places, in place of `src`.
    reduce : {"add", "multiply"}, optional
        Add or multiply instead of replacing (see also `scatter_reduce`).
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `index` or `src` does not fit.
    DTypeError
        If `src` has another dtype.
    IndexingError
        If an index lies outside the dimension.
    ArgumentError
        If not one of `src` and `value` is given, or there is no such reduction.

    Examples
    --------
    >>> import lucid
    >>> lucid.scatter(lucid.tensor([[0, 0], [0, 0]]), 1, lucid.tensor([[1], [0]]), 7)
    Tensor([[0, 7],
            [7, 0]])
    """
    if out is not None:
        return into(scatter, locals())
    if (src is None) is (value is None):
        raise ArgumentError(
            compose("scatter", "needs src= or value=", {"src": src, "value": value})
        )
    given = value if src is None else src
    target, source, grid, pattern = _elements("scatter", input, dim, index, given)
    if reduce is None:
        return _shaped_as(set_at(target, source, grid, pattern), input)
    known = {"add": "sum", "multiply": "prod"}
    if reduce not in known:
        problem = "reduce must be 'add', 'multiply' or None"
        raise ArgumentError(compose("scatter", problem, {"reduce": reduce}, "scatter_reduce(...)"))
    source = _laid_out(source, grid, input)
    result = combine_at("scatter", target, source, grid, pattern, known[reduce])
    return _shaped_as(result, input)


def _laid_out(source: Any, grid: list[Any], input: Any) -> Any:
    """One value as an array with an element for each place; an array as it is."""
    if isinstance(source, Tensor | np.ndarray) and source.ndim:
        return source
    shape = np.broadcast_shapes(*(part.shape for part in grid))
    return np.full(shape, source, input.dtype)


@method("scatter_add")
def scatter_add(
    input: Tensor, dim: int, index: Any, src: Tensor, *, out: Tensor | None = None
) -> Tensor:
    """`input` with elements added: ``out[index[i, j], j] += src[i, j]`` for ``dim=0``.

    Parameters
    ----------
    input : Tensor
    dim : int
    index : Tensor of int
        As many dimensions as `input`; its values may repeat.
    src : Tensor
        Of the dtype of `input`, and at least as long as `index` along every dimension; the
        rest is not read.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `index` or `src` does not fit.
    DTypeError
        If `src` has another dtype.
    IndexingError
        If an index lies outside the dimension.

    Examples
    --------
    >>> import lucid
    >>> x, src = lucid.tensor([0.0, 0.0]), lucid.tensor([1.0, 2.0])
    >>> lucid.scatter_add(x, 0, lucid.tensor([1, 1]), src)
    Tensor([0.0000, 3.0000])
    """
    if out is not None:
        return into(scatter_add, locals())
    _same_dtype("scatter_add", input, src, "src")
    target, src, grid, pattern = _elements("scatter_add", input, dim, index, src)
    return _shaped_as(add_at(target, src, grid, pattern), input)


@method("scatter_reduce")
def scatter_reduce(
    input: Tensor,
    dim: int,
    index: Any,
    src: Tensor,
    reduce: str,
    *,
    include_self: bool = True,
    out: Tensor | None = None,
) -> Tensor:
    """`input` with elements taken in: as `scatter_add`, by any of five reductions.

    Parameters
    ----------
    input : Tensor
    dim : int
    index : Tensor of int
        As many dimensions as `input`; its values may repeat.
    src : Tensor
        Of the dtype of `input`, and at least as long as `index` along every dimension; the
        rest is not read.
    reduce : {"sum", "prod", "mean", "amax", "amin"}
        How values that meet at one place are taken together. Means of integers are rounded
        down.
    include_self : bool, default True
        Whether what stands in `input` takes part where something arrives.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Equal largest (smallest) values share the gradient. (With ``include_self=False``
        PyTorch loses the share of an equal value of `input`; here those that take part have
        all of it.)

    Raises
    ------
    ArgumentError
        If there is no such reduction.
    ShapeError
        If `index` or `src` does not fit.
    DTypeError
        If `src` has another dtype.
    IndexingError
        If an index lies outside the dimension.

    Examples
    --------
    >>> import lucid
    >>> x, src = lucid.tensor([1.0, 2.0]), lucid.tensor([5.0, 3.0, 4.0])
    >>> lucid.scatter_reduce(x, 0, lucid.tensor([0, 1, 1]), src, "mean")
    Tensor([3.0000, 3.0000])
    """
    if out is not None:
        return into(scatter_reduce, locals())
    _same_dtype("scatter_reduce", input, src, "src")
    target, src, grid, pattern = _elements("scatter_reduce", input, dim, index, src)
    result = combine_at("scatter_reduce", target, src, grid, pattern, reduce, include_self)
    return _shaped_as(result, input)


# ---- anywhere ---------------------------------------------------------------------


@method("index_put")
def index_put(input: Tensor, indices: Any, values: Any, accumulate: bool = False) -> Tensor:
    """`input` with the elements at ``input[indices]`` replaced, or added to.

    Parameters
    ----------
    input : Tensor
    indices : tuple of Tensor
        Integer vectors or bool masks, one for each of the first dimensions, as in
        ``input[a, b]``.
    values : Tensor or number
        Of the dtype of `input`; it broadcasts to the indexed part.
    accumulate : bool, default False
        Add; what is named twice is added to twice. Otherwise the last value stays, and alone
        has a gradient.

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError
        If `indices` is no tuple, or `values` has another dtype.
    ShapeError
        If `values` does not broadcast to the indexed part.
    IndexingError
        If an index lies outside the tensor.

    Examples
    --------
    >>> import lucid
    >>> i, ones = lucid.tensor([0, 2, 2]), lucid.ones(3)
    >>> lucid.index_put(lucid.zeros(3), (i,), ones, accumulate=True)
    Tensor([1.0000, 0.0000, 2.0000])
    """
    if isinstance(values, bool | int | float | complex):
        values = one_value("index_put", values, input)
    else:
        _same_dtype("index_put", input, values, "values")
    if not isinstance(indices, tuple | list):
        problem = "indices must be a tuple of tensors"
        raise DTypeError(compose("index_put", problem, {"indices": indices}, "(indices,)"))
    pattern, arrays = take_apart("index_put", tuple(indices))
    write = add_at if accumulate else set_at
    try:
        return write(input, values, arrays, pattern)
    except (IndexingError, ShapeError) as error:
        seen = {"input": input, "values": values}
        seen.update((f"indices[{i}]", index) for i, index in enumerate(indices))
        raise as_asked("index_put", error, **seen) from error.__cause__


@method("put")
def put(input: Tensor, index: Any, source: Tensor, accumulate: bool = False) -> Tensor:
    """`input` with elements replaced, or added to, that are counted as if it were flat.

    Parameters
    ----------
    input : Tensor
    index : Tensor of int
        Places in the flattened tensor; negative ones count from the end.
    source : Tensor
        As many elements as `index`, of the dtype of `input`.
    accumulate : bool, default False
        Add; what is named twice is added to twice. Otherwise the last value stays, and alone
        has a gradient.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `source` has another number of elements.
    DTypeError
        If it has another dtype.
    IndexingError
        If an index lies outside the flattened tensor.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([[1, 2], [3, 4]])
    >>> lucid.put(x, lucid.tensor([0, -1]), lucid.tensor([7, 9]))
    Tensor([[7, 2],
            [3, 9]])
    """
    _same_dtype("put", input, source)
    index = reshape(integers("put", index), (-1,))
    flat, added = reshape(input, (-1,)), reshape(source, (-1,))
    if added.shape != index.shape:
        problem = "source must have as many elements as index"
        raise ShapeError(compose("put", problem, {"index": index, "source": source}))
    _refuse_outside("put", flat, 0, index)
    write = add_at if accumulate else set_at
    return reshape(write(flat, added, (index,), (HERE,)), input.shape)


@method("masked_scatter")
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """`input` with the elements where `mask` holds replaced by those of `source`, in order.

    Parameters
    ----------
    input : Tensor
    mask : Tensor of bool
        Both are broadcast against each other.
    source : Tensor
        Of the dtype of `input`, with at least as many elements as `mask` has places; the
        rest is not read.

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError
        If `mask` is not of dtype bool, or `source` of another dtype than `input`.
    ShapeError
        If `source` has too few elements, or the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> x, source = lucid.tensor([1, 2, 3]), lucid.tensor([7, 8, 9])
    >>> lucid.masked_scatter(x, x > 1, source)
    Tensor([1, 7, 8])
    """
    _same_dtype("masked_scatter", input, source)
    spread, mask = broadcast_tensors(input, bools("masked_scatter", mask))
    count = int(np.count_nonzero(values(mask)))
    flat = reshape(source, (-1,))
    if flat.shape[0] < count:
        problem = f"source must have at least {count} elements, one for each place of the mask"
        seen = {"input": input, "mask": mask, "source": source}
        raise ShapeError(compose("masked_scatter", problem, seen))
    return set_at(spread, getitem(flat, slice(count)), (mask,), (HERE,))
