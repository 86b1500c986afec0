"""`Slot`: one parameter as its optimizer sees it, flat and with the state that belongs to it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..core import versions
from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, GradError, ShapeError, compose

_COMPLEX: dict[Any, np.dtype[Any]] = {
    np.dtype(np.float32): np.dtype(np.complex64),
    np.dtype(np.float64): np.dtype(np.complex128),
}
PLAIN = frozenset([*_COMPLEX, *_COMPLEX.values()])  # in the machine's byte order


class Slot:
    """One parameter, flat, and what the optimizer remembers of it.

    The rules in `lucid.kernels.optim` take flat contiguous arrays of float32 or float64.
    Most parameters are just that, seen through a view made once. Others (half precision,
    complex, strided) go through a working copy: half precision is updated in float32 and
    rounded at the end, complex numbers as pairs of real ones.

    Attributes
    ----------
    parameter : Tensor
    name : str
        How error messages call it.
    data : numpy.ndarray
        The parameter's array that the slot was made for; another one means to `bind` anew.
    flat : numpy.ndarray
        A view of `data`, or the working copy.
    plain : bool
        True if `flat` is a view.
    dtype, shape
        Of `flat`, and of `data`.
    names : tuple of str
        What is remembered, in the order of the rows of `state`.
    state : numpy.ndarray
        One row for each name.
    step : int
        How many updates the state has seen.
    scalars : tuple of float
        What is remembered beside the arrays; see `Optimizer.scalars`.
    change
        The record of the parameter's memory that tells stale graphs (`lucid.core.versions`).
    """

    __slots__ = (
        "change",
        "data",
        "dtype",
        "flat",
        "name",
        "names",
        "parameter",
        "plain",
        "scalars",
        "shape",
        "state",
        "step",
    )

    def __init__(self, parameter: Tensor, name: str) -> None:
        self.parameter = parameter
        self.name = name
        self.names: tuple[str, ...] = ()
        self.state: Any = None
        self.step = 0
        self.scalars: tuple[float, ...] = ()
        self.data: Any = None
        self.flat: Any = None
        self.plain = False
        self.shape: tuple[int, ...] = ()
        self.dtype: Any = None
        self.change: Any = None

    def bind(self, names: tuple[str, ...], counts: bool, initial: Mapping[str, float]) -> None:
        """Take the parameter's present array, and make room in the state for `names`.

        What is remembered already is kept; fresh state is zero, or as `initial` says. Without
        `counts` the steps tell the age of the state, so that fresh state starts them anew.

        Raises
        ------
        ShapeError
            If the state belongs to a parameter of another shape.
        ArgumentError
            If the array cannot be written to.
        """
        data = self._usable()
        dtype = working_dtype(data.dtype)
        self.plain = data.flags.carray and data.dtype in PLAIN
        size = data.size * (2 if data.dtype.kind == "c" else 1)
        self.flat = data.reshape(-1).view(dtype) if self.plain else np.empty(size, dtype)
        state = np.zeros((len(names), size), dtype)
        for row, remembered in enumerate(names):
            if remembered in self.names:
                state[row] = self.state[self.names.index(remembered)]
                continue
            state[row] = initial.get(remembered, 0.0)
            if not counts:
                self.step = 0
        self.state, self.names = state, names
        self._take(data, dtype)

    def _usable(self) -> Any:
        """The parameter's array, if it can be updated with the state there is."""
        data = self.parameter.data
        if self.names and data.shape != self.shape:
            problem = f"{self.name} has changed its shape since its state was made"
            seen = {"parameter": data, "shape of the state": self.shape}
            raise ShapeError(compose("optimizer.step", problem, seen, "make a new optimizer"))
        if not data.flags.writeable:
            problem = f"{self.name} lies in read-only memory and cannot be updated"
            fix = "parameter.data = parameter.data.copy()"
            raise ArgumentError(compose("optimizer.step", problem, {"parameter": data}, fix))
        return data

    def _take(self, data: Any, dtype: Any) -> None:
        self.data, self.shape, self.dtype = data, data.shape, dtype
        self.change = versions.watch(data)

    def selected(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Which of the names that the optimizer remembers this parameter has."""
        return names

    def shape_of(self, name: str) -> tuple[int, ...]:
        """The shape of what is remembered under a name."""
        return self.parameter.shape

    def convert(self, gradient: Any) -> Any:
        """A gradient as the rules want it: real, and of the working dtype.

        Raises
        ------
        GradError
            If a real parameter has a complex gradient.
        """
        if self.data.dtype.kind == "c":
            pairs = np.array(gradient, _COMPLEX[self.dtype], order="C")
            return pairs.reshape(-1).view(self.dtype)
        if gradient.dtype.kind == "c":
            problem = f"the gradient of {self.name} is complex, but the parameter is real"
            raise GradError(compose("optimizer.step", problem, {"gradient": gradient}))
        return gradient.astype(self.dtype)

    def through(self, rule: Callable[..., None], gradient: Any, hyper: Any) -> None:
        """Run an update rule, by way of the working copy where there is one."""
        if self.plain:
            rule(self.flat, gradient, self.state, hyper)
            return
        work = self._as_parameter(self.flat)
        work[...] = self.data.reshape(-1)
        rule(self.flat, gradient, self.state, hyper)
        self.data[...] = work.reshape(self.shape)

    def tidy(self) -> None:
        """Set to zero what has decayed below the smallest normal number.

        The state of a unit that no longer learns decays to such numbers and, rounded, stays
        there for good; the processor computes with them a hundred times slower.
        """
        self.state[np.abs(self.state) < np.finfo(self.dtype).tiny] = 0

    def entry(self) -> dict[str, Any]:
        """The state by name, as tensors of the parameter's shape that share its memory."""
        return {
            name: wrap(self._as_parameter(row).reshape(self.shape))
            for name, row in zip(self.names, self.state, strict=True)
        }

    def restore(self, entry: Mapping[str, Any], step: int, scalars: tuple[float, ...]) -> None:
        """Take over a state of arrays by name; `bind` follows at the next step."""
        data = self.parameter.data
        dtype = working_dtype(data.dtype)
        kind = _COMPLEX[dtype] if data.dtype.kind == "c" else dtype
        rows = [np.array(row, kind).reshape(-1).view(dtype) for row in entry.values()]
        self.names, self.shape, self.step = tuple(entry), data.shape, step
        self.scalars = scalars
        self.state = np.array(rows, dtype) if rows else None
        self.data = None

    def _as_parameter(self, flat: Any) -> Any:
        """Pairs of real numbers as complex ones, if the parameter is complex."""
        return flat.view(_COMPLEX[flat.dtype]) if self.parameter.data.dtype.kind == "c" else flat

    def __deepcopy__(self, memo: dict[int, Any]) -> Slot:
        twin = type(self)(copy.deepcopy(self.parameter, memo), self.name)
        if self.state is not None:
            twin.names, twin.step, twin.shape = self.names, self.step, self.shape
            twin.state, twin.scalars = copy.deepcopy(self.state), self.scalars
        return twin


def working_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype that a parameter's update is computed in.

    Examples
    --------
    >>> working_dtype(np.dtype("float16")), working_dtype(np.dtype("complex128"))
    (dtype('float32'), dtype('float64'))
    """
    return np.dtype(np.float64 if dtype.char in "dD" else np.float32)
