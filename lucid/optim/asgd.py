"""`ASGD`: gradient descent that also keeps the average of where it has been."""

from __future__ import annotations

from typing import Any

from ..kernels.optim import asgd
from .groups import check_numbers
from .optimizer import Optimizer


class ASGD(Optimizer):
    r"""Averaged stochastic gradient descent.

    With gradient :math:`g_t` (and :math:`\lambda p` added to it for weight decay
    :math:`\lambda`):

    .. math::
        p_t &= (1 - \lambda_d\, \eta_{t-1})\, p_{t-1} - \eta_{t-1}\, g_t, \qquad
        \eta_t = \frac{\gamma}{(1 + \lambda_d \gamma t)^\alpha} \\
        a_t &= a_{t-1} + \mu_{t-1} (p_t - a_{t-1}), \qquad
        \mu_t = \frac{1}{\max(1, t - t_0)}

    The average :math:`a` is in the state as ``"ax"``.

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        What to optimize; see `Optimizer`.
    lr : float, default 1e-2
        Learning rate :math:`\gamma`.
    lambd : float, default 1e-4
        :math:`\lambda_d`.
    alpha : float, default 0.75
        Power by which the step falls.
    t0 : float, default 1e6
        The step at which averaging begins.
    weight_decay : float, default 0
        L2 penalty, added to the gradient.
    foreach : bool, optional
        Accepted as PyTorch does; all parameters are updated in one pass anyway.
    maximize : bool, default False
        Climb instead of descending.
    differentiable : bool, default False
        True is refused: the step is not recorded.
    capturable : bool, default False
        True is refused: it is for CUDA.
    check_finite : bool, default False
        Refuse NaN and infinite gradients before anything is updated.

    Raises
    ------
    ArgumentError
        If an option is out of range.

    References
    ----------
    Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", SIAM J.
    Control Optim. 30, 1992.

    Examples
    --------
    >>> import lucid
    >>> w = lucid.Tensor([4.0], requires_grad=True)
    >>> optimizer = lucid.optim.ASGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> print(w.detach())
    [3.2000]
    """

    rule = asgd
    scalars = ("eta", "mu")

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0.0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
        *,
        check_finite: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults, check_finite)

    def check(self, group: dict[str, Any]) -> None:
        check_numbers(type(self).__name__, group, "lr", "weight_decay")

    def names(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("ax",)

    def start(self, group: dict[str, Any]) -> tuple[float, ...]:
        return float(group["lr"]), 1.0

    def pace(
        self, group: dict[str, Any], step: int, scalars: tuple[float, ...]
    ) -> tuple[tuple[float, ...], tuple[float, ...]]:
        lr, falling = float(group["lr"]), group["lambd"]
        eta, mu = scalars
        values = eta, 1.0 - falling * eta, mu, group["weight_decay"]
        following = lr / (1.0 + falling * lr * step) ** group["alpha"]
        return values, (following, 1.0 / max(1.0, step - group["t0"]))
