"""Activations in one pass over float32 arrays; each beside the NumPy formula it must agree with.

NumPy makes an array for each step of a formula, and takes several of them in scalar loops
(log1p, erf). A kernel reads the input once and writes the result, in vector lanes
(`kernels.vector_math`) and, for large arrays, on all threads.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from . import buffers, jit, special, threads
from .jit import Kernel, kernel, suits, wanted
from .vector_math import ONE, F, erf32, erfc32, exp32, log1p32, normal32

BLOCK = 1 << 15  # elements that a thread takes at a time
THREADED = 1 << 18  # from this many elements on, waking a thread pays

_float32 = np.dtype(np.float32)
_DENSITY = 1 / math.sqrt(2 * math.pi)  # of the normal distribution at 0
ROOT = F(_DENSITY)
ZERO = F(0)


class Pointwise:
    """A function of each element of one array, or a gradient times a slope there.

    Examples
    --------
    >>> sigmoid(np.array([0.0, 1000.0])).tolist()
    [0.5, 1.0]
    """

    __slots__ = ("_loop", "reference")

    def __init__(self, reference: Callable[..., Any], element: Kernel, of: Kernel) -> None:
        self.reference = reference
        self._loop = of.bind(f"{element.name}_{of.name}", element=element)

    def __call__(self, *arrays: Any, a: float = 0.0) -> Any:
        """The result; `a` is a parameter of the function, if it has one."""
        x = arrays[-1]
        size = x.size
        if x.dtype is not _float32 or not (jit.policy.on or wanted(size)) or not _alike(arrays):
            return self.reference(*arrays, a)
        out = target = buffers.empty(x.shape, _float32)
        if x.ndim != 1:
            arrays, target = tuple([array.reshape(-1) for array in arrays]), out.reshape(-1)
        if size >= THREADED:
            threads.run(self._loop, size, BLOCK, *arrays, a, target)
        else:
            self._loop.compiled(*arrays, a, target, 0, size)
        return out


def _alike(arrays: tuple[Any, ...]) -> bool:
    return suits(*arrays) and (len(arrays) == 1 or arrays[0].shape == arrays[1].shape)


element: Any = None  # the function that a loop is bound to


# Blocks are cut out before their loop: an index that might be negative, as one that begins at
# `first` might, keeps a loop out of vector lanes.


@kernel()
def of_array(x: Any, a: float, out: Any, first: int, last: int) -> None:
    x, out, b = x[first:last], out[first:last], F(a)
    for i in range(x.size):
        out[i] = element(x[i], b)


@kernel()
def of_gradient(g: Any, x: Any, a: float, out: Any, first: int, last: int) -> None:
    g, x, out, b = g[first:last], x[first:last], out[first:last], F(a)
    for i in range(x.size):
        out[i] = g[i] * element(x[i], b)


# ---- the logistic function and what is gated by it --------------------------------------


def _sigmoid_reference(x: Any, a: float) -> Any:
    out = np.exp(-x)  # inf far to the left, where the result is 0, as it should be
    return np.reciprocal(np.add(out, 1, out=out), out=out) if out.ndim else 1 / (out + 1)


@kernel()
def _sigmoid(x: Any, a: Any) -> Any:
    return ONE / (ONE + exp32(-x))


def _sigmoid_gradient_reference(g: Any, y: Any, a: float) -> Any:
    return g * (y * (1 - y))


@kernel()
def _sigmoid_slope(y: Any, a: Any) -> Any:
    return y * (ONE - y)


def _tanh_gradient_reference(g: Any, y: Any, a: float) -> Any:
    return g * (1 - y * y)


@kernel()
def _tanh_slope(y: Any, a: Any) -> Any:
    return ONE - y * y


def _silu_reference(x: Any, a: float) -> Any:
    return x / (np.exp(-x) + 1)


@kernel()
def _silu(x: Any, a: Any) -> Any:
    return x / (ONE + exp32(-x))


def _silu_gradient_reference(g: Any, x: Any, a: float) -> Any:
    s = _sigmoid_reference(x, a)
    return g * (s * (x * (1 - s) + 1))


@kernel()
def _silu_slope(x: Any, a: Any) -> Any:
    s = ONE / (ONE + exp32(-x))
    return s * (x * (ONE - s) + ONE)


def _softplus_reference(x: Any, a: float) -> Any:
    smooth = np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0)
    return np.where(x > a, x, smooth)


@kernel()
def _softplus(x: Any, a: Any) -> Any:
    """`a` is the threshold, beyond which the result is `x`."""
    smooth = log1p32(exp32(-abs(x))) + (ZERO if x < ZERO else x)
    return x if x > a else smooth


def _softplus_gradient_reference(g: Any, x: Any, a: float) -> Any:
    return np.where(x > a, g, g * _sigmoid_reference(x, a))


@kernel()
def _softplus_slope(x: Any, a: Any) -> Any:
    slope = ONE / (ONE + exp32(-x))
    return ONE if x > a else slope


# ---- the error function and the normal distribution -------------------------------------


def _erf_reference(x: Any, a: float) -> Any:
    return special.erf_array(x)


@kernel()
def _erf(x: Any, a: Any) -> Any:
    return erf32(x)


def _erfc_reference(x: Any, a: float) -> Any:
    return special.erfc_array(x)


@kernel()
def _erfc(x: Any, a: Any) -> Any:
    return erfc32(x)


def _gelu_reference(x: Any, a: float) -> Any:
    return x * (special.erfc_array(x * -math.sqrt(0.5)) * 0.5)


@kernel()
def _gelu(x: Any, a: Any) -> Any:
    _, below = normal32(x)
    return x * below


def _gelu_gradient_reference(g: Any, x: Any, a: float) -> Any:
    below = special.erfc_array(x * -math.sqrt(0.5)) * 0.5
    return g * (below + x * np.exp(x * x * -0.5) * _DENSITY)


@kernel()
def _gelu_slope(x: Any, a: Any) -> Any:
    bell, below = normal32(x)
    return below + x * bell * ROOT


sigmoid = Pointwise(_sigmoid_reference, _sigmoid, of_array)
sigmoid_gradient = Pointwise(_sigmoid_gradient_reference, _sigmoid_slope, of_gradient)
tanh_gradient = Pointwise(_tanh_gradient_reference, _tanh_slope, of_gradient)
silu = Pointwise(_silu_reference, _silu, of_array)
silu_gradient = Pointwise(_silu_gradient_reference, _silu_slope, of_gradient)
softplus = Pointwise(_softplus_reference, _softplus, of_array)
softplus_gradient = Pointwise(_softplus_gradient_reference, _softplus_slope, of_gradient)
erf = Pointwise(_erf_reference, _erf, of_array)
erfc = Pointwise(_erfc_reference, _erfc, of_array)
gelu = Pointwise(_gelu_reference, _gelu, of_array)
gelu_gradient = Pointwise(_gelu_gradient_reference, _gelu_slope, of_gradient)
