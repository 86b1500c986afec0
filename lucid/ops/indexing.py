"""Reading parts of a tensor: ``x[...]`` with all of NumPy's basic and advanced indexing.

An index is taken apart into a *pattern*, which is static (ints, slices, None, Ellipsis, and
`HERE` where an array stands), and the index arrays, which are inputs of the op like any other.
Four primitives do everything: read (`getitem`), lay out over zeros (`place`, the gradient of
reading), write (`setitem`) and add (`add_at`). Where no integer array takes part no element is
met twice, and ``out[index] = g`` stands for the slower `np.add.at`.
"""

from __future__ import annotations

from types import EllipsisType
from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, to_array
from ..errors import IndexingError, LucidError, compose
from .bind import method
from .selection import where


class _Here:
    """Marks the places of a pattern where index arrays stand."""

    def __repr__(self) -> str:
        return "array"


HERE = _Here()
Pattern = tuple[Any, ...]


def filled(pattern: Pattern, indices: tuple[Any, ...]) -> Pattern:
    """The index that NumPy understands: the pattern with its arrays put in."""
    if not indices:
        return pattern
    arrays = iter(indices)
    return tuple([next(arrays) if part is HERE else part for part in pattern])


def may_repeat(indices: tuple[Any, ...]) -> bool:
    """True if an element can be met twice: by integer arrays alone."""
    return any(index.dtype.kind != "b" for index in indices)


def take_apart(caller: str, index: Any) -> tuple[Pattern, list[Any]]:
    """Divide an index into its pattern and its arrays (which stay tensors if they were).

    Raises
    ------
    IndexingError
        If a part of it cannot index.
    """
    parts = index if type(index) is tuple else (index,)
    pattern, arrays = [], []
    for part in parts:
        kind = type(part)
        if kind is int or part is None or kind is EllipsisType:
            pattern.append(part)
        elif kind is slice:
            pattern.append(_plain_slice(caller, part))
        elif isinstance(part, Tensor | np.ndarray | list | tuple | bool | np.bool_):
            array = _index_array(caller, part)
            if array.ndim == 0 and array.dtype.kind != "b":
                pattern.append(int(array))
            else:
                pattern.append(HERE)
                arrays.append(array)
        elif hasattr(part, "__index__"):
            pattern.append(part.__index__())
        else:
            raise _no_index(caller, part)
    return tuple(pattern), arrays


def _plain_slice(caller: str, part: slice) -> slice:
    bounds = (part.start, part.stop, part.step)
    if all(bound is None or type(bound) is int for bound in bounds):
        return part
    try:
        return slice(*(bound if bound is None else bound.__index__() for bound in bounds))
    except (AttributeError, TypeError) as error:
        problem = "the bounds of a slice must be integers or None"
        raise IndexingError(compose(caller, problem, {"slice": part})) from error


def _index_array(caller: str, part: Any) -> Any:
    """An index array; arrays of the user's are copied, for nobody would see them change."""
    array: Any
    if isinstance(part, Tensor):
        array = part
    elif isinstance(part, np.ndarray):
        array = part.copy()
    else:
        try:
            array = to_array(part, None, caller)
        except LucidError as error:
            raise _no_index(caller, part) from error
        if array.size == 0:
            array = array.astype(np.intp)
    if array.dtype.kind not in "biu":
        raise _no_index(caller, array)
    return array


def _no_index(caller: str, part: Any) -> IndexingError:
    problem = f"{type(part).__name__} cannot index a tensor"
    if hasattr(part, "dtype"):
        problem = f"an index must be of an integer dtype or bool, not {part.dtype}"
    fix = "integers, slices, None, ..., bool masks, and integer arrays, lists or tensors"
    return IndexingError(compose(caller, problem, {"index": part}, fix))


def as_asked(caller: str, error: LucidError, **seen: Any) -> LucidError:
    """The error of a primitive in terms of what the user called: the function, its arguments."""
    if str(error).startswith(caller):
        return error
    return type(error)(compose(caller, str(error.__cause__ or error), seen))


# ---- reading -----------------------------------------------------------------


def _view_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw(4, 3), pattern=(slice(3, None, -2), None, 1)),
        draw.sample(draw(4, 3), pattern=(Ellipsis, slice(0, 2))),
        draw.sample(draw(4, 3), pattern=(2, 1)),
        draw.sample(draw(), pattern=(None,)),
        draw.sample(draw(0, 3), pattern=(slice(None), 1)),
    ]


