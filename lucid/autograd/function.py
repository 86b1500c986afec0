"""`Function`: an operation with a gradient rule of the user's own.

>>> import lucid
>>> class Cube(lucid.autograd.Function):
...     @staticmethod
...     def forward(ctx, x):
...         ctx.save_for_backward(x)
...         return x**3
...
...     @staticmethod
...     def backward(ctx, g):
...         (x,) = ctx.saved_tensors
...         return g * 3 * x**2
>>> x = lucid.tensor(2.0, requires_grad=True)
>>> Cube.apply(x).backward()
>>> print(x.grad)
12.0000
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..config import LOCAL
from ..core import versions, views
from ..core.node import Node, ShapeOnly, Slot
from ..core.primitive import Primitive
from ..core.tensor import Tensor, wrap
from ..dtypes import is_differentiable
from ..errors import ArgumentError, DTypeError, GradError, ShapeError, UnimplementedError, compose
from ..ops.inplace import move_to, refuse_leaf
from .grad_mode import no_grad


class Context:
    """What `forward` leaves for `backward`; any attribute may be set on it.

    Attributes
    ----------
    needs_input_grad : tuple of bool
        For each argument of `forward`, whether its gradient is wanted.

    Examples
    --------
    See `Function`: ``ctx.save_for_backward(x)`` in `forward`, ``(x,) = ctx.saved_tensors`` in
    `backward`, and ``ctx.dim = dim`` for what is no tensor::

        ctx.save_for_backward(x)
        ctx.dim = dim
    """

    def __init__(self, name: str, needs: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs
        self._name = name
        self._saved: list[tuple[Any, Any, Any]] = []  # (array, node it came from, output's place)
        self._to_save: tuple[Any, ...] = ()
        self._constant: tuple[Any, ...] = ()
        self._dirty: tuple[Any, ...] = ()
        self._materialize = True
        self._when = 0
        self._outputs: Any = ()  # filled while backward runs
        self._likes: list[ShapeOnly] = []
        self._edges: list[Any] = []

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep inputs, outputs or other tensors for `backward`.

        Parameters
        ----------
        *tensors : Tensor or None
            Other values are set as attributes: ``ctx.dim = dim``.

        Raises
        ------
        DTypeError
            If something else than a tensor or None is given.
        """
        for tensor in tensors:
            if tensor is not None and not isinstance(tensor, Tensor):
                problem = f"save_for_backward keeps tensors, not {type(tensor).__name__}"
                raise DTypeError(compose(self._name, problem, fix="ctx.name = value"))
        self._to_save = tensors

    def mark_dirty(self, *inputs: Tensor) -> None:
        """Say that `forward` changed these arguments in place; it must return them.

        The tensor that comes out of ``apply`` is then the argument itself, with the
        operation as its history.

        Parameters
        ----------
        *inputs : Tensor

        Examples
        --------
        >>> import lucid
        >>> class Double(lucid.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         ctx.mark_dirty(x)
        ...         return x.mul_(2)
        ...
        ...     @staticmethod
        ...     def backward(ctx, g):
        ...         return g * 2
        >>> x = lucid.ones(2, requires_grad=True)
        >>> y = x + 1
        >>> Double.apply(y) is y
        True
        >>> y.sum().backward()
        >>> print(y.detach(), x.grad)
        [4.0000, 4.0000] [2.0000, 2.0000]
        """
        self._dirty = inputs

    def mark_non_differentiable(self, *outputs: Tensor) -> None:
        """Say that these outputs of `forward` carry no gradient."""
        self._constant = outputs

    def set_materialize_grads(self, value: bool) -> None:
        """Choose what stands for the gradient of an unused output: zeros (True) or None."""
        self._materialize = bool(value)

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """The tensors that were saved, in their order.

        Raises
        ------
        GradError
            If one of them was changed in place since.
        """
        unpacked: list[Tensor | None] = []
        for i, (array, node, place) in enumerate(self._saved):
            if array is None:
                unpacked.append(None)
                continue
            if versions.changed_since(array, self._when):
                problem = f"saved_tensors[{i}] was changed in place after it was saved"
                raise GradError(compose(self._name, problem, {"saved": array}, "save a clone"))
            unpacked.append(wrap(array, node) if place is None else self._outputs[place])
        return tuple(unpacked)

    def _pack(self, results: Sequence[Any], edges: list[Any]) -> None:
        """Turn what is to be saved into arrays and nodes: an output's node must not be held."""
        places = {id(result): i for i, result in enumerate(results)}
        changed = set(map(id, self._dirty))
        for tensor in self._to_save:
            if tensor is None:
                self._saved.append((None, None, None))
            else:
                new = tensor._node is None or id(tensor) in changed
                place = places.get(id(tensor)) if new else None
                self._saved.append((tensor.data, tensor._node, place))
        self._to_save = ()
        self._edges = [edge for edge in edges if edge is not None]
        self._when = versions.tick()


