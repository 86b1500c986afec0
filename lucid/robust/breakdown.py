"""How many bad data an estimate stands, found by feeding it bad data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..core.tensor import values
from ..errors import ArgumentError, compose
from .lanes import real_values
from .normal import STANDARD

HUGE = 1e12  # bad data, in units of the good ones' size
CARRIED_AWAY = 1e5  # an estimate is, beyond so many times the good data's size
COLLAPSED = 1e-9  # a scale has, below such a share of its value


def breakdown_point(
    estimator: Callable[[Any], Any], input: Any = None, *, implosion: bool = False
) -> float:
    r"""The smallest share of bad data that makes an estimate worthless.

    Some of the numbers are replaced by what an adversary would choose: huge ones, at one place,
    at two opposite ones, or ever farther apart. The estimate has broken down when one of these
    carries it away with them, or makes it NaN. How many it takes is found by bisection.

    Parameters
    ----------
    estimator : callable
        Of a 1-d float64 array to a number: a location or a scale.
    input : array or Tensor, optional
        Good data, 1-d; by default the 100 normal quantiles of
        :math:`(i - \frac12) / 100`.
    implosion : bool, default False
        Make a scale collapse to 0 instead, by numbers that are all equal.

    Returns
    -------
    float
        m / n, where m of n numbers were enough; 1.0 if no number of them was. For growing n
        this finite-sample breakdown point tends to the asymptotic one.

    Raises
    ------
    DTypeError
        If `input` is neither array nor tensor, or not real.
    ArgumentError
        If it is not 1-d, or empty.

    References
    ----------
    .. [1] D. L. Donoho, P. J. Huber, "The Notion of Breakdown Point", in: A Festschrift for
       Erich L. Lehmann, Wadsworth, 1983, 157-184.

    Examples
    --------
    >>> import numpy as np
    >>> import lucid.nn as nn
    >>> from lucid.robust import breakdown_point, m_location
    >>> breakdown_point(np.mean), breakdown_point(np.median)
    (0.01, 0.5)
    >>> breakdown_point(lambda x: m_location(x, nn.TukeyBiweightLoss()))
    0.5
    """
    good = _good_data(input)
    size = float(np.max(np.abs(good))) or 1.0
    before = _number(estimator(good))

    def breaks(count: int) -> bool:
        if implosion:
            bad = good.copy()
            bad[:count] = good[-1]
            return not _number(estimator(bad)) > COLLAPSED * before
        return any(
            not abs(_number(estimator(bad))) < CARRIED_AWAY * size
            for bad in _contaminated(good, count, HUGE * size)
        )

    low, high = 0, len(good)  # `low` are not enough, `high` are, as far as one can know
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if breaks(middle) else (middle, high)
    return high / len(good)


def _good_data(input: Any) -> Any:
    if input is None:
        return np.array([STANDARD.inv_cdf((i + 0.5) / 100) for i in range(100)])
    good = real_values("breakdown_point", input)
    if good.ndim != 1 or not good.size:
        problem = "takes numbers in one dimension, at least one"
        raise ArgumentError(compose("breakdown_point", problem, {"input": input}))
    return good


def _contaminated(good: Any, count: int, huge: float) -> Iterator[Any]:
    """The data with `count` of them replaced, in each of the ways."""
    order = np.random.default_rng(0).permutation(len(good))[:count]
    steps = np.arange(1, count + 1)
    for bad in (np.full(count, huge), huge * (-1.0) ** steps, huge * steps):
        made = good.copy()
        made[order] = bad
        yield made


def _number(estimate: Any) -> float:
    return float(values(estimate))
