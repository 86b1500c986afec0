r"""Bessel functions of the first and second kind, and Airy's function, which is their kin.

Each is one primitive for all orders, because the slope of one order is made of its two
neighbours': :math:`C_n' = (C_{n-1} - C_{n+1}) / 2` for both kinds (DLMF 10.6.1). So there is
a derivative of every order, also at 0. They need SciPy (``pip install 'lucid[scipy]'``).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import samples
from ...core.apply import apply
from ...core.primitive import Primitive, primitive
from ...core.tensor import Tensor
from ...kernels.bessel import airy_array, j_array, y_array
from ..out import into
from ..promotion import real_floating


def _neighbours(prim: Primitive, x: Any, order: int, **static: Any) -> tuple[Any, Any]:
    """The function one order below and one above."""
    below = apply(prim, x, order=order - 1, **static)
    return below, apply(prim, x, order=order + 1, **static)


def _j_samples(draw: samples.Draw) -> list[samples.Sample]:
    kinds = [draw.sample(draw(3, 4) * 5, order=n) for n in (0, 1, 3)]
    return [
        *kinds,
        draw.sample(np.zeros((), draw.dtype), order=1),
        draw.sample(draw(0, 3), order=0),
    ]


@primitive("bessel_j", saves=("x",), samples=_j_samples)
def _bessel_j(x: Any, *, order: int) -> Any:
    return j_array(x, order)


@_bessel_j.rule
def _(g, y, x, *, order):
    if order == 0:
        return (-g * bessel_j1(x),)
    below, above = _neighbours(_bessel_j, x, order)
    return (g * ((below - above) * 0.5),)


def bessel_j0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The Bessel function of the first kind of order 0, :math:`J_0(x)`, where

    .. math:: J_n(x) = \frac{1}{\pi} \int_0^\pi \cos(n \theta - x \sin\theta) \, d\theta.

    Needs SciPy (``pip install 'lucid[scipy]'``).

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        0 at the infinities (PyTorch: NaN). Differentiable to any order.

    Raises
    ------
    DTypeError
        If `input` is complex.
    MissingPackageError
        If SciPy is not installed.

    References
    ----------
    DLMF 10.9.2, https://dlmf.nist.gov/10.9

    Examples
    --------
    >>> import lucid
    >>> lucid.special.bessel_j0(lucid.tensor([0.0, 1.0]))
    Tensor([1.0000, 0.7652])
    """
    if out is not None:
        return into(bessel_j0, locals())
    return apply(_bessel_j, real_floating(input, "bessel_j0"), order=0)


def bessel_j1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The Bessel function of the first kind of order 1, :math:`J_1(x)` (see `bessel_j0`).

    Needs SciPy (``pip install 'lucid[scipy]'``).

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        0 at the infinities (PyTorch: NaN). Differentiable to any order.

    Raises
    ------
    DTypeError
        If `input` is complex.
    MissingPackageError
        If SciPy is not installed.

    References
    ----------
    DLMF 10.9.2, https://dlmf.nist.gov/10.9

    Examples
    --------
    >>> import lucid
    >>> lucid.special.bessel_j1(lucid.tensor([0.0, 1.0]))
    Tensor([0.0000, 0.4401])
    """
    if out is not None:
        return into(bessel_j1, locals())
    return apply(_bessel_j, real_floating(input, "bessel_j1"), order=1)


def _y_samples(draw: samples.Draw) -> list[samples.Sample]:
    kinds = [draw.sample(draw.positive(3, 4) * 3, order=n) for n in (0, 1, 3)]
    return [*kinds, draw.sample(draw.positive(), order=0)]


@primitive("bessel_y", saves=("x",), samples=_y_samples)
def _bessel_y(x: Any, *, order: int) -> Any:
    return y_array(x, order)


@_bessel_y.rule
def _(g, y, x, *, order):
    if order == 0:
        return (-g * bessel_y1(x),)
    below, above = _neighbours(_bessel_y, x, order)
    return (g * ((below - above) * 0.5),)


def bessel_y0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The Bessel function of the second kind of order 0, :math:`Y_0(x)`, where

    .. math:: Y_0(x) = -\frac{2}{\pi} \int_1^\infty \frac{\cos(x t)}{\sqrt{t^2 - 1}} \, dt
        \quad (x > 0).

    Needs SciPy (``pip install 'lucid[scipy]'``).

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        -inf at 0, NaN below, and 0 at inf (PyTorch: NaN). Differentiable to any order.

    Raises
    ------
    DTypeError
        If `input` is complex.
    MissingPackageError
        If SciPy is not installed.

    References
    ----------
    DLMF 10.9.12, https://dlmf.nist.gov/10.9

    Examples
    --------
    >>> import lucid
    >>> lucid.special.bessel_y0(lucid.tensor([0.0, 1.0]))
    Tensor([-inf, 0.0883])
    """
    if out is not None:
        return into(bessel_y0, locals())
    return apply(_bessel_y, real_floating(input, "bessel_y0"), order=0)


def bessel_y1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The Bessel function of the second kind of order 1, :math:`Y_1(x) = -Y_0'(x)`.

    Needs SciPy (``pip install 'lucid[scipy]'``).

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        -inf at 0, NaN below, and 0 at inf (PyTorch: NaN). Differentiable to any order.

    Raises
    ------
    DTypeError
        If `input` is complex.
    MissingPackageError
        If SciPy is not installed.

    References
    ----------
    DLMF 10.6.3, https://dlmf.nist.gov/10.6

    Examples
    --------
    >>> import lucid
    >>> lucid.special.bessel_y1(lucid.tensor([0.0, 1.0]))
    Tensor([-inf, -0.7812])
    """
    if out is not None:
        return into(bessel_y1, locals())
    return apply(_bessel_y, real_floating(input, "bessel_y1"), order=1)


# ---- Airy's function ----------------------------------------------------------------------


def _airy_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [draw.sample(draw(3, 4) * 3, slope=slope) for slope in (False, True)]


@primitive("airy_ai", saves=("x",), samples=_airy_samples)
def _airy_ai(x: Any, *, slope: bool) -> Any:
    return airy_array(x, slope)


@_airy_ai.rule
def _(g, y, x, *, slope):  # Ai'' = x Ai
    if slope:
        return (g * (x * apply(_airy_ai, x, slope=False)),)
    return (g * apply(_airy_ai, x, slope=True),)


def airy_ai(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""Airy's function :math:`\operatorname{Ai}(x)`, which solves :math:`y'' = x y`:

    .. math:: \operatorname{Ai}(x) = \frac{1}{\pi} \int_0^\infty
        \cos\!\left(\tfrac{1}{3} t^3 + x t\right) dt.

    Needs SciPy (``pip install 'lucid[scipy]'``).

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        0 at inf (PyTorch: NaN). Differentiable to any order.

    Raises
    ------
    DTypeError
        If `input` is complex.
    MissingPackageError
        If SciPy is not installed.

    References
    ----------
    DLMF 9.5.1, https://dlmf.nist.gov/9.5

    Examples
    --------
    >>> import lucid
    >>> lucid.special.airy_ai(lucid.tensor([0.0, 1.0]))
    Tensor([0.3550, 0.1353])
    """
    if out is not None:
        return into(airy_ai, locals())
    return apply(_airy_ai, real_floating(input, "airy_ai"), slope=False)
