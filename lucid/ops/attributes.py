"""Questions to a tensor that are not mathematics: what it is, and where it lies."""

from __future__ import annotations

from typing import Any, TypeGuard

import numpy as np

from ..core.tensor import Tensor
from ..dtypes import get_default_dtype, resolve
from ..errors import ArgumentError, DTypeError, compose, not_a_tensor
from .bind import method
from .casting import type_name
from .comparison import eq
from .rearranging import flip

# ---- what it is -------------------------------------------------------------------------


def is_tensor(obj: Any) -> TypeGuard[Tensor]:
    """True for a tensor, or an instance of a class derived from it.

    Parameters
    ----------
    obj : object

    Examples
    --------
    >>> import lucid
    >>> lucid.is_tensor(lucid.zeros(2)), lucid.is_tensor([0.0, 0.0])
    (True, False)
    """
    return isinstance(obj, Tensor)


def numel(input: Tensor) -> int:
    """Number of elements.

    Parameters
    ----------
    input : Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.numel(lucid.zeros(2, 3))
    6
    """
    if not isinstance(input, Tensor):
        raise not_a_tensor("numel", input)
    return input.numel()


def typename(obj: Any) -> str:
    """Name of an object's type; for a tensor that of its dtype (see `Tensor.type`).

    Parameters
    ----------
    obj : object

    Examples
    --------
    >>> import lucid
    >>> lucid.typename(lucid.zeros(2)), lucid.typename(3)
    ('lucid.FloatTensor', 'int')
    """
    if isinstance(obj, Tensor):
        return type_name(obj.dtype)
    kind = type(obj)
    module = kind.__module__
    return kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}"


@method("is_nonzero")
def is_nonzero(input: Tensor) -> bool:
    """True if the one element of a tensor is not zero.

    Parameters
    ----------
    input : Tensor
        With one element.

    Raises
    ------
    ArgumentError
        If the tensor has not exactly one element.

    Examples
    --------
    >>> import lucid
    >>> lucid.is_nonzero(lucid.tensor([0.5]))
    True
    """
    if not isinstance(input, Tensor):
        raise not_a_tensor("is_nonzero", input)
    if input.numel() != 1:
        problem = f"needs exactly one element, not {input.numel()}"
        raise ArgumentError(compose("is_nonzero", problem, {"input": input}, "x.any() or x.all()"))
    return bool(input)


@method("is_same_size")
def is_same_size(input: Tensor, other: Tensor) -> bool:
    """True if two tensors have one shape.

    Parameters
    ----------
    input, other : Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.is_same_size(lucid.zeros(2, 3), lucid.ones(2, 3))
    True
    """
    for name, value in (("input", input), ("other", other)):
        if not isinstance(value, Tensor):
            raise not_a_tensor("is_same_size", value, name)
    return input.shape == other.shape


@method("ndimension")
def _ndimension(input: Tensor) -> int:
    """Number of dimensions."""
    return input.ndim


@method("__contains__")
def _contains(input: Tensor, element: Any) -> bool:
    """``element in tensor``: True if an element equals it."""
    return bool(eq(input, element).data.any())


@method("__reversed__")
def _reversed(input: Tensor) -> Tensor:
    """``reversed(tensor)``: the parts along the first dimension, in reverse order."""
    return flip(input, 0) if input.ndim else input


@method("__complex__")
def _complex(input: Tensor) -> complex:
    """``complex(tensor)``: the value of a tensor with one element."""
    return complex(input.item())


# ---- where it lies ----------------------------------------------------------------------


def get_default_device() -> str:
    """Where new tensors lie: ``"cpu"``.

    Examples
    --------
    >>> import lucid
    >>> lucid.get_default_device()
    'cpu'
    """
    return "cpu"


@method("get_device")
def get_device(input: Tensor) -> int:
    """The number of the GPU that the tensor lies on; -1 on the CPU.

    Parameters
    ----------
    input : Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.get_device(lucid.zeros(2))
    -1
    """
    if not isinstance(input, Tensor):
        raise not_a_tensor("get_device", input)
    return -1


