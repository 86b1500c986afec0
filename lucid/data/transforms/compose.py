"""`Transform`, the base of all, and transforms one after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...core.tensor import Tensor, wrap
from ...dtypes import is_differentiable
from ...errors import DTypeError, ShapeError, compose


class Transform:
    """Base of the transforms: arrays in, arrays out; tensors in, tensors out.

    A subclass defines ``apply(array)`` on a NumPy array, which it must not change.

    Examples
    --------
    >>> import lucid
    >>> from lucid.data.transforms import Transform
    >>> class Double(Transform):
    ...     def apply(self, array):
    ...         return array * 2
    >>> Double()(lucid.tensor([1.0]))
    Tensor([2.0000])
    """

    def apply(self, array: Any) -> Any:
        """What the transform does to an array."""
        raise NotImplementedError(f"{type(self).__name__} must define apply")

    def __call__(self, data: Any) -> Any:
        return self._through(self.apply, data)

    def _through(self, function: Callable[[Any], Any], data: Any) -> Any:
        """Call a function of arrays on an array or a tensor."""
        if isinstance(data, Tensor):
            return wrap(np.ascontiguousarray(function(data.data)))
        if isinstance(data, np.ndarray):
            return function(data)
        problem = f"takes tensors and arrays, not {type(data).__name__}"
        raise DTypeError(compose(type(self).__name__, problem, {"data": data}, "ToTensor() first"))

    def _image_size(self, array: Any) -> tuple[int, int]:
        """Height and width.

        Raises
        ------
        ShapeError
            If it is no image.
        """
        if array.ndim < 2:
            problem = "an image has the shape [..., height, width]"
            raise ShapeError(compose(type(self).__name__, problem, {"image": array}))
        height, width = array.shape[-2:]
        return height, width


class Compose:
    """Transforms one after another.

    Parameters
    ----------
    transforms : sequence of callable

    Examples
    --------
    >>> import numpy as np
    >>> from lucid.data.transforms import Compose, Normalize, ToTensor
    >>> image = np.full((2, 2, 1), 255, np.uint8)
    >>> Compose([ToTensor(), Normalize(mean=[0.5], std=[0.5])])(image)
    Tensor([[[1.0000, 1.0000],
             [1.0000, 1.0000]]])
    """

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = list(transforms)

    def __call__(self, data: Any) -> Any:
        for transform in self.transforms:
            data = transform(data)
        return data

    def __repr__(self) -> str:
        return f"Compose({self.transforms!r})"


class ToTensor:
    """From an image as files have it to a tensor as layers take it.

    ``[height, width, channels]`` or ``[height, width]`` becomes ``[channels, height, width]``;
    bytes become float32 in ``[0, 1]``, everything else keeps its numbers.

    Raises
    ------
    ShapeError
        If the data have neither two nor three dimensions.

    Examples
    --------
    >>> import numpy as np
    >>> from lucid.data.transforms import ToTensor
    >>> ToTensor()(np.zeros((4, 6, 3), np.uint8)).shape
    (3, 4, 6)
    """

    def __call__(self, image: Any) -> Tensor:
        array = np.asarray(image.data if isinstance(image, Tensor) else image)
        if array.ndim not in (2, 3):
            problem = "an image has the shape [height, width] or [height, width, channels]"
            raise ShapeError(compose("ToTensor", problem, {"image": array}))
        array = array[None] if array.ndim == 2 else array.transpose(2, 0, 1)
        if array.dtype == np.uint8:
            return wrap(np.ascontiguousarray(array) * np.float32(1 / 255))
        return wrap(array.copy())


def as_floats(array: Any) -> Any:
    """The array in its own floating dtype, or in float32."""
    return array if is_differentiable(array.dtype) else array.astype(np.float32)
