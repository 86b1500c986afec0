"""Distributions on the unit interval and the simplex: beta, Dirichlet, Kumaraswamy."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from ..core.tensor import Tensor, wrap
from ..errors import ShapeError, compose
from ..ops.exponential import exp, expm1, log, log1p, xlogy
from ..ops.joining import stack
from ..ops.logistic import sigmoid
from ..ops.ranges import one_hot
from ..ops.selection import where
from ..ops.softmax import softmax
from ..ops.special.entropy import xlog1py
from ..ops.special.gamma import digamma, lgamma
from . import constraints
from .distribution import Distribution
from .exponential_family import ExponentialFamily
from .gamma_derivatives import log_standard_gamma
from .parameters import EULER, as_tensor, broadcast_all, common_dtype, lean
from .random_numbers import open_uniform


def log_beta(a: Tensor, b: Tensor) -> Tensor:
    r"""The logarithm of the beta function, :math:`\log \Gamma(a) + \log \Gamma(b) -
    \log \Gamma(a + b)`.

    Parameters
    ----------
    a, b : Tensor

    Examples
    --------
    >>> import lucid
    >>> log_beta(lucid.tensor(2.0), lucid.tensor(1.0))
    Tensor(-0.6931)
    """
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def inner(x: Tensor) -> Tensor:
    """Numbers of [0, 1] kept off the ends, where densities may be infinite."""
    bound = np.finfo(x.dtype)
    return x.clamp(float(bound.tiny), 1 - float(bound.epsneg))


class Beta(ExponentialFamily):
    r"""The beta distribution of shapes :math:`\alpha` and :math:`\beta`,

    .. math:: p(x) = \frac{\Gamma(\alpha + \beta)}{\Gamma(\alpha) \Gamma(\beta)}
        x^{\alpha - 1} (1 - x)^{\beta - 1}, \quad 0 \le x \le 1.

    Draws are quotients of gamma-distributed numbers, made from their logarithms; they carry
    gradients by implicit reparameterisation of both.

    Parameters
    ----------
    concentration1 : Tensor or number
        The shape :math:`\alpha`, positive.
    concentration0 : Tensor or number
        The shape :math:`\beta`, positive.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    References
    ----------
    M. Figurnov, S. Mohamed and A. Mnih, "Implicit Reparameterization Gradients", NeurIPS 2018.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Beta
    >>> beta = Beta(2.0, 3.0)
    >>> beta.log_prob(lucid.tensor([0.25, 0.5])), beta.mean, beta.mode
    (Tensor([0.5232, 0.4055]), Tensor(0.4000), Tensor(0.3333))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "concentration1": constraints.positive,
        "concentration0": constraints.positive,
    }
    support = constraints.unit_interval
    has_rsample = True

    def __init__(
        self, concentration1: Any, concentration0: Any, validate_args: bool | None = None
    ) -> None:
        given = {"concentration1": concentration1, "concentration0": concentration0}
        self.concentration1, self.concentration0 = broadcast_all("Beta", **given)
        super().__init__(self.concentration1.shape, validate_args=validate_args)

    def _dirichlet(self) -> Dirichlet:
        both = stack([self.concentration1, self.concentration0], -1)
        return Dirichlet(both, validate_args=False)

    @property
    def mean(self) -> Tensor:
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def mode(self) -> Tensor:
        return self._dirichlet().mode[..., 0]

    @property
    def variance(self) -> Tensor:
        a, b = self.concentration1, self.concentration0
        total = a + b
        return a * b / (total * total * (total + 1))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        one = log_standard_gamma(self.concentration1.expand(shape))
        return inner(sigmoid(one - log_standard_gamma(self.concentration0.expand(shape))))

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        a, b = lean(self.concentration1), lean(self.concentration0)
        return self._batched(xlogy(a - 1, x) + xlog1py(b - 1, -x) - log_beta(a, b))

    def entropy(self) -> Tensor:
        a, b = self.concentration1, self.concentration0
        whole = (a + b - 2) * digamma(a + b)
        return log_beta(a, b) - (a - 1) * digamma(a) - (b - 1) * digamma(b) + whole

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return self.concentration1 - 1, self.concentration0 - 1

    def _log_normalizer(self, *natural: Any) -> Tensor:
        x, y = natural
        return log_beta(x + 1, y + 1)


