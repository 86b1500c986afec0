"""Activations as layers: each is one call.

The modules stand in a `Sequential` and print; the functions of `lucid.nn.functional` compute
the same. `inplace` is taken for PyTorch's sake: the result is a new tensor either way.
"""

from __future__ import annotations

from typing import Any

from ...core.tensor import Tensor
from ...ops.creation import full
from ..functional import (
    celu,
    elu,
    gelu,
    glu,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    logsigmoid,
    mish,
    prelu,
    relu,
    selu,
    sigmoid,
    silu,
    softplus,
    softshrink,
    softsign,
    tanh,
    tanhshrink,
    threshold,
)
from ..init import constant_
from ..module import Module
from ..parameter import Parameter
from .sizes import whole

# ---- without parameters -------------------------------------------------------------------


class Tanh(Module):
    r"""Hyperbolic tangent, :math:`\tanh(x)`.

    Examples
    --------
    >>> import lucid
    >>> Tanh()(lucid.tensor([0.0, 1.0]))
    Tensor([0.0000, 0.7616])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return tanh(input)


class Sigmoid(Module):
    r"""Logistic function, :math:`1 / (1 + e^{-x})`.

    Examples
    --------
    >>> import lucid
    >>> Sigmoid()(lucid.tensor([0.0, 2.0]))
    Tensor([0.5000, 0.8808])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return sigmoid(input)


class LogSigmoid(Module):
    r"""Logarithm of the logistic function, :math:`-\log(1 + e^{-x})`, without overflow.

    Examples
    --------
    >>> import lucid
    >>> LogSigmoid()(lucid.tensor([0.0, -30.0]))
    Tensor([-0.6931, -30.0000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return logsigmoid(input)


class Softsign(Module):
    r""":math:`x / (1 + |x|)`.

    Examples
    --------
    >>> import lucid
    >>> Softsign()(lucid.tensor([1.0, -3.0]))
    Tensor([0.5000, -0.7500])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return softsign(input)


