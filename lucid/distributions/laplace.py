"""Laplace's distribution, and the asymmetric one that quantile regression goes with."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ..core.tensor import Tensor
from ..ops.exponential import exp, log, log1p
from ..ops.selection import where
from ..ops.signs import abs as magnitude
from ..ops.signs import sign
from . import constraints
from .distribution import Distribution
from .parameters import broadcast_all, lean
from .random_numbers import open_uniform, standard_exponential


class Laplace(Distribution):
    r"""Laplace's distribution, two exponential ones back to back,

    .. math:: p(x) = \frac{1}{2 b} \exp\left(-\frac{|x - \mu|}{b}\right).

    Its negative log-likelihood is the absolute error.

    Parameters
    ----------
    loc : Tensor or number
        The mean :math:`\mu`.
    scale : Tensor or number
        The mean distance :math:`b` from it, positive.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Laplace
    >>> laplace = Laplace(0.0, 1.0)
    >>> laplace.log_prob(lucid.tensor([0.0, 2.0])), laplace.icdf(lucid.tensor(0.75))
    (Tensor([-0.6931, -2.6931]), Tensor(0.6931))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "loc": constraints.real,
        "scale": constraints.positive,
    }
    support = constraints.real
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all("Laplace", loc=loc, scale=scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        return 2 * self.scale * self.scale

    @property
    def stddev(self) -> Tensor:
        return math.sqrt(2) * self.scale

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        u = open_uniform(shape, self.loc.dtype) - 0.5
        return self.loc - self.scale * sign(u) * log1p(-2 * magnitude(u))

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        scale = lean(self.scale)
        return self._batched(-magnitude((x - lean(self.loc)) / scale) - log(2 * scale))

    def cdf(self, value: Any) -> Tensor:
        z = (self._validate_sample(value) - self.loc) / self.scale
        tail = 0.5 * exp(-magnitude(z))
        return where(z < 0, tail, 1 - tail)

    def icdf(self, value: Any) -> Tensor:
        p = self._validate_probability(value)
        left = p < 0.5
        tail = log(2 * where(left, p, 1 - p))
        return self.loc + self.scale * where(left, tail, -tail)

    def entropy(self) -> Tensor:
        return 1 + log(2 * self.scale)


class AsymmetricLaplace(Distribution):
    r"""Laplace's distribution with tails of different length,

    .. math:: p(x) = \frac{1}{b (\kappa + 1 / \kappa)} \begin{cases}
        \exp\left(-\kappa \frac{x - \mu}{b}\right) & x \ge \mu \\
        \exp\left(\frac{x - \mu}{b \kappa}\right) & x < \mu.
        \end{cases}

    The location is the quantile :math:`q = \kappa^2 / (1 + \kappa^2)`, and the negative
    log-likelihood is the pinball loss of that quantile: with :math:`\kappa = \sqrt{q / (1 - q)}`
    a maximum-likelihood fit of `loc` is quantile regression.

    Parameters
    ----------
    loc : Tensor or number
        The mode :math:`\mu`.
    scale : Tensor or number
        The scale :math:`b`, positive.
    asymmetry : Tensor or number
        :math:`\kappa`, positive: 1 is `Laplace`; above, the left tail is the longer one.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    See Also
    --------
    Laplace : The symmetric one.

    References
    ----------
    R. Koenker and J. A. F. Machado, "Goodness of Fit and Related Inference Processes for
    Quantile Regression", Journal of the American Statistical Association 94 (1999), 1296-1310.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import AsymmetricLaplace
    >>> skewed = AsymmetricLaplace(0.0, 1.0, 3.0)
    >>> skewed.cdf(lucid.tensor(0.0)), skewed.icdf(lucid.tensor(0.9))
    (Tensor(0.9000), Tensor(0.0000))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "loc": constraints.real,
        "scale": constraints.positive,
        "asymmetry": constraints.positive,
    }
    support = constraints.real
    has_rsample = True

    def __init__(
        self, loc: Any, scale: Any, asymmetry: Any, validate_args: bool | None = None
    ) -> None:
        given = {"loc": loc, "scale": scale, "asymmetry": asymmetry}
        self.loc, self.scale, self.asymmetry = broadcast_all("AsymmetricLaplace", **given)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def left_scale(self) -> Tensor:
        """The mean length of the left tail."""
        return self.scale * self.asymmetry

    @property
    def right_scale(self) -> Tensor:
        """The mean length of the right tail."""
        return self.scale / self.asymmetry

    @property
    def mean(self) -> Tensor:
        return self.loc + self.right_scale - self.left_scale

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        return self.left_scale**2 + self.right_scale**2

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape, dtype = self._extended_shape(sample_shape), self.loc.dtype
        right = standard_exponential(shape, dtype) * self.right_scale
        return self.loc + right - standard_exponential(shape, dtype) * self.left_scale

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        scale, kappa = lean(self.scale), lean(self.asymmetry)
        z = (x - lean(self.loc)) / scale
        fall = where(z < 0, z / kappa, -z * kappa)
        return self._batched(fall - log(scale * (kappa + 1 / kappa)))

    def cdf(self, value: Any) -> Tensor:
        z = (self._validate_sample(value) - self.loc) / self.scale
        kappa, below = self.asymmetry, z < 0
        share = kappa * kappa / (1 + kappa * kappa)
        left = share * exp(where(below, z, 0.0) / kappa)
        return where(below, left, 1 - (1 - share) * exp(where(below, 0.0, -z) * kappa))

    def icdf(self, value: Any) -> Tensor:
        p = self._validate_probability(value)
        kappa = self.asymmetry
        share = kappa * kappa / (1 + kappa * kappa)
        left = p < share
        below = kappa * log(where(left, p / share, 1.0))
        above = -log(where(left, 1.0, (1 - p) / (1 - share))) / kappa
        return self.loc + self.scale * where(left, below, above)

    def entropy(self) -> Tensor:
        return 1 + log(self.scale * (self.asymmetry + 1 / self.asymmetry))
