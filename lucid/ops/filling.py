"""Filling tensors in place with random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..config import LOCAL
from ..core import versions
from ..core.tensor import Tensor
from ..dtypes import is_floating
from ..errors import ArgumentError, DTypeError, GradError, compose
from ..random import Generator
from .bind import method
from .random import integers, normal_array, refuse_negative, rng_of, uniform_array
from .sampling import hits


def fill(where: str, tensor: Tensor, values: Any) -> Tensor:
    """Overwrite a tensor with constants.

    Raises
    ------
    GradError
        If the tensor takes part in differentiation, outside of `no_grad`.
    ArgumentError
        If its memory cannot be written to.
    """
    if tensor._node is not None and LOCAL.state.grad_enabled:
        problem = "a tensor that takes part in differentiation cannot be filled in place"
        fix = "fill it inside `with lucid.no_grad():`"
        raise GradError(compose(where, problem, {"tensor": tensor}, fix))
    if not tensor.data.flags.writeable:
        problem = "the tensor cannot be written to: its elements share memory or are read-only"
        raise ArgumentError(compose(where, problem, {"tensor": tensor}, "fill x.clone()"))
    versions.bump(tensor.data)
    tensor.data[...] = values
    return tensor


def _floating(where: str, tensor: Tensor) -> Any:
    if not is_floating(tensor.dtype):
        problem = "fills floating tensors"
        raise DTypeError(compose(where, problem, {"tensor": tensor}, "tensor.float()"))
    return tensor.dtype


@method("uniform_")
def uniform_(
    input: Tensor, low: float = 0.0, high: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Fill in place with numbers spread evenly over ``[low, high)``.

    Parameters
    ----------
    input : Tensor of floats
    low, high : float
    generator : Generator, optional

    Returns
    -------
    Tensor
        `input`.

    Raises
    ------
    ArgumentError
        If ``low > high``.
    GradError
        If the tensor takes part in differentiation, outside of `no_grad`.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.empty(3).uniform_(5, 6)
    >>> bool(((x >= 5) & (x < 6)).all())
    True
    """
    if low > high:
        problem = "low must not exceed high"
        raise ArgumentError(compose("uniform_", problem, {"low": low, "high": high}))
    dtype = _floating("uniform_", input)
    values = uniform_array(rng_of(generator), input.shape, dtype)
    if (low, high) != (0, 1):
        top = np.nextafter(np.asarray(high, dtype), np.asarray(low, dtype))
        values = np.minimum(values * dtype.type(high - low) + dtype.type(low), top)
    return fill("uniform_", input, values)


@method("normal_")
def normal_(
    input: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Fill in place with normally distributed numbers.

    Parameters
    ----------
    input : Tensor of floats
    mean, std : float
    generator : Generator, optional

    Returns
    -------
    Tensor
        `input`.

    Raises
    ------
    ArgumentError
        If `std` is negative.
    GradError
        If the tensor takes part in differentiation, outside of `no_grad`.

    Examples
    --------
    >>> import lucid
    >>> lucid.zeros(2).normal_(5.0, 0.0)
    Tensor([5.0000, 5.0000])
    """
    refuse_negative("normal_", "std", std)
    dtype = _floating("normal_", input)
    values = normal_array(rng_of(generator), input.shape, dtype)
    if (mean, std) != (0, 1):
        values = values * dtype.type(std) + dtype.type(mean)
    return fill("normal_", input, values)


@method("bernoulli_")
def bernoulli_(input: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """Fill in place with ones of probability `p`, zeros otherwise.

    Parameters
    ----------
    input : Tensor
    p : float or Tensor, default 0.5
    generator : Generator, optional

    Returns
    -------
    Tensor
        `input`.

    Raises
    ------
    ArgumentError
        If a probability lies outside of ``[0, 1]``.
    GradError
        If the tensor takes part in differentiation, outside of `no_grad`.

    Examples
    --------
    >>> import lucid
    >>> lucid.zeros(2).bernoulli_(1.0)
    Tensor([1.0000, 1.0000])
    """
    chances = p.data if isinstance(p, Tensor) else p
    return fill("bernoulli_", input, hits("bernoulli_", generator, input.shape, chances))


@method("exponential_")
def exponential_(
    input: Tensor, lambd: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Fill in place with exponentially distributed numbers of rate `lambd`.

    Parameters
    ----------
    input : Tensor of floats
    lambd : float, default 1
    generator : Generator, optional

    Returns
    -------
    Tensor
        `input`.

    Raises
    ------
    ArgumentError
        If the rate is not positive.
    GradError
        If the tensor takes part in differentiation, outside of `no_grad`.

    Examples
    --------
    >>> import lucid
    >>> bool((lucid.zeros(3).exponential_() >= 0).all())
    True
    """
    if not lambd > 0:
        problem = "the rate must be positive"
        raise ArgumentError(compose("exponential_", problem, {"lambd": lambd}))
    _floating("exponential_", input)
    return fill("exponential_", input, rng_of(generator).standard_exponential(input.shape) / lambd)


@method("random_")
def random_(
    input: Tensor, low: int = 0, high: int | None = None, *, generator: Generator | None = None
) -> Tensor:
    """Fill in place with whole numbers spread evenly over ``[low, high)``.

    Parameters
    ----------
    input : Tensor
    low : int, default 0
        May be left out: ``x.random_(high)``.
    high : int, optional
        By default the first number that the dtype cannot hold (for floats: not exactly).
    generator : Generator, optional

    Returns
    -------
    Tensor
        `input`.

    Raises
    ------
    ArgumentError
        If ``low >= high``.
    GradError
        If the tensor takes part in differentiation, outside of `no_grad`.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.zeros(3, dtype=lucid.int64).random_(10)
    >>> bool((x < 10).all())
    True
    """
    if high is None and low != 0:
        low, high = 0, low
    if high is None:
        kind = input.dtype.kind
        if kind in "iu":
            high = int(np.iinfo(input.dtype).max)
        else:
            high = 2 if kind == "b" else 1 << (np.finfo(input.dtype).nmant + 1)
    return fill("random_", input, integers("random_", generator, low, high, input.shape))
