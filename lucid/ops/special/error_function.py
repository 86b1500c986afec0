"""The error function, its complement (also scaled) and its inverse."""

from __future__ import annotations

import math
from typing import Any

from ... import samples
from ...core.apply import apply
from ...core.primitive import primitive
from ...core.tensor import Tensor
from ...kernels import pointwise
from ...kernels.special import erfcx_array, erfinv_array
from ..bind import method
from ..exponential import exp
from ..out import into
from ..promotion import real_floating

_SLOPE = 2 / math.sqrt(math.pi)  # of erf at 0


@primitive("erf", saves=("x",), samples=samples.unary)
def _erf(x: Any) -> Any:
    return pointwise.erf(x)


@_erf.rule
def _(g, y, x):
    return (g * (exp(-x * x) * _SLOPE),)


@method("erf")
def erf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The error function :math:`\frac{2}{\sqrt\pi} \int_0^x e^{-t^2} dt`.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Between -1 and 1.

    References
    ----------
    DLMF 7.2.1, https://dlmf.nist.gov/7.2

    Examples
    --------
    >>> import lucid
    >>> lucid.erf(lucid.tensor([0.0, 1.0]))
    Tensor([0.0000, 0.8427])
    """
    if out is not None:
        return into(erf, locals())
    return apply(_erf, real_floating(input, "erf"))


@primitive("erfc", saves=("x",), samples=samples.unary)
def _erfc(x: Any) -> Any:
    return pointwise.erfc(x)


@_erfc.rule
def _(g, y, x):
    return (g * (exp(-x * x) * -_SLOPE),)


@method("erfc")
def erfc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The complement of the error function, :math:`1 - \operatorname{erf}(x)`, without
    cancellation where it is small.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Between 0 and 2.

    References
    ----------
    DLMF 7.2.2, https://dlmf.nist.gov/7.2

    Examples
    --------
    >>> import lucid
    >>> lucid.erfc(lucid.tensor([0.0, 1.0]))
    Tensor([1.0000, 0.1573])
    """
    if out is not None:
        return into(erfc, locals())
    return apply(_erfc, real_floating(input, "erfc"))


@primitive("erfinv", saves=("out",), samples=samples.unary_within(-0.9, 0.9))
def _erfinv(x: Any) -> Any:
    return erfinv_array(x)


@_erfinv.rule
def _(g, y, x):
    return (g * (exp(y * y) * (1 / _SLOPE)),)


@method("erfinv")
def erfinv(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The inverse of the error function: :math:`\operatorname{erf}(y) = x`.

    Parameters
    ----------
    input : Tensor
        Between -1 and 1, where the result is infinite; NaN beyond.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    References
    ----------
    DLMF 7.17.1, https://dlmf.nist.gov/7.17

    Examples
    --------
    >>> import lucid
    >>> lucid.erfinv(lucid.tensor([0.0, 0.8427, 1.0]))
    Tensor([0.0000, 1.0000, inf])
    """
    if out is not None:
        return into(erfinv, locals())
    return apply(_erfinv, real_floating(input, "erfinv"))


@primitive("erfcx", saves=("x", "out"), samples=samples.unary)
def _erfcx(x: Any) -> Any:
    return erfcx_array(x)


@_erfcx.rule
def _(g, y, x):
    return (g * (x * y * 2 - _SLOPE),)


def erfcx(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The scaled complement of the error function, :math:`e^{x^2} \operatorname{erfc}(x)`.

    It neither underflows nor overflows where :math:`x > 0`, and falls like
    :math:`1 / (\sqrt\pi x)`.

    Parameters
    ----------
    input : Tensor
        Integers are taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor

    Raises
    ------
    DTypeError
        If `input` is complex.

    References
    ----------
    DLMF 7.2.2 and 7.12.1, https://dlmf.nist.gov/7

    Examples
    --------
    >>> import lucid
    >>> lucid.special.erfcx(lucid.tensor([0.0, 1.0, 100.0]))
    Tensor([1.0000, 0.4276, 0.0056])
    """
    if out is not None:
        return into(erfcx, locals())
    return apply(_erfcx, real_floating(input, "erfcx"))
