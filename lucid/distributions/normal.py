"""The normal distribution, its halves and its exponential."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ..core.tensor import Tensor
from ..ops.exponential import exp, expm1, log
from ..ops.selection import where
from ..ops.special.error_function import erf, erfinv
from ..ops.special.normal_distribution import ndtr, ndtri
from . import constraints
from .distribution import constant
from .exponential_family import ExponentialFamily
from .parameters import broadcast_all, lean
from .random_numbers import standard_normal
from .transformed import TransformedDistribution
from .transforms import AbsTransform, ExpTransform

_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


class Normal(ExponentialFamily):
    r"""The normal (Gaussian) distribution,

    .. math:: p(x) = \frac{1}{\sigma \sqrt{2 \pi}} \exp\left(-\frac{(x - \mu)^2}{2 \sigma^2}\right).

    Parameters
    ----------
    loc : Tensor or number
        The mean :math:`\mu`.
    scale : Tensor or number
        The standard deviation :math:`\sigma`, positive.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Normal
    >>> normal = Normal(0.0, lucid.tensor([1.0, 2.0]))
    >>> normal.log_prob(lucid.tensor(1.0)), normal.cdf(lucid.tensor(1.0))
    (Tensor([-1.4189, -1.7371]), Tensor([0.8413, 0.6915]))
    >>> normal.entropy()
    Tensor([1.4189, 2.1121])
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "loc": constraints.real,
        "scale": constraints.positive,
    }
    support = constraints.real
    has_rsample = True
    _mean_carrier_measure = 0.0

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all(type(self).__name__, loc=loc, scale=scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def stddev(self) -> Tensor:
        return self.scale

    @property
    def variance(self) -> Tensor:
        return self.scale * self.scale

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        drawn = standard_normal(self._extended_shape(sample_shape), self.loc.dtype)
        return self.loc + drawn * self.scale

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        scale = lean(self.scale)
        z = (x - lean(self.loc)) / scale
        return self._batched(z * z * -0.5 - (log(scale) + _HALF_LOG_2PI))

    def cdf(self, value: Any) -> Tensor:
        return ndtr((self._validate_sample(value) - self.loc) / self.scale)

    def icdf(self, value: Any) -> Tensor:
        return self.loc + self.scale * ndtri(self._validate_probability(value))

    def entropy(self) -> Tensor:
        return log(self.scale) + (0.5 + _HALF_LOG_2PI)

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return self.loc / self.variance, -0.5 / self.variance

    def _log_normalizer(self, *natural: Any) -> Tensor:
        x, y = natural
        return -0.25 * x * x / y + 0.5 * log(-math.pi / y)


class HalfNormal(TransformedDistribution):
    r"""The distribution of the size of a normal number of mean 0,

    .. math:: p(x) = \frac{2}{\sigma \sqrt{2 \pi}} \exp\left(-\frac{x^2}{2 \sigma^2}\right),
        \quad x \ge 0.

    Parameters
    ----------
    scale : Tensor or number
        The standard deviation :math:`\sigma` of the whole normal distribution, positive.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import HalfNormal
    >>> HalfNormal(1.0).log_prob(lucid.tensor([0.0, 1.0]))
    Tensor([-0.2258, -0.7258])
    """

    arg_constraints: ClassVar[dict[str, Any]] = {"scale": constraints.positive}
    support = constraints.nonnegative
    has_rsample = True
    base_dist: Normal

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        (scale,) = broadcast_all("HalfNormal", scale=scale)
        base = Normal(constant(0.0, scale), scale, validate_args=False)
        super().__init__(base, AbsTransform(), validate_args=validate_args)

    @property
    def scale(self) -> Tensor:
        """The standard deviation of the whole normal distribution."""
        return self.base_dist.scale

    @property
    def mean(self) -> Tensor:
        return self.scale * math.sqrt(2 / math.pi)

    @property
    def mode(self) -> Tensor:
        return constant(0.0, self.scale)

    @property
    def variance(self) -> Tensor:
        return self.scale * self.scale * (1 - 2 / math.pi)

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        inside = self.base_dist.log_prob(x) + math.log(2)
        return where(x >= 0, inside, -math.inf)

    def cdf(self, value: Any) -> Tensor:
        return erf(self._validate_sample(value) / self.scale * math.sqrt(0.5))

    def icdf(self, value: Any) -> Tensor:
        return erfinv(self._validate_probability(value)) * self.scale * math.sqrt(2)

    def entropy(self) -> Tensor:
        return self.base_dist.entropy() - math.log(2)


class LogNormal(TransformedDistribution):
    r"""The distribution of the exponential of a normal number,

    .. math:: p(x) = \frac{1}{x \sigma \sqrt{2 \pi}}
        \exp\left(-\frac{(\log x - \mu)^2}{2 \sigma^2}\right), \quad x > 0.

    Parameters
    ----------
    loc : Tensor or number
        The mean :math:`\mu` of the logarithm.
    scale : Tensor or number
        The standard deviation :math:`\sigma` of the logarithm, positive.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import LogNormal
    >>> LogNormal(0.0, 1.0).log_prob(lucid.tensor([1.0, 2.0]))
    Tensor([-0.9189, -1.8523])
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "loc": constraints.real,
        "scale": constraints.positive,
    }
    support = constraints.positive
    has_rsample = True
    base_dist: Normal

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        loc, scale = broadcast_all("LogNormal", loc=loc, scale=scale)
        base = Normal(loc, scale, validate_args=False)
        super().__init__(base, ExpTransform(), validate_args=validate_args)

    @property
    def loc(self) -> Tensor:
        """The mean of the logarithm."""
        return self.base_dist.loc

    @property
    def scale(self) -> Tensor:
        """The standard deviation of the logarithm."""
        return self.base_dist.scale

    @property
    def mean(self) -> Tensor:
        return exp(self.loc + 0.5 * self.base_dist.variance)

    @property
    def mode(self) -> Tensor:
        return exp(self.loc - self.base_dist.variance)

    @property
    def variance(self) -> Tensor:
        variance = self.base_dist.variance
        return expm1(variance) * exp(2 * self.loc + variance)

    def entropy(self) -> Tensor:
        return self.base_dist.entropy() + self.loc
