"""Convolutional layers over lines, planes and volumes."""

from __future__ import annotations

import math
from typing import Any

from ...core.tensor import Tensor
from ...errors import ArgumentError, compose
from ...ops.conv import conv1d, conv2d, conv3d
from ...ops.conv_arguments import each, pads
from ...ops.creation import empty
from ...ops.padding import pad
from .. import init
from ..module import Module
from ..parameter import Parameter
from .sizes import whole

MODES = ("zeros", "reflect", "replicate", "circular")


class _ConvNd(Module):
    """What all convolutional layers share: sizes, parameters, and how they print.

    Attributes
    ----------
    transposed : bool
        Whether the layer goes from a convolution's output to its input.
    """

    dims: int
    transposed = False

    in_channels: int
    out_channels: int
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...] | str
    dilation: tuple[int, ...]
    output_padding: tuple[int, ...]
    groups: int
    padding_mode: str
    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        dilation: Any,
        output_padding: Any,
        groups: int,
        bias: bool,
        padding_mode: str,
        device: str | None,
        dtype: Any,
    ) -> None:
        super().__init__()
        where, dims = type(self).__name__, self.dims
        self.in_channels = whole(where, "in_channels", in_channels)
        self.out_channels = whole(where, "out_channels", out_channels)
        self.groups = whole(where, "groups", groups, least=1)
        self._check_groups()
        self.kernel_size = each(where, "kernel_size", kernel_size, dims)
        self.stride = each(where, "stride", stride, dims)
        self.dilation = each(where, "dilation", dilation, dims)
        self.output_padding = each(where, "output_padding", output_padding, dims, least=0)
        around = pads(where, padding, self.kernel_size, self.stride, self.dilation)
        self.padding = padding if isinstance(padding, str) else tuple(low for low, _ in around)
        if padding_mode not in MODES:
            problem = f"padding_mode must be one of {', '.join(MODES)}"
            raise ArgumentError(compose(where, problem, {"padding_mode": padding_mode}))
        self.padding_mode = padding_mode
        self._widths = tuple(n for both in reversed(around) for n in both)  # as `pad` has them
        self.weight = Parameter(empty(self._weight_shape(), dtype=dtype, device=device))
        if bias:
            self.bias = Parameter(empty(out_channels, dtype=dtype, device=device))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def _check_groups(self) -> None:
        for name in ("in_channels", "out_channels"):
            count = getattr(self, name)
            if count % self.groups:
                problem = f"{name} must be a multiple of groups"
                seen = {name: count, "groups": self.groups}
                raise ArgumentError(compose(type(self).__name__, problem, seen))

    def _weight_shape(self) -> tuple[int, ...]:
        outer, inner = self.out_channels, self.in_channels
        if self.transposed:
            outer, inner = inner, outer
        return (outer, inner // self.groups, *self.kernel_size)

    def reset_parameters(self) -> None:
        """Draw weight and bias anew, uniformly within one over the root of the fan-in."""
        if not self.weight.data.size:
            return
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(init.fans(self.weight)[0])
            init.uniform_(self.bias, -bound, bound)

    def _padded(self, input: Tensor) -> tuple[Tensor, Any]:
        """The input, and the zeros that the convolution still has to put around it."""
        if self.padding_mode == "zeros":
            return input, self.padding
        return pad(input, self._widths, self.padding_mode), 0

    def extra_repr(self) -> str:
        """The sizes, and what differs from the defaults."""
        text = (
            f"{self.in_channels}, {self.out_channels}, "
            f"kernel_size={self.kernel_size}, stride={self.stride}"
        )
        for name, default in (("padding", 0), ("dilation", 1), ("output_padding", 0)):
            value = getattr(self, name)
            if value != (default,) * self.dims:
                text += f", {name}={value}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        if self.padding_mode != "zeros":
            text += f", padding_mode={self.padding_mode}"
        return text


class _Conv(_ConvNd):
    """The constructor of `Conv1d` to `Conv3d`."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            0,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )


class Conv1d(_Conv):
    r"""Convolution over lines.

    .. math:: y_{n,o}(p) = b_o + \sum_{c,k} w_{o,c}(k)\; x_{n,c}(s p + d k - \mathrm{padding})

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int or tuple of int
    stride : int or tuple of int, default 1
        How far apart the places are where the kernel is laid on the input.
    padding : int, tuple of int, "same" or "valid", default 0
        How many values are put before and after the input; ``"same"`` keeps its length.
    dilation : int or tuple of int, default 1
        The distance between the kernel's elements.
    groups : int, default 1
        Input and output channels are divided into so many groups, each convolved by itself;
        as many as there are input channels make the convolution depthwise.
    bias : bool, default True
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
        What is put around the input.
    device : {"cpu"}, optional
    dtype : dtype, optional

    Attributes
    ----------
    weight : Parameter
        Shape ``(out_channels, in_channels / groups, kernel_size)``, drawn uniformly within one
        over the root of ``in_channels / groups * kernel_size``.
    bias : Parameter or None
        Shape ``(out_channels,)``, drawn likewise.

    Raises
    ------
    DTypeError
        If a size is not an integer.
    ArgumentError
        If a size is out of its range, or the channels do not divide into the groups.

    Notes
    -----
    The input has shape ``(N, C, L)`` or ``(C, L)``; see `lucid.nn.functional.conv1d`.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.Conv1d(2, 8, kernel_size=3, stride=2, padding=1)(lucid.ones(5, 2, 16)).shape
    (5, 8, 8)
    """

    dims = 1

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, L)`` or ``(C, L)``, to other channels and another length."""
        input, padding = self._padded(input)
        return conv1d(
            input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups
        )


class Conv2d(_Conv):
    """Convolution over planes, such as images: `Conv1d` in two dimensions.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int or tuple of int
    stride, padding, dilation, groups, bias, padding_mode, device, dtype
        See `Conv1d`; one number for both dimensions, or a tuple of two.

    Attributes
    ----------
    weight : Parameter
        Shape ``(out_channels, in_channels / groups, *kernel_size)``.
    bias : Parameter or None
        Shape ``(out_channels,)``.

    Raises
    ------
    DTypeError, ArgumentError
        As `Conv1d`.

    Notes
    -----
    The input has shape ``(N, C, H, W)`` or ``(C, H, W)``.

    References
    ----------
    Y. LeCun et al., "Gradient-Based Learning Applied to Document Recognition", 1998.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> layer = nn.Conv2d(3, 8, kernel_size=3, padding="same")
    >>> layer
    Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding=same)
    >>> layer(lucid.ones(5, 3, 32, 32)).shape
    (5, 8, 32, 32)
    """

    dims = 2

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, H, W)`` or ``(C, H, W)``, to other channels and another size."""
        input, padding = self._padded(input)
        return conv2d(
            input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups
        )


class Conv3d(_Conv):
    """Convolution over volumes: `Conv1d` in three dimensions.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int or tuple of int
    stride, padding, dilation, groups, bias, padding_mode, device, dtype
        See `Conv1d`; one number for all dimensions, or a tuple of three.

    Attributes
    ----------
    weight : Parameter
        Shape ``(out_channels, in_channels / groups, *kernel_size)``.
    bias : Parameter or None
        Shape ``(out_channels,)``.

    Raises
    ------
    DTypeError, ArgumentError
        As `Conv1d`.

    Notes
    -----
    The input has shape ``(N, C, D, H, W)`` or ``(C, D, H, W)``.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.Conv3d(1, 4, kernel_size=(1, 3, 3))(lucid.ones(2, 1, 5, 8, 8)).shape
    (2, 4, 5, 6, 6)
    """

    dims = 3

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, D, H, W)`` or ``(C, D, H, W)``, to other channels and another size."""
        input, padding = self._padded(input)
        return conv3d(
            input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups
        )
