"""Batches on their way from one process to another.

What is small travels through a pipe, pickled. Large arrays are written beside it, to a file in
memory (``/dev/shm`` where there is one), which the receiver maps and removes at once: their
bytes are copied a single time, and nothing is left behind. Where that memory is full, or there
is none, they take the pipe.

`Tensor` refuses to be pickled, since loading a pickle from elsewhere runs code. Here both ends
are the same program, and its own pickler takes tensors as arrays.
"""

from __future__ import annotations

import io
import mmap
import os
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.tensor import Tensor, new
from ..errors import GradError, compose

LARGE = 64 << 10  # bytes from which an array is better off in a file
_LINE = 64  # arrays start at multiples of it, as vector instructions like them


class _Pickler(pickle.Pickler):
    """Takes tensors as their arrays."""

    def reducer_override(self, obj: Any) -> Any:
        if not isinstance(obj, Tensor):
            return NotImplemented
        if not obj.is_leaf:
            problem = "a tensor with a history cannot go to another process"
            fix = "return x.detach() from the dataset"
            raise GradError(compose("DataLoader", problem, {"tensor": obj}, fix))
        array = obj.data if obj.data.flags.c_contiguous else obj.data.copy()
        return _tensor, (type(obj), array, obj.requires_grad)


def _tensor(cls: type[Tensor], array: Any, requires_grad: bool) -> Tensor:
    twin = new(cls)
    twin._data, twin._grad, twin._node = np.asarray(array), None, None
    twin.requires_grad = requires_grad
    return twin


def pack(value: Any, aside: Callable[[pickle.PickleBuffer], Any] | None = None) -> bytes:
    """Pickle a value that may hold tensors.

    Parameters
    ----------
    value : object
    aside : callable, optional
        Takes the memory of an array and returns something false, or true to leave it in.

    Examples
    --------
    >>> import lucid, pickle
    >>> pickle.loads(pack({"x": lucid.tensor([1.0, 2.0])}))
    {'x': Tensor([1.0000, 2.0000])}
    """
    stream = io.BytesIO()
    _Pickler(stream, 5, buffer_callback=aside).dump(value)
    return stream.getvalue()


class Parcel:
    """An object as it is, which `pack` pickles where it must travel: not to a forked process.

    Examples
    --------
    >>> import lucid, pickle
    >>> pickle.loads(pickle.dumps(Parcel(lucid.tensor([1.0])))).content
    Tensor([1.0000])
    """

    def __init__(self, content: Any) -> None:
        self.content = content

    def __reduce__(self) -> Any:
        return _opened, (pack(self.content),)


def _opened(stream: bytes) -> Parcel:
    return Parcel(pickle.loads(stream))


def message(value: Any, path: str) -> tuple[Any, ...]:
    """What to send through the pipe; large arrays are now in the file `path`."""
    large: list[memoryview] = []

    def aside(buffer: pickle.PickleBuffer) -> bool:
        raw = buffer.raw()
        if raw.nbytes >= LARGE:
            large.append(raw)
        return raw.nbytes < LARGE

    stream = pack(value, aside)
    if not large:
        return stream, None, ()
    if not _written(path, large):
        return pack(value), None, ()
    return stream, path, tuple(raw.nbytes for raw in large)


def opened(parts: tuple[Any, ...]) -> Any:
    """The value behind a message. Its file, if it has one, is gone afterwards."""
    stream, path, sizes = parts
    return pickle.loads(stream, buffers=_mapped(path, sizes) if path else ())


def discard(parts: tuple[Any, ...]) -> None:
    """Remove the file of a message that nobody wants any more."""
    if parts[1] and os.path.exists(parts[1]):
        os.unlink(parts[1])


def _written(path: str, arrays: list[memoryview]) -> bool:
    """Write arrays one after another; False if there is no room for them."""
    try:
        with open(path, "xb", buffering=0) as file:
            for raw in arrays:
                left = raw
                while len(left):  # one call writes 2 GB at most
                    left = left[file.write(left) :]
                file.seek(-raw.nbytes % _LINE, os.SEEK_CUR)
            file.truncate(file.tell())
    except OSError:
        if os.path.exists(path):
            os.unlink(path)
        return False
    return True


def _mapped(path: str, sizes: tuple[int, ...]) -> list[memoryview]:
    """The arrays of a file, as memory that may be written to and ends with its last user."""
    with open(path, "r+b") as file:
        if os.name == "nt":  # a mapped file cannot be removed there
            whole = memoryview(bytearray(file.read()))
        else:
            whole = memoryview(mmap.mmap(file.fileno(), 0))
    os.unlink(path)
    views, start = [], 0
    for size in sizes:
        views.append(whole[start : start + size])
        start += size + -size % _LINE
    return views
