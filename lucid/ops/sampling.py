"""Random choices: orders, coin tosses, categories, counts. They carry no gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.tensor import Tensor, wrap
from ..dtypes import resolve
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from ..random import Generator
from .bind import method
from .creation import lengths
from .out import into
from .promotion import kind_of, refuse_unordered
from .random import refuse_negative, rng_of


def randperm(
    n: int, *, generator: Generator | None = None, dtype: Any = np.int64, out: Tensor | None = None
) -> Tensor:
    """The numbers from 0 to ``n - 1`` in random order.

    Parameters
    ----------
    n : int
    generator : Generator, optional
    dtype : dtype, default int64
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of shape (n,)

    Raises
    ------
    ShapeError
        If `n` is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.randperm(4).sort().values
    Tensor([0, 1, 2, 3])
    """
    if out is not None:
        return into(randperm, locals())
    (count,) = lengths("randperm", (n,))
    order = rng_of(generator).permutation(count)
    return wrap(order.astype(resolve(dtype, "randperm"), copy=False))


@method("bernoulli")
def bernoulli(
    input: Tensor,
    p: float | None = None,
    *,
    generator: Generator | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Ones with the given probabilities, zeros otherwise.

    Parameters
    ----------
    input : Tensor
        The probabilities; with `p` only its shape and dtype count.
    p : float, optional
        One probability for all.
    generator : Generator, optional
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`; a constant to differentiation.

    Raises
    ------
    ArgumentError
        If a probability lies outside of ``[0, 1]``.

    Examples
    --------
    >>> import lucid
    >>> lucid.bernoulli(lucid.tensor([0.0, 1.0]))
    Tensor([0.0000, 1.0000])
    """
    if out is not None:
        return into(bernoulli, locals())
    refuse_unordered("bernoulli", input)
    chances = input.data if p is None else p
    return wrap(hits("bernoulli", generator, input.shape, chances).astype(input.dtype))


def hits(where: str, generator: Generator | None, shape: tuple[int, ...], p: Any) -> Any:
    """Where a draw of probability `p` succeeds.

    Raises
    ------
    ArgumentError
        If a probability lies outside of ``[0, 1]``.
    """
    if not np.all(np.greater_equal(p, 0) & np.less_equal(p, 1)):
        raise ArgumentError(compose(where, "a probability must lie in [0, 1]", {"p": p}))
    return rng_of(generator).random(shape) < p


