"""The quantile (pinball) loss: its minimiser is a quantile, or several at once."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from ...core.tensor import Tensor, values, wrap
from ...errors import ArgumentError, DTypeError, ShapeError, compose
from ...kernels.regression import Fused, pinball
from ...ops.selection import where
from ...ops.shape import unsqueeze
from .base import CallOptions, Options, Reduction, check_options, evaluate
from .curve import Curve
from .regression_loss import LossOptions, RegressionLoss

# ---- the curve ------------------------------------------------------------------------


def rho(r: Any, q: Any) -> Any:
    """(1 - q) r above the target, -q r below."""
    return np.where(r > 0, (1 - q) * r, q * np.abs(r))


def psi(r: Any, q: Any) -> Any:
    """1 - q above the target, -q below, 0 on it; a constant to differentiation."""
    raw = values(r)
    return where(raw > 0, 1 - q, where(raw < 0, -q, r * 0.0))


def weight(r: Any, q: Any) -> Any:
    """psi(r) / r, infinite at 0."""
    zero = values(r) == 0
    return where(zero, np.inf, psi(r, q) / where(zero, 1.0, r))


def toward_q(r: Any, q: Any) -> Any:
    """-r."""
    return -r


CURVE = Curve(
    "quantile",
    rho,
    psi,
    weight,
    towards=(toward_q,),
    fused=Fused("quantile", pinball),
    sample_params=(0.3,),
)

# ---- quantiles ------------------------------------------------------------------------


def check_quantile(name: str, quantile: Any) -> Any:
    """A quantile as a float, or several as a 1-d tensor; each between 0 and 1.

    Raises
    ------
    ArgumentError
        If one is not between 0 and 1.
    DTypeError
        If they are no real numbers.
    """
    if type(quantile) is float and 0 < quantile < 1:
        return quantile
    raw = np.asarray(values(quantile))
    if raw.dtype.kind not in "fiu":
        problem = f"quantile must be a number or several, not {quantile!r}"
        raise DTypeError(compose(name, problem))
    if raw.ndim > 1 or not raw.size or not np.all((raw > 0) & (raw < 1)):
        problem = "quantiles must be between 0 and 1, one or a list of them"
        raise ArgumentError(compose(name, problem, {"quantile": values(quantile).tolist()}))
    if raw.ndim == 0:
        return float(raw)
    return quantile if isinstance(quantile, Tensor) else wrap(np.array(raw, np.float64))


def spread(name: str, quantile: Any, input: Any, target: Any) -> Any:
    """The target beside several quantiles: repeated along the last dimension of the input.

    Parameters
    ----------
    name : str
        Who complains.
    quantile : float or Tensor
        One quantile leaves the target as it is.
    input : Tensor
        Of shape ``(..., Q)`` for Q quantiles.
    target : Tensor
        Of shape ``(...)``, ``(..., 1)`` or ``(..., Q)``.

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    """
    if not isinstance(quantile, Tensor) or not isinstance(input, Tensor):
        return target
    count, shape = len(quantile), input.shape
    seen = {"input": input, "target": target, "quantile": quantile}
    if not shape or shape[-1] != count:
        problem = f"the last dimension of the input must hold the {count} quantiles"
        raise ShapeError(compose(name, problem, seen))
    if not isinstance(target, Tensor) or target.shape in (shape, ()):
        return target
    if target.shape == shape[:-1]:
        target = unsqueeze(target, -1)
    if target.shape != (*shape[:-1], 1):
        problem = "the target must have the input's shape, with or without its last dimension"
        raise ShapeError(compose(name, problem, seen))
    return target.expand(*shape)


# ---- the function ---------------------------------------------------------------------


def quantile_loss(
    input: Tensor,
    target: Tensor,
    reduction: Reduction = "mean",
    quantile: Any = 0.5,
    weight: Any = None,
    *,
    mask: Any = None,
    **options: Unpack[CallOptions],
) -> Tensor:
    """The quantile (pinball) loss; see `QuantileLoss` for the formula.

    Parameters
    ----------
    input, target : Tensor
        Of equal shape, or one of them 0-d; with Q quantiles the input is ``(..., Q)`` and the
        target ``(...)``, ``(..., 1)`` or ``(..., Q)``.
    reduction : {"mean", "sum", "none", None}, default "mean"
    quantile : float, sequence of float or Tensor, default 0.5
        Between 0 and 1.
    weight : Tensor, optional
        Broadcast against the loss; 0 leaves an element out altogether.
    mask : Tensor of bool, optional
        False leaves an element out.
    **options
        ``normalize``, ``nan_target`` and ``broadcast``, as `QuantileLoss` has them.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        As `QuantileLoss` does.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.quantile_loss(lucid.Tensor([1.0, 1.0]), lucid.Tensor([0.0, 2.0]), "none", quantile=0.9)
    Tensor([0.1000, 0.9000])
    """
    name = "quantile_loss"
    chosen = check_options(name, Options(reduction, **options))
    quantile = check_quantile(name, quantile)
    target = spread(name, quantile, input, target)
    return evaluate(name, CURVE, (quantile,), chosen, input, target, weight, mask)


# ---- the module -----------------------------------------------------------------------


class QuantileLoss(RegressionLoss):
    r"""The quantile (pinball) loss, whose minimiser is the quantile q of the target.

    With the residual :math:`r = \text{input} - \text{target}` and :math:`0 < q < 1`,

    .. math::

        \rho_q(r) = \max\left((1 - q)\, r,\, -q\, r\right), \qquad
        \psi_q(r) = \begin{cases} 1 - q & r > 0 \\ -q & r < 0 \end{cases}, \qquad
        w_q(r) = \psi_q(r) / r

    A large q punishes an input that is too low. At :math:`q = 1/2` this is half of `L1Loss`.
    The slope at 0 is taken as 0.

    Parameters
    ----------
    reduction : {"mean", "sum", "none", None}, default "mean"
    quantile : float, sequence of float or Tensor, default 0.5
        Between 0 and 1. With Q of them the input has the shape ``(..., Q)``, one output a
        quantile, and the target ``(...)``, ``(..., 1)`` or ``(..., Q)``.
    normalize : {"weight", "count"}, default "weight"
        What a weighted mean divides by: the sum of the weights or the number of elements.
    nan_target : {"propagate", "skip", "raise"}, default "propagate"
        What a NaN among the targets means.
    broadcast : bool, default False
        Let input and target broadcast against each other.
    track : bool, default False
        Keep the ledger that `report` reads.

    Raises
    ------
    ShapeError
        On a call, if the shapes do not fit.
    DTypeError
        If an operand is complex, or `quantile` is no number.
    ArgumentError
        If a quantile is not between 0 and 1, or an option has none of its values.

    References
    ----------
    .. [1] R. Koenker, G. Bassett, "Regression Quantiles", Econometrica 46 (1978), 33-50.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> from lucid import Tensor
    >>> criterion = nn.QuantileLoss(reduction="none", quantile=[0.1, 0.5, 0.9])
    >>> criterion(Tensor([[1.0, 2.0, 3.0]]), Tensor([2.5]))
    Tensor([[0.1500, 0.2500, 0.0500]])
    """

    curve = CURVE
    quantile: Any

    def __init__(
        self,
        reduction: Reduction = "mean",
        quantile: Any = 0.5,
        **options: Unpack[LossOptions],
    ) -> None:
        super().__init__(reduction, **options)
        set_quantile(self, quantile)

    def params(self) -> tuple[Any, ...]:
        return (check_quantile(self.name, self.quantile),)

    def forward(
        self,
        input: Tensor,
        target: Tensor,
        weight: Any = None,
        *,
        mask: Any = None,
        index: Any = None,
    ) -> Tensor:
        target = spread(self.name, self.quantile, input, target)
        return super().forward(input, target, weight, mask=mask, index=index)

    def extra_repr(self) -> str:
        return f"reduction={self.reduction!r}, quantile={shown(self.quantile)}"


def set_quantile(module: Any, quantile: Any) -> None:
    """Make the quantiles an attribute of a loss: several of them as a buffer."""
    checked = check_quantile(module.name, quantile)
    if isinstance(checked, Tensor):
        module.register_buffer("quantile", checked.detach())
    else:
        module.quantile = checked


def shown(quantile: Any) -> str:
    """A quantile or several, as the user wrote them."""
    if isinstance(quantile, Tensor):
        return "[" + ", ".join(f"{q:g}" for q in quantile.tolist()) + "]"
    return repr(quantile)
