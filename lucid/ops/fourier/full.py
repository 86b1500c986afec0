"""Transforms from complex to complex: fft, ifft and their forms in two and more dimensions."""

from __future__ import annotations

from typing import Any

from ...core.tensor import Tensor
from ..out import into
from .maps import as_complex, full, one_axis, resized, scale, several_axes


def _along_one(caller: str, input: Tensor, n: Any, dim: int, norm: Any, inverse: bool) -> Tensor:
    x, name = as_complex(caller, input), scale(caller, norm)
    axis = one_axis(caller, x, dim)
    return full(resized(caller, x, axis, n), (axis,), inverse, name)


def _along_several(caller: str, input: Tensor, s: Any, dim: Any, norm: Any, inverse: bool) -> Any:
    x, name = as_complex(caller, input), scale(caller, norm)
    axes, sizes = several_axes(caller, x, s, dim)
    for axis, size in zip(axes, sizes, strict=True):
        x = resized(caller, x, axis, size)
    return full(x, axes, inverse, name)


def fft(
    input: Tensor,
    n: int | None = None,
    dim: int = -1,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    r"""The discrete Fourier transform along one dimension.

    .. math:: X_k = \sum_{j=0}^{n-1} x_j \, e^{-2 \pi i \, jk / n}

    Parameters
    ----------
    input : Tensor
        Real or complex. Real input is taken to the complex dtype of its precision, integers
        by way of the default dtype.
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
        complex64 or complex128.

    Raises
    ------
    IndexingError
        If there is no such dimension.
    ArgumentError
        If there is no point to transform, or `norm` is none of the three.
    DTypeError
        If the input is in half precision.

    References
    ----------
    J. W. Cooley and J. W. Tukey, "An algorithm for the machine calculation of complex Fourier
    series", Mathematics of Computation 19 (1965).

    Examples
    --------
    >>> import lucid
    >>> lucid.fft.fft(lucid.tensor([1.0, 2.0, 3.0, 4.0])).tolist()
    [(10+0j), (-2+2j), (-2+0j), (-2-2j)]
    """
    if out is not None:
        return into(fft, locals())
    return _along_one("fft.fft", input, n, dim, norm, inverse=False)


def ifft(
    input: Tensor,
    n: int | None = None,
    dim: int = -1,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    r"""The inverse of `fft`.

    .. math:: x_j = \frac{1}{n} \sum_{k=0}^{n-1} X_k \, e^{2 \pi i \, jk / n}

    Parameters
    ----------
    input : Tensor
        Real or complex.
    n : int, optional
        Number of points: the input is cut off there, or continued with zeros.
    dim : int, default -1
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
    IndexingError
        If there is no such dimension.
    ArgumentError
        If there is no point to transform, or `norm` is none of the three.
    DTypeError
        If the input is in half precision.

    Examples
    --------
    >>> import lucid
    >>> lucid.fft.ifft(lucid.tensor([10, -2 + 2j, -2, -2 - 2j])).tolist()
    [(1+0j), (2+0j), (3+0j), (4+0j)]
    """
    if out is not None:
        return into(ifft, locals())
    return _along_one("fft.ifft", input, n, dim, norm, inverse=True)


def fftn(
    input: Tensor,
    s: Any = None,
    dim: Any = None,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    r"""The discrete Fourier transform along several dimensions, one after the other.

    Parameters
    ----------
    input : Tensor
        Real or complex.
    s : sequence of int, optional
        Number of points along each dimension: the input is cut off there, or continued with
        zeros; -1 leaves a length as it is.
    dim : sequence of int, optional
        The dimensions to transform. By default the last ones, as many as `s` has entries; all
        without `s`.
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
    IndexingError
        If there is no such dimension.
    ShapeError
        If `s` and `dim` do not pair up, or `s` is longer than the shape.
    ArgumentError
        If there is no point to transform, a dimension is named twice, or `norm` is none of
        the three.
    DTypeError
        If the input is in half precision.

    Examples
    --------
    >>> import lucid
    >>> lucid.fft.fftn(lucid.ones(2, 2)).tolist()
    [[(4+0j), 0j], [0j, 0j]]
    """
    if out is not None:
        return into(fftn, locals())
    return _along_several("fft.fftn", input, s, dim, norm, inverse=False)


def ifftn(
    input: Tensor,
    s: Any = None,
    dim: Any = None,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    r"""The inverse of `fftn`.

    Parameters
    ----------
    input : Tensor
    s, dim : sequence of int, optional
        Numbers of points and dimensions, as for `fftn`.
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
        As for `fftn`.

    Examples
    --------
    >>> import lucid
    >>> lucid.fft.ifftn(lucid.ones(2, 2)).tolist()
    [[(1+0j), 0j], [0j, 0j]]
    """
    if out is not None:
        return into(ifftn, locals())
    return _along_several("fft.ifftn", input, s, dim, norm, inverse=True)


def fft2(
    input: Tensor,
    s: Any = None,
    dim: Any = (-2, -1),
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The discrete Fourier transform of matrices: `fftn` along the last two dimensions.

    Parameters
    ----------
    input : Tensor
    s : pair of int, optional
        Number of points along each dimension, as for `fftn`.
    dim : pair of int, default (-2, -1)
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
        As for `fftn`.

    Examples
    --------
    >>> import lucid
    >>> lucid.fft.fft2(lucid.tensor([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [[(10+0j), (-2+0j)], [(-4+0j), 0j]]
    """
    if out is not None:
        return into(fft2, locals())
    return _along_several("fft.fft2", input, s, dim, norm, inverse=False)


def ifft2(
    input: Tensor,
    s: Any = None,
    dim: Any = (-2, -1),
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The inverse of `fft2`: `ifftn` along the last two dimensions.

    Parameters
    ----------
    input : Tensor
    s : pair of int, optional
        Number of points along each dimension, as for `fftn`.
    dim : pair of int, default (-2, -1)
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
        As for `fftn`.

    Examples
    --------
    >>> import lucid
    >>> lucid.fft.ifft2(lucid.tensor([[10.0, -2.0], [-4.0, 0.0]])).tolist()
    [[(1+0j), (2+0j)], [(3+0j), (4+0j)]]
    """
    if out is not None:
        return into(ifft2, locals())
    return _along_several("fft.ifft2", input, s, dim, norm, inverse=True)
