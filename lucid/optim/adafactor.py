"""`Adafactor`: a second moment kept as one number a row and a column."""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentError, compose
from ..kernels.optim import adafactor
from .groups import check_number, check_numbers, refuse_complex
from .matrix_slot import MatrixSlot
from .optimizer import Optimizer


class Adafactor(Optimizer):
    r"""Adaptive steps with sublinear memory.

    For a parameter of two or more axes, with the means taken over the last two:

    .. math::
        R_t &= \hat\beta_t R_{t-1} + (1 - \hat\beta_t)\, \operatorname{mean}_{\text{columns}} g_t^2,
        \qquad \hat\beta_t = 1 - t^\tau \\
        C_t &= \hat\beta_t C_{t-1} + (1 - \hat\beta_t)\, \operatorname{mean}_{\text{rows}} g_t^2 \\
        u_t &= \frac{g_t}{\sqrt{R_t C_t / \operatorname{mean} R_t}} \\
        p_t &= (1 - \gamma \lambda)\, p_{t-1}
               - \max(\epsilon_2, \operatorname{rms} p_{t-1}) \min(\gamma, 1/\sqrt t)\,
                 \frac{u_t}{\max(1, \operatorname{rms}(u_t) / d)}

    Others keep the whole second moment.

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        What to optimize; see `Optimizer`.
    lr : float, default 1e-2
        Learning rate :math:`\gamma`.
    beta2_decay : float, default -0.8
        :math:`\tau`, at most 0.
    eps : (float or None, float), default (None, 1e-3)
        What the second moment is kept above, as a root (None: the machine epsilon of the
        dtype that is computed in), and :math:`\epsilon_2`.
    d : float, default 1
        The step's root mean square is kept below it; at least 1.
    weight_decay : float, default 0
        :math:`\lambda`.
    foreach : bool, optional
        Accepted as PyTorch does; all parameters are updated in one pass anyway.
    maximize : bool, default False
        Climb instead of descending.
    check_finite : bool, default False
        Refuse NaN and infinite gradients before anything is updated.

    Raises
    ------
    ArgumentError
        If an option is out of range.

    References
    ----------
    Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost", ICML
    2018.

    Examples
    --------
    >>> import lucid
    >>> w = lucid.Tensor([4.0], requires_grad=True)
    >>> optimizer = lucid.optim.Adafactor([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> print(w.detach())
    [3.6000]
    """

    rule = adafactor
    slot = MatrixSlot

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        check_finite: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "eps": eps,
            "d": d,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
        }
        super().__init__(params, defaults, check_finite)

    def check(self, group: dict[str, Any]) -> None:
        where = type(self).__name__
        check_numbers(where, group, "lr", "weight_decay")
        check_number(where, "d", group["d"], low=1.0)
        first, second = group["eps"]
        if first is not None:
            check_number(where, "eps[0]", first)
        check_number(where, "eps[1]", second)
        if not group["beta2_decay"] <= 0.0:
            problem = f"beta2_decay must be at most 0, not {group['beta2_decay']!r}"
            raise ArgumentError(compose(where, problem))
        refuse_complex(where, group["params"])

    def names(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("row_var", "col_var", "variance")

    def hyper(self, group: dict[str, Any], step: int) -> tuple[float, ...]:
        lr = float(group["lr"])
        first, second = group["eps"]
        new, relative = step ** group["beta2_decay"], min(lr, step**-0.5)
        eps = -1.0 if first is None else first
        return new, relative, second, eps, group["d"], 1.0 - lr * group["weight_decay"]
