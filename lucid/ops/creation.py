"""Making tensors: from data, filled, in ranges."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..config import SETTINGS
from ..core.tensor import Tensor, to_array, wrap
from ..dtypes import of_scalar, resolve
from ..errors import ArgumentError, DTypeError, ShapeError, compose, not_a_tensor
from .bind import method
from .out import into

# ---- from data ------------------------------------------------------------------------


def finish(array: Any, where: str, requires_grad: bool, device: Any = None) -> Tensor:
    """Wrap a new array in a tensor, on the one device there is.

    Raises
    ------
    ArgumentError
        If the device is not ``"cpu"``.
    DTypeError
        If a gradient is asked of a dtype that has none.
    """
    if device is not None and device != "cpu":
        problem = f"device {device!r} is not available; tensors lie on the CPU"
        raise ArgumentError(compose(where, problem, fix='device="cpu"'))
    made = wrap(array)
    if requires_grad is not False:
        made.requires_grad = requires_grad
    return made


def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor with a copy of `data`; the kind of number is kept.

    Parameters
    ----------
    data : array_like
        A number, nested lists of numbers (with tensors among them, if you like), an array or
        a tensor.
    dtype : dtype, optional
        By default bools and integers stay what they are (int64), Python floats take the
        default dtype, and arrays keep theirs.
    device : {"cpu"}, optional
    requires_grad : bool, default False
        Record what is done with the tensor.

    Returns
    -------
    Tensor
        A leaf: it shares neither memory nor history with `data`.

    Raises
    ------
    ArgumentError
        If nested lists are ragged.
    DTypeError
        If the data are not numbers, or `requires_grad` is asked of integers.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([[1, 2], [3, 4]])
    Tensor([[1, 2],
            [3, 4]])
    >>> lucid.tensor([1, 2], dtype=lucid.float64, requires_grad=True)
    Tensor([1.0000, 2.0000], dtype=float64, grad=None)
    """
    wanted = None if dtype is None else resolve(dtype, "tensor")
    array = to_array(data, wanted, "tensor")
    return finish(_native(array), "tensor", requires_grad, device)


def _native(array: Any) -> Any:
    """The array in the machine's own byte order, which files may not have."""
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """`data` as a tensor, without a copy where that can be.

    Parameters
    ----------
    data : array_like
        A tensor of the right dtype is returned as it is, history included; an array shares
        its memory with the result.
    dtype : dtype, optional
    device : {"cpu"}, optional

    Returns
    -------
    Tensor

    Raises
    ------
    ArgumentError
        If nested lists are ragged.
    DTypeError
        If the data are not numbers.

    Examples
    --------
    >>> import lucid, numpy as np
    >>> array = np.zeros(2)
    >>> x = lucid.as_tensor(array)
    >>> array[0] = 1.0
    >>> print(x)
    [1.0000, 0.0000]
    """
    wanted = None if dtype is None else resolve(dtype, "as_tensor")
    if isinstance(data, Tensor):
        return data if wanted is None else data.astype(wanted)
    if isinstance(data, np.ndarray) and data.dtype.kind in "biufc" and data.dtype.isnative:
        array = data if wanted is None else data.astype(wanted, copy=False)
    else:
        array = _native(to_array(data, wanted, "as_tensor"))
    return finish(array, "as_tensor", False, device)


