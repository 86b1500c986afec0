"""Quantiles, with or without NaN."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, to_array, values
from ..errors import ArgumentError, DTypeError, compose
from ..samples import Draw, Sample
from .autocasting import casting, raised
from .axes import normal_axis, one_spelling
from .bind import method
from .out import into
from .picking import grid, put_back, refuse_empty
from .promotion import kind_of
from .shape import reshape
from .statistics import is_nan
from .transposition import movedim

INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")


def _quantile_samples(draw: Draw) -> list[Sample]:
    q = (0.1, 0.5, 0.75)
    some = draw.apart(3, 5)
    some[0, 2] = some[2, 0] = np.nan
    return [
        *(
            draw.sample(draw.apart(3, 5), q=q, interpolation=i, ignore_nan=False)
            for i in INTERPOLATIONS
        ),
        draw.sample(some, q=q, interpolation="linear", ignore_nan=True),
    ]


def _neighbours(
    x: Any, q: tuple[float, ...], interpolation: str, ignore_nan: bool
) -> tuple[Any, Any, Any]:
    """Where the elements below and above each quantile stand, and the weight of the upper."""
    nan = is_nan(x)
    order = np.argsort(x, axis=-1, kind="stable")  # NaN last
    n = np.asarray(x.shape[-1])
    if ignore_nan:
        n = np.maximum(np.add.reduce(~nan, axis=-1, keepdims=True, dtype=np.int64), 1)
    rank = np.array(q) * (n - 1)
    if not ignore_nan:  # a NaN in the lane is every quantile of it
        rank = np.where(nan.any(axis=-1, keepdims=True), n - 1.0, rank)
    rank = np.broadcast_to(rank, (*x.shape[:-1], len(q)))
    low = np.floor(rank)
    weight = {
        "linear": rank - low,
        "lower": low * 0,
        "higher": np.sign(rank - low),
        "midpoint": np.sign(rank - low) / 2,
        "nearest": np.rint(rank) - low,
    }[interpolation]
    axis, below = x.ndim - 1, low.astype(np.int64)
    above = np.minimum(below + 1, order.shape[-1] - 1)
    return order[grid(below, axis)], order[grid(above, axis)], weight


@primitive("quantile", saves=("x",), samples=_quantile_samples)
def _quantile(x: Any, *, q: tuple[float, ...], interpolation: str, ignore_nan: bool) -> Any:
    low, high, weight = _neighbours(x, q, interpolation, ignore_nan)
    axis = x.ndim - 1
    below, above = x[grid(low, axis)], x[grid(high, axis)]
    # From the nearer of the two, and exactly that one where it alone counts: inf - inf is NaN.
    rise, upper = above - below, weight >= 0.5
    mixed = np.where(upper, above - (1 - weight) * rise, below + weight * rise)
    alone = (weight == 0) | (weight == 1)
    return np.where(alone, np.where(upper, above, below), mixed).astype(x.dtype)


@_quantile.rule
def _(g, y, x, *, q, interpolation, ignore_nan):
    low, high, weight = _neighbours(values(x), q, interpolation, ignore_nan)
    weight = weight.astype(x.dtype)
    axis, n = x.ndim - 1, x.shape[-1]
    below = put_back(g * (1 - weight), low, axis, n, repeats=True)
    return (below + put_back(g * weight, high, axis, n, repeats=True),)


@method("quantile")
def quantile(
    input: Tensor,
    q: Any,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
    axis: int | None = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The values below which shares `q` of the elements lie.

    Parameters
    ----------
    input : Tensor
        Floating. A NaN among the elements is every quantile of them.
    q : float or vector Tensor
        Shares between 0 and 1; constants to differentiation.
    dim : int, optional
        Dimension to reduce; all elements by default. Also spelled `axis`.
    keepdim : bool, default False
        Keep the dimension with length 1. Also spelled `keepdims`.
    interpolation : {"linear", "lower", "higher", "midpoint", "nearest"}
        What to take where a quantile falls between two elements.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        The shape of the input without `dim`; for a vector `q`, its length comes first.

    Raises
    ------
    DTypeError
        If the input is not floating.
    ArgumentError
        If a share lies outside of [0, 1], or the interpolation has no such name.
    IndexingError
        If there is no such dimension, or no element along it.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([0.0, 1.0, 2.0, 3.0]).quantile(0.5)
    Tensor(1.5000)
    """
    if out is not None:
        return into(quantile, locals())
    chosen, keep = one_spelling("quantile", dim, axis), keepdim or keepdims
    return _quantiles("quantile", input, q, chosen, keep, interpolation, False)


@method("nanquantile")
def nanquantile(
    input: Tensor,
    q: Any,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
    axis: int | None = None,
    keepdims: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The quantiles of what is not NaN (as `quantile`); NaN where nothing is left.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([0.0, float("nan"), 2.0]).nanquantile(0.5)
    Tensor(1.0000)
    """
    if out is not None:
        return into(nanquantile, locals())
    chosen, keep = one_spelling("nanquantile", dim, axis), keepdim or keepdims
    return _quantiles("nanquantile", input, q, chosen, keep, interpolation, True)


def _quantiles(
    caller: str, input: Any, q: Any, dim: Any, keep: bool, interpolation: str, ignore_nan: bool
) -> Any:
    if casting:
        (input,) = raised(input)
    shares = _shares(caller, input, q, interpolation)
    axis = normal_axis(caller, dim, input) if dim is not None else 0
    kept = list(input.shape) if dim is not None else [1] * input.ndim
    if dim is None or not input.ndim:
        input = reshape(input, (-1,))
    if 0 in input.shape:
        refuse_empty(caller, input, (axis,))
    static = {"interpolation": interpolation, "ignore_nan": ignore_nan}
    lanes = movedim(input, axis, -1)
    found = movedim(apply(_quantile, lanes, q=tuple(shares.ravel().tolist()), **static), -1, 0)
    if keep and kept:
        kept[axis] = 1
        found = reshape(found, (found.shape[0], *kept))
    return found if shares.ndim else reshape(found, found.shape[1:])


def _shares(caller: str, input: Any, q: Any, interpolation: str) -> Any:
    """The shares asked for as an array, after every check of the arguments."""
    if kind_of(caller, input) not in "fV":
        problem = "takes floating tensors"
        raise DTypeError(compose(caller, problem, {"input": input}, "input.float()"))
    if interpolation not in INTERPOLATIONS:
        problem = f"interpolation must be one of {', '.join(INTERPOLATIONS)}"
        raise ArgumentError(compose(caller, problem, {"interpolation": interpolation}))
    shares = to_array(q, np.dtype(np.float64), caller)
    if shares.ndim > 1:
        raise ArgumentError(compose(caller, "q must be a number or a vector", {"q": shares}))
    if not ((shares >= 0) & (shares <= 1)).all():
        raise ArgumentError(compose(caller, "shares must lie between 0 and 1", {"q": q}))
    return shares
