"""The uniform distribution."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ..core.tensor import Tensor
from ..errors import ArgumentError, compose
from ..ops.exponential import log
from ..ops.random import rng_of, uniform_array
from ..ops.selection import where
from . import constraints
from .distribution import Distribution
from .parameters import broadcast_all


class Uniform(Distribution):
    r"""The uniform distribution,

    .. math:: p(x) = \frac{1}{\text{high} - \text{low}}, \quad \text{low} \le x < \text{high}.

    Parameters
    ----------
    low, high : Tensor or number
        The ends; `low` is less than `high`.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Uniform
    >>> uniform = Uniform(0.0, 4.0)
    >>> uniform.log_prob(lucid.tensor(1.0)), uniform.cdf(lucid.tensor([1.0, 3.0]))
    (Tensor(-1.3863), Tensor([0.2500, 0.7500]))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "low": constraints.dependent(is_discrete=False, event_dim=0),
        "high": constraints.dependent(is_discrete=False, event_dim=0),
    }
    has_rsample = True

    def __init__(self, low: Any, high: Any, validate_args: bool | None = None) -> None:
        self.low, self.high = broadcast_all("Uniform", low=low, high=high)
        super().__init__(self.low.shape, validate_args=validate_args)
        if self._validate_args and not (self.low.data < self.high.data).all():
            problem = "low must be less than high"
            seen = {"low": low, "high": high}
            raise ArgumentError(compose("Uniform", problem, seen, "Uniform(low, low + width)"))

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self) -> Any:
        return constraints.interval(self.low, self.high)

    @property
    def mean(self) -> Tensor:
        return (self.high + self.low) / 2

    @property
    def mode(self) -> Tensor:
        return math.nan * self.high

    @property
    def stddev(self) -> Tensor:
        return (self.high - self.low) / math.sqrt(12)

    @property
    def variance(self) -> Tensor:
        return (self.high - self.low) ** 2 / 12

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        drawn = uniform_array(rng_of(None), self._extended_shape(sample_shape), self.low.dtype)
        return self.low + drawn * (self.high - self.low)

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        inside = (x >= self.low) & (x < self.high)
        return where(inside, -log(self.high - self.low), -math.inf)

    def cdf(self, value: Any) -> Tensor:
        return ((self._validate_sample(value) - self.low) / (self.high - self.low)).clamp(0, 1)

    def icdf(self, value: Any) -> Tensor:
        return self._validate_probability(value) * (self.high - self.low) + self.low

    def entropy(self) -> Tensor:
        return log(self.high - self.low)
