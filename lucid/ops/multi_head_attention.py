"""Attention with several heads: projections, masks of all kinds, and the way back to one width."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from .attention import scaled_dot_product_attention
from .creation import zeros
from .dropout import dropout
from .joining import cat
from .linear import linear
from .softmax import softmax
from .splitting import chunk

NAME = "multi_head_attention"


class Projections(NamedTuple):
    """The parameters of attention with several heads, as of `multi_head_attention_forward`."""

    in_proj_weight: Tensor | None
    in_proj_bias: Tensor | None
    q_proj_weight: Tensor | None
    k_proj_weight: Tensor | None
    v_proj_weight: Tensor | None
    bias_k: Tensor | None
    bias_v: Tensor | None
    out_proj_weight: Tensor
    out_proj_bias: Tensor | None


def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    r"""Attention with several heads, each with its own projections of queries, keys and values.

    .. math:: \mathrm{head}_i = \mathrm{attention}(Q W_i^Q, K W_i^K, V W_i^V)

    Parameters
    ----------
    query, key, value : Tensor
        Shapes ``(L, N, E)``, ``(S, N, ·)`` and ``(S, N, ·)``, or without the batch N.
    embed_dim_to_check : int
        What E must be.
    num_heads : int
        Must divide E.
    in_proj_weight, in_proj_bias : Tensor or None
        Shapes ``(3 E, E)`` and ``(3 E,)``: the projections, one below the other.
    bias_k, bias_v : Tensor or None
        Shape ``(1, 1, E)``: a further key and value for all.
    add_zero_attn : bool
        A further key and value of zeros.
    dropout_p : float
        Of the weights, in training.
    out_proj_weight, out_proj_bias : Tensor
        Shapes ``(E, E)`` and ``(E,)``.
    training : bool, default True
    key_padding_mask : Tensor, optional
        Shape ``(N, S)``: True for keys that are not to be seen, or added to the scores.
    need_weights : bool, default True
        Give the weights as well; without, nothing of their size is made.
    attn_mask : Tensor, optional
        Shape ``(L, S)`` or ``(N * num_heads, L, S)``: True where a query may not look, or added
        to the scores.
    use_separate_proj_weight : bool, default False
        Take ``q_proj_weight``, ``k_proj_weight`` and ``v_proj_weight`` for `in_proj_weight`.
    static_k, static_v : Tensor, optional
        Shape ``(N * num_heads, S, E / num_heads)``: projected keys and values.
    average_attn_weights : bool, default True
        The weights' mean over the heads.
    is_causal : bool, default False
        A hint that `attn_mask` is the causal one. It chooses a faster way and never changes the
        result, as it does in PyTorch together with `add_zero_attn` or `bias_k`.

    Returns
    -------
    tuple
        The output, shape ``(L, N, E)``, and the weights, ``(N, L, S)``, or
        ``(N, num_heads, L, S)`` where not averaged, or None.

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    DTypeError
        If a mask is neither of bools nor of floats.
    ArgumentError
        If `is_causal` is set without `attn_mask`.

    References
    ----------
    A. Vaswani et al., "Attention Is All You Need", 2017.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> x, eye = lucid.ones(2, 1, 2), lucid.eye(2)
    >>> out, weights = F.multi_head_attention_forward(
    ...     x, x, x, 2, 1, eye.repeat(3, 1), None, None, None, False, 0.0, eye, None
    ... )
    >>> weights
    Tensor([[[0.5000, 0.5000],
             [0.5000, 0.5000]]])
    """
    separate = (q_proj_weight, k_proj_weight, v_proj_weight)
    if not use_separate_proj_weight:
        separate = (None, None, None)
    weights = Projections(
        in_proj_weight, in_proj_bias, *separate, bias_k, bias_v, out_proj_weight, out_proj_bias
    )
    if isinstance(query, Tensor) and query.shape[-1:] != (embed_dim_to_check,):
        problem = f"the last dimension of the query must be {embed_dim_to_check}"
        raise ShapeError(compose(NAME, problem, {"query": query}))
    options: dict[str, Any] = {
        "dropout_p": dropout_p if training else 0.0,
        "need_weights": need_weights,
        "average": average_attn_weights,
        "add_zero_attn": add_zero_attn,
        "is_causal": is_causal,
    }
    masks, given = (key_padding_mask, attn_mask), (static_k, static_v)
    return attend(query, key, value, num_heads, weights, masks, given, **options)


def attend(
    query: Tensor, key: Tensor, value: Tensor, heads: int, weights: Projections,
    masks: tuple[Any, Any], given: tuple[Any, Any] = (None, None), *, batch_first: bool = False,
    dropout_p: float, need_weights: bool, average: bool, add_zero_attn: bool, is_causal: bool,
) -> tuple[Tensor, Tensor | None]:  # fmt: skip
    """`multi_head_attention_forward`, in either layout of the batch."""
    _check(query, key, value, heads, 0 if batch_first else 1)
    single = query.ndim == 2
    padding, mask = masks
    if single:
        axis = 0 if batch_first else 1
        query, key, value = _with_batch(axis, query, key, value)
        padding = padding if padding is None else padding.unsqueeze(0)
    if is_causal and mask is None:
        problem = "is_causal is a hint about attn_mask, which is missing"
        fix = "attn_mask=nn.Transformer.generate_square_subsequent_mask(L)"
        raise ArgumentError(compose(NAME, problem, {"query": query}, fix))
    q, k, v = _projected(query, key, value, heads, weights, batch_first)
    k, v = (
        own if x is None else x.reshape(q.shape[0], heads, *x.shape[1:])
        for own, x in zip((k, v), given, strict=True)
    )
    if is_causal and padding is None and not need_weights and k.shape[2] == q.shape[2]:
        mask = None
    else:
        is_causal = False
        mask = _merged(padding, mask, q, k)
    k, v, mask, is_causal = _extended(k, v, mask, is_causal, heads, weights, add_zero_attn)
    found: tuple[Tensor, Tensor | None]
    if need_weights:
        found = _weighed(q, k, v, mask, dropout_p)
    else:
        found = scaled_dot_product_attention(q, k, v, mask, dropout_p, is_causal), None
    out = found[0].permute(0, 2, 1, 3) if batch_first else found[0].permute(2, 0, 1, 3)
    out = linear(out.reshape(*query.shape), weights.out_proj_weight, weights.out_proj_bias)
    seen = found[1]
    if seen is not None and average:
        seen = seen.mean(1)
    if single:
        out = out.squeeze(0 if batch_first else 1)
        seen = None if seen is None else seen.squeeze(0)
    return out, seen


def _with_batch(axis: int, query: Tensor, key: Tensor, value: Tensor) -> list[Tensor]:
    """A batch of one; what is one tensor stays one."""
    first = query.unsqueeze(axis)
    second = first if key is query else key.unsqueeze(axis)
    third = second if value is key else value.unsqueeze(axis)
    return [first, second, third]


def _projected(
    query: Tensor, key: Tensor, value: Tensor, heads: int, weights: Projections, batch_first: bool
) -> list[Tensor]:
    """Queries, keys and values of all heads: ``(N, heads, length, E / heads)``."""
    packed, bias = weights.in_proj_weight, weights.in_proj_bias
    if weights.q_proj_weight is None and query is key and key is value:
        parts = chunk(linear(query, packed, bias), 3, -1)  # type: ignore[arg-type]
    else:
        separate = weights[2:5]
        if weights.q_proj_weight is None:
            separate = chunk(packed, 3, 0)  # type: ignore[arg-type, assignment]
        biases = (None, None, None) if bias is None else chunk(bias, 3, 0)
        inputs = (query, key, value)
        parts = tuple(
            linear(x, w, b)  # type: ignore[arg-type]
            for x, w, b in zip(inputs, separate, biases, strict=True)
        )
    order = (0, 2, 1, 3) if batch_first else (1, 2, 0, 3)
    width = query.shape[-1] // heads
    return [part.reshape(*part.shape[:2], heads, width).permute(*order) for part in parts]


def _merged(padding: Any, mask: Any, q: Tensor, k: Tensor) -> Tensor | None:
    """One mask that is added to the scores, of the masks that are given."""
    batch, heads, length, _ = q.shape
    columns = k.shape[2]
    if padding is not None:
        if padding.shape != (batch, columns):
            problem = f"key_padding_mask must have shape {(batch, columns)}"
            raise ShapeError(compose(NAME, problem, {"key_padding_mask": padding}))
        padding = _added("key_padding_mask", padding, q.dtype).reshape(batch, 1, 1, columns)
    if mask is not None:
        shapes = [(length, columns), (batch * heads, length, columns)]
        if mask.shape not in shapes:
            problem = f"attn_mask must have shape {shapes[0]} or {shapes[1]}"
            raise ShapeError(compose(NAME, problem, {"attn_mask": mask}))
        mask = _added("attn_mask", mask, q.dtype)
        mask = mask.reshape(*((1, 1) if mask.ndim == 2 else (batch, heads)), length, columns)
    if padding is None or mask is None:
        return mask if padding is None else padding
    return mask + padding


def _added(name: str, mask: Any, dtype: Any) -> Tensor:
    """A mask as numbers to add: -inf where bools hold True."""
    if isinstance(mask, Tensor) and mask.dtype == np.bool_:
        return wrap(np.where(mask.data, dtype.type(-math.inf), dtype.type(0)))
    if not isinstance(mask, Tensor) or mask.dtype.kind in "biuc":
        problem = f"{name} must be a tensor of bools or floats"
        raise DTypeError(compose(NAME, problem, {name: mask}))
    return mask if mask.dtype == dtype else mask.to(dtype)


def _extended(
    k: Tensor, v: Tensor, mask: Tensor | None, is_causal: bool, heads: int,
    weights: Projections, add_zero_attn: bool,
) -> tuple[Tensor, Tensor, Tensor | None, bool]:  # fmt: skip
    """With the further keys and values that all queries see."""
    more: list[tuple[Tensor, Tensor]] = []
    batch, width = k.shape[0], k.shape[3]
    if weights.bias_k is not None and weights.bias_v is not None:
        biases = (weights.bias_k, weights.bias_v)
        key, value = (b.reshape(1, heads, 1, width).expand(batch, heads, 1, width) for b in biases)
        more.append((key, value))
    if add_zero_attn:
        nothing = zeros(batch, heads, 1, width, dtype=k.dtype)
        more.append((nothing, nothing))
    if not more:
        return k, v, mask, is_causal
    if is_causal:
        ahead = ~np.tri(k.shape[2], dtype=np.bool_)
        mask, is_causal = _added("attn_mask", wrap(ahead), k.dtype), False
    if mask is not None:
        mask = cat([mask, zeros(*mask.shape[:-1], len(more), dtype=mask.dtype)], -1)
    k = cat([k, *(pair[0] for pair in more)], 2)
    return k, cat([v, *(pair[1] for pair in more)], 2), mask, is_causal


def _weighed(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, dropout_p: float
) -> tuple[Tensor, Tensor]:
    """The averages, and the weights they are made with."""
    scores = (q * (1 / math.sqrt(q.shape[-1]))) @ k.swapaxes(-1, -2)
    weights = softmax(scores if mask is None else scores + mask, -1)
    if dropout_p:
        weights = dropout(weights, dropout_p)
    return weights @ v, weights


def _check(query: Any, key: Any, value: Any, heads: int, batch: int) -> None:
    operands = {"query": query, "key": key, "value": value}
    for name, operand in operands.items():
        if not isinstance(operand, Tensor):
            problem = f"the {name} must be a tensor, not {type(operand).__name__}"
            raise DTypeError(compose(NAME, problem, operands, f"lucid.tensor({name})"))
    if query.ndim not in (2, 3) or not query.ndim == key.ndim == value.ndim:
        problem = "query, key and value must all have three dimensions, or two without a batch"
        raise ShapeError(compose(NAME, problem, operands))
    if key.shape[:-1] != value.shape[:-1]:
        problem = "key and value must have the same length and batch"
        raise ShapeError(compose(NAME, problem, operands))
    if query.ndim == 3 and query.shape[batch] != key.shape[batch]:
        problem = f"query and key must have the same batch, in dimension {batch}"
        fix = f"batch_first={batch == 1}, if that is how they are laid out"
        raise ShapeError(compose(NAME, problem, operands, fix))
    if query.shape[-1] % heads:
        problem = f"the last dimension of the query must be a multiple of num_heads={heads}"
        raise ShapeError(compose(NAME, problem, operands))
