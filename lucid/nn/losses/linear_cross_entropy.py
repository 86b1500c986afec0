"""A dense layer and the cross entropy of its scores in one: the head of a classifier."""

from __future__ import annotations

import math
from typing import Any

from ...core.tensor import Tensor
from ...errors import ArgumentError, ShapeError, compose
from ...ops.axes import ndim_of
from ...ops.linear import linear
from ..layers.linear import Linear
from .base import Reduction
from .reduced import ReducedLoss
from .softmax_cross_entropy import _check_smoothing, cross_entropy


def linear_cross_entropy(
    input: Tensor,
    linear_weight: Tensor,
    target: Tensor,
    *,
    linear_bias: Tensor | None = None,
    weight: Tensor | None = None,
    reduction: Reduction = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:
    r"""Cross entropy of the scores :math:`x W^\top + b`.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, in_features)`` or ``(in_features,)``.
    linear_weight : Tensor
        Shape ``(C, in_features)``; or ``(C, d1, ..., in_features)``, for scores of shape
        ``(N, C, d1, ...)``.
    target : Tensor
        As `cross_entropy` takes it: classes, or probabilities.
    linear_bias : Tensor, optional
        Shape ``(C,)`` or ``(C, d1, ...)``.
    weight : Tensor, optional
        Of the classes, shape ``(C,)``.
    reduction : {"mean", "sum", "none", None}, default "mean"
    ignore_index : int, optional
        Samples of this class do not count; -100 unless given. Only for classes.
    label_smoothing : float, default 0.0

    Returns
    -------
    Tensor
        0-d, or of the scores' shape without the dimension C.

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    ArgumentError
        If `ignore_index` is given for probabilities.
    DTypeError, IndexingError
        As `cross_entropy` does.

    Notes
    -----
    It is `linear` and `cross_entropy` in turn: what PyTorch's `options` say about computing
    the scores piece by piece is not taken.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> x, w = lucid.tensor([[1.0, 2.0]]), lucid.tensor([[1.0, 0.0], [0.0, 1.0]])
    >>> F.linear_cross_entropy(x, w, lucid.tensor([1]))
    Tensor(0.3133)
    """
    name = "linear_cross_entropy"
    ndim_of(name, input)  # these refuse what is no tensor
    ndim_of(name, target, "target")
    seen = {"input": input, "linear_weight": linear_weight}
    if ndim_of(name, linear_weight, "linear_weight") < 2 or input.ndim not in (1, 2):
        problem = "takes an input (N, in_features) and a linear_weight (C, ..., in_features)"
        raise ShapeError(compose(name, problem, seen))
    *outs, width = linear_weight.shape
    if linear_bias is not None and tuple(linear_bias.shape) != tuple(outs):
        problem = f"linear_bias must have shape {tuple(outs)}"
        raise ShapeError(compose(name, problem, {**seen, "linear_bias": linear_bias}))
    if len(outs) > 1:
        if input.ndim != 2:
            problem = "a linear_weight of more dimensions needs an input (N, in_features)"
            raise ShapeError(compose(name, problem, seen))
        linear_weight = linear_weight.reshape(math.prod(outs), width)
        linear_bias = None if linear_bias is None else linear_bias.reshape(-1)
    if ignore_index is not None and target.dtype.kind == "f":
        problem = "ignore_index names a class, and the target holds probabilities"
        raise ArgumentError(compose(name, problem, {"ignore_index": ignore_index}))
    scores = linear(input, linear_weight, linear_bias)
    if len(outs) > 1:
        scores = scores.reshape(len(input), *outs)
    return cross_entropy(
        scores,
        target,
        weight,
        ignore_index=-100 if ignore_index is None else ignore_index,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )


class LinearCrossEntropyLoss(ReducedLoss):
    """A dense layer and the cross entropy of its scores: a classifier's head with its loss.

    Parameters
    ----------
    in_features : int
        Features of an input.
    num_classes : int
        The number of classes, C.
    out_features : tuple of int, default ()
        Further dimensions ``(d1, ...)`` of the scores, which have shape ``(N, C, d1, ...)``.
    bias : bool, default False
    device : {"cpu"}, optional
    dtype : dtype, optional
    reduction : {"mean", "sum", "none", None}, default "mean"
    weight : Tensor, optional
        Of the classes, shape ``(C,)``.
    ignore_index : int, optional
        Samples of this class do not count; -100 unless given.
    label_smoothing : float, default 0.0

    Attributes
    ----------
    linear : Linear
        From `in_features` to ``C * d1 * ...``.

    See Also
    --------
    CrossEntropyLoss : the loss of scores, and its formula.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> head = nn.LinearCrossEntropyLoss(5, 10, out_features=(4,))
    >>> head(lucid.randn(2, 5), lucid.zeros(2, 4, dtype=lucid.int64)).shape
    ()
    """

    weight: Tensor | None
    shown = ("ignore_index", "label_smoothing")

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        *,
        out_features: tuple[int, ...] = (),
        bias: bool = False,
        device: str | None = None,
        dtype: Any = None,
        reduction: Reduction = "mean",
        weight: Tensor | None = None,
        ignore_index: int | None = None,
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction)
        _check_smoothing("LinearCrossEntropyLoss", label_smoothing)
        self.num_classes = num_classes
        self.out_features = tuple(out_features)
        rows = math.prod(self.out_features, start=num_classes)
        self.linear = Linear(in_features, rows, bias=bias, device=device, dtype=dtype)
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Features ``(N, in_features)`` and classes ``(N, ...)``, or their probabilities."""
        outs = (self.num_classes, *self.out_features)
        bias = self.linear.bias
        return linear_cross_entropy(
            input,
            self.linear.weight.reshape(*outs, self.linear.in_features),
            target,
            linear_bias=None if bias is None else bias.reshape(outs),
            weight=self.weight,
            reduction=self.reduction,
            ignore_index=self.ignore_index,
            label_smoothing=self.label_smoothing,
        )
