"""Dense layers in a row, with or without rectifiers between them, as one op.

A small network costs what its ops cost, not its arithmetic: one op for the whole chain
halves the price of a multi-layer perceptron. It is the same as `linear` and `relu` in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import matmul
from typing import Any

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, values
from ..kernels import blas, products
from ..kernels.linear import add_bias, bias_relu, relu_rows
from .autocasting import casting
from .linear import column_sums, product, rows_of
from .reduction import sum as sum_over
from .selection import where


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    def layer(inputs: int, outputs: int, bias: bool = True) -> tuple[Any, Any]:
        return draw(outputs, inputs), draw(outputs) if bias else None

    two = (*layer(3, 4), *layer(4, 2))
    return [
        draw.sample(draw(5, 3), *layer(3, 2), rectified=(True,)),
        draw.sample(draw(5, 3), *two, rectified=(True, False)),
        draw.sample(draw(2, 5, 3), *two, *layer(2, 3, bias=False), rectified=(True, True, True)),
        draw.sample(draw(3), *two, rectified=(False, True)),
        draw.sample(draw(0, 3), *two, rectified=(True, False)),
    ]


@primitive("dense", saves=("x", "params"), samples=_samples)
def _dense(x: Any, *params: Any, rectified: tuple[bool, ...]) -> Any:
    return _shaped(_layers(x, params, rectified)[-1], x)


def _layers(x: Any, params: tuple[Any, ...], rectified: tuple[bool, ...]) -> list[Any]:
    """The output of every layer, in rows."""
    h = rows_of(x)
    outputs = []
    size = len(h) * _largest(params)
    dot, threads = products.chosen(size), products.one_thread(size)
    try:
        for i, relu_follows in enumerate(rectified):
            h, bias = product(h, params[2 * i], dot), params[2 * i + 1]
            if relu_follows:
                h = bias_relu(h, bias)
            elif bias is not None:
                h = add_bias(h, bias)
            outputs.append(h)
    finally:
        blas.restore(threads)
    return outputs


def _largest(params: tuple[Any, ...]) -> int:
    """The size of the largest weight; a loop, because it runs at every call."""
    size = 0
    for w in params[::2]:
        if w.size > size:
            size = w.size
    return size


def _shaped(rows: Any, x: Any) -> Any:
    """Rows in the leading dimensions of `x`."""
    return rows if x.ndim == 2 else rows.reshape((*x.shape[:-1], rows.shape[-1]))


@_dense.recording
def _(x, *params, rectified):
    outputs = _layers(x, params, rectified)
    return _shaped(outputs[-1], x), outputs


@_dense.rule
def _(g, y, x, *params, rectified, needs):
    outputs = []
    h = rows_of(x)
    for i, relu_follows in enumerate(rectified):
        h = h @ params[2 * i].T
        if params[2 * i + 1] is not None:
            h = h + params[2 * i + 1]
        if relu_follows:
            h = where(values(h) <= 0, 0.0, h)
        outputs.append(h)

    def masked(g, y, in_place):
        return where(values(y) <= 0, 0.0, g), None

    def sums(g):
        return sum_over(g, 0)

    return _walk(g, x, outputs, params, rectified, needs, masked, sums, matmul)


@_dense.fresh_rule
def _(g, outputs, y, x, *params, rectified, needs):
    size = len(outputs[0]) * _largest(params)
    dot, threads = products.chosen(size), products.one_thread(size)
    try:
        return _walk(g, x, outputs, params, rectified, needs, relu_rows, column_sums, dot)
    finally:
        blas.restore(threads)


def _walk(
    g: Any,
    x: Any,
    outputs: list[Any],
    params: tuple[Any, ...],
    rectified: tuple[bool, ...],
    needs: Sequence[Any],
    masked: Callable[..., Any],
    sums: Callable[..., Any],
    product: Callable[..., Any],
) -> list[Any]:
    """Back through the layers, the last one first, as far as a gradient is wanted.

    With y = max(x W' + b, 0) and g the gradient of y, 0 where y is: dL/dW = g' x,
    dL/db = sum g, dL/dx = g W.
    """
    gradients: list[Any] = [None] * len(needs)
    g = rows_of(g)
    for i in reversed(range(len(rectified))):
        weight, bias = 2 * i + 1, 2 * i + 2  # their places among the inputs
        total = None
        if rectified[i]:
            g, total = masked(g, outputs[i], i + 1 < len(rectified))  # ours after a product
        if needs[bias]:
            gradients[bias] = sums(g) if total is None else total
        if needs[weight]:
            gradients[weight] = product(g.T, outputs[i - 1] if i else rows_of(x))
        if not any(needs[:weight]):
            break
        g = product(g, params[2 * i])
    else:
        gradients[0] = g.reshape(x.shape) if x.ndim != 2 else g
    return gradients


def fits(input: Tensor, params: Sequence[Tensor | None]) -> bool:
    """True if a chain is single or double and all of it fits; if not, `linear` has the word."""
    x = input._data
    dtype = x.dtype
    if dtype.char not in "fd" or not x.ndim or casting:
        return False
    width = x.shape[-1]
    each = iter(params)
    for weight, bias in zip(each, each):  # noqa: B905 - they come in pairs
        w: Any = weight._data  # type: ignore[union-attr]
        shape = w.shape
        if w.dtype is not dtype or len(shape) != 2 or shape[1] != width:
            return False
        width = shape[0]
        if bias is not None:
            b: Any = bias._data
            if b.dtype is not dtype or b.shape != (width,):
                return False
    return True


def dense(input: Tensor, params: Sequence[Tensor | None], rectified: Sequence[bool]) -> Tensor:
    r"""Dense layers in a row: :math:`x_{i+1} = x_i W_i^\top + b_i`, rectified or not.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., in_features)``.
    params : sequence of Tensor or None
        Weight and bias of each layer in turn, as `linear` takes them. The caller answers
        for it that they fit (`fits`); where they do not, `linear` says why.
    rectified : sequence of bool
        Whether each layer is followed by :math:`\max(x, 0)`.

    Returns
    -------
    Tensor
        Shape ``(..., out_features)`` of the last layer.

    Examples
    --------
    >>> import lucid
    >>> w = lucid.Tensor([[1.0, -1.0], [-1.0, 1.0]])
    >>> lucid.ops.dense.dense(lucid.Tensor([[3.0, 1.0]]), [w, None, w, None], [True, False])
    Tensor([[2.0000, -2.0000]])
    """
    return apply(_dense, input, *params, rectified=tuple(rectified))
