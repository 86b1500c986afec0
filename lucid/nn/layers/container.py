"""Containers: modules and parameters in sequences and dicts, all of them registered.

A plain Python list of layers in an attribute is not looked into: its parameters would be
neither trained nor saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Self, overload

from ...core.tensor import Tensor
from ...errors import ArgumentError, DTypeError, IndexingError, compose
from ...ops.activation import relu
from ...ops.dense import dense, fits
from ..module import Module
from ..outline import block, indented
from ..parameter import Parameter
from .activation import ReLU
from .linear import Linear


class _Sequence(Module):
    """Submodules named ``"0"``, ``"1"``, ...: what `Sequential` and `ModuleList` share."""

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: Any) -> Any:
        """One module by its index, or a container of the same modules by a slice."""
        modules = list(self._modules.items())
        if isinstance(index, slice):
            return self._of(modules[index])
        return modules[self._position(index)][1]

    def __setitem__(self, index: int, module: Module) -> None:
        name = list(self._modules)[self._position(index)]
        self._modules[name] = self.__dict__[name] = self._checked(module)

    def __delitem__(self, index: int | slice) -> None:
        modules = list(self._modules.values())
        del modules[index if isinstance(index, slice) else self._position(index)]
        self._renumber(modules)

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def __iadd__(self, modules: Iterable[Module]) -> Self:
        return self.extend(modules)

    def __add__(self, other: Iterable[Module]) -> Self:
        return self._of([(str(i), module) for i, module in enumerate([*self, *other])])

    def append(self, module: Module) -> Self:
        """Add a module behind the last.

        Raises
        ------
        DTypeError
            If it is no `Module`.
        """
        name = str(len(self))
        if name in self._modules:  # a dict gave it away out of turn
            self._renumber([*self])
        self._modules[name] = self.__dict__[name] = self._checked(module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add several modules behind the last."""
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Self:
        """Put a module before the one at `index`; those behind it move up by one.

        Raises
        ------
        DTypeError
            If it is no `Module`.
        IndexingError
            If the index lies outside.
        """
        if not -len(self) <= index <= len(self):
            problem = f"index {index} is out of range for {len(self)} modules"
            raise IndexingError(compose(f"{type(self).__name__}.insert", problem))
        modules = list(self._modules.values())
        modules.insert(index, self._checked(module))
        self._renumber(modules)
        return self

    def pop(self, index: int | slice = -1) -> Any:
        """Take a module out and return it."""
        module = self[index]
        del self[index]
        return module

    def _of(self, modules: list[tuple[str, Any]]) -> Self:
        raise NotImplementedError

    def _position(self, index: Any) -> int:
        if isinstance(index, bool) or not hasattr(index, "__index__"):
            problem = f"the index must be an integer or a slice, not {type(index).__name__}"
            raise DTypeError(compose(type(self).__name__, problem, {"index": index}))
        number = int(index.__index__())
        if not -len(self) <= number < len(self):
            problem = f"index {number} is out of range for {len(self)} modules"
            raise IndexingError(compose(type(self).__name__, problem))
        return number % len(self)

    def _checked(self, module: Any) -> Any:
        if not isinstance(module, Module):
            name = type(self).__name__
            problem = f"holds modules, not {type(module).__name__}"
            fix = "give them one by one: Sequential(*layers)" if _is_list(module) else None
            if isinstance(module, type) and issubclass(module, Module):
                fix = f"make one: {module.__name__}()"
            elif callable(module) and fix is None:
                fix = "the module of the same function, such as nn.ReLU()"
            raise DTypeError(compose(name, problem, {"module": module}, fix))
        return module

    def _renumber(self, modules: list[Any]) -> None:
        for name in self._modules:
            del self.__dict__[name]
        self._modules.clear()
        for i, module in enumerate(modules):
            self._modules[str(i)] = self.__dict__[str(i)] = module


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(v, Module) for v in value)


