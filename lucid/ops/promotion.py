"""Brings the operands of an op to one dtype, by PyTorch's rules (see `lucid.dtypes`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..config import SETTINGS
from ..core.tensor import Tensor, wrap
from ..dtypes import category, complex64, complex128, float64, of_scalar, resolve, wider
from ..errors import DTypeError, compose, not_a_tensor

_KEEPS = {float: "f", int: "fiu"}  # kinds of tensor that a number of this type does not lift


def promote(where: str, a: Any, b: Any) -> tuple[Any, Any]:
    """Two operands of one dtype; equal dtypes, and a number of no higher kind, pass untouched."""
    if isinstance(a, Tensor):
        if isinstance(b, Tensor):
            if a._data.dtype is b._data.dtype:
                return a, b
        elif a._data.dtype.kind in _KEEPS.get(type(b), ""):
            return a, b
    elif isinstance(a, np.ndarray):
        if isinstance(b, np.ndarray):
            if a.dtype is b.dtype:
                return a, b
        elif a.dtype.kind in _KEEPS.get(type(b), ""):
            return a, b
    elif isinstance(b, Tensor | np.ndarray) and b.dtype.kind in _KEEPS.get(type(a), ""):
        return a, b
    first, second = promote_all(where, a, b)
    return first, second


def promote_real(where: str, a: Any, b: Any) -> tuple[Any, Any]:
    """`promote`, for functions to which complex numbers mean nothing.

    Raises
    ------
    DTypeError
        If an operand is complex.
    """
    if isinstance(a, Tensor) and (kind := a._data.dtype.kind) != "c":
        if isinstance(b, Tensor):
            if a._data.dtype is b._data.dtype:
                return a, b
        elif kind in _KEEPS.get(type(b), ""):
            return a, b
    a, b = promote(where, a, b)
    refuse_unordered(where, a if hasattr(a, "dtype") else b)
    return a, b


def promote_floating(where: str, a: Any, b: Any) -> tuple[Any, Any]:
    """Two operands of one floating or complex dtype; numbers stay numbers."""
    a, b = promote(where, a, b)
    if hasattr(a, "dtype"):
        a = floating(a, where)
    if hasattr(b, "dtype"):
        b = floating(b, where)
    return a, b


def promote_all(where: str, *operands: Any) -> list[Any]:
    """Operands (tensors, arrays, Python scalars) cast to the dtype they promote to.

    Python scalars stay scalars unless they lift the category: an integer tensor and a float
    give the default floating dtype.

    Raises
    ------
    DTypeError
        If an operand is neither a tensor, an array nor a number.
    """
    target = result_dtype(where, *operands)
    return [_to(operand, target) for operand in operands]


def result_dtype(where: str, *operands: Any) -> np.dtype[Any]:
    """The dtype that operands promote to: dimensions outrank 0-d, 0-d outranks scalars."""
    best: list[np.dtype[Any] | None] = [None, None, None]
    for operand in operands:
        if isinstance(operand, Tensor | np.ndarray | np.generic):
            tier, dtype = (0 if operand.ndim else 1), operand.dtype
        elif isinstance(operand, bool | int | float | complex):
            tier, dtype = 2, of_scalar(operand)
        else:
            problem = f"takes tensors and numbers, not {type(operand).__name__}"
            fix = "wrap it: lucid.tensor(value)"
            raise DTypeError(compose(where, problem, {"operand": operand}, fix))
        current = best[tier]
        best[tier] = dtype if current is None else wider(current, dtype)
    result: np.dtype[Any] | None = None
    for dtype_ in best:
        if dtype_ is None or (result is not None and category(dtype_) <= category(result)):
            continue
        if result is not None and category(result) == 2:  # real beside complex: its own precision
            result = complex128 if result == float64 else complex64
        else:
            result = dtype_
    assert result is not None
    return result


def result_type(tensor1: Any, tensor2: Any) -> np.dtype[Any]:
    """The dtype that two operands of an op are promoted to.

    Parameters
    ----------
    tensor1, tensor2 : Tensor or number
        Tensors with dimensions outrank 0-d ones, and those outrank numbers, unless the lesser
        one is of a higher kind.

    Returns
    -------
    dtype

    Raises
    ------
    DTypeError
        If an operand is neither a tensor nor a number.

    Examples
    --------
    >>> import lucid
    >>> lucid.result_type(lucid.tensor([1, 2]), 1.0)
    dtype('float32')
    >>> lucid.result_type(lucid.tensor([1.0, 2.0]), 1j)
    dtype('complex64')
    """
    return result_dtype("result_type", tensor1, tensor2)


def promote_types(type1: Any, type2: Any) -> np.dtype[Any]:
    """The smallest dtype of the kind and the width of both.

    Parameters
    ----------
    type1, type2 : dtype

    Returns
    -------
    dtype

    Raises
    ------
    DTypeError
        If an argument names no dtype.

    Examples
    --------
    >>> import lucid
    >>> lucid.promote_types(lucid.int64, lucid.float32)
    dtype('float32')
    >>> lucid.promote_types(lucid.complex64, lucid.float64)
    dtype('complex128')
    """
    return wider(resolve(type1, "promote_types"), resolve(type2, "promote_types"))


def can_cast(from_: Any, to: Any) -> bool:
    """Whether a dtype turns into another without the loss of a kind of number.

    Parameters
    ----------
    from_, to : dtype

    Returns
    -------
    bool
        False from complex to real, from floating to whole numbers, and from numbers to bool.
        The width does not count.

    Raises
    ------
    DTypeError
        If an argument names no dtype.

    Examples
    --------
    >>> import lucid
    >>> lucid.can_cast(lucid.float64, lucid.float16), lucid.can_cast(lucid.float16, lucid.int64)
    (True, False)
    """
    return category(resolve(from_, "can_cast")) <= category(resolve(to, "can_cast"))


def _to(operand: Any, dtype: np.dtype[Any]) -> Any:
    if isinstance(operand, Tensor | np.ndarray | np.generic):
        return operand if operand.dtype == dtype else cast(operand, dtype)
    # bfloat16 has no scalar promotion in NumPy, so a scalar beside it becomes a 0-d array
    return operand if dtype.kind != "V" else np.asarray(operand, dtype)


def cast(operand: Any, dtype: np.dtype[Any]) -> Any:
    """`operand` in another dtype; differentiable through `lucid.ops.casting`."""
    return operand.astype(dtype)


def kind_of(where: str, input: Any, name: str = "input") -> str:
    """The kind of a tensor's dtype: one of the letters ``"biufcV"``, V for bfloat16.

    Raises
    ------
    DTypeError
        If it is no tensor.
    """
    try:
        kind: str = input.dtype.kind
    except AttributeError:
        raise not_a_tensor(where, input, name) from None
    return kind


def refuse_unordered(where: str, input: Any) -> None:
    """Refuse complex numbers, which have no order.

    Raises
    ------
    DTypeError
        If `input` is complex.
    """
    if kind_of(where, input) == "c":
        problem = "complex numbers have no order"
        raise DTypeError(compose(where, problem, {"input": input}, "input.abs() or input.real"))


def real_floating(operand: Any, where: str) -> Any:
    """`floating`, for functions to which complex numbers mean nothing.

    Raises
    ------
    DTypeError
        If the operand is complex, or neither a tensor nor an array.
    """
    kind = operand.dtype.kind if hasattr(operand, "dtype") else None
    if kind == "f":
        return operand
    if kind == "c":
        fix = "input.abs() or input.real"
        raise DTypeError(compose(where, "takes real numbers only", {"input": operand}, fix))
    return floating(operand, where)


def floating(operand: Any, where: str = "the function") -> Any:
    """Integers and bools taken to the default floating dtype; anything else as it is.

    Raises
    ------
    DTypeError
        If the operand is neither a tensor nor an array.
    """
    try:
        kind = operand.dtype.kind
    except AttributeError:
        problem = f"takes a tensor, not {type(operand).__name__}"
        fix = "wrap it: lucid.tensor(value)"
        raise DTypeError(compose(where, problem, {"input": operand}, fix)) from None
    if kind in "biu":
        if isinstance(operand, Tensor):
            return wrap(operand.data.astype(SETTINGS.default_dtype))
        return operand.astype(SETTINGS.default_dtype)
    return operand
