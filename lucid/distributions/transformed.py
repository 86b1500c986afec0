"""Distributions made of others: `TransformedDistribution` and `Independent`."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Self

from ..autograd.grad_mode import no_grad
from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from ..ops.creation import lengths
from . import constraints
from .distribution import Distribution
from .transform import ComposeTransform, Transform, sum_rightmost


class Independent(Distribution):
    """A distribution whose last batch dimensions count as one event.

    ``Independent(Normal(loc, scale), 1)`` is a normal distribution of vectors with independent
    elements: its `log_prob` is the sum over the last dimension.

    Parameters
    ----------
    base_distribution : Distribution
    reinterpreted_batch_ndims : int
        How many batch dimensions become event dimensions.
    validate_args : bool, optional

    Raises
    ------
    ArgumentError
        If the batch has fewer dimensions.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Independent, Normal
    >>> rows = Independent(Normal(lucid.zeros(2, 3), 1.0), 1)
    >>> rows.batch_shape, rows.event_shape, rows.log_prob(lucid.zeros(2, 3))
    ((2,), (3,), Tensor([-2.7568, -2.7568]))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {}

    def __init__(
        self,
        base_distribution: Distribution,
        reinterpreted_batch_ndims: int,
        validate_args: bool | None = None,
    ) -> None:
        count = reinterpreted_batch_ndims
        batch = base_distribution.batch_shape
        if not 0 <= count <= len(batch):
            problem = f"reinterpreted_batch_ndims must lie in [0, {len(batch)}]"
            seen = {"reinterpreted_batch_ndims": count, "batch_shape": batch}
            raise ArgumentError(compose("Independent", problem, seen))
        self.base_dist = base_distribution
        self.reinterpreted_batch_ndims = count
        own = len(batch) - count
        event = batch[own:] + base_distribution.event_shape
        super().__init__(batch[:own], event, validate_args)

    def expand(self, batch_shape: Any) -> Self:
        shape = lengths("expand", (batch_shape,))
        own = self._event_shape[: self.reinterpreted_batch_ndims]
        base = self.base_dist.expand(shape + own)
        return type(self)(base, self.reinterpreted_batch_ndims, self._validate_args)

    @property
    def has_rsample(self) -> Any:
        return self.base_dist.has_rsample

    @property
    def has_enumerate_support(self) -> Any:
        return self.reinterpreted_batch_ndims == 0 and self.base_dist.has_enumerate_support

    @constraints.dependent_property
    def support(self) -> Any:
        inner, count = self.base_dist.support, self.reinterpreted_batch_ndims
        return constraints.independent(inner, count) if count else inner

    @property
    def mean(self) -> Tensor:
        return self.base_dist.mean

    @property
    def mode(self) -> Tensor:
        return self.base_dist.mode

    @property
    def variance(self) -> Tensor:
        return self.base_dist.variance

    def sample(self, sample_shape: Any = ()) -> Tensor:
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value: Any) -> Tensor:
        return sum_rightmost(self.base_dist.log_prob(value), self.reinterpreted_batch_ndims)

    def entropy(self) -> Tensor:
        return sum_rightmost(self.base_dist.entropy(), self.reinterpreted_batch_ndims)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        if self.reinterpreted_batch_ndims:
            raise self._lacks("enumerate_support")
        return self.base_dist.enumerate_support(expand)

    def __repr__(self) -> str:
        return f"Independent({self.base_dist!r}, {self.reinterpreted_batch_ndims})"


