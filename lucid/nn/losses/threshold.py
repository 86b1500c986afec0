r"""Where "small" ends and "outlier" begins: thresholds given, learned, scheduled or automatic.

An automatic threshold is read off the residuals themselves, so that it fits targets in
thousands as well as in units. It is a constant to differentiation.

References
----------
.. [1] P. J. Huber, E. M. Ronchetti, "Robust Statistics", 2nd ed., Wiley, 2009, chapter 5.
.. [2] P. J. Rousseeuw, C. Croux, "Alternatives to the Median Absolute Deviation", Journal of
   the American Statistical Association 88 (1993), 1273-1283.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.tensor import Tensor, values, wrap
from ...errors import ArgumentError, DTypeError, ShapeError, compose

NORMAL_MAD = 0.6744897501960817  # median of |z| for a standard normal z


def check_positive(name: str, argument: str, value: Any, zero: bool = False) -> Any:
    """A positive number as a float, or positive values as a tensor; never NaN.

    With `zero`, zero is allowed too.

    Raises
    ------
    ArgumentError
        If a value is not positive, or is NaN.
    DTypeError
        If it is not a real number, array or tensor.
    """
    if type(value) is float and value > 0:
        return value
    if isinstance(value, bool) or not isinstance(
        value, int | float | np.number | np.ndarray | list | tuple | Tensor
    ):
        problem = f"{argument} must be a positive number or tensor, not {value!r}"
        raise DTypeError(compose(name, problem))
    raw = values(value)
    if raw.dtype.kind not in "fiu":
        problem = f"{argument} must be real, not of dtype {raw.dtype}"
        raise DTypeError(compose(name, problem))
    if not np.all(raw >= 0 if zero else raw > 0):  # NaN fails this too
        shown = raw if raw.ndim == 0 else f"values down to {np.min(raw)}"
        allowed = "zero or positive" if zero else "positive"
        problem = f"{argument} must be {allowed} and not NaN, not {shown}"
        learned = isinstance(value, Tensor) and value.requires_grad
        fix = "learned without nn.HuberLoss(..., normalizer=True), a threshold shrinks for ever"
        raise ArgumentError(compose(name, problem, fix=fix if learned else None))
    if isinstance(value, Tensor):
        return value
    return float(raw) if raw.ndim == 0 else wrap(np.array(raw, np.float64))


def check_fits(name: str, argument: str, value: Tensor, shape: tuple[int, ...]) -> None:
    """Refuse a per-output parameter that would enlarge the loss.

    Raises
    ------
    ShapeError
        If `value` does not broadcast to `shape`.
    """
    try:
        fits = np.broadcast_shapes(value.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        text = f"[{', '.join(map(str, shape))}]"
        problem = f"{argument} must broadcast to the loss, which has shape {text}"
        raise ShapeError(compose(name, problem, {argument: value}))


def automatic(name: str, argument: str, rule: str, efficient: float) -> Callable[[Any], float]:
    """The function that reads a threshold off absolute residuals.

    Parameters
    ----------
    name : str
        Who complains.
    argument : str
        What the threshold is called there.
    rule : str
        ``"mad"``: `efficient` times the normalised median of the absolute residuals;
        ``"quantile:q"``: their quantile q.
    efficient : float
        The threshold that is 95 % efficient under standard normal noise.

    Raises
    ------
    ArgumentError
        If the rule is neither.

    Examples
    --------
    >>> automatic("HuberLoss", "delta", "quantile:0.5", 1.345)(np.array([1.0, 2.0, 9.0]))
    2.0
    """
    if rule == "mad":
        return lambda sizes: efficient * scale_of(sizes)
    kind, _, number = rule.partition(":")
    if kind == "quantile":
        try:
            q = float(number)
        except ValueError:
            q = math.nan
        if 0 < q < 1:
            return lambda sizes: float(np.quantile(sizes, q)) if sizes.size else 0.0
    allowed = "a positive number, 'mad' or 'quantile:q' (0 < q < 1)"
    problem = f"{argument} must be {allowed}, not {rule!r}"
    raise ArgumentError(compose(name, problem))


def scale_of(sizes: Any) -> float:
    """The normalised MAD about zero: the standard deviation, if the noise is normal."""
    return float(np.median(sizes)) / NORMAL_MAD if sizes.size else 0.0


def residual_sizes(input: Any, target: Any, weight: Any = None, mask: Any = None) -> Any:
    """The absolute residuals that count, finite ones only, as a flat array."""
    x, t = values(input), values(target)
    sizes = np.abs(np.asarray(x - t, dtype=np.result_type(x, t, np.float32)))
    keep = np.isfinite(sizes)
    if mask is not None:
        keep &= values(mask)
    if weight is not None:
        keep &= values(weight) != 0
    return sizes[keep] if not keep.all() else sizes.ravel()


def from_residuals(
    name: str, read: Callable[[Any], float], input: Any, target: Any, weight: Any, mask: Any
) -> float:
    """A threshold read off the residuals; positive even where most of them are zero."""
    sizes = residual_sizes(input, target, weight, mask)
    threshold = read(sizes)
    if threshold > 0:
        return threshold
    # More than half of the residuals vanish: their mean has the scale of the others.
    threshold = float(np.mean(sizes)) if sizes.size else 0.0
    return threshold if threshold > 0 else 1.0  # all vanish, and with them the loss
