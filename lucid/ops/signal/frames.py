"""What the short-time transform and its inverse have in common: frames and their window."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...core.tensor import Tensor
from ...errors import ArgumentError, DTypeError, ShapeError, compose
from ..indexing import place
from ..numbers import integer


class Frames(NamedTuple):
    """How a signal is cut: frames of `n_fft` points, `hop` apart, under a window."""

    n_fft: int
    hop: int
    length: int
    window: Any


def read_frames(
    caller: str, n_fft: Any, hop_length: Any, win_length: Any, window: Any, dtype: Any
) -> Frames:
    """Check and complete the arguments; a window shorter than a frame stands in its middle.

    Parameters
    ----------
    caller : str
        Named in errors.
    n_fft, hop_length, win_length, window
        As the user gave them: a quarter of `n_fft`, all of it, and ones by default.
    dtype : dtype
        Of the ones.

    Raises
    ------
    ArgumentError
        If a number is not positive, or the window longer than a frame.
    ShapeError
        If `window` is no vector of `win_length` points.
    DTypeError
        If a number is not an integer, or `window` no tensor of floating or complex dtype.
    """
    size = _positive(caller, "n_fft", n_fft)
    hop = size // 4 if hop_length is None else hop_length
    hop = _positive(caller, "hop_length", hop)
    length = size if win_length is None else _positive(caller, "win_length", win_length)
    if length > size:
        problem = "win_length must not exceed n_fft"
        raise ArgumentError(compose(caller, problem, {"n_fft": size, "win_length": length}))
    if window is None:
        window = np.ones(length, dtype)
    _check_window(caller, window, length)
    if length < size:
        left = (size - length) // 2
        window = place(window, (), (slice(left, left + length),), (size,))
    return Frames(size, hop, length, window)


def _check_window(caller: str, window: Any, length: int) -> None:
    if not isinstance(window, Tensor | np.ndarray) or window.dtype.kind not in "fc":
        problem = "window must be a tensor of a floating or complex dtype"
        raise DTypeError(compose(caller, problem, {"window": window}, "lucid.hann_window(n)"))
    if window.shape != (length,):
        problem = f"window must be a vector of win_length = {length} points"
        raise ShapeError(compose(caller, problem, {"window": window}))


def _positive(caller: str, name: str, value: Any) -> int:
    number = integer(caller, name, value)
    if number < 1:
        raise ArgumentError(compose(caller, f"{name} must be positive", {name: value}))
    return number
