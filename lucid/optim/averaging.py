"""Averages of a model's weights over training (SWA, EMA), and what goes with them."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, Literal

import numpy as np

from ..config import LOCAL
from ..core import versions
from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, StateError, compose
from ..nn.module import Module
from .lr_scheduler.base import LRScheduler, check_optimizer, per_group
from .optimizer import Optimizer

Average = Callable[[Tensor, Tensor, Tensor], Any]
MultiAverage = Callable[[Sequence[Tensor], Sequence[Tensor], Tensor], Any]


class AveragedModel(Module):
    r"""A copy of a model whose weights are an average of the model's.

    By default all weights that it was shown count alike (stochastic weight averaging):

    .. math::
        \bar w_{n+1} = \bar w_n + \frac{w_{n+1} - \bar w_n}{n + 1}

    With ``multi_avg_fn=get_ema_multi_avg_fn(0.999)`` it is an exponential moving average.

    Parameters
    ----------
    model : Module
        It is copied.
    device : str, optional
        Accepted for PyTorch's sake; there is one device.
    avg_fn : callable, optional
        ``avg_fn(averaged, current, n) -> averaged``, for one tensor.
    multi_avg_fn : callable, optional
        The same for lists of tensors of one dtype, in place.
    use_buffers : bool, default False
        Average the buffers too; otherwise they are copied from the model.

    Attributes
    ----------
    module : Module
        The copy.
    n_averaged : Tensor
        How many weights have been averaged.

    Raises
    ------
    ArgumentError
        If both functions are given.

    References
    ----------
    Izmailov et al., "Averaging weights leads to wider optima and better generalization",
    UAI 2018.

    Examples
    --------
    >>> import lucid
    >>> from lucid import nn
    >>> from lucid.optim.swa_utils import AveragedModel
    >>> model = nn.Linear(1, 1, bias=False)
    >>> average = AveragedModel(model)
    >>> for weight in (1.0, 3.0, 5.0):
    ...     model.weight.data.fill(weight)
    ...     average.update_parameters(model)
    >>> average(lucid.Tensor([[1.0]])).item()
    3.0
    """

    n_averaged: Tensor

    def __init__(
        self,
        model: Module,
        device: str | None = None,
        avg_fn: Average | None = None,
        multi_avg_fn: MultiAverage | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise ArgumentError(compose("AveragedModel", "takes avg_fn or multi_avg_fn, not both"))
        self.module = copy.deepcopy(model)
        self.register_buffer("n_averaged", wrap(np.zeros((), np.int64)))
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the averaged model computes."""
        return self.module(*args, **kwargs)

    def update_parameters(self, model: Module) -> None:
        """Take the model's present weights into the average; the first time they are copied.

        Parameters
        ----------
        model : Module
            The one that was copied, or one with the same weights in shape.

        Raises
        ------
        StateError
            If the parameters or buffers of the two models do not match.
        """
        members = _everything if self.use_buffers else _parameters
        pairs = _matched(members(self.module), members(model))
        if self.n_averaged.item() == 0:
            for averaged, current in pairs:
                _write(averaged, current.data)
        else:
            self._average(pairs)
        if not self.use_buffers:
            for averaged, current in _matched(self.module.buffers(), model.buffers()):
                _write(averaged, current.data)
        _write(self.n_averaged, self.n_averaged.data + 1)

    def _average(self, pairs: list[tuple[Tensor, Tensor]]) -> None:
        state = LOCAL.state
        before, state.grad_enabled = state.grad_enabled, False
        try:
            if self.multi_avg_fn is None:
                function = self.avg_fn or get_swa_avg_fn()
                for averaged, current in pairs:
                    new = function(averaged.detach(), current.detach(), self.n_averaged)
                    _write(averaged, new.data)
                return
            for dtype in dict.fromkeys(averaged.dtype for averaged, _ in pairs):
                chosen = [pair for pair in pairs if pair[0].dtype == dtype]
                ours, theirs = zip(*chosen, strict=True)
                self.multi_avg_fn(
                    [t.detach() for t in ours], [t.detach() for t in theirs], self.n_averaged
                )
        finally:
            state.grad_enabled = before


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    """The exponential moving average of one tensor: ``decay * averaged + (1 - decay) * current``.

    Parameters
    ----------
    decay : float, default 0.999
        From 0 to 1.

    Raises
    ------
    ArgumentError
        If `decay` is out of range.

    Examples
    --------
    >>> import lucid
    >>> average = get_ema_avg_fn(0.5)
    >>> average(lucid.Tensor([1.0]), lucid.Tensor([3.0]), 1)
    Tensor([2.0000])
    """
    _check_decay("get_ema_avg_fn", decay)
    return lambda averaged, current, n: averaged * decay + current * (1.0 - decay)


def get_swa_avg_fn() -> Average:
    """The average of one tensor over all weights that were shown.

    Examples
    --------
    >>> import lucid
    >>> average = get_swa_avg_fn()
    >>> average(lucid.Tensor([1.0]), lucid.Tensor([4.0]), 2)
    Tensor([2.0000])
    """
    return lambda averaged, current, n: averaged + (current - averaged) / (int(n) + 1)


def get_ema_multi_avg_fn(decay: float = 0.999) -> MultiAverage:
    """The exponential moving average of lists of tensors, in place.

    Parameters
    ----------
    decay : float, default 0.999
        From 0 to 1.

    Raises
    ------
    ArgumentError
        If `decay` is out of range.

    Examples
    --------
    >>> import lucid
    >>> averaged = [lucid.Tensor([1.0])]
    >>> get_ema_multi_avg_fn(0.5)(averaged, [lucid.Tensor([3.0])], 1)
    >>> averaged
    [Tensor([2.0000])]
    """
    _check_decay("get_ema_multi_avg_fn", decay)

    def update(averaged: Sequence[Tensor], current: Sequence[Tensor], n: Any) -> None:
        for ours, theirs in zip(averaged, current, strict=True):
            _write(ours, ours.data + (theirs.data - ours.data) * (1.0 - decay))

    return update


