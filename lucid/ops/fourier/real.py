"""Transforms of real signals, of whose spectrum half is kept: rfft, irfft and their like.

The spectrum of a real signal is Hermitian: :math:`X_{-k} = \\overline{X_k}`. So the frequencies
from 0 to ``n // 2`` say everything, at half the work.
"""

from __future__ import annotations

from typing import Any

from ...core.tensor import Tensor
from ...errors import ArgumentError, compose
from ..numbers import integer
from ..out import into
from .maps import (
    as_complex,
    as_real,
    full,
    half,
    one_axis,
    resized,
    scale,
    several_axes,
    whole,
)

# ---- one dimension ---------------------------------------------------------------------


def rfft(
    input: Tensor,
    n: int | None = None,
    dim: int = -1,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    r"""The discrete Fourier transform of a real signal: frequencies 0 to ``n // 2``.

    .. math:: X_k = \sum_{j=0}^{n-1} x_j \, e^{-2 \pi i \, jk / n}, \quad 0 \le k \le n / 2

    Parameters
    ----------
    input : Tensor
        Real; integers are taken to the default dtype.
    n : int, optional
        Number of points: the input is cut off there, or continued with zeros.
    dim : int, default -1
        The dimension to transform.
    norm : {"backward", "ortho", "forward"}, optional
        The sum as it stands (the default), divided by :math:`\sqrt n`, or by :math:`n`.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        complex64 or complex128, of length ``n // 2 + 1`` along `dim`.

    Raises
    ------
    DTypeError
        If the input is complex or in half precision.
    IndexingError
        If there is no such dimension.
    ArgumentError
        If there is no point to transform, or `norm` is none of the three.

    Examples
    --------
    >>> import lucid
    >>> lucid.fft.rfft(lucid.tensor([1.0, 2.0, 3.0, 4.0])).tolist()
    [(10+0j), (-2+2j), (-2+0j)]
    """
    if out is not None:
        return into(rfft, locals())
    x, name = as_real("fft.rfft", input), scale("fft.rfft", norm)
    axis = one_axis("fft.rfft", x, dim)
    return half(resized("fft.rfft", x, axis, n), axis, name)


def irfft(
    input: Tensor,
    n: int | None = None,
    dim: int = -1,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    r"""The inverse of `rfft`: a real signal from half of its spectrum.

    The imaginary parts at frequency 0 and, for an even `n`, at the middle one are not read: in
    the spectrum of a real signal they are zero.

    Parameters
    ----------
    input : Tensor
        Real or complex: the frequencies from 0 to ``n // 2``.
    n : int, optional
        Number of points of the result, by default the even one, ``2 * (length - 1)``; give it
        where the signal was odd. The input is cut off or continued with zeros to fit.
    dim : int, default -1
        The dimension to transform.
    norm : {"backward", "ortho", "forward"}, optional
        The sum divided by :math:`n` (the default), by :math:`\sqrt n`, or as it stands.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        float32 or float64, of length `n` along `dim`.

    Raises
    ------
    IndexingError
        If there is no such dimension.
    ArgumentError
        If `n` is not positive, or `norm` is none of the three.
    DTypeError
        If the input is in half precision.

    Examples
    --------
    >>> import lucid
    >>> lucid.fft.irfft(lucid.tensor([10, -2 + 2j, -2]))
    Tensor([1.0000, 2.0000, 3.0000, 4.0000])
    """
    if out is not None:
        return into(irfft, locals())
    x, name = as_complex("fft.irfft", input), scale("fft.irfft", norm)
    axis = one_axis("fft.irfft", x, dim)
    return from_half("fft.irfft", x, axis, n, name)


def from_half(caller: str, x: Any, axis: int, n: int | None, norm: str) -> Any:
    """The real signal of `n` points, by default an even number, of half a spectrum."""
    length = 2 * (x.shape[axis] - 1) if n is None else integer(caller, "n", n)
    if length < 1:
        problem = f"the signal must have at least one point, not {length}"
        raise ArgumentError(compose(caller, problem, {"input": x, "n": n}, "give n="))
    return whole(resized(caller, x, axis, length // 2 + 1), axis, length, norm)


# ---- several dimensions ----------------------------------------------------------------


def last_axis(caller: str, input: Any, s: Any, dim: Any) -> tuple[Any, ...]:
    """The dimensions but the last with their lengths, and the last one with its own.

    Raises
    ------
    ArgumentError
        If there is none.
    """
    axes, sizes = several_axes(caller, input, s, dim)
    if not axes:
        problem = "needs at least one dimension to transform"
        raise ArgumentError(compose(caller, problem, {"input": input, "dim": dim}))
    return axes[:-1], sizes[:-1], axes[-1], sizes[-1]


def _to_half(caller: str, input: Tensor, s: Any, dim: Any, norm: Any) -> Tensor:
    x, name = as_real(caller, input), scale(caller, norm)
    others, sizes, last, size = last_axis(caller, x, s, dim)
    for axis, length in zip((last, *others), (size, *sizes), strict=True):
        x = resized(caller, x, axis, length)
    return full(half(x, last, name), others, False, name)


def _from_half(caller: str, input: Tensor, s: Any, dim: Any, norm: Any) -> Tensor:
    x, name = as_complex(caller, input), scale(caller, norm)
    others, sizes, last, size = last_axis(caller, x, s, dim)
    for axis, length in zip(others, sizes, strict=True):
        x = resized(caller, x, axis, length)
    return from_half(caller, full(x, others, True, name), last, size, name)


def rfftn(
    input: Tensor,
    s: Any = None,
    dim: Any = None,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    r"""The discrete Fourier transform of a real signal along several dimensions.

    Of the last one, the frequencies from 0 to ``n // 2`` are kept.

    Parameters
    ----------
    input : Tensor
        Real; integers are taken to the default dtype.
    s : sequence of int, optional
        Number of points along each dimension: the input is cut off there, or continued with
        zeros; -1 leaves a length as it is.
    dim : sequence of int, optional
        The dimensions to transform, the halved one last. By default the last ones, as many as
        `s` has entries; all without `s`.
    norm : {"backward", "ortho", "forward"}, optional
        The sum as it stands (the default), divided by :math:`\sqrt n`, or by :math:`n`, the
        product of the lengths.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        complex64 or complex128.

    Raises
    ------
    DTypeError
        If the input is complex or in half precision.
    IndexingError
        If there is no such dimension.
    ShapeError
        If `s` and `dim` do not pair up, or `s` is longer than the shape.
    ArgumentError
        If there is no dimension or no point to transform, a dimension is named twice, or
        `norm` is none of the three.

    Examples
    --------
    >>> import lucid
    >>> lucid.fft.rfftn(lucid.ones(2, 4)).shape
    (2, 3)
    """
    if out is not None:
        return into(rfftn, locals())
    return _to_half("fft.rfftn", input, s, dim, norm)


def irfftn(
    input: Tensor,
    s: Any = None,
    dim: Any = None,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    r"""The inverse of `rfftn`: a real signal from half of its spectrum.

    Parameters
    ----------
    input : Tensor
        Real or complex: along the last dimension the frequencies from 0 to ``n // 2``.
    s : sequence of int, optional
        Number of points of the result along each dimension. The last is by default
        ``2 * (length - 1)``; give it where the signal was odd.
    dim : sequence of int, optional
        The dimensions to transform, the halved one last; by default as for `rfftn`.
    norm : {"backward", "ortho", "forward"}, optional
        The sum divided by :math:`n` (the default), by :math:`\sqrt n`, or as it stands.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        float32 or float64.

    Raises
    ------
    IndexingError, ShapeError, ArgumentError, DTypeError
        As for `rfftn`, but that complex input is taken.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    >>> lucid.fft.irfftn(lucid.fft.rfftn(x), s=(2, 3))
    Tensor([[1.0000, 2.0000, 3.0000],
            [4.0000, 5.0000, 6.0000]])
    """
    if out is not None:
        return into(irfftn, locals())
    return _from_half("fft.irfftn", input, s, dim, norm)


def rfft2(
    input: Tensor,
    s: Any = None,
    dim: Any = (-2, -1),
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The discrete Fourier transform of real matrices: `rfftn` along the last two dimensions.

    Parameters
    ----------
    input : Tensor
        Real.
    s : pair of int, optional
        Number of points along each dimension, as for `rfftn`.
    dim : pair of int, default (-2, -1)
        The second is halved.
    norm : {"backward", "ortho", "forward"}, optional
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        complex64 or complex128.

    Raises
    ------
    IndexingError, ShapeError, ArgumentError, DTypeError
        As for `rfftn`.

    Examples
    --------
    >>> import lucid
    >>> lucid.fft.rfft2(lucid.tensor([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [[(10+0j), (-2+0j)], [(-4+0j), 0j]]
    """
    if out is not None:
        return into(rfft2, locals())
    return _to_half("fft.rfft2", input, s, dim, norm)


def irfft2(
    input: Tensor,
    s: Any = None,
    dim: Any = (-2, -1),
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The inverse of `rfft2`: `irfftn` along the last two dimensions.

    Parameters
    ----------
    input : Tensor
        Real or complex.
    s : pair of int, optional
        Number of points of the result along each dimension, as for `irfftn`.
    dim : pair of int, default (-2, -1)
        The second is the halved one.
    norm : {"backward", "ortho", "forward"}, optional
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        float32 or float64.

    Raises
    ------
    IndexingError, ShapeError, ArgumentError, DTypeError
        As for `irfftn`.

    Examples
    --------
    >>> import lucid
    >>> lucid.fft.irfft2(lucid.tensor([[10.0, -2.0], [-4.0, 0.0]]))
    Tensor([[1.0000, 2.0000],
            [3.0000, 4.0000]])
    """
    if out is not None:
        return into(irfft2, locals())
    return _from_half("fft.irfft2", input, s, dim, norm)
