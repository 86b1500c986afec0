"""Tensors that follow a pattern: ranges, the identity, indices of triangles, one-hot rows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..config import SETTINGS
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, wrap
from ..dtypes import resolve
from ..errors import ArgumentError, DTypeError, compose
from ..samples import Draw, Sample
from .creation import finish, lengths
from .out import into
from .promotion import kind_of


def arange(
    start: Any = 0,
    end: Any = None,
    step: Any = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    r"""The numbers from `start` up to `end`, `end` excluded.

    There are :math:`\lceil (end - start) / step \rceil` of them; with one argument they start
    at 0.

    Parameters
    ----------
    start : number, default 0
    end : number
    step : number, default 1
    dtype : dtype, optional
        By default int64 if all three are integers, else the default dtype.
    device : {"cpu"}, optional
    requires_grad : bool, default False
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of shape (count,)

    Raises
    ------
    ArgumentError
        If `step` is zero, or leads away from `end`, or a bound is not finite.

    Examples
    --------
    >>> import lucid
    >>> lucid.arange(5)
    Tensor([0, 1, 2, 3, 4])
    >>> lucid.arange(0, 1, 0.25)
    Tensor([0.0000, 0.2500, 0.5000, 0.7500])
    """
    if out is not None:
        return into(arange, locals())
    if end is None:
        start, end = 0, start
    start, end, step = _span("arange", start, end, step)
    whole = all(isinstance(value, int) for value in (start, end, step))
    count = -((start - end) // step) if whole else math.ceil((end - start) / step)
    chosen = resolve(dtype, "arange") if dtype is not None else None
    if chosen is None:
        chosen = np.dtype(np.int64) if whole else SETTINGS.default_dtype
    # Every element is computed from its own index in full precision, so errors do not add up.
    index = np.arange(count, dtype=np.int64 if whole else np.float64)
    values = index if start == 0 and step == 1 else start + index * step
    return finish(values.astype(chosen, copy=False), "arange", requires_grad, device)


def range(
    start: Any = 0,
    end: Any = None,
    step: Any = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    r"""The numbers from `start` up to `end`, `end` included; `arange` is what Python has.

    There are :math:`\lfloor (end - start) / step \rfloor + 1` of them.

    Parameters
    ----------
    start : number, default 0
    end : number
    step : number, default 1
    dtype : dtype, optional
        The default dtype unless given.
    device : {"cpu"}, optional
    requires_grad : bool, default False
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of shape (count,)

    Raises
    ------
    ArgumentError
        If `step` is zero, or leads away from `end`, or a bound is not finite.

    Examples
    --------
    >>> import lucid
    >>> lucid.range(0, 1, 0.5)
    Tensor([0.0000, 0.5000, 1.0000])
    """
    if out is not None:
        return into(range, locals())
    if end is None:
        start, end = 0, start
    start, end, step = _span("range", start, end, step)
    chosen = SETTINGS.default_dtype if dtype is None else resolve(dtype, "range")
    index = np.arange(math.floor((end - start) / step) + 1)
    return finish((start + index * step).astype(chosen), "range", requires_grad, device)


def _span(where: str, start: Any, end: Any, step: Any) -> tuple[Any, Any, Any]:
    """Start, end and step as Python's numbers, if they lead somewhere."""
    start, end, step = (_number(where, value) for value in (start, end, step))
    seen = {"start": start, "end": end, "step": step}
    if not all(map(math.isfinite, (start, end, step))):
        raise ArgumentError(compose(where, "start, end and step must be finite", seen))
    if step == 0:
        raise ArgumentError(compose(where, "step must not be zero", seen))
    if (end - start) * step < 0:
        raise ArgumentError(compose(where, "step leads away from end", seen, f"step={-step}"))
    return start, end, step


def _number(where: str, value: Any) -> Any:
    """A real number as Python has it, from a number or a tensor with one element."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float) and not isinstance(value, np.generic):
        return value
    item = getattr(value, "item", None)
    if item is None or getattr(value, "dtype", np.dtype(object)).kind not in "biuf":
        raise DTypeError(compose(where, "takes real numbers", {"value": value}))
    return item()


def linspace(
    start: Any,
    end: Any,
    steps: int,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """`steps` numbers at equal distance from `start` to `end`, both included.

    Parameters
    ----------
    start, end : number
        Real or complex.
    steps : int
    dtype : dtype, optional
        The default dtype (of its kind) unless given; integers are rounded towards zero.
    device : {"cpu"}, optional
    requires_grad : bool, default False
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of shape (steps,)

    Raises
    ------
    ShapeError
        If `steps` is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.linspace(0, 1, 5)
    Tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    """
    if out is not None:
        return into(linspace, locals())
    return finish(_even("linspace", start, end, steps, dtype), "linspace", requires_grad, device)


def _even(where: str, start: Any, end: Any, steps: int, dtype: Any, base: Any = None) -> Any:
    """Evenly spaced values, or powers of `base` with such exponents, computed in float64."""
    (count,) = lengths(where, (steps,))
    ends = [complex(x) if np.iscomplexobj(x) else _number(where, x) for x in (start, end)]
    values: Any = np.linspace(ends[0], ends[1], count)
    if base is not None:
        values = np.power(float(base), values)
    default = SETTINGS.default_dtype
    if values.dtype.kind == "c":
        default = np.result_type(default, np.complex64)
    chosen = default if dtype is None else resolve(dtype, where)
    if values.dtype.kind == "c" != chosen.kind:
        problem = f"complex ends do not fit {chosen}"
        raise DTypeError(compose(where, problem, {"start": start, "end": end}))
    return values.astype(chosen)


def logspace(
    start: Any,
    end: Any,
    steps: int,
    base: float = 10.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Numbers from ``base ** start`` to ``base ** end`` at equal ratios.

    Parameters
    ----------
    start, end : number
        Exponents of the first and the last number.
    steps : int
    base : float, default 10
    dtype : dtype, optional
    device : {"cpu"}, optional
    requires_grad : bool, default False
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of shape (steps,)

    Raises
    ------
    ShapeError
        If `steps` is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.logspace(-1, 1, 3)
    Tensor([0.1000, 1.0000, 10.0000])
    """
    if out is not None:
        return into(logspace, locals())
    values = _even("logspace", start, end, steps, dtype, base)
    return finish(values, "logspace", requires_grad, device)


