"""Random numbers that can be had again: `Generator`, the default one, and its seed.

A generator is NumPy's PCG64DXSM. Every draw is atomic (NumPy holds the generator's lock), so
threads may share one; which thread gets which numbers is then up to the scheduler, and a
program that wants them reproducible gives each thread its own: ``generator.spawn(n)``.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from .core.tensor import Tensor
from .errors import ArgumentError, DTypeError, StateError, compose
from .kernels import jit

_WORD = (1 << 64) - 1
_making = threading.Lock()


class Generator:
    """A stream of random numbers, fixed by its seed.

    Parameters
    ----------
    seed : int, optional
        Any integer of 64 bits, negative ones included; from the operating system if left out.
    device : {"cpu"}, default "cpu"

    Attributes
    ----------
    rng : numpy.random.Generator
        What draws the numbers.

    Raises
    ------
    DTypeError
        If `seed` is not an integer.
    ArgumentError
        If it does not fit in 64 bits, or the device is another one.

    References
    ----------
    M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms
    for Random Number Generation", 2014.

    Examples
    --------
    >>> import lucid
    >>> a, b = lucid.Generator(7), lucid.Generator(7)
    >>> bool((lucid.rand(3, generator=a) == lucid.rand(3, generator=b)).all())
    True
    """

    __slots__ = ("_bits", "_seed", "rng")

    def __init__(self, seed: int | None = None, device: str = "cpu") -> None:
        if device != "cpu":
            problem = f"device {device!r} is not available; numbers are drawn on the CPU"
            raise ArgumentError(compose("Generator", problem))
        self._bits: Any = None
        if seed is None:
            self.seed()
        else:
            self.manual_seed(seed)

    def __getattr__(self, name: str) -> Any:
        # `rng` is made, and numpy.random imported (13 ms), when the first number is wanted.
        if name != "rng":
            raise AttributeError(f"'Generator' object has no attribute {name!r}")
        with _making:
            if self._bits is None:  # else another thread was faster
                bits = np.random.PCG64DXSM(self._seed)
                self.rng = np.random.Generator(bits)
                self._bits = bits
            return self.rng

    @property
    def device(self) -> str:
        """Where numbers are drawn: ``"cpu"``."""
        return "cpu"

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream that belongs to `seed`, and return the generator.

        Raises
        ------
        DTypeError
            If `seed` is not an integer.
        ArgumentError
            If it does not fit in 64 bits.
        """
        if isinstance(seed, bool) or not hasattr(seed, "__index__"):
            raise DTypeError(compose("manual_seed", "a seed must be an integer", {"seed": seed}))
        number = seed.__index__()
        if not -(1 << 63) <= number <= _WORD:
            problem = "a seed must fit in 64 bits"
            raise ArgumentError(compose("manual_seed", problem, {"seed": seed}))
        number &= _WORD
        with _making:
            if self._bits is None:  # `rng` will be made with this seed
                self._seed = number
                return self
        fresh = np.random.PCG64DXSM(number)
        with self._bits.lock:
            self._seed = number
            self._bits.state = fresh.state
        return self

    def seed(self) -> int:
        """Start a stream nobody can foresee, and return its seed."""
        self.manual_seed(int.from_bytes(os.urandom(8)))
        return self._seed

    def initial_seed(self) -> int:
        """The seed that the stream started from."""
        return self._seed

    def get_state(self) -> Any:
        """Where the stream stands, as seven words (uint64) that `set_state` takes back.

        Examples
        --------
        >>> import lucid
        >>> generator = lucid.Generator(0)
        >>> state = generator.get_state()
        >>> first = lucid.rand(2, generator=generator)
        >>> generator.set_state(state)
        >>> bool((lucid.rand(2, generator=generator) == first).all())
        True
        """
        bits = self.rng.bit_generator
        with bits.lock:
            state = bits.state
            seed = self._seed
        position, increment = state["state"]["state"], state["state"]["inc"]
        words = [seed, position >> 64, position & _WORD, increment >> 64, increment & _WORD]
        return np.array([*words, state["has_uint32"], state["uinteger"]], np.uint64)

    def set_state(self, state: Any) -> None:
        """Go on from where another generator, or this one earlier, stood.

        Parameters
        ----------
        state : array or Tensor of shape (7,)
            What `get_state` gave.

        Raises
        ------
        StateError
            If it is not the state of a generator.
        """
        values = np.asarray(state.data if isinstance(state, Tensor) else state)
        if values.shape != (7,) or values.dtype != np.uint64:
            problem = "not the state of a generator: expected seven words, uint64[7]"
            raise StateError(compose("set_state", problem, {"state": values}))
        seed, high, low, inc_high, inc_low, has_uint32, uinteger = values.tolist()
        bits = self.rng.bit_generator
        with bits.lock:
            self._seed = seed
            bits.state = {
                "bit_generator": "PCG64DXSM",
                "state": {"state": high << 64 | low, "inc": inc_high << 64 | inc_low},
                "has_uint32": has_uint32,
                "uinteger": uinteger,
            }

    def spawn(self, count: int) -> list[Generator]:
        """New generators with streams of their own, for threads or workers.

        Their seeds are drawn from this stream: the same state spawns the same children.

        Raises
        ------
        ArgumentError
            If `count` is negative.
        """
        if count < 0:
            raise ArgumentError(compose("spawn", "count must not be negative", {"count": count}))
        seeds = self.rng.integers(0, _WORD, count, dtype=np.uint64, endpoint=True)
        return [Generator(seed) for seed in seeds.tolist()]

    def __repr__(self) -> str:
        return f"Generator(seed={self._seed})"


