"""`Adadelta`: steps in the units of the parameter, without a rate to be tuned."""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentError, compose
from ..kernels.optim import adadelta
from .groups import check_numbers
from .optimizer import Optimizer


class Adadelta(Optimizer):
    r"""Adaptive steps from running means of squared gradients and squared steps.

    With gradient :math:`g_t` (and :math:`\lambda p` added to it for weight decay
    :math:`\lambda`):

    .. math::
        v_t &= \rho\, v_{t-1} + (1 - \rho)\, g_t^2 \\
        d_t &= \frac{\sqrt{u_{t-1} + \epsilon}}{\sqrt{v_t + \epsilon}}\, g_t \\
        u_t &= \rho\, u_{t-1} + (1 - \rho)\, d_t^2 \\
        p_t &= p_{t-1} - \gamma\, d_t

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        What to optimize; see `Optimizer`.
    lr : float, default 1.0
        Learning rate :math:`\gamma`.
    rho : float, default 0.9
        How much of the means is kept in a step.
    eps : float, default 1e-6
        Added under both roots.
    weight_decay : float, default 0
        L2 penalty, added to the gradient.
    foreach : bool, optional
        Accepted as PyTorch does; all parameters are updated in one pass anyway.
    capturable : bool, default False
        True is refused: it is for CUDA.
    maximize : bool, default False
        Climb instead of descending.
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
    Zeiler, "ADADELTA: an adaptive learning rate method", 2012.

    Examples
    --------
    >>> import lucid
    >>> w = lucid.Tensor([4.0], requires_grad=True)
    >>> optimizer = lucid.optim.Adadelta([w])
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> print(w.detach())
    [3.9968]
    """

    rule = adadelta

    def __init__(
        self,
        params: Any,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
        check_finite: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "capturable": capturable,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults, check_finite)

    def check(self, group: dict[str, Any]) -> None:
        where = type(self).__name__
        check_numbers(where, group, "lr", "eps", "weight_decay", "rho")
        if group["rho"] > 1.0:
            raise ArgumentError(compose(where, f"rho must be from 0 to 1, not {group['rho']!r}"))

    def names(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("square_avg", "acc_delta")

    def hyper(self, group: dict[str, Any], step: int) -> tuple[float, ...]:
        rho = group["rho"]
        return float(group["lr"]), rho, 1.0 - rho, group["eps"], group["weight_decay"]
