"""`RMSprop`: steps scaled by a running mean of the squared gradient."""

from __future__ import annotations

from typing import Any

from ..kernels.optim import rmsprop
from .groups import check_number, check_numbers
from .optimizer import Optimizer


class RMSprop(Optimizer):
    r"""Root mean square propagation.

    With gradient :math:`g_t` (and :math:`\lambda p` added to it for weight decay
    :math:`\lambda`):

    .. math::
        v_t &= \alpha v_{t-1} + (1 - \alpha)\, g_t^2 \\
        b_t &= \mu\, b_{t-1} + \frac{g_t}{\sqrt{v_t} + \epsilon} \\
        p_t &= p_{t-1} - \gamma\, b_t

    The centered variant divides by an estimate of the standard deviation instead:
    :math:`v_t` less the square of a running mean of :math:`g`.

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        What to optimize; see `Optimizer`.
    lr : float, default 0.01
        Learning rate :math:`\gamma`.
    alpha : float, default 0.99
        How much of :math:`v` is kept in a step.
    eps : float, default 1e-8
        Added to the denominator.
    weight_decay : float, default 0
        L2 penalty, added to the gradient.
    momentum : float, default 0
        :math:`\mu`.
    centered : bool, default False
    capturable : bool, default False
        True is refused: it is for CUDA.
    foreach : bool, optional
        Accepted as PyTorch does; all parameters are updated in one pass anyway.
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

    Notes
    -----
    Where rounding takes the centered variance below zero (a constant gradient does that),
    it counts as zero; PyTorch's parameters turn NaN there.

    References
    ----------
    Hinton, "Neural networks for machine learning", lecture 6e, 2012.
    Graves, "Generating sequences with recurrent neural networks", 2013 (centered).

    Examples
    --------
    >>> import lucid
    >>> w = lucid.Tensor([4.0], requires_grad=True)
    >>> optimizer = lucid.optim.RMSprop([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> print(w.detach())
    [3.0000]
    """

    rule = rmsprop

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        *,
        check_finite: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "alpha": alpha,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "centered": centered,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults, check_finite)

    def check(self, group: dict[str, Any]) -> None:
        check_numbers("RMSprop", group, "lr", "eps", "weight_decay", "momentum")
        check_number("RMSprop", "alpha", group["alpha"], below=1.0)

    def names(self, group: dict[str, Any]) -> tuple[str, ...]:
        names: tuple[str, ...] = ("square_avg",)
        if group["momentum"]:
            names += ("momentum_buffer",)
        if group["centered"]:
            names += ("grad_avg",)
        return names

    def hyper(self, group: dict[str, Any], step: int) -> tuple[float, ...]:
        lr, alpha = float(group["lr"]), group["alpha"]
        decay, momentum = group["weight_decay"], group["momentum"]
        return lr, alpha, 1.0 - alpha, group["eps"], decay, momentum, group["centered"]
