"""The outlier ledger: which rows a robust loss held back, and how far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...core.tensor import values
from ...errors import ArgumentError, ShapeError, compose
from .threshold import scale_of


@dataclass(frozen=True)
class Report:
    """What a loss has seen since its ledger was opened.

    Attributes
    ----------
    seen, clipped : int
        Residuals seen, and those beyond the threshold.
    delta : float
        The threshold in use at the last call (the largest, of several).
    scale : float
        The normalised MAD of the last call's residuals: their robust standard deviation.
    rows, weights : array
        The sample indices of smallest weight psi(r) / r, and those weights, smallest first;
        empty unless indices were passed.
    """

    seen: int
    clipped: int
    delta: float
    scale: float
    rows: Any = field(repr=False)
    weights: Any = field(repr=False)

    @property
    def share(self) -> float:
        """The share of residuals beyond the threshold."""
        return self.clipped / self.seen if self.seen else 0.0

    def __str__(self) -> str:
        lines = [
            f"{self.clipped} of {self.seen} residuals clipped ({self.share:.1%})",
            f"delta {self.delta:.4g}, scale of the residuals {self.scale:.4g}",
        ]
        if len(self.rows):
            lines.append("rows of smallest weight:")
            lines += [
                f"  row {row}: weight {weight:.3f}"
                for row, weight in zip(self.rows, self.weights, strict=True)
            ]
        return "\n".join(lines)


class Ledger:
    """Counts what is clipped, and remembers the last weight of every row."""

    def __init__(self) -> None:
        self._seen = self._clipped = 0
        self._delta = self._scale = float("nan")
        self._weights = np.empty(0)  # by row; NaN where a row was never seen

    def note(self, name: str, residual: Any, weight: Any, threshold: Any, index: Any) -> None:
        """Write down one call.

        Parameters
        ----------
        name : str
            Who complains.
        residual, weight : array
            Residuals that count, NaN elsewhere, and their weights psi(r) / r at most 1.
        threshold : float or array
        index : Tensor of int, optional
            The rows of the data set that the first dimension holds.
        """
        rows = None if index is None else self._checked(name, index, residual)
        sizes = np.abs(residual[np.isfinite(residual)])
        known = ~np.isnan(residual)
        self._seen += int(np.count_nonzero(known))
        self._clipped += int(np.count_nonzero(np.abs(residual) > threshold))
        self._delta, self._scale = float(np.max(threshold)), scale_of(sizes)
        if rows is not None and rows.size:
            least = np.where(known, weight, np.inf).reshape(len(rows), -1).min(axis=1)
            self._remember(rows, least)

    def _checked(self, name: str, index: Any, residual: Any) -> Any:
        rows = values(index)
        if rows.dtype.kind not in "iu" or np.any(rows < 0):
            problem = "index must hold row numbers, integers from 0"
            raise ArgumentError(compose(name, problem, {"index": index}))
        if rows.ndim != 1 or residual.ndim == 0 or len(rows) != len(residual):
            problem = "index must have one entry for each row of the input"
            raise ShapeError(compose(name, problem, {"index": rows, "residual": residual}))
        return rows

    def _remember(self, rows: Any, weights: Any) -> None:
        needed = int(rows.max()) + 1
        if needed > len(self._weights):
            grown = np.full(max(needed, 2 * len(self._weights)), np.nan)
            grown[: len(self._weights)] = self._weights
            self._weights = grown
        seen = np.isfinite(weights)
        self._weights[rows[seen]] = weights[seen]

    def report(self, count: int) -> Report:
        """The totals, and the `count` rows of smallest weight."""
        known = np.flatnonzero(~np.isnan(self._weights))
        order = known[np.argsort(self._weights[known], kind="stable")][:count]
        return Report(
            self._seen, self._clipped, self._delta, self._scale, order, self._weights[order]
        )
