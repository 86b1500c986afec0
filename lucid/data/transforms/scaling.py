"""Columns of tables brought to a common scale, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core.tensor import values
from ...errors import ArgumentError, ShapeError, StateError, compose
from .compose import Transform, as_floats


class _Scaler(Transform):
    """Base: a shift and a scale for each column, found by `fit`.

    Attributes
    ----------
    center_, scale_ : array of float64, or None before `fit`
    """

    def __init__(self) -> None:
        self.center_: Any = None
        self.scale_: Any = None

    def apply(self, array: Any) -> Any:
        """Shift and scale the columns, the last dimension; NaN stay."""
        center, scale = self._of(array)
        array = as_floats(array)
        return ((array - center) / scale).astype(array.dtype)

    def inverse_transform(self, data: Any) -> Any:
        """Bring scaled columns back.

        Parameters
        ----------
        data : Tensor or array
        """
        return self._through(self._undo, data)

    def transform(self, data: Any) -> Any:
        """As calling does.

        Parameters
        ----------
        data : Tensor or array
        """
        return self(data)

    def fit_transform(self, data: Any) -> Any:
        """Learn the scale of `data`, and bring them to it.

        Parameters
        ----------
        data : Tensor or array
        """
        self.fit(data)
        return self(data)

    def fit(self, data: Any) -> Any:
        """Learn the scale of each column."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """What was learned, for `lucid.save`."""
        return {"center": self.center_, "scale": self.scale_}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what another one learned.

        Parameters
        ----------
        state : dict
        """
        self.center_, self.scale_ = (
            np.asarray(values(state[key]), np.float64) for key in ("center", "scale")
        )

    def _undo(self, array: Any) -> Any:
        center, scale = self._of(array)
        array = as_floats(array)
        return (array * scale + center).astype(array.dtype)

    def _of(self, array: Any) -> tuple[Any, Any]:
        name = type(self).__name__
        if self.scale_ is None:
            problem = "the scale is not known yet"
            raise StateError(compose(name, problem, fix="scaler.fit(training_data)"))
        if array.shape[-1:] != self.scale_.shape:
            problem = f"wants {len(self.scale_)} columns, as many as it was fitted to"
            raise ShapeError(compose(name, problem, {"data": array}))
        return self.center_, self.scale_

    def _table(self, data: Any) -> Any:
        table = np.asarray(values(data), np.float64)
        if table.ndim != 2 or not len(table):
            problem = "wants a table of shape [rows, columns] with at least one row"
            raise ShapeError(compose(type(self).__name__, problem, {"data": table}))
        return table

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class StandardScaler(_Scaler):
    r"""Columns with mean 0 and deviation 1.

    .. math:: y = \frac{x - \bar x}{\sqrt{\overline{(x - \bar x)^2}}}

    Missing values (NaN) are left out; a column that is constant is shifted only.

    References
    ----------
    T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating Formulae and a Pairwise Algorithm for
    Computing Sample Variances", 1979 (how `partial_fit` joins parts).

    Examples
    --------
    >>> import lucid
    >>> from lucid.data.transforms import StandardScaler
    >>> x = lucid.tensor([[1.0, 10.0], [3.0, 30.0]])
    >>> scaler = StandardScaler().fit(x)
    >>> scaler(x).tolist()
    [[-1.0, -1.0], [1.0, 1.0]]
    >>> scaler.inverse_transform(scaler(x)).tolist() == x.tolist()
    True
    """

    def __init__(self) -> None:
        super().__init__()
        self._count: Any = None
        self._squares: Any = None

    def fit(self, data: Any) -> StandardScaler:
        """Learn mean and deviation of each column.

        Parameters
        ----------
        data : Tensor or array of shape [rows, columns]
        """
        self._count = None
        return self.partial_fit(data)

    def partial_fit(self, data: Any) -> StandardScaler:
        """Learn from some more rows, of a table that is read in parts.

        Parameters
        ----------
        data : Tensor or array of shape [rows, columns]
        """
        table = self._table(data)
        there = ~np.isnan(table)
        count = there.sum(0)
        mean = np.where(there, table, 0).sum(0) / np.maximum(count, 1)
        squares = np.where(there, (table - mean) ** 2, 0).sum(0)
        if self._count is None:
            self.center_, self._squares, self._count = mean, squares, count
        else:
            both = np.maximum(self._count + count, 1)
            apart = mean - self.center_
            self.center_ = self.center_ + apart * count / both
            self._squares = self._squares + squares + apart**2 * self._count * count / both
            self._count = self._count + count
        deviation = np.sqrt(self._squares / np.maximum(self._count, 1))
        noise = np.abs(self.center_) * np.sqrt(np.maximum(self._count, 1)) * np.finfo(float).eps
        self.scale_ = np.where(deviation > noise, deviation, 1.0)  # rounding is no deviation
        return self


class RobustScaler(_Scaler):
    r"""Columns with median 0 and the distance of two quantiles 1: outliers do not matter.

    .. math:: y = \frac{x - \mathrm{median}}{q_{high} - q_{low}}

    Missing values (NaN) are left out; a column without spread is shifted only.

    Parameters
    ----------
    quantile_range : (float, float), default (25.0, 75.0)
        In percent.
    unit_variance : bool, default False
        Scale so that normally distributed columns get deviation 1.

    Raises
    ------
    ArgumentError
        If the range is not within 0 and 100, or empty.

    Examples
    --------
    >>> import lucid
    >>> from lucid.data.transforms import RobustScaler
    >>> x = lucid.tensor([[1.0], [2.0], [3.0], [4.0], [1e6]])
    >>> RobustScaler().fit(x)(x)[:4].tolist()
    [[-1.0], [-0.5], [0.0], [0.5]]
    """

    def __init__(
        self, quantile_range: Sequence[float] = (25.0, 75.0), unit_variance: bool = False
    ) -> None:
        super().__init__()
        low, high = quantile_range
        if not 0 <= low < high <= 100:
            problem = "quantile_range must be two percentages, the lower first"
            seen = {"quantile_range": quantile_range}
            raise ArgumentError(compose("RobustScaler", problem, seen))
        self.quantile_range = (low, high)
        self.unit_variance = unit_variance

    def fit(self, data: Any) -> RobustScaler:
        """Learn median and spread of each column.

        Parameters
        ----------
        data : Tensor or array of shape [rows, columns]
        """
        low, high = self.quantile_range
        table = self._table(data)
        known = ~np.isnan(table).all(0)
        found = np.zeros((3, table.shape[1]))
        found[:, known] = np.nanpercentile(table[:, known], (low, 50.0, high), axis=0)
        spread = found[2] - found[0]
        if self.unit_variance:
            from statistics import NormalDist

            normal = NormalDist()
            ends = [min(max(q / 100, 1e-300), 1 - 2**-53) for q in self.quantile_range]
            spread = spread / (normal.inv_cdf(ends[1]) - normal.inv_cdf(ends[0]))
        self.center_ = found[1]
        self.scale_ = np.where(spread > 0, spread, 1.0)
        return self
