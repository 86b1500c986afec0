"""Layers that drop values at random while training."""

from __future__ import annotations

from ...core.tensor import Tensor
from ...ops.dropout import dropout, probability
from ..module import Module


class Dropout(Module):
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

    p: float
    inplace: bool

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        probability("Dropout", p)
        self.p = p
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """The same shape."""
        return dropout(input, self.p, self.training)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"p={self.p}, inplace={self.inplace}"