class Function:
    """Base of operations with a gradient rule of their own; used through ``apply``.

    A subclass defines two static methods. ``forward(ctx, *args)`` computes the result, a
    tensor or a tuple of them, unrecorded, from tensors and any other arguments. (Or
    ``forward(*args)`` does, and a third one, ``setup_context(ctx, inputs, output)``, keeps
    what `backward` needs.)
    ``backward(ctx, *grads)`` takes a gradient for each output and returns one for each
    argument of `forward`, None where there is none. Where it is written with Lucid's
    operations, second derivatives follow; `once_differentiable` marks those that are not.

    See Also
    --------
    Context : what `forward` hands to `backward`.

    Examples
    --------
    A step that lets gradients through as if it were not there:

    >>> import lucid
    >>> class StraightThrough(lucid.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         return (x > 0).astype(x.dtype)
    ...
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         return g
    >>> x = lucid.tensor([-1.0, 2.0], requires_grad=True)
    >>> StraightThrough.apply(x)
    Tensor([0.0000, 1.0000], grad=None)
    >>> StraightThrough.apply(x).sum().backward()
    >>> print(x.grad)
    [1.0000, 1.0000]

    The same forward for itself, and what is kept beside it:

    >>> class Square(lucid.autograd.Function):
    ...     @staticmethod
    ...     def forward(x):
    ...         return x * x
    ...
    ...     @staticmethod
    ...     def setup_context(ctx, inputs, output):
    ...         ctx.save_for_backward(*inputs)
    ...
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         (x,) = ctx.saved_tensors
    ...         return 2 * x * g
    >>> y = lucid.tensor(3.0, requires_grad=True)
    >>> Square.apply(y).backward()
    >>> print(y.grad)
    6.0000
    """

    _primitive: Primitive
    _keeps_apart = False  # whether setup_context stands beside forward

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        cls._primitive = _primitive_of(cls)
        cls._keeps_apart = cls.setup_context is not Function.setup_context

    @staticmethod
    def forward(*args: Any) -> Any:
        """Compute the result; to be defined, with a context first or without one."""
        raise UnimplementedError(compose("Function", "define forward(ctx, *args)"))

    @staticmethod
    def setup_context(ctx: Context, inputs: tuple[Any, ...], output: Any) -> None:
        """Keep what `backward` needs; where it is defined, `forward` gets no context."""

    @staticmethod
    def backward(ctx: Context, *grads: Any) -> Any:
        """Compute the gradients of the arguments; to be defined."""
        raise UnimplementedError(compose("Function", "define backward(ctx, *grads)"))

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Run `forward` and record it, if an argument requires a gradient.

        Returns
        -------
        Tensor or tuple
            What `forward` returns.

        Raises
        ------
        DTypeError
            If `forward` returns no tensor.
        """
        lifting: Any = LOCAL.state.lifting
        done = None if lifting is None else lifting.function(cls.apply, args)  # see `func.vmap`
        if done is not None:
            return done
        edges = [arg._node if isinstance(arg, Tensor) else None for arg in args]
        ctx = Context(cls.__name__, tuple(edge is not None for edge in edges))
        with no_grad():
            if cls._keeps_apart:
                results = cls.forward(*args)
                cls.setup_context(ctx, args, results)
            else:
                results = cls.forward(ctx, *args)
        alone = not isinstance(results, tuple)
        outs = (results,) if alone else results
        if not any(isinstance(out, Tensor) for out in outs):
            problem = f"forward must return a tensor or a tuple, not {type(results).__name__}"
            raise DTypeError(compose(cls.__name__, problem))
        recording = LOCAL.state.grad_enabled and any(ctx.needs_input_grad)
        dirty = _check_dirty(cls.__name__, ctx._dirty, args, outs, recording)
        if recording:
            outs = _record(cls, ctx, args, edges, outs)
        else:
            outs = tuple(
                wrap(out.data) if isinstance(out, Tensor) and id(out) not in dirty else out
                for out in outs
            )
        return outs[0] if alone else outs


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a `backward` that leaves Lucid's operations: differentiating it again is refused.

    Parameters
    ----------
    backward : callable
        The ``backward`` of a `Function`; it is run unrecorded.

    Examples
    --------
    >>> import lucid
    >>> class Sine(lucid.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return lucid.from_numpy(np.sin(x.numpy()))
    ...
    ...     @staticmethod
    ...     @lucid.autograd.once_differentiable
    ...     def backward(ctx, g):
    ...         (x,) = ctx.saved_tensors
    ...         return g * lucid.from_numpy(np.cos(x.detach().numpy()))
    """

    @functools.wraps(backward)
    def unrecorded(ctx: Context, *grads: Any) -> Any:
        with no_grad():
            results = backward(ctx, *(g if g is None else g.detach() for g in grads))
        if not LOCAL.state.grad_enabled:
            return results
        listed = results if isinstance(results, tuple) else (results,)
        edges = ctx._edges + [g._node for g in grads if g is not None and g._node is not None]
        saved = [ShapeOnly((), np.dtype(np.float64))] * len(edges)
        refusal = Node(_REFUSAL, edges, saved, None, None, {"name": ctx._name})
        return tuple(wrap(r.data, refusal) if isinstance(r, Tensor) else r for r in listed)

    return unrecorded


