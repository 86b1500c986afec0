r"""The logarithm of :math:`\Gamma(x + \tfrac12) / \Gamma(x)`, without a difference of two.

Both logarithms grow like x log x and their difference like half of log x: in single precision
nothing would be left of it at x = 1e6. Its own series (DLMF 5.11.8) keeps every digit, and costs
a fraction of two gamma functions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.function import Function
from ..core.tensor import Tensor, wrap
from ..ops.special.gamma import digamma

_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)  # of even order
_SERIES = tuple(
    (2.0 ** (1 - 2 * m) - 2) * b / (2 * m * (2 * m - 1)) for m, b in enumerate(_BERNOULLI, 1)
)
_BLOCK = 4096
_STEPS = 8  # from x + 8 on the series has all the digits of a double


def _ratio(x: Any) -> Any:
    """The ratio of an array of any size; its many passes stay within the nearest cache."""
    if x.size <= _BLOCK:
        return _ratio_of_block(x)
    flat = x.ravel()
    found = np.empty_like(flat)
    for start in range(0, flat.size, _BLOCK):
        found[start : start + _BLOCK] = _ratio_of_block(flat[start : start + _BLOCK])
    return found.reshape(x.shape)


def _ratio_of_block(x: Any) -> Any:
    """The series at x + 8, and the way down from there by Gamma(x + 1) = x Gamma(x)."""
    down = x / (x + 0.5)
    for k in range(1, _STEPS):
        down = down * ((x + k) / (x + (k + 0.5)))
    far = x + _STEPS
    inverse = 1 / far
    square = inverse * inverse
    series = square * _SERIES[-1]
    for coefficient in _SERIES[-2:0:-1]:
        series = (series + coefficient) * square
    return np.log(down * np.sqrt(far)) + (series + _SERIES[0]) * inverse


class _LogGammaRatio(Function):
    """log Gamma(x + 1/2) - log Gamma(x)."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        narrow = x.data.dtype.itemsize < 4
        found = _ratio(x.data.astype(np.float32) if narrow else x.data)
        return wrap(np.asarray(found).astype(x.dtype, copy=False))

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * (digamma(x + 0.5) - digamma(x))


def log_gamma_ratio(x: Tensor) -> Tensor:
    r"""The logarithm of :math:`\Gamma(x + \tfrac12) / \Gamma(x)`.

    Parameters
    ----------
    x : Tensor
        Positive.

    Returns
    -------
    Tensor

    References
    ----------
    DLMF 5.11.8, https://dlmf.nist.gov/5.11

    Examples
    --------
    >>> import lucid
    >>> log_gamma_ratio(lucid.tensor([0.5, 1e6]))
    Tensor([-0.5724, 6.9078])
    """
    return _LogGammaRatio.apply(x)
