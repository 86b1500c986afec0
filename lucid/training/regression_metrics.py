"""Metrics of regression: mean absolute error, root mean squared error, R²."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from .metric import Metric, pair


class MAE(Metric):
    r"""Mean absolute error, over all elements: :math:`\tfrac1n \sum_i |\hat y_i - y_i|`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.training import MAE
    >>> metric = MAE()
    >>> metric.update(lucid.tensor([1.0, 2.0]), lucid.tensor([1.0, 4.0]))
    >>> metric.update(lucid.tensor([0.0]), lucid.tensor([1.0]))
    >>> metric.compute()
    1.0
    """

    name = "mae"
    higher_is_better = False

    def reset(self) -> None:
        """Forget every batch."""
        self.total, self.count = 0.0, 0

    def update(self, output: Tensor, target: Tensor) -> None:
        """Take one more batch into account."""
        y, t = pair("MAE", output, target)
        self.total += float(np.abs(_difference(y, t)).sum())
        self.count += y.size

    def compute(self) -> float:
        """The error of all batches; NaN of nothing."""
        return self.total / self.count if self.count else math.nan


class RMSE(Metric):
    r"""Root mean squared error, over all elements:
    :math:`\sqrt{\tfrac1n \sum_i (\hat y_i - y_i)^2}`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.training import RMSE
    >>> metric = RMSE()
    >>> metric.update(lucid.tensor([3.0, 4.0]), lucid.tensor([0.0, 0.0]))
    >>> round(metric.compute(), 4)
    3.5355
    """

    name = "rmse"
    higher_is_better = False

    def reset(self) -> None:
        """Forget every batch."""
        self.total, self.count = 0.0, 0

    def update(self, output: Tensor, target: Tensor) -> None:
        """Take one more batch into account."""
        y, t = pair("RMSE", output, target)
        residual = _difference(y, t).ravel()
        self.total += float(residual.dot(residual))
        self.count += y.size

    def compute(self) -> float:
        """The error of all batches; NaN of nothing."""
        return math.sqrt(self.total / self.count) if self.count else math.nan


class R2(Metric):
    r"""Coefficient of determination: the share of the targets' variance that is explained.

    .. math::
        R^2 = 1 - \frac{\sum_i (\hat y_i - y_i)^2}{\sum_i (y_i - \bar y)^2}

    Of outputs with several columns the mean over the columns. The spread of the targets is
    kept as mean and sum of squared deviations, which large means do not harm (Chan et al.).

    Notes
    -----
    A column of constant targets counts 1 if it was met exactly, else 0, as in scikit-learn.

    References
    ----------
    Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample
    variances", 1979.

    Examples
    --------
    >>> import lucid
    >>> from lucid.training import R2
    >>> metric = R2()
    >>> metric.update(lucid.tensor([1.0, 2.0]), lucid.tensor([1.0, 2.0]))
    >>> metric.update(lucid.tensor([3.0, 3.0]), lucid.tensor([3.0, 4.0]))
    >>> round(metric.compute(), 4)
    0.8
    """

    name = "r2"
    higher_is_better = True

    def reset(self) -> None:
        """Forget every batch."""
        self.count = 0
        self.mean: Any = 0.0
        self.spread: Any = 0.0  # sum of squared deviations of the targets from their mean
        self.residual: Any = 0.0  # sum of squared residuals

    def update(self, output: Tensor, target: Tensor) -> None:
        """Take one more batch into account."""
        y, t = pair("R2", output, target)
        if not y.size:
            return
        t = t.reshape(len(t) if t.ndim else 1, -1).astype(np.float64)
        difference = _difference(y, t.reshape(y.shape)).reshape(t.shape)
        mean = t.mean(axis=0)
        count = self.count + len(t)
        shift = mean - self.mean
        deviation = ((t - mean) ** 2).sum(axis=0)
        self.spread = self.spread + deviation + shift**2 * (self.count * len(t) / count)
        self.mean = self.mean + shift * (len(t) / count)
        self.residual = self.residual + (difference**2).sum(axis=0)
        self.count = count

    def compute(self) -> float:
        """The share of all batches; NaN of fewer than two samples."""
        if self.count < 2:
            return math.nan
        with np.errstate(divide="ignore", invalid="ignore"):
            score = 1.0 - self.residual / self.spread
        constant = np.where(self.residual == 0.0, 1.0, 0.0)
        return float(np.where(self.spread == 0.0, constant, score).mean())


def _difference(y: Any, t: Any) -> Any:
    return np.subtract(y, t, dtype=np.float64)


def mae(output: Tensor, target: Tensor) -> float:
    """Mean absolute error (see `MAE`).

    Parameters
    ----------
    output, target : Tensor or numpy.ndarray
        Of equal shape.

    Returns
    -------
    float

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> import lucid
    >>> from lucid.training import mae
    >>> mae(lucid.tensor([1.0, 2.0]), lucid.tensor([1.0, 4.0]))
    1.0
    """
    return MAE()(output, target)


def rmse(output: Tensor, target: Tensor) -> float:
    """Root mean squared error (see `RMSE`).

    Parameters
    ----------
    output, target : Tensor or numpy.ndarray
        Of equal shape.

    Returns
    -------
    float

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> import lucid
    >>> from lucid.training import rmse
    >>> rmse(lucid.tensor([1.0, 1.0]), lucid.tensor([0.0, 2.0]))
    1.0
    """
    return RMSE()(output, target)


def r2(output: Tensor, target: Tensor) -> float:
    """Coefficient of determination (see `R2`).

    Parameters
    ----------
    output, target : Tensor or numpy.ndarray
        Of equal shape.

    Returns
    -------
    float

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> import lucid
    >>> from lucid.training import r2
    >>> r2(lucid.tensor([1.0, 2.0, 3.0]), lucid.tensor([1.0, 2.0, 3.0]))
    1.0
    """
    return R2()(output, target)
