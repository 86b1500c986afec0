"""Anomaly detection: which op, which line and which module made the first NaN or infinity.

The rule. An op is looked at when it has run: forward its outputs, backward the gradients that
its rule made.

* **NaN that was not there before**, in no input and no constant, is an error, wherever it is.
* **Infinity that was not there before** is an error where a gradient will be wanted. Where none
  will (``mask.log()``) it is a constant like any other.
* **Infinity that is handed on**, from a mask, from `masked_fill` or from data, is none until it
  does harm: until it becomes NaN, enters a matrix product or a convolution, is the number that
  `backward` starts from, or makes a gradient that is not finite.
* **NaN that came in** with data or parameters is an error at the first op that hands it on to
  where a gradient will be wanted; before, missing values may be counted, replaced and skipped.
  NaN that is written down as a number, as in ``masked_fill(mask, nan)``, is meant.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from ..config import LOCAL
from ..core.interception import intercept
from ..core.node import Node
from ..core.primitive import Primitive
from ..errors import AnomalyError, DTypeError, compose
from ..kernels.finiteness import counts, is_finite
from . import verdict
from .origin import Mark, mark

_ndarray = np.ndarray


class _FromInfinity(Mark):
    """The mark of an op whose output holds an infinity that was handed on."""

    __slots__ = ()


class _Block(NamedTuple):
    """The state of the innermost block of a thread.

    Attributes
    ----------
    nan, inf : bool
        What is looked for.
    passes : int
        How many backward passes there were.
    infinity : str or None
        Where the first infinity came from that is nobody's fault.
    """

    nan: bool
    inf: bool
    passes: int = 0
    infinity: str | None = None


class _Watch:
    """Stands between one thread and its ops, and raises when something goes wrong.

    Attributes
    ----------
    on : bool
        Whether there is a block.
    """

    def __init__(self) -> None:
        self.on = False
        self.block = _Block(False, False)
        self._ran = False  # a recorded op, since the last rule
        self._in_rule = False
        self._infinite = False  # what is being recorded hands infinity on
        self._context: Any = None
        self._standing: tuple[Any, Any, Any] = (None, None, None)
        self._left_behind: list[Any] = []

    def switch(self, block: _Block | None) -> _Block | None:
        """Begin a block, go back to one, or with None end it; what was before."""
        before = self.block if self.on else None
        self.on = block is not None
        self._ran = self._infinite = False
        if block is None:
            self._leave()
        else:
            self.block = block
            self._install()
        return before

    def _install(self) -> None:
        """Stand between, unless that is so already."""
        hook = LOCAL.state.hook
        while hook is not None and hook is not self._standing[0]:
            hook = getattr(hook, "keywords", {}).get("inner")
        if hook is None:
            if self._context is not None:  # whoever stood around it has taken it along
                self._left_behind.append(self._context)  # collected, it would put old states back
            self._context = intercept(op=self._op, rule=self._rule, origin=self._origin)
            self._context.__enter__()
            self._standing = _standing()

    def _leave(self) -> None:
        """Step aside; where somebody else stands between by now, stay and look at nothing."""
        if self._context is not None and _standing() == self._standing:
            self._context.__exit__(None, None, None)
            self._context, self._standing = None, (None, None, None)

    # ---- what `core.interception` calls -----------------------------------------------

    def _op(
        self,
        prim: Primitive,
        arrays: list[Any],
        static: dict[str, Any],
        recording: bool,
        inner: Any,
    ) -> tuple[Any, Any]:
        out, residual = inner(prim, arrays, static, recording)
        if self._in_rule or not self.on:
            return out, residual
        if recording:
            self._ran, self._infinite = True, False
        if type(out) is _ndarray:
            if not is_finite(out):
                self._judge(prim, arrays, static, recording, out)
        else:
            for part in out if type(out) is tuple else (out,):
                if not is_finite(np.asarray(part)):
                    self._judge(prim, arrays, static, recording, np.asarray(part))
        return out, residual

    def _judge(
        self, prim: Primitive, arrays: list[Any], static: Any, recording: bool, out: Any
    ) -> None:
        block = self.block
        if not self._sought(out):
            return
        found = verdict.of_forward(prim, arrays, static, recording, out)
        if isinstance(found, verdict.Found):
            raise found.error(block.passes + 1, block.infinity)
        if found is not None:
            self._infinite = recording
            if block.infinity is None:
                self.block = block._replace(infinity=found.words)

    def _sought(self, array: Any) -> bool:
        """Whether there is in an array what the block looks for."""
        block = self.block
        if block.nan and block.inf:
            return True
        nans, infs = counts(array)
        return (block.nan and nans > 0) or (block.inf and infs > 0)

    def _rule(
        self, node: Node, gradient: Any, edges: Sequence[Any], create_graph: bool, inner: Any
    ) -> Sequence[Any]:
        if not self.on:
            return inner(node, gradient, edges, create_graph)
        if self._ran:
            self._begin_pass(node, gradient)
        before, self._in_rule = self._in_rule, True
        try:
            gradients: Sequence[Any] = inner(node, gradient, edges, create_graph)
        except Exception as error:
            noted = getattr(node, "origin", None)
            if isinstance(noted, Mark) and not isinstance(error, AnomalyError):
                error.add_note(f"  {node.prim.name} was run at {noted.read()}")
            raise
        finally:
            self._in_rule = before
        for edge, grad in zip(edges, gradients, strict=True):
            if edge is None or grad is None:
                continue
            array = grad if type(grad) is _ndarray else np.asarray(verdict.bare(grad))
            if not is_finite(array) and self._sought(array):
                found = verdict.of_backward(node, gradient, edges, gradients, node.saved)
                raise found.error(max(self.block.passes, 1), self.block.infinity)
        return gradients

    def _begin_pass(self, node: Node, gradient: Any) -> None:
        self._ran = False
        block = self.block = self.block._replace(passes=self.block.passes + 1)
        handed = isinstance(getattr(node, "origin", None), _FromInfinity)
        if handed and block.inf and np.size(verdict.bare(gradient)) == 1:
            raise verdict.of_root(node).error(block.passes, block.infinity)

    def _origin(self) -> Mark:
        return _FromInfinity(*mark()) if self._infinite else mark()


def _standing() -> tuple[Any, Any, Any]:
    """Who stands between in this thread."""
    state = LOCAL.state
    return state.hook, state.rule_hook, state.origin


class _Local(threading.local):
    def __init__(self) -> None:
        self.watch = _Watch()


_LOCAL = _Local()


class detect_anomaly:  # noqa: N801 - reads as a statement, and is PyTorch's name
    """Find the first NaN or infinity of a ``with`` block: the op, the line, the module.

    Every op is looked at when it has run, and every gradient when it has been computed. The
    first that is not finite raises an `AnomalyError`, which names the op and the line of your
    source that called it, the path of the module, the range of every input, and the step. It
    costs one pass over each result; a training step takes 1.05 to 1.5 times as long.

    Infinity that is put there on purpose is left alone: a mask filled with ``-inf``, and what
    `masked_fill`, `where` and sums hand on of it, raise nothing until they do harm (see
    `lucid.debug.anomaly` for the rule).

    Parameters
    ----------
    check_nan : bool, default True
        Look for NaN.
    check_inf : bool, default True
        Look for infinity. Turn it off with `amp.GradScaler`, which is meant to meet gradients
        that overflow.

    Raises
    ------
    AnomalyError
        Within the block, at the first NaN or infinity.
    DTypeError
        If an argument is not a bool.

    Notes
    -----
    With both off the lines are noted all the same, and an error raised by a gradient rule tells
    them. The block belongs to the thread that enters it. PyTorch looks at gradients alone, and
    for NaN alone; there the second argument does not exist.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([4.0, 0.0], requires_grad=True)
    >>> try:
    ...     with lucid.detect_anomaly():
    ...         y = x.sqrt().sum()
    ...         y.backward()
    ... except lucid.errors.AnomalyError as error:
    ...     print(error)  # doctest: +ELLIPSIS
    detect_anomaly: the gradient of sqrt made infinity from finite gradients
      step: 1, backward
      line: ...
          y = x.sqrt().sum()
              ^^^^^^^^
      x: float32[2], no longer known
      output: float32[2], 0 to 2
      gradient of the output: float32[2], all 1
      gradient of x: float32[2], all 0.25; 1 of 2 elements is infinite; the first at [1]
      help: its slope is infinite at 0: (x + 1e-12).sqrt()
    """

    __slots__ = ("_before", "_block")

    def __init__(self, check_nan: bool = True, check_inf: bool = True) -> None:
        self._block = _block("detect_anomaly", check_nan=check_nan, check_inf=check_inf)
        self._before: list[_Block | None] = []  # a stack: a block may be entered twice

    def __enter__(self) -> Self:
        self._before.append(_LOCAL.watch.switch(self._block))
        return self

    def __exit__(self, *error: object) -> None:
        _LOCAL.watch.switch(self._before.pop())


class set_detect_anomaly:  # noqa: N801 - reads as a statement, and is PyTorch's name
    """Switch anomaly detection on or off: at once as a function, or for a ``with`` block.

    Parameters
    ----------
    mode : bool
        True to detect.
    check_nan, check_inf : bool, default True
        See `detect_anomaly`.

    Raises
    ------
    DTypeError
        If an argument is not a bool.

    Examples
    --------
    >>> import lucid
    >>> try:
    ...     with lucid.autograd.set_detect_anomaly(True):
    ...         lucid.zeros(1) / 0
    ... except lucid.errors.AnomalyError as error:
    ...     print(error.verdict)
    div made NaN from finite inputs
    >>> _ = lucid.autograd.set_detect_anomaly(True)  # as a function: until further notice
    >>> _ = lucid.autograd.set_detect_anomaly(False)
    """

    __slots__ = ("_before",)

    def __init__(self, mode: bool, check_nan: bool = True, check_inf: bool = True) -> None:
        block = _block("set_detect_anomaly", mode=mode, check_nan=check_nan, check_inf=check_inf)
        self._before = _LOCAL.watch.switch(block if mode else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        _LOCAL.watch.switch(self._before)


def _block(where: str, **flags: Any) -> _Block:
    """A block that begins, if all flags are bools."""
    for name, value in flags.items():
        if not isinstance(value, bool):
            problem = f"{name} must be True or False, not {type(value).__name__}"
            raise DTypeError(compose(where, problem, {name: value}))
    return _Block(flags["check_nan"], flags["check_inf"])
