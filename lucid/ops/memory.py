"""Tensors over memory that is given: buffers, files, other libraries, or laid out by strides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..config import SETTINGS
from ..core.tensor import Tensor, wrap
from ..dtypes import resolve
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from .bind import method
from .creation import finish, lengths
from .strided import _overlaps


def frombuffer(
    buffer: Any,
    *,
    dtype: Any,
    count: int = -1,
    offset: int = 0,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor that reads the memory of a buffer: bytes, a bytearray, an `array.array`.

    Parameters
    ----------
    buffer : object with the buffer protocol
        Of `bytes` and the like, which do not change, the tensor cannot be written to.
    dtype : dtype
    count : int, default -1
        Number of elements; -1 for as many as there are.
    offset : int, default 0
        Bytes to leave out at the beginning.
    requires_grad : bool, default False

    Returns
    -------
    Tensor of shape (count,)

    Raises
    ------
    ArgumentError
        If the buffer is empty, its length is no multiple of an element's, or it holds fewer
        elements than `count`.
    DTypeError
        If the object is no buffer.

    Examples
    --------
    >>> import lucid
    >>> memory = bytearray([1, 2, 3, 4])
    >>> x = lucid.frombuffer(memory, dtype=lucid.uint8, offset=1)
    >>> memory[3] = 7
    >>> x
    Tensor([2, 3, 7], dtype=uint8)
    """
    chosen = resolve(dtype, "frombuffer")
    seen = {"bytes": None, "dtype": chosen, "count": count, "offset": offset}
    try:
        seen["bytes"] = memoryview(buffer).nbytes
        array = np.frombuffer(buffer, chosen, count, offset)
    except TypeError as error:
        problem = f"takes an object with a buffer, not {type(buffer).__name__}"
        raise DTypeError(compose("frombuffer", problem, fix="lucid.tensor(data)")) from error
    except ValueError as error:
        raise ArgumentError(compose("frombuffer", str(error), seen)) from error
    return finish(array, "frombuffer", requires_grad)


def from_file(
    filename: str | Path, shared: bool = False, size: int = 0, *, dtype: Any = None
) -> Tensor:
    """A tensor whose elements lie in a file, from its beginning; they are read when needed.

    Parameters
    ----------
    filename : str or Path
    shared : bool, default False
        Changes of the tensor go to the file, which is made, or made longer, where needed.
        Without it they stay in memory.
    size : int, default 0
        Number of elements.
    dtype : dtype, optional
        The default dtype unless given.

    Returns
    -------
    Tensor of shape (size,)

    Raises
    ------
    ArgumentError
        If the file holds fewer elements, and is not shared.
    FileNotFoundError
        If there is no such file, and it is not shared.

    Examples
    --------
    >>> import lucid, tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "numbers"
    >>> _ = path.write_bytes(bytes([1, 2, 3]))
    >>> lucid.from_file(path, size=2, dtype=lucid.uint8)
    Tensor([1, 2], dtype=uint8)
    """
    chosen = SETTINGS.default_dtype if dtype is None else resolve(dtype, "from_file")
    (count,) = lengths("from_file", (size,))
    path = Path(filename)
    if shared:
        path.touch()
    held = path.stat().st_size // chosen.itemsize
    if not count:
        return wrap(np.empty(0, chosen))
    if held < count and not shared:
        problem = f"the file holds {held} elements, fewer than size"
        seen = {"filename": str(path), "size": count, "dtype": chosen}
        raise ArgumentError(compose("from_file", problem, seen, "shared=True makes it longer"))
    mapped = np.memmap(path, chosen, "r+" if shared else "c", shape=(count,))
    return wrap(np.asarray(mapped))


def from_dlpack(ext_tensor: Any) -> Tensor:
    """A tensor that shares the memory of another library's, by the DLPack protocol.

    Parameters
    ----------
    ext_tensor : object with ``__dlpack__``
        On the CPU.

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError
        If the object does not know the protocol, or NumPy not its dtype or device.

    Examples
    --------
    >>> import lucid, numpy as np
    >>> lucid.from_dlpack(np.array([1.0, 2.0]))
    Tensor([1.0000, 2.0000], dtype=float64)
    """
    try:
        return wrap(np.from_dlpack(ext_tensor))
    except (AttributeError, BufferError, TypeError, RuntimeError) as error:
        problem = f"cannot read a {type(ext_tensor).__name__} by DLPack: {error}"
        raise DTypeError(compose("from_dlpack", problem, fix="lucid.tensor(data)")) from error


# ---- laid out by strides ------------------------------------------------------------------


def empty_strided(
    size: Sequence[int],
    stride: Sequence[int],
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor whose elements lie in new memory at given steps; its values are not set.

    Parameters
    ----------
    size : sequence of int
    stride : sequence of int
        Step between neighbours along every dimension, in elements. Where elements share
        their place the tensor cannot be written to.
    dtype : dtype, optional
        The default dtype unless given.
    device : {"cpu"}, optional
    requires_grad : bool, default False

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `size` and `stride` do not pair up, or one is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.empty_strided((2, 3), (1, 2)).stride()
    (1, 2)
    """
    shape, steps = lengths("empty_strided", (size,)), lengths("empty_strided", (stride,))
    if len(shape) != len(steps):
        problem = "size and stride must have equal lengths"
        raise ShapeError(compose("empty_strided", problem, {"size": shape, "stride": steps}))
    chosen = SETTINGS.default_dtype if dtype is None else resolve(dtype, "empty_strided")
    reach = 1 + sum((n - 1) * step for n, step in zip(shape, steps, strict=True))
    memory = np.empty(reach if math.prod(shape) else 0, chosen)
    bytes_ = tuple(step * chosen.itemsize for step in steps)
    array = np.lib.stride_tricks.as_strided(memory, shape, bytes_)
    if _overlaps(shape, steps):
        array.flags.writeable = False
    return finish(array, "empty_strided", requires_grad, device)


def empty_permuted(
    size: Sequence[int],
    physical_layout: Sequence[int],
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor whose dimensions lie in memory in another order; its values are not set.

    Parameters
    ----------
    size : sequence of int
    physical_layout : sequence of int
        The dimensions from that of the largest step to that of the smallest.
    dtype : dtype, optional
        The default dtype unless given.
    device : {"cpu"}, optional
    requires_grad : bool, default False

    Returns
    -------
    Tensor

    Raises
    ------
    ArgumentError
        If not every dimension is named once.

    Examples
    --------
    >>> import lucid
    >>> lucid.empty_permuted((2, 3), (1, 0)).stride()
    (1, 2)
    """
    shape, order = lengths("empty_permuted", (size,)), tuple(physical_layout)
    if sorted(order) != list(range(len(shape))):
        problem = f"every one of the {len(shape)} dimensions must be named once"
        seen = {"size": shape, "physical_layout": physical_layout}
        raise ArgumentError(compose("empty_permuted", problem, seen))
    steps, step = [0] * len(shape), 1
    for dim in reversed(order):
        steps[dim], step = step, step * shape[dim]
    return empty_strided(
        shape, [max(n, 1) for n in steps], dtype=dtype, device=device, requires_grad=requires_grad
    )


@method("new_empty_strided")
def _new_empty_strided(
    input: Tensor,
    size: Sequence[int],
    stride: Sequence[int],
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Unset memory of this tensor's dtype, at given steps."""
    chosen = input.dtype if dtype is None else dtype
    return empty_strided(size, stride, dtype=chosen, device=device, requires_grad=requires_grad)
