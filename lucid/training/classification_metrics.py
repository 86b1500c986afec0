"""Metrics of classification: accuracy, F1, and the area under the ROC curve."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from .metric import Metric, array

Average = Literal["binary", "macro", "micro", "weighted"]


def labels(
    where: str, output: Any, target: Any, threshold: float | None, ignore_index: int | None
) -> tuple[Any, Any]:
    """Predicted and true labels, flat, from the scores or labels that a model gives."""
    y, t = array(where, "output", output), array(where, "target", target)
    if y.ndim == t.ndim + 1 and y.shape[:1] + y.shape[2:] == t.shape:
        y = y.argmax(axis=1)  # scores of the classes, as cross_entropy takes them
    elif y.shape != t.shape:
        problem = "takes scores of shape (N, C, ...) or labels of the target's shape (N, ...)"
        fix = "output.squeeze(-1)" if y.size == t.size else None
        raise ShapeError(compose(where, problem, {"output": y, "target": t}, fix))
    elif y.dtype.kind == "f":
        if threshold is None:
            problem = "floating outputs of the target's shape need a threshold"
            fix = f"{where}(threshold=0.5) for probabilities, {where}(threshold=0.0) for logits"
            raise ArgumentError(compose(where, problem, {"output": y, "target": t}, fix))
        y = y > threshold
    y, t = np.asarray(y).ravel(), np.asarray(t).ravel()
    if t.dtype.kind == "f" and not (t == np.floor(t)).all():
        problem = "targets must be labels: whole numbers"
        raise DTypeError(compose(where, problem, {"target": t}))
    y, t = y.astype(np.int64), t.astype(np.int64)
    if ignore_index is not None:
        kept = t != ignore_index
        y, t = y[kept], t[kept]
    return y, t


class Accuracy(Metric):
    """The share of samples whose label was predicted.

    Parameters
    ----------
    threshold : float, optional
        From where on a score of a two-class problem means the class 1: 0.5 for
        probabilities, 0 for logits. Of scores of several classes the largest decides.
    ignore_index : int, optional
        Targets of this value do not count.

    Examples
    --------
    >>> import lucid
    >>> from lucid.training import Accuracy
    >>> metric = Accuracy()
    >>> metric.update(lucid.tensor([[2.0, 1.0], [0.0, 3.0]]), lucid.tensor([0, 0]))
    >>> metric.compute()
    0.5
    """

    name = "accuracy"
    higher_is_better = True

    def __init__(self, threshold: float | None = None, ignore_index: int | None = None) -> None:
        self.threshold = threshold
        self.ignore_index = ignore_index
        super().__init__()

    def reset(self) -> None:
        """Forget every batch."""
        self.right, self.count = 0, 0

    def update(self, output: Tensor, target: Tensor) -> None:
        """Take one more batch into account."""
        y, t = labels("Accuracy", output, target, self.threshold, self.ignore_index)
        self.right += int((y == t).sum())
        self.count += t.size

    def compute(self) -> float:
        """The share of all batches; NaN of nothing."""
        return self.right / self.count if self.count else math.nan


class F1(Metric):
    r"""The harmonic mean of precision and recall.

    .. math::
        F_1 = \frac{2\,TP}{2\,TP + FP + FN}

    Parameters
    ----------
    average : {"binary", "macro", "micro", "weighted"}, default "binary"
        That of class 1 of two; or of every class the mean, the mean weighted by the classes'
        numbers of samples ("weighted"), or the value of all counts together ("micro").
    threshold : float, optional
        As for `Accuracy`.
    ignore_index : int, optional
        Targets of this value do not count.

    Raises
    ------
    ArgumentError
        If `average` is none of them; and when computed, for "binary" of more than two classes.

    Notes
    -----
    Classes that occur neither among targets nor predictions do not count, and where there is
    nothing to divide by the value is 0, as in scikit-learn.

    Examples
    --------
    >>> import lucid
    >>> from lucid.training import F1
    >>> metric = F1()
    >>> metric.update(lucid.tensor([1, 1, 0, 0]), lucid.tensor([1, 0, 1, 0]))
    >>> metric.compute()
    0.5
    """

    name = "f1"
    higher_is_better = True

    def __init__(
        self,
        average: Average = "binary",
        threshold: float | None = None,
        ignore_index: int | None = None,
    ) -> None:
        if average not in ("binary", "macro", "micro", "weighted"):
            problem = f"average must be binary, macro, micro or weighted, not {average!r}"
            raise ArgumentError(compose("F1", problem))
        self.average = average
        self.threshold = threshold
        self.ignore_index = ignore_index
        super().__init__()

    def reset(self) -> None:
        """Forget every batch."""
        self.counts = np.zeros((3, 0), np.int64)  # per class: right, predicted, true

    def update(self, output: Tensor, target: Tensor) -> None:
        """Take one more batch into account."""
        y, t = labels("F1", output, target, self.threshold, self.ignore_index)
        if not t.size:
            return
        if min(int(y.min()), int(t.min())) < 0:
            problem = "labels must not be negative"
            raise ArgumentError(compose("F1", problem, fix="ignore_index for targets to leave out"))
        size = max(self.counts.shape[1], int(y.max()) + 1, int(t.max()) + 1)
        fresh = np.stack([np.bincount(part, minlength=size) for part in (t[y == t], y, t)])
        fresh[:, : self.counts.shape[1]] += self.counts
        self.counts = fresh

    def compute(self) -> float:
        """The value of all batches; NaN of nothing."""
        right, predicted, true = self.counts
        if not right.size:
            return math.nan
        seen = predicted + true > 0
        if self.average == "binary":
            if len(right) > 2:
                problem = f'average="binary" is for the classes 0 and 1; there are {len(right)}'
                fix = 'average="macro", "micro" or "weighted"'
                raise ArgumentError(compose("F1", problem, fix=fix))
            both = int(predicted[1:].sum() + true[1:].sum())
            return 2 * int(right[1:].sum()) / both if both else 0.0
        if self.average == "micro":
            return 2 * int(right.sum()) / int(predicted.sum() + true.sum())
        scores = 2 * right[seen] / (predicted + true)[seen]
        if self.average == "macro":
            return float(scores.mean())
        return float((scores * true[seen]).sum() / true.sum())


class AUC(Metric):
    r"""The area under the ROC curve: how surely class 1 scores above class 0.

    .. math::
        \text{AUC} = P(s_1 > s_0) + \tfrac12 P(s_1 = s_0)

    It is exact: all scores are kept, and ranked when it is computed.

    References
    ----------
    Hanley and McNeil, "The meaning and use of the area under a receiver operating
    characteristic (ROC) curve", Radiology 143, 1982.

    Examples
    --------
    >>> import lucid
    >>> from lucid.training import AUC
    >>> metric = AUC()
    >>> metric.update(lucid.tensor([0.1, 0.4, 0.35, 0.8]), lucid.tensor([0, 0, 1, 1]))
    >>> metric.compute()
    0.75
    """

    name = "auc"
    higher_is_better = True

    def reset(self) -> None:
        """Forget every batch."""
        self._scores: list[Any] = []
        self._positive: list[Any] = []

    def update(self, output: Tensor, target: Tensor) -> None:
        """Take one more batch into account.

        Parameters
        ----------
        output : Tensor
            One score a sample, of the target's shape, or those of two classes, ``(N, 2)``.
        target : Tensor
            0 or 1.
        """
        y, t = array("AUC", "output", output), array("AUC", "target", target)
        if y.ndim == 2 and t.ndim == 1 and y.shape == (len(t), 2):
            y = np.subtract(y[:, 1], y[:, 0], dtype=np.float64)  # orders as probabilities do
        if y.shape != t.shape:
            problem = "takes one score for every target, or two, of classes 0 and 1"
            fix = "output.squeeze(-1)" if y.size == t.size else None
            raise ShapeError(compose("AUC", problem, {"output": y, "target": t}, fix))
        if not ((t == 0) | (t == 1)).all():
            raise ArgumentError(compose("AUC", "targets must be 0 or 1", {"target": t}))
        self._scores.append(y.ravel().astype(np.float64))
        self._positive.append(t.ravel() == 1)

    def compute(self) -> float:
        """The area of all batches; NaN unless both classes occur and no score is NaN."""
        scores, positive = self._joined()
        ones = int(positive.sum())
        zeros = positive.size - ones
        if not ones or not zeros or np.isnan(scores).any():
            return math.nan
        _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
        rank = np.cumsum(count) - (count - 1) / 2.0  # the mean rank of equal scores
        above = float(rank[place.reshape(-1)][positive].sum()) - ones * (ones + 1) / 2.0
        return above / (ones * zeros)

    def _joined(self) -> tuple[Any, Any]:
        if not self._scores:
            return np.zeros(0), np.zeros(0, bool)
        return np.concatenate(self._scores), np.concatenate(self._positive)

    def state_dict(self) -> dict[str, Any]:
        """The scores and classes so far."""
        scores, positive = self._joined()
        return {"scores": scores, "positive": positive}

    def load_state_dict(self, state: Any) -> None:
        """Go on from a state that `state_dict` gave."""
        self._scores = [array("AUC", "scores", state["scores"])]
        self._positive = [array("AUC", "positive", state["positive"])]


def accuracy(output: Tensor, target: Tensor, threshold: float | None = None) -> float:
    """The share of samples whose label was predicted (see `Accuracy`).

    Parameters
    ----------
    output : Tensor or numpy.ndarray
        Labels of the target's shape, or scores of shape ``(N, C, ...)``.
    target : Tensor or numpy.ndarray
    threshold : float, optional
        From where on a score of a two-class problem means the class 1.

    Returns
    -------
    float

    Examples
    --------
    >>> import lucid
    >>> from lucid.training import accuracy
    >>> accuracy(lucid.tensor([-1.0, 2.0]), lucid.tensor([0, 1]), threshold=0.0)
    1.0
    """
    return Accuracy(threshold)(output, target)


def f1(
    output: Tensor, target: Tensor, average: Average = "binary", threshold: float | None = None
) -> float:
    """The harmonic mean of precision and recall (see `F1`).

    Parameters
    ----------
    output : Tensor or numpy.ndarray
        Labels of the target's shape, or scores of shape ``(N, C, ...)``.
    target : Tensor or numpy.ndarray
    average : {"binary", "macro", "micro", "weighted"}, default "binary"
    threshold : float, optional
        From where on a score of a two-class problem means the class 1.

    Returns
    -------
    float

    Examples
    --------
    >>> import lucid
    >>> from lucid.training import f1
    >>> f1(lucid.tensor([1, 1, 0, 0]), lucid.tensor([1, 0, 1, 0]))
    0.5
    """
    return F1(average, threshold)(output, target)


def auc(output: Tensor, target: Tensor) -> float:
    """The area under the ROC curve (see `AUC`).

    Parameters
    ----------
    output : Tensor or numpy.ndarray
        One score a sample, or those of two classes, ``(N, 2)``.
    target : Tensor or numpy.ndarray
        0 or 1.

    Returns
    -------
    float

    Examples
    --------
    >>> import lucid
    >>> from lucid.training import auc
    >>> auc(lucid.tensor([0.1, 0.9]), lucid.tensor([0, 1]))
    1.0
    """
    return AUC()(output, target)
