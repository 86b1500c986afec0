"""The absolute error: the median's loss."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from ...core.tensor import Tensor, values
from ...kernels.regression import Fused, absolute
from ...ops.selection import where
from .base import CallOptions, Options, Reduction, check_options, evaluate
from .curve import Curve
from .regression_loss import LossOptions, RegressionLoss

# ---- the curve ------------------------------------------------------------------------


def rho(r: Any) -> Any:
    """|r|."""
    return np.abs(r)


def psi(r: Any) -> Any:
    """sign(r), 0 at 0; a constant to differentiation."""
    raw = values(r)
    return where(raw > 0, 1.0, where(raw < 0, -1.0, r * 0.0))


def weight(r: Any) -> Any:
    """1 / |r|, infinite at 0."""
    raw = values(r)
    return where(raw == 0, np.inf, np.sign(raw) / where(raw == 0, 1.0, r))


CURVE = Curve("l1", rho, psi, weight, fused=Fused("l1", absolute))

# ---- the function ---------------------------------------------------------------------


def l1_loss(
    input: Tensor,
    target: Tensor,
    reduction: Reduction = "mean",
    weight: Any = None,
    *,
    mask: Any = None,
    **options: Unpack[CallOptions],
) -> Tensor:
    """The absolute error; see `L1Loss` for the formula.

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
        ``normalize``, ``nan_target`` and ``broadcast``, as `L1Loss` has them.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `L1Loss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.l1_loss(lucid.Tensor([1.0, 2.0]), lucid.Tensor([0.0, 4.0]))
    Tensor(1.5000)
    """
    chosen = check_options("l1_loss", Options(reduction, **options))
    return evaluate("l1_loss", CURVE, (), chosen, input, target, weight, mask)


# ---- the module -----------------------------------------------------------------------


class L1Loss(RegressionLoss):
    r"""The absolute error.

    With the residual :math:`r = \text{input} - \text{target}`,

    .. math:: \rho(r) = |r|, \qquad \psi(r) = \operatorname{sign}(r), \qquad
              w(r) = \psi(r) / r = 1 / |r|.

    Every element pulls alike, whatever its residual; what fits best is a median. The slope at
    0 is taken as 0; that of NaN is NaN, where PyTorch's is 0 and hides it.

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
    >>> nn.L1Loss()(Tensor([1.0, 2.0]), Tensor([0.0, 4.0]))
    Tensor(1.5000)
    """

    curve = CURVE

    def __init__(self, reduction: Reduction = "mean", **options: Unpack[LossOptions]) -> None:
        super().__init__(reduction, **options)
