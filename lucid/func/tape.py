"""A function run so that it can be differentiated by its arguments, and the passes over it.

Every transform gives the function arguments of its own: tensors of the same values whose
history begins here. Where they have a history outside already (the transform runs within
another one), it continues behind them. A pass is recorded in its turn exactly where what it
gives depends on something else that requires a gradient; its results are plain tensors else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..autograd.grad_mode import enable_grad
from ..config import LOCAL
from ..core import engine
from ..core.node import Leaf, Node, ShapeOnly
from ..core.tensor import Tensor, wrap
from ..dtypes import is_differentiable
from ..errors import DTypeError, ShapeError, compose
from ..ops.shape import _clone
from .lanes import Lanes
from .level import innermost
from .trees import leaves, rebuilt, tensors


class Run:
    """A function that has been run on tensors whose gradients are wanted.

    Parameters
    ----------
    where : str
        Name of the transform, for errors.
    function : callable
    args, kwargs
        What it is called with.
    argnums : sequence of int, optional
        Positions of the arguments to differentiate by; all of them by default.
    has_aux : bool
        The function returns a pair, of which the second is handed on as it is.

    Attributes
    ----------
    inputs : list of Tensor
        The leaves of the arguments, as the function got them.
    tree : object
        What the function returned, without the second of a pair.
    outputs : list of Tensor
        Its leaves.
    aux : object
    attached : bool
        The outputs depend on something else that requires a gradient.
    """

    def __init__(
        self,
        where: str,
        function: Callable[..., Any],
        args: Sequence[Any],
        kwargs: dict[str, Any],
        argnums: Sequence[int] | None = None,
        has_aux: bool = False,
    ) -> None:
        self.where = where
        self.tracked = LOCAL.state.grad_enabled
        chosen = range(len(args)) if argnums is None else argnums
        given = [args[i] for i in chosen]
        outside = tensors(where, "the arguments to differentiate by", given)
        self.inputs = [_own(where, x, self.tracked) for x in outside]
        own = iter(rebuilt(given, self.inputs))
        new = list(args)
        for i in chosen:
            new[i] = next(own)
        with enable_grad():
            result = function(*new, **kwargs)
        self.tree: Any
        self.aux: Any
        self.tree, self.aux = _without_aux(where, result) if has_aux else (result, None)
        self.outputs = tensors(where, "the results of the function", self.tree)
        nodes = [x._node for x in self.inputs]
        self.attached = self.tracked and _depends_elsewhere(self.outputs, nodes)

    def value(self) -> Any:
        """What the function returned, with the history that it has outside alone."""
        return rebuilt(self.tree, map(self.released, self.outputs))

    def auxiliary(self) -> Any:
        """The second of the pair, likewise."""
        free = (self.released(x) if isinstance(x, Tensor) else x for x in leaves(self.aux))
        return rebuilt(self.aux, free)

    def released(self, x: Tensor) -> Tensor:
        """A tensor without the history that begins at this run."""
        return x if self.attached else x.detach()

    def gradients(
        self, entering: Iterable[Any], keep: bool = False, recorded: bool = False
    ) -> list[Tensor | None]:
        """The gradients of the inputs, for those that enter the outputs.

        Parameters
        ----------
        entering : iterable of Tensor or array
            One for each output.
        keep : bool, default False
            Keep the graph for another pass.
        recorded : bool, default False
            Record the pass, even where nothing outside asks for it.
        """
        pairs = zip(self.outputs, entering, strict=True)
        roots = [(y._node, g) for y, g in pairs if y._node is not None]
        return passed(roots, [x._node for x in self.inputs], keep, self.attached, recorded)


def passed(
    roots: list[tuple[Any, Any]],
    nodes: list[Any],
    keep: bool,
    attached: bool,
    recorded: bool = False,
) -> list[Tensor | None]:
    """One pass from `roots` to `nodes`; the gradient is None where none arrives."""
    if not roots:
        return [None] * len(nodes)
    state = LOCAL.state
    recorded = recorded or attached
    within = state.lifting is not None  # lanes are tensors to the rules, recorded or not
    before = state.inference
    state.inference = not recorded
    try:
        found = engine.run(roots, keep or recorded, recorded or within, nodes)
    finally:
        state.inference = before
    gradients = (found.get(node) for node in nodes)
    return [g if g is None or isinstance(g, Tensor) else wrap(g) for g in gradients]


def zeros(x: Any) -> Tensor:
    """Zeros of the shape and dtype of a tensor."""
    return wrap(np.zeros(x.shape, x.dtype))


def filled(gradients: Iterable[Tensor | None], like: Iterable[Tensor]) -> list[Tensor]:
    """Zeros in the place of the gradients that did not arrive."""
    return [zeros(x) if g is None else g for g, x in zip(gradients, like, strict=True)]


def leaf(x: Tensor) -> Tensor:
    """A tensor of the same values with a history that begins here."""
    level = innermost()
    if level is not None:
        x = level.lifted(x)
    tensor = wrap(x._data)
    tensor._node = Leaf(tensor)
    return tensor


def fitting(where: str, what: str, given: Iterable[Any], like: Iterable[Any]) -> list[Any]:
    """Gradients or directions, which must be tensors of the shapes they belong to.

    Raises
    ------
    DTypeError
        If one is no tensor.
    ShapeError
        If one has another shape.
    """
    found = []
    for value, twin in zip(given, like, strict=True):
        if not isinstance(value, Tensor):
            problem = f"{what} must be tensors, not {type(value).__name__}"
            raise DTypeError(compose(where, problem, {what: value}))
        if value.shape != twin.shape:
            problem = f"{what} must have the shape of what they belong to"
            raise ShapeError(compose(where, problem, {what: value, "beside": twin}))
        found.append(value if value.dtype == twin.dtype else engine.cast(value, twin.dtype))
    return found


def _own(where: str, x: Tensor, tracked: bool) -> Tensor:
    """A tensor of the same values whose gradient is that of this run alone."""
    if not is_differentiable(x.dtype):
        problem = f"a tensor of {x.dtype} has no derivative"
        fix = "make it floating: x.float(), or leave it out of argnums"
        raise DTypeError(compose(where, problem, {"argument": x}, fix))
    level = innermost()
    if level is not None:
        x = level.lifted(x)
    if x._node is None or not tracked:
        return leaf(x)
    kept = ShapeOnly(x.shape, x.dtype)
    return wrap(x._data, Node(_clone, [x._node], [kept], None, None, {}))


def _depends_elsewhere(outputs: Sequence[Tensor], own: Sequence[Any]) -> bool:
    """True if the history of the outputs leads to more than these nodes."""
    if any(type(node) is not Leaf for node in own) or any(map(_outside, outputs)):
        return True
    seen = set(own)
    nodes = [y._node for y in outputs if y._node is not None and y._node not in seen]
    for node in nodes:  # the list grows while it is walked
        if type(node) is Leaf and node.tensor() is not None:  # by what is gone nobody will ask
            return True
        for edge in node.edges:
            if edge is not None and edge not in seen:
                seen.add(edge)
                nodes.append(edge)
    return False


def _outside(x: Tensor) -> bool:
    """True if a tensor of a `vmap` has a history around that."""
    data: Any = x._data
    while type(data) is Lanes:
        if data.value._node is not None:
            return True
        data = data.value._data
    return False


def _without_aux(where: str, result: Any) -> tuple[Any, Any]:
    if not isinstance(result, tuple) or len(result) != 2:
        problem = "with has_aux=True the function returns a pair: what is differentiated, and more"
        raise DTypeError(compose(where, problem, {"returned": result}))
    return result