def _refuse(*arrays: Any, name: str) -> Any:
    raise AssertionError(f"{name}: never run forward")


_REFUSAL = Primitive(_refuse, "once_differentiable", (), False, False, 1, None, None)


@_REFUSAL.rule
def _(g, y, *arrays, name):
    problem = "backward is marked once_differentiable and was differentiated a second time"
    raise GradError(compose(name, problem, fix="write backward with Lucid's operations"))


# ---- on the tape --------------------------------------------------------------------


def _check_dirty(
    name: str, dirty: Sequence[Any], args: Sequence[Any], outs: Sequence[Any], recording: bool
) -> set[int]:
    """The identities of the arguments that were changed in place; raise if they must not be."""
    given, returned = set(map(id, args)), set(map(id, outs))
    for tensor in dirty:
        if id(tensor) not in given or id(tensor) not in returned:
            problem = "mark_dirty takes arguments of forward, and forward must return them"
            raise ArgumentError(compose(name, problem, {"marked": tensor}))
        if recording:
            refuse_leaf(name, tensor)
            if views.origin(tensor) is not None or views.relatives(tensor):
                problem = "mark_dirty was given a tensor that shares memory with views"
                raise GradError(compose(name, problem, {"marked": tensor}, "give it x.clone()"))
    return set(map(id, dirty))


def _primitive_of(cls: type[Function]) -> Primitive:
    """The op that stands for a subclass on the tape; no part of the registry."""

    def forward(ctx: Any, *inputs: Any) -> Any:
        return cls.forward(*inputs) if cls._keeps_apart else cls.forward(ctx, *inputs)

    made = Primitive(forward, cls.__name__, ("ctx",), True, False, 1, None, None)

    @made.rule
    def _(g, y, ctx, *inputs, needs):
        ctx.needs_input_grad = tuple(edge is not None for edge in needs[1:])
        return None, *_run_backward(cls, ctx, g, y, inputs)

    return made


