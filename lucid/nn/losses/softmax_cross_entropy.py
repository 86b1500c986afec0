"""Cross entropy: scores of classes against the class that is right, or its probabilities."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import samples
from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor
from ...errors import ArgumentError, ShapeError, compose
from ...kernels import cross_entropy as kernels
from ...ops.autocasting import is_casting
from ...ops.axes import ndim_of
from ...ops.promotion import real_floating
from ...ops.selection import where
from ...ops.softmax import log_softmax, softmax
from .base import Reduction
from .class_targets import class_targets, class_weights, total_weight
from .reduced import ReducedLoss, check_reduction, need_same_shape

# ---- rows of scores -------------------------------------------------------------------


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    classes = np.array([2, 0, -100, 1, 2])
    weight = np.array([0.5, 2.0, 1.5])
    mean = {"weight": None, "ignore": -100, "smoothing": 0.0, "scale": 0.25, "reduced": True}
    return [
        draw.sample(draw(5, 3), classes, **mean),
        draw.sample(draw(5, 3), classes, **{**mean, "weight": weight, "smoothing": 0.3}),
        draw.sample(draw(5, 3), classes, **{**mean, "weight": weight, "reduced": False}),
        draw.sample(draw(4, 3), classes[:2].repeat(2), **{**mean, "ignore": 0, "smoothing": 0.1}),
        draw.sample(draw(0, 3), classes[:0], **mean),
    ]


@primitive("cross_entropy", saves=("x", "classes"), samples=_samples)
def _cross_entropy(
    x: Any,
    classes: Any,
    *,
    weight: Any,
    ignore: int,
    smoothing: float,
    scale: float,
    reduced: bool,
) -> Any:
    loss, _ = kernels.cross_entropy(x, classes, weight, ignore, smoothing, None)
    return _total(loss, scale) if reduced else loss


@_cross_entropy.recording
def _(x, classes, *, weight, ignore, smoothing, scale, reduced):
    slope = scale if reduced else 1.0
    loss, gradient = kernels.cross_entropy(x, classes, weight, ignore, smoothing, slope)
    return (_total(loss, scale) if reduced else loss), gradient


def _total(loss: Any, scale: float) -> Any:
    total = float(np.add.reduce(loss, dtype=np.float64)) * scale
    return np.asarray(total, loss.dtype)


@_cross_entropy.fused_rule
def _(g, gradient, y, x, classes, *, weight, ignore, smoothing, scale, reduced):
    if reduced:
        return (gradient if g.item() == 1 else gradient * g), None
    return gradient * g[:, None], None


@_cross_entropy.rule
def _(g, y, x, classes, *, weight, ignore, smoothing, scale, reduced):
    q = kernels.shares(classes, weight, ignore, smoothing, x.shape, x.dtype)
    slope = softmax(x, 1) * q.sum(axis=1, keepdims=True) - q
    slope = where((classes != ignore)[:, None], slope, 0.0)  # NaN in a row that does not count
    return (g * scale if reduced else g[..., None]) * slope, None


# ---- the function ---------------------------------------------------------------------


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Any = None,
    *,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Cross entropy of scores; see `CrossEntropyLoss` for the formula.

    Parameters
    ----------
    input : Tensor
        Scores, shape ``(N, C)``, ``(N, C, d1, ...)`` or ``(C,)``.
    target : Tensor
        Classes, whole numbers of the input's shape without the dimension C, or probabilities
        of the input's own shape.
    weight : Tensor, optional
        Of the classes, shape ``(C,)``.
    ignore_index : int, default -100
        Samples of this class do not count.
    reduction : {"mean", "sum", "none", None}, default "mean"
    label_smoothing : float, default 0.0

    Returns
    -------
    Tensor
        0-d, or of the input's shape without the dimension C.

    Raises
    ------
    ShapeError, DTypeError, IndexingError, ArgumentError
        As `CrossEntropyLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> scores = lucid.tensor([[2.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    >>> F.cross_entropy(scores, lucid.tensor([0, 1]))
    Tensor(0.3955)
    """
    name = "cross_entropy"
    check_reduction(name, reduction)
    _check_smoothing(name, label_smoothing)
    ndim_of(name, input)  # refuses what is no tensor
    ndim_of(name, target, "target")
    wide = real_floating(input, name)
    narrow = None
    if wide.dtype.itemsize == 2:  # half precision is computed and summed in single
        narrow = None if is_casting() else wide.dtype
        wide = wide.astype(np.float32)
    if target.shape == input.shape and target.dtype.kind not in "iub":
        loss = _of_probabilities(name, wide, target, weight, reduction, label_smoothing)
    else:
        loss = _of_classes(name, wide, target, weight, ignore_index, reduction, label_smoothing)
    return loss if narrow is None else loss.astype(narrow)


