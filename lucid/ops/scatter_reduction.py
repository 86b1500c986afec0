"""Combining values that meet at one place: the sums, products, means and extremes of `scatter`.

A sum is `add_at`. Products and extremes are primitives of the same kind, on the same index
patterns; a mean is a sum over how many met.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import values
from ..errors import ArgumentError, compose
from ..samples import Draw, Sample
from .arithmetic import conj, div, floor_divide
from .indexing import HERE, Pattern, accumulate, add_at, filled, read, set_at
from .joining import cat
from .promotion import refuse_unordered
from .selection import where
from .shape import reshape

REDUCTIONS = ("sum", "prod", "mean", "amax", "amin")


def combine_at(
    caller: str,
    input: Any,
    value: Any,
    indices: Any,
    pattern: Pattern,
    reduce: str,
    include_self: bool = True,
    known: tuple[str, ...] = REDUCTIONS,
) -> Any:
    """`input` with `value` taken in at an index, by one of the reductions that are `known`.

    Without `include_self` what stood at a place before has no part in its result.

    Raises
    ------
    ArgumentError
        If there is no such reduction.
    DTypeError
        If complex numbers are to be compared.
    """
    if reduce not in known:
        problem = f"reduce must be one of {', '.join(known)}"
        raise ArgumentError(compose(caller, problem, {"reduce": reduce}))
    if reduce in ("amax", "amin"):
        refuse_unordered(caller, input)
        static = {"pattern": pattern, "largest": reduce == "amax", "include_self": include_self}
        return apply(_extreme_at, input, value, *indices, **static)
    if not include_self:
        input = set_at(input, 1 if reduce == "prod" else 0, indices, pattern)
    if reduce == "prod":
        return apply(_multiply_at, input, value, *indices, pattern=pattern)
    total = add_at(input, value, indices, pattern)
    if reduce == "sum":
        return total
    count = _how_many(input.shape, indices, pattern, include_self)
    if total.dtype.kind in "iu":
        return floor_divide(total, count.astype(total.dtype))
    return div(total, count.astype(total.dtype))


def _how_many(shape: tuple[int, ...], indices: Any, pattern: Pattern, include_self: bool) -> Any:
    """How many values are taken together at every place; 1 where nothing came."""
    arrays = tuple(values(index) for index in indices)
    count = np.full(shape, int(include_self))
    accumulate(np.add, count, 1, arrays, pattern)
    return np.maximum(count, 1)


# ---- product ----------------------------------------------------------------------


def _product_samples(draw: Draw) -> list[Sample]:
    rows = np.array([0, 2, 2, 0, 2])
    zeros = draw(5, 2)
    zeros[0, 0] = zeros[1, 1] = zeros[2, 1] = 0
    return [
        draw.sample(draw(3, 2), zeros, rows, pattern=(HERE,)),
        draw.sample(draw(2, 3), draw(2, 5), rows, pattern=(slice(None), HERE)),
        draw.sample(draw(), draw(), pattern=(Ellipsis,)),
        draw.sample(draw(3), draw(0), np.array([], np.intp), pattern=(HERE,)),
    ]


@primitive("multiply_at", saves=("x", "value", "indices"), complex=True, samples=_product_samples)
def _multiply_at(x: Any, value: Any, *indices: Any, pattern: Pattern) -> Any:
    out = x.copy()
    accumulate(np.multiply, out, value, indices, pattern)
    return out


@_multiply_at.rule
def _(g, y, x, value, *indices, pattern):
    count = math.prod(x.shape)
    places = np.arange(count).reshape(x.shape)
    arrays = tuple(values(index) for index in indices)
    group = np.concatenate([places.ravel(), places[filled(pattern, arrays)].ravel()])
    members = cat([reshape(x, (-1,)), reshape(value, (-1,))])
    arriving = read(reshape(g, (-1,)), (group,), (HERE,))
    toward = arriving * conj(_products_of_others(members, group))
    toward_x = read(toward, (), (slice(count),))
    toward_value = read(toward, (), (slice(count, None),))
    nothing = (None for _ in indices)
    return reshape(toward_x, x.shape), reshape(toward_value, value.shape), *nothing


def _products_of_others(members: Any, group: Any) -> Any:
    """For each member of a vector the product of the others of its group, without division."""
    order = np.argsort(group, kind="stable")
    row, group = read(members, (order,), (HERE,)), group[order]
    backward = (slice(None, None, -1),)
    before = _products_before(row, group)
    after = read(_products_before(read(row, (), backward), group[::-1]), (), backward)
    return read(before * after, (np.argsort(order),), (HERE,))


def _products_before(row: Any, group: Any) -> Any:
    """The product of what stands before each element within its group; groups lie together.

    Every turn joins stretches of twice the length. (A running product would carry an inf or
    NaN of one group into those behind it.)
    """
    place, step = np.arange(len(group)), 1
    product = _previous(row, group, place, 1)
    while (group[step:] == group[:-step]).any():
        product = product * _previous(product, group, place, step)
        step *= 2
    return product


def _previous(row: Any, group: Any, place: Any, step: int) -> Any:
    """The element that stands `step` before each, or 1 where that is none of its group."""
    source = np.maximum(place - step, 0)
    ours = (place >= step) & (group[source] == group)
    return where(ours, read(row, (source,), (HERE,)), 1.0)


# ---- largest and smallest ---------------------------------------------------------


def _extreme_samples(draw: Draw) -> list[Sample]:
    rows = np.array([0, 2, 2, 0, 2])
    x, value = draw.apart(8, 2)[:3], draw.apart(8, 2)[3:]
    return [
        draw.sample(x, value, rows, pattern=(HERE,), largest=largest, include_self=include)
        for largest in (True, False)
        for include in (True, False)
    ]


@primitive("extreme_at", saves=("x", "value", "indices", "out"), samples=_extreme_samples)
def _extreme_at(
    x: Any, value: Any, *indices: Any, pattern: Pattern, largest: bool, include_self: bool
) -> Any:
    out = x.copy()
    if not include_self:  # one of the values is as good a start as any
        out[filled(pattern, indices)] = value
    accumulate(np.maximum if largest else np.minimum, out, value, indices, pattern)
    return out


@_extreme_at.rule
def _(g, y, x, value, *indices, pattern, largest, include_self):  # equals share the gradient
    arrays = tuple(values(index) for index in indices)
    index, found = filled(pattern, arrays), values(y)
    itself, taken = _equal(values(x), found), _equal(values(value), found[index])
    if not include_self:
        itself[index] = False
    count = itself.astype(np.int64)
    accumulate(np.add, count, taken.astype(np.int64), arrays, pattern)
    each = g / count.astype(g.dtype)
    toward_value = where(taken, read(each, indices, pattern), 0.0)
    return where(itself, each, 0.0), toward_value, *(None for _ in indices)


def _equal(a: Any, b: Any) -> Any:
    """Where two arrays are equal; NaN stands for NaN."""
    return np.asarray((a == b) | ((a != a) & (b != b)))
