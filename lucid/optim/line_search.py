"""A line search that ends where the strong Wolfe conditions hold.

Along a direction of descent, with value :math:`f(t)` and slope :math:`f'(t)` at the step
:math:`t`, they ask for enough decrease and for a slope that is flat enough:

.. math::
    f(t) \\le f(0) + c_1 t f'(0), \\qquad |f'(t)| \\le -c_2 f'(0)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

ENOUGH = 1e-4  # c1
FLAT = 0.9  # c2


class Point(NamedTuple):
    """One step along the direction: its length, the value, the gradient and the slope there."""

    t: float
    value: float
    gradient: Any
    slope: float


def strong_wolfe(
    evaluate: Callable[[float], Point],
    origin: Point,
    t: float,
    longest: float,
    tolerance: float,
    rounds: int,
) -> tuple[Point, int]:
    """A point where the conditions hold, or the lowest found.

    Parameters
    ----------
    evaluate : callable
        The point at a step; it computes the loss and its gradient.
    origin : Point
        Where the line begins, with a slope below 0.
    t : float
        The step that is tried first.
    longest : float
        The largest absolute value of the direction.
    tolerance : float
        A bracket that is narrower, in the parameters, is not divided any more.
    rounds : int
        How often another point may be tried.

    Returns
    -------
    Point, int
        The point, and how many were evaluated.

    References
    ----------
    Nocedal and Wright, "Numerical optimization", 2nd edition, algorithms 3.5 and 3.6.

    Examples
    --------
    >>> parabola = lambda t: Point(t, (t - 1.0) ** 2, None, 2.0 * (t - 1.0))
    >>> point, evaluations = strong_wolfe(parabola, parabola(0.0), 3.0, 1.0, 1e-9, 25)
    >>> round(point.t, 6), evaluations
    (1.0, 2)
    """
    ends, tried = _bracket(evaluate, origin, t, rounds)
    if len(ends) == 1:
        return ends[0], tried + 1
    low = _lower(ends)
    done = stuck = False
    while not done and tried < rounds and abs(ends[1].t - ends[0].t) * longest >= tolerance:
        t, stuck = _inside(cubic_minimum(ends[0], ends[1]), ends, stuck)
        point = evaluate(t)
        tried += 1
        if _too_high(point, origin) or point.value >= ends[low].value:
            ends[1 - low] = point
            low = _lower(ends)
            continue
        done = _flat(point, origin)
        if not done and point.slope * (ends[1 - low].t - ends[low].t) >= 0:
            ends[1 - low] = ends[low]
        ends[low] = point
    return ends[low], tried + 1


def _bracket(
    evaluate: Callable[[float], Point], origin: Point, t: float, rounds: int
) -> tuple[list[Point], int]:
    """A point where the conditions hold, or two with one between; and the rounds it took."""
    before, point = origin, evaluate(t)
    for tried in range(rounds):
        if _too_high(point, origin) or (tried > 1 and point.value >= before.value):
            return [before, point], tried
        if _flat(point, origin):
            return [point], tried
        if point.slope >= 0:
            return [before, point], tried
        bounds = t + 0.01 * (t - before.t), t * 10
        t = cubic_minimum(before, point, bounds)
        before, point = point, evaluate(t)
    return [origin, point], rounds


def _too_high(point: Point, origin: Point) -> bool:
    return point.value > origin.value + ENOUGH * point.t * origin.slope


def _flat(point: Point, origin: Point) -> bool:
    return abs(point.slope) <= -FLAT * origin.slope


def _lower(ends: list[Point]) -> int:
    return 0 if ends[0].value <= ends[1].value else 1


def _inside(t: float, ends: list[Point], stuck: bool) -> tuple[float, bool]:
    """A trial step, moved into the bracket if it keeps to the bounds."""
    least, most = sorted((ends[0].t, ends[1].t))
    margin = 0.1 * (most - least)
    if min(most - t, t - least) >= margin:
        return t, False
    if not stuck and least < t < most:
        return t, True  # once it may
    return (most - margin if abs(t - most) < abs(t - least) else least + margin), False


def cubic_minimum(a: Point, b: Point, bounds: tuple[float, float] | None = None) -> float:
    """Where the cubic through two values and slopes is least, within bounds.

    The bounds are the two points, unless given; without a minimum it is their middle.

    Examples
    --------
    >>> cubic_minimum(Point(0.0, 1.0, None, -2.0), Point(3.0, 4.0, None, 4.0))
    1.0
    """
    if a.t > b.t:
        a, b = b, a
    least, most = bounds or (a.t, b.t)
    if a.t != b.t:
        mean = a.slope + b.slope - 3 * (a.value - b.value) / (a.t - b.t)
        square = mean**2 - a.slope * b.slope
        if square >= 0:
            root = math.sqrt(square)
            below = b.slope - a.slope + 2 * root
            if below != 0:
                t = b.t - (b.t - a.t) * ((b.slope + root - mean) / below)
                return min(max(t, least), most)
    return (least + most) / 2.0
