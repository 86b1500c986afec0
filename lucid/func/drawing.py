"""Random numbers within a `vmap`: refused, drawn for every sample, or once for all."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.tensor import wrap
from ..errors import ArgumentError, compose
from .lanes import Lanes, by_lane


class Draws:
    """A stream of random numbers that gives every sample its own.

    Parameters
    ----------
    level : Level
    rng : numpy.random.Generator
        Where the numbers come from.
    """

    __slots__ = ("level", "rng")

    def __init__(self, level: Any, rng: Any) -> None:
        self.level = level
        self.rng = rng

    @property
    def bit_generator(self) -> Any:
        """For the keys of ops that draw by themselves; those know of the samples."""
        return self.rng.bit_generator

    def __getattr__(self, name: str) -> Callable[..., Any]:
        draw = getattr(self.rng, name)

        def drawn(*args: Any, **options: Any) -> Any:
            if any(type(x) is Lanes for x in (*args, *options.values())):
                return by_lane(draw, args, options)
            return per_sample(self.level, lambda: draw(*args, **options))

        return drawn


def refuse(level: Any) -> None:
    """Refuse random numbers where `vmap` was not told what to do with them.

    Raises
    ------
    ArgumentError
        If it was not.
    """
    if level.randomness == "error":
        problem = "random numbers are drawn, and randomness='error' refuses them"
        fix = "vmap(..., randomness='different'), or 'same' for one draw that all samples share"
        raise ArgumentError(compose("vmap", problem, fix=fix))


def own_levels(level: Any) -> list[Any]:
    """The levels whose samples have numbers of their own, the outermost first."""
    found = []
    while level is not None:
        if level.randomness != "same":
            found.append(level)
        level = level.below
    return found[::-1]


def per_sample(level: Any, draw: Callable[[], Any]) -> Any:
    """What `draw` gives, once for every sample of every level that wants its own."""
    own = own_levels(level)
    if not own:
        return draw()
    sizes = tuple(each.size for each in own)
    each = [np.asarray(draw()) for _ in range(math.prod(sizes))]
    return laid(own, np.stack(each).reshape((*sizes, *each[0].shape)))


def laid(own: list[Any], values: Any) -> Any:
    """Plain numbers, whose first dimensions are those of the samples, as lanes of all levels."""
    for level in own:
        values = Lanes(level, wrap(values))
    return values
