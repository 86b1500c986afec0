"""Margins between classes: the right one's score above the others', or several above the rest."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.tensor import Tensor, values
from ...errors import ArgumentError, DTypeError, IndexingError, ShapeError, compose
from ...ops.activation import relu
from ...ops.autocasting import casting, raised
from ...ops.axes import ndim_of
from ...ops.gathering import gather
from ...ops.logistic import logsigmoid
from ...ops.promotion import real_floating
from ...ops.selection import where
from .base import Reduction
from .class_targets import class_targets, class_weights
from .reduced import (
    ReducedLoss,
    check_reduction,
    first_place,
    need_same_shape,
    operands,
    reduce,
)

# ---- one right class ------------------------------------------------------------------


def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    *,
    reduction: Reduction = "mean",
) -> Tensor:
    """How far other scores reach above the right class's less a margin; see `MultiMarginLoss`.

    Parameters
    ----------
    input : Tensor
        Scores, shape ``(N, C)`` or ``(C,)``.
    target : Tensor
        Classes, shape ``(N,)`` or ``()``.
    p : {1, 2}, default 1
    margin : float, default 1.0
    weight : Tensor, optional
        Of the classes, shape ``(C,)``.
    reduction : {"mean", "sum", "none", None}, default "mean"

    Returns
    -------
    Tensor
        0-d, or of the target's shape.

    Raises
    ------
    ShapeError, DTypeError, IndexingError, ArgumentError
        As `MultiMarginLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.multi_margin_loss(lucid.tensor([[0.5, 1.0, 0.0]]), lucid.tensor([1]))
    Tensor(0.1667)
    """
    name = "multi_margin_loss"
    check_reduction(name, reduction)
    _check_power(name, p)
    if casting:
        (input,) = raised(input)
    input = real_floating(input, name)
    _need_rows(name, input, target)
    classes, _ = class_targets(name, input, target, None)
    weight = class_weights(name, input, weight)
    places = np.expand_dims(classes, -1)
    right = gather(input, -1, Tensor(places, dtype=np.int64))
    excess = relu(margin - right + input)
    others = np.arange(input.shape[-1]) != places
    each = where(others, excess if p == 1 else excess * excess, 0.0)
    if weight is not None:
        each = each * weight[places].astype(input.dtype)
    return reduce(each.sum(-1) / input.shape[-1], reduction)


def _check_power(name: str, p: Any) -> None:
    if p not in (1, 2):
        raise ArgumentError(compose(name, f"p must be 1 or 2, not {p!r}"))


def _need_rows(name: str, input: Tensor, target: Any) -> None:
    if input.ndim not in (1, 2) or not input.shape[-1]:
        problem = "the scores must have shape (N, C) or (C,), with a class at least"
        raise ShapeError(compose(name, problem, {"input": input, "target": target}))


class MultiMarginLoss(ReducedLoss):
    r"""The hinge of several classes: for scores x and the right class t,
    :math:`\frac1C \sum_{c \ne t} w_t \max(0, m - x_t + x_c)^p`.

    Parameters
    ----------
    p : {1, 2}, default 1
    margin : float, default 1.0
        How far above all others the right score should be.
    weight : Tensor, optional
        Of the classes, shape ``(C,)``.
    reduction : {"mean", "sum", "none", None}, default "mean"

    Raises
    ------
    ArgumentError
        If `p` is neither 1 nor 2, or `reduction` has none of its values.
    IndexingError
        On a call, if a target is no class; the sample is named.
    ShapeError
        If the shapes do not fit.

    References
    ----------
    K. Crammer and Y. Singer, "On the Algorithmic Implementation of Multiclass Kernel-based
    Vector Machines", JMLR 2 (2001), 265-292.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.MultiMarginLoss()(lucid.tensor([[0.1, 0.2, 0.4, 0.8]]), lucid.tensor([3]))
    Tensor(0.3250)
    """

    weight: Tensor | None
    shown = ("p", "margin")

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: Tensor | None = None,
        *,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction)
        _check_power("MultiMarginLoss", p)
        self.p = p
        self.margin = margin
        self.register_buffer("weight", weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Scores ``(N, C)`` and classes ``(N,)``."""
        return multi_margin_loss(
            input, target, self.p, self.margin, self.weight, reduction=self.reduction
        )


# ---- several right classes ------------------------------------------------------------


def multilabel_margin_loss(
    input: Tensor, target: Tensor, *, reduction: Reduction = "mean"
) -> Tensor:
    """How far wrong classes reach above right ones; see `MultiLabelMarginLoss`.

    Parameters
    ----------
    input : Tensor
        Scores, shape ``(N, C)`` or ``(C,)``.
    target : Tensor
        Of the same shape: the right classes of each sample, ended by -1.
    reduction : {"mean", "sum", "none", None}, default "mean"

    Returns
    -------
    Tensor
        0-d, or one loss a sample.

    Raises
    ------
    ShapeError, DTypeError, IndexingError, ArgumentError
        As `MultiLabelMarginLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> scores = lucid.tensor([[0.1, 0.2, 0.4, 0.8]])
    >>> F.multilabel_margin_loss(scores, lucid.tensor([[3, 0, -1, 1]]))
    Tensor(0.8500)
    """
    name = "multilabel_margin_loss"
    check_reduction(name, reduction)
    if casting:
        (input,) = raised(input)
    input = real_floating(input, name)
    ndim_of(name, target, "target")  # refuses what is no tensor
    _need_rows(name, input, target)
    need_same_shape(name, input, target)
    classes, listed = _label_lists(name, input, values(target))
    places = np.where(listed, classes, 0)
    wrong = np.ones(input.shape, np.bool_)
    for row, right in zip(wrong.reshape(-1, wrong.shape[-1]), _rows(classes, listed), strict=True):
        row[right] = False
    right_scores = gather(input, -1, Tensor(places, dtype=np.int64)).unsqueeze(-1)
    excess = relu(1 - right_scores + input.unsqueeze(-2))
    pairs = listed[..., :, None] & wrong[..., None, :]
    return reduce(where(pairs, excess, 0.0).sum((-2, -1)) / input.shape[-1], reduction)


def _label_lists(name: str, input: Tensor, target: Any) -> tuple[Any, Any]:
    """The lists of classes, as far as the longest of them goes, and which entries are in one."""
    if target.dtype.kind not in "iu":
        problem = "targets that are classes must be whole numbers"
        raise DTypeError(compose(name, problem, {"target": target}, "target.long()"))
    listed = np.logical_and.accumulate(target >= 0, axis=-1)
    count = input.shape[-1]
    beyond = (target >= count) | (target < -1)
    if beyond.any():
        problem = f"target {int(target[beyond][0])} of {first_place(beyond)} is no class"
        fix = f"targets from 0 to {count - 1}, ended by -1"
        raise IndexingError(compose(name, problem, {"input": input, "target": target}, fix))
    longest = int(listed.sum(axis=-1).max(initial=0))
    return target[..., :longest], listed[..., :longest]


def _rows(classes: Any, listed: Any) -> list[Any]:
    """The right classes of each sample."""
    if classes.ndim == 1:
        return [classes[listed]]
    return [row[inside] for row, inside in zip(classes, listed, strict=True)]


class MultiLabelMarginLoss(ReducedLoss):
    r"""The hinge between the right classes R of a sample and all others:
    :math:`\frac1C \sum_{r \in R} \sum_{c \notin R} \max(0, 1 - x_r + x_c)`.

    Parameters
    ----------
    reduction : {"mean", "sum", "none", None}, default "mean"

    Raises
    ------
    ArgumentError
        If `reduction` has none of its values.
    IndexingError
        On a call, if a target is no class; the sample is named.
    ShapeError
        If the shapes do not fit.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> scores = lucid.tensor([0.0, 2.0, 1.0])
    >>> nn.MultiLabelMarginLoss()(scores, lucid.tensor([1, -1, -1]))  # 1 is right
    Tensor(0.0000)
    """

    def __init__(self, *, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Scores and lists of right classes, both ``(N, C)``."""
        return multilabel_margin_loss(input, target, reduction=self.reduction)


