"""Distributions of extremes and of what lies beyond a threshold: Gumbel, Weibull, Pareto."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ..core.tensor import Tensor
from ..ops.exponential import exp, expm1, log, log1p
from ..ops.selection import where
from ..ops.special.gamma import lgamma
from . import constraints
from .distribution import Distribution
from .parameters import EULER, broadcast_all, lean
from .random_numbers import standard_exponential, standard_gumbel


class Gumbel(Distribution):
    r"""Gumbel's distribution, that of the largest of many numbers,

    .. math:: p(x) = \frac{1}{s} e^{-z - e^{-z}}, \quad z = \frac{x - \mu}{s}.

    Parameters
    ----------
    loc : Tensor or number
        The mode :math:`\mu`.
    scale : Tensor or number
        The scale :math:`s`, positive.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Gumbel
    >>> gumbel = Gumbel(0.0, 1.0)
    >>> gumbel.log_prob(lucid.tensor([0.0, 1.0])), gumbel.mean
    (Tensor([-1.0000, -1.3679]), Tensor(0.5772))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "loc": constraints.real,
        "scale": constraints.positive,
    }
    support = constraints.real
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all("Gumbel", loc=loc, scale=scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.loc + self.scale * EULER

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def stddev(self) -> Tensor:
        return math.pi / math.sqrt(6) * self.scale

    @property
    def variance(self) -> Tensor:
        return self.scale**2 * (math.pi**2 / 6)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        return self.loc + self.scale * standard_gumbel(shape, self.loc.dtype)

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        scale = lean(self.scale)
        y = (lean(self.loc) - x) / scale
        return self._batched(y - exp(y) - log(scale))

    def cdf(self, value: Any) -> Tensor:
        return exp(-exp((self.loc - self._validate_sample(value)) / self.scale))

    def icdf(self, value: Any) -> Tensor:
        return self.loc - self.scale * log(-log(self._validate_probability(value)))

    def entropy(self) -> Tensor:
        return log(self.scale) + (1 + EULER)


class Weibull(Distribution):
    r"""Weibull's distribution of lifetimes,

    .. math:: p(x) = \frac{k}{\lambda} \left(\frac{x}{\lambda}\right)^{k - 1}
        e^{-(x / \lambda)^k}, \quad x > 0.

    Parameters
    ----------
    scale : Tensor or number
        The scale :math:`\lambda`, positive.
    concentration : Tensor or number
        The shape :math:`k`, positive: what wears out has a shape above 1.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Weibull
    >>> weibull = Weibull(1.0, 2.0)
    >>> weibull.log_prob(lucid.tensor([0.5, 1.0])), weibull.mean
    (Tensor([-0.2500, -0.3069]), Tensor(0.8862))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "scale": constraints.positive,
        "concentration": constraints.positive,
    }
    support = constraints.positive
    has_rsample = True

    def __init__(self, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        given = {"scale": scale, "concentration": concentration}
        self.scale, self.concentration = broadcast_all("Weibull", **given)
        super().__init__(self.scale.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.scale * exp(lgamma(1 + 1 / self.concentration))

    @property
    def mode(self) -> Tensor:
        k = self.concentration
        return self.scale * ((k - 1) / k).clamp(min=0) ** (1 / k)

    @property
    def variance(self) -> Tensor:
        first = lgamma(1 + 1 / self.concentration)
        return self.scale**2 * (exp(lgamma(1 + 2 / self.concentration)) - exp(2 * first))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        drawn = standard_exponential(self._extended_shape(sample_shape), self.scale.dtype)
        return self.scale * drawn ** (1 / self.concentration)

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        scale, k = lean(self.scale), lean(self.concentration)
        z = log(x / scale)
        return self._batched(log(k / scale) + (k - 1) * z - exp(k * z))

    def cdf(self, value: Any) -> Tensor:
        return -expm1(-((self._validate_sample(value) / self.scale) ** self.concentration))

    def icdf(self, value: Any) -> Tensor:
        p = self._validate_probability(value)
        return self.scale * (-log1p(-p)) ** (1 / self.concentration)

    def entropy(self) -> Tensor:
        k = self.concentration
        return EULER * (1 - 1 / k) + log(self.scale / k) + 1


class Pareto(Distribution):
    r"""Pareto's distribution, a power law from a least value on,

    .. math:: p(x) = \frac{\alpha m^\alpha}{x^{\alpha + 1}}, \quad x \ge m.

    Parameters
    ----------
    scale : Tensor or number
        The least value :math:`m`, positive.
    alpha : Tensor or number
        The exponent :math:`\alpha`, positive.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Pareto
    >>> pareto = Pareto(1.0, 3.0)
    >>> pareto.log_prob(lucid.tensor([1.0, 2.0])), pareto.mean
    (Tensor([1.0986, -1.6740]), Tensor(1.5000))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "scale": constraints.positive,
        "alpha": constraints.positive,
    }
    has_rsample = True

    def __init__(self, scale: Any, alpha: Any, validate_args: bool | None = None) -> None:
        self.scale, self.alpha = broadcast_all("Pareto", scale=scale, alpha=alpha)
        super().__init__(self.scale.shape, validate_args=validate_args)

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self) -> Any:
        return constraints.greater_than_eq(self.scale)

    @property
    def mean(self) -> Tensor:
        a = self.alpha.clamp(min=1)
        return a * self.scale / (a - 1)

    @property
    def mode(self) -> Tensor:
        return self.scale

    @property
    def variance(self) -> Tensor:
        a = self.alpha.clamp(min=2)
        return self.scale**2 * a / ((a - 1) ** 2 * (a - 2))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        drawn = standard_exponential(self._extended_shape(sample_shape), self.scale.dtype)
        return self.scale * exp(drawn / self.alpha)

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        scale, alpha = lean(self.scale), lean(self.alpha)
        fixed = log(alpha) - log(scale)
        inside = fixed - (alpha + 1) * log(x / scale)
        return self._batched(where(x >= scale, inside, -math.inf))

    def cdf(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        return -expm1(-self.alpha * log(x / self.scale).clamp(min=0))

    def icdf(self, value: Any) -> Tensor:
        return self.scale * exp(-log1p(-self._validate_probability(value)) / self.alpha)

    def entropy(self) -> Tensor:
        return log(self.scale / self.alpha) + (1 + 1 / self.alpha)


class GeneralizedPareto(Distribution):
    r"""The distribution of what exceeds a high threshold,

    .. math:: p(x) = \frac{1}{s} (1 + \xi z)^{-1 - 1 / \xi}, \quad z = \frac{x - \mu}{s} \ge 0,

    which is :math:`e^{-z} / s` for :math:`\xi = 0` and ends at :math:`z = -1 / \xi` for
    negative :math:`\xi`.

    Parameters
    ----------
    loc : Tensor or number
        The threshold :math:`\mu`.
    scale : Tensor or number
        The scale :math:`s`, positive.
    concentration : Tensor or number
        The shape :math:`\xi`: the larger, the heavier the tail.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    References
    ----------
    J. Pickands, "Statistical Inference Using Extreme Order Statistics", Annals of Statistics 3
    (1975), 119-131.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import GeneralizedPareto
    >>> excess = GeneralizedPareto(0.0, 1.0, lucid.tensor([-0.5, 0.0, 0.5]))
    >>> excess.cdf(lucid.tensor(1.0))
    Tensor([0.7500, 0.6321, 0.5556])
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "loc": constraints.real,
        "scale": constraints.positive,
        "concentration": constraints.real,
    }
    has_rsample = True

    def __init__(
        self, loc: Any, scale: Any, concentration: Any, validate_args: bool | None = None
    ) -> None:
        given = {"loc": loc, "scale": scale, "concentration": concentration}
        self.loc, self.scale, self.concentration = broadcast_all("GeneralizedPareto", **given)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self) -> Any:
        ends = self.concentration < 0
        last = self.loc - self.scale / where(ends, self.concentration, -1.0)
        return constraints.interval(self.loc, where(ends, last, math.inf))

    @property
    def mean(self) -> Tensor:
        finite = self.concentration < 1
        return where(finite, self.loc + self.scale / (1 - self._below(finite)), math.inf)

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        finite = self.concentration < 0.5
        xi = self._below(finite)
        return where(finite, self.scale**2 / ((1 - xi) ** 2 * (1 - 2 * xi)), math.inf)

    def _below(self, finite: Tensor) -> Tensor:
        return where(finite, self.concentration, 0.0)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        drawn = standard_exponential(self._extended_shape(sample_shape), self.loc.dtype)
        return self._beyond(drawn)

    def _beyond(self, hazard: Tensor) -> Tensor:
        """The value beyond which the mass is the exponential of minus `hazard`."""
        xi = self.concentration
        flat = xi == 0  # there the two terms that the slope towards it needs
        safe = where(flat, 1.0, xi)
        near = hazard + 0.5 * xi * hazard**2
        return self.loc + self.scale * where(flat, near, expm1(safe * hazard) / safe)

    def _hazard(self, x: Tensor) -> Tensor:
        z = (x - self.loc) / self.scale
        flat = self.concentration == 0
        xi = where(flat, 1.0, self.concentration)
        near = z - 0.5 * self.concentration * z**2
        return where(flat, near, log1p(where(flat, 0.0, xi * z)) / xi)

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        return -(1 + self.concentration) * self._hazard(x) - log(self.scale)

    def log_survival_function(self, value: Any) -> Tensor:
        """The logarithm of the probability of a draw above `value`.

        Parameters
        ----------
        value : Tensor or number

        Returns
        -------
        Tensor
        """
        return -self._hazard(self._validate_sample(value))

    def log_cdf(self, value: Any) -> Tensor:
        """The logarithm of the distribution function.

        Parameters
        ----------
        value : Tensor or number

        Returns
        -------
        Tensor
        """
        return log(self.cdf(value))

    def cdf(self, value: Any) -> Tensor:
        return -expm1(-self._hazard(self._validate_sample(value)))

    def icdf(self, value: Any) -> Tensor:
        return self._beyond(-log1p(-self._validate_probability(value)))

    def entropy(self) -> Tensor:
        return log(self.scale) + self.concentration + 1
