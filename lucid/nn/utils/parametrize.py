"""Parameters that are functions of others: a weight that is symmetric, orthogonal, normalised.

A module with a parametrized weight is of a class of its own, made for it, where reading
``module.weight`` computes the weight from what is trained in its place,
``module.parametrizations.weight.original``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...autograd.grad_mode import no_grad
from ...core.tensor import Tensor
from ...errors import ArgumentError, ShapeError, compose
from ..layers.container import ModuleDict, ModuleList
from ..module import Module
from ..parameter import Parameter


class _Cache:
    """What has been computed within `cached`: by module and name."""

    def __init__(self) -> None:
        self.depth = 0
        self.values: dict[tuple[int, str], Any] = {}


_CACHE = _Cache()


@contextmanager
def cached() -> Iterator[None]:
    """Within this context every parametrized tensor is computed once, however often it is read.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> cell = nn.utils.parametrizations.weight_norm(nn.Linear(2, 2))
    >>> with cached():
    ...     cell.weight is cell.weight
    True
    """
    _CACHE.depth += 1
    try:
        yield
    finally:
        _CACHE.depth -= 1
        if not _CACHE.depth:
            _CACHE.values = {}


class ParametrizationList(ModuleList):
    """The parametrizations of one tensor, applied one after another, and what they start from.

    Parameters
    ----------
    modules : sequence of Module
    original : Tensor or Parameter
        The tensor that is parametrized; what is trained is its image under the inverses.
    unsafe : bool, default False
        Leave shape and dtype unchecked.

    Attributes
    ----------
    original : Parameter or Tensor
        What is trained; ``original0``, ``original1``, ... where the first parametrization
        takes several.
    """

    original: Any

    def __init__(self, modules: Any, original: Tensor | Parameter, unsafe: bool = False) -> None:
        super().__init__(modules)
        self.unsafe = unsafe
        self.count = 0  # of originals, 0 standing for one
        with no_grad():
            value = _inverted(list(self), original.detach())
        if isinstance(value, Tensor):
            original.data = value.data
            self._keep("original", original)
            return
        self.count = len(value)
        for i, part in enumerate(value):
            trained = isinstance(original, Parameter)
            kept = Parameter(part.detach(), original.requires_grad) if trained else part
            self._keep(f"original{i}", kept)

    def _keep(self, name: str, value: Any) -> None:
        if isinstance(value, Parameter):
            self.register_parameter(name, value)
        else:
            self.register_buffer(name, value)

    def originals(self) -> list[Any]:
        """What is trained, always a list."""
        if not self.count:
            return [self.original]
        return [getattr(self, f"original{i}") for i in range(self.count)]

    def right_inverse(self, value: Tensor) -> None:
        """Set what is trained so that the parametrized tensor becomes `value`."""
        with no_grad():
            found = _inverted(list(self), value.detach())
        parts = [found] if isinstance(found, Tensor) else list(found)
        for place, part in zip(self.originals(), parts, strict=True):
            place.data = part.data.astype(place.dtype)

    def forward(self) -> Any:
        """The parametrized tensor."""
        first, *others = list(self)
        value = first(*self.originals())
        for module in others:
            value = module(value)
        return value


def _inverted(modules: list[Any], value: Any) -> Any:
    """`value` taken back through the inverses of parametrizations, those that have one."""
    for module in reversed(modules):
        if hasattr(module, "right_inverse"):
            try:
                value = module.right_inverse(value)
            except NotImplementedError:
                continue
    return value


def register_parametrization(
    module: Any, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Any:
    """Make a parameter or buffer of a module a function of what is trained in its place.

    Parameters
    ----------
    module : Module
        It changes in place, and its class becomes a subclass of what it was.
    tensor_name : str
        Of a parameter or buffer, parametrized already or not.
    parametrization : Module
        Its `forward` gives the tensor. A method ``right_inverse(tensor)`` gives what it is
        computed from, so that the tensor keeps its value and can be assigned; it may return
        a tuple, which `forward` takes as its arguments.
    unsafe : bool, default False
        Let the parametrization change shape and dtype.

    Returns
    -------
    Module
        `module`.

    Raises
    ------
    ArgumentError
        If the module has no such tensor.
    ShapeError
        If shape or dtype would change; the module is left as it was.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> class Symmetric(nn.Module):
    ...     def forward(self, x):
    ...         return x.triu() + x.triu(1).T
    ...
    ...     def right_inverse(self, x):
    ...         return x.triu()
    >>> layer = register_parametrization(nn.Linear(3, 3), "weight", Symmetric())
    >>> bool((layer.weight == layer.weight.T).all())
    True
    >>> [name for name, _ in layer.named_parameters()]
    ['bias', 'parametrizations.weight.original']
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        _append(module, tensor_name, parametrization, unsafe)
        return module
    registry = next(
        (r for r in (module._parameters, module._buffers) if r.get(tensor_name) is not None), None
    )
    if registry is None:
        problem = f"{type(module).__name__} has no parameter or buffer {tensor_name!r}"
        seen = {"has": [*module._parameters, *module._buffers]}
        raise ArgumentError(compose("register_parametrization", problem, seen))
    original = registry[tensor_name]
    before = original.data
    made = ParametrizationList([parametrization], original, unsafe)
    if not unsafe:
        _check(made, before, tensor_name, original)
    del registry[tensor_name]
    module.__dict__.pop(tensor_name, None)
    if not is_parametrized(module):
        module.__class__ = _subclass(type(module))
        module.parametrizations = ModuleDict()
    module.parametrizations[tensor_name] = made
    setattr(type(module), tensor_name, _reader(tensor_name))
    return module


