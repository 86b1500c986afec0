"""Margins: losses that ask a score to be on the right side by some distance, and then rest."""

from __future__ import annotations

from ...core.tensor import Tensor
from ...ops.bounds import clamp_min
from ...ops.logistic import logsigmoid
from ...ops.selection import where
from .base import Reduction
from .reduced import ReducedLoss, check_reduction, operands, reduce

# ---- rankings -------------------------------------------------------------------------


def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0.0,
    *,
    reduction: Reduction = "mean",
) -> Tensor:
    """How far two scores are from being in order; see `MarginRankingLoss`.

    Parameters
    ----------
    input1, input2 : Tensor
    target : Tensor
        1 where `input1` should be the greater, -1 where `input2` should. All three broadcast.
    margin : float, default 0.0
    reduction : {"mean", "sum", "none", None}, default "mean"

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `MarginRankingLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.margin_ranking_loss(lucid.tensor([1.0]), lucid.tensor([3.0]), lucid.tensor([1]))
    Tensor(2.0000)
    """
    name = "margin_ranking_loss"
    check_reduction(name, reduction)
    input1, input2, target = operands(name, input1=input1, input2=input2, target=target)
    return reduce(clamp_min(-target * (input1 - input2) + margin, 0), reduction)


class MarginRankingLoss(ReducedLoss):
    r"""Two scores in the wrong order, or too close: :math:`\max(0, -y (x_1 - x_2) + m)`.

    Parameters
    ----------
    margin : float, default 0.0
        The distance m that is asked for.
    reduction : {"mean", "sum", "none", None}, default "mean"

    Raises
    ------
    ArgumentError
        If `reduction` has none of its values.
    ShapeError
        On a call, if the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> criterion = nn.MarginRankingLoss(margin=0.5)
    >>> criterion(lucid.tensor([1.0]), lucid.tensor([0.8]), lucid.tensor([1]))
    Tensor(0.3000)
    """

    shown = ("margin",)

    def __init__(self, margin: float = 0.0, *, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.margin = margin

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        """Scores and which of them should be the greater."""
        return margin_ranking_loss(input1, input2, target, self.margin, reduction=self.reduction)


# ---- one score, two sides ---------------------------------------------------------------


def hinge_embedding_loss(
    input: Tensor, target: Tensor, margin: float = 1.0, *, reduction: Reduction = "mean"
) -> Tensor:
    """Distances that should be small, or large; see `HingeEmbeddingLoss`.

    Parameters
    ----------
    input : Tensor
        Distances.
    target : Tensor
        1 where they should be small, -1 where large; broadcast against `input`.
    margin : float, default 1.0
    reduction : {"mean", "sum", "none", None}, default "mean"

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `HingeEmbeddingLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.hinge_embedding_loss(lucid.tensor([0.5, 0.25]), lucid.tensor([1, -1]))
    Tensor(0.6250)
    """
    check_reduction("hinge_embedding_loss", reduction)
    input, target = operands("hinge_embedding_loss", input=input, target=target)
    far = where(target.data != 1, clamp_min(margin - input, 0), 0.0)
    near = where(target.data != -1, input, 0.0)
    return reduce(far + near, reduction)


class HingeEmbeddingLoss(ReducedLoss):
    r"""A distance x of a pair that is alike (:math:`y = 1`) or not (:math:`y = -1`).

    .. math:: \ell = \begin{cases} x & y = 1 \\ \max(0, m - x) & y = -1 \end{cases}

    Parameters
    ----------
    margin : float, default 1.0
        From which distance m on unlike pairs are far enough.
    reduction : {"mean", "sum", "none", None}, default "mean"

    Raises
    ------
    ArgumentError
        If `reduction` has none of its values.
    ShapeError
        On a call, if the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.HingeEmbeddingLoss(reduction="none")(lucid.tensor([0.2, 0.2]), lucid.tensor([1, -1]))
    Tensor([0.2000, 0.8000])
    """

    shown = ("margin",)

    def __init__(self, margin: float = 1.0, *, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.margin = margin

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Distances, and 1 or -1 for each."""
        return hinge_embedding_loss(input, target, self.margin, reduction=self.reduction)


def soft_margin_loss(input: Tensor, target: Tensor, *, reduction: Reduction = "mean") -> Tensor:
    """The logistic loss of scores whose sign is the answer; see `SoftMarginLoss`.

    Parameters
    ----------
    input : Tensor
    target : Tensor
        1 or -1; broadcast against `input`.
    reduction : {"mean", "sum", "none", None}, default "mean"

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `SoftMarginLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.soft_margin_loss(lucid.tensor([0.0, 1000.0]), lucid.tensor([1, -1]))
    Tensor(500.3466)
    """
    check_reduction("soft_margin_loss", reduction)
    input, target = operands("soft_margin_loss", input=input, target=target)
    return reduce(-logsigmoid(target * input), reduction)


class SoftMarginLoss(ReducedLoss):
    r"""The logistic loss of a score x whose sign should be y: :math:`\ln (1 + e^{-y x})`.

    It is finite for scores of any size, where PyTorch's overflows.

    Parameters
    ----------
    reduction : {"mean", "sum", "none", None}, default "mean"

    Raises
    ------
    ArgumentError
        If `reduction` has none of its values.
    ShapeError
        On a call, if the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.SoftMarginLoss()(lucid.tensor([0.0]), lucid.tensor([1]))
    Tensor(0.6931)
    """

    def __init__(self, *, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Scores, and 1 or -1 for each."""
        return soft_margin_loss(input, target, reduction=self.reduction)
