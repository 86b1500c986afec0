"""Negative log-likelihood of classes: for a network that gives log-probabilities."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...core.tensor import Tensor, wrap
from ...ops.autocasting import casting, raised
from ...ops.gathering import gather
from ...ops.promotion import real_floating
from ...ops.selection import where
from .base import Reduction
from .class_targets import class_targets, class_weights, total_weight
from .reduced import ReducedLoss, check_reduction


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Any = None,
    *,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
) -> Tensor:
    """Minus the log-probability of the right class; see `NLLLoss`.

    Parameters
    ----------
    input : Tensor
        Log-probabilities, shape ``(N, C)``, ``(N, C, d1, ...)`` or ``(C,)``.
    target : Tensor
        Classes, whole numbers of the input's shape without the dimension C.
    weight : Tensor, optional
        Of the classes, shape ``(C,)``.
    ignore_index : int, default -100
    reduction : {"mean", "sum", "none", None}, default "mean"

    Returns
    -------
    Tensor
        0-d, or of the target's shape.

    Raises
    ------
    ShapeError, DTypeError, IndexingError, ArgumentError
        As `NLLLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.nll_loss(lucid.tensor([[-0.5, -1.0], [-2.0, -0.1]]), lucid.tensor([0, 1]))
    Tensor(0.3000)
    """
    check_reduction("nll_loss", reduction)
    if casting:
        (input,) = raised(input)
    input = real_floating(input, "nll_loss")
    classes, counts = class_targets("nll_loss", input, target, ignore_index)
    weight = class_weights("nll_loss", input, weight)
    along = 0 if input.ndim == 1 else 1
    places = classes if counts is None else np.where(counts, classes, 0)
    if not input.shape[along]:  # no class, so nothing to look up
        loss = -input.sum(along)
    else:
        loss = -gather(input, along, wrap(np.expand_dims(places, along)))
        loss = loss.squeeze(along)
    if weight is not None:
        loss = loss * weight[places].astype(input.dtype)
    if counts is not None:
        loss = where(counts, loss, 0.0)
    if reduction == "sum":
        return loss.sum()
    if reduction == "mean":
        return loss.sum() / (total_weight(classes, counts, weight) or math.nan)
    return loss


class NLLLoss(ReducedLoss):
    r"""Minus the log-probability of the right class t, :math:`\ell = -w_t x_t`.

    The mean divides by the sum of :math:`w_t` over the samples that count. After
    `LogSoftmax` it is `CrossEntropyLoss`, which does both in one pass.

    Parameters
    ----------
    weight : Tensor, optional
        Of the classes, shape ``(C,)``.
    ignore_index : int, default -100
        Samples of this class do not count, and get gradient 0.
    reduction : {"mean", "sum", "none", None}, default "mean"

    Raises
    ------
    IndexingError
        On a call, if a target is no class; the sample is named.
    ShapeError
        If the shapes do not fit.
    DTypeError
        If the targets are not whole numbers.
    ArgumentError
        If `reduction` has none of its values.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.NLLLoss()(nn.LogSoftmax(1)(lucid.zeros(2, 4)), lucid.tensor([0, 3]))
    Tensor(1.3863)
    """

    weight: Tensor | None
    shown = ("ignore_index",)

    def __init__(
        self,
        weight: Tensor | None = None,
        *,
        ignore_index: int = -100,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Log-probabilities ``(N, C, ...)`` and classes ``(N, ...)``."""
        return nll_loss(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
        )


class NLLLoss2d(NLLLoss):
    """`NLLLoss`, under the name that its form for images once had.

    Examples
    --------
    >>> import lucid
    >>> scores = lucid.zeros(1, 2, 3, 3).log_softmax(1)
    >>> NLLLoss2d()(scores, lucid.zeros(1, 3, 3, dtype=lucid.int64))
    Tensor(0.6931)
    """
