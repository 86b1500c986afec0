"""Updates scaled by running moments of the gradient: Adam and its kin."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..jit import kernel
from .rule import Rule, plus

# ---- Adam, AMSGrad and AdamW ----------------------------------------------------------
# h: 1 - beta1, beta2, 1 - beta2, step size, eps, weight decay into g, factor on p (AdamW).
# s: mean of g, mean of g^2, and for AMSGrad the largest such mean so far.


def adam_reference(p: Any, g: Any, s: Any, h: Any) -> None:
    """m += (1 - beta1)(g - m),  v = beta2 v + (1 - beta2) g^2,  p -= step m / (sqrt(v) + eps)."""
    new1, keep2, new2, step, eps, decay, shrink = h.tolist()
    if shrink != 1:
        p *= shrink
    if decay:
        g = plus(g, decay, p)
    m, v = s[0], s[1]
    work = np.subtract(g, m)
    work *= new1
    m += work
    np.multiply(g, g, out=work)
    work *= new2
    v *= keep2
    v += work
    if len(s) == 3:
        v = np.maximum(s[2], v, out=s[2])
    np.sqrt(v, out=work)
    work += eps
    np.divide(m, work, out=work)
    work *= step
    p -= work


@kernel()
def adam_loop(p: Any, g: Any, s: Any, h: Any, first: int, last: int) -> None:
    p, g, m, v = p[first:last], g[first:last], s[0][first:last], s[1][first:last]
    if s.shape[0] == 2:
        _adam_span(p, g, m, v, None, h)
    else:
        _adam_span(p, g, m, v, s[2][first:last], h)


@kernel()
def _adam_span(p: Any, g: Any, m: Any, v: Any, top: Any, h: Any) -> None:
    t = p.dtype.type
    new1, keep2, new2, step, eps = t(h[0]), t(h[1]), t(h[2]), t(h[3]), t(h[4])
    decay, shrink, decays = t(h[5]), t(h[6]), h[5] != 0
    for i in range(p.size):
        q = p[i] * shrink
        d = g[i] + decay * q if decays else g[i]
        m[i] += (d - m[i]) * new1
        square = v[i] * keep2 + d * d * new2
        v[i] = square
        if top is not None:
            square = top[i] if square <= top[i] or top[i] != top[i] else square  # NaN wins
            top[i] = square
        p[i] = q - m[i] / (np.sqrt(square) + eps) * step


# ---- NAdam and RAdam ------------------------------------------------------------------
# h: 1 - beta1, beta2, 1 - beta2, step along g, step along m, eps, whether the steps are
# scaled, weight decay into g, factor on p. s: mean of g, mean of g^2.


def mixed_reference(p: Any, g: Any, s: Any, h: Any) -> None:
    """p -= (of_g g + of_m m) / (sqrt(v) + eps), with Adam's m and v; or the same unscaled."""
    new1, keep2, new2, of_g, of_m, eps, scaled, decay, shrink = h.tolist()
    if shrink != 1:
        p *= shrink
    if decay:
        g = plus(g, decay, p)
    m, v = s
    m += (g - m) * new1
    v *= keep2
    v += g * g * new2
    d = m * of_m
    if of_g:
        d += g * of_g
    if scaled:
        d /= np.sqrt(v) + eps
    p -= d


@kernel()
def mixed_loop(p: Any, g: Any, s: Any, h: Any, first: int, last: int) -> None:
    _mixed_span(p[first:last], g[first:last], s[0][first:last], s[1][first:last], h)


@kernel()
def _mixed_span(p: Any, g: Any, m: Any, v: Any, h: Any) -> None:
    t = p.dtype.type
    new1, keep2, new2 = t(h[0]), t(h[1]), t(h[2])
    of_g, of_m, eps, decay, shrink = t(h[3]), t(h[4]), t(h[5]), t(h[7]), t(h[8])
    looks_ahead, scaled, decays = h[3] != 0, h[6] != 0, h[7] != 0
    for i in range(p.size):
        q = p[i] * shrink
        gradient = g[i] + decay * q if decays else g[i]
        m[i] += (gradient - m[i]) * new1
        v[i] = v[i] * keep2 + gradient * gradient * new2
        d = m[i] * of_m
        if looks_ahead:
            d += gradient * of_g
        if scaled:
            d /= np.sqrt(v[i]) + eps
        p[i] = q - d


# ---- Adamax ---------------------------------------------------------------------------
# h: 1 - beta1, beta2, step size, eps, weight decay. s: mean of g, the largest |g| of late.


def adamax_reference(p: Any, g: Any, s: Any, h: Any) -> None:
    """m += (1 - beta1)(g - m),  u = max(beta2 u, |g| + eps),  p -= step m / u."""
    new1, keep2, step, eps, decay = h.tolist()
    if decay:
        g = plus(g, decay, p)
    m, u = s
    m += (g - m) * new1
    u *= keep2
    np.maximum(u, np.abs(g) + eps, out=u)
    p -= m / u * step


@kernel()
def adamax_loop(p: Any, g: Any, s: Any, h: Any, first: int, last: int) -> None:
    _adamax_span(p[first:last], g[first:last], s[0][first:last], s[1][first:last], h)


@kernel()
def _adamax_span(p: Any, g: Any, m: Any, u: Any, h: Any) -> None:
    t = p.dtype.type
    new1, keep2, step, eps, decay = t(h[0]), t(h[1]), t(h[2]), t(h[3]), t(h[4])
    decays = h[4] != 0
    for i in range(p.size):
        d = g[i] + decay * p[i] if decays else g[i]
        m[i] += (d - m[i]) * new1
        old, size = u[i] * keep2, abs(d) + eps
        size = old if size <= old or old != old else size  # NaN wins
        u[i] = size
        p[i] -= m[i] / size * step


adam = Rule("adam", adam_reference, adam_loop)
mixed = Rule("mixed", mixed_reference, mixed_loop)
adamax = Rule("adamax", adamax_reference, adamax_loop)
