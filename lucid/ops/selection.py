"""Choosing between values by a mask, so that what is not chosen has no say in the gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, values
from ..errors import ArgumentError, DTypeError, ShapeError, compose, not_a_tensor
from ..kernels.selection import select
from .bind import method
from .out import into
from .promotion import promote


def _where_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw.bools(3, 4), draw(3, 4), draw(3, 4)),
        draw.sample(draw.bools(4), draw(3, 1), draw(4)),
        draw.sample(draw.bools(), draw(3), 2.0),
        draw.sample(draw.bools(3), 0.0, draw(3)),
    ]


@primitive("where", saves=("condition",), broadcasts=True, complex=True, samples=_where_samples)
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


def where(condition: Any, input: Any, other: Any, *, out: Tensor | None = None) -> Tensor:
    """`input` where `condition` holds, else `other`; a branch not taken gets gradient zero.

    The zero is exact even where the branch not taken is inf or NaN.

    Parameters
    ----------
    condition : Tensor of bool
    input, other : Tensor or number
        Broadcast against each other and `condition`, and promoted to one dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

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
    if out is not None:
        return into(where, locals())
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
        Both are broadcast against each other.
    value : number or 0-d Tensor
        Cast to the dtype of `input`.

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError
        If `mask` is not of dtype bool, or a complex value meets a real tensor.
    ShapeError
        If `value` has dimensions.
    ArgumentError
        If `value` lies outside the range of an integer dtype.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([1.0, -2.0])
    >>> x.masked_fill(x < 0, 0.0)
    Tensor([1.0000, 0.0000])
    """
    if getattr(mask, "dtype", None) != np.bool_:
        problem = "the mask must be a tensor of dtype bool"
        raise DTypeError(compose("masked_fill", problem, {"mask": mask}, "mask != 0"))
    return where(mask, one_value("masked_fill", value, input), input)


def one_value(caller: str, value: Any, like: Any, name: str = "value") -> Any:
    """A number or 0-d tensor in the dtype of the tensor that it is to stand in.

    Raises
    ------
    DTypeError
        If it is neither, or complex where the tensor is real.
    ShapeError
        If it has dimensions.
    ArgumentError
        If it lies outside the range of an integer dtype.
    """
    try:
        dtype = like.dtype
    except AttributeError:
        raise not_a_tensor(caller, like) from None
    kind = type(value)
    if dtype.kind == "f" and (kind is float or kind is int):
        return value
    if not isinstance(value, Tensor | np.ndarray | np.generic | bool | int | float | complex):
        raise not_a_tensor(caller, value, name)
    if np.ndim(values(value)):
        problem = f"{name} must be a number or a 0-d tensor"
        raise ShapeError(compose(caller, problem, {name: value}))
    if dtype.kind != "c" and (np.iscomplexobj(values(value))):
        problem = f"a complex {name} does not fit a real tensor"
        raise DTypeError(compose(caller, problem, {"input": like, name: value}, f"{name}.real"))
    if dtype.kind in "iu":
        return _whole(caller, value, dtype, name)
    if isinstance(value, bool | int | float | complex):
        return np.asarray(value, dtype)
    return value if value.dtype == dtype else value.astype(dtype)


def _whole(caller: str, value: Any, dtype: np.dtype[Any], name: str) -> Any:
    """A real value cut down to an integer of a dtype."""
    try:
        return np.asarray(int(value), dtype)
    except (OverflowError, ValueError) as error:  # too large, infinite, NaN
        problem = f"{name} is out of the range of {dtype}"
        raise ArgumentError(compose(caller, problem, {name: value})) from error


def flat_gradient(g: Any) -> Any:
    """The gradient of what is constant: zero, also where `g` is inf or NaN and ``0 * g`` is not."""
    return where(np.zeros(g.shape, np.bool_), g, 0.0)
