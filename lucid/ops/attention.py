"""Attention: averages of values, weighted by how well their keys fit a query."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from ..kernels import attention as kernels
from ..random import Generator
from .autocasting import casting, lowered
from .dropout import probability
from .random import rng_of
from .reduction import sum as sum_over
from .selection import where
from .softmax import softmax


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    plain = {"scale": 0.5, "causal": False, "p": 0.0, "key": 0}
    seen = np.tri(4, 5, 1, dtype=bool) & (np.arange(4) != 2)[:, None]  # the third row is blind
    bent = draw(2, 1, 4, 5)
    return [
        draw.sample(draw(2, 4, 3), draw(2, 5, 3), draw(2, 5, 2), None, **plain),
        draw.sample(draw(4, 3), draw(5, 3), draw(5, 3), seen, **plain),
        draw.sample(draw(2, 3, 4, 3), draw(2, 1, 5, 3), draw(3, 5, 2), bent, **plain),
        draw.sample(draw(2, 4, 3), draw(2, 4, 3), draw(2, 4, 2), None, **{**plain, "causal": True}),
        draw.sample(draw(2, 4, 3), draw(4, 3), draw(4, 3), None, **{**plain, "p": 0.4, "key": 7}),
        draw.sample(draw(2, 0, 3), draw(2, 4, 3), draw(2, 4, 3), None, **plain),
    ]


@primitive("attention", saves=("q", "k", "v", "mask", "out"), broadcasts=True, samples=_samples)
def _attention(
    q: Any, k: Any, v: Any, mask: Any, *, scale: float, causal: bool, p: float, key: int
) -> Any:
    return kernels.attention(q, k, v, mask, scale, causal, p, key)[0]


@_attention.recording
def _(q: Any, k: Any, v: Any, mask: Any, *, scale: float, causal: bool, p: float, key: int) -> Any:
    return kernels.attention(q, k, v, mask, scale, causal, p, key)


@_attention.rule
def _(g, y, q, k, v, mask, *, scale, causal, p, key, needs):
    # y = P v with P = softmax(s) and s = scale q k' + mask:
    # dL/ds = P (dL/dP - sum dL/dP P),  dL/dP = g v'
    scores, seen = (q * scale) @ k.swapaxes(-1, -2), None
    if mask is not None and mask.dtype == np.bool_:
        seen = mask
    elif mask is not None:
        scores = scores + mask
    if causal:
        ahead = ~np.tri(*scores.shape[-2:], dtype=np.bool_)
        scores = scores + np.where(ahead, q.dtype.type(-math.inf), q.dtype.type(0))
    weights = _safe_softmax(scores if seen is None else where(seen, scores, -math.inf))
    slopes, averaging = g @ v.swapaxes(-1, -2), weights
    if p:
        factor = 1 / (1 - p) if p < 1 else 0.0
        chosen = kernels.keep(scores.shape, p, key, causal).astype(q.dtype) * q.dtype.type(factor)
        slopes, averaging = slopes * chosen, weights * chosen
    slopes = weights * (slopes - sum_over(slopes * weights, -1, keepdim=True))
    return (
        slopes @ k * scale if needs[0] else None,
        slopes.swapaxes(-1, -2) @ q * scale if needs[1] else None,
        averaging.swapaxes(-1, -2) @ g if needs[2] else None,
        slopes if needs[3] else None,
    )


def _safe_softmax(scores: Any) -> Any:
    """Softmax along the last dimension; zeros where all scores are -inf."""
    blind = (scores == -math.inf).all(axis=-1, keepdims=True)
    return where(blind, 0.0, softmax(where(blind, 0.0, scores), -1))


@_attention.fused_rule
def _(g, residual, y, q, k, v, mask, *, scale, causal, p, key, needs):
    return kernels.gradients(g, residual, y, q, k, v, mask, scale, causal, p, key, bool(needs[3]))


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    r"""Averages of values, weighted by how well their keys fit each query.

    .. math:: \mathrm{softmax}\left(\frac{Q K^\top}{\sqrt{E}} + M\right) V

    The scores are computed in blocks: for long sequences the memory grows with the length, not
    with its square.

    Parameters
    ----------
    query : Tensor
        Shape ``(..., L, E)``.
    key : Tensor
        Shape ``(..., S, E)``.
    value : Tensor
        Shape ``(..., S, F)``.
    attn_mask : Tensor, optional
        Broadcasts to ``(..., L, S)``. Of bools: True where a query may look. Of floats: added
        to the scores. A query that may look nowhere gets zeros.
    dropout_p : float, default 0
        Probability that a weight is dropped; the others are scaled up. Give 0 in evaluation.
    is_causal : bool, default False
        Query i looks at keys 0 to i only.
    scale : float, optional
        :math:`1 / \sqrt{E}` unless given.
    enable_gqa : bool, default False
        Let keys and values have fewer heads, each serving several heads of queries: head h of
        the queries takes head ``h // (heads / key heads)``.
    generator : Generator, optional
        Of the dropout; the default generator unless given.

    Returns
    -------
    Tensor
        Shape ``(..., L, F)``.

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    DTypeError
        If the operands are not of one floating dtype, or the mask is of another kind.
    ArgumentError
        If there is a mask though `is_causal` is set.

    References
    ----------
    A. Vaswani et al., "Attention Is All You Need", 2017.
    J. Ainslie et al., "GQA: Training Generalized Multi-Query Transformer Models from Multi-Head
    Checkpoints", 2023.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> x = lucid.Tensor([[[1.0, 0.0], [0.0, 2.0]]])
    >>> F.scaled_dot_product_attention(x, x, x, is_causal=True)
    Tensor([[[1.0000, 0.0000],
             [0.0558, 1.8884]]])
    """
    if casting:
        query, key, value, attn_mask = lowered(query, key, value, attn_mask)
    _check(query, key, value, attn_mask, is_causal)
    probability("scaled_dot_product_attention", dropout_p)
    static: dict[str, Any] = {"causal": bool(is_causal), "p": float(dropout_p), "key": 0}
    if dropout_p:
        static["key"] = int(rng_of(generator).bit_generator.random_raw())
    width = query.shape[-1]
    static["scale"] = (1 / math.sqrt(width) if width else 1.0) if scale is None else float(scale)
    if not enable_gqa or query.ndim < 3 or key.shape[-3] == query.shape[-3] == value.shape[-3]:
        return apply(_attention, query, key, value, attn_mask, **static)
    return _grouped(query, key, value, attn_mask, static)


def _grouped(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, static: Any) -> Tensor:
    """With several heads of queries for each head of keys, in a dimension of their own."""
    heads, kept = q.shape[-3], k.shape[-3]
    if not kept or heads % kept or v.shape[-3] != kept:
        problem = "with enable_gqa the heads of queries must be a multiple of those of keys"
        seen = {"query": q, "key": k, "value": v}
        raise ShapeError(compose("scaled_dot_product_attention", problem, seen))
    if mask is not None and mask.ndim >= 3:
        by_head = mask.shape[-3] == heads
        split = (kept, heads // kept) if by_head else (mask.shape[-3], 1)
        mask = mask.reshape(*mask.shape[:-3], *split, *mask.shape[-2:])
    queries = q.reshape(*q.shape[:-3], kept, heads // kept, *q.shape[-2:])
    out = apply(_attention, queries, k.unsqueeze(-3), v.unsqueeze(-3), mask, **static)
    return out.reshape(*out.shape[:-4], heads, *out.shape[-2:])


def _check(query: Any, key: Any, value: Any, mask: Any, causal: bool) -> None:
    where_ = "scaled_dot_product_attention"
    operands = {"query": query, "key": key, "value": value}
    for name, operand in operands.items():
        if not isinstance(operand, Tensor):
            problem = f"the {name} must be a tensor, not {type(operand).__name__}"
            raise DTypeError(compose(where_, problem, operands, f"lucid.tensor({name})"))
        if operand.ndim < 2:
            problem = f"the {name} must have two dimensions or more, (..., length, features)"
            raise ShapeError(compose(where_, problem, operands))
    if query.dtype.kind == "c" or query.dtype.kind in "biu":
        raise DTypeError(compose(where_, "takes floating tensors", operands, "query.float()"))
    if not query.dtype == key.dtype == value.dtype:
        raise DTypeError(compose(where_, "the dtypes differ", operands, "key.to(query.dtype)"))
    if query.shape[-1] != key.shape[-1]:
        problem = "query and key must have the same last dimension"
        raise ShapeError(compose(where_, problem, operands))
    if key.shape[-2] != value.shape[-2]:
        problem = "key and value must have the same length, in the last dimension but one"
        raise ShapeError(compose(where_, problem, operands))
    if mask is not None:
        _check_mask(where_, mask, query, key, causal)


def _check_mask(where_: str, mask: Any, query: Tensor, key: Tensor, causal: bool) -> None:
    seen = {"query": query, "key": key, "attn_mask": mask}
    if causal:
        problem = "is_causal=True makes its own mask, and takes no other"
        fix = "attn_mask & lucid.ones(L, S, dtype=lucid.bool).tril(), with is_causal=False"
        raise ArgumentError(compose(where_, problem, seen, fix))
    if not isinstance(mask, Tensor) or (mask.dtype != np.bool_ and mask.dtype != query.dtype):
        problem = "attn_mask must be a tensor of bools, or of the dtype of the query"
        raise DTypeError(compose(where_, problem, seen))
    sizes = (query.shape[-2], key.shape[-2])
    if mask.ndim < 2 or any(n not in (1, m) for n, m in zip(mask.shape[-2:], sizes, strict=True)):
        problem = f"attn_mask must broadcast to (..., {sizes[0]}, {sizes[1]})"
        raise ShapeError(compose(where_, problem, seen))
