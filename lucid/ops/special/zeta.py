"""Hurwitz's zeta function."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import samples
from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor
from ...errors import GradError, compose
from ...kernels.gamma import zeta_array
from ..out import into
from .operands import real_pair


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    left = draw.uniform(-0.8, -0.2, 3)
    return [
        draw.sample(2.5, draw.positive(3, 4)),
        draw.sample(3, draw.positive()),
        draw.sample(2, left),
        draw.sample(3, left - 1),
    ]


@primitive("zeta", saves=("s", "q"), broadcasts=True, samples=_samples)
def _zeta(s: Any, q: Any) -> Any:
    dtype = next((x.dtype for x in (q, s) if isinstance(x, np.ndarray)), np.float64)
    return zeta_array(s, q).astype(dtype)


@_zeta.rule
def _(g, y, s, q, *, needs):
    if needs[0]:
        problem = "there is no derivative towards the first argument, the exponent"
        raise GradError(compose("zeta", problem, fix="pass it as input.detach()"))
    return None, -g * (zeta(s + 1, q) * s)


def zeta(input: Any, other: Any, *, out: Tensor | None = None) -> Tensor:
    r"""Hurwitz's zeta function,

    .. math:: \zeta(s, q) = \sum_{k = 0}^{\infty} \frac{1}{(k + q)^s}.

    Parameters
    ----------
    input : Tensor or number
        The exponent :math:`s`, greater than 1. It has no gradient.
    other : Tensor or number
        The offset :math:`q`, broadcast against `input`. The derivative towards it is
        :math:`-s\, \zeta(s + 1, q)`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        inf at the poles :math:`s = 1` and :math:`q = 0, -1, -2, \ldots`; NaN for :math:`s < 1`,
        and for negative :math:`q` unless :math:`s` is whole.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DTypeError
        If an operand is complex.

    References
    ----------
    DLMF 25.11.1 and 25.11.17, https://dlmf.nist.gov/25.11

    Examples
    --------
    >>> import lucid
    >>> lucid.special.zeta(lucid.tensor([2.0, 4.0]), 1.0)
    Tensor([1.6449, 1.0823])
    """
    if out is not None:
        return into(zeta, locals())
    return apply(_zeta, *real_pair("zeta", input, other))