class Dirichlet(ExponentialFamily):
    r"""The Dirichlet distribution of points of the simplex,

    .. math:: p(x) = \frac{\Gamma(\sum_i \alpha_i)}{\prod_i \Gamma(\alpha_i)}
        \prod_i x_i^{\alpha_i - 1}.

    Draws are gamma-distributed numbers over their sum, made from their logarithms; they carry
    gradients by implicit reparameterisation of each.

    Parameters
    ----------
    concentration : Tensor of shape (..., n)
        The :math:`\alpha_i`, positive.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Dirichlet
    >>> dirichlet = Dirichlet(lucid.tensor([1.0, 2.0, 3.0]))
    >>> dirichlet.log_prob(lucid.tensor([0.2, 0.3, 0.5])), dirichlet.mean
    (Tensor(1.5041), Tensor([0.1667, 0.3333, 0.5000]))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "concentration": constraints.independent(constraints.positive, 1)
    }
    support = constraints.simplex
    has_rsample = True

    def __init__(self, concentration: Any, validate_args: bool | None = None) -> None:
        self.concentration = vector_parameter("Dirichlet", "concentration", concentration)
        shape = self.concentration.shape
        super().__init__(shape[:-1], shape[-1:], validate_args)

    @property
    def mean(self) -> Tensor:
        return self.concentration / self.concentration.sum(-1, keepdim=True)

    @property
    def mode(self) -> Tensor:
        above = (self.concentration - 1).clamp(min=0)
        peak = above / above.sum(-1, keepdim=True)
        corner = one_hot(self.concentration.argmax(-1), peak.shape[-1]).astype(peak.dtype)
        at_corner = wrap((self.concentration.data < 1).all(-1, keepdims=True))
        return where(at_corner, corner, peak)

    @property
    def variance(self) -> Tensor:
        total = self.concentration.sum(-1, keepdim=True)
        return self.concentration * (total - self.concentration) / (total * total * (total + 1))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        drawn = softmax(log_standard_gamma(self.concentration.expand(shape)), -1)
        return drawn.clamp(min=float(np.finfo(drawn.dtype).tiny))

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        a = self.concentration
        fixed = lgamma(a.sum(-1)) - lgamma(a).sum(-1)
        return xlogy(a - 1, x).sum(-1) + fixed

    def entropy(self) -> Tensor:
        a = self.concentration
        total, count = a.sum(-1), a.shape[-1]
        fixed = lgamma(a).sum(-1) - lgamma(total)
        return fixed - (count - total) * digamma(total) - ((a - 1) * digamma(a)).sum(-1)

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return (self.concentration - 1,)

    def _log_normalizer(self, *natural: Any) -> Tensor:
        a = natural[0] + 1
        return lgamma(a).sum(-1) - lgamma(a.sum(-1))


def vector_parameter(where_: str, name: str, value: Any, dims: int = 1) -> Tensor:
    """A parameter with `dims` event dimensions, of floating dtype.

    Parameters
    ----------
    where_, name : str
        Who complains, and of what.
    value : Tensor
    dims : int, default 1

    Raises
    ------
    ShapeError
        If it has fewer dimensions.

    Examples
    --------
    >>> import lucid
    >>> vector_parameter("Dirichlet", "concentration", lucid.tensor([1, 2]))
    Tensor([1.0000, 2.0000])
    """
    tensor = as_tensor(where_, name, value)
    if tensor.ndim < dims:
        problem = f"{name} must have at least {dims} dimension{'s' if dims > 1 else ''}"
        raise ShapeError(compose(where_, problem, {name: value}))
    return tensor.astype(common_dtype(where_, value=tensor))


class Kumaraswamy(Distribution):
    r"""Kumaraswamy's distribution, much like `Beta` but with a closed distribution function,

    .. math:: p(x) = a b\, x^{a - 1} (1 - x^a)^{b - 1}, \qquad F(x) = 1 - (1 - x^a)^b,
        \quad 0 \le x \le 1.

    Parameters
    ----------
    concentration1 : Tensor or number
        The shape :math:`a`, positive.
    concentration0 : Tensor or number
        The shape :math:`b`, positive.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    References
    ----------
    P. Kumaraswamy, "A generalized probability density function for double-bounded random
    processes", Journal of Hydrology 46 (1980), 79-88.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Kumaraswamy
    >>> kumaraswamy = Kumaraswamy(2.0, 3.0)
    >>> kumaraswamy.log_prob(lucid.tensor(0.5)), kumaraswamy.cdf(lucid.tensor(0.5))
    (Tensor(0.5232), Tensor(0.5781))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "concentration1": constraints.positive,
        "concentration0": constraints.positive,
    }
    support = constraints.unit_interval
    has_rsample = True

    def __init__(
        self, concentration1: Any, concentration0: Any, validate_args: bool | None = None
    ) -> None:
        given = {"concentration1": concentration1, "concentration0": concentration0}
        self.concentration1, self.concentration0 = broadcast_all("Kumaraswamy", **given)
        super().__init__(self.concentration1.shape, validate_args=validate_args)

    def _moment(self, n: int) -> Tensor:
        a, b = self.concentration1, self.concentration0
        return b * exp(log_beta(1 + n / a, b))

    @property
    def mean(self) -> Tensor:
        return self._moment(1)

    @property
    def mode(self) -> Tensor:
        a, b = self.concentration1, self.concentration0
        inside = (a >= 1) & (b >= 1) & (a * b > 1)
        ratio = where(inside, a - 1, 1.0) / where(inside, a * b - 1, 1.0)
        return where(inside, ratio ** (1 / a), math.nan)

    @property
    def variance(self) -> Tensor:
        return self._moment(2) - self._moment(1) ** 2

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        u = open_uniform(self._extended_shape(sample_shape), self.concentration1.dtype)
        return inner(self._quantile(u))

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        a, b = lean(self.concentration1), lean(self.concentration0)
        fixed = log(a) + log(b)
        return self._batched(fixed + xlogy(a - 1, x) + xlog1py(b - 1, -(x**a)))

    def cdf(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        return -expm1(self.concentration0 * log1p(-(x**self.concentration1)))

    def icdf(self, value: Any) -> Tensor:
        return self._quantile(self._validate_probability(value))

    def _quantile(self, p: Tensor) -> Tensor:
        return (-expm1(log1p(-p) / self.concentration0)) ** (1 / self.concentration1)

    def entropy(self) -> Tensor:
        a, b = self.concentration1, self.concentration0
        harmonic = digamma(b + 1) + EULER
        return 1 - 1 / b + (1 - 1 / a) * harmonic - log(a) - log(b)
