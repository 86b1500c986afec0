"""Updates scaled by what the squared gradient has been so far."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..jit import kernel
from .rule import Rule, plus

# ---- RMSprop --------------------------------------------------------------------------
# h: lr, alpha, 1 - alpha, eps, weight decay, momentum, centered.
# s: mean of g^2, then the momentum and the mean of g, whichever are used.


def rmsprop_reference(p: Any, g: Any, s: Any, h: Any) -> None:
    """v = alpha v + (1 - alpha) g^2,  p -= lr g / (sqrt(v - mean(g)^2) + eps), as far as used."""
    lr, keep, new, eps, decay, momentum, centered = h.tolist()
    if decay:
        g = plus(g, decay, p)
    v, b, mean = s[0], s[1 % len(s)], s[-1]
    work = np.multiply(g, g)
    work *= new
    v *= keep
    v += work
    if centered:
        np.subtract(g, mean, out=work)
        work *= new
        mean += work
        np.multiply(mean, mean, out=work)
        np.subtract(v, work, out=work)
        np.maximum(work, 0, out=work)  # a variance; rounding may leave it below zero
        np.sqrt(work, out=work)
    else:
        np.sqrt(v, out=work)
    work += eps
    np.divide(g, work, out=work)
    if momentum:
        b *= momentum
        b += work
        np.multiply(b, lr, out=work)
    else:
        work *= lr
    p -= work


@kernel()
def rmsprop_loop(p: Any, g: Any, s: Any, h: Any, first: int, last: int) -> None:
    p, g, v = p[first:last], g[first:last], s[0][first:last]
    if h[5] != 0 and h[6] != 0:
        _rmsprop_span(p, g, v, s[1][first:last], s[2][first:last], h)
    elif h[5] != 0:
        _rmsprop_span(p, g, v, s[1][first:last], None, h)
    elif h[6] != 0:
        _rmsprop_span(p, g, v, None, s[1][first:last], h)
    else:
        _rmsprop_span(p, g, v, None, None, h)


@kernel()
def _rmsprop_span(p: Any, g: Any, v: Any, b: Any, mean: Any, h: Any) -> None:
    t = p.dtype.type
    zero, lr, keep, new, eps = t(0), t(h[0]), t(h[1]), t(h[2]), t(h[3])
    decay, momentum, decays = t(h[4]), t(h[5]), h[4] != 0
    for i in range(p.size):
        d = g[i] + decay * p[i] if decays else g[i]
        variance = v[i] * keep + d * d * new
        v[i] = variance
        if mean is not None:
            mean[i] += (d - mean[i]) * new
            variance -= mean[i] * mean[i]
            variance = zero if variance < zero else variance
        d = d / (np.sqrt(variance) + eps)
        if b is not None:
            b[i] = b[i] * momentum + d
            d = b[i]
        p[i] -= d * lr


# ---- Adagrad --------------------------------------------------------------------------
# h: step size, eps, weight decay. s: sum of g^2.


def adagrad_reference(p: Any, g: Any, s: Any, h: Any) -> None:
    """total += g^2,  p -= step g / (sqrt(total) + eps)."""
    step, eps, decay = h.tolist()
    if decay:
        g = plus(g, decay, p)
    (total,) = s
    total += g * g
    p -= g / (np.sqrt(total) + eps) * step


@kernel()
def adagrad_loop(p: Any, g: Any, s: Any, h: Any, first: int, last: int) -> None:
    _adagrad_span(p[first:last], g[first:last], s[0][first:last], h)


@kernel()
def _adagrad_span(p: Any, g: Any, total: Any, h: Any) -> None:
    t = p.dtype.type
    step, eps, decay, decays = t(h[0]), t(h[1]), t(h[2]), h[2] != 0
    for i in range(p.size):
        d = g[i] + decay * p[i] if decays else g[i]
        total[i] += d * d
        p[i] -= d / (np.sqrt(total[i]) + eps) * step


# ---- Adadelta -------------------------------------------------------------------------
# h: lr, rho, 1 - rho, eps, weight decay. s: mean of g^2, mean of the squared steps.


def adadelta_reference(p: Any, g: Any, s: Any, h: Any) -> None:
    """d = sqrt(u + eps) / sqrt(v + eps) g,  p -= lr d;  v and u are means of g^2 and d^2."""
    lr, keep, new, eps, decay = h.tolist()
    if decay:
        g = plus(g, decay, p)
    v, u = s
    v *= keep
    v += g * g * new
    d = np.sqrt(u + eps) / np.sqrt(v + eps) * g
    u *= keep
    u += d * d * new
    p -= d * lr


@kernel()
def adadelta_loop(p: Any, g: Any, s: Any, h: Any, first: int, last: int) -> None:
    _adadelta_span(p[first:last], g[first:last], s[0][first:last], s[1][first:last], h)


@kernel()
def _adadelta_span(p: Any, g: Any, v: Any, u: Any, h: Any) -> None:
    t = p.dtype.type
    lr, keep, new, eps, decay = t(h[0]), t(h[1]), t(h[2]), t(h[3]), t(h[4])
    decays = h[4] != 0
    for i in range(p.size):
        gradient = g[i] + decay * p[i] if decays else g[i]
        v[i] = v[i] * keep + gradient * gradient * new
        d = np.sqrt(u[i] + eps) / np.sqrt(v[i] + eps) * gradient
        u[i] = u[i] * keep + d * d * new
        p[i] -= d * lr


rmsprop = Rule("rmsprop", rmsprop_reference, rmsprop_loop)
adagrad = Rule("adagrad", adagrad_reference, adagrad_loop)
adadelta = Rule("adadelta", adadelta_reference, adadelta_loop)
