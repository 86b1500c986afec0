"""Max pooling layers: the largest value of every window, and the way back.

Without parameters; the functions of `lucid.nn.functional` say what each of them computes.
"""

from __future__ import annotations

from typing import Any

from ...core.tensor import Tensor
from ...errors import ArgumentError, compose
from .. import functional as F
from ..module import Module

# ---- the largest ----------------------------------------------------------------------------


class _MaxPool(Module):
    """What the layers of `max_pool1d` and its like share."""

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def _arguments(self) -> tuple[Any, ...]:
        sizes = (self.kernel_size, self.stride, self.padding, self.dilation)
        return (*sizes, self.ceil_mode, self.return_indices)

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPool):
    """The largest value of every window that slides over the last dimension.

    Parameters
    ----------
    kernel_size : int or tuple of one
        Elements of a window.
    stride : int or tuple of one, optional
        From one window to the next; `kernel_size` unless given.
    padding : int or tuple of one, default 0
        Elements beyond each end, which are never chosen.
    dilation : int or tuple of one, default 1
        From one element of a window to the next.
    return_indices : bool, default False
        Also give where the values stand, for `MaxUnpool1d`.
    ceil_mode : bool, default False
        Also take a last window that reaches beyond the end.

    Examples
    --------
    >>> import lucid
    >>> MaxPool1d(2)(lucid.ones(1, 1, 6)).shape
    (1, 1, 3)
    """

    def forward(self, input: Tensor) -> Any:
        """Shape ``(N, C, L)`` to ``(N, C, L_out)``."""
        return F.max_pool1d(input, *self._arguments())


class MaxPool2d(_MaxPool):
    """The largest value of every window that slides over the last two dimensions.

    Parameters
    ----------
    kernel_size : int or tuple of two
        Elements of a window.
    stride : int or tuple of two, optional
        From one window to the next; `kernel_size` unless given.
    padding : int or tuple of two, default 0
        Elements beyond each end, which are never chosen.
    dilation : int or tuple of two, default 1
        From one element of a window to the next.
    return_indices : bool, default False
        Also give where the values stand, for `MaxUnpool2d`.
    ceil_mode : bool, default False
        Also take a last window that reaches beyond the end.

    Examples
    --------
    >>> import lucid
    >>> MaxPool2d(2)(lucid.ones(1, 1, 6, 6)).shape
    (1, 1, 3, 3)
    """

    def forward(self, input: Tensor) -> Any:
        """Shape ``(N, C, H, W)`` to ``(N, C, H_out, W_out)``."""
        return F.max_pool2d(input, *self._arguments())


class MaxPool3d(_MaxPool):
    """The largest value of every window that slides over the last three dimensions.

    Parameters
    ----------
    kernel_size : int or tuple of three
        Elements of a window.
    stride : int or tuple of three, optional
        From one window to the next; `kernel_size` unless given.
    padding : int or tuple of three, default 0
        Elements beyond each end, which are never chosen.
    dilation : int or tuple of three, default 1
        From one element of a window to the next.
    return_indices : bool, default False
        Also give where the values stand, for `MaxUnpool3d`.
    ceil_mode : bool, default False
        Also take a last window that reaches beyond the end.

    Examples
    --------
    >>> import lucid
    >>> MaxPool3d(2)(lucid.ones(1, 1, 6, 6, 6)).shape
    (1, 1, 3, 3, 3)
    """

    def forward(self, input: Tensor) -> Any:
        """Shape ``(N, C, D, H, W)`` to ``(N, C, D_out, H_out, W_out)``."""
        return F.max_pool3d(input, *self._arguments())


class _MaxUnpool(Module):
    """What the layers of `max_unpool1d` and its like share."""

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding

    def extra_repr(self) -> str:
        """The arguments."""
        sizes = f"kernel_size={self.kernel_size}, stride={self.stride}"
        return f"{sizes}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpool):
    """Lay the values that `MaxPool1d` chose back in their places, with zeros elsewhere.

    Parameters
    ----------
    kernel_size, stride, padding : int or tuple of one
        Those of the pooling layer.

    Examples
    --------
    >>> import lucid
    >>> values, places = MaxPool1d(2, return_indices=True)(lucid.ones(1, 1, 6))
    >>> MaxUnpool1d(2)(values, places).shape
    (1, 1, 6)
    """

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        """Shape ``(N, C, L)``, of both, to ``(N, C, L_out)``."""
        sizes = (self.kernel_size, self.stride, self.padding)
        return F.max_unpool1d(input, indices, *sizes, output_size)


class MaxUnpool2d(_MaxUnpool):
    """Lay the values that `MaxPool2d` chose back in their places, with zeros elsewhere.

    Parameters
    ----------
    kernel_size, stride, padding : int or tuple of two
        Those of the pooling layer.

    Examples
    --------
    >>> import lucid
    >>> values, places = MaxPool2d(2, return_indices=True)(lucid.ones(1, 1, 6, 6))
    >>> MaxUnpool2d(2)(values, places).shape
    (1, 1, 6, 6)
    """

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        """Shape ``(N, C, H, W)``, of both, to ``(N, C, H_out, W_out)``."""
        sizes = (self.kernel_size, self.stride, self.padding)
        return F.max_unpool2d(input, indices, *sizes, output_size)


