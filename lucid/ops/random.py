"""Tensors of random numbers, uniform and normal. Draws carry no gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..config import LOCAL, SETTINGS
from ..core.tensor import Tensor
from ..dtypes import is_differentiable, resolve
from ..errors import ArgumentError, DTypeError, compose
from ..random import STREAM, Generator, default_generator
from .creation import dtype_like, finish, lengths
from .out import into

_BITS = {"float16": 11, "bfloat16": 8}  # bits that uniform numbers of narrow dtypes hold


def rng_of(generator: Generator | None) -> np.random.Generator:
    """What draws the numbers: that of the generator given, or of this thread's default one."""
    rng: np.random.Generator = (generator or STREAM.generator or default_generator).rng
    lifting: Any = LOCAL.state.lifting
    return rng if lifting is None else lifting.rng(rng)  # every sample of a `vmap` has its own


def refuse_negative(where: str, name: str, values: Any) -> None:
    """Refuse values below zero.

    Raises
    ------
    ArgumentError
        If there are any.
    """
    if np.any(np.less(values, 0)):
        raise ArgumentError(compose(where, f"{name} must not be negative", {name: values}))


def uniform_array(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> Any:
    """Evenly spread numbers of ``[0, 1)``, of any floating or complex dtype."""
    if dtype.char in "fd":
        return rng.random(shape, dtype)
    if dtype.kind == "c":
        part = np.empty(0, dtype).real.dtype
        return rng.random(shape, part) + 1j * rng.random(shape, part)
    steps = float(1 << _BITS[dtype.name])  # rounded down: no number becomes 1
    return (np.floor(rng.random(shape, np.float32) * steps) / steps).astype(dtype)


def normal_array(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> Any:
    """Numbers of the standard normal distribution (complex ones have variance 1 in all)."""
    if dtype.char in "fd":
        return rng.standard_normal(shape, dtype)
    if dtype.kind == "c":
        part = np.empty(0, dtype).real.dtype
        pair = rng.standard_normal((*shape, 2), part) * part.type(0.5**0.5)
        return pair.view(dtype)[..., 0]
    return rng.standard_normal(shape, np.float32).astype(dtype)


def _dtype(where: str, dtype: Any) -> np.dtype[Any]:
    chosen = SETTINGS.default_dtype if dtype is None else resolve(dtype, where)
    if not is_differentiable(chosen):
        problem = f"draws floating numbers, not {chosen}"
        raise DTypeError(compose(where, problem, fix="lucid.randint for integers"))
    return chosen


# ---- new tensors ----------------------------------------------------------------------


def rand(
    *size: Any,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Numbers spread evenly over ``[0, 1)``.

    Parameters
    ----------
    *size : int
        The lengths, given one by one or as one sequence.
    generator : Generator, optional
        Where the numbers come from; by default the generator that `manual_seed` seeds.
    dtype : dtype, optional
        A floating or complex dtype; the default dtype unless given.
    device : {"cpu"}, optional
    requires_grad : bool, default False
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If a length is negative.
    DTypeError
        If the dtype is not floating.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.rand(2, 3)
    >>> x.shape, bool(((x >= 0) & (x < 1)).all())
    ((2, 3), True)
    """
    if out is not None:
        return into(rand, locals())
    array = uniform_array(rng_of(generator), lengths("rand", size), _dtype("rand", dtype))
    return finish(array, "rand", requires_grad, device)


def randn(
    *size: Any,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Numbers of the standard normal distribution (parameters as for `rand`).

    Examples
    --------
    >>> import lucid
    >>> lucid.randn(2, 3).shape
    (2, 3)
    """
    if out is not None:
        return into(randn, locals())
    array = normal_array(rng_of(generator), lengths("randn", size), _dtype("randn", dtype))
    return finish(array, "randn", requires_grad, device)


def randint(
    low: int = 0,
    high: Any = None,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Any = np.int64,
    device: Any = None,
    requires_grad: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Whole numbers spread evenly over ``[low, high)``.

    Parameters
    ----------
    low : int, default 0
        May be left out: ``randint(high, size)``.
    high : int
    size : int or sequence of int
    generator : Generator, optional
    dtype : dtype, default int64
        Any dtype that holds the numbers.
    device : {"cpu"}, optional
    requires_grad : bool, default False
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ArgumentError
        If ``low >= high``, or no size is given.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.randint(10, (2, 3))
    >>> x.shape, bool((x < 10).all())
    ((2, 3), True)
    """
    if out is not None:
        return into(randint, locals())
    if size is None:
        low, high, size = 0, low, high
    if size is None or high is None:
        raise ArgumentError(compose("randint", "needs high and size", fix="randint(10, (2, 3))"))
    values = integers("randint", generator, low, high, lengths("randint", (size,)))
    array = values.astype(resolve(dtype, "randint"), copy=False)
    return finish(array, "randint", requires_grad, device)


def integers(
    where: str, generator: Generator | None, low: int, high: int, shape: tuple[int, ...]
) -> Any:
    """Whole numbers of ``[low, high)`` in int64.

    Raises
    ------
    ArgumentError
        If ``low >= high``.
    """
    if low >= high:
        problem = "low must be less than high"
        raise ArgumentError(compose(where, problem, {"low": low, "high": high}))
    return rng_of(generator).integers(low, high, shape)


def rand_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`rand` in the shape and dtype of `input`.

    Examples
    --------
    >>> import lucid
    >>> lucid.rand_like(lucid.zeros(2, 3)).shape
    (2, 3)
    """
    chosen = _dtype("rand_like", dtype_like("rand_like", input, dtype))
    array = uniform_array(rng_of(generator), input.shape, chosen)
    return finish(array, "rand_like", requires_grad, device)


def randn_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`randn` in the shape and dtype of `input`.

    Examples
    --------
    >>> import lucid
    >>> lucid.randn_like(lucid.zeros(2, 3)).shape
    (2, 3)
    """
    chosen = _dtype("randn_like", dtype_like("randn_like", input, dtype))
    array = normal_array(rng_of(generator), input.shape, chosen)
    return finish(array, "randn_like", requires_grad, device)


def randint_like(
    input: Tensor,
    low: int = 0,
    high: int | None = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`randint` in the shape and dtype of `input`.

    Examples
    --------
    >>> import lucid
    >>> lucid.randint_like(lucid.zeros(2, 3, dtype=lucid.int64), 10).shape
    (2, 3)
    """
    if high is None:
        low, high = 0, low
    chosen = dtype_like("randint_like", input, dtype)
    options = {"dtype": chosen, "device": device, "requires_grad": requires_grad}
    return randint(low, high, input.shape, generator=generator, **options)


def normal(
    mean: Any = 0.0,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    requires_grad: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Normally distributed numbers, each with a mean and a standard deviation of its own.

    Parameters
    ----------
    mean, std : Tensor or number
        Broadcast against each other.
    size : int or sequence of int, optional
        Shape of the result, where both are numbers.
    generator : Generator, optional
    dtype : dtype, optional
        By default that of the tensors given, else the default dtype.
    requires_grad : bool, default False
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        A constant to differentiation, as every draw.

    Raises
    ------
    ArgumentError
        If a standard deviation is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.normal(lucid.zeros(3), 2.0).shape
    (3,)
    """
    if out is not None:
        return into(normal, locals())
    given = [x for x in (mean, std) if isinstance(x, Tensor)]
    chosen = _dtype("normal", given[0].dtype if given and dtype is None else dtype)
    means, stds = (x.data if isinstance(x, Tensor) else x for x in (mean, std))
    refuse_negative("normal", "std", stds)
    shape = np.broadcast_shapes(np.shape(means), np.shape(stds))
    if size is not None:
        shape = np.broadcast_shapes(shape, lengths("normal", (size,)))
    array = means + stds * normal_array(rng_of(generator), shape, chosen)
    return finish(np.asarray(array, chosen), "normal", requires_grad)
