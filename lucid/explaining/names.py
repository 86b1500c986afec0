"""Names for the tensors of a tape: paths in a model, or the variables that hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from ..core.node import Leaf
from ..core.tensor import Tensor
from ..nn.layers.activation import ReLU
from ..nn.module import Module
from .tape import Step


class Names:
    """What leaves, data and modules are called.

    Parameters
    ----------
    steps : list of Step
    model : Module or None
        The model whose parameters are named by their paths.
    variables : mapping
        Variables of the caller; models among them that own a leaf serve as `model`, and
        tensors name themselves.
    """

    def __init__(
        self, steps: list[Step], model: Module | None, variables: Mapping[str, Any]
    ) -> None:
        self._names: dict[int, str] = {}
        self.kinds: dict[str, str] = {}
        self._after: dict[str, str] = {}  # the rectifier that follows a module
        leaves = {id(tensor) for step in steps for tensor in _leaf_tensors(step)}
        own = {name: v for name, v in variables.items() if not name.startswith("_")}
        if model is not None:
            self._take(model, "")
        else:
            self._take_all([v for v in own.items() if isinstance(v[1], Module)], leaves)
        for name, value in own.items():
            if isinstance(value, Tensor):
                self._names.setdefault(id(value), name)
                self._names.setdefault(id(value._data), name)

    def _take_all(self, models: list[tuple[str, Module]], leaves: set[int]) -> None:
        """Those of the models that own leaves, the one with the most of them first."""
        count = {name: _owned(model, leaves) for name, model in models}
        chosen: list[tuple[str, Module]] = []
        named: set[int] = set()
        for name, model in sorted(models, key=lambda pair: -count[pair[0]]):
            new = {id(p) for p in model.parameters()} & leaves - named
            if new:
                named |= new
                chosen.append((name, model))
        for name, model in chosen:
            self._take(model, f"{name}." if len(chosen) > 1 else "")

    def _take(self, model: Module, prefix: str) -> None:
        for (path, module), (behind, following) in pairwise([*model.named_modules(), ("", None)]):
            self.kinds[prefix + path] = type(module).__name__
            if type(following) is ReLU:
                self._after[prefix + path] = prefix + behind
        for path, tensor in [*model.named_parameters(), *model.named_buffers()]:
            self._names.setdefault(id(tensor), prefix + path)
            self._names.setdefault(id(tensor._data), prefix + path)

    def give(self, step: Step) -> None:
        """Write names into the inputs of a step, and where it belongs."""
        for given in step.inputs:
            source = given.source
            if type(source) is Leaf:
                source = source.tensor()
            given.name = self._names.get(id(source)) if source is not None else None
            given.source = None
        if step.origin is not None and getattr(step.origin, "module", None):
            step.path = step.origin.module
        if step.path is None or step.prim.name == "linear":
            step.path = _owner(step) or step.path
        if step.path is not None:
            step.kind = self.kinds.get(step.path)

    def give_all(self, steps: list[Step]) -> None:
        """Write names into all steps; rectifiers of a dense chain belong to the `ReLU` behind."""
        for step in steps:
            self.give(step)
            source = step.inputs[0].step if step.inputs else None
            if step.prim.name == "relu" and source is not None:
                layer = steps[source - 1]
                behind = self._after.get(layer.path or "")
                if layer.prim.name == "linear" and behind and _within(behind, step.path):
                    step.path, step.kind = behind, self.kinds[behind]


def _within(path: str, outer: str | None) -> bool:
    """Whether a path may be what ran in a module; the outermost goes by the name of its class."""
    return outer is None or path.startswith(f"{outer}.") or "." not in path


def _leaf_tensors(step: Step) -> Iterator[Tensor]:
    for given in step.inputs:
        if type(given.source) is Leaf:
            tensor = given.source.tensor()
            if tensor is not None:
                yield tensor


def _owned(model: Module, leaves: set[int]) -> int:
    return sum(id(parameter) in leaves for parameter in model.parameters())


def _owner(step: Step) -> str | None:
    """The module whose parameters a step is given; None if there are several or none."""
    paths = {
        given.name.rpartition(".")[0]
        for given in step.inputs
        if given.kind == "leaf" and given.name is not None and "." in given.name
    }
    return paths.pop() if len(paths) == 1 else None
