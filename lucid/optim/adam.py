"""`Adam`: steps scaled by running moments of the gradient; with AMSGrad."""

from __future__ import annotations

from math import sqrt
from typing import Any

from ..kernels.optim import adam
from .groups import check_betas, check_numbers, decay_of
from .optimizer import Optimizer


class Adam(Optimizer):
    r"""Adaptive moment estimation.

    With gradient :math:`g_t` (and :math:`\lambda p` added to it for weight decay
    :math:`\lambda`):

    .. math::
        m_t &= \beta_1 m_{t-1} + (1 - \beta_1)\, g_t \\
        v_t &= \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2 \\
        p_t &= p_{t-1} - \gamma\,
               \frac{m_t / (1 - \beta_1^t)}{\sqrt{v_t / (1 - \beta_2^t)} + \epsilon}

    AMSGrad puts the largest :math:`v` seen so far in the place of :math:`v_t`.

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        What to optimize; see `Optimizer`.
    lr : float, default 0.001
        Learning rate :math:`\gamma`.
    betas : (float, float), default (0.9, 0.999)
        How much of the moments :math:`m` and :math:`v` is kept in a step.
    eps : float, default 1e-8
        Added to the denominator.
    weight_decay : float, default 0
        L2 penalty, added to the gradient; `AdamW` keeps it out of the moments.
    amsgrad : bool, default False
    maximize : bool, default False
        Climb instead of descending.
    foreach, fused : bool, optional
        Accepted as PyTorch does; all parameters are updated in one pass anyway.
    capturable, differentiable : bool, default False
        True is refused: the one is for CUDA, and the step is not recorded.
    decoupled_weight_decay : bool, default False
        Keep weight decay out of the moments, as `AdamW` does.
    check_finite : bool, default False
        Refuse NaN and infinite gradients before anything is updated.

    Raises
    ------
    ArgumentError
        If an option is out of range.

    Notes
    -----
    The bias corrections are taken together into the step size and eps, as the paper
    suggests at the end of its section 2; the result differs from the formula by rounding.

    References
    ----------
    Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.
    Reddi, Kale and Kumar, "On the convergence of Adam and beyond", ICLR 2018 (AMSGrad).

    Examples
    --------
    >>> import lucid
    >>> w = lucid.Tensor([4.0], requires_grad=True)
    >>> optimizer = lucid.optim.Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> print(w.detach())
    [3.9000]
    """

    rule = adam

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
        check_finite: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults, check_finite)

    def check(self, group: dict[str, Any]) -> None:
        where = type(self).__name__
        check_numbers(where, group, "lr", "eps", "weight_decay")
        check_betas(where, group["betas"])

    def names(self, group: dict[str, Any]) -> tuple[str, ...]:
        return _AMSGRAD if group["amsgrad"] else _MOMENTS

    def hyper(self, group: dict[str, Any], step: int) -> tuple[float, ...]:
        beta1, beta2 = group["betas"]
        root = sqrt(1.0 - beta2**step)
        size = float(group["lr"]) * root / (1.0 - beta1**step)
        decay, shrink = decay_of(group)
        return 1.0 - beta1, beta2, 1.0 - beta2, size, group["eps"] * root, decay, shrink


_MOMENTS = ("exp_avg", "exp_avg_sq")
_AMSGRAD = (*_MOMENTS, "max_exp_avg_sq")