def _check(made: ParametrizationList, before: Any, name: str, original: Any) -> None:
    """Refuse a parametrization that changes shape or dtype, with the tensor as it was."""
    with no_grad():
        result = made()
    fits = getattr(result, "shape", None) == before.shape and result.dtype == before.dtype
    if not fits:
        original.data = before
        problem = f"the parametrization changes the shape or dtype of {name!r}"
        seen = {"before": before, "after": result}
        raise ShapeError(compose("register_parametrization", problem, seen, "unsafe=True"))


def _append(module: Any, name: str, parametrization: Any, unsafe: bool) -> None:
    """Put one more parametrization after those that a tensor has."""
    held = module.parametrizations[name]
    value = getattr(module, name).detach()
    held.append(parametrization)
    held.unsafe = held.unsafe or unsafe
    held.right_inverse(value)


def _subclass(base: Any) -> type:
    """A class of one module's own, whose parametrized tensors can be assigned."""

    def set_attribute(self: Any, name: str, value: Any) -> None:
        if name in self.__dict__.get("_modules", {}).get("parametrizations", ()):
            self.parametrizations[name].right_inverse(value)
        else:
            base.__setattr__(self, name, value)

    members = {"__setattr__": set_attribute, "__module__": base.__module__}
    return type(f"Parametrized{base.__name__}", (base,), members)


def _reader(name: str) -> property:
    def read(self: Any) -> Any:
        if not _CACHE.depth:
            return self.parametrizations[name]()
        key = (id(self), name)
        if key not in _CACHE.values:
            _CACHE.values[key] = self.parametrizations[name]()
        return _CACHE.values[key]

    return property(read)


def is_parametrized(module: Any, tensor_name: str | None = None) -> bool:
    """Whether a module, or one tensor of it, is parametrized.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> is_parametrized(nn.Linear(2, 2))
    False
    """
    held = module._modules.get("parametrizations")
    if not isinstance(held, ModuleDict):
        return False
    return len(held) > 0 if tensor_name is None else tensor_name in held


def type_before_parametrizations(module: Any) -> type:
    """The class that a module had.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> type_before_parametrizations(nn.utils.parametrizations.weight_norm(nn.Linear(2, 2)))
    <class 'lucid.nn.layers.linear.Linear'>
    """
    before: type = type(module).__bases__[0] if is_parametrized(module) else type(module)
    return before


def remove_parametrizations(module: Any, tensor_name: str, leave_parametrized: bool = True) -> Any:
    """Make a parametrized tensor a plain one again.

    Parameters
    ----------
    module : Module
    tensor_name : str
    leave_parametrized : bool, default True
        Keep the value as it is computed; otherwise the original becomes the tensor.

    Returns
    -------
    Module
        `module`.

    Raises
    ------
    ArgumentError
        If the tensor is not parametrized, or has several originals and
        `leave_parametrized` is False.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(2, 3))
    >>> remove_parametrizations(layer, "weight")
    Linear(in_features=2, out_features=3, bias=True)
    """
    name = "remove_parametrizations"
    if not is_parametrized(module, tensor_name):
        raise ArgumentError(compose(name, f"{tensor_name!r} is not parametrized"))
    held = module.parametrizations[tensor_name]
    if held.count and not leave_parametrized:
        problem = "there are several originals, and none of them is the tensor"
        raise ArgumentError(compose(name, problem, fix="leave_parametrized=True"))
    kept = held.originals()[0]
    if leave_parametrized:
        with no_grad():
            value = held().detach()
        if held.count:
            trained = isinstance(kept, Parameter)
            kept = Parameter(value, kept.requires_grad) if trained else value
        else:
            kept.data = value.data
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    if not len(module.parametrizations):
        del module.parametrizations
        module.__class__ = type(module).__bases__[0]
    if isinstance(kept, Parameter):
        module.register_parameter(tensor_name, kept)
    else:
        module.register_buffer(tensor_name, kept)
    return module
