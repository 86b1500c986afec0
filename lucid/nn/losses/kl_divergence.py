"""The Kullback-Leibler divergence of one distribution from another."""

from __future__ import annotations

from typing import Any

from ...core.tensor import Tensor
from ...ops.exponential import exp, xlogy
from .reduced import REDUCTIONS, ReducedLoss, check_reduction, operands, reduce

KL_REDUCTIONS = ("batchmean", *REDUCTIONS)


def kl_div(
    input: Tensor, target: Tensor, *, reduction: Any = "mean", log_target: bool = False
) -> Tensor:
    """How far log-probabilities are from a target distribution; see `KLDivLoss`.

    Parameters
    ----------
    input : Tensor
        Log-probabilities.
    target : Tensor
        Probabilities, or their logarithms; broadcast against `input`.
    reduction : {"mean", "batchmean", "sum", "none", None}, default "mean"
    log_target : bool, default False

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError, ShapeError, ArgumentError
        As `KLDivLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> half = lucid.tensor([[0.5, 0.5]])
    >>> F.kl_div(lucid.tensor([[0.75, 0.25]]).log(), half, reduction="batchmean")
    Tensor(0.1438)
    """
    check_reduction("kl_div", reduction, KL_REDUCTIONS)
    input, target = operands("kl_div", input=input, target=target)
    if log_target:
        loss = exp(target) * (target - input)
    else:
        loss = xlogy(target, target) - target * input
    if reduction == "batchmean":
        return loss.sum() / input.shape[0] if input.ndim else loss
    return reduce(loss, reduction)


class KLDivLoss(ReducedLoss):
    r"""The Kullback-Leibler divergence, :math:`p (\ln p - x)` for log-probabilities x and a
    target distribution p.

    Parameters
    ----------
    reduction : {"mean", "batchmean", "sum", "none", None}, default "mean"
        The divergence of distributions is their sum over the classes and mean over the batch:
        ``"batchmean"``. ``"mean"`` divides by all elements.
    log_target : bool, default False
        Whether the target holds logarithms.

    Raises
    ------
    ArgumentError
        If `reduction` has none of its values.
    ShapeError
        On a call, if the shapes do not broadcast.

    References
    ----------
    S. Kullback and R. A. Leibler, "On Information and Sufficiency", Annals of Mathematical
    Statistics 22 (1951), 79-86.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> criterion = nn.KLDivLoss(reduction="batchmean")
    >>> criterion(lucid.zeros(1, 2).log_softmax(1), lucid.tensor([[1.0, 0.0]]))
    Tensor(0.6931)
    """

    reductions = KL_REDUCTIONS
    shown = ("log_target",)

    def __init__(self, *, reduction: Any = "mean", log_target: bool = False) -> None:
        super().__init__(reduction)
        self.log_target = log_target

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Log-probabilities and a distribution of one shape."""
        return kl_div(input, target, reduction=self.reduction, log_target=self.log_target)