@method("multinomial")
def multinomial(
    input: Tensor,
    num_samples: int,
    replacement: bool = False,
    *,
    generator: Generator | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Draw category numbers with the given weights, row by row.

    Parameters
    ----------
    input : Tensor of shape (categories,) or (rows, categories)
        Weights, which need not sum to one.
    num_samples : int
        How many to draw from each row.
    replacement : bool, default False
        Whether a category may be drawn again.
    generator : Generator, optional
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of int64, shape (num_samples,) or (rows, num_samples)

    Raises
    ------
    ShapeError
        If `input` has neither one nor two dimensions.
    ArgumentError
        If weights are negative, infinite, NaN or all zero, or a row has fewer categories of
        weight above zero than must be drawn without replacement.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([0.0, 1.0, 0.0]).multinomial(3, replacement=True)
    Tensor([1, 1, 1])
    """
    if out is not None:
        return into(multinomial, locals())
    refuse_unordered("multinomial", input)
    weights = input.data.astype(np.float64)
    seen = {"input": input, "num_samples": num_samples}
    if weights.ndim not in (1, 2):
        raise ShapeError(compose("multinomial", "weights must have 1 or 2 dimensions", seen))
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        problem = "weights must be finite and not negative"
        raise ArgumentError(compose("multinomial", problem, seen))
    available = np.count_nonzero(weights, axis=-1).min(initial=weights.shape[-1])
    least = min(num_samples, 1) if replacement else num_samples
    if num_samples < 0 or available < least:
        problem = f"a row has {available} categories of weight above zero, fewer than are drawn"
        fix = "replacement=True, or fewer samples"
        raise ArgumentError(compose("multinomial", problem, seen, fix))
    rng = rng_of(generator)
    rows = np.atleast_2d(weights)
    draw = _with_replacement if replacement else _without_replacement
    return wrap(draw(rng, rows, num_samples).reshape(*weights.shape[:-1], num_samples))


def _with_replacement(rng: np.random.Generator, rows: Any, count: int) -> Any:
    """The inverse of each row's distribution function, at random heights."""
    steps = np.cumsum(rows, axis=1)
    heights = rng.random((len(rows), count)) * steps[:, -1:]
    picks = [np.searchsorted(s, h, "right") for s, h in zip(steps, heights, strict=True)]
    # Rounding may carry a height onto the total; the last category with a weight takes it.
    last = rows.shape[1] - 1 - np.argmax(rows[:, ::-1] > 0, axis=1)
    return np.minimum(np.array(picks, np.int64).reshape(len(rows), count), last[:, None])


def _without_replacement(rng: np.random.Generator, rows: Any, count: int) -> Any:
    """A race: each category arrives after an exponential time, the heavier the sooner."""
    arrivals = np.full(rows.shape, np.inf)
    np.divide(rng.standard_exponential(rows.shape), rows, out=arrivals, where=rows > 0)
    return np.argsort(arrivals, axis=1)[:, :count].astype(np.int64)


def binomial(count: Tensor, prob: Tensor, *, generator: Generator | None = None) -> Tensor:
    r"""Numbers of successes in independent tries: the binomial distribution.

    .. math:: P(k) = \binom{n}{k} p^k (1 - p)^{n - k}

    Parameters
    ----------
    count : Tensor
        Numbers of tries, :math:`n`; fractions are cut off.
    prob : Tensor
        Probabilities of success, :math:`p`, of the same dtype; both broadcast.
    generator : Generator, optional

    Returns
    -------
    Tensor
        Of that dtype; a constant to differentiation.

    Raises
    ------
    DTypeError
        If the dtypes differ, or are not floating.
    ArgumentError
        If a probability lies outside of ``[0, 1]``, or a number of tries is negative.
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.binomial(lucid.tensor([5.0, 5.0]), lucid.tensor([0.0, 1.0]))
    Tensor([0.0000, 5.0000])
    """
    seen = {"count": count, "prob": prob}
    if kind_of("binomial", count, "count") not in "fV" or count.dtype != prob.dtype:
        problem = "count and prob must have one floating dtype"
        raise DTypeError(compose("binomial", problem, seen, "count.to(prob.dtype)"))
    chances, tries = prob.data.astype(np.float64), count.data.astype(np.float64)
    if not np.all((chances >= 0) & (chances <= 1)):
        raise ArgumentError(compose("binomial", "a probability must lie in [0, 1]", seen))
    if not np.all((tries >= 0) & (tries < 2**63)):
        problem = "count must be finite and not negative"
        raise ArgumentError(compose("binomial", problem, seen))
    try:
        drawn = rng_of(generator).binomial(tries.astype(np.int64), chances)
    except ValueError as error:
        raise ShapeError(compose("binomial", "the shapes do not broadcast", seen)) from error
    return wrap(np.asarray(drawn, prob.dtype))


@method("poisson")
def poisson(input: Tensor, *, generator: Generator | None = None) -> Tensor:
    """Numbers of the Poisson distribution, each with a rate of its own.

    Parameters
    ----------
    input : Tensor
        The rates.
    generator : Generator, optional

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`; a constant to differentiation.

    Raises
    ------
    ArgumentError
        If a rate is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.poisson(lucid.tensor([0.0, 0.0]))
    Tensor([0.0000, 0.0000])
    """
    refuse_unordered("poisson", input)
    refuse_negative("poisson", "rates", input.data)
    return wrap(np.asarray(rng_of(generator).poisson(input.data), input.dtype))
