"""The tape: `Node` is one recorded op, `Leaf` the place where a gradient ends.

Nodes point to the nodes of their inputs, never to tensors, and nothing points back: dropping
the last tensor frees the whole graph by reference count.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

from ..errors import DTypeError, compose
from .primitive import Primitive
from .versions import tick


class _Fields(NamedTuple):
    shape: tuple[int, ...]
    dtype: Any


class ShapeOnly(_Fields):
    """Stands for an array that a rule has no need of: its shape and dtype, not its values.

    A tuple, because those are made fastest; but arithmetic with it is an error.
    """

    __slots__ = ()
    __array_ufunc__ = None

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    def _no_value(self, other: Any) -> Any:
        raise TypeError(f"a rule reads a value that `saves` does not name: {tuple(self)}")

    __add__ = __radd__ = __mul__ = __rmul__ = _no_value
    __sub__ = __rsub__ = __truediv__ = __rtruediv__ = __pow__ = _no_value
    __gt__ = __lt__ = __ge__ = __le__ = _no_value


class HookHandle:
    """Takes a hook away again, by `remove` or at the end of a ``with`` block."""

    __slots__ = ("_hooks", "_key")
    _next = iter(range(1, 1 << 62)).__next__

    def __init__(self, hooks: dict[int, Any], hook: Callable[..., Any]) -> None:
        self._hooks = hooks
        self._key = HookHandle._next()
        hooks[self._key] = hook

    def remove(self) -> None:
        """Take the hook away; a second call does nothing."""
        self._hooks.pop(self._key, None)

    def __enter__(self) -> HookHandle:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


class Extras:
    """What few nodes have: hooks, and a tensor that retains its gradient.

    Attributes
    ----------
    hooks : dict
        ``hook(gradient)``, those of the tensor (`Tensor.register_hook`).
    before, after : dict
        ``hook(grad_outputs)`` and ``hook(grad_inputs, grad_outputs)``, those of the op.
    filled : dict
        ``hook(tensor)``, once the `grad` of a leaf has been added to.
    retain : weakref or None
        The tensor that retains the gradient.
    outputs : dict of int to Extras
        For an op with several outputs what each of them has of these.
    """

    __slots__ = ("after", "before", "filled", "hooks", "outputs", "retain")

    def __init__(self) -> None:
        self.hooks: dict[int, Callable[..., Any]] = {}
        self.before: dict[int, Callable[..., Any]] = {}
        self.after: dict[int, Callable[..., Any]] = {}
        self.filled: dict[int, Callable[..., Any]] = {}
        self.outputs: dict[int, Extras] = {}
        self.retain: weakref.ref[Any] | None = None


def extras_of(node: Any) -> Extras:
    """The extras of a node, made on first use."""
    extras: Extras | None = node.extras
    if extras is None:
        extras = node.extras = Extras()
    return extras


class GraphNode:
    """What a user sees of a node, as ``tensor.grad_fn``: its name, its inputs, its hooks.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor(3.0, requires_grad=True)
    >>> y = x * x
    >>> y.grad_fn.name(), [node.name() for node, _ in y.grad_fn.next_functions]
    ('MulBackward0', ['AccumulateGrad', 'AccumulateGrad'])
    """

    __slots__ = ()
    edges: Any
    hidden = 0  # how many leading inputs are none of the user's

    def name(self) -> str:
        """Name of the step, such as ``"MulBackward0"``."""
        raise NotImplementedError

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """For each input the node it came from, or None, and which output of that it was.

        Empty for a leaf, and once the graph has been released.
        """
        return tuple(
            (edge.edges[0], edge.index) if type(edge) is Slot else (edge, 0)
            for edge in self.edges[self.hidden :]
        )

    def register_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call `hook` whenever the gradients of the inputs have been computed.

        Parameters
        ----------
        hook : callable
            ``hook(grad_inputs, grad_outputs) -> tuple or None``, both tuples of tensors and
            None; a tuple that is returned replaces `grad_inputs`. At a leaf `grad_inputs` is
            empty, and the hook runs when the leaf has its gradient.

        Returns
        -------
        HookHandle
            Its `remove` takes the hook away.

        Raises
        ------
        DTypeError
            If `hook` cannot be called.

        Examples
        --------
        >>> import lucid
        >>> x = lucid.tensor(3.0, requires_grad=True)
        >>> y = x * x
        >>> handle = y.grad_fn.register_hook(lambda grad_inputs, _: print(*grad_inputs))
        >>> y.backward()
        3.0000 3.0000
        """
        return _registered("register_hook", extras_of(self).after, hook)

    def register_prehook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call `hook` before the gradients of the inputs are computed.

        Parameters
        ----------
        hook : callable
            ``hook(grad_outputs) -> tuple or None``; a tuple that is returned replaces
            `grad_outputs`.

        Returns
        -------
        HookHandle
            Its `remove` takes the hook away.

        Raises
        ------
        DTypeError
            If `hook` cannot be called.

        Examples
        --------
        >>> import lucid
        >>> x = lucid.tensor(3.0, requires_grad=True)
        >>> y = x * x
        >>> handle = y.grad_fn.register_prehook(lambda grad_outputs: (grad_outputs[0] * 10,))
        >>> y.backward()
        >>> print(x.grad)
        60.0000
        """
        return _registered("register_prehook", extras_of(self).before, hook)


def _registered(where: str, hooks: dict[int, Any], hook: Any) -> HookHandle:
    """Add a hook, if it can be called."""
    if not callable(hook):
        problem = f"the hook must be callable, not {type(hook).__name__}"
        raise DTypeError(compose(where, problem, {"hook": hook}))
    return HookHandle(hooks, hook)


class Node(GraphNode):
    """One recorded op.

    Attributes
    ----------
    prim : Primitive
    edges : list
        For each input its node, or None where no gradient is wanted.
    saved : list
        For each input its array, a Python scalar, or a `ShapeOnly`.
    out : array or None
        The output, where the rule reads it.
    residual : object
        What the recorder wrote down for the fused rule.
    static : dict
    when : int
        The tick at which it was recorded; orders the tape and dates the saved values.
    origin : object
        Where it came from; there only if `core.interception` was asked to note it.
    """

    __slots__ = (
        "edges",
        "extras",
        "origin",
        "out",
        "prim",
        "residual",
        "saved",
        "static",
        "when",
    )
    origin: Any

    def __init__(
        self,
        prim: Primitive,
        edges: list[Any],
        saved: list[Any] | None,
        out: Any,
        residual: Any,
        static: dict[str, Any],
    ) -> None:
        self.prim = prim
        self.edges = edges
        self.saved = saved
        self.out = out
        self.residual = residual
        self.static = static
        self.extras: Extras | None = None
        self.when = tick()

    def name(self) -> str:
        """Name of the step, such as ``"MulBackward0"``."""
        return "".join(w[:1].upper() + w[1:] for w in self.prim.name.split("_")) + "Backward0"

    @property
    def hidden(self) -> int:  # type: ignore[override]
        """1 for a `Function`, whose context stands before its arguments, else 0."""
        return int(self.prim.input_names[:1] == ("ctx",))

    def __repr__(self) -> str:
        return f"<{self.prim.name} backward>"


class Leaf(GraphNode):
    """Where a gradient ends: the node of a tensor that the user made with `requires_grad`."""

    __slots__ = ("extras", "tensor", "when")
    edges: tuple[()] = ()

    def __init__(self, tensor: Any) -> None:
        self.tensor = weakref.ref(tensor)  # a dead tensor's gradient can be read by nobody
        self.extras: Extras | None = None
        self.when = -tick()  # negative: leaves come after every op in a backward pass

    def name(self) -> str:
        """``"AccumulateGrad"``: what happens here."""
        return "AccumulateGrad"

    @property
    def variable(self) -> Any:
        """The tensor whose `grad` is filled here; None if it is gone."""
        return self.tensor()

    def __repr__(self) -> str:
        return "<leaf>"


class Slot:
    """One output of an op with several: hands its gradient to the op's node.

    A rule that reads the outputs gets them on slots made anew; those equal the first ones, so
    that all gradients of an output meet. `when` orders them right behind their op.
    """

    __slots__ = ("count", "edges", "index", "like", "when")

    def __init__(self, node: Node, index: int, count: int, like: Any) -> None:
        self.edges = [node]
        self.index = index
        self.count = count
        self.like = ShapeOnly(like.shape, like.dtype)
        self.when = node.when + (index + 1) / (count + 1)

    @property
    def extras(self) -> Extras | None:
        """Hooks and the like; they lie with the op, where slots made anew find them too."""
        extras = self.edges[0].extras
        return None if extras is None else extras.outputs.get(self.index)

    @extras.setter
    def extras(self, extras: Extras) -> None:
        extras_of(self.edges[0]).outputs[self.index] = extras

    def __eq__(self, other: object) -> bool:
        return type(other) is Slot and other.when == self.when

    def __hash__(self) -> int:
        return hash(self.when)

    def __repr__(self) -> str:
        return f"<{self.edges[0]!r} output {self.index}>"