class Sequential(_Sequence):
    """Modules that run one after the other, each on the output of the one before.

    Parameters
    ----------
    *modules : Module
        Or one dict, whose keys become the names.

    Raises
    ------
    DTypeError
        If one of them is no `Module`.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
    >>> model(lucid.ones(5, 2)).shape
    (5, 1)
    >>> model[:2]
    Sequential(
      (0): Linear(in_features=2, out_features=8, bias=True)
      (1): ReLU()
    )
    """

    def __init__(self, *modules: Any) -> None:
        super().__init__()
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            for name, module in modules[0].items():
                self.add_module(name, self._checked(module))
        else:
            for module in modules:
                self.append(module)

    def forward(self, input: Any) -> Any:
        """The input through all modules in turn; dense layers in a row run as one op."""
        params: list[Any] = []  # weights and biases of layers that have not run yet
        rectified: list[bool] = []
        modules: Any = self._modules.values()
        for module in modules:
            if module._hooks is None:
                kind = type(module)
                if kind is Linear:
                    params += (module.weight, module.bias)
                    rectified.append(False)
                    continue
                if kind is ReLU and rectified and not rectified[-1]:
                    rectified[-1] = True
                    continue
            if rectified:
                input = self._dense(input, params, rectified)
                params, rectified = [], []
            input = module(input)
        return self._dense(input, params, rectified) if rectified else input

    def _dense(self, input: Any, params: list[Any], rectified: list[bool]) -> Any:
        """The input through `Linear` and `ReLU` modules, as one op."""
        if fits(input, params):
            return dense(input, params, rectified)
        layers = [m for m in self._modules.values() if type(m) is Linear]
        for i, relu_follows in enumerate(rectified):  # one by one, so that an error names its layer
            layer = next(m for m in layers if m.weight is params[2 * i])
            input = layer(input)
            input = relu(input) if relu_follows else input
        return input

    def _of(self, modules: list[tuple[str, Any]]) -> Self:
        return type(self)(dict(modules))


