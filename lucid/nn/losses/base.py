"""What every regression loss shares: checks, weights, masks, missing targets, reduction."""

from __future__ import annotations

import math
import warnings
from typing import Any, Literal, NamedTuple, TypedDict

import numpy as np

from ...config import SETTINGS
from ...core.apply import apply
from ...core.tensor import Tensor, values, wrap
from ...dtypes import is_floating, wider
from ...errors import ArgumentError, DTypeError, ShapeError, compose
from ...ops.autocasting import is_casting
from ...ops.selection import where
from .curve import Curve

Reduction = Literal["mean", "sum", "none"] | None
_REDUCTIONS = ("mean", "sum", "none", None)


class Options(NamedTuple):
    """The options that mean the same on every regression loss.

    Attributes
    ----------
    reduction : {"mean", "sum", "none", None}
        "none" and None leave the loss of every element.
    normalize : {"weight", "count"}
        What a weighted mean divides by: the sum of the weights, so that a constant weight
        changes nothing, or the number of elements.
    nan_target : {"propagate", "skip", "raise"}
        What a NaN among the targets means: a NaN loss, a missing value, or an error.
    broadcast : bool
        Let input and target broadcast against each other.
    """

    reduction: Any = "mean"
    normalize: str = "weight"
    nan_target: str = "propagate"
    broadcast: bool = False


class CallOptions(TypedDict, total=False):
    """The keywords of every loss function, beside its reduction, weight and mask."""

    normalize: str
    nan_target: str
    broadcast: bool


def check_options(name: str, options: Options) -> Options:
    """Refuse unknown options by name; called once by modules, at every call by functions.

    Raises
    ------
    ArgumentError
        If an option has none of its values.
    """
    if options.reduction not in _REDUCTIONS:
        problem = f"reduction must be 'mean', 'sum', 'none' or None, not {options.reduction!r}"
        raise ArgumentError(compose(name, problem))
    if options.normalize not in ("weight", "count"):
        problem = f"normalize must be 'weight' or 'count', not {options.normalize!r}"
        raise ArgumentError(compose(name, problem))
    if options.nan_target not in ("propagate", "skip", "raise"):
        problem = f"nan_target must be 'propagate', 'skip' or 'raise', not {options.nan_target!r}"
        raise ArgumentError(compose(name, problem))
    return options


def evaluate(
    name: str,
    curve: Curve,
    params: tuple[Any, ...],
    options: Options,
    input: Any,
    target: Any,
    weight: Any = None,
    mask: Any = None,
) -> Tensor:
    """The loss of `input` against `target`.

    Parameters
    ----------
    name : str
        Who complains, should anything not fit.
    curve : Curve
    params : tuple of float or Tensor
        The curve's parameters, checked by the caller. Floats take the fused pass.
    options : Options
        Checked by the caller.
    input, target : Tensor
        Of equal shape, or one of them 0-d.
    weight : Tensor, optional
        Broadcast against the loss; a weight of 0 leaves an element out altogether.
    mask : Tensor of bool, optional
        False leaves an element out, before any arithmetic.

    Returns
    -------
    Tensor
        0-d for "mean" and "sum", else of the residuals' shape.

    Raises
    ------
    ShapeError, DTypeError, ArgumentError
        See the losses.
    """
    reduction, _, nan_target, _ = options
    if (  # the usual case, at every step of a training run: each thing is looked at once
        weight is None
        and mask is None
        and nan_target == "propagate"
        and (reduction == "mean" or reduction == "sum")  # `in` is slower
        and isinstance(input, Tensor)
        and isinstance(target, Tensor)
    ):
        x, t = input._data, target._data
        dtype = x.dtype
        if dtype is t.dtype and dtype.char in "fd" and x.shape == t.shape and _fixed(params):
            size = x.size
            scale = 1.0 if reduction == "sum" else (1.0 / size if size else math.nan)
            return apply(curve.reduced, input, target, scale=scale, params=params)
    input, target, narrow = _operands(name, input, target, options.broadcast)
    shape = _residual_shape(name, input, target)
    keep = _kept(name, options.nan_target, target, mask, shape)
    pull = _weights(name, weight, keep, shape, input._data.dtype)
    if reduction in ("mean", "sum") and _fixed(params) and not pull.differentiable:
        scale = _scale(reduction, options.normalize, pull, shape)
        given = () if pull.full is None else (pull.full, scale)
        loss = apply(curve.reduced, input, target, *given, scale=scale, params=params)
    else:
        loss = _composite(curve, params, options, input, target, pull)
    return loss if narrow is None else _narrowed(name, loss, narrow)


