"""Choices among classes: by number, as one-hot vectors, and counted."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from ..core.tensor import Tensor, wrap
from ..errors import DTypeError, compose
from ..ops.exponential import exp
from ..ops.gathering import gather
from ..ops.random import rng_of
from ..ops.ranges import one_hot
from ..ops.selection import where
from ..ops.softmax import log_softmax
from ..ops.special.gamma import lgamma
from . import constraints
from .bernoulli import spread_values
from .beta import vector_parameter
from .counts import Binomial
from .distribution import Distribution, constant
from .parameters import lazy_property, logits_to_probs, one_of, probs_to_logits


class ClassWeights(Distribution):
    """Base of the distributions over classes, by probabilities or unnormalised logarithms.

    Attributes
    ----------
    probs, logits : Tensor of shape (..., classes)
        The probabilities, which sum to 1, and their logarithms; one is computed from the other
        when it is asked for.
    """

    def _take_weights(self, probs: Any, logits: Any) -> None:
        """Keep whichever of the two is given, normalised."""
        name = type(self).__name__
        self._given = one_of(name, probs=probs, logits=logits)
        if self._given == "probs":
            weights = vector_parameter(name, "probs", probs)
            if self._validate_args:
                self._check_weights(weights)
            vars(self)["probs"] = weights / weights.sum(-1, keepdim=True)
        else:
            vars(self)["logits"] = log_softmax(vector_parameter(name, "logits", logits), -1)

    def _check_weights(self, weights: Tensor) -> None:
        """Refuse negative weights, which the division by their sum could hide."""
        holds = np.all(weights.data >= 0, axis=-1)
        if not holds.all():
            where_ = type(self).__name__
            raise self._refused(where_, "probs", weights, constraints.simplex, holds)

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
        """The logarithms of the probabilities."""
        return probs_to_logits(self.probs)

    @lazy_property
    def probs(self) -> Tensor:
        """The probabilities."""
        return logits_to_probs(self.logits)

    def _draw_classes(self, shape: tuple[int, ...]) -> Any:
        """Class numbers, for rows of probabilities that broadcast over the last dimensions.

        The rows' distribution functions stand in one ascending line, each a unit above the last,
        and one search finds the place of every random height.
        """
        rows = self.probs.data.astype(np.float64).reshape(-1, self.probs.shape[-1])
        steps = np.cumsum(rows, axis=1)
        steps /= steps[:, -1:]
        number = np.arange(len(rows), dtype=np.float64)
        heights = rng_of(None).random((math.prod(shape) // max(len(rows), 1), len(rows)))
        line = (steps + number[:, None]).ravel()
        place = np.searchsorted(line, heights + number, "right")
        place = place - np.arange(len(rows)) * rows.shape[1]
        # Rounding may carry a height onto the end of its row: the last class with weight has it.
        last = rows.shape[1] - 1 - np.argmax(rows[:, ::-1] > 0, axis=1)
        return np.clip(place, 0, last).reshape(shape).astype(np.int64)

    def _class_entropy(self) -> Tensor:
        least = float(np.finfo(self.logits.dtype).min)  # 0 times minus infinity would be NaN
        return -(self.logits.clamp(min=least) * self.probs).sum(-1)


class Categorical(ClassWeights):
    r"""A choice among classes 0, 1, ..., n - 1, class k with probability :math:`p_k`.

    Parameters
    ----------
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

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Categorical
    >>> choice = Categorical(lucid.tensor([1.0, 1.0, 2.0]))
    >>> choice.log_prob(lucid.tensor([0, 2])), choice.entropy()
    (Tensor([-1.3863, -0.6931]), Tensor(1.0397))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "probs": constraints.simplex,
        "logits": constraints.real_vector,
    }
    has_enumerate_support = True

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        if validate_args is not None:
            self._validate_args = validate_args
        self._take_weights(probs, logits)
        super().__init__(self._param.shape[:-1], validate_args=validate_args)

    @constraints.dependent_property(is_discrete=True, event_dim=0)
    def support(self) -> Any:
        return constraints.integer_interval(0, self._param.shape[-1] - 1)

    @property
    def mean(self) -> Tensor:
        return constant(np.nan, self._param, self._batch_shape)

    @property
    def mode(self) -> Tensor:
        return self.probs.argmax(-1)

    @property
    def variance(self) -> Tensor:
        return constant(np.nan, self._param, self._batch_shape)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        return wrap(self._draw_classes(self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Tensor:
        classes = self._validate_sample(value).astype(np.int64)
        logits = self.logits
        shape = np.broadcast_shapes(classes.shape, self._batch_shape)
        table = logits.expand((*shape, logits.shape[-1]))
        return gather(table, -1, classes.expand(shape).unsqueeze(-1)).squeeze(-1)

    def entropy(self) -> Tensor:
        return self._class_entropy()

    def enumerate_support(self, expand: bool = True) -> Tensor:
        numbers = np.arange(self._param.shape[-1])
        return spread_values(numbers, np.int64, self._batch_shape, expand)


class OneHotCategorical(ClassWeights):
    r"""A choice among classes, as a vector with a 1 in the place of the class.

    Parameters
    ----------
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

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import OneHotCategorical
    >>> choice = OneHotCategorical(lucid.tensor([1.0, 1.0, 2.0]))
    >>> choice.log_prob(lucid.tensor([0.0, 0.0, 1.0])), choice.mode
    (Tensor(-0.6931), Tensor([0.0000, 0.0000, 1.0000]))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "probs": constraints.simplex,
        "logits": constraints.real_vector,
    }
    support = constraints.one_hot
    has_enumerate_support = True

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        if validate_args is not None:
            self._validate_args = validate_args
        self._take_weights(probs, logits)
        shape = self._param.shape
        super().__init__(shape[:-1], shape[-1:], validate_args)

    @property
    def mean(self) -> Tensor:
        return self.probs

    @property
    def mode(self) -> Tensor:
        return self._hot(self.probs.argmax(-1))

    @property
    def variance(self) -> Tensor:
        return self.probs * (1 - self.probs)

    def _hot(self, classes: Tensor) -> Tensor:
        return one_hot(classes, self._event_shape[0]).astype(self._param.dtype)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)[:-1]
        return self._hot(wrap(self._draw_classes(shape)))

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        return where(x != 0, self.logits, 0.0).sum(-1)

    def entropy(self) -> Tensor:
        return self._class_entropy()

    def enumerate_support(self, expand: bool = True) -> Tensor:
        count = self._event_shape[0]
        rows = np.eye(count, dtype=self._param.dtype)
        values = wrap(rows.reshape((count,) + (1,) * len(self._batch_shape) + (count,)))
        return values.expand((count, *self._batch_shape, count)) if expand else values


class OneHotCategoricalStraightThrough(OneHotCategorical):
    """`OneHotCategorical` with draws whose gradient is that of the probabilities.

    The gradient is biased; it is what the straight-through estimator takes.

    Parameters
    ----------
    probs, logits : Tensor of shape (..., n), optional
        See `OneHotCategorical`.
    validate_args : bool, optional
        Whether parameters and values are checked.

    References
    ----------
    Y. Bengio, N. Léonard and A. Courville, "Estimating or Propagating Gradients Through
    Stochastic Neurons for Conditional Computation", arXiv:1308.3432, 2013.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import OneHotCategoricalStraightThrough
    >>> probs = lucid.tensor([0.25, 0.75], requires_grad=True)
    >>> drawn = OneHotCategoricalStraightThrough(probs).rsample()
    >>> (drawn * lucid.tensor([1.0, 2.0])).sum().backward()
    >>> print(probs.grad)
    [-0.7500, 0.2500]
    """

    has_rsample = True

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self.sample(sample_shape) + (self.probs - self.probs.detach())


class Multinomial(ClassWeights):
    r"""The multinomial distribution: how often each class is chosen in n choices,

    .. math:: P(k_1, \ldots, k_m) = \frac{n!}{k_1! \cdots k_m!} \prod_i p_i^{k_i}.

    Parameters
    ----------
    total_count : int, default 1
        The number of choices :math:`n`, the same for the whole batch.
    probs : Tensor of shape (..., m), optional
        Weights not below 0, which are divided by their sum; exactly one of `probs` and `logits`
        is given.
    logits : Tensor of shape (..., m), optional
        Logarithms of the weights.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Multinomial
    >>> counts = Multinomial(4, lucid.tensor([1.0, 1.0, 2.0]))
    >>> counts.log_prob(lucid.tensor([1.0, 1.0, 2.0])), counts.mean
    (Tensor(-1.6740), Tensor([1.0000, 1.0000, 2.0000]))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "probs": constraints.simplex,
        "logits": constraints.real_vector,
    }

    def __init__(
        self,
        total_count: int = 1,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        if validate_args is not None:
            self._validate_args = validate_args
        if not hasattr(total_count, "__index__") or np.shape(total_count):
            problem = "total_count must be one int, the same for the whole batch"
            raise DTypeError(compose("Multinomial", problem, {"total_count": total_count}))
        self.total_count = total_count.__index__()
        self._take_weights(probs, logits)
        shape = self._param.shape
        super().__init__(shape[:-1], shape[-1:], validate_args)

    @constraints.dependent_property(is_discrete=True, event_dim=1)
    def support(self) -> Any:
        return constraints.multinomial(self.total_count)

    @property
    def mean(self) -> Tensor:
        return self.probs * self.total_count

    @property
    def variance(self) -> Tensor:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        chances = self.probs.data.astype(np.float64)
        chances = chances / chances.sum(-1, keepdims=True)
        drawn = rng_of(None).multinomial(self.total_count, chances, shape[:-1])
        return wrap(drawn.astype(self._param.dtype))

    def log_prob(self, value: Any) -> Tensor:
        k = self._validate_sample(value).astype(self._param.dtype)
        ways = lgamma(k.sum(-1) + 1) - lgamma(k + 1).sum(-1)
        return ways + where(k == 0, 0.0, k * self.logits).sum(-1)

    def entropy(self) -> Tensor:
        n = self.total_count
        each = Binomial(n, self.probs, validate_args=False)
        counts = each.enumerate_support(expand=False)[1:]
        shared = (exp(each.log_prob(counts)) * lgamma(counts + 1)).sum((0, -1))
        return n * self._class_entropy() - math.lgamma(n + 1) + shared
