"""Profiles as a flame graph: passes, in them modules, in those ops; width is time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import MissingPackageError, compose
from .spans import PASSES, Span, walk
from .text import span as spell

COLOURS = dict(zip(PASSES, ("#0072B2", "#D55E00", "#009E73"), strict=True))
REST = "#DDDDDD"
WIDE, ROW = 11.0, 0.36  # inches: the figure's width, and the height of a row
FONT = 8.0  # points
NARROWEST = 5e-4  # of the width; what is narrower is not drawn


class Block:
    """One block of the graph, and those that stand on it.

    Attributes
    ----------
    name : str
    time : int
        Nanoseconds, those of the blocks on it included.
    blocks : dict of str to Block
    """

    __slots__ = ("blocks", "name", "time")

    def __init__(self, name: str) -> None:
        self.name = name
        self.time = 0
        self.blocks: dict[str, Block] = {}

    def add(self, names: list[str], time: int) -> None:
        """Put time on the stack of blocks that these names lead through."""
        block = self
        block.time += time
        for name in names:
            block = block.blocks.get(name) or block.blocks.setdefault(name, Block(name))
            block.time += time

    @property
    def height(self) -> int:
        """How many rows it takes."""
        return 1 + max((block.height for block in self.blocks.values()), default=0)


def stacks(spans: Iterable[Span], wall: int) -> Block:
    """The time of all ops, by pass, then module by module, then op.

    Examples
    --------
    >>> from lucid.profiling.log import OP
    >>> from lucid.profiling.spans import tree
    >>> whole = stacks(tree([(OP, "exp", 10, 30, "Net.body", 1, 8, None)]), 25)
    >>> block = whole.blocks["forward"].blocks["Net"].blocks["body"]
    >>> block.time, list(block.blocks), whole.time
    (20, ['exp()'], 25)
    """
    whole = Block("all")
    for name in PASSES:
        whole.blocks[name] = Block(name)
    for span in walk(spans):
        if span.is_op:
            modules = span.path.split(".") if span.path else []
            whole.add([span.phase, *modules, f"{span.entry.name}()"], span.own)
    whole.blocks = {name: block for name, block in whole.blocks.items() if block.time}
    whole.time = max(whole.time, wall)
    return whole


def draw(spans: Iterable[Span], wall: int) -> Any:
    """The figure; see `Profile.plot`.

    Raises
    ------
    MissingPackageError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # optional, and slow to import
        from matplotlib.ticker import MaxNLocator
    except ImportError as error:
        problem = "needs the package matplotlib, which is not installed"
        fix = "pip install 'lucid[training]'"
        raise MissingPackageError(compose("profile.plot", problem, fix=fix)) from error
    whole = stacks(spans, wall)
    figure = Figure(figsize=(WIDE, ROW * whole.height + 1.0), layout="constrained")
    axes = figure.subplots()
    _Canvas(axes, whole.time).draw(whole)
    axes.set(xlim=(0, whole.time), ylim=(0, whole.height))
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(lambda time, place: spell(round(time) / 1e9))
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(labelsize=FONT)
    axes.set_title("where the time goes", loc="left", fontweight="bold", fontsize=10)
    return figure


class _Canvas:
    """Where blocks are drawn."""

    def __init__(self, axes: Any, whole: int) -> None:
        self._axes = axes
        self._whole = whole

    def draw(self, whole: Block) -> None:
        """The lowest block, and on it one stack for each pass."""
        self._block(0, 0, whole.time, f"all: {spell(whole.time / 1e9)}", "#888888", 1.0)
        left = 0
        for name, block in whole.blocks.items():
            self._stack(block, left, 1, COLOURS[name])
            left += block.time
        if left < whole.time:
            self._block(left, 1, whole.time - left, "Python between ops", REST, 1.0)

    def _stack(self, block: Block, left: int, level: int, colour: str) -> None:
        """A block and those on it, the longest first."""
        if block.time < NARROWEST * self._whole:
            return
        label = block.name
        if level == 1:
            share = f"{label}  {block.time / self._whole:.0%}"
            label = share if _fitting(share, block.time / self._whole) == share else label
        self._block(left, level, block.time, label, colour, max(0.35, 1 - 0.14 * (level - 1)))
        for upper in sorted(block.blocks.values(), key=lambda b: -b.time):
            self._stack(upper, left, level + 1, colour)
            left += upper.time

    def _block(
        self, left: int, level: int, width: int, label: str, colour: str, strength: float
    ) -> None:
        shade = _mixed(colour, strength)
        self._axes.barh(
            level + 0.5, width, 0.94, left=left, color=shade, edgecolor="white", linewidth=0.8
        )
        text = _fitting(label, width / self._whole)
        if text:
            dark = sum(shade) < 1.8
            self._axes.text(
                left + width / 2,
                level + 0.5,
                text,
                ha="center",
                va="center",
                fontsize=FONT,
                color="white" if dark else "#222222",
                clip_on=True,
            )


def _mixed(colour: str, strength: float) -> tuple[float, ...]:
    """A colour, mixed with white."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return tuple(1 - strength * (1 - part) for part in parts)


def _fitting(label: str, share: float) -> str:
    """As much of a label as fits into a share of the figure's width; nothing if that is little.

    Examples
    --------
    >>> _fitting("dense()", 0.5), _fitting("huber_reduced()", 0.05), _fitting("dense()", 0.01)
    ('dense()', 'huber_r…', '')
    """
    room = int(share * (WIDE - 0.4) * 72 / (0.58 * FONT))
    if len(label) <= room:
        return label
    return f"{label[: room - 1]}…" if room > 4 else ""