def _fixed(params: tuple[Any, ...]) -> bool:
    """True if no parameter is learned or has several values."""
    for p in params:
        if type(p) is not float:
            return False
    return True


# ---- operands -------------------------------------------------------------------------


def _operands(
    name: str, input: Any, target: Any, broadcast: bool
) -> tuple[Tensor, Tensor, np.dtype[Any] | None]:
    """Input and target of one floating dtype and fitting shapes.

    The third value is the dtype to give the loss where it is computed in a wider one.
    """
    x, t = _tensor(name, "input", input), _tensor(name, "target", target)
    if x.shape != t.shape and x.ndim and t.ndim and not broadcast:
        raise _misfit(name, x, t)
    dtype = wider(_as_floating(x.dtype), _as_floating(t.dtype))
    narrow = None
    if dtype.itemsize == 2:  # float16 and bfloat16 are computed and summed in float32
        dtype, narrow = np.dtype(np.float32), (None if is_casting() else dtype)
    x, t = x.astype(dtype), t.astype(dtype)
    return x, t, narrow


def _tensor(name: str, argument: str, value: Any) -> Tensor:
    if isinstance(value, np.ndarray | np.generic | float | int):
        value = wrap(np.asarray(value))
    if not isinstance(value, Tensor):
        problem = f"{argument} must be a tensor, not {type(value).__name__}"
        fix = f"lucid.tensor({argument})"
        raise DTypeError(compose(name, problem, {argument: value}, fix))
    if value.dtype.kind == "c":
        problem = f"{argument} is complex, and complex numbers have no order to be robust in"
        fix = "compare real and imaginary parts: x.real, x.imag"
        raise DTypeError(compose(name, problem, {argument: value}, fix))
    return value


