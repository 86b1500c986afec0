"""Where an op came from: the line of the user's source that made it, and the module it ran in.

While an op runs no more than a code object, an offset in it and the modules around it are noted;
they are turned into text when somebody asks.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from types import CodeType
from typing import Any, NamedTuple

from ..core.interception import intercept
from ..core.node import GraphNode, Slot
from ..core.tensor import Tensor
from ..errors import DTypeError, compose
from ..nn.module import CALL, Module

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_PYTHONS = os.path.dirname(os.path.abspath(os.__file__)) + os.sep


class Origin(NamedTuple):
    """Where an op came from.

    Attributes
    ----------
    file : str
        The user's source file.
    line : int
        The line in it, counted from 1.
    code : str
        That line, without its indentation; empty where the source cannot be read.
    module : str or None
        The path of the innermost module that was running, ``"encoder.layers.3.linear1"``; the
        outermost one itself goes by the name of its class. None outside of modules.

    Examples
    --------
    >>> print(Origin("train.py", 12, "h = x.log()", "encoder.0"))
    train.py:12, in encoder.0: h = x.log()
    """

    file: str
    line: int
    code: str
    module: str | None

    def __str__(self) -> str:
        within = "" if self.module is None else f", in {self.module}"
        code = f": {self.code}" if self.code else ""
        return f"{self.file}:{self.line}{within}{code}"


class Mark(NamedTuple):
    """What is noted of a moment: where the user's code stood, and the modules around it.

    Attributes
    ----------
    code : code object or None
        The innermost function that is the user's; None if there is none.
    offset : int
        Of the instruction that was running.
    modules : tuple of Module
        Those whose `forward` was running, innermost first.
    """

    code: CodeType | None
    offset: int
    modules: tuple[Module, ...]

    def span(self) -> tuple[int, int | None, int | None, int | None]:
        """First and last line, first and last column of the expression that was running."""
        assert self.code is not None
        places = islice(self.code.co_positions(), self.offset // 2, None)
        line, last_line, column, last_column = next(places, (None,) * 4)
        if line is None:  # an instruction that stands for no text
            return self.code.co_firstlineno, None, None, None
        return line, last_line, column, last_column

    def read(self) -> Origin | None:
        """The same as text; None where no code of the user's was running."""
        if self.code is None:
            return None
        file, line = self.code.co_filename, self.span()[0]
        return Origin(file, line, linecache.getline(file, line).strip(), path(self.modules))


_new_tuple = tuple.__new__  # skips the Python frame of a NamedTuple's own constructor


class _Users(dict[str, bool]):
    """For each file name whether it is the user's: neither ours nor of Python's own library."""

    def __missing__(self, file: str) -> bool:
        python = file.startswith("<frozen") or (
            file.startswith(_PYTHONS) and "-packages" not in file
        )
        self[file] = answer = not (python or file.startswith(_OURS))
        return answer


_users = _Users()


def mark() -> Mark:
    """Note this moment."""
    frame = sys._getframe(1)
    code, offset = None, 0
    modules: tuple[Module, ...] = ()
    while frame is not None:
        running = frame.f_code
        if running is CALL:
            modules += (frame.f_locals["self"],)
        elif code is None and _users[running.co_filename]:
            code, offset = running, frame.f_lasti
        frame = frame.f_back  # type: ignore[assignment]
    return _new_tuple(Mark, (code, offset, modules))


def path(modules: tuple[Module, ...]) -> str | None:
    """The path of the first of some modules, each of which was called by the next.

    A module that its caller does not own goes by the path under an earlier one; where none
    owns it, by the name of its class in angle brackets.

    Examples
    --------
    >>> from lucid import nn
    >>> model = nn.Sequential(nn.Sequential(nn.Linear(1, 1), nn.Tanh()))
    >>> path((model[0][1], model[0], model)), path((model,)), path((nn.Tanh(), model)), path(())
    ('0.1', 'Sequential', '<Tanh>', None)
    """
    if not modules:
        return None
    *outer, outermost = modules
    known: list[tuple[Module, str]] = [(outermost, "")]
    for module in reversed(outer):
        if module is not known[-1][0]:
            known.append((module, _under(known, module)))
    return known[-1][1] or type(outermost).__name__


def _under(callers: list[tuple[Module, str]], module: Module) -> str:
    """The path of a module that the last of some callers, known by their paths, has called."""
    for caller, prefix in reversed(callers):
        for name, owned in caller.named_modules(prefix=prefix):
            if owned is module:
                return name
    prefix, name = callers[-1][1], f"<{type(module).__name__}>"
    return f"{prefix}.{name}" if prefix else name


@contextmanager
def record_origins() -> Iterator[None]:
    """Within the ``with`` block, in this thread, note of every recorded op where it came from.

    `origin_of` tells it. It costs 1 to 3 us an op, the more the deeper the calls are nested.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([1.0, 2.0], requires_grad=True)
    >>> with lucid.record_origins():
    ...     y = x.log()
    >>> lucid.debug.origin_of(y).code
    'y = x.log()'
    """
    with intercept(origin=mark):
        yield


def origin_of(node: Any) -> Origin | None:
    """Where the op came from that made a tensor.

    Parameters
    ----------
    node : Tensor or GraphNode
        A tensor, or what its `grad_fn` is.

    Returns
    -------
    Origin or None
        None for a leaf, and for an op that was recorded outside of `record_origins` or of
        `detect_anomaly`.

    Raises
    ------
    DTypeError
        If it is neither a tensor nor a node.

    Examples
    --------
    >>> import lucid
    >>> from lucid import nn
    >>> model = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
    >>> with lucid.record_origins():
    ...     y = model(lucid.ones(1, 2))
    >>> origin = lucid.debug.origin_of(y)
    >>> origin.module, origin.code, origin.line
    ('1', 'y = model(lucid.ones(1, 2))', 2)
    >>> print(lucid.debug.origin_of(lucid.ones(1)))
    None
    """
    if isinstance(node, Tensor):
        node = node._node
    elif not isinstance(node, GraphNode | Slot | None):
        problem = f"takes a tensor or its grad_fn, not {type(node).__name__}"
        raise DTypeError(compose("origin_of", problem, {"node": node}))
    if type(node) is Slot:
        node = node.edges[0]
    noted = getattr(node, "origin", None)
    return noted.read() if isinstance(noted, Mark) else None
