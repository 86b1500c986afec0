"""Padding layers: values beyond the borders of the last one, two or three dimensions."""

from __future__ import annotations

from typing import Any

from ...core.tensor import Tensor
from ...errors import ShapeError, compose
from ...ops.numbers import integers
from ...ops.padding import pad
from ..module import Module


class _Pad(Module):
    """What the padding layers share: the widths, and the call."""

    _dims = 1
    _mode = "constant"
    padding: tuple[int, ...]

    def __init__(self, padding: Any) -> None:
        super().__init__()
        self.padding = integers(type(self).__name__, "padding", padding, 2 * self._dims)

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, ...)`` or ``(C, ...)``, longer by the widths in its last dimensions."""
        self._check(input)
        return pad(input, self.padding, self._mode)

    def _check(self, input: Tensor) -> None:
        """Refuse an input without the dimensions; `pad` would take others for them."""
        dims = self._dims
        if isinstance(input, Tensor) and input.ndim not in (dims + 1, dims + 2):
            problem = f"the input must have {dims + 1} or {dims + 2} dimensions, (N, C, ...)"
            raise ShapeError(compose(type(self).__name__, problem, {"input": input}))

    def extra_repr(self) -> str:
        """The widths."""
        return str(self.padding)


# ---- with one value ----------------------------------------------------------------------------


class ConstantPad1d(_Pad):
    """Pad the last dimension with one value.

    Parameters
    ----------
    padding : int or tuple of int
        One width for all sides, or ``(left, right)``;
        negative ones take away.
    value : float

    Raises
    ------
    ShapeError
        If the input does not have the dimensions, or nothing would remain of one.

    Examples
    --------
    >>> import lucid
    >>> ConstantPad1d(1, 9.0)(lucid.tensor([[1.0, 2.0]]))
    Tensor([[9.0000, 1.0000, 2.0000, 9.0000]])
    """

    value: float

    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        """Shape ``(N, C, ...)`` or ``(C, ...)``, longer by the widths in its last dimensions."""
        self._check(input)
        return pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        """The widths and the value."""
        return f"padding={self.padding}, value={self.value}"


class ConstantPad2d(ConstantPad1d):
    """Pad the last two dimensions with one value.

    Parameters
    ----------
    padding : int or tuple of int
        One width for all sides, or ``(left, right, top, bottom)``;
        negative ones take away.
    value : float

    Raises
    ------
    ShapeError
        If the input does not have the dimensions, or nothing would remain of one.

    Examples
    --------
    >>> import lucid
    >>> ConstantPad2d(1, 2.0)(lucid.ones(1, 4, 4)).shape
    (1, 6, 6)
    """

    _dims = 2


class ConstantPad3d(ConstantPad1d):
    """Pad the last three dimensions with one value.

    Parameters
    ----------
    padding : int or tuple of int
        One width for all sides, or ``(left, right, top, bottom, front, back)``;
        negative ones take away.
    value : float

    Raises
    ------
    ShapeError
        If the input does not have the dimensions, or nothing would remain of one.

    Examples
    --------
    >>> import lucid
    >>> ConstantPad3d(1, 2.0)(lucid.ones(1, 4, 4, 4)).shape
    (1, 6, 6, 6)
    """

    _dims = 3


# ---- with zeros --------------------------------------------------------------------------------


class ZeroPad1d(_Pad):
    """Pad the last dimension with zeros.

    Parameters
    ----------
    padding : int or tuple of int
        One width for all sides, or ``(left, right)``;
        negative ones take away.

    Raises
    ------
    ShapeError
        If the input does not have the dimensions, or nothing would remain of one.

    Examples
    --------
    >>> import lucid
    >>> ZeroPad1d((0, 2))(lucid.tensor([[1.0, 2.0]]))
    Tensor([[1.0000, 2.0000, 0.0000, 0.0000]])
    """


class ZeroPad2d(ZeroPad1d):
    """Pad the last two dimensions with zeros.

    Parameters
    ----------
    padding : int or tuple of int
        One width for all sides, or ``(left, right, top, bottom)``;
        negative ones take away.

    Raises
    ------
    ShapeError
        If the input does not have the dimensions, or nothing would remain of one.

    Examples
    --------
    >>> import lucid
    >>> ZeroPad2d(1)(lucid.ones(1, 4, 4)).shape
    (1, 6, 6)
    """

    _dims = 2


class ZeroPad3d(ZeroPad1d):
    """Pad the last three dimensions with zeros.

    Parameters
    ----------
    padding : int or tuple of int
        One width for all sides, or ``(left, right, top, bottom, front, back)``;
        negative ones take away.

    Raises
    ------
    ShapeError
        If the input does not have the dimensions, or nothing would remain of one.

    Examples
    --------
    >>> import lucid
    >>> ZeroPad3d(1)(lucid.ones(1, 4, 4, 4)).shape
    (1, 6, 6, 6)
    """

    _dims = 3


# ---- with the inside, mirrored at its outermost elements ---------------------------------------


class ReflectionPad1d(_Pad):
    """Pad the last dimension with the inside, mirrored at its outermost elements.

    Parameters
    ----------
    padding : int or tuple of int
        One width for all sides, or ``(left, right)``;
        negative ones take away.

    Raises
    ------
    ShapeError
        If the input does not have the dimensions.
    ArgumentError
        If a width is more than the input can fill.

    Examples
    --------
    >>> import lucid
    >>> ReflectionPad1d(2)(lucid.tensor([[1.0, 2.0, 3.0]]))
    Tensor([[3.0000, 2.0000, 1.0000, 2.0000, 3.0000, 2.0000, 1.0000]])
    """

    _mode = "reflect"


class ReflectionPad2d(ReflectionPad1d):
    """Pad the last two dimensions with the inside, mirrored at its outermost elements.

    Parameters
    ----------
    padding : int or tuple of int
        One width for all sides, or ``(left, right, top, bottom)``;
        negative ones take away.

    Raises
    ------
    ShapeError
        If the input does not have the dimensions.
    ArgumentError
        If a width is more than the input can fill.

    Examples
    --------
    >>> import lucid
    >>> ReflectionPad2d(1)(lucid.ones(1, 4, 4)).shape
    (1, 6, 6)
    """

    _dims = 2


class ReflectionPad3d(ReflectionPad1d):
    """Pad the last three dimensions with the inside, mirrored at its outermost elements.

    Parameters
    ----------
    padding : int or tuple of int
        One width for all sides, or ``(left, right, top, bottom, front, back)``;
        negative ones take away.

    Raises
    ------
    ShapeError
        If the input does not have the dimensions.
    ArgumentError
        If a width is more than the input can fill.

    Examples
    --------
    >>> import lucid
    >>> ReflectionPad3d(1)(lucid.ones(1, 4, 4, 4)).shape
    (1, 6, 6, 6)
    """

    _dims = 3


# ---- with the outermost elements ---------------------------------------------------------------


class ReplicationPad1d(_Pad):
    """Pad the last dimension with the outermost elements.

    Parameters
    ----------
    padding : int or tuple of int
        One width for all sides, or ``(left, right)``;
        negative ones take away.

    Raises
    ------
    ShapeError
        If the input does not have the dimensions.
    ArgumentError
        If the input is empty along a dimension.

    Examples
    --------
    >>> import lucid
    >>> ReplicationPad1d(1)(lucid.tensor([[1.0, 2.0]]))
    Tensor([[1.0000, 1.0000, 2.0000, 2.0000]])
    """

    _mode = "replicate"


class ReplicationPad2d(ReplicationPad1d):
    """Pad the last two dimensions with the outermost elements.

    Parameters
    ----------
    padding : int or tuple of int
        One width for all sides, or ``(left, right, top, bottom)``;
        negative ones take away.

    Raises
    ------
    ShapeError
        If the input does not have the dimensions.
    ArgumentError
        If the input is empty along a dimension.

    Examples
    --------
    >>> import lucid
    >>> ReplicationPad2d(1)(lucid.ones(1, 4, 4)).shape
    (1, 6, 6)
    """

    _dims = 2


class ReplicationPad3d(ReplicationPad1d):
    """Pad the last three dimensions with the outermost elements.

    Parameters
    ----------
    padding : int or tuple of int
        One width for all sides, or ``(left, right, top, bottom, front, back)``;
        negative ones take away.

    Raises
    ------
    ShapeError
        If the input does not have the dimensions.
    ArgumentError
        If the input is empty along a dimension.

    Examples
    --------
    >>> import lucid
    >>> ReplicationPad3d(1)(lucid.ones(1, 4, 4, 4)).shape
    (1, 6, 6, 6)
    """

    _dims = 3


# ---- with the inside, continued from the other end ---------------------------------------------


class CircularPad1d(_Pad):
    """Pad the last dimension with the inside, continued from the other end.

    Parameters
    ----------
    padding : int or tuple of int
        One width for all sides, or ``(left, right)``;
        negative ones take away.

    Raises
    ------
    ShapeError
        If the input does not have the dimensions.
    ArgumentError
        If a width is more than the input can fill.

    Examples
    --------
    >>> import lucid
    >>> CircularPad1d((1, 0))(lucid.tensor([[1.0, 2.0, 3.0]]))
    Tensor([[3.0000, 1.0000, 2.0000, 3.0000]])
    """

    _mode = "circular"


class CircularPad2d(CircularPad1d):
    """Pad the last two dimensions with the inside, continued from the other end.

    Parameters
    ----------
    padding : int or tuple of int
        One width for all sides, or ``(left, right, top, bottom)``;
        negative ones take away.

    Raises
    ------
    ShapeError
        If the input does not have the dimensions.
    ArgumentError
        If a width is more than the input can fill.

    Examples
    --------
    >>> import lucid
    >>> CircularPad2d(1)(lucid.ones(1, 4, 4)).shape
    (1, 6, 6)
    """

    _dims = 2


class CircularPad3d(CircularPad1d):
    """Pad the last three dimensions with the inside, continued from the other end.

    Parameters
    ----------
    padding : int or tuple of int
        One width for all sides, or ``(left, right, top, bottom, front, back)``;
        negative ones take away.

    Raises
    ------
    ShapeError
        If the input does not have the dimensions.
    ArgumentError
        If a width is more than the input can fill.

    Examples
    --------
    >>> import lucid
    >>> CircularPad3d(1)(lucid.ones(1, 4, 4, 4)).shape
    (1, 6, 6, 6)
    """

    _dims = 3