class Tanhshrink(Module):
    r""":math:`x - \tanh(x)`.

    Examples
    --------
    >>> import lucid
    >>> Tanhshrink()(lucid.tensor([0.0, 1.0]))
    Tensor([0.0000, 0.2384])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return tanhshrink(input)


class _Inplace(Module):
    """What the activations share that take `inplace`."""

    inplace: bool

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def extra_repr(self) -> str:
        """Whether `inplace` was asked for."""
        return "inplace=True" if self.inplace else ""


class ReLU(_Inplace):
    r"""Rectifier, :math:`\max(x, 0)`.

    Examples
    --------
    >>> import lucid
    >>> ReLU()(lucid.tensor([-1.0, 2.0]))
    Tensor([0.0000, 2.0000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return relu(input)


class SELU(_Inplace):
    r"""Self-normalising ELU, :math:`s\,(\max(x, 0) + \min(\alpha (e^x - 1), 0))`.

    References
    ----------
    G. Klambauer et al., "Self-Normalizing Neural Networks", 2017.

    Examples
    --------
    >>> import lucid
    >>> SELU()(lucid.tensor([-1.0, 1.0]))
    Tensor([-1.1113, 1.0507])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return selu(input)


class SiLU(_Inplace):
    r"""Also named swish: :math:`x\,\sigma(x)`.

    References
    ----------
    S. Elfwing et al., "Sigmoid-Weighted Linear Units for Neural Network Function
    Approximation in Reinforcement Learning", 2017.

    Examples
    --------
    >>> import lucid
    >>> SiLU()(lucid.tensor([0.0, 1.0]))
    Tensor([0.0000, 0.7311])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return silu(input)


class Mish(_Inplace):
    r""":math:`x \tanh(\log(1 + e^x))`.

    References
    ----------
    D. Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", 2020.

    Examples
    --------
    >>> import lucid
    >>> Mish()(lucid.tensor([0.0, 1.0]))
    Tensor([0.0000, 0.8651])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return mish(input)


class Hardsigmoid(_Inplace):
    r"""Piecewise linear sigmoid: :math:`x / 6 + 1/2`, clipped to 0 and 1.

    Examples
    --------
    >>> import lucid
    >>> Hardsigmoid()(lucid.tensor([-4.0, 0.0, 1.5]))
    Tensor([0.0000, 0.5000, 0.7500])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return hardsigmoid(input)

    def extra_repr(self) -> str:
        """Nothing, as PyTorch has it."""
        return ""


class Hardswish(Hardsigmoid):
    r"""Piecewise swish: :math:`x` times the `Hardsigmoid` of :math:`x`.

    References
    ----------
    A. Howard et al., "Searching for MobileNetV3", 2019.

    Examples
    --------
    >>> import lucid
    >>> Hardswish()(lucid.tensor([-4.0, 1.5]))
    Tensor([-0.0000, 1.1250])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return hardswish(input)


# ---- with numbers to choose ----------------------------------------------------------------


class LeakyReLU(_Inplace):
    r""":math:`x` where it is positive, else :math:`\mathrm{negative\_slope} \cdot x`.

    Parameters
    ----------
    negative_slope : float, default 0.01
    inplace : bool, default False

    Examples
    --------
    >>> import lucid
    >>> LeakyReLU(0.1)(lucid.tensor([-1.0, 2.0]))
    Tensor([-0.1000, 2.0000])
    """

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.negative_slope = negative_slope

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return leaky_relu(input, self.negative_slope)

    def extra_repr(self) -> str:
        """The slope."""
        return f"negative_slope={self.negative_slope}{', inplace=True' if self.inplace else ''}"


class ELU(_Inplace):
    r""":math:`x` where it is positive, else :math:`\alpha (e^x - 1)`.

    Parameters
    ----------
    alpha : float, default 1.0
    inplace : bool, default False

    References
    ----------
    D.-A. Clevert et al., "Fast and Accurate Deep Network Learning by Exponential Linear
    Units (ELUs)", 2016.

    Examples
    --------
    >>> import lucid
    >>> ELU()(lucid.tensor([-1.0, 2.0]))
    Tensor([-0.6321, 2.0000])
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = alpha

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return elu(input, self.alpha)

    def extra_repr(self) -> str:
        """The scale of the negative part."""
        return f"alpha={self.alpha}{', inplace=True' if self.inplace else ''}"


class CELU(ELU):
    r""":math:`\max(x, 0) + \min(\alpha (e^{x / \alpha} - 1), 0)`: an ELU smooth at 0.

    Parameters
    ----------
    alpha : float, default 1.0
    inplace : bool, default False

    References
    ----------
    J. T. Barron, "Continuously Differentiable Exponential Linear Units", 2017.

    Examples
    --------
    >>> import lucid
    >>> CELU(2.0)(lucid.tensor([-1.0, 2.0]))
    Tensor([-0.7869, 2.0000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return celu(input, self.alpha)


class GELU(Module):
    r""":math:`x\,\Phi(x)`, with the distribution function of the normal distribution.

    Parameters
    ----------
    approximate : {"none", "tanh"}
        Exact, or by a tanh that is close to it.

    References
    ----------
    D. Hendrycks and K. Gimpel, "Gaussian Error Linear Units (GELUs)", 2016.

    Examples
    --------
    >>> import lucid
    >>> GELU()(lucid.tensor([0.0, 1.0]))
    Tensor([0.0000, 0.8413])
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return gelu(input, approximate=self.approximate)

    def extra_repr(self) -> str:
        """Exact or approximate."""
        return f"approximate={self.approximate!r}"


class Softplus(Module):
    r""":math:`\log(1 + e^{\beta x}) / \beta`: a smooth ReLU.

    Parameters
    ----------
    beta : float, default 1.0
    threshold : float, default 20.0
        Where :math:`\beta x` is above it, the output is :math:`x`.

    Examples
    --------
    >>> import lucid
    >>> Softplus()(lucid.tensor([0.0, 30.0]))
    Tensor([0.6931, 30.0000])
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """The two numbers."""
        return f"beta={self.beta}, threshold={self.threshold}"


class Hardtanh(_Inplace):
    r""":math:`x` clipped to an interval.

    Parameters
    ----------
    min_val, max_val : float, default -1.0 and 1.0
    inplace : bool, default False

    Raises
    ------
    ArgumentError
        If `min_val` is above `max_val`.

    Examples
    --------
    >>> import lucid
    >>> Hardtanh()(lucid.tensor([-3.0, 0.5]))
    Tensor([-1.0000, 0.5000])
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.min_val = min_val
        self.max_val = max_val

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return hardtanh(input, self.min_val, self.max_val)

    def extra_repr(self) -> str:
        """The interval."""
        inplace = ", inplace=True" if self.inplace else ""
        return f"min_val={self.min_val}, max_val={self.max_val}{inplace}"


class ReLU6(Hardtanh):
    r""":math:`x` clipped to the interval from 0 to 6.

    Examples
    --------
    >>> import lucid
    >>> ReLU6()(lucid.tensor([-1.0, 8.0]))
    Tensor([0.0000, 6.0000])
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)

    def extra_repr(self) -> str:
        """Whether `inplace` was asked for."""
        return "inplace=True" if self.inplace else ""


class Threshold(_Inplace):
    r""":math:`x` where it is above `threshold`, else `value`.

    Parameters
    ----------
    threshold, value : float
    inplace : bool, default False

    Examples
    --------
    >>> import lucid
    >>> Threshold(0.5, 20.0)(lucid.tensor([0.0, 1.0]))
    Tensor([20.0000, 1.0000])
    """

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.threshold = threshold
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return threshold(input, self.threshold, self.value)

    def extra_repr(self) -> str:
        """The two numbers."""
        inplace = ", inplace=True" if self.inplace else ""
        return f"threshold={self.threshold}, value={self.value}{inplace}"


class Softshrink(Module):
    r""":math:`x` moved towards 0 by :math:`\lambda`, and 0 where it would cross it.

    Parameters
    ----------
    lambd : float, default 0.5

    Examples
    --------
    >>> import lucid
    >>> Softshrink()(lucid.tensor([-2.0, 0.25]))
    Tensor([-1.5000, 0.0000])
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return softshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """The width."""
        return f"{self.lambd}"


class Hardshrink(Softshrink):
    r""":math:`x` where :math:`|x| > \lambda`, else 0.

    Parameters
    ----------
    lambd : float, default 0.5

    Examples
    --------
    >>> import lucid
    >>> Hardshrink()(lucid.tensor([-2.0, 0.25]))
    Tensor([-2.0000, 0.0000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Element by element."""
        return hardshrink(input, self.lambd)


class GLU(Module):
    r"""Gate: the first half of a dimension times the sigmoid of the second.

    Parameters
    ----------
    dim : int, default -1
        The dimension to halve; its length must be even.

    References
    ----------
    Y. N. Dauphin et al., "Language Modeling with Gated Convolutional Networks", 2017.

    Examples
    --------
    >>> import lucid
    >>> GLU()(lucid.tensor([1.0, 2.0, 0.0, 0.0]))
    Tensor([0.5000, 1.0000])
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Half as long in `dim`."""
        return glu(input, self.dim)

    def extra_repr(self) -> str:
        """The dimension."""
        return f"dim={self.dim}"


# ---- with a parameter ----------------------------------------------------------------------


class PReLU(Module):
    r""":math:`x` where it is positive, else :math:`a x` with a trained :math:`a`.

    Parameters
    ----------
    num_parameters : int, default 1
        One `a` for all, or one for each channel (the second dimension of the input).
    init : float, default 0.25
        Where `a` starts.
    device : {"cpu"}, optional
    dtype : dtype, optional

    Attributes
    ----------
    weight : Parameter
        :math:`a`, shape ``(num_parameters,)``.

    Raises
    ------
    DTypeError
        If `num_parameters` is not an integer.
    ArgumentError
        If it is not positive.

    References
    ----------
    K. He et al., "Delving Deep into Rectifiers: Surpassing Human-Level Performance on ImageNet
    Classification", 2015.

    Examples
    --------
    >>> import lucid
    >>> print(PReLU()(lucid.tensor([-1.0, 2.0])).detach())
    [-0.2500, 2.0000]
    """

    weight: Parameter

    def __init__(
        self,
        num_parameters: int = 1,
        init: float = 0.25,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.num_parameters = whole("PReLU", "num_parameters", num_parameters, least=1)
        self.init = float(init)
        self.weight = Parameter(full(num_parameters, self.init, dtype=dtype, device=device))

    def reset_parameters(self) -> None:
        """Put the slopes back to where they start."""
        constant_(self.weight, self.init)

    def forward(self, input: Tensor) -> Tensor:
        """Element by element, channel by channel."""
        return prelu(input, self.weight)

    def extra_repr(self) -> str:
        """How many slopes there are."""
        return f"num_parameters={self.num_parameters}"
