"""The error function and its relatives, which NumPy lacks."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from . import buffers, threads
from .jit import Kernel, kernel, suits, wanted

BLOCK = 1 << 13  # elements a thread takes at a time
THREADED = 1 << 15  # from this many elements on, waking a thread pays


def erf_array(x: Any) -> Any:
    """erf of every element.

    Examples
    --------
    >>> erf_array(np.array([0.0, 1.0])).round(6).tolist()
    [0.0, 0.842701]
    """
    return each(x, _erf, scalars(math.erf))


def erfc_array(x: Any) -> Any:
    """erfc of every element: 1 - erf, with full relative accuracy in its right tail.

    Examples
    --------
    >>> erfc_array(np.array([0.0, 10.0])).tolist()
    [1.0, 2.088487583762545e-45]
    """
    return each(x, _erfc, scalars(math.erfc))


def each(x: Any, loop: Kernel, reference: Callable[..., Any], *constants: Any) -> Any:
    """Run a loop over the elements, or its reference, in the dtype of `x`.

    The loop is called as ``loop(x, out, *constants, first, last)``, the reference as
    ``reference(x, *constants)``.

    Examples
    --------
    >>> each(np.array([1.0]), _erf, lambda x: x + 1)
    array([2.])
    """
    if not wanted(x.size) or not suits(x):
        return np.asarray(reference(x, *constants), x.dtype)
    out = buffers.empty(x.shape, x.dtype)
    source, target = x.ravel(), out.ravel()
    large = x.size >= THREADED
    threads.run(loop, x.size, BLOCK, source, target, *constants, large=large)
    return out


def scalars(function: Callable[[float], float]) -> Callable[[Any], Any]:
    """A function of one Python float as a function of arrays.

    Examples
    --------
    >>> scalars(math.erf)(np.zeros((1, 2)))
    array([[0., 0.]])
    """

    def of_array(x: Any) -> Any:
        values = np.fromiter(map(function, x.ravel().tolist()), np.float64, x.size)
        return values.reshape(x.shape)

    return of_array


@kernel()
def _erf(x: Any, out: Any, first: int, last: int) -> None:
    for i in range(first, last):
        out[i] = math.erf(x[i])


@kernel()
def _erfc(x: Any, out: Any, first: int, last: int) -> None:
    for i in range(first, last):
        out[i] = math.erfc(x[i])


_A = 0.147  # of Winitzki's closed form, which starts the iteration within 0.2 %


def erfinv_array(y: Any) -> Any:
    """The inverse of erf: ±inf at ±1 and NaN beyond.

    Three steps of Halley's method in double precision. The step is taken on erfc, against
    1 - abs(y), which is exact near 1; there erf itself has no digits left to compare.

    References
    ----------
    S. Winitzki, "A handy approximation for the error function and its inverse", 2008.

    Examples
    --------
    >>> erfinv_array(np.array([0.0, 0.5, 1.0])).round(6).tolist()
    [0.0, 0.476936, inf]
    """
    size = np.abs(np.asarray(y, np.float64))
    inside = size < 1
    goal = np.where(inside, size, 0.5)
    rest = 1 - goal
    log = np.log(rest) + np.log1p(goal)  # log(1 - y^2)
    half = 2 / (math.pi * _A) + log / 2
    x = np.sqrt(np.sqrt(half * half - log / _A) - half)
    for _ in range(3):
        near = goal < 0.5  # erf is exact near 0, erfc far from it
        miss = np.where(near, erf_array(x) - goal, rest - erfc_array(x))
        step = miss * (math.sqrt(math.pi) / 2) * np.exp(x * x)
        x = x - step / (1 + x * step)
    edge = np.where(size == 1, np.inf, np.nan)
    return np.asarray(np.copysign(np.where(inside, x, edge), y), y.dtype)


# ---- erfc without its exponential ---------------------------------------------------------

_TERMS = 40  # of Weideman's series: its error is below the rounding of double precision


@functools.cache
def _weideman() -> tuple[float, Any]:
    """The scale of the map to the unit disc, and the coefficients, highest power first."""
    scale, half = math.sqrt(_TERMS / math.sqrt(2)), 2 * _TERMS
    t = scale * np.tan(np.arange(1 - half, half) * (math.pi / (2 * half)))
    values = np.concatenate([[0.0], np.exp(-t * t) * (scale * scale + t * t)])
    series = np.fft.fft(np.fft.fftshift(values)).real / (2 * half)
    return scale, series[_TERMS:0:-1].copy()


def erfcx_array(x: Any) -> Any:
    """``exp(x^2) erfc(x)`` of every element, by Weideman's rational series, in x.dtype.

    Left of 0, where it grows like ``2 exp(x^2)``, by reflection.

    References
    ----------
    J. A. C. Weideman, "Computation of the complex error function", SIAM J. Numer. Anal. 31,
    1994, 1497-1518.

    Examples
    --------
    >>> erfcx_array(np.array([0.0, 1.0])).round(12).tolist()
    [1.0, 0.427583576156]
    """
    return each(x, _erfcx, _erfcx_reference, *_weideman())


def _erfcx_reference(x: Any, scale: float, series: Any) -> Any:
    x = np.asarray(x, np.float64)
    size = np.minimum(np.abs(x), 1e300)  # the map takes inf / inf to NaN
    near = scale + size
    right = 2 * np.polyval(series, (scale - size) / near) / (near * near)
    right = np.where(np.isinf(x), 0.0, right + 1 / (math.sqrt(math.pi) * near))
    return np.where(x < 0, 2 * np.exp(x * x) - right, right)


@kernel()
def _erfcx(x: Any, out: Any, scale: float, series: Any, first: int, last: int) -> None:
    for i in range(first, last):
        v = x[i] * 1.0  # in double precision
        size = min(abs(v), 1e300) if v == v else v
        near = scale + size
        z = (scale - size) / near
        value = 0.0
        for k in range(series.size):
            value = value * z + series[k]
        right = 2.0 * value / (near * near) + 1.0 / (math.sqrt(math.pi) * near)
        if math.isinf(v):
            right = 0.0
        out[i] = 2.0 * math.exp(v * v) - right if v < 0.0 else right
