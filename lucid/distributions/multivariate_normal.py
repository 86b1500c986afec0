"""Normal distributions of vectors: with a full covariance, a low-rank one, and on the simplex."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from ..core.tensor import Tensor, wrap
from ..errors import ShapeError, compose
from ..ops.diagonals import diag_embed, diagonal
from ..ops.exponential import log, sqrt
from ..ops.linalg.cholesky import cholesky
from ..ops.linalg.solving import solve_triangular
from . import constraints
from .beta import vector_parameter
from .distribution import Distribution
from .normal import Normal
from .parameters import common_dtype, expanded, fitting_shape, lazy_property, one_of
from .random_numbers import standard_normal
from .transformed import TransformedDistribution
from .transforms import StickBreakingTransform

_LOG_2PI = math.log(2 * math.pi)


def mahalanobis(factor: Tensor, difference: Tensor) -> Tensor:
    r"""The squared length :math:`d^T (L L^T)^{-1} d`, for batches of L and d that broadcast.

    Parameters
    ----------
    factor : Tensor of shape (..., n, n)
        Lower triangular L.
    difference : Tensor of shape (..., n)

    Examples
    --------
    >>> import lucid
    >>> mahalanobis(2 * lucid.eye(2), lucid.tensor([2.0, 4.0]))
    Tensor(5.0000)
    """
    n = factor.shape[-1]
    batch = factor.shape[:-2]
    if not batch or all(length == 1 for length in batch):  # one factor: all vectors at once
        rows = difference.reshape(-1, n)
        solved = solve_triangular(factor.reshape(n, n), rows.mT, upper=False)
        shape = np.broadcast_shapes(difference.shape[:-1], batch)
        return expanded((solved * solved).sum(0).reshape(difference.shape[:-1]), shape)
    shape = np.broadcast_shapes(batch, difference.shape[:-1])
    lower = expanded(factor, (*shape, n, n))
    column = expanded(difference, (*shape, n)).unsqueeze(-1)
    solved = solve_triangular(lower, column, upper=False).squeeze(-1)
    return (solved * solved).sum(-1)


def half_log_det(factor: Tensor) -> Tensor:
    """The sum of the logarithms of the diagonal: half the log-determinant of L times its own.

    Parameters
    ----------
    factor : Tensor of shape (..., n, n)

    Examples
    --------
    >>> import lucid
    >>> half_log_det(2 * lucid.eye(2))
    Tensor(1.3863)
    """
    return log(diagonal(factor, dim1=-2, dim2=-1)).sum(-1)


def precision_to_factor(precision: Tensor) -> Tensor:
    """The Cholesky factor of the inverse, without the inverse.

    Parameters
    ----------
    precision : Tensor of shape (..., n, n)

    Examples
    --------
    >>> import lucid
    >>> precision_to_factor(4 * lucid.eye(2))
    Tensor([[0.5000, 0.0000],
            [0.0000, 0.5000]])
    """
    n = precision.shape[-1]
    # Turned upside down, the factor of the precision is the inverse of the one wanted.
    turned = cholesky(precision.flip(-2, -1))
    inverse = turned.flip(-2, -1).mT
    return solve_triangular(inverse, wrap(np.eye(n, dtype=precision.dtype)), upper=False)


class MultivariateNormal(Distribution):
    r"""The normal distribution of vectors,

    .. math:: p(x) = \frac{1}{\sqrt{(2 \pi)^n |\Sigma|}}
        \exp\left(-\tfrac12 (x - \mu)^T \Sigma^{-1} (x - \mu)\right).

    Of the three matrices exactly one is given; `scale_tril` is the cheapest.

    Parameters
    ----------
    loc : Tensor of shape (..., n)
        The mean :math:`\mu`.
    covariance_matrix : Tensor of shape (..., n, n), optional
        The covariance :math:`\Sigma`, positive-definite.
    precision_matrix : Tensor of shape (..., n, n), optional
        Its inverse.
    scale_tril : Tensor of shape (..., n, n), optional
        Its Cholesky factor: lower triangular with a positive diagonal.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import MultivariateNormal
    >>> normal = MultivariateNormal(lucid.zeros(2), lucid.tensor([[2.0, 1.0], [1.0, 2.0]]))
    >>> normal.log_prob(lucid.tensor([1.0, 1.0])), normal.entropy()
    (Tensor(-2.7205), Tensor(3.3872))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "loc": constraints.real_vector,
        "covariance_matrix": constraints.positive_definite,
        "precision_matrix": constraints.positive_definite,
        "scale_tril": constraints.lower_cholesky,
    }
    support = constraints.real_vector
    has_rsample = True
    loc: Tensor

    def __init__(
        self,
        loc: Any,
        covariance_matrix: Any = None,
        precision_matrix: Any = None,
        scale_tril: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        name = type(self).__name__
        matrices = {
            "covariance_matrix": covariance_matrix,
            "precision_matrix": precision_matrix,
            "scale_tril": scale_tril,
        }
        given = one_of(name, **matrices)
        mean = vector_parameter(name, "loc", loc)
        matrix = vector_parameter(name, given, matrices[given], 2)
        n = mean.shape[-1]
        if matrix.shape[-2:] != (n, n):
            problem = f"{given} must end in the shape [{n}, {n}], as loc ends in {n}"
            raise ShapeError(compose(name, problem, {"loc": loc, given: matrix}))
        dtype = common_dtype(name, loc=mean, matrix=matrix)
        batches = {"loc": (mean, mean.shape[:-1]), given: (matrix, matrix.shape[:-2])}
        batch = fitting_shape(name, batches)
        self.loc = expanded(mean.astype(dtype), (*batch, n))
        self._lean_matrix = matrix.astype(dtype)
        self._given = given
        vars(self)[given] = expanded(self._lean_matrix, (*batch, n, n))
        super().__init__(batch, (n,), validate_args)
        if not self._validate_args or given == "scale_tril":
            return
        self._factor  # noqa: B018 - a matrix without a factor is refused now, not later

    @lazy_property
    def _factor(self) -> Tensor:
        """The Cholesky factor, not repeated over a batch of means."""
        if self._given == "scale_tril":
            return self._lean_matrix
        if self._given == "covariance_matrix":
            return cholesky(self._lean_matrix)
        return precision_to_factor(self._lean_matrix)

    @lazy_property
    def scale_tril(self) -> Tensor:
        """The Cholesky factor of the covariance."""
        return self._whole(self._factor)

    @lazy_property
    def covariance_matrix(self) -> Tensor:
        """The covariance."""
        return self._whole(self._factor @ self._factor.mT)

    @lazy_property
    def precision_matrix(self) -> Tensor:
        """The inverse of the covariance."""
        eye = wrap(np.eye(self._event_shape[0], dtype=self.loc.dtype))
        inverse = solve_triangular(self._factor, eye, upper=False)
        return self._whole(inverse.mT @ inverse)

    def _whole(self, matrix: Tensor) -> Tensor:
        return expanded(matrix, self._batch_shape + self._event_shape + self._event_shape)

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        factor = self._factor
        return expanded((factor * factor).sum(-1), self._batch_shape + self._event_shape)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        drawn = standard_normal(self._extended_shape(sample_shape), self.loc.dtype)
        if self._factor.ndim == 2:
            return self.loc + drawn @ self._factor.mT
        return self.loc + (self._factor @ drawn.unsqueeze(-1)).squeeze(-1)

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        distance = mahalanobis(self._factor, x - self.loc)
        fixed = half_log_det(self._factor) + 0.5 * _LOG_2PI * self._event_shape[0]
        return -0.5 * distance - fixed

    def entropy(self) -> Tensor:
        fixed = half_log_det(self._factor) + 0.5 * (1 + _LOG_2PI) * self._event_shape[0]
        return expanded(fixed, self._batch_shape)


class LowRankMultivariateNormal(Distribution):
    r"""The normal distribution of vectors with covariance :math:`W W^T + \text{diag}(d)`.

    With W of shape (n, r) everything costs :math:`O(n r^2)`, by the matrix inversion and
    determinant lemmas, and no n x n matrix is made unless it is asked for.

    Parameters
    ----------
    loc : Tensor of shape (..., n)
        The mean.
    cov_factor : Tensor of shape (..., n, r)
        The factor :math:`W`.
    cov_diag : Tensor of shape (..., n)
        The diagonal :math:`d`, positive.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import LowRankMultivariateNormal
    >>> low = LowRankMultivariateNormal(
    ...     lucid.zeros(2), lucid.tensor([[1.0], [1.0]]), lucid.ones(2)
    ... )
    >>> low.log_prob(lucid.tensor([1.0, 1.0])), low.covariance_matrix
    (Tensor(-2.7205), Tensor([[2.0000, 1.0000],
            [1.0000, 2.0000]]))
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "loc": constraints.real_vector,
        "cov_factor": constraints.independent(constraints.real, 2),
        "cov_diag": constraints.independent(constraints.positive, 1),
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(
        self, loc: Any, cov_factor: Any, cov_diag: Any, validate_args: bool | None = None
    ) -> None:
        name = type(self).__name__
        mean = vector_parameter(name, "loc", loc)
        factor = vector_parameter(name, "cov_factor", cov_factor, 2)
        spread = vector_parameter(name, "cov_diag", cov_diag)
        n, rank = mean.shape[-1], factor.shape[-1]
        if factor.shape[-2] != n or spread.shape[-1] != n:
            problem = f"cov_factor must end in [{n}, r] and cov_diag in [{n}], as loc does in {n}"
            seen = {"loc": loc, "cov_factor": cov_factor, "cov_diag": cov_diag}
            raise ShapeError(compose(name, problem, seen))
        dtype = common_dtype(name, loc=mean, cov_factor=factor, cov_diag=spread)
        batches = {
            "loc": (mean, mean.shape[:-1]),
            "cov_factor": (factor, factor.shape[:-2]),
            "cov_diag": (spread, spread.shape[:-1]),
        }
        batch = fitting_shape(name, batches)
        self.loc = expanded(mean.astype(dtype), (*batch, n))
        self.cov_factor = expanded(factor.astype(dtype), (*batch, n, rank))
        self.cov_diag = expanded(spread.astype(dtype), (*batch, n))
        super().__init__(batch, (n,), validate_args)

    @lazy_property
    def _capacitance_tril(self) -> Tensor:
        """The Cholesky factor of I + W^T D^-1 W, an r x r matrix."""
        factor = self.cov_factor
        inner = factor.mT @ (factor / self.cov_diag.unsqueeze(-1))
        return cholesky(inner + wrap(np.eye(factor.shape[-1], dtype=factor.dtype)))

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        return (self.cov_factor**2).sum(-1) + self.cov_diag

    @lazy_property
    def covariance_matrix(self) -> Tensor:
        """The covariance."""
        return self.cov_factor @ self.cov_factor.mT + diag_embed(self.cov_diag)

    @lazy_property
    def scale_tril(self) -> Tensor:
        """The Cholesky factor of the covariance."""
        return cholesky(self.covariance_matrix)

    @lazy_property
    def precision_matrix(self) -> Tensor:
        """The inverse of the covariance."""
        thin = self.cov_factor.mT / self.cov_diag.unsqueeze(-2)
        solved = solve_triangular(self._capacitance_tril, thin, upper=False)
        return diag_embed(1 / self.cov_diag) - solved.mT @ solved

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape, dtype = self._extended_shape(sample_shape), self.loc.dtype
        along = standard_normal((*shape[:-1], self.cov_factor.shape[-1]), dtype)
        low = (self.cov_factor @ along.unsqueeze(-1)).squeeze(-1)
        return self.loc + low + sqrt(self.cov_diag) * standard_normal(shape, dtype)

    def log_prob(self, value: Any) -> Tensor:
        difference = self._validate_sample(value) - self.loc
        weighted = difference / self.cov_diag
        along = (self.cov_factor.mT @ weighted.unsqueeze(-1)).squeeze(-1)
        distance = (difference * weighted).sum(-1) - mahalanobis(self._capacitance_tril, along)
        count = self._event_shape[0]
        return -0.5 * (count * _LOG_2PI + distance) - self._half_log_det()

    def _half_log_det(self) -> Tensor:
        return half_log_det(self._capacitance_tril) + 0.5 * log(self.cov_diag).sum(-1)

    def entropy(self) -> Tensor:
        return self._half_log_det() + 0.5 * self._event_shape[0] * (1 + _LOG_2PI)


class LogisticNormal(TransformedDistribution):
    r"""Points of the simplex of n + 1, from n independent normal numbers by stick breaking.

    Parameters
    ----------
    loc, scale : Tensor of shape (..., n)
        Mean and (positive) standard deviation of the numbers.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import LogisticNormal
    >>> points = LogisticNormal(lucid.zeros(2), lucid.ones(2))
    >>> points.log_prob(lucid.tensor([0.2, 0.3, 0.5]))
    Tensor(1.2980)
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "loc": constraints.independent(constraints.real, 1),
        "scale": constraints.independent(constraints.positive, 1),
    }
    support = constraints.simplex
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        base = Normal(vector_parameter("LogisticNormal", "loc", loc), scale, validate_args=False)
        super().__init__(base, StickBreakingTransform(), validate_args)

    def _normal(self) -> Any:
        part: Any = self.base_dist
        return part.base_dist

    @property
    def loc(self) -> Tensor:
        """The mean of the numbers."""
        return self._normal().loc

    @property
    def scale(self) -> Tensor:
        """The standard deviation of the numbers."""
        return self._normal().scale
