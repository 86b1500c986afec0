r"""Modified Bessel functions of both kinds, plain and scaled by their exponential.

Each kind is one primitive for all orders, because the slope of one order is made of its two
neighbours' (DLMF 10.29.1): :math:`I_n' = (I_{n-1} + I_{n+1}) / 2` and
:math:`K_n' = -(K_{n-1} + K_{n+1}) / 2`. The first kind needs NumPy alone, the second SciPy.
"""

from __future__ import annotations

from typing import Any

from ... import samples
from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor
from ...kernels.bessel import modified_i_array, modified_k_array
from ..bind import method
from ..out import into
from ..promotion import real_floating
from ..signs import sign


def _i_samples(draw: samples.Draw) -> list[samples.Sample]:
    static = [(0, False), (1, False), (0, True), (1, True), (3, True)]
    kinds = [draw.sample(draw.apart(3, 4), order=n, scaled=scaled) for n, scaled in static]
    return [*kinds, draw.sample(draw.uniform(30, 60), order=0, scaled=True)]


@primitive("modified_bessel_i", saves=("x", "out"), samples=_i_samples)
def _modified_i(x: Any, *, order: int, scaled: bool) -> Any:
    return modified_i_array(x, order, scaled)


@_modified_i.rule
def _(g, y, x, *, order, scaled):
    above = apply(_modified_i, x, order=order + 1, scaled=scaled)
    if order == 0:  # I_-1 is I_1
        slope = above
    else:
        slope = (apply(_modified_i, x, order=order - 1, scaled=scaled) + above) * 0.5
    return (g * (slope - sign(x) * y if scaled else slope),)


@method("i0")
def i0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The modified Bessel function of the first kind of order 0, :math:`I_0(x)`, where

    .. math:: I_n(x) = \frac{1}{\pi} \int_0^\pi e^{x \cos\theta} \cos(n \theta) \, d\theta.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        At least 1; inf at the infinities (PyTorch: NaN). Differentiable to any order.

    Raises
    ------
    DTypeError
        If `input` is complex.

    References
    ----------
    DLMF 10.32.3, https://dlmf.nist.gov/10.32

    Examples
    --------
    >>> import lucid
    >>> lucid.i0(lucid.tensor([0.0, 1.0]))
    Tensor([1.0000, 1.2661])
    """
    if out is not None:
        return into(i0, locals())
    return apply(_modified_i, real_floating(input, "i0"), order=0, scaled=False)


def i0e(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r""":math:`e^{-|x|} I_0(x)`, the modified Bessel function `i0` without its exponential.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Between 0 and 1. Differentiable to any order; at the kink at 0 the slope is 0.

    Raises
    ------
    DTypeError
        If `input` is complex.

    References
    ----------
    DLMF 10.32.3, https://dlmf.nist.gov/10.32

    Examples
    --------
    >>> import lucid
    >>> lucid.special.i0e(lucid.tensor([0.0, 1.0]))
    Tensor([1.0000, 0.4658])
    """
    if out is not None:
        return into(i0e, locals())
    return apply(_modified_i, real_floating(input, "i0e"), order=0, scaled=True)


def i1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The modified Bessel function of the first kind of order 1, :math:`I_1(x)` (see `i0`).

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Infinite at the infinities (PyTorch: NaN). Differentiable to any order.

    Raises
    ------
    DTypeError
        If `input` is complex.

    References
    ----------
    DLMF 10.32.3, https://dlmf.nist.gov/10.32

    Examples
    --------
    >>> import lucid
    >>> lucid.special.i1(lucid.tensor([0.0, 1.0]))
    Tensor([0.0000, 0.5652])
    """
    if out is not None:
        return into(i1, locals())
    return apply(_modified_i, real_floating(input, "i1"), order=1, scaled=False)


