"""Estimates along dimensions: reads arrays or tensors as lanes, and returns what it was given."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..config import SETTINGS
from ..core.tensor import Tensor, values, wrap
from ..dtypes import is_floating
from ..errors import ArgumentError, DTypeError, compose, not_a_tensor
from ..ops.axes import normal_axes, one_spelling


def real_values(where: str, input: Any, name: str = "input") -> Any:
    """The numbers behind an array or tensor, as float64.

    Raises
    ------
    DTypeError
        If it is neither, or not real.
    """
    if not isinstance(input, np.ndarray | np.generic | Tensor):
        raise not_a_tensor(where, input, name)
    raw = values(input)
    if raw.dtype.kind not in "biuf" and not is_floating(raw.dtype):
        problem = f"{name} must hold real numbers"
        raise DTypeError(compose(where, problem, {name: input}))
    return raw.astype(np.float64)


def in_kind(result: Any, *given: Any) -> Any:
    """A float64 array as a tensor, if one was given, or an array, in a dtype like theirs.

    Floating arguments keep their dtype (the wider one), others count as the default dtype.
    Tensors are constants to differentiation.
    """
    floats = [values(x).dtype for x in given if is_floating(values(x).dtype)]
    dtype = max(floats, key=lambda d: d.itemsize, default=SETTINGS.default_dtype)
    cast = np.asarray(result).astype(dtype)
    return wrap(cast) if any(isinstance(x, Tensor) for x in given) else cast[()]


def over_lanes(
    where: str,
    estimate: Callable[[Any], Any],
    input: Any,
    dim: Any,
    axis: Any,
    keepdim: bool,
    results: int = 1,
) -> Any:
    """Apply an estimate of 1-d float64 arrays along dimensions.

    Parameters
    ----------
    where : str
        Name of the function, for errors.
    estimate : callable
        Of a 1-d array without NaN to a number, or to as many as `results`.
    input : array or Tensor
    dim, axis : int, sequence of int or None
        Two spellings; None means all.
    keepdim : bool
    results : int, default 1

    Returns
    -------
    array or Tensor, or a list of `results` of them
        Of the kind of `input`. A lane with a NaN gives NaN.

    Raises
    ------
    ArgumentError
        If there is nothing to estimate from, or both spellings are given.
    DTypeError, IndexingError
        If the input is not real, or has no such dimension.

    Examples
    --------
    >>> over_lanes("median", np.median, np.array([[1.0, 2.0], [3.0, 9.0]]), 1, None, False)
    array([1.5, 6. ])
    """
    array = real_values(where, input)
    axes = normal_axes(where, one_spelling(where, dim, axis), array)
    rest = [size for i, size in enumerate(array.shape) if i not in axes]
    moved = np.moveaxis(array, axes, range(array.ndim - len(axes), array.ndim))
    lanes = moved.reshape(*rest, math.prod(moved.shape[len(rest) :]))
    if not lanes.shape[-1]:
        raise ArgumentError(
            compose(where, "there are no numbers to estimate from", {"input": input})
        )
    found = np.full((results, *lanes.shape[:-1]), np.nan)
    complete = ~np.isnan(lanes).any(axis=-1)
    for place in np.ndindex(complete.shape):
        if complete[place]:
            found[(slice(None), *place)] = estimate(lanes[place])
    if keepdim:
        kept = [1 if i in axes else size for i, size in enumerate(array.shape)]
        found = found.reshape(results, *kept)
    answers = [in_kind(each, input) for each in found]
    return answers if results > 1 else answers[0]
