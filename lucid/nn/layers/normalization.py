"""Normalising layers: batch norm over the examples, layer norm over the features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core import versions
from ...core.tensor import Tensor, wrap
from ...errors import ShapeError, compose
from ...ops.creation import ones, zeros
from ...ops.norm import batch_norm, layer_norm
from .. import init
from ..module import Module
from ..parameter import Parameter
from .sizes import whole


class BatchNorm1d(Module):
    r"""Bring every feature to mean 0 and variance 1, over the batch.

    .. math:: y = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} \, w + b

    In training mode :math:`\mu` and :math:`\sigma^2` are those of the batch, and running
    values move towards them; in evaluation mode the running values are used.

    Parameters
    ----------
    num_features : int
        The number of features (channels) C.
    eps : float, default 1e-5
        Added to the variance.
    momentum : float or None, default 0.1
        The share of the batch in the new running values; None averages over all batches.
    affine : bool, default True
        Whether there are a weight and a bias.
    track_running_stats : bool, default True
        Whether running values are kept; without them the batch's are used in evaluation too.
    device : {"cpu"}, optional
    dtype : dtype, optional
    bias : bool, default True
        Whether there is a bias beside the weight.

    Attributes
    ----------
    weight, bias : Parameter or None
        :math:`w` and :math:`b`, shape ``(C,)``, ones and zeros at the start.
    running_mean, running_var, num_batches_tracked : Tensor or None
        Buffers: the running values, and the number of batches behind them.

    Raises
    ------
    ShapeError
        If an input is not of shape ``(N, C)`` or ``(N, C, L)``.
    ArgumentError
        If in training mode a feature has only one value.

    References
    ----------
    S. Ioffe and C. Szegedy, "Batch Normalization: Accelerating Deep Network Training by
    Reducing Internal Covariate Shift", 2015.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> norm = nn.BatchNorm1d(1, affine=False, eps=0)
    >>> norm(lucid.Tensor([[1.0], [3.0]]))
    Tensor([[-1.0000],
            [ 1.0000]])
    >>> norm.running_mean, norm.running_var
    (Tensor([0.2000]), Tensor([1.1000]))
    """

    weight: Parameter | None
    bias: Parameter | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: str | None = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features = whole("BatchNorm1d", "num_features", num_features)
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        shape, where = self.num_features, {"dtype": dtype, "device": device}
        self.register_parameter("weight", Parameter(ones(shape, **where)) if affine else None)
        biased = affine and bias
        self.register_parameter("bias", Parameter(zeros(shape, **where)) if biased else None)
        tracked = track_running_stats
        self.register_buffer("running_mean", zeros(shape, **where) if tracked else None)
        self.register_buffer("running_var", ones(shape, **where) if tracked else None)
        count = wrap(np.zeros((), np.int64)) if tracked else None
        self.register_buffer("num_batches_tracked", count)

    def reset_running_stats(self) -> None:
        """Forget the batches that were seen."""
        if self.running_mean is not None and self.running_var is not None:
            init.zeros_(self.running_mean)
            init.ones_(self.running_var)
        if self.num_batches_tracked is not None:
            init.zeros_(self.num_batches_tracked)

    def reset_parameters(self) -> None:
        """Start anew: running values, weight and bias."""
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C)`` or ``(N, C, L)``, kept."""
        if isinstance(input, Tensor) and input.ndim not in (2, 3):
            problem = "the input must have shape (N, C) or (N, C, L)"
            raise ShapeError(compose("BatchNorm1d", problem, {"input": input}))
        momentum = self._momentum_of_this_batch() if self.training else 0.0
        out = batch_norm(
            input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or self.running_mean is None,
            momentum,
            self.eps,
        )
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked.data += 1
            versions.bump(self.num_batches_tracked.data)
        return out

    def _momentum_of_this_batch(self) -> float:
        """The share of this batch in the running values: 1/n for the n-th, to average all."""
        if self.momentum is not None:
            return self.momentum
        seen = self.num_batches_tracked
        return 1.0 if seen is None else 1 / (int(seen.data) + 1)

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, bias={self.bias is not None}, "
            f"track_running_stats={self.track_running_stats}"
        )


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
