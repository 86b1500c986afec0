"""Schedulers along a cosine wave, without and with restarts."""

from __future__ import annotations

import math

from ...errors import ArgumentError, compose
from ..optimizer import Optimizer
from .base import LRScheduler, at_least


class CosineAnnealingLR(LRScheduler):
    r"""Lower the rate along half a cosine wave, and raise it again.

    .. math::
        \eta_t = \eta_\text{min}
               + \tfrac12 (\eta_0 - \eta_\text{min}) (1 + \cos(\pi t / T_\text{max}))

    Parameters
    ----------
    optimizer : Optimizer
    T_max : int
        Epochs from the base rate to `eta_min`.
    eta_min : float, default 0
    last_epoch : int, default -1
        Where to go on from, with ``initial_lr`` in the optimizer's groups; -1 begins.

    References
    ----------
    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.

    Examples
    --------
    >>> import lucid
    >>> optimizer = lucid.optim.SGD([lucid.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = CosineAnnealingLR(optimizer, T_max=2)
    >>> scheduler.step()
    >>> round(scheduler.get_last_lr()[0], 6)
    0.5
    """

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        at_least("CosineAnnealingLR", "T_max", T_max, 1)
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def _height(self, epoch: int) -> float:
        return (1.0 + math.cos(math.pi * epoch / self.T_max)) / 2.0

    def following(self, index: int, rate: float) -> float:
        lowest = self.last_epoch - 1 - self.T_max
        if lowest % (2 * self.T_max) == 0:  # coming from the bottom, where nothing is left
            span = self.base_lrs[index] - self.eta_min  # of the present rate to go on from
            return rate + span * self._height(self.last_epoch)
        change = self._height(self.last_epoch) / self._height(self.last_epoch - 1)
        return self.eta_min + (rate - self.eta_min) * change


class CosineAnnealingWarmRestarts(LRScheduler):
    r"""Lower the rate along half a cosine wave, then jump back and begin again.

    .. math::
        \eta_t = \eta_\text{min}
               + \tfrac12 (\eta_0 - \eta_\text{min}) (1 + \cos(\pi T_\text{cur} / T_i))

    Parameters
    ----------
    optimizer : Optimizer
    T_0 : int
        Epochs until the first restart.
    T_mult : int, default 1
        How many times longer each round is than the one before.
    eta_min : float, default 0
    last_epoch : int, default -1
        Where to go on from, with ``initial_lr`` in the optimizer's groups; -1 begins.

    Raises
    ------
    ArgumentError
        If `T_0` or `T_mult` is no integer of at least 1.

    References
    ----------
    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.

    Examples
    --------
    >>> import lucid
    >>> optimizer = lucid.optim.SGD([lucid.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = CosineAnnealingWarmRestarts(optimizer, T_0=2)
    >>> rates = []
    >>> for _ in range(3):
    ...     rates.append(round(scheduler.get_last_lr()[0], 6))
    ...     scheduler.step()
    >>> rates
    [1.0, 0.5, 1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        for name, value in (("T_0", T_0), ("T_mult", T_mult)):
            if not isinstance(value, int) or value < 1:
                problem = f"{name} must be an integer of at least 1, not {value!r}"
                raise ArgumentError(compose("CosineAnnealingWarmRestarts", problem))
        self.T_0 = T_0
        self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rates at `T_cur` of the present round."""
        height = (1.0 + math.cos(math.pi * self.T_cur / self.T_i)) / 2.0
        return [self.eta_min + (rate - self.eta_min) * height for rate in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Go on to the next epoch, or to any, which may be a fraction.

        Parameters
        ----------
        epoch : float, optional
            ``epoch + batch / batches`` changes the rate with every batch.

        Raises
        ------
        ArgumentError
            If it is negative.
        """
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            self.last_epoch += 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
        else:
            at_least("CosineAnnealingWarmRestarts.step", "epoch", epoch, 0)
            self._jump(epoch)
            self.last_epoch = math.floor(epoch)
        self._set(self.get_lr())

    def _jump(self, epoch: float) -> None:
        """Find the round that an epoch lies in, and how far."""
        if self.T_mult == 1:
            self.T_cur = epoch % self.T_0
            return
        rounds = int(math.log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))
        self.T_i = self.T_0 * self.T_mult**rounds
        self.T_cur = epoch - (self.T_i - self.T_0) / (self.T_mult - 1)
