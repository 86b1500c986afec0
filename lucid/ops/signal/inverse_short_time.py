"""The inverse short-time Fourier transform: a signal from the spectra of its frames."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ...core.tensor import Tensor
from ...errors import ArgumentError, DTypeError, ShapeError, compose
from ..arithmetic import div, mul
from ..bind import method
from ..broadcasting import broadcast_to
from ..fourier.maps import full, whole
from ..indexing import getitem
from ..numbers import integer
from ..shape import reshape
from ..sliding import overlap_add
from ..transposition import transpose
from .edges import extended
from .frames import Frames, read_frames

SMALLEST = 1e-11  # the least sum of squared windows that a signal is divided by


@method("istft")
def istft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    normalized: bool = False,
    onesided: bool | None = None,
    length: int | None = None,
    return_complex: bool = False,
) -> Tensor:
    r"""The inverse of `stft`, or for spectra that no signal has, the nearest signal.

    .. math:: x_t = \frac{\sum_m w_{t - mh} \, y^{(m)}_{t - mh}}{\sum_m w_{t - mh}^2}

    where :math:`y^{(m)}` is the inverse transform of frame :math:`m`.

    Parameters
    ----------
    input : Tensor
        Complex: ``(frequencies, frames)`` or ``(batch, frequencies, frames)``.
    n_fft, hop_length, win_length, window, center, normalized
        What `stft` was given.
    onesided : bool, optional
        Whether only the frequencies from 0 to ``n_fft // 2`` are there; by default the shape
        tells.
    length : int, optional
        Points of the signal: it is cut off there, or continued with zeros. By default all that
        the frames hold, less half a frame on both sides where they are centered.
    return_complex : bool, default False
        Give the complex signal of a spectrum with two sides.

    Returns
    -------
    Tensor
        Shape ``(time,)`` or ``(batch, time)``.

    Raises
    ------
    DTypeError
        If `input` is not complex, `window` of another dtype, or a number not an integer.
    ShapeError
        If `input` has not two or three dimensions, or not the frequencies of `n_fft`.
    ArgumentError
        If a number is not positive, `hop_length` exceeds `win_length` or that `n_fft`,
        arguments exclude each other, or somewhere no window overlaps the signal: its square,
        summed over the frames, must exceed 1e-11 everywhere.

    References
    ----------
    D. Griffin and J. Lim, "Signal estimation from modified short-time Fourier transform", IEEE
    Transactions on Acoustics, Speech, and Signal Processing 32 (1984).

    Examples
    --------
    >>> import lucid
    >>> x, window = lucid.sin(lucid.arange(400) * 0.3), lucid.hann_window(64)
    >>> y = lucid.istft(lucid.stft(x, 64, window=window), 64, window=window)
    >>> lucid.allclose(y, x, atol=1e-5)
    True
    """
    _check_spectra(input)
    real = "float64" if input.dtype.itemsize == 16 else "float32"
    frames = read_frames("istft", n_fft, hop_length, win_length, window, real)
    one_side = _is_onesided(input, frames, onesided, return_complex)
    if frames.hop > frames.length:
        problem = "hop_length must not exceed win_length"
        seen = {"hop_length": frames.hop, "win_length": frames.length}
        raise ArgumentError(compose("istft", problem, seen))
    if length is not None:
        length = integer("istft", "length", length)
        if length < 0:
            problem = "length must not be negative"
            raise ArgumentError(compose("istft", problem, {"length": length}))
    norm = "ortho" if normalized else "backward"
    batched = input if input.ndim == 3 else reshape(input, (1, *input.shape))
    framed = _inverse(transpose(batched, -2, -1), frames.n_fft, norm, one_side, return_complex)
    signal = _joined(framed, frames, center, length)
    return signal if input.ndim == 3 else signal[0]


def _check_spectra(input: Tensor) -> None:
    if getattr(input, "dtype", None) is None or input.dtype.kind != "c":
        problem = "takes a complex tensor, as stft gives it"
        raise DTypeError(compose("istft", problem, {"input": input}, "lucid.view_as_complex(x)"))
    if input.ndim not in (2, 3):
        problem = "takes shape (frequencies, frames) or (batch, frequencies, frames)"
        raise ShapeError(compose("istft", problem, {"input": input}))
    if not input.numel():
        raise ShapeError(compose("istft", "there is nothing to transform", {"input": input}))


def _is_onesided(input: Tensor, frames: Frames, onesided: Any, return_complex: bool) -> bool:
    """Whether half of the spectrum is given.

    Raises
    ------
    ShapeError
        If there are not as many frequencies as that takes.
    ArgumentError
        If a complex signal is asked of half a spectrum, or a real one of a complex window.
    """
    found = input.shape[-2]
    one_side = found != frames.n_fft if onesided is None else bool(onesided)
    wanted = frames.n_fft // 2 + 1 if one_side else frames.n_fft
    if found != wanted:
        problem = f"expected {wanted} frequencies for n_fft={frames.n_fft}, not {found}"
        raise ShapeError(compose("istft", problem, {"input": input, "onesided": onesided}))
    if return_complex and one_side:
        problem = "half a spectrum has no complex signal"
        raise ArgumentError(compose("istft", problem, fix="return_complex=False"))
    if not return_complex and frames.window.dtype.kind == "c":
        problem = "a complex window gives a complex signal"
        raise ArgumentError(compose("istft", problem, fix="return_complex=True"))
    return one_side


def _inverse(spectra: Any, n_fft: int, norm: str, one_side: bool, return_complex: bool) -> Any:
    """The frames of spectra ``(batch, frames, frequencies)``."""
    if return_complex:
        return full(spectra, (2,), True, norm)
    if not one_side:  # of a real signal, the other half says nothing new
        spectra = getitem(spectra, (Ellipsis, slice(n_fft // 2 + 1)))
    return whole(spectra, 2, n_fft, norm)


def _joined(framed: Any, frames: Frames, center: bool, length: int | None) -> Any:
    """Frames under their windows, added up and divided by what the windows weigh."""
    n_fft, hop, window = frames.n_fft, frames.hop, frames.window
    count = framed.shape[1]
    held = n_fft + hop * (count - 1)
    around = n_fft // 2 if center else 0
    end = held - around if length is None else min(held, around + length)
    stretch = (Ellipsis, slice(around, max(end, around)))
    signal = getitem(overlap_add(mul(framed, window), 1, hop, held), stretch)
    squares = broadcast_to(mul(window, window), (count, n_fft))
    weight = getitem(overlap_add(squares, 0, hop, held), stretch)
    _check_overlap(weight)
    signal = div(signal, weight)
    missing = 0 if length is None else length - signal.shape[-1]
    if missing > 0:
        warnings.warn(
            f"istft: the frames hold {signal.shape[-1]} points; zeros follow up to length={length}",
            stacklevel=3,
        )
        return extended("istft", signal, 0, missing, "constant")
    return signal


def _check_overlap(weight: Any) -> None:
    values = np.abs(weight.data if isinstance(weight, Tensor) else weight)
    lowest = float(values.min()) if values.size else 1.0
    if lowest < SMALLEST:
        problem = "somewhere the windows vanish, and the signal cannot be told"
        fix = "center=True, a smaller hop_length, or a window without zeros"
        seen = {"smallest sum of squares": lowest}
        raise ArgumentError(compose("istft", problem, seen, fix))
