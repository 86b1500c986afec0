"""Names of the dtypes, the default one, and how mixed dtypes promote.

A dtype of Lucid is a NumPy dtype: ``x.dtype == lucid.float32`` and ``x.dtype == "float32"``
both hold. Promotion goes by category as PyTorch has it (bool < integer < float < complex):
within a category the wider wins, a tensor with dimensions outranks a 0-d one, and Python
scalars never widen a tensor.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .config import SETTINGS
from .errors import DTypeError, compose

bool_ = np.dtype(np.bool_)
uint8 = np.dtype(np.uint8)
int8 = np.dtype(np.int8)
int16 = np.dtype(np.int16)
int32 = np.dtype(np.int32)
int64 = np.dtype(np.int64)
float16 = np.dtype(np.float16)
float32 = np.dtype(np.float32)
float64 = np.dtype(np.float64)
complex64 = np.dtype(np.complex64)
complex128 = np.dtype(np.complex128)

_COMPLEX_OF: dict[np.dtype[Any], np.dtype[Any]] = {float64: complex128}
_RANK = {"b": 0, "u": 1, "i": 1, "f": 2, "V": 2, "c": 3}  # V: bfloat16


def bfloat16() -> np.dtype[Any]:
    """The bfloat16 dtype, which NumPy gets from the package `ml_dtypes`.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1.0]).to(lucid.bfloat16()).element_size()  # doctest: +SKIP
    2
    """
    try:
        import ml_dtypes
    except ImportError as error:
        problem = "bfloat16 needs the package ml_dtypes, which is not installed"
        raise DTypeError(compose("bfloat16", problem, fix="pip install ml_dtypes")) from error
    return np.dtype(ml_dtypes.bfloat16)


def resolve(dtype: Any, where: str = "dtype") -> np.dtype[Any]:
    """Turn whatever names a dtype (``lucid.float32``, ``"float32"``, ``float``) into one.

    Examples
    --------
    >>> resolve("int64")
    dtype('int64')
    >>> resolve(float)  # Python's types stand for the defaults of their kind
    dtype('float32')
    """
    if isinstance(dtype, np.dtype):
        return dtype
    if dtype is float:
        return SETTINGS.default_dtype
    if isinstance(dtype, str) and dtype == "bfloat16":
        return bfloat16()
    if dtype is not None:
        try:
            return np.dtype(dtype)
        except TypeError:
            pass
    fix = "one of lucid.float32, lucid.float64, lucid.int64, lucid.bool, ..."
    raise DTypeError(compose(where, f"{dtype!r} does not name a dtype", fix=fix))


def is_floating(dtype: np.dtype[Any]) -> bool:
    """True for float16, bfloat16, float32 and float64."""
    return dtype.kind == "f" or dtype.name == "bfloat16"


def is_differentiable(dtype: np.dtype[Any]) -> bool:
    """True for the dtypes that can carry a gradient: floating and complex ones."""
    return dtype.kind in "fc" or dtype.name == "bfloat16"


def get_default_dtype() -> np.dtype[Any]:
    """The dtype that Python floats take when they become tensors (float32 at the start).

    Examples
    --------
    >>> get_default_dtype()
    dtype('float32')
    """
    return SETTINGS.default_dtype


def set_default_dtype(dtype: Any) -> None:
    """Set the dtype that Python floats take when they become tensors.

    Parameters
    ----------
    dtype : dtype
        A floating dtype.

    Raises
    ------
    DTypeError
        If `dtype` is not a floating dtype.

    Examples
    --------
    >>> set_default_dtype(float64)
    >>> get_default_dtype()
    dtype('float64')
    >>> set_default_dtype(float32)
    """
    resolved = resolve(dtype, "set_default_dtype")
    if not is_floating(resolved):
        problem = f"the default dtype must be a floating dtype, not {resolved}"
        raise DTypeError(compose("set_default_dtype", problem, fix="lucid.float32 or float64"))
    SETTINGS.default_dtype = resolved


def category(dtype: np.dtype[Any]) -> int:
    """Rank of a dtype's kind: 0 bool, 1 integer, 2 floating, 3 complex."""
    return _RANK[dtype.kind]


def wider(a: np.dtype[Any], b: np.dtype[Any]) -> np.dtype[Any]:
    """Promotion of two dtypes of equal standing (`float16` with `bfloat16` is float32).

    Examples
    --------
    >>> wider(int64, float16)  # the category decides, not the size
    dtype('float16')
    >>> wider(float32, float64)
    dtype('float64')
    """
    if a == b:
        return a
    rank_a, rank_b = category(a), category(b)
    if rank_a == rank_b or {rank_a, rank_b} == {2, 3}:  # complex64 with float64: complex128
        if a.itemsize == b.itemsize == 2 and "V" in (a.kind, b.kind):
            return float32  # each half holds numbers that the other does not
        return np.promote_types(a, b)
    return a if rank_a > rank_b else b


def of_scalar(value: object) -> np.dtype[Any]:
    """The dtype that a bare Python scalar takes."""
    if isinstance(value, bool):
        return bool_
    if isinstance(value, int):
        return int64
    if isinstance(value, complex):
        return _COMPLEX_OF.get(SETTINGS.default_dtype, complex64)
    return SETTINGS.default_dtype
