"""Patches of images in columns, and images from patches: `unfold` and `fold` of layers.

The two are each other's gradients. (``Tensor.unfold``, which slides along one dimension,
stands in `sliding`.)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ShapeError, compose
from ..kernels import patches as kernels
from ..kernels.window import spans, window
from .axes import ndim_of
from .conv_arguments import each
from .precision import in_single


def _static(kernel: Any, stride: Any, padding: Any, dilation: Any) -> dict[str, Any]:
    return {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}


_CASES: list[tuple[Any, dict[str, Any]]] = [
    ((2, 3, 4, 5), _static((2, 3), (1, 1), ((1, 1), (0, 0)), (1, 1))),
    ((1, 2, 6, 5), _static((2, 2), (2, 1), ((0, 0), (1, 1)), (2, 3))),
    ((0, 1, 3, 3), _static((2, 2), (1, 1), ((0, 0), (0, 0)), (1, 1))),
]


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    return [draw.sample(draw(*shape), **static) for shape, static in _CASES]


@primitive("patches", complex=True, samples=_samples)
@in_single
def _patches(x: Any, *, kernel: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    win = window(x.shape[2:], kernel, stride, padding, dilation)
    n, c = x.shape[:2]
    cols = np.empty((c, win.taps, n, win.places), x.dtype)
    kernels.patches(np.ascontiguousarray(x), win, cols)
    return np.ascontiguousarray(cols.reshape(c * win.taps, n, win.places).swapaxes(0, 1))


@_patches.rule
def _(g, y, x, **static):
    return (apply(_from_patches, g, size=x.shape[2:], **static),)


def _from_samples(draw: samples.Draw) -> list[samples.Sample]:
    made = []
    for (n, c, *size), static in _CASES:
        win = window(tuple(size), *static.values())
        y = draw(n, c * win.taps, win.places)
        made.append(draw.sample(y, size=tuple(size), **static))
    return made


@primitive("from_patches", complex=True, samples=_from_samples)
@in_single
def _from_patches(
    y: Any, *, size: Any, kernel: Any, stride: Any, padding: Any, dilation: Any
) -> Any:
    win = window(size, kernel, stride, padding, dilation)
    n, c = len(y), y.shape[1] // win.taps
    cols = np.array(y.swapaxes(0, 1), order="C")  # a copy, for its values are lost
    x = np.empty((n, c, *size), y.dtype)
    kernels.add_patches(cols.reshape(c, win.taps, n, win.places), win, x)
    return x


@_from_patches.rule
def _(g, x, y, *, size, **static):
    return (apply(_patches, g, **static),)


def unfold(
    input: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Tensor:
    """The patches of images that a moving window sees, as columns.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, H, W)`` or ``(C, H, W)``.
    kernel_size : int or tuple of int
        Size of the patches, ``(K, K')``.
    dilation, padding, stride : int or tuple of int
        The distance of a patch's elements, zeros around the image, and the window's step.

    Returns
    -------
    Tensor
        Shape ``(N, C K K', P)`` or ``(C K K', P)`` for `P` places of the window.

    Raises
    ------
    ShapeError
        If `input` is no batch of images, or the window reaches further than they do.
    ArgumentError
        If a number is out of its range.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.unfold(lucid.arange(6.0).reshape(1, 1, 2, 3), kernel_size=2)
    Tensor([[[0.0000, 1.0000],
             [1.0000, 2.0000],
             [3.0000, 4.0000],
             [4.0000, 5.0000]]])
    """
    if ndim_of("unfold", input) not in (3, 4):
        problem = "the input must have shape (N, C, H, W) or (C, H, W)"
        raise ShapeError(compose("unfold", problem, {"input": input}))
    static = _window_of("unfold", kernel_size, dilation, padding, stride)
    _count("unfold", input.shape[-2:], static, {"input": input})
    if input.ndim == 3:
        return apply(_patches, input.unsqueeze(0), **static).squeeze(0)
    return apply(_patches, input, **static)


def fold(
    input: Tensor,
    output_size: Any,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Tensor:
    """Images as the sum of patches, laid where `unfold` would have taken them from.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C K K', P)`` or ``(C K K', P)``.
    output_size : int or tuple of int
        Height and width of the images, ``(H, W)``.
    kernel_size : int or tuple of int
        Size of the patches, ``(K, K')``.
    dilation, padding, stride : int or tuple of int
        As for `unfold`.

    Returns
    -------
    Tensor
        Shape ``(N, C, H, W)`` or ``(C, H, W)``. Where patches overlap, it is their sum.

    Raises
    ------
    ShapeError
        If `input` does not hold as many patches, or their elements are no multiple of a patch.
    ArgumentError
        If a number is out of its range.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.fold(lucid.ones(1, 4, 2), output_size=(2, 3), kernel_size=2)
    Tensor([[[[1.0000, 2.0000, 1.0000],
              [1.0000, 2.0000, 1.0000]]]])
    """
    if ndim_of("fold", input) not in (2, 3):
        problem = "the input must have shape (N, C * kernel, places) or (C * kernel, places)"
        raise ShapeError(compose("fold", problem, {"input": input}))
    static = _window_of("fold", kernel_size, dilation, padding, stride)
    size = each("fold", "output_size", output_size, 2)
    kernel = static["kernel"]
    seen = {"input": input, "output_size": size, "kernel_size": kernel}
    taps = kernel[0] * kernel[1]
    if input.shape[-2] % taps:
        problem = f"dimension {input.ndim - 2} must be a multiple of the {taps} in a patch"
        raise ShapeError(compose("fold", problem, seen))
    places = _count("fold", size, static, seen)
    if input.shape[-1] != places:
        problem = f"the last dimension must hold the {places} places of the window"
        raise ShapeError(compose("fold", problem, seen))
    if input.ndim == 2:
        return apply(_from_patches, input.unsqueeze(0), size=size, **static).squeeze(0)
    return apply(_from_patches, input, size=size, **static)


def _window_of(
    where: str, kernel_size: Any, dilation: Any, padding: Any, stride: Any
) -> dict[str, Any]:
    """The static arguments of both primitives."""
    around = tuple((n, n) for n in each(where, "padding", padding, 2, least=0))
    kernel = each(where, "kernel_size", kernel_size, 2)
    stride = each(where, "stride", stride, 2)
    return _static(kernel, stride, around, each(where, "dilation", dilation, 2))


def _count(where: str, size: tuple[int, ...], static: dict[str, Any], seen: Any) -> int:
    """How many places the window has; there must be one."""
    reach = spans(static["kernel"], static["dilation"])
    room = [n + 2 * low for n, (low, _) in zip(size, static["padding"], strict=True)]
    if any(r > n for r, n in zip(reach, room, strict=True)):
        problem = f"the window reaches over {reach}; the padded image has {tuple(room)}"
        raise ShapeError(compose(where, problem, seen))
    kernel, stride, padding, dilation = static.values()
    return window(size, kernel, stride, padding, dilation).places
