"""Recurrent layers: one primitive runs a layer over a whole sequence, in one direction.

The forward and the fused rule are those of `kernels.recurrent`. The plain rule walks through
the steps in ops, forward once more and then back: it is the readable reference, and what
derivatives of higher order are taken of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..kernels import recurrent as kernels
from ..kernels.recurrent import steps
from .activation import relu as relu_of
from .joining import cat
from .logistic import sigmoid
from .reduction import sum as sum_over
from .selection import where
from .trigonometric import tanh

# ---- shared ----------------------------------------------------------------------------------


def _runs(draw: samples.Draw, gates: int, proj: int = 0) -> list[tuple[Any, ...]]:
    """(sizes, reverse, x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr) of a few layers."""
    found, hidden, out = [], 3, proj or 3
    for sizes, reverse in [((2, 2, 2), False), ((3, 2, 1), True), ((1,), False)]:
        x, h, c = draw(sum(sizes), 2), draw(sizes[0], out), draw(sizes[0], hidden)
        weights = draw(gates * hidden, 2), draw(gates * hidden, out)
        biases = [draw(gates * hidden) if len(sizes) > 1 else None for _ in range(2)]
        w_hr = draw(proj, hidden) if proj else None
        found.append((sizes, reverse, x, h, c, *weights, *biases, w_hr))
    return found


def _shares(x: Any, w: Any, b: Any) -> Any:
    """The share of one input in all gates."""
    product = x @ w.T
    return product if b is None else product + b


def _parts(x: Any, count: int) -> list[Any]:
    """The columns in equal parts, one a gate."""
    size = x.shape[1] // count
    return [x[:, k * size : (k + 1) * size] for k in range(count)]


def _moved(state: Any, new: Any) -> Any:
    """The state of all sequences, when that of the first ones, still running, is new."""
    return new if len(new) == len(state) else cat([new, state[len(new) :]])


def _in_time(parts: list[Any], reverse: bool) -> Any:
    """What a layer gave step by step as one array of rows."""
    return cat(parts[::-1] if reverse else parts)


def _start(g: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """The gradient of a last state, zeros where none arrived."""
    return np.zeros(shape, dtype) if g is None else g


def _with(dh: Any, g: Any, rows: slice) -> Any:
    """The gradient of a step's hidden state: carried back, and arrived at its output."""
    running = dh[: rows.stop - rows.start]
    return running if g is None else running + g[rows]


def _of_products(entered: Any, x: Any, w_ih: Any, states: Any, back: Any) -> dict[str, Any]:
    """The gradients of all that was multiplied, from those of what entered the gates."""
    return {
        "x": entered @ w_ih,
        "w_ih": entered.T @ x,
        "w_hh": back.T @ states,
        "b_ih": sum_over(entered, 0),
        "b_hh": sum_over(back, 0),
    }


def _wanted(found: dict[str, Any], names: Sequence[str], needs: Any) -> list[Any]:
    return [found[name] if need else None for name, need in zip(names, needs, strict=True)]


# ---- long short-term memory ------------------------------------------------------------------

_LSTM = ("x", "h", "c", "w_ih", "w_hh", "b_ih", "b_hh", "w_hr")


def _lstm_samples(draw: samples.Draw) -> list[samples.Sample]:
    runs = _runs(draw, 4) + _runs(draw, 4, proj=2)[1:2]
    return [draw.sample(*inputs, sizes=sizes, reverse=reverse) for sizes, reverse, *inputs in runs]


@primitive("lstm_layer", saves=(*_LSTM, "out[0]"), outputs=3, samples=_lstm_samples)
def _lstm(
    x: Any, h: Any, c: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, w_hr: Any,
    *, sizes: tuple[int, ...], reverse: bool,
) -> Any:  # fmt: skip
    return _lstm_recorder(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr, sizes=sizes, reverse=reverse)[0]


@_lstm.recording
def _lstm_recorder(x: Any, *inputs: Any, **static: Any) -> Any:
    outs, residual = kernels.lstm(x, *inputs, **static)
    return tuple(out.astype(x.dtype, copy=False) for out in outs), residual


