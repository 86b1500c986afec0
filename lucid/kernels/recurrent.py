"""A recurrent layer over a whole sequence, in one direction, and its gradients.

A batch of sequences comes as rows: those of the first time step, then those of the second, and
so on. `sizes` says how many sequences are still running at each step; they are sorted, the
longest first, so that those of a step are the first ones of the state. With all of one length
this is an array of shape ``(T B, D)``.

The input's share of every gate is one matrix product over all steps. What is left for the loop
is the product with the hidden state, by BLAS, and the cell (`kernels.cells`). Going back, the
loop again does no more than that; the gradients of the weights are one product each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from . import blas, cells, sequences

COPIED = 8  # steps from which on a copy of the transposed weight pays


def steps(sizes: tuple[int, ...], reverse: bool) -> list[slice]:
    """The rows of every time step, in the order in which a layer takes them.

    Examples
    --------
    >>> steps((2, 1), reverse=True)
    [slice(2, 3, None), slice(0, 2, None)]
    """
    rows, start = [], 0
    for size in sizes:
        rows.append(slice(start, start + size))
        start += size
    return rows[::-1] if reverse else rows


def wide(*arrays: Any) -> list[Any]:
    """Half precision taken to single, in which all of this is computed."""
    return [a.astype(np.float32) if a is not None and a.dtype.itemsize == 2 else a for a in arrays]


def previous(first: Any, out: Any, sizes: tuple[int, ...], reverse: bool) -> Any:
    """The hidden state that every row started from: that of the step before, or the first one.

    Examples
    --------
    >>> previous(np.array([[9.0]]), np.array([[1.0], [2.0]]), (1, 1), False).tolist()
    [[9.0], [1.0]]
    """
    before, state = np.empty_like(out), first.copy()
    for rows in steps(sizes, reverse):
        running = state[: rows.stop - rows.start]
        before[rows] = running
        running[...] = out[rows]
    return before


def _affine(x: Any, w: Any, *biases: Any) -> Any:
    """The input's share of all gates at all steps."""
    out = x.dot(w.T)
    for bias in biases:
        if bias is not None:
            out += bias
    return out


def _across(w: Any, sizes: tuple[int, ...]) -> Any:
    """The transposed weight that all steps multiply with.

    OpenBLAS packs it anew for each product; with two to some thirty rows that takes half of the
    time, and a copy repays itself within a few steps.
    """
    return w.T.copy() if len(sizes) >= COPIED and sizes[0] > 1 else w.T


def _walk(sizes: tuple[int, ...], reverse: bool, work: int) -> Iterator[tuple[slice, int]]:
    """The rows and the number of sequences of each step, BLAS being on one thread if `work`,
    the multiplications of a step, is little."""
    threads = blas.one_thread(work)
    try:
        for rows in steps(sizes, reverse):
            yield rows, rows.stop - rows.start
    finally:
        blas.restore(threads)


# ---- long short-term memory ---------------------------------------------------------------


def lstm(
    x: Any, h: Any, c: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, w_hr: Any,
    sizes: tuple[int, ...], reverse: bool,
) -> tuple[tuple[Any, Any, Any], tuple[Any, ...]]:  # fmt: skip
    """All outputs and the last h and c; and the gates, the old c and the tanh of the new one.

    Parameters
    ----------
    x : array
        Shape ``(N, D)``.
    h, c : array
        Shape ``(B, P)`` and ``(B, H)``; P is H where there is no `w_hr`.
    w_ih, w_hh, b_ih, b_hh : array
        Shapes ``(4 H, D)``, ``(4 H, P)`` and ``(4 H,)``; the biases may be None.
    w_hr : array or None
        Shape ``(P, H)``: makes the output of what the cell gives.
    """
    x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr = wide(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr)
    gates = _affine(x, w_ih, b_ih, b_hh)
    n, size = len(x), c.shape[1]
    h, c = h.copy(), c.copy()
    if w_hr is None and sequences.able(gates, h, c):
        out, before, bent = sequences.lstm(gates, h, c, w_hh, sizes, reverse)
        return (out, h, c), (gates, before, bent)
    out = np.empty((n, h.shape[1]), x.dtype)
    before, bent = np.empty((n, size), x.dtype), np.empty((n, size), x.dtype)
    across = _across(w_hh, sizes)
    share, given = np.empty((len(h), len(w_hh)), x.dtype), np.empty_like(c)
    for rows, running in _walk(sizes, reverse, h.size * len(w_hh)):
        np.dot(h[:running], across, out=share[:running])
        made = out[rows] if w_hr is None else given[:running]
        cells.lstm(gates[rows], share[:running], c[:running], before[rows], bent[rows], made)
        h[:running] = made if w_hr is None else made.dot(w_hr.T)
        out[rows] = h[:running]
    return (out, h, c), (gates, before, bent)


