"""`RegressionLoss`: the module around a curve, with the options that all of them share."""

from __future__ import annotations

from functools import partial
from typing import Any, TypedDict

import numpy as np

from ...core.apply import apply
from ...core.tensor import Tensor, values
from ...errors import GradError, UnimplementedError, compose
from ..module import Module
from .base import Options, Reduction, check_options, evaluate, params_like
from .curve import Curve
from .ledger import Ledger, Report
from .likelihood import with_normalizer


class LossOptions(TypedDict, total=False):
    """The keywords of every regression loss, beside its reduction and parameters."""

    normalize: str
    nan_target: str
    broadcast: bool
    track: bool


class RegressionLoss(Module):
    """Base of the regression losses; a subclass names its curve and gives its parameters.

    Parameters
    ----------
    reduction : {"mean", "sum", "none", None}, default "mean"
        "none" and None leave the loss of every element.
    normalize : {"weight", "count"}, default "weight"
        What a weighted mean divides by: the sum of the weights or the number of elements.
    nan_target : {"propagate", "skip", "raise"}, default "propagate"
        What a NaN among the targets means.
    broadcast : bool, default False
        Let input and target broadcast against each other.
    track : bool, default False
        Keep a ledger of outliers for `report`.
    """

    curve: Curve
    normalizer = False

    def __init__(
        self,
        reduction: Reduction = "mean",
        *,
        normalize: str = "weight",
        nan_target: str = "propagate",
        broadcast: bool = False,
        track: bool = False,
    ) -> None:
        super().__init__()
        self.name = type(self).__name__
        options = Options(reduction, normalize, nan_target, broadcast)
        self.options = check_options(self.name, options)
        self.ledger = Ledger() if track else None

    @property
    def reduction(self) -> Reduction:
        """How the elements are reduced: "mean", "sum", or "none" and None for not at all."""
        reduction: Reduction = self.options.reduction
        return reduction

    @reduction.setter
    def reduction(self, value: Reduction) -> None:
        changed = self.options._replace(reduction=value)
        self.options = check_options(self.name, changed)

    # ---- what a subclass says ---------------------------------------------------------

    def params(self) -> tuple[Any, ...]:
        """The parameters of the curve."""
        return ()

    def threshold(self, params: tuple[Any, ...]) -> Any:
        """The size from which on the ledger counts a residual as clipped."""
        return np.inf

    def params_for(self, input: Tensor, target: Tensor, weight: Any, mask: Any) -> tuple[Any, ...]:
        """The parameters for one call; they may depend on its residuals."""
        return self.params()

    def log_normalizer(self, params: tuple[Any, ...]) -> Tensor:
        """The logarithm of the integral of exp(-rho); for losses with `normalizer`."""
        problem = "no normalising integral is known for this loss"
        raise UnimplementedError(compose(self.name, problem))

    # ---- the curve --------------------------------------------------------------------

    def rho(self, residual: Any) -> Any:
        """The loss of a residual."""
        return _in_kind(partial(apply, self.curve.elementwise), residual, self.params())

    def psi(self, residual: Any) -> Any:
        """The influence of a residual: the slope of the loss."""
        return _in_kind(self.curve.psi, residual, self.params())

    def weight(self, residual: Any) -> Any:
        """The weight psi(r) / r of a residual in the equivalent weighted least squares."""
        return _in_kind(self.curve.weight, residual, self.params())

    # ---- running ----------------------------------------------------------------------

    def forward(
        self,
        input: Tensor,
        target: Tensor,
        weight: Any = None,
        *,
        mask: Any = None,
        index: Any = None,
    ) -> Tensor:
        """The loss of `input` against `target`.

        Parameters
        ----------
        input, target : Tensor
            Of equal shape (or one of them 0-d), floating, integer or bool.
        weight : Tensor, optional
            Broadcast against the loss; 0 leaves an element out altogether.
        mask : Tensor of bool, optional
            False leaves an element out, before any arithmetic; its gradient is exactly 0.
        index : Tensor of int, optional
            With ``track=True``: which rows of the data set these are.

        Returns
        -------
        Tensor
        """
        params = self.params_for(input, target, weight, mask)
        loss = evaluate(self.name, self.curve, params, self.options, input, target, weight, mask)
        if self.normalizer:
            call = self.options, input, target, weight, mask
            loss = with_normalizer(self.name, loss, self.log_normalizer(params), *call)
        if self.ledger is not None:
            self._note(params, input, target, weight, mask, index)
        return loss

    def _note(
        self, params: tuple[Any, ...], input: Any, target: Any, weight: Any, mask: Any, index: Any
    ) -> None:
        r = np.asarray(values(input), np.float64) - values(target)
        keep = np.ones(r.shape, bool) if mask is None else np.broadcast_to(values(mask), r.shape)
        if weight is not None:
            keep = keep & (values(weight) != 0)
        r = np.where(keep, r, np.nan)
        raw = tuple(values(p) for p in params)
        share = np.asarray(self.curve.weight(r, *raw))
        full = self.curve.weight(np.copysign(0.0, r), *raw)  # the limit from the side of r
        share = share / np.where(np.isinf(full), 1.0, full)
        assert self.ledger is not None
        self.ledger.note(self.name, r, share, values(self.threshold(raw)), index)

    def report(self, rows: int = 10) -> Report:
        """What the loss held back so far.

        Parameters
        ----------
        rows : int, default 10
            How many rows of smallest weight to name.

        Returns
        -------
        Report
            Share clipped, threshold and scale in use, and, where calls passed ``index=``,
            the rows of smallest weight psi(r) / r. Prints as a small table.

        Raises
        ------
        GradError
            If the loss was made without ``track=True``.
        """
        if self.ledger is None:
            problem = "this loss keeps no ledger"
            fix = f"{self.name}(track=True)"
            raise GradError(compose(f"{self.name}.report", problem, fix=fix))
        return self.ledger.report(rows)

    def reset_report(self) -> None:
        """Open a new ledger."""
        if self.ledger is not None:
            self.ledger = Ledger()

    def extra_repr(self) -> str:
        return f"reduction={self.reduction!r}"


def _in_kind(function: Any, residual: Any, params: tuple[Any, ...]) -> Any:
    """A curve's function of a tensor, an array or a number, in kind."""
    if isinstance(residual, Tensor):
        return function(residual, *params_like(residual, params))
    result = function(np.asarray(residual, np.float64), *(values(p) for p in params))
    return float(result) if np.ndim(residual) == 0 else result
