"""One step of a recurrent cell, and one step back: all that is not a matrix product.

Each function works on the rows of one time step, in place, and leaves behind what the step back
reads. NumPy would make an array and a pass over memory for each gate; the loops take a row's
gates from cache. They are for float32, where exp and tanh run in vector lanes
(`kernels.vector_math`); float64 goes by the NumPy references.

References
----------
S. Hochreiter and J. Schmidhuber, "Long Short-Term Memory", 1997.
K. Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", 2014.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import jit
from .jit import kernel, suits, wanted
from .pointwise import sigmoid
from .vector_math import F, exp32

ONE, TWO, SMALL = F(1), F(2), F(0.25)
# the series of tanh(x) / x in x^2; 8e-9 up to SMALL
T1, T2, T3, T4 = F(-1 / 3), F(2 / 15), F(-17 / 315), F(62 / 2835)

_float32 = np.dtype(np.float32)


def _suit(first: Any, *others: Any) -> bool:
    """Whether the loops take these arrays."""
    if first.dtype is not _float32 or not (jit.policy.on or wanted(first.size)):
        return False
    return suits(first, *others)


# ---- the long short-term memory -----------------------------------------------------------


def lstm(gates: Any, share: Any, cell: Any, before: Any, bent: Any, out: Any) -> None:
    r"""One step: :math:`c = f c + i g` and :math:`h = o \tanh c`.

    Parameters
    ----------
    gates : array
        Shape ``(B, 4 H)``: the input's share of i, f, g, o; afterwards the gates themselves.
    share : array
        The hidden state's share, of the same shape.
    cell : array
        Shape ``(B, H)``: c, which moves on in place.
    before, bent, out : array
        Where the old c, the tanh of the new one, and h are written.

    Examples
    --------
    >>> gates, cell, out = np.zeros((1, 4)), np.ones((1, 1)), np.zeros((1, 1))
    >>> lstm(gates, np.zeros((1, 4)), cell, np.zeros((1, 1)), np.zeros((1, 1)), out)
    >>> gates.tolist(), cell.tolist()
    ([[0.5, 0.5, 0.0, 0.5]], [[0.5]])
    """
    if _suit(gates, share, cell, before, bent, out):
        _lstm.compiled(gates, share, cell, before, bent, out)
        return
    gates += share
    size = cell.shape[1]
    i, f, g, o = (gates[:, k * size : (k + 1) * size] for k in range(4))
    gates[:, : 2 * size] = sigmoid(gates[:, : 2 * size])
    np.tanh(g, out=g)
    o[...] = sigmoid(o)
    before[...] = cell
    cell *= f
    cell += i * g
    np.tanh(cell, out=bent)
    np.multiply(o, bent, out=out)


def lstm_back(dh: Any, dc: Any, gates: Any, before: Any, bent: Any, out: Any) -> None:
    r"""One step back: from the gradients of h and c to those of what entered the gates.

    Parameters
    ----------
    dh : array
        Shape ``(B, H)``.
    dc : array
        Of the same shape: the gradient of the new c, and afterwards of the old one.
    gates, before, bent : array
        What `lstm` left behind.
    out : array
        Shape ``(B, 4 H)``.

    Examples
    --------
    >>> dc, out = np.ones((1, 1)), np.zeros((1, 4))
    >>> half = np.array([[0.5, 0.5, 0.0, 0.5]])
    >>> lstm_back(np.zeros((1, 1)), dc, half, np.ones((1, 1)), np.zeros((1, 1)), out)
    >>> out.tolist(), dc.tolist()
    ([[0.0, 0.25, 0.5, 0.0]], [[0.5]])
    """
    if _suit(dh, dc, gates, before, bent, out):
        _lstm_back.compiled(dh, dc, gates, before, bent, out)
        return
    size = dc.shape[1]
    i, f, g, o = (gates[:, k * size : (k + 1) * size] for k in range(4))
    dc += dh * o * (1 - bent * bent)
    out[:, :size] = dc * g * i * (1 - i)
    out[:, size : 2 * size] = dc * before * f * (1 - f)
    out[:, 2 * size : 3 * size] = dc * i * (1 - g * g)
    out[:, 3 * size :] = dh * bent * o * (1 - o)
    dc *= f


@kernel(fastmath={"contract"})
def _sigmoid32(x: Any) -> Any:
    return ONE / (ONE + exp32(-x))


@kernel(fastmath={"contract"})
def _tanh32(x: Any) -> Any:
    """tanh(x) by exp(-2 |x|), and by its series near 0, where that would lose digits."""
    a = abs(x)
    e = exp32(-TWO * a)
    far = (ONE - e) / (ONE + e)
    far = -far if x < F(0) else far
    z = x * x
    near = x + x * (z * (T1 + z * (T2 + z * (T3 + z * T4))))
    return near if a < SMALL else far


# A loop over two or three arrays each, because one over all of them would need so many checks
# that they do not overlap that it is not vectorised.


@kernel(fastmath={"contract"})
def _squash(x: Any, share: Any) -> None:
    for j in range(x.size):
        x[j] = _sigmoid32(x[j] + share[j])


@kernel(fastmath={"contract"})
def _bend(x: Any, share: Any) -> None:
    for j in range(x.size):
        x[j] = _tanh32(x[j] + share[j])


@kernel(fastmath={"contract"})
def _tanh_of(x: Any, out: Any) -> None:
    for j in range(x.size):
        out[j] = _tanh32(x[j])


@kernel(fastmath={"contract"})
def _move(cell: Any, i: Any, f: Any, g: Any, before: Any) -> None:
    for j in range(cell.size):
        c = cell[j]
        before[j] = c
        cell[j] = f[j] * c + i[j] * g[j]


@kernel()
def _product(a: Any, b: Any, out: Any) -> None:
    for j in range(out.size):
        out[j] = a[j] * b[j]


@kernel()
def lstm_row(gates: Any, share: Any, cell: Any, before: Any, bent: Any, out: Any) -> None:
    """`lstm` of one sequence; `share` may be longer than the gates."""
    size = cell.size
    _squash(gates[: 2 * size], share[: 2 * size])
    _bend(gates[2 * size : 3 * size], share[2 * size : 3 * size])
    _squash(gates[3 * size :], share[3 * size : 4 * size])
    _move(cell, gates[:size], gates[size : 2 * size], gates[2 * size : 3 * size], before)
    _tanh_of(cell, bent)
    _product(gates[3 * size :], bent, out)


@kernel()
def _lstm(gates: Any, share: Any, cell: Any, before: Any, bent: Any, out: Any) -> None:
    for b in range(cell.shape[0]):
        lstm_row(gates[b], share[b], cell[b], before[b], bent[b], out[b])


@kernel(fastmath={"contract"})
def lstm_back_row(dh: Any, dc: Any, gates: Any, before: Any, bent: Any, out: Any) -> None:
    """`lstm_back` of one sequence; `dh` may be longer than the state."""
    size = dc.size
    for j in range(size):
        i, f, g, o = gates[j], gates[size + j], gates[2 * size + j], gates[3 * size + j]
        d = dc[j] + dh[j] * o * (ONE - bent[j] * bent[j])
        out[j] = d * g * i * (ONE - i)
        out[size + j] = d * before[j] * f * (ONE - f)
        out[2 * size + j] = d * i * (ONE - g * g)
        out[3 * size + j] = dh[j] * bent[j] * o * (ONE - o)
        dc[j] = d * f


@kernel()
def _lstm_back(dh: Any, dc: Any, gates: Any, before: Any, bent: Any, out: Any) -> None:
    for b in range(dc.shape[0]):
        lstm_back_row(dh[b], dc[b], gates[b], before[b], bent[b], out[b])


# ---- the gated recurrent unit -------------------------------------------------------------


def gru(gates: Any, share: Any, state: Any, before: Any) -> None:
    r"""One step: :math:`n = \tanh(x_n + r\, h_n)` and :math:`h = n + z (h - n)`.

    Parameters
    ----------
    gates : array
        Shape ``(B, 3 H)``: the input's share of r, z, n; afterwards the gates themselves.
    share : array
        The hidden state's share, of the same shape.
    state : array
        Shape ``(B, H)``: h, which moves on in place.
    before : array
        Where the old h is written.

    Examples
    --------
    >>> gates, state = np.zeros((1, 3)), np.ones((1, 1))
    >>> gru(gates, np.zeros((1, 3)), state, np.zeros((1, 1)))
    >>> gates.tolist(), state.tolist()
    ([[0.5, 0.5, 0.0]], [[0.5]])
    """
    if _suit(gates, share, state, before):
        _gru.compiled(gates, share, state, before)
        return
    size = state.shape[1]
    gates[:, : 2 * size] = sigmoid(gates[:, : 2 * size] + share[:, : 2 * size])
    r, z, n = (gates[:, k * size : (k + 1) * size] for k in range(3))
    n += r * share[:, 2 * size :]
    np.tanh(n, out=n)
    before[...] = state
    state -= n
    state *= z
    state += n


def gru_back(dh: Any, gates: Any, share: Any, before: Any, out: Any, back: Any) -> None:
    r"""One step back: from the gradient of h to those of the shares that entered the gates.

    Parameters
    ----------
    dh : array
        Shape ``(B, H)``: the gradient of the new h, and afterwards the part of the old one's
        that did not go through the gates.
    gates, share, before : array
        As `gru` left them; of `share` the last third is read.
    out, back : array
        Shape ``(B, 3 H)``: the gradients of the input's share and of the hidden state's.

    Examples
    --------
    >>> dh, out, back = np.ones((1, 1)), np.zeros((1, 3)), np.zeros((1, 3))
    >>> half = np.array([[0.5, 0.5, 0.0]])
    >>> gru_back(dh, half, np.zeros((1, 3)), np.ones((1, 1)), out, back)
    >>> out.tolist(), back.tolist(), dh.tolist()
    ([[0.0, 0.25, 0.5]], [[0.0, 0.25, 0.25]], [[0.5]])
    """
    if _suit(dh, gates, share, before, out, back):
        _gru_back.compiled(dh, gates, share, before, out, back)
        return
    size = dh.shape[1]
    r, z, n = (gates[:, k * size : (k + 1) * size] for k in range(3))
    dn = dh * (1 - z) * (1 - n * n)
    out[:, :size] = dn * share[:, 2 * size :] * r * (1 - r)
    out[:, size : 2 * size] = dh * (before - n) * z * (1 - z)
    out[:, 2 * size :] = dn
    back[:, : 2 * size] = out[:, : 2 * size]
    back[:, 2 * size :] = dn * r
    dh *= z


@kernel(fastmath={"contract"})
def _bend_gated(x: Any, share: Any, r: Any) -> None:
    for j in range(x.size):
        x[j] = _tanh32(x[j] + r[j] * share[j])


@kernel(fastmath={"contract"})
def _blend(state: Any, z: Any, n: Any, before: Any) -> None:
    for j in range(state.size):
        h = state[j]
        before[j] = h
        state[j] = n[j] + z[j] * (h - n[j])


@kernel()
def _gru(gates: Any, share: Any, state: Any, before: Any) -> None:
    size = state.shape[1]
    for b in range(state.shape[0]):
        row, other = gates[b], share[b]
        _squash(row[: 2 * size], other[: 2 * size])
        _bend_gated(row[2 * size :], other[2 * size :], row[:size])
        _blend(state[b], row[size : 2 * size], row[2 * size :], before[b])


@kernel(fastmath={"contract"})
def _gru_back(dh: Any, gates: Any, share: Any, before: Any, out: Any, back: Any) -> None:
    size = dh.shape[1]
    for b in range(dh.shape[0]):
        row, to, back_to, old, other = gates[b], out[b], back[b], before[b], share[b]
        for j in range(size):
            r, z, n, d = row[j], row[size + j], row[2 * size + j], dh[b, j]
            dn = d * (ONE - z) * (ONE - n * n)
            dr = dn * other[2 * size + j] * r * (ONE - r)
            dz = d * (old[j] - n) * z * (ONE - z)
            to[j], to[size + j], to[2 * size + j] = dr, dz, dn
            back_to[j], back_to[size + j], back_to[2 * size + j] = dr, dz, dn * r
            dh[b, j] = d * z
