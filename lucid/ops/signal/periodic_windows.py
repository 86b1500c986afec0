"""Windows for spectra, periodic unless told otherwise: `hann_window` and its like.

The same windows as in `lucid.signal.windows`, under PyTorch's older names.
"""

from __future__ import annotations

from typing import Any

from ...core.tensor import Tensor
from ..numbers import real_number
from .windows import bessel, cosines, finished, length_of, not_negative, triangle


def hann_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""The window of von Hann.

    .. math:: w_n = \frac{1}{2} - \frac{1}{2} \cos\left(\frac{2 \pi n}{N}\right)

    Parameters
    ----------
    window_length : int
        Number of points; with none the result is empty.
    periodic : bool, default True
        Let the window continue itself: :math:`N` is `window_length`. Else it is symmetric, and
        :math:`N` one less.
    dtype : dtype, optional
        A floating dtype; the default dtype unless given.
    device : {"cpu"}, optional
    requires_grad : bool, default False

    Returns
    -------
    Tensor of shape (window_length,)

    Raises
    ------
    ArgumentError
        If `window_length` is negative.
    DTypeError
        If `window_length` is not an integer, or `dtype` not a floating one.

    Examples
    --------
    >>> import lucid
    >>> lucid.hann_window(4)
    Tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    values = cosines(length_of("hann_window", window_length), (0.5, 0.5), not periodic)
    return finished("hann_window", values, dtype, device, requires_grad)


def hamming_window(
    window_length: int,
    periodic: bool = True,
    alpha: float = 0.54,
    beta: float = 0.46,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""The window of Hamming.

    .. math:: w_n = \alpha - \beta \cos\left(\frac{2 \pi n}{N}\right)

    Parameters
    ----------
    window_length : int
        Number of points.
    periodic : bool, default True
    alpha, beta : float
    dtype, device, requires_grad : optional
        As for `hann_window`.

    Returns
    -------
    Tensor of shape (window_length,)

    Raises
    ------
    ArgumentError, DTypeError
        As for `hann_window`.

    Examples
    --------
    >>> import lucid
    >>> lucid.hamming_window(4)
    Tensor([0.0800, 0.5400, 1.0000, 0.5400])
    """
    length = length_of("hamming_window", window_length)
    weights = [
        real_number("hamming_window", name, w) for name, w in (("alpha", alpha), ("beta", beta))
    ]
    values = cosines(length, weights, not periodic)
    return finished("hamming_window", values, dtype, device, requires_grad)


def blackman_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""The window of Blackman.

    .. math:: w_n = 0.42 - 0.5 \cos\left(\frac{2 \pi n}{N}\right)
                    + 0.08 \cos\left(\frac{4 \pi n}{N}\right)

    Parameters
    ----------
    window_length : int
        Number of points.
    periodic : bool, default True
    dtype, device, requires_grad : optional
        As for `hann_window`.

    Returns
    -------
    Tensor of shape (window_length,)

    Raises
    ------
    ArgumentError, DTypeError
        As for `hann_window`.

    Examples
    --------
    >>> import lucid
    >>> lucid.blackman_window(4)[1:]
    Tensor([0.3400, 1.0000, 0.3400])
    """
    length = length_of("blackman_window", window_length)
    values = cosines(length, (0.42, 0.5, 0.08), not periodic)
    return finished("blackman_window", values, dtype, device, requires_grad)


def bartlett_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""The window of Bartlett, a triangle.

    .. math:: w_n = 1 - \left| \frac{2n}{N} - 1 \right|

    Parameters
    ----------
    window_length : int
        Number of points.
    periodic : bool, default True
    dtype, device, requires_grad : optional
        As for `hann_window`.

    Returns
    -------
    Tensor of shape (window_length,)

    Raises
    ------
    ArgumentError, DTypeError
        As for `hann_window`.

    Examples
    --------
    >>> import lucid
    >>> lucid.bartlett_window(4)
    Tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    values = triangle(length_of("bartlett_window", window_length), not periodic)
    return finished("bartlett_window", values, dtype, device, requires_grad)


def kaiser_window(
    window_length: int,
    periodic: bool = True,
    beta: float = 12.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""The window of Kaiser.

    .. math:: w_n = I_0\left(\beta \sqrt{1 - \left(\tfrac{2n}{N} - 1\right)^2}\right)
                    / I_0(\beta)

    Parameters
    ----------
    window_length : int
        Number of points.
    periodic : bool, default True
    beta : float, default 12.0
        Width of the main lobe against height of the side lobes.
    dtype, device, requires_grad : optional
        As for `hann_window`.

    Returns
    -------
    Tensor of shape (window_length,)

    Raises
    ------
    ArgumentError
        If `beta` or `window_length` is negative.
    DTypeError
        As for `hann_window`.

    Examples
    --------
    >>> import lucid
    >>> lucid.kaiser_window(4, beta=3.0)
    Tensor([0.2049, 0.7269, 1.0000, 0.7269])
    """
    length = length_of("kaiser_window", window_length)
    values = bessel(length, not_negative("kaiser_window", "beta", beta), not periodic)
    return finished("kaiser_window", values, dtype, device, requires_grad)
