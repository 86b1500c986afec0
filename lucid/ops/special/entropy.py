"""Products with a logarithm: the terms of entropies and of log-likelihoods."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import samples
from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor
from ..exponential import log, log1p
from ..out import into
from ..precision import in_single
from ..promotion import real_floating
from ..selection import where
from .operands import real_pair


@primitive("entr", saves=("x",), samples=samples.unary_positive)
@in_single
def _entr(x: Any) -> Any:
    outside = np.where(x == 0, x.dtype.type(0), x.dtype.type(-np.inf))
    return np.where(x <= 0, outside, -x * np.log(x))


@_entr.rule
def _(g, y, x):
    return (g * (-1 - log(x)),)


def entr(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The term of the entropy, :math:`-x \ln x`, element by element.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        0 at 0, where the slope is infinite, and -inf below.

    Raises
    ------
    DTypeError
        If `input` is complex.

    References
    ----------
    C. E. Shannon, "A mathematical theory of communication", Bell System Technical Journal 27,
    1948, 379-423.

    Examples
    --------
    >>> import lucid
    >>> lucid.special.entr(lucid.tensor([0.0, 0.5, 1.0, -1.0]))
    Tensor([0.0000, 0.3466, -0.0000, -inf])
    """
    if out is not None:
        return into(entr, locals())
    return apply(_entr, real_floating(input, "entr"))


def _xlog1py_samples(draw: samples.Draw) -> list[samples.Sample]:
    zero_factor = np.array([0.0, 2.0, 0.0], draw.dtype)
    return [*samples.binary_positive(draw), draw.sample(zero_factor, draw.positive(3))]


@primitive("xlog1py", saves=("a", "b"), broadcasts=True, samples=_xlog1py_samples)
def _xlog1py(a: Any, b: Any) -> Any:
    product = np.asarray(a * np.log1p(b), np.result_type(a, b))
    return np.where(np.equal(a, 0) & ~np.isnan(b), 0, product).astype(product.dtype)


@_xlog1py.rule
def _(g, y, a, b, *, needs):
    toward_factor = None
    if needs[0]:  # 0 log(1 + b) is 0 also for b <= -1, where the logarithm is not finite
        flat = (a == 0) & (b <= -1)
        toward_factor = where(flat, 0.0, g * log1p(where(flat, 0.0, b)))
    return toward_factor, (g * (a / (b + 1)) if needs[1] else None)


def xlog1py(input: Any, other: Any, *, out: Tensor | None = None) -> Tensor:
    r""":math:`x \ln(1 + y)`, element by element, and 0 wherever :math:`x = 0`.

    Parameters
    ----------
    input : Tensor or number
        The factor :math:`x`.
    other : Tensor or number
        :math:`y`, of the logarithm. NaN stays NaN, also beside a factor of 0.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DTypeError
        If an operand is complex.

    References
    ----------
    DLMF 4.5.2, for what it keeps near y = 0; https://dlmf.nist.gov/4.5

    Examples
    --------
    >>> import lucid
    >>> lucid.special.xlog1py(lucid.tensor([0.0, 2.0]), lucid.tensor([-1.0, 1.0]))
    Tensor([0.0000, 1.3863])
    """
    if out is not None:
        return into(xlog1py, locals())
    return apply(_xlog1py, *real_pair("xlog1py", input, other))
