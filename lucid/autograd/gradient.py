"""`grad` and `backward`: derivatives of several results at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import engine
from ..core.backward import fill, seed
from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, DTypeError, GradError, UnimplementedError, compose

Tensors = Tensor | Sequence[Tensor]
Gradients = Any  # a tensor, or a sequence of tensors and None


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Gradients = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    r"""The gradients of results with respect to inputs, given back and not accumulated.

    For outputs :math:`y` with incoming gradients :math:`v`, and each input :math:`x`:
    :math:`\sum_y v_y^\top \, \partial y / \partial x`. Only what lies between the two is
    computed. No leaf's `grad` is touched; a tensor that retains its gradient
    (`Tensor.retain_grad`) does so here too.

    Parameters
    ----------
    outputs : Tensor or sequence of Tensor
        The results to differentiate; their gradients are summed.
    inputs : Tensor or sequence of Tensor
        What to differentiate by: leaves or intermediate results.
    grad_outputs : Tensor or sequence of Tensor or None, optional
        The gradient that enters each output, of its shape; None for a scalar.
    retain_graph : bool, optional
        Keep the graph for another pass; by default it is kept only with `create_graph`.
    create_graph : bool, default False
        Record the pass, so that the gradients can be differentiated in their turn.
    allow_unused : bool, optional
        Give None for an input that the outputs do not depend on, instead of raising; by
        default the value of `materialize_grads`.
    is_grads_batched : bool, default False
        For PyTorch's signature; only False is taken. Several gradients of one result are
        several calls with ``retain_graph=True``.
    materialize_grads : bool, default False
        Give zeros instead of None.

    Returns
    -------
    tuple of Tensor
        One gradient for each input, in memory of its own.

    Raises
    ------
    GradError
        If an input or output requires no gradient, an input is unused, or the graph was
        released by an earlier pass.
    ArgumentError
        If there are not as many `grad_outputs` as outputs, or `materialize_grads` is set
        with ``allow_unused=False``.
    UnimplementedError
        If `is_grads_batched` is set.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor(3.0, requires_grad=True)
    >>> (slope,) = lucid.autograd.grad(x**3, x, create_graph=True)
    >>> (curvature,) = lucid.autograd.grad(slope, x)
    >>> print(slope.detach(), curvature)
    27.0000 18.0000
    """
    if is_grads_batched:
        problem = "is_grads_batched=True is not supported: a pass carries one gradient an output"
        fix = "[grad(y, x, v, retain_graph=True) for v in grad_outputs]"
        raise UnimplementedError(compose("grad", problem, fix=fix))
    if allow_unused is None:
        allow_unused = materialize_grads
    elif materialize_grads and not allow_unused:
        problem = "materialize_grads=True gives zeros for unused inputs, allow_unused=False forbids"
        raise ArgumentError(compose("grad", problem, fix="leave allow_unused out"))
    sources = _listed("grad", "inputs", inputs)
    for i, source in enumerate(sources):
        if source._node is None:
            problem = f"inputs[{i}] requires no gradient"
            fix = "set requires_grad=True before the computation"
            raise GradError(compose("grad", problem, {f"inputs[{i}]": source}, fix))
    nodes = [source._node for source in sources]
    roots = _roots("grad", "grad_outputs", _listed("grad", "outputs", outputs), grad_outputs)
    keep = create_graph if retain_graph is None else retain_graph
    found = engine.run(roots, keep, create_graph, nodes)
    results: list[Tensor | None] = []
    for i, (source, node) in enumerate(zip(sources, nodes, strict=True)):
        gradient = found.get(node)
        if gradient is not None:
            results.append(gradient if isinstance(gradient, Tensor) else wrap(gradient))
        elif not allow_unused:
            problem = f"the outputs do not depend on inputs[{i}]"
            fix = "allow_unused=True gives None for it, materialize_grads=True zeros"
            raise GradError(compose("grad", problem, {f"inputs[{i}]": source}, fix))
        else:
            results.append(wrap(np.zeros_like(source.data)) if materialize_grads else None)
    return tuple(results)


def backward(
    tensors: Tensors,
    grad_tensors: Gradients = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensors | None = None,
) -> None:
    """Add the gradients of several results to the `grad` of the leaves they were made from.

    Parameters
    ----------
    tensors : Tensor or sequence of Tensor
        The results to differentiate; their gradients are summed.
    grad_tensors : Tensor or sequence of Tensor or None, optional
        The gradient that enters each of them, of its shape; None for a scalar.
    retain_graph : bool, optional
        Keep the graph for another pass; by default it is kept only with `create_graph`.
    create_graph : bool, default False
        Record the pass, so that the gradients can be differentiated in their turn.
    inputs : Tensor or sequence of Tensor, optional
        Fill the `grad` of these alone; by default of every leaf.

    Raises
    ------
    GradError
        If a tensor requires no gradient, or the graph was released by an earlier pass.
    ArgumentError
        If there are not as many `grad_tensors` as tensors.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([1.0, 2.0], requires_grad=True)
    >>> lucid.autograd.backward([x.sum(), (x * x).sum()])
    >>> print(x.grad)
    [3.0000, 5.0000]
    """
    if inputs is not None:
        inputs = _listed("backward", "inputs", inputs)
    roots = _roots(
        "backward", "grad_tensors", _listed("backward", "tensors", tensors), grad_tensors
    )
    keep = create_graph if retain_graph is None else retain_graph
    if inputs is None:
        engine.run(roots, keep, create_graph)
    else:
        fill(inputs, roots, keep, create_graph)


def _listed(where: str, name: str, given: Any) -> list[Tensor]:
    """One tensor or several, as a list."""
    tensors = [given] if isinstance(given, Tensor) else list(given)
    for tensor in tensors:
        if not isinstance(tensor, Tensor):
            problem = f"{name} must be tensors, not {type(tensor).__name__}"
            raise DTypeError(compose(where, problem, {name: tensor}))
    if not tensors:
        raise ArgumentError(compose(where, f"{name} is empty"))
    return tensors


def _roots(
    where: str, name: str, outputs: list[Tensor], gradients: Gradients
) -> list[tuple[Any, Any]]:
    """Pair the node of every output with the gradient that enters it."""
    if gradients is None:
        entering: list[Any] = [None] * len(outputs)
    elif isinstance(gradients, Tensor | np.ndarray):
        entering = [gradients]
    else:
        entering = list(gradients)
    if len(entering) != len(outputs):
        problem = f"{name} needs one entry for each of {len(outputs)} outputs, not {len(entering)}"
        raise ArgumentError(compose(where, problem))
    pairs = zip(outputs, entering, strict=True)
    return [(output._node, seed(output, gradient, where)) for output, gradient in pairs]
