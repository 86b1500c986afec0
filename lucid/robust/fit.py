"""`RobustFit`: the result of a robust regression; it prints as a table."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np

from ..core.tensor import Tensor, values
from ..errors import ArgumentError, compose
from ..training.table import columns, spell
from .lanes import in_kind


class RobustFit:
    """A robust linear fit: what `irls`, `s_regression` and `mm_regression` return.

    Parameters
    ----------
    coefficients, weights, residuals, covariance : array or Tensor
    scale : float
    iterations : int
    converged : bool
    loss : Module

    Attributes
    ----------
    coefficients : array or Tensor
        Of shape (D,), one for each column.
    scale : float
        Of the residuals.
    weights : array or Tensor
        Of shape (N,): what share of a least-squares pull each row has, psi(r) / r.
    residuals : array or Tensor
        Of shape (N,): the response minus the fit.
    covariance : array or Tensor
        Of shape (D, D), of the coefficients; NaN where it cannot be had.
    iterations : int
    converged : bool
        Whether the iteration came to rest.
    loss : Module

    Examples
    --------
    >>> import numpy as np
    >>> from lucid.robust import irls
    >>> x = np.arange(10.0)
    >>> y = 1 + 2 * x + 0.1 * np.sin(7 * x)
    >>> y[9] = 100.0
    >>> irls(np.stack([np.ones(10), x], 1), y)
    RobustFit under HuberLoss(reduction='mean', delta=1.345)
    coefficient  estimate  standard error      z
              0     1.054         0.04721  22.32
              1     1.990        0.008842  225.0
    scale 0.08524, 10 rows, 1 of them with a weight below 0.5
    """

    def __init__(
        self,
        *,
        coefficients: Any,
        scale: float,
        weights: Any,
        residuals: Any,
        covariance: Any,
        iterations: int,
        converged: bool,
        loss: Any,
    ) -> None:
        self.coefficients = coefficients
        self.scale = scale
        self.weights = weights
        self.residuals = residuals
        self.covariance = covariance
        self.iterations = iterations
        self.converged = converged
        self.loss = loss

    @property
    def standard_errors(self) -> Any:
        """The standard errors of the coefficients, for large samples."""
        variances = np.diagonal(np.asarray(values(self.covariance), np.float64))
        return in_kind(np.sqrt(variances), self.coefficients)

    def intervals(self, level: float = 0.95) -> Any:
        """Confidence intervals of the coefficients, for large samples.

        Parameters
        ----------
        level : float, default 0.95

        Returns
        -------
        array or Tensor
            Of shape (D, 2): lower and upper ends.

        Raises
        ------
        ArgumentError
            If the level is not between 0 and 1.
        """
        if not 0 < level < 1:
            problem = f"level must be between 0 and 1, not {level!r}"
            raise ArgumentError(compose("RobustFit.intervals", problem))
        reach = NormalDist().inv_cdf(0.5 + level / 2) * values(self.standard_errors)
        center = values(self.coefficients)
        return in_kind(np.stack([center - reach, center + reach], 1), self.coefficients)

    def predict(self, X: Any) -> Any:
        """The fit at other rows.

        Parameters
        ----------
        X : array or Tensor
            Of shape (..., D), in the kind of the coefficients.

        Returns
        -------
        array or Tensor
            Of shape (...).
        """
        coefficients = self.coefficients
        if isinstance(X, Tensor) and not isinstance(coefficients, Tensor):
            coefficients = Tensor(coefficients, dtype=X.dtype)
        return X @ coefficients

    def __repr__(self) -> str:
        estimates = np.atleast_1d(values(self.coefficients)).tolist()
        errors = np.atleast_1d(values(self.standard_errors)).tolist()
        rows = [["coefficient", "estimate", "standard error", "z"]]
        for i, (estimate, error) in enumerate(zip(estimates, errors, strict=True)):
            ratio = estimate / error if error else float("inf")
            rows.append([str(i), f"{estimate:#.4g}", f"{error:#.4g}", f"{ratio:#.4g}"])
        light = int((values(self.weights) < 0.5).sum())
        end = f"scale {spell(self.scale)}, {len(self.weights)} rows, "
        end += f"{light} of them with a weight below 0.5"
        if not self.converged:
            end += f"; not converged after {self.iterations} iterations"
        return "\n".join([f"RobustFit under {self.loss!r}", *columns(rows), end])