def get_swa_multi_avg_fn() -> MultiAverage:
    """The average over all weights that were shown, for lists of tensors, in place.

    Examples
    --------
    >>> import lucid
    >>> averaged = [lucid.Tensor([1.0])]
    >>> get_swa_multi_avg_fn()(averaged, [lucid.Tensor([4.0])], 2)
    >>> averaged
    [Tensor([2.0000])]
    """

    def update(averaged: Sequence[Tensor], current: Sequence[Tensor], n: Any) -> None:
        for ours, theirs in zip(averaged, current, strict=True):
            _write(ours, ours.data + (theirs.data - ours.data) * (1.0 / (int(n) + 1)))

    return update


def update_bn(loader: Iterable[Any], model: Module, device: str | None = None) -> None:
    """Compute the running statistics of batch normalization anew, over one pass of data.

    Averaged weights have never seen data, so their statistics are not right until then.

    Parameters
    ----------
    loader : iterable
        Batches: tensors, or tuples and lists whose first element is the model's input.
    model : Module
    device : str, optional
        Accepted for PyTorch's sake; there is one device.

    Examples
    --------
    >>> import lucid
    >>> from lucid import nn
    >>> model = nn.BatchNorm1d(1)
    >>> update_bn([lucid.Tensor([[1.0], [3.0]]), lucid.Tensor([[5.0], [7.0]])], model)
    >>> model.running_mean
    Tensor([4.0000])
    """
    layers: list[Any] = [m for m in model.modules() if hasattr(m, "reset_running_stats")]
    momenta = [layer.momentum for layer in layers]
    if not layers:
        return
    state = LOCAL.state
    training, grad_enabled = model.training, state.grad_enabled
    model.train()
    state.grad_enabled = False
    try:
        for layer in layers:
            layer.reset_running_stats()
            layer.momentum = None  # a plain mean over the batches
        for batch in loader:
            model(batch[0] if isinstance(batch, list | tuple) else batch)
    finally:
        state.grad_enabled = grad_enabled
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
        model.train(training)


class SWALR(LRScheduler):
    """Bring the rate to a constant over some epochs, for weight averaging.

    Parameters
    ----------
    optimizer : Optimizer
    swa_lr : float or list of float
        The constant, for all groups or for each.
    anneal_epochs : int, default 10
    anneal_strategy : {"cos", "linear"}
    last_epoch : int, default -1
        Where to go on from, with ``initial_lr`` in the optimizer's groups; -1 begins.

    Raises
    ------
    ArgumentError
        If an option is out of range.

    Examples
    --------
    >>> import lucid
    >>> optimizer = lucid.optim.SGD([lucid.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = SWALR(optimizer, swa_lr=0.5, anneal_epochs=2, anneal_strategy="linear")
    >>> rates = []
    >>> for _ in range(4):
    ...     rates += scheduler.get_last_lr()
    ...     scheduler.step()
    >>> rates
    [1.0, 0.75, 0.5, 0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float | list[float],
        anneal_epochs: int = 10,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        last_epoch: int = -1,
    ) -> None:
        check_optimizer("SWALR", optimizer)
        if anneal_strategy not in ("cos", "linear"):
            problem = f'anneal_strategy must be "cos" or "linear", not {anneal_strategy!r}'
            raise ArgumentError(compose("SWALR", problem))
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            problem = f"anneal_epochs must be an integer of at least 0, not {anneal_epochs!r}"
            raise ArgumentError(compose("SWALR", problem))
        rates = per_group("SWALR", "swa_lr", swa_lr, optimizer)
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["swa_lr"] = rate
        self.anneal_epochs = anneal_epochs
        self._anneal_strategy = anneal_strategy
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rates after so many steps, between what there was and the constant."""
        step = self._step_count - 1
        step = max(1, step) if self.anneal_epochs == 0 else step
        before, now = self._share(step - 1), self._share(step)
        rates = []
        for group in self.optimizer.param_groups:
            target, rate = group["swa_lr"], float(group["lr"])
            base = target if before == 1 else (rate - before * target) / (1.0 - before)
            rates.append(target * now + base * (1.0 - now))
        return rates

    def _share(self, step: int) -> float:
        """How far the way is gone after so many steps."""
        t = max(0.0, min(1.0, step / max(1, self.anneal_epochs)))
        return t if self._anneal_strategy == "linear" else (1.0 - math.cos(math.pi * t)) / 2.0


def _parameters(module: Module) -> Iterable[Tensor]:
    return module.parameters()


def _everything(module: Module) -> Iterable[Tensor]:
    return chain(module.parameters(), module.buffers())


def _matched(ours: Iterable[Tensor], theirs: Iterable[Tensor]) -> list[tuple[Tensor, Tensor]]:
    """Pairs of equal shape."""
    first, second = list(ours), list(theirs)
    if [t.shape for t in first] != [t.shape for t in second]:
        problem = "the model's weights do not match those of the average"
        seen = {"average": [t.shape for t in first], "model": [t.shape for t in second]}
        raise StateError(compose("AveragedModel.update_parameters", problem, seen))
    return list(zip(first, second, strict=True))


def _write(tensor: Tensor, values: Any) -> None:
    np.copyto(tensor.data, values, casting="unsafe")
    versions.bump(tensor.data)


def _check_decay(where: str, decay: float) -> None:
    if not 0.0 <= decay <= 1.0:
        raise ArgumentError(compose(where, f"decay must be from 0 to 1, not {decay!r}"))
