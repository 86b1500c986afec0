"""How many multiplications, each with an addition, an op does; products of matrices count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def of(prim: Any, arrays: list[Any], static: dict[str, Any], output: Any) -> int:
    """The multiply-adds of one op; 0 of one whose work is not in sums of products.

    Parameters
    ----------
    prim : Primitive
    arrays : list of numpy.ndarray
        Its inputs.
    static : dict
    output : numpy.ndarray or tuple of numpy.ndarray
    """
    rule = _RULES.get(prim.name)
    return 0 if rule is None else int(rule(arrays, static, output))


def _matmul(arrays: list[Any], static: dict[str, Any], output: Any) -> int:
    return int(np.size(output)) * arrays[0].shape[-1]


def _linear(arrays: list[Any], static: dict[str, Any], output: Any) -> int:
    return arrays[0].size * len(arrays[1])


def _dense(arrays: list[Any], static: dict[str, Any], output: Any) -> int:
    x, *params = arrays
    rows = x.size // max(x.shape[-1], 1)
    return rows * sum(weight.size for weight in params[::2])


def _conv(arrays: list[Any], static: dict[str, Any], output: Any) -> int:
    weight = arrays[1]  # (out, in / groups, *kernel): one row of it for every output
    return output.size * (weight.size // max(len(weight), 1))


def _conv_transpose(arrays: list[Any], static: dict[str, Any], output: Any) -> int:
    weight = arrays[1]  # one row of it for every input
    return arrays[0].size * (weight.size // max(len(weight), 1))


def _recurrent(states: int) -> Callable[[list[Any], dict[str, Any], Any], int]:
    def count(arrays: list[Any], static: dict[str, Any], output: Any) -> int:
        weights = [a for a in arrays[1 + states :] if a is not None and a.ndim == 2]
        return sum(static["sizes"]) * sum(weight.size for weight in weights)

    return count


_RULES: dict[str, Callable[[list[Any], dict[str, Any], Any], int]] = {
    "matmul": _matmul,
    "linear": _linear,
    "dense": _dense,
    "conv": _conv,
    "conv_input": _conv_transpose,
    "rnn_layer": _recurrent(states=1),
    "gru_layer": _recurrent(states=1),
    "lstm_layer": _recurrent(states=2),
}
