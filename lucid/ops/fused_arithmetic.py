"""Products and sums that are often wanted together."""

from __future__ import annotations

from typing import Any

from ..core.tensor import Tensor
from ..errors import not_a_tensor
from .bind import method
from .out import into


@method("addcmul")
def addcmul(
    input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1, out: Tensor | None = None
) -> Tensor:
    """``input + value * tensor1 * tensor2``, element by element.

    Parameters
    ----------
    input, tensor1, tensor2 : Tensor
        Broadcast against each other.
    value : number, default 1
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> one, two, three = lucid.tensor([1.0]), lucid.tensor([2.0]), lucid.tensor([3.0])
    >>> lucid.addcmul(one, two, three, value=0.5)
    Tensor([4.0000])
    """
    if out is not None:
        return into(addcmul, locals())
    product = tensor1 * tensor2
    return input + (product if value == 1 else product * value)


@method("addcdiv")
def addcdiv(
    input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1, out: Tensor | None = None
) -> Tensor:
    """``input + value * tensor1 / tensor2``, element by element.

    Parameters
    ----------
    input, tensor1, tensor2 : Tensor
        Broadcast against each other.
    value : number, default 1
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> one, two, four = lucid.tensor([1.0]), lucid.tensor([2.0]), lucid.tensor([4.0])
    >>> lucid.addcdiv(one, two, four, value=0.5)
    Tensor([1.2500])
    """
    if out is not None:
        return into(addcdiv, locals())
    quotient = tensor1 / tensor2
    return input + (quotient if value == 1 else quotient * value)


@method("lerp")
def lerp(input: Tensor, end: Tensor, weight: Any, *, out: Tensor | None = None) -> Tensor:
    r"""The point between two, :math:`\text{input} + w\,(\text{end} - \text{input})`.

    A numeric weight of 1 gives `end` exactly.

    Parameters
    ----------
    input, end : Tensor
        The points at weight 0 and 1.
    weight : Tensor or number
        Broadcast against both.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.lerp(lucid.tensor([0.0, 1.0]), lucid.tensor([10.0, 3.0]), 0.25)
    Tensor([2.5000, 1.5000])
    """
    if out is not None:
        return into(lerp, locals())
    way = end - input
    if not isinstance(weight, Tensor) and not hasattr(weight, "__float__"):
        raise not_a_tensor("lerp", weight, "weight")
    if not isinstance(weight, Tensor) and weight >= 0.5:  # from the nearer end: exact at both
        return end - way * (1 - weight)
    return input + way * weight
