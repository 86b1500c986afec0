"""All ways to choose: tuples from several vectors, and subsets of one."""

from __future__ import annotations

import itertools

import numpy as np

from ..core.tensor import Tensor
from ..errors import ArgumentError, ShapeError, compose
from .axes import ndim_of
from .indexing import HERE, read
from .joining import in_one_dtype, meshgrid, stack
from .numbers import integer
from .shape import reshape


def cartesian_prod(*tensors: Tensor) -> Tensor:
    """All tuples with one element of each vector; the last one changes fastest.

    Parameters
    ----------
    *tensors : Tensor
        Vectors, promoted to one dtype.

    Returns
    -------
    Tensor
        One tuple a row; the vector itself for a single one.

    Raises
    ------
    ShapeError
        If an operand is no vector.
    ArgumentError
        If there are none.

    Examples
    --------
    >>> import lucid
    >>> lucid.cartesian_prod(lucid.tensor([1, 2]), lucid.tensor([3, 4]))
    Tensor([[1, 3],
            [1, 4],
            [2, 3],
            [2, 4]])
    """
    vectors = in_one_dtype("cartesian_prod", tensors)
    for i, vector in enumerate(vectors):
        if vector.ndim != 1:
            raise ShapeError(compose("cartesian_prod", "takes vectors", {f"tensors[{i}]": vector}))
    if len(vectors) == 1:
        return vectors[0]
    return stack([reshape(grid, (-1,)) for grid in meshgrid(*vectors)], 1)


def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """All subsets of `r` elements of a vector, in the order of their places.

    Parameters
    ----------
    input : Tensor
        A vector.
    r : int, default 2
    with_replacement : bool, default False
        Let an element be chosen more than once.

    Returns
    -------
    Tensor
        One subset a row; empty for ``r=0``.

    Raises
    ------
    ShapeError
        If `input` is no vector.
    ArgumentError
        If `r` is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.combinations(lucid.tensor([1, 2, 3]))
    Tensor([[1, 2],
            [1, 3],
            [2, 3]])
    """
    if ndim_of("combinations", input) != 1:
        raise ShapeError(compose("combinations", "takes a vector", {"input": input}))
    r = integer("combinations", "r", r)
    if r < 0:
        raise ArgumentError(compose("combinations", "r must not be negative", {"r": r}))
    if r == 0:
        return input[:0]
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    places = np.array(list(choose(range(input.shape[0]), r)), np.intp).reshape(-1, r)
    return read(input, (places,), (HERE,))
