"""Binary cross entropy: yes or no, once or many times a sample."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import samples
from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor
from ...errors import ArgumentError, compose
from ...kernels import binary_cross_entropy as kernels
from ...ops.bounds import clamp
from ...ops.exponential import log, log1p
from ...ops.logistic import logsigmoid, sigmoid
from ...ops.promotion import real_floating
from .base import Reduction
from .reduced import ReducedLoss, check_reduction, first_place, need_same_shape, operands, reduce

# ---- of probabilities -----------------------------------------------------------------

LEAST_LOG = -100.0  # the logarithm of 0, so that a certain mistake has a finite loss
LEAST_SLOPE = 1e-12  # of x (1 - x), by which the gradient is divided


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    shapes: list[tuple[int, ...]] = [(3, 4), (), (0, 3)]
    return [draw.sample(draw.uniform(0.1, 0.9, *s), draw.uniform(0, 1, *s)) for s in shapes]


@primitive("binary_cross_entropy", saves=("x", "t"), samples=_samples)
def _binary_cross_entropy(x: Any, t: Any) -> Any:
    return (t - 1) * np.maximum(np.log1p(-x), LEAST_LOG) - t * np.maximum(np.log(x), LEAST_LOG)


@_binary_cross_entropy.rule
def _(g, y, x, t, *, needs):
    along = towards = None
    if needs[0]:
        along = g * (x - t) / clamp(x * (1 - x), min=LEAST_SLOPE)
    if needs[1]:
        towards = g * (clamp(log1p(-x), min=LEAST_LOG) - clamp(log(x), min=LEAST_LOG))
    return along, towards


def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Any = None, *, reduction: Reduction = "mean"
) -> Tensor:
    """The loss of probabilities of yes; see `BCELoss`.

    Parameters
    ----------
    input : Tensor
        Probabilities.
    target : Tensor
        Of the same shape, between 0 and 1.
    weight : Tensor, optional
        Broadcast against the loss.
    reduction : {"mean", "sum", "none", None}, default "mean"

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `BCELoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.binary_cross_entropy(lucid.tensor([0.9, 0.2]), lucid.tensor([1.0, 0.0]))
    Tensor(0.1643)
    """
    name = "binary_cross_entropy"
    check_reduction(name, reduction)
    input, target = operands(name, input=input, target=target)
    need_same_shape(name, input, target)
    wrong = (input.data < 0) | (input.data > 1)
    if wrong.any():
        problem = f"input must hold probabilities, and {first_place(wrong)} is none"
        seen = {"input": input, "value": float(input.data[wrong][0])}
        fix = "binary_cross_entropy_with_logits for scores, or input.sigmoid()"
        raise ArgumentError(compose(name, problem, seen, fix))
    loss: Tensor = apply(_binary_cross_entropy, input, target)
    return reduce(_weighted(loss, weight), reduction)


def _weighted(loss: Tensor, weight: Any) -> Tensor:
    return loss if weight is None else loss * weight.astype(loss.dtype)


class BCELoss(ReducedLoss):
    r"""Binary cross entropy of probabilities x:
    :math:`-w \bigl(t \ln x + (1 - t) \ln (1 - x)\bigr)`.

    Logarithms are cut off at -100, so that a certain mistake has a finite loss. After a
    sigmoid, `BCEWithLogitsLoss` is more accurate.

    Parameters
    ----------
    weight : Tensor, optional
        Broadcast against the loss.
    reduction : {"mean", "sum", "none", None}, default "mean"

    Raises
    ------
    ArgumentError
        If `reduction` has none of its values; on a call, if the input lies outside 0 and 1:
        the sample is named.
    ShapeError
        If the shapes of input and target differ.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.BCELoss()(lucid.tensor([0.5, 1.0]), lucid.tensor([1.0, 0.0]))
    Tensor(50.3466)
    """

    weight: Tensor | None

    def __init__(self, weight: Tensor | None = None, *, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Probabilities and targets of one shape."""
        return binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


# ---- of scores ------------------------------------------------------------------------


def _logit_samples(draw: samples.Draw) -> list[samples.Sample]:
    shapes: list[tuple[int, ...]] = [(3, 4), (), (0, 3)]
    return [
        draw.sample(draw.apart(*shape), draw.uniform(0, 1, *shape), scale=scale)
        for shape in shapes
        for scale in (None, 0.5)
    ]


@primitive("binary_cross_entropy_with_logits", saves=("x", "t"), samples=_logit_samples)
def _with_logits(x: Any, t: Any, *, scale: float | None) -> Any:
    """The loss of every element, or their sum times `scale`."""
    if scale is None:
        return kernels.each(x, t)
    return np.asarray(kernels.total(x, t, None)[0] * scale, x.dtype)


@_with_logits.recording
def _(x, t, *, scale):
    if scale is None:
        return kernels.each(x, t), None
    loss, slope = kernels.total(x, t, scale)
    return np.asarray(loss * scale, x.dtype), slope


@_with_logits.fused_rule
def _(g, slope, y, x, t, *, scale, needs):
    if slope is None:
        return g * (sigmoid(x) - t), -g * x
    along = slope if g.item() == 1 else slope * g
    return (along if needs[0] else None, x * (-g * scale) if needs[1] else None)


@_with_logits.rule
def _(g, y, x, t, *, scale):
    g = g if scale is None else g * scale
    return g * (sigmoid(x) - t), -g * x


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Any = None,
    *,
    reduction: Reduction = "mean",
    pos_weight: Any = None,
) -> Tensor:
    """The loss of scores for yes; see `BCEWithLogitsLoss`.

    Parameters
    ----------
    input : Tensor
        Scores of any size: nothing overflows.
    target : Tensor
        Of the same shape, between 0 and 1.
    weight : Tensor, optional
        Broadcast against the loss.
    reduction : {"mean", "sum", "none", None}, default "mean"
    pos_weight : Tensor, optional
        How much a yes counts; broadcast against the loss.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `BCEWithLogitsLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.binary_cross_entropy_with_logits(lucid.tensor([0.0, 800.0]), lucid.tensor([1.0, 1.0]))
    Tensor(0.3466)
    """
    name = "binary_cross_entropy_with_logits"
    check_reduction(name, reduction)
    input, target = operands(name, input=input, target=target)
    need_same_shape(name, input, target)
    if pos_weight is None:
        scale = _scale(reduction, input.numel()) if weight is None else None
        loss: Tensor = apply(_with_logits, input, target, scale=scale)
        if scale is not None:
            return loss
    else:
        yes = (real_floating(pos_weight, name).astype(input.dtype) - 1) * target + 1
        loss = (1 - target) * input - yes * logsigmoid(input)
    return reduce(_weighted(loss, weight), reduction)


def _scale(reduction: Any, count: int) -> float | None:
    """What the sum is multiplied by; None where there is none."""
    if reduction == "mean":
        return 1 / count if count else math.nan
    return 1.0 if reduction == "sum" else None


class BCEWithLogitsLoss(ReducedLoss):
    r"""Sigmoid and binary cross entropy in one, for scores x:
    :math:`-w \bigl(p \, t \ln \sigma(x) + (1 - t) \ln (1 - \sigma(x))\bigr)`.

    Parameters
    ----------
    weight : Tensor, optional
        w, broadcast against the loss.
    reduction : {"mean", "sum", "none", None}, default "mean"
    pos_weight : Tensor, optional
        p, how much a yes counts: above 1 where yes is rare, or a miss worse than a false
        alarm. Broadcast against the loss.

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
    >>> criterion = nn.BCEWithLogitsLoss(pos_weight=lucid.tensor([3.0]))
    >>> criterion(lucid.tensor([0.0, 0.0]), lucid.tensor([1.0, 0.0]))
    Tensor(1.3863)
    """

    weight: Tensor | None
    pos_weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        *,
        reduction: Reduction = "mean",
        pos_weight: Tensor | None = None,
    ) -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Scores and targets of one shape."""
        return binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )
