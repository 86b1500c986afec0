"""`Lanes`: what lies in a tensor within `vmap`, one array for every sample at once.

Functions see one sample: its shape, its dtype, its number of dimensions. Ops are given to the
`Level`, which runs them on all lanes in one go. What Lucid's functions do beside ops, with bare
values (masks, signs, checks of ranges), arrives here by NumPy's protocols; ufuncs run on all
lanes in one go, the rest of NumPy lane by lane. Where plain numbers are asked for (``float(x)``,
``if x > 0``, ``np.asarray(x)``) there are none to give, and the error says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import attrgetter, getitem
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ..core.tensor import Tensor, wrap
from ..errors import DTypeError, GradError, compose

# Questions about shape and dtype, whose answer is the same for all lanes.
_OF_KIND = {
    *(np.ndim, np.shape, np.size, np.iscomplexobj, np.isrealobj, np.result_type),
    *(np.zeros_like, np.ones_like, np.full_like, np.empty_like, np.can_cast),
}
_ACROSS = ("any", "all", "min", "max")
_METHODS = frozenset(name for name in dir(np.ndarray) if not name.startswith("_"))


class Lanes(NDArrayOperatorsMixin):
    """The arrays of all samples, in the shape of one.

    Parameters
    ----------
    level : Level
        The `vmap` that this belongs to.
    value : Tensor
        The samples in a row, along the first dimension: a tensor of what surrounds the `vmap`,
        with the history that it has there.
    batched : bool, default True
        False where all samples share one value, which then is `value`.
    """

    __slots__ = ("batched", "level", "value")

    def __init__(self, level: Any, value: Tensor, batched: bool = True) -> None:
        self.level = level
        self.value = value
        self.batched = batched

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """An array to all who ask by `isinstance`."""
        return np.ndarray

    # ---- what one sample is ---------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one sample."""
        shape: tuple[int, ...] = self.value._data.shape
        return shape[1:] if self.batched else shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the elements."""
        dtype: np.dtype[Any] = self.value._data.dtype
        return dtype

    @property
    def ndim(self) -> int:
        """Of one sample."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements of one sample."""
        return math.prod(self.shape)

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of one sample."""
        return self.size * self.itemsize

    @property
    def strides(self) -> tuple[int, ...]:
        """Those of a sample in row-major order."""
        return tuple(self.itemsize * math.prod(self.shape[i + 1 :]) for i in range(self.ndim))

    @property
    def flags(self) -> Any:
        """Contiguous; what writes all the same is refused where it does."""
        return SimpleNamespace(c_contiguous=True, f_contiguous=False, writeable=True)

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        inner = ", ".join(map(str, self.shape))
        return f"<{self.level.size} lanes of {self.dtype}[{inner}]>"

    def detached(self) -> Lanes:
        """The same values without the history that they have around the `vmap`."""
        return Lanes(self.level, self.value.detach(), self.batched)

    # ---- what plain arrays can do -----------------------------------------------------

    def raw(self, ndim: int) -> Any:
        """All samples as one array, each with `ndim` dimensions: ones in front."""
        data = self.value._data
        missing = ndim - self.ndim
        if not self.batched or missing <= 0:
            return data
        return data.reshape((data.shape[0], *(1,) * missing, *data.shape[1:]))

    def lane(self, i: int) -> Any:
        """The array of one sample."""
        data = self.value._data
        return data[i, ...] if self.batched else data  # 0-d ones stay arrays

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if any(isinstance(x, Tensor) for x in inputs):
            return NotImplemented
        if "out" in options:
            raise in_place(ufunc.__name__)
        if method != "__call__" or "where" in options:
            return by_lane(getattr(ufunc, method), inputs, options)
        level = top(inputs)
        ndim = max(np.ndim(x) for x in inputs)
        mine = [type(x) is Lanes and x.level is level for x in inputs]
        raw = [x.raw(ndim) if m else x for x, m in zip(inputs, mine, strict=True)]
        batched = any(x.batched for x, m in zip(inputs, mine, strict=True) if m)
        result = ufunc(*raw, **options)
        if isinstance(result, tuple):
            return tuple(Lanes(level, wrap(part), batched) for part in result)
        return Lanes(level, wrap(_array(result)), batched)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        if function in _OF_KIND:
            return function(*map(_kind_alone, args), **options)
        if function in (np.any, np.all) and len(args) == 1 and not options:
            return getattr(self, function.__name__)()
        if function is np.copyto:
            raise in_place("copyto")
        return by_lane(function, args, options)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise no_numbers("an array of plain numbers", self)

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            raise AttributeError(f"lanes of arrays have no attribute {name!r}")
        if name in ("item", "tolist", "tobytes"):
            raise no_numbers("a plain number", self)

        def method(*args: Any, **options: Any) -> Any:
            if name in _ACROSS and not args and options.keys() <= {"initial"}:
                return getattr(self.value._data, name)(**options)  # a check of all samples
            return by_lane(
                lambda x, *rest, **opt: getattr(x, name)(*rest, **opt), (self, *args), options
            )

        return method

    def astype(self, dtype: Any, **options: Any) -> Lanes:
        """The samples in another dtype."""
        return Lanes(self.level, wrap(self.value._data.astype(dtype, **options)), self.batched)

    def copy(self) -> Lanes:
        """The same, with its history: lanes are never written to."""
        return Lanes(self.level, self.value, self.batched)

    def reshape(self, *shape: Any) -> Lanes:
        """Every sample in another shape."""
        wanted = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        data, front = self.value._data, ()
        if self.batched:
            front = data.shape[:1]
            if -1 in wanted:
                known = math.prod(n for n in wanted if n != -1)
                wanted = tuple(self.size // max(known, 1) if n == -1 else n for n in wanted)
        return Lanes(self.level, wrap(data.reshape((*front, *wanted))), self.batched)

    def __getitem__(self, index: Any) -> Any:
        return by_lane(getitem, (self, index), {})

    def __setitem__(self, index: Any, value: Any) -> None:
        raise in_place("__setitem__")

    def __iter__(self) -> Any:
        return iter([self[i] for i in range(len(self))])

    @property
    def T(self) -> Any:
        """Every sample transposed."""
        return by_lane(attrgetter("T"), (self,), {})

    @property
    def real(self) -> Any:
        """The real parts."""
        return Lanes(self.level, wrap(self.value._data.real), self.batched)

    @property
    def imag(self) -> Any:
        """The imaginary parts."""
        return Lanes(self.level, wrap(self.value._data.imag), self.batched)

    # ---- what only plain numbers can do -------------------------------------------------

    def __bool__(self) -> bool:
        raise no_numbers("a truth value", self, "lucid.where(condition, a, b) in the place of if")

    def __float__(self) -> float:
        raise no_numbers("a plain number", self)

    def __int__(self) -> int:
        raise no_numbers("a plain number", self)

    def __index__(self) -> int:
        raise no_numbers("a plain index", self, "x.gather(0, index), or an index of dimension 1")

    def __complex__(self) -> complex:
        raise no_numbers("a plain number", self)

    __hash__ = object.__hash__


def by_lane(function: Callable[..., Any], args: Any, options: Any) -> Any:
    """A function of arrays, run for one sample after the other."""
    level = top((args, list(options.values())))
    level.check()
    if not _batched(level, (args, options)):
        return _joined(level, [function(*_pick(level, args, 0), **_pick(level, options, 0))], False)
    results = [
        function(*_pick(level, args, i), **_pick(level, options, i)) for i in range(level.size)
    ]
    return _joined(level, results, True)


def top(tree: Any) -> Any:
    """The innermost `vmap` that has lanes in a nest of tuples, lists and dicts."""
    found = [x.level for x in _leaves(tree) if type(x) is Lanes]
    return max(found, key=lambda level: level.depth)


def _leaves(tree: Any) -> list[Any]:
    if type(tree) is dict:
        tree = list(tree.values())
    if type(tree) in (tuple, list):
        return [leaf for part in tree for leaf in _leaves(part)]
    return [tree]


def _batched(level: Any, tree: Any) -> bool:
    return any(type(x) is Lanes and x.level is level and x.batched for x in _leaves(tree))


def _pick(level: Any, tree: Any, i: int) -> Any:
    """The same nest with the array of lane `i` in the place of lanes."""
    if type(tree) in (tuple, list):
        return type(tree)(_pick(level, part, i) for part in tree)
    if type(tree) is dict:
        return {key: _pick(level, part, i) for key, part in tree.items()}
    return tree.lane(i) if type(tree) is Lanes and tree.level is level else tree


def _joined(level: Any, results: list[Any], batched: bool) -> Any:
    """What the lanes gave, as lanes."""
    if isinstance(results[0], tuple | list):
        parts = [_joined(level, list(each), batched) for each in zip(*results, strict=True)]
        return tuple(parts) if isinstance(results[0], tuple) else parts
    data = np.stack(results) if batched else _array(results[0])
    return Lanes(level, wrap(data), batched)


def _kind_alone(x: Any) -> Any:
    """An array of the shape and dtype of a sample that takes no memory."""
    return np.broadcast_to(np.zeros((), x.dtype), x.shape) if type(x) is Lanes else x


def _array(x: Any) -> Any:
    return x if type(x) is Lanes else np.asarray(x)


def no_numbers(what: str, lanes: Lanes, fix: str = "") -> DTypeError:
    """The error for asking one number of many samples."""
    lanes.level.check()
    problem = f"{what} was asked of a tensor that stands for {lanes.level.size} samples at once"
    fix = fix or "stay with Lucid's functions inside of vmap, and take numbers from its result"
    return DTypeError(compose("vmap", problem, {"one sample": lanes}, fix))


def in_place(name: str) -> GradError:
    """The error for writing into lanes."""
    problem = f"{name}: what stands for many samples cannot be changed in place"
    return GradError(compose("vmap", problem, fix="the form that gives a new tensor: x = x + 1"))
