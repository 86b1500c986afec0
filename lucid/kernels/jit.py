"""When a Numba kernel takes over from its NumPy reference, and how it is compiled.

``LUCID_JIT=0`` never, ``LUCID_JIT=1`` from the first call, otherwise as soon as the process
has done enough work to repay loading Numba (0.4 s): after a few dozen calls, or at the first
large array. From then on it stays. `lucid.manual_seed` and `lucid.warmup` settle the choice
at once, so that a seeded run repeats bit by bit within one process too.
"""

from __future__ import annotations

import importlib.util
import os
import types
from collections.abc import Callable
from typing import Any

from ..config import SETTINGS
from . import buffers

# The machine code of a loop that adds in vector lanes and writes an array besides asks at run time
# whether what it writes lies close before what it reads. If so it runs without lanes, and the
# sum has other last bits. Arrays of so many elements are never close enough; smaller ones must
# be added in order, or by the reference.
APART = 64

CALLS_BEFORE_LOADING = 64
SIZE_BEFORE_LOADING = 1 << 18


class _Policy:
    """Whether kernels are in use: `on` is the answer once it is settled."""

    __slots__ = ("calls", "on", "settled")

    def __init__(self) -> None:
        self.on = False
        self.settled = False
        self.calls = 0


policy = _Policy()


def settle(on: bool | None = None) -> None:
    """Decide now and for good: kernels, if Numba is installed and not switched off.

    A process that comes here is going to work, so its allocator is told to keep memory.
    """
    if on is None:
        on = SETTINGS.jit != "0"
    policy.on = on and importlib.util.find_spec("numba") is not None
    if not policy.settled:
        buffers.keep_freed_memory()
    policy.settled = True


def wanted(size: int) -> bool:
    """Whether kernels should do work on `size` elements.

    Where every tenth of a microsecond counts, callers look at ``policy.on`` first.
    """
    return policy.on or (not policy.settled and _consider(size))


def _consider(size: int) -> bool:
    policy.calls += 1
    busy = policy.calls > CALLS_BEFORE_LOADING or size >= SIZE_BEFORE_LOADING
    if busy or SETTINGS.jit in ("0", "1"):
        settle()
    return policy.on


class Kernel:
    """A loop that Numba compiles when it is first called, and keeps in its disk cache.

    Other kernels that the loop calls are compiled with it: its globals, or what is given in
    `bindings`, names in the loop and the kernels that they stand for, which makes one loop
    serve several. The cache looks at the date of one file; the dates of the others go into the
    name under which it keeps the loop.
    """

    __slots__ = ("_bindings", "_options", "compiled", "function", "inlined", "name")

    def __init__(
        self,
        function: Callable[..., Any],
        options: dict[str, Any],
        name: str | None = None,
        bindings: dict[str, Kernel] | None = None,
    ) -> None:
        self.function = function
        self.name = name or function.__name__
        self._options = options
        self._bindings = bindings or {}

    def __getattr__(self, name: str) -> Any:
        """`compiled` is compiled, or loaded from the disk cache, when it is first read.

        `inlined` is for the loops that call this one. A call that stayed a call would reach
        another copy of the code in the process that compiles than in those that load from
        the cache, and sums would differ in their last bits.
        """
        if name not in ("compiled", "inlined"):
            raise AttributeError(name)
        import numba

        options = self._options
        if name == "inlined":
            options = {**options, "cache": False, "forceinline": True}
        made = numba.njit(**options)(self._linked())
        setattr(self, name, made)
        return made

    def _linked(self) -> types.FunctionType:
        """The loop with the kernels among its globals replaced by compiled functions."""
        code = self.function.__code__
        scope = {**self.function.__globals__, **self._bindings}
        for name, called in self._called().items():
            scope[name] = called.inlined
        twin = types.FunctionType(code, scope, self.name)
        dates = (f"_{os.stat(file).st_mtime_ns:x}" for file in sorted(self._files()))
        twin.__qualname__ = self.name + "".join(dates)  # names the cache file
        twin.__module__ = self.function.__module__
        return twin

    def _called(self) -> dict[str, Kernel | Intrinsic]:
        """What the loop calls, by name."""
        scope = {**self.function.__globals__, **self._bindings}
        named = {name: scope.get(name) for name in self.function.__code__.co_names}
        return {n: called for n, called in named.items() if isinstance(called, Kernel | Intrinsic)}

    def _files(self) -> set[str]:
        """The files of all kernels that are compiled with the loop, other than its own."""
        files: set[str] = set()
        for called in self._called().values():
            if isinstance(called, Kernel):
                files |= called._files() | {called.function.__code__.co_filename}
        return files - {self.function.__code__.co_filename}

    def bind(self, name: str, **bindings: Kernel) -> Kernel:
        """The same loop, with some of the names in it standing for these kernels."""
        return Kernel(self.function, self._options, name, bindings)

    def entry(self, *args: Any) -> Callable[..., Any]:
        """The compiled function for arguments of just these types, without a look at them.

        Numba finds out the types of all arguments at each call, which takes longer than a
        small kernel's work (0.2 us of 0.5). Here the caller answers for them: dtypes,
        dimensions and layouts must be those of `args`, or the result is arbitrary.
        """
        import numba

        return self.compiled.compile(tuple(map(numba.typeof, args)))

    def __call__(self, *args: Any) -> Any:
        return self.compiled(*args)


class Intrinsic:
    """An instruction that Numba has no name for, for kernels to call.

    `make` returns what ``numba.extending.intrinsic`` takes: a function of the types of the
    arguments that returns a signature and what builds the instruction. It runs when the first
    kernel that calls the instruction is compiled.
    """

    __slots__ = ("_make", "inlined")

    def __init__(self, make: Callable[[], Callable[..., Any]]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        if name != "inlined":
            raise AttributeError(name)
        from numba.extending import intrinsic

        self.inlined = intrinsic(self._make())
        return self.inlined

    def __call__(self, *args: Any) -> Any:
        raise TypeError("an instruction is called by kernels only")


def kernel(**options: Any) -> Callable[[Callable[..., Any]], Kernel]:
    """Declare a loop to be compiled lazily: no Python objects, no GIL, NumPy's division.

    Parameters
    ----------
    **options
        Passed to ``numba.njit``, over ``nogil=True, cache=True, error_model="numpy"``.
    """
    chosen = {"nogil": True, "cache": True, "error_model": "numpy", **options}
    return lambda function: Kernel(function, chosen)


def suits(array: Any, *others: Any) -> bool:
    """True if kernels take these arrays: row-major float32 or float64, all of one dtype."""
    dtype = array.dtype
    if dtype.char not in "fd" or not array.flags.c_contiguous:
        return False
    for other in others:
        if other.dtype is not dtype or not other.flags.c_contiguous:
            return False
    return True
