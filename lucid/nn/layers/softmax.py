"""Softmax and its relatives as layers: scores along a dimension become a distribution."""

from __future__ import annotations

from ...core.tensor import Tensor
from ...errors import ShapeError, compose
from ..functional import log_softmax, softmax, softmin
from ..module import Module


class Softmax(Module):
    r"""Distribution from scores: :math:`e^{x_i} / \sum_j e^{x_j}`.

    Parameters
    ----------
    dim : int
        The dimension along which the outputs sum to one.

    Examples
    --------
    >>> import lucid
    >>> Softmax(dim=-1)(lucid.tensor([0.0, 0.0, 0.6931472]))
    Tensor([0.2500, 0.2500, 0.5000])
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """The same shape."""
        return softmax(input, self.dim)

    def extra_repr(self) -> str:
        """The dimension."""
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    r"""Logarithm of `Softmax`, without overflow.

    Parameters
    ----------
    dim : int
        The dimension along which the exponentials of the outputs sum to one.

    Examples
    --------
    >>> import lucid
    >>> LogSoftmax(dim=-1)(lucid.tensor([0.0, 0.0]))
    Tensor([-0.6931, -0.6931])
    """

    def forward(self, input: Tensor) -> Tensor:
        """The same shape."""
        return log_softmax(input, self.dim)


class Softmin(Softmax):
    r"""`Softmax` of :math:`-x`: the smallest score gets most.

    Parameters
    ----------
    dim : int
        The dimension along which the outputs sum to one.

    Examples
    --------
    >>> import lucid
    >>> Softmin(dim=-1)(lucid.tensor([0.0, 0.6931472]))
    Tensor([0.6667, 0.3333])
    """

    def forward(self, input: Tensor) -> Tensor:
        """The same shape."""
        return softmin(input, self.dim)


class Softmax2d(Module):
    r"""`Softmax` over the channels of images, at every place.

    Raises
    ------
    ShapeError
        If an input is not of shape ``(N, C, H, W)`` or ``(C, H, W)``.

    Examples
    --------
    >>> import lucid
    >>> Softmax2d()(lucid.zeros(2, 1, 2))
    Tensor([[[0.5000, 0.5000]],
    <BLANKLINE>
            [[0.5000, 0.5000]]])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, H, W)`` or ``(C, H, W)``, kept."""
        if isinstance(input, Tensor) and input.ndim not in (3, 4):
            problem = "the input must have shape (N, C, H, W) or (C, H, W)"
            raise ShapeError(compose("Softmax2d", problem, {"input": input}))
        return softmax(input, -3)
