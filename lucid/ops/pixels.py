"""Pixels and channels rearranged: space for channels, channels for space, channels mixed."""

from __future__ import annotations

from ..core.tensor import Tensor
from ..errors import ArgumentError, ShapeError, compose, not_a_tensor
from .numbers import integer


def _check(where: str, input: Tensor, name: str, value: int) -> int:
    """The factor, which is positive, of an input with channels and two more dimensions."""
    if not isinstance(input, Tensor):
        raise not_a_tensor(where, input)
    if input.ndim < 3:
        problem = "the input must have three dimensions or more, (..., C, H, W)"
        raise ShapeError(compose(where, problem, {"input": input}))
    value = integer(where, name, value)
    if value < 1:
        raise ArgumentError(compose(where, f"{name} must be positive", {name: value}))
    return value


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """Channels laid out as pixels: r² channels become one of r times the height and width.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., C * r * r, H, W)``.
    upscale_factor : int
        r.

    Returns
    -------
    Tensor
        Shape ``(..., C, H * r, W * r)``.

    Raises
    ------
    ShapeError
        If `input` has fewer than three dimensions, or r² does not divide its channels.
    ArgumentError
        If r is not positive.

    References
    ----------
    W. Shi et al., "Real-Time Single Image and Video Super-Resolution Using an Efficient
    Sub-Pixel Convolutional Neural Network", 2016.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.pixel_shuffle(lucid.arange(4).reshape(1, 4, 1, 1), 2)
    Tensor([[[[0, 1],
              [2, 3]]]])
    """
    r = _check("pixel_shuffle", input, "upscale_factor", upscale_factor)
    *lead, channels, height, width = input.shape
    if channels % (r * r):
        problem = f"the channels, {channels}, must be a multiple of {r}**2"
        raise ShapeError(compose("pixel_shuffle", problem, {"input": input}))
    n = len(lead)
    parts = input.reshape(*lead, channels // (r * r), r, r, height, width)
    order = (*range(n), n, n + 3, n + 1, n + 4, n + 2)
    return parts.permute(*order).reshape(*lead, channels // (r * r), height * r, width * r)


def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """Pixels laid out as channels: the way back of `pixel_shuffle`.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., C, H * r, W * r)``.
    downscale_factor : int
        r.

    Returns
    -------
    Tensor
        Shape ``(..., C * r * r, H, W)``.

    Raises
    ------
    ShapeError
        If `input` has fewer than three dimensions, or r does not divide height and width.
    ArgumentError
        If r is not positive.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.pixel_unshuffle(lucid.arange(4).reshape(1, 1, 2, 2), 2).flatten()
    Tensor([0, 1, 2, 3])
    """
    r = _check("pixel_unshuffle", input, "downscale_factor", downscale_factor)
    *lead, channels, height, width = input.shape
    if height % r or width % r:
        problem = f"height and width must be multiples of {r}"
        raise ShapeError(compose("pixel_unshuffle", problem, {"input": input}))
    n = len(lead)
    parts = input.reshape(*lead, channels, height // r, r, width // r, r)
    order = (*range(n), n, n + 2, n + 4, n + 1, n + 3)
    return parts.permute(*order).reshape(*lead, channels * r * r, height // r, width // r)


def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """Channels of several groups dealt out in turn, so that groups meet.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, ...)``.
    groups : int
        It divides C.

    Returns
    -------
    Tensor
        The shape of `input`.

    Raises
    ------
    ShapeError
        If `input` has fewer than three dimensions, or the groups do not divide its channels.
    ArgumentError
        If `groups` is not positive.

    References
    ----------
    X. Zhang et al., "ShuffleNet: An Extremely Efficient Convolutional Neural Network for
    Mobile Devices", 2018.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.channel_shuffle(lucid.arange(4).reshape(1, 4, 1), 2).flatten()
    Tensor([0, 2, 1, 3])
    """
    groups = _check("channel_shuffle", input, "groups", groups)
    examples, channels, *rest = input.shape
    if channels % groups:
        problem = f"groups must divide the channels, {channels}"
        raise ShapeError(compose("channel_shuffle", problem, {"input": input, "groups": groups}))
    parts = input.reshape(examples, groups, channels // groups, *rest)
    return parts.transpose(1, 2).reshape(*input.shape)
