"""Student's t distribution, and Fisher and Snedecor's F."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from ..autograd.function import Function, once_differentiable
from ..core.tensor import Tensor, wrap
from ..kernels.gamma import digamma_array, lgamma_array
from ..kernels.scipy_import import scipy_special
from ..ops.exponential import log, log1p, xlogy
from ..ops.selection import where
from ..ops.special.gamma import digamma, lgamma
from . import constraints
from .distribution import Distribution
from .gamma_derivatives import standard_gamma
from .gamma_ratio import log_gamma_ratio
from .parameters import broadcast_all, lean
from .random_numbers import standard_normal


class StudentT(Distribution):
    r"""Student's t distribution of :math:`\nu` degrees of freedom, shifted and scaled,

    .. math:: p(x) = \frac{\Gamma((\nu + 1) / 2)}{\Gamma(\nu / 2) \sqrt{\pi \nu}\, s}
        \left(1 + \frac{1}{\nu} \left(\frac{x - \mu}{s}\right)^2\right)^{-(\nu + 1) / 2}.

    Few degrees of freedom mean heavy tails: 1 is `Cauchy`, infinitely many are `Normal`. Draws
    carry gradients to all three parameters. `cdf` and `icdf` need SciPy
    (``pip install 'lucid[scipy]'``); they too have gradients towards all of them.

    Parameters
    ----------
    df : Tensor or number
        The degrees of freedom :math:`\nu`, positive.
    loc : Tensor or number, default 0.0
        The centre :math:`\mu`.
    scale : Tensor or number, default 1.0
        The scale :math:`s`, positive; the standard deviation is larger.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.
    MissingPackageError
        From `cdf` and `icdf`, if SciPy is not installed.

    References
    ----------
    K. L. Lange, R. J. A. Little and J. M. G. Taylor, "Robust Statistical Modeling Using the t
    Distribution", Journal of the American Statistical Association 84 (1989), 881-896.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import StudentT
    >>> student = StudentT(3.0)
    >>> student.log_prob(lucid.tensor([0.0, 3.0])), student.cdf(lucid.tensor(3.0))
    (Tensor([-1.0009, -3.7735]), Tensor(0.9712))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "df": constraints.positive,
        "loc": constraints.real,
        "scale": constraints.positive,
    }
    support = constraints.real
    has_rsample = True

    def __init__(
        self, df: Any, loc: Any = 0.0, scale: Any = 1.0, validate_args: bool | None = None
    ) -> None:
        given = {"df": df, "loc": loc, "scale": scale}
        self.df, self.loc, self.scale = broadcast_all("StudentT", **given)
        super().__init__(self.df.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return where(self.df > 1, self.loc, math.nan)

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        df = self.df
        finite = df > 2
        spread = self.scale**2 * df / where(finite, df - 2, 1.0)
        return where(finite, spread, where(df > 1, math.inf, df * math.nan))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        drawn = standard_normal(shape, self.df.dtype)
        df = self.df.expand(shape)
        chi2 = 2 * standard_gamma(0.5 * df)
        return self.loc + self.scale * drawn * (df / chi2).sqrt()

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        df, scale = lean(self.df), lean(self.scale)
        fixed = log_gamma_ratio(0.5 * df) - log(scale * (math.pi * df).sqrt())
        z = (x - lean(self.loc)) / scale
        return self._batched(fixed - (0.5 * df + 0.5) * log1p(z * z / df))

    def cdf(self, value: Any) -> Tensor:
        z = (self._validate_sample(value) - self.loc) / self.scale
        return _Cdf.apply(self.df, z)

    def icdf(self, value: Any) -> Tensor:
        p = self._validate_probability(value)
        return self.loc + self.scale * _Quantile.apply(self.df, p)

    def entropy(self) -> Tensor:
        df = self.df
        half = 0.5 * (df + 1)
        beta = 0.5 * math.log(math.pi) - log_gamma_ratio(0.5 * df)
        spread = half * (digamma(half) - digamma(0.5 * df))
        return log(self.scale) + spread + 0.5 * log(df) + beta


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)
_FADED = 38.0  # e to the minus this is nothing to a double


def _log_height(df: Any) -> Any:
    """The logarithm of Gamma((df + 1) / 2) / (Gamma(df / 2) sqrt(pi))."""
    return lgamma_array(0.5 * df + 0.5) - lgamma_array(0.5 * df) - 0.5 * math.log(math.pi)


def _density(df: Any, z: Any) -> Any:
    return np.exp(_log_height(df) - 0.5 * np.log(df) - 0.5 * (df + 1) * np.log1p(z * z / df))


