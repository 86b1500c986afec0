"""How alike vectors are: unit vectors, their cosine, and distances."""

from __future__ import annotations

from ..core.tensor import Tensor
from .arithmetic import add, div, mul, sub
from .axes import Axes
from .bounds import clamp
from .promotion import promote_real
from .reduction import sum
from .vector_norm import norm


def normalize(input: Tensor, p: float = 2.0, dim: Axes = 1, eps: float = 1e-12) -> Tensor:
    r"""Vectors along a dimension scaled to norm 1: :math:`x / \max(\lVert x \rVert_p, \epsilon)`.

    Parameters
    ----------
    input : Tensor
    p : float, default 2.0
        Which norm.
    dim : int or sequence of int, default 1
        The dimension along which the vectors lie.
    eps : float, default 1e-12
        The least divisor.

    Returns
    -------
    Tensor

    Raises
    ------
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid.nn.functional as F
    >>> F.normalize(Tensor([[3.0, 4.0]]))
    Tensor([[0.6000, 0.8000]])
    """
    return div(input, clamp(norm(input, p, dim, keepdim=True), min=eps))


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    r"""The cosine of the angle between vectors.

    .. math:: \frac{x_1}{\max(\lVert x_1 \rVert, \epsilon)} \cdot
              \frac{x_2}{\max(\lVert x_2 \rVert, \epsilon)}

    Parameters
    ----------
    x1, x2 : Tensor
        Broadcast against each other.
    dim : int, default 1
        The dimension along which the vectors lie; the result has it no more.
    eps : float, default 1e-8
        The least norm.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid.nn.functional as F
    >>> F.cosine_similarity(Tensor([[1.0, 0.0]]), Tensor([[3.0, 4.0]]))
    Tensor([0.6000])
    """
    x1, x2 = promote_real("cosine_similarity", x1, x2)
    return sum(mul(normalize(x1, 2.0, dim, eps), normalize(x2, 2.0, dim, eps)), dim)


def pairwise_distance(
    x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    r"""The distance between vectors in the last dimension.

    .. math:: \lVert x_1 - x_2 + \epsilon \rVert_p

    Parameters
    ----------
    x1, x2 : Tensor
        Broadcast against each other.
    p : float, default 2.0
        Which norm.
    eps : float, default 1e-6
        Added to every difference, so that equal vectors have a slope.
    keepdim : bool, default False
        Keep the last dimension with length 1.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid.nn.functional as F
    >>> F.pairwise_distance(Tensor([[0.0, 0.0]]), Tensor([[3.0, 4.0]]))
    Tensor([5.0000])
    """
    return norm(add(sub(x1, x2), eps), p, -1, keepdim=keepdim)
