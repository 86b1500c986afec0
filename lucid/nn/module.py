"""`Module`: the base of every network and layer; it keeps parameters, buffers and submodules.

Each of them stands twice: in the instance's own dict, where reading an attribute finds it
without a line of ours, and in a registry, where iteration finds it. Only writing goes through
`Module.__setattr__`, which keeps the two alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

import numpy as np

from ..core.node import HookHandle
from ..core.tensor import Tensor, wrap
from ..dtypes import bfloat16, is_differentiable
from ..errors import ArgumentError, DTypeError, UnimplementedError, UninitializedError, compose
from ..ops.casting import destination
from . import hooks, outline, state
from .parameter import Buffer, Parameter

_NOTHING: Any = object()  # stands for an argument that was not given


class _Registry:
    """Stands on the class where an instance has a dict: met only if `__init__` never ran."""

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        name = owner.__name__
        problem = "used before its base class was initialised"
        fix = f"begin {name}.__init__ with super().__init__()"
        raise UninitializedError(compose(name, problem, fix=fix))


class Module:
    """Base class of networks: parameters, buffers and submodules by attribute assignment.

    A subclass calls ``super().__init__()`` first, makes its layers and parameters, and says
    in `forward` how the output is computed. Calling the module runs `forward`.

    Attributes
    ----------
    training : bool
        True in training mode, the mode of a new module; `train` and `eval` set it. Layers
        such as `Dropout` and `BatchNorm1d` behave differently in the two.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> class Model(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.hidden = nn.Linear(2, 8)
    ...         self.output = nn.Linear(8, 1)
    ...
    ...     def forward(self, x):
    ...         return self.output(nn.functional.relu(self.hidden(x)))
    >>> model = Model()
    >>> model
    Model(
      (hidden): Linear(in_features=2, out_features=8, bias=True)
      (output): Linear(in_features=8, out_features=1, bias=True)
    )
    >>> model(lucid.Tensor([[1.0, 2.0], [3.0, 4.0]])).shape
    (2, 1)
    >>> [name for name, _ in model.named_parameters()]
    ['hidden.weight', 'hidden.bias', 'output.weight', 'output.bias']
    """

    training: bool
    _parameters: dict[str, Parameter | None] = _Registry()  # type: ignore[assignment]
    _buffers: dict[str, Tensor | None] = _Registry()  # type: ignore[assignment]
    _modules: dict[str, Module | None] = _Registry()  # type: ignore[assignment]
    _transient: frozenset[str] = frozenset()  # names of buffers that are not part of the state
    _hooks: hooks.Hooks | None = None  # made with the first hook

    def __init__(self) -> None:
        own = self.__dict__
        own["training"] = True
        own["_parameters"] = {}
        own["_buffers"] = {}
        own["_modules"] = {}

    # ---- running ----------------------------------------------------------------------

    def __call__(
        self, input: Any = _NOTHING, other: Any = _NOTHING, /, *args: Any, **kwargs: Any
    ) -> Any:
        # One or two arguments by position and no hooks are the common case; without packing
        # and unpacking it takes 0.2 us instead of 0.35.
        if self._hooks is not None or kwargs or input is _NOTHING or args:
            given = tuple(x for x in (input, other) if x is not _NOTHING)
            return hooks.call(self, (*given, *args), kwargs)
        try:
            return self.forward(input) if other is _NOTHING else self.forward(input, other)
        except Exception as error:
            outline.note_layer(self, error)
            raise

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output; every subclass defines it.

        Raises
        ------
        UnimplementedError
            If the subclass does not.
        """
        name = type(self).__name__
        problem = "the module has no forward, so it cannot be called"
        fix = f"define forward(self, input) within class {name}"
        raise UnimplementedError(compose(name, problem, fix=fix))

    # ---- registration -----------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        own = self.__dict__
        if isinstance(value, _KEPT):
            self._register(name, value)
        elif "_modules" in own and (
            name in own["_parameters"] or name in own["_buffers"] or name in own["_modules"]
        ):
            self._replace(name, value)
        else:
            object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        for registry in self._registries().values():
            registry.pop(name, None)
        object.__delattr__(self, name)

    def _registries(self) -> dict[str, dict[str, Any]]:
        return {
            "parameter": self._parameters,
            "buffer": self._buffers,
            "module": self._modules,
        }

    def _register(self, name: str, value: Parameter | Buffer | Module) -> None:
        """Keep a parameter, buffer or module under its name, in place of whatever had the name."""
        wanted = "parameter" if isinstance(value, Parameter) else "module"
        if isinstance(value, Buffer):
            wanted = "buffer"
            self._set_persistent(name, value.persistent)
        for kind, registry in self._registries().items():
            if kind == wanted:
                registry[name] = value
            else:
                registry.pop(name, None)
        self.__dict__[name] = value

    def _replace(self, name: str, value: Any) -> None:
        """Put something that is neither parameter nor module where one of ours stands."""
        kind, registry = next((k, r) for k, r in self._registries().items() if name in r)
        if value is not None and not (kind == "buffer" and isinstance(value, Tensor)):
            wanted = {"parameter": "an nn.Parameter", "buffer": "a tensor", "module": "a module"}
            where = f"{type(self).__name__}.{name}"
            problem = f"is a {kind}, so it takes {wanted[kind]} or None, not {type(value).__name__}"
            fix = f"del module.{name} first, if it is to become something else"
            if kind == "parameter" and isinstance(value, Tensor):
                fix = f"module.{name} = nn.Parameter(value)"
            raise DTypeError(compose(where, problem, {"value": value}, fix))
        registry[name] = value
        self.__dict__[name] = value

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Keep a tensor that is not trained, such as a running mean, under a name.

        Parameters
        ----------
        name : str
            The attribute to find it under.
        tensor : Tensor or None
        persistent : bool, default True
            Whether it is part of `state_dict`.

        Raises
        ------
        ArgumentError
            If the name is empty, holds a dot, or is taken.
        DTypeError
            If `tensor` is no tensor.

        Examples
        --------
        >>> module = Module()
        >>> module.register_buffer("mean", Tensor([0.5]))
        >>> module.mean
        Tensor([0.5000])
        """
        self._check_name("register_buffer", name, self._buffers)
        if tensor is not None and not isinstance(tensor, Tensor):
            problem = f"takes a tensor or None, not {type(tensor).__name__}"
            raise DTypeError(compose("register_buffer", problem, {name: tensor}))
        self._buffers[name] = tensor
        self.__dict__[name] = tensor
        self._set_persistent(name, persistent)

    def _set_persistent(self, name: str, persistent: bool) -> None:
        """Note whether a buffer is part of the state."""
        changed = self._transient - {name} if persistent else self._transient | {name}
        if changed != self._transient:
            self.__dict__["_transient"] = changed

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Keep a parameter under a name; None says that the module does without it.

        Raises
        ------
        ArgumentError
            If the name is empty, holds a dot, or is taken.
        DTypeError
            If `param` is no `Parameter`.
        """
        self._check_name("register_parameter", name, self._parameters)
        if param is not None and not isinstance(param, Parameter):
            problem = f"takes an nn.Parameter or None, not {type(param).__name__}"
            fix = "nn.Parameter(value)"
            raise DTypeError(compose("register_parameter", problem, {name: param}, fix))
        self._parameters[name] = param
        self.__dict__[name] = param

    def add_module(self, name: str, module: Module | None) -> None:
        """Keep a submodule under a name.

        Raises
        ------
        ArgumentError
            If the name is empty, holds a dot, or is taken.
        DTypeError
            If `module` is no `Module`.
        """
        self._check_name("add_module", name, self._modules)
        if module is not None and not isinstance(module, Module):
            problem = f"takes an nn.Module or None, not {type(module).__name__}"
            raise DTypeError(compose("add_module", problem, {name: module}))
        self._modules[name] = module
        self.__dict__[name] = module

    register_module = add_module

    def _check_name(self, where: str, name: str, registry: Mapping[str, Any]) -> None:
        if not isinstance(name, str) or not name or "." in name:
            problem = "a name must be a string that is not empty and holds no dot"
            raise ArgumentError(compose(where, problem, {"name": name}))
        if name not in registry and hasattr(self, name):
            problem = f"{type(self).__name__} has an attribute {name!r} already"
            raise ArgumentError(compose(where, problem, fix="another name"))

    # ---- looking through ----------------------------------------------------------------

    def named_modules(
        self, memo: set[int] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """All modules of the tree with their paths, this one first; a shared one once.

        Parameters
        ----------
        memo : set, optional
            Ids of modules to leave out; those that are found are added.
        prefix : str
            Path of this module.
        remove_duplicate : bool, default True
            Name a module that is reached by several paths only once.
        """
        memo = set() if memo is None else memo
        if id(self) in memo:
            return
        if remove_duplicate:
            memo.add(id(self))
        yield prefix, self
        for name, child in self._modules.items():
            if child is not None:
                path = f"{prefix}.{name}" if prefix else name
                yield from child.named_modules(memo, path, remove_duplicate)

    def modules(self) -> Iterator[Module]:
        """All modules of the tree, this one first; a shared one once."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The direct submodules with their names; a shared one once."""
        seen: set[int] = set()
        for name, child in self._modules.items():
            if child is not None and id(child) not in seen:
                seen.add(id(child))
                yield name, child

    def children(self) -> Iterator[Module]:
        """The direct submodules; a shared one once."""
        return (child for _, child in self.named_children())

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """The parameters with their paths; a shared one once.

        Parameters
        ----------
        prefix : str
            Put before every path.
        recurse : bool, default True
            Those of the submodules too.
        remove_duplicate : bool, default True
            Name a parameter that is reached by several paths only once.
        """
        return self._named("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters, as an optimizer takes them; a shared one once."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """The buffers with their paths; the arguments are those of `named_parameters`."""
        return self._named("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers; a shared one once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _named(self, kind: str, prefix: str, recurse: bool, once: bool) -> Iterator[Any]:
        seen: set[int] = set()
        owners = [(prefix, self)]
        if recurse:
            owners = list(self.named_modules(prefix=prefix, remove_duplicate=once))
        for path, module in owners:
            for name, member in getattr(module, kind).items():
                if member is not None and id(member) not in seen:
                    if once:
                        seen.add(id(member))
                    yield (f"{path}.{name}" if path else name), member

    def get_submodule(self, target: str) -> Module:
        """The module at a path such as ``"encoder.layers.0"``; the empty path is this one.

        Raises
        ------
        ArgumentError
            If there is none.
        """
        modules = dict(self.named_modules(remove_duplicate=False))
        return state.look_up("get_submodule", "submodule", target, modules)

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a path such as ``"encoder.layers.0.weight"``.

        Raises
        ------
        ArgumentError
            If there is none.
        """
        parameters = dict(self.named_parameters(remove_duplicate=False))
        return state.look_up("get_parameter", "parameter", target, parameters)

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at a path such as ``"norm.running_mean"``.

        Raises
        ------
        ArgumentError
            If there is none.
        """
        buffers = dict(self.named_buffers(remove_duplicate=False))
        return state.look_up("get_buffer", "buffer", target, buffers)

    # ---- changing all of it -------------------------------------------------------------

    def train(self, mode: bool = True) -> Self:
        """Set training mode (or, with False, evaluation mode) in the whole tree.

        Raises
        ------
        DTypeError
            If `mode` is no bool.
        """
        if not isinstance(mode, bool):
            raise DTypeError(compose("train", "mode must be True or False", {"mode": mode}))
        self.training = mode
        for child in self.children():
            child.train(mode)  # its own method: a module may override it to stay frozen
        return self

    def eval(self) -> Self:
        """Set evaluation mode in the whole tree."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Say of all parameters whether they are trained."""
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters.

        Parameters
        ----------
        set_to_none : bool, default True
            Make them None; otherwise fill them with zeros.
        """
        for parameter in self.parameters():
            if set_to_none or parameter.grad is None:
                parameter.grad = None
            else:
                parameter.grad = wrap(np.zeros_like(parameter.grad.data))

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Call a function on every module of the tree, this one last: to initialise, say.

        Examples
        --------
        >>> import lucid.nn as nn
        >>> def start_from_zero(module):
        ...     if isinstance(module, nn.Linear):
        ...         nn.init.zeros_(module.bias)
        >>> nn.Sequential(nn.Linear(2, 3), nn.ReLU()).apply(start_from_zero)[0].bias
        Parameter([0.0000, 0.0000, 0.0000], grad=None)
        """
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def to(self, *args: Any, dtype: Any = None, device: str | None = None) -> Self:
        """Bring floating parameters and buffers to another dtype, in place.

        The parameters stay the same objects, so an optimizer that has them keeps them.

        Parameters
        ----------
        *args : dtype, str or Tensor
            A dtype, a device (``"cpu"``), or a tensor whose dtype is taken.
        dtype, device : optional
            The same by name.

        Raises
        ------
        DTypeError
            If the dtype is neither floating nor complex.
        ArgumentError
            If the device is not ``"cpu"``.

        Examples
        --------
        >>> import lucid
        >>> import lucid.nn as nn
        >>> nn.Linear(2, 1).to(lucid.float64).weight.dtype
        dtype('float64')
        """
        wanted = destination("Module.to", args, dtype, device)
        if wanted is None:
            return self
        if not is_differentiable(wanted):
            problem = f"parameters must be floating or complex, not {wanted}"
            raise DTypeError(compose("Module.to", problem, fix="lucid.float32 or lucid.float64"))
        for member in [*self.parameters(), *self.buffers()]:
            for tensor in (member, member.grad):
                if tensor is not None and is_differentiable(tensor.dtype):
                    tensor.data = tensor.data.astype(wanted, copy=False)
        return self

    def float(self) -> Self:
        """Bring floating parameters and buffers to float32."""
        return self.to(np.float32)

    def double(self) -> Self:
        """Bring floating parameters and buffers to float64."""
        return self.to(np.float64)

    def half(self) -> Self:
        """Bring floating parameters and buffers to float16."""
        return self.to(np.float16)

    def bfloat16(self) -> Self:
        """Bring floating parameters and buffers to bfloat16 (needs the package ml_dtypes)."""
        return self.to(bfloat16())

    def cpu(self) -> Self:
        """The module itself: tensors lie on the CPU already."""
        return self

    # ---- hooks --------------------------------------------------------------------------

    def register_forward_pre_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
    ) -> HookHandle:
        """Call ``hook(module, args)`` before every `forward`.

        Parameters
        ----------
        hook : callable
            What it returns, unless None, takes the place of the arguments; a value that is
            not a tuple becomes the only one.
        prepend : bool, default False
            Call it before the hooks that are registered already.
        with_kwargs : bool, default False
            Call ``hook(module, args, kwargs)``, which returns None or a pair.

        Returns
        -------
        HookHandle
            Its `remove` takes the hook away.
        """
        return hooks.add(hooks.of(self).before, hook, with_kwargs, prepend)

    def register_forward_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
    ) -> HookHandle:
        """Call ``hook(module, args, output)`` after every `forward`.

        Parameters
        ----------
        hook : callable
            What it returns, unless None, takes the place of the output.
        prepend : bool, default False
            Call it before the hooks that are registered already.
        with_kwargs : bool, default False
            Call ``hook(module, args, kwargs, output)``.

        Returns
        -------
        HookHandle
            Its `remove` takes the hook away.

        Examples
        --------
        >>> import lucid.nn as nn
        >>> layer = nn.Linear(2, 3)
        >>> handle = layer.register_forward_hook(lambda module, args, out: print(out.shape))
        >>> _ = layer(Tensor([1.0, 2.0]))
        (3,)
        >>> handle.remove()
        """
        return hooks.add(hooks.of(self).after, hook, with_kwargs, prepend)

    def register_full_backward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False
    ) -> HookHandle:
        """Call ``hook(module, grad_output)`` when the gradients of the outputs are there.

        Parameters
        ----------
        hook : callable
            `grad_output` is a tuple; what the hook returns, unless None, takes its place.
        prepend : bool, default False
            Call it before the hooks that are registered already.

        Returns
        -------
        HookHandle
            Its `remove` takes the hook away.
        """
        return hooks.add(hooks.of(self).backward_before, hook, False, prepend)

    def register_full_backward_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False
    ) -> HookHandle:
        """Call ``hook(module, grad_input, grad_output)`` when the inputs' gradients are there.

        Parameters
        ----------
        hook : callable
            Both gradients are tuples, with None for an input that needs none. What the hook
            returns, unless None, takes the place of `grad_input`.
        prepend : bool, default False
            Call it before the hooks that are registered already.

        Returns
        -------
        HookHandle
            Its `remove` takes the hook away.

        Examples
        --------
        >>> import lucid.nn as nn
        >>> layer = nn.Identity()
        >>> handle = layer.register_full_backward_hook(lambda module, into, out: print(out[0]))
        >>> layer(Tensor([1.0, 2.0], requires_grad=True)).sum().backward()
        [1.0000, 1.0000]
        """
        return hooks.add(hooks.of(self).backward_after, hook, False, prepend)

    # ---- state --------------------------------------------------------------------------

    def state_dict(self, *, prefix: str = "") -> dict[str, Tensor]:
        """Parameters and persistent buffers by path: what is saved of a model.

        Parameters
        ----------
        prefix : str
            Put before every key.

        Returns
        -------
        dict
            Tensors without history that share memory with the module; ``lucid.save`` writes
            them.

        Examples
        --------
        >>> import lucid.nn as nn
        >>> list(nn.Sequential(nn.Linear(2, 3), nn.ReLU()).state_dict())
        ['0.weight', '0.bias']
        """
        return {prefix + key: value.detach() for key, value in state.members(self).items()}

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True
    ) -> state.IncompatibleKeys:
        """Copy the values of a state into the parameters and buffers, in place.

        Everything is checked first: if one value does not fit, none is copied.

        Parameters
        ----------
        state_dict : mapping
            Tensors or arrays by path, as `state_dict` gives them. Floating values are cast
            to the dtype of the parameter.
        strict : bool, default True
            Refuse a state with missing or unexpected keys; otherwise they are reported in
            the result. Values that do not fit are refused either way.

        Returns
        -------
        IncompatibleKeys
            A pair of lists, `missing_keys` and `unexpected_keys`.

        Raises
        ------
        StateError
            If the state does not fit: all missing and unexpected keys and all values of
            another shape or kind are listed.
        """
        return state.load(self, state_dict, strict)

    # ---- looks --------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """The arguments that a layer shows between its parentheses; none unless overridden."""
        return ""

    def __repr__(self) -> str:
        return outline.represent(self)


_KEPT = (Parameter, Module, Buffer)

# By this the frames of modules are known on the stack, whoever has put what in the method's place.
CALL = Module.__call__.__code__
