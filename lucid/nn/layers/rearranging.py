"""Layers that rearrange: flatten and unflatten, pixels and channels."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.tensor import Tensor
from ...errors import DTypeError, compose
from ...ops.pixels import channel_shuffle, pixel_shuffle, pixel_unshuffle
from ...ops.shape import flatten, unflatten
from ..module import Module
from .sizes import whole


class Flatten(Module):
    """Several dimensions as one; by default all but the batch.

    Parameters
    ----------
    start_dim : int, default 1
    end_dim : int, default -1

    Examples
    --------
    >>> import lucid
    >>> Flatten()(lucid.ones(5, 2, 3)).shape
    (5, 6)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, ...)`` to ``(N, product of the rest)``."""
        return flatten(input, self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """The dimensions."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """One dimension as several.

    Parameters
    ----------
    dim : int
    unflattened_size : sequence of int
        The lengths; one of them may be -1, and follows from the others.

    Raises
    ------
    DTypeError
        If the dimension is given by name; tensors have none here.

    Examples
    --------
    >>> import lucid
    >>> Unflatten(1, (2, 3))(lucid.ones(5, 6)).shape
    (5, 2, 3)
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        super().__init__()
        if isinstance(dim, str):
            raise DTypeError(compose("Unflatten", "dimensions have no names", {"dim": dim}))
        self.dim = dim
        self.unflattened_size = unflattened_size

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(..., product of the lengths, ...)`` to ``(..., *lengths, ...)``."""
        return unflatten(input, self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        """The dimension and the lengths."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


class PixelShuffle(Module):
    """Channels laid out as pixels: r² channels become one of r times the height and width.

    Parameters
    ----------
    upscale_factor : int
        r.

    References
    ----------
    W. Shi et al., "Real-Time Single Image and Video Super-Resolution Using an Efficient
    Sub-Pixel Convolutional Neural Network", 2016.

    Examples
    --------
    >>> import lucid
    >>> PixelShuffle(2)(lucid.ones(1, 8, 3, 3)).shape
    (1, 2, 6, 6)
    """

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = whole("PixelShuffle", "upscale_factor", upscale_factor, least=1)

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(..., C * r * r, H, W)`` to ``(..., C, H * r, W * r)``."""
        return pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self) -> str:
        """The factor."""
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """Pixels laid out as channels: the way back of `PixelShuffle`.

    Parameters
    ----------
    downscale_factor : int
        r.

    Examples
    --------
    >>> import lucid
    >>> PixelUnshuffle(2)(lucid.ones(1, 2, 6, 6)).shape
    (1, 8, 3, 3)
    """

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        name = "downscale_factor"
        self.downscale_factor = whole("PixelUnshuffle", name, downscale_factor, least=1)

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(..., C, H * r, W * r)`` to ``(..., C * r * r, H, W)``."""
        return pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self) -> str:
        """The factor."""
        return f"downscale_factor={self.downscale_factor}"


class ChannelShuffle(Module):
    """Channels of several groups dealt out in turn, so that groups meet.

    Parameters
    ----------
    groups : int

    References
    ----------
    X. Zhang et al., "ShuffleNet: An Extremely Efficient Convolutional Neural Network for
    Mobile Devices", 2018.

    Examples
    --------
    >>> import lucid
    >>> ChannelShuffle(2)(lucid.arange(4.0).reshape(1, 4, 1)).flatten()
    Tensor([0.0000, 2.0000, 1.0000, 3.0000])
    """

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = whole("ChannelShuffle", "groups", groups, least=1)

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, ...)``, kept."""
        return channel_shuffle(input, self.groups)

    def extra_repr(self) -> str:
        """The groups."""
        return f"groups={self.groups}"
