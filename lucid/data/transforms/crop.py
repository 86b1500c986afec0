"""Images cut to a size, in the middle or at random, and widened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import ArgumentError, ShapeError, compose
from ...random import Generator, current_generator
from .compose import Transform

_MODES = ("constant", "edge", "reflect", "symmetric")


class Pad(Transform):
    """Widen an image at its sides.

    Parameters
    ----------
    padding : int or sequence of int
        For all sides; ``(sides, top_and_bottom)``; or ``(left, top, right, bottom)``.
    fill : float, default 0
        With what, where `padding_mode` is ``"constant"``.
    padding_mode : {"constant", "edge", "reflect", "symmetric"}, default "constant"
        With `fill`, the last pixel, or the image mirrored without or with its last pixel.

    Raises
    ------
    ArgumentError
        If an argument is out of range.

    Examples
    --------
    >>> import lucid
    >>> from lucid.data.transforms import Pad
    >>> Pad((1, 0))(lucid.tensor([[5, 6]])).tolist()
    [[0, 5, 6, 0]]
    """

    def __init__(
        self, padding: int | Sequence[int], fill: float = 0, padding_mode: str = "constant"
    ) -> None:
        self.padding = _sides(padding)
        self.fill = fill
        self.padding_mode = padding_mode
        if padding_mode not in _MODES:
            problem = f"padding_mode must be one of {', '.join(_MODES)}, not {padding_mode!r}"
            raise ArgumentError(compose("Pad", problem))

    def apply(self, array: Any) -> Any:
        """Widen it."""
        self._image_size(array)
        left, top, right, bottom = self.padding
        widths = [(0, 0)] * (array.ndim - 2) + [(top, bottom), (left, right)]
        if self.padding_mode == "constant":
            return np.pad(array, widths, constant_values=self.fill)
        modes: Any = self.padding_mode
        return np.pad(array, widths, mode=modes)

    def __repr__(self) -> str:
        return f"Pad({self.padding}, fill={self.fill}, padding_mode={self.padding_mode!r})"


class CenterCrop(Transform):
    """The middle of an image; what it lacks is filled with zeros.

    Parameters
    ----------
    size : int or (int, int)
        Height and width.

    Raises
    ------
    ArgumentError
        If a size is not positive.

    Examples
    --------
    >>> import lucid
    >>> from lucid.data.transforms import CenterCrop
    >>> CenterCrop(1)(lucid.arange(9).reshape(3, 3)).tolist()
    [[4]]
    """

    def __init__(self, size: int | Sequence[int]) -> None:
        self.size = _size("CenterCrop", size)

    def apply(self, array: Any) -> Any:
        """Cut it out."""
        array = _widened(array, self._image_size(array), self.size, 0)
        (height, width), (rows, columns) = array.shape[-2:], self.size
        top, left = round((height - rows) / 2), round((width - columns) / 2)
        return array[..., top : top + rows, left : left + columns]

    def __repr__(self) -> str:
        return f"CenterCrop({self.size})"


class RandomCrop(Transform):
    """A part of an image, somewhere.

    Parameters
    ----------
    size : int or (int, int)
        Height and width.
    padding : int or sequence of int, optional
        Widen the image first, as `Pad` does.
    pad_if_needed : bool, default False
        Widen an image that is too small, rather than refuse it.
    fill : float, default 0
    padding_mode : str, default "constant"
        As those of `Pad`.
    generator : Generator, optional
        By default that of the loader's worker, seeded for each batch.

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    ShapeError
        If an image is smaller than `size`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.data.transforms import RandomCrop
    >>> RandomCrop(32, padding=4)(lucid.zeros(3, 32, 32)).shape
    (3, 32, 32)
    """

    def __init__(
        self,
        size: int | Sequence[int],
        padding: int | Sequence[int] | None = None,
        pad_if_needed: bool = False,
        fill: float = 0,
        padding_mode: str = "constant",
        generator: Generator | None = None,
    ) -> None:
        self.size = _size("RandomCrop", size)
        self.padding = None if padding is None else Pad(padding, fill, padding_mode)
        self.pad_if_needed = pad_if_needed
        self.fill = fill
        self.generator = generator

    def apply(self, array: Any) -> Any:
        """Cut a part out."""
        image = array if self.padding is None else self.padding.apply(array)
        found = self._image_size(image)
        if self.pad_if_needed:
            image = _widened(image, found, self.size, self.fill)
        (height, width), (rows, columns) = image.shape[-2:], self.size
        if height < rows or width < columns:
            problem = f"the image is smaller than the part of {rows} x {columns} to cut from it"
            fix = "padding=..., or pad_if_needed=True"
            raise ShapeError(compose("RandomCrop", problem, {"image": array}, fix))
        rng = (self.generator or current_generator()).rng
        top, left = rng.integers((height - rows + 1, width - columns + 1)).tolist()
        return image[..., top : top + rows, left : left + columns]

    def __repr__(self) -> str:
        return f"RandomCrop({self.size}, padding={self.padding})"


def _widened(array: Any, found: tuple[int, int], wanted: tuple[int, int], fill: float) -> Any:
    """Enough at both sides for a part of the size wanted."""
    lacks = [max(want - have, 0) for have, want in zip(found, wanted, strict=True)]
    if not any(lacks):
        return array
    height, width = lacks
    sides = (width // 2, height // 2, width - width // 2, height - height // 2)
    return Pad(sides, fill).apply(array)


def _size(where: str, size: int | Sequence[int]) -> tuple[int, int]:
    height, width = (size, size) if isinstance(size, int) else size
    if min(height, width) <= 0:
        raise ArgumentError(compose(where, "size must be positive", {"size": size}))
    return height, width


def _sides(padding: int | Sequence[int]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom."""
    given = (padding,) if isinstance(padding, int) else tuple(padding)
    if len(given) not in (1, 2, 4) or min(given) < 0:
        problem = "padding must be one, two or four numbers of at least 0"
        raise ArgumentError(compose("Pad", problem, {"padding": padding}))
    left, top, right, bottom = (given * 4)[:4]
    return left, top, right, bottom