def _check_smoothing(name: str, label_smoothing: Any) -> None:
    if not isinstance(label_smoothing, float | int) or not 0 <= label_smoothing <= 1:
        problem = f"label_smoothing must lie between 0 and 1, not {label_smoothing!r}"
        raise ArgumentError(compose(name, problem))


def _of_classes(
    name: str,
    input: Tensor,
    target: Any,
    weight: Any,
    ignore: int,
    reduction: Any,
    smoothing: float,
) -> Tensor:
    classes, counts = class_targets(name, input, target, ignore)
    weight = class_weights(name, input, weight)
    reduced = reduction == "mean" or reduction == "sum"
    scale = 1.0
    if reduction == "mean":
        total = total_weight(classes, counts, weight)
        scale = 1.0 / total if total else math.nan
    shape = classes.shape
    if input.ndim == 1:
        input = input.unsqueeze(0)
    elif input.ndim > 2:
        input = input.movedim(1, -1)
        input = input.reshape(classes.size, input.shape[-1])
    loss: Tensor = apply(
        _cross_entropy,
        input,
        classes.reshape(-1),
        weight=weight,
        ignore=ignore,
        smoothing=smoothing,
        scale=scale,
        reduced=reduced,
    )
    return loss if reduced or len(shape) == 1 else loss.reshape(shape)


def _of_probabilities(
    name: str, input: Tensor, target: Any, weight: Any, reduction: Any, smoothing: float
) -> Tensor:
    """The same out of separate ops: targets may be learned, and hold no class to look up."""
    need_same_shape(name, input, target)
    if input.ndim == 0:
        problem = "needs one score a class: shape (C,), (N, C) or (N, C, d1, ...)"
        raise ShapeError(compose(name, problem, {"input": input, "target": target}))
    along = 0 if input.ndim == 1 else 1
    count = input.shape[along]
    shares = target.astype(input.dtype)
    if smoothing:
        shares = shares * (1 - smoothing) + smoothing / count
    weight = class_weights(name, input, weight)
    if weight is not None:
        per_class = (count, *(1,) * (input.ndim - 2))
        shares = shares * weight.astype(input.dtype).reshape(per_class)
    each = log_softmax(input, along) * shares
    if reduction == "sum":
        return -each.sum()
    if reduction == "mean":
        samples = input.numel() // count if count else 0
        return -each.sum() / (samples or math.nan)
    return -each.sum(along)


# ---- the module -----------------------------------------------------------------------


class CrossEntropyLoss(ReducedLoss):
    r"""Softmax and negative log-likelihood in one: the loss of a classifier's scores.

    For scores x of C classes and the right class t,

    .. math::

        \ell = \sum_c q_c \Bigl(\ln \sum_j e^{x_j} - x_c\Bigr), \qquad
        q_c = w_c \Bigl((1 - \epsilon) p_c + \frac{\epsilon}{C}\Bigr), \qquad
        \frac{\partial \ell}{\partial x} = \operatorname{softmax}(x) \sum_c q_c - q

    where p is 1 at t and 0 elsewhere, or the probabilities that are given. The mean divides
    by the sum of :math:`w_t` over the samples that count (of probabilities: by their number).

    Parameters
    ----------
    weight : Tensor, optional
        Of the classes, shape ``(C,)``: rare ones can be made to count for more.
    ignore_index : int, default -100
        Samples of this class do not count, and get gradient 0.
    reduction : {"mean", "sum", "none", None}, default "mean"
    label_smoothing : float, default 0.0
        The share :math:`\epsilon` of the target that is spread over all classes.

    Raises
    ------
    IndexingError
        On a call, if a target is no class; the sample is named.
    ShapeError
        If the shapes do not fit.
    DTypeError
        If classes are not whole numbers.
    ArgumentError
        If an option has none of its values.

    Notes
    -----
    PyTorch's outdated arguments ``size_average`` and ``reduce`` are not taken; what follows
    `weight` is given by name. Probabilities as targets get a gradient of their own.

    References
    ----------
    C. Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", CVPR 2016
    (smoothing).

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> scores = lucid.Tensor([[2.0, 0.0, 0.0], [0.0, 1.0, 0.0]], requires_grad=True)
    >>> loss = nn.CrossEntropyLoss()(scores, lucid.tensor([0, 1]))
    >>> loss.backward()
    >>> print(scores.grad)
    [[-0.1065,  0.0533, 0.0533],
     [ 0.1060, -0.2119, 0.1060]]
    """

    weight: Tensor | None
    shown = ("ignore_index", "label_smoothing")

    def __init__(
        self,
        weight: Tensor | None = None,
        *,
        ignore_index: int = -100,
        reduction: Reduction = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction)
        _check_smoothing("CrossEntropyLoss", label_smoothing)
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Scores ``(N, C, ...)`` and classes ``(N, ...)``, or probabilities ``(N, C, ...)``."""
        return cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )
