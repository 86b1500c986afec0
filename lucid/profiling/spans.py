"""What was written down, made into a tree: what ran within what, in which pass and module."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .log import KERNEL, MODULE, OP, RULE, STEP, Entry

FORWARD, BACKWARD, OPTIMIZER = PASSES = ("forward", "backward", "optimizer")
KINDS = {OP: "op", RULE: "op", STEP: "optimizer", MODULE: "module", KERNEL: "kernel"}

# Ops whose arithmetic is matrix products. `a @ b` goes straight into NumPy, where nobody can
# stand between, so what such an op spends outside of Numba's kernels counts as its products.
PRODUCTS = frozenset(
    [
        "matmul",
        "linear",
        "dense",
        "conv",
        "conv_input",
        "conv_weight",
        "attention",
        "rnn_layer",
        "gru_layer",
        "lstm_layer",
    ]
)


class Span:
    """One thing that ran.

    Attributes
    ----------
    entry : Entry
        As it was written down.
    phase : str
        Its pass: "forward", "backward" or "optimizer".
    path : str
        Of the module it belongs to; a rule's is that of its op.
    arrays : tuple or None
        Shape and dtype of each input.
    own : int
        Nanoseconds without ops that ran within it (for a module: without modules).
    in_kernels : int
        Nanoseconds of `own` in Numba's kernels.
    op, module : Span or None
        The innermost op, rule or step around it, and the innermost module.
    inside : list of Span
    """

    __slots__ = ("arrays", "entry", "in_kernels", "inside", "module", "op", "own", "path", "phase")

    def __init__(self, entry: Entry, inside: list[Span]) -> None:
        self.entry = entry
        self.inside = inside
        self.own = self.duration
        self.in_kernels = 0
        self.op: Span | None = None
        self.module: Span | None = None
        self.path = entry.path
        self.arrays = entry.arrays
        self.phase = FORWARD

    @property
    def kind(self) -> int:
        """What it is, a constant of `log`."""
        return self.entry.kind

    @property
    def duration(self) -> int:
        """Nanoseconds from start to end."""
        return self.entry.end - self.entry.start

    @property
    def is_op(self) -> bool:
        """Whether it is an op, a rule or a step: what shares are counted of."""
        return self.entry.kind in (OP, RULE, STEP)

    @property
    def products(self) -> int:
        """Nanoseconds of `own` that count as products of matrices."""
        is_product = self.kind in (OP, RULE) and self.entry.name in PRODUCTS
        return self.own - self.in_kernels if is_product else 0


def tree(entries: Iterable[Sequence[Any]]) -> list[Span]:
    """Nest entries by their times, and say of each to what it belongs.

    Parameters
    ----------
    entries : iterable of tuple
        In the order in which they ended.

    Returns
    -------
    list of Span
        The outermost ones, in order.

    Examples
    --------
    >>> inner = (OP, "exp", 20, 30, "", 1, 8, None)
    >>> outer = (MODULE, "Net", 10, 50, "Net", (0, 2), 0, None)
    >>> [module] = tree([inner, outer])
    >>> module.inside[0].entry.name, module.duration
    ('exp', 40)
    """
    ended: list[Span] = []  # outermost so far; what encloses the last of them takes those over
    calls: dict[int, list[Span]] = {kind: [] for kind in KINDS}
    for values in entries:
        entry = Entry(*values)
        first = len(ended)
        while first and ended[first - 1].entry.start >= entry.start:
            first -= 1
        span = Span(entry, ended[first:])
        ended[first:] = [span]
        calls[entry.kind].append(span)
    _Placing(calls[OP], calls[MODULE]).place(ended)
    return ended


def walk(spans: Iterable[Span]) -> Iterator[Span]:
    """All spans of a tree, each before those inside of it."""
    waiting = list(spans)[::-1]
    while waiting:
        span = waiting.pop()
        yield span
        waiting += span.inside[::-1]


class _Placing:
    """Says of every span its pass, its module, and what of its time is its own."""

    def __init__(self, ops: list[Span], modules: list[Span]) -> None:
        self._ops = ops
        self._marks = [op.entry.mark for op in ops]  # rising: they are taken when an op ends
        self._modules = sorted(modules, key=_entered)

    def place(self, spans: Iterable[Span]) -> None:
        # Each with the op, the rule and the module around it; those are placed before it.
        waiting: list[tuple[Span, Span | None, Span | None, Span | None]] = []
        waiting += [(span, None, None, None) for span in spans]
        waiting.reverse()
        while waiting:
            span, op, rule, module = waiting.pop()
            span.op, span.module = op, module
            self._belong(span, op, rule)
            if span.kind == MODULE:
                if module is not None:
                    module.own -= span.duration
                module = span
            elif span.kind == KERNEL:
                if op is not None:
                    op.in_kernels += span.duration
            else:
                if op is not None:
                    op.own -= span.duration
                op = span
                rule = span if span.kind == RULE else rule
            waiting += [(inner, op, rule, module) for inner in span.inside[::-1]]

    def _belong(self, span: Span, op: Span | None, rule: Span | None) -> None:
        """Its pass and its module."""
        if span.kind == RULE:
            span.phase = BACKWARD
            self._follow(span)
        elif span.kind == KERNEL:
            if op is not None:
                span.phase, span.path = op.phase, op.path
        elif rule is not None:
            span.phase = BACKWARD
            if span.kind != MODULE and span.entry.path == rule.entry.path:
                span.path = rule.path  # no module was called since the rule began
        elif op is not None and op.kind == OP:
            span.phase = op.phase
        elif span.kind == STEP or (op is not None and not op.entry.mark):
            span.phase = OPTIMIZER  # a step without closure; what a closure runs is forward

    def _follow(self, span: Span) -> None:
        """Give a rule the module and the inputs of its op; neither, if that ran earlier."""
        rule = span.entry
        place = bisect_right(self._marks, rule.mark) - 1
        if place >= 0 and self._ops[place].entry.name == rule.name:
            made = self._ops[place]
            span.path, span.arrays = made.path, made.arrays
            return
        span.path = ""
        for i in reversed(range(bisect_right(self._modules, rule.mark, key=_entered))):
            module = self._modules[i]  # the node of a `Function` has no op of its name
            if module.entry.mark[1] > rule.mark:
                span.path = module.path
                return


def _entered(module: Span) -> int:
    """The tick at which a module was called."""
    first: int = module.entry.mark[0]
    return first
