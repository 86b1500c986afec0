"""Layers that measure how far two batches of vectors lie apart."""

from __future__ import annotations

from ...core.tensor import Tensor
from ...ops.similarity import cosine_similarity, pairwise_distance
from ..module import Module


class CosineSimilarity(Module):
    r"""The cosine of the angle between vectors along a dimension.

    .. math:: \frac{x_1}{\max(\lVert x_1 \rVert, \epsilon)} \cdot
              \frac{x_2}{\max(\lVert x_2 \rVert, \epsilon)}

    Parameters
    ----------
    dim : int, default 1
        The dimension along which the vectors lie; the result has it no more.
    eps : float, default 1e-8
        The least norm.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.CosineSimilarity()(lucid.tensor([[1.0, 0.0]]), lucid.tensor([[3.0, 4.0]]))
    Tensor([0.6000])
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Tensors that broadcast against each other."""
        return cosine_similarity(x1, x2, self.dim, self.eps)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"dim={self.dim}, eps={self.eps}"


class PairwiseDistance(Module):
    r"""The distance between vectors in the last dimension,
    :math:`\lVert x_1 - x_2 + \epsilon \rVert_p`.

    Parameters
    ----------
    p : float, default 2.0
        Which norm.
    eps : float, default 1e-6
        Added to every difference, so that equal vectors have a slope.
    keepdim : bool, default False
        Keep the last dimension with length 1.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.PairwiseDistance()(lucid.tensor([[0.0, 0.0]]), lucid.tensor([[3.0, 4.0]]))
    Tensor([5.0000])
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Shapes ``(..., D)`` that broadcast, to ``(...)``."""
        return pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"p={self.norm}, eps={self.eps}, keepdim={self.keepdim}"
