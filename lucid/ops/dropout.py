"""Dropout: zeros at random places while training."""

from __future__ import annotations

from typing import Any

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, compose
from ..kernels import dropout as kernels
from ..random import Generator
from .promotion import floating
from .random import rng_of


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    return [
        draw.sample(draw(5, 7), p=0.4, key=12345),
        draw.sample(draw(6), p=1.0, key=1),
        draw.sample(draw(), p=0.5, key=2),
        draw.sample(draw(0, 3), p=0.5, key=3),
    ]


@primitive("dropout", complex=True, samples=_samples)
def _dropout(x: Any, *, p: float, key: int) -> Any:
    return kernels.dropout(x, p, key)[0]


@_dropout.recording
def _(x: Any, *, p: float, key: int) -> Any:
    return kernels.dropout(x, p, key)


@_dropout.rule
def _(g, y, x, *, p, key):  # the key tells again which were kept
    scale = 1 / (1 - p) if p < 1 else 0.0
    return (g * (kernels.kept(x.shape, p, key).astype(x.dtype) * x.dtype.type(scale)),)


@_dropout.fused_rule
def _(g, mask, y, x, *, p, key):
    return (kernels.dropout_gradient(g, mask, p),)


def dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    r"""Set elements to zero with probability `p`, and scale the others by :math:`1 / (1 - p)`.

    What is dropped is decided by one number drawn from the generator, so that a forward pass
    can be repeated exactly.

    Parameters
    ----------
    input : Tensor
    p : float, default 0.5
        Probability that an element is dropped.
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
    ArgumentError
        If `p` does not lie between 0 and 1.

    References
    ----------
    N. Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
    2014.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.dropout(lucid.ones(6), 0.5, generator=lucid.Generator(0))
    Tensor([2.0000, 0.0000, 2.0000, 2.0000, 2.0000, 0.0000])
    """
    probability("dropout", p)
    if not training or p == 0:
        return input
    key = int(rng_of(generator).bit_generator.random_raw())
    return apply(_dropout, floating(input, "dropout"), p=float(p), key=key)


def probability(where: str, p: Any) -> None:
    """Refuse what is no probability.

    Raises
    ------
    DTypeError
        If it is not a number.
    ArgumentError
        If it does not lie between 0 and 1.
    """
    if isinstance(p, bool) or not isinstance(p, float | int):
        raise DTypeError(compose(where, "p must be a number", {"p": p}))
    if not 0 <= p <= 1:
        problem = "p is a probability and must lie between 0 and 1"
        raise ArgumentError(compose(where, problem, {"p": p}))
