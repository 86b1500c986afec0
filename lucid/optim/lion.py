"""`Lion`: steps of one size, along the sign of a momentum."""

from __future__ import annotations

from typing import Any

from ..kernels.optim import lion
from .groups import check_betas, check_numbers
from .optimizer import Optimizer


class Lion(Optimizer):
    r"""Evolved sign momentum.

    With weight decay :math:`\lambda`:

    .. math::
        p_t &= (1 - \gamma \lambda)\, p_{t-1}
               - \gamma \operatorname{sign}\bigl(\beta_1 m_{t-1} + (1 - \beta_1)\, g_t\bigr) \\
        m_t &= \beta_2 m_{t-1} + (1 - \beta_2)\, g_t

    It keeps one number a parameter, half of Adam's state. PyTorch has no such optimizer; the
    paper takes a learning rate 3 to 10 times smaller than Adam's.

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        What to optimize; see `Optimizer`.
    lr : float, default 1e-4
        Learning rate :math:`\gamma`.
    betas : (float, float), default (0.9, 0.99)
        How much of the momentum counts in a step, and is kept.
    weight_decay : float, default 0
        Decoupled, as that of `AdamW`.
    maximize : bool, default False
        Climb instead of descending.
    foreach : bool, optional
        Accepted as PyTorch does; all parameters are updated in one pass anyway.
    fused : bool, optional
        As `foreach`.
    capturable : bool, default False
        True is refused: it is for CUDA.
    differentiable : bool, default False
        True is refused: the step is not recorded.
    check_finite : bool, default False
        Refuse NaN and infinite gradients before anything is updated.

    Raises
    ------
    ArgumentError
        If an option is out of range.

    References
    ----------
    Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023.

    Examples
    --------
    >>> import lucid
    >>> w = lucid.Tensor([4.0], requires_grad=True)
    >>> optimizer = lucid.optim.Lion([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> print(w.detach())
    [3.9000]
    """

    rule = lion
    counts = False

    def __init__(
        self,
        params: Any,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        fused: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        check_finite: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "fused": fused,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults, check_finite)

    def check(self, group: dict[str, Any]) -> None:
        where = type(self).__name__
        check_numbers(where, group, "lr", "weight_decay")
        check_betas(where, group["betas"])

    def names(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("exp_avg",)

    def hyper(self, group: dict[str, Any], step: int) -> tuple[float, ...]:
        beta1, beta2 = group["betas"]
        lr = float(group["lr"])
        shrink = 1.0 - lr * group["weight_decay"]
        return beta1, 1.0 - beta1, beta2, 1.0 - beta2, lr, shrink
