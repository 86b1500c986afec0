"""What is told about an op that made NaN or infinity: its values, its place, the likely fix."""

from __future__ import annotations

import linecache
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..core.node import ShapeOnly
from ..core.tensor import Tensor
from ..errors import describe
from ..kernels.finiteness import counts
from ..nn.module import Module
from .origin import Mark, path

_LOG = "keep its input above 0: x.clamp(min=1e-12); log_softmax and the losses 'with logits' do"
_DIVISION = "keep the divisor away from 0: add a small number, or clamp it"
_EXP = "it overflows (float32 above 88.7): softmax, logsumexp and softplus do not"
_DOMAIN = "clamp its input to less than [-1, 1]"
_GROWN = "numbers have grown out of range: a smaller learning rate, or clip_grad_norm_"
_ROW = "a row whose every element is masked has no softmax: leave one element in"
_SPREAD = "a group of equal values has no spread to divide by: a larger eps"
_SLOPE = "its slope is infinite at 0: (x + 1e-12).sqrt()"

# What usually helps, by the op; a word of the name is enough.
_HELP = {
    "log": _LOG,
    "log2": _LOG,
    "log10": _LOG,
    "xlogy": _LOG,
    "div": _DIVISION,
    "reciprocal": _DIVISION,
    "rsqrt": _DIVISION,
    "sqrt": "keep its input from going below 0: x.clamp(min=0)",
    "pow": "a fraction of a negative number, or 0 to a negative power, is no number: clamp first",
    "exp": _EXP,
    "exp2": _EXP,
    "expm1": _EXP,
    "asin": _DOMAIN,
    "acos": _DOMAIN,
    "atanh": _DOMAIN,
    "logit": _DOMAIN.replace("[-1, 1]", "[0, 1]"),
    "softmax": _ROW,
    "log_softmax": _ROW,
    "attention": _ROW,
    "dense": _GROWN,
    "linear": _GROWN,
    "matmul": _GROWN,
    "conv": _GROWN,
    "norm": _SPREAD,
    "astype": "the number is out of the dtype's range: float32, or scale it first",
}
_HELP_BACKWARD = {"sqrt": _SLOPE, "pow": _SLOPE, "std": _SLOPE, "norm": _SLOPE}
_DROPPED = (
    "where elements are left out afterwards (where, masked_fill, indexing), give the op safe "
    "values there: 0 * inf is NaN"
)


def advice(op: str, phase: str) -> str:
    """What usually helps where an op made NaN or infinity.

    Examples
    --------
    >>> advice("sqrt", "backward")
    'its slope is infinite at 0: (x + 1e-12).sqrt()'
    """
    words = (op, *op.split("_"))
    if phase == "backward":
        return next((_HELP_BACKWARD[w] for w in words if w in _HELP_BACKWARD), _DROPPED)
    return next((_HELP[w] for w in words if w in _HELP), _GROWN)


def spelled(x: Any) -> str:
    """Shape, dtype and range of an array, and what of it is not finite.

    Examples
    --------
    >>> spelled(np.array([[0.0, 1.5], [np.nan, -np.inf]]))
    'float64[2, 2], 0 to 1.5; 1 of 4 elements is NaN, 1 is infinite; the first at [1, 0]'
    >>> spelled(ShapeOnly((3,), np.dtype("f4"))), spelled(2.0)
    ('float32[3], no longer known', '2.0')
    """
    if isinstance(x, ShapeOnly):
        return f"{describe(x)}, no longer known"
    if not isinstance(x, np.ndarray | np.generic):
        return describe(x)
    text = describe(x)
    if x.dtype.kind not in "fV" or x.size == 0:
        return text if x.dtype.kind != "c" or not any(counts(x)) else f"{text}; {share(x)}"
    if np.ndim(x) == 0:
        return f"{text}, {float(x):.4g}"
    values = np.asarray(x, np.float64)
    finite = values[np.isfinite(values)]
    if finite.size:
        low, high = float(finite.min()), float(finite.max())
        text += f", {low:.4g} to {high:.4g}" if low < high else f", all {low:.4g}"
    return f"{text}; {share(x)}" if finite.size < x.size else text


