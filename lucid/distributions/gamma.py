"""The gamma distribution and its kin: chi-squared, exponential, inverse gamma."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..core.tensor import Tensor
from ..ops.exponential import log, log1p, xlogy
from ..ops.selection import where
from ..ops.special.gamma import digamma, lgamma
from . import constraints
from .distribution import constant
from .exponential_family import ExponentialFamily
from .gamma_derivatives import lower_gamma, standard_gamma
from .parameters import broadcast_all, lean
from .random_numbers import standard_exponential
from .transformed import TransformedDistribution
from .transforms import PowerTransform


class Gamma(ExponentialFamily):
    r"""The gamma distribution of shape :math:`\alpha` and rate :math:`\beta`,

    .. math:: p(x) = \frac{\beta^\alpha}{\Gamma(\alpha)} x^{\alpha - 1} e^{-\beta x},
        \quad x \ge 0.

    Draws carry gradients to both parameters, by implicit reparameterisation. The distribution
    function needs SciPy (``pip install 'lucid[scipy]'``); unlike PyTorch's it has a gradient
    towards the shape.

    Parameters
    ----------
    concentration : Tensor or number
        The shape :math:`\alpha`, positive.
    rate : Tensor or number
        The rate :math:`\beta`, one over the scale, positive.
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
    >>> from lucid.distributions import Gamma
    >>> gamma = Gamma(2.0, 1.0)
    >>> gamma.log_prob(lucid.tensor([1.0, 2.0])), gamma.mean, gamma.variance
    (Tensor([-1.0000, -1.3069]), Tensor(2.0000), Tensor(2.0000))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "concentration": constraints.positive,
        "rate": constraints.positive,
    }
    support = constraints.nonnegative
    has_rsample = True
    _mean_carrier_measure = 0.0

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        given = {"concentration": concentration, "rate": rate}
        self.concentration, self.rate = broadcast_all(type(self).__name__, **given)
        super().__init__(self.concentration.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.concentration / self.rate

    @property
    def mode(self) -> Tensor:
        return ((self.concentration - 1) / self.rate).clamp(min=0)

    @property
    def variance(self) -> Tensor:
        return self.concentration / (self.rate * self.rate)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        drawn = standard_gamma(self.concentration.expand(shape)) / self.rate
        tiny = float(np.finfo(drawn.dtype).tiny) if drawn.dtype.kind == "f" else 0.0
        return drawn.clamp(min=tiny)

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        a, rate = lean(self.concentration), lean(self.rate)
        fixed = a * log(rate) - lgamma(a)
        return self._batched(xlogy(a - 1, x) - rate * x + fixed)

    def cdf(self, value: Any) -> Tensor:
        x = self._validate_sample(value).astype(self.rate.dtype)
        return self._batched(lower_gamma(self.concentration, self.rate * x))

    def entropy(self) -> Tensor:
        a = self.concentration
        return a - log(self.rate) + lgamma(a) + (1 - a) * digamma(a)

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return self.concentration - 1, -self.rate

    def _log_normalizer(self, *natural: Any) -> Tensor:
        x, y = natural
        return lgamma(x + 1) - (x + 1) * log(-y)


class Chi2(Gamma):
    r"""The chi-squared distribution: the sum of the squares of `df` standard normal numbers.

    It is ``Gamma(0.5 * df, 0.5)``.

    Parameters
    ----------
    df : Tensor or number
        The degrees of freedom, positive.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Chi2
    >>> Chi2(3.0).log_prob(lucid.tensor([1.0, 2.0]))
    Tensor([-1.4189, -1.5724])
    """

    arg_constraints: ClassVar[dict[str, Any]] = {"df": constraints.positive}

    def __init__(self, df: Any, validate_args: bool | None = None) -> None:
        (df,) = broadcast_all("Chi2", df=df)
        self._df = df
        super().__init__(0.5 * df, 0.5, validate_args)

    @property
    def df(self) -> Tensor:
        """The degrees of freedom."""
        return self.concentration * 2

    def expand(self, batch_shape: Any) -> Chi2:
        return Chi2(self._spread("df", self.df, tuple(batch_shape)), self._validate_args)


class Exponential(ExponentialFamily):
    r"""The exponential distribution of rate :math:`\lambda`,

    .. math:: p(x) = \lambda e^{-\lambda x}, \quad x \ge 0.

    Parameters
    ----------
    rate : Tensor or number
        The rate :math:`\lambda`, one over the mean, positive.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Exponential
    >>> Exponential(2.0).log_prob(lucid.tensor([0.0, 1.0]))
    Tensor([0.6931, -1.3069])
    """

    arg_constraints: ClassVar[dict[str, Any]] = {"rate": constraints.positive}
    support = constraints.nonnegative
    has_rsample = True
    _mean_carrier_measure = 0.0

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = broadcast_all("Exponential", rate=rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return 1 / self.rate

    @property
    def mode(self) -> Tensor:
        return constant(0.0, self.rate)

    @property
    def stddev(self) -> Tensor:
        return 1 / self.rate

    @property
    def variance(self) -> Tensor:
        return 1 / (self.rate * self.rate)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        return standard_exponential(shape, self.rate.dtype) / self.rate

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        rate = lean(self.rate)
        return self._batched(log(rate) - rate * x)

    def cdf(self, value: Any) -> Tensor:
        return -((-self.rate * self._validate_sample(value)).expm1())

    def icdf(self, value: Any) -> Tensor:
        return -log1p(-self._validate_probability(value)) / self.rate

    def entropy(self) -> Tensor:
        return 1 - log(self.rate)

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return (-self.rate,)

    def _log_normalizer(self, *natural: Any) -> Tensor:
        return -log(-natural[0])


class InverseGamma(TransformedDistribution):
    r"""The distribution of one over a gamma-distributed number,

    .. math:: p(x) = \frac{\beta^\alpha}{\Gamma(\alpha)} x^{-\alpha - 1} e^{-\beta / x},
        \quad x > 0.

    Parameters
    ----------
    concentration : Tensor or number
        The shape :math:`\alpha`, positive.
    rate : Tensor or number
        The rate :math:`\beta` of the gamma distribution, positive.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import InverseGamma
    >>> inverse = InverseGamma(3.0, 1.0)
    >>> inverse.log_prob(lucid.tensor([0.5, 1.0])), inverse.mean
    (Tensor([0.0794, -1.6931]), Tensor(0.5000))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "concentration": constraints.positive,
        "rate": constraints.positive,
    }
    support = constraints.positive
    has_rsample = True
    base_dist: Gamma

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        concentration, rate = broadcast_all("InverseGamma", concentration=concentration, rate=rate)
        base = Gamma(concentration, rate, validate_args=False)
        super().__init__(base, PowerTransform(constant(-1.0, rate, ())), validate_args)

    @property
    def concentration(self) -> Tensor:
        """The shape."""
        return self.base_dist.concentration

    @property
    def rate(self) -> Tensor:
        """The rate of the gamma distribution."""
        return self.base_dist.rate

    @property
    def mean(self) -> Tensor:
        a = self.concentration
        return where(a > 1, self.rate / (a - 1), np.inf)

    @property
    def mode(self) -> Tensor:
        return self.rate / (self.concentration + 1)

    @property
    def variance(self) -> Tensor:
        a = self.concentration
        return where(a > 2, self.rate**2 / ((a - 1) ** 2 * (a - 2)), np.inf)

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        a, rate = lean(self.concentration), lean(self.rate)
        fixed = a * log(rate) - lgamma(a)
        return self._batched(fixed - (a + 1) * log(x) - rate / x)

    def entropy(self) -> Tensor:
        a = self.concentration
        return a + log(self.rate) + lgamma(a) - (1 + a) * digamma(a)