class ModuleList(_Sequence):
    """A list of modules; what runs when is for the `forward` of its owner to say.

    Parameters
    ----------
    modules : iterable of Module, optional

    Raises
    ------
    DTypeError
        If one of them is no `Module`.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> layers = nn.ModuleList(nn.Linear(4, 4) for _ in range(3))
    >>> layers.append(nn.ReLU())
    ModuleList(
      (0-2): 3 x Linear(in_features=4, out_features=4, bias=True)
      (3): ReLU()
    )
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def __repr__(self) -> str:
        runs: list[list[Any]] = []  # equal neighbours, as [first, last, text]
        for i, module in enumerate(self):
            if runs and runs[-1][2] == repr(module):
                runs[-1][1] = i
            else:
                runs.append([i, i, repr(module)])
        lines = [
            indented(f"({a}): {text}" if a == b else f"({a}-{b}): {b - a + 1} x {text}")
            for a, b, text in runs
        ]
        return block(type(self).__name__, lines)

    def _of(self, modules: list[tuple[str, Any]]) -> Self:
        return type(self)(module for _, module in modules)


class _Named(Module):
    """What the dicts of modules and of parameters share: names, in order, and what they name."""

    _kept: str  # the attribute of `Module` that holds the entries
    __setitem__: Callable[..., None]

    def _held(self) -> dict[str, Any]:
        entries: dict[str, Any] = getattr(self, self._kept)
        return entries

    def __getitem__(self, key: str) -> Any:
        return self._held()[key]

    def __delitem__(self, key: str) -> None:
        del self._held()[key]
        del self.__dict__[key]

    def __len__(self) -> int:
        return len(self._held())

    def __iter__(self) -> Iterator[str]:
        return iter(self._held())

    def __contains__(self, key: object) -> bool:
        return key in self._held()

    def keys(self) -> Any:
        """The names."""
        return self._held().keys()

    def values(self) -> Any:
        """What they name."""
        return self._held().values()

    def items(self) -> Any:
        """Pairs of a name and what it names."""
        return self._held().items()

    def update(self, entries: Any) -> None:
        """Add entries from a mapping or from pairs; those of the same name are replaced."""
        for name, value in _pairs(f"{type(self).__name__}.update", entries):
            self[name] = value

    def pop(self, key: str) -> Any:
        """Take an entry out and return it."""
        value = self[key]
        del self[key]
        return value

    def clear(self) -> None:
        """Take all entries out."""
        for key in list(self):
            del self[key]


class ModuleDict(_Named):
    """A dict of modules by name, in the order in which they were added.

    Parameters
    ----------
    modules : mapping or iterable of (str, Module), optional

    Raises
    ------
    DTypeError
        If one of them is no `Module`.
    ArgumentError
        If a name is empty, holds a dot, or is that of an attribute.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> heads = nn.ModuleDict({"mean": nn.Linear(4, 1), "scale": nn.Linear(4, 1)})
    >>> list(heads)
    ['mean', 'scale']
    """

    _kept = "_modules"

    def __init__(self, modules: Any = None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)


class ParameterList(Module):
    """A list of parameters; tensors and arrays that are put in become parameters.

    Parameters
    ----------
    values : iterable of Tensor, optional

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> weights = nn.ParameterList([lucid.ones(2, 3), lucid.zeros(4)])
    >>> weights
    ParameterList(
      (0): Parameter containing: [float32 of size 2x3]
      (1): Parameter containing: [float32 of size 4]
    )
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        if values is not None:
            self.extend(values)

    @overload
    def __getitem__(self, index: int) -> Parameter: ...
    @overload
    def __getitem__(self, index: slice) -> ParameterList: ...
    def __getitem__(self, index: Any) -> Any:
        """One parameter by its index, or a list of the same parameters by a slice."""
        values = list(self)
        if isinstance(index, slice):
            return type(self)(values[index])
        return values[self._position(index)]

    def __setitem__(self, index: int, value: Any) -> None:
        setattr(self, str(self._position(index)), _as_parameter(value))

    def __len__(self) -> int:
        return len(self._parameters)

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self._parameters.values()))

    def __iadd__(self, values: Iterable[Any]) -> Self:
        return self.extend(values)

    def append(self, value: Any) -> Self:
        """Add a parameter behind the last."""
        setattr(self, str(len(self)), _as_parameter(value))
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Add several parameters behind the last."""
        for value in list(values):
            self.append(value)
        return self

    def _position(self, index: Any) -> int:
        number = int(index.__index__())
        if not -len(self) <= number < len(self):
            problem = f"index {number} is out of range for {len(self)} parameters"
            raise IndexingError(compose(type(self).__name__, problem))
        return number % len(self)

    def __repr__(self) -> str:
        return _parameter_table(self)


class ParameterDict(_Named):
    """A dict of parameters by name; tensors and arrays that are put in become parameters.

    Parameters
    ----------
    parameters : mapping or iterable of (str, Tensor), optional

    Raises
    ------
    ArgumentError
        If a name is empty, holds a dot, or is that of an attribute.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> scales = nn.ParameterDict({"left": lucid.ones(2), "right": lucid.ones(3)})
    >>> scales["right"].shape
    (3,)
    """

    _kept = "_parameters"

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        if parameters is not None:
            self.update(parameters)

    def __setitem__(self, key: str, value: Any) -> None:
        self.register_parameter(key, _as_parameter(value))

    def __repr__(self) -> str:
        return _parameter_table(self)


def _as_parameter(value: Any) -> Parameter:
    """A parameter as it is; a tensor or array becomes one."""
    if isinstance(value, Parameter):
        return value
    floating = not isinstance(value, Tensor) or value.is_floating_point()
    return Parameter(value, requires_grad=floating)


def _parameter_table(module: Module) -> str:
    """One line for each parameter: its name, dtype and shape."""
    lines = [
        f"({name}): Parameter containing: [{p.dtype} of size {'x'.join(map(str, p.shape))}]"
        for name, p in module._parameters.items()
        if p is not None
    ]
    return block(type(module).__name__, lines)


def _pairs(where: str, entries: Any) -> list[tuple[str, Any]]:
    """The entries of a mapping, or of an iterable of pairs, as a list."""
    if isinstance(entries, Mapping | _Named):
        return list(entries.items())
    pairs = list(entries)
    if not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
        problem = "takes a mapping, or pairs of a name and a value"
        raise ArgumentError(compose(where, problem, {"entries": entries}))
    return [(name, value) for name, value in pairs]
