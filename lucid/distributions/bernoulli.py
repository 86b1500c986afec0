"""Yes or no: Bernoulli's distribution, the geometric one, and the continuous Bernoulli."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, compose
from ..nn.losses.binary import binary_cross_entropy_with_logits
from ..ops.exponential import exp, expm1, log, log1p
from ..ops.logistic import sigmoid, softplus
from ..ops.rounding import floor
from ..ops.selection import where
from ..ops.special.entropy import xlog1py
from ..ops.trigonometric import sinh, tanh
from . import constraints
from .distribution import Distribution, constant
from .exponential_family import ExponentialFamily
from .parameters import (
    broadcast_all,
    expanded,
    lazy_property,
    logits_to_probs,
    one_of,
    probs_to_logits,
)
from .random_numbers import open_uniform


class BinaryOdds(Distribution):
    """Base of the distributions with a probability, given as such or by its log-odds.

    Attributes
    ----------
    probs, logits : Tensor
        The probability, and :math:`\\log(p / (1 - p))`; one is computed from the other when it
        is asked for.
    """

    def _take_odds(self, probs: Any, logits: Any, **others: Any) -> None:
        """Keep whichever of the two is given, and the other parameters, of one shape."""
        name = type(self).__name__
        given = one_of(name, probs=probs, logits=logits)
        wanted = {**others, given: probs if given == "probs" else logits}
        tensors = broadcast_all(name, **wanted)
        vars(self).update(zip(wanted, tensors, strict=True))
        self._given = given

    @property
    def _param(self) -> Tensor:
        param: Tensor = vars(self)[self._given]
        return param

    @property
    def param_shape(self) -> tuple[int, ...]:
        """The shape of the parameter that was given."""
        return self._param.shape

    @lazy_property
    def logits(self) -> Tensor:
        """The log-odds."""
        return probs_to_logits(self.probs, is_binary=True)

    @lazy_property
    def probs(self) -> Tensor:
        """The probability."""
        return logits_to_probs(self.logits, is_binary=True)


def cross_entropy(logits: Tensor, value: Tensor) -> Tensor:
    """Minus the log-probability of 0 or 1 (or what lies between), element by element.

    Parameters
    ----------
    logits, value : Tensor
        Broadcast against each other.

    Examples
    --------
    >>> import lucid
    >>> cross_entropy(lucid.tensor(0.0), lucid.tensor([0.0, 1.0]))
    Tensor([0.6931, 0.6931])
    """
    shape = np.broadcast_shapes(logits.shape, value.shape)
    target = expanded(value.astype(logits.dtype), shape)
    return binary_cross_entropy_with_logits(expanded(logits, shape), target, reduction="none")


class Bernoulli(BinaryOdds, ExponentialFamily):
    r"""Bernoulli's distribution: 1 with probability p, else 0.

    Parameters
    ----------
    probs : Tensor or number, optional
        The probability of 1; exactly one of `probs` and `logits` is given.
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
    >>> from lucid.distributions import Bernoulli
    >>> bernoulli = Bernoulli(lucid.tensor([0.25, 0.5]))
    >>> bernoulli.log_prob(lucid.tensor(1.0)), bernoulli.entropy()
    (Tensor([-1.3863, -0.6931]), Tensor([0.5623, 0.6931]))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "probs": constraints.unit_interval,
        "logits": constraints.real,
    }
    support = constraints.boolean
    has_enumerate_support = True
    _mean_carrier_measure = 0.0

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self._take_odds(probs, logits)
        super().__init__(self._param.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.probs

    @property
    def mode(self) -> Tensor:
        p = self.probs
        return where(p == 0.5, math.nan, (p > 0.5).astype(p.dtype))

    @property
    def variance(self) -> Tensor:
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        shape, p = self._extended_shape(sample_shape), self.probs.data
        return wrap((open_uniform(shape, p.dtype).data < p).astype(p.dtype))

    def log_prob(self, value: Any) -> Tensor:
        return -cross_entropy(self.logits, self._validate_sample(value))

    def entropy(self) -> Tensor:
        return cross_entropy(self.logits, self.probs)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        return spread_values(np.arange(2), self._param.dtype, self._batch_shape, expand)

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return (self.logits,)

    def _log_normalizer(self, *natural: Any) -> Tensor:
        return softplus(natural[0])


def spread_values(numbers: Any, dtype: Any, batch_shape: tuple[int, ...], expand: bool) -> Tensor:
    """Values along a new first dimension, beside those of a batch.

    Parameters
    ----------
    numbers : array of one dimension
    dtype : dtype
    batch_shape : tuple of int
    expand : bool
        Whether they are repeated over the batch.

    Examples
    --------
    >>> spread_values(np.arange(2), np.float32, (3,), False).shape
    (2, 1)
    """
    values = wrap(numbers.astype(dtype).reshape((-1,) + (1,) * len(batch_shape)))
    return values.expand((len(numbers), *batch_shape)) if expand else values


class Geometric(BinaryOdds):
    r"""The geometric distribution: how many failures come before the first success,

    .. math:: P(k) = (1 - p)^k p, \quad k = 0, 1, 2, \ldots

    Parameters
    ----------
    probs : Tensor or number, optional
        The probability of success, above 0; exactly one of `probs` and `logits` is given.
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
    >>> from lucid.distributions import Geometric
    >>> geometric = Geometric(0.25)
    >>> geometric.log_prob(lucid.tensor([0.0, 2.0])), geometric.mean
    (Tensor([-1.3863, -1.9617]), Tensor(3.0000))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "probs": constraints.unit_interval,
        "logits": constraints.real,
    }
    support = constraints.nonnegative_integer

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self._take_odds(probs, logits)
        super().__init__(self._param.shape, validate_args=validate_args)
        if self._validate_args and self._given == "probs" and not (self._param.data > 0).all():
            problem = "probs must be above 0, or success never comes"
            raise ArgumentError(compose("Geometric", problem, {"probs": probs}))

    @property
    def mean(self) -> Tensor:
        return 1 / self.probs - 1

    @property
    def mode(self) -> Tensor:
        return constant(0.0, self.probs)

    @property
    def variance(self) -> Tensor:
        return (1 / self.probs - 1) / self.probs

    def sample(self, sample_shape: Any = ()) -> Tensor:
        shape, p = self._extended_shape(sample_shape), self.probs.data
        drawn = np.log(open_uniform(shape, p.dtype).data) / np.log1p(-p)
        return wrap(np.floor(np.abs(drawn)).astype(p.dtype))

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        return xlog1py(x.astype(self.probs.dtype), -self.probs) + log(self.probs)

    def cdf(self, value: Any) -> Tensor:
        count = floor(self._validate_sample(value).astype(self.probs.dtype)) + 1
        return -expm1(count * log1p(-self.probs))

    def entropy(self) -> Tensor:
        return cross_entropy(self.logits, self.probs) / self.probs


class ContinuousBernoulli(BinaryOdds, ExponentialFamily):
    r"""The continuous Bernoulli distribution, for numbers of [0, 1] such as shades of grey,

    .. math:: p(x) = C(\lambda)\, \lambda^x (1 - \lambda)^{1 - x}, \qquad
        C(\lambda) = \frac{2\, \text{artanh}(1 - 2 \lambda)}{1 - 2 \lambda}.

    Parameters
    ----------
    probs : Tensor or number, optional
        The parameter :math:`\lambda`, which is not the mean; exactly one of `probs` and `logits`
        is given.
    logits : Tensor or number, optional
        Its log-odds.
    lims : tuple of float, default (0.499, 0.501)
        Between these values of :math:`\lambda` the functions are computed by series.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    References
    ----------
    G. Loaiza-Ganem and J. P. Cunningham, "The continuous Bernoulli: fixing a pervasive error in
    variational autoencoders", NeurIPS 2019.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import ContinuousBernoulli
    >>> grey = ContinuousBernoulli(0.9)
    >>> grey.log_prob(lucid.tensor([0.0, 1.0])), grey.mean
    (Tensor([-1.2922, 0.9050]), Tensor(0.6699))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "probs": constraints.unit_interval,
        "logits": constraints.real,
    }
    support = constraints.unit_interval
    has_rsample = True
    _mean_carrier_measure = 0.0

    def __init__(
        self,
        probs: Any = None,
        logits: Any = None,
        lims: tuple[float, float] = (0.499, 0.501),
        validate_args: bool | None = None,
    ) -> None:
        self._take_odds(probs, logits)
        self._lims = lims
        super().__init__(self._param.shape, validate_args=validate_args)

    def _half_odds(self) -> tuple[Tensor, Tensor, Tensor]:
        """y = logits / 2, whether it is near 0, and y with 1 in the place of what is near."""
        y = 0.5 * self.logits
        p = sigmoid(2 * y).data
        near = wrap(np.asarray((p > self._lims[0]) & (p < self._lims[1])))
        return y, near, where(near, 1.0, y)

    def _log_norm(self) -> Tensor:
        """log C, which is 2 y / tanh(y)."""
        y, near, far = self._half_odds()
        square = where(near, y, 0.0) ** 2
        series = 1 + square / 3 - square**2 / 45
        return log(2 * where(near, series, far / tanh(far)))

    @property
    def mean(self) -> Tensor:
        y, near, far = self._half_odds()
        series = y / 3 - y**3 / 45
        return 0.5 + 0.5 * where(near, series, 1 / tanh(far) - 1 / far)

    @property
    def variance(self) -> Tensor:
        y, near, far = self._half_odds()
        series = 1 / 3 - y**2 / 15 + 2 * y**4 / 189
        return 0.25 * where(near, series, far**-2 - sinh(far) ** -2)

    @property
    def stddev(self) -> Tensor:
        return self.variance.sqrt()

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        u = open_uniform(self._extended_shape(sample_shape), self._param.dtype)
        return self._quantile(u)

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        return self._log_norm() - cross_entropy(self.logits, x)

    def cdf(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        y, near, far = self._half_odds()
        falling = far < 0  # the formula is for these; the others mirror them
        odds = where(falling, far, -far) * 2
        part = expm1(odds * where(falling, x, 1 - x)) / expm1(odds)
        inside = where(near, x + y * x * (x - 1), where(falling, part, 1 - part))
        return where(x <= 0, 0.0, where(x >= 1, 1.0, inside))

    def icdf(self, value: Any) -> Tensor:
        return self._quantile(self._validate_probability(value))

    def _quantile(self, p: Tensor) -> Tensor:
        y, near, far = self._half_odds()
        falling = far < 0
        odds = where(falling, far, -far) * 2
        part = log1p(where(falling, p, 1 - p) * expm1(odds)) / odds
        return where(near, p + y * p * (1 - p), where(falling, part, 1 - part)).clamp(0, 1)

    def entropy(self) -> Tensor:
        y = 0.5 * self.logits
        return softplus(2 * y) - 2 * y * self.mean - self._log_norm()

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return (self.logits,)

    def _log_normalizer(self, *natural: Any) -> Tensor:
        x = natural[0]
        near = x.abs() < 4e-3
        safe = where(near, 1.0, x)
        series = 0.5 * x + x * x / 24
        return where(near, series, log((exp(safe) - 1).abs()) - log(safe.abs()))
