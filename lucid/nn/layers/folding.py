"""Layers that take images apart into patches, and put them together again."""

from __future__ import annotations

from typing import Any

from ...core.tensor import Tensor
from ...ops.patches import fold, unfold
from ..module import Module


class Unfold(Module):
    """The patches of images that a moving window sees, as columns.

    Parameters
    ----------
    kernel_size : int or tuple of int
        Size of the patches.
    dilation, padding, stride : int or tuple of int
        The distance of a patch's elements, zeros around the image, and the window's step.

    Raises
    ------
    ShapeError, ArgumentError
        As `lucid.nn.functional.unfold`, when it is called.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.Unfold(kernel_size=2)(lucid.ones(1, 3, 4, 5)).shape  # 3 * 2 * 2 values, 3 * 4 places
    (1, 12, 12)
    """

    def __init__(
        self, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
    ) -> None:
        super().__init__()
        self.kernel_size, self.dilation = kernel_size, dilation
        self.padding, self.stride = padding, stride

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, H, W)`` to ``(N, C K K', P)``; or both without `N`."""
        return unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"kernel_size={self.kernel_size}, dilation={self.dilation}, "
            f"padding={self.padding}, stride={self.stride}"
        )


class Fold(Module):
    """Images as the sum of patches, laid where `Unfold` would have taken them from.

    Parameters
    ----------
    output_size : int or tuple of int
        Height and width of the images.
    kernel_size : int or tuple of int
        Size of the patches.
    dilation, padding, stride : int or tuple of int
        As for `Unfold`.

    Raises
    ------
    ShapeError, ArgumentError
        As `lucid.nn.functional.fold`, when it is called.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.Fold(output_size=(4, 5), kernel_size=2)(lucid.ones(1, 12, 12)).shape
    (1, 3, 4, 5)
    """

    def __init__(
        self,
        output_size: Any,
        kernel_size: Any,
        dilation: Any = 1,
        padding: Any = 0,
        stride: Any = 1,
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size, self.dilation = kernel_size, dilation
        self.padding, self.stride = padding, stride

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C K K', P)`` to ``(N, C, H, W)``; or both without `N`."""
        return fold(
            input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride
        )

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"output_size={self.output_size}, kernel_size={self.kernel_size}, "
            f"dilation={self.dilation}, padding={self.padding}, stride={self.stride}"
        )
