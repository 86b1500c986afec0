"""`Adagrad`: steps scaled by the sum of all squared gradients so far."""

from __future__ import annotations

from typing import Any

from ..kernels.optim import adagrad
from .groups import check_numbers
from .optimizer import Optimizer


class Adagrad(Optimizer):
    r"""Adaptive gradient descent.

    With gradient :math:`g_t` (and :math:`\lambda p` added to it for weight decay
    :math:`\lambda`):

    .. math::
        s_t &= s_{t-1} + g_t^2 \\
        p_t &= p_{t-1} - \frac{\gamma}{1 + (t - 1) \eta}\, \frac{g_t}{\sqrt{s_t} + \epsilon}

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        What to optimize; see `Optimizer`.
    lr : float, default 1e-2
        Learning rate :math:`\gamma`.
    lr_decay : float, default 0
        :math:`\eta`.
    weight_decay : float, default 0
        L2 penalty, added to the gradient.
    initial_accumulator_value : float, default 0
        What the sum of squares begins with.
    eps : float, default 1e-10
        Added to the denominator.
    foreach : bool, optional
        Accepted as PyTorch does; all parameters are updated in one pass anyway.
    maximize : bool, default False
        Climb instead of descending.
    differentiable : bool, default False
        True is refused: the step is not recorded.
    fused : bool, optional
        As `foreach`.
    check_finite : bool, default False
        Refuse NaN and infinite gradients before anything is updated.

    Raises
    ------
    ArgumentError
        If an option is out of range.

    References
    ----------
    Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic
    optimization", JMLR 12, 2011.

    Examples
    --------
    >>> import lucid
    >>> w = lucid.Tensor([4.0], requires_grad=True)
    >>> optimizer = lucid.optim.Adagrad([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> print(w.detach())
    [3.9000]
    """

    rule = adagrad

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        check_finite: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "eps": eps,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults, check_finite)

    def check(self, group: dict[str, Any]) -> None:
        options = ("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps")
        check_numbers(type(self).__name__, group, *options)

    def names(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("sum",)

    def initial(self, group: dict[str, Any]) -> dict[str, float]:
        return {"sum": group["initial_accumulator_value"]}

    def hyper(self, group: dict[str, Any], step: int) -> tuple[float, ...]:
        size = float(group["lr"]) / (1.0 + (step - 1) * group["lr_decay"])
        return size, group["eps"], group["weight_decay"]
