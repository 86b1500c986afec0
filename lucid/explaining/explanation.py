"""`explain`: how a result came about, and how its gradient will."""

from __future__ import annotations

import math
import sys
from typing import Any

from ..core.node import Leaf, Slot
from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, GradError, compose, not_a_tensor
from ..formulas.latex import printable
from ..nn.module import Module
from . import picture, wording
from .chains import taken_apart
from .folding import Block, folded
from .listing import listing
from .losses import LossExplanation, explain_loss
from .names import Names
from .tape import Given, Step, steps_of


class Explanation:
    """What `explain` returns: it prints as text, and shows as a drawing in a notebook.

    Parameters
    ----------
    tensor : Tensor
        What is explained.
    steps : list of Step
        The ops behind it.

    Attributes
    ----------
    steps : list of Step
        The ops in the order in which they ran, dense chains as the layers they are.
    blocks : list of Block
        The same with repeated layers folded.
    result : str
        dtype and shape of what is explained.
    leaves : list of str
        Names of the tensors that get a gradient; ``"leaf 1"`` and so on where none is known.
    numbers : int
        How many numbers these tensors have.
    bytes : int
        Memory that the graph holds for `backward`, each array counted once; the leaves
        themselves are not counted.
    recorded : bool
        Whether it is known where the ops came from (`lucid.record_origins`).

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([1.0, 2.0], requires_grad=True)
    >>> [step.prim.name for step in lucid.explain(x.tanh().sum()).steps]
    ['tanh', 'sum']
    """

    def __init__(self, tensor: Tensor, steps: list[Step]) -> None:
        self.result = wording.kind_of(tensor.shape, tensor.dtype)
        self.steps = steps
        self.blocks: list[Block] = folded(steps)
        self.recorded = any(step.origin is not None for step in steps)
        every = {held.place: held.bytes for step in steps for held in step.held if held.own}
        self.bytes = sum(every.values())
        found: dict[int, Given] = {}
        for step in steps:
            for given in step.inputs:
                if given.leaf is not None:
                    found.setdefault(given.leaf, given)
        self.leaves = [each.name or wording.unnamed(each) for each in found.values()]
        self.numbers = sum(math.prod(each.shape or ()) for each in found.values())

    def __str__(self) -> str:
        return printable(listing(self.blocks, self.heading(), self.remarks()))

    __repr__ = __str__

    def _repr_svg_(self) -> str:
        return picture.svg(self.blocks, self.heading(), self.remarks())

    def heading(self) -> str:
        """The whole in one line."""
        count, leaves = len(self.steps), len(self.leaves)
        ops = f"{count} op{'s' if count > 1 else ''}"
        tensors = f"{leaves} tensor{'s' if leaves > 1 else ''}, {self.numbers:,} numbers"
        held = wording.size(self.bytes)
        return f"{self.result} by {ops}, from {tensors}; {held} held for backward"

    def remarks(self) -> list[str]:
        """What there is to add at the foot."""
        said = []
        if any(step.released for step in self.steps):
            said.append("released: backward went through these ops; retain_graph=True keeps them")
        if not self.recorded:
            said.append("for source lines, compute it within `with lucid.record_origins():`")
        return said

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data, as `json.dumps` takes it.

        Returns
        -------
        dict
            ``result``, ``bytes`` and ``leaves``; ``steps``, a dict for each op; and ``blocks``:
            first step, number of steps and copies of each.

        Examples
        --------
        >>> import lucid
        >>> x = lucid.tensor([1.0, 2.0], requires_grad=True)
        >>> (step,) = lucid.explain(x.tanh()).to_dict()["steps"]
        >>> step["op"], step["gradient"], step["bytes"]
        ('tanh', ['grad_x = g * (1 - y * y)'], 8)
        """
        return {
            "result": self.result,
            "bytes": self.bytes,
            "leaves": self.leaves,
            "steps": [_as_dict(step) for step in self.steps],
            "blocks": [
                {"first": block.steps[0].number, "steps": len(block.steps), "times": block.times}
                for block in self.blocks
            ],
        }


def _as_dict(step: Step) -> dict[str, Any]:
    where = step.origin
    return {
        "number": step.number,
        "op": step.prim.name,
        "public": wording.operation(step.prim).public,
        "inputs": [_input_as_dict(given) for given in step.inputs],
        "outputs": [
            {"shape": None if shape is None else list(shape), "dtype": dtype}
            for shape, dtype in zip(step.shapes, step.dtypes, strict=True)
        ],
        "static": {name: wording.plain(value) for name, value in step.static.items()},
        "formula": wording.value_formula(step),
        "gradient": wording.gradient_formulas(step),
        "held": [
            {
                "role": h.role,
                "shape": list(h.shape),
                "dtype": h.dtype,
                "bytes": h.bytes,
                "own": h.own,
            }
            for h in step.held
        ],
        "bytes": step.bytes,
        "module": step.path,
        "kind": step.kind,
        "origin": None
        if where is None
        else {"file": where.file, "line": where.line, "code": where.code},
        "released": step.released,
    }


def _input_as_dict(given: Given) -> dict[str, Any]:
    return {
        "role": given.role,
        "kind": given.kind,
        "name": given.name,
        "step": given.step,
        "output": given.output,
        "shape": None if given.shape is None else list(given.shape),
        "dtype": given.dtype,
        "value": wording.plain(given.value),
    }


def explain(
    value: Any,
    residuals: Any = None,
    limits: tuple[float, float] | None = None,
    *,
    model: Module | None = None,
) -> Explanation | LossExplanation:
    """Say how a result came about op by op, and how its gradient will.

    Of each op: its formula, shapes and dtypes, how the gradients of its inputs come about (read
    from its gradient rule), what it holds for that, the module it ran in and the line of the
    source that made it. Layers that repeat are shown once.

    Parameters
    ----------
    value : Tensor or Module
        A result that was recorded: something in it requires a gradient. Of a regression loss,
        such as ``nn.HuberLoss()``, it is said and drawn what it does to residuals.
    residuals : array or Tensor, optional
        For a loss: input - target of some data, to be placed on its curve.
    limits : tuple of float, optional
        For a loss: the part of the axis to draw.
    model : Module, optional
        Whose parameters are named by their paths. Without it the models and tensors among the
        variables of the caller are looked through.

    Returns
    -------
    Explanation or LossExplanation
        ``print`` shows it as text, a notebook as a drawing. `Explanation.to_dict` has it as plain
        data, and `LossExplanation.plot` is a figure.

    Raises
    ------
    DTypeError
        If `value` is neither, or `model` is no module.
    GradError
        If there is nothing to explain: the tensor has no history, or `backward` has released it.
    ArgumentError
        If residuals or limits are given for a tensor, or are none that a loss can take.

    See Also
    --------
    lucid.record_origins : Has to be on for source lines.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([0.5, 1.0], requires_grad=True)
    >>> print(lucid.explain(x.tanh()))
    float32[2] by 1 op, from 1 tensor, 2 numbers; 8 B held for backward
    <BLANKLINE>
      #1  tanh(x = x[2]) → float32[2]
            value  y = sinh x / cosh x
            slope  grad_x = g * (1 - y * y)
            holds  out 8 B
    <BLANKLINE>
    for source lines, compute it within `with lucid.record_origins():`
    """
    if isinstance(value, Module) and all(hasattr(value, name) for name in ("rho", "psi", "weight")):
        return explain_loss(value, residuals, limits)
    tensor = _checked(value, model)
    if residuals is not None or limits is not None:
        problem = "residuals and limits are for losses such as nn.HuberLoss(), not for tensors"
        raise ArgumentError(compose("explain", problem, {"value": value}))
    frame = sys._getframe(1)
    steps = taken_apart(steps_of(tensor._node, tensor._data))
    names = Names(steps, model, {**frame.f_globals, **frame.f_locals})
    names.give_all(steps)
    return Explanation(tensor, steps)


def _checked(value: Any, model: Any) -> Tensor:
    """The tensor, if there is anything to explain about it.

    Raises
    ------
    DTypeError, GradError
        If there is not.
    """
    if not isinstance(value, Tensor):
        raise _stranger(value)
    if model is not None and not isinstance(model, Module):
        problem = f"model must be a module, not {type(model).__name__}"
        raise DTypeError(compose("explain", problem, {"model": model}))
    node = value._node
    if node is None:
        problem = "the tensor has no history: no op that made it was recorded"
        fix = "let an input require a gradient (x.requires_grad_()), and compute outside of no_grad"
        raise GradError(compose("explain", problem, {"value": value}, fix))
    if type(node) is Leaf:
        problem = "the tensor is a leaf: no op made it"
        raise GradError(compose("explain", problem, {"value": value}, "explain a result of it"))
    if (node.edges[0] if type(node) is Slot else node).saved is None:
        problem = "backward has been through the graph of the tensor and released it"
        fix = "explain before backward(), or call backward(retain_graph=True)"
        raise GradError(compose("explain", problem, {"value": value}, fix))
    return value


def _stranger(value: Any) -> DTypeError:
    """The error for what is no tensor: a model, or the results of an op with several."""
    if isinstance(value, Module):
        problem = "explains results, not models"
        fix = "lucid.explain(model(x), model=model), or lucid.summary(model, x) for its layers"
        return DTypeError(compose("explain", problem, {"value": type(value).__name__}, fix))
    if isinstance(value, tuple | list) and value and isinstance(value[0], Tensor):
        problem = f"explains one tensor, not a {type(value).__name__} of them"
        return DTypeError(compose("explain", problem, {"value": value}, "lucid.explain(value[0])"))
    return not_a_tensor("explain", value, "value")
