"""Special functions, under PyTorch's names: a contents page, no logic.

Those of Bessel and Airy (but for `i0`, `i0e`, `i1`, `i1e`) and the incomplete gamma functions
need SciPy: ``pip install 'lucid[scipy]'``. The others need NumPy alone.
"""

from .ops.exponential import exp2 as exp2
from .ops.exponential import expm1 as expm1
from .ops.exponential import log1p as log1p
from .ops.exponential import xlogy as xlogy
from .ops.logistic import logit as logit
from .ops.logistic import sigmoid as expit  # noqa: F401 - the name here
from .ops.rounding import round as round
from .ops.softmax import log_softmax as log_softmax
from .ops.softmax import softmax as softmax
from .ops.special.bessel import airy_ai as airy_ai
from .ops.special.bessel import bessel_j0 as bessel_j0
from .ops.special.bessel import bessel_j1 as bessel_j1
from .ops.special.bessel import bessel_y0 as bessel_y0
from .ops.special.bessel import bessel_y1 as bessel_y1
from .ops.special.entropy import entr as entr
from .ops.special.entropy import xlog1py as xlog1py
from .ops.special.error_function import erf as erf
from .ops.special.error_function import erfc as erfc
from .ops.special.error_function import erfcx as erfcx
from .ops.special.error_function import erfinv as erfinv
from .ops.special.gamma import digamma as digamma
from .ops.special.gamma import gammaln as gammaln
from .ops.special.gamma import multigammaln as multigammaln
from .ops.special.gamma import polygamma as polygamma
from .ops.special.gamma import psi as psi
from .ops.special.incomplete_gamma import gammainc as gammainc
from .ops.special.incomplete_gamma import gammaincc as gammaincc
from .ops.special.modified_bessel import i0 as i0
from .ops.special.modified_bessel import i0e as i0e
from .ops.special.modified_bessel import i1 as i1
from .ops.special.modified_bessel import i1e as i1e
from .ops.special.modified_bessel import modified_bessel_i0 as modified_bessel_i0
from .ops.special.modified_bessel import modified_bessel_i1 as modified_bessel_i1
from .ops.special.modified_bessel import modified_bessel_k0 as modified_bessel_k0
from .ops.special.modified_bessel import modified_bessel_k1 as modified_bessel_k1
from .ops.special.modified_bessel import scaled_modified_bessel_k0 as scaled_modified_bessel_k0
from .ops.special.modified_bessel import scaled_modified_bessel_k1 as scaled_modified_bessel_k1
from .ops.special.normal_distribution import log_ndtr as log_ndtr
from .ops.special.normal_distribution import ndtr as ndtr
from .ops.special.normal_distribution import ndtri as ndtri
from .ops.special.orthogonal_polynomials import chebyshev_polynomial_t as chebyshev_polynomial_t
from .ops.special.orthogonal_polynomials import chebyshev_polynomial_u as chebyshev_polynomial_u
from .ops.special.orthogonal_polynomials import chebyshev_polynomial_v as chebyshev_polynomial_v
from .ops.special.orthogonal_polynomials import chebyshev_polynomial_w as chebyshev_polynomial_w
from .ops.special.orthogonal_polynomials import hermite_polynomial_h as hermite_polynomial_h
from .ops.special.orthogonal_polynomials import hermite_polynomial_he as hermite_polynomial_he
from .ops.special.orthogonal_polynomials import laguerre_polynomial_l as laguerre_polynomial_l
from .ops.special.orthogonal_polynomials import legendre_polynomial_p as legendre_polynomial_p
from .ops.special.orthogonal_polynomials import (
    shifted_chebyshev_polynomial_t as shifted_chebyshev_polynomial_t,
)
from .ops.special.orthogonal_polynomials import (
    shifted_chebyshev_polynomial_u as shifted_chebyshev_polynomial_u,
)
from .ops.special.orthogonal_polynomials import (
    shifted_chebyshev_polynomial_v as shifted_chebyshev_polynomial_v,
)
from .ops.special.orthogonal_polynomials import (
    shifted_chebyshev_polynomial_w as shifted_chebyshev_polynomial_w,
)
from .ops.special.sinc import sinc as sinc
from .ops.special.sinc import spherical_bessel_j0 as spherical_bessel_j0
from .ops.special.zeta import zeta as zeta
from .ops.vector_norm import logsumexp as logsumexp