def share(x: Any) -> str:
    """How much of an array is not finite, and where the first such element is.

    Examples
    --------
    >>> share(np.array([1.0, np.nan, np.inf]))
    '1 of 3 elements is NaN, 1 is infinite; the first at [1]'
    """
    first = np.unravel_index(int(np.argmin(np.isfinite(x))), np.shape(x))
    where = "" if np.ndim(x) == 0 else f"; the first at [{', '.join(map(str, map(int, first)))}]"
    return tally(x) + where


def tally(x: Any) -> str:
    """How many elements of an array are NaN, how many infinite.

    Examples
    --------
    >>> tally(np.array([np.inf, np.nan, np.inf]))
    '1 of 3 elements is NaN, 2 are infinite'
    """
    parts = [(n, kind) for n, kind in zip(counts(x), ("NaN", "infinite"), strict=True) if n]
    (first, kind), *rest = parts or [(0, "NaN or infinite")]
    words = [f"{first} of {np.size(x)} elements {'is' if first == 1 else 'are'} {kind}"]
    return ", ".join(words + [f"{n} {'is' if n == 1 else 'are'} {kind}" for n, kind in rest])


def names(
    input_names: Sequence[str], arrays: Sequence[Any], modules: tuple[Module, ...]
) -> list[str]:
    """What the inputs of an op are called: by the path of a parameter or buffer, where it is one.

    Examples
    --------
    >>> from lucid import nn
    >>> layer = nn.Linear(2, 1)
    >>> names(("x", "w", "b"), [np.ones(2), layer.weight.data, 1.0], (layer,))
    ['x', 'the parameter weight', 'b']
    """
    known = dict(_held(modules[-1])) if modules else {}
    found = []
    for i, array in enumerate(arrays):
        rest = len(arrays) > len(input_names) and i >= len(input_names) - 1
        name = f"{input_names[-1]}[{i - len(input_names) + 1}]" if rest else input_names[i]
        found.append(known.get(_memory(array), name))
    return found


def _held(model: Module) -> Iterator[tuple[Any, str]]:
    """For the memory of each parameter and buffer what it is called."""
    tensors: list[tuple[str, str, Tensor]] = []
    tensors += [("buffer", *pair) for pair in model.named_buffers()]
    tensors += [("parameter", *pair) for pair in model.named_parameters()]
    for kind, name, tensor in tensors:
        yield _memory(tensor._data), f"the {kind} {name}"


def _memory(array: Any) -> Any:
    """Something that is the same for two arrays of the same elements, or None."""
    if not isinstance(array, np.ndarray) or array.size == 0:
        return None
    return array.__array_interface__["data"][0], array.size, array.dtype


def place(mark: Mark | None) -> list[str]:
    """The lines of a message that say where an op belongs: source line and module.

    Examples
    --------
    >>> place(None)
    ['  line: not noted; the op was recorded outside of the block']
    """
    if mark is None:
        return ["  line: not noted; the op was recorded outside of the block"]
    origin, lines = mark.read(), []
    if origin is not None:
        lines.append(f"  line: {origin.file}:{origin.line}")
        lines += [f"      {text}" for text in _underlined(mark)]
    where = path(mark.modules)
    if where is not None:
        kind = type(mark.modules[0]).__name__
        lines.append(f"  module: {where}" + (f" ({kind})" if kind != where else ""))
    return lines


def _underlined(mark: Mark) -> list[str]:
    """The user's line, and beneath it what of it was running, where that is a part of it."""
    assert mark.code is not None
    line, last_line, start, end = mark.span()
    text = linecache.getline(mark.code.co_filename, line).rstrip()
    if not text:
        return []
    shown = [text.lstrip()]
    if start is not None and end is not None and line == last_line:
        encoded, indent = text.encode(), len(text) - len(shown[0])  # columns count bytes
        start, end = (len(encoded[:column].decode(errors="replace")) for column in (start, end))
        if end - start < len(shown[0]):
            shown.append(" " * (start - indent) + "^" * (end - start))
    return shown
