"""The affine map of a dense layer: one product and its bias, in one op."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import DTypeError, ShapeError, compose
from ..kernels import blas, products
from ..kernels.linear import add_bias
from .arithmetic import conj
from .autocasting import casting, lowered
from .promotion import promote_all
from .reduction import sum as sum_over


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw(5, 3), draw(2, 3), draw(2)),
        draw.sample(draw(2, 5, 3), draw(2, 3), draw(2)),
        draw.sample(draw(3), draw(2, 3), draw(2)),
        draw.sample(draw(5, 3), draw(2, 3), None),
        draw.sample(draw(0, 3), draw(2, 3), draw(2)),
    ]


@primitive("linear", saves=("x", "w"), complex=True, samples=_samples)
def _linear(x: Any, w: Any, b: Any) -> Any:
    if x.itemsize == 2:  # BLAS knows no halves; the sums are single
        bias = None if b is None else _single(b)
        return _linear.forward(_single(x), _single(w), bias).astype(x.dtype)
    size = x.size * len(w)
    dot, threads = products.chosen(size), products.one_thread(size)
    try:
        out = product(x, w, dot)
    finally:
        blas.restore(threads)
    return out if b is None else add_bias(out, b)


def _single(x: Any) -> Any:
    return x.astype(np.float32)


def product(x: Any, w: Any, dot: Callable[[Any, Any], Any]) -> Any:
    """``x W'``, in rows."""
    if x.ndim > 2:
        return dot(rows_of(x), w.T).reshape(*x.shape[:-1], len(w))
    if w.size <= SMALL and x.ndim == 2 and len(x) >= 16:
        return x.dot(w.T.copy())
    return dot(x, w.T) if x.ndim == 2 else x.dot(w.T)


# Up to this size of the weight OpenBLAS is so slow with a transposed right operand that
# copying it costs less: 1.3 against 1.8 us for 32 x 32, 5.1 against 6.4 us for 64 x 64.
SMALL = 1 << 12


@_linear.rule
def _(g, y, x, w, b, *, needs):  # y = x W' + b:  dL/dx = g W,  dL/dW = g' x,  dL/db = sum g
    rows = rows_of(g)
    return (
        g @ conj(w) if needs[0] else None,
        rows.T @ conj(rows_of(x)) if needs[1] else None,
        sum_over(rows, 0) if needs[2] else None,
    )


@_linear.fused_rule
def _(g, residual, y, x, w, b, *, needs):
    if g.itemsize == 2:
        g, x, w = _single(g), _single(x), _single(w)
    rows = rows_of(g)
    threads = products.one_thread(x.size * len(w))
    try:
        return _gradients(g, rows, x, w, column_sums(rows) if needs[2] else None, needs)
    finally:
        blas.restore(threads)


def _gradients(g: Any, rows: Any, x: Any, w: Any, sums: Any, needs: Any) -> tuple[Any, ...]:
    """The three gradients of the affine map, on arrays."""
    if x.dtype.kind == "c":
        x, w = x.conj(), w.conj()
    along = None
    if needs[0]:
        along = products.dot(rows, w)
        if g.ndim != 2:
            along = along.reshape(x.shape)
    return along, (products.dot(rows.T, rows_of(x)) if needs[1] else None), sums


# ---- shapes ---------------------------------------------------------------------------


def rows_of(x: Any) -> Any:
    """All leading dimensions as one: ``(..., D) -> (N, D)``."""
    return x if x.ndim == 2 else x.reshape((-1, x.shape[-1]) if x.size else (0, x.shape[-1]))


def column_sums(rows: Any) -> Any:
    """The sum over rows, as a product with ones: BLAS is faster at it than a reduction."""
    ones = _ONES.get((len(rows), rows.dtype.char))
    if ones is None:
        if len(_ONES) > 64:
            _ONES.clear()
        ones = _ONES[len(rows), rows.dtype.char] = np.ones(len(rows), rows.dtype)
    return ones.dot(rows)


