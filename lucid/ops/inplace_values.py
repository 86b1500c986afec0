"""Other values for a tensor: one for all, or what a function of Python's makes of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.tensor import Tensor, wrap
from ..errors import DTypeError, GradError, compose
from .bind import method
from .broadcasting import broadcast_to
from .inplace import copy_, fill_
from .shape import clone


def fill(input: Tensor, value: Any) -> Tensor:
    """One value in the shape and dtype of `input`: `Tensor.fill_` on a copy.

    Parameters
    ----------
    input : Tensor
        Its gradient is zero.
    value : number or 0-d Tensor

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `value` has dimensions.

    Examples
    --------
    >>> import lucid
    >>> lucid.fill(lucid.zeros(2), 7)
    Tensor([7.0000, 7.0000])
    """
    return fill_(clone(input), value)


@method("apply_")
def apply_(input: Tensor, callable: Callable[[Any], Any]) -> Tensor:
    """Each element replaced by what a function makes of it, in place; slow, being Python.

    Parameters
    ----------
    input : Tensor
        Requires no gradient.
    callable : callable
        From a Python number to another.

    Returns
    -------
    Tensor
        `input` itself.

    Raises
    ------
    GradError
        If the tensor requires a gradient.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1, 2]).apply_(lambda value: value * 10)
    Tensor([10, 20])
    """
    return _mapped("apply_", callable, input)


@method("map_")
def map_(input: Tensor, tensor: Tensor, callable: Callable[[Any, Any], Any]) -> Tensor:
    """``callable(a, b)`` for each element and its partner, in place; slow, being Python.

    Parameters
    ----------
    input : Tensor
        Requires no gradient.
    tensor : Tensor
        Of the same dtype; it broadcasts to `input`.
    callable : callable
        From two Python numbers to one.

    Returns
    -------
    Tensor
        `input` itself.

    Raises
    ------
    GradError
        If a tensor requires a gradient.
    DTypeError
        If the dtypes differ.
    ShapeError
        If `tensor` does not broadcast to `input`.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1, 5]).map_(lucid.tensor([3, 4]), max)
    Tensor([3, 5])
    """
    return _mapped("map_", callable, input, tensor)


@method("map2_")
def map2_(input: Tensor, x: Tensor, y: Tensor, callable: Callable[[Any, Any, Any], Any]) -> Tensor:
    """``callable(a, b, c)`` for each element and its two partners, in place (see `map_`).

    Examples
    --------
    >>> import lucid
    >>> one = lucid.tensor([1, 1])
    >>> lucid.tensor([1, 5]).map2_(one, one, lambda a, b, c: a + b + c)
    Tensor([3, 7])
    """
    return _mapped("map2_", callable, input, x, y)


def _mapped(caller: str, function: Callable[..., Any], input: Tensor, *partners: Tensor) -> Tensor:
    for tensor in (input, *partners):
        if tensor.requires_grad:
            problem = "a function of Python's has no gradient, but a tensor requires one"
            raise GradError(compose(caller, problem, {"tensor": tensor}, "x.detach()"))
        if tensor.dtype != input.dtype:
            problem = "the tensors must have one dtype"
            seen = {"tensor": input, "other": tensor}
            raise DTypeError(compose(caller, problem, seen, f"y.to(lucid.{input.dtype})"))
    columns = [broadcast_to(tensor, input.shape).data.ravel().tolist() for tensor in partners]
    rows = zip(input.data.ravel().tolist(), *columns, strict=True)
    values = np.array([function(*row) for row in rows]).reshape(input.shape)
    return copy_(input, wrap(values.astype(input.dtype, copy=False)))
