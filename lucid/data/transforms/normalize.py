"""Images with a given mean and deviation of each channel taken out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import ArgumentError, ShapeError, compose
from .compose import Transform, as_floats


class Normalize(Transform):
    r"""Shift and scale the channels of an image.

    .. math:: y_c = \frac{x_c - \mathrm{mean}_c}{\mathrm{std}_c}

    Parameters
    ----------
    mean, std : sequence of float
        One for each channel, or one for all.

    Raises
    ------
    ArgumentError
        If a deviation is zero.
    ShapeError
        If an image of shape ``[..., channels, height, width]`` has other channels.

    Examples
    --------
    >>> import lucid
    >>> from lucid.data.transforms import Normalize
    >>> normalize = Normalize(mean=[1.0, 2.0], std=[2.0, 4.0])
    >>> normalize(lucid.full((2, 1, 1), 3.0)).tolist()
    [[[1.0]], [[0.25]]]
    >>> normalize.inverse(normalize(lucid.full((2, 1, 1), 3.0))).tolist()
    [[[3.0]], [[3.0]]]
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        self.mean = np.asarray(mean, np.float64).reshape(-1, 1, 1)
        self.std = np.asarray(std, np.float64).reshape(-1, 1, 1)
        if (self.std == 0).any():
            raise ArgumentError(compose("Normalize", "std must not be zero", {"std": std}))

    def apply(self, array: Any) -> Any:
        """Take mean and deviation out."""
        array = self._checked(array)
        return (array - self.mean.astype(array.dtype)) / self.std.astype(array.dtype)

    def inverse(self, data: Any) -> Any:
        """Put mean and deviation back.

        Parameters
        ----------
        data : Tensor or array
        """
        return self._through(self._undo, data)

    def _undo(self, array: Any) -> Any:
        array = self._checked(array)
        return array * self.std.astype(array.dtype) + self.mean.astype(array.dtype)

    def _checked(self, array: Any) -> Any:
        channels = max(len(self.mean), len(self.std))
        if array.ndim < 3 or channels not in (1, array.shape[-3]):
            problem = f"wants an image of shape [..., {channels}, height, width]"
            fix = "ToTensor() puts the channels of an image first"
            raise ShapeError(compose("Normalize", problem, {"image": array}, fix))
        return as_floats(array)

    def __repr__(self) -> str:
        return f"Normalize(mean={self.mean.ravel().tolist()}, std={self.std.ravel().tolist()})"
