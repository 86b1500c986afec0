"""`SGD`: stochastic gradient descent, with momentum and Nesterov's variant."""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentError, compose
from ..kernels.optim import sgd
from .groups import check_numbers
from .optimizer import Optimizer


class SGD(Optimizer):
    r"""Stochastic gradient descent.

    With gradient :math:`g_t` (and :math:`\lambda p` added to it for weight decay
    :math:`\lambda`), momentum :math:`\mu`, dampening :math:`\tau` and learning rate
    :math:`\gamma`:

    .. math::
        b_1 = g_1, \qquad b_t = \mu\, b_{t-1} + (1 - \tau)\, g_t, \qquad
        p_t = p_{t-1} - \gamma\, b_t

    Nesterov's variant steps along :math:`g_t + \mu\, b_t` instead of :math:`b_t`.

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        What to optimize; see `Optimizer`.
    lr : float, default 0.001
        Learning rate.
    momentum : float, default 0
    dampening : float, default 0
    weight_decay : float, default 0
        L2 penalty, added to the gradient.
    nesterov : bool, default False
        Needs momentum, and no dampening.
    maximize : bool, default False
        Climb instead of descending.
    foreach, fused : bool, optional
        Accepted as PyTorch does; all parameters are updated in one pass anyway.
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
    Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
    Sutskever et al., "On the importance of initialization and momentum in deep learning",
    ICML 2013.

    Examples
    --------
    >>> import lucid
    >>> w = lucid.Tensor([4.0], requires_grad=True)
    >>> optimizer = lucid.optim.SGD([w], lr=0.1, momentum=0.9)
    >>> for _ in range(2):
    ...     optimizer.zero_grad()
    ...     (w * w).sum().backward()
    ...     optimizer.step()
    >>> print(w.detach())
    [1.8400]
    """

    rule = sgd
    counts = False

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
        check_finite: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults, check_finite)

    def check(self, group: dict[str, Any]) -> None:
        check_numbers("SGD", group, "lr", "momentum", "dampening", "weight_decay")
        if group["nesterov"] and (group["momentum"] == 0 or group["dampening"] != 0):
            problem = "nesterov needs momentum above 0 and no dampening"
            seen = {"momentum": group["momentum"], "dampening": group["dampening"]}
            raise ArgumentError(compose("SGD", problem, seen))

    def names(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("momentum_buffer",) if group["momentum"] else ()

    def hyper(self, group: dict[str, Any], step: int) -> tuple[float, ...]:
        fresh = 1.0 if step == 1 else 1.0 - group["dampening"]
        lr, momentum, decay = group["lr"], group["momentum"], group["weight_decay"]
        return float(lr), momentum, fresh, group["nesterov"], decay