def asarray(
    obj: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    copy: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """`obj` as a tensor; `copy` says whether memory may, must or must not be shared.

    Parameters
    ----------
    obj : array_like
    dtype : dtype, optional
    device : {"cpu"}, optional
    copy : bool, optional
        True always copies, False never does, None shares memory where that can be.
    requires_grad : bool, default False

    Returns
    -------
    Tensor
        Without history.

    Raises
    ------
    ArgumentError
        If ``copy=False`` and sharing is impossible.

    Examples
    --------
    >>> import lucid
    >>> lucid.asarray([1.0, 2.0])
    Tensor([1.0000, 2.0000])
    """
    source = obj.data if isinstance(obj, Tensor) else obj
    array = as_tensor(source, dtype).data
    shared = isinstance(source, np.ndarray) and np.shares_memory(array, source)
    if copy is False and not shared and array.size:
        problem = "the data cannot be shared, and copy=False forbids a copy"
        raise ArgumentError(compose("asarray", problem, {"obj": obj, "dtype": dtype}))
    return finish(array.copy() if copy and shared else array, "asarray", requires_grad, device)


def from_numpy(array: Any) -> Tensor:
    """A tensor that shares the memory of a NumPy array: a change of one shows in the other.

    Parameters
    ----------
    array : numpy.ndarray

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError
        If `array` is no NumPy array of numbers.

    Examples
    --------
    >>> import lucid, numpy as np
    >>> lucid.from_numpy(np.array([1, 2]))
    Tensor([1, 2])
    """
    if not isinstance(array, np.ndarray):
        problem = f"takes a NumPy array, not {type(array).__name__}"
        raise DTypeError(compose("from_numpy", problem, fix="lucid.tensor(data)"))
    numeric = array.dtype.kind in "biufc" or array.dtype.name == "bfloat16"
    if not numeric or not array.dtype.isnative:
        problem = f"cannot share an array of dtype {array.dtype}"
        raise DTypeError(compose("from_numpy", problem, {"array": array}, "lucid.tensor(array)"))
    return wrap(array)


# ---- filled ---------------------------------------------------------------------------


def lengths(where: str, size: tuple[Any, ...]) -> tuple[int, ...]:
    """The lengths of a new tensor, given one by one or as one sequence.

    Raises
    ------
    DTypeError
        If one is not an integer.
    ShapeError
        If one is negative.
    """
    if len(size) == 1 and isinstance(size[0], tuple | list):
        size = tuple(size[0])
    try:
        shape = tuple(n.__index__() for n in size)
    except AttributeError as error:
        problem = "lengths must be integers"
        raise DTypeError(compose(where, problem, {"size": size})) from error
    if any(n < 0 for n in shape):
        raise ShapeError(compose(where, "lengths must not be negative", {"size": shape}))
    return shape


def _dtype_or_default(dtype: Any, where: str) -> np.dtype[Any]:
    return SETTINGS.default_dtype if dtype is None else resolve(dtype, where)


def zeros(
    *size: Any,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """A tensor of zeros.

    Parameters
    ----------
    *size : int
        The lengths, given one by one or as one sequence.
    dtype : dtype, optional
        The default dtype unless given.
    device : {"cpu"}, optional
    requires_grad : bool, default False
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If a length is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.zeros(2, 3)
    Tensor([[0.0000, 0.0000, 0.0000],
            [0.0000, 0.0000, 0.0000]])
    """
    if out is not None:
        return into(zeros, locals())
    array = np.zeros(lengths("zeros", size), _dtype_or_default(dtype, "zeros"))
    return finish(array, "zeros", requires_grad, device)


def ones(
    *size: Any,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """A tensor of ones (parameters as for `zeros`).

    Examples
    --------
    >>> import lucid
    >>> lucid.ones(3, dtype=lucid.int64)
    Tensor([1, 1, 1])
    """
    if out is not None:
        return into(ones, locals())
    array = np.ones(lengths("ones", size), _dtype_or_default(dtype, "ones"))
    return finish(array, "ones", requires_grad, device)


def empty(
    *size: Any,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """A tensor whose values are whatever its memory held (parameters as for `zeros`).

    Examples
    --------
    >>> import lucid
    >>> lucid.empty(2, 3).shape
    (2, 3)
    """
    if out is not None:
        return into(empty, locals())
    array = np.empty(lengths("empty", size), _dtype_or_default(dtype, "empty"))
    return finish(array, "empty", requires_grad, device)


def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """A tensor filled with one value.

    Parameters
    ----------
    size : int or sequence of int
    fill_value : number or 0-d Tensor
    dtype : dtype, optional
        By default that of the value: bool, int64, or the default dtype.
    device : {"cpu"}, optional
    requires_grad : bool, default False
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If a length is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.full((2, 2), 0.5)
    Tensor([[0.5000, 0.5000],
            [0.5000, 0.5000]])
    """
    if out is not None:
        return into(full, locals())
    value, own = _scalar("full", fill_value)
    array = np.full(
        lengths("full", (size,)), value, own if dtype is None else resolve(dtype, "full")
    )
    return finish(array, "full", requires_grad, device)


def _scalar(where: str, value: Any) -> tuple[Any, np.dtype[Any]]:
    """A number as Python has it, and the dtype that it brings along."""
    if isinstance(value, bool | int | float | complex) and not isinstance(value, np.generic):
        return value, of_scalar(value)
    dtype = getattr(value, "dtype", None)
    if dtype is None or getattr(value, "size", None) is None or value.ndim:
        problem = "takes a number or a 0-d tensor"
        raise DTypeError(compose(where, problem, {"value": value}))
    return value.item(), dtype


def dtype_like(where: str, input: Any, dtype: Any) -> np.dtype[Any]:
    """The dtype that was asked for, or that of a tensor.

    Raises
    ------
    DTypeError
        If `input` is no tensor.
    """
    try:
        own: np.dtype[Any] = input.dtype
    except AttributeError:
        raise not_a_tensor(where, input) from None
    return own if dtype is None else resolve(dtype, where)


def zeros_like(
    input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Zeros in the shape and dtype of `input`.

    Parameters
    ----------
    input : Tensor
    dtype : dtype, optional
        By default that of `input`.
    device : {"cpu"}, optional
    requires_grad : bool, default False

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.zeros_like(lucid.tensor([1, 2]))
    Tensor([0, 0])
    """
    chosen = dtype_like("zeros_like", input, dtype)
    return finish(np.zeros(input.shape, chosen), "zeros_like", requires_grad, device)


def ones_like(
    input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Ones in the shape and dtype of `input` (parameters as for `zeros_like`).

    Examples
    --------
    >>> import lucid
    >>> lucid.ones_like(lucid.tensor([1.5, 2.5]))
    Tensor([1.0000, 1.0000])
    """
    chosen = dtype_like("ones_like", input, dtype)
    return finish(np.ones(input.shape, chosen), "ones_like", requires_grad, device)


def empty_like(
    input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Whatever memory held, in the shape and dtype of `input` (as for `zeros_like`).

    Examples
    --------
    >>> import lucid
    >>> lucid.empty_like(lucid.tensor([1, 2])).dtype
    dtype('int64')
    """
    chosen = dtype_like("empty_like", input, dtype)
    return finish(np.empty(input.shape, chosen), "empty_like", requires_grad, device)


def full_like(
    input: Tensor,
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """One value in the shape and dtype of `input` (parameters as for `zeros_like`).

    Examples
    --------
    >>> import lucid
    >>> lucid.full_like(lucid.tensor([1.0, 2.0]), 7)
    Tensor([7.0000, 7.0000])
    """
    chosen = dtype_like("full_like", input, dtype)
    value, _ = _scalar("full_like", fill_value)
    return finish(np.full(input.shape, value, chosen), "full_like", requires_grad, device)


def scalar_tensor(
    s: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A 0-d tensor with one number.

    Parameters
    ----------
    s : number
    dtype : dtype, optional
        The default dtype unless given, for integers too.
    device : {"cpu"}, optional
    requires_grad : bool, default False

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.scalar_tensor(2)
    Tensor(2.0000)
    """
    value, _ = _scalar("scalar_tensor", s)
    array = np.asarray(value, _dtype_or_default(dtype, "scalar_tensor"))
    return finish(array, "scalar_tensor", requires_grad, device)


# ---- like a tensor at hand --------------------------------------------------------------


@method("new_tensor")
def _new_tensor(
    input: Tensor,
    data: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`data` as a tensor of this tensor's dtype."""
    chosen = input.dtype if dtype is None else dtype
    return tensor(data, dtype=chosen, device=device, requires_grad=requires_grad)


@method("new_zeros")
def _new_zeros(
    input: Tensor,
    *size: Any,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Zeros of this tensor's dtype."""
    chosen = input.dtype if dtype is None else dtype
    return zeros(*size, dtype=chosen, device=device, requires_grad=requires_grad)


@method("new_ones")
def _new_ones(
    input: Tensor,
    *size: Any,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Ones of this tensor's dtype."""
    chosen = input.dtype if dtype is None else dtype
    return ones(*size, dtype=chosen, device=device, requires_grad=requires_grad)


@method("new_empty")
def _new_empty(
    input: Tensor,
    *size: Any,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Unset memory of this tensor's dtype."""
    chosen = input.dtype if dtype is None else dtype
    return empty(*size, dtype=chosen, device=device, requires_grad=requires_grad)


@method("new_full")
def _new_full(
    input: Tensor,
    size: Any,
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """One value, in this tensor's dtype."""
    chosen = input.dtype if dtype is None else dtype
    return full(size, fill_value, dtype=chosen, device=device, requires_grad=requires_grad)