@primitive("getitem", view=True, complex=True, samples=_view_samples)
def _getitem(x: Any, *, pattern: Pattern) -> Any:
    out = x[pattern]
    return out if type(out) is np.ndarray else x[(*pattern, Ellipsis)]  # 0-d, and still a view


@_getitem.rule
def _(g, y, x, *, pattern):
    return (place(g, (), pattern, x.shape),)


def _array_samples(draw: samples.Draw) -> list[samples.Sample]:
    rows, columns = np.array([0, 2, 2, -1]), np.array([[1], [0]])
    mask = np.array([True, False, True, True])
    return [
        draw.sample(draw(4, 3), rows, pattern=(HERE,)),
        draw.sample(draw(4, 3), rows, columns, pattern=(HERE, HERE)),
        draw.sample(draw(2, 4, 3), mask, pattern=(slice(None), HERE, slice(None, None, -1))),
        draw.sample(draw(4, 2, 3), mask, np.array([0, 2, 2]), pattern=(HERE, None, slice(2), HERE)),
        draw.sample(draw(4, 3), np.array([], np.intp), pattern=(HERE, 1)),
        draw.sample(draw(), np.array(True), pattern=(HERE,)),
    ]


@primitive("getitem_arrays", saves=("indices",), complex=True, samples=_array_samples)
def _getitem_arrays(x: Any, *indices: Any, pattern: Pattern) -> Any:
    return x[filled(pattern, indices)]


@_getitem_arrays.rule
def _(g, y, x, *indices, pattern):
    return (place(g, indices, pattern, x.shape), *(None for _ in indices))


def getitem(input: Tensor, index: Any) -> Tensor:
    """``input[index]`` with all of NumPy's basic and advanced indexing.

    Basic indices (integers, slices with any step, None, Ellipsis) give a view; index arrays
    (bool masks and integer arrays, as lists, NumPy arrays or tensors) give a copy. An element
    that is read twice collects both gradients.

    Parameters
    ----------
    input : Tensor
    index : int, slice, None, Ellipsis, bool, list, array or Tensor, or a tuple of these

    Returns
    -------
    Tensor

    Raises
    ------
    IndexingError
        If the index lies outside the tensor, has too many parts, or is of no kind that indexes.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> x[::-1, 0]
    Tensor([3.0000, 1.0000])
    >>> x[x > 1.5]
    Tensor([2.0000, 3.0000, 4.0000])
    >>> x[[0, 0], [1, 0]]
    Tensor([2.0000, 1.0000])
    """
    try:
        if type(index) is int:
            return apply(_getitem, input, pattern=(index,))
        pattern, arrays = take_apart("Tensor.__getitem__", index)
        if arrays:
            return apply(_getitem_arrays, input, *arrays, pattern=pattern)
        return apply(_getitem, input, pattern=pattern)
    except IndexingError as error:
        raise as_asked("Tensor.__getitem__", error, tensor=input, index=index) from error.__cause__


method("__getitem__")(getitem)


# ---- laying out, adding and writing ---------------------------------------------


def _place_samples(draw: samples.Draw) -> list[samples.Sample]:
    rows = np.array([0, 2, 2])
    return [
        draw.sample(draw(2, 3), pattern=(slice(3, None, -2),), shape=(4, 3)),
        draw.sample(draw(3, 3), rows, pattern=(HERE,), shape=(4, 3)),
        draw.sample(draw(), pattern=(1, 2), shape=(4, 3)),
        draw.sample(draw(2), np.array([True, False, True]), pattern=(HERE,), shape=(3,)),
    ]


@primitive("place", saves=("indices",), complex=True, samples=_place_samples)
def _place(g: Any, *indices: Any, pattern: Pattern, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape, g.dtype)
    if may_repeat(indices):
        accumulate(np.add, out, g, indices, pattern)
    else:
        out[filled(pattern, indices)] = g
    return out


@_place.rule
def _(d, y, g, *indices, pattern, shape):
    return (read(d, indices, pattern), *(None for _ in indices))


def place(g: Any, indices: Any, pattern: Pattern, shape: tuple[int, ...]) -> Any:
    """`g` laid out over zeros of a shape, where an index would have read it from."""
    return apply(_place, g, *indices, pattern=pattern, shape=shape)


def read(x: Any, indices: Any, pattern: Pattern) -> Any:
    """``x[index]`` for an index that is taken apart already."""
    if indices:
        return apply(_getitem_arrays, x, *indices, pattern=pattern)
    return apply(_getitem, x, pattern=pattern)


