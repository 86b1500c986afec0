"""Sample inputs that stand beside each op; the test sweep runs every op on its samples.

>>> draw = Draw(seed=0)
>>> draw.sample(draw(2, 3), axis=1).static
{'axis': 1}
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Sample(NamedTuple):
    """One call of a primitive: arrays by position, everything static by keyword.

    Where an op is not defined on all arrays, or not all of its output is determined, `through`
    says what the checks run in its place: ``through(op, *inputs)``. It makes a matrix Hermitian
    before it is factored, or fixes the phase of eigenvectors.
    """

    inputs: tuple[Any, ...]
    static: dict[str, Any]
    through: Callable[..., Any] | None = None


class ErrorSample(NamedTuple):
    """One call that must be refused: the call, the error's class, and words of its message."""

    call: Callable[[], Any]
    error: type[Exception]
    match: str


class Draw:
    """Draws random arrays of one dtype. ``draw(3, 4)`` is standard normal.

    Parameters
    ----------
    seed : int
    dtype : dtype, default float64
        Dtype of what is drawn; `integers` and `bools` have their own. What is said of the values
        below holds of the real parts of complex ones; their imaginary parts are no less random.
    """

    def __init__(self, seed: int = 0, dtype: Any = np.float64) -> None:
        self.rng = np.random.default_rng(seed)
        self.dtype = np.dtype(dtype)

    def __call__(self, *shape: int) -> Any:
        """Standard normal values."""
        return self._finished(self.rng.standard_normal(shape))

    def uniform(self, low: float, high: float, *shape: int) -> Any:
        """Values spread evenly over an interval: for functions with a bounded domain."""
        return self._finished(self.rng.uniform(low, high, shape))

    def positive(self, *shape: int) -> Any:
        """Values between 0.5 and 2: for logarithms, roots and divisors."""
        return self.uniform(0.5, 2.0, *shape)

    def apart(self, *shape: int) -> Any:
        """Distinct values, at least 0.1 apart and from 0: for max, sort, and kinks at 0."""
        count = int(np.prod(shape))
        steps = self.rng.permutation(count) - count // 2
        return self._finished(((steps + 0.5) * 0.2).reshape(shape))

    def _finished(self, values: Any) -> Any:
        """The values in the dtype; complex ones off the real axis, where branches are cut."""
        if self.dtype.kind == "c":
            signs = self.rng.choice([-1.0, 1.0], np.shape(values))
            values = values + 1j * signs * self.rng.uniform(0.1, 0.8, np.shape(values))
        return np.asarray(values).astype(self.dtype)

    def integers(self, low: int, high: int, *shape: int) -> Any:
        """int64 values in ``[low, high)``."""
        return np.asarray(self.rng.integers(low, high, shape))

    def bools(self, *shape: int) -> Any:
        """Random truth values."""
        return np.asarray(self.rng.random(shape) < 0.5)

    @staticmethod
    def sample(*inputs: Any, **static: Any) -> Sample:
        """Write down one call of the primitive."""
        return Sample(inputs, static)

    @staticmethod
    def error(call: Callable[[], Any], error: type[Exception], match: str) -> ErrorSample:
        """Write down one call that must be refused."""
        return ErrorSample(call, error, match)


def unary(draw: Draw) -> list[Sample]:
    """Samples of an op on one array, defined on all numbers and smooth."""
    return [Sample((draw(3, 4),), {}), Sample((draw(),), {}), Sample((draw(0, 3),), {})]


def unary_kinked(draw: Draw) -> list[Sample]:
    """Samples of an op on one array with a kink at 0."""
    return [Sample((draw.apart(3, 4),), {}), Sample((draw.apart(),), {})]


def unary_positive(draw: Draw) -> list[Sample]:
    """Samples of an op on one array of positive numbers."""
    return [Sample((draw.positive(3, 4),), {}), Sample((draw.positive(),), {})]


def unary_within(low: float, high: float) -> Callable[[Draw], list[Sample]]:
    """Samples of an op on one array whose domain is an interval."""
    return lambda draw: [Sample((draw.uniform(low, high, *s),), {}) for s in [(3, 4), (), (0, 3)]]


def binary(draw: Draw) -> list[Sample]:
    """Samples of a broadcasting op on two arrays."""
    shapes = [((3, 4), (3, 4)), ((3, 4), (4,)), ((2, 1, 4), (3, 1)), ((), (3,)), ((0, 3), (3,))]
    return [Sample((draw(*a), draw(*b)), {}) for a, b in shapes]


def binary_positive(draw: Draw) -> list[Sample]:
    """Samples of a broadcasting op on two arrays of positive numbers."""
    return [
        Sample((draw.positive(*a), draw.positive(*b)), {})
        for a, b in [((3, 4), (3, 4)), ((3, 4), (4,)), ((2, 1, 4), (3, 1)), ((), (3,))]
    ]
