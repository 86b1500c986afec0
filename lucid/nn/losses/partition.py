r"""The partition function of Barron's loss, :math:`Z(\alpha) = \int e^{-\rho(x, \alpha)}\,dx`.

It makes the loss a probability density, which is what a learned shape needs. The substitution
:math:`x = \sinh(\tfrac\pi2 \sinh s)` turns every tail, down to the one that falls as
:math:`x^{-2}` at :math:`\alpha = 0`, into one that falls double exponentially, where the
trapezoidal rule converges faster than any power of its step.

References
----------
.. [1] J. T. Barron, "A General and Adaptive Robust Loss Function", CVPR 2019, section 3.
.. [2] H. Takahasi, M. Mori, "Double Exponential Formulas for Numerical Integration",
   Publications of the Research Institute for Mathematical Sciences 9 (1974), 721-741.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

from ...core.apply import apply
from ...core.tensor import Tensor, wrap
from ...ops.exponential import exp, log
from .barron_curve import CURVE

STEP = 1 / 32
REACH = 3.9  # e^-36 of the mass at alpha = 0 lies beyond


@cache
def _rule() -> tuple[Any, Any]:
    """Nodes on the positive half-line and their weights, for both halves."""
    s = np.arange(0, REACH, STEP)
    inner = 0.5 * math.pi * np.sinh(s)
    weights = math.pi * STEP * np.cosh(s) * np.cosh(inner)
    weights[0] /= 2  # the node at 0 belongs to both halves
    return np.sinh(inner), weights


def log_partition(alpha: Any) -> Tensor:
    r"""The logarithm of :math:`Z(\alpha)` for a loss of scale 1.

    Parameters
    ----------
    alpha : float or Tensor
        From 0 to 2; below 0 the integral diverges.

    Returns
    -------
    Tensor
        Of the shape and dtype of `alpha`; computed in float64, to a relative error below 1e-9.
        It is differentiable any number of times: the sum is differentiated as it stands.

    Examples
    --------
    >>> import math
    >>> round(math.exp(log_partition(2.0)), 6) == round(math.sqrt(2 * math.pi), 6)
    True
    """
    given = alpha if isinstance(alpha, Tensor) else wrap(np.asarray(alpha, np.float64))
    nodes, weights = _rule()
    each = given.astype(np.float64).unsqueeze(-1)
    density = exp(-apply(CURVE.elementwise, nodes, 1.0, each))
    return log((density * weights).sum(-1)).astype(given.dtype)
