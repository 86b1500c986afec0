"""The adaptive softmax: very many classes, of which few are frequent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ...core.tensor import Tensor, values, wrap
from ...errors import ArgumentError, IndexingError, ShapeError, compose
from ...ops.axes import ndim_of
from ...ops.creation import zeros
from ...ops.gathering import gather
from ...ops.indexing import getitem
from ...ops.joining import cat
from ...ops.scattering import index_add
from ...ops.softmax import log_softmax
from ..layers.container import ModuleList, Sequential
from ..layers.linear import Linear
from ..module import Module
from .reduced import first_place


class AdaptiveOutput(NamedTuple):
    """The log-probability of every sample's class, and the mean loss."""

    output: Tensor
    loss: Tensor


class AdaptiveLogSoftmaxWithLoss(Module):
    r"""Softmax and loss of very many classes, ordered from frequent to rare.

    Frequent classes have scores of their own in the head; the rare ones stand in clusters,
    each with one score in the head and a smaller network behind it, which runs for the samples
    of that cluster only.

    Parameters
    ----------
    in_features : int
    n_classes : int
    cutoffs : sequence of int
        Where clusters begin: increasing, between 0 and `n_classes`.
    div_value : float, default 4.0
        By how much the width of a cluster's network is divided from one to the next.
    head_bias : bool, default False
    device : {"cpu"}, optional
    dtype : dtype, optional

    Attributes
    ----------
    head : Linear
    tail : ModuleList
        For every cluster a `Sequential` of two dense layers without bias.

    Raises
    ------
    ArgumentError
        If the cutoffs are not as said.
    ShapeError
        On a call, if the shapes do not fit.
    IndexingError
        If a target is no class; the sample is named.

    References
    ----------
    E. Grave et al., "Efficient softmax approximation for GPUs", ICML 2017.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> layer = nn.AdaptiveLogSoftmaxWithLoss(8, 100, cutoffs=[10, 40])
    >>> output, loss = layer(lucid.randn(5, 8), lucid.tensor([0, 9, 10, 39, 99]))
    >>> output.shape, loss.shape
    ((5,), ())
    >>> layer.log_prob(lucid.randn(5, 8)).shape
    (5, 100)
    """

    head: Linear
    tail: ModuleList

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        given = list(cutoffs)
        fits = bool(given) and given == sorted(set(given)) and all(c == int(c) for c in given)
        if not fits or given[0] <= 0 or given[-1] > n_classes - 1:
            problem = "cutoffs must be whole numbers, increasing, between 0 and n_classes"
            seen = {"cutoffs": given, "n_classes": n_classes}
            raise ArgumentError(compose("AdaptiveLogSoftmaxWithLoss", problem, seen))
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = [*given, n_classes]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = given[0]
        self.n_clusters = len(given)
        self.head_size = self.shortlist_size + self.n_clusters
        kind: dict[str, Any] = {"device": device, "dtype": dtype}
        self.head = Linear(in_features, self.head_size, bias=head_bias, **kind)
        self.tail = ModuleList()
        for i in range(self.n_clusters):
            width = int(in_features // div_value ** (i + 1))
            size = self.cutoffs[i + 1] - self.cutoffs[i]
            first = Linear(in_features, width, bias=False, **kind)
            self.tail.append(Sequential(first, Linear(width, size, bias=False, **kind)))

    def reset_parameters(self) -> None:
        """Draw all weights anew."""
        self.head.reset_parameters()
        for first, second in self.tail:
            first.reset_parameters()
            second.reset_parameters()

    def forward(self, input: Tensor, target: Tensor) -> AdaptiveOutput:
        """Shapes ``(N, in_features)`` and ``(N,)``, or without N."""
        name = type(self).__name__
        classes = values(target)
        batched = ndim_of(name, input) == 2
        if input.ndim not in (1, 2) or classes.shape != input.shape[:-1]:
            problem = "takes input (N, in_features) and target (N,), or both without N"
            raise ShapeError(compose(name, problem, {"input": input, "target": target}))
        classes = np.atleast_1d(classes)
        wrong = (classes < 0) | (classes >= self.n_classes)
        if wrong.any():
            problem = f"target {int(classes[wrong][0])} of {first_place(wrong)} is no class"
            fix = f"targets from 0 to {self.n_classes - 1}"
            raise IndexingError(compose(name, problem, {"target": target}, fix))
        rows = input if batched else input.unsqueeze(0)
        cluster = np.searchsorted(self.cutoffs, classes, side="right")
        place = np.where(cluster == 0, classes, self.shortlist_size + cluster - 1)
        output = _picked(log_softmax(self.head(rows), 1), place)
        for i, network in enumerate(self.tail):
            inside = np.flatnonzero(cluster == i + 1)
            if inside.size:
                local = log_softmax(network(getitem(rows, wrap(inside))), 1)
                within = _picked(local, classes[inside] - self.cutoffs[i])
                spread = zeros(len(classes), dtype=output.dtype)
                output = output + index_add(spread, 0, wrap(inside), within)
        loss = -output.mean()
        return AdaptiveOutput(output if batched else output.squeeze(0), loss)

    def log_prob(self, input: Tensor) -> Tensor:
        """The log-probabilities of all classes, shape ``(N, n_classes)``."""
        head = log_softmax(self.head(input), -1)
        parts = [head[..., : self.shortlist_size]]
        for i, network in enumerate(self.tail):
            share = head[..., self.shortlist_size + i].unsqueeze(-1)
            parts.append(log_softmax(network(input), -1) + share)
        return cat(parts, -1)

    def predict(self, input: Tensor) -> Tensor:
        """The most probable class of every sample; what the head decides is not computed."""
        rows = input if input.ndim == 2 else input.unsqueeze(0)
        best = self.head(rows).argmax(1).numpy().copy()
        undecided = np.flatnonzero(best >= self.shortlist_size)
        if undecided.size:
            best[undecided] = self.log_prob(rows[wrap(undecided)]).argmax(1).numpy()
        return wrap(best if input.ndim == 2 else best[0])


def _picked(log_probs: Tensor, classes: Any) -> Tensor:
    """One element of each row."""
    return gather(log_probs, 1, wrap(np.asarray(classes, np.int64)[:, None])).squeeze(1)
