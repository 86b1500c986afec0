"""Images turned over, or not, at random."""

from __future__ import annotations

from typing import Any

from ...errors import ArgumentError, compose
from ...random import Generator, current_generator
from .compose import Transform


class RandomHorizontalFlip(Transform):
    """Exchange left and right with probability `p`.

    Parameters
    ----------
    p : float, default 0.5
    generator : Generator, optional
        By default that of the loader's worker, seeded for each batch.

    Raises
    ------
    ArgumentError
        If `p` is no probability.

    Examples
    --------
    >>> import lucid
    >>> from lucid.data.transforms import RandomHorizontalFlip
    >>> RandomHorizontalFlip(p=1.0)(lucid.tensor([[1, 2], [3, 4]])).tolist()
    [[2, 1], [4, 3]]
    """

    _axis = -1

    def __init__(self, p: float = 0.5, generator: Generator | None = None) -> None:
        if not 0 <= p <= 1:
            problem = f"p must be a probability, not {p!r}"
            raise ArgumentError(compose(type(self).__name__, problem))
        self.p = p
        self.generator = generator

    def apply(self, array: Any) -> Any:
        """Turn it over, or not."""
        self._image_size(array)
        if (self.generator or current_generator()).rng.random() >= self.p:
            return array
        return array[..., ::-1] if self._axis == -1 else array[..., ::-1, :]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p={self.p})"


class RandomVerticalFlip(RandomHorizontalFlip):
    """Exchange top and bottom with probability `p`.

    Parameters are those of `RandomHorizontalFlip`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.data.transforms import RandomVerticalFlip
    >>> RandomVerticalFlip(p=1.0)(lucid.tensor([[1, 2], [3, 4]])).tolist()
    [[3, 4], [1, 2]]
    """

    _axis = -2
