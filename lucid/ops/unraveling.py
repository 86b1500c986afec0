"""Places in a flattened tensor, told as coordinates."""

from __future__ import annotations

import math
from typing import Any

from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, compose
from .arithmetic import floor_divide, remainder


def unravel_index(indices: Tensor, shape: Any) -> tuple[Tensor, ...]:
    """The coordinates of the elements that `indices` count in a flattened tensor.

    Parameters
    ----------
    indices : Tensor
        Integers. What lies outside of the tensor is taken around, as PyTorch has it.
    shape : int or sequence of int
        The shape of the tensor.

    Returns
    -------
    tuple of Tensor
        For every dimension the coordinates, of the shape of `indices`.

    Raises
    ------
    DTypeError
        If `indices` are no integers.
    ArgumentError
        If a length is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.unravel_index(lucid.tensor([2, 5]), (3, 2))
    (Tensor([1, 2]), Tensor([0, 1]))
    """
    if getattr(getattr(indices, "dtype", None), "kind", None) not in tuple("iu"):
        raise DTypeError(compose("unravel_index", "indices must be integers", {"indices": indices}))
    lengths = tuple(shape) if hasattr(shape, "__iter__") else (shape,)
    if any(length < 0 for length in lengths):
        problem = "no length may be negative"
        raise ArgumentError(compose("unravel_index", problem, {"shape": shape}))
    return tuple(
        remainder(floor_divide(indices, math.prod(lengths[i + 1 :])), length)
        for i, length in enumerate(lengths)
    )
