"""Updates that step along the gradient, its running mean or its sign."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..jit import kernel
from .rule import Rule, plus

# ---- stochastic gradient descent ------------------------------------------------------
# h: lr, momentum, 1 - dampening, nesterov, weight decay. s: the momentum, if there is any.


def sgd_reference(p: Any, g: Any, s: Any, h: Any) -> None:
    """b = momentum b + (1 - dampening) g,  p -= lr b;  with Nesterov  p -= lr (g + momentum b)."""
    lr, momentum, fresh, nesterov, decay = h.tolist()
    if decay:
        g = plus(g, decay, p)
    if momentum:
        (b,) = s
        b *= momentum
        b += fresh * g
        g = plus(g, momentum, b) if nesterov else b
    p -= lr * g


@kernel()
def sgd_loop(p: Any, g: Any, s: Any, h: Any, first: int, last: int) -> None:
    if h[1] == 0:
        _sgd_span(p[first:last], g[first:last], None, h)
    else:
        _sgd_span(p[first:last], g[first:last], s[0][first:last], h)


@kernel()
def _sgd_span(p: Any, g: Any, b: Any, h: Any) -> None:
    t = p.dtype.type
    lr, momentum, fresh, decay = t(h[0]), t(h[1]), t(h[2]), t(h[4])
    decays, nesterov = h[4] != 0, h[3] != 0
    for i in range(p.size):
        d = g[i] + decay * p[i] if decays else g[i]
        if b is not None:
            b[i] = b[i] * momentum + fresh * d
            d = d + momentum * b[i] if nesterov else b[i]
        p[i] -= lr * d


# ---- averaged stochastic gradient descent ---------------------------------------------
# h: step size, factor on p, share of p that enters the average, weight decay. s: the average.


def asgd_reference(p: Any, g: Any, s: Any, h: Any) -> None:
    """p = shrink p - step g,  mean += share (p - mean)."""
    step, shrink, share, decay = h.tolist()
    if decay:
        g = plus(g, decay, p)
    (mean,) = s
    p *= shrink
    p -= step * g
    if share == 1:
        mean[...] = p
    else:
        mean += (p - mean) * share


@kernel()
def asgd_loop(p: Any, g: Any, s: Any, h: Any, first: int, last: int) -> None:
    _asgd_span(p[first:last], g[first:last], s[0][first:last], h)


@kernel()
def _asgd_span(p: Any, g: Any, mean: Any, h: Any) -> None:
    t = p.dtype.type
    step, shrink, share, decay = t(h[0]), t(h[1]), t(h[2]), t(h[3])
    decays, copies = h[3] != 0, h[2] == 1
    for i in range(p.size):
        d = g[i] + decay * p[i] if decays else g[i]
        q = p[i] * shrink - step * d
        p[i] = q
        mean[i] = q if copies else mean[i] + (q - mean[i]) * share


# ---- resilient propagation ------------------------------------------------------------
# h: shrinking and growing factor, smallest and largest step. s: the last gradient, the steps.


def rprop_reference(p: Any, g: Any, s: Any, h: Any) -> None:
    """The steps grow where the sign of g stays, shrink where it turns;  p -= sign(g) step."""
    shrink, grow, least, most = h.tolist()
    last, step = s
    product = g * last
    turned = product < 0
    step *= np.where(turned, shrink, np.where(product > 0, grow, 1.0)).astype(p.dtype)
    np.minimum(np.maximum(step, least, out=step), most, out=step)
    last[...] = np.where(turned, 0, g)
    p -= np.where(last > 0, step, np.where(last < 0, -step, 0))


@kernel()
def rprop_loop(p: Any, g: Any, s: Any, h: Any, first: int, last: int) -> None:
    _rprop_span(p[first:last], g[first:last], s[0][first:last], s[1][first:last], h)


@kernel()
def _rprop_span(p: Any, g: Any, before: Any, step: Any, h: Any) -> None:
    t = p.dtype.type
    zero, one = t(0), t(1)
    shrink, grow, least, most = t(h[0]), t(h[1]), t(h[2]), t(h[3])
    for i in range(p.size):
        product = g[i] * before[i]
        turned = product < 0
        size = step[i] * (shrink if turned else (grow if product > 0 else one))
        size = least if size < least else size
        size = most if size > most else size
        step[i] = size
        d = zero if turned else g[i]
        before[i] = d
        p[i] -= size if d > 0 else (-size if d < 0 else zero)


# ---- Lion -----------------------------------------------------------------------------
# h: beta1, 1 - beta1, beta2, 1 - beta2, step size, factor on p. s: mean of g.


def lion_reference(p: Any, g: Any, s: Any, h: Any) -> None:
    """p = shrink p - step sign(beta1 m + (1 - beta1) g),  m = beta2 m + (1 - beta2) g."""
    keep1, new1, keep2, new2, step, shrink = h.tolist()
    (m,) = s
    p *= shrink
    p -= step * np.sign(m * keep1 + g * new1)
    m *= keep2
    m += g * new2


@kernel()
def lion_loop(p: Any, g: Any, s: Any, h: Any, first: int, last: int) -> None:
    _lion_span(p[first:last], g[first:last], s[0][first:last], h)


@kernel()
def _lion_span(p: Any, g: Any, m: Any, h: Any) -> None:
    t = p.dtype.type
    keep1, new1, keep2, new2 = t(h[0]), t(h[1]), t(h[2]), t(h[3])
    step, shrink = t(h[4]), t(h[5])
    for i in range(p.size):
        d = m[i] * keep1 + g[i] * new1
        sign = t(1) if d > 0 else (t(-1) if d < 0 else d)  # of NaN: NaN
        p[i] = p[i] * shrink - step * sign
        m[i] = m[i] * keep2 + g[i] * new2


sgd = Rule("sgd", sgd_reference, sgd_loop)
asgd = Rule("asgd", asgd_reference, asgd_loop)
rprop = Rule("rprop", rprop_reference, rprop_loop)
lion = Rule("lion", lion_reference, lion_loop)
