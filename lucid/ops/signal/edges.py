"""Signals continued beyond their ends."""

from __future__ import annotations

from typing import Any

from ...core.tensor import Tensor
from ...errors import ArgumentError, compose
from ..broadcasting import broadcast_to
from ..indexing import getitem, place
from ..joining import cat

MODES = ("constant", "reflect", "replicate", "circular")


def extended(caller: str, x: Tensor, before: int, after: int, mode: str) -> Tensor:
    """The last dimension with so many points more on both sides.

    Parameters
    ----------
    caller : str
        Named in errors.
    x : Tensor
    before, after : int
    mode : {"constant", "reflect", "replicate", "circular"}
        Zeros; the signal mirrored at its first and last point; those points repeated; the
        signal over again.

    Returns
    -------
    Tensor

    Raises
    ------
    ArgumentError
        If there is no such mode, or the signal is too short for it.

    Examples
    --------
    >>> import lucid
    >>> extended("pad", lucid.tensor([1, 2, 3]), 2, 1, "reflect")
    Tensor([3, 2, 1, 2, 3, 2])
    """
    if mode not in MODES:
        problem = f"pad_mode must be one of {', '.join(MODES)}"
        raise ArgumentError(compose(caller, problem, {"pad_mode": mode}))
    length, longest = x.shape[-1], max(before, after)
    if mode == "constant":
        shape = (*x.shape[:-1], before + length + after)
        return place(x, (), (Ellipsis, slice(before, before + length)), shape)
    room = {"reflect": length - 1, "circular": length, "replicate": longest if length else 0}[mode]
    if longest > room:
        problem = f"pad_mode {mode!r} adds at most {room} points to {length}, not {longest}"
        raise ArgumentError(compose(caller, problem, {"input": x}, "pad_mode='constant'"))
    if not longest:
        return x
    if mode == "replicate":
        first, last = slice(0, 1), slice(length - 1, length)
        left = broadcast_to(_part(x, first), (*x.shape[:-1], before))
        right = broadcast_to(_part(x, last), (*x.shape[:-1], after))
    elif mode == "circular":
        left, right = _part(x, slice(length - before, length)), _part(x, slice(0, after))
    else:
        left = _part(x, slice(before, 0, -1))
        end = length - 2 - after
        right = _part(x, slice(length - 2, None if end < 0 else end, -1))
    return cat([left, x, right], -1)


def _part(x: Tensor, stretch: slice) -> Any:
    return getitem(x, (Ellipsis, stretch))
