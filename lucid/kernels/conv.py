"""Convolution of arrays: forward, and the gradients towards input and kernel.

Arrays are ``x: (N, C, *size)``, ``w: (O, C / groups, *kernel)`` and ``y: (N, O, *out)``. The
three functions are each other's gradients: every one of them is linear in two of the three
arrays, and the derivative of ``sum(y * conv(x, w))`` towards the third. `conv_choice` says
which of the ways below is taken.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from . import blas, depthwise, direct, tiles
from .buffers import empty
from .conv_choice import examples_at_once, slabs_of_one, way, way_to_kernel
from .jit import suits, wanted
from .patches import add_patches, patches
from .window import Window, back

_float32 = np.dtype(np.float32)


def ways(x: Any, w: Any, win: Window, groups: int) -> dict[str, str]:
    """How the convolution is computed, and the gradients towards input and kernel.

    Examples
    --------
    >>> from lucid.kernels.window import window
    >>> win = window((4,), (2,), (2,), ((0, 0),), (1,))
    >>> ways(np.ones((1, 1, 4)), np.ones((1, 1, 2)), win, 1)["input"]
    'patches'
    """
    o = len(w)
    chosen = x.shape[1], o, groups, win, _loops(x, w, len(x) * o * win.places)
    found = {"forward": way(True, *chosen), "input": way(False, *chosen)}
    return {**found, "weight": way_to_kernel(*chosen)}


# ---- forward ----------------------------------------------------------------------------


def conv(x: Any, w: Any, b: Any, win: Window, groups: int) -> Any:
    """``y[n, o] = sum(w[o, c] * x[n, c])`` over channels and kernel, plus ``b[o]``.

    Examples
    --------
    >>> from lucid.kernels.window import window
    >>> win = window((4,), (2,), (1,), ((0, 0),), (1,))
    >>> conv(np.array([[[1.0, 2.0, 4.0, 8.0]]]), np.array([[[-1.0, 1.0]]]), None, win, 1)
    array([[[1., 2., 4.]]])
    """
    x = np.ascontiguousarray(x)
    (n, c), o = x.shape[:2], len(w)
    out = empty((n, o, *win.shape), x.dtype)
    how = way(True, c, o, groups, win, _loops(x, w, out.size))
    if how in ("direct", "panels"):
        direct.convolve(how, x, direct.forwards(w, groups), b, win, groups, out)
    elif how == "depthwise":
        depthwise.forward(x, np.ascontiguousarray(w), b, win, out)
    elif how == "pointwise":
        _product(_kernels(w, groups), _by_group(x, groups), _by_group(out, groups))
        _add_bias(out, b)
    else:
        _by_patches(x, _kernels(w, groups), b, win, groups, out)
    return out


def _by_patches(x: Any, w: Any, b: Any, win: Window, groups: int, out: Any) -> None:
    """Some examples after the other: their patches, times the kernels."""
    (n, c), (_, o, depth) = x.shape[:2], w.shape
    out = out.reshape(n, groups * o, win.places)
    for examples, part, places, cols in _chunks(n, c, win, x.dtype):
        patches(x[examples], part, cols)
        cols = cols.reshape(groups, depth, -1)
        here = out[examples, :, places]
        if len(here) == 1 and part is win:  # the product can be written where it belongs
            _product(w, cols, here.reshape(groups, o, win.places))
            _add_bias(here, b)
            continue
        made = empty((groups, o, cols.shape[2]), x.dtype)
        _product(w, cols, made)
        made = made.reshape(groups * o, len(here), part.places).swapaxes(0, 1)
        if b is None:
            here[...] = made
        else:
            np.add(made, b[:, None], out=here)


# ---- towards the input ------------------------------------------------------------------


def conv_input(y: Any, w: Any, b: Any, win: Window, groups: int) -> Any:
    """``x[n, c] = sum(w[o, c] * y[n, o])``, each product where `conv` read ``x``, plus ``b[c]``.

    Examples
    --------
    >>> from lucid.kernels.window import window
    >>> win = window((4,), (2,), (1,), ((0, 0),), (1,))
    >>> conv_input(np.array([[[1.0, 2.0, 4.0]]]), np.array([[[-1.0, 1.0]]]), None, win, 1)
    array([[[-1., -1., -2.,  4.]]])
    """
    y = np.ascontiguousarray(y)
    (n, o), c = y.shape[:2], w.shape[1] * groups
    how = way(False, c, o, groups, win, _loops(y, w, y.size))
    if how == "turned":
        return conv(y, _turned(w, groups), b, back(win), groups)
    x = empty((n, c, *win.size[3 - win.dims :]), y.dtype)
    if how in ("direct", "panels"):
        direct.convolve(how, y, direct.backwards(w, groups), b, back(win), groups, x)
        return x
    if how == "depthwise":
        depthwise.towards_input(y, np.ascontiguousarray(w), win, x)
    elif how == "pointwise":
        turned = _kernels(w, groups).swapaxes(1, 2)
        _product(turned, _by_group(y, groups), _by_group(x, groups))
    else:
        _by_added_patches(y, _kernels(w, groups), win, groups, x)
    _add_bias(x, b)
    return x


def _by_added_patches(y: Any, w: Any, win: Window, groups: int, x: Any) -> None:
    """Some examples after the other: what each patch receives, and their sum."""
    n, c = x.shape[:2]
    turned = w.swapaxes(1, 2)
    for examples, _, _, cols in _chunks(n, c, win, x.dtype, whole=True):
        _product(turned, _side_by_side(y[examples], groups), cols.reshape(*turned.shape[:2], -1))
        add_patches(cols, win, x[examples])


def _turned(w: Any, groups: int) -> Any:
    """Kernels turned round, for the way back: ``(O, C / groups)`` to ``(C, O / groups)``."""
    o, c, *kernel = w.shape
    w = w[(..., *(slice(None, None, -1),) * len(kernel))]
    w = w.reshape(groups, o // groups, c, *kernel).swapaxes(1, 2)
    return w.reshape(groups * c, o // groups, *kernel)


# ---- towards the kernel -----------------------------------------------------------------


def conv_weight(y: Any, x: Any, win: Window, groups: int) -> Any:
    """``w[o, c] = sum(y[n, o] * x[n, c])`` over examples and places, for each kernel element.

    Examples
    --------
    >>> from lucid.kernels.window import window
    >>> win = window((4,), (2,), (1,), ((0, 0),), (1,))
    >>> conv_weight(np.array([[[1.0, 1.0, 0.0]]]), np.array([[[1.0, 2.0, 4.0, 8.0]]]), win, 1)
    array([[[3., 6.]]])
    """
    x, y = np.ascontiguousarray(x), np.ascontiguousarray(y)
    (n, c), o = x.shape[:2], y.shape[1]
    shape = (o, c // groups, *win.kernel[3 - win.dims :])
    how = way_to_kernel(c, o, groups, win, _loops(x, y, y.size))
    if how == "direct":
        return direct.towards_kernel(y, x, win, groups).reshape(shape)
    if how == "depthwise":
        w = np.empty(shape, x.dtype)
        depthwise.towards_kernel(y, x, win, w)
        return w
    total = np.zeros((groups, o // groups, c // groups * win.taps), x.dtype)
    y = y.reshape(n, o, win.places)
    for examples, part, places, cols in _chunks(n, c, win, x.dtype):
        if how == "pointwise":
            cols[:, 0] = x[examples].reshape(-1, c, win.places)[..., places].swapaxes(0, 1)
        else:
            patches(x[examples], part, cols)
        cols = cols.reshape(groups, total.shape[2], -1).swapaxes(1, 2)
        share = np.empty_like(total)
        _product(_side_by_side(y[examples, :, places], groups), cols, share)
        total += share
    return total.reshape(shape)


# ---- matrices ---------------------------------------------------------------------------


def _chunks(
    n: int, c: int, win: Window, dtype: Any, whole: bool = False
) -> Iterator[tuple[slice, Window, slice, Any]]:
    """Examples, a part of the window over them, its places, and memory for their patches.

    The memory has the shape ``(C, taps, N, places)``. Windows stay `whole` where patches that
    overlap are added up.
    """
    most = min(examples_at_once(c, win), n)
    parts = [(win, slice(None))]
    if most == 1 and not whole and (count := slabs_of_one(c, win)) > 1:
        parts = win.slabs(count)
    rows, longest = c * win.taps, max(part.places for part, _ in parts)
    memory = np.empty(rows * most * longest, dtype)
    for first in range(0, n, most or 1):
        last = min(first + most, n)
        for part, places in parts:
            size = rows * (last - first) * part.places
            cols = memory[:size].reshape(c, win.taps, last - first, part.places)
            yield slice(first, last), part, places, cols


def _loops(x: Any, w: Any, size: int) -> str | None:
    """Which compiled loops take these arrays, for so many results; what `way` asks."""
    if x.dtype is not w.dtype or not suits(x):
        return None
    fit = x.dtype is _float32 and wanted(size) and suits(w) and tiles.able()
    return "tiles" if fit else "kernels"


def _kernels(w: Any, groups: int) -> Any:
    """Kernels as rows of a matrix for each group."""
    return w.reshape(groups, len(w) // groups, math.prod(w.shape[1:]))


def _by_group(x: Any, groups: int) -> Any:
    """``(N, C, *size)`` as ``(N, groups, C / groups, places)``; a view of a row-major array."""
    n, c = x.shape[:2]
    return x.reshape(n, groups, c // groups, math.prod(x.shape[2:]))


def _side_by_side(x: Any, groups: int) -> Any:
    """``(N, C, *size)`` as ``(groups, C / groups, N * places)``."""
    n, c = x.shape[:2]
    places = math.prod(x.shape[2:])
    rows = x.reshape(n, c, places)
    return rows.swapaxes(0, 1).reshape(groups, c // groups, n * places)


def _product(a: Any, b: Any, out: Any) -> None:
    """``a @ b`` into `out`, on as many threads as repay their waking."""
    before = blas.one_thread(a.shape[-2] * a.shape[-1] * b.shape[-1])
    try:
        np.matmul(a, b, out=out)
    finally:
        blas.restore(before)


def _add_bias(out: Any, b: Any) -> None:
    """``out[n, c] += b[c]``."""
    if b is not None:
        out += b.reshape(-1, *(1,) * (out.ndim - 2))
