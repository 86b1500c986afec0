"""Distributions of counts: binomial, negative binomial, Poisson."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, compose
from ..ops.exponential import exp, log, xlogy
from ..ops.logistic import logsigmoid, sigmoid
from ..ops.random import rng_of
from ..ops.rounding import floor
from ..ops.special.gamma import lgamma
from . import constraints
from .bernoulli import BinaryOdds, spread_values
from .exponential_family import ExponentialFamily
from .parameters import broadcast_all, lean


class Binomial(BinaryOdds):
    r"""The binomial distribution: how many of n tries succeed,

    .. math:: P(k) = \binom{n}{k} p^k (1 - p)^{n - k}.

    Parameters
    ----------
    total_count : Tensor or int, default 1
        The number of tries :math:`n`.
    probs : Tensor or number, optional
        The probability of success; exactly one of `probs` and `logits` is given.
    logits : Tensor or number, optional
        Its log-odds, :math:`\log(p / (1 - p))`.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Binomial
    >>> binomial = Binomial(10, 0.5)
    >>> binomial.log_prob(lucid.tensor([5.0, 0.0])), binomial.mean
    (Tensor([-1.4020, -6.9315]), Tensor(5.0000))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "total_count": constraints.nonnegative_integer,
        "probs": constraints.unit_interval,
        "logits": constraints.real,
    }
    has_enumerate_support = True
    total_count: Tensor

    def __init__(
        self,
        total_count: Any = 1,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        self._take_odds(probs, logits, total_count=total_count)
        super().__init__(self._param.shape, validate_args=validate_args)

    @constraints.dependent_property(is_discrete=True, event_dim=0)
    def support(self) -> Any:
        return constraints.integer_interval(0, self.total_count)

    @property
    def mean(self) -> Tensor:
        return self.total_count * self.probs

    @property
    def mode(self) -> Tensor:
        peak = floor((self.total_count + 1) * self.probs)
        return peak.clamp(max=self.total_count)

    @property
    def variance(self) -> Tensor:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        shape, p = self._extended_shape(sample_shape), self.probs.data
        tries = self.total_count.data.astype(np.int64)
        drawn = rng_of(None).binomial(tries, p.astype(np.float64), shape)
        return wrap(np.asarray(drawn).astype(p.dtype))

    def log_prob(self, value: Any) -> Tensor:
        k = self._validate_sample(value).astype(self._param.dtype)
        n, logits = lean(self.total_count), lean(self.logits)
        ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
        return self._batched(ways + k * logsigmoid(logits) + (n - k) * logsigmoid(-logits))

    def entropy(self) -> Tensor:
        values = self.enumerate_support(expand=False)
        terms = self.log_prob(values)
        return -(exp(terms) * terms).sum(0)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        counts = self.total_count.data
        count = int(counts.max(initial=0))
        if counts.size and counts.min() != count:
            problem = "the support differs over the batch, as total_count does"
            seen = {"total_count": self.total_count}
            raise ArgumentError(compose("Binomial.enumerate_support", problem, seen))
        return spread_values(np.arange(count + 1), counts.dtype, self._batch_shape, expand)


class NegativeBinomial(BinaryOdds):
    r"""The negative binomial distribution: successes before the failure number r,

    .. math:: P(k) = \frac{\Gamma(k + r)}{k!\, \Gamma(r)} (1 - p)^r p^k.

    It is also a Poisson distribution whose rate is gamma-distributed: counts that vary more
    than Poisson's allow.

    Parameters
    ----------
    total_count : Tensor or number
        The number of failures :math:`r`, not negative and not necessarily whole.
    probs : Tensor or number, optional
        The probability of success, in [0, 1); exactly one of `probs` and `logits` is given.
    logits : Tensor or number, optional
        Its log-odds, :math:`\log(p / (1 - p))`.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import NegativeBinomial
    >>> counts = NegativeBinomial(3.0, 0.5)
    >>> counts.log_prob(lucid.tensor([0.0, 3.0])), counts.mean
    (Tensor([-2.0794, -1.8563]), Tensor(3.0000))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "total_count": constraints.greater_than_eq(0),
        "probs": constraints.half_open_interval(0.0, 1.0),
        "logits": constraints.real,
    }
    support = constraints.nonnegative_integer
    total_count: Tensor

    def __init__(
        self,
        total_count: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        self._take_odds(probs, logits, total_count=total_count)
        super().__init__(self._param.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.total_count * exp(self.logits)

    @property
    def mode(self) -> Tensor:
        return floor((self.total_count - 1) * exp(self.logits)).clamp(min=0)

    @property
    def variance(self) -> Tensor:
        return self.mean / sigmoid(-self.logits)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        shape, rng = self._extended_shape(sample_shape), rng_of(None)
        odds = np.exp(self.logits.data.astype(np.float64))
        rate = rng.standard_gamma(self.total_count.data.astype(np.float64), shape) * odds
        return wrap(np.asarray(rng.poisson(rate)).astype(self._param.dtype))

    def log_prob(self, value: Any) -> Tensor:
        k = self._validate_sample(value).astype(self._param.dtype)
        r, logits = lean(self.total_count), lean(self.logits)
        # Nothing to wait for (r = 0) and nothing seen: the two poles of lgamma would cancel.
        empty = (r.data == 0) & (k.data == 0)
        safe = r + Tensor(empty, dtype=r.dtype)
        ways = lgamma(safe + k) - lgamma(k + 1) - lgamma(safe)
        return self._batched(ways + r * logsigmoid(-logits) + k * logsigmoid(logits))


class Poisson(ExponentialFamily):
    r"""Poisson's distribution of counts,

    .. math:: P(k) = \frac{\lambda^k}{k!} e^{-\lambda}.

    Parameters
    ----------
    rate : Tensor or number
        The mean :math:`\lambda`, not negative.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Poisson
    >>> Poisson(2.0).log_prob(lucid.tensor([0.0, 2.0]))
    Tensor([-2.0000, -1.3069])
    """

    arg_constraints: ClassVar[dict[str, Any]] = {"rate": constraints.nonnegative}
    support = constraints.nonnegative_integer

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = broadcast_all("Poisson", rate=rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.rate

    @property
    def mode(self) -> Tensor:
        return floor(self.rate)

    @property
    def variance(self) -> Tensor:
        return self.rate

    def sample(self, sample_shape: Any = ()) -> Tensor:
        shape, rate = self._extended_shape(sample_shape), self.rate.data
        drawn = rng_of(None).poisson(rate.astype(np.float64), shape)
        return wrap(np.asarray(drawn).astype(rate.dtype))

    def log_prob(self, value: Any) -> Tensor:
        k = self._validate_sample(value).astype(self.rate.dtype)
        return xlogy(k, self.rate) - self.rate - lgamma(k + 1)

    def entropy(self) -> Tensor:
        raise self._lacks("entropy")

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return (log(self.rate),)

    def _log_normalizer(self, *natural: Any) -> Tensor:
        return exp(natural[0])
