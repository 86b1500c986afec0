"""`Parameter`: a tensor that a module trains."""

from __future__ import annotations

from typing import Any

from ..core.tensor import Tensor


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
