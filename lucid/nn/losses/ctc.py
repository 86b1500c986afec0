"""CTC: labels in order, of whose places in time nothing is known."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import samples
from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor, values, wrap
from ...errors import ArgumentError, DTypeError, IndexingError, ShapeError, compose
from ...kernels import ctc as kernels
from ...ops.autocasting import casting, raised
from ...ops.exponential import exp
from ...ops.joining import cat, stack
from ...ops.logistic import logaddexp
from ...ops.matmul import matmul
from ...ops.promotion import real_floating
from ...ops.selection import where
from .base import Reduction
from .reduced import ReducedLoss, check_reduction, reduce

# ---- sequences of states --------------------------------------------------------------


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    labels = np.array([[1, 2, 2], [3, 1, 0]])
    states, skips = _states(labels, np.array([3, 1]), 0)
    count = {"states": states, "skips": skips, "lengths": np.array([7, 3])}
    return [
        draw.sample(draw(6, 2, 4), **count, times=np.array([6, 4]), zero_infinity=False),
        draw.sample(draw(6, 2, 4), **count, times=np.array([3, 1]), zero_infinity=True),
    ]


@primitive("ctc_loss", saves=("x", "out"), samples=_samples)
def _ctc(x: Any, *, states: Any, skips: Any, times: Any, lengths: Any, zero_infinity: bool) -> Any:
    return _recorded(x, states, skips, times, lengths, zero_infinity, False)[0]


@_ctc.recording
def _(x, *, states, skips, times, lengths, zero_infinity):
    return _recorded(x, states, skips, times, lengths, zero_infinity, True)


def _recorded(
    x: Any, states: Any, skips: Any, times: Any, lengths: Any, zero: bool, gradient: bool
) -> tuple[Any, Any]:
    loss, slope = kernels.ctc(x, states, skips, times, lengths, gradient)
    if zero:
        lost = np.isinf(loss)
        loss = np.where(lost, x.dtype.type(0), loss)
        if gradient:
            slope[:, lost] = 0
    if gradient:
        slope[:, ~np.isfinite(loss)] = np.nan
    return loss, slope


@_ctc.fused_rule
def _(g, slope, y, x, *, states, skips, times, lengths, zero_infinity):
    return (slope * g[:, None],)


FLOOR = -1e30  # stands for the logarithm of 0, and keeps the slopes of sums finite


@_ctc.rule
def _(g, y, x, *, states, skips, times, lengths, zero_infinity):
    """The same two recursions out of separate ops, which have derivatives of every order."""
    steps, count, classes = x.shape
    emitted = x[:, np.arange(count)[:, None], states]
    ends = np.where(kernels.at_end(states.shape, lengths), 0.0, FLOOR).astype(x.dtype)
    alphas: list[Any] = [where(kernels.at_start(states.shape, lengths), emitted[0], FLOOR)]
    for t in range(1, steps):
        alphas.append(_moved(alphas[-1], skips, forwards=True) + emitted[t])
    beta: Any = ends
    betas = [beta]
    for t in range(steps - 2, -1, -1):
        beta = _moved(beta + emitted[t + 1], skips, forwards=False)
        beta = where((times == t + 1)[:, None], ends, beta)
        betas.append(beta)
    paths = stack(alphas) + stack(betas[::-1])
    total = _log_total(paths[0])
    possible = values(total) > FLOOR / 2  # or NaN, of which the loss tells
    total = where(possible, total, 0.0)[:, None]
    within = ((np.arange(steps)[:, None] < times) & possible)[..., None]
    used = exp(where(within, paths - total, FLOOR))
    one_hot = (states[..., None] == np.arange(classes)).astype(x.dtype)
    by_class = matmul(used[..., None, :], one_hot)[..., 0, :]
    known = np.isfinite(values(y))[:, None]
    return (where(known, -by_class * g[:, None], np.nan),)


def _moved(a: Any, skips: Any, forwards: bool) -> Any:
    """The sum over the states from which each is reached, or to which each leads."""
    floor: Any = np.full((len(skips), 2), FLOOR, a.dtype)
    if forwards:
        padded = cat([floor, a], 1)
        one, two = padded[:, 1:-1], where(skips, padded[:, :-2], FLOOR)
    else:
        padded = cat([a, floor], 1)
        allowed = np.concatenate([skips[:, 2:], np.zeros((len(skips), 2), np.bool_)], axis=1)
        one, two = padded[:, 1:-1], where(allowed, padded[:, 2:], FLOOR)
    return logaddexp(logaddexp(a, one), two)


def _log_total(paths: Any) -> Any:
    """The logarithm of the sum over the states at one time."""
    total = paths[:, 0]
    for s in range(1, paths.shape[1]):
        total = logaddexp(total, paths[:, s])
    return total


# ---- what is given --------------------------------------------------------------------


def _states(labels: Any, counts: Any, blank: int) -> tuple[Any, Any]:
    """Labels with blanks around each, and which of them may follow a label at once."""
    number, longest = labels.shape
    states = np.full((number, 2 * longest + 1), blank, np.int64)
    states[:, 1::2] = np.where(np.arange(longest) < counts[:, None], labels, blank)
    skips = np.zeros(states.shape, np.bool_)
    skips[:, 2:] = (states[:, 2:] != states[:, :-2]) & (states[:, 2:] != blank)
    return states, skips


def _lengths(called: str, given: Any, count: int) -> Any:
    array = np.asarray(values(given))
    if array.dtype.kind not in "iu" and array.size:
        problem = f"{called} must be whole numbers"
        raise DTypeError(compose("ctc_loss", problem, {called: given}))
    if array.size != count or array.ndim > 1:
        problem = f"{called} must have one length for each of the {count} sequences"
        raise ShapeError(compose("ctc_loss", problem, {called: given}))
    return array.reshape(count).astype(np.int64)


def _refuse(wrong: Any, called: str, array: Any, expected: str, error: type[Exception]) -> None:
    """Raise for the first sample of which something is wrong."""
    if wrong.any():
        n = int(np.flatnonzero(wrong)[0])
        problem = f"{called} of sample {n} is {int(array[n])}, {expected}"
        raise error(compose("ctc_loss", problem))


def _label_rows(targets: Any, counts: Any) -> Any:
    """The labels as rows, those that were given one after another cut up by their lengths."""
    labels = values(targets)
    if labels.dtype.kind not in "iu":
        raise DTypeError(compose("ctc_loss", "targets must be whole numbers", {"targets": targets}))
    longest = int(counts.max(initial=0))
    if labels.ndim == 1:
        if labels.size != counts.sum():
            problem = f"targets has {labels.size} labels, and the lengths sum to {counts.sum()}"
            raise ShapeError(compose("ctc_loss", problem, {"targets": targets}))
        rows = np.zeros((len(counts), longest), np.int64)
        rows[np.arange(longest) < counts[:, None]] = labels
        return rows
    if labels.ndim != 2 or len(labels) != len(counts) or labels.shape[1] < longest:
        problem = f"targets must have shape ({len(counts)}, {longest}) at least, or all in a row"
        raise ShapeError(compose("ctc_loss", problem, {"targets": targets}))
    return labels[:, :longest].astype(np.int64)


def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: Reduction = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """Labels in order against log-probabilities over time; see `CTCLoss`.

    Parameters
    ----------
    log_probs : Tensor
        Shape ``(T, N, C)`` or ``(T, C)``: of every class at every time, as `log_softmax`
        gives them.
    targets : Tensor
        Labels, shape ``(N, S)``, or those of all sequences one after another.
    input_lengths, target_lengths : Tensor or sequence of int
        How many steps and how many labels of each sequence count, shape ``(N,)`` or ``()``.
    blank : int, default 0
    reduction : {"mean", "sum", "none", None}, default "mean"
    zero_infinity : bool, default False

    Returns
    -------
    Tensor
        0-d, or one loss a sequence.

    Raises
    ------
    ShapeError, DTypeError, IndexingError, ArgumentError
        As `CTCLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> even = lucid.zeros(2, 1, 2).log_softmax(-1)
    >>> F.ctc_loss(even, lucid.tensor([[1]]), [2], [1])  # three alignments of four: log 4/3
    Tensor(0.2877)
    """
    name = "ctc_loss"
    check_reduction(name, reduction)
    if casting:
        (log_probs,) = raised(log_probs)
    log_probs = real_floating(log_probs, name)
    if log_probs.ndim not in (2, 3):
        problem = "log_probs must have shape (T, N, C) or (T, C)"
        raise ShapeError(compose(name, problem, {"log_probs": log_probs}))
    single = log_probs.ndim == 2
    x = log_probs.unsqueeze(1) if single else log_probs
    steps, count, classes = x.shape
    if not 0 <= blank < classes:
        problem = f"blank must be a class, from 0 to {classes - 1}, not {blank!r}"
        raise ArgumentError(compose(name, problem, {"log_probs": log_probs}))
    times = _lengths("input_lengths", input_lengths, count)
    labelled = _lengths("target_lengths", target_lengths, count)
    wrong, limit = (times < 0) | (times > steps), f"not between 0 and {steps}"
    _refuse(wrong, "input_lengths", times, limit, ArgumentError)
    _refuse(labelled < 0, "target_lengths", labelled, "below 0", ArgumentError)
    labels = _label_rows(targets, labelled)
    used = np.arange(labels.shape[1]) < labelled[:, None]
    beyond = used & ((labels < 0) | (labels >= classes))
    if beyond.any():
        n, s = (int(i) for i in np.argwhere(beyond)[0])
        problem = f"label {int(labels[n, s])} of sample {n}, at {s}, is no class"
        raise IndexingError(compose(name, problem, {"log_probs": log_probs}))
    states, skips = _states(labels, labelled, blank)
    loss: Tensor = apply(
        _ctc,
        x,
        states=states,
        skips=skips,
        times=times,
        lengths=2 * labelled + 1,
        zero_infinity=bool(zero_infinity),
    )
    if reduction == "mean":
        loss = loss / wrap(np.maximum(labelled, 1).astype(x.dtype))
    loss = reduce(loss, reduction)
    return loss.squeeze(0) if single and loss.ndim else loss


class CTCLoss(ReducedLoss):
    r"""Connectionist temporal classification: minus the log-probability of a sequence of labels,
    summed over all their alignments with the steps of the input.

    In an alignment every step shows a label or the blank; repeated labels count as one, unless
    a blank stands between them. The mean divides each loss by its number of labels.

    Parameters
    ----------
    blank : int, default 0
        The class that stands for no label.
    reduction : {"mean", "sum", "none", None}, default "mean"
    zero_infinity : bool, default False
        Give sequences that are too short for their labels loss and gradient 0; otherwise the
        loss is infinite and the gradient NaN.

    Raises
    ------
    ArgumentError
        If an option has none of its values; on a call, if a length does not fit: the sample
        is named.
    IndexingError
        If a label is no class; the sample is named.
    ShapeError, DTypeError
        If shapes or dtypes do not fit.

    Notes
    -----
    The gradient to `log_probs` is the true one, minus the share of alignments through each
    class and time. PyTorch adds the probabilities to it; behind a log-softmax, where both are
    meant to stand, the results are the same. It can be differentiated again.

    References
    ----------
    A. Graves et al., "Connectionist Temporal Classification: Labelling Unsegmented Sequence
    Data with Recurrent Neural Networks", ICML 2006.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> scores = lucid.zeros(5, 2, 4, requires_grad=True)
    >>> targets = lucid.tensor([[1, 2], [3, 0]])
    >>> loss = nn.CTCLoss()(scores.log_softmax(-1), targets, [5, 4], [2, 1])
    >>> loss
    Tensor(2.4653, grad=None)
    """

    shown = ("blank", "zero_infinity")

    def __init__(
        self, blank: int = 0, reduction: Reduction = "mean", zero_infinity: bool = False
    ) -> None:
        super().__init__(reduction)
        self.blank = blank
        self.zero_infinity = zero_infinity

    def forward(
        self, log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any
    ) -> Tensor:
        """Log-probabilities ``(T, N, C)``, labels, and the lengths of both."""
        return ctc_loss(
            log_probs,
            targets,
            input_lengths,
            target_lengths,
            self.blank,
            self.reduction,
            self.zero_infinity,
        )