@_lstm.rule
def _(g, y, x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr, *, sizes, reverse, needs):
    # a step:  c' = f c + i n,  t = tanh(c'),  m = o t,  h' = m, or W_hr m
    order, shares, kept = steps(sizes, reverse), _shares(x, w_ih, b_ih), []
    for rows in order:
        running = rows.stop - rows.start
        from_h, from_c = h[:running], c[:running]
        i, f, n, o = _parts(shares[rows] + _shares(from_h, w_hh, b_hh), 4)
        i, f, n, o = sigmoid(i), sigmoid(f), tanh(n), sigmoid(o)
        new = f * from_c + i * n
        t = tanh(new)
        kept.append((i, f, n, o, t, from_h, from_c))
        h, c = _moved(h, o * t if w_hr is None else (o * t) @ w_hr.T), _moved(c, new)
    gy, gh, gc = g
    dh, dc = _start(gh, h.shape, x.dtype), _start(gc, c.shape, x.dtype)
    entered, raised = [], []
    for rows, (i, f, n, o, t, _h, from_c) in zip(order[::-1], kept[::-1], strict=True):
        d = _with(dh, gy, rows)
        raised.append(d)
        dm = d if w_hr is None else d @ w_hr
        dnew = dc[: len(d)] + dm * o * (1 - t * t)
        gates = [dnew * n * i * (1 - i), dnew * from_c * f * (1 - f)]
        gates += [dnew * i * (1 - n * n), dm * t * o * (1 - o)]
        entered.append(cat(gates, 1))
        dh, dc = _moved(dh, entered[-1] @ w_hh), _moved(dc, dnew * f)
    states = _in_time([step[5] for step in kept], reverse)
    back = _in_time(entered, not reverse)
    found = {"h": dh, "c": dc, **_of_products(back, x, w_ih, states, back)}
    if w_hr is not None:
        made = _in_time([step[3] * step[4] for step in kept], reverse)
        found["w_hr"] = _in_time(raised, not reverse).T @ made
    return _wanted(found, _LSTM, needs)


@_lstm.fused_rule
def _(g, residual, y, x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr, *, sizes, reverse, needs):
    inputs = y[0], x, h, c, w_ih, w_hh, w_hr
    found = kernels.lstm_gradients(g, residual, *inputs, sizes, reverse, bool(needs[0]))
    found["b_ih"] = found["b"]
    found["b_hh"] = found["b"].copy() if needs[6] else None
    return _wanted(found, _LSTM, needs)


# ---- the gated recurrent unit ----------------------------------------------------------------

_GRU = ("x", "h", "w_ih", "w_hh", "b_ih", "b_hh")


def _gru_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(x, h, *weights, sizes=sizes, reverse=reverse)
        for sizes, reverse, x, h, _c, *weights, _r in _runs(draw, 3)
    ]


@primitive("gru_layer", saves=_GRU, outputs=2, samples=_gru_samples)
def _gru(
    x: Any, h: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any,
    *, sizes: tuple[int, ...], reverse: bool,
) -> Any:  # fmt: skip
    return _gru_recorder(x, h, w_ih, w_hh, b_ih, b_hh, sizes=sizes, reverse=reverse)[0]


@_gru.recording
def _gru_recorder(x: Any, *inputs: Any, **static: Any) -> Any:
    outs, residual = kernels.gru(x, *inputs, **static)
    return tuple(out.astype(x.dtype, copy=False) for out in outs), residual


@_gru.rule
def _(g, y, x, h, w_ih, w_hh, b_ih, b_hh, *, sizes, reverse, needs):
    # a step:  n = tanh(x_n + r s),  h' = n + z (h - n),  with s the hidden state's share of n
    order, shares, kept = steps(sizes, reverse), _shares(x, w_ih, b_ih), []
    for rows in order:
        before = h[: rows.stop - rows.start]
        xr, xz, xn = _parts(shares[rows], 3)
        hr, hz, s = _parts(_shares(before, w_hh, b_hh), 3)
        r, z = sigmoid(xr + hr), sigmoid(xz + hz)
        n = tanh(xn + r * s)
        kept.append((r, z, n, s, before))
        h = _moved(h, n + z * (before - n))
    gy, gh = g
    dh, entered, backs = _start(gh, h.shape, x.dtype), [], []
    for rows, (r, z, n, s, before) in zip(order[::-1], kept[::-1], strict=True):
        d = _with(dh, gy, rows)
        dn = d * (1 - z) * (1 - n * n)
        dr, dz = dn * s * r * (1 - r), d * (before - n) * z * (1 - z)
        entered.append(cat([dr, dz, dn], 1))
        backs.append(cat([dr, dz, dn * r], 1))
        dh = _moved(dh, d * z + backs[-1] @ w_hh)
    states = _in_time([step[4] for step in kept], reverse)
    entered, back = _in_time(entered, not reverse), _in_time(backs, not reverse)
    return _wanted({"h": dh, **_of_products(entered, x, w_ih, states, back)}, _GRU, needs)


@_gru.fused_rule
def _(g, residual, y, x, h, w_ih, w_hh, b_ih, b_hh, *, sizes, reverse, needs):
    inputs = x, h, w_ih, w_hh
    found = kernels.gru_gradients(g, residual, *inputs, sizes, reverse, bool(needs[0]))
    found["b_ih"] = found["b"]
    return _wanted(found, _GRU, needs)


# ---- the plain recurrent layer ---------------------------------------------------------------


