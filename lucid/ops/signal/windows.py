r"""Windows: weights that let a stretch of a signal begin and end softly.

All are functions of the place in the window, from 0 to 1 for a symmetric window of `M` points.
A periodic one (``sym=False``) is the symmetric window of :math:`M + 1` points without its last,
which continues itself: what spectra want. Values are computed in float64 and rounded once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from ...config import SETTINGS
from ...core.tensor import Tensor
from ...dtypes import is_floating, resolve
from ...errors import ArgumentError, DTypeError, compose
from ..creation import finish
from ..numbers import integer, real_number

# ---- what all have in common ------------------------------------------------------------


def length_of(caller: str, M: Any) -> int:
    """The number of points of a window.

    Raises
    ------
    DTypeError
        If it is not an integer.
    ArgumentError
        If it is negative.
    """
    length = integer(caller, "the length of a window", M)
    if length < 0:
        problem = "the length of a window must not be negative"
        raise ArgumentError(compose(caller, problem, {"given": M}))
    return length


def finished(caller: str, values: Any, dtype: Any, device: Any, requires_grad: bool) -> Tensor:
    """The window as a tensor of a floating dtype.

    Raises
    ------
    DTypeError
        If the dtype is another.
    """
    chosen = SETTINGS.default_dtype if dtype is None else resolve(dtype, caller)
    if not is_floating(chosen):
        raise DTypeError(compose(caller, f"a window has a floating dtype, not {chosen}"))
    return finish(values.astype(chosen), caller, requires_grad, device)


def steps(length: int, symmetric: bool) -> int:
    """From the first point of a window to the place where it ends: at least 1."""
    return max(1, length - 1 if symmetric else length)


def _positive(caller: str, name: str, value: Any) -> float:
    number = real_number(caller, name, value)
    if not number > 0:
        raise ArgumentError(compose(caller, f"{name} must be positive", {name: value}))
    return number


def not_negative(caller: str, name: str, value: Any) -> float:
    """A real number that is not negative.

    Raises
    ------
    ArgumentError
        If it is negative.
    DTypeError
        If it is no number.
    """
    number = real_number(caller, name, value)
    if not number >= 0:
        raise ArgumentError(compose(caller, f"{name} must not be negative", {name: value}))
    return number


# ---- their values, as arrays ------------------------------------------------------------


def cosines(length: int, coefficients: Iterable[float], symmetric: bool) -> Any:
    r"""The sum of :math:`(-1)^k a_k \cos(2 \pi k t)`; ones for a single point."""
    if length == 1:
        return np.ones(1)
    angle = 2 * math.pi * np.arange(length) / steps(length, symmetric)
    values = np.zeros(length)
    for k, a in enumerate(coefficients):
        values += (-1) ** k * a * np.cos(k * angle)
    return values


def triangle(length: int, symmetric: bool) -> Any:
    """Straight up and down again; a one for a single point."""
    if length == 1:
        return np.ones(1)
    return 1 - np.abs(2 * np.arange(length) / steps(length, symmetric) - 1)


def bessel(length: int, beta: float, symmetric: bool) -> Any:
    """The window of Kaiser; a one for a single point."""
    if length == 1:
        return np.ones(1)
    t = 2 * np.arange(length) / steps(length, symmetric) - 1
    return np.i0(beta * np.sqrt(np.maximum(1 - t * t, 0))) / np.i0(beta)


# ---- public functions -------------------------------------------------------------------


def general_cosine(
    M: int,
    *,
    a: Iterable[float],
    sym: bool = True,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""A sum of cosines.

    .. math:: w_n = \sum_k (-1)^k a_k \cos\left(\frac{2 \pi k n}{M - 1}\right)

    Parameters
    ----------
    M : int
        Number of points; with none the result is empty.
    a : sequence of float
        The coefficients.
    sym : bool, default True
        Symmetric, for filters; else periodic, for spectra: :math:`M` stands for :math:`M - 1`.
    dtype : dtype, optional
        A floating dtype; the default dtype unless given.
    device : {"cpu"}, optional
    requires_grad : bool, default False

    Returns
    -------
    Tensor of shape (M,)

    Raises
    ------
    ArgumentError
        If `M` is negative, or there are no coefficients.
    DTypeError
        If `M` is not an integer, `dtype` not a floating one, or `a` no sequence.

    Examples
    --------
    >>> import lucid
    >>> lucid.signal.windows.general_cosine(5, a=[0.5, 0.5])
    Tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
    """
    caller, length = "general_cosine", length_of("general_cosine", M)
    if not isinstance(a, Iterable):
        raise DTypeError(compose(caller, "a must be a sequence of numbers", {"a": a}))
    coefficients = [real_number(caller, "a coefficient", weight) for weight in a]
    if not coefficients:
        raise ArgumentError(compose(caller, "a must have at least one coefficient"))
    return finished(caller, cosines(length, coefficients, sym), dtype, device, requires_grad)


