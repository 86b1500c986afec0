"""The layer of attention with several heads."""

from __future__ import annotations

from typing import Any

from ...core.tensor import Tensor
from ...errors import ArgumentError, ShapeError, compose
from ...ops.creation import empty
from ...ops.dropout import probability
from ...ops.multi_head_attention import Projections, attend
from .. import init
from ..module import Module
from ..parameter import Parameter
from .linear import Linear
from .sizes import whole


class MultiheadAttention(Module):
    r"""Attention with several heads, each with its own projections of queries, keys and values.

    .. math::
        \mathrm{head}_i &= \mathrm{attention}(Q W_i^Q, K W_i^K, V W_i^V) \\
        y &= [\mathrm{head}_1, \ldots, \mathrm{head}_h] \, W^O + b^O

    Parameters
    ----------
    embed_dim : int
        Width E of queries and outputs.
    num_heads : int
        Must divide `embed_dim`.
    dropout : float, default 0
        Probability that a weight is dropped, in training mode.
    bias : bool, default True
        Whether the projections have biases.
    add_bias_kv : bool, default False
        A further key and value, learnt, that all queries see.
    add_zero_attn : bool, default False
        A further key and value of zeros.
    kdim, vdim : int, optional
        Widths of keys and values; `embed_dim` unless given.
    batch_first : bool, default False
        Take and give ``(N, L, E)`` rather than ``(L, N, E)``.
    device : {"cpu"}, optional
    dtype : dtype, optional

    Attributes
    ----------
    in_proj_weight : Parameter or None
        Shape ``(3 E, E)``: the projections of queries, keys and values, one below the other.
    q_proj_weight, k_proj_weight, v_proj_weight : Parameter or None
        In its place where the widths differ: ``(E, E)``, ``(E, kdim)`` and ``(E, vdim)``.
    in_proj_bias : Parameter or None
        Shape ``(3 E,)``.
    out_proj : Linear
    bias_k, bias_v : Parameter or None
        Shape ``(1, 1, E)``.

    Raises
    ------
    ArgumentError
        If `num_heads` does not divide `embed_dim`.

    References
    ----------
    A. Vaswani et al., "Attention Is All You Need", 2017.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> attention = nn.MultiheadAttention(embed_dim=8, num_heads=2, batch_first=True)
    >>> x = lucid.randn(3, 5, 8)
    >>> out, weights = attention(x, x, x)
    >>> out.shape, weights.shape
    ((3, 5, 8), (3, 5, 5))
    """

    in_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    q_proj_weight: Parameter | None
    k_proj_weight: Parameter | None
    v_proj_weight: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        name = "MultiheadAttention"
        self.embed_dim = width = whole(name, "embed_dim", embed_dim, 1)
        self.num_heads = whole(name, "num_heads", num_heads, 1)
        if width % self.num_heads:
            problem = "num_heads must divide embed_dim"
            seen = {"embed_dim": embed_dim, "num_heads": num_heads}
            raise ArgumentError(compose(name, problem, seen))
        self.head_dim = width // self.num_heads
        self.kdim = width if kdim is None else whole(name, "kdim", kdim, 1)
        self.vdim = width if vdim is None else whole(name, "vdim", vdim, 1)
        probability(name, dropout)
        self.dropout = dropout
        self.batch_first = bool(batch_first)
        self.add_zero_attn = bool(add_zero_attn)
        packed = self.kdim == self.vdim == width
        shapes: dict[str, tuple[int, ...] | None] = {
            "in_proj_weight": (3 * width, width) if packed else None,
            "q_proj_weight": None if packed else (width, width),
            "k_proj_weight": None if packed else (width, self.kdim),
            "v_proj_weight": None if packed else (width, self.vdim),
            "in_proj_bias": (3 * width,) if bias else None,
            "bias_k": (1, 1, width) if add_bias_kv else None,
            "bias_v": (1, 1, width) if add_bias_kv else None,
        }
        made: dict[str, Any] = {"device": device, "dtype": dtype}
        for key, shape in shapes.items():
            value = None if shape is None else Parameter(empty(*shape, **made))
            self.register_parameter(key, value)
        self.out_proj = Linear(width, width, bias, **made)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights of the projections anew; the biases start from zero."""
        for name in ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight"):
            if (weight := getattr(self, name)) is not None:
                init.xavier_uniform_(weight)
        for bias in (self.in_proj_bias, self.out_proj.bias):
            if bias is not None:
                init.zeros_(bias)
        for extra in (self.bias_k, self.bias_v):
            if extra is not None:
                init.xavier_normal_(extra)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """The outputs, and the weights or None: see `functional.multi_head_attention_forward`."""
        if isinstance(query, Tensor) and query.shape[-1:] != (self.embed_dim,):
            problem = f"the last dimension of the query must be embed_dim={self.embed_dim}"
            raise ShapeError(compose("MultiheadAttention", problem, {"query": query}))
        weights = Projections(
            self.in_proj_weight, self.in_proj_bias, self.q_proj_weight, self.k_proj_weight,
            self.v_proj_weight, self.bias_k, self.bias_v, self.out_proj.weight, self.out_proj.bias,
        )  # fmt: skip
        return attend(
            query, key, value, self.num_heads, weights, (key_padding_mask, attn_mask),
            batch_first=self.batch_first, dropout_p=self.dropout if self.training else 0.0,
            need_weights=need_weights, average=average_attn_weights,
            add_zero_attn=self.add_zero_attn, is_causal=is_causal,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """The sizes."""
        return f"embed_dim={self.embed_dim}, num_heads={self.num_heads}"