def _rnn_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(x, h, *weights, sizes=sizes, reverse=reverse, relu=reverse)
        for sizes, reverse, x, h, _c, *weights, _r in _runs(draw, 1)
    ]


@primitive("rnn_layer", saves=(*_GRU, "out[0]"), outputs=2, samples=_rnn_samples)
def _rnn(
    x: Any, h: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any,
    *, sizes: tuple[int, ...], reverse: bool, relu: bool,
) -> Any:  # fmt: skip
    outs = kernels.rnn(x, h, w_ih, w_hh, b_ih, b_hh, sizes, reverse, relu)
    return tuple(out.astype(x.dtype, copy=False) for out in outs)


@_rnn.rule
def _(g, y, x, h, w_ih, w_hh, b_ih, b_hh, *, sizes, reverse, relu, needs):
    order, shares, kept = steps(sizes, reverse), _shares(x, w_ih, b_ih), []
    for rows in order:
        before = h[: rows.stop - rows.start]
        a = shares[rows] + _shares(before, w_hh, b_hh)
        new = relu_of(a) if relu else tanh(a)
        kept.append((new, before))
        h = _moved(h, new)
    gy, gh = g
    dh, entered = _start(gh, h.shape, x.dtype), []
    for rows, (new, _before) in zip(order[::-1], kept[::-1], strict=True):
        d = _with(dh, gy, rows)
        entered.append(where(new <= 0, 0.0, d) if relu else d * (1 - new * new))
        dh = _moved(dh, entered[-1] @ w_hh)
    states = _in_time([step[1] for step in kept], reverse)
    back = _in_time(entered, not reverse)
    return _wanted({"h": dh, **_of_products(back, x, w_ih, states, back)}, _GRU, needs)


@_rnn.fused_rule
def _(g, residual, y, x, h, w_ih, w_hh, b_ih, b_hh, *, sizes, reverse, relu, needs):
    inputs = y[0], x, h, w_ih, w_hh
    found = kernels.rnn_gradients(g, *inputs, sizes, reverse, relu, bool(needs[0]))
    found["b_ih"] = found["b"]
    found["b_hh"] = found["b"].copy() if needs[5] else None
    return _wanted(found, _GRU, needs)


# ---- what layers call ------------------------------------------------------------------------


def lstm_layer(
    x: Tensor, h: Tensor, c: Tensor, weights: Sequence[Tensor | None],
    sizes: tuple[int, ...], reverse: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """A long short-term memory over rows sorted by time step (see `kernels.recurrent`).

    Parameters
    ----------
    x : Tensor
        Shape ``(N, D)``.
    h, c : Tensor
        The first states, ``(B, P)`` and ``(B, H)``.
    weights : sequence of Tensor or None
        ``w_ih, w_hh, b_ih, b_hh, w_hr``.
    sizes : tuple of int
        How many sequences are running at each step.
    reverse : bool, default False
        From the last step to the first.

    Returns
    -------
    tuple of Tensor
        The outputs, ``(N, P)``, and the last states.

    Examples
    --------
    >>> import lucid
    >>> zero = lucid.zeros(1, 1)
    >>> weights = [lucid.ones(4, 1), lucid.ones(4, 1), None, None, None]
    >>> lstm_layer(lucid.ones(2, 1), zero, zero, weights, (1, 1))[0]
    Tensor([[0.3696],
            [0.6505]])
    """
    return apply(_lstm, x, h, c, *weights, sizes=sizes, reverse=reverse)


def gru_layer(
    x: Tensor, h: Tensor, weights: Sequence[Tensor | None],
    sizes: tuple[int, ...], reverse: bool = False,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Gated recurrent units over rows sorted by time step; the arguments are `lstm_layer`'s.

    Examples
    --------
    >>> import lucid
    >>> weights = [lucid.ones(3, 1), lucid.ones(3, 1), None, None]
    >>> gru_layer(lucid.ones(2, 1), lucid.zeros(1, 1), weights, (1, 1))[0]
    Tensor([[0.2048],
            [0.3468]])
    """
    return apply(_gru, x, h, *weights, sizes=sizes, reverse=reverse)


def rnn_layer(
    x: Tensor, h: Tensor, weights: Sequence[Tensor | None],
    sizes: tuple[int, ...], reverse: bool = False, relu: bool = False,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """A plain recurrent layer over rows sorted by time step; the arguments are `lstm_layer`'s.

    Examples
    --------
    >>> import lucid
    >>> weights = [lucid.ones(1, 1), lucid.ones(1, 1), None, None]
    >>> rnn_layer(lucid.ones(2, 1), lucid.zeros(1, 1), weights, (1, 1), relu=True)[0]
    Tensor([[1.0000],
            [2.0000]])
    """
    return apply(_rnn, x, h, *weights, sizes=sizes, reverse=reverse, relu=relu)