def lstm_gradients(
    g: Any, residual: Any, out: Any, x: Any, h: Any, c: Any, w_ih: Any, w_hh: Any, w_hr: Any,
    sizes: tuple[int, ...], reverse: bool, of_x: bool = True,
) -> dict[str, Any]:  # fmt: skip
    """The gradients of all inputs, by name; `g` has those of the three outputs, or None.

    That of x, a product of its own, is made only if wanted.
    """
    out, x, h, w_ih, w_hh, w_hr = wide(out, x, h, w_ih, w_hh, w_hr)
    gates, before, bent = residual
    dh, dc = _entering(g[1], h), _entering(g[2], before, len(h))
    raised: Any = np.empty_like(out) if w_hr is not None else None
    if w_hr is None and sequences.able(gates, before, bent):
        entered, dh = sequences.lstm_back(g[0], dh, dc, w_hh, residual, sizes, reverse)
    else:
        entered = _lstm_back(g[0], dh, dc, w_hh, w_hr, residual, raised, sizes, reverse)
    found = _products(entered, x, w_ih, of_x)
    found.update(h=dh, c=dc, w_hh=entered.T.dot(previous(h, out, sizes, reverse)))
    if w_hr is not None:
        found["w_hr"] = raised.T.dot(gates[:, 3 * before.shape[1] :] * bent)
    return found


def _lstm_back(
    g: Any, dh: Any, dc: Any, w_hh: Any, w_hr: Any, residual: Any, raised: Any,
    sizes: tuple[int, ...], reverse: bool,
) -> Any:  # fmt: skip
    """The gradients of what entered the gates; `dh` and `dc` go back in place, and what came
    to each output is left in `raised`."""
    gates, before, bent = residual
    entered = np.empty_like(gates)
    for rows, running in _walk(sizes, not reverse, dh.size * len(w_hh)):
        _arrive(dh[:running], g, rows)
        made = dh[:running]
        if w_hr is not None:
            raised[rows] = made
            made = made.dot(w_hr)
        cells.lstm_back(made, dc[:running], gates[rows], before[rows], bent[rows], entered[rows])
        np.dot(entered[rows], w_hh, out=dh[:running])
    return entered


def _entering(g: Any, like: Any, count: int | None = None) -> Any:
    """The gradient of a last state, to be carried back in place."""
    if g is None:
        return np.zeros((len(like) if count is None else count, like.shape[1]), like.dtype)
    return np.array(g, like.dtype, order="C")


def _arrive(dh: Any, g: Any, rows: slice) -> None:
    """Add the gradient of a step's outputs."""
    if g is not None:
        dh += g[rows]


def _products(entered: Any, x: Any, w_ih: Any, of_x: bool) -> dict[str, Any]:
    """The gradients of the input and of what it was multiplied with."""
    found = {"w_ih": entered.T.dot(x), "b": np.add.reduce(entered, axis=0)}
    if of_x:
        found["x"] = entered.dot(w_ih)
    return found


# ---- the gated recurrent unit ---------------------------------------------------------------


