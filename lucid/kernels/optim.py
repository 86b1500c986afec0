"""The optimizers' updates: from a parameter, its gradient and its state to the next parameter.

Everything is flat and contiguous. In this file ``p`` is the parameter and ``g`` its gradient
(size n), ``s`` the state (one row of n for each thing the optimizer remembers), and ``h`` the
hyperparameters as float64; ``p`` and ``s`` are changed in place. Each reference is the
specification of the loop beneath it, which takes the same steps in the same order: the two
agree to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import threads
from .jit import Kernel, kernel, wanted

BLOCK = 1 << 14  # elements that a thread takes at a time
THREADED = 1 << 17  # from this many elements on, waking a thread pays

# ---- stochastic gradient descent ------------------------------------------------------
# h: lr, momentum, 1 - dampening, nesterov, weight decay. s: the momentum, if there is any.


def sgd_reference(p: Any, g: Any, s: Any, h: Any) -> None:
    """b = momentum b + (1 - dampening) g,  p -= lr b;  with Nesterov  p -= lr (g + momentum b)."""
    lr, momentum, fresh, nesterov, decay = h.tolist()
    if decay:
        g = _plus(g, decay, p)
    if momentum:
        (b,) = s
        b *= momentum
        b += fresh * g
        g = _plus(g, momentum, b) if nesterov else b
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


# ---- Adam, AMSGrad and AdamW ----------------------------------------------------------
# h: 1 - beta1, beta2, 1 - beta2, step size, eps, weight decay into g, factor on p (AdamW).
# s: mean of g, mean of g^2, and for AMSGrad the largest such mean so far.


def adam_reference(p: Any, g: Any, s: Any, h: Any) -> None:
    """m += (1 - beta1)(g - m),  v = beta2 v + (1 - beta2) g^2,  p -= step m / (sqrt(v) + eps)."""
    new1, keep2, new2, step, eps, decay, shrink = h.tolist()
    if shrink != 1:
        p *= shrink
    if decay:
        g = _plus(g, decay, p)
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


# ---- RMSprop --------------------------------------------------------------------------
# h: lr, alpha, 1 - alpha, eps, weight decay, momentum, centered.
# s: mean of g^2, then the momentum and the mean of g, whichever are used.


def rmsprop_reference(p: Any, g: Any, s: Any, h: Any) -> None:
    """v = alpha v + (1 - alpha) g^2,  p -= lr g / (sqrt(v - mean(g)^2) + eps), as far as used."""
    lr, keep, new, eps, decay, momentum, centered = h.tolist()
    if decay:
        g = _plus(g, decay, p)
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


def _plus(g: Any, factor: float, x: Any) -> Any:
    """``g + factor x`` with one new array."""
    work = np.multiply(x, factor)
    work += g
    return work


# ---- choosing -------------------------------------------------------------------------


@kernel()
def loop(p: Any, g: Any, s: Any, h: Any, first: int, last: int) -> None:
    """Stands for one of the loops above; `Rule` binds it."""


@kernel()
def _whole(p: Any, g: Any, s: Any, h: Any) -> None:
    loop(p, g, s, h, 0, p.size)


class Rule:
    """One update: its reference, its loop, and what runs when.

    Examples
    --------
    >>> p, g = np.array([1.0, 2.0]), np.array([0.5, 0.5])
    >>> sgd.reference(p, g, np.empty((0, 2)), np.array([0.1, 0.0, 1.0, 0.0, 0.0]))
    >>> p.tolist()
    [0.95, 1.95]
    """

    __slots__ = ("_entries", "_loop", "_whole", "reference")

    def __init__(self, name: str, reference: Callable[..., None], loop: Kernel) -> None:
        self.reference = reference
        self._whole = _whole.bind(f"{name}_whole", loop=loop)
        self._loop = loop
        self._entries: dict[Any, Callable[..., None]] = {}

    def choose(self, size: int, dtype: Any) -> Callable[[Any, Any, Any, Any], None]:
        """What updates parameters of `size` elements in all; it is called with p, g, s, h.

        All of p, g and s must be of `dtype`, or it must be None.
        """
        if not wanted(size):
            return self.reference
        if size >= THREADED:
            return self._threaded
        return self._entries.get(dtype) or self._entry(dtype)

    def _entry(self, dtype: Any) -> Callable[..., None]:
        """The loop compiled for one dtype, or for any."""
        entry = self._whole.compiled
        if dtype is not None:
            flat = np.empty(0, dtype)
            entry = self._whole.entry(flat, flat, np.empty((1, 0), dtype), np.empty(0))
        self._entries[dtype] = entry
        return entry

    def _threaded(self, p: Any, g: Any, s: Any, h: Any) -> None:
        """The loop, on several threads if the parameter is large."""
        size = p.size
        if size < THREADED:
            self._whole(p, g, s, h)
            return
        threads.run(self._loop, size, BLOCK, p, g, s, h, linger=False)


sgd = Rule("sgd", sgd_reference, sgd_loop)
adam = Rule("adam", adam_reference, adam_loop)
rmsprop = Rule("rmsprop", rmsprop_reference, rmsprop_loop)
