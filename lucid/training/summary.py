"""`summary`: what a model is made of, and what one call of it costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..autograd.grad_mode import no_grad
from ..core.tensor import Tensor, wrap
from ..dtypes import is_differentiable
from ..errors import DTypeError, compose
from ..nn.module import Module
from ..random import fork_rng
from . import multiply_adds, watching
from .batches import as_tensor, tensors_in
from .evaluation import evaluating
from .table import columns
from .task import check_model


class Layer:
    """One module of a `Summary`.

    Attributes
    ----------
    path : str
        Where it stands in the model; empty for the model itself.
    kind : str
        Its class.
    shapes : list of tuple
        Those of its outputs; empty if it was not called.
    calls : int
    parameters : int
        Numbers in its own parameters, those of submodules and of shared ones apart.
    multiply_adds : int
        Of its own ops, in all calls.
    output_bytes : int
        That its outputs take, in all calls.
    """

    def __init__(self, path: str, module: Module) -> None:
        self.path = path
        self.kind = type(module).__name__
        self.shapes: list[tuple[int, ...]] = []
        self.calls = self.parameters = self.multiply_adds = self.output_bytes = 0


class Summary:
    """What `summary` returns; it prints as a table.

    Attributes
    ----------
    layers : list of Layer
        Those that have parameters or ops of their own, in the order of their calls.
    parameters, trained_parameters : int
        Each number counted once; trained are those that require a gradient.
    multiply_adds : int
        Of one call, matrix products and convolutions counted.
    parameter_bytes, buffer_bytes, input_bytes, output_bytes : int
        Memory: `output_bytes` is that of all layers' outputs together.

    Examples
    --------
    >>> import lucid
    >>> from lucid import nn
    >>> lucid.summary(nn.Linear(3, 4), (2, 3)).parameters
    16
    """

    def __init__(self, model: Module, layers: list[Layer], input_bytes: int) -> None:
        unique = list(model.parameters())
        self.model_name = type(model).__name__
        self.layers = layers
        self.parameters = sum(p.numel() for p in unique)
        self.trained_parameters = sum(p.numel() for p in unique if p.requires_grad)
        self.multiply_adds = sum(layer.multiply_adds for layer in layers)
        self.parameter_bytes = sum(p.nbytes for p in unique)
        self.buffer_bytes = sum(b.nbytes for b in model.buffers())
        self.input_bytes = input_bytes
        self.output_bytes = sum(layer.output_bytes for layer in layers)

    def __repr__(self) -> str:
        head = ["layer", "kind", "output", "parameters", "multiply-adds", "memory"]
        rows = [head, *map(_row, self.layers)]
        lines = columns(rows, left=3)
        rule = "-" * max(map(len, lines))
        frozen = self.parameters - self.trained_parameters
        apart = f" ({frozen:,} of them frozen)" if frozen else ""
        memory = [
            f"parameters {_bytes(self.parameter_bytes)}",
            *([f"buffers {_bytes(self.buffer_bytes)}"] if self.buffer_bytes else []),
            f"input {_bytes(self.input_bytes)}",
            f"outputs {_bytes(self.output_bytes)}",
        ]
        totals = [
            f"{self.model_name}: {self.parameters:,} parameters{apart}, "
            f"{self.multiply_adds:,} multiply-adds a call",
            f"memory: {', '.join(memory)}",
        ]
        return "\n".join([lines[0], rule, *lines[1:], rule, *totals])


def _row(layer: Layer) -> list[str]:
    shapes = " ".join(str(list(shape)) for shape in layer.shapes[:2])
    output = shapes + (" ..." if len(layer.shapes) > 2 else "")
    if layer.calls > 1:
        output += f" x {layer.calls}"
    return [
        layer.path or "(itself)",
        layer.kind,
        output if layer.calls else "not called",
        f"{layer.parameters:,}" if layer.parameters else "",
        f"{layer.multiply_adds:,}" if layer.multiply_adds else "",
        _bytes(layer.output_bytes) if layer.calls else "",
    ]


def _bytes(count: int) -> str:
    """A size in bytes, in few characters."""
    size = float(count)
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"


def summary(model: Module, input: Any) -> Summary:
    """Run a model once, and say what its layers are and what they cost.

    The call is made in evaluation mode and without gradients; modes and random numbers are
    afterwards as they were before.

    Parameters
    ----------
    model : Module
    input : Tensor, numpy.ndarray, tuple or dict
        What the model is called with: one input, a tuple of them, or a dict of arguments by
        name. A tuple of integers is the shape of a floating input, the batch size in front.

    Returns
    -------
    Summary
        Prints as a table of the layers by their paths, with the shapes of their outputs,
        their own parameters, the multiply-adds of their own ops, and the memory that their
        outputs take. It has the totals as attributes.

    Raises
    ------
    DTypeError
        If `model` is no module, or `input` no input.

    Notes
    -----
    Multiply-adds are counted where the ops run, not looked up by the kind of the layer, so
    modules of the user's own count too. Ops other than matrix products, convolutions and
    recurrent layers count as none.

    Examples
    --------
    >>> import lucid
    >>> from lucid import nn
    >>> model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
    >>> lucid.summary(model, (16, 8))
    layer  kind    output    parameters  multiply-adds   memory
    -----------------------------------------------------------
    0      Linear  [16, 32]         288          4,096  2.0 KiB
    1      ReLU    [16, 32]                             2.0 KiB
    2      Linear  [16, 1]           33            512     64 B
    -----------------------------------------------------------
    Sequential: 321 parameters, 4,608 multiply-adds a call
    memory: parameters 1.3 KiB, input 512 B, outputs 4.1 KiB
    """
    check_model("summary", model)
    args, kwargs = _arguments(model, input)
    record = _Record(model)
    with (
        evaluating(model),
        no_grad(),
        fork_rng(),
        watching.ops(record.see),
        watching.modules(model, record.enter, record.leave),
    ):
        model(*args, **kwargs)
    input_bytes = sum(t.nbytes for _, t in tensors_in([args, kwargs]))
    return Summary(model, record.worth_showing(), input_bytes)


def _arguments(model: Module, input: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if isinstance(input, dict):
        return (), {name: as_tensor(value) for name, value in input.items()}
    if isinstance(input, Tensor | np.ndarray):
        return (as_tensor(input),), {}
    if isinstance(input, tuple | list) and input:
        if all(isinstance(n, int) and not isinstance(n, bool) for n in input):
            dtypes = [p.dtype for p in model.parameters() if is_differentiable(p.dtype)]
            return (wrap(np.zeros(input, dtypes[0] if dtypes else np.float32)),), {}
        return tuple(map(as_tensor, input)), {}
    problem = f"input must be a tensor, a tuple of them, or a shape, not {type(input).__name__}"
    raise DTypeError(compose("summary", problem, {"input": input}, "lucid.zeros(1, 3, 32, 32)"))


class _Record:
    """Fills in the layers while the model runs."""

    def __init__(self, model: Module) -> None:
        modules = dict(model.named_modules())
        self._layers = {path: Layer(path, module) for path, module in modules.items()}
        self._leaves = {path for path, module in modules.items() if not module._modules}
        self._order: dict[str, None] = {}
        self._running: list[str] = []
        counted: set[int] = set()
        for path, module in modules.items():
            for parameter in module.parameters(recurse=False):
                if id(parameter) not in counted:
                    counted.add(id(parameter))
                    self._layers[path].parameters += parameter.numel()

    def enter(self, path: str, module: Module, args: Any, kwargs: Any) -> None:
        self._order.setdefault(path)
        self._running.append(path)

    def leave(self, path: str, module: Module, output: Any) -> None:
        self._running.pop()
        layer = self._layers[path]
        outputs = list(_tensors(output))
        layer.calls += 1
        layer.shapes = [t.shape for t in outputs]
        if path in self._leaves:  # what encloses others passes on what they gave
            layer.output_bytes += sum(t.nbytes for t in outputs)

    def see(self, prim: Any, arrays: list[Any], static: dict[str, Any], output: Any) -> None:
        if self._running:
            layer = self._layers[self._running[-1]]
            layer.multiply_adds += multiply_adds.of(prim, arrays, static, output)

    def worth_showing(self) -> list[Layer]:
        """Leaves that were called, and whatever has parameters or products of its own."""
        called = [self._layers[path] for path in self._order]
        others = [layer for layer in self._layers.values() if not layer.calls]
        return [
            layer
            for layer in [*called, *others]
            if layer.parameters
            or layer.multiply_adds
            or (layer.calls and layer.path in self._leaves)
        ]


def _tensors(output: Any) -> Iterator[Tensor]:
    return (tensor for _, tensor in tensors_in(output))
