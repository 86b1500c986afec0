"""Activations that draw lots: the randomised rectifier, and choices that stay differentiable."""

from __future__ import annotations

import numpy as np

from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, compose
from ..random import Generator
from .activation import leaky_relu
from .promotion import real_floating
from .random import rng_of
from .softmax import softmax


def rrelu(
    input: Tensor,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    r"""The rectifier with a random slope below zero: :math:`x` if :math:`x > 0`, else
    :math:`a x` with a drawn evenly between two bounds for every element.

    Parameters
    ----------
    input : Tensor
    lower, upper : float, default 1/8 and 1/3
        The bounds of the slope.
    training : bool, default False
        If False, the slope is the bounds' mean.
    inplace : bool, default False
        Taken for PyTorch's sake: the result is a new tensor either way.
    generator : Generator, optional

    Returns
    -------
    Tensor

    Raises
    ------
    ArgumentError
        If `lower` exceeds `upper`.

    References
    ----------
    B. Xu et al., "Empirical Evaluation of Rectified Activations in Convolutional Network",
    arXiv:1505.00853, 2015.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.rrelu(lucid.tensor([-1.0, 2.0]))
    Tensor([-0.2292, 2.0000])
    """
    if not lower <= upper:
        problem = "lower must not exceed upper"
        raise ArgumentError(compose("rrelu", problem, {"lower": lower, "upper": upper}))
    input = real_floating(input, "rrelu")
    if not training:
        return leaky_relu(input, (lower + upper) / 2)
    slopes = rng_of(generator).uniform(lower, upper, input.shape).astype(input.dtype)
    return input * wrap(np.where(input.data > 0, input.dtype.type(1), slopes))


def gumbel_softmax(
    logits: Tensor,
    tau: float = 1,
    hard: bool = False,
    eps: float = 1e-10,
    dim: int = -1,
    *,
    generator: Generator | None = None,
) -> Tensor:
    r"""A random choice among classes that gradients pass through.

    With independent :math:`g_i = -\ln(-\ln u_i)`, the greatest of :math:`x_i + g_i` is class i
    with probability :math:`\operatorname{softmax}(x)_i`; here the greatest is taken softly,
    :math:`\operatorname{softmax}((x + g) / \tau)`.

    Parameters
    ----------
    logits : Tensor
        The scores x, log-probabilities up to a constant.
    tau : float, default 1
        The temperature: the lower, the nearer to a choice of one class.
    hard : bool, default False
        Give one class probability 1, with the gradient of the soft choice.
    eps : float, default 1e-10
        Without effect, as in PyTorch.
    dim : int, default -1
        The dimension of the classes.
    generator : Generator, optional

    Returns
    -------
    Tensor

    Raises
    ------
    IndexingError
        If there is no such dimension.

    References
    ----------
    E. Jang, S. Gu and B. Poole, "Categorical Reparameterization with Gumbel-Softmax",
    ICLR 2017.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.gumbel_softmax(lucid.zeros(2, 3), hard=True).sum(-1)
    Tensor([1.0000, 1.0000])
    """
    logits = real_floating(logits, "gumbel_softmax")
    noise = rng_of(generator).gumbel(size=logits.shape).astype(logits.dtype)
    soft = softmax((logits + wrap(noise)) / tau, dim)
    if not hard:
        return soft
    best = soft.data.argmax(dim, keepdims=True)
    chosen = np.zeros(soft.shape, soft.dtype)
    np.put_along_axis(chosen, best, 1, dim)
    return soft + wrap(chosen - soft.data)
