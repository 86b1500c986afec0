"""`vmap`: a function of one sample, run on many at once."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, DTypeError, IndexingError, ShapeError, compose
from ..ops.broadcasting import broadcast_to
from ..ops.gathering import narrow
from ..ops.joining import cat
from ..ops.transposition import movedim
from . import batching as batching
from .lanes import Lanes
from .level import Level
from .trees import leaves, mapped, outline, rebuilt

_RANDOMNESS = ("error", "different", "same")


def vmap(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """A function of one sample made into one of many, all computed at once.

    Within `func` a tensor has the shape of one sample, and every op runs on all of them: there
    is no loop in Python. (An op that has no way to do so runs on one sample after the other,
    and a warning names it.) ``vmap`` may stand within another one, around or within any other
    transform, and gradients go through it.

    Parameters
    ----------
    func : callable
        Of tensors, or of tuples, lists and dicts of them; it returns such as well.
    in_dims : int, None, or a nest of them, default 0
        For each argument the dimension along which the samples lie; None for what they share.
        One entry stands for all that a tuple, list or dict holds.
    out_dims : int, or a nest of them, default 0
        Where the samples shall lie in the results.
    randomness : {"error", "different", "same"}, default "error"
        Whether random numbers are refused, drawn for every sample, or once for all.
    chunk_size : int, optional
        So many samples at a time, to save memory; all by default.

    Returns
    -------
    callable
        Arguments given by name are shared by all samples.

    Raises
    ------
    ArgumentError
        If `randomness` or `chunk_size` has no such value, or no argument has samples; when
        called, if random numbers are drawn with ``randomness="error"``.
    ShapeError
        When called, if the arguments have different numbers of samples, or `in_dims` is not
        built as they are.
    IndexingError
        If an argument has no such dimension.
    DTypeError
        If there are samples in what is no tensor, `func` returns something else than tensors,
        or a plain number is asked of a tensor that stands for many samples (``if x > 0``).
    GradError
        If such a tensor is changed in place.

    Examples
    --------
    >>> import lucid
    >>> scalar_product = lambda a, b: (a * b).sum()
    >>> a, b = lucid.tensor([[1.0, 2.0], [3.0, 4.0]]), lucid.tensor([1.0, 10.0])
    >>> vmap(scalar_product, in_dims=(0, None))(a, b)
    Tensor([21.0000, 43.0000])
    """
    if randomness not in _RANDOMNESS:
        words = ", ".join(map(repr, _RANDOMNESS))
        problem = f"randomness must be one of {words}, not {randomness!r}"
        raise ArgumentError(compose("vmap", problem))
    if chunk_size is not None and not (isinstance(chunk_size, int) and chunk_size > 0):
        problem = f"chunk_size must be a positive integer or None, not {chunk_size!r}"
        raise ArgumentError(compose("vmap", problem))

    @functools.wraps(func)
    def vectorized(*args: Any, **kwargs: Any) -> Any:
        flat = leaves(args)
        dims = _in_dims(in_dims, args, flat)
        size = _size(flat, dims)
        if chunk_size is None or size <= chunk_size:
            return _at_once(func, args, kwargs, flat, dims, size, out_dims, randomness)
        parts = []
        for start in range(0, size, chunk_size):
            count = min(chunk_size, size - start)
            some = [
                x if dim is None else narrow(x, dim, start, count)
                for x, dim in zip(flat, dims, strict=True)
            ]
            call = (func, args, kwargs, some, dims, count, out_dims, randomness)
            parts.append(_at_once(*call))
        along = _out_dims(out_dims, parts[0])
        columns = zip(*map(leaves, parts), strict=True)
        return rebuilt(parts[0], [cat(c, dim) for c, dim in zip(columns, along, strict=True)])

    return vectorized


def _at_once(
    func: Callable[..., Any],
    args: Any,
    kwargs: dict[str, Any],
    flat: list[Any],
    dims: list[Any],
    size: int,
    out_dims: Any,
    randomness: str,
) -> Any:
    """All samples in one run of the function."""
    level = Level(size, randomness)
    inside = [
        x if dim is None else wrap(Lanes(level, movedim(x, dim, 0) if dim else x))
        for x, dim in zip(flat, dims, strict=True)
    ]
    try:
        with level.at_work():
            result = func(*rebuilt(args, inside), **kwargs)
        along = iter(_out_dims(out_dims, result))
        return mapped(lambda x: _outside(level, x, next(along)), result)
    finally:
        level.active = False


def _outside(level: Level, x: Any, dim: int) -> Tensor:
    """A result as a tensor outside of the `vmap`, with the samples along a dimension."""
    if not isinstance(x, Tensor):
        problem = f"the function must return tensors, or nests of them, not {type(x).__name__}"
        raise DTypeError(compose("vmap", problem, {"returned": x}, "lucid.tensor(value)"))
    value, batched = level.below_of(x)
    if not batched:
        value = broadcast_to(value, (level.size, *value.shape))
    if not -value.ndim <= dim < value.ndim:
        problem = f"out_dims={dim} is out of range for a result of {value.ndim} dimensions"
        raise IndexingError(compose("vmap", problem, {"returned, with samples": value}))
    return movedim(value, 0, dim) if dim else value


# ---- where the samples lie ----------------------------------------------------------------


def _in_dims(in_dims: Any, args: tuple[Any, ...], flat: list[Any]) -> list[Any]:
    """For each tensor of the arguments the dimension of its samples, or None."""
    if isinstance(in_dims, list):
        in_dims = tuple(in_dims)
    found = _spread(in_dims, args)
    if found is None:
        problem = "in_dims must be one dimension for all, or built as the arguments are"
        seen = {"in_dims": in_dims, "arguments": outline(args)}
        raise ShapeError(compose("vmap", problem, seen))
    for i, (x, dim) in enumerate(zip(flat, found, strict=True)):
        if dim is None:
            continue
        if isinstance(dim, bool) or not isinstance(dim, int):
            problem = f"in_dims holds integers and None, not {dim!r}"
            raise DTypeError(compose("vmap", problem, {"in_dims": in_dims}))
        if not isinstance(x, Tensor):
            problem = f"in_dims={dim} is given for what is no tensor but {type(x).__name__}"
            fix = "None in its place in in_dims: all samples share it"
            raise DTypeError(compose("vmap", problem, {"argument": x}, fix))
        if not -x.ndim <= dim < x.ndim:
            problem = f"in_dims={dim} is out of range for a tensor of {x.ndim} dimensions"
            raise IndexingError(compose("vmap", problem, {f"tensor {i}": x}, "None shares it"))
        found[i] = dim % x.ndim
    return found


def _out_dims(out_dims: Any, result: Any) -> list[int]:
    """For each tensor of the results the dimension of its samples."""
    if isinstance(out_dims, list):
        out_dims = tuple(out_dims)
    if isinstance(out_dims, tuple) and len(out_dims) == 1 and not isinstance(result, tuple):
        out_dims = out_dims[0]
    found = _spread(out_dims, result)
    if found is None or not all(isinstance(dim, int) for dim in found):
        problem = "out_dims must be one dimension for all, or built as the results are"
        seen = {"out_dims": out_dims, "returned": outline(result)}
        raise ShapeError(compose("vmap", problem, seen))
    return found


def _spread(dims: Any, tree: Any) -> list[Any] | None:
    """One entry for each leaf of a nest; None if the two are not built alike."""
    if dims is None or not isinstance(dims, tuple | list | dict):
        return [dims] * len(leaves(tree))
    if isinstance(dims, dict):
        if not isinstance(tree, dict) or dims.keys() != tree.keys():
            return None
        pairs = [(dims[key], tree[key]) for key in tree]
    elif not isinstance(tree, tuple | list) or len(dims) != len(tree):
        return None
    else:
        pairs = list(zip(dims, tree, strict=True))
    parts = [_spread(dim, part) for dim, part in pairs]
    return None if None in parts else [dim for part in parts for dim in part or ()]


def _size(flat: list[Any], dims: list[Any]) -> int:
    """The number of samples, which all arguments must have."""
    seen = {
        f"tensor {i}, dimension {dim}": x
        for i, (x, dim) in enumerate(zip(flat, dims, strict=True))
        if dim is not None
    }
    sizes = {x.shape[dim] for x, dim in zip(flat, dims, strict=True) if dim is not None}
    if len(sizes) == 1:
        return int(sizes.pop())
    if sizes:
        counts = " and ".join(map(str, sorted(sizes)))
        problem = f"the arguments have different numbers of samples: {counts}"
        fix = "in_dims names the dimension of the samples of each, and None for what they share"
        raise ShapeError(compose("vmap", problem, seen, fix))
    problem = "no argument has samples: in_dims is None for all of them, or there is none"
    raise ArgumentError(compose("vmap", problem, fix="in_dims=0 for at least one argument"))