class MaxUnpool3d(_MaxUnpool):
    """Lay the values that `MaxPool3d` chose back in their places, with zeros elsewhere.

    Parameters
    ----------
    kernel_size, stride, padding : int or tuple of three
        Those of the pooling layer.

    Examples
    --------
    >>> import lucid
    >>> values, places = MaxPool3d(2, return_indices=True)(lucid.ones(1, 1, 6, 6, 6))
    >>> MaxUnpool3d(2)(values, places).shape
    (1, 1, 6, 6, 6)
    """

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        """Shape ``(N, C, D, H, W)``, of both, to ``(N, C, D_out, H_out, W_out)``."""
        sizes = (self.kernel_size, self.stride, self.padding)
        return F.max_unpool3d(input, indices, *sizes, output_size)


class _FractionalMaxPool(Module):
    """What the layers of `fractional_max_pool2d` and its like share."""

    _random_samples: Tensor | None

    def __init__(
        self,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Tensor | None = None,
    ) -> None:
        super().__init__()
        if (output_size is None) == (output_ratio is None):
            problem = "one of output_size and output_ratio is needed"
            seen = {"output_size": output_size, "output_ratio": output_ratio}
            raise ArgumentError(compose(type(self).__name__, problem, seen))
        self.kernel_size = kernel_size
        self.output_size = output_size
        self.output_ratio = output_ratio
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)

    def _arguments(self) -> tuple[Any, ...]:
        sizes = (self.kernel_size, self.output_size, self.output_ratio)
        return (*sizes, self.return_indices, self._random_samples)


class FractionalMaxPool2d(_FractionalMaxPool):
    """The largest values of overlapping windows whose steps are random, by a ratio below 1.

    Parameters
    ----------
    kernel_size : int or tuple of two
        Elements of a window.
    output_size : int or tuple of two, optional
        How many windows.
    output_ratio : float or tuple of float, optional
        Their number as a share of the input's lengths, in place of it.
    return_indices : bool, default False
        Also give where the values stand.
    _random_samples : Tensor, optional
        Where the steps begin, between 0 and 1, shape ``(N, C, 2)``; drawn unless given.

    Raises
    ------
    ArgumentError
        If not just one of `output_size` and `output_ratio` is given.

    References
    ----------
    B. Graham, "Fractional Max-Pooling", 2014.

    Examples
    --------
    >>> import lucid
    >>> FractionalMaxPool2d(2, output_ratio=0.7)(lucid.ones(1, 1, 6, 6)).shape
    (1, 1, 4, 4)
    """

    def forward(self, input: Tensor) -> Any:
        """Shape ``(N, C, H, W)`` to ``(N, C, H_out, W_out)``."""
        return F.fractional_max_pool2d(input, *self._arguments())


class FractionalMaxPool3d(_FractionalMaxPool):
    """The largest values of overlapping windows whose steps are random, by a ratio below 1.

    Parameters
    ----------
    kernel_size : int or tuple of three
        Elements of a window.
    output_size : int or tuple of three, optional
        How many windows.
    output_ratio : float or tuple of float, optional
        Their number as a share of the input's lengths, in place of it.
    return_indices : bool, default False
        Also give where the values stand.
    _random_samples : Tensor, optional
        Where the steps begin, between 0 and 1, shape ``(N, C, 3)``; drawn unless given.

    Raises
    ------
    ArgumentError
        If not just one of `output_size` and `output_ratio` is given.

    References
    ----------
    B. Graham, "Fractional Max-Pooling", 2014.

    Examples
    --------
    >>> import lucid
    >>> FractionalMaxPool3d(2, output_ratio=0.7)(lucid.ones(1, 1, 6, 6, 6)).shape
    (1, 1, 4, 4, 4)
    """

    def forward(self, input: Tensor) -> Any:
        """Shape ``(N, C, D, H, W)`` to ``(N, C, D_out, H_out, W_out)``."""
        return F.fractional_max_pool3d(input, *self._arguments())


class _AdaptiveMaxPool(Module):
    """What the layers of `adaptive_max_pool1d` and its like share."""

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def extra_repr(self) -> str:
        """How many windows."""
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The largest values of windows that share out the last dimension.

    Parameters
    ----------
    output_size : int or tuple of one
        How many windows.
    return_indices : bool, default False
        Also give where the values stand.

    Examples
    --------
    >>> import lucid
    >>> AdaptiveMaxPool1d(4)(lucid.ones(1, 1, 6)).shape
    (1, 1, 4)
    """

    def forward(self, input: Tensor) -> Any:
        """Shape ``(N, C, L)`` to ``(N, C, *output_size)``."""
        return F.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The largest values of windows that share out the last two dimensions.

    Parameters
    ----------
    output_size : int or tuple of two
        How many windows; None for as many as elements.
    return_indices : bool, default False
        Also give where the values stand.

    Examples
    --------
    >>> import lucid
    >>> AdaptiveMaxPool2d(4)(lucid.ones(1, 1, 6, 6)).shape
    (1, 1, 4, 4)
    """

    def forward(self, input: Tensor) -> Any:
        """Shape ``(N, C, H, W)`` to ``(N, C, *output_size)``."""
        return F.adaptive_max_pool2d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """The largest values of windows that share out the last three dimensions.

    Parameters
    ----------
    output_size : int or tuple of three
        How many windows; None for as many as elements.
    return_indices : bool, default False
        Also give where the values stand.

    Examples
    --------
    >>> import lucid
    >>> AdaptiveMaxPool3d(4)(lucid.ones(1, 1, 6, 6, 6)).shape
    (1, 1, 4, 4, 4)
    """

    def forward(self, input: Tensor) -> Any:
        """Shape ``(N, C, D, H, W)`` to ``(N, C, *output_size)``."""
        return F.adaptive_max_pool3d(input, self.output_size, self.return_indices)
