"""Changing the dtype of a tensor, and where it lies."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, wrap
from ..dtypes import bfloat16, is_differentiable, resolve
from ..errors import ArgumentError, ShapeError, compose
from ..samples import Draw
from .bind import method


@primitive("astype", complex=True, samples=lambda draw: _samples(draw))
def _astype(x: Any, *, dtype: np.dtype[Any]) -> Any:
    return x.astype(dtype)


@_astype.rule
def _(g, y, x, *, dtype):  # the engine brings a gradient to its input's dtype
    return (g,)


def _samples(draw: Draw) -> list[Any]:
    return [draw.sample(draw(*shape), dtype=np.dtype(np.float64)) for shape in [(3, 4), ()]]


@method("astype")
def astype(input: Tensor, dtype: Any) -> Tensor:
    """The tensor in another dtype; the same tensor if it has that dtype already.

    Parameters
    ----------
    input : Tensor
    dtype : dtype
        A dtype, or what names one (``"float64"``).

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1.5, 2.5]).astype(lucid.int64)
    Tensor([1, 2])
    """
    wanted = resolve(dtype, "astype")
    if input.dtype == wanted:
        return input
    if isinstance(input, Tensor) and not is_differentiable(wanted):
        input = input.detach()  # integers carry no gradient
    result: Tensor = apply(_astype, input, dtype=wanted)
    return result


@method("type")
def type_(input: Tensor, dtype: Any = None) -> Any:
    """The tensor in another dtype, or the name of its type if none is given.

    Parameters
    ----------
    input : Tensor
    dtype : dtype or str, optional
        A dtype, or the name of a tensor's type (``"lucid.DoubleTensor"``).

    Returns
    -------
    Tensor or str

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([1.5, 2.5])
    >>> x.type(), x.type("lucid.LongTensor")
    ('lucid.FloatTensor', Tensor([1, 2]))
    """
    if dtype is None:
        return type_name(input.dtype)
    if isinstance(dtype, str) and dtype.endswith("Tensor"):
        kind = dtype.rpartition(".")[2].removesuffix("Tensor")
        dtype = next((name for name, word in _TYPES.items() if word == kind), dtype)
    return astype(input, dtype)


_TYPES = {
    "bool": "Bool",
    "uint8": "Byte",
    "int8": "Char",
    "int16": "Short",
    "int32": "Int",
    "int64": "Long",
    "float16": "Half",
    "bfloat16": "BFloat16",
    "float32": "Float",
    "float64": "Double",
    "complex64": "ComplexFloat",
    "complex128": "ComplexDouble",
}


def type_name(dtype: np.dtype[Any]) -> str:
    """The name that PyTorch gives to tensors of a dtype, such as ``"lucid.FloatTensor"``."""
    return f"lucid.{_TYPES.get(dtype.name, dtype.name)}Tensor"


@method("type_as")
def type_as(input: Tensor, other: Tensor) -> Tensor:
    """The tensor in the dtype of another.

    Parameters
    ----------
    input, other : Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1, 2]).type_as(lucid.zeros(1))
    Tensor([1.0000, 2.0000])
    """
    return astype(input, other.dtype)


def reinterpreted(input: Tensor, dtype: np.dtype[Any]) -> Tensor:
    """The bytes of a tensor read as elements of another dtype: ``x.view(dtype)``.

    Raises
    ------
    ShapeError
        If the last dimension does not divide into the new elements, or has gaps.
    """
    array = input.data
    try:
        return wrap(array.view(dtype))
    except ValueError as error:
        problem = f"{array.dtype} cannot be read as {dtype}: the last dimension must be"
        problem += " contiguous, and its bytes a multiple of the new element's"
        seen = {"input": input, "dtype": dtype}
        raise ShapeError(compose("view", problem, seen, "x.contiguous()")) from error


@method("to")
def to(input: Tensor, *args: Any, dtype: Any = None, device: str | None = None) -> Tensor:
    """The tensor in another dtype or on another device.

    Parameters
    ----------
    input : Tensor
    *args : dtype, str or Tensor
        A dtype, a device (``"cpu"``), or a tensor whose dtype is taken.
    dtype, device : optional
        The same by name.

    Raises
    ------
    ArgumentError
        If the device is not ``"cpu"``.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1, 2]).to("cpu", lucid.float32)
    Tensor([1.0000, 2.0000])
    """
    wanted = destination("to", args, dtype, device)
    return input if wanted is None else astype(input, wanted)


def destination(where: str, args: tuple[Any, ...], dtype: Any, device: Any) -> Any:
    """The dtype that the arguments of `to` ask for, or None for the one there is.

    Raises
    ------
    ArgumentError
        If the device is not ``"cpu"``.
    """
    for arg in args:
        if isinstance(arg, Tensor):
            dtype = arg.dtype
        elif isinstance(arg, str) and arg.partition(":")[0] in ("cpu", "cuda"):
            device = arg
        else:
            dtype = arg
    if device not in (None, "cpu"):
        problem = f"device {device!r} is not available; tensors lie on the CPU"
        raise ArgumentError(compose(where, problem, fix='device="cpu"'))
    return None if dtype is None else resolve(dtype, where)


@method("float")
def to_float32(input: Tensor) -> Tensor:
    """The tensor in float32."""
    return astype(input, np.float32)


@method("double")
def to_float64(input: Tensor) -> Tensor:
    """The tensor in float64."""
    return astype(input, np.float64)


@method("half")
def to_float16(input: Tensor) -> Tensor:
    """The tensor in float16."""
    return astype(input, np.float16)


@method("bfloat16")
def to_bfloat16(input: Tensor) -> Tensor:
    """The tensor in bfloat16 (needs the package ml_dtypes)."""
    return astype(input, bfloat16())


@method("cfloat")
def to_complex64(input: Tensor) -> Tensor:
    """The tensor in complex64."""
    return astype(input, np.complex64)


@method("cdouble")
def to_complex128(input: Tensor) -> Tensor:
    """The tensor in complex128."""
    return astype(input, np.complex128)


@method("int")
def to_int32(input: Tensor) -> Tensor:
    """The tensor in int32."""
    return astype(input, np.int32)


@method("short")
def to_int16(input: Tensor) -> Tensor:
    """The tensor in int16."""
    return astype(input, np.int16)


@method("char")
def to_int8(input: Tensor) -> Tensor:
    """The tensor in int8."""
    return astype(input, np.int8)


@method("byte")
def to_uint8(input: Tensor) -> Tensor:
    """The tensor in uint8."""
    return astype(input, np.uint8)


@method("long")
def to_int64(input: Tensor) -> Tensor:
    """The tensor in int64."""
    return astype(input, np.int64)


@method("bool")
def to_bool(input: Tensor) -> Tensor:
    """The tensor in bool: what is not zero is True."""
    return astype(input, np.bool_)


@method("cpu")
def cpu(input: Tensor) -> Tensor:
    """The tensor on the CPU, where it is already."""
    return input
