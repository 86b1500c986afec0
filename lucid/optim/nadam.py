"""`NAdam`: Adam with Nesterov's look ahead."""

from __future__ import annotations

from math import sqrt
from typing import Any

from ..kernels.optim import mixed
from .groups import check_betas, check_numbers, decay_of
from .optimizer import Optimizer


class NAdam(Optimizer):
    r"""Adam with Nesterov momentum.

    With gradient :math:`g_t` (and :math:`\lambda p` added to it for weight decay
    :math:`\lambda`):

    .. math::
        \mu_t &= \beta_1 \bigl(1 - \tfrac12\, 0.96^{t \psi}\bigr) \\
        m_t &= \beta_1 m_{t-1} + (1 - \beta_1)\, g_t \\
        v_t &= \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2 \\
        \hat m_t &= \frac{\mu_{t+1}}{1 - \prod_{i=1}^{t+1} \mu_i}\, m_t
                  + \frac{1 - \mu_t}{1 - \prod_{i=1}^{t} \mu_i}\, g_t \\
        p_t &= p_{t-1} - \gamma\, \frac{\hat m_t}{\sqrt{v_t / (1 - \beta_2^t)} + \epsilon}

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        What to optimize; see `Optimizer`.
    lr : float, default 2e-3
        Learning rate :math:`\gamma`.
    betas : (float, float), default (0.9, 0.999)
        How much of the running means is kept in a step.
    eps : float, default 1e-8
        Added to the denominator.
    weight_decay : float, default 0
        L2 penalty, added to the gradient.
    momentum_decay : float, default 4e-3
        :math:`\psi`.
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
    Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016.

    Examples
    --------
    >>> import lucid
    >>> w = lucid.Tensor([4.0], requires_grad=True)
    >>> optimizer = lucid.optim.NAdam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> print(w.detach())
    [3.8944]
    """

    rule = mixed
    scalars = ("mu_product",)

    def __init__(
        self,
        params: Any,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
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
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults, check_finite)

    def check(self, group: dict[str, Any]) -> None:
        where = type(self).__name__
        check_numbers(where, group, "lr", "eps", "weight_decay", "momentum_decay")
        check_betas(where, group["betas"])

    def names(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("exp_avg", "exp_avg_sq")

    def start(self, group: dict[str, Any]) -> tuple[float, ...]:
        return (1.0,)

    def pace(
        self, group: dict[str, Any], step: int, scalars: tuple[float, ...]
    ) -> tuple[tuple[float, ...], tuple[float, ...]]:
        beta1, beta2 = group["betas"]
        growth = 0.96 ** group["momentum_decay"]
        now = beta1 * (1.0 - 0.5 * growth**step)
        following = beta1 * (1.0 - 0.5 * growth ** (step + 1))
        product = scalars[0] * now
        root = sqrt(1.0 - beta2**step)
        size = float(group["lr"]) * root
        of_g = size * (1.0 - now) / (1.0 - product)
        of_m = size * following / (1.0 - product * following)
        decay, shrink = decay_of(group)
        eps = group["eps"] * root
        values = 1.0 - beta1, beta2, 1.0 - beta2, of_g, of_m, eps, 1.0, decay, shrink
        return values, (product,)
