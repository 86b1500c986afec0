"""Relaxed choices: draws near 0 and 1 that carry gradients (Concrete, or Gumbel-softmax)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..core.tensor import Tensor
from ..ops.exponential import log
from ..ops.logistic import logit, softplus
from ..ops.softmax import log_softmax
from ..ops.special.gamma import lgamma
from . import constraints
from .bernoulli import BinaryOdds
from .categorical import ClassWeights
from .distribution import constant
from .parameters import as_tensor, in_dtype
from .random_numbers import open_uniform, standard_gumbel
from .transformed import TransformedDistribution
from .transforms import ExpTransform, SigmoidTransform


class _LogitRelaxedBernoulli(BinaryOdds):
    """The log-odds of a relaxed Bernoulli draw: a logistic number, shifted and scaled."""

    arg_constraints: ClassVar[dict[str, Any]] = {
        "probs": constraints.unit_interval,
        "logits": constraints.real,
    }
    support = constraints.real
    has_rsample = True

    def __init__(self, temperature: Tensor, probs: Any, logits: Any, validate: bool | None) -> None:
        self.temperature = temperature
        self._take_odds(probs, logits)
        super().__init__(self._param.shape, validate_args=validate)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        u = open_uniform(self._extended_shape(sample_shape), self._param.dtype)
        return (logit(u) + self.logits) / self.temperature

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        difference = self.logits - x * self.temperature
        return log(self.temperature) + difference - 2 * softplus(difference)


def _temperature(where: str, value: Any, like: Any) -> Tensor:
    """The temperature as a tensor of the other parameter's dtype."""
    tensor = as_tensor(where, "temperature", value)
    dtype = getattr(like, "dtype", None)
    wide = dtype is not None and np.dtype(dtype).kind == "f"
    return in_dtype(value, tensor, dtype) if wide else tensor * 1.0


class RelaxedBernoulli(TransformedDistribution):
    r"""Draws between 0 and 1 that are the closer to either, the lower the temperature,

    .. math:: x = \sigma\left(\frac{L + \log(p / (1 - p))}{T}\right),

    with L of the standard logistic distribution. Draws carry gradients.

    Parameters
    ----------
    temperature : Tensor or number
        :math:`T`, positive.
    probs : Tensor or number, optional
        The probability :math:`p` of being nearer to 1; exactly one of `probs` and `logits` is
        given.
    logits : Tensor or number, optional
        Its log-odds.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    References
    ----------
    C. J. Maddison, A. Mnih and Y. W. Teh, "The Concrete Distribution", ICLR 2017. E. Jang, S. Gu
    and B. Poole, "Categorical Reparameterization with Gumbel-Softmax", ICLR 2017.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import RelaxedBernoulli
    >>> relaxed = RelaxedBernoulli(0.5, lucid.tensor([0.1, 0.9]))
    >>> relaxed.log_prob(lucid.tensor([0.2, 0.8])), relaxed.rsample().shape
    (Tensor([-0.7660, -0.7660]), (2,))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "temperature": constraints.positive,
        "probs": constraints.unit_interval,
        "logits": constraints.real,
    }
    support = constraints.unit_interval
    has_rsample = True
    base_dist: _LogitRelaxedBernoulli

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        warmth = _temperature("RelaxedBernoulli", temperature, logits if probs is None else probs)
        base = _LogitRelaxedBernoulli(warmth, probs, logits, False)
        super().__init__(base, SigmoidTransform(), validate_args)

    @property
    def temperature(self) -> Tensor:
        """The temperature."""
        return self.base_dist.temperature

    @property
    def logits(self) -> Tensor:
        """The log-odds."""
        return self.base_dist.logits

    @property
    def probs(self) -> Tensor:
        """The probability."""
        return self.base_dist.probs


class _ExpRelaxedCategorical(ClassWeights):
    """The logarithm of a relaxed one-hot draw."""

    arg_constraints: ClassVar[dict[str, Any]] = {
        "probs": constraints.simplex,
        "logits": constraints.real_vector,
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(self, temperature: Tensor, probs: Any, logits: Any, validate: bool | None) -> None:
        self.temperature = temperature
        self._take_weights(probs, logits)
        shape = self._param.shape
        super().__init__(shape[:-1], shape[-1:], validate)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        noise = standard_gumbel(self._extended_shape(sample_shape), self._param.dtype)
        return log_softmax((self.logits + noise) / self.temperature, -1)

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        count = self._event_shape[0]
        fixed = lgamma(constant(count, self.temperature)) + (count - 1) * log(self.temperature)
        return log_softmax(self.logits - x * self.temperature, -1).sum(-1) + fixed


class RelaxedOneHotCategorical(TransformedDistribution):
    r"""Points of the simplex that are the closer to a corner, the lower the temperature,

    .. math:: x = \text{softmax}\left(\frac{G + \log p}{T}\right),

    with Gumbel-distributed G. Draws carry gradients.

    Parameters
    ----------
    temperature : Tensor or number
        :math:`T`, positive.
    probs : Tensor of shape (..., n), optional
        Weights not below 0, which are divided by their sum; exactly one of `probs` and `logits`
        is given.
    logits : Tensor of shape (..., n), optional
        Logarithms of the weights.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    References
    ----------
    C. J. Maddison, A. Mnih and Y. W. Teh, "The Concrete Distribution", ICLR 2017. E. Jang, S. Gu
    and B. Poole, "Categorical Reparameterization with Gumbel-Softmax", ICLR 2017.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import RelaxedOneHotCategorical
    >>> relaxed = RelaxedOneHotCategorical(0.5, lucid.tensor([0.2, 0.8]))
    >>> relaxed.log_prob(lucid.tensor([0.2, 0.8]))
    Tensor(-0.3646)
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "temperature": constraints.positive,
        "probs": constraints.simplex,
        "logits": constraints.real_vector,
    }
    support = constraints.simplex
    has_rsample = True
    base_dist: _ExpRelaxedCategorical

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        given = logits if probs is None else probs
        warmth = _temperature("RelaxedOneHotCategorical", temperature, given)
        base = _ExpRelaxedCategorical(warmth, probs, logits, False)
        super().__init__(base, ExpTransform(), validate_args)

    @property
    def temperature(self) -> Tensor:
        """The temperature."""
        return self.base_dist.temperature

    @property
    def logits(self) -> Tensor:
        """The logarithms of the probabilities."""
        return self.base_dist.logits

    @property
    def probs(self) -> Tensor:
        """The probabilities."""
        return self.base_dist.probs
