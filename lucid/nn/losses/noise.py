"""Likelihoods of noise: normal with a predicted variance, and counts of Poisson's law."""

from __future__ import annotations

import math
from typing import Any

from ...core.tensor import Tensor
from ...errors import ArgumentError, ShapeError, compose
from ...ops.axes import ndim_of
from ...ops.creation import full_like
from ...ops.exponential import exp, log
from ...ops.selection import where
from .base import Reduction
from .reduced import ReducedLoss, check_reduction, first_place, operands, reduce

# ---- normal ---------------------------------------------------------------------------


def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Any,
    full: bool = False,
    eps: float = 1e-6,
    reduction: Reduction = "mean",
) -> Tensor:
    """Minus the log-density of the target under a normal distribution; see `GaussianNLLLoss`.

    Parameters
    ----------
    input : Tensor
        The means.
    target : Tensor
        Broadcast against `input`.
    var : Tensor or float
        The variances: of the input's shape, or with its last dimension absent or of length 1.
    full : bool, default False
    eps : float, default 1e-6
    reduction : {"mean", "sum", "none", None}, default "mean"

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `GaussianNLLLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.gaussian_nll_loss(lucid.tensor([1.0]), lucid.tensor([3.0]), lucid.tensor([4.0]))
    Tensor(1.1931)
    """
    name = "gaussian_nll_loss"
    check_reduction(name, reduction)
    _check_eps(name, eps)
    if isinstance(var, float | int):
        ndim_of(name, input)
        var = full_like(input, float(var))
    input, target, var = operands(name, input=input, target=target, var=var)
    if var.shape != input.shape:
        if var.shape == input.shape[:-1]:
            var = var.unsqueeze(-1)
        elif var.ndim != input.ndim or var.shape != (*input.shape[:-1], 1):
            problem = "var must have the input's shape, but for a last dimension absent or 1"
            raise ShapeError(compose(name, problem, {"input": input, "var": var}))
    negative = var.data < 0
    if negative.any():
        problem = f"variances must not be negative, and that of {first_place(negative)} is"
        raise ArgumentError(
            compose(name, problem, {"var": var}, "exponentiate the network's output")
        )
    var = var + where(var.data < eps, eps - var.data, 0.0)  # whose gradient passes the bound
    residual = input - target
    loss = (log(var) + residual * residual / var) * 0.5
    if full:
        loss = loss + 0.5 * math.log(2 * math.pi)
    return reduce(loss, reduction)


def _check_eps(name: str, eps: Any) -> None:
    if not isinstance(eps, float | int) or not eps > 0:
        raise ArgumentError(compose(name, f"eps must be a positive number, not {eps!r}"))


class GaussianNLLLoss(ReducedLoss):
    r"""The negative log-likelihood of a normal distribution whose variance is predicted too:
    :math:`\tfrac12 \bigl(\ln v + (x - t)^2 / v\bigr)`.

    Parameters
    ----------
    full : bool, default False
        Add the constant :math:`\tfrac12 \ln 2\pi`.
    eps : float, default 1e-6
        The least variance. The gradient passes this bound, so that a variance beneath it can
        grow again.
    reduction : {"mean", "sum", "none", None}, default "mean"

    Raises
    ------
    ArgumentError
        If `eps` is not positive; on a call, if a variance is negative: the sample is named.
    ShapeError
        If the shapes do not fit.

    References
    ----------
    D. A. Nix and A. S. Weigend, "Estimating the mean and variance of the target probability
    distribution", ICNN 1994.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> criterion = nn.GaussianNLLLoss(full=True)
    >>> criterion(lucid.zeros(2), lucid.zeros(2), lucid.ones(2))
    Tensor(0.9189)
    """

    shown = ("full", "eps")

    def __init__(
        self, *, full: bool = False, eps: float = 1e-6, reduction: Reduction = "mean"
    ) -> None:
        super().__init__(reduction)
        _check_eps("GaussianNLLLoss", eps)
        self.full = full
        self.eps = eps

    def forward(self, input: Tensor, target: Tensor, var: Any) -> Tensor:
        """Means, targets and variances."""
        return gaussian_nll_loss(input, target, var, self.full, self.eps, self.reduction)


# ---- Poisson --------------------------------------------------------------------------


def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    *,
    eps: float = 1e-8,
    reduction: Reduction = "mean",
) -> Tensor:
    """Minus the log-probability of counts under Poisson's law; see `PoissonNLLLoss`.

    Parameters
    ----------
    input : Tensor
        Expected counts, or their logarithms.
    target : Tensor
        Counts; broadcast against `input`.
    log_input : bool, default True
    full : bool, default False
    eps : float, default 1e-8
    reduction : {"mean", "sum", "none", None}, default "mean"

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `PoissonNLLLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.poisson_nll_loss(lucid.tensor([0.0, 1.0]), lucid.tensor([1.0, 2.0]))
    Tensor(0.8591)
    """
    check_reduction("poisson_nll_loss", reduction)
    input, target = operands("poisson_nll_loss", input=input, target=target)
    loss = exp(input) - target * input if log_input else input - target * log(input + eps)
    if full:
        many = where(target.data > 1, target, 1.0)  # below 2, Stirling's formula is no gain
        stirling = many * log(many) - many + 0.5 * log(2 * math.pi * many)
        loss = loss + where(target.data > 1, stirling, 0.0)
    return reduce(loss, reduction)


class PoissonNLLLoss(ReducedLoss):
    r"""The negative log-likelihood of counts: :math:`e^x - t x` for the logarithm x of the
    expected count, or :math:`x - t \ln (x + \epsilon)` for the expected count itself.

    Parameters
    ----------
    log_input : bool, default True
        Whether the input is the logarithm.
    full : bool, default False
        Add :math:`\ln t!` by Stirling's formula, for counts above 1.
    eps : float, default 1e-8
        Keeps the logarithm finite.
    reduction : {"mean", "sum", "none", None}, default "mean"

    Raises
    ------
    ArgumentError
        If `reduction` has none of its values.
    ShapeError
        On a call, if the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.PoissonNLLLoss(log_input=False)(lucid.tensor([2.0]), lucid.tensor([1.0]))
    Tensor(1.3069)
    """

    shown = ("log_input", "full", "eps")

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        *,
        eps: float = 1e-8,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Expected counts (or their logarithms) and counts."""
        return poisson_nll_loss(
            input, target, self.log_input, self.full, eps=self.eps, reduction=self.reduction
        )
