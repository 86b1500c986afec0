"""`jacrev`, `jacfwd` and `hessian`: all derivatives of all results."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.tensor import Tensor, wrap
from ..ops.transposition import movedim
from .gradients import Argnums, positions, pulled
from .tangents import Linear
from .tape import Run, filled, zeros
from .trees import mapped, rebuilt
from .vectorizing import vmap


def _directions(x: Tensor) -> Tensor:
    """One direction for each element of a tensor, in a row."""
    return wrap(np.eye(x.numel(), dtype=x.dtype).reshape(x.numel(), *x.shape))


def jacrev(
    func: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    r"""A function that gives the Jacobian of another, row by row in reverse.

    .. math:: J_{ij} = \frac{\partial f_i(x)}{\partial x_j}

    One batched pass for all results: the better choice where there are fewer results than
    arguments.

    Parameters
    ----------
    func : callable
        Of tensors, or of tuples, lists and dicts of them; it returns such as well.
    argnums : int or tuple of int, default 0
        Which arguments to differentiate by.
    has_aux : bool, default False
        `func` returns a pair, ``(value, aux)``, of which the second is handed on.
    chunk_size : int, optional
        So many rows at a time, to save memory; all by default.

    Returns
    -------
    callable
        It takes what `func` does. For a result of shape S and an argument of shape T it
        returns shape ``(*S, *T)``: nested as the result, and within as the argument.

    Raises
    ------
    DTypeError
        When called, if the argument is not made of floating tensors, or the function returns
        no tensor.
    ArgumentError
        If `argnums` names no argument, or `chunk_size` is no positive integer.

    Examples
    --------
    >>> import lucid
    >>> lucid.func.jacrev(lambda x: x * x)(lucid.tensor([1.0, 2.0]))
    Tensor([[2.0000, 0.0000],
            [0.0000, 4.0000]])
    """

    @functools.wraps(func)
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        chosen = positions("jacrev", argnums, len(args))
        run = Run("jacrev", func, args, kwargs, chosen, has_aux)
        rows = [_rows(run, i, chunk_size) for i in range(len(run.outputs))]
        built = _nested(run, rows, [args[i] for i in chosen], argnums)
        return (built, run.auxiliary()) if has_aux else built

    return differentiated


def _rows(run: Run, i: int, chunk_size: int | None) -> list[Tensor]:
    """The derivatives of one result by each input."""
    output = run.outputs[i]

    def row(entering: Tensor) -> Any:
        all_of_them = [entering if j == i else zeros(y) for j, y in enumerate(run.outputs)]
        return tuple(pulled(run, all_of_them))

    if not output.numel():
        return [wrap(np.zeros((*output.shape, *x.shape), x.dtype)) for x in run.inputs]
    found = vmap(row, chunk_size=chunk_size)(_directions(output))
    return [g.reshape((*output.shape, *g.shape[1:])) for g in found]


def jacfwd(
    func: Callable[..., Any],
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    chunk_size: int | None = None,
    randomness: str = "error",
) -> Callable[..., Any]:
    r"""A function that gives the Jacobian of another, column by column forward.

    One batched pass for all elements of the argument: the better choice where there are fewer
    of them than results.

    Parameters
    ----------
    func : callable
        Of tensors, or of tuples, lists and dicts of them; it returns such as well.
    argnums : int or tuple of int, default 0
        Which arguments to differentiate by.
    has_aux : bool, default False
        `func` returns a pair, ``(value, aux)``, of which the second is handed on.
    chunk_size : int, optional
        So many columns at a time, to save memory; all by default.
    randomness : {"error", "different", "same"}, default "error"
        For PyTorch's signature: the function runs once, so that its random numbers are the
        same for all columns anyway.

    Returns
    -------
    callable
        It takes what `func` does and returns what that of `jacrev` does.

    Raises
    ------
    DTypeError
        When called, if the argument is not made of floating tensors, or the function returns
        no tensor.
    ArgumentError
        If `argnums` names no argument, or `chunk_size` is no positive integer.

    Examples
    --------
    >>> import lucid
    >>> lucid.func.jacfwd(lambda x: x * x)(lucid.tensor([1.0, 2.0]))
    Tensor([[2.0000, 0.0000],
            [0.0000, 4.0000]])
    """

    @functools.wraps(func)
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        chosen = positions("jacfwd", argnums, len(args))
        run = Run("jacfwd", func, args, kwargs, chosen, has_aux)
        linear = Linear(run)
        columns = [_columns(linear, j, chunk_size) for j in range(len(run.inputs))]
        rows = [[column[i] for column in columns] for i in range(len(run.outputs))]
        built = _nested(run, rows, [args[i] for i in chosen], argnums)
        return (built, run.auxiliary()) if has_aux else built

    return differentiated


def _columns(linear: Linear, j: int, chunk_size: int | None) -> list[Tensor]:
    """The derivatives of each result by one input."""
    run = linear.run
    input = run.inputs[j]

    def column(direction: Tensor) -> Any:
        all_of_them = [direction if i == j else zeros(x) for i, x in enumerate(run.inputs)]
        return tuple(filled(linear.along(all_of_them), run.outputs))

    if not input.numel():
        return [wrap(np.zeros((*y.shape, *input.shape), y.dtype)) for y in run.outputs]
    found = vmap(column, chunk_size=chunk_size)(_directions(input))
    return [movedim(t, 0, -1).reshape((*t.shape[1:], *input.shape)) for t in found]


def _nested(run: Run, rows: list[Any], given: list[Any], argnums: Argnums) -> Any:
    """Jacobians nested as the result, and within as the arguments."""
    several = isinstance(argnums, tuple | list)
    blocks = iter(rows)

    def of_one_result(_: Any) -> Any:
        built = rebuilt(given, next(blocks))
        return tuple(built) if several else built[0]

    return mapped(of_one_result, run.tree)


def hessian(func: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    r"""A function that gives the Hessian of another, forward over reverse.

    .. math:: H_{ij} = \frac{\partial^2 f(x)}{\partial x_i \, \partial x_j}

    Parameters
    ----------
    func : callable
        Usually of a 0-d result; for a result of shape S, S comes before the two dimensions.
    argnums : int or tuple of int, default 0
        Which arguments to differentiate by.

    Returns
    -------
    callable
        It takes what `func` does. For an argument of shape T it returns shape ``(*T, *T)``,
        nested as the argument, twice.

    Raises
    ------
    DTypeError
        When called, if the argument is not made of floating tensors, or the function returns
        no tensor.
    ArgumentError
        If `argnums` names no argument.

    See Also
    --------
    hvp : its product with a vector, which needs no such memory.

    Examples
    --------
    >>> import lucid
    >>> lucid.func.hessian(lambda x: x[0] ** 2 * x[1])(lucid.tensor([1.0, 2.0]))
    Tensor([[4.0000, 2.0000],
            [2.0000, 0.0000]])
    """
    return jacfwd(jacrev(func, argnums), argnums)
