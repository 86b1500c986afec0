"""Ops on each element, and others that take the samples as one more leading dimension."""

from __future__ import annotations

from typing import Any

from ...core.apply import apply
from ...core.primitive import Primitive
from ...ops.broadcasting import broadcast_to
from ...ops.shape import reshape
from .registry import aligned, batches, everywhere, with_ndim

_NAMES = """
    abs acos acosh airy_ai angle asin asinh astype atan atanh bessel_j bessel_y bitwise_not ceil
    clone conj cos cosh digamma elu entr erf erfc erfcx erfinv exp exp2 expm1 floor frexp gelu
    gelu_tanh hardshrink hardsigmoid hardswish hardtanh imag isfinite isinf isnan leaky_relu
    lgamma log log10 log1p log2 log_ndtr logical_not logit logsigmoid mish modified_bessel_i
    modified_bessel_k nan_to_num ndtr ndtri neg one_hot phi polygamma real reciprocal relu round
    rsqrt sigmoid sign signbit silu sin sine_quotient sinh softplus softshrink softsign sqrt tan
    tanh threshold trunc
"""
ELEMENTWISE = tuple(_NAMES.split())

# Ops on the last dimensions alone: matrices, windows, pairs.
_LEADING = """
    avg_pool avg_spread cholesky det eig eigh eigvals eigvalsh geqrf inv ldl_factor lu_factor
    matrix_exp matrix_rank max_pool max_pool_with_indices pinv qr quantile slogdet svd svdvals
    view_as_complex view_as_real watch
"""


@batches(*ELEMENTWISE, *_LEADING.split())
def _direct(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    return apply(
        prim,
        *(everywhere(level.size, x, b) for x, b in zip(values, batched, strict=True)),
        **static,
    )


@batches("broadcasts", "gcd", "lcm")
def _broadcast(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    return apply(prim, *aligned(values, batched), **static)


@batches("binary_cross_entropy", "fractional_max_pool")
def _all_alike(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    both = [everywhere(level.size, x, b) for x, b in zip(values, batched, strict=True)]
    return apply(prim, *both, **static)


@batches("broadcast_to")
def _broadcast_to(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    shape = static["shape"]
    return broadcast_to(with_ndim(values[0], len(shape)), (level.size, *shape))


@batches("cross")
def _cross(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    axis = static["axis"]
    return apply(prim, *aligned(values, batched), axis=axis if axis < 0 else axis + 1)


@batches("solve", "solve_triangular", "lstsq", "cdist")
def _matrices(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    return apply(prim, *aligned(values, batched, 2), **static)


@batches("reshape")
def _reshape(level: Any, prim: Primitive, values: Any, batched: Any, static: Any) -> Any:
    return reshape(values[0], (level.size, *static["shape"]))
