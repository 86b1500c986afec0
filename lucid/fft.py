"""Discrete Fourier transforms, under PyTorch's names: a contents page, no logic.

All are differentiable to any order. Real single precision gives complex64, double precision
complex128; half precision is refused.
"""

from .ops.fourier.frequencies import fftfreq as fftfreq
from .ops.fourier.frequencies import fftshift as fftshift
from .ops.fourier.frequencies import ifftshift as ifftshift
from .ops.fourier.frequencies import rfftfreq as rfftfreq
from .ops.fourier.full import fft as fft
from .ops.fourier.full import fft2 as fft2
from .ops.fourier.full import fftn as fftn
from .ops.fourier.full import ifft as ifft
from .ops.fourier.full import ifft2 as ifft2
from .ops.fourier.full import ifftn as ifftn
from .ops.fourier.hermitian import hfft as hfft
from .ops.fourier.hermitian import hfft2 as hfft2
from .ops.fourier.hermitian import hfftn as hfftn
from .ops.fourier.hermitian import ihfft as ihfft
from .ops.fourier.hermitian import ihfft2 as ihfft2
from .ops.fourier.hermitian import ihfftn as ihfftn
from .ops.fourier.real import irfft as irfft
from .ops.fourier.real import irfft2 as irfft2
from .ops.fourier.real import irfftn as irfftn
from .ops.fourier.real import rfft as rfft
from .ops.fourier.real import rfft2 as rfft2
from .ops.fourier.real import rfftn as rfftn
