"""`grad`, `value_and_grad` and `vjp`: derivatives in reverse, as functions of functions."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError, compose
from .tape import Run, filled, fitting
from .trees import paired, rebuilt

Argnums = int | tuple[int, ...]


def positions(where: str, argnums: Any, count: int) -> list[int]:
    """The arguments to differentiate by, counted from the front.

    Raises
    ------
    ArgumentError
        If there is no such argument.
    """
    wanted = argnums if isinstance(argnums, tuple | list) else (argnums,)
    for i in wanted:
        if isinstance(i, bool) or not isinstance(i, int) or not -count <= i < count:
            problem = f"argnums={argnums!r} names no argument: the function was given {count}"
            fix = "count positional arguments from 0; what is differentiated by is none by name"
            raise ArgumentError(compose(where, problem, fix=fix))
    return [i % count for i in wanted]


def value_and_grad(
    func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., Any]:
    r"""A function that gives the value of another and its gradient, :math:`\nabla f(x)`.

    Parameters
    ----------
    func : callable
        Of tensors, or of tuples, lists and dicts of them; it returns a 0-d tensor.
    argnums : int or tuple of int, default 0
        Which arguments to differentiate by.
    has_aux : bool, default False
        `func` returns a pair, ``(value, aux)``, of which the second is handed on.

    Returns
    -------
    callable
        It takes what `func` does and returns ``(value, gradient)``; with `has_aux`
        ``((value, aux), gradient)``. The gradient is built as the argument is; for several
        `argnums` it is a tuple.

    Raises
    ------
    ShapeError
        When called, if the value is not one number.
    DTypeError
        If an argument to differentiate by is not made of floating tensors, or the function
        returns no tensor.
    ArgumentError
        If `argnums` names no argument.

    See Also
    --------
    grad : the gradient alone.
    grad_and_value : the two in the order of PyTorch.

    Examples
    --------
    >>> import lucid
    >>> value, slope = lucid.func.value_and_grad(lambda x: (x * x).sum())(lucid.tensor([1.0, 2.0]))
    >>> print(value, slope)
    5.0000 [2.0000, 4.0000]
    """
    both = _grad_and_value("value_and_grad", func, argnums, has_aux)

    @functools.wraps(func)
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        gradient, value = both(*args, **kwargs)
        return value, gradient

    return differentiated


def grad_and_value(
    func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """`value_and_grad` in the order of PyTorch: ``(gradient, value)``.

    Parameters
    ----------
    func, argnums, has_aux
        As for `value_and_grad`.

    Returns
    -------
    callable
        It returns ``(gradient, value)``; with `has_aux` ``(gradient, (value, aux))``.

    Examples
    --------
    >>> import lucid
    >>> lucid.func.grad_and_value(lambda x: x * x)(lucid.tensor(3.0))
    (Tensor(6.0000), Tensor(9.0000))
    """
    return _grad_and_value("grad_and_value", func, argnums, has_aux)


def _grad_and_value(
    where: str, func: Callable[..., Any], argnums: Argnums, has_aux: bool
) -> Callable[..., Any]:
    @functools.wraps(func)
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        chosen = positions(where, argnums, len(args))
        run = Run(where, func, args, kwargs, chosen, has_aux)
        (output,) = _one_number(where, run)
        gradients = run.gradients([np.ones((), output.dtype)])
        own = filled(gradients, run.inputs)
        built = rebuilt([args[i] for i in chosen], own)
        gradient = tuple(built) if isinstance(argnums, tuple | list) else built[0]
        return gradient, ((run.value(), run.auxiliary()) if has_aux else run.value())

    return differentiated


def _one_number(where: str, run: Run) -> list[Any]:
    if len(run.outputs) != 1 or run.outputs[0].ndim:
        problem = "the function must return one number, a 0-d tensor"
        fix = "reduce with .sum() or .mean(), or take lucid.func.jacrev"
        seen = {f"returned[{i}]": y for i, y in enumerate(run.outputs)}
        raise ShapeError(compose(where, problem, seen, fix))
    return run.outputs


def grad(
    func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., Any]:
    r"""A function that gives the gradient of another, :math:`\nabla f(x)`.

    It may be given to `grad` again, to `vmap` or to any other transform. What it returns has a
    history where `func` depends on something else that requires a gradient, and none else.

    Parameters
    ----------
    func : callable
        Of tensors, or of tuples, lists and dicts of them; it returns a 0-d tensor.
    argnums : int or tuple of int, default 0
        Which arguments to differentiate by.
    has_aux : bool, default False
        `func` returns a pair, ``(value, aux)``, of which the second is handed on.

    Returns
    -------
    callable
        It takes what `func` does and returns the gradient, built as the argument is; for
        several `argnums` a tuple; with `has_aux` ``(gradient, aux)``.

    Raises
    ------
    ShapeError
        When called, if the value is not one number.
    DTypeError
        If an argument to differentiate by is not made of floating tensors, or the function
        returns no tensor.
    ArgumentError
        If `argnums` names no argument.

    Examples
    --------
    >>> import lucid
    >>> curve = lambda x: x**3
    >>> grad(curve)(lucid.tensor(2.0)), grad(grad(curve))(lucid.tensor(2.0))
    (Tensor(12.0000), Tensor(12.0000))
    """
    both = _grad_and_value("grad", func, argnums, has_aux)

    @functools.wraps(func)
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        gradient, value = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return differentiated


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    r"""The value of a function, and the map :math:`v \mapsto v^\top J` of its derivative J.

    Parameters
    ----------
    func : callable
        Of tensors, or of tuples, lists and dicts of them; it returns such as well.
    *primals : Tensor, tuple, list or dict
        Where it is evaluated.
    has_aux : bool, default False
        `func` returns a pair, ``(value, aux)``, of which the second is handed on.

    Returns
    -------
    tuple
        ``(value, vjp_fn)``, or ``(value, vjp_fn, aux)``. ``vjp_fn(cotangents)``, of what is
        built as the value, returns a gradient for each of `primals`; for one alone it is not
        in a tuple. It may be called often.

    Raises
    ------
    DTypeError
        If `primals` are not made of floating tensors, or the function returns no tensor.
    ShapeError
        If a cotangent has not the shape of its result.

    Examples
    --------
    >>> import lucid
    >>> value, pull = lucid.func.vjp(lambda x: x * x, lucid.tensor([1.0, 2.0]))
    >>> print(value, pull(lucid.tensor([1.0, 10.0])))
    [1.0000, 4.0000] [2.0000, 40.0000]
    """
    run = Run("vjp", func, primals, {}, None, has_aux)

    def vjp_fn(*cotangents: Any) -> Any:
        given: Any = cotangents[0] if len(cotangents) == 1 else cotangents
        entering = paired("vjp", "cotangents", given, run.tree, "the value")
        return _built(primals, pulled(run, fitting("vjp", "cotangents", entering, run.outputs)))

    return (run.value(), vjp_fn, run.auxiliary()) if has_aux else (run.value(), vjp_fn)


def pulled(run: Run, entering: Sequence[Any]) -> list[Any]:
    """The gradients of all inputs, zeros where none arrives; may be asked for often."""
    return filled(run.gradients(entering, keep=True), run.inputs)


def _built(primals: tuple[Any, ...], gradients: list[Any]) -> Any:
    built = rebuilt(primals, gradients)
    return built[0] if len(primals) == 1 else built
