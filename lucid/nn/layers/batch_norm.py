"""Batch norm, over the examples and all places of a channel, and instance norm, over the places.

The running values are buffers: they travel with the state and are no parameters.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core import versions
from ...core.tensor import Tensor, wrap
from ...errors import ShapeError, compose
from ...ops.creation import ones, zeros
from ...ops.group_norm import instance_norm
from ...ops.norm import batch_norm
from .. import init
from ..module import Module
from ..parameter import Parameter
from .sizes import whole


class _ChannelNorm(Module):
    """What batch and instance norms share: parameters and running values, one a channel."""

    _dims: tuple[int, ...] = ()  # how many dimensions an input can have
    _shapes = ""

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
        self.num_features = whole(type(self).__name__, "num_features", num_features)
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

    def _check(self, input: Tensor) -> None:
        """Refuse an input without the dimensions, or with other channels than there are values."""
        if not isinstance(input, Tensor):
            return  # the function says what is wrong
        if input.ndim not in self._dims:
            problem = f"the input must have shape {self._shapes}"
            fix = "channels come second: input.movedim(-1, 1)"
            raise ShapeError(compose(type(self).__name__, problem, {"input": input}, fix))

    def _count_batch(self) -> None:
        """Note that one more batch has been seen."""
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.data += 1
            versions.bump(self.num_batches_tracked.data)

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


# ---- batch norm -----------------------------------------------------------------------------


class _BatchNorm(_ChannelNorm):
    """The call of `batch_norm`."""

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, ...)``, kept."""
        self._check(input)
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
        if self.training:
            self._count_batch()
        return out


class BatchNorm1d(_BatchNorm):
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

    _dims = (2, 3)
    _shapes = "(N, C) or (N, C, L)"


class BatchNorm2d(_BatchNorm):
    """`BatchNorm1d` for images, shape ``(N, C, H, W)``: over the examples and all places.

    Parameters
    ----------
    num_features : int
        The number of channels C.
    eps, momentum, affine, track_running_stats, device, dtype, bias
        As those of `BatchNorm1d`.

    Raises
    ------
    ShapeError
        If an input has another number of dimensions, or of channels.
    ArgumentError
        If in training mode a channel has only one value.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> norm = nn.BatchNorm2d(1, affine=False, eps=0)
    >>> norm(lucid.Tensor([1.0, 3.0]).reshape(1, 1, 1, 2)).flatten()
    Tensor([-1.0000,  1.0000])
    """

    _dims = (4,)
    _shapes = "(N, C, H, W)"


class BatchNorm3d(_BatchNorm):
    """`BatchNorm1d` for volumes, shape ``(N, C, D, H, W)``: over the examples and all places.

    Parameters
    ----------
    num_features : int
        The number of channels C.
    eps, momentum, affine, track_running_stats, device, dtype, bias
        As those of `BatchNorm1d`.

    Raises
    ------
    ShapeError
        If an input has another number of dimensions, or of channels.
    ArgumentError
        If in training mode a channel has only one value.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> norm = nn.BatchNorm3d(1, affine=False, eps=0)
    >>> norm(lucid.Tensor([1.0, 3.0]).reshape(1, 1, 1, 1, 2)).flatten()
    Tensor([-1.0000,  1.0000])
    """

    _dims = (5,)
    _shapes = "(N, C, D, H, W)"


# ---- instance norm --------------------------------------------------------------------------


class _InstanceNorm(_ChannelNorm):
    """The constructor, whose defaults are others, and the call of `instance_norm`."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: str | None = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        where = (device, dtype)
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, *where, bias=bias
        )

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, ...)`` or ``(C, ...)``, kept."""
        self._check(input)
        single = isinstance(input, Tensor) and input.ndim == self._dims[0]
        out = instance_norm(
            input.unsqueeze(0) if single else input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum,
            self.eps,
        )
        return out.squeeze(0) if single else out


class InstanceNorm1d(_InstanceNorm):
    r"""Bring every channel of every example to mean 0 and variance 1.

    .. math:: y = \frac{x - \mathrm{E}[x]}{\sqrt{\mathrm{Var}[x] + \epsilon}} \, w + b

    Parameters
    ----------
    num_features : int
        The number of channels C.
    eps : float, default 1e-5
        Added to the variance.
    momentum : float, default 0.1
        The share of the batch in the new running values.
    affine : bool, default False
        Whether there are a weight and a bias.
    track_running_stats : bool, default False
        Whether running values are kept, which take the place of the input's in evaluation.
    device : {"cpu"}, optional
    dtype : dtype, optional
    bias : bool, default True
        Whether there is a bias beside the weight.

    Attributes
    ----------
    weight, bias : Parameter or None
        :math:`w` and :math:`b`, shape ``(C,)``, ones and zeros at the start.
    running_mean, running_var, num_batches_tracked : Tensor or None
        Buffers, averages over the examples; PyTorch never counts the batches either.

    Raises
    ------
    ShapeError
        If an input is not of shape ``(N, C, L)`` or ``(C, L)``.
    ArgumentError
        If a channel has only one value.

    References
    ----------
    D. Ulyanov, A. Vedaldi and V. Lempitsky, "Instance Normalization: The Missing Ingredient
    for Fast Stylization", 2016.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.InstanceNorm1d(2, eps=0)(lucid.Tensor([[1.0, 3.0], [10.0, 30.0]]))
    Tensor([[-1.0000,  1.0000],
            [-1.0000,  1.0000]])
    """

    _dims = (2, 3)
    _shapes = "(C, L) or (N, C, L)"


class InstanceNorm2d(_InstanceNorm):
    """`InstanceNorm1d` for images, shape ``(N, C, H, W)`` or ``(C, H, W)``.

    Parameters
    ----------
    num_features : int
        The number of channels C.
    eps, momentum, affine, track_running_stats, device, dtype, bias
        As those of `InstanceNorm1d`.

    Raises
    ------
    ShapeError
        If an input has another number of dimensions, or of channels.
    ArgumentError
        If a channel has only one value.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> norm = nn.InstanceNorm2d(1, eps=0)
    >>> norm(lucid.Tensor([1.0, 3.0]).reshape(1, 1, 2)).flatten()
    Tensor([-1.0000,  1.0000])
    """

    _dims = (3, 4)
    _shapes = "(C, H, W) or (N, C, H, W)"


class InstanceNorm3d(_InstanceNorm):
    """`InstanceNorm1d` for volumes, shape ``(N, C, D, H, W)`` or ``(C, D, H, W)``.

    Parameters
    ----------
    num_features : int
        The number of channels C.
    eps, momentum, affine, track_running_stats, device, dtype, bias
        As those of `InstanceNorm1d`.

    Raises
    ------
    ShapeError
        If an input has another number of dimensions, or of channels.
    ArgumentError
        If a channel has only one value.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> norm = nn.InstanceNorm3d(1, eps=0)
    >>> norm(lucid.Tensor([1.0, 3.0]).reshape(1, 1, 1, 2)).flatten()
    Tensor([-1.0000,  1.0000])
    """

    _dims = (4, 5)
    _shapes = "(C, D, H, W) or (N, C, D, H, W)"
