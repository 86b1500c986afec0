"""Gradient rules on bare arrays, all samples at once: a shortcut of the common passes.

Within a `vmap` the rules of ops run on tensors, so that a pass can be recorded. Where it is not
(the gradients of each sample are wanted, or the rows of a Jacobian), the rule of a simple op is
run once on plain arrays with the samples in a row. What has no shortcut here goes the other way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...core import versions
from ...core.node import Node, ShapeOnly
from ...core.tensor import Tensor, wrap
from ..lanes import Lanes
from .along_axes import moved
from .elementwise import ELEMENTWISE
from .registry import aligned

Shortcut = Callable[..., Any]
SHORTCUTS: dict[str, Shortcut] = {}


def _shortens(*names: str) -> Callable[[Shortcut], Shortcut]:
    """Declare the shortcut of some primitives.

    It is ``shortcut(size, node, arrays, batched, edges)``: the arrays are the gradient, the
    output and the saved inputs. It returns a gradient, which has all samples, for each input;
    or None, where it does not suit.
    """

    def declare(shortcut: Shortcut) -> Shortcut:
        SHORTCUTS.update(dict.fromkeys(names, shortcut))
        return shortcut

    return declare


def of_all_samples(
    level: Any, node: Node, gradient: Any, edges: Sequence[Any]
) -> Sequence[Any] | None:
    """The gradients of one op by its shortcut; None where there is none."""
    name = node.prim.name
    shortcut = SHORTCUTS.get(name) or (_total if name.endswith("_reduced") else None)
    usual = shortcut is not None and type(gradient) is Tensor and node.saved is not None
    if not usual or node.extras is not None or versions.latest[0] > node.when:
        return None
    arrays: list[Any] = []
    batched: list[bool] = []
    for held in (gradient._data, node.out, *(node.saved or ())):
        lanes = type(held) is Lanes
        if lanes:
            if held.level is not level or type(held.value._data) is not np.ndarray:
                return None
            arrays.append(held.value._data)
        else:
            arrays.append(held)
        batched.append(lanes and held.batched)
    if not any(batched):
        return None
    assert shortcut is not None
    found = shortcut(level.size, node, arrays, batched, edges)
    if found is None:
        return None
    return [None if g is None else wrap(Lanes(level, wrap(g))) for g in found]


@_shortens(*ELEMENTWISE)
def _elementwise(size: int, node: Node, arrays: Any, batched: Any, edges: Any) -> Any:
    prim, static = node.prim, node.static
    if prim.outputs != 1:
        return None
    fused = prim.fused_vjp is not None and prim.recorder is None
    plain = not fused or not _all_batched(arrays, batched)
    g, out, *saved = arrays
    if plain:
        found = prim.vjp(g, out, *saved, **static)  # type: ignore[misc]
    else:
        found = prim.fused_vjp(g, None, out, *saved, **static)  # type: ignore[misc]
    wanted = (size, *g.shape[batched[0] :])  # a rule may give zeros of one sample
    return found if all(x.shape == wanted for x in found) else None


def _all_batched(arrays: list[Any], batched: list[bool]) -> bool:
    pairs = zip(arrays, batched, strict=True)
    return all(b or x is None or type(x) is ShapeOnly for x, b in pairs)


@_shortens("add", "sub", "mul", "div", "maximum", "minimum", "where")
def _broadcast(size: int, node: Node, arrays: Any, batched: Any, edges: Any) -> Any:
    g, out, *saved = arrays
    wide = aligned([g, *saved], [batched[0], *batched[2:]])
    needs = {"needs": edges} if node.prim.vjp_needs else {}
    found = node.prim.vjp(wide[0], out, *wide[1:], **needs, **node.static)  # type: ignore[misc]
    ndim = wide[0].ndim + (not batched[0])
    fits = (x is None or (x.ndim == ndim and len(x) == size) for x in found)
    return found if all(fits) else None


@_shortens("sum", "mean", "softmax", "log_softmax")
def _along(size: int, node: Node, arrays: Any, batched: Any, edges: Any) -> Any:
    if not _all_batched(arrays, batched):
        return None
    g, out, *saved = (
        ShapeOnly((size, *x.shape), x.dtype) if type(x) is ShapeOnly else x for x in arrays
    )
    return node.prim.vjp(g, out, *saved, **moved(node.static))  # type: ignore[misc]


def _total(size: int, node: Node, arrays: Any, batched: Any, edges: Any) -> Any:
    g, _, x, t, *pull = arrays
    shape = x.shape[batched[2] :]
    if t.shape[batched[3] :] != shape or not (batched[2] or batched[3]) or len(pull) > 1:
        return None
    g = g.reshape((-1, *(1,) * len(shape)))
    return node.prim.vjp(g, None, x, t, **node.static)  # type: ignore[misc]


# ---- dense layers ---------------------------------------------------------------------


def _outer(g: Any, x: Any) -> Any:
    """The gradient of each sample's weight: ``g' x`` of its rows, mostly one."""
    if g.ndim == 2:
        return np.einsum("bi,bj->bij", g, x)  # half the time of a product that broadcasts
    return np.matmul(
        g.reshape(len(g), -1, g.shape[-1]).swapaxes(1, 2), x.reshape(len(x), -1, x.shape[-1])
    )


@_shortens("linear")
def _linear(size: int, node: Node, arrays: Any, batched: Any, edges: Any) -> Any:
    g, _, x, w, _ = arrays
    if not batched[0] or batched[3] or g.dtype.kind == "c" or (edges[1] and not batched[2]):
        return None
    bias = None
    if edges[2]:
        bias = g if g.ndim == 2 else g.reshape(size, -1, g.shape[-1]).sum(1)
    return (np.matmul(g, w) if edges[0] else None, _outer(g, x) if edges[1] else None, bias)


@_shortens("dense")
def _dense(size: int, node: Node, arrays: Any, batched: Any, edges: Any) -> Any:
    """Back through the layers, with what the forward pass has kept of each."""
    g, _, x, *params = arrays
    outputs: Any = node.residual
    if outputs is None or not batched[0]:
        return None
    found: list[Any] = [None] * len(edges)
    for i in reversed(range(len(outputs))):
        weight, bias = 2 * i + 1, 2 * i + 2
        if node.static["rectified"][i]:
            g = g * (outputs[i] > 0)
        if edges[bias]:
            found[bias] = g
        if edges[weight]:
            found[weight] = _outer(g, outputs[i - 1] if i else x)
        if not any(edges[:weight]):
            return found
        g = g @ params[2 * i]
    found[0] = g
    return found
