"""How alike vectors are: unit and bounded vectors, their cosine, and distances."""

from __future__ import annotations

from ..core.tensor import Tensor
from ..errors import ArgumentError, ShapeError, compose
from .arithmetic import add, div, mul, sub
from .axes import Axes, ndim_of, normal_axis
from .bind import method
from .bounds import clamp
from .out import into
from .promotion import promote_real
from .reduction import sum
from .selection import where
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


@method("renorm")
def renorm(
    input: Tensor, p: float, dim: int, maxnorm: float, *, out: Tensor | None = None
) -> Tensor:
    r"""Slices of a tensor scaled down to a largest norm.

    A slice x with :math:`\lVert x \rVert_p` above `maxnorm` m becomes
    :math:`x \, m / (\lVert x \rVert_p + 10^{-7})`; others stay as they are.

    Parameters
    ----------
    input : Tensor
        Floating or complex, with two dimensions or more.
    p : float
        Which norm.
    dim : int
        The dimension along which the slices are counted.
    maxnorm : float
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `input` has fewer than two dimensions.
    ArgumentError
        If `p` is not positive, or `maxnorm` negative.
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.renorm(lucid.tensor([[3.0, 4.0], [0.3, 0.4]]), 2, 0, 1)
    Tensor([[0.6000, 0.8000],
            [0.3000, 0.4000]])
    """
    if out is not None:
        return into(renorm, locals())
    if ndim_of("renorm", input) < 2:
        raise ShapeError(compose("renorm", "needs at least two dimensions", {"input": input}))
    if not (p > 0 and maxnorm >= 0):
        problem = "p must be positive, and maxnorm not negative"
        raise ArgumentError(compose("renorm", problem, {"p": p, "maxnorm": maxnorm}))
    along = normal_axis("renorm", dim, input)
    others = [i for i in range(input.ndim) if i != along]
    sizes = norm(input, p, others, keepdim=True)
    return mul(input, where(sizes.data > maxnorm, maxnorm / (sizes + 1e-7), 1.0))


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
