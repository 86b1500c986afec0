"""Special functions: the error, gamma and Bessel functions, orthogonal polynomials and others."""

from . import (
    bessel,
    entropy,
    error_function,
    gamma,
    incomplete_gamma,
    modified_bessel,
    normal_distribution,
    orthogonal_polynomials,
    sinc,
    zeta,
)
