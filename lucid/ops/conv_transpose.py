"""Transposed convolution: the gradient of a convolution towards its input, as a layer has it."""

from __future__ import annotations

from typing import Any

from ..core.tensor import Tensor
from ..errors import ArgumentError, ShapeError, compose
from ..kernels.window import spans
from .autocasting import casting, lowered
from .conv import transposed
from .conv_arguments import check, check_tensors, count_groups, each


def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    r"""Transposed convolution over lines: lays a scaled kernel down at every place, and adds up.

    .. math:: y_{n,o}(s p + d k - \mathrm{padding}) \leftarrow y_{n,o} + w_{c,o}(k)\, x_{n,c}(p)

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, L)`` or ``(C, L)``.
    weight : Tensor
        Shape ``(C, O / groups, K)``.
    bias : Tensor, optional
        Shape ``(O,)``.
    stride : int or tuple of int, default 1
        How far apart the kernels are laid down.
    padding : int or tuple of int, default 0
        How much is cut off the output at both ends.
    output_padding : int or tuple of int, default 0
        How much longer the output is at its end; less than the stride or the dilation.
    groups : int, default 1
        Input and output channels are divided into so many groups.
    dilation : int or tuple of int, default 1
        The distance between the kernel's elements.

    Returns
    -------
    Tensor
        Shape ``(N, O, P)`` or ``(O, P)``, with ``P = (L - 1) stride - 2 padding +
        dilation (K - 1) + output_padding + 1``.

    Raises
    ------
    ShapeError
        If channels do not fit, or nothing is left of the output.
    ArgumentError
        If a number is out of its range.
    DTypeError
        If the operands are not of one floating or complex dtype.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> x = lucid.tensor([[[1.0, 2.0]]])
    >>> F.conv_transpose1d(x, lucid.tensor([[[1.0, 10.0, 100.0]]]), stride=2)
    Tensor([[[1.0000, 10.0000, 102.0000, 20.0000, 200.0000]]])
    """
    return _transpose(
        "conv_transpose1d",
        1,
        (input, weight, bias),
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    r"""Transposed convolution over planes: `conv_transpose1d` in two dimensions.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, H, W)`` or ``(C, H, W)``.
    weight : Tensor
        Shape ``(C, O / groups, K, K')``.
    bias : Tensor, optional
        Shape ``(O,)``.
    stride, padding, output_padding, groups, dilation
        See `conv_transpose1d`; one number for both dimensions, or a tuple of two.

    Returns
    -------
    Tensor
        Shape ``(N, O, P, P')`` or ``(O, P, P')``.

    Raises
    ------
    ShapeError, ArgumentError, DTypeError
        As `conv_transpose1d`.

    References
    ----------
    M. D. Zeiler et al., "Deconvolutional Networks", 2010.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> x = lucid.tensor([[[[1.0, 2.0]]]])
    >>> F.conv_transpose2d(x, lucid.ones(1, 1, 2, 2))
    Tensor([[[[1.0000, 3.0000, 2.0000],
              [1.0000, 3.0000, 2.0000]]]])
    """
    return _transpose(
        "conv_transpose2d",
        2,
        (input, weight, bias),
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    r"""Transposed convolution over volumes: `conv_transpose1d` in three dimensions.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, D, H, W)`` or ``(C, D, H, W)``.
    weight : Tensor
        Shape ``(C, O / groups, K, K', K'')``.
    bias : Tensor, optional
        Shape ``(O,)``.
    stride, padding, output_padding, groups, dilation
        See `conv_transpose1d`; one number for all dimensions, or a tuple of three.

    Returns
    -------
    Tensor
        Shape ``(N, O, P, P', P'')`` or ``(O, P, P', P'')``.

    Raises
    ------
    ShapeError, ArgumentError, DTypeError
        As `conv_transpose1d`.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.conv_transpose3d(lucid.ones(1, 2, 3, 3, 3), lucid.ones(2, 4, 2, 2, 2), stride=2).shape
    (1, 4, 6, 6, 6)
    """
    return _transpose(
        "conv_transpose3d",
        3,
        (input, weight, bias),
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def _transpose(
    where: str,
    dims: int,
    operands: tuple[Tensor, Tensor, Tensor | None],
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: Any,
    dilation: Any,
) -> Tensor:
    """Check the arguments, and convolve back; an input without examples is one of them."""
    input, weight, bias = operands
    check_tensors(where, dims, input, weight, bias)
    if casting:
        input, weight, bias = lowered(input, weight, bias)
    channels, depth, *kernel = weight._data.shape
    stride = each(where, "stride", stride, dims)
    dilation = each(where, "dilation", dilation, dims)
    padding = each(where, "padding", padding, dims, least=0)
    more = each(where, "output_padding", output_padding, dims, least=0)
    groups = count_groups(where, groups)
    if channels % groups:
        problem = f"the {channels} input channels of the weight do not divide into {groups} groups"
        raise ArgumentError(compose(where, problem, {"weight": weight, "groups": groups}))
    check(where, dims, input, weight, bias, channels, depth * groups)
    if any(m >= max(s, d) for m, s, d in zip(more, stride, dilation, strict=True)):
        problem = "output_padding must be smaller than the stride or the dilation"
        seen = {"output_padding": more, "stride": stride, "dilation": dilation}
        raise ArgumentError(compose(where, problem, seen))
    # A longer output is one that is cut off less at its end.
    cut = tuple((p, p - m) for p, m in zip(padding, more, strict=True))
    size = tuple(
        (n - 1) * s + r - low - high
        for n, s, r, (low, high) in zip(
            input._data.shape[-dims:], stride, spans(tuple(kernel), dilation), cut, strict=True
        )
    )
    if min(size) <= 0:
        problem = f"nothing is left of the output: its lengths would be {size}"
        raise ShapeError(compose(where, problem, {"input": input, "padding": padding}))
    static = {"stride": stride, "padding": cut, "dilation": dilation, "groups": groups}
    if input._data.ndim == dims + 1:
        return transposed(input.unsqueeze(0), weight, bias, size=size, **static).squeeze(0)
    return transposed(input, weight, bias, size=size, **static)