default_generator = Generator()


class _Stream(threading.local):
    """The generator that stands in for the default one in this thread, where there is one."""

    generator: Generator | None = None


STREAM = _Stream()


def current_generator() -> Generator:
    """What draws where no generator is given: the default one, or what a loader put in its place.

    Examples
    --------
    >>> current_generator() is default_generator
    True
    """
    return STREAM.generator or default_generator


@contextmanager
def drawing_from(generator: Generator) -> Iterator[None]:
    """Within a ``with`` block, and in this thread, let `generator` be the default one.

    Parameters
    ----------
    generator : Generator

    Examples
    --------
    >>> import lucid
    >>> with drawing_from(lucid.Generator(0)):
    ...     x = lucid.rand(2)
    >>> lucid.equal(x, lucid.rand(2, generator=lucid.Generator(0)))
    True
    """
    before, STREAM.generator = STREAM.generator, generator
    try:
        yield
    finally:
        STREAM.generator = before


def manual_seed(seed: int) -> Generator:
    """Seed the default generator, and settle which kernels run: results repeat bit by bit.

    Parameters
    ----------
    seed : int
        Any integer of 64 bits, negative ones included.

    Returns
    -------
    Generator
        The default generator.

    Raises
    ------
    DTypeError
        If `seed` is not an integer.
    ArgumentError
        If it does not fit in 64 bits.

    Examples
    --------
    >>> import lucid
    >>> _ = lucid.manual_seed(0)
    >>> a = lucid.randn(3)
    >>> _ = lucid.manual_seed(0)
    >>> bool((lucid.randn(3) == a).all())
    True
    """
    default_generator.manual_seed(seed)
    jit.settle()
    return default_generator


def seed() -> int:
    """Seed the default generator from the operating system, and return the seed.

    Examples
    --------
    >>> import lucid
    >>> lucid.seed() == lucid.initial_seed()
    True
    """
    return default_generator.seed()


def initial_seed() -> int:
    """The seed that the default generator started from.

    Examples
    --------
    >>> import lucid
    >>> _ = lucid.manual_seed(7)
    >>> lucid.initial_seed()
    7
    """
    return default_generator.initial_seed()


def get_rng_state() -> Any:
    """Where the default generator stands (see `Generator.get_state`).

    Examples
    --------
    >>> import lucid
    >>> state = lucid.get_rng_state()
    >>> first = lucid.rand(3)
    >>> lucid.set_rng_state(state)
    >>> lucid.equal(lucid.rand(3), first)
    True
    """
    return default_generator.get_state()


@contextmanager
def fork_rng(devices: Sequence[Any] = (), enabled: bool = True) -> Iterator[None]:
    """Let the default generator go on, after a ``with`` block, from where it stood before.

    Parameters
    ----------
    devices : sequence, default ()
        GPUs whose generators are meant too, of which there are none.
    enabled : bool, default True
        False lets the block do nothing.

    Raises
    ------
    ArgumentError
        If a device is named.

    Examples
    --------
    >>> import lucid
    >>> with lucid.fork_rng():
    ...     first = lucid.rand(3)
    >>> lucid.equal(lucid.rand(3), first)
    True
    """
    if len(devices):
        problem = "there are no generators but that of the CPU"
        raise ArgumentError(compose("fork_rng", problem, {"devices": devices}, "devices=()"))
    if not enabled:
        yield
        return
    state = default_generator.get_state()
    try:
        yield
    finally:
        default_generator.set_state(state)


def set_rng_state(state: Any) -> None:
    """Set where the default generator stands (see `Generator.set_state`).

    Examples
    --------
    >>> import lucid
    >>> lucid.set_rng_state(lucid.get_rng_state())  # changes nothing
    """
    default_generator.set_state(state)