class TransformedDistribution(Distribution):
    r"""The distribution of what maps make of draws of another.

    With :math:`y = f(x)` and x of the base distribution,

    .. math:: \log p(y) = \log p(x) - \log |\det f'(x)|.

    Parameters
    ----------
    base_distribution : Distribution
    transforms : Transform or list of Transform
        The first is applied first.
    validate_args : bool, optional

    Raises
    ------
    DTypeError
        If `transforms` holds something else than maps.
    ShapeError
        If the base distribution has fewer dimensions than a map's events.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import ExpTransform, Normal, TransformedDistribution
    >>> log_normal = TransformedDistribution(Normal(0.0, 1.0), [ExpTransform()])
    >>> log_normal.log_prob(lucid.tensor([1.0, 2.0])), log_normal.cdf(lucid.tensor(1.0))
    (Tensor([-0.9189, -1.8523]), Tensor(0.5000))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {}

    def __init__(
        self,
        base_distribution: Distribution,
        transforms: Transform | list[Transform],
        validate_args: bool | None = None,
    ) -> None:
        name = type(self).__name__
        self.transforms = [transforms] if isinstance(transforms, Transform) else list(transforms)
        if not all(isinstance(t, Transform) for t in self.transforms):
            problem = "transforms must be a Transform or a list of them"
            raise DTypeError(compose(name, problem, {"transforms": transforms}))
        whole = ComposeTransform(self.transforms)
        shape = base_distribution.batch_shape + base_distribution.event_shape
        if len(shape) < whole.domain.event_dim:
            problem = f"the base distribution needs at least {whole.domain.event_dim} dimensions"
            seen = {"base_distribution": base_distribution, "shape": shape}
            raise ShapeError(compose(name, problem, seen, "base.expand(...)"))
        forward = whole.forward_shape(shape)
        inner = base_distribution.expand(
            whole.inverse_shape(forward)[: len(shape) - len(base_distribution.event_shape)]
        )
        taken = whole.domain.event_dim - len(base_distribution.event_shape)
        self.base_dist: Distribution = Independent(inner, taken) if taken > 0 else inner
        leave = whole.codomain.event_dim - whole.domain.event_dim
        event = max(whole.codomain.event_dim, len(base_distribution.event_shape) + leave)
        cut = len(forward) - event
        super().__init__(forward[:cut], forward[cut:], validate_args)

    def expand(self, batch_shape: Any) -> Self:
        whole = ComposeTransform(self.transforms)
        shape = lengths("expand", (batch_shape,)) + self._event_shape
        base_shape = whole.inverse_shape(shape)
        own = len(base_shape) - len(self.base_dist.event_shape)
        twin = object.__new__(type(self))
        vars(twin).update(vars(self))
        twin.base_dist = self.base_dist.expand(base_shape[:own])
        twin._batch_shape = lengths("expand", (batch_shape,))
        return twin

    @property
    def has_rsample(self) -> Any:
        return self.base_dist.has_rsample

    @constraints.dependent_property
    def support(self) -> Any:
        if not self.transforms:
            return self.base_dist.support
        region = self.transforms[-1].codomain
        extra = len(self._event_shape) - region.event_dim
        return constraints.independent(region, extra) if extra > 0 else region

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with no_grad():
            return self._forth(self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self._forth(self.base_dist.rsample(sample_shape))

    def _forth(self, x: Any) -> Tensor:
        for transform in self.transforms:
            x = transform(x)
        return x

    def log_prob(self, value: Any) -> Tensor:
        y: Any = self._validate_sample(value)
        dims = len(self._event_shape)
        total: Any = 0.0
        for transform in reversed(self.transforms):
            x = transform.inv(y)
            dims += transform.domain.event_dim - transform.codomain.event_dim
            slope = transform.log_abs_det_jacobian(x, y)
            total = total - sum_rightmost(slope, dims - transform.domain.event_dim)
            y = x
        own = self.base_dist.log_prob(y)
        return total + sum_rightmost(own, dims - len(self.base_dist.event_shape))

    def _falls(self) -> Any:
        return math.prod(t.sign for t in self.transforms)

    def cdf(self, value: Any) -> Tensor:
        y: Any = self._validate_sample(value)
        for transform in reversed(self.transforms):
            y = transform.inv(y)
        return self._monotone(self.base_dist.cdf(y))

    def icdf(self, value: Any) -> Tensor:
        return self._forth(self.base_dist.icdf(self._monotone(self._validate_probability(value))))

    def _monotone(self, mass: Any) -> Tensor:
        """The mass on the left: that on the right of the base, where the maps fall."""
        sign = self._falls()
        if isinstance(sign, int):
            return mass if sign == 1 else 1 - mass
        return sign * (mass - 0.5) + 0.5

    def __repr__(self) -> str:
        if type(self) is TransformedDistribution:
            return f"TransformedDistribution({self.base_dist!r}, {self.transforms!r})"
        return super().__repr__()
