"""Softmax and its relatives as layers: scores along a dimension become a distribution."""

from __future__ import annotations

from ...core.tensor import Tensor
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
