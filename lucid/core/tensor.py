"""`Tensor`: an array that can remember where it came from. It holds state and no mathematics.

The operators and methods (``+``, ``.sum()``, ...) are attached by `lucid.ops`; `backward` by
`lucid.core.engine`. Their signatures stand in the generated stub beside this file.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import numpy as np

from .. import printing
from ..config import SETTINGS
from ..dtypes import is_differentiable, resolve
from ..errors import ArgumentError, DTypeError, GradError, ShapeError, compose
from . import versions
from .node import HookHandle, Leaf, Slot, extras_of


class Tensor:
    """A multi-dimensional array that takes part in automatic differentiation.

    ``Tensor(data)`` takes any data to a floating dtype, float32 at the start;
    `lucid.tensor` keeps integers and bools as they are.

    Parameters
    ----------
    data : array_like
        Nested lists of numbers, a NumPy array, another tensor or a scalar. It is copied.
    requires_grad : bool, default False
        Record what is done with the tensor, so that `backward` can fill its `grad`.
    dtype : dtype, optional
        The dtype; by default that of `lucid.get_default_dtype`.

    Attributes
    ----------
    data : numpy.ndarray
        The values. Changing them goes unnoticed by differentiation.
    grad : Tensor or None
        The gradient that `backward` has accumulated so far.

    Raises
    ------
    DTypeError
        If `data` is not numeric, or `requires_grad` is asked of an integer dtype.

    Examples
    --------
    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> print(x.grad)
    [[2.0000, 4.0000],
     [6.0000, 8.0000]]
    """

    # `data` and `grad` are properties that check what they are given (below); where it is known
    # to fit, the slots beneath are used. `_kin` is for views.py, and often unset.
    __slots__ = ("__weakref__", "_data", "_grad", "_kin", "_node")
    data: Any
    grad: Tensor | None
    _data: Any
    _grad: Tensor | None

    def __init__(self, data: Any, requires_grad: bool = False, dtype: Any = None) -> None:
        wanted = SETTINGS.default_dtype if dtype is None else resolve(dtype, "Tensor")
        self._data = to_array(data, wanted, "Tensor")
        self._grad = None
        self._node: Any = None
        if requires_grad is not False:
            self.requires_grad = requires_grad

    # ---- what it is -------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of every dimension."""
        shape: tuple[int, ...] = self._data.shape
        return shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements, a NumPy dtype."""
        dtype: np.dtype[Any] = self._data.dtype
        return dtype

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self._data.shape)

    @property
    def device(self) -> str:
        """Where the values lie: ``"cpu"``."""
        return "cpu"

    @property
    def nbytes(self) -> int:
        """Bytes that the elements take."""
        return int(self._data.nbytes)

    def dim(self) -> int:
        """Number of dimensions."""
        return self.ndim

    def numel(self) -> int:
        """Number of elements."""
        return int(self._data.size)

    def nelement(self) -> int:
        """Number of elements."""
        return self.numel()

    def element_size(self) -> int:
        """Bytes of one element."""
        return int(self._data.itemsize)

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the length of one dimension."""
        return self._data.shape if dim is None else self._data.shape[dim]

    def is_floating_point(self) -> bool:
        """True for a floating dtype."""
        return self._data.dtype.kind == "f" or self._data.dtype.name == "bfloat16"

    def is_contiguous(self) -> bool:
        """True if the elements lie in memory in row-major order without gaps."""
        return bool(self._data.flags.c_contiguous)

    def stride(self, dim: int | None = None) -> Any:
        """Step between neighbours along every dimension, or along one, in elements."""
        steps = tuple(step // self._data.itemsize for step in self._data.strides)
        return steps if dim is None else steps[dim]

    # ---- differentiation --------------------------------------------------------------

    @property
    def requires_grad(self) -> bool:
        """Whether operations on this tensor are recorded."""
        return self._node is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if not isinstance(value, bool | np.bool_):
            problem = f"requires_grad must be True or False, not {value!r}"
            fix = "lucid.zeros(2, 3) makes a tensor of a shape; a dtype goes by name: dtype=..."
            raise ArgumentError(compose("requires_grad", problem, fix=fix))
        if not self.is_leaf:
            if not value:
                problem = "requires_grad can be switched off on leaf tensors only"
                raise GradError(compose("requires_grad", problem, fix="use x.detach()"))
            return
        if value and not is_differentiable(self._data.dtype):
            problem = "only floating and complex tensors can require gradients"
            fix = "make it lucid.tensor(data, dtype=lucid.float32)"
            raise DTypeError(compose("requires_grad", problem, {"tensor": self}, fix))
        if bool(value) is not self.requires_grad:
            self._node = Leaf(self) if value else None

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set `requires_grad` and return the tensor."""
        self.requires_grad = requires_grad
        return self

    @property
    def is_leaf(self) -> bool:
        """True if the tensor is not the result of a recorded op."""
        return self._node is None or type(self._node) is Leaf

    @property
    def grad_fn(self) -> Any:
        """The node of the op that made this tensor, or None for a leaf."""
        if type(self._node) is Slot:
            return self._node.edges[0]
        return None if self.is_leaf else self._node

    @property
    def output_nr(self) -> int:
        """Which output of its op this tensor is; 0 for a leaf."""
        return self._node.index if type(self._node) is Slot else 0

    @property
    def _version(self) -> int:
        """How often the memory of this tensor was changed in place."""
        return versions.count(self._data)

    def detach(self) -> Tensor:
        """The same values, sharing memory, without the history."""
        data = self._data
        if type(data) is not np.ndarray and hasattr(data, "detached"):  # within `func.vmap`
            data = data.detached()
        return wrap(data)

    def retain_grad(self) -> None:
        """Keep the gradient of a tensor that is not a leaf in its `grad`.

        Raises
        ------
        GradError
            If the tensor requires no gradient.
        """
        if self._node is None:
            problem = "this tensor requires no gradient, so none can be retained"
            raise GradError(compose("retain_grad", problem, {"tensor": self}))
        if not self.is_leaf:
            extras_of(self._node).retain = weakref.ref(self)

    @property
    def retains_grad(self) -> bool:
        """Whether the tensor is no leaf and keeps its gradient all the same."""
        extras = None if self.is_leaf else self._node.extras
        return extras is not None and extras.retain is not None and extras.retain() is self

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> HookHandle:
        """Call `hook` with the gradient of this tensor whenever it has been computed.

        Parameters
        ----------
        hook : callable
            ``hook(grad) -> Tensor or None``; a tensor replaces the gradient.

        Returns
        -------
        HookHandle
            Its `remove` takes the hook away.

        Raises
        ------
        GradError
            If the tensor requires no gradient.
        DTypeError
            If `hook` cannot be called.

        Examples
        --------
        >>> x = Tensor([1.0, 2.0], requires_grad=True)
        >>> handle = x.register_hook(lambda grad: grad * 10)
        >>> x.sum().backward()
        >>> print(x.grad)
        [10.0000, 10.0000]
        """
        if self._node is None:
            problem = "a hook needs a tensor that requires a gradient"
            raise GradError(compose("register_hook", problem, {"tensor": self}))
        if not callable(hook):
            problem = f"the hook must be callable, not {type(hook).__name__}"
            raise DTypeError(compose("register_hook", problem, {"hook": hook}))
        return HookHandle(extras_of(self._node).hooks, hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> HookHandle:
        """Call `hook` with this leaf whenever a backward pass has added to its `grad`.

        Parameters
        ----------
        hook : callable
            ``hook(tensor)``; what it returns is not looked at.

        Returns
        -------
        HookHandle
            Its `remove` takes the hook away.

        Raises
        ------
        GradError
            If the tensor is no leaf, or requires no gradient.
        DTypeError
            If `hook` cannot be called.

        Examples
        --------
        >>> x = Tensor([1.0, 2.0], requires_grad=True)
        >>> handle = x.register_post_accumulate_grad_hook(lambda x: print(x.grad))
        >>> (x * 3).sum().backward()
        [3.0000, 3.0000]
        """
        where = "register_post_accumulate_grad_hook"
        if type(self._node) is not Leaf:
            problem = "gradients accumulate in leaf tensors that require them, and in no others"
            raise GradError(compose(where, problem, {"tensor": self}, "x.register_hook(hook)"))
        if not callable(hook):
            problem = f"the hook must be callable, not {type(hook).__name__}"
            raise DTypeError(compose(where, problem, {"hook": hook}))
        return HookHandle(extras_of(self._node).filled, hook)

    # ---- leaving Lucid ----------------------------------------------------------------

    def numpy(self) -> Any:
        """The values as a NumPy array that shares memory.

        Raises
        ------
        GradError
            If the tensor requires a gradient: the array could not carry it.
        """
        if self._node is not None:
            problem = "a tensor that requires a gradient does not turn into an array silently"
            raise GradError(compose("numpy", problem, {"tensor": self}, "x.detach().numpy()"))
        return self._data

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        # Reached by ``array * tensor``, by ``array -= tensor``, and by np.exp(tensor).
        if method == "__call__":
            if "out" in options and not any(isinstance(o, Tensor) for o in options["out"]):
                arrays = [x.numpy() if isinstance(x, Tensor) else x for x in inputs]
                return ufunc(*arrays, **options)
            operator = _REFLECTED.get(ufunc.__name__)
            if operator and not options and not isinstance(inputs[0], Tensor):
                return getattr(self, operator)(inputs[0])
        problem = "NumPy's functions do not take tensors, whose history they would lose"
        fix = f"lucid.{ufunc.__name__}(x), or np.{ufunc.__name__}(x.detach().numpy())"
        raise DTypeError(compose(f"np.{ufunc.__name__}", problem, {"tensor": self}, fix))

    def item(self) -> Any:
        """The value of a tensor with one element, as a Python number.

        Raises
        ------
        ArgumentError
            If the tensor has not exactly one element.
        """
        if self._data.size != 1:
            problem = f"needs exactly one element, not {self._data.size}"
            raise ArgumentError(compose("item", problem, {"tensor": self}, "x.tolist()"))
        return self._data.item()

    def tolist(self) -> Any:
        """The values as nested Python lists."""
        return self._data.tolist()

    def __len__(self) -> int:
        if not self._data.shape:
            raise DTypeError(compose("len", "a 0-d tensor has no length", {"tensor": self}))
        return int(self._data.shape[0])

    def __bool__(self) -> bool:
        if self._data.size != 1:
            problem = f"the truth of a tensor with {self._data.size} elements is ambiguous"
            raise ArgumentError(compose("bool", problem, {"tensor": self}, "x.any() or x.all()"))
        return bool(self._data)

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self._data.dtype.kind not in "iub" or self._data.size != 1:
            problem = "only an integer tensor with one element can be an index"
            raise DTypeError(compose("index", problem, {"tensor": self}))
        return int(self._data.item())

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return printing.represent(self)

    def __str__(self) -> str:
        return printing.show(self)

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    def __copy__(self) -> Tensor:
        if not self.is_leaf:
            problem = "only leaf tensors can be copied so"
            raise GradError(compose("copy", problem, {"tensor": self}, "x.clone() or x.detach()"))
        twin = new(type(self))
        twin._data, twin._grad, twin._node = self._data, self._grad, None
        twin.requires_grad = self.requires_grad
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if not self.is_leaf:
            problem = "only leaf tensors can be deep-copied"
            raise GradError(compose("deepcopy", problem, {"tensor": self}, "x.detach()"))
        twin = new(type(self))
        twin._data = self._data.copy()
        twin._node = None
        twin._grad = None if self._grad is None else wrap(self._grad._data.copy())
        if self.requires_grad:
            twin._node = Leaf(twin)
        memo[id(self)] = twin
        return twin

    def __reduce__(self) -> Any:
        problem = "tensors are not pickled; loading a pickle runs code"
        raise DTypeError(compose("pickle", problem, fix="lucid.save and lucid.load"))


_REFLECTED = {  # what ``array * tensor`` calls, and which operator of the tensor that is
    "add": "__radd__",
    "subtract": "__rsub__",
    "multiply": "__rmul__",
    "divide": "__rtruediv__",
    "floor_divide": "__rfloordiv__",
    "remainder": "__rmod__",
    "power": "__rpow__",
    "matmul": "__rmatmul__",
    "bitwise_and": "__rand__",
    "bitwise_or": "__ror__",
    "bitwise_xor": "__rxor__",
    "left_shift": "__rlshift__",
    "right_shift": "__rrshift__",
    "less": "__gt__",
    "less_equal": "__ge__",
    "greater": "__lt__",
    "greater_equal": "__le__",
    "equal": "__eq__",
    "not_equal": "__ne__",
}
new = Tensor.__new__


def wrap(array: Any, node: Any = None) -> Tensor:
    """Make a tensor around an array, without a copy and without checks."""
    tensor = new(Tensor)
    tensor._data = array
    tensor._grad = None
    tensor._node = node
    return tensor


def _set_data(tensor: Tensor, value: Any) -> None:
    """Put other values in the place of a tensor's own: an array, or those of a tensor."""
    if isinstance(value, Tensor):  # after ``w.data = w.data - lr * w.grad``
        value = value._data
    elif not isinstance(value, np.ndarray | np.generic):
        problem = f"the values must be an array or a tensor, not {type(value).__name__}"
        raise DTypeError(compose("Tensor.data", problem, {"given": value}, "x.data[...] = value"))
    tensor._data = np.asarray(value)


def _set_grad(tensor: Tensor, gradient: Any) -> None:
    """Put another gradient, or None, in the place of what has been accumulated."""
    if gradient is not None:
        if not isinstance(gradient, Tensor):
            problem = f"a gradient is a tensor or None, not {type(gradient).__name__}"
            fix = "lucid.tensor(grad)"
            raise DTypeError(compose("Tensor.grad", problem, {"given": gradient}, fix))
        if gradient._data.shape != tensor._data.shape:
            problem = "the gradient must have the shape of the tensor"
            seen = {"tensor": tensor, "gradient": gradient}
            raise ShapeError(compose("Tensor.grad", problem, seen))
    tensor._grad = gradient


Tensor.data = property(attrgetter("_data"), _set_data, doc="The values, a NumPy array.")
Tensor.grad = property(attrgetter("_grad"), _set_grad, doc="The accumulated gradient, or None.")  # type: ignore[assignment]


def values(x: Any) -> Any:
    """The bare values behind a tensor, an array or a number: constants to differentiation."""
    return x.data if isinstance(x, Tensor) else np.asarray(x)


def to_array(data: Any, dtype: np.dtype[Any] | None, where: str) -> Any:
    """Copy any data to an array; with no `dtype`, floats of Python take the default one.

    Raises
    ------
    DTypeError
        If the data are not numbers.
    ShapeError
        If nested lists are ragged.
    """
    if isinstance(data, Tensor):
        data = data.data
    elif isinstance(data, list | tuple):
        data = _unwrapped(data)
    try:
        array = np.array(data, dtype=dtype)
    except OverflowError as error:
        problem = f"has numbers out of the range of {dtype}: {error}"
        raise ArgumentError(compose(where, problem, {"data": data})) from error
    except (ValueError, TypeError) as error:
        problem = f"cannot be made from {type(data).__name__}: {error}"
        fix = "rows of equal length, numbers only"
        refusal = ShapeError if "inhomogeneous" in str(error) else ArgumentError
        raise refusal(compose(where, problem, {"data": data}, fix)) from error
    if array.dtype.kind not in "biufc" and array.dtype.name != "bfloat16":
        problem = f"data of dtype {array.dtype} are not numbers"
        raise DTypeError(compose(where, problem, {"data": data}))
    if dtype is None and not hasattr(data, "__array__"):
        if array.dtype.kind == "f":
            array = array.astype(_float_dtype(data), copy=False)
        elif array.dtype.kind == "c":
            array = array.astype(np.result_type(SETTINGS.default_dtype, np.complex64))
    return array


def _unwrapped(data: Any) -> Any:
    """Nested lists with the tensors in them replaced by their arrays."""
    if isinstance(data, Tensor):
        return data.data
    if isinstance(data, list | tuple):
        return [_unwrapped(item) for item in data]
    return data


def _float_dtype(data: Any) -> np.dtype[Any]:
    """The dtype that floats in nested lists take: that of arrays among them, else the default.

    The first leaf tells whether there are arrays.
    """
    first = data
    while isinstance(first, list | tuple) and first:
        first = first[0]
    if not isinstance(first, np.ndarray | np.generic):
        return SETTINGS.default_dtype
    leaves, dtypes = [data], set()
    for leaf in leaves:  # the list grows while it is walked
        if isinstance(leaf, list | tuple):
            leaves.extend(leaf)
        elif isinstance(leaf, np.ndarray | np.generic) and leaf.dtype.kind == "f":
            dtypes.add(leaf.dtype)
    return np.result_type(*dtypes) if dtypes else SETTINGS.default_dtype
