"""What the losses of classifiers, rankings and counts share: operands, reduction, the module."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.tensor import Tensor
from ...errors import ArgumentError, ShapeError, compose
from ...ops.autocasting import casting, raised
from ...ops.axes import ndim_of
from ...ops.promotion import promote_all, real_floating
from ..module import Module
from .base import Reduction

REDUCTIONS = ("mean", "sum", "none", None)


def check_reduction(name: str, reduction: Any, allowed: tuple[Any, ...] = REDUCTIONS) -> None:
    """Refuse a reduction that the loss does not know.

    Raises
    ------
    ArgumentError
        If it is none of `allowed`.
    """
    if reduction not in allowed:
        words = ", ".join(map(repr, allowed[:-1]))
        problem = f"reduction must be {words} or {allowed[-1]!r}, not {reduction!r}"
        raise ArgumentError(compose(name, problem))


def reduce(loss: Tensor, reduction: Any) -> Tensor:
    """The mean or the sum of a loss, or the loss as it is.

    Examples
    --------
    >>> reduce(Tensor([1.0, 3.0]), "mean")
    Tensor(2.0000)
    """
    if reduction == "mean":
        return loss.mean()
    return loss.sum() if reduction == "sum" else loss


def operands(name: str, **tensors: Any) -> list[Any]:
    """Tensors of one real floating dtype, by argument name.

    Raises
    ------
    DTypeError
        If one of them is no tensor, or complex.
    """
    for argument, tensor in tensors.items():
        ndim_of(name, tensor, argument)  # refuses what is no tensor
    given = raised(*tensors.values()) if casting else tensors.values()
    return promote_all(name, *(real_floating(tensor, name) for tensor in given))


def need_same_shape(name: str, input: Tensor, target: Tensor, called: str = "target") -> None:
    """Refuse operands that would have to broadcast.

    Raises
    ------
    ShapeError
        If the shapes differ.
    """
    if input.shape == target.shape:
        return
    fix = None
    if input.ndim == target.ndim + 1 and input.shape[-1] == 1:
        fix = f"input.squeeze(-1) or {called}.unsqueeze(-1)"
    elif target.ndim == input.ndim + 1 and target.shape[-1] == 1:
        fix = f"{called}.squeeze(-1) or input.unsqueeze(-1)"
    problem = f"input and {called} must have the same shape"
    raise ShapeError(compose(name, problem, {"input": input, called: target}, fix))


def first_place(wrong: Any) -> str:
    """Where the first True stands, as words: ``sample 3`` or ``sample 3, at (3, 0, 2)``.

    Examples
    --------
    >>> first_place(np.array([False, True]))
    'sample 1'
    """
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    if not place:
        return "the only sample"
    return f"sample {place[0]}" + (f", at {place}" if len(place) > 1 else "")


class ReducedLoss(Module):
    """Base of these losses; a subclass names the arguments that its repr shows.

    Parameters
    ----------
    reduction : {"mean", "sum", "none", None}, default "mean"
        "none" and None leave the loss of every sample.

    Raises
    ------
    ArgumentError
        If `reduction` has none of its values.
    """

    reduction: Any
    reductions: tuple[Any, ...] = REDUCTIONS
    shown: tuple[str, ...] = ()

    def __init__(self, reduction: Reduction | str = "mean") -> None:
        super().__init__()
        check_reduction(type(self).__name__, reduction, self.reductions)
        self.reduction = reduction

    def extra_repr(self) -> str:
        """The arguments."""
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in (*self.shown, "reduction"))
