"""`Parameter`: a tensor that a module trains."""

from __future__ import annotations

from typing import Any

from ..core.tensor import Tensor
from ..ops.creation import empty


class Parameter(Tensor):
    """A tensor that becomes a parameter of the module whose attribute it is made.

    Parameters
    ----------
    data : Tensor or array_like
        The initial values. A tensor's memory is shared and its history left behind; anything
        else is copied, and becomes a tensor as ``Tensor(data)`` has it.
    requires_grad : bool, default True
        Whether training changes it.

    Raises
    ------
    DTypeError
        If a gradient is asked of an integer dtype.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> scale = nn.Parameter([1.0, 2.0])
    >>> scale
    Parameter([1.0000, 2.0000], grad=None)
    >>> type(scale * 2).__name__  # what is computed from it is a tensor
    'Tensor'
    """

    __slots__ = ()

    def __init__(self, data: Any, requires_grad: bool = True) -> None:
        if isinstance(data, Tensor):
            self.data = data.data
            self.grad = None
            self._node = None
            self.requires_grad = requires_grad
        else:
            super().__init__(data, requires_grad)


class UninitializedParameter(Parameter):
    """A parameter whose shape is not known before its layer sees an input.

    It is the same object afterwards, so that modules and optimizers keep it.

    Parameters
    ----------
    requires_grad : bool, default True
        Whether training changes it.
    device : {"cpu"}, optional
    dtype : dtype, optional
        The default dtype unless given.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> weight = nn.UninitializedParameter()
    >>> weight
    <UninitializedParameter>
    >>> weight.materialize((2, 3))
    >>> type(weight).__name__, weight.shape
    ('Parameter', (2, 3))
    """

    __slots__ = ()

    def __init__(
        self, requires_grad: bool = True, device: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(empty(0, dtype=dtype, device=device), requires_grad)

    def materialize(self, shape: tuple[int, ...]) -> None:
        """Become a parameter of a shape, with arbitrary values."""
        self.data = empty(shape, dtype=self.dtype).data
        self.__class__ = Parameter  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "<UninitializedParameter>"
