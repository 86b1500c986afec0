"""Choosing between values by a mask, so that what is not chosen has no say in the gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import DTypeError, compose
from ..kernels.selection import select
from .bind import method
from .promotion import promote


def _where_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw.bools(3, 4), draw(3, 4), draw(3, 4)),
        draw.sample(draw.bools(4), draw(3, 1), draw(4)),
        draw.sample(draw.bools(), draw(3), 2.0),
        draw.sample(draw.bools(3), 0.0, draw(3)),
    ]


@primitive("where", saves=("condition",), broadcasts=True, samples=_where_samples)
def _where(condition: Any, a: Any, b: Any) -> Any:
    return select(condition, a, b)


@_where.rule
def _(g, y, condition, a, b, *, needs):  # exact zeros: a product would let 0 * NaN through
    return (
        None,
        where(condition, g, 0.0) if needs[1] else None,
        where(condition, 0.0, g) if needs[2] else None,
    )


@method("where")
def _where_method(input: Tensor, condition: Tensor, other: Any) -> Tensor:
    """`input` where `condition` holds, else `other`."""
    return where(condition, input, other)


def where(condition: Any, input: Any, other: Any) -> Tensor:
    """`input` where `condition` holds, else `other`; a branch not taken gets gradient zero.

    The zero is exact even where the branch not taken is inf or NaN.

    Parameters
    ----------
    condition : Tensor of bool
    input, other : Tensor or number
        Broadcast against each other and `condition`, and promoted to one dtype.

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError
        If `condition` is not of dtype bool.
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([1.0, -2.0, 3.0])
    >>> lucid.where(x > 0, x, 0.0)
    Tensor([1.0000, 0.0000, 3.0000])
    """
    if getattr(condition, "dtype", None) != np.bool_:
        problem = "the condition must be a tensor of dtype bool"
        raise DTypeError(compose("where", problem, {"condition": condition}, "condition != 0"))
    return apply(_where, condition, *promote("where", input, other))


@method("masked_fill")
def masked_fill(input: Tensor, mask: Any, value: Any) -> Tensor:
    """`input` with `value` wherever `mask` holds; the gradient there is zero.

    Parameters
    ----------
    input : Tensor
    mask : Tensor of bool
        Broadcast against `input`.
    value : number or 0-d Tensor

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError
        If `mask` is not of dtype bool.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([1.0, -2.0])
    >>> x.masked_fill(x < 0, 0.0)
    Tensor([1.0000, 0.0000])
    """
    return where(mask, value, input)


def flat_gradient(g: Any) -> Any:
    """The gradient of what is constant: zero, also where `g` is inf or NaN and ``0 * g`` is not."""
    return where(np.zeros(g.shape, np.bool_), g, 0.0)
