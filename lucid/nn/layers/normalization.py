"""Normalising layers over the features of every example: layer norm, RMS norm, groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...core.tensor import Tensor
from ...errors import ArgumentError, compose
from ...ops.creation import ones, zeros
from ...ops.group_norm import group_norm
from ...ops.norm import layer_norm
from ...ops.response_norm import local_response_norm
from ...ops.rms_norm import rms_norm
from .. import init
from ..module import Module
from ..parameter import Parameter
from .sizes import whole


class LayerNorm(Module):
    r"""Bring the features of every example to mean 0 and variance 1.

    .. math:: y = \frac{x - \mathrm{E}[x]}{\sqrt{\mathrm{Var}[x] + \epsilon}} \, w + b

    Parameters
    ----------
    normalized_shape : int or sequence of int
        The trailing dimensions of the input that are normalised together.
    eps : float, default 1e-5
        Added to the variance.
    elementwise_affine : bool, default True
        Whether there are a weight and a bias.
    bias : bool, default True
        Whether there is a bias beside the weight.
    device : {"cpu"}, optional
    dtype : dtype, optional

    Attributes
    ----------
    weight, bias : Parameter or None
        :math:`w` and :math:`b`, shape `normalized_shape`, ones and zeros at the start.

    Raises
    ------
    ShapeError
        If an input does not end in `normalized_shape`.

    References
    ----------
    J. L. Ba, J. R. Kiros and G. E. Hinton, "Layer Normalization", 2016.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> norm = nn.LayerNorm(3)
    >>> norm
    LayerNorm((3,), eps=1e-05, elementwise_affine=True, bias=True)
    >>> print(norm(lucid.Tensor([[1.0, 2.0, 3.0]])).detach())
    [[-1.2247, 0.0000, 1.2247]]
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        lengths = normalized_shape if isinstance(normalized_shape, Sequence) else [normalized_shape]
        shape = tuple(whole("LayerNorm", "normalized_shape", n) for n in lengths)
        self.normalized_shape = shape
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        where = {"dtype": dtype, "device": device}
        weighted, biased = elementwise_affine, elementwise_affine and bias
        self.register_parameter("weight", Parameter(ones(shape, **where)) if weighted else None)
        self.register_parameter("bias", Parameter(zeros(shape, **where)) if biased else None)

    def reset_parameters(self) -> None:
        """Start anew: the weight from one, the bias from zero."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(..., *normalized_shape)``, kept."""
        return layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )


class RMSNorm(Module):
    r"""Divide the features of every example by the root of their mean square.

    .. math:: y = \frac{x}{\sqrt{\mathrm{E}[x^2] + \epsilon}} \, w

    Parameters
    ----------
    normalized_shape : int or sequence of int
        The trailing dimensions of the input that are normalised together.
    eps : float, optional
        Added to the mean square; the machine epsilon of the input's dtype unless given.
    elementwise_affine : bool, default True
        Whether there is a weight.
    device : {"cpu"}, optional
    dtype : dtype, optional

    Attributes
    ----------
    weight : Parameter or None
        :math:`w`, shape `normalized_shape`, ones at the start.

    Raises
    ------
    ShapeError
        If an input does not end in `normalized_shape`.

    References
    ----------
    B. Zhang and R. Sennrich, "Root Mean Square Layer Normalization", 2019.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> print(nn.RMSNorm(2)(lucid.Tensor([[1.0, 7.0]])).detach())
    [[0.2000, 1.4000]]
    """

    weight: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        lengths = normalized_shape if isinstance(normalized_shape, Sequence) else [normalized_shape]
        shape = tuple(whole("RMSNorm", "normalized_shape", n) for n in lengths)
        self.normalized_shape = shape
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        weight = Parameter(ones(shape, dtype=dtype, device=device)) if elementwise_affine else None
        self.register_parameter("weight", weight)

    def reset_parameters(self) -> None:
        """Start anew: the weight from one."""
        if self.weight is not None:
            init.ones_(self.weight)

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(..., *normalized_shape)``, kept."""
        return rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )


class GroupNorm(Module):
    r"""Bring neighbouring channels of every example to mean 0 and variance 1.

    .. math:: y = \frac{x - \mathrm{E}[x]}{\sqrt{\mathrm{Var}[x] + \epsilon}} \, w + b

    Parameters
    ----------
    num_groups : int
        How many groups the channels are divided into.
    num_channels : int
        The number of channels C.
    eps : float, default 1e-5
        Added to the variance.
    affine : bool, default True
        Whether there are a weight and a bias.
    device : {"cpu"}, optional
    dtype : dtype, optional
    bias : bool, default True
        Whether there is a bias beside the weight.

    Attributes
    ----------
    weight, bias : Parameter or None
        :math:`w` and :math:`b`, shape ``(C,)``, ones and zeros at the start.

    Raises
    ------
    ArgumentError
        If the groups do not divide the channels.

    References
    ----------
    Y. Wu and K. He, "Group Normalization", 2018.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> print(nn.GroupNorm(2, 4)(lucid.Tensor([[1.0, 3.0, 10.0, 30.0]])).detach())
    [[-1.0000, 1.0000, -1.0000, 1.0000]]
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: str | None = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_groups = whole("GroupNorm", "num_groups", num_groups, least=1)
        self.num_channels = whole("GroupNorm", "num_channels", num_channels)
        if self.num_channels % self.num_groups:
            problem = "num_groups must divide num_channels"
            seen = {"num_groups": num_groups, "num_channels": num_channels}
            raise ArgumentError(compose("GroupNorm", problem, seen))
        self.eps = eps
        self.affine = affine
        where = {"dtype": dtype, "device": device}
        weighted, biased = affine, affine and bias
        count = self.num_channels
        self.register_parameter("weight", Parameter(ones(count, **where)) if weighted else None)
        self.register_parameter("bias", Parameter(zeros(count, **where)) if biased else None)

    def reset_parameters(self) -> None:
        """Start anew: the weight from one, the bias from zero."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, ...)``, kept."""
        return group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"


class LocalResponseNorm(Module):
    r"""Divide every channel by a power of the mean square of its neighbours.

    .. math:: y_c = x_c \left(k + \frac{\alpha}{n} \sum_{c'} x_{c'}^2\right)^{-\beta}

    Parameters
    ----------
    size : int
        How many channels, n.
    alpha : float, default 1e-4
    beta : float, default 0.75
    k : float, default 1.0

    References
    ----------
    A. Krizhevsky, I. Sutskever and G. Hinton, "ImageNet Classification with Deep Convolutional
    Neural Networks", 2012.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.LocalResponseNorm(2, alpha=2.0, beta=1.0)(lucid.Tensor([[[1.0], [2.0]]]))
    Tensor([[[0.5000],
             [0.3333]]])
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size = whole("LocalResponseNorm", "size", size, least=1)
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, ...)``, kept."""
        return local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
