"""Maps onto vectors and matrices of a kind: simplices, Cholesky factors, definite matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..errors import ShapeError, compose
from ..ops.diagonals import diag_embed, diagonal
from ..ops.exponential import exp, log, sqrt
from ..ops.joining import cat
from ..ops.linalg.cholesky import cholesky
from ..ops.logistic import logsigmoid, softplus
from ..ops.scan import cumsum
from ..ops.softmax import softmax
from ..ops.triangles import tril
from ..ops.trigonometric import atanh, tanh
from . import constraints
from .transform import Transform


def refuse_scalars(where: str, shape: Any, least: int = 1) -> None:
    """Refuse shapes with fewer dimensions than an event has.

    Raises
    ------
    ShapeError
        If they are too few.
    """
    if len(shape) < least:
        problem = f"an event has {least} dimension{'s' if least > 1 else ''}"
        raise ShapeError(compose(where, problem, {"shape": tuple(shape)}))


class SoftmaxTransform(Transform):
    """Vectors to the simplex by the softmax; its inverse, the logarithm, is one of many.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import SoftmaxTransform
    >>> SoftmaxTransform()(lucid.tensor([0.0, 0.0]))
    Tensor([0.5000, 0.5000])
    """

    domain = constraints.real_vector
    codomain = constraints.simplex

    def _call(self, x: Any) -> Any:
        refuse_scalars("SoftmaxTransform", x.shape)
        return softmax(x, -1)

    def _inverse(self, y: Any) -> Any:
        return log(y)

    def forward_shape(self, shape: Any) -> tuple[int, ...]:
        refuse_scalars("SoftmaxTransform", shape)
        return tuple(shape)

    def inverse_shape(self, shape: Any) -> tuple[int, ...]:
        return self.forward_shape(shape)

    def _key(self) -> tuple[Any, ...]:
        return ()


class StickBreakingTransform(Transform):
    r"""Vectors of n - 1 numbers to the simplex of n, one to one, by breaking a stick.

    Piece i takes the share :math:`\sigma(x_i - \log(n - i))` of what is left; the zero vector
    leads to equal pieces.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import StickBreakingTransform
    >>> StickBreakingTransform()(lucid.zeros(3))
    Tensor([0.2500, 0.2500, 0.2500, 0.2500])
    """

    domain = constraints.real_vector
    codomain = constraints.simplex
    bijective = True

    @staticmethod
    def _offset(count: int, dtype: Any) -> Any:
        """log(n - i) for each piece, which makes the pieces of the zero vector equal."""
        return np.log(np.arange(count, 0, -1)).astype(dtype)

    def _call(self, x: Any) -> Any:
        refuse_scalars("StickBreakingTransform", x.shape)
        shifted = x - Tensor(self._offset(x.shape[-1], x.dtype), dtype=x.dtype)
        left = cumsum(logsigmoid(-shifted), -1)  # what remains of the stick, in logarithms
        start = x.new_zeros((*x.shape[:-1], 1))
        before, last = cat([start, left[..., :-1]], -1), left[..., -1:]
        return exp(cat([before + logsigmoid(shifted), last], -1))

    def _inverse(self, y: Any) -> Any:
        pieces = y[..., :-1]
        left = (1 - cumsum(pieces, -1)).clamp(min=float(np.finfo(y.dtype).tiny))
        offset = Tensor(self._offset(pieces.shape[-1], y.dtype), dtype=y.dtype)
        return log(pieces) - log(left) + offset

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Tensor:
        shifted = x - Tensor(self._offset(x.shape[-1], x.dtype), dtype=x.dtype)
        return (logsigmoid(-shifted) + log(y[..., :-1])).sum(-1)

    def forward_shape(self, shape: Any) -> tuple[int, ...]:
        refuse_scalars("StickBreakingTransform", shape)
        return (*shape[:-1], shape[-1] + 1)

    def inverse_shape(self, shape: Any) -> tuple[int, ...]:
        refuse_scalars("StickBreakingTransform", shape)
        return (*shape[:-1], shape[-1] - 1)

    def _key(self) -> tuple[Any, ...]:
        return ()


class LowerCholeskyTransform(Transform):
    """Square matrices to lower triangular ones with a positive diagonal (its exponential).

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import LowerCholeskyTransform
    >>> LowerCholeskyTransform()(lucid.tensor([[0.0, 9.0], [2.0, 1.0]]))
    Tensor([[1.0000, 0.0000],
            [2.0000, 2.7183]])
    """

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.lower_cholesky

    def _call(self, x: Any) -> Any:
        return tril(x, -1) + diag_embed(exp(diagonal(x, dim1=-2, dim2=-1)))

    def _inverse(self, y: Any) -> Any:
        return tril(y, -1) + diag_embed(log(diagonal(y, dim1=-2, dim2=-1)))

    def _key(self) -> tuple[Any, ...]:
        return ()


class PositiveDefiniteTransform(Transform):
    """Square matrices to positive-definite ones, by way of their Cholesky factor.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import PositiveDefiniteTransform
    >>> PositiveDefiniteTransform()(lucid.tensor([[0.0, 9.0], [2.0, 0.0]]))
    Tensor([[1.0000, 2.0000],
            [2.0000, 5.0000]])
    """

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.positive_definite

    def _call(self, x: Any) -> Any:
        factor = LowerCholeskyTransform()(x)
        return factor @ factor.mT

    def _inverse(self, y: Any) -> Any:
        return LowerCholeskyTransform().inv(cholesky(y))

    def _key(self) -> tuple[Any, ...]:
        return ()


class CorrCholeskyTransform(Transform):
    r"""Vectors of n (n - 1) / 2 numbers to Cholesky factors of n x n correlation matrices.

    The hyperbolic tangent makes partial correlations :math:`r_{ij}` of the numbers, and

    .. math:: L_{ij} = r_{ij} \sqrt{\prod_{k < j} (1 - r_{ik}^2)}, \qquad
        L_{ii} = \sqrt{\prod_{k < i} (1 - r_{ik}^2)}.

    References
    ----------
    D. Lewandowski, D. Kurowicka and H. Joe, "Generating random correlation matrices based on
    vines and extended onion method", Journal of Multivariate Analysis 100 (2009), 1989-2001.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import CorrCholeskyTransform
    >>> CorrCholeskyTransform()(lucid.tensor([0.5]))
    Tensor([[1.0000, 0.0000],
            [0.4621, 0.8868]])
    """

    domain = constraints.real_vector
    codomain = constraints.corr_cholesky
    bijective = True

    def _call(self, x: Any) -> Any:
        *batch, n, _ = self.forward_shape(x.shape)
        partial = _strict_lower(tanh(x), n)
        left = cumsum(_strict_lower(_log_rest(x), n), -1) * 0.5  # of the row's length, after each
        before = cat([x.new_zeros((*batch, n, 1)), left[..., :-1]], -1)
        eye = Tensor(np.eye(n), dtype=x.dtype)
        return tril(exp(before), 0) * (partial + eye)

    def _inverse(self, y: Any) -> Any:
        n = y.shape[-1]
        used = cumsum(y * y, -1)
        before = cat([y.new_zeros((*y.shape[:-1], 1)), used[..., :-1]], -1)
        rest = sqrt((1 - before).clamp(min=float(np.finfo(y.dtype).tiny)))
        rows, columns = np.tril_indices(n, -1)
        bound = 1 - float(np.finfo(y.dtype).eps)
        return atanh((y / rest)[..., rows, columns].clamp(-bound, bound))

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Tensor:
        # d L_ij / d r_ij holds the factor (1 - r_ik^2)^(1/2) for each k < j, and d r / d x is
        # 1 - r^2: in all, element (i, k) counts 1 + (i - 1 - k) / 2 times.
        rows, columns = np.tril_indices(y.shape[-1], -1)
        times = Tensor(1 + (rows - 1 - columns) / 2, dtype=x.dtype)
        return (times * _log_rest(x)).sum(-1)

    def forward_shape(self, shape: Any) -> tuple[int, ...]:
        refuse_scalars("CorrCholeskyTransform", shape)
        count = shape[-1]
        n = (1 + math.isqrt(1 + 8 * count)) // 2
        if n * (n - 1) // 2 != count:
            problem = "the last dimension must be n (n - 1) / 2 long: 1, 3, 6, 10, ..."
            raise ShapeError(compose("CorrCholeskyTransform", problem, {"shape": tuple(shape)}))
        return (*shape[:-1], n, n)

    def inverse_shape(self, shape: Any) -> tuple[int, ...]:
        refuse_scalars("CorrCholeskyTransform", shape, 2)
        if shape[-1] != shape[-2]:
            problem = "the last two dimensions must be equal"
            raise ShapeError(compose("CorrCholeskyTransform", problem, {"shape": tuple(shape)}))
        return (*shape[:-2], shape[-1] * (shape[-1] - 1) // 2)

    def _key(self) -> tuple[Any, ...]:
        return ()


def _log_rest(x: Any) -> Any:
    """log(1 - tanh(x)^2), from x itself."""
    return (math.log(2) - x - softplus(-2 * x)) * 2


def _strict_lower(x: Any, n: int) -> Any:
    """The numbers of a vector, row by row, below the diagonal of an n x n matrix of zeros."""
    place = np.full((n, n), x.shape[-1])  # where a zero is appended
    place[np.tril_indices(n, -1)] = np.arange(x.shape[-1])
    return cat([x, x.new_zeros((*x.shape[:-1], 1))], -1)[..., place]