def multilabel_soft_margin_loss(
    input: Tensor, target: Tensor, weight: Any = None, *, reduction: Reduction = "mean"
) -> Tensor:
    """Binary cross entropy of every class, averaged; see `MultiLabelSoftMarginLoss`.

    Parameters
    ----------
    input : Tensor
        Scores, shape ``(N, C)`` or ``(C,)``.
    target : Tensor
        Of the same shape: 1 for a class that is right, else 0.
    weight : Tensor, optional
        Of the classes.
    reduction : {"mean", "sum", "none", None}, default "mean"

    Returns
    -------
    Tensor
        0-d, or one loss a sample.

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `MultiLabelSoftMarginLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.multilabel_soft_margin_loss(lucid.zeros(1, 2), lucid.tensor([[1, 0]]))
    Tensor(0.6931)
    """
    name = "multilabel_soft_margin_loss"
    check_reduction(name, reduction)
    input, target = operands(name, input=input, target=target)
    need_same_shape(name, input, target)
    loss = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        loss = loss * weight.astype(loss.dtype)
    return reduce(loss.mean(-1), reduction)


class MultiLabelSoftMarginLoss(ReducedLoss):
    r"""Binary cross entropy of every class by itself, averaged over the classes:
    :math:`-\frac1C \sum_c w_c \bigl(t_c \ln \sigma(x_c) + (1 - t_c) \ln \sigma(-x_c)\bigr)`.

    Parameters
    ----------
    weight : Tensor, optional
        Of the classes, shape ``(C,)``.
    reduction : {"mean", "sum", "none", None}, default "mean"

    Raises
    ------
    ArgumentError
        If `reduction` has none of its values.
    ShapeError
        On a call, if the shapes of input and target differ.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> criterion = nn.MultiLabelSoftMarginLoss()
    >>> criterion(lucid.tensor([[4.0, -4.0]]), lucid.tensor([[1.0, 0.0]]))
    Tensor(0.0181)
    """

    weight: Tensor | None

    def __init__(self, weight: Tensor | None = None, *, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Scores and zeros or ones, both ``(N, C)``."""
        return multilabel_soft_margin_loss(input, target, self.weight, reduction=self.reduction)
