"""Layers that drop values at random while training."""

from __future__ import annotations

from ...core.tensor import Tensor
from ...ops.channel_dropout import (
    alpha_dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
)
from ...ops.dropout import dropout, probability
from ..module import Module


class _Dropout(Module):
    """The arguments that all of them take."""

    p: float
    inplace: bool

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        probability(type(self).__name__, p)
        self.p = p
        self.inplace = inplace

    def extra_repr(self) -> str:
        """The arguments."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    r"""Set elements to zero with probability `p`, in training mode only.

    The others are scaled by :math:`1 / (1 - p)`, so that nothing needs to be scaled in
    evaluation mode, where the layer gives back its input.

    Parameters
    ----------
    p : float, default 0.5
        Probability that an element is dropped.
    inplace : bool, default False
        Taken for PyTorch's sake: the result is a new tensor either way.

    Raises
    ------
    DTypeError
        If `p` is not a number.
    ArgumentError
        If `p` does not lie between 0 and 1.

    References
    ----------
    N. Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
    2014.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> drop = nn.Dropout(0.5)
    >>> sorted(set(drop(lucid.ones(100)).tolist()))
    [0.0, 2.0]
    >>> drop.eval()(lucid.ones(3))
    Tensor([1.0000, 1.0000, 1.0000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """The same shape."""
        return dropout(input, self.p, self.training)


class Dropout1d(_Dropout):
    r"""Set whole channels of sequences to zero with probability `p`, in training mode only.

    The others are scaled by :math:`1 / (1 - p)`. Neighbours within a channel say much the same, so
    that dropping single elements would hide nothing.

    Parameters
    ----------
    p : float, default 0.5
        Probability that a channel is dropped.
    inplace : bool, default False
        Taken for PyTorch's sake: the result is a new tensor either way.

    Raises
    ------
    DTypeError
        If `p` is not a number.
    ArgumentError
        If `p` does not lie between 0 and 1.

    References
    ----------
    J. Tompson et al., "Efficient Object Localization Using Convolutional Networks", CVPR 2015.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.Dropout1d(0.2)(lucid.ones(2, 3, 4)).shape
    (2, 3, 4)
    """

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, L)`` or ``(C, L)``."""
        return dropout1d(input, self.p, self.training)


class Dropout2d(_Dropout):
    r"""Set whole channels of images to zero with probability `p`, in training mode only.

    The others are scaled by :math:`1 / (1 - p)`. Neighbours within a channel say much the same, so
    that dropping single elements would hide nothing.

    Parameters
    ----------
    p : float, default 0.5
        Probability that a channel is dropped.
    inplace : bool, default False
        Taken for PyTorch's sake: the result is a new tensor either way.

    Raises
    ------
    DTypeError
        If `p` is not a number.
    ArgumentError
        If `p` does not lie between 0 and 1.

    References
    ----------
    J. Tompson et al., "Efficient Object Localization Using Convolutional Networks", CVPR 2015.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.Dropout2d(0.2)(lucid.ones(2, 3, 4, 4)).shape
    (2, 3, 4, 4)
    """

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, H, W)`` or ``(N, C, L)``."""
        return dropout2d(input, self.p, self.training)


class Dropout3d(_Dropout):
    r"""Set whole channels of volumes to zero with probability `p`, in training mode only.

    The others are scaled by :math:`1 / (1 - p)`. Neighbours within a channel say much the same, so
    that dropping single elements would hide nothing.

    Parameters
    ----------
    p : float, default 0.5
        Probability that a channel is dropped.
    inplace : bool, default False
        Taken for PyTorch's sake: the result is a new tensor either way.

    Raises
    ------
    DTypeError
        If `p` is not a number.
    ArgumentError
        If `p` does not lie between 0 and 1.

    References
    ----------
    J. Tompson et al., "Efficient Object Localization Using Convolutional Networks", CVPR 2015.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.Dropout3d(0.2)(lucid.ones(2, 3, 4, 4, 4)).shape
    (2, 3, 4, 4, 4)
    """

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, D, H, W)`` or ``(C, D, H, W)``."""
        return dropout3d(input, self.p, self.training)


class AlphaDropout(_Dropout):
    r"""Dropout for `SELU`: mean 0 and variance 1 stay as they are, in training mode only.

    Parameters
    ----------
    p : float, default 0.5
        Probability that an element is dropped.
    inplace : bool, default False
        Taken for PyTorch's sake: the result is a new tensor either way.

    Raises
    ------
    DTypeError
        If `p` is not a number.
    ArgumentError
        If `p` does not lie between 0 and 1.

    References
    ----------
    Klambauer et al., "Self-Normalizing Neural Networks", NeurIPS 2017.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.AlphaDropout(0.2)(lucid.ones(2, 3)).shape
    (2, 3)
    """

    def forward(self, input: Tensor) -> Tensor:
        """The same shape."""
        return alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(_Dropout):
    r"""`AlphaDropout` of whole channels.

    Parameters
    ----------
    p : float, default 0.5
        Probability that a channel is dropped.
    inplace : bool, default False
        Taken for PyTorch's sake: the result is a new tensor either way.

    Raises
    ------
    DTypeError
        If `p` is not a number.
    ArgumentError
        If `p` does not lie between 0 and 1.

    References
    ----------
    Klambauer et al., "Self-Normalizing Neural Networks", NeurIPS 2017.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.FeatureAlphaDropout(0.2)(lucid.ones(2, 3, 4)).shape
    (2, 3, 4)
    """

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, ...)``."""
        return feature_alpha_dropout(input, self.p, self.training)