def i1e(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r""":math:`e^{-|x|} I_1(x)`, the modified Bessel function `i1` without its exponential.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Differentiable to any order.

    Raises
    ------
    DTypeError
        If `input` is complex.

    References
    ----------
    DLMF 10.32.3, https://dlmf.nist.gov/10.32

    Examples
    --------
    >>> import lucid
    >>> lucid.special.i1e(lucid.tensor([0.0, 1.0]))
    Tensor([0.0000, 0.2079])
    """
    if out is not None:
        return into(i1e, locals())
    return apply(_modified_i, real_floating(input, "i1e"), order=1, scaled=True)


# ---- the second kind ------------------------------------------------------------------------


def _k_samples(draw: samples.Draw) -> list[samples.Sample]:
    static = [(0, False), (1, False), (0, True), (1, True), (2, True)]
    kinds = [draw.sample(draw.positive(3, 4), order=n, scaled=scaled) for n, scaled in static]
    return [*kinds, draw.sample(draw.positive(), order=0, scaled=False)]


@primitive("modified_bessel_k", saves=("x", "out"), samples=_k_samples)
def _modified_k(x: Any, *, order: int, scaled: bool) -> Any:
    return modified_k_array(x, order, scaled)


@_modified_k.rule
def _(g, y, x, *, order, scaled):
    above = apply(_modified_k, x, order=order + 1, scaled=scaled)
    if order == 0:  # K_-1 is K_1
        slope = above
    else:
        slope = (apply(_modified_k, x, order=order - 1, scaled=scaled) + above) * 0.5
    return (g * (y - slope if scaled else -slope),)


def modified_bessel_k0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The modified Bessel function of the second kind of order 0, :math:`K_0(x)`, where

    .. math:: K_n(x) = \int_0^\infty e^{-x \cosh t} \cosh(n t) \, dt \quad (x > 0).

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
        inf at 0, NaN below. Differentiable to any order.

    Raises
    ------
    DTypeError
        If `input` is complex.
    MissingPackageError
        If SciPy is not installed.

    References
    ----------
    DLMF 10.32.9, https://dlmf.nist.gov/10.32

    Examples
    --------
    >>> import lucid
    >>> lucid.special.modified_bessel_k0(lucid.tensor([0.0, 1.0]))
    Tensor([inf, 0.4210])
    """
    if out is not None:
        return into(modified_bessel_k0, locals())
    return apply(_modified_k, real_floating(input, "modified_bessel_k0"), order=0, scaled=False)


def modified_bessel_k1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The modified Bessel function of the second kind of order 1, :math:`K_1(x)` (see
    `modified_bessel_k0`).

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
        inf at 0, NaN below. Differentiable to any order.

    Raises
    ------
    DTypeError
        If `input` is complex.
    MissingPackageError
        If SciPy is not installed.

    References
    ----------
    DLMF 10.32.9, https://dlmf.nist.gov/10.32

    Examples
    --------
    >>> import lucid
    >>> lucid.special.modified_bessel_k1(lucid.tensor([0.0, 1.0]))
    Tensor([inf, 0.6019])
    """
    if out is not None:
        return into(modified_bessel_k1, locals())
    return apply(_modified_k, real_floating(input, "modified_bessel_k1"), order=1, scaled=False)


def scaled_modified_bessel_k0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r""":math:`e^x K_0(x)`, the function `modified_bessel_k0` without its exponential.

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
        inf at 0, NaN below. Differentiable to any order.

    Raises
    ------
    DTypeError
        If `input` is complex.
    MissingPackageError
        If SciPy is not installed.

    References
    ----------
    DLMF 10.32.9, https://dlmf.nist.gov/10.32

    Examples
    --------
    >>> import lucid
    >>> lucid.special.scaled_modified_bessel_k0(lucid.tensor([1.0, 1000.0]))
    Tensor([1.1445, 0.0396])
    """
    if out is not None:
        return into(scaled_modified_bessel_k0, locals())
    return apply(
        _modified_k, real_floating(input, "scaled_modified_bessel_k0"), order=0, scaled=True
    )


def scaled_modified_bessel_k1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r""":math:`e^x K_1(x)`, the function `modified_bessel_k1` without its exponential.

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
        inf at 0, NaN below. Differentiable to any order.

    Raises
    ------
    DTypeError
        If `input` is complex.
    MissingPackageError
        If SciPy is not installed.

    References
    ----------
    DLMF 10.32.9, https://dlmf.nist.gov/10.32

    Examples
    --------
    >>> import lucid
    >>> lucid.special.scaled_modified_bessel_k1(lucid.tensor([1.0, 1000.0]))
    Tensor([1.6362, 0.0396])
    """
    if out is not None:
        return into(scaled_modified_bessel_k1, locals())
    return apply(
        _modified_k, real_floating(input, "scaled_modified_bessel_k1"), order=1, scaled=True
    )


modified_bessel_i0, modified_bessel_i1 = i0, i1
