"""Cauchy's distribution and its half."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from ..core.tensor import Tensor
from ..ops.exponential import log, log1p
from ..ops.selection import where
from ..ops.trigonometric import atan, tan
from . import constraints
from .distribution import Distribution, constant
from .parameters import broadcast_all, lean
from .random_numbers import open_uniform
from .transformed import TransformedDistribution
from .transforms import AbsTransform


class Cauchy(Distribution):
    r"""Cauchy's distribution, whose tails are too heavy for a mean,

    .. math:: p(x) = \frac{1}{\pi \gamma \left(1 + ((x - x_0) / \gamma)^2\right)}.

    Parameters
    ----------
    loc : Tensor or number
        The median :math:`x_0`.
    scale : Tensor or number
        Half of the width at half height, :math:`\gamma`, positive.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Cauchy
    >>> cauchy = Cauchy(0.0, 1.0)
    >>> cauchy.log_prob(lucid.tensor([0.0, 1.0])), cauchy.icdf(lucid.tensor(0.75))
    (Tensor([-1.1447, -1.8379]), Tensor(1.0000))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "loc": constraints.real,
        "scale": constraints.positive,
    }
    support = constraints.real
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all("Cauchy", loc=loc, scale=scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return constant(np.nan, self.loc)

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        return constant(np.inf, self.loc)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        u = open_uniform(self._extended_shape(sample_shape), self.loc.dtype)
        return self.loc + tan(math.pi * (u - 0.5)) * self.scale

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        scale = lean(self.scale)
        z = (x - lean(self.loc)) / scale
        return self._batched(-log1p(z * z) - (log(scale) + math.log(math.pi)))

    def cdf(self, value: Any) -> Tensor:
        return atan((self._validate_sample(value) - self.loc) / self.scale) / math.pi + 0.5

    def icdf(self, value: Any) -> Tensor:
        return tan(math.pi * (self._validate_probability(value) - 0.5)) * self.scale + self.loc

    def entropy(self) -> Tensor:
        return log(self.scale) + math.log(4 * math.pi)


class HalfCauchy(TransformedDistribution):
    r"""The distribution of the size of a Cauchy-distributed number around 0,

    .. math:: p(x) = \frac{2}{\pi \gamma \left(1 + (x / \gamma)^2\right)}, \quad x \ge 0.

    Parameters
    ----------
    scale : Tensor or number
        The scale :math:`\gamma` of the whole distribution, and the median of this one; positive.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import HalfCauchy
    >>> HalfCauchy(1.0).cdf(lucid.tensor([1.0, 2.0]))
    Tensor([0.5000, 0.7048])
    """

    arg_constraints: ClassVar[dict[str, Any]] = {"scale": constraints.positive}
    support = constraints.nonnegative
    has_rsample = True
    base_dist: Cauchy

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        (scale,) = broadcast_all("HalfCauchy", scale=scale)
        base = Cauchy(constant(0.0, scale), scale, validate_args=False)
        super().__init__(base, AbsTransform(), validate_args=validate_args)

    @property
    def scale(self) -> Tensor:
        """The scale of the whole distribution."""
        return self.base_dist.scale

    @property
    def mean(self) -> Tensor:
        return constant(np.inf, self.scale)

    @property
    def mode(self) -> Tensor:
        return constant(0.0, self.scale)

    @property
    def variance(self) -> Tensor:
        return constant(np.inf, self.scale)

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        return where(x >= 0, self.base_dist.log_prob(x) + math.log(2), -math.inf)

    def cdf(self, value: Any) -> Tensor:
        return 2 * atan(self._validate_sample(value) / self.scale) / math.pi

    def icdf(self, value: Any) -> Tensor:
        return tan(math.pi / 2 * self._validate_probability(value)) * self.scale

    def entropy(self) -> Tensor:
        return self.base_dist.entropy() - math.log(2)
