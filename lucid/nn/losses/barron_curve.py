"""The curve of Barron's general robust loss, at every shape alpha, its limits included.

With u = r / scale, b = |alpha - 2| and x = u^2 / b the loss is (b/alpha) ((1 + x)^(alpha/2) - 1).
Near residuals (x up to 1) go by log(1 + x), far ones by t = 1 / sqrt(x), so that nothing
overflows; 0/0 at alpha = 0 is taken care of by quotients of the exponential.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ... import samples
from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor, values
from ...kernels.regression import Fused
from ...kernels.regression import barron as barron_element
from ...ops.exponential import exp, log, log1p, sqrt
from ...ops.selection import where
from .curve import Curve
from .ratio import relative

# ---- quotients of the exponential ---------------------------------------------------------


@primitive("phi", saves=("z",), samples=lambda draw: _phi_samples(draw))
def _phi(z: Any, *, order: int) -> Any:
    """phi_k(z): the exponential less its first k terms, over z^k; 1/k! at 0."""
    z = np.asarray(z)
    small = np.abs(z) < 1
    series, inner = np.zeros_like(z), np.where(small, z, 0)
    for j in reversed(range(20)):
        series = series * inner + 1 / math.factorial(j + order)
    outer = np.where(small, 1, z)
    quotient = np.exp(outer)
    for k in range(order):
        quotient = (quotient - 1 / math.factorial(k)) / outer
    return np.where(small, series, quotient)


@_phi.rule
def _(g, y, z, *, order):
    return (g * (apply(_phi, z, order=order) - order * apply(_phi, z, order=order + 1)),)


def _phi_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [draw.sample(draw(3, 4) * 3, order=1), draw.sample(draw(4), order=2)]


# ---- the curve ----------------------------------------------------------------------------


class _Parts(NamedTuple):
    """What value, slopes and weight are made of; each finite where it is not chosen."""

    quadratic: Any  # masks: alpha is 2, is -inf
    gaussian: Any
    far: Any  # mask: x > 1; for alpha = -inf, where exp(-u^2/2) underflows
    a: Any  # alpha, and b = |alpha - 2|; 1 where alpha is 2 or -inf
    b: Any
    u: Any  # near residuals in units of the scale, else 0
    x: Any  # u^2 / b
    t: Any  # for far ones, 1 / sqrt(x), else 1


def _parts(r: Any, scale: Any, alpha: Any) -> _Parts:
    raw = values(r)
    if not isinstance(alpha, Tensor):
        alpha = np.asarray(alpha, raw.dtype)
    shape = values(alpha)
    quadratic, gaussian = shape == 2, np.isneginf(shape)
    a = where(quadratic | gaussian, 1.0, alpha)
    b = where(shape > 2, a - 2, 2 - a)
    width = np.where(quadratic, np.inf, np.where(gaussian, 40, np.sqrt(np.abs(shape - 2))))
    far = np.abs(raw) > width * values(scale)
    u = where(far, 0.0, r) / scale
    size = np.where(far, np.sign(raw), 1).astype(raw.dtype) * where(far, r, 1.0)
    t = where(far & ~gaussian, sqrt(b) * scale / size, 1.0)
    return _Parts(quadratic, gaussian, far, a, b, u, u * u / b, t)


def _near_power(p: _Parts) -> Any:
    """(1 + x)^(alpha/2 - 1) for near residuals: exp(-u^2/2) and 1 in the limits."""
    gaussian = exp(-0.5 * where(p.gaussian, p.u * p.u, 0.0))
    one = p.quadratic & ~np.isnan(values(p.u))
    return where(one, 1.0, where(p.gaussian, gaussian, exp((0.5 * p.a - 1) * log1p(p.x))))


def _far_power(p: _Parts, exponent: Any) -> Any:
    """t^exponent (1 + t^2)^(alpha/2 - 1) for far residuals: 0 where alpha is -inf."""
    power = p.t**exponent * exp((0.5 * p.a - 1) * log1p(p.t * p.t))
    return where(p.gaussian, 0.0, power)


def rho(r: Any, scale: Any, alpha: Any) -> Any:
    """(b/alpha) ((1 + x)^(alpha/2) - 1) with x = (r/scale)^2 / b, b = |alpha - 2|."""
    p = _parts(r, scale, alpha)
    level = np.log1p(p.x)
    z = 0.5 * p.a * level
    near = 0.5 * p.b * level * relative(np.expm1(z), z)
    square = 0.5 * p.u * p.u
    near = np.where(p.quadratic, square, np.where(p.gaussian, -np.expm1(-square), near))
    level = np.log1p(p.t * p.t) - 2 * np.log(p.t)
    flat = p.a == 0
    steep = p.b / np.where(flat, 1, p.a) * np.expm1(0.5 * p.a * level)
    far = np.where(p.gaussian, 1.0, np.where(flat, 0.5 * p.b * level, steep))
    return np.where(p.far, far, near).astype(values(r).dtype)


def psi(r: Any, scale: Any, alpha: Any) -> Any:
    """r / scale^2 (1 + x)^(alpha/2 - 1)."""
    p = _parts(r, scale, alpha)
    sign = np.where(p.far, np.sign(values(r)), 1).astype(values(r).dtype)
    far = sign * (sqrt(p.b) / scale * _far_power(p, 1 - p.a))
    return where(p.far, far, p.u / scale * _near_power(p))


def weight(r: Any, scale: Any, alpha: Any) -> Any:
    """(1 + x)^(alpha/2 - 1) / scale^2."""
    p = _parts(r, scale, alpha)
    return where(p.far, _far_power(p, 2 - p.a), _near_power(p)) / scale / scale


def toward_scale(r: Any, scale: Any, alpha: Any) -> Any:
    """-(r / scale) psi(r)."""
    p = _parts(r, scale, alpha)
    far = p.b * _far_power(p, -p.a)
    return -where(p.far, far, p.u * p.u * _near_power(p)) / scale


def toward_alpha(r: Any, scale: Any, alpha: Any) -> Any:
    """The slope along alpha; taken as 0 at 2, where it is infinite, and at -inf."""
    p = _parts(r, scale, alpha)
    level = where(p.far, log1p(p.t * p.t) - 2 * log(p.t), log1p(p.x))
    z = 0.5 * p.a * level
    first, second = apply(_phi, z, order=1), apply(_phi, z, order=2)
    power = where(p.far, _far_power(p, -p.a), p.x * _near_power(p))
    toward_b = 0.5 * (level * first - power)
    turn = np.where(values(alpha) > 2, 1, -1).astype(values(r).dtype)  # db / d alpha
    slope = 0.25 * (p.b * level * level) * (first - second) + turn * toward_b
    return where(p.quadratic | p.gaussian, 0.0, slope)


CURVE = Curve(
    "barron",
    rho,
    psi,
    weight,
    towards=(toward_scale, toward_alpha),
    fused=Fused("barron", barron_element),
    sample_params=(0.6, 1.1),
)
