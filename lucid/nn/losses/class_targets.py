"""Targets that are classes: one whole number a sample, checked, and the sample at fault named."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.tensor import Tensor, values
from ...errors import DTypeError, IndexingError, ShapeError, compose
from .reduced import first_place


def class_targets(
    name: str, input: Tensor, target: Any, ignore_index: int | None
) -> tuple[Any, Any]:
    """The classes as int64, and which samples count (None for all of them).

    Parameters
    ----------
    name : str
        Who complains.
    input : Tensor
        Scores of shape ``(N, C, ...)`` or ``(C,)``.
    target : Tensor
        Whole numbers of shape ``(N, ...)`` or ``()``.
    ignore_index : int or None
        The class whose samples do not count.

    Raises
    ------
    DTypeError
        If the targets are not whole numbers.
    ShapeError
        If there is not one for every sample.
    IndexingError
        If one of them is no class.
    """
    classes = values(target)
    if input.ndim == 0:
        problem = "needs one score a class: shape (C,), (N, C) or (N, C, d1, ...)"
        raise ShapeError(compose(name, problem, {"input": input, "target": target}))
    if getattr(classes, "dtype", np.dtype(object)).kind not in "iu":
        problem = "targets that are classes must be whole numbers"
        fix = "target.long()"
        raise DTypeError(compose(name, problem, {"input": input, "target": target}, fix))
    shape = input.shape[2:] if input.ndim == 1 else (input.shape[0], *input.shape[2:])
    if classes.shape != shape:
        raise _misfit(name, input, target, shape)
    classes = classes.astype(np.int64, copy=False)
    count = input.shape[0 if input.ndim == 1 else 1]
    if not classes.size or int(classes.view(np.uint64).max()) < count:
        ignored = ignore_index is not None and 0 <= ignore_index < count
        return classes, (classes != ignore_index if ignored else None)
    counts = classes != ignore_index
    wrong = counts & ((classes < 0) | (classes >= count))
    if wrong.any():
        value = int(classes[wrong][0])
        problem = f"target {value} of {first_place(wrong)} is no class: there are {count}"
        fix = f"targets from 0 to {count - 1}, or ignore_index={value} to leave such samples out"
        raise IndexingError(compose(name, problem, {"input": input, "target": target}, fix))
    return classes, counts


def _misfit(name: str, input: Tensor, target: Any, shape: tuple[int, ...]) -> ShapeError:
    wanted = f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
    problem = f"the target must have one class a sample: shape {wanted}"
    fix = None
    if target.ndim == len(shape) + 1 and target.shape[-1] == 1:
        fix = "target.squeeze(-1)"
    elif target.shape == input.shape:
        fix = "floating targets where they are probabilities, target.argmax(1) where one-hot"
    elif input.ndim > 2 and target.shape == input.shape[:-1]:
        fix = "the classes belong in dimension 1: input.movedim(-1, 1)"
    return ShapeError(compose(name, problem, {"input": input, "target": target}, fix))


def class_weights(name: str, input: Tensor, weight: Any) -> Any:
    """The weights of the classes as an array, or None.

    Raises
    ------
    ShapeError
        If there is not one for every class.
    DTypeError
        If they are no real numbers.
    """
    if weight is None:
        return None
    array = values(weight)
    count = input.shape[0 if input.ndim == 1 else 1]
    if getattr(array, "shape", None) != (count,):
        problem = f"weight must have one value for each of the {count} classes"
        raise ShapeError(compose(name, problem, {"input": input, "weight": weight}))
    if array.dtype.kind not in "iufV":
        problem = "weight must be real numbers"
        raise DTypeError(compose(name, problem, {"weight": weight}))
    return array


def total_weight(classes: Any, counts: Any, weight: Any) -> float:
    """What a mean divides by: the weights of the samples that count, summed.

    Examples
    --------
    >>> total_weight(np.array([0, 1, 1]), None, np.array([0.5, 2.0]))
    4.5
    """
    if weight is None:
        return float(classes.size if counts is None else np.count_nonzero(counts))
    picked = classes if counts is None else classes[counts]
    return float(np.sum(weight[picked], dtype=np.float64))