def _as_floating(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return dtype if is_floating(dtype) else SETTINGS.default_dtype


def _misfit(name: str, x: Tensor, t: Tensor) -> ShapeError:
    """Input and target of different shapes, with the likely fix."""
    fix = "broadcast=True, if broadcasting is meant"
    if x.ndim == t.ndim + 1 and x.shape[-1] == 1:
        fix = f"input.squeeze(-1) or target.unsqueeze(-1); {fix}"
    elif t.ndim == x.ndim + 1 and t.shape[-1] == 1:
        fix = f"target.squeeze(-1) or input.unsqueeze(-1); {fix}"
    elif x.shape == t.shape[::-1]:
        fix = f"target.T; {fix}"
    problem = "input and target must have the same shape"
    return ShapeError(compose(name, problem, {"input": x, "target": t}, fix))


def _residual_shape(name: str, input: Tensor, target: Tensor) -> tuple[int, ...]:
    if input.shape == target.shape:
        return input.shape
    try:
        return np.broadcast_shapes(input.shape, target.shape)
    except ValueError:
        raise _misfit(name, input, target) from None


# ---- weights, masks, missing targets --------------------------------------------------


def _kept(name: str, nan_target: str, target: Tensor, mask: Any, shape: tuple[int, ...]) -> Any:
    """Which elements count, as a bool array of the residuals' shape; None for all."""
    keep = None
    if mask is not None:
        keep = values(mask)
        if keep.dtype != np.bool_:
            fix = "mask != 0"
            problem = "mask must be of dtype bool"
            raise DTypeError(compose(name, problem, {"mask": keep}, fix))
        keep = _fitted(name, "mask", keep, shape)
    if nan_target != "propagate":
        missing = np.isnan(target._data)
        if nan_target == "raise" and np.any(missing if keep is None else missing & keep):
            first = tuple(int(i) for i in np.argwhere(missing)[0])
            problem = f"{np.count_nonzero(missing)} targets are NaN, the first at {first}"
            fix = 'nan_target="skip" leaves them out'
            raise ArgumentError(compose(name, problem, {"target": target}, fix))
        present = np.broadcast_to(~missing, shape)
        keep = present if keep is None else keep & present
    return keep


def _fitted(name: str, argument: str, value: Any, shape: tuple[int, ...]) -> Any:
    """`value` broadcast to the residuals' shape, which it must not enlarge."""
    try:
        return np.broadcast_to(value, shape)
    except ValueError:
        text = f"[{', '.join(map(str, shape))}]"
        problem = f"{argument} must broadcast to the loss, which has shape {text}"
        fix = f"one {argument} a sample: {argument}.unsqueeze(-1)" if value.ndim == 1 else None
        raise ShapeError(compose(name, problem, {argument: value}, fix)) from None


class _Pull(NamedTuple):
    """The weights of a call: given ones, those that are left out set to zero."""

    full: Any  # array of the residuals' shape and dtype, or None for all ones
    given: Any  # the weights as the user gave them, or None
    keep: Any  # bool array of what has a say, or None for all
    counted: Any  # the same by the mask alone: an element of weight 0 still counts
    differentiable: bool


def _weights(
    name: str, weight: Any, keep: Any, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> _Pull:
    if weight is None and keep is None:
        return _Pull(None, None, None, None, False)
    if weight is None:
        return _Pull(keep.astype(dtype), None, keep, keep, False)
    raw = _fitted(name, "weight", values(weight), shape)
    if raw.dtype.kind not in "biufV" or np.any(raw < 0) or np.any(np.isnan(raw)):
        problem = "weights must be real numbers, none negative or NaN"
        raise ArgumentError(compose(name, problem, {"weight": weight}))
    counted = np.broadcast_to(True, shape) if keep is None else keep
    keep = counted & (raw != 0)
    full = np.where(keep, raw, 0).astype(dtype)
    learned = isinstance(weight, Tensor) and weight.requires_grad
    return _Pull(full, weight, keep, counted, learned)


def _scale(reduction: Any, normalize: str, pull: _Pull, shape: tuple[int, ...]) -> float:
    """What the sum of the weighted loss is multiplied by."""
    if reduction == "sum":
        return 1.0
    size = math.prod(shape)
    if size == 0:
        return math.nan
    if pull.full is None:
        return 1.0 / size
    total = _divisor(normalize, pull)
    return 1.0 / total if total else 0.0


def _divisor(normalize: str, pull: _Pull) -> float:
    """The sum of the weights, or the number of elements that the mask keeps."""
    if normalize == "weight":
        return float(np.sum(pull.full, dtype=np.float64))
    return float(np.count_nonzero(pull.counted))


def _composite(
    curve: Curve,
    params: tuple[Any, ...],
    options: Options,
    input: Tensor,
    target: Tensor,
    pull: _Pull,
) -> Tensor:
    """The loss out of separate ops: no reduction, or parameters or weights that are learned."""
    residual = input - target
    if pull.keep is not None:
        residual = where(pull.keep, residual, 0.0)
    loss = apply(curve.elementwise, residual, *params_like(residual, params))
    total: Any = residual.numel()
    if pull.keep is not None:
        weight = pull.given.astype(input.dtype) if pull.differentiable else pull.full
        loss = where(pull.keep, loss * weight, 0.0)
        total = _divisor(options.normalize, pull) or min(total, 1)
        if pull.differentiable and options.normalize == "weight" and pull.keep.any():
            total = where(pull.keep, weight, 0.0).sum()
    if options.reduction == "sum":
        return loss.sum()
    if options.reduction == "mean":
        return loss.sum() / total
    return loss


def params_like(residual: Tensor, params: tuple[Any, ...]) -> list[Any]:
    """Parameters of the residual's dtype, so that they do not widen the loss; floats pass."""
    return [p.astype(residual.dtype) if isinstance(p, Tensor) else p for p in params]


def _narrowed(name: str, loss: Tensor, dtype: np.dtype[Any]) -> Tensor:
    """The loss in the dtype of its input, with a warning where that overflows."""
    result: Tensor = loss.astype(dtype)
    if np.any(np.isinf(result.data) & ~np.isinf(loss.data)):
        message = f"{name}: the loss overflows {dtype}; give the input in float32"
        warnings.warn(message, RuntimeWarning, stacklevel=4)
    return result