def gru(
    x: Any, h: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any,
    sizes: tuple[int, ...], reverse: bool,
) -> tuple[tuple[Any, Any], tuple[Any, ...]]:  # fmt: skip
    """All outputs and the last h; and the gates, the hidden state's shares and the old h.

    The shapes are those of `lstm`, with three gates.
    """
    x, h, w_ih, w_hh, b_ih, b_hh = wide(x, h, w_ih, w_hh, b_ih, b_hh)
    gates = _affine(x, w_ih, b_ih)
    h = h.copy()
    out, share = np.empty((len(x), h.shape[1]), x.dtype), np.empty_like(gates)
    before, across = np.empty_like(out), _across(w_hh, sizes)
    for rows, running in _walk(sizes, reverse, h.size * len(w_hh)):
        np.dot(h[:running], across, out=share[rows])
        if b_hh is not None:
            share[rows] += b_hh
        cells.gru(gates[rows], share[rows], h[:running], before[rows])
        out[rows] = h[:running]
    return (out, h), (gates, share, before)


def gru_gradients(
    g: Any, residual: Any, x: Any, h: Any, w_ih: Any, w_hh: Any,
    sizes: tuple[int, ...], reverse: bool, of_x: bool = True,
) -> dict[str, Any]:  # fmt: skip
    """The gradients of all inputs, by name; `g` has those of the two outputs, or None."""
    x, h, w_ih, w_hh = wide(x, h, w_ih, w_hh)
    gates, share, before = residual
    dh = _entering(g[1], h)
    entered, back = np.empty_like(gates), np.empty_like(gates)
    for rows, running in _walk(sizes, not reverse, h.size * len(w_hh)):
        _arrive(dh[:running], g[0], rows)
        through = dh[:running]
        cells.gru_back(through, gates[rows], share[rows], before[rows], entered[rows], back[rows])
        through += back[rows].dot(w_hh)
    found = _products(entered, x, w_ih, of_x)
    found.update(h=dh, w_hh=back.T.dot(before), b_hh=np.add.reduce(back, axis=0))
    return found


# ---- the plain recurrent layer ----------------------------------------------------------------


def rnn(
    x: Any, h: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any,
    sizes: tuple[int, ...], reverse: bool, relu: bool,
) -> tuple[Any, Any]:  # fmt: skip
    """All outputs and the last h, with a tanh or a rectifier."""
    x, h, w_ih, w_hh, b_ih, b_hh = wide(x, h, w_ih, w_hh, b_ih, b_hh)
    out, h, across = _affine(x, w_ih, b_ih, b_hh), h.copy(), _across(w_hh, sizes)
    for rows, running in _walk(sizes, reverse, h.size * len(w_hh)):
        made = out[rows]
        made += h[:running].dot(across)
        if relu:
            np.maximum(made, 0, out=made)
        else:
            np.tanh(made, out=made)
        h[:running] = made
    return out, h


def rnn_gradients(
    g: Any, out: Any, x: Any, h: Any, w_ih: Any, w_hh: Any,
    sizes: tuple[int, ...], reverse: bool, relu: bool, of_x: bool = True,
) -> dict[str, Any]:  # fmt: skip
    """The gradients of all inputs, by name; `g` has those of the two outputs, or None."""
    out, x, h, w_ih, w_hh = wide(out, x, h, w_ih, w_hh)
    dh, entered = _entering(g[1], h), np.empty_like(out)
    for rows, running in _walk(sizes, not reverse, h.size * len(w_hh)):
        _arrive(dh[:running], g[0], rows)
        made = out[rows]
        if relu:
            entered[rows] = np.where(made <= 0, 0, dh[:running])
        else:
            entered[rows] = dh[:running] * (1 - made * made)
        np.dot(entered[rows], w_hh, out=dh[:running])
    found = _products(entered, x, w_ih, of_x)
    found.update(h=dh, w_hh=entered.T.dot(previous(h, out, sizes, reverse)))
    return found
