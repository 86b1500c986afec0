r"""Convolution in one to three dimensions, and the two linear maps that are its gradients.

For a kernel :math:`w`, an input :math:`x` and an output :math:`y` there is one sum,
:math:`\sum y_{n,o}(p)\, w_{o,c}(k)\, x_{n,c}(s p + d k - \mathrm{low})`, linear in each of the
three. Convolution is its derivative towards :math:`y`, the transposed convolution that towards
:math:`x`, and the third that towards :math:`w`. The derivatives of each are the other two, so
three primitives have gradients of every order.
"""

from __future__ import annotations

from typing import Any

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, ShapeError, compose
from ..kernels import conv as kernels
from ..kernels.window import spans, window
from .arithmetic import conj
from .autocasting import casting, lowered
from .conv_arguments import check, check_tensors, count_groups, each, pads
from .precision import in_single
from .reduction import sum as sum_over

_conv_of = in_single(kernels.conv)
_conv_input_of = in_single(kernels.conv_input)
_conv_weight_of = in_single(kernels.conv_weight)


def _static(stride: Any, padding: Any, dilation: Any, groups: int) -> dict[str, Any]:
    return {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}


# Shapes of input and kernel, and the static arguments, for the samples of all three.
_CASES: list[tuple[Any, Any, dict[str, Any]]] = [
    ((2, 3, 6), (4, 3, 3), _static((2,), ((1, 1),), (1,), 1)),
    ((2, 2, 5), (2, 2, 1), _static((1,), ((0, 0),), (1,), 1)),
    ((2, 4, 5, 4), (6, 2, 2, 3), _static((1, 2), ((1, 0), (2, 1)), (2, 1), 2)),
    ((2, 2, 5, 6), (1, 2, 3, 3), _static((1, 1), ((1, 1), (1, 1)), (1, 1), 1)),
    ((1, 3, 7, 6), (6, 1, 3, 3), _static((2, 1), ((1, 1), (1, -1)), (1, 2), 3)),
    ((1, 2, 3, 4, 5), (3, 2, 2, 2, 3), _static((1, 2, 1), ((0, 0), (1, 1), (1, 1)), (1, 1, 2), 1)),
    ((0, 1, 4), (2, 1, 3), _static((1,), ((0, 0),), (1,), 1)),
]


def _places(size: Any, kernel: Any, static: Any) -> tuple[int, ...]:
    """The output's lengths."""
    return window(size, kernel, static["stride"], static["padding"], static["dilation"]).shape


# ---- convolution ------------------------------------------------------------------------


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw(*x), draw(*w), None if i == 1 else draw(w[0]), **static)
        for i, (x, w, static) in enumerate(_CASES)
    ]


