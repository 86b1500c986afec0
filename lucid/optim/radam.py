"""`RAdam`: Adam that trusts its second moment only once there is enough of it."""

from __future__ import annotations

from math import sqrt
from typing import Any

from ..kernels.optim import mixed
from .groups import check_betas, check_numbers, decay_of
from .optimizer import Optimizer


class RAdam(Optimizer):
    r"""Rectified Adam.

    With gradient :math:`g_t` (and :math:`\lambda p` added to it for weight decay
    :math:`\lambda`):

    .. math::
        m_t &= \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad
        v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2 \\
        \rho_\infty &= \frac{2}{1 - \beta_2} - 1, \qquad
        \rho_t = \rho_\infty - \frac{2 t \beta_2^t}{1 - \beta_2^t} \\
        r_t &= \sqrt{\frac{(\rho_t - 4)(\rho_t - 2) \rho_\infty}
                          {(\rho_\infty - 4)(\rho_\infty - 2) \rho_t}} \\
        p_t &= p_{t-1} - \gamma\, \frac{m_t}{1 - \beta_1^t} \cdot \begin{cases}
            r_t \sqrt{1 - \beta_2^t} \,/\, (\sqrt{v_t} + \epsilon) & \rho_t > 5 \\
            1 & \text{else} \end{cases}

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        What to optimize; see `Optimizer`.
    lr : float, default 1e-3
        Learning rate :math:`\gamma`.
    betas : (float, float), default (0.9, 0.999)
        How much of the running means is kept in a step.
    eps : float, default 1e-8
        Added to the denominator.
    weight_decay : float, default 0
        L2 penalty, added to the gradient.
    decoupled_weight_decay : bool, default False
        Let the parameter shrink by :math:`1 - \gamma \lambda` instead, as `AdamW` does.
    foreach : bool, optional
        Accepted as PyTorch does; all parameters are updated in one pass anyway.
    maximize : bool, default False
        Climb instead of descending.
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
    Liu et al., "On the variance of the adaptive learning rate and beyond", ICLR 2020.

    Examples
    --------
    >>> import lucid
    >>> w = lucid.Tensor([4.0], requires_grad=True)
    >>> optimizer = lucid.optim.RAdam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> print(w.detach())
    [3.2000]
    """

    rule = mixed

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        check_finite: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults, check_finite)

    def check(self, group: dict[str, Any]) -> None:
        where = type(self).__name__
        check_numbers(where, group, "lr", "eps", "weight_decay")
        check_betas(where, group["betas"])

    def names(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("exp_avg", "exp_avg_sq")

    def hyper(self, group: dict[str, Any], step: int) -> tuple[float, ...]:
        beta1, beta2 = group["betas"]
        size = float(group["lr"]) / (1.0 - beta1**step)
        rectified = rectification(beta2, step)
        size *= rectified or 1.0
        decay, shrink = decay_of(group)
        means = 1.0 - beta1, beta2, 1.0 - beta2
        return *means, 0.0, size, group["eps"], rectified > 0.0, decay, shrink


def rectification(beta2: float, step: int) -> float:
    """What Adam's step is multiplied by, both corrections of `v` in one; 0: leave `v` out.

    Examples
    --------
    >>> rectification(0.999, 5)
    0.0
    >>> round(rectification(0.999, 100000), 6)
    1.0
    """
    unbiased = 1.0 - beta2**step
    most = 2.0 / (1.0 - beta2) - 1.0
    length = most - 2.0 * step * beta2**step / unbiased
    if length <= 5.0:
        return 0.0
    share = (length - 4.0) * (length - 2.0) * most / ((most - 4.0) * (most - 2.0) * length)
    return sqrt(share * unbiased)
