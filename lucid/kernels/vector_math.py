"""Functions of float32 that a loop computes in vector lanes: exp, log(1 + e), erf.

A call into the C library stops a loop from being vectorised and costs 5 to 20 ns an element.
These are a few multiplications each: the argument is reduced to a small interval, where a
polynomial (or a quotient of two) does. Their coefficients are minimax fits, made by iteratively
reweighted least squares (Lawson 1961) in double precision; beside each stands its error. The
results are within 2 units in the last place (erfc and the normal distribution within 7, in
their tails too), and right at 0, infinity and NaN.

What they must agree with are NumPy's functions of the same names, in the references of
`kernels.pointwise` and `kernels.softmax`.

References
----------
W. J. Cody and W. Waite, "Software Manual for the Elementary Functions", 1980: the reduction.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .jit import kernel

F = np.float32  # a bare constant would widen the arithmetic

HALF_LOG2_E = F(0.5 * 1.4426950408889634)
TWO_LN2_HIGH = F(2 * 0.693359375)  # of 10 bits, so that its products with whole numbers are exact
TWO_LN2_LOW = F(2 * -2.12194440054690583e-4)  # the rest of 2 ln 2
SHIFT = F(3 << 22)  # added to a number, it leaves the nearest whole one in the last bits
ONE_BITS = int(F(1).view(np.int32))
LARGEST, LEAST = F(89.0), F(-104.0)  # beyond these exp is inf and 0

# (exp(r) - 1 - r) / r^2 for |r| <= ln(2); 1.4e-8 of exp(r)
E0, E1, E2 = F(0.5000003491241123), F(0.16666613687112838), F(0.041661238834001635)
E3, E4, E5 = F(0.008336119667163551), F(0.0014105071111632653), F(0.0001961086051261213)

# (atanh(s) / s - 1) / s^2 for |s| <= 1/3, in powers of s^2; 5e-9
A0, A1, A2, A3 = (
    F(0.33333206565846196),
    F(0.20010849564075617),
    F(0.13999569906064177),
    F(0.1401223282241202),
)

# erf(x) / x as a quotient of polynomials in x^2, up to where erf rounds to 1; 2e-9
ERF_ONE = 3.925
P0, P1, P2 = 1.1283791691624396, 0.18514177651123043, 0.05424943164451433
P3, P4 = 0.003839473491707768, 0.00037696483159350026
P5, P6 = 4.614685469292552e-06, -1.2829130517078845e-08
Q1, Q2, Q3 = 0.49741103416950627, 0.11388050214968702, 0.015432481369801713
Q4, Q5 = 0.001301972388500652, 6.245037578267704e-05

# Phi(-a) / exp(-a^2 / 2), the normal distribution's tail over its density, for a from 0 to 14.5,
# where that underflows; 6e-9
TAIL_END = F(14.5)
UNDERFLOW = 110.0  # exp of its negative is 0 in float32
T0, T1, T2 = F(0.5000000029530192), F(0.43829715887623244), F(0.1832368049159342)
T3, T4 = F(0.040633796035484275), F(0.004116394767967901)
U1, U2, U3 = F(1.674479298921482), F(1.2025099999549422), F(0.46947503366029336)
U4, U5 = F(0.1018602685911937), F(0.010318151782396666)

ONE, TWO, ROOT_2 = F(1), F(2), F(1.4142135623730951)


@kernel(fastmath={"contract"})
def exp32(x: Any) -> Any:
    """exp(x) = 2^n 2^n exp(r) with x = 2 n ln 2 + r and |r| <= ln 2.

    The power of 2 comes in two equal factors, because it may lie outside of the normal numbers
    where the result does not; one number to shift into the exponent's place serves both.
    """
    x = LEAST if x < LEAST else x
    x = LARGEST if x > LARGEST else x
    shifted = x * HALF_LOG2_E + SHIFT
    n = shifted - SHIFT
    r = (x - n * TWO_LN2_HIGH) - n * TWO_LN2_LOW
    tail = E0 + r * (E1 + r * (E2 + r * (E3 + r * (E4 + r * E5))))
    power = np.int32((np.float32(shifted).view(np.int32) << 23) + ONE_BITS).view(np.float32)
    return ((ONE + (r + r * r * tail)) * power) * power


@kernel(fastmath={"contract"})
def log1p32(e: Any) -> Any:
    """log(1 + e) = 2 atanh(e / (2 + e)) for e from 0 to 1."""
    s = e / (TWO + e)
    z = s * s
    return TWO * (s + s * (z * (A0 + z * (A1 + z * (A2 + z * A3)))))


@kernel(fastmath={"contract"})
def erf32(x: Any) -> Any:
    """erf(x), computed in double precision: in single the quotient would cost four digits."""
    c: Any = np.float64(x)
    c = ERF_ONE if c > ERF_ONE else c
    c = -ERF_ONE if c < -ERF_ONE else c
    z = c * c
    above = P0 + z * (P1 + z * (P2 + z * (P3 + z * (P4 + z * (P5 + z * P6)))))
    below = 1.0 + z * (Q1 + z * (Q2 + z * (Q3 + z * (Q4 + z * Q5))))
    return np.float32(c * (above / below))


@kernel(fastmath={"contract"})
def _bell(square: Any) -> Any:
    """exp(-square) of a float64, whose digits beyond float32's matter where it is large."""
    square = UNDERFLOW if square > UNDERFLOW else square  # inf - inf would be NaN
    high = np.float32(square)
    return exp32(-high) * (ONE - np.float32(square - high))


@kernel(fastmath={"contract"})
def _tail(a: Any) -> Any:
    """Phi(-a) / exp(-a^2 / 2) for a >= 0."""
    a = TAIL_END if a > TAIL_END else a
    above = T0 + a * (T1 + a * (T2 + a * (T3 + a * T4)))
    below = ONE + a * (U1 + a * (U2 + a * (U3 + a * (U4 + a * U5))))
    return above / below


@kernel(fastmath={"contract"})
def normal32(x: Any) -> Any:
    """exp(-x^2 / 2) and the normal distribution's Phi(x), whose tail keeps its digits."""
    wide = np.float64(x)  # `float` would leave it as it is
    bell = _bell(0.5 * wide * wide)
    tail = bell * _tail(abs(x))
    return bell, ONE - tail if x > F(0) else tail


@kernel(fastmath={"contract"})
def erfc32(x: Any) -> Any:
    """erfc(x) = 2 Phi(-x sqrt 2)."""
    wide = np.float64(x)
    tail = TWO * _bell(wide * wide) * _tail(abs(x) * ROOT_2)
    return tail if x > F(0) else TWO - tail
