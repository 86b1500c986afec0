"""`Influence`: what the estimators need to know of a loss, whichever it is."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..core.tensor import Tensor, values
from ..errors import ArgumentError, DTypeError, compose
from ..nn.losses.regression_loss import RegressionLoss
from ..nn.losses.threshold import automatic, from_residuals
from ..nn.losses.threshold_loss import ThresholdLoss
from ..ops.reduction import sum as total_of
from .normal import STANDARD, bisect, normal_quadrature


class Influence(NamedTuple):
    """The three functions of a loss on arrays of residuals, in units of their scale.

    Attributes
    ----------
    name : str
    rho, psi, weight : callable
        The loss, its slope, and psi(r) / r.
    tensor_psi : callable
        psi again, on tensors, so that it can be differentiated.
    threshold : float
        From where on a residual counts as an outlier; infinite where there is no such place.
    """

    name: str
    rho: Callable[[Any], Any]
    psi: Callable[[Any], Any]
    weight: Callable[[Any], Any]
    tensor_psi: Callable[[Any], Any]
    threshold: float

    @property
    def breaks(self) -> list[float]:
        """Where psi may have kinks or jumps."""
        return [-self.threshold, 0.0, self.threshold]


def influence_of(where: str, loss: Any, residuals: Any = None) -> Influence:
    """The influence of a loss: anything with ``rho``, ``psi`` and ``weight`` of a residual.

    The threshold of a regression loss is in units of the scale. A threshold that is read off
    residuals is what it would be under standard normal noise: ``"mad"`` gives the threshold
    that is 95 % efficient.

    Parameters
    ----------
    where : str
        Who asks, for errors.
    loss : Module
    residuals : array, optional
        Read the threshold off these instead.

    Raises
    ------
    DTypeError
        If `loss` lacks one of the three.
    ArgumentError
        If it has a parameter of several values.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> influence_of("example", nn.HuberLoss(delta="mad")).threshold
    1.345
    """
    missing = [name for name in ("rho", "psi", "weight") if not callable(getattr(loss, name, None))]
    if missing or isinstance(loss, type):
        kind = f"the class {loss.__name__}" if isinstance(loss, type) else type(loss).__name__
        problem = f"takes a regression loss, with rho, psi and weight of a residual, not {kind}"
        fix = f"{loss.__name__}()" if isinstance(loss, type) and not missing else "nn.HuberLoss()"
        raise DTypeError(compose(where, problem, fix=fix))
    name = type(loss).__name__
    if not isinstance(loss, RegressionLoss):
        return Influence(name, loss.rho, loss.psi, loss.weight, loss.psi, math.inf)
    params = tuple(_one_number(where, name, p) for p in _params(loss, residuals))
    curve = loss.curve

    def of(function: Callable[..., Any]) -> Callable[[Any], Any]:
        return lambda r: np.asarray(function(np.asarray(r, np.float64), *params))

    threshold = float(np.asarray(loss.threshold(params)))
    functions = of(curve.rho), of(curve.psi), of(curve.weight)
    return Influence(name, *functions, lambda r: curve.psi(r, *params), threshold)


def _params(loss: RegressionLoss, residuals: Any) -> tuple[Any, ...]:
    """The parameters of the curve, with a number for a rule that reads the threshold off data."""
    if not isinstance(loss, ThresholdLoss):
        return loss.params()
    rule = getattr(loss, loss.argument)
    if not isinstance(rule, str):
        return loss.params()
    if residuals is not None:
        read = automatic(loss.name, loss.argument, rule, loss.efficient)
        number = from_residuals(loss.name, read, residuals, 0.0, None, None)
    elif rule == "mad":
        number = loss.efficient
    else:
        number = STANDARD.inv_cdf((1 + float(rule.partition(":")[2])) / 2)
    setattr(loss, loss.argument, number)  # so that subclasses can say what goes with it
    try:
        return loss.params()
    finally:
        setattr(loss, loss.argument, rule)


def with_threshold(where: str, loss: Any) -> Any:
    """A class of losses with a threshold, as it was given.

    Raises
    ------
    DTypeError
        If it is none.
    """
    if isinstance(loss, type) and issubclass(loss, ThresholdLoss):
        return loss
    shown = loss.__name__ if isinstance(loss, type) else type(loss).__name__
    problem = f"takes a class of losses with a threshold, not {shown}"
    raise DTypeError(compose(where, problem, fix="nn.HuberLoss, nn.TukeyBiweightLoss, ..."))


def _one_number(where: str, name: str, parameter: Any) -> float:
    raw = np.asarray(values(parameter), np.float64)
    if raw.size != 1:
        problem = f"takes a loss whose parameters are single numbers, and {name} has several"
        raise ArgumentError(compose(where, problem, {"parameter": parameter}))
    return float(raw.reshape(()))


def slopes(influence: Influence, r: Any) -> Any:
    """psi'(r), by automatic differentiation.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> slopes(influence_of("example", nn.HuberLoss()), np.array([0.5, 3.0])).tolist()
    [1.0, 0.0]
    """
    at = Tensor(r, dtype=np.float64, requires_grad=True)
    total_of(influence.tensor_psi(at)).backward()
    assert at.grad is not None
    return at.grad.data


def in_units(influence: Influence, scale: float) -> Influence:
    """The same loss of residuals that are measured in units of a scale.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> in_units(influence_of("example", nn.HuberLoss(delta=3.0)), 2.0).threshold
    1.5
    """

    def of(function: Callable[[Any], Any], power: int) -> Callable[[Any], Any]:
        return lambda r: function(r * scale) * scale**power

    functions = of(influence.rho, 0), of(influence.psi, 1), of(influence.weight, 2)
    threshold = influence.threshold / scale
    return Influence(influence.name, *functions, of(influence.tensor_psi, 1), threshold)


# ---- far out ---------------------------------------------------------------------------


def behaviour(influence: Influence) -> str:
    """What becomes of psi far out: "unbounded", "bounded", or "redescending" towards 0.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> [behaviour(influence_of("", l)) for l in (nn.MSELoss(), nn.L1Loss(), nn.CauchyLoss())]
    ['unbounded', 'bounded', 'redescending']
    """
    far = np.array([1e6, 1e10])
    with np.errstate(all="ignore"):
        near, end = np.maximum(np.abs(influence.psi(far)), np.abs(influence.psi(-far)))
    if end > near * 1.001:
        return "unbounded"
    return "bounded" if end > near * 0.999 and near > 0 else "redescending"


def gross_error_sensitivity(influence: Influence) -> float:
    """The hardest pull of a single element: the largest abs(psi), infinite if unbounded.

    Parameters
    ----------
    influence : Influence

    Examples
    --------
    >>> import lucid.nn as nn
    >>> gross_error_sensitivity(influence_of("", nn.HuberLoss(delta=1.5)))
    1.5
    """
    if behaviour(influence) == "unbounded":
        return math.inf
    unit = influence.threshold if 0 < influence.threshold < math.inf else 1.0
    sizes = np.concatenate([np.geomspace(1e-9, 1e9, 2000), [1.0]]) * unit
    grid = np.sort(np.concatenate([-sizes, [0.0], sizes]))
    for _ in range(8):  # zoom in on the largest
        heights = np.abs(influence.psi(grid))
        at = int(np.argmax(heights))
        low, high = grid[max(at - 1, 0)], grid[min(at + 1, len(grid) - 1)]
        grid = np.unique(np.concatenate([np.linspace(low, high, 101), grid[at : at + 1]]))
    return float(heights.max())


# ---- at the normal ---------------------------------------------------------------------


class AtNormal(NamedTuple):
    """Moments of psi(T - z), z standard normal, at the T that the estimate settles at.

    Attributes
    ----------
    location : float
        T: 0 for losses that treat both sides alike.
    power : float
        The mean of psi squared.
    slope : float
        The mean of psi'.
    """

    location: float
    power: float
    slope: float


def at_normal(influence: Influence) -> AtNormal:
    """The moments that asymptotic variances are made of.

    The mean of psi' is got by partial integration, as that of ``r psi(r)``: no derivative is
    taken, and jumps of psi count as they should.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> moments = at_normal(influence_of("", nn.MSELoss()))
    >>> [round(x, 9) for x in moments]
    [0.0, 4.0, 2.0]
    """
    breaks, psi = influence.breaks, influence.psi

    def tilt(location: float) -> float:
        r, w = normal_quadrature(breaks, location)
        return float((w * psi(r)).sum())

    location = 0.0
    r, w = normal_quadrature(breaks)
    if abs((w * psi(r)).sum()) > 1e-12 * (w * np.abs(psi(r))).sum():
        location = bisect(tilt, -10.0, 10.0)
        r, w = normal_quadrature(breaks, location)
    slopes = psi(r)
    power, slope = (w * slopes * slopes).sum(), (w * slopes * (r - location)).sum()
    return AtNormal(location, float(power), float(slope))
