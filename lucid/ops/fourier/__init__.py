"""Discrete Fourier transforms: three linear maps (`maps`), and the functions made of them."""

from . import frequencies, full, hermitian, maps, real
