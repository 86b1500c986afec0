"""Reductions of segments: runs of rows, each with a length of its own, reduced to one row."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, values
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from ..samples import Draw, Sample
from .axes import normal_axis
from .gathering import index_select
from .promotion import real_floating
from .reduction import prod
from .selection import where
from .shape import reshape

REDUCTIONS = ("sum", "mean", "max", "min", "prod")
_EXTREMES: dict[str, Any] = {"max": (np.maximum, -math.inf), "min": (np.minimum, math.inf)}

# ---- rows from `starts` up to `stops` --------------------------------------------------


def _samples(draw: Draw) -> list[Sample]:
    starts, stops = np.array([0, 2, 2, 3]), np.array([2, 2, 3, 6])
    gaps = np.array([1, 4]), np.array([3, 6])
    return [
        draw.sample(draw.apart(6, 3), starts, stops),
        draw.sample(draw.apart(7, 2), *gaps),
        draw.sample(draw.apart(0, 2), starts[:1], starts[:1]),
    ]


def _extreme_samples(draw: Draw) -> list[Sample]:
    plain = [sample for sample in _samples(draw) if len(sample.inputs[0])]
    return [draw.sample(*s.inputs, largest=largest) for s in plain for largest in (True, False)]


def _at_full(x: Any, starts: Any, stops: Any, ufunc: Any, empty: float) -> Any:
    """One row for each segment; `empty` where it has none."""
    out = np.full((len(starts), *x.shape[1:]), empty, x.dtype)
    some = stops > starts
    if some.any():
        bounds = np.stack([starts[some], stops[some]], 1).ravel()
        # Of neighbouring bounds every second pair holds a segment; the last goes to the end.
        out[some] = ufunc.reduceat(x[: bounds[-1]], bounds[:-1], axis=0)[::2]
    return out


def _owner(count: int, starts: Any, stops: Any) -> tuple[Any, Any]:
    """For each row the segment that holds it (0 if none does), and whether one does."""
    owner, held = np.zeros(count, np.int64), np.zeros(count, bool)
    lengths = stops - starts
    owned = np.repeat(np.arange(len(starts)), lengths)
    before = np.repeat(np.cumsum(lengths) - lengths, lengths)
    rows = np.arange(len(owned)) - before + starts[owned]
    owner[rows], held[rows] = owned, True
    return owner, held[:, None]


def _to_rows(g: Any, count: int, starts: Any, stops: Any) -> Any:
    """A row for each segment, given to all rows of it; 0 where a row is in none."""
    owner, held = _owner(count, values(starts), values(stops))
    return where(held, index_select(g, 0, owner), 0.0)


@primitive("segment_sum", saves=("starts", "stops"), samples=_samples)
def _segment_sum(x: Any, starts: Any, stops: Any) -> Any:
    return _at_full(x, starts, stops, np.add, 0.0)


@_segment_sum.rule
def _(g, y, x, starts, stops):
    return _to_rows(g, x.shape[0], starts, stops), None, None


@primitive("segment_extreme", saves=("x", "starts", "stops", "out"), samples=_extreme_samples)
def _segment_extreme(x: Any, starts: Any, stops: Any, *, largest: bool) -> Any:
    return _at_full(x, starts, stops, *_EXTREMES["max" if largest else "min"])


@_segment_extreme.rule
def _(g, y, x, starts, stops, *, largest):
    raw, found = values(x), _to_rows(values(y), x.shape[0], starts, stops)
    equal = (raw == found) | ((raw != raw) & (found != found))  # NaN stands for NaN
    held = _owner(x.shape[0], values(starts), values(stops))[1]
    equal &= held
    counts = _at_full(equal.astype(np.int64), values(starts), values(stops), np.add, 0)
    share = g / np.maximum(counts, 1).astype(x.dtype)
    return where(equal, _to_rows(share, x.shape[0], starts, stops), 0.0), None, None


# ---- public ----------------------------------------------------------------------------


def segment_reduce(
    data: Tensor,
    reduce: str,
    *,
    lengths: Any = None,
    indices: Any = None,
    offsets: Any = None,
    axis: int = 0,
    unsafe: bool = False,
    initial: float | None = None,
) -> Tensor:
    """Reduce runs of neighbouring rows, each with a length of its own, to one row.

    Parameters
    ----------
    data : Tensor
        Of shape (..., N, ...), N along `axis`; integers are taken to the default floating dtype.
    reduce : {"sum", "mean", "max", "min", "prod"}
        Equal extremes share the gradient.
    lengths : Tensor of int
        Of shape (..., S): how many rows each of S segments has. Its leading dimensions are those
        of `data` before `axis`.
    indices : None
        Not supported, as in PyTorch.
    offsets : Tensor of int
        Of shape (..., S + 1), in place of `lengths`: where each segment begins, and at last
        where the last one ends.
    axis : int, default 0
        The last dimension of `lengths` or `offsets`.
    unsafe : bool, default False
        Let `lengths` leave rows at the end out.
    initial : float, optional
        What each reduction begins with: added, multiplied, or compared. A segment without rows
        gives this; by default 0 for a sum, 1 for a product, NaN for a mean, and the infinity
        that is no extreme.

    Returns
    -------
    Tensor
        Of shape (..., S, ...).

    Raises
    ------
    DTypeError
        If `data` is complex or no tensor, or the lengths are no integers.
    ArgumentError
        If not just one of `lengths` and `offsets` is given (PyTorch takes both), `reduce` has
        no such value, or they are negative, fall, or do not fit the number of rows.
    ShapeError
        If the leading dimensions differ, or `axis` is not the last one of the lengths.
    IndexingError
        If there is no such axis.

    Examples
    --------
    >>> import lucid
    >>> data = lucid.tensor([1.0, 2.0, 3.0, 4.0])
    >>> lucid.segment_reduce(data, "sum", lengths=lucid.tensor([1, 3]))
    Tensor([1.0000, 9.0000])
    >>> lucid.segment_reduce(data, "max", offsets=lucid.tensor([0, 2, 2, 4]), initial=0.0)
    Tensor([2.0000, 0.0000, 4.0000])
    """
    data = real_floating(data, "segment_reduce")
    axis = normal_axis("segment_reduce", axis, data)
    if reduce not in REDUCTIONS:
        problem = f"reduce must be one of {', '.join(REDUCTIONS)}, not {reduce!r}"
        raise ArgumentError(compose("segment_reduce", problem))
    begin, end = _bounds(data, lengths, indices, offsets, axis, unsafe)
    count, lead = data.shape[axis], data.shape[:axis]
    base = count * np.arange(math.prod(lead))[:, None]
    starts, stops = (begin + base).ravel(), (end + base).ravel()
    rows = reshape(data, (math.prod(lead) * count, math.prod(data.shape[axis + 1 :])))
    shape = (*lead, begin.shape[1], *data.shape[axis + 1 :])
    if not len(starts):
        return reshape(rows[:0], shape)
    return reshape(_reduced(rows, reduce, starts, stops, initial), shape)


def _reduced(rows: Any, reduce: str, starts: Any, stops: Any, initial: float | None) -> Any:
    """One row for each segment of a matrix."""
    if reduce in _EXTREMES:
        found = apply(_segment_extreme, rows, starts, stops, largest=reduce == "max")
        if initial is None:
            return found
        # As in PyTorch, an extreme that equals the initial value has all of the gradient.
        raw = values(found)
        beyond = raw < initial if reduce == "max" else raw > initial
        return where(beyond, initial, found)
    counts = (stops - starts)[:, None]
    if reduce == "prod":
        return _product(rows, starts, stops, 1.0 if initial is None else initial)
    total = apply(_segment_sum, rows, starts, stops)
    if initial is not None:
        total = total + initial
    if reduce == "sum":
        return total
    divisor = counts if initial is None else np.maximum(counts, 1)
    with np.errstate(invalid="ignore"):
        return total / divisor.astype(rows.dtype)


def _product(rows: Any, starts: Any, stops: Any, initial: float) -> Any:
    """Products, of segments that are filled up with ones."""
    lengths = stops - starts
    longest = int(lengths.max(initial=0))
    if not longest:
        return rows[:0].sum(0) + np.full((len(starts), 1), initial, rows.dtype)
    steps = np.arange(longest)
    within = steps < lengths[:, None]
    places = np.where(within, starts[:, None] + steps, 0)
    filled = where(within[..., None], rows[places], 1.0)
    return prod(filled, 1) * initial


def _bounds(
    data: Any, lengths: Any, indices: Any, offsets: Any, axis: int, unsafe: bool
) -> tuple[Any, Any]:
    """Where segments begin and end, each of shape (leading rows, S)."""
    name = "segment_reduce"
    if indices is not None or (lengths is None) == (offsets is None):
        problem = "takes either lengths or offsets, and no indices"
        raise ArgumentError(compose(name, problem, fix="lengths=lucid.tensor([2, 1, 3])"))
    kind, given = ("lengths", lengths) if offsets is None else ("offsets", offsets)
    raw = values(given)
    seen = {"data": data, kind: given}
    if raw.dtype.kind not in "iu":
        raise DTypeError(compose(name, f"{kind} must be integers", seen, f"{kind}.long()"))
    if raw.ndim != axis + 1 or raw.shape[:-1] != data.shape[:axis]:
        problem = f"{kind} must have the {axis} dimensions of data before axis {axis}, and one more"
        raise ShapeError(compose(name, problem, seen))
    table = raw.astype(np.int64).reshape(math.prod(raw.shape[:-1]), raw.shape[-1])
    if kind == "lengths":
        if (table < 0).any():
            raise ArgumentError(compose(name, "a length is negative", seen))
        ends = np.cumsum(table, 1)
        table = np.concatenate([np.zeros((len(table), 1), np.int64), ends], 1)
        last = table[:, -1]
        if (last > data.shape[axis]).any() or (not unsafe and (last != data.shape[axis]).any()):
            problem = f"lengths must add up to the {data.shape[axis]} rows of data"
            fix = "unsafe=True leaves rows at the end out" if not unsafe else None
            raise ArgumentError(compose(name, problem, seen, fix))
    elif not table.shape[1]:
        raise ShapeError(compose(name, "offsets must hold at least where all ends", seen))
    elif (table < 0).any() or (table > data.shape[axis]).any() or (np.diff(table, 1) < 0).any():
        problem = f"offsets must rise from 0 on, up to the {data.shape[axis]} rows of data"
        raise ArgumentError(compose(name, problem, seen))
    return table[:, :-1], table[:, 1:]