def _record(
    cls: type[Function], ctx: Context, args: Sequence[Any], edges: list[Any], outs: tuple[Any, ...]
) -> tuple[Any, ...]:
    """Put the call on the tape; the rule finds the context where a first input would be."""
    ctx._pack(outs, edges)
    constant, dirty = set(map(id, ctx._constant)), set(map(id, ctx._dirty))
    ctx._constant = ctx._dirty = ()
    likes = [ShapeOnly(o.shape, o.dtype) if isinstance(o, Tensor) else _NO_TENSOR for o in outs]
    ctx._likes = likes
    kept = {place for _, _, place in ctx._saved}
    saved = [ShapeOnly(a.shape, a.dtype) if isinstance(a, Tensor) else None for a in args]
    node = Node(cls._primitive, [None, *edges], [ctx, *saved], None, None, {})
    if LOCAL.state.origin is not None:
        node.origin = LOCAL.state.origin()
    if len(outs) > 1:
        node.out = tuple(outs[i].data if i in kept else like for i, like in enumerate(likes))
    elif 0 in kept:
        node.out = outs[0].data
    results = list(outs)
    for i, out in enumerate(outs):
        if isinstance(out, Tensor):
            live = id(out) not in constant and is_differentiable(out.dtype)
            end = Slot(node, i, len(outs), out.data) if len(outs) > 1 else node
            if id(out) in dirty:
                move_to(out, end if live else None)
            else:
                results[i] = wrap(out.data, end if live else None)
    return tuple(results)


_NO_TENSOR = ShapeOnly((), np.dtype(np.bool_))


def _run_backward(
    cls: type[Function], ctx: Context, g: Any, y: Any, inputs: Sequence[Any]
) -> list[Any]:
    """Run the user's rule on tensors, and check what it returns."""
    entering = g if isinstance(g, list) else [g]
    recorded = any(isinstance(part, Tensor) for part in entering)
    grads: list[Any] = []
    for part, like in zip(entering, ctx._likes, strict=True):
        if part is None and ctx._materialize and like is not _NO_TENSOR:
            part = np.zeros(like.shape, like.dtype)
        grads.append(wrap(part) if isinstance(part, np.ndarray) else part)
    ctx._outputs = [
        wrap(out) if isinstance(out, np.ndarray) else out
        for out in (y if isinstance(y, tuple) else (y,))
    ]
    try:
        results = cls.backward(ctx, *grads)
    finally:
        ctx._outputs = ()
    listed = list(results) if isinstance(results, tuple | list) else [results]
    while len(listed) > len(inputs) and listed[-1] is None:
        listed.pop()
    if len(listed) != len(inputs):
        problem = f"backward must return {len(inputs)} gradients, one an argument of forward"
        raise ArgumentError(compose(cls.__name__, f"{problem}, not {len(listed)}"))
    for i, (result, value) in enumerate(zip(listed, inputs, strict=True)):
        if result is not None and value is not None:
            _check_gradient(cls.__name__, i, result, value)
            # a view: the engine then copies what the context may hold on to
            listed[i] = result if recorded else result.data.view()
    return listed


def _check_gradient(name: str, i: int, gradient: Any, like: ShapeOnly) -> None:
    if not isinstance(gradient, Tensor):
        problem = f"backward returned {type(gradient).__name__} for argument {i}, not a tensor"
        raise DTypeError(compose(name, problem))
    padded = (1,) * (gradient.ndim - len(like.shape)) + tuple(like.shape)
    fits = len(padded) == gradient.ndim and all(
        n in (1, m) for n, m in zip(padded, gradient.shape, strict=True)
    )
    if not fits:
        problem = f"backward returned a gradient of another shape than argument {i}"
        raise ShapeError(compose(name, problem, {"argument": like, "gradient": gradient}))
