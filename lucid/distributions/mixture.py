"""Mixtures of distributions of one family."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from ..autograd.grad_mode import no_grad
from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from ..ops.creation import lengths
from ..ops.gathering import gather
from ..ops.softmax import log_softmax
from ..ops.vector_norm import logsumexp
from . import constraints
from .categorical import Categorical
from .distribution import Distribution


class MixtureSameFamily(Distribution):
    r"""A mixture: first a component is chosen, then a value drawn from it,

    .. math:: p(x) = \sum_k \pi_k\, p_k(x).

    Parameters
    ----------
    mixture_distribution : Categorical
        The probabilities :math:`\pi_k` of the components.
    component_distribution : Distribution
        The components, along the last batch dimension.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    DTypeError
        If `mixture_distribution` is no Categorical, or the components are no Distribution.
    ShapeError
        If the batches do not fit.
    ArgumentError
        If there are not as many components as probabilities.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Categorical, MixtureSameFamily, Normal
    >>> weights = Categorical(lucid.tensor([0.5, 0.5]))
    >>> two = MixtureSameFamily(weights, Normal(lucid.tensor([-1.0, 1.0]), 0.5))
    >>> two.log_prob(lucid.tensor([0.0, 1.0])), two.mean, two.variance
    (Tensor([-2.2258, -0.9186]), Tensor(0.0000), Tensor(1.2500))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {}

    def __init__(
        self,
        mixture_distribution: Categorical,
        component_distribution: Distribution,
        validate_args: bool | None = None,
    ) -> None:
        self._mixture, self._component = mixture_distribution, component_distribution
        self._check_parts()
        batch = component_distribution.batch_shape[:-1]
        self._event_ndims = len(component_distribution.event_shape)
        super().__init__(batch, component_distribution.event_shape, validate_args)

    def _check_parts(self) -> None:
        mixture, component = self._mixture, self._component
        seen = {"mixture_distribution": mixture, "component_distribution": component}
        if not isinstance(mixture, Categorical):
            problem = "mixture_distribution must be a Categorical"
            raise DTypeError(compose("MixtureSameFamily", problem, seen))
        if not isinstance(component, Distribution):
            problem = "component_distribution must be a Distribution"
            raise DTypeError(compose("MixtureSameFamily", problem, seen))
        batch = component.batch_shape
        if not batch or batch[-1] != mixture.param_shape[-1]:
            problem = (
                f"there are {mixture.param_shape[-1]} probabilities, and the components' batch "
                f"is {list(batch)}: its last dimension counts the components"
            )
            raise ArgumentError(compose("MixtureSameFamily", problem, seen))
        for own, other in zip(mixture.batch_shape[::-1], batch[-2::-1], strict=False):
            if own != 1 and other != 1 and own != other:
                problem = "the batches of mixture and components do not fit"
                shapes = {"mixture": mixture.batch_shape, "components": batch[:-1]}
                raise ShapeError(compose("MixtureSameFamily", problem, shapes))

    @property
    def mixture_distribution(self) -> Categorical:
        """The probabilities of the components."""
        return self._mixture

    @property
    def component_distribution(self) -> Distribution:
        """The components."""
        return self._component

    def expand(self, batch_shape: Any) -> Self:
        shape = lengths("expand", (batch_shape,))
        component = self._component.expand((*shape, self._component.batch_shape[-1]))
        return type(self)(self._mixture.expand(shape), component, self._validate_args)

    @constraints.dependent_property
    def support(self) -> Any:
        return constraints.MixtureSameFamilyConstraint(self._component.support)

    def _weights(self) -> Tensor:
        """The probabilities, with a dimension for each of the event's."""
        probs = self._mixture.probs
        return probs.reshape(probs.shape + (1,) * self._event_ndims)

    @property
    def mean(self) -> Tensor:
        return (self._weights() * self._component.mean).sum(-1 - self._event_ndims)

    @property
    def variance(self) -> Tensor:
        # The mean of the variances, and the variance of the means.
        dim, weights = -1 - self._event_ndims, self._weights()
        within = (weights * self._component.variance).sum(dim)
        apart = self._component.mean - self.mean.unsqueeze(dim)
        return within + (weights * apart**2).sum(dim)

    def _beside(self, value: Any) -> Tensor:
        """A value with a dimension for the components."""
        return self._validate_sample(value).unsqueeze(-1 - self._event_ndims)

    def log_prob(self, value: Any) -> Tensor:
        own = self._component.log_prob(self._beside(value))
        return logsumexp(own + log_softmax(self._mixture.logits, -1), -1)

    def cdf(self, value: Any) -> Tensor:
        return (self._component.cdf(self._beside(value)) * self._mixture.probs).sum(-1)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with no_grad():
            whole = self._extended_shape(sample_shape)
            drawn = self._component.sample(sample_shape)
            own = len(whole) - self._event_ndims
            extra = len(whole) - len(self._event_shape) - len(self._batch_shape)
            chosen = self._mixture.expand(self._batch_shape).sample(whole[:extra])
            index = chosen.reshape(whole[:own] + (1,) * (1 + self._event_ndims))
            index = index.expand((*whole[:own], 1, *self._event_shape))
            return gather(drawn, own, index).squeeze(own)

    def __repr__(self) -> str:
        return f"MixtureSameFamily({self._mixture!r}, {self._component!r})"
