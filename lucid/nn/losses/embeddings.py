"""Losses of embeddings: what is alike should lie close, what is not far apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...core.tensor import Tensor
from ...errors import ArgumentError, ShapeError, compose
from ...ops.axes import ndim_of
from ...ops.bounds import clamp_min, minimum
from ...ops.exponential import sqrt
from ...ops.selection import where
from ...ops.similarity import pairwise_distance
from .base import Reduction
from .reduced import ReducedLoss, check_reduction, operands, reduce

# ---- pairs ----------------------------------------------------------------------------

EPSILON = 1e-12  # added to squared norms, so that vectors of zeros have a slope


def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0.0,
    *,
    reduction: Reduction = "mean",
) -> Tensor:
    """Pairs of vectors by the cosine of their angle; see `CosineEmbeddingLoss`.

    Parameters
    ----------
    input1, input2 : Tensor
        Shape ``(N, D)`` or ``(D,)``.
    target : Tensor
        1 for pairs that are alike, -1 for others: shape ``(N,)`` or ``()``.
    margin : float, default 0.0
    reduction : {"mean", "sum", "none", None}, default "mean"

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `CosineEmbeddingLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> x, y = lucid.tensor([[1.0, 0.0]]), lucid.tensor([[3.0, 4.0]])
    >>> F.cosine_embedding_loss(x, y, lucid.tensor([1]))
    Tensor(0.4000)
    """
    name = "cosine_embedding_loss"
    check_reduction(name, reduction)
    input1, input2 = operands(name, input1=input1, input2=input2)
    if ndim_of(name, target, "target") > 1 or max(input1.ndim, input2.ndim) != target.ndim + 1:
        problem = "takes vectors (N, D) with targets (N,), or one pair (D,) with a 0-d target"
        seen = {"input1": input1, "input2": input2, "target": target}
        raise ShapeError(compose(name, problem, seen))
    product = (input1 * input2).sum(-1)
    squares = ((input1 * input1).sum(-1) + EPSILON) * ((input2 * input2).sum(-1) + EPSILON)
    cosine = product / sqrt(squares)
    alike = where(target.data == 1, 1 - cosine, 0.0)
    other = where(target.data == -1, clamp_min(cosine - margin, 0), 0.0)
    return reduce(alike + other, reduction)


class CosineEmbeddingLoss(ReducedLoss):
    r"""The angle of a pair of vectors that are alike (:math:`y = 1`) or not (:math:`y = -1`).

    .. math:: \ell = \begin{cases} 1 - \cos(x_1, x_2) & y = 1 \\
                                   \max(0, \cos(x_1, x_2) - m) & y = -1 \end{cases}

    Parameters
    ----------
    margin : float, default 0.0
        The cosine m that unlike pairs may have; between -1 and 1.
    reduction : {"mean", "sum", "none", None}, default "mean"

    Raises
    ------
    ArgumentError
        If `reduction` has none of its values.
    ShapeError
        On a call, if the shapes do not fit.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> x = lucid.tensor([[1.0, 0.0], [1.0, 0.0]])
    >>> nn.CosineEmbeddingLoss(reduction="none")(x, x, lucid.tensor([1, -1]))
    Tensor([0.0000, 1.0000])
    """

    shown = ("margin",)

    def __init__(self, margin: float = 0.0, *, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.margin = margin

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        """Pairs of vectors ``(N, D)``, and 1 or -1 for each."""
        return cosine_embedding_loss(input1, input2, target, self.margin, reduction=self.reduction)


# ---- triplets -------------------------------------------------------------------------


def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: Reduction = "mean",
) -> Tensor:
    """Triplets under a distance of one's own; see `TripletMarginWithDistanceLoss`.

    Parameters
    ----------
    anchor, positive, negative : Tensor
        Shape ``(N, D)`` or ``(D,)``.
    distance_function : callable, optional
        Of two tensors; `pairwise_distance` unless given.
    margin : float, default 1.0
    swap : bool, default False
    reduction : {"mean", "sum", "none", None}, default "mean"

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `TripletMarginWithDistanceLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> a, p, n = lucid.tensor([[0.0]]), lucid.tensor([[1.0]]), lucid.tensor([[1.5]])
    >>> F.triplet_margin_with_distance_loss(
    ...     a, p, n, distance_function=lambda x, y: (x - y).abs().sum(-1)
    ... )
    Tensor(0.5000)
    """
    name = "triplet_margin_with_distance_loss"
    return _triplets(
        name,
        (anchor, positive, negative),
        pairwise_distance if distance_function is None else distance_function,
        margin,
        swap,
        reduction,
    )


def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    *,
    reduction: Reduction = "mean",
) -> Tensor:
    """An anchor nearer to its like than to another, by a margin; see `TripletMarginLoss`.

    Parameters
    ----------
    anchor, positive, negative : Tensor
        Shape ``(N, D)`` or ``(D,)``.
    margin : float, default 1.0
    p : float, default 2.0
    eps : float, default 1e-6
    swap : bool, default False
    reduction : {"mean", "sum", "none", None}, default "mean"

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `TripletMarginLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> a, p, n = lucid.tensor([[0.0]]), lucid.tensor([[1.0]]), lucid.tensor([[1.5]])
    >>> F.triplet_margin_loss(a, p, n)
    Tensor(0.5000)
    """

    def distance(x: Tensor, y: Tensor) -> Tensor:
        return pairwise_distance(x, y, p, eps)

    given = (anchor, positive, negative)
    return _triplets("triplet_margin_loss", given, distance, margin, swap, reduction)


def _triplets(
    name: str,
    given: tuple[Tensor, Tensor, Tensor],
    distance: Callable[[Tensor, Tensor], Tensor],
    margin: Any,
    swap: bool,
    reduction: Any,
) -> Tensor:
    check_reduction(name, reduction)
    _check_margin(name, margin)
    names = ("anchor", "positive", "negative")
    seen = dict(zip(names, given, strict=True))
    anchor, positive, negative = operands(name, **seen)
    if not anchor.ndim == positive.ndim == negative.ndim:
        problem = "anchor, positive and negative must have equally many dimensions"
        raise ShapeError(compose(name, problem, seen))
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    return reduce(clamp_min(near - far + margin, 0), reduction)


def _check_margin(name: str, margin: Any) -> None:
    if not margin > 0:
        raise ArgumentError(compose(name, f"margin must be positive, not {margin!r}"))


class TripletMarginLoss(ReducedLoss):
    r"""An anchor a should be nearer to its like p than to another, n, by a margin:
    :math:`\max(0, d(a, p) - d(a, n) + m)`, :math:`d(x, y) = \lVert x - y + \epsilon \rVert_p`.

    Parameters
    ----------
    margin : float, default 1.0
    p : float, default 2.0
        Which norm.
    eps : float, default 1e-6
    swap : bool, default False
        Take the distance of p from n, where that is less, for that of a from n.
    reduction : {"mean", "sum", "none", None}, default "mean"

    Raises
    ------
    ArgumentError
        If `margin` is not positive, or `reduction` has none of its values.
    ShapeError
        On a call, if the shapes do not fit.

    References
    ----------
    V. Balntas et al., "Learning local feature descriptors with triplets and shallow
    convolutional neural networks", BMVC 2016.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> a, p, n = lucid.zeros(2, 3), lucid.zeros(2, 3), lucid.ones(2, 3)
    >>> nn.TripletMarginLoss(margin=2.0)(a, p, n)
    Tensor(0.2680)
    """

    shown = ("margin", "p", "eps", "swap")

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        *,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction)
        _check_margin("TripletMarginLoss", margin)
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """Three tensors of vectors ``(N, D)``."""
        return triplet_margin_loss(
            anchor,
            positive,
            negative,
            self.margin,
            self.p,
            self.eps,
            self.swap,
            reduction=self.reduction,
        )


class TripletMarginWithDistanceLoss(ReducedLoss):
    """`TripletMarginLoss` under a distance of one's own.

    Parameters
    ----------
    distance_function : callable, optional
        Of two tensors; `pairwise_distance` unless given.
    margin : float, default 1.0
    swap : bool, default False
        Take the distance of positive from negative, where that is less, for that of the anchor.
    reduction : {"mean", "sum", "none", None}, default "mean"

    Raises
    ------
    ArgumentError
        If `margin` is not positive, or `reduction` has none of its values.
    ShapeError
        On a call, if the shapes do not fit.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> angle = lambda x, y: 1 - nn.functional.cosine_similarity(x, y)
    >>> criterion = nn.TripletMarginWithDistanceLoss(distance_function=angle, margin=0.5)
    >>> criterion(lucid.ones(1, 2), lucid.ones(1, 2), -lucid.ones(1, 2))
    Tensor(0.0000)
    """

    shown = ("margin", "swap")

    def __init__(
        self,
        *,
        distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction)
        _check_margin("TripletMarginWithDistanceLoss", margin)
        self.distance_function = distance_function
        self.margin = margin
        self.swap = swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """Three tensors of vectors ``(N, D)``."""
        return triplet_margin_with_distance_loss(
            anchor,
            positive,
            negative,
            distance_function=self.distance_function,
            margin=self.margin,
            swap=self.swap,
            reduction=self.reduction,
        )
