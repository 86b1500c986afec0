"""Convolutional layers that take the number of their input channels from the first input."""

from __future__ import annotations

from typing import Any

from ...errors import ShapeError, compose, not_a_tensor
from ..lazy import LazyModuleMixin
from ..parameter import UninitializedParameter
from .conv import Conv1d, Conv2d, Conv3d, _ConvNd
from .conv_transpose import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d


class _LazyConvNd(LazyModuleMixin, _ConvNd):
    """The constructor, and the parameters, of all lazy convolutional layers."""

    def __init__(
        self,
        out_channels: int,
        kernel_size: Any,
        *args: Any,
        bias: bool = True,
        device: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        where = {"device": device, "dtype": dtype}
        # The finished layer's own constructor, with no channels and no bias for the time being.
        super().__init__(0, out_channels, kernel_size, *args, bias=False, **where, **kwargs)  # type: ignore[misc]
        self.weight = UninitializedParameter(**where)
        if bias:
            self.bias = UninitializedParameter(**where)

    def initialize_parameters(self, input: Any) -> None:
        """Take the channels from an input, and draw the parameters.

        Raises
        ------
        ShapeError
            If the input has too few or too many dimensions.
        ArgumentError
            If its channels do not divide into the groups.
        """
        where, dims = type(self).__name__, self.dims
        if not isinstance(self.weight, UninitializedParameter):  # it came from a state
            channels = (
                self.weight.shape[0] if self.transposed else self.weight.shape[1] * self.groups
            )
            self.in_channels = channels
            return
        if not hasattr(input, "ndim"):
            raise not_a_tensor(where, input)
        if input.ndim not in (dims + 1, dims + 2):
            problem = f"the input must have {dims + 1} or {dims + 2} dimensions, (N, C, ...)"
            raise ShapeError(compose(where, problem, {"input": input}))
        self.in_channels = input.shape[-1 - dims]
        self._check_groups()
        self.weight.materialize(self._weight_shape())
        if isinstance(self.bias, UninitializedParameter):
            self.bias.materialize((self.out_channels,))
        self.reset_parameters()


class LazyConv1d(_LazyConvNd, Conv1d):
    """A `Conv1d` that takes `in_channels` from its first input.

    Parameters
    ----------
    out_channels : int
    kernel_size : int or tuple of int
    *args, **kwargs
        The further arguments of `Conv1d`.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.LazyConv1d(8, kernel_size=3)(lucid.ones(5, 2, 16)).shape
    (5, 8, 14)
    """

    cls_to_become = Conv1d


class LazyConv2d(_LazyConvNd, Conv2d):
    """A `Conv2d` that takes `in_channels` from its first input.

    Parameters
    ----------
    out_channels : int
    kernel_size : int or tuple of int
    *args, **kwargs
        The further arguments of `Conv2d`.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.LazyConv2d(8, kernel_size=3)(lucid.ones(5, 2, 16, 16)).shape
    (5, 8, 14, 14)
    """

    cls_to_become = Conv2d


class LazyConv3d(_LazyConvNd, Conv3d):
    """A `Conv3d` that takes `in_channels` from its first input.

    Parameters
    ----------
    out_channels : int
    kernel_size : int or tuple of int
    *args, **kwargs
        The further arguments of `Conv3d`.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.LazyConv3d(8, kernel_size=3)(lucid.ones(5, 2, 8, 8, 8)).shape
    (5, 8, 6, 6, 6)
    """

    cls_to_become = Conv3d


class LazyConvTranspose1d(_LazyConvNd, ConvTranspose1d):
    """A `ConvTranspose1d` that takes `in_channels` from its first input.

    Parameters
    ----------
    out_channels : int
    kernel_size : int or tuple of int
    *args, **kwargs
        The further arguments of `ConvTranspose1d`.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.LazyConvTranspose1d(8, kernel_size=3)(lucid.ones(5, 2, 16)).shape
    (5, 8, 18)
    """

    cls_to_become = ConvTranspose1d


class LazyConvTranspose2d(_LazyConvNd, ConvTranspose2d):
    """A `ConvTranspose2d` that takes `in_channels` from its first input.

    Parameters
    ----------
    out_channels : int
    kernel_size : int or tuple of int
    *args, **kwargs
        The further arguments of `ConvTranspose2d`.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.LazyConvTranspose2d(8, kernel_size=3)(lucid.ones(5, 2, 16, 16)).shape
    (5, 8, 18, 18)
    """

    cls_to_become = ConvTranspose2d


class LazyConvTranspose3d(_LazyConvNd, ConvTranspose3d):
    """A `ConvTranspose3d` that takes `in_channels` from its first input.

    Parameters
    ----------
    out_channels : int
    kernel_size : int or tuple of int
    *args, **kwargs
        The further arguments of `ConvTranspose3d`.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.LazyConvTranspose3d(8, kernel_size=3)(lucid.ones(5, 2, 8, 8, 8)).shape
    (5, 8, 10, 10, 10)
    """

    cls_to_become = ConvTranspose3d
