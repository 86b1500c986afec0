"""Calling a module with other parameters than its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ...errors import StateError, compose
from ..module import Module


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    args: Any = None,
    kwargs: Mapping[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """The output of a module whose parameters and buffers are replaced for this one call.

    Gradients go to what is put in place of the parameters: this is how a network becomes a
    function of its parameters.

    Parameters
    ----------
    module : Module
    parameter_and_buffer_dicts : dict, or sequence of them
        Tensors by path, as `named_parameters` has them.
    args : tuple or Tensor, optional
        What the module is called with; what is no tuple is the only argument.
    kwargs : dict, optional
    tie_weights : bool, default True
        A tensor that the module has under several paths is replaced under all of them.
    strict : bool, default False
        Refuse a dict that leaves a parameter or buffer out.

    Returns
    -------
    Any
        What the module gives. The module is as it was afterwards, after an error too.

    Raises
    ------
    StateError
        If a path is none of the module's; with `strict`, if one is left out.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> layer = nn.Linear(2, 1, bias=False)
    >>> nn.utils.stateless.functional_call(layer, {"weight": lucid.ones(1, 2)}, lucid.ones(3, 2))
    Tensor([[2.0000],
            [2.0000],
            [2.0000]])
    """
    given = parameter_and_buffer_dicts
    dicts = [given] if isinstance(given, Mapping) else list(given)
    values = {path: value for each in dicts for path, value in each.items()}
    positional = () if args is None else args if isinstance(args, tuple) else (args,)
    with _replaced(module, values, tie_weights, strict):
        return module(*positional, **(kwargs or {}))


@contextmanager
def _replaced(
    module: Module, values: Mapping[str, Any], tie_weights: bool, strict: bool
) -> Iterator[None]:
    owners: dict[str, tuple[Module, str]] = {}
    held: dict[str, Any] = {}
    for prefix, owner in module.named_modules(remove_duplicate=False):
        for registry in (owner._parameters, owner._buffers):
            for name, tensor in registry.items():
                if tensor is not None:
                    path = f"{prefix}.{name}" if prefix else name
                    held[path], owners[path] = tensor, (owner, name)
    unknown = [path for path in values if path not in held]
    if unknown:
        problem = f"{type(module).__name__} has no parameter or buffer {unknown[0]!r}"
        raise StateError(compose("functional_call", problem, {"has": list(held)}))
    by_place = {path: values[path] for path in values}
    if tie_weights:
        of_tensor = {id(held[path]): value for path, value in values.items()}
        by_place.update(
            (path, of_tensor[id(tensor)])
            for path, tensor in held.items()
            if path not in values and id(tensor) in of_tensor
        )
    missing = [path for path in held if path not in by_place]
    if strict and missing:
        problem = f"strict=True, and {missing[0]!r} is left out"
        raise StateError(compose("functional_call", problem, {"missing": missing}))
    places = [(*owners[path], path) for path in by_place]
    try:
        for owner, name, path in places:
            owner.__dict__[name] = by_place[path]  # beside the registry, which keeps its own
        yield
    finally:
        for owner, name, path in places:
            buffers = owner._buffers
            if name in buffers and owner.__dict__.get(name) is not by_place[path]:
                buffers[name] = held[path]  # the call wrote a buffer: not into the module
            owner.__dict__[name] = held[path]