def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The identity matrix: ones on the diagonal, zeros beside it.

    Parameters
    ----------
    n : int
        Rows.
    m : int, optional
        Columns; as many as rows by default.
    dtype : dtype, optional
    device : {"cpu"}, optional
    requires_grad : bool, default False
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of shape (n, m)

    Raises
    ------
    ShapeError
        If a length is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.eye(2)
    Tensor([[1.0000, 0.0000],
            [0.0000, 1.0000]])
    """
    if out is not None:
        return into(eye, locals())
    rows, columns = lengths("eye", (n, n if m is None else m))
    chosen = SETTINGS.default_dtype if dtype is None else resolve(dtype, "eye")
    return finish(np.eye(rows, columns, dtype=chosen), "eye", requires_grad, device)


def tril_indices(row: int, col: int, offset: int = 0, *, dtype: Any = np.int64) -> Tensor:
    """Where a matrix has its lower triangle: row numbers above column numbers.

    Parameters
    ----------
    row, col : int
        Rows and columns of the matrix.
    offset : int, default 0
        The diagonal that bounds the triangle; positive ones lie above the main one.
    dtype : dtype, default int64

    Returns
    -------
    Tensor of shape (2, count)

    Raises
    ------
    ShapeError
        If a length is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.tril_indices(2, 2)
    Tensor([[0, 1, 1],
            [0, 0, 1]])
    """
    rows, columns = lengths("tril_indices", (row, col))
    return _stacked("tril_indices", np.tril_indices(rows, offset, columns), dtype)


def triu_indices(row: int, col: int, offset: int = 0, *, dtype: Any = np.int64) -> Tensor:
    """Where a matrix has its upper triangle (parameters as for `tril_indices`).

    Examples
    --------
    >>> import lucid
    >>> lucid.triu_indices(2, 2)
    Tensor([[0, 0, 1],
            [0, 1, 1]])
    """
    rows, columns = lengths("triu_indices", (row, col))
    return _stacked("triu_indices", np.triu_indices(rows, offset, columns), dtype)


def _stacked(where: str, indices: tuple[Any, Any], dtype: Any) -> Tensor:
    return wrap(np.stack(indices).astype(resolve(dtype, where), copy=False))


def _one_hot_samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw.integers(0, 4, 2, 3), num_classes=4),
        draw.sample(draw.integers(0, 4), num_classes=5),
        draw.sample(draw.integers(0, 4, 0), num_classes=3),
    ]


@primitive("one_hot", samples=_one_hot_samples)
def _one_hot(index: Any, *, num_classes: int) -> Any:
    return (index[..., None] == np.arange(num_classes)).astype(np.int64)


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """Class numbers as rows of zeros with a one in the place of the class.

    Parameters
    ----------
    tensor : Tensor of integers
    num_classes : int, default -1
        Length of the new last dimension; -1 takes the largest class number plus one.

    Returns
    -------
    Tensor of int64, shape ``(*tensor.shape, num_classes)``

    Raises
    ------
    DTypeError
        If `tensor` does not hold integers.
    ArgumentError
        If a class number is negative or not below `num_classes`, or an empty tensor leaves
        the number of classes open.

    Examples
    --------
    >>> import lucid
    >>> lucid.one_hot(lucid.tensor([0, 2]), num_classes=3)
    Tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    if kind_of("one_hot", tensor, "tensor") not in "iu":
        problem = "class numbers must be integers"
        raise DTypeError(compose("one_hot", problem, {"tensor": tensor}, "tensor.long()"))
    values = tensor.data if isinstance(tensor, Tensor) else tensor
    low, high = (int(values.min()), int(values.max())) if values.size else (0, -1)
    if num_classes == -1:
        num_classes = high + 1
    if low < 0 or high >= num_classes or num_classes < 1:
        problem = f"class numbers must lie between 0 and num_classes - 1, not {low} to {high}"
        if not values.size:
            problem = "an empty tensor does not tell the number of classes"
        seen = {"tensor": tensor, "num_classes": num_classes}
        raise ArgumentError(compose("one_hot", problem, seen))
    return apply(_one_hot, tensor, num_classes=num_classes)
