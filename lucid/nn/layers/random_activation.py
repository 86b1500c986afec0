"""An activation that draws lots while training."""

from __future__ import annotations

from ...core.tensor import Tensor
from ...ops.random_activation import rrelu
from ..module import Module


class RReLU(Module):
    r"""The rectifier with a random slope below zero: :math:`x` if :math:`x > 0`, else
    :math:`a x`; a is drawn for every element in training mode, and the bounds' mean otherwise.

    Parameters
    ----------
    lower, upper : float, default 1/8 and 1/3
        The bounds of the slope.
    inplace : bool, default False
        Taken for PyTorch's sake: the result is a new tensor either way.

    Raises
    ------
    ArgumentError
        On a call, if `lower` exceeds `upper`.

    References
    ----------
    B. Xu et al., "Empirical Evaluation of Rectified Activations in Convolutional Network",
    arXiv:1505.00853, 2015.

    Examples
    --------
    >>> import lucid
    >>> RReLU().eval()(lucid.tensor([-1.0, 2.0]))
    Tensor([-0.2292, 2.0000])
    """

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, inplace: bool = False) -> None:
        super().__init__()
        self.lower = lower
        self.upper = upper
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return rrelu(input, self.lower, self.upper, self.training)

    def extra_repr(self) -> str:
        """The bounds."""
        return f"lower={self.lower}, upper={self.upper}"
