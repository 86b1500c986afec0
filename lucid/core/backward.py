"""`backward`: from a result to the `grad` of the leaves that it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import GradError, ShapeError, compose
from . import hooks
from .engine import accumulate, cast, run
from .node import Leaf
from .tensor import Tensor


def seed(tensor: Tensor, gradient: Any, where: str) -> Any:
    """The gradient that enters a result: ones for a scalar, else what the user gives.

    Raises
    ------
    GradError
        If the result requires no gradient, or is no scalar and no gradient is given.
    ShapeError
        If the given gradient has another shape.
    """
    if tensor._node is None:
        problem = "the tensor requires no gradient, so there is nothing to differentiate"
        fix = "make an input with requires_grad=True, outside no_grad()"
        raise GradError(compose(where, problem, {"tensor": tensor}, fix))
    if gradient is None:
        if tensor._data.size != 1:
            problem = "a gradient is implied for one element only"
            fix = "reduce with .sum() or .mean(), or give gradient="
            raise GradError(compose(where, problem, {"tensor": tensor}, fix))
        return np.ones(tensor._data.shape, tensor._data.dtype)
    value = gradient if isinstance(gradient, Tensor) else np.asarray(gradient)
    if value.shape != tensor._data.shape:
        problem = "the gradient must have the shape of the tensor"
        raise ShapeError(compose(where, problem, {"tensor": tensor, "gradient": value}))
    return value if value.dtype == tensor._data.dtype else cast(value, tensor._data.dtype)


class _Ones(dict[Any, Any]):
    """The gradient of a scalar towards itself, by dtype; shared, so read-only."""

    def __missing__(self, dtype: Any) -> Any:
        one = self[dtype] = np.ones((), dtype)
        one.flags.writeable = False
        return one


_ONES = _Ones()


def backward(
    tensor: Tensor,
    gradient: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Compute the gradients of a tensor with respect to the leaves it was made from.

    They are added to the `grad` of each leaf.

    Parameters
    ----------
    tensor : Tensor
        The result to differentiate.
    gradient : Tensor or array, optional
        The gradient that enters; needed unless the tensor has one element.
    retain_graph : bool, optional
        Keep the graph for another pass; by default it is kept only with `create_graph`.
    create_graph : bool, default False
        Record the pass itself, so that gradients can be differentiated again.
    inputs : Tensor or sequence of Tensor, optional
        Fill the `grad` of these alone; by default of every leaf.

    Raises
    ------
    GradError
        If the tensor requires no gradient, its graph was released by an earlier pass, or a
        value that a gradient needs was changed in place.
    ShapeError
        If `gradient` has another shape than the tensor.

    Examples
    --------
    >>> x = Tensor([3.0], requires_grad=True)
    >>> (x * x).backward()
    >>> print(x.grad)
    [6.0000]
    """
    node = tensor._node
    if gradient is None and node is not None and not tensor._data.ndim:
        gradient = _ONES[tensor._data.dtype]
    else:
        gradient = seed(tensor, gradient, "backward")
    roots = [(node, gradient)]
    keep = create_graph if retain_graph is None else retain_graph
    if inputs is None:
        run(roots, keep, create_graph)
    else:
        fill([inputs] if isinstance(inputs, Tensor) else list(inputs), roots, keep, create_graph)


def fill(
    inputs: Sequence[Tensor], roots: Sequence[tuple[Any, Any]], keep: bool, create_graph: bool
) -> None:
    """Carry gradients backward from `roots` into the `grad` of `inputs` alone.

    Raises
    ------
    GradError
        If one of them requires no gradient.
    """
    for i, tensor in enumerate(inputs):
        if tensor._node is None:
            problem = f"inputs[{i}] requires no gradient"
            fix = "set requires_grad=True before the computation"
            raise GradError(compose("backward", problem, {f"inputs[{i}]": tensor}, fix))
    nodes = {tensor._node: tensor for tensor in inputs}
    for node, gradient in run(roots, keep, create_graph, list(nodes)).items():
        hooked = type(node) is Leaf and node.extras is not None
        if hooked:
            gradient = hooks.before(node, gradient)
        accumulate(nodes[node], gradient)
        if hooked:
            hooks.filled(node, nodes[node], gradient)


Tensor.backward = backward  # type: ignore[method-assign, assignment]
