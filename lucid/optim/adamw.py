"""`AdamW`: Adam with the weight decay taken out of the moments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .adam import Adam


class AdamW(Adam):
    r"""Adam with decoupled weight decay.

    The parameter first shrinks by :math:`1 - \gamma \lambda`, for learning rate
    :math:`\gamma` and weight decay :math:`\lambda`; then follows Adam's step, whose moments
    see the gradient alone.

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        What to optimize; see `Optimizer`.
    lr : float, default 0.001
        Learning rate.
    betas : (float, float), default (0.9, 0.999)
        How much of the moments is kept in a step; see `Adam`.
    eps : float, default 1e-8
        Added to the denominator.
    weight_decay : float, default 0.01
    amsgrad : bool, default False
        Divide by the largest second moment so far.
    maximize : bool, default False
        Climb instead of descending.
    foreach, fused : bool, optional
        Accepted as PyTorch does; all parameters are updated in one pass anyway.
    capturable, differentiable : bool, default False
        True is refused: the one is for CUDA, and the step is not recorded.
    check_finite : bool, default False
        Refuse NaN and infinite gradients before anything is updated.

    Raises
    ------
    ArgumentError
        If an option is out of range.

    References
    ----------
    Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.

    Examples
    --------
    >>> import lucid
    >>> w = lucid.Tensor([4.0], requires_grad=True)
    >>> optimizer = lucid.optim.AdamW([w], lr=0.1, weight_decay=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> print(w.detach())
    [3.7000]
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        check_finite: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
            check_finite=check_finite,
        )

    def _unpack(self, state: Mapping[str, Any]) -> None:
        super()._unpack(state)
        for group in self.param_groups:  # a state of Adam's says otherwise
            group["decoupled_weight_decay"] = True
