"""`Parameter`, a tensor that a module trains, and `Buffer`, one that it keeps beside them."""

from __future__ import annotations

from typing import Any, cast

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


class Buffer(Tensor):
    """A tensor that becomes a buffer of the module whose attribute it is made.

    Buffers are not trained: running means, masks, tables. It is the same as
    `Module.register_buffer`.

    Parameters
    ----------
    data : Tensor or array_like, optional
        The values; a tensor's memory is shared. Nothing gives an empty buffer.
    persistent : bool, default True
        Whether it is part of `Module.state_dict`.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> module = nn.Module()
    >>> module.mean = nn.Buffer([0.0, 1.0])
    >>> [name for name, _ in module.named_buffers()], len(list(module.parameters()))
    (['mean'], 0)
    """

    __slots__ = ("_persistent",)

    def __init__(self, data: Any = None, *, persistent: bool = True) -> None:
        if data is None:
            data = empty(0)
        if isinstance(data, Tensor):
            self._data, self._grad, self._node = data._data, None, None
        else:
            super().__init__(data)
        self._persistent = bool(persistent)

    @property
    def persistent(self) -> bool:
        """Whether it is part of `Module.state_dict`."""
        return self._persistent

    def __copy__(self) -> Buffer:
        return self._with_persistence(super().__copy__())

    def __deepcopy__(self, memo: dict[int, Any]) -> Buffer:
        return self._with_persistence(super().__deepcopy__(memo))

    def _with_persistence(self, twin: Any) -> Buffer:
        twin._persistent = self._persistent
        return cast(Buffer, twin)


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


class UninitializedBuffer(Tensor):
    """A buffer whose shape is not known before its layer sees an input, or loads a state.

    It is the same object afterwards, a plain tensor. A module takes it by `register_buffer`.

    Parameters
    ----------
    requires_grad : bool, default False
    device : {"cpu"}, optional
    dtype : dtype, optional
        The default dtype unless given.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> mean = nn.UninitializedBuffer()
    >>> mean
    <UninitializedBuffer>
    >>> mean.materialize((2, 3))
    >>> type(mean).__name__, mean.shape
    ('Tensor', (2, 3))
    """

    __slots__ = ()

    def __init__(
        self, requires_grad: bool = False, device: str | None = None, dtype: Any = None
    ) -> None:
        nothing = empty(0, dtype=dtype, device=device)
        super().__init__(nothing, requires_grad, nothing.dtype)

    def materialize(self, shape: tuple[int, ...]) -> None:
        """Become a tensor of a shape, with arbitrary values."""
        self.data = empty(shape, dtype=self.dtype).data
        self.__class__ = Tensor  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "<UninitializedBuffer>"


def is_lazy(param: Any) -> bool:
    """Whether a parameter or buffer still waits for its shape.

    Parameters
    ----------
    param : object

    Returns
    -------
    bool

    Examples
    --------
    >>> import lucid.nn as nn
    >>> nn.parameter.is_lazy(nn.UninitializedParameter()), nn.parameter.is_lazy(nn.Parameter([1.0]))
    (True, False)
    """
    return isinstance(param, UninitializedParameter | UninitializedBuffer)
