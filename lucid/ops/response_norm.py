"""Local response normalisation: channels held down by their neighbours."""

from __future__ import annotations

import math
from typing import Any

from ..core.tensor import Tensor
from ..errors import ArgumentError, ShapeError, compose
from .average_pooling import avg_pool2d
from .norm import _check_tensor
from .padding import pad


def local_response_norm(
    input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    r"""Divide every channel by a power of the mean square of its neighbours.

    .. math:: y_c = x_c \left(k + \frac{\alpha}{n} \sum_{c'} x_{c'}^2\right)^{-\beta}

    with the sum over the n channels around c; those that do not exist count as zeros.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, ...)``.
    size : int
        How many channels, n.
    alpha, beta, k : float

    Returns
    -------
    Tensor
        The shape of `input`.

    Raises
    ------
    ShapeError
        If `input` has fewer than three dimensions.
    ArgumentError
        If `size` is not positive.

    References
    ----------
    A. Krizhevsky, I. Sutskever and G. Hinton, "ImageNet Classification with Deep Convolutional
    Neural Networks", 2012.

    Examples
    --------
    >>> import lucid.nn.functional as F
    >>> F.local_response_norm(Tensor([[[1.0], [2.0]]]), 2, alpha=2.0, beta=1.0)
    Tensor([[[0.5000],
             [0.3333]]])
    """
    _check_tensor("local_response_norm", input)
    if input.ndim < 3:
        problem = "the input must have three dimensions or more, (N, C, ...)"
        raise ShapeError(compose("local_response_norm", problem, {"input": input}))
    if size < 1:
        raise ArgumentError(compose("local_response_norm", "size must be positive", {"size": size}))
    if not input.data.size:
        return input
    shape: Any = input.shape
    squares = (input * input).reshape(shape[0], shape[1], math.prod(shape[2:]))
    around = pad(squares, (0, 0, size // 2, (size - 1) // 2))
    means = avg_pool2d(around, (size, 1), 1).reshape(*shape)
    return input / (means * alpha + k) ** beta
