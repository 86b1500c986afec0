"""`Rprop`: steps from the signs of the gradient alone, for whole batches."""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentError, compose
from ..kernels.optim import rprop
from .groups import check_numbers
from .optimizer import Optimizer


class Rprop(Optimizer):
    r"""Resilient propagation.

    Each element has a step size of its own, at first the learning rate. It is multiplied by
    :math:`\eta_+` while the sign of its gradient stays, by :math:`\eta_-` when the sign has
    turned (and then the element is left where it is), and kept between the bounds; the
    element moves by the step size against the sign.

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        What to optimize; see `Optimizer`.
    lr : float, default 1e-2
        Learning rate :math:`\gamma`.
    etas : (float, float), default (0.5, 1.2)
        :math:`\eta_-`, between 0 and 1, and :math:`\eta_+`, above 1.
    step_sizes : (float, float), default (1e-6, 50)
        The bounds.
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

    References
    ----------
    Riedmiller and Braun, "A direct adaptive method for faster backpropagation learning: the
    RPROP algorithm", ICNN 1993.

    Examples
    --------
    >>> import lucid
    >>> w = lucid.Tensor([4.0], requires_grad=True)
    >>> optimizer = lucid.optim.Rprop([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> print(w.detach())
    [3.9000]
    """

    rule = rprop

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        check_finite: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults, check_finite)

    def check(self, group: dict[str, Any]) -> None:
        where = type(self).__name__
        check_numbers(where, group, "lr")
        shrinking, growing = group["etas"]
        if not 0.0 < shrinking < 1.0 < growing:
            problem = (
                f"etas must be one factor between 0 and 1 and one above, not {group['etas']!r}"
            )
            raise ArgumentError(compose(where, problem))

    def names(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("prev", "step_size")

    def initial(self, group: dict[str, Any]) -> dict[str, float]:
        return {"step_size": float(group["lr"])}

    def hyper(self, group: dict[str, Any], step: int) -> tuple[float, ...]:
        return *group["etas"], *group["step_sizes"]
