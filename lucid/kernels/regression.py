"""The fused pass of a regression loss: sum the loss and write its gradient, reading once.

Each loss gives a function of one residual (`huber` and its like), which is compiled into the
loop over a block of elements. `Fused` runs the blocks, on several threads where that pays, and
adds their sums in a fixed order in double precision: each block sums 4096 elements in its own
precision, in many lanes, which keeps the relative error of 1e7 float32 values below 1e-6. A
block whose sum overflows is summed again in double precision, so that nothing overflows where
the true value is finite.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import buffers, jit, threads
from .jit import APART, Kernel, kernel, policy, suits

BLOCK = 1 << 12  # elements summed in their own precision
CHUNK = 1 << 16  # elements that a thread takes at a time; one partial sum each
THREADED = 1 << 19  # from this many elements on, waking a thread pays

# Sums may be reordered, so that they run in vector lanes; NaN and inf keep their meaning.
FAST = {"reassoc", "nsz"}

# ---- elements: one function a loss ----------------------------------------------------
# r: the residual; a, b: the loss's own parameters; half: 0.5 in the dtype of r, from which
# other constants are made, because a bare one would widen float32. Returns the loss and its
# slope. A NaN must reach both.


@kernel(fastmath=FAST)
def squared(r: Any, a: Any, b: Any, half: Any) -> Any:
    """r^2 and 2 r."""
    return r * r, r + r


@kernel(fastmath=FAST)
def absolute(r: Any, a: Any, b: Any, half: Any) -> Any:
    """|r| and sign(r)."""
    one = half + half
    slope = one if r > half - half else (-one if r < half - half else r)
    return abs(r), slope


@kernel(fastmath=FAST)
def huber(r: Any, a: Any, b: Any, half: Any) -> Any:
    """psi (r - psi/2) and psi = clip(r, -a, a); NaN passes both tests."""
    p = a if r > a else r
    p = -a if p < -a else p
    return p * (r - half * p), p


@kernel(fastmath=FAST)
def smooth_l1(r: Any, a: Any, b: Any, half: Any) -> Any:
    """Huber's loss and slope, divided by the threshold a; |r| and sign(r) where a is 0."""
    one, zero = half + half, half - half
    q = a if r > a else r
    q = -a if q < -a else q
    u = r / a
    p = one if u > one else u
    p = -one if p < -one else p
    p = r if r == zero else p  # where a is 0 as well, u is NaN
    return p * (r - half * q), p


@kernel(fastmath=FAST)
def pseudo_huber(r: Any, a: Any, b: Any, half: Any) -> Any:
    """a^2 (s - 1) and r / s with s = sqrt(1 + (r/a)^2), free of overflow and cancellation."""
    one = half + half
    size = abs(r)
    low, high = (a, size) if size > a else (size, a)
    v = low / high
    t = math.sqrt(one + v * v)
    if size > a:  # s = t / v
        return a * (size / (v + t)), math.copysign(a, r) / t
    return r * (r / (one + t)), r / t


@kernel(fastmath=FAST)
def pinball(r: Any, a: Any, b: Any, half: Any) -> Any:
    """The quantile loss at a: (1 - a) r above the target, -a r below."""
    one, zero = half + half, half - half
    slope = one - a if r > zero else (-a if r < zero else r)
    return slope * r, slope


@kernel(fastmath=FAST)
def quantile_huber(r: Any, a: Any, b: Any, half: Any) -> Any:
    """Huber's loss and slope at a, times 1 - b above the target and b below."""
    one, zero = half + half, half - half
    p = a if r > a else r
    p = -a if p < -a else p
    p = p * (one - b if r > zero else b)
    q = a if r > a else r
    q = -a if q < -a else q
    return p * (r - half * q), p


@kernel(fastmath=FAST)
def tukey(r: Any, a: Any, b: Any, half: Any) -> Any:
    """r^2/2 (1 - w + w^2/3) and r (1 - w)^2 with w = (r/a)^2; a^2/6 and 0 from a on."""
    one = half + half
    three = one + one + one
    if abs(r) >= a:
        return a * (a / (three + three)), half - half
    u = r / a
    w = u * u
    return half * r * r * (one - w * (one - w / three)), r * (one - w) * (one - w)