def general_hamming(
    M: int,
    *,
    alpha: float = 0.54,
    sym: bool = True,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""A raised cosine.

    .. math:: w_n = \alpha - (1 - \alpha) \cos\left(\frac{2 \pi n}{M - 1}\right)

    Parameters
    ----------
    M : int
        Number of points.
    alpha : float, default 0.54
    sym, dtype, device, requires_grad : optional
        As for `general_cosine`.

    Returns
    -------
    Tensor of shape (M,)

    Raises
    ------
    ArgumentError, DTypeError
        As for `general_cosine`.

    Examples
    --------
    >>> import lucid
    >>> lucid.signal.windows.general_hamming(5, alpha=0.6)
    Tensor([0.2000, 0.6000, 1.0000, 0.6000, 0.2000])
    """
    length = length_of("general_hamming", M)
    alpha = real_number("general_hamming", "alpha", alpha)
    values = cosines(length, (alpha, 1 - alpha), sym)
    return finished("general_hamming", values, dtype, device, requires_grad)


def hamming(
    M: int,
    *,
    sym: bool = True,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""The window of Hamming.

    .. math:: w_n = 0.54 - 0.46 \cos\left(\frac{2 \pi n}{M - 1}\right)

    Parameters
    ----------
    M : int
        Number of points.
    sym, dtype, device, requires_grad : optional
        As for `general_cosine`.

    Returns
    -------
    Tensor of shape (M,)

    Raises
    ------
    ArgumentError, DTypeError
        As for `general_cosine`.

    Examples
    --------
    >>> import lucid
    >>> lucid.signal.windows.hamming(5)
    Tensor([0.0800, 0.5400, 1.0000, 0.5400, 0.0800])
    """
    values = cosines(length_of("hamming", M), (0.54, 0.46), sym)
    return finished("hamming", values, dtype, device, requires_grad)


def hann(
    M: int,
    *,
    sym: bool = True,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""The window of von Hann.

    .. math:: w_n = \frac{1}{2} - \frac{1}{2} \cos\left(\frac{2 \pi n}{M - 1}\right)

    Parameters
    ----------
    M : int
        Number of points.
    sym, dtype, device, requires_grad : optional
        As for `general_cosine`.

    Returns
    -------
    Tensor of shape (M,)

    Raises
    ------
    ArgumentError, DTypeError
        As for `general_cosine`.

    Examples
    --------
    >>> import lucid
    >>> lucid.signal.windows.hann(4, sym=False)
    Tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    values = cosines(length_of("hann", M), (0.5, 0.5), sym)
    return finished("hann", values, dtype, device, requires_grad)


def blackman(
    M: int,
    *,
    sym: bool = True,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""The window of Blackman.

    .. math:: w_n = 0.42 - 0.5 \cos\left(\frac{2 \pi n}{M - 1}\right)
                    + 0.08 \cos\left(\frac{4 \pi n}{M - 1}\right)

    Parameters
    ----------
    M : int
        Number of points.
    sym, dtype, device, requires_grad : optional
        As for `general_cosine`.

    Returns
    -------
    Tensor of shape (M,)

    Raises
    ------
    ArgumentError, DTypeError
        As for `general_cosine`.

    Examples
    --------
    >>> import lucid
    >>> lucid.signal.windows.blackman(4, sym=False)[1:]
    Tensor([0.3400, 1.0000, 0.3400])
    """
    values = cosines(length_of("blackman", M), (0.42, 0.5, 0.08), sym)
    return finished("blackman", values, dtype, device, requires_grad)


def nuttall(
    M: int,
    *,
    sym: bool = True,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""The four-term window of Nuttall whose side lobes are lowest.

    Parameters
    ----------
    M : int
        Number of points.
    sym, dtype, device, requires_grad : optional
        As for `general_cosine`, of which this is the one with ``a = [0.3635819, 0.4891775,
        0.1365995, 0.0106411]``.

    Returns
    -------
    Tensor of shape (M,)

    Raises
    ------
    ArgumentError, DTypeError
        As for `general_cosine`.

    References
    ----------
    A. H. Nuttall, "Some windows with very good sidelobe behavior", IEEE Transactions on
    Acoustics, Speech, and Signal Processing 29 (1981).

    Examples
    --------
    >>> import lucid
    >>> lucid.signal.windows.nuttall(5)[1:4]
    Tensor([0.2270, 1.0000, 0.2270])
    """
    coefficients = (0.3635819, 0.4891775, 0.1365995, 0.0106411)
    values = cosines(length_of("nuttall", M), coefficients, sym)
    return finished("nuttall", values, dtype, device, requires_grad)


def bartlett(
    M: int,
    *,
    sym: bool = True,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""The window of Bartlett, a triangle.

    .. math:: w_n = 1 - \left| \frac{2n}{M - 1} - 1 \right|

    Parameters
    ----------
    M : int
        Number of points.
    sym, dtype, device, requires_grad : optional
        As for `general_cosine`.

    Returns
    -------
    Tensor of shape (M,)

    Raises
    ------
    ArgumentError, DTypeError
        As for `general_cosine`.

    Examples
    --------
    >>> import lucid
    >>> lucid.signal.windows.bartlett(5)
    Tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
    """
    values = triangle(length_of("bartlett", M), sym)
    return finished("bartlett", values, dtype, device, requires_grad)


def kaiser(
    M: int,
    *,
    beta: float = 12.0,
    sym: bool = True,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""The window of Kaiser.

    .. math:: w_n = I_0\left(\beta \sqrt{1 - \left(\tfrac{2n}{M - 1} - 1\right)^2}\right)
                    / I_0(\beta)

    Parameters
    ----------
    M : int
        Number of points.
    beta : float, default 12.0
        Width of the main lobe against height of the side lobes.
    sym, dtype, device, requires_grad : optional
        As for `general_cosine`.

    Returns
    -------
    Tensor of shape (M,)

    Raises
    ------
    ArgumentError
        If `beta` or `M` is negative.
    DTypeError
        As for `general_cosine`.

    References
    ----------
    J. F. Kaiser, "Nonrecursive digital filter design using the I0-sinh window function",
    IEEE International Symposium on Circuits and Systems (1974).

    Examples
    --------
    >>> import lucid
    >>> lucid.signal.windows.kaiser(5, beta=3.0)
    Tensor([0.2049, 0.7269, 1.0000, 0.7269, 0.2049])
    """
    length = length_of("kaiser", M)
    beta = not_negative("kaiser", "beta", beta)
    return finished("kaiser", bessel(length, beta, sym), dtype, device, requires_grad)


def cosine(
    M: int,
    *,
    sym: bool = True,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""Half a period of the sine, which begins half a point before the window.

    .. math:: w_n = \sin\left(\frac{\pi (n + 1/2)}{M}\right)

    Parameters
    ----------
    M : int
        Number of points.
    sym, dtype, device, requires_grad : optional
        As for `general_cosine`; with ``sym=False`` :math:`M + 1` stands for :math:`M`.

    Returns
    -------
    Tensor of shape (M,)

    Raises
    ------
    ArgumentError, DTypeError
        As for `general_cosine`.

    Examples
    --------
    >>> import lucid
    >>> lucid.signal.windows.cosine(3)
    Tensor([0.5000, 1.0000, 0.5000])
    """
    length = length_of("cosine", M)
    period = length if sym or length < 2 else length + 1
    values = np.sin(math.pi * (np.arange(length) + 0.5) / max(1, period))
    return finished("cosine", values, dtype, device, requires_grad)


def exponential(
    M: int,
    *,
    center: float | None = None,
    tau: float = 1.0,
    sym: bool = True,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""The window that falls off exponentially, also named after Poisson.

    .. math:: w_n = \exp\left(-\frac{|n - c|}{\tau}\right)

    Parameters
    ----------
    M : int
        Number of points.
    center : float, optional
        The place :math:`c` of the peak, the middle by default; only with ``sym=False``.
    tau : float, default 1.0
        How slowly it falls off.
    sym, dtype, device, requires_grad : optional
        As for `general_cosine`.

    Returns
    -------
    Tensor of shape (M,)

    Raises
    ------
    ArgumentError
        If `tau` is not positive, `M` is negative, or a symmetric window is given a center.
    DTypeError
        As for `general_cosine`.

    Examples
    --------
    >>> import lucid
    >>> lucid.signal.windows.exponential(3)
    Tensor([0.3679, 1.0000, 0.3679])
    """
    length = length_of("exponential", M)
    tau = _positive("exponential", "tau", tau)
    if sym and center is not None:
        problem = "a symmetric window has its center in the middle"
        raise ArgumentError(compose("exponential", problem, {"center": center}, "sym=False"))
    peak = _middle(length, sym) if center is None else real_number("exponential", "center", center)
    values = np.exp(-np.abs(np.arange(length) - peak) / tau)
    return finished("exponential", values, dtype, device, requires_grad)


def gaussian(
    M: int,
    *,
    std: float = 1.0,
    sym: bool = True,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""The window that falls off like a normal density.

    .. math:: w_n = \exp\left(-\frac{(n - c)^2}{2 \sigma^2}\right)

    Parameters
    ----------
    M : int
        Number of points.
    std : float, default 1.0
        The standard deviation :math:`\sigma`, in points.
    sym, dtype, device, requires_grad : optional
        As for `general_cosine`.

    Returns
    -------
    Tensor of shape (M,)

    Raises
    ------
    ArgumentError
        If `std` is not positive, or `M` is negative.
    DTypeError
        As for `general_cosine`.

    Examples
    --------
    >>> import lucid
    >>> lucid.signal.windows.gaussian(3)
    Tensor([0.6065, 1.0000, 0.6065])
    """
    length = length_of("gaussian", M)
    std = _positive("gaussian", "std", std)
    values = np.exp(-0.5 * ((np.arange(length) - _middle(length, sym)) / std) ** 2)
    return finished("gaussian", values, dtype, device, requires_grad)


def _middle(length: int, symmetric: bool) -> float:
    """The place of the peak; a single point is its own."""
    return (length if not symmetric and length > 1 else length - 1) / 2
