"""``out=``: results written into a tensor that the caller brings.

A function that takes `out` begins with::

    if out is not None:
        return into(exp, locals())

which costs nothing to those who do not use it: `locals` are the arguments, at this point.
It is computed as always, and then written, so `out` may be one of the inputs or share memory
with them. What PyTorch does with a warning, changing the shape of an `out` that does not fit,
is refused here by name; an empty `out` takes on any shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..config import LOCAL
from ..core import views
from ..core.primitive import _VARARGS
from ..core.tensor import Tensor
from ..dtypes import category
from ..errors import ArgumentError, DTypeError, GradError, ShapeError, compose


def into(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """Call a function without `out`, and write what it returns into `out`.

    Parameters
    ----------
    function : callable
    arguments : dict
        What it was called with, by name, `out` among them: a tensor, or a sequence of one for
        each result. Where `dtype` is left open, the function computes in that of `out`.

    Returns
    -------
    Tensor or tuple of Tensor
        `out` itself, in the form in which `function` returns its results.

    Raises
    ------
    GradError
        If a gradient would be recorded: an input, or `out`, requires one.
    ShapeError
        If `out` has another shape than the result, and is not empty.
    DTypeError
        If `out` is of a lower kind than the result (integers do not hold floats), or no tensor.
    ArgumentError
        If there are several results and not as many tensors to hold them, or `out` cannot be
        written to.

    Examples
    --------
    >>> import lucid
    >>> y = lucid.empty(2)
    >>> lucid.add(lucid.tensor([1.0, 2.0]), 1, out=y) is y
    True
    >>> y
    Tensor([2.0000, 3.0000])
    """
    name, out = function.__name__, arguments.pop("out")
    targets = tuple(out) if isinstance(out, tuple | list) else (out,)
    for target in targets:
        _refuse_target(name, target)
    if arguments.get("dtype", ...) is None and _holds(targets[0], arguments.values()):
        arguments["dtype"] = targets[0].dtype
    result = _call(function, arguments)
    several = isinstance(result, tuple)
    results = result if several else (result,)
    if several is not isinstance(out, tuple | list) or len(results) != len(targets):
        problem = f"gives {len(results)} results, and out must hold as many tensors"
        raise ArgumentError(compose(name, problem, {"out": out}))
    for target, value in zip(targets, results, strict=True):
        _refuse_result(name, target, value)
    for target, value in zip(targets, results, strict=True):
        _fill(target, value)
    if not several:
        return out
    return type(result)(*targets) if hasattr(result, "_fields") else targets


def _call(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """Call a function with arguments by name, those of its variadic parameter one by one."""
    code = function.__code__
    if not code.co_flags & _VARARGS:
        return function(**arguments)
    names = code.co_varnames
    first = [arguments.pop(name) for name in names[: code.co_argcount]]
    rest = arguments.pop(names[code.co_argcount + code.co_kwonlyargcount])
    return function(*first, *rest, **arguments)


def _holds(out: Tensor, values: Iterable[Any]) -> bool:
    """True if no tensor among the values is of a higher kind than `out`."""
    tensors = [value for value in values if isinstance(value, Tensor)]
    return all(category(value.dtype) <= category(out.dtype) for value in tensors)


def _refuse_target(name: str, out: Any) -> None:
    """Raise for what cannot be an `out`."""
    if not isinstance(out, Tensor):
        problem = f"out must be a tensor, not {type(out).__name__}"
        raise DTypeError(compose(name, problem, {"out": out}))
    if out._node is not None and LOCAL.state.grad_enabled:
        raise _recorded(name, out)
    if not out.data.flags.writeable:
        problem = "out cannot be written to: its elements share memory or are read-only"
        raise ArgumentError(compose(name, problem, {"out": out}, "out=x.clone()"))


def _refuse_result(name: str, out: Tensor, value: Tensor) -> None:
    """Raise for a result that `out` cannot take."""
    if value._node is not None:
        raise _recorded(name, out)
    seen = {"out": out, "result": value}
    if category(value.dtype) > category(out.dtype):
        problem = f"a result of dtype {value.dtype} does not fit into out"
        raise DTypeError(compose(name, problem, seen, f"dtype=lucid.{value.dtype} for out"))
    if out.shape != value.shape and out.numel():
        problem = "out must have the shape of the result, or be empty"
        raise ShapeError(compose(name, problem, seen, f"lucid.empty{value.shape}"))


def _recorded(name: str, out: Tensor) -> GradError:
    problem = "with out= no gradient can be recorded, but a tensor requires one"
    fix = "with lucid.no_grad(): ..., or leave out= away"
    return GradError(compose(name, problem, {"out": out}, fix))


def _fill(out: Tensor, value: Tensor) -> None:
    if out.shape == value.shape:
        out.copy_(value)
    else:
        views.leave(out)
        out._data = value.data.astype(out.dtype)  # a copy: the result may be a view of an input
