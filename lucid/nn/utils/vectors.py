"""All parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ...core import versions
from ...core.tensor import Tensor
from ...errors import ShapeError, compose
from ...ops.axes import ndim_of
from ...ops.joining import cat


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """All elements of parameters as one vector, in their order.

    Parameters
    ----------
    parameters : iterable of Tensor

    Returns
    -------
    Tensor
        1-d; a gradient to it reaches the parameters.

    Examples
    --------
    >>> import lucid
    >>> parameters_to_vector([lucid.ones(2, 1), lucid.zeros(1)])
    Tensor([1.0000, 1.0000, 0.0000])
    """
    return cat([parameter.reshape(-1) for parameter in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Write the elements of a vector into parameters, in place and in their order.

    Parameters
    ----------
    vec : Tensor
        1-d, with as many elements as the parameters have together.
    parameters : iterable of Tensor

    Raises
    ------
    ShapeError
        If `vec` has another shape; nothing is changed then.
    DTypeError
        If `vec` is no tensor.

    Examples
    --------
    >>> import lucid
    >>> weight = lucid.zeros(2, 1)
    >>> vector_to_parameters(lucid.tensor([3.0, 4.0]), [weight])
    >>> weight
    Tensor([[3.0000],
            [4.0000]])
    """
    places = list(parameters)
    wanted = sum(parameter.numel() for parameter in places)
    if ndim_of("vector_to_parameters", vec, "vec") != 1 or vec.numel() != wanted:
        problem = f"the vector must have {wanted} elements, as many as the parameters"
        raise ShapeError(compose("vector_to_parameters", problem, {"vec": vec}))
    start = 0
    for parameter in places:
        part = vec.data[start : start + parameter.numel()].reshape(parameter.shape)
        start += parameter.numel()
        if parameter.data.flags.writeable:
            np.copyto(parameter.data, part, casting="same_kind")
            versions.bump(parameter.data)
        else:
            parameter.data = part.astype(parameter.dtype)