@kernel(fastmath=FAST)
def geman_mcclure(r: Any, a: Any, b: Any, half: Any) -> Any:
    """r^2/2 / (1 + w) and r / (1 + w)^2 with w = (r/a)^2."""
    one = half + half
    if abs(r) > a:
        v = a / r
        w = one / (one + v * v)
        return half * a * (a * w), a * (v * w) * (v * w) * v
    u = r / a
    w = one / (one + u * u)
    return half * r * (r * w), r * w * w


# The next three work in double precision throughout: there `exp` and `log` alone are accurate
# enough, and they are several times as fast as `expm1` and `log1p`. Literals may stand.

HUGE = 1e300  # where squares are about to overflow


@kernel(fastmath=FAST)
def _log_share(w: Any) -> Any:
    """log(1 + w) / w, by its series where the sum would lose digits."""
    if w < 1e-3:
        return 1 - w * (1 / 2 - w * (1 / 3 - w * (1 / 4 - w / 5)))
    return math.log(1 + w) / w


@kernel(fastmath=FAST)
def cauchy(r: Any, a: Any, b: Any, half: Any) -> Any:
    """a^2/2 log(1 + w) and r / (1 + w) with w = (r/a)^2."""
    c, x = float(a), float(r)
    u = x / c
    w = u * u
    if w > HUGE:
        return c * (c * math.log(abs(u))), c / u
    return 0.5 * x * (x * _log_share(w)), x / (1 + w)


@kernel(fastmath=FAST)
def welsch(r: Any, a: Any, b: Any, half: Any) -> Any:
    """a^2/2 (1 - exp(-w)) and r exp(-w) with w = (r/a)^2."""
    c, x = float(a), float(r)
    u = x / c
    w = u * u
    if w > 800:  # exp(-w) underflows
        return c * (0.5 * c), 0.0
    e = math.exp(-w)
    if w < 1e-3:
        share = 1 - w * (1 / 2 - w * (1 / 6 - w * (1 / 24 - w / 120)))
    else:
        share = (1 - e) / w
    return 0.5 * x * (x * share), x * e


@kernel(fastmath=FAST)
def barron(r: Any, a: Any, b: Any, half: Any) -> Any:
    """Barron's general loss and slope at scale a and shape b; see `nn.losses.barron_curve`."""
    c, alpha = float(a), float(b)
    u = float(r) / c
    w = u * u
    if alpha == 2:
        return 0.5 * w, u / c
    if alpha == -math.inf:
        value, slope = welsch(u, math.sqrt(2.0), 0.0, 0.5)
        return value, slope / c
    m = abs(alpha - 2)
    if w > HUGE * min(m, 1):
        level = 2 * math.log(abs(u)) - math.log(m)
    else:
        level = w / m * _log_share(w / m)
    z = 0.5 * alpha * level if alpha != 0 else 0.0
    if abs(z) < 1e-3:
        value = 0.5 * m * level * (1 + z * (1 / 2 + z * (1 / 6 + z * (1 / 24 + z / 120))))
    else:
        value = m / alpha * (math.exp(z) - 1)
    if w > HUGE:  # where the factors of the slope would overflow and underflow
        root = math.sqrt(m)
        return value, math.copysign(root / c * (root / abs(u)) ** (1 - alpha), u)
    return value, u / c * math.exp(z - level)


# ---- the pass over all blocks ---------------------------------------------------------

element = huber  # the names that loops call; `Fused` binds them to the loss's own


@kernel(fastmath=FAST)
def block(x: Any, t: Any, w: Any, psi: Any, a: Any, b: Any, scale: Any) -> Any:
    """The sum of the loss over a block, not scaled; the slope, scaled, is written to `psi`.

    `w` holds weights or is None; a weight of 0 leaves an element out altogether. `psi` is
    None where no gradient is wanted.
    """
    zero, half = x.dtype.type(0), x.dtype.type(0.5)
    total = zero
    for i in range(x.size):
        value, slope = element(x[i] - t[i], a, b, half)
        if w is not None:
            value = value * w[i] if w[i] != zero else zero
            slope = slope * w[i] if w[i] != zero else zero
        if psi is not None:
            psi[i] = slope * scale
        total += value
    return total


_in_order = kernel()(block.function)  # for blocks of fewer than APART elements


@kernel()
def _flat(array: Any) -> Any:
    """The array in one dimension, or None of None."""
    if array is None:
        return None
    if array.ndim == 1:  # decided when the loop is compiled
        return array
    return array.reshape(array.size)


@kernel()
def _part(array: Any, first: int, last: int) -> Any:
    """A slice, or None of None."""
    if array is None:
        return None
    return array[first:last]