@method("data_ptr")
def _data_ptr(input: Tensor) -> int:
    """Address of the first element; 0 if there is none."""
    return int(input.data.ctypes.data) if input.data.size else 0


@method("is_set_to")
def is_set_to(input: Tensor, tensor: Tensor) -> bool:
    """True if two tensors are the same elements in the same memory.

    Parameters
    ----------
    input, tensor : Tensor

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([1, 2])
    >>> x.is_set_to(x.detach()), x.is_set_to(x.clone())
    (True, False)
    """
    a, b = input.data, tensor.data
    same = a.shape == b.shape and a.strides == b.strides and a.dtype == b.dtype
    return same and _data_ptr(input) == _data_ptr(tensor)


@method("dim_order")
def _dim_order(input: Tensor) -> tuple[int, ...]:
    """The dimensions from the one of the largest step in memory to that of the smallest."""
    strides = input.data.strides
    return tuple(sorted(range(len(strides)), key=lambda dim: -abs(strides[dim])))


@method("__dlpack__")
def _dlpack(input: Tensor, **options: Any) -> Any:
    """What other libraries read a tensor by (``torch.from_dlpack(x)``); memory is shared."""
    return input.numpy().__dlpack__(**options)


@method("__dlpack_device__")
def _dlpack_device(input: Tensor) -> Any:
    """The device in the terms of DLPack."""
    return input.data.__dlpack_device__()


def _item_size(input: Tensor) -> int:
    """Bytes of one element."""
    return int(input.data.itemsize)


def _lies_on_cpu(input: Tensor) -> bool:
    """True: tensors lie on the CPU."""
    return True


def _lies_on_cuda(input: Tensor) -> bool:
    """False: tensors lie on the CPU."""
    return False


Tensor.itemsize = property(_item_size)  # type: ignore[method-assign, assignment]
Tensor.is_cpu = property(_lies_on_cpu)  # type: ignore[method-assign, assignment]
Tensor.is_cuda = property(_lies_on_cuda)  # type: ignore[method-assign, assignment]


# ---- what dtypes hold -------------------------------------------------------------------


def finfo(type: Any = None) -> Any:
    """The limits of a floating dtype: ``eps``, ``max``, ``min``, ``tiny``, ``bits``, ...

    Parameters
    ----------
    type : dtype, optional
        The default dtype unless given.

    Returns
    -------
    numpy.finfo
        For bfloat16 the like of `ml_dtypes`.

    Raises
    ------
    DTypeError
        If the dtype is not floating.

    Examples
    --------
    >>> import lucid
    >>> lucid.finfo(lucid.float64).bits, lucid.finfo().bits
    (64, 32)
    """
    dtype = get_default_dtype() if type is None else resolve(type, "finfo")
    if dtype.name == "bfloat16":
        import ml_dtypes

        return ml_dtypes.finfo(dtype)
    if dtype.kind not in "fc":
        problem = f"floating dtypes alone have these limits, not {dtype}"
        raise DTypeError(compose("finfo", problem, fix=f"lucid.iinfo(lucid.{dtype})"))
    return np.finfo(dtype)


def iinfo(type: Any) -> Any:
    """The limits of an integer dtype: ``min``, ``max`` and ``bits``.

    Parameters
    ----------
    type : dtype

    Returns
    -------
    numpy.iinfo

    Raises
    ------
    DTypeError
        If the dtype is not an integer one.

    Examples
    --------
    >>> import lucid
    >>> lucid.iinfo(lucid.int8).max
    127
    """
    dtype = resolve(type, "iinfo")
    if dtype.kind not in "iu":
        problem = f"integer dtypes alone have these limits, not {dtype}"
        raise DTypeError(compose("iinfo", problem, fix=f"lucid.finfo(lucid.{dtype})"))
    return np.iinfo(dtype)
