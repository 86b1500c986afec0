"""Standing between `apply` and an op, or between the engine and a gradient rule.

Profiling, anomaly detection, tracing and batching do. Several may stand there at once, each
within the one that came before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from ..config import LOCAL
from .engine import run_rule
from .primitive import Primitive


def run_op(
    prim: Primitive, arrays: list[Any], static: dict[str, Any], recording: bool
) -> tuple[Any, Any]:
    """The output of an op and what its recorder wrote down: `apply` without anybody between."""
    if recording and prim.recorder is not None:
        out, residual = prim.recorder(*arrays, **static)
        return out, residual
    return prim.forward(*arrays, **static), None


@contextmanager
def intercept(
    op: Callable[..., tuple[Any, Any]] | None = None,
    rule: Callable[..., Sequence[Any]] | None = None,
    origin: Callable[[], Any] | None = None,
) -> Iterator[None]:
    """Within the ``with`` block, in this thread, stand between.

    Parameters
    ----------
    op : callable, optional
        ``op(prim, arrays, static, recording, inner=...) -> (out, residual)`` for each op that
        runs, those that gradient rules run included. ``inner(prim, arrays, static, recording)``
        goes on with it.
    rule : callable, optional
        ``rule(node, gradient, edges, create_graph, inner=...) -> gradients`` for each op of a
        backward pass; ``inner(node, gradient, edges, create_graph)`` goes on with it. `edges`
        has None in the place of an input that wants no gradient.
    origin : callable, optional
        What it returns is kept as the `origin` of each node that is recorded: where it came
        from.

    Examples
    --------
    >>> import lucid
    >>> def shout(prim, arrays, static, recording, inner):
    ...     print(prim.name)
    ...     return inner(prim, arrays, static, recording)
    >>> with intercept(op=shout):
    ...     y = lucid.tensor([1.0]).tanh().exp()
    tanh
    exp
    """
    state = LOCAL.state
    before = state.hook, state.rule_hook, state.origin
    if op is not None:
        state.hook = partial(op, inner=state.hook or run_op)
    elif origin is not None and state.hook is None:
        state.hook = run_op  # an origin is asked for only where somebody stands between
    if rule is not None:
        state.rule_hook = partial(rule, inner=state.rule_hook or run_rule)
    if origin is not None:
        state.origin = origin
    try:
        yield
    finally:
        state.hook, state.rule_hook, state.origin = before
