"""Average pooling layers: the mean, or a power mean, of every window.

Without parameters; the functions of `lucid.nn.functional` say what each of them computes.
"""

from __future__ import annotations

from typing import Any

from ...core.tensor import Tensor
from ...ops.numbers import integers
from .. import functional as F
from ..module import Module


class _AvgPool(Module):
    """What the layers of `avg_pool1d` and its like share."""

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def _arguments(self) -> Any:
        sizes = (self.kernel_size, self.stride, self.padding)
        return (*sizes, self.ceil_mode, self.count_include_pad)

    def extra_repr(self) -> str:
        """The sizes."""
        sizes = f"kernel_size={self.kernel_size}, stride={self.stride}"
        return f"{sizes}, padding={self.padding}"


class AvgPool1d(_AvgPool):
    """The mean of every window that slides over the last dimension.

    Parameters
    ----------
    kernel_size : int or tuple of one
        Elements of a window.
    stride : int or tuple of one, optional
        From one window to the next; `kernel_size` unless given.
    padding : int or tuple of one, default 0
        Zeros beyond each end.
    ceil_mode : bool, default False
        Also take a last window that reaches beyond the end.
    count_include_pad : bool, default True
        Whether the zeros of the padding count in the mean.

    Examples
    --------
    >>> import lucid
    >>> AvgPool1d(2)(lucid.tensor([[1.0, 3.0, 2.0, 5.0]]))
    Tensor([[2.0000, 3.5000]])
    """

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        size = integers("AvgPool1d", "kernel_size", kernel_size, 1)
        step = size if stride is None else integers("AvgPool1d", "stride", stride, 1)
        rim = integers("AvgPool1d", "padding", padding, 1)
        super().__init__(size, step, rim, ceil_mode, count_include_pad)

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, L)`` to ``(N, C, L_out)``."""
        return F.avg_pool1d(input, *self._arguments())


class AvgPool2d(_AvgPool):
    """The mean of every window that slides over the last two dimensions.

    Parameters
    ----------
    kernel_size : int or tuple of two
        Elements of a window.
    stride : int or tuple of two, optional
        From one window to the next; `kernel_size` unless given.
    padding : int or tuple of two, default 0
        Zeros beyond each end.
    ceil_mode : bool, default False
        Also take a last window that reaches beyond the end.
    count_include_pad : bool, default True
        Whether the zeros of the padding count in the mean.
    divisor_override : int, optional
        Divide the sums by this, and not by the number of elements.

    Examples
    --------
    >>> import lucid
    >>> AvgPool2d(2)(lucid.tensor([[[1.0, 3.0], [2.0, 5.0]]]))
    Tensor([[[2.7500]]])
    """

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)
        self.divisor_override = divisor_override

    def _arguments(self) -> Any:
        return (*super()._arguments(), self.divisor_override)

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, H, W)`` to ``(N, C, H_out, W_out)``."""
        return F.avg_pool2d(input, *self._arguments())


class AvgPool3d(AvgPool2d):
    """The mean of every window that slides over the last three dimensions.

    Parameters
    ----------
    kernel_size, stride, padding : int or tuple of three
    ceil_mode, count_include_pad : bool
    divisor_override : int, optional
        All as those of `AvgPool2d`.

    Examples
    --------
    >>> import lucid
    >>> AvgPool3d(2)(lucid.ones(1, 4, 4, 6)).shape
    (1, 2, 2, 3)
    """

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, D, H, W)`` to ``(N, C, D_out, H_out, W_out)``."""
        return F.avg_pool3d(input, *self._arguments())


# ---- windows that share out the input --------------------------------------------------------


class _AdaptivePool(Module):
    """What the adaptive layers share."""

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def extra_repr(self) -> str:
        """How many windows."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptivePool):
    """The means of windows that share out the last dimension.

    Parameters
    ----------
    output_size : int or tuple of one
        How many windows.

    Examples
    --------
    >>> import lucid
    >>> AdaptiveAvgPool1d(1)(lucid.ones(1, 1, 6)).shape
    (1, 1, 1)
    """

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, L)`` to ``(N, C, *output_size)``."""
        return F.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(_AdaptivePool):
    """The means of windows that share out the last two dimensions.

    Parameters
    ----------
    output_size : int or tuple of two
        How many windows; None for as many as elements.

    Examples
    --------
    >>> import lucid
    >>> AdaptiveAvgPool2d(1)(lucid.ones(1, 1, 6, 6)).shape
    (1, 1, 1, 1)
    """

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, H, W)`` to ``(N, C, *output_size)``."""
        return F.adaptive_avg_pool2d(input, self.output_size)