_ONES: dict[tuple[int, str], Any] = {}


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    r"""The affine map :math:`y = x W^\top + b` of a dense layer.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., in_features)``.
    weight : Tensor
        Shape ``(out_features, in_features)``.
    bias : Tensor, optional
        Shape ``(out_features,)``.

    Returns
    -------
    Tensor
        Shape ``(..., out_features)``.

    Raises
    ------
    ShapeError
        If the last dimension of `input` is not that of `weight`, or `bias` does not fit.
    DTypeError
        If the operands are not of one floating dtype.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.Tensor([[1.0, 2.0]])
    >>> weight, bias = lucid.Tensor([[3.0, 4.0], [5.0, 6.0]]), lucid.Tensor([0.5, 0.0])
    >>> lucid.nn.functional.linear(x, weight, bias)
    Tensor([[11.5000, 17.0000]])
    """
    if casting:
        input, weight, bias = lowered(input, weight, bias)
    return apply(_linear, *_fitting(input, weight, bias))


def _fitting(
    input: Tensor, weight: Tensor, bias: Tensor | None
) -> tuple[Tensor, Tensor, Tensor | None]:
    """The operands, checked; in the usual case they pass as they are."""
    try:
        x, w = input._data, weight._data
        if x.ndim == 0 or w.ndim != 2 or x.shape[-1] != w.shape[1]:
            raise _misfit(input, weight, bias)
        if bias is not None and bias._data.shape != w.shape[:1]:
            raise _misfit(input, weight, bias)
        if x.dtype is not w.dtype or (bias is not None and bias._data.dtype is not w.dtype):
            return _one_dtype(input, weight, bias)
    except AttributeError:
        raise _no_tensor(input, weight, bias) from None
    return input, weight, bias


def _no_tensor(input: Any, weight: Any, bias: Any) -> DTypeError:
    """Which of the operands is an array, a list, or something else that is no tensor."""
    operands = {"input": input, "weight": weight, "bias": bias}
    name = next(n for n, value in operands.items() if not isinstance(value, Tensor))
    problem = f"the {name} must be a tensor, not {type(operands[name]).__name__}"
    return DTypeError(compose("linear", problem, operands, f"lucid.tensor({name})"))


def _one_dtype(input: Tensor, weight: Tensor, bias: Tensor | None) -> Any:
    """Integers join the weights' dtype; different floating dtypes are refused, not widened."""
    if input.dtype.kind in "biu":
        problem = "the input has an integer dtype"
        fix = f"input.to(lucid.{weight.dtype})"
        raise DTypeError(compose("linear", problem, {"input": input, "weight": weight}, fix))
    operands = {"input": input, "weight": weight, "bias": bias}
    if len({t.dtype for t in operands.values() if t is not None}) > 1:
        fix = "model.to(input.dtype), or input.to(weight.dtype)"
        raise DTypeError(compose("linear", "the dtypes differ", operands, fix))
    if bias is None:
        return [*promote_all("linear", input, weight), None]
    return promote_all("linear", input, weight, bias)


def _misfit(input: Tensor, weight: Tensor, bias: Tensor | None) -> ShapeError:
    seen = {"input": input, "weight": weight, "bias": bias}
    fix = None
    if weight.ndim != 2:
        problem = "the weight must have two dimensions, (out_features, in_features)"
    elif input.ndim == 0 or input.shape[-1] != weight.shape[1]:
        problem = f"the last dimension of the input must have {weight.shape[1]} features"
        if input.ndim and input.shape[0] == weight.shape[1]:
            fix = "the features stand in the first dimension: input.T"
        elif input.ndim == 1 and weight.shape[1] == 1:
            fix = "one feature a row: input.unsqueeze(-1)"
    else:
        problem = f"the bias must have shape ({weight.shape[0]},)"
    return ShapeError(compose("linear", problem, seen, fix))
