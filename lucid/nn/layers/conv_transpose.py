"""Transposed convolution: layers that make lines, planes and volumes larger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...core.tensor import Tensor
from ...errors import ArgumentError, compose
from ...ops.conv_transpose import conv_transpose1d, conv_transpose2d, conv_transpose3d
from .conv import _ConvNd


class _ConvTranspose(_ConvNd):
    """The constructor of `ConvTranspose1d` to `ConvTranspose3d`, and the size they lead to."""

    transposed = True
    padding: tuple[int, ...]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros":
            problem = "padding_mode must be 'zeros'"
            raise ArgumentError(
                compose(type(self).__name__, problem, {"padding_mode": padding_mode})
            )
        if isinstance(padding, str):
            problem = "padding must be an integer, or a tuple of them"
            raise ArgumentError(compose(type(self).__name__, problem, {"padding": padding}))
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            output_padding,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def _more(self, input: Tensor, output_size: Sequence[int] | None) -> tuple[int, ...]:
        """The output padding that leads to `output_size`.

        Raises
        ------
        ArgumentError
            If none does.
        """
        if output_size is None or not isinstance(input, Tensor):
            return self.output_padding
        dims, wanted = self.dims, tuple(output_size)
        if len(wanted) == input.ndim:
            wanted = wanted[-dims:]
        where, seen = type(self).__name__, {"output_size": output_size, "input": input}
        if len(wanted) != dims:
            problem = f"output_size must have {dims} or {input.ndim} numbers"
            raise ArgumentError(compose(where, problem, seen))
        least = [
            (n - 1) * s - 2 * p + d * (k - 1) + 1
            for n, s, p, d, k in zip(
                input.shape[-dims:],
                self.stride,
                self.padding,
                self.dilation,
                self.kernel_size,
                strict=True,
            )
        ]
        most = [n + s - 1 for n, s in zip(least, self.stride, strict=True)]
        if any(not a <= n <= b for a, n, b in zip(least, wanted, most, strict=True)):
            problem = f"output_size must lie between {least} and {most} for this input"
            raise ArgumentError(compose(where, problem, seen))
        return tuple(n - a for n, a in zip(wanted, least, strict=True))


class ConvTranspose1d(_ConvTranspose):
    r"""Transposed convolution over lines: lays a scaled kernel down at every place, and adds up.

    It is the gradient of a convolution of the same arguments towards its input, and makes long
    lines from short ones.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int or tuple of int
    stride : int or tuple of int, default 1
        How far apart the kernels are laid down.
    padding : int or tuple of int, default 0
        How much is cut off the output at both ends.
    output_padding : int or tuple of int, default 0
        How much longer the output is at its end.
    groups : int, default 1
        Input and output channels are divided into so many groups.
    bias : bool, default True
    dilation : int or tuple of int, default 1
        The distance between the kernel's elements.
    padding_mode : {"zeros"}
    device : {"cpu"}, optional
    dtype : dtype, optional

    Attributes
    ----------
    weight : Parameter
        Shape ``(in_channels, out_channels / groups, kernel_size)``, drawn uniformly within one
        over the root of ``out_channels / groups * kernel_size``.
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
    The input has shape ``(N, C, L)`` or ``(C, L)``; see `lucid.nn.functional.conv_transpose1d`.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> layer = nn.ConvTranspose1d(2, 8, kernel_size=3, stride=2, padding=1)
    >>> layer(lucid.ones(5, 2, 8)).shape
    (5, 8, 15)
    >>> layer(lucid.ones(5, 2, 8), output_size=(16,)).shape
    (5, 8, 16)
    """

    dims = 1

    def forward(self, input: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        """Shape ``(N, C, L)`` or ``(C, L)``, to other channels and `output_size`."""
        more = self._more(input, output_size)
        return conv_transpose1d(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            more,
            self.groups,
            self.dilation,
        )


class ConvTranspose2d(_ConvTranspose):
    """Transposed convolution over planes: `ConvTranspose1d` in two dimensions.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int or tuple of int
    stride, padding, output_padding, groups, bias, dilation, padding_mode, device, dtype
        See `ConvTranspose1d`; one number for both dimensions, or a tuple of two.

    Attributes
    ----------
    weight : Parameter
        Shape ``(in_channels, out_channels / groups, *kernel_size)``.
    bias : Parameter or None
        Shape ``(out_channels,)``.

    Raises
    ------
    DTypeError, ArgumentError
        As `ConvTranspose1d`.

    Notes
    -----
    The input has shape ``(N, C, H, W)`` or ``(C, H, W)``.

    References
    ----------
    M. D. Zeiler et al., "Deconvolutional Networks", 2010.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.ConvTranspose2d(8, 3, kernel_size=4, stride=2, padding=1)(lucid.ones(5, 8, 16, 16)).shape
    (5, 3, 32, 32)
    """

    dims = 2

    def forward(self, input: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        """Shape ``(N, C, H, W)`` or ``(C, H, W)``, to other channels and `output_size`."""
        more = self._more(input, output_size)
        return conv_transpose2d(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            more,
            self.groups,
            self.dilation,
        )


class ConvTranspose3d(_ConvTranspose):
    """Transposed convolution over volumes: `ConvTranspose1d` in three dimensions.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int or tuple of int
    stride, padding, output_padding, groups, bias, dilation, padding_mode, device, dtype
        See `ConvTranspose1d`; one number for all dimensions, or a tuple of three.

    Attributes
    ----------
    weight : Parameter
        Shape ``(in_channels, out_channels / groups, *kernel_size)``.
    bias : Parameter or None
        Shape ``(out_channels,)``.

    Raises
    ------
    DTypeError, ArgumentError
        As `ConvTranspose1d`.

    Notes
    -----
    The input has shape ``(N, C, D, H, W)`` or ``(C, D, H, W)``.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.ConvTranspose3d(4, 1, kernel_size=2, stride=2)(lucid.ones(2, 4, 3, 3, 3)).shape
    (2, 1, 6, 6, 6)
    """

    dims = 3

    def forward(self, input: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        """Shape ``(N, C, D, H, W)`` or ``(C, D, H, W)``, to other channels and `output_size`."""
        more = self._more(input, output_size)
        return conv_transpose3d(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            more,
            self.groups,
            self.dilation,
        )
