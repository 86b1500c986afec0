"""Changes in place: ``x += y``, ``x[i] = y``, ``x.relu_()``, with right gradients or an error.

A change in place computes its value like any op, writes it into the tensor's memory, notes
the change (`versions.bump`) and moves the tensor on to the history of the new value. What an
earlier op saved of the old value is then out of date, and its gradient refuses to be computed.

Views share memory, and so they share what happens to it. A write to a view is carried up to
the tensor that it was made from, and then every live view of that tensor gets its history
anew, from the op that made it. Where the way is not known (the views that `split` makes), or
ends at a leaf that requires a gradient, the write is refused before anything has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..config import LOCAL
from ..core import versions, views
from ..core.apply import apply, explain, record
from ..core.node import Leaf, extras_of
from ..core.tensor import Tensor, to_array, wrap
from ..dtypes import category, is_differentiable
from ..errors import (
    ArgumentError,
    DTypeError,
    GradError,
    IndexingError,
    ShapeError,
    compose,
)
from .bind import method
from .casting import astype
from .complex import WHOLE
from .diagonals import _diagonal
from .indexing import HERE, Pattern, _getitem, _setitem, as_asked, filled, set_at, take_apart
from .shape import _reshape, reshape
from .sliding import _unfold
from .strided import _as_strided
from .transposition import _permute

# ---- what may be changed ----------------------------------------------------------


def refuse_leaf(caller: str, input: Tensor) -> None:
    """Raise for a leaf that requires a gradient, while recording."""
    if type(input._node) is Leaf and LOCAL.state.grad_enabled:
        problem = "a leaf that requires a gradient cannot be changed in place while recording"
        fix = "with lucid.no_grad(): ..., or change a copy: x.clone()"
        raise GradError(compose(caller, problem, {"tensor": input}, fix))


def _refuse_unwritable(caller: str, input: Tensor) -> None:
    """Raise for a leaf that requires a gradient, and for memory that cannot be written."""
    refuse_leaf(caller, input)
    if not input.data.flags.writeable:
        problem = "the tensor cannot be written to: its elements share memory (expand)"
        problem += " or belong to a read-only array"
        raise ArgumentError(compose(caller, problem, {"tensor": input}, "change x.clone()"))


def _differentiated(*tensors: Any) -> bool:
    """True if recording is on and one of the tensors has a history."""
    if not LOCAL.state.grad_enabled:
        return False
    for tensor in tensors:  # a generator for `any` would cost as much as a small op
        if isinstance(tensor, Tensor) and tensor._node is not None:
            return True
    return False


def _heirs(caller: str, root: Tensor) -> list[tuple[Tensor, Any]]:
    """The live views of a tensor with their origins, each after what it was made from."""
    heirs = []
    for view in views.relatives(root):
        origin = views.origin(view)
        if origin is None or type(view._node) is Leaf:
            raise _entangled(caller, root)
        heirs.append((view, origin))
    return heirs


def _entangled(caller: str, input: Tensor) -> GradError:
    problem = "the tensor shares memory with views whose history this change would break"
    fix = "change a copy (x.clone()), write through the base (x[0, 1] = v), or make the views later"
    return GradError(compose(caller, problem, {"tensor": input}, fix))


# ---- writing -----------------------------------------------------------------


def _replace(caller: str, input: Tensor, result: Tensor) -> None:
    """Make all of `input` have the values and the history of `result`."""
    recording = _differentiated(input, result, *views.relatives(input))
    origin = views.origin(input) if recording else None
    if origin is not None:
        _replace_view(caller, input, result, *origin)
        return
    heirs: list[Any] = []
    if recording:
        _refuse_unwritable(caller, input)
        heirs = _heirs(caller, input)
    np.copyto(input.data, result.data, casting="unsafe")
    versions.bump(input.data)
    if recording:
        _move_on(input, result._node, heirs)


def _replace_view(
    caller: str, view: Tensor, result: Tensor, base: Tensor, prim: Any, static: dict[str, Any]
) -> None:
    """`_replace` for a view: change what it was made from, by the reverse of what made it."""
    if prim is _getitem:
        _assign(caller, base, result, [], static["pattern"])
    elif prim is _reshape:
        _replace(caller, base, apply(_reshape, result, shape=base.shape))
    elif prim is _permute:
        back = tuple(sorted(range(base.ndim), key=static["axes"].__getitem__))
        _replace(caller, base, apply(_permute, result, axes=back))
    elif prim in (_as_strided, _diagonal, _unfold):
        places = prim.forward(np.arange(base.data.size).reshape(base.shape), **static)
        flat = set_at(reshape(base, (-1,)), result, [places], (HERE,))
        _replace(caller, base, reshape(flat, base.shape))
    elif prim in WHOLE:
        _replace(caller, base, WHOLE[prim](result, base))
    else:
        raise _entangled(caller, view)


def _assign(caller: str, input: Tensor, value: Any, indices: list[Any], pattern: Pattern) -> None:
    """``input[index] = value``, in its memory and in its history."""
    recording = _differentiated(input, value, *views.relatives(input))
    recording = recording and is_differentiable(input.data.dtype)
    if LOCAL.state.hook is not None or (recording and views.origin(input) is not None):
        _replace(caller, input, set_at(input, value, indices, pattern))
        return
    heirs: list[Any] = []
    if recording:
        _refuse_unwritable(caller, input)
        heirs = _heirs(caller, input)
    operands = (input, value, *indices)
    arrays = [v.data if isinstance(v, Tensor) else v for v in operands]
    edges = [v._node if isinstance(v, Tensor) else None for v in operands]
    try:
        input.data[filled(pattern, tuple(arrays[2:]))] = arrays[1]
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise explain(_setitem, arrays, {"pattern": pattern}, error) from error
    versions.bump(input.data)
    if recording:  # dated after the change: the node has seen it
        node = record(_setitem, arrays, edges, input.data, None, {"pattern": pattern})
        _move_on(input, node, heirs)


def _move_on(input: Tensor, node: Any, heirs: list[tuple[Tensor, Any]]) -> None:
    """Give a changed tensor its new node, and its views theirs."""
    for tensor, (base, prim, static) in [(input, (None, None, None)), *heirs]:
        move_to(tensor, node if base is None else apply(prim, base, **static)._node)


def move_to(tensor: Tensor, node: Any) -> None:
    """Give a tensor another node; a gradient that it retains is retained there from now on."""
    old, tensor._node = tensor._node, node
    keeper = None if old is None or old.extras is None else old.extras.retain
    if keeper is not None and keeper() is tensor and node is not None:
        old.extras.retain, extras_of(node).retain = None, keeper


# ---- indexed assignment -----------------------------------------------------------


@method("__setitem__")
def setitem(input: Tensor, index: Any, value: Any) -> None:
    """``input[index] = value``, with all of NumPy's basic and advanced indexing.

    The gradient of what was overwritten is zero; `value` gets that of the elements that it
    now fills. Where an element is written twice, the last value stays.

    Parameters
    ----------
    input : Tensor
    index : int, slice, None, Ellipsis, bool, list, array or Tensor, or a tuple of these
    value : Tensor, number, array or list
        It broadcasts to the indexed part, and is cast to the dtype of `input`.

    Raises
    ------
    IndexingError
        If the index does not fit `input`.
    ShapeError
        If `value` does not broadcast to the indexed part.
    DTypeError
        If complex values are written to a real tensor.
    GradError
        If `input` is a leaf that requires a gradient (outside `no_grad`), or shares memory
        with views whose history the change would break.
    ArgumentError
        If the elements of `input` cannot be written to.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([[1, 2], [3, 4]])
    >>> x[:, 0] = 7
    >>> x[x == 4] = 0
    >>> x
    Tensor([[7, 2],
            [7, 0]])
    """
    caller = "Tensor.__setitem__"
    pattern, indices = take_apart(caller, index)
    _refuse_unwritable(caller, input)
    value = _assignable(caller, input, value)
    if isinstance(value, Tensor) and not indices:
        base, prim, static = views.origin(value) or (None, None, {})
        if base is input and prim is _getitem and static["pattern"] == pattern:
            return  # the second half of ``x[i] += y``: the value stands there already
    if not indices and Ellipsis not in pattern:
        pattern = (*pattern, Ellipsis)  # a single element is a 0-d part, and broadcasts as one
    try:
        _assign(caller, input, value, indices, pattern)
    except (IndexingError, ShapeError) as error:
        raise as_asked(caller, error, tensor=input, index=index, value=value) from error.__cause__


def _assignable(caller: str, input: Tensor, value: Any) -> Any:
    """A value that can be written: a tensor, an array or a number, not complex into real."""
    if isinstance(value, list | tuple):
        if any(isinstance(item, Tensor) and item._node is not None for item in value):
            problem = "a list of tensors that require gradients would lose them"
            raise GradError(compose(caller, problem, {"tensor": input}, "lucid.stack(value)"))
        value = to_array(value, None if _is_complex(value) else input.data.dtype, caller)
    elif value is None:  # NumPy would write NaN
        problem = f"takes tensors, arrays and numbers, not {type(value).__name__}"
        raise DTypeError(compose(caller, problem, {"tensor": input, "value": value}))
    if (isinstance(value, complex) or _is_complex(value)) and not _is_complex(input):
        problem = "complex values do not fit a real tensor"
        raise DTypeError(compose(caller, problem, {"tensor": input, "value": value}, "value.real"))
    return value


def _is_complex(value: Any) -> bool:
    dtype = getattr(value, "dtype", None)
    return dtype is not None and dtype.kind == "c"


def write(caller: str, input: Tensor, value: Any) -> Tensor:
    """All of `input` replaced by `value`, which broadcasts to it; returns `input`."""
    _refuse_unwritable(caller, input)
    _assign(caller, input, value, [], (Ellipsis,))
    return input


@method("copy_")
def copy_(input: Tensor, src: Any) -> Tensor:
    """All elements replaced by those of `src`, in place.

    Parameters
    ----------
    input : Tensor
    src : Tensor, array or number
        It broadcasts to `input`, and is cast to its dtype.

    Returns
    -------
    Tensor
        `input` itself.

    Raises
    ------
    ShapeError
        If `src` does not broadcast to `input`.
    GradError, ArgumentError
        If `input` cannot be changed (see `setitem`).

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1, 2]).copy_(lucid.tensor([3, 4]))
    Tensor([3, 4])
    """
    return write("copy_", input, _assignable("copy_", input, src))


@method("fill_")
def fill_(input: Tensor, value: Any) -> Tensor:
    """All elements replaced by one value, in place.

    Parameters
    ----------
    input : Tensor
    value : number or 0-d Tensor

    Returns
    -------
    Tensor
        `input` itself.

    Raises
    ------
    ShapeError
        If `value` has dimensions.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1, 2]).fill_(7)
    Tensor([7, 7])
    """
    if getattr(value, "ndim", 0):
        fix = "x.copy_(value)"
        raise ShapeError(compose("fill_", "takes one value", {"value": value}, fix))
    return copy_(input, value)


@method("zero_")
def zero_(input: Tensor) -> Tensor:
    """All elements set to zero, in place.

    Parameters
    ----------
    input : Tensor

    Returns
    -------
    Tensor
        `input` itself.

    Examples
    --------
    >>> import lucid
    >>> lucid.tensor([1, 2]).zero_()
    Tensor([0, 0])
    """
    return copy_(input, 0)


# ---- every other op in place ------------------------------------------------------


def change(
    caller: str, function: Callable[..., Tensor], input: Tensor, *args: Any, **options: Any
) -> Tensor:
    """Write ``function(input, *args, **options)`` into `input`.

    Raises
    ------
    GradError, ArgumentError
        If `input` cannot be changed (see `setitem`).
    ShapeError
        If the result has another shape than `input`.
    DTypeError
        If the result is of a higher kind: integers cannot hold floats.
    """
    _refuse_unwritable(caller, input)
    operand = input
    if _differentiated(input, *args, *options.values()):  # the op may save the old values
        operand = wrap(input.data.copy(), input._node)
        args = tuple(operand if arg is input else arg for arg in args)
        options = {k: operand if arg is input else arg for k, arg in options.items()}
    result = function(operand, *args, **options)
    old, new = input.data.dtype, result.data.dtype
    if result.data.shape != input.data.shape:
        problem = f"the result has shape {result.shape} and does not fit into the tensor"
        seen = {"tensor": input, "with": args}
        raise ShapeError(compose(caller, problem, seen, "x = x + y, which makes a new tensor"))
    if new is not old and new != old:
        if category(new) > category(old):
            problem = f"the result is of dtype {new} and does not fit into the tensor"
            fix = f"x.to(lucid.{new}) first, or x = x + y, which makes a new tensor"
            raise DTypeError(compose(caller, problem, {"tensor": input}, fix))
        result = astype(result, old)
    if result._node is None and input._node is None and getattr(input, "_kin", None) is None:
        input._data[...] = result._data
        versions.bump(input._data)
    elif result._node is None and _differentiated(input):  # a constant: its gradient is zero
        _assign(caller, input, result, [], (Ellipsis,))
    else:
        _replace(caller, input, result)
    return input


def in_place(function: Callable[..., Tensor] | str, *names: str) -> None:
    """Attach the in-place form of an op, or of a method of that name, to `Tensor`."""

    def method_(input: Tensor, *args: Any, **options: Any) -> Tensor:
        op = getattr(Tensor, function) if isinstance(function, str) else function
        return change(names[0], op, input, *args, **options)

    plain = function if isinstance(function, str) else function.__name__
    method_.__name__ = method_.__qualname__ = names[0]
    method_.__doc__ = f"`{plain}` in place: the result is written into the tensor."
    method(*names)(method_)
