"""Comparisons: which elements are equal, less, greater. Their results are bools, and constants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import Primitive, primitive
from ..core.tensor import Tensor
from ..errors import not_a_tensor
from .bind import method
from .out import into
from .promotion import promote, promote_real


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    shapes = [((3, 4), (3, 4)), ((3, 1), (4,)), ((), (3,)), ((0, 3), (3,))]
    some = [draw.sample(draw.integers(0, 3, *a), draw.integers(0, 3, *b)) for a, b in shapes]
    return [*some, draw.sample(draw(3), draw(3)), draw.sample(draw(3), 0.5)]


def _declare(name: str, compare: Callable[..., Any], complex: bool = False) -> Primitive:
    """A primitive with no gradient rule: what it gives is a constant to differentiation."""
    declare = primitive(name, broadcasts=True, complex=complex, samples=_samples)
    return declare(lambda a, b: compare(a, b))


_eq = _declare("eq", np.equal, complex=True)
_ne = _declare("ne", np.not_equal, complex=True)
_lt = _declare("lt", np.less)
_le = _declare("le", np.less_equal)
_gt = _declare("gt", np.greater)
_ge = _declare("ge", np.greater_equal)


@method("eq")
def eq(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """``input == other``, element by element; NaN equals nothing.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and compared in the dtype they promote to.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of bool

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.eq(lucid.tensor([1, 2, 3]), lucid.tensor([1, 0, 3]))
    Tensor([True, False, True])
    """
    if out is not None:
        return into(eq, locals())
    return apply(_eq, *promote("eq", input, other))


@method("ne", "not_equal")
def ne(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """``input != other``, element by element; NaN differs from everything.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and compared in the dtype they promote to.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of bool

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.ne(lucid.tensor([1, 2, 3]), 2)
    Tensor([True, False, True])
    """
    if out is not None:
        return into(ne, locals())
    return apply(_ne, *promote("ne", input, other))


@method("lt", "less", "__lt__")
def lt(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """``input < other``, element by element; False beside NaN.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and compared in the dtype they promote to.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of bool

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DTypeError
        If an operand is complex: complex numbers have no order.

    Examples
    --------
    >>> import lucid
    >>> lucid.lt(lucid.tensor([1.0, 2.0, 3.0]), 2)
    Tensor([True, False, False])
    """
    if out is not None:
        return into(lt, locals())
    return apply(_lt, *promote_real("lt", input, other))


@method("le", "less_equal", "__le__")
def le(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """``input <= other``, element by element; False beside NaN.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and compared in the dtype they promote to.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of bool

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DTypeError
        If an operand is complex: complex numbers have no order.

    Examples
    --------
    >>> import lucid
    >>> lucid.le(lucid.tensor([1.0, 2.0, 3.0]), 2)
    Tensor([True, True, False])
    """
    if out is not None:
        return into(le, locals())
    return apply(_le, *promote_real("le", input, other))


@method("gt", "greater", "__gt__")
def gt(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """``input > other``, element by element; False beside NaN.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and compared in the dtype they promote to.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of bool

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DTypeError
        If an operand is complex: complex numbers have no order.

    Examples
    --------
    >>> import lucid
    >>> lucid.gt(lucid.tensor([1.0, 2.0, 3.0]), 2)
    Tensor([False, False, True])
    """
    if out is not None:
        return into(gt, locals())
    return apply(_gt, *promote_real("gt", input, other))


@method("ge", "greater_equal", "__ge__")
def ge(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """``input >= other``, element by element; False beside NaN.

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other and compared in the dtype they promote to.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of bool

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DTypeError
        If an operand is complex: complex numbers have no order.

    Examples
    --------
    >>> import lucid
    >>> lucid.ge(lucid.tensor([1.0, 2.0, 3.0]), 2)
    Tensor([False, True, True])
    """
    if out is not None:
        return into(ge, locals())
    return apply(_ge, *promote_real("ge", input, other))


_COMPARABLE = (Tensor, np.ndarray, np.generic, bool, int, float, complex)


@method("__eq__")
def _equals(input: Tensor, other: Any) -> Any:
    """``input == other``; what is no number, like None, is left to Python, which says False."""
    return eq(input, other) if isinstance(other, _COMPARABLE) else NotImplemented


@method("__ne__")
def _differs(input: Tensor, other: Any) -> Any:
    """``input != other``; what is no number, like None, is left to Python, which says True."""
    return ne(input, other) if isinstance(other, _COMPARABLE) else NotImplemented


# ---- whole tensors --------------------------------------------------------------------


@method("equal")
def equal(input: Tensor, other: Tensor) -> bool:
    """True if two tensors have the same shape and the same elements.

    Parameters
    ----------
    input, other : Tensor

    Returns
    -------
    bool

    Examples
    --------
    >>> import lucid
    >>> lucid.equal(lucid.tensor([1, 2]), lucid.tensor([1, 2]))
    True
    >>> lucid.equal(lucid.tensor([1, 2]), lucid.tensor([[1, 2]]))
    False
    """
    try:
        fits = input.shape == other.shape
    except AttributeError:
        stranger = ("other", other) if hasattr(input, "shape") else ("input", input)
        raise not_a_tensor("equal", stranger[1], stranger[0]) from None
    return fits and bool(np.all(_bare(eq(input, other))))


def _close_samples(draw: samples.Draw) -> list[samples.Sample]:
    static = {"rtol": 1e-5, "atol": 1e-8, "equal_nan": False}
    x = draw(3, 4)
    return [draw.sample(x, x + 1e-9, **static), draw.sample(x, draw(4), **static)]


@primitive("isclose", broadcasts=True, complex=True, samples=_close_samples)
def _isclose(a: Any, b: Any, *, rtol: float, atol: float, equal_nan: bool) -> Any:
    return np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)


@method("isclose")
def isclose(
    input: Tensor, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Tensor:
    r"""Where two tensors agree up to a tolerance.

    .. math:: |\text{input} - \text{other}| \le \text{atol} + \text{rtol} \cdot |\text{other}|

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other. Infinities are close to themselves only.
    rtol, atol : float
        Relative and absolute tolerance.
    equal_nan : bool, default False
        Whether NaN is close to NaN.

    Returns
    -------
    Tensor of bool

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.isclose(lucid.tensor([1.0, 2.0]), lucid.tensor([1.000001, 2.1]))
    Tensor([True, False])
    """
    pair = promote("isclose", input, other)
    return apply(_isclose, *pair, rtol=rtol, atol=atol, equal_nan=equal_nan)


@method("allclose")
def allclose(
    input: Tensor, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> bool:
    """True if two tensors agree up to a tolerance in every element (see `isclose`).

    Parameters
    ----------
    input, other : Tensor or number
        Broadcast against each other.
    rtol, atol : float
        Relative and absolute tolerance.
    equal_nan : bool, default False
        Whether NaN is close to NaN.

    Returns
    -------
    bool

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.allclose(lucid.tensor([1.0, 2.0]), lucid.tensor([1.0, 2.000001]))
    True
    """
    return bool(np.all(_bare(isclose(input, other, rtol, atol, equal_nan))))


def _bare(result: Any) -> Any:
    return result.data if isinstance(result, Tensor) else result


# ---- the same by other names ----------------------------------------------------------

not_equal, less, less_equal, greater, greater_equal = ne, lt, le, gt, ge
