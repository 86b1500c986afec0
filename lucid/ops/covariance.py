"""Covariances and correlations of variables, from their observations."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from .arithmetic import div, mul, sub
from .axes import ndim_of
from .bind import method
from .bounds import clamp
from .complex import complex, imag, real
from .diagonals import diagonal
from .exponential import sqrt
from .matmul import matmul
from .promotion import floating
from .reduction import sum
from .shape import squeeze, unsqueeze


@method("cov")
def cov(
    input: Tensor,
    *,
    correction: float = 1,
    fweights: Tensor | None = None,
    aweights: Tensor | None = None,
) -> Tensor:
    r"""The covariances of variables.

    .. math:: C_{ij} = \frac{\sum_k w_k (x_{ik} - \bar x_i) \overline{(x_{jk} - \bar x_j)}}
              {\sum_k w_k - \delta}

    with weights :math:`w` (1 by default) and the weighted means :math:`\bar x`. With `aweights`
    :math:`a`, :math:`\delta` is multiplied by :math:`\sum_k w_k a_k / \sum_k w_k`.

    Parameters
    ----------
    input : Tensor
        A variable in every row, an observation in every column; or one variable. Integers are
        taken to the default floating dtype.
    correction : float, default 1
        The number :math:`\delta` of degrees of freedom that the means use up.
    fweights : Tensor, optional
        How often each observation counts: integers, none of them negative.
    aweights : Tensor, optional
        How much each observation counts: floating, none of them negative.

    Returns
    -------
    Tensor
        Shape ``(n, n)`` for `n` variables; 0-d for one. Where no degrees of freedom are left,
        inf or NaN.

    Raises
    ------
    ShapeError
        If `input` has more than two dimensions, or weights do not fit.
    DTypeError
        If `input` is bool, or weights are of the wrong dtype.
    ArgumentError
        If weights are negative, or all zero.

    Examples
    --------
    >>> import lucid
    >>> lucid.cov(lucid.tensor([[0.0, 2.0, 4.0], [2.0, 1.0, 0.0]]))
    Tensor([[ 4.0000, -2.0000],
            [-2.0000,  1.0000]])
    """
    if ndim_of("cov", input) > 2 or input.dtype == np.bool_:
        problem = "takes at most two dimensions, and no bools"
        refusal = ShapeError if input.ndim > 2 else DTypeError
        raise refusal(compose("cov", problem, {"input": input}))
    rows = floating(input, "cov")
    rows = rows if rows.ndim == 2 else rows.reshape((1, -1))
    weights = _weights(rows.shape[1], fweights, aweights)
    weighted = rows if weights is None else mul(rows, weights)
    total = rows.shape[1] if weights is None else sum(weights)
    centred = sub(rows, unsqueeze(div(sum(weighted, 1), total), 1))
    weighted = centred if weights is None else mul(centred, weights)
    weighted = weighted.conj() if weighted.dtype.kind == "c" else weighted
    freedom = _freedom(total, weights, aweights, correction)
    return squeeze(div(matmul(centred, weighted.mT), freedom))


def _weights(count: int, fweights: Tensor | None, aweights: Tensor | None) -> Any:
    """The product of the weights that are given, or None."""
    for name, weights, kinds in (("fweights", fweights, "iu"), ("aweights", aweights, "fV")):
        if weights is None:
            continue
        if weights.shape != (count,):
            problem = f"{name} must have one element for each of the {count} observations"
            raise ShapeError(compose("cov", problem, {name: weights}))
        if weights.dtype.kind not in kinds:
            problem = f"{name} must be {'integers' if kinds == 'iu' else 'floating'}"
            raise DTypeError(compose("cov", problem, {name: weights}))
        if (weights.data < 0).any():
            raise ArgumentError(compose("cov", f"{name} must not be negative", {name: weights}))
    if fweights is None or aweights is None:
        product = aweights if fweights is None else fweights
    else:
        product = mul(fweights, aweights)
    if product is not None and count and not product.data.any():
        raise ArgumentError(
            compose("cov", "the weights must not all be zero", {"weights": product})
        )
    return product


def _freedom(total: Any, weights: Any, aweights: Any, correction: float) -> Any:
    """The divisor, which is at least 0."""
    if aweights is not None and correction != 0:
        correction = div(mul(sum(mul(weights, aweights)), correction), total)  # type: ignore[assignment]
    left = sub(total, correction) if isinstance(total, Tensor) else total - correction
    return clamp(left, min=0) if isinstance(left, Tensor) else np.maximum(left, 0.0).item()


@method("corrcoef")
def corrcoef(input: Tensor) -> Tensor:
    r"""The correlations of variables, :math:`R_{ij} = C_{ij} / \sqrt{C_{ii} C_{jj}}`.

    Parameters
    ----------
    input : Tensor
        A variable in every row, an observation in every column; or one variable.

    Returns
    -------
    Tensor
        Shape ``(n, n)`` for `n` variables, between -1 and 1; 0-d for one.

    Raises
    ------
    ShapeError
        If `input` has more than two dimensions.
    DTypeError
        If `input` is bool.

    Examples
    --------
    >>> import lucid
    >>> lucid.corrcoef(lucid.tensor([[0.0, 2.0, 4.0], [2.0, 1.0, 0.0]]))
    Tensor([[ 1.0000, -1.0000],
            [-1.0000,  1.0000]])
    """
    c = cov(input)
    if not c.ndim:
        return div(c, c)
    variances = diagonal(c)
    deviations = sqrt(real(variances) if c.dtype.kind == "c" else variances)
    r = div(div(c, unsqueeze(deviations, 1)), deviations)
    if r.dtype.kind == "c":
        return complex(clamp(real(r), -1, 1), clamp(imag(r), -1, 1))
    return clamp(r, -1, 1)