def _add_samples(draw: samples.Draw) -> list[samples.Sample]:
    rows = np.array([0, 2, 2])
    return [
        draw.sample(draw(4, 3), draw(3, 3), rows, pattern=(HERE,)),
        draw.sample(draw(4, 3), draw(2, 3), pattern=(slice(1, 3),)),
        draw.sample(draw(0), draw(0), np.array([], np.intp), pattern=(HERE,)),
    ]


@primitive("add_at", saves=("indices",), complex=True, samples=_add_samples)
def _add_at(x: Any, value: Any, *indices: Any, pattern: Pattern) -> Any:
    out = x.copy()
    accumulate(np.add, out, value, indices, pattern)
    return out


def accumulate(
    ufunc: np.ufunc, out: Any, value: Any, indices: tuple[Any, ...], pattern: Pattern
) -> None:
    """Add (or multiply, ...) into `out` at an index; what is met twice is added to twice.

    `np.add.at` is fast in one dimension alone. So the elements of `out`, which is contiguous,
    are numbered, where that costs less.
    """
    if not may_repeat(indices):
        index = filled(pattern, indices)
        out[index] = ufunc(out[index], value)
        return
    if out.size and pattern == (HERE,):  # whole rows: their numbers follow from the first
        width = out.size // len(out)
        rows = np.arange(len(out))[indices[0]]
        places = (rows[..., None] * width + np.arange(width)).reshape(rows.shape + out.shape[1:])
    elif out.size <= 4 * np.size(value):
        places = np.arange(out.size).reshape(out.shape)[filled(pattern, indices)]
    else:
        ufunc.at(out, filled(pattern, indices), value)
        return
    ufunc.at(out.reshape(-1), places.ravel(), np.broadcast_to(value, places.shape).ravel())


@_add_at.rule
def _(g, y, x, value, *indices, pattern, needs):
    toward_value = None
    if needs[1]:
        toward_value = _sum_to(read(g, indices, pattern), value)
    return (g, toward_value, *(None for _ in indices))


def add_at(input: Tensor, value: Any, indices: Any, pattern: Pattern) -> Tensor:
    """`input` with `value` added at an index; what is met twice is added twice."""
    return apply(_add_at, input, value, *indices, pattern=pattern)


def _set_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw(4, 3), draw(3), pattern=(slice(3, None, -2),)),
        draw.sample(draw(4, 3), draw(3, 3), np.array([0, 2, 2]), pattern=(HERE,)),
        draw.sample(draw(4, 3), draw(), np.array([True, False, True, True]), pattern=(HERE,)),
        draw.sample(draw(), draw(), pattern=(Ellipsis,)),
        draw.sample(draw(0, 3), draw(3), pattern=(slice(None),)),
    ]


@primitive("setitem", saves=("indices",), complex=True, samples=_set_samples)
def _setitem(x: Any, value: Any, *indices: Any, pattern: Pattern) -> Any:
    out = x.copy()
    out[filled(pattern, indices)] = value
    return out


@_setitem.rule
def _(g, y, x, value, *indices, pattern, needs):
    toward_x = toward_value = None
    if needs[0]:
        toward_x = apply(_setitem, g, np.zeros((), g.dtype), *indices, pattern=pattern)
    if needs[1]:
        toward_value = read(g, indices, pattern)
        if may_repeat(indices):  # of values written to one place, the last alone has a say
            toward_value = where(_lasting(x.shape, indices, pattern), toward_value, 0.0)
        toward_value = _sum_to(toward_value, value)
    return (toward_x, toward_value, *(None for _ in indices))


def set_at(input: Tensor, value: Any, indices: Any, pattern: Pattern) -> Tensor:
    """`input` with the elements at an index replaced by `value`, which may broadcast."""
    return apply(_setitem, input, value, *indices, pattern=pattern)


def _lasting(shape: tuple[int, ...], indices: Any, pattern: Pattern) -> Any:
    """Which of the written values are still there at the end."""
    arrays = tuple(index.data if isinstance(index, Tensor) else index for index in indices)
    index, turns = filled(pattern, arrays), np.empty(shape, np.intp)
    region = turns[index].shape
    turn = np.arange(int(np.prod(region))).reshape(region)
    turns[index] = turn
    return turns[index] == turn


def _sum_to(g: Any, value: Any) -> Any:
    """Sum the gradient of a written region over what broadcasting stretched."""
    shape = value.shape
    if g.shape == shape:
        return g
    full = (1,) * (g.ndim - len(shape)) + shape[max(0, len(shape) - g.ndim) :]
    axes = tuple(i for i, n in enumerate(full) if n == 1 and g.shape[i] != 1)
    return (g.sum(axis=axes) if axes else g).reshape(shape)