@kernel()
def _summed(x: Any, t: Any, w: Any, psi: Any, a: Any, b: Any, scale: Any) -> float:
    """The sum of the loss over one block, again in double precision if it overflows."""
    real = x.dtype.type
    if x.size < APART:
        total = float(_in_order(x, t, w, psi, real(a), real(b), real(scale)))
    else:
        total = float(block(x, t, w, psi, real(a), real(b), real(scale)))
    if np.isinf(total):
        total = _again(x, t, w, a, b)
    return total


@kernel()
def _chunk(
    x: Any, t: Any, w: Any, psi: Any, a: Any, b: Any, scale: Any, first: int, last: int
) -> float:
    """Sum the loss over elements ``first`` to ``last``, a block at a time."""
    total = 0.0
    x, t, w, psi = _flat(x), _flat(t), _flat(w), _flat(psi)
    for start in range(first, last, BLOCK):
        stop = min(start + BLOCK, last)
        xs, ts = _part(x, start, stop), _part(t, start, stop)
        ws, ps = _part(w, start, stop), _part(psi, start, stop)
        total += _summed(xs, ts, ws, ps, a, b, scale)
    return total


@kernel()
def _chunks(
    x: Any, t: Any, w: Any, psi: Any, a: Any, b: Any, scale: Any, sums: Any, first: int, last: int
) -> None:
    """The sums of chunks, of which the first begins at element `first`."""
    for start in range(first, last, CHUNK):
        stop = min(start + CHUNK, last)
        sums[start // CHUNK] = _chunk(x, t, w, psi, a, b, scale, start, stop)


@kernel()
def _again(x: Any, t: Any, w: Any, a: Any, b: Any) -> float:
    """A block's sum in double precision."""
    wide = _wide(w)
    x64, t64 = x.astype(np.float64), t.astype(np.float64)
    return float(block(x64, t64, wide, None, a, b, 1.0))


@kernel()
def _wide(w: Any) -> Any:
    if w is None:
        return None
    return w.astype(np.float64)


@kernel()
def _whole(x: Any, t: Any, psi: Any, a: Any, b: Any, scale: Any) -> float:
    """The loss without weights of arrays of one block: what small networks call at each step."""
    return _summed(_flat(x), _flat(t), None, _flat(psi), a, b, scale)


class Fused:
    """The fused pass of one loss, built from its element."""

    __slots__ = ("_chunk", "_chunks", "_whole")

    def __init__(self, name: str, element: Kernel) -> None:
        loop = block.bind(f"{name}_block", element=element)
        again = _again.bind(f"{name}_again", block=loop)
        few = _in_order.bind(f"{name}_in_order", element=element)
        called = {"block": loop, "_in_order": few, "_again": again}
        summed = _summed.bind(f"{name}_summed", **called)
        self._chunk = _chunk.bind(f"{name}_chunk", _summed=summed)
        self._whole = _whole.bind(f"{name}_whole", _summed=summed)
        self._chunks = _chunks.bind(f"{name}_chunks", _chunk=self._chunk)

    def run(
        self, x: Any, t: Any, w: Any, scale: float, gradient: bool, a: float = 0.0, b: float = 0.0
    ) -> tuple[float, Any] | None:
        """The sum of the loss, not scaled, and its gradient, scaled, where wanted.

        None if the kernel does not suit these arrays; the NumPy reference does it then.
        """
        size = x.size
        if not (policy.on or jit.wanted(size)) or x.shape != t.shape or not suits(x, t):
            return None
        if w is None and size <= BLOCK:
            psi = np.empty(x.shape, x.dtype) if gradient else None
            return self._whole.compiled(x, t, psi, a, b, scale), psi
        if w is not None and (w.shape != x.shape or not suits(x, w)):
            return None
        if size >= THREADED:
            return self._in_chunks(x, t, w, scale, gradient, a, b)
        psi = np.empty_like(x) if gradient else None
        run = self._chunk.compiled
        return run(x, t, w, psi, a, b, scale, 0, size), psi

    def _in_chunks(
        self, x: Any, t: Any, w: Any, scale: float, gradient: bool, a: float, b: float
    ) -> tuple[float, Any]:
        """The same for large arrays, on several threads."""
        psi = buffers.empty(x.shape, x.dtype) if gradient else None
        sums = np.empty(-(-x.size // CHUNK))
        threads.run(self._chunks, x.size, CHUNK, x, t, w, psi, a, b, scale, sums)
        return float(np.add.reduce(sums)), psi
