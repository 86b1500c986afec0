"""`Muon`: momentum whose singular values are all brought near to one."""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentError, ShapeError, compose
from ..kernels.optim import muon
from .groups import check_number, check_numbers, refuse_complex
from .matrix_slot import MatrixSlot
from .optimizer import Optimizer


class Muon(Optimizer):
    r"""Momentum orthogonalized by Newton-Schulz: for the matrices of hidden layers.

    .. math::
        b_t &= \mu\, b_{t-1} + (1 - \mu)\, g_t \\
        o_t &= \operatorname{orthogonalized}(\mu\, b_t + (1 - \mu)\, g_t
               \text{, or } b_t \text{ without Nesterov}) \\
        p_t &= (1 - \gamma \lambda)\, p_{t-1} - \gamma\, a\, o_t

    with :math:`a` from the parameter's shape ``(A, B)``: :math:`\sqrt{\max(1, A / B)}`, or
    :math:`0.2 \sqrt{\max(A, B)}`, which gives the step the size of AdamW's. Other parameters
    (biases, embeddings, the output layer) go to another optimizer, such as `AdamW`.

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        What to optimize; see `Optimizer`.
    lr : float, default 1e-3
        Learning rate :math:`\gamma`.
    weight_decay : float, default 0.1
        :math:`\lambda`, decoupled.
    momentum : float, default 0.95
        :math:`\mu`.
    nesterov : bool, default True
    ns_coefficients : (float, float, float)
        The odd polynomial :math:`a x + b x^3 + c x^5` of a round.
    eps : float, default 1e-7
        The least norm that is divided by.
    ns_steps : int, default 5
        Rounds, fewer than 100.
    adjust_lr_fn : {"original", "match_rms_adamw"}, optional
        :math:`a`, the first or the second.
    check_finite : bool, default False
        Refuse NaN and infinite gradients before anything is updated.

    Raises
    ------
    ArgumentError
        If an option is out of range.

    Notes
    -----
    The rounds are computed in the working precision, float32 for float32 parameters. PyTorch
    rounds them to bfloat16, so its steps agree to two or three digits.

    References
    ----------
    Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024.
    Liu et al., "Muon is scalable for LLM training", 2025.

    Examples
    --------
    >>> import lucid
    >>> w = lucid.Tensor([[3.0, 0.0], [0.0, 1.0]], requires_grad=True)
    >>> optimizer = lucid.optim.Muon([w], lr=0.1, weight_decay=0.0)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach().shape
    (2, 2)
    """

    rule = muon
    slot = MatrixSlot
    counts = False

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.7750, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
        *,
        check_finite: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "nesterov": nesterov,
            "ns_coefficients": ns_coefficients,
            "eps": eps,
            "ns_steps": ns_steps,
            "adjust_lr_fn": adjust_lr_fn,
        }
        super().__init__(params, defaults, check_finite)

    def check(self, group: dict[str, Any]) -> None:
        where = type(self).__name__
        check_numbers(where, group, "lr", "weight_decay", "momentum", "eps")
        if len(group["ns_coefficients"]) != 3:
            problem = f"ns_coefficients must be three numbers, not {group['ns_coefficients']!r}"
            raise ArgumentError(compose(where, problem))
        check_number(where, "ns_steps", group["ns_steps"], below=100)
        if group["adjust_lr_fn"] not in (None, "original", "match_rms_adamw"):
            problem = 'adjust_lr_fn must be "original" or "match_rms_adamw"'
            raise ArgumentError(compose(where, problem, {"given": group["adjust_lr_fn"]}))
        refuse_complex(where, group["params"])
        for parameter in group["params"]:
            if len(parameter.shape) != 2:
                problem = "takes matrices only, parameters of two axes"
                fix = "give the others (biases, norms, convolutions) to AdamW"
                raise ShapeError(compose(where, problem, {"parameter": parameter}, fix))

    def names(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("momentum_buffer",)

    def hyper(self, group: dict[str, Any], step: int) -> tuple[float, ...]:
        lr = float(group["lr"])
        momentum, nesterov = group["momentum"], float(group["nesterov"])
        as_adamw = float(group["adjust_lr_fn"] == "match_rms_adamw")
        shrink = 1.0 - lr * group["weight_decay"]
        rounds = group["eps"], group["ns_steps"], *group["ns_coefficients"]
        return momentum, nesterov, lr, as_adamw, shrink, *rounds
