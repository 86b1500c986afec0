"""Layers that give images, sequences and volumes another size."""

from __future__ import annotations

from typing import Any

from ...core.tensor import Tensor
from ..functional import interpolate
from ..module import Module


class Upsample(Module):
    """A sequence, image or volume in another size; see `lucid.nn.functional.interpolate`.

    Parameters
    ----------
    size : int or tuple of int, optional
        The lengths that are wanted.
    scale_factor : float or tuple of float, optional
        Or by what the lengths are multiplied, rounded down.
    mode : str, default "nearest"
        ``"nearest"``, ``"linear"``, ``"bilinear"``, ``"bicubic"`` or ``"trilinear"``.
    align_corners : bool, optional
        Of the linear and cubic modes: whether the centres of the outermost elements lie on each
        other.
    recompute_scale_factor : bool, optional
        Whether the coordinates follow from the lengths, which are rounded.

    Examples
    --------
    >>> import lucid
    >>> Upsample(scale_factor=2)(lucid.tensor([[[1.0, 2.0]]]))
    Tensor([[[1.0000, 1.0000, 2.0000, 2.0000]]])
    """

    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        self.size = size
        if isinstance(scale_factor, tuple):
            self.scale_factor: Any = tuple(float(factor) for factor in scale_factor)
        else:
            self.scale_factor = None if scale_factor is None else float(scale_factor)
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, ...)``, with other lengths after the channels."""
        return interpolate(
            input,
            self.size,
            self.scale_factor,
            self.mode,
            self.align_corners,
            self.recompute_scale_factor,
        )

    def extra_repr(self) -> str:
        """The size or the scale, and the mode."""
        if self.scale_factor is not None:
            return f"scale_factor={self.scale_factor}, mode={self.mode!r}"
        return f"size={self.size}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """`Upsample` of images by the nearest element.

    Parameters
    ----------
    size : int or tuple of two, optional
    scale_factor : float or tuple of two, optional

    Examples
    --------
    >>> import lucid
    >>> UpsamplingNearest2d(scale_factor=2)(lucid.ones(1, 1, 2, 3)).shape
    (1, 1, 4, 6)
    """

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """`Upsample` of images, bilinear with corners aligned.

    Parameters
    ----------
    size : int or tuple of two, optional
    scale_factor : float or tuple of two, optional

    Examples
    --------
    >>> import lucid
    >>> UpsamplingBilinear2d(size=(1, 3))(lucid.tensor([[[[1.0, 2.0]]]]))
    Tensor([[[[1.0000, 1.5000, 2.0000]]]])
    """

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)
