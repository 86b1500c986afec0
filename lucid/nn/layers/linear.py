"""Dense layers: every output is an affine combination of all inputs."""

from __future__ import annotations

import math
from typing import Any

from ...core.tensor import Tensor
from ...ops.bilinear import bilinear
from ...ops.creation import empty
from ...ops.linear import linear
from .. import init
from ..module import Module
from ..parameter import Parameter
from .sizes import whole


class Linear(Module):
    r"""A dense layer: :math:`y = x W^\top + b`.

    Parameters
    ----------
    in_features : int
        Length of the input's last dimension.
    out_features : int
        Length of the output's last dimension.
    bias : bool, default True
        Whether there is a `b`.
    device : {"cpu"}, optional
    dtype : dtype, optional
        Dtype of the parameters; the default dtype unless given.

    Attributes
    ----------
    weight : Parameter
        :math:`W`, shape ``(out_features, in_features)``, drawn uniformly within
        :math:`\pm 1/\sqrt{\mathrm{in\_features}}`.
    bias : Parameter or None
        :math:`b`, shape ``(out_features,)``, drawn likewise.

    Raises
    ------
    DTypeError
        If a size is not an integer.
    ArgumentError
        If a size is negative.

    Notes
    -----
    The input has shape ``(..., in_features)``, the output ``(..., out_features)``.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> layer = nn.Linear(in_features=2, out_features=3)
    >>> layer
    Linear(in_features=2, out_features=3, bias=True)
    >>> layer(lucid.ones(5, 2)).shape
    (5, 3)
    """

    in_features: int
    out_features: int
    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.in_features = whole("Linear", "in_features", in_features)
        self.out_features = whole("Linear", "out_features", out_features)
        self.weight = Parameter(empty(out_features, in_features, dtype=dtype, device=device))
        if bias:
            self.bias = Parameter(empty(out_features, dtype=dtype, device=device))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias anew."""
        bound = 1 / math.sqrt(self.in_features) if self.in_features else 0.0
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(..., in_features)`` to ``(..., out_features)``."""
        return linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes, and whether there is a bias."""
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )


class Bilinear(Module):
    r"""A layer of two inputs: :math:`y_k = x_1^\top A_k x_2 + b_k`.

    Parameters
    ----------
    in1_features, in2_features, out_features : int
    bias : bool, default True
    device : {"cpu"}, optional
    dtype : dtype, optional

    Attributes
    ----------
    weight : Parameter
        :math:`A`, shape ``(out_features, in1_features, in2_features)``.
    bias : Parameter or None
        :math:`b`, shape ``(out_features,)``.

    Raises
    ------
    DTypeError
        If a size is not an integer.
    ArgumentError
        If a size is not positive.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.Bilinear(2, 3, 4)(lucid.ones(5, 2), lucid.ones(5, 3)).shape
    (5, 4)
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.in1_features = whole("Bilinear", "in1_features", in1_features, least=1)
        self.in2_features = whole("Bilinear", "in2_features", in2_features)
        self.out_features = whole("Bilinear", "out_features", out_features)
        shape = (out_features, in1_features, in2_features)
        self.weight = Parameter(empty(shape, dtype=dtype, device=device))
        if bias:
            self.bias = Parameter(empty(out_features, dtype=dtype, device=device))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias anew, uniformly within one over the root of `in1_features`."""
        bound = 1 / math.sqrt(self.in1_features)
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        """Shapes ``(..., in1_features)`` and ``(..., in2_features)`` to ``(..., out_features)``."""
        return bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes, and whether there is a bias."""
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )


class Identity(Module):
    """Gives back its input; takes any arguments, and ignores them.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.Identity(54, unused=True)(lucid.ones(2))
    Tensor([1.0000, 1.0000])
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        """The input itself."""
        return input