class AdaptiveAvgPool3d(_AdaptivePool):
    """The means of windows that share out the last three dimensions.

    Parameters
    ----------
    output_size : int or tuple of three
        How many windows; None for as many as elements.

    Examples
    --------
    >>> import lucid
    >>> AdaptiveAvgPool3d(1)(lucid.ones(1, 1, 6, 6, 6)).shape
    (1, 1, 1, 1, 1)
    """

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, D, H, W)`` to ``(N, C, *output_size)``."""
        return F.adaptive_avg_pool3d(input, self.output_size)


# ---- power means ----------------------------------------------------------------------------


class _LPPool(Module):
    """What the layers of `lp_pool1d` and its like share."""

    def __init__(
        self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
    ) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}, ceil_mode={self.ceil_mode}"
        )


class LPPool1d(_LPPool):
    """The p-norm of every window that slides over the last dimension, signs left in.

    Parameters
    ----------
    norm_type : float
        The power p.
    kernel_size : int or tuple of one
        Elements of a window.
    stride : int or tuple of one, optional
        From one window to the next; `kernel_size` unless given.
    ceil_mode : bool, default False
        Also take a last window that reaches beyond the end.

    Examples
    --------
    >>> import lucid
    >>> LPPool1d(2, 3)(lucid.ones(1, 1, 6)).shape
    (1, 1, 2)
    """

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, L)`` to ``(N, C, L_out)``."""
        sizes = (self.kernel_size, self.stride)
        return F.lp_pool1d(input, float(self.norm_type), *sizes, self.ceil_mode)


class LPPool2d(_LPPool):
    """The p-norm of every window that slides over the last two dimensions, signs left in.

    Parameters
    ----------
    norm_type : float
        The power p.
    kernel_size : int or tuple of two
        Elements of a window.
    stride : int or tuple of two, optional
        From one window to the next; `kernel_size` unless given.
    ceil_mode : bool, default False
        Also take a last window that reaches beyond the end.

    Examples
    --------
    >>> import lucid
    >>> LPPool2d(2, 3)(lucid.ones(1, 1, 6, 6)).shape
    (1, 1, 2, 2)
    """

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, H, W)`` to ``(N, C, H_out, W_out)``."""
        sizes = (self.kernel_size, self.stride)
        return F.lp_pool2d(input, float(self.norm_type), *sizes, self.ceil_mode)


class LPPool3d(_LPPool):
    """The p-norm of every window that slides over the last three dimensions, signs left in.

    Parameters
    ----------
    norm_type : float
        The power p.
    kernel_size : int or tuple of three
        Elements of a window.
    stride : int or tuple of three, optional
        From one window to the next; `kernel_size` unless given.
    ceil_mode : bool, default False
        Also take a last window that reaches beyond the end.

    Examples
    --------
    >>> import lucid
    >>> LPPool3d(2, 3)(lucid.ones(1, 1, 6, 6, 6)).shape
    (1, 1, 2, 2, 2)
    """

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, D, H, W)`` to ``(N, C, D_out, H_out, W_out)``."""
        sizes = (self.kernel_size, self.stride)
        return F.lp_pool3d(input, float(self.norm_type), *sizes, self.ceil_mode)
