"""Derivatives of functions at a point, by PyTorch's names: Jacobians, Hessians, their products.

`lucid.func` has the same as transforms that compose, and computes all rows at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, DTypeError, GradError, ShapeError, compose
from ..ops.joining import stack
from .grad_mode import enable_grad
from .gradient import grad

Given = Any  # a tensor, or a tuple of tensors


class _Call:
    """A function called on inputs whose history begins, or goes on, here."""

    def __init__(self, where: str, func: Callable[..., Any], inputs: Given, linked: bool) -> None:
        self.where, self.one_input = where, isinstance(inputs, Tensor)
        given = _tensors(where, "inputs", inputs)
        with enable_grad():  # a copy, so that gradients by the inputs are by this call alone
            self.inputs = [x.clone() if linked and x.requires_grad else _leaf(x) for x in given]
            result = func(*self.inputs)
            self.one_output = isinstance(result, Tensor)
            self.outputs = _tensors(where, "what the function returns", result)

    def gradients(
        self, outputs: list[Tensor], entering: list[Any], by: list[Tensor], recorded: bool
    ) -> list[Tensor | None]:
        """The gradients of `outputs` by tensors; None where they do not depend on one."""
        pairs = [(y, v) for y, v in zip(outputs, entering, strict=True) if y.requires_grad]
        if not pairs:
            return [None] * len(by)
        ys, vs = zip(*pairs, strict=True)
        options = {"retain_graph": True, "create_graph": recorded, "allow_unused": True}
        return list(grad(list(ys), by, list(vs), **options))

    def number(self) -> Tensor:
        """The one output, which must be one number."""
        if not self.one_output or self.outputs[0].numel() != 1:
            problem = "the function must return one number, in a single tensor"
            seen = {f"returned[{i}]": y for i, y in enumerate(self.outputs)}
            raise ShapeError(compose(self.where, problem, seen, "reduce with .sum() or .mean()"))
        return self.outputs[0]

    def as_inputs(self, found: list[Any]) -> Any:
        """One entry for each input, in a tuple if they were given in one."""
        return found[0] if self.one_input else tuple(found)

    def as_outputs(self, found: list[Any]) -> Any:
        """One entry for each output, likewise."""
        return found[0] if self.one_output else tuple(found)

    def filled(self, found: list[Any], like: list[Tensor], strict: bool) -> list[Any]:
        """Zeros for what did not arrive, or with `strict` an error."""
        if strict and None in found:
            i = found.index(None)
            problem = f"strict=True, and tensor {i} has no part in the derivative: it is zero"
            raise GradError(compose(self.where, problem, {f"tensor {i}": like[i]}, "strict=False"))
        return [_zeros(x) if g is None else g for g, x in zip(found, like, strict=True)]

    def values(self, recorded: bool) -> Any:
        """What the function returned."""
        return self.as_outputs([y if recorded else y.detach() for y in self.outputs])


def _leaf(x: Tensor) -> Tensor:
    return x.detach().requires_grad_()


def _zeros(x: Tensor) -> Tensor:
    return wrap(np.zeros(x.shape, x.dtype))


def _tensors(where: str, what: str, given: Any) -> list[Tensor]:
    found = list(given) if isinstance(given, tuple | list) else [given]
    for x in found:
        if not isinstance(x, Tensor):
            problem = f"{what} must be a tensor or a tuple of tensors, not {type(x).__name__}"
            raise DTypeError(compose(where, problem, {what: x}))
    return found


def _directions(where: str, v: Any, like: list[Tensor], called: str) -> list[Any]:
    """One direction for each of some tensors, of its shape; ones for a single number."""
    if v is None:
        if len(like) != 1 or like[0].numel() != 1:
            problem = f"v may be left out only where there is one number among the {called}"
            seen = {f"{called}[{i}]": x for i, x in enumerate(like)}
            raise ArgumentError(compose(where, problem, seen))
        return [wrap(np.ones(like[0].shape, like[0].dtype))]
    given = _tensors(where, "v", v)
    if [x.shape for x in given] != [x.shape for x in like]:
        problem = f"v must have the shapes of the {called}"
        seen = {f"v[{i}]": x for i, x in enumerate(given)}
        seen |= {f"{called}[{i}]": x for i, x in enumerate(like)}
        raise ShapeError(compose(where, problem, seen))
    return given


def vjp(
    func: Callable[..., Any],
    inputs: Given,
    v: Given = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    r"""The value of a function, and :math:`v^\top J` of its Jacobian J.

    Parameters
    ----------
    func : callable
        Of tensors; returns a tensor or a tuple of them.
    inputs : Tensor or tuple of Tensor
    v : Tensor or tuple of Tensor, optional
        Of the shapes of the results; 1 for a single number.
    create_graph : bool, default False
        Record the pass, so that what it gives can be differentiated.
    strict : bool, default False
        Refuse inputs that the results do not depend on, whose derivative is zero.

    Returns
    -------
    value, product : Tensor or tuple of Tensor

    Raises
    ------
    ShapeError
        If `v` does not fit.
    ArgumentError
        If it is left out, and there is not one number.
    GradError
        With `strict`, if an input has no part in the results.
    DTypeError
        If an input or a result is no tensor.

    Examples
    --------
    >>> import lucid
    >>> from lucid.autograd.functional import vjp
    >>> vjp(lambda x: x * x, lucid.tensor([1.0, 2.0]), lucid.tensor([1.0, 10.0]))
    (Tensor([1.0000, 4.0000]), Tensor([2.0000, 40.0000]))
    """
    call = _Call("vjp", func, inputs, create_graph)
    entering = _directions("vjp", v, call.outputs, "results")
    found = call.gradients(call.outputs, entering, call.inputs, create_graph)
    product = call.filled(found, call.inputs, strict)
    return call.values(create_graph), call.as_inputs(product)


def jvp(
    func: Callable[..., Any],
    inputs: Given,
    v: Given = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    r"""The value of a function, and :math:`J v` of its Jacobian J.

    Parameters
    ----------
    func : callable
        Of tensors; returns a tensor or a tuple of them.
    inputs : Tensor or tuple of Tensor
    v : Tensor or tuple of Tensor, optional
        Of the shapes of the inputs; 1 for a single number.
    create_graph : bool, default False
        Record the pass, so that what it gives can be differentiated.
    strict : bool, default False
        Refuse results that do not depend on the inputs, whose derivative is zero.

    Returns
    -------
    value, product : Tensor or tuple of Tensor

    Raises
    ------
    ShapeError
        If `v` does not fit.
    ArgumentError
        If it is left out, and there is not one number.
    GradError
        With `strict`, if a result does not depend on the inputs.
    DTypeError
        If an input or a result is no tensor.

    Examples
    --------
    >>> import lucid
    >>> from lucid.autograd.functional import jvp
    >>> jvp(lambda x: x * x, lucid.tensor([1.0, 2.0]), lucid.tensor([1.0, 10.0]))
    (Tensor([1.0000, 4.0000]), Tensor([2.0000, 40.0000]))
    """
    call = _Call("jvp", func, inputs, create_graph)
    along = _directions("jvp", v, call.inputs, "inputs")
    entering = [_leaf(_zeros(y)) for y in call.outputs]  # v'J is linear in v: its slope is J
    rows = call.gradients(call.outputs, entering, call.inputs, True)
    pairs = [(g, d) for g, d in zip(rows, along, strict=True) if g is not None]
    gs, ds = [g for g, _ in pairs], [d for _, d in pairs]
    found = call.gradients(gs, ds, entering, create_graph)
    product = call.filled(found, call.outputs, strict)
    return call.values(create_graph), call.as_outputs(product)


def jacobian(
    func: Callable[..., Any],
    inputs: Given,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    r"""All derivatives of all results, :math:`J_{ij} = \partial f_i / \partial x_j`.

    Parameters
    ----------
    func : callable
        Of tensors; returns a tensor or a tuple of them.
    inputs : Tensor or tuple of Tensor
    create_graph : bool, default False
        Record the passes, so that what they give can be differentiated.
    strict : bool, default False
        Refuse inputs that a result does not depend on, whose derivative is zero.
    vectorize, strategy
        For PyTorch's signature: the rows are computed one by one. `lucid.func.jacrev` and
        `lucid.func.jacfwd` compute them at once.

    Returns
    -------
    Tensor or tuple
        For a result of shape S and an input of shape T shape ``(*S, *T)``; nested in tuples,
        results outside, where there are several.

    Raises
    ------
    ArgumentError
        If there is no such `strategy`.
    GradError
        With `strict`, if an input has no part in a result.
    DTypeError
        If an input or a result is no tensor.

    Examples
    --------
    >>> import lucid
    >>> from lucid.autograd.functional import jacobian
    >>> jacobian(lambda x: x * x, lucid.tensor([1.0, 2.0]))
    Tensor([[2.0000, 0.0000],
            [0.0000, 4.0000]])
    """
    if strategy not in ("reverse-mode", "forward-mode"):
        problem = f"strategy must be 'reverse-mode' or 'forward-mode', not {strategy!r}"
        raise ArgumentError(compose("jacobian", problem))
    call = _Call("jacobian", func, inputs, create_graph)
    return call.as_outputs(
        [call.as_inputs(_rows(call, y, create_graph, strict)) for y in call.outputs]
    )


def _rows(call: _Call, output: Tensor, recorded: bool, strict: bool) -> list[Tensor]:
    """The derivatives of one result by every input."""
    rows = []
    for each in np.eye(output.numel(), dtype=output.dtype):
        entering = wrap(each.reshape(output.shape))
        found = call.gradients([output], [entering], call.inputs, recorded)
        rows.append(call.filled(found, call.inputs, strict))
    if not rows:
        return [wrap(np.zeros((*output.shape, *x.shape), x.dtype)) for x in call.inputs]
    columns = zip(*rows, strict=True)
    return [
        stack(list(column)).reshape((*output.shape, *x.shape))
        for column, x in zip(columns, call.inputs, strict=True)
    ]


def hessian(
    func: Callable[..., Any],
    inputs: Given,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    r"""All second derivatives, :math:`H_{ij} = \partial^2 f / \partial x_i \partial x_j`.

    Parameters
    ----------
    func : callable
        Of tensors; returns one number.
    inputs : Tensor or tuple of Tensor
    create_graph : bool, default False
        Record the passes, so that what they give can be differentiated.
    strict : bool, default False
        Refuse inputs that have no part in the derivative.
    vectorize, outer_jacobian_strategy
        For PyTorch's signature, as in `jacobian`.

    Returns
    -------
    Tensor or tuple of tuple of Tensor
        For inputs of shapes S and T shape ``(*S, *T)``.

    Raises
    ------
    ShapeError
        If the function does not return one number.
    ArgumentError
        If there is no such strategy.
    GradError
        With `strict`, if an input has no part in the derivative.
    DTypeError
        If an input or a result is no tensor.

    Examples
    --------
    >>> import lucid
    >>> from lucid.autograd.functional import hessian
    >>> hessian(lambda x: x[0] ** 2 * x[1], lucid.tensor([1.0, 2.0]))
    Tensor([[4.0000, 2.0000],
            [2.0000, 0.0000]])
    """

    def slope(*xs: Tensor) -> Any:
        call = _Call("hessian", func, xs, True)
        found = call.gradients([call.number()], [None], call.inputs, True)
        slopes = call.filled(found, call.inputs, strict)
        return slopes[0] if isinstance(inputs, Tensor) else tuple(slopes)

    strategy = outer_jacobian_strategy
    return jacobian(slope, inputs, create_graph, strict, vectorize, strategy)


def vhp(
    func: Callable[..., Any],
    inputs: Given,
    v: Given = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    r"""The value of a function, and :math:`v^\top H` of its Hessian H, which is never formed.

    Parameters
    ----------
    func : callable
        Of tensors; returns one number.
    inputs : Tensor or tuple of Tensor
    v : Tensor or tuple of Tensor, optional
        Of the shapes of the inputs; 1 for a single number.
    create_graph : bool, default False
        Record the pass, so that what it gives can be differentiated.
    strict : bool, default False
        Refuse inputs that have no part in the derivative.

    Returns
    -------
    value, product : Tensor or tuple of Tensor

    Raises
    ------
    ShapeError
        If the function does not return one number, or `v` does not fit.
    ArgumentError
        If `v` is left out, and the input is not one number.
    GradError
        With `strict`, if an input has no part in the derivative.
    DTypeError
        If an input or a result is no tensor.

    References
    ----------
    B. A. Pearlmutter, "Fast Exact Multiplication by the Hessian", 1994.

    Examples
    --------
    >>> import lucid
    >>> from lucid.autograd.functional import vhp
    >>> x, v = lucid.tensor([1.0, 2.0]), lucid.tensor([1.0, 0.0])
    >>> vhp(lambda x: x[0] ** 2 * x[1], x, v)
    (Tensor(2.0000), Tensor([4.0000, 2.0000]))
    """
    return _hessian_product("vhp", func, inputs, v, create_graph, strict)


def hvp(
    func: Callable[..., Any],
    inputs: Given,
    v: Given = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    r"""The value of a function, and :math:`H v` of its Hessian H (parameters as for `vhp`).

    The Hessian is symmetric: this is `vhp`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.autograd.functional import hvp
    >>> x, v = lucid.tensor([1.0, 2.0]), lucid.tensor([1.0, 0.0])
    >>> hvp(lambda x: x[0] ** 2 * x[1], x, v)
    (Tensor(2.0000), Tensor([4.0000, 2.0000]))
    """
    return _hessian_product("hvp", func, inputs, v, create_graph, strict)


def _hessian_product(
    where: str, func: Callable[..., Any], inputs: Given, v: Given, recorded: bool, strict: bool
) -> tuple[Any, Any]:
    call = _Call(where, func, inputs, recorded)
    along = _directions(where, v, call.inputs, "inputs")
    slopes = call.gradients([call.number()], [None], call.inputs, True)
    present = [(g, d) for g, d in zip(slopes, along, strict=True) if g is not None]
    found = call.gradients([g for g, _ in present], [d for _, d in present], call.inputs, recorded)
    product = call.filled(found, call.inputs, strict)
    return call.values(recorded), call.as_inputs(product)
