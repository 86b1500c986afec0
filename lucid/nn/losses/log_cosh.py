"""The log-cosh loss: a smooth absolute error."""

from __future__ import annotations

import math
from typing import Any, Unpack

import numpy as np

from ...core.tensor import Tensor, values
from ...ops.selection import where
from ...ops.trigonometric import tanh
from .base import CallOptions, Options, Reduction, check_options, evaluate
from .curve import Curve
from .regression_loss import LossOptions, RegressionLoss

# ---- the curve ------------------------------------------------------------------------


def rho(r: Any) -> Any:
    """log cosh r, without overflow far out and without cancellation near zero."""
    size = np.abs(r)
    near = np.sinh(0.5 * np.minimum(size, 1))  # cosh r = 1 + 2 sinh(r/2)^2
    far = size + np.log1p(np.exp(-2 * size)) - math.log(2)
    return np.where(size < 1, np.log1p(2 * near * near), far)


def psi(r: Any) -> Any:
    """tanh r."""
    return tanh(r)


def weight(r: Any) -> Any:
    """tanh(r) / r, 1 at 0."""
    zero = values(r) == 0
    safe = where(zero, 1.0, r)
    return where(zero, 1.0, tanh(safe) / safe)


CURVE = Curve("log_cosh", rho, psi, weight)

# ---- the function ---------------------------------------------------------------------


def log_cosh_loss(
    input: Tensor,
    target: Tensor,
    reduction: Reduction = "mean",
    weight: Any = None,
    *,
    mask: Any = None,
    **options: Unpack[CallOptions],
) -> Tensor:
    """The logarithm of the hyperbolic cosine; see `LogCoshLoss` for the formula.

    Parameters
    ----------
    input, target : Tensor
        Of equal shape, or one of them 0-d.
    reduction : {"mean", "sum", "none", None}, default "mean"
    weight : Tensor, optional
        Broadcast against the loss; 0 leaves an element out altogether.
    mask : Tensor of bool, optional
        False leaves an element out.
    **options
        ``normalize``, ``nan_target`` and ``broadcast``, as `LogCoshLoss` has them.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `LogCoshLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.log_cosh_loss(lucid.Tensor([0.5, 300.0]), lucid.Tensor([0.0, 0.0]), "none")
    Tensor([1.2011e-01, 2.9931e+02])
    """
    chosen = check_options("log_cosh_loss", Options(reduction, **options))
    return evaluate("log_cosh_loss", CURVE, (), chosen, input, target, weight, mask)


# ---- the module -----------------------------------------------------------------------


class LogCoshLoss(RegressionLoss):
    r"""The logarithm of the hyperbolic cosine: a smooth absolute error.

    With the residual :math:`r = \text{input} - \text{target}`,

    .. math:: \rho(r) = \log \cosh r, \qquad \psi(r) = \tanh r, \qquad
              w(r) = \frac{\tanh r}{r}.

    Close to zero it is :math:`r^2/2`, far out :math:`|r| - \log 2`. It has no threshold, so
    the residuals must be of the order of 1: scale the target, or take `PseudoHuberLoss`. It
    is finite at every finite residual.

    Parameters
    ----------
    reduction : {"mean", "sum", "none", None}, default "mean"
    normalize : {"weight", "count"}, default "weight"
        What a weighted mean divides by: the sum of the weights or the number of elements.
    nan_target : {"propagate", "skip", "raise"}, default "propagate"
        What a NaN among the targets means.
    broadcast : bool, default False
        Let input and target broadcast against each other.
    track : bool, default False
        Keep the ledger that `report` reads.

    Raises
    ------
    ShapeError
        On a call, if the shapes of input and target differ and neither is 0-d.
    DTypeError
        If an operand is complex.
    ArgumentError
        If an option has none of its values.

    References
    ----------
    .. [1] P. J. Green, "Bayesian Reconstructions from Emission Tomography Data Using a
       Modified EM Algorithm", IEEE Transactions on Medical Imaging 9 (1990), 84-93.
    .. [2] R. A. Saleh, A. K. Md. E. Saleh, "Statistical Properties of the log-cosh Loss
       Function Used in Machine Learning", arXiv:2208.04564 (2022).

    Examples
    --------
    >>> import lucid.nn as nn
    >>> from lucid import Tensor
    >>> nn.LogCoshLoss()(Tensor([0.5, 300.0]), Tensor([0.0, 0.0]))
    Tensor(149.7135)
    """

    curve = CURVE

    def __init__(self, reduction: Reduction = "mean", **options: Unpack[LossOptions]) -> None:
        super().__init__(reduction, **options)
