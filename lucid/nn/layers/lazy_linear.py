"""A dense layer that takes the number of its inputs from the first one."""

from __future__ import annotations

from typing import Any

from ..lazy import LazyModuleMixin
from ..parameter import UninitializedParameter
from .linear import Linear


class LazyLinear(LazyModuleMixin, Linear):
    """A `Linear` that takes `in_features` from its first input.

    Parameters
    ----------
    out_features : int
        Length of the output's last dimension.
    bias : bool, default True
    device : {"cpu"}, optional
    dtype : dtype, optional

    Raises
    ------
    DTypeError
        If `out_features` is not an integer.
    ArgumentError
        If it is negative.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> layer = nn.LazyLinear(3)
    >>> layer(lucid.ones(5, 2)).shape
    (5, 3)
    >>> layer
    Linear(in_features=2, out_features=3, bias=True)
    """

    cls_to_become = Linear

    def __init__(
        self,
        out_features: int,
        bias: bool = True,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(0, out_features, bias, device, dtype)
        self.weight = UninitializedParameter(device=device, dtype=dtype)
        if bias:
            self.bias = UninitializedParameter(device=device, dtype=dtype)

    def reset_parameters(self) -> None:
        """Draw weight and bias anew, once their shapes are known."""
        if not self.has_uninitialized_params():
            super().reset_parameters()

    def initialize_parameters(self, input: Any) -> None:
        """Take the features from an input."""
        waiting = self.has_uninitialized_params()
        self.in_features = self.weight.shape[-1]
        if not waiting:
            return
        self.in_features = input.shape[-1]
        shapes = {"weight": (self.out_features, self.in_features), "bias": (self.out_features,)}
        for name, shape in shapes.items():
            parameter = getattr(self, name)
            if isinstance(parameter, UninitializedParameter):
                parameter.materialize(shape)
        self.reset_parameters()
