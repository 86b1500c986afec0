"""Timing ops, their gradient rules and the steps of optimizers.

`core.interception` shows ops and rules, the hooks around every optimizer's step show those. To
which forward op a rule belongs, and with it to which module, is found out afterwards: each op
takes a tick of the clock by which the tape orders its nodes, so a node is a little younger
than its own op and older than every op after it. Nothing is attached to the tape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident
from time import perf_counter_ns
from typing import Any

import numpy as np

from ..core.interception import intercept
from ..core.node import ShapeOnly
from ..core.versions import tick
from ..optim.hooks import register_optimizer_step_post_hook, register_optimizer_step_pre_hook
from .log import OP, RULE, STEP, Log

_ndarray = np.ndarray
_KNOWN = (np.ndarray, ShapeOnly)


@contextmanager
def timed(log: Log, shapes: bool, memory: bool) -> Iterator[None]:
    """Within the ``with`` block, in this thread, write down ops, rules and steps."""
    before, after = _step_hooks(log)
    with (
        intercept(op=_op_hook(log, shapes, memory), rule=_rule_hook(log, shapes, memory)),
        register_optimizer_step_pre_hook(before),
        register_optimizer_step_post_hook(after),
    ):
        yield


def _op_hook(log: Log, shapes: bool, memory: bool) -> Callable[..., Any]:
    write, clock, module = log.entries.append, perf_counter_ns, log.module

    def op(prim: Any, arrays: list[Any], static: Any, recording: bool, inner: Any) -> Any:
        seen, nbytes = None, 0
        if shapes:
            seen = tuple([(a.shape, a.dtype) if type(a) is _ndarray else None for a in arrays])
        start = clock()
        result = inner(prim, arrays, static, recording)
        end = clock()
        if memory:
            nbytes = 0 if prim.view else _made(result[0])
        write((OP, prim.name, start, end, module[0], tick(), nbytes, seen))
        return result

    return op


def _rule_hook(log: Log, shapes: bool, memory: bool) -> Callable[..., Any]:
    write, clock, module = log.entries.append, perf_counter_ns, log.module
    first = tick()

    def rule(node: Any, gradient: Any, edges: Any, create_graph: bool, inner: Any) -> Any:
        seen, nbytes = None, 0
        if shapes and (node.when < first or node.prim.input_names[0] == "ctx"):
            saved = node.saved or ()  # no op of this profile tells: an earlier one, a `Function`
            seen = tuple([(a.shape, a.dtype) if type(a) in _KNOWN else None for a in saved])
        start = clock()
        gradients = inner(node, gradient, edges, create_graph)
        end = clock()
        if memory:
            for made in gradients:
                if made is not None:
                    nbytes += made.nbytes
        write((RULE, node.prim.name, start, end, module[0], node.when, nbytes, seen))
        return gradients

    return rule


def _made(out: Any) -> int:
    """The bytes in what an op returned."""
    if type(out) is _ndarray:
        return out.nbytes
    if isinstance(out, tuple | list):
        return sum(map(_made, out))
    return getattr(out, "nbytes", 0)


def _step_hooks(log: Log) -> tuple[Callable[..., None], Callable[..., None]]:
    running: list[tuple[Any, int, int]] = []  # a closure may run the step of another optimizer

    def before(optimizer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if get_ident() == log.thread:
            running.append((optimizer, len(args) - 1, perf_counter_ns()))

    def after(optimizer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        end = perf_counter_ns()
        if get_ident() != log.thread:
            return
        while running:  # a step that failed never came here
            known, closure, start = running.pop()
            if known is optimizer:
                name, path = type(optimizer).__name__, log.module[0]
                log.entries.append((STEP, name, start, end, path, closure, 0, None))
                return

    return before, after
