"""What is known of many numbers at once: mean, deviation, zeros, and how many are not finite."""

from __future__ import annotations

import math
from typing import Any, NamedTuple, Self

import numpy as np

from ..kernels.finiteness import is_finite


class Moments(NamedTuple):
    """Sums over an array from which its statistics follow; those of two arrays are added.

    NaN and infinity are counted, and left out of all else.

    Attributes
    ----------
    size : int
    total, squares : float
        Sum of the elements, and of their squares.
    zeros, bad : int
        How many are zero, and how many are not finite.

    Examples
    --------
    >>> m = Moments.of(np.array([0.0, 2.0, 4.0, np.nan]))
    >>> m.mean, m.std, m.zero_share, m.bad_share
    (2.0, 1.632993161855452, 0.25, 0.25)
    >>> (m + m).size
    8
    """

    size: int = 0
    total: float = 0.0
    squares: float = 0.0
    zeros: int = 0
    bad: int = 0

    @classmethod
    def of(cls, x: Any) -> Self:
        """Those of an array of numbers; of complex ones, those of their magnitudes."""
        values = np.abs(x) if x.dtype.kind == "c" else x
        if values.dtype.char not in "fd":
            values = values.astype(np.float64)
        size, bad = values.size, 0
        if not is_finite(values):
            values = values[np.isfinite(values)]
            bad = size - values.size
        zeros = values.size - int(np.count_nonzero(values))
        flat = values.ravel("K")
        squares = float(flat.dot(flat))
        if not math.isfinite(squares):
            squares = float(np.square(flat, dtype=np.float64).sum())
        return cls(size, float(np.add.reduce(flat, dtype=np.float64)), squares, zeros, bad)

    def __add__(self, other: Any) -> Any:
        return Moments(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def mean(self) -> float:
        """Of the finite elements; NaN if there are none."""
        known = self.size - self.bad
        return self.total / known if known else math.nan

    @property
    def std(self) -> float:
        """Standard deviation of the finite elements, not corrected for the mean."""
        known = self.size - self.bad
        return math.sqrt(max(self.squares / known - self.mean**2, 0.0)) if known else math.nan

    @property
    def rms(self) -> float:
        """Root of the mean square of the finite elements."""
        known = self.size - self.bad
        return math.sqrt(self.squares / known) if known else math.nan

    @property
    def zero_share(self) -> float:
        """How many of all elements are zero, from 0 to 1."""
        return self.zeros / self.size if self.size else math.nan

    @property
    def bad_share(self) -> float:
        """How many of all elements are NaN or infinite, from 0 to 1."""
        return self.bad / self.size if self.size else math.nan


def silent_units(x: Any) -> Any:
    """For each unit of an output whether it is zero in every sample and place.

    A unit is a channel, dimension 1, of images (four or more dimensions); else an index of the
    last dimension.

    Examples
    --------
    >>> silent_units(np.array([[0.0, 1.0], [0.0, 0.0]])).tolist()
    [True, False]
    """
    axis = 1 if x.ndim >= 4 else x.ndim - 1
    return ~x.any(tuple(i for i in range(x.ndim) if i != axis))
