r"""The quotient :math:`\sin(t) / t`, by its two names: sinc and the spherical Bessel function.

Both are one primitive, which knows all derivatives of the quotient: differentiated as a
quotient, it would lose its digits near 0 and be 0/0 there.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import samples
from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor
from ..arithmetic import conj
from ..bind import method
from ..finiteness import isinf
from ..out import into
from ..precision import in_single
from ..promotion import floating, real_floating
from ..selection import where


def _samples(draw: samples.Draw) -> list[samples.Sample]:
    near_zero = np.array([0.0, 1e-9, -1e-3, 0.3], draw.dtype)
    return [
        draw.sample(draw(3, 4), scale=math.pi, order=0),
        draw.sample(near_zero, scale=1.0, order=0),
        *(draw.sample(draw(3, 4) * 2, scale=1.0, order=order) for order in (1, 2)),
        draw.sample(draw(), scale=math.pi, order=1),
    ]


@primitive("sine_quotient", saves=("x",), complex=True, samples=_samples)
@in_single
def _sine_quotient(x: Any, *, scale: float, order: int) -> Any:
    """The derivative of the given order of sin(t) / t, at t = scale x."""
    t = x * x.dtype.type(scale)
    zero = t == 0
    safe = np.where(zero, 1, t)
    value = np.where(zero, 1, np.sin(safe) / safe)
    for n in range(1, order + 1):  # from t f = sin t: t f_n + n f_(n-1) = sin(t + n pi / 2)
        turned = (np.sin, np.cos, np.sin, np.cos)[n % 4](safe) * (1, 1, -1, -1)[n % 4]
        value = (turned - n * value) / safe
    if order:
        near = np.abs(t) < 1 + order  # there the recurrence divides its rounding by t^n
        value = np.where(near, _taylor(np.where(near, t, 0), order), value)
    return np.asarray(value, x.dtype)


def _taylor(t: Any, order: int) -> Any:
    """Sum of (-1)^k t^(2k - n) / ((2k + 1) (2k - n)!) over 2k >= n, the n-th derivative."""
    first = -(-order // 2)
    power = t ** (2 * first - order)
    square = t * t
    total, size = 0, 1.0
    for k in range(first, first + 12 + 2 * order):
        total = total + power * ((-1) ** k / (2 * k + 1))
        rest = 2 * k - order
        power = power * (square / ((rest + 1) * (rest + 2)))
        size *= (1 + order) ** 2 / ((rest + 1) * (rest + 2))
        if size < 1e-18:
            break
    return total


@_sine_quotient.rule
def _(g, y, x, *, scale, order):
    slope = apply(_sine_quotient, x, scale=scale, order=order + 1)
    return (g * conj(slope * scale),)


@method("sinc")
def sinc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The normalised cardinal sine :math:`\frac{\sin \pi x}{\pi x}`, which is 1 at 0.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype; complex numbers are taken too.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        NaN at the infinities, as in NumPy and PyTorch. Derivatives of every order keep their
        digits near 0.

    References
    ----------
    DLMF 3.3.43, https://dlmf.nist.gov/3.3

    Examples
    --------
    >>> import lucid
    >>> lucid.sinc(lucid.tensor([0.0, 0.5, 1.5]))
    Tensor([1.0000, 0.6366, -0.2122])
    """
    if out is not None:
        return into(sinc, locals())
    return apply(_sine_quotient, floating(input, "sinc"), scale=math.pi, order=0)


def spherical_bessel_j0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The spherical Bessel function of the first kind of order 0, :math:`\frac{\sin x}{x}`.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        1 at 0, and 0 at the infinities.

    Raises
    ------
    DTypeError
        If `input` is complex.

    References
    ----------
    DLMF 10.49.3, https://dlmf.nist.gov/10.49

    Examples
    --------
    >>> import lucid
    >>> lucid.special.spherical_bessel_j0(lucid.tensor([0.0, 1.0]))
    Tensor([1.0000, 0.8415])
    """
    if out is not None:
        return into(spherical_bessel_j0, locals())
    x = real_floating(input, "spherical_bessel_j0")
    far = isinf(x.detach() if isinstance(x, Tensor) else x)
    return where(far, 0.0, apply(_sine_quotient, x, scale=1.0, order=0))
