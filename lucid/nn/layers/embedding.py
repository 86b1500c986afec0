"""Layers that hold a table of vectors, one for each word, item or category."""

from __future__ import annotations

from typing import Any, Self

from ...core import versions
from ...core.tensor import Tensor
from ...errors import ShapeError, compose
from ...ops.creation import empty
from ...ops.embedding import embedding, embedding_bag, padding_row
from .. import init
from ..module import Module
from ..parameter import Parameter
from .sizes import whole


class _Table(Module):
    """A table of vectors, and how it is looked up."""

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None,
        weight: Tensor | None, freeze: bool, device: str | None, dtype: Any,
    ) -> None:  # fmt: skip
        super().__init__()
        name = type(self).__name__
        self.num_embeddings = whole(name, "num_embeddings", num_embeddings)
        self.embedding_dim = whole(name, "embedding_dim", embedding_dim)
        row = padding_row(name, padding_idx, self.num_embeddings)
        self.padding_idx = None if row < 0 else row
        shape = (self.num_embeddings, self.embedding_dim)
        if weight is None:
            self.weight = Parameter(empty(*shape, device=device, dtype=dtype))
            self.reset_parameters()
        elif weight.shape != shape:
            raise ShapeError(
                compose(name, f"the table must have shape {shape}", {"weight": weight})
            )
        else:
            self.weight = Parameter(weight)
        if freeze:
            self.weight.requires_grad_(False)

    def reset_parameters(self) -> None:
        """Draw the table anew, from the standard normal distribution; padding is zero."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            self.weight.data[self.padding_idx] = 0
            versions.bump(self.weight.data)

    @staticmethod
    def _shape_of(name: str, embeddings: Tensor) -> tuple[int, int]:
        if embeddings.ndim != 2:
            problem = "the embeddings must have two dimensions, (rows, features)"
            raise ShapeError(compose(name, problem, {"embeddings": embeddings}))
        return embeddings.shape[0], embeddings.shape[1]

    def _told(self, **usual: Any) -> str:
        """The attributes that differ from these."""
        values = {name: getattr(self, name) for name in usual}
        return "".join(f", {n}={v!r}" for n, v in values.items() if v != usual[n])


class Embedding(_Table):
    """A table of vectors, looked up by index.

    Parameters
    ----------
    num_embeddings : int
        Rows of the table.
    embedding_dim : int
        Length of each vector.
    padding_idx : int, optional
        A row that starts as zeros and gets no gradient.
    max_norm : float, optional
        Rows that are looked up and have a greater norm are scaled down to it, in place.
    norm_type : float, default 2
        The p of that norm.
    scale_grad_by_freq : bool, default False
        Divide the gradient of a row by how often it is looked up.
    sparse : bool, default False
        Taken for PyTorch's sake: gradients are dense either way.
    _weight, _freeze
        What `from_pretrained` gives: the table, and whether it stays as it is.
    device : {"cpu"}, optional
    dtype : dtype, optional

    Attributes
    ----------
    weight : Parameter
        Shape ``(num_embeddings, embedding_dim)``, drawn from the standard normal distribution.

    Raises
    ------
    ArgumentError
        If `padding_idx` is no row.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> table = nn.Embedding(10, 3, padding_idx=0)
    >>> table
    Embedding(10, 3, padding_idx=0)
    >>> table(lucid.tensor([[1, 2], [4, 0]])).shape
    (2, 2, 3)
    """

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Tensor | None = None,
        _freeze: bool = False,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            num_embeddings, embedding_dim, padding_idx, _weight, _freeze, device, dtype
        )
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.sparse = sparse

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Self:
        """A layer around a table that exists.

        Parameters
        ----------
        embeddings : Tensor
            Shape ``(num_embeddings, embedding_dim)``.
        freeze : bool, default True
            Whether the table stays as it is in training.
        padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse
            As of the class.

        Raises
        ------
        ShapeError
            If the table does not have two dimensions.

        Examples
        --------
        >>> import lucid
        >>> import lucid.nn as nn
        >>> table = nn.Embedding.from_pretrained(lucid.Tensor([[1.0, 2.0], [3.0, 4.0]]))
        >>> table(lucid.tensor([1]))
        Tensor([[3.0000, 4.0000]])
        """
        return cls(
            *cls._shape_of("Embedding.from_pretrained", embeddings), padding_idx=padding_idx,
            max_norm=max_norm, norm_type=norm_type, scale_grad_by_freq=scale_grad_by_freq,
            sparse=sparse, _weight=embeddings, _freeze=freeze,
        )  # fmt: skip

    def forward(self, input: Tensor) -> Tensor:
        """Integers of any shape to ``(*shape, embedding_dim)``."""
        return embedding(
            input, self.weight, self.padding_idx, self.max_norm, self.norm_type,
            self.scale_grad_by_freq, self.sparse,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """The sizes, and what differs from the defaults."""
        told = self._told(padding_idx=None, max_norm=None, norm_type=2.0)
        more = self._told(scale_grad_by_freq=False, sparse=False)
        return f"{self.num_embeddings}, {self.embedding_dim}{told}{more}"


class EmbeddingBag(_Table):
    """Sums, means or maxima over bags of rows of a table.

    Parameters
    ----------
    num_embeddings, embedding_dim : int
        The shape of the table.
    max_norm, norm_type, scale_grad_by_freq
        As of `Embedding`.
    mode : {"mean", "sum", "max"}
    sparse : bool, default False
        Taken for PyTorch's sake: gradients are dense either way.
    include_last_offset : bool, default False
        Whether offsets have the end of the last bag as well.
    padding_idx : int, optional
        An index that counts as not being there.
    _weight, _freeze
        What `from_pretrained` gives: the table, and whether it stays as it is.
    device : {"cpu"}, optional
    dtype : dtype, optional

    Attributes
    ----------
    weight : Parameter
        Shape ``(num_embeddings, embedding_dim)``, drawn from the standard normal distribution.

    Raises
    ------
    ArgumentError
        If `padding_idx` is no row.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> bags = nn.EmbeddingBag(10, 3, mode="sum")
    >>> bags(lucid.tensor([1, 2, 4, 5, 4]), lucid.tensor([0, 3])).shape
    (2, 3)
    """

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Tensor | None = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: str | None = None,
        dtype: Any = None,
        *,
        _freeze: bool = False,
    ) -> None:
        super().__init__(
            num_embeddings, embedding_dim, padding_idx, _weight, _freeze, device, dtype
        )
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.mode = mode
        self.sparse = sparse
        self.include_last_offset = include_last_offset

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> Self:
        """A layer around a table that exists; the arguments are those of `Embedding`'s.

        Examples
        --------
        >>> import lucid
        >>> import lucid.nn as nn
        >>> bags = nn.EmbeddingBag.from_pretrained(lucid.Tensor([[1.0, 2.0], [3.0, 4.0]]))
        >>> bags(lucid.tensor([[0, 1]]))
        Tensor([[2.0000, 3.0000]])
        """
        return cls(
            *cls._shape_of("EmbeddingBag.from_pretrained", embeddings), max_norm=max_norm,
            norm_type=norm_type, scale_grad_by_freq=scale_grad_by_freq, mode=mode, sparse=sparse,
            _weight=embeddings, include_last_offset=include_last_offset, padding_idx=padding_idx,
            _freeze=freeze,
        )  # fmt: skip

    def forward(
        self,
        input: Tensor,
        offsets: Tensor | None = None,
        per_sample_weights: Tensor | None = None,
    ) -> Tensor:
        """Shape ``(B, n)``, or ``(N,)`` with offsets ``(B,)``; to ``(B, embedding_dim)``."""
        return embedding_bag(
            input, self.weight, offsets, self.max_norm, self.norm_type, self.scale_grad_by_freq,
            self.mode, self.sparse, per_sample_weights, self.include_last_offset,
            self.padding_idx,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """The sizes, and what differs from the defaults."""
        told = self._told(max_norm=None, norm_type=2.0, scale_grad_by_freq=False, mode=None)
        more = self._told(padding_idx=None)
        return f"{self.num_embeddings}, {self.embedding_dim}{told}{more}"
