"""`Primitive`: one op, declared once. Forward, gradient rule, what it saves, its samples.

A primitive is made by decorating its readable forward on arrays; the gradient rule is added
beneath it with ``@forward.rule``. Everything else reads the registry: `apply` runs it, the
engine differentiates it, the test sweep checks it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

REGISTRY: dict[str, Primitive] = {}

_VARARGS = 0x04  # inspect.CO_VARARGS, without importing inspect


# Both read the code object: `inspect.signature` would take a tenth of the time of the import.


def _positional_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """Names of the positional parameters, a variadic one last."""
    code = function.__code__
    names = code.co_varnames
    if not code.co_flags & _VARARGS:
        return names[: code.co_argcount]
    return (*names[: code.co_argcount], names[code.co_argcount + code.co_kwonlyargcount])


def _takes_needs(function: Callable[..., Any]) -> bool:
    """True if a rule asks to be told which inputs want a gradient."""
    code = function.__code__
    return "needs" in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


class Primitive:
    """An op on arrays: arrays are positional arguments, everything static is a keyword.

    Attributes
    ----------
    name : str
        Name in error messages and in the registry.
    forward : callable
        ``forward(*arrays, **static) -> array`` (a tuple of arrays when `outputs` is not 1).
        It may be called with NumPy arrays and with Python scalars.
    vjp : callable or None
        ``vjp(g, out, *inputs, **static) -> tuple``: one gradient (or None) for each input.
        Written with operators and lucid functions alone, so that it runs on arrays and, for
        higher derivatives, on tensors. Names ``needs`` among its keywords to be told which
        inputs want a gradient.
    recorder : callable or None
        ``recorder(*arrays, **static) -> (out, residual)``: a forward that also writes down
        what `fused_vjp` wants. Used in place of `forward` when a gradient will be wanted.
    fused_vjp : callable or None
        ``fused_vjp(g, residual, out, *inputs, **static)``, for arrays only. It may return
        the residual itself, for one input. The sweep holds it equal to `vjp`.
    fresh : bool
        Every gradient that `fused_vjp` returns is an array of its own, which nobody else
        holds and the engine may keep without a look around.
    saves : tuple of str
        Names of the inputs, and "out", that the rules read ("out[1]": the second of several
        outputs). What is not named here reaches a rule as a shape-only stand-in, so a false
        declaration fails at once.
    only_for : dict of str to str
        Of the inputs in `saves`, those that are read for the gradient of one other input
        alone: ``{"a": "b"}`` keeps `a` only where `b` wants a gradient.
    broadcasts : bool
        The inputs broadcast against each other; the engine sums gradients back.
    view : bool
        The output shares memory with the first input.
    outputs : int
        How many outputs; 0 when it depends on the arguments (always a tuple then).
    complex : bool
        It takes complex numbers too. The sweep then checks values and gradients of both
        orders on complex samples, and the coverage table says so.
    """

    __slots__ = (
        "broadcasts",
        "complex",
        "error_samples",
        "forward",
        "fresh",
        "fused_needs",
        "fused_vjp",
        "input_names",
        "module",
        "name",
        "outputs",
        "recorder",
        "samples",
        "save_all",
        "save_mask",
        "save_out",
        "save_outs",
        "saves",
        "view",
        "vjp",
        "vjp_needs",
    )

    def __init__(
        self,
        forward: Callable[..., Any],
        name: str,
        saves: tuple[str, ...],
        broadcasts: bool,
        view: bool,
        outputs: int,
        samples: Callable[..., Any] | None,
        error_samples: Callable[..., Any] | None,
        only_for: dict[str, str] | None = None,
        complex: bool = False,
    ) -> None:
        self.forward = forward
        self.name = name
        self.saves = saves
        self.broadcasts = broadcasts
        self.view = view
        self.outputs = outputs
        self.complex = complex
        self.samples = samples
        self.error_samples = error_samples
        self.module = forward.__module__
        self.vjp: Callable[..., Sequence[Any]] | None = None
        self.fused_vjp: Callable[..., Sequence[Any]] | None = None
        self.recorder: Callable[..., Any] | None = None
        self.vjp_needs = self.fused_needs = self.fresh = False
        self._read_signature(forward, only_for or {})

    def _read_signature(self, forward: Callable[..., Any], only_for: dict[str, str]) -> None:
        """Turn the names in `saves` into a mask, once.

        An entry is True or False, or the position of the one input whose gradient asks for it.
        """
        self.input_names = _positional_names(forward)
        parts = {f"out[{i}]": i for i in range(self.outputs)}
        unknown = set(self.saves) - set(self.input_names) - {"out", *parts}
        if unknown:
            raise TypeError(f"primitive {self.name}: saves names {unknown}, not among its inputs")
        self.save_outs = tuple(i for part, i in parts.items() if part in self.saves)
        self.save_out = "out" in self.saves or bool(self.save_outs)
        self.save_mask: tuple[bool | int, ...] = tuple(
            self.input_names.index(only_for[name]) if name in only_for else name in self.saves
            for name in self.input_names
        )
        self.save_all = all(saved is True for saved in self.save_mask)

    def rule(self, vjp: Callable[..., Any]) -> Callable[..., Any]:
        """Declare the gradient rule; used as a decorator beneath the forward."""
        self.vjp, self.vjp_needs = vjp, _takes_needs(vjp)
        return vjp

    def fused_rule(self, vjp: Callable[..., Any]) -> Callable[..., Any]:
        """Declare a second rule, for arrays alone, that reads what the recorder wrote down."""
        self.fused_vjp, self.fused_needs = vjp, _takes_needs(vjp)
        return vjp

    def fresh_rule(self, vjp: Callable[..., Any]) -> Callable[..., Any]:
        """Declare such a rule, whose gradients are all `fresh`; the sweep holds it to that."""
        self.fresh = True
        return self.fused_rule(vjp)

    def recording(self, recorder: Callable[..., Any]) -> Callable[..., Any]:
        """Declare the forward that is used when a gradient will be wanted."""
        self.recorder = recorder
        return recorder

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"


def primitive(
    name: str,
    *,
    saves: tuple[str, ...] = (),
    only_for: dict[str, str] | None = None,
    broadcasts: bool = False,
    view: bool = False,
    outputs: int = 1,
    complex: bool = False,
    samples: Callable[..., Any] | None = None,
    error_samples: Callable[..., Any] | None = None,
) -> Callable[[Callable[..., Any]], Primitive]:
    """Declare an op by decorating its forward on arrays (see `Primitive` for the arguments).

    Examples
    --------
    The whole declaration of an op::

        @primitive("tanh", saves=("out",), samples=lambda draw: [draw.sample(draw(3, 4))])
        def _tanh(x):
            return np.tanh(x)

        @_tanh.rule
        def _(g, y, x):                     # dL/dx = g (1 - y^2)
            return (g * (1 - y * y),)
    """

    def declare(forward: Callable[..., Any]) -> Primitive:
        if name in REGISTRY:
            raise TypeError(f"a primitive named {name!r} is declared already")
        made = Primitive(
            forward,
            name,
            saves,
            broadcasts,
            view,
            outputs,
            samples,
            error_samples,
            only_for,
            complex,
        )
        REGISTRY[name] = made
        return made

    return declare
