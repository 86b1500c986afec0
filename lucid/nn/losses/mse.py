"""The squared error: least squares, for noise without outliers."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from ...core.tensor import Tensor, values
from ...kernels.regression import Fused, squared
from ...ops.selection import where
from .base import CallOptions, Options, Reduction, check_options, evaluate
from .curve import Curve
from .regression_loss import LossOptions, RegressionLoss

# ---- the curve ------------------------------------------------------------------------


def rho(r: Any) -> Any:
    """r^2."""
    return r * r


def psi(r: Any) -> Any:
    """2 r."""
    return r + r


def weight(r: Any) -> Any:
    """2 everywhere."""
    return where(np.isnan(values(r)), r, 2.0)


CURVE = Curve("mse", rho, psi, weight, fused=Fused("mse", squared))

# ---- the function ---------------------------------------------------------------------


def mse_loss(
    input: Tensor,
    target: Tensor,
    reduction: Reduction = "mean",
    weight: Any = None,
    *,
    mask: Any = None,
    **options: Unpack[CallOptions],
) -> Tensor:
    """The squared error; see `MSELoss` for the formula.

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
        ``normalize``, ``nan_target`` and ``broadcast``, as `MSELoss` has them.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `MSELoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.mse_loss(lucid.Tensor([1.0, 2.0]), lucid.Tensor([0.0, 4.0]))
    Tensor(2.5000)
    """
    chosen = check_options("mse_loss", Options(reduction, **options))
    return evaluate("mse_loss", CURVE, (), chosen, input, target, weight, mask)


# ---- the module -----------------------------------------------------------------------


class MSELoss(RegressionLoss):
    r"""The squared error.

    With the residual :math:`r = \text{input} - \text{target}`,

    .. math:: \rho(r) = r^2, \qquad \psi(r) = 2 r, \qquad w(r) = \psi(r) / r = 2.

    The influence of an element grows with its residual without bound: one gross outlier can
    outweigh all the rest. Where there may be any, use `HuberLoss`.

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

    Examples
    --------
    >>> import lucid.nn as nn
    >>> from lucid import Tensor
    >>> criterion = nn.MSELoss()
    >>> criterion
    MSELoss(reduction='mean')
    >>> criterion(Tensor([1.0, 2.0]), Tensor([0.0, 4.0]))
    Tensor(2.5000)
    """

    curve = CURVE

    def __init__(self, reduction: Reduction = "mean", **options: Unpack[LossOptions]) -> None:
        super().__init__(reduction, **options)
