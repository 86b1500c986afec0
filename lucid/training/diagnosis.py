"""Where NaN or infinity came from: the first op, parameter or input that went bad.

Nothing is watched while training goes well. When it does not, the batch is run once more,
with the same random numbers, and every op looked at.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..autograd.grad_mode import enable_grad
from ..core.tensor import Tensor
from ..nn.module import Module
from ..random import default_generator
from . import watching
from .batches import tensors_in
from .task import Task


def is_finite(array: Any) -> bool:
    """Whether every element is finite: by one dot product where that is enough."""
    kind = array.dtype.kind
    if kind == "f" and array.itemsize > 2:
        flat = array.ravel()
        if math.isfinite(flat.dot(flat)):  # may overflow though every element is finite
            return True
    if kind not in "fcV":
        return True
    return bool(np.isfinite(array).all())


def count(array: Any) -> str:
    """How many elements are bad: ``"2 of 6 elements are NaN, 1 is infinite"``.

    Examples
    --------
    >>> count(np.array([1.0, np.nan, np.inf]))
    '1 of 3 elements is NaN, 1 is infinite'
    """
    nans, infs = int(np.isnan(array).sum()), int(np.isinf(array).sum())
    parts = [(n, kind) for n, kind in ((nans, "NaN"), (infs, "infinite")) if n]
    (first, kind), *rest = parts or [(0, "bad")]
    words = [f"{first} of {array.size} elements {'is' if first == 1 else 'are'} {kind}"]
    words += [f"{n} {'is' if n == 1 else 'are'} {kind}" for n, kind in rest]
    return ", ".join(words)


def first_bad(task: Task, batch: Any, random_state: Any) -> str:
    """Say what of a batch's forward and backward pass went bad first.

    Parameters
    ----------
    task : Task
    batch : object
    random_state : array
        Where the default generator stood before the batch.

    Returns
    -------
    str
        A clause such as ``"log in head: 1 of 8 elements is infinite, from finite inputs"``.
    """
    for path, tensor in tensors_in(batch):
        if not is_finite(tensor.data):
            return f"the data: {path}: {count(tensor.data)}"
    named: list[tuple[str, str, Tensor]]
    named = [("parameter", *pair) for pair in task.model.named_parameters()]
    named += [("buffer", *pair) for pair in task.model.named_buffers()]
    for kind, path, tensor in named:
        if not is_finite(tensor.data):
            return f"the {kind} {path}: {count(tensor.data)}"
    watch = _Watch()
    try:
        with _as_before(task.model, random_state), enable_grad():
            with watching.ops(watch.see), watching.modules(task.model, watch.enter, watch.leave):
                loss = task(batch)[0]
            return watch.verdict() or _first_in_backward(loss)
    except Exception as error:
        return f"not found: the batch, run once more, raised {type(error).__name__}"


@contextmanager
def _as_before(model: Module, random_state: Any) -> Iterator[None]:
    """The random numbers of an earlier moment; buffers and generator are put back at the end."""
    now = default_generator.get_state()
    buffers = [(buffer, buffer.data.copy()) for buffer in model.buffers()]
    default_generator.set_state(random_state)
    try:
        yield
    finally:
        default_generator.set_state(now)
        for buffer, values in buffers:
            buffer.data = values


class _Watch:
    """Looks at the output of every op of a forward pass, and knows the module it is in."""

    def __init__(self) -> None:
        self._path = ["the loss"]  # of the module that is running, innermost last
        self._nan: str | None = None
        self._infinite: str | None = None

    def enter(self, path: str, module: Module, args: Any, kwargs: Any) -> None:
        self._path.append(path or type(module).__name__)

    def leave(self, path: str, module: Module, output: Any) -> None:
        self._path.pop()

    def see(self, prim: Any, arrays: list[Any], static: dict[str, Any], output: Any) -> None:
        if self._nan is not None:
            return
        for out in output if isinstance(output, tuple) else (output,):
            out = np.asarray(out)
            if out.dtype.kind in "fc" and not is_finite(out):
                self._note(prim, arrays, out)

    def _note(self, prim: Any, arrays: list[Any], out: Any) -> None:
        inputs = [np.asarray(a) for a in arrays if isinstance(a, np.ndarray | float)]
        finite = all(is_finite(a) for a in inputs)
        origin = "from finite inputs" if finite else "from infinite ones among its inputs"
        words = f"{prim.name} in {self._path[-1]}: {count(out)}, {origin}"
        if np.isnan(out).any():
            self._nan = words
        elif self._infinite is None and finite:
            self._infinite = words

    def verdict(self) -> str | None:
        if self._nan is None or self._infinite is None:
            return self._nan or self._infinite
        return f"{self._infinite}; the first NaN: {self._nan}"


def _first_in_backward(loss: Tensor) -> str:
    """The op whose gradient rule made the first bad gradient; the forward pass was fine."""
    found: list[str] = []
    handles = [
        node.register_hook(_judge(node.name(), found)) for node in _nodes(loss) if node.edges
    ]
    try:
        for parameter, grad in _gradients(loss).items():
            if not found and not is_finite(grad.data):
                found.append(f"the gradient of {parameter}: {count(grad.data)}")
    finally:
        for handle in handles:
            handle.remove()
    return found[0] if found else "not found: the batch, run once more, stayed finite"


def _gradients(loss: Tensor) -> dict[str, Tensor]:
    """Run backward; the gradients that were there are put back."""
    leaves = [node for node in _nodes(loss) if not node.edges and hasattr(node, "tensor")]
    tensors = [t for t in (leaf.tensor() for leaf in leaves) if t is not None]
    before = [t.grad for t in tensors]
    for t in tensors:
        t.grad = None
    try:
        loss.backward()
        return {f"tensor {i}": t.grad for i, t in enumerate(tensors) if t.grad is not None}
    finally:
        for t, grad in zip(tensors, before, strict=True):
            t.grad = grad


def _judge(name: str, found: list[str]) -> Any:
    def hook(into: tuple[Any, ...], out: tuple[Any, ...]) -> None:
        if found or not all(is_finite(g.data) for g in out if g is not None):
            return
        for gradient in into:
            if gradient is not None and not is_finite(gradient.data):
                found.append(f"the gradient of {name}: {count(gradient.data)}, from finite ones")
                return

    return hook


def _nodes(loss: Tensor) -> list[Any]:
    """Every node of a graph, from the loss on."""
    found: dict[int, Any] = {}
    waiting = [loss.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and id(node) not in found:
            found[id(node)] = node
            waiting += [parent for parent, _ in node.next_functions]
    return list(found.values())
