"""When a Numba kernel takes over from its NumPy reference, and how it is compiled.

``LUCID_JIT=0`` never, ``LUCID_JIT=1`` from the first call, otherwise as soon as the process
has done enough work to repay loading Numba (0.4 s): after a few dozen calls, or at the first
large array. From then on it stays. `lucid.manual_seed` and `lucid.warmup` settle the choice
at once, so that a seeded run repeats bit by bit within one process too.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

from ..config import SETTINGS

CALLS_BEFORE_LOADING = 64
SIZE_BEFORE_LOADING = 1 << 18


class _Policy:
    """Whether kernels are in use: `on` is the answer once it is settled."""

    __slots__ = ("calls", "on", "settled")

    def __init__(self) -> None:
        self.on = False
        self.settled = False
        self.calls = 0


_policy = _Policy()


def settle(on: bool | None = None) -> None:
    """Decide now and for good: kernels, if Numba is installed and not switched off."""
    if on is None:
        on = SETTINGS.jit != "0"
    _policy.on = on and importlib.util.find_spec("numba") is not None
    _policy.settled = True


def wanted(size: int) -> bool:
    """Whether kernels should do work on `size` elements. Asked at every call, so kept short."""
    return _policy.on or (not _policy.settled and _consider(size))


def _consider(size: int) -> bool:
    _policy.calls += 1
    if SETTINGS.jit == "0" or SETTINGS.jit == "1" or _policy.calls > CALLS_BEFORE_LOADING or size >= SIZE_BEFORE_LOADING:
        settle()
    return _policy.on


class Kernel:
    """A loop that Numba compiles when it is first called, and keeps in its disk cache."""

    __slots__ = ("__doc__", "__wrapped__", "_compiled", "_options", "function")

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        self.function = self.__wrapped__ = function
        self.__doc__ = function.__doc__
        self._options = options
        self._compiled: Callable[..., Any] | None = None

    @property
    def compiled(self) -> Callable[..., Any]:
        """The compiled function; compiling it, or loading it from the cache, at first."""
        if self._compiled is None:
            import numba

            self._compiled = numba.njit(**self._options)(self.function)
        return self._compiled

    def __call__(self, *args: Any) -> Any:
        return (self._compiled or self.compiled)(*args)


def kernel(**options: Any) -> Callable[[Callable[..., Any]], Kernel]:
    """Declare a loop to be compiled lazily: no Python objects, no GIL, NumPy's division.

    Parameters
    ----------
    **options
        Passed to ``numba.njit``, over ``nogil=True, cache=True, error_model="numpy"``.
    """
    chosen = {"nogil": True, "cache": True, "error_model": "numpy", **options}
    return lambda function: Kernel(function, chosen)


def suits(*arrays: Any) -> bool:
    """True if kernels take these arrays: row-major float32 or float64, all of one dtype."""
    first = arrays[0].dtype
    if first.char not in "fd":
        return False
    return all(a.dtype is first and a.flags.c_contiguous for a in arrays)
