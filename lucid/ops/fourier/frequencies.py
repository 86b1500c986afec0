"""Which frequency stands where in a spectrum, and spectra with frequency 0 in the middle."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...config import SETTINGS
from ...core.tensor import Tensor
from ...dtypes import is_differentiable, resolve
from ...errors import ArgumentError, DTypeError, compose
from ..axes import normal_axes
from ..creation import finish
from ..numbers import integer, real_number
from ..out import into
from ..rearranging import roll


def fftfreq(
    n: int,
    d: float = 1.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The frequencies of `fft`, in cycles per unit: 0 and the positive ones, then the negative.

    ``[0, 1, ..., (n - 1) // 2, -(n // 2), ..., -1] / (d * n)``

    Parameters
    ----------
    n : int
        Number of points.
    d : float, default 1.0
        Distance between neighbouring points of the signal.
    dtype : dtype, optional
        The default dtype unless given.
    device : {"cpu"}, optional
    requires_grad : bool, default False
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of shape (n,)

    Raises
    ------
    ArgumentError
        If `n` is negative, or `d` is zero.
    DTypeError
        If `n` is not an integer, or `dtype` not a floating or complex one.

    Examples
    --------
    >>> import lucid
    >>> lucid.fft.fftfreq(5)
    Tensor([0.0000, 0.2000, 0.4000, -0.4000, -0.2000])
    """
    if out is not None:
        return into(fftfreq, locals())
    count = _count("fft.fftfreq", n)
    steps = np.arange(count)
    steps[(count + 1) // 2 :] -= count
    return _frequencies("fft.fftfreq", steps, count, d, dtype, device, requires_grad)


def rfftfreq(
    n: int,
    d: float = 1.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The frequencies of `rfft`, in cycles per unit: ``[0, 1, ..., n // 2] / (d * n)``.

    Parameters
    ----------
    n : int
        Number of points of the signal.
    d : float, default 1.0
        Distance between neighbouring points of the signal.
    dtype : dtype, optional
        The default dtype unless given.
    device : {"cpu"}, optional
    requires_grad : bool, default False
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor of shape (n // 2 + 1,)

    Raises
    ------
    ArgumentError
        If `n` is negative, or `d` is zero.
    DTypeError
        If `n` is not an integer, or `dtype` not a floating or complex one.

    Examples
    --------
    >>> import lucid
    >>> lucid.fft.rfftfreq(5)
    Tensor([0.0000, 0.2000, 0.4000])
    """
    if out is not None:
        return into(rfftfreq, locals())
    count = _count("fft.rfftfreq", n)
    steps = np.arange(count // 2 + 1)
    return _frequencies("fft.rfftfreq", steps, count, d, dtype, device, requires_grad)


def _count(caller: str, n: Any) -> int:
    count = integer(caller, "n", n)
    if count < 0:
        raise ArgumentError(compose(caller, "n must not be negative", {"n": n}))
    return count


def _frequencies(
    caller: str, steps: Any, n: int, d: float, dtype: Any, device: Any, requires_grad: bool
) -> Tensor:
    d = real_number(caller, "d", d)
    if d == 0:
        raise ArgumentError(compose(caller, "the distance of the points must not be 0", {"d": d}))
    chosen = SETTINGS.default_dtype if dtype is None else resolve(dtype, caller)
    if not is_differentiable(chosen):
        problem = f"needs a floating or complex dtype, not {chosen}"
        raise DTypeError(compose(caller, problem))
    values = steps / (n * d) if n else steps.astype(np.float64)
    return finish(values.astype(chosen), caller, requires_grad, device)


def fftshift(input: Tensor, dim: Any = None) -> Tensor:
    """A spectrum with frequency 0 in the middle.

    Parameters
    ----------
    input : Tensor
    dim : int or sequence of int, optional
        The dimensions to shift, each by half its length; all by default.

    Returns
    -------
    Tensor

    Raises
    ------
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.fft.fftshift(lucid.tensor([0, 1, 2, -2, -1]))
    Tensor([-2, -1, 0, 1, 2])
    """
    axes = normal_axes("fft.fftshift", dim, input)
    return roll(input, [input.shape[axis] // 2 for axis in axes], axes)


def ifftshift(input: Tensor, dim: Any = None) -> Tensor:
    """The inverse of `fftshift`: frequency 0 first.

    Parameters
    ----------
    input : Tensor
    dim : int or sequence of int, optional
        The dimensions to shift; all by default.

    Returns
    -------
    Tensor

    Raises
    ------
    IndexingError
        If there is no such dimension.

    Examples
    --------
    >>> import lucid
    >>> lucid.fft.ifftshift(lucid.tensor([-2, -1, 0, 1, 2]))
    Tensor([0, 1, 2, -2, -1])
    """
    axes = normal_axes("fft.ifftshift", dim, input)
    return roll(input, [-(input.shape[axis] // 2) for axis in axes], axes)
