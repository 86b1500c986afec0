"""What the statistics of layers say in words: dead units, vanishing and exploding layers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from ..training.table import spell

DEAD_AFTER = 200  # zeros in a row, over samples and places, after which a unit counts as dead
FAR = 1e3  # times smaller or larger than another layer's: vanishing, or exploding
LARGE_UPDATE = 0.1  # of the weights, in one step


def remarks(layers: Sequence[Any]) -> list[str]:
    """What is noteworthy, a sentence each; empty if all is well.

    Parameters
    ----------
    layers : sequence of Layer
        In the order in which they ran.
    """
    found = [
        words for layer in layers for words in (*_broken(layer), *_dead(layer), *_update(layer))
    ]
    return [*found, *_outputs(layers), *_gradients(layers)]


def _broken(layer: Any) -> Iterator[str]:
    """NaN and infinity."""
    for what, moments in (("outputs", layer.output), ("gradients", layer.gradient)):
        if moments is not None and moments.bad:
            share = f"{moments.bad:,} of {moments.size:,} {what} are NaN or infinite"
            yield f"{layer.name}: {share}; detect_anomaly() finds out why"


def _dead(layer: Any) -> Iterator[str]:
    dead, units = layer.dead_units, layer.units
    if dead:
        which = "all" if dead == units else f"{dead} of {units}"
        yield (
            f"{layer.name}: {which} units are dead: they gave nothing but zeros for "
            f"{DEAD_AFTER} samples and more; a smaller learning rate, or a leaky rectifier"
        )


def _update(layer: Any) -> Iterator[str]:
    if layer.update is not None and layer.update > LARGE_UPDATE:
        share = f"{100 * layer.update:.0f} %"
        yield f"{layer.name}: a step changes the weights by {share}; a smaller learning rate"


def _outputs(layers: Sequence[Any]) -> Iterator[str]:
    """Outputs whose spread grows or shrinks from the first layer on: the worst of each kind."""
    spreads = [(layer, layer.output.std) for layer in layers if _usable(layer.output)]
    if len(spreads) < 2:
        return
    first, reference = spreads[0]
    for words, (layer, spread) in _extremes(spreads[1:], reference):
        ratio = spell(max(spread / reference, reference / spread))
        side = "larger" if spread > reference else "smaller"
        yield (
            f"{layer.name}: outputs {words}: their spread ({spell(spread)}) is {ratio} times "
            f"{side} than after {first.name}; another initialisation, or normalisation"
        )


def _gradients(layers: Sequence[Any]) -> Iterator[str]:
    """Gradients that shrink or grow from the last layer back: the worst of each kind."""
    sizes = [(layer, layer.gradient.rms) for layer in layers if _usable(layer.gradient)]
    if len(sizes) < 2:
        return
    last, reference = sizes[-1]
    for words, (layer, size) in _extremes(sizes[:-1], reference):
        ratio = spell(max(size / reference, reference / size))
        side = "larger" if size > reference else "smaller"
        fix = "clip_grad_norm_" if size > reference else "normalisation, skip connections"
        yield (
            f"{layer.name}: gradients {words}: their size ({spell(size)}) is {ratio} times "
            f"{side} than that of {last.name}; {fix}"
        )


def _usable(moments: Any) -> bool:
    """Whether there are numbers that differ from zero."""
    return moments is not None and moments.squares > 0 and math.isfinite(moments.squares)


def _extremes(
    values: Sequence[tuple[Any, float]], reference: float
) -> Iterator[tuple[str, tuple[Any, float]]]:
    """The smallest and the largest of some values, where they are far from the reference."""
    if not reference > 0:
        return
    smallest = min((pair for pair in values if pair[1] > 0), key=lambda p: p[1], default=None)
    largest = max(values, key=lambda pair: pair[1])
    if smallest is not None and smallest[1] * FAR < reference:
        yield "vanish", smallest
    if largest[1] > reference * FAR:
        yield "explode", largest
