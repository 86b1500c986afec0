"""The short-time Fourier transform: a spectrum for every frame of a signal."""

from __future__ import annotations

from typing import Any

from ...core.tensor import Tensor
from ...dtypes import complex128, float64
from ...errors import ArgumentError, DTypeError, ShapeError, compose
from ..arithmetic import mul
from ..bind import method
from ..complex import view_as_real
from ..fourier.maps import as_complex, full, half
from ..sliding import unfold
from ..transposition import transpose
from .edges import extended
from .frames import Frames, read_frames


@method("stft")
def stft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: bool | None = None,
    return_complex: bool | None = None,
    align_to_window: bool | None = None,
) -> Tensor:
    r"""The short-time Fourier transform: how the spectrum of a signal changes with time.

    .. math:: X[\omega, m] = \sum_{k=0}^{N-1} w_k \, x_{mh + k} \, e^{-2 \pi i \omega k / N}

    with :math:`N` points a frame (`n_fft`), frames :math:`h` apart (`hop_length`) and the window
    :math:`w`.

    Parameters
    ----------
    input : Tensor
        One signal, or a batch of them, of floating or complex dtype: shape ``(time,)`` or
        ``(batch, time)``.
    n_fft : int
        Points of a frame.
    hop_length : int, optional
        How far one frame is from the next; a quarter of `n_fft` by default.
    win_length : int, optional
        Points of the window, `n_fft` by default; a shorter one stands in the middle of a frame
        with zeros around it.
    window : Tensor, optional
        A vector of `win_length` points; ones by default. It can have a gradient.
    center : bool, default True
        Continue the signal by half a frame on both sides, so that frame ``m`` is centered at
        ``m * hop_length``.
    pad_mode : {"reflect", "constant", "replicate", "circular"}
        How it is continued.
    normalized : bool, default False
        Divide by :math:`\sqrt N`.
    onesided : bool, optional
        Keep the frequencies from 0 to ``n_fft // 2``, which say all of a real signal. True by
        default where signal and window are real.
    return_complex : bool, default True
        False gives real and imaginary parts as a last dimension of length 2. (PyTorch wants
        the argument for real signals.)
    align_to_window : bool, default False
        Without `center`, let the window of the first frame begin with the signal, where it
        is shorter than the frame.

    Returns
    -------
    Tensor
        Complex, of shape ``(frequencies, frames)`` or ``(batch, frequencies, frames)``.

    Raises
    ------
    ShapeError
        If `input` has not one or two dimensions, or `window` not `win_length` points.
    ArgumentError
        If the signal is shorter than a frame, a number is not positive, the window is longer
        than a frame, one side is asked of a complex spectrum, or arguments exclude each other.
    DTypeError
        If `input` or `window` is of another dtype, or a number not an integer.

    References
    ----------
    D. Griffin and J. Lim, "Signal estimation from modified short-time Fourier transform", IEEE
    Transactions on Acoustics, Speech, and Signal Processing 32 (1984).

    Examples
    --------
    >>> import lucid
    >>> x = lucid.sin(lucid.arange(400) * 0.3)
    >>> spectra = lucid.stft(x, n_fft=64, window=lucid.hann_window(64))
    >>> spectra.shape, spectra.dtype
    ((33, 26), dtype('complex64'))
    """
    _check_signal(input)
    if center and align_to_window is not None:
        problem = "align_to_window says something about frames that are not centered"
        raise ArgumentError(compose("stft", problem, fix="center=False"))
    real = "float64" if input.dtype in (float64, complex128) else "float32"
    frames = read_frames("stft", n_fft, hop_length, win_length, window, real)
    signal = _continued(input, frames, center, pad_mode, bool(align_to_window))
    if signal.shape[-1] < frames.n_fft or not signal.shape[-1]:
        problem = f"the signal has {signal.shape[-1]} points and a frame {frames.n_fft}"
        raise ArgumentError(compose("stft", problem, {"input": input}, "a smaller n_fft"))
    out = _spectra(
        mul(unfold(signal, -1, frames.n_fft, frames.hop), frames.window), normalized, onesided
    )
    return view_as_real(out) if return_complex is False else out


def _check_signal(input: Tensor) -> None:
    if getattr(input, "dtype", None) is None or input.dtype.kind not in "fc":
        problem = "takes a tensor of a floating or complex dtype"
        raise DTypeError(compose("stft", problem, {"input": input}, "x.float()"))
    if input.dtype.itemsize < 4:
        problem = "takes single and double precision only: there are no complex halves"
        raise DTypeError(compose("stft", problem, {"input": input}, "x.float()"))
    if input.ndim not in (1, 2):
        problem = "takes one signal, or a batch of them: one or two dimensions"
        raise ShapeError(compose("stft", problem, {"input": input}, "x.flatten(0, -2)"))


def _continued(x: Tensor, frames: Frames, center: bool, pad_mode: str, align: bool) -> Tensor:
    """The signal with what frames need beyond its ends."""
    if center:
        around = frames.n_fft // 2
        return extended("stft", x, around, around, pad_mode)
    if align:
        left = (frames.n_fft - frames.length) // 2
        right = frames.n_fft - frames.length - left
        return extended("stft", x, left, right, "constant")
    return x


def _spectra(framed: Any, normalized: bool, onesided: bool | None) -> Any:
    """The spectra of frames, the last dimension, as ``(..., frequencies, frames)``."""
    is_complex, norm = framed.dtype.kind == "c", "ortho" if normalized else "backward"
    if onesided and is_complex:
        problem = "the spectrum of a complex signal or window has two different sides"
        raise ArgumentError(compose("stft", problem, fix="onesided=False"))
    last = framed.ndim - 1
    if not is_complex and onesided is not False:
        return transpose(half(framed, last, norm), -2, -1)
    return transpose(full(as_complex("stft", framed), (last,), False, norm), -2, -1)