@primitive("conv", saves=("x", "w"), only_for={"x": "w", "w": "x"}, complex=True, samples=_samples)
def _conv(x: Any, w: Any, b: Any, *, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    win = window(x.shape[2:], w.shape[2:], stride, padding, dilation)
    return _conv_of(x, w, b, win, groups)


@_conv.rule
def _(g, y, x, w, b, *, needs, **static):
    return (
        apply(_conv_input, g, conj(w), None, size=x.shape[2:], **static) if needs[0] else None,
        apply(_conv_weight, g, conj(x), kernel=w.shape[2:], **static) if needs[1] else None,
        _over_channels(g) if needs[2] else None,
    )


def _over_channels(g: Any) -> Any:
    """The sum of all but the channels: the gradient towards a bias."""
    return sum_over(g, (0, *range(2, g.ndim)))


# ---- towards the input: transposed convolution --------------------------------------------


def _input_samples(draw: samples.Draw) -> list[samples.Sample]:
    made = []
    for i, (x, w, static) in enumerate(_CASES):
        y = (x[0], w[0], *_places(x[2:], w[2:], static))
        bias = None if i == 1 else draw(x[1])
        made.append(draw.sample(draw(*y), draw(*w), bias, size=x[2:], **static))
    return made


@primitive(
    "conv_input",
    saves=("y", "w"),
    only_for={"y": "w", "w": "y"},
    complex=True,
    samples=_input_samples,
)
def _conv_input(
    y: Any, w: Any, b: Any, *, size: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    win = window(size, w.shape[2:], stride, padding, dilation)
    return _conv_input_of(y, w, b, win, groups)


@_conv_input.rule
def _(g, x, y, w, b, *, size, needs, **static):
    return (
        apply(_conv, g, conj(w), None, **static) if needs[0] else None,
        apply(_conv_weight, conj(y), g, kernel=w.shape[2:], **static) if needs[1] else None,
        _over_channels(g) if needs[2] else None,
    )


def transposed(y: Any, w: Any, b: Any, **static: Any) -> Any:
    """Transposed convolution of checked operands; see `kernels.conv.conv_input`."""
    return apply(_conv_input, y, w, b, **static)


# ---- towards the kernel -----------------------------------------------------------------


def _weight_samples(draw: samples.Draw) -> list[samples.Sample]:
    made = []
    for x, w, static in _CASES:
        y = (x[0], w[0], *_places(x[2:], w[2:], static))
        made.append(draw.sample(draw(*y), draw(*x), kernel=w[2:], **static))
    return made


@primitive(
    "conv_weight",
    saves=("y", "x"),
    only_for={"y": "x", "x": "y"},
    complex=True,
    samples=_weight_samples,
)
def _conv_weight(
    y: Any, x: Any, *, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    win = window(x.shape[2:], kernel, stride, padding, dilation)
    return _conv_weight_of(y, x, win, groups)


@_conv_weight.rule
def _(g, w, y, x, *, kernel, needs, **static):
    return (
        apply(_conv, conj(x), g, None, **static) if needs[0] else None,
        apply(_conv_input, conj(y), g, None, size=x.shape[2:], **static) if needs[1] else None,
    )


# ---- what users call --------------------------------------------------------------------


def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    r"""Convolution over lines.

    .. math:: y_{n,o}(p) = b_o + \sum_{c,k} w_{o,c}(k)\; x_{n,c}(s p + d k - \mathrm{padding})

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, L)`` or ``(C, L)``.
    weight : Tensor
        Shape ``(O, C / groups, K)``.
    bias : Tensor, optional
        Shape ``(O,)``.
    stride : int or tuple of int, default 1
        How far apart the places are where the kernel is laid on the input.
    padding : int, tuple of int, "same" or "valid", default 0
        Zeros put before and after the input. ``"same"`` puts as many as keep the length, one
        more after it where their number is odd; ``"valid"`` none.
    dilation : int or tuple of int, default 1
        The distance between the kernel's elements.
    groups : int, default 1
        Input and output channels are divided into so many groups, each convolved by itself.

    Returns
    -------
    Tensor
        Shape ``(N, O, P)``, or ``(O, P)`` for an input without examples, with
        ``P = (L + 2 padding - dilation (K - 1) - 1) // stride + 1``.

    Raises
    ------
    ShapeError
        If channels do not fit, or the kernel reaches further than the padded input.
    ArgumentError
        If a number is out of its range, or `padding` is ``"same"`` with a stride.
    DTypeError
        If the operands are not of one floating or complex dtype.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> x = lucid.tensor([[[1.0, 2.0, 4.0, 8.0]]])
    >>> F.conv1d(x, lucid.tensor([[[-1.0, 1.0]]]))
    Tensor([[[1.0000, 2.0000, 4.0000]]])
    """
    return _convolve("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    r"""Convolution over planes: `conv1d` in two dimensions.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, H, W)`` or ``(C, H, W)``.
    weight : Tensor
        Shape ``(O, C / groups, K, K')``.
    bias : Tensor, optional
        Shape ``(O,)``.
    stride, padding, dilation, groups
        See `conv1d`; one number for both dimensions, or a tuple of two.

    Returns
    -------
    Tensor
        Shape ``(N, O, P, P')`` or ``(O, P, P')``.

    Raises
    ------
    ShapeError, ArgumentError, DTypeError
        As `conv1d`.

    References
    ----------
    Y. LeCun et al., "Gradient-Based Learning Applied to Document Recognition", 1998.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> x = lucid.arange(9.0).reshape(1, 1, 3, 3)
    >>> F.conv2d(x, lucid.ones(1, 1, 2, 2))
    Tensor([[[[ 8.0000, 12.0000],
              [20.0000, 24.0000]]]])
    """
    return _convolve("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    r"""Convolution over volumes: `conv1d` in three dimensions.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, D, H, W)`` or ``(C, D, H, W)``.
    weight : Tensor
        Shape ``(O, C / groups, K, K', K'')``.
    bias : Tensor, optional
        Shape ``(O,)``.
    stride, padding, dilation, groups
        See `conv1d`; one number for all dimensions, or a tuple of three.

    Returns
    -------
    Tensor
        Shape ``(N, O, P, P', P'')`` or ``(O, P, P', P'')``.

    Raises
    ------
    ShapeError, ArgumentError, DTypeError
        As `conv1d`.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.conv3d(lucid.ones(1, 2, 4, 4, 4), lucid.ones(3, 2, 2, 2, 2)).shape
    (1, 3, 3, 3, 3)
    """
    return _convolve("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


def _convolve(
    where: str,
    dims: int,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
) -> Tensor:
    """Check the arguments, and convolve; an input without examples is one of them."""
    if casting:
        input, weight, bias = lowered(input, weight, bias)
    static = _checked(where, dims, input, weight, bias, stride, padding, dilation, groups)
    if input._data.ndim == dims + 1:
        return apply(_conv, input.unsqueeze(0), weight, bias, **static).squeeze(0)
    return apply(_conv, input, weight, bias, **static)


def _checked(
    where: str,
    dims: int,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
) -> dict[str, Any]:
    """The static arguments, one number for each dimension; errors where something does not fit."""
    check_tensors(where, dims, input, weight, bias)
    out, depth, *kernel = weight._data.shape
    stride = each(where, "stride", stride, dims)
    dilation = each(where, "dilation", dilation, dims)
    padding = pads(where, padding, tuple(kernel), stride, dilation)
    groups = count_groups(where, groups)
    if out % groups:
        problem = f"the {out} output channels of the weight do not divide into {groups} groups"
        raise ArgumentError(compose(where, problem, {"weight": weight, "groups": groups}))
    check(where, dims, input, weight, bias, depth * groups, out)
    size = input._data.shape[-dims:]
    reach = spans(tuple(kernel), dilation)
    for n, (low, high), r in zip(size, padding, reach, strict=True):
        if n + low + high < r:
            problem = f"the kernel reaches over {r} places; the padded input has {n + low + high}"
            seen = {"input": input, "weight": weight, "padding": padding, "dilation": dilation}
            raise ShapeError(compose(where, problem, seen))
    return _static(stride, padding, dilation, groups)


def algorithm(
    input: Tensor,
    weight: Tensor,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> dict[str, str]:
    """How a convolution of these shapes is computed, and its two gradients.

    Parameters
    ----------
    input, weight, stride, padding, dilation, groups
        As `conv2d` takes them, in one to three dimensions. Nothing is computed.

    Returns
    -------
    dict of str
        Under ``"forward"``, ``"input"`` and ``"weight"`` the names that
        `kernels.conv_choice.way` explains.

    Raises
    ------
    ShapeError, ArgumentError, DTypeError
        As `conv2d`.

    Examples
    --------
    >>> import lucid
    >>> algorithm(lucid.ones(1, 64, 8, 8), lucid.ones(128, 64, 1, 1))
    {'forward': 'pointwise', 'input': 'pointwise', 'weight': 'pointwise'}
    """
    dims = min(max(getattr(weight, "ndim", 3) - 2, 1), 3)
    given = input, weight, None, stride, padding, dilation, groups
    static = _checked("algorithm", dims, *given)
    x, w = input._data, weight._data
    steps = static["stride"], static["padding"], static["dilation"]
    win = window(x.shape[-dims:], w.shape[2:], *steps)
    if x.ndim < w.ndim:
        x = x[None]
    return kernels.ways(x, w, win, static["groups"])