def _toward_df(df: Any, z: Any) -> Any:
    r"""The derivative of the distribution function towards the degrees of freedom.

    With :math:`t = \sqrt\nu \sinh s` the tail beyond z is an integral of
    :math:`\cosh(s)^{-\nu}`, and its derivative one of the same kind, by Gauss's rule in pieces
    that follow the fall of the integrand.
    """
    df, z = np.broadcast_arrays(df, z)
    shape, df, z = df.shape, df.ravel()[:, None], z.ravel()[:, None]
    start = np.arcsinh(np.abs(z) / np.sqrt(df))
    gain = digamma_array(0.5 * df + 0.5) - digamma_array(0.5 * df) - 1 / df
    # Beyond 2 the logarithm of cosh is nearly a line, and the integrand an exponential.
    bend = np.minimum(2.0, np.sqrt(2 * _FADED / df))
    total = np.zeros(df.shape[0])
    for low, high in ((0.0, bend), (bend, bend + _FADED / df)):
        width = high - low
        s = start + low + width * (0.5 + 0.5 * _NODES)
        bulk = s + np.log1p(np.exp(-2 * s)) - math.log(2)  # log cosh
        slope = gain - 2 * bulk + (df + 1) / df * np.tanh(s) ** 2
        total += 0.25 * width[:, 0] * ((np.exp(_log_height(df) - df * bulk) * slope) @ _WEIGHTS)
    finite = np.isfinite(z[:, 0])
    return np.where(finite, -np.sign(z[:, 0]) * total, 0.0).reshape(shape)


class _Cdf(Function):
    """The distribution function, differentiable towards both arguments."""

    @staticmethod
    def forward(ctx, df, z):
        ctx.save_for_backward(df, z)
        found = scipy_special("StudentT.cdf").stdtr(*_wide(df, z))
        return wrap(np.asarray(found).astype(df.dtype))

    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        df, z = _wide(*ctx.saved_tensors)
        first, second = ctx.needs_input_grad
        return (
            g * wrap(_toward_df(df, z).astype(g.dtype)) if first else None,
            g * wrap(_density(df, z).astype(g.dtype)) if second else None,
        )


class _Quantile(Function):
    """Its inverse, differentiable by the rule of implicit functions."""

    @staticmethod
    def forward(ctx, df, p):
        found = np.asarray(scipy_special("StudentT.icdf").stdtrit(*_wide(df, p)))
        ends = np.asarray(p.data)
        found = np.where(ends == 0, -np.inf, np.where(ends == 1, np.inf, found))
        ctx.quantile = found
        ctx.save_for_backward(df)
        return wrap(np.asarray(found).astype(df.dtype))

    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        (df,) = _wide(*ctx.saved_tensors)
        density = _density(df, ctx.quantile)
        first, second = ctx.needs_input_grad
        moved = -_toward_df(df, ctx.quantile) / density if first else None
        return (
            None if moved is None else g * wrap(moved.astype(g.dtype)),
            g * wrap((1 / density).astype(g.dtype)) if second else None,
        )


def _wide(*tensors: Any) -> list[Any]:
    return [tensor.data.astype(np.float64) for tensor in tensors]


class FisherSnedecor(Distribution):
    r"""The F distribution: the quotient of two chi-squared numbers over their degrees of freedom,

    .. math:: p(x) = \frac{\Gamma((m + n) / 2)}{\Gamma(m / 2) \Gamma(n / 2)}
        \left(\frac{m}{n}\right)^{m / 2} x^{m / 2 - 1}
        \left(1 + \frac{m}{n} x\right)^{-(m + n) / 2}.

    Parameters
    ----------
    df1, df2 : Tensor or number
        The degrees of freedom :math:`m` and :math:`n` above and below, positive.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import FisherSnedecor
    >>> FisherSnedecor(2.0, 4.0).log_prob(lucid.tensor([1.0, 2.0]))
    Tensor([-1.2164, -2.0794])
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "df1": constraints.positive,
        "df2": constraints.positive,
    }
    support = constraints.positive
    has_rsample = True

    def __init__(self, df1: Any, df2: Any, validate_args: bool | None = None) -> None:
        self.df1, self.df2 = broadcast_all("FisherSnedecor", df1=df1, df2=df2)
        super().__init__(self.df1.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        df2 = where(self.df2 > 2, self.df2, math.nan)
        return df2 / (df2 - 2)

    @property
    def mode(self) -> Tensor:
        peak = (self.df1 - 2) / self.df1 * self.df2 / (self.df2 + 2)
        return where(self.df1 > 2, peak, math.nan)

    @property
    def variance(self) -> Tensor:
        df1, df2 = self.df1, where(self.df2 > 4, self.df2, math.nan)
        return 2 * df2**2 * (df1 + df2 - 2) / (df1 * (df2 - 2) ** 2 * (df2 - 4))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        df1, df2 = self.df1.expand(shape), self.df2.expand(shape)
        above = standard_gamma(0.5 * df1) / df1
        below = standard_gamma(0.5 * df2) / df2
        tiny = float(np.finfo(df1.dtype).tiny)
        return (above / below).clamp(min=tiny)

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        m, n = lean(self.df1), lean(self.df2)
        ratio, half = m / n, 0.5 * (m + n)
        fixed = lgamma(half) - lgamma(0.5 * m) - lgamma(0.5 * n) + 0.5 * m * log(ratio)
        return self._batched(fixed + xlogy(0.5 * m - 1, x) - half * log1p(ratio * x))
