"""Distributions of matrices: Wishart's, and the LKJ prior of correlations."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, ShapeError, compose
from ..ops.diagonals import diag_embed, diagonal
from ..ops.exponential import exp, log
from ..ops.linalg.cholesky import cholesky
from ..ops.linalg.solving import solve_triangular
from ..ops.random import rng_of
from ..ops.special.gamma import digamma, lgamma, mvlgamma
from ..ops.triangles import tril
from . import constraints
from .beta import vector_parameter
from .distribution import Distribution
from .exponential_family import ExponentialFamily
from .gamma_derivatives import log_standard_gamma
from .multivariate_normal import half_log_det, precision_to_factor
from .parameters import (
    as_tensor,
    broadcast_all,
    common_dtype,
    expanded,
    fitting_shape,
    in_dtype,
    lazy_property,
    one_of,
)
from .random_numbers import standard_normal


class Wishart(ExponentialFamily):
    r"""Wishart's distribution of positive-definite matrices,

    .. math:: p(X) = \frac{|X|^{(\nu - n - 1) / 2} e^{-\text{tr}(V^{-1} X) / 2}}
        {2^{\nu n / 2} |V|^{\nu / 2} \Gamma_n(\nu / 2)}.

    For whole :math:`\nu` it is that of the sum of :math:`\nu` products :math:`x x^T` of normal
    vectors of covariance V. Draws are made by Bartlett's decomposition.

    Parameters
    ----------
    df : Tensor or number
        The degrees of freedom :math:`\nu`, greater than n - 1.
    covariance_matrix : Tensor of shape (..., n, n), optional
        The matrix :math:`V`, positive-definite; exactly one of the three is given.
    precision_matrix : Tensor of shape (..., n, n), optional
        Its inverse.
    scale_tril : Tensor of shape (..., n, n), optional
        Its Cholesky factor.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    References
    ----------
    M. S. Bartlett, "On the theory of statistical regression", Proceedings of the Royal Society
    of Edinburgh 53 (1933), 260-283.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Wishart
    >>> wishart = Wishart(3.0, lucid.eye(2))
    >>> wishart.log_prob(lucid.eye(2)), wishart.mean
    (Tensor(-3.5310), Tensor([[3.0000, 0.0000],
            [0.0000, 3.0000]]))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "covariance_matrix": constraints.positive_definite,
        "precision_matrix": constraints.positive_definite,
        "scale_tril": constraints.lower_cholesky,
        "df": constraints.greater_than(0),
    }
    support = constraints.positive_definite
    has_rsample = True
    _mean_carrier_measure = 0.0
    df: Tensor

    def __init__(
        self,
        df: Any,
        covariance_matrix: Any = None,
        precision_matrix: Any = None,
        scale_tril: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        matrices = {
            "covariance_matrix": covariance_matrix,
            "precision_matrix": precision_matrix,
            "scale_tril": scale_tril,
        }
        given = one_of("Wishart", **matrices)
        matrix = vector_parameter("Wishart", given, matrices[given], 2)
        n = matrix.shape[-1]
        if matrix.shape[-2] != n:
            problem = f"{given} must be square"
            raise ShapeError(compose("Wishart", problem, {given: matrix}))
        degrees = as_tensor("Wishart", "df", df)
        dtype = common_dtype("Wishart", matrix=matrix)
        batches = {"df": (degrees, degrees.shape), given: (matrix, matrix.shape[:-2])}
        batch = fitting_shape("Wishart", batches)
        self.df = expanded(in_dtype(df, degrees, dtype), batch)
        self._given = given
        vars(self)[given] = expanded(matrix.astype(dtype), (*batch, n, n))
        super().__init__(batch, (n, n), validate_args)
        if self._validate_args and not (self.df.data > n - 1).all():
            problem = f"df must be greater than {n - 1}, the size of the matrix less one"
            raise ArgumentError(compose("Wishart", problem, {"df": df, given: matrix}))

    @lazy_property
    def scale_tril(self) -> Tensor:
        """The Cholesky factor of the matrix V."""
        if self._given == "covariance_matrix":
            return cholesky(self.covariance_matrix)
        return precision_to_factor(self.precision_matrix)

    @lazy_property
    def covariance_matrix(self) -> Tensor:
        """The matrix V."""
        return self.scale_tril @ self.scale_tril.mT

    @lazy_property
    def precision_matrix(self) -> Tensor:
        """The inverse of the matrix V."""
        eye = wrap(np.eye(self._event_shape[-1], dtype=self.df.dtype))
        factor = self.scale_tril
        inverse = solve_triangular(factor, expanded(eye, factor.shape), upper=False)
        return inverse.mT @ inverse

    @property
    def mean(self) -> Tensor:
        return self.df[..., None, None] * self.covariance_matrix

    @property
    def mode(self) -> Tensor:
        factor = self.df - (self._event_shape[-1] + 1)
        factor = factor + Tensor(np.where(factor.data > 0, 0, np.nan), dtype=factor.dtype)
        return factor[..., None, None] * self.covariance_matrix

    @property
    def variance(self) -> Tensor:
        v = self.covariance_matrix
        spread = diagonal(v, dim1=-2, dim2=-1)
        return self.df[..., None, None] * (v * v + spread[..., :, None] * spread[..., None, :])

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape, dtype = self._extended_shape(sample_shape), self.df.dtype
        n = shape[-1]
        steps = wrap(np.arange(n, dtype=dtype))
        half = expanded(0.5 * (self.df.unsqueeze(-1) - steps), shape[:-1])
        roots = exp(0.5 * (math.log(2) + log_standard_gamma(half)))  # of chi-squared numbers
        lower = tril(standard_normal(shape, dtype), -1) + diag_embed(roots)
        product = self.scale_tril @ lower
        return product @ product.mT

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        n, nu = self._event_shape[-1], self.df
        factor = cholesky(x)
        shape = np.broadcast_shapes(factor.shape, self.scale_tril.shape)
        lower, right = expanded(self.scale_tril, shape), expanded(factor, shape)
        scaled = solve_triangular(lower, right, upper=False)
        trace = (scaled * scaled).sum((-2, -1))
        fixed = nu * (0.5 * n * math.log(2) + half_log_det(self.scale_tril)) + mvlgamma(0.5 * nu, n)
        return (nu - n - 1) * half_log_det(factor) - 0.5 * trace - fixed

    def entropy(self) -> Tensor:
        n, nu = self._event_shape[-1], self.df
        steps = wrap(np.arange(n, dtype=nu.dtype))
        slope = digamma(0.5 * (nu.unsqueeze(-1) - steps)).sum(-1)
        size = (n + 1) * (half_log_det(self.scale_tril) + 0.5 * n * math.log(2))
        return size + mvlgamma(0.5 * nu, n) - 0.5 * (nu - n - 1) * slope + 0.5 * n * nu

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return -0.5 * self.precision_matrix, 0.5 * (self.df - self._event_shape[-1] - 1)

    def _log_normalizer(self, *natural: Any) -> Tensor:
        x, y = natural
        n = self._event_shape[-1]
        half = y + 0.5 * (n + 1)
        return half * (n * math.log(2) - 2 * half_log_det(cholesky(-2 * x))) + mvlgamma(half, n)


class LKJCholesky(Distribution):
    r"""The LKJ distribution of correlation matrices, by their Cholesky factors.

    The density of the correlation matrix is proportional to :math:`|R|^{\eta - 1}`: 1 makes all
    equally likely, more favours weak correlations. Draws are made by the onion method.

    Parameters
    ----------
    dim : int
        The size n of the matrices, at least 2.
    concentration : Tensor or number, default 1.0
        The :math:`\eta`, positive.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, DTypeError
        See `Distribution`; and if `dim` is less than 2.

    References
    ----------
    D. Lewandowski, D. Kurowicka and H. Joe, "Generating random correlation matrices based on
    vines and extended onion method", Journal of Multivariate Analysis 100 (2009), 1989-2001.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import LKJCholesky
    >>> prior = LKJCholesky(2, 1.0)
    >>> prior.log_prob(lucid.eye(2)), prior.sample((3,)).shape
    (Tensor(-0.6931), (3, 2, 2))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {"concentration": constraints.positive}
    support = constraints.corr_cholesky

    def __init__(
        self, dim: int, concentration: Any = 1.0, validate_args: bool | None = None
    ) -> None:
        if not isinstance(dim, int) or dim < 2:
            problem = "dim must be an int of at least 2"
            raise ArgumentError(compose("LKJCholesky", problem, {"dim": dim}))
        self.dim = dim
        (self.concentration,) = broadcast_all("LKJCholesky", concentration=concentration)
        super().__init__(self.concentration.shape, (dim, dim), validate_args)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        shape, rng = self._extended_shape(sample_shape), rng_of(None)
        n, eta = self.dim, self.concentration.data.astype(np.float64)[..., None]
        row = np.arange(1, n)  # the square of what leaves the diagonal is beta-distributed
        share = rng.beta(0.5 * row, eta + 0.5 * (n - 1 - row), (*shape[:-2], n - 1))
        direction = np.tril(rng.standard_normal((*shape[:-2], n - 1, n - 1)))
        direction /= np.linalg.norm(direction, axis=-1, keepdims=True)
        factor = np.zeros(shape)
        factor[..., 1:, :-1] = np.sqrt(share)[..., None] * direction
        left = 1 - (factor**2).sum(-1)
        rows = np.arange(n)
        factor[..., rows, rows] = np.sqrt(np.maximum(left, np.finfo(np.float64).tiny))
        return wrap(factor.astype(self.concentration.dtype))

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        n, eta = self.dim, self.concentration
        order = wrap(np.arange(n - 2, -1, -1).astype(eta.dtype))  # n minus the row, from row 2 on
        weights = 2 * (eta - 1).unsqueeze(-1) + order
        inside = (weights * log(diagonal(x, dim1=-2, dim2=-1)[..., 1:])).sum(-1)
        alpha = eta + 0.5 * (n - 1)
        whole = mvlgamma(alpha - 0.5, n - 1) - (n - 1) * lgamma(alpha)
        return inside - whole - 0.5 * (n - 1) * math.log(math.pi)
