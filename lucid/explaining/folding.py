"""Finding what repeats in a tape: twelve equal layers are shown once, "x 12"."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from .tape import Given, Step

FEW = 8  # steps: a tape of so few is shown as it is
LONG = 6  # steps: a block of so many is worth folding from two copies on


@dataclass(slots=True)
class Block:
    """Steps in a row, and how often they come.

    Attributes
    ----------
    steps : list of Step
        Those of the first copy.
    times : int
    names : dict of str to str
        Paths in a folded block, with a star in the place of what differs between the copies.
    span : str
        Where the copies stand, ``"layers.0 to layers.11"``; empty if that is not known.
    """

    steps: list[Step]
    times: int
    names: dict[str, str]
    span: str = ""


def folded(steps: list[Step]) -> list[Block]:
    """The steps as blocks, what repeats once with its number."""
    if len(steps) <= FEW:
        return [Block(steps, 1, {})]
    runs = _Runs(steps)
    blocks: list[Block] = []
    start = single = 0
    while start < len(steps):
        period, times = runs.best(start)
        if times == 1:
            start += 1
            continue
        if single < start:
            blocks.append(Block(steps[single:start], 1, {}))
        blocks.append(_block(steps, start, period, times))
        start = single = start + period * times
    if single < start:
        blocks.append(Block(steps[single:start], 1, {}))
    return blocks


class _Runs:
    """How far a tape agrees with itself, moved by some number of steps."""

    def __init__(self, steps: list[Step]) -> None:
        self._steps = steps
        known: dict[object, int] = {}
        keys = [known.setdefault(_key(step), len(known)) for step in steps]
        self._keys = np.array(keys)

    def best(self, start: int) -> tuple[int, int]:
        """The period and number of copies that cover the most from `start` on."""
        left = len(self._steps) - start
        same = np.flatnonzero(self._keys[start + 1 :] == self._keys[start]) + 1
        best, times = 1, 1
        for period in same[same <= left // 2].tolist():
            if period * (left // period) <= best * times:
                continue
            count = self._agreeing(start, period) // period + 1
            enough = count >= 3 or (count == 2 and period >= LONG)
            if enough and (times == 1 or count * period > best * times):
                best, times = period, count
        return best, times

    def _agreeing(self, start: int, period: int) -> int:
        """How many steps in a row, from `start` on, are like the one a period later."""
        steps, length = self._steps, 0
        for one, other in zip(steps[start:], steps[start + period :], strict=False):
            if not _alike(one, other):
                break
            length += 1
        return length


def _key(step: Step) -> object:
    shapes = tuple(given.shape for given in step.inputs)
    return step.prim.name, shapes, tuple(step.shapes), tuple(step.dtypes), step.kind


def _alike(one: Step, other: Step) -> bool:
    """Whether two steps do the same, with what stands equally far before them, or is the same."""
    if _key(one) != _key(other):
        return False
    return all(
        a.kind == b.kind and (a.kind != "step" or _same_source(a, b, one.number, other.number))
        for a, b in zip(one.inputs, other.inputs, strict=True)
    )


def _same_source(a: Given, b: Given, one: int, other: int) -> bool:
    ours, theirs = a.step or 0, b.step or 0
    return a.output == b.output and (one - ours == other - theirs or ours == theirs)


def _block(steps: list[Step], start: int, period: int, times: int) -> Block:
    first = steps[start : start + period]
    last = steps[start + period * (times - 1) : start + period * times]
    names: dict[str, str] = {}
    spans: list[tuple[str, str]] = []
    for one, other in zip(first, last, strict=True):
        pairs = [(a.name, b.name) for a, b in zip(one.inputs, other.inputs, strict=True)]
        for ours, theirs in [(one.path, other.path), *pairs]:
            if ours is not None and theirs is not None:
                starred, ends = _starred(ours, theirs)
                names[ours] = starred
                spans += [ends] if ends is not None else []
    span = ""
    if spans:
        shortest = min(len(first) for first, _ in spans)
        span = next(f"{a} to {b}" for a, b in spans if len(a) == shortest)
    return Block(first, times, names, span)


def _starred(one: str, other: str) -> tuple[str, tuple[str, str] | None]:
    """A path with a star where the other one has another number, and both up to there.

    Examples
    --------
    >>> _starred("layers.0.norm", "layers.11.norm")
    ('layers.*.norm', ('layers.0', 'layers.11'))
    """
    ours, theirs = one.split("."), other.split(".")
    differing = [i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b]
    if len(ours) != len(theirs) or not differing:
        return one, None
    if not all(re.fullmatch(r"\d+", ours[i]) for i in differing):
        return one, None
    pair = ".".join(ours[: differing[0] + 1]), ".".join(theirs[: differing[0] + 1])
    return ".".join("*" if i in differing else part for i, part in enumerate(ours)), pair
