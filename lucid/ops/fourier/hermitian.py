"""Transforms of Hermitian signals, whose spectrum is real: hfft, ihfft and their like.

The mirror image of `rfft`: here half of the *signal* is given, and the spectrum is real.
"""

from __future__ import annotations

from typing import Any

from ...core.tensor import Tensor
from ..arithmetic import conj
from ..out import into
from .maps import OPPOSITE, as_complex, as_real, full, half, one_axis, resized, scale
from .real import from_half, last_axis

# ---- one dimension ---------------------------------------------------------------------


def hfft(
    input: Tensor,
    n: int | None = None,
    dim: int = -1,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    r"""The discrete Fourier transform of a Hermitian signal, given by its first half.

    With :math:`x_{n-j} = \overline{x_j}` the spectrum is real:

    .. math:: X_k = \sum_{j=0}^{n-1} x_j \, e^{-2 \pi i \, jk / n}

    Parameters
    ----------
    input : Tensor
        Real or complex: points 0 to ``n // 2`` of the signal. Imaginary parts of the first
        and, for an even `n`, of the middle one are not read.
    n : int, optional
        Number of points of the result, by default the even one, ``2 * (length - 1)``. The
        input is cut off or continued with zeros to fit.
    dim : int, default -1
        The dimension to transform.
    norm : {"backward", "ortho", "forward"}, optional
        The sum as it stands (the default), divided by :math:`\sqrt n`, or by :math:`n`.
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
    >>> lucid.fft.hfft(lucid.tensor([2.5, -0.5 - 0.5j, -0.5]))
    Tensor([1.0000, 2.0000, 3.0000, 4.0000])
    """
    if out is not None:
        return into(hfft, locals())
    x, name = as_complex("fft.hfft", input), scale("fft.hfft", norm)
    axis = one_axis("fft.hfft", x, dim)
    return from_half("fft.hfft", conj(x), axis, n, OPPOSITE[name])


def ihfft(
    input: Tensor,
    n: int | None = None,
    dim: int = -1,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    r"""The inverse of `hfft`: the first half of the Hermitian signal of a real spectrum.

    .. math:: x_j = \frac{1}{n} \sum_{k=0}^{n-1} X_k \, e^{2 \pi i \, jk / n},
              \quad 0 \le j \le n / 2

    Parameters
    ----------
    input : Tensor
        Real; integers are taken to the default dtype.
    n : int, optional
        Number of points: the input is cut off there, or continued with zeros.
    dim : int, default -1
        The dimension to transform.
    norm : {"backward", "ortho", "forward"}, optional
        The sum divided by :math:`n` (the default), by :math:`\sqrt n`, or as it stands.
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
    >>> lucid.fft.ihfft(lucid.tensor([1.0, 2.0, 3.0, 4.0])).tolist()
    [(2.5-0j), (-0.5-0.5j), (-0.5-0j)]
    """
    if out is not None:
        return into(ihfft, locals())
    x, name = as_real("fft.ihfft", input), scale("fft.ihfft", norm)
    axis = one_axis("fft.ihfft", x, dim)
    return conj(half(resized("fft.ihfft", x, axis, n), axis, OPPOSITE[name]))


# ---- several dimensions ----------------------------------------------------------------


def _from_half(caller: str, input: Tensor, s: Any, dim: Any, norm: Any) -> Tensor:
    x, name = as_complex(caller, input), scale(caller, norm)
    others, sizes, last, size = last_axis(caller, x, s, dim)
    for axis, length in zip(others, sizes, strict=True):
        x = resized(caller, x, axis, length)
    return from_half(caller, conj(full(x, others, False, name)), last, size, OPPOSITE[name])


def _to_half(caller: str, input: Tensor, s: Any, dim: Any, norm: Any) -> Tensor:
    x, name = as_real(caller, input), scale(caller, norm)
    others, sizes, last, size = last_axis(caller, x, s, dim)
    for axis, length in zip((last, *others), (size, *sizes), strict=True):
        x = resized(caller, x, axis, length)
    return full(conj(half(x, last, OPPOSITE[name])), others, True, name)


def hfftn(
    input: Tensor,
    s: Any = None,
    dim: Any = None,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    r"""The discrete Fourier transform of a Hermitian signal along several dimensions.

    Along the last one half of the signal is given, as for `hfft`.

    Parameters
    ----------
    input : Tensor
        Real or complex.
    s : sequence of int, optional
        Number of points of the result along each dimension. The last is by default
        ``2 * (length - 1)``; -1 leaves a length as it is.
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
        float32 or float64.

    Raises
    ------
    IndexingError
        If there is no such dimension.
    ShapeError
        If `s` and `dim` do not pair up, or `s` is longer than the shape.
    ArgumentError
        If there is no dimension or no point to transform, a dimension is named twice, or
        `norm` is none of the three.
    DTypeError
        If the input is in half precision.

    Examples
    --------
    >>> import lucid
    >>> lucid.fft.hfftn(lucid.ones(2, 3)).shape
    (2, 4)
    """
    if out is not None:
        return into(hfftn, locals())
    return _from_half("fft.hfftn", input, s, dim, norm)


def ihfftn(
    input: Tensor,
    s: Any = None,
    dim: Any = None,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    r"""The inverse of `hfftn`: half of the Hermitian signal of a real spectrum.

    Parameters
    ----------
    input : Tensor
        Real; integers are taken to the default dtype.
    s : sequence of int, optional
        Number of points along each dimension: the input is cut off there, or continued with
        zeros; -1 leaves a length as it is.
    dim : sequence of int, optional
        The dimensions to transform, the halved one last; by default as for `hfftn`.
    norm : {"backward", "ortho", "forward"}, optional
        The sum divided by :math:`n` (the default), by :math:`\sqrt n`, or as it stands.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        complex64 or complex128.

    Raises
    ------
    IndexingError, ShapeError, ArgumentError, DTypeError
        As for `hfftn`; DTypeError for complex input as well.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]])
    >>> lucid.fft.hfftn(lucid.fft.ihfftn(x))
    Tensor([[1.0000, 2.0000, 3.0000, 4.0000],
            [5.0000, 6.0000, 7.0000, 8.0000]])
    """
    if out is not None:
        return into(ihfftn, locals())
    return _to_half("fft.ihfftn", input, s, dim, norm)


def hfft2(
    input: Tensor,
    s: Any = None,
    dim: Any = (-2, -1),
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The transform of Hermitian matrices: `hfftn` along the last two dimensions.

    Parameters
    ----------
    input : Tensor
        Real or complex.
    s : pair of int, optional
        Number of points of the result along each dimension, as for `hfftn`.
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
        As for `hfftn`.

    Examples
    --------
    >>> import lucid
    >>> lucid.fft.hfft2(lucid.tensor([[2.5, -0.5], [-1.0, 0.0]]))
    Tensor([[1.0000, 2.0000],
            [3.0000, 4.0000]])
    """
    if out is not None:
        return into(hfft2, locals())
    return _from_half("fft.hfft2", input, s, dim, norm)


def ihfft2(
    input: Tensor,
    s: Any = None,
    dim: Any = (-2, -1),
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The inverse of `hfft2`: `ihfftn` along the last two dimensions.

    Parameters
    ----------
    input : Tensor
        Real.
    s : pair of int, optional
        Number of points along each dimension, as for `ihfftn`.
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
        As for `ihfftn`.

    Examples
    --------
    >>> import lucid
    >>> lucid.fft.ihfft2(lucid.ones(2, 4)).shape
    (2, 3)
    """
    if out is not None:
        return into(ihfft2, locals())
    return _to_half("fft.ihfft2", input, s, dim, norm)
