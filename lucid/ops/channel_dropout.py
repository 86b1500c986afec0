"""Dropout of whole channels, and of units that are to keep their mean and variance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..config import LOCAL
from ..core.tensor import Tensor, wrap
from ..errors import ShapeError, compose
from ..kernels.dropout import kept
from ..random import Generator
from .axes import ndim_of
from .dropout import probability
from .promotion import floating
from .random import rng_of

# What a SELU gives far to the left, where its dropped units are set (Klambauer et al. 2017).
_FAR_LEFT = -1.7580993408473766


def _channels(input: Tensor, batched: bool) -> tuple[int, ...]:
    """The shape of one value a channel."""
    count = 2 if batched else 1
    return input.shape[:count] + (1,) * (input.ndim - count)


def _mask(shape: tuple[int, ...], p: float, generator: Generator | None) -> Any:
    key = int(rng_of(generator).bit_generator.random_raw())
    lifting: Any = LOCAL.state.lifting
    if lifting is not None:  # within `func.vmap`
        return lifting.drawn(shape, lambda wide: kept(wide, p, key))
    return kept(shape, p, key)


def _drop_channels(
    name: str,
    input: Tensor,
    p: float,
    training: bool,
    generator: Generator | None,
    dims: tuple[int, ...],
    unbatched: int | None,
) -> Tensor:
    probability(name, p)
    if ndim_of(name, input) not in dims:
        problem = f"takes {dims[0]} or {dims[1]} dimensions, channels among them"
        raise ShapeError(compose(name, problem, {"input": input}, "dropout for single elements"))
    if not training or p == 0:
        return input
    input = floating(input, name)
    mask = _mask(_channels(input, input.ndim != unbatched), p, generator)
    scale = 1 / (1 - p) if p < 1 else 0.0
    return input * wrap((mask * scale).astype(input.dtype))


def dropout1d(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Set whole channels to zero with probability `p`; see `dropout2d` for the parameters.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, L)`` or ``(C, L)``.
    p : float, default 0.5
    training : bool, default True
    inplace : bool, default False
    generator : Generator, optional

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `input` has another number of dimensions.
    ArgumentError
        If `p` does not lie between 0 and 1.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.dropout1d(lucid.ones(2, 3), 0.5, generator=lucid.Generator(0))
    Tensor([[2.0000, 2.0000, 2.0000],
            [0.0000, 0.0000, 0.0000]])
    """
    return _drop_channels("dropout1d", input, p, training, generator, (2, 3), 2)


def dropout2d(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    r"""Set whole channels to zero with probability `p`, and scale the others by
    :math:`1 / (1 - p)`.

    Neighbouring pixels of a channel say much the same, so that dropping single ones would
    hide nothing.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, H, W)``, or ``(N, C, L)`` as PyTorch takes three dimensions.
    p : float, default 0.5
        Probability that a channel is dropped.
    training : bool, default True
        If False, `input` is returned as it is.
    inplace : bool, default False
        Taken for PyTorch's sake: the result is a new tensor either way.
    generator : Generator, optional
        Where the random number comes from; the default generator unless given.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `input` has another number of dimensions.
    ArgumentError
        If `p` does not lie between 0 and 1.

    References
    ----------
    J. Tompson et al., "Efficient Object Localization Using Convolutional Networks", CVPR 2015.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> dropped = F.dropout2d(lucid.ones(8, 16, 5, 5), 0.25)
    >>> sorted({round(mean, 4) for mean in dropped.mean((2, 3)).flatten().tolist()})
    [0.0, 1.3333]
    """
    return _drop_channels("dropout2d", input, p, training, generator, (3, 4), None)


def dropout3d(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Set whole channels to zero with probability `p`; see `dropout2d` for the parameters.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, D, H, W)`` or ``(C, D, H, W)``.
    p : float, default 0.5
    training : bool, default True
    inplace : bool, default False
    generator : Generator, optional

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `input` has another number of dimensions.
    ArgumentError
        If `p` does not lie between 0 and 1.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.dropout3d(lucid.ones(2, 1, 1, 2), 0.5, generator=lucid.Generator(0)).flatten()
    Tensor([2.0000, 2.0000, 0.0000, 0.0000])
    """
    return _drop_channels("dropout3d", input, p, training, generator, (4, 5), 4)


def _self_normalizing(
    name: str, input: Tensor, p: float, generator: Generator | None, channels: bool
) -> Tensor:
    """Dropped units set far to the left, then all moved and scaled back to mean 0, variance 1."""
    input = floating(input, name)
    if p == 1:
        return input * 0.0
    mask = _mask(_channels(input, True) if channels else input.shape, p, generator)
    scale = 1 / math.sqrt((_FAR_LEFT**2 * p + 1) * (1 - p))
    dropped, shift = _FAR_LEFT * scale * (1 - p), -_FAR_LEFT * scale * p
    moved = np.where(mask, shift, dropped).astype(input.dtype)
    return input * wrap((mask * scale).astype(input.dtype)) + wrap(moved)


def alpha_dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = False,
    inplace: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    r"""Dropout for `selu`: units of mean 0 and variance 1 stay so.

    Dropped units become :math:`\alpha' = -1.7581`, SELU's value far to the left; then all are
    taken through :math:`a x + b` with :math:`a = ((1 - p)(1 + p \alpha'^2))^{-1/2}` and
    :math:`b = -a p \alpha'`.

    Parameters
    ----------
    input : Tensor
    p : float, default 0.5
        Probability that an element is dropped.
    training : bool, default False
        If False, `input` is returned as it is.
    inplace : bool, default False
        Taken for PyTorch's sake: the result is a new tensor either way.
    generator : Generator, optional

    Returns
    -------
    Tensor

    Raises
    ------
    ArgumentError
        If `p` does not lie between 0 and 1.

    References
    ----------
    Klambauer et al., "Self-Normalizing Neural Networks", NeurIPS 2017.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.alpha_dropout(lucid.zeros(4), 0.5, training=True, generator=lucid.Generator(0))
    Tensor([0.7792, -0.7792, 0.7792, 0.7792])
    """
    probability("alpha_dropout", p)
    ndim_of("alpha_dropout", input)
    if not training or p == 0:
        return input
    return _self_normalizing("alpha_dropout", input, p, generator, False)


def feature_alpha_dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = False,
    inplace: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """`alpha_dropout` of whole channels.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, C, ...)``.
    p : float, default 0.5
        Probability that a channel is dropped.
    training : bool, default False
        If False, `input` is returned as it is.
    inplace : bool, default False
        Taken for PyTorch's sake: the result is a new tensor either way.
    generator : Generator, optional

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If `input` has fewer than two dimensions.
    ArgumentError
        If `p` does not lie between 0 and 1.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> zeros = lucid.zeros(1, 2, 3)
    >>> F.feature_alpha_dropout(zeros, 0.5, training=True, generator=lucid.Generator(0))
    Tensor([[[ 0.7792,  0.7792,  0.7792],
             [-0.7792, -0.7792, -0.7792]]])
    """
    name = "feature_alpha_dropout"
    probability(name, p)
    if ndim_of(name, input) < 2:
        raise ShapeError(compose(name, "needs a batch and channels: (N, C, ...)", {"input": input}))
    if not training or p == 0:
        return input
    return _self_normalizing(name, input, p, generator, True)
