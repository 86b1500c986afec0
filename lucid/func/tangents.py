r"""`jvp`, `linearize` and `hvp`: derivatives along a direction.

The pass in reverse is linear in the gradient u that enters it, :math:`g(u) = u^\top J`. So its
own derivative in reverse, towards u, is :math:`J v`: two passes in reverse make one forward,
and every op has forward derivatives without a rule for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..core.tensor import Tensor
from ..errors import DTypeError, GradError, compose
from .gradients import grad, vjp
from .tape import Run, filled, fitting, leaf, passed, zeros
from .trees import paired, rebuilt


class Linear:
    """The derivative of a run, ready to be applied to directions.

    Parameters
    ----------
    run : Run
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.entering = [leaf(zeros(y)) for y in run.outputs]
        found = run.gradients(self.entering, keep=True, recorded=True)
        self.gradients = [None if g is None else g for g in found]

    def along(self, directions: Sequence[Any], keep: bool = True) -> list[Tensor | None]:
        """The derivative of each output along directions, one for each input."""
        pairs = zip(self.gradients, directions, strict=True)
        roots = [(g._node, v) for g, v in pairs if g is not None and g._node is not None]
        nodes = [u._node for u in self.entering]
        attached = self.run.attached or (self.run.tracked and any(map(_differentiable, directions)))
        return passed(roots, nodes, keep, attached)


def _differentiable(x: Any) -> bool:
    return isinstance(x, Tensor) and x.requires_grad


def jvp(
    func: Callable[..., Any],
    primals: Any,
    tangents: Any,
    *,
    strict: bool = False,
    has_aux: bool = False,
) -> tuple[Any, ...]:
    r"""The value of a function and its derivative along a direction, :math:`J v`.

    Parameters
    ----------
    func : callable
        Of tensors, or of tuples, lists and dicts of them; it returns such as well.
    primals : tuple
        The arguments at which it is evaluated.
    tangents : tuple
        The direction, built as `primals` is.
    strict : bool, default False
        Refuse results that do not depend on `primals`, whose derivative is zero.
    has_aux : bool, default False
        `func` returns a pair, ``(value, aux)``, of which the second is handed on.

    Returns
    -------
    tuple
        ``(value, tangent)``, or ``(value, tangent, aux)``.

    Raises
    ------
    DTypeError
        If `primals` and `tangents` are not tuples built alike of floating tensors, or the
        function returns no tensor.
    ShapeError
        If a tangent has another shape than its primal.
    GradError
        With `strict`, if a result does not depend on `primals`.

    References
    ----------
    J. Townsend, "A new trick for calculating Jacobian vector products", 2017.

    Examples
    --------
    >>> import lucid
    >>> x, v = lucid.tensor([1.0, 2.0]), lucid.tensor([1.0, 10.0])
    >>> lucid.func.jvp(lambda x: x * x, (x,), (v,))
    (Tensor([1.0000, 4.0000]), Tensor([2.0000, 40.0000]))
    """
    given = _tuple("jvp", "primals", primals)
    directions = paired("jvp", "tangents", _tuple("jvp", "tangents", tangents), given, "primals")
    run = Run("jvp", func, given, {}, None, has_aux)
    directions = fitting("jvp", "tangents", directions, run.inputs)
    found = Linear(run).along(directions, keep=False)
    if strict and None in found:
        problem = f"result {found.index(None)} does not depend on the primals"
        raise GradError(compose("jvp", problem, fix="strict=False takes its derivative for zero"))
    tangent = rebuilt(run.tree, filled(found, run.outputs))
    return (run.value(), tangent, run.auxiliary()) if has_aux else (run.value(), tangent)


def linearize(func: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    r"""The value of a function, and the map :math:`v \mapsto J v` of its derivative J.

    The function runs once; every application of the map costs one pass.

    Parameters
    ----------
    func : callable
        Of tensors, or of tuples, lists and dicts of them; it returns such as well.
    *primals : Tensor, tuple, list or dict
        Where it is evaluated.

    Returns
    -------
    tuple
        ``(value, jvp_fn)``; ``jvp_fn(*tangents)`` takes what is built as `primals`.

    Raises
    ------
    DTypeError
        If `primals` are not made of floating tensors, or the function returns no tensor.
    ShapeError
        If a tangent has another shape than its primal.

    Examples
    --------
    >>> import lucid
    >>> value, push = lucid.func.linearize(lambda x: x * x, lucid.tensor([1.0, 2.0]))
    >>> print(push(lucid.tensor([1.0, 0.0])), push(lucid.tensor([0.0, 1.0])))
    [2.0000, 0.0000] [0.0000, 4.0000]
    """
    run = Run("linearize", func, primals, {})
    linear = Linear(run)

    def jvp_fn(*tangents: Any) -> Any:
        directions = paired("linearize", "tangents", tangents, primals, "primals")
        found = linear.along(fitting("linearize", "tangents", directions, run.inputs))
        return rebuilt(run.tree, filled(found, run.outputs))

    return run.value(), jvp_fn


def hvp(func: Callable[..., Any], primals: Any, tangents: Any) -> Any:
    r"""The product of the Hessian of a function with a direction, :math:`\nabla^2 f(x)\, v`.

    The Hessian is symmetric and is never formed: the product is the gradient of
    :math:`\langle \nabla f(x), v \rangle`.

    Parameters
    ----------
    func : callable
        It returns a 0-d tensor.
    primals : tuple
        The arguments at which it is evaluated.
    tangents : tuple
        The direction, built as `primals` is.

    Returns
    -------
    Tensor, tuple, list or dict
        Built as the argument; a tuple for several.

    Raises
    ------
    ShapeError
        If the value is not one number, or a tangent has another shape than its primal.
    DTypeError
        If `primals` and `tangents` are not tuples built alike of floating tensors.

    References
    ----------
    B. A. Pearlmutter, "Fast Exact Multiplication by the Hessian", 1994.

    Examples
    --------
    >>> import lucid
    >>> x, v = lucid.tensor([1.0, 2.0]), lucid.tensor([1.0, 0.0])
    >>> lucid.func.hvp(lambda x: x[0] ** 2 * x[1], (x,), (v,))
    Tensor([4.0000, 2.0000])
    """
    given = _tuple("hvp", "primals", primals)
    directions = _tuple("hvp", "tangents", tangents)
    paired("hvp", "tangents", directions, given, "primals")
    gradient = grad(func, argnums=tuple(range(len(given))))
    _, pull = vjp(gradient, *given)
    return pull(directions)


def _tuple(where: str, name: str, given: Any) -> tuple[Any, ...]:
    if not isinstance(given, tuple | list) or not given:
        problem = f"{name} must be a tuple with one entry for each argument"
        raise DTypeError(compose(where, problem, {name: given}, f"({name},)"))
    return tuple(given)
