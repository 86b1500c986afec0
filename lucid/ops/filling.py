"""Filling tensors in place with random numbers.

The numbers are constants: the gradient of what they take the place of is zero.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..dtypes import is_floating
from ..errors import ArgumentError, DTypeError, compose
from ..random import Generator
from .attributes import finfo
from .bind import method
from .inplace import write
from .random import integers, normal_array, refuse_negative, rng_of, uniform_array
from .sampling import hits


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
        If the tensor is a leaf that requires a gradient, outside of `no_grad`.

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
    return write("uniform_", input, values)


@method("normal_")
def normal_(
    input: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Fill in place with normally distributed numbers.

    Parameters
    ----------
    input : Tensor of floats or complex numbers
        Of complex ones `std` squared is the variance in all, half of it in each part.
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
        If the tensor is a leaf that requires a gradient, outside of `no_grad`.

    Examples
    --------
    >>> import lucid
    >>> lucid.zeros(2).normal_(5.0, 0.0)
    Tensor([5.0000, 5.0000])
    """
    refuse_negative("normal_", "std", std)
    dtype = input.dtype if input.dtype.kind == "c" else _floating("normal_", input)
    values = normal_array(rng_of(generator), input.shape, dtype)
    if (mean, std) != (0, 1):
        values = values * dtype.type(std) + dtype.type(mean)
    return write("normal_", input, values)


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
        If the tensor is a leaf that requires a gradient, outside of `no_grad`.

    Examples
    --------
    >>> import lucid
    >>> lucid.zeros(2).bernoulli_(1.0)
    Tensor([1.0000, 1.0000])
    """
    chances = p.data if isinstance(p, Tensor) else p
    return write("bernoulli_", input, hits("bernoulli_", generator, input.shape, chances))


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
        If the tensor is a leaf that requires a gradient, outside of `no_grad`.

    Examples
    --------
    >>> import lucid
    >>> bool((lucid.zeros(3).exponential_() >= 0).all())
    True
    """
    _refuse_not_positive("exponential_", "lambd", lambd)
    _floating("exponential_", input)
    return write("exponential_", input, rng_of(generator).standard_exponential(input.shape) / lambd)


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
        If ``low >= high``, or the dtype is an integer one that cannot hold the numbers.
    GradError
        If the tensor is a leaf that requires a gradient, outside of `no_grad`.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.zeros(3, dtype=lucid.int64).random_(10)
    >>> bool((x < 10).all())
    True
    """
    if high is None and low != 0:
        low, high = 0, low
    kind = input.dtype.kind
    if kind in "iub":
        bound = 2 if kind == "b" else int(np.iinfo(input.dtype).max) + 1
    else:
        bound = 1 << (finfo(input.dtype).nmant + 1)
    high = bound if high is None else high
    if kind in "iub" and (high > bound or low < (0 if kind in "ub" else -bound)):
        problem = f"the numbers must fit into {input.dtype}"
        raise ArgumentError(compose("random_", problem, {"low": low, "high": high}))
    return write("random_", input, integers("random_", generator, low, high, input.shape))


# ---- laws with parameters of their own --------------------------------------------------


def _refuse_not_positive(where: str, name: str, value: float) -> None:
    if not value > 0:
        raise ArgumentError(compose(where, f"{name} must be positive", {name: value}))


@method("cauchy_")
def cauchy_(
    input: Tensor,
    median: float = 0.0,
    sigma: float = 1.0,
    *,
    generator: Generator | None = None,
) -> Tensor:
    r"""Fill in place with numbers of the Cauchy distribution.

    .. math:: f(x) = \frac{1}{\pi} \frac{\sigma}{(x - median)^2 + \sigma^2}

    Parameters
    ----------
    input : Tensor of floats
    median : float, default 0
    sigma : float, default 1
        Half of the width at half of the height.
    generator : Generator, optional

    Returns
    -------
    Tensor
        `input`.

    Raises
    ------
    ArgumentError
        If `sigma` is not positive.
    DTypeError
        If the tensor is not floating.
    GradError
        If the tensor is a leaf that requires a gradient, outside of `no_grad`.

    Examples
    --------
    >>> import lucid
    >>> lucid.zeros(3).cauchy_().shape
    (3,)
    """
    _refuse_not_positive("cauchy_", "sigma", sigma)
    _floating("cauchy_", input)
    values = rng_of(generator).standard_cauchy(input.shape)
    return write("cauchy_", input, median + sigma * np.asarray(values))


@method("log_normal_")
def log_normal_(
    input: Tensor, mean: float = 1.0, std: float = 2.0, *, generator: Generator | None = None
) -> Tensor:
    r"""Fill in place with numbers whose logarithms are normally distributed.

    .. math:: f(x) = \frac{1}{x \sigma \sqrt{2 \pi}} e^{-(\ln x - \mu)^2 / 2 \sigma^2}

    Parameters
    ----------
    input : Tensor of floats
    mean, std : float, default 1 and 2
        Of the logarithms.
    generator : Generator, optional

    Returns
    -------
    Tensor
        `input`.

    Raises
    ------
    ArgumentError
        If `std` is not positive.
    DTypeError
        If the tensor is not floating.
    GradError
        If the tensor is a leaf that requires a gradient, outside of `no_grad`.

    Examples
    --------
    >>> import lucid
    >>> bool((lucid.zeros(3).log_normal_() > 0).all())
    True
    """
    _refuse_not_positive("log_normal_", "std", std)
    _floating("log_normal_", input)
    values = rng_of(generator).lognormal(mean, std, input.shape)
    return write("log_normal_", input, values)


@method("geometric_")
def geometric_(input: Tensor, p: float, *, generator: Generator | None = None) -> Tensor:
    r"""Fill in place with the number of the first try that succeeds.

    .. math:: P(k) = (1 - p)^{k - 1} p, \quad k = 1, 2, \ldots

    Parameters
    ----------
    input : Tensor
    p : float
        Probability that a try succeeds.
    generator : Generator, optional

    Returns
    -------
    Tensor
        `input`.

    Raises
    ------
    ArgumentError
        If `p` does not lie between 0 and 1.
    GradError
        If the tensor is a leaf that requires a gradient, outside of `no_grad`.

    Examples
    --------
    >>> import lucid
    >>> bool((lucid.zeros(3).geometric_(0.5) >= 1).all())
    True
    """
    if not 0 < p < 1:
        raise ArgumentError(compose("geometric_", "p must lie between 0 and 1", {"p": p}))
    return write("geometric_", input, rng_of(generator).geometric(p, input.shape))
