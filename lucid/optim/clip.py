"""Clipping of gradients, by their common norm or element by element."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Real
from typing import Any

import numpy as np

from ..core import versions
from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, GradError, compose

BLOCK = 1 << 16  # elements that are brought to double precision at a time


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> Tensor:
    r"""Scale gradients in place so that their common norm is at most `max_norm`.

    With :math:`\|g\|` the norm of all gradients taken as one vector, each is multiplied by
    :math:`\min(1, \text{max\_norm} / (\|g\| + 10^{-6}))`.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Those without a gradient are passed over.
    max_norm : float
    norm_type : float, default 2
        Order of the norm; ``inf`` for the largest absolute value.
    error_if_nonfinite : bool, default False
        Refuse to clip by a norm that is NaN or infinite.

    Returns
    -------
    Tensor
        The norm before clipping, 0-d.

    Raises
    ------
    ArgumentError
        If `max_norm` or `norm_type` is out of range.
    GradError
        With `error_if_nonfinite`, if the norm is NaN or infinite; nothing is changed then.

    References
    ----------
    Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks",
    ICML 2013.

    Examples
    --------
    >>> import lucid
    >>> w = lucid.Tensor([3.0, 4.0], requires_grad=True)
    >>> (w * w / 2).sum().backward()
    >>> print(lucid.optim.clip_grad_norm_([w], max_norm=1.0))
    5.0000
    >>> print(w.grad)
    [0.6000, 0.8000]
    """
    if not isinstance(max_norm, Real | Tensor) or not max_norm >= 0:
        problem = f"max_norm must be at least 0, not {max_norm!r}"
        raise ArgumentError(compose("clip_grad_norm_", problem))
    owners = _owners(parameters)
    norm = _norm("clip_grad_norm_", [p.grad.data for p in owners], norm_type)
    total = float(norm)
    if error_if_nonfinite and not math.isfinite(total):
        problem = f"the norm of the gradients is {total}; nothing was clipped"
        fix = "look for log(0), 0/0 or too large a learning rate"
        raise GradError(compose("clip_grad_norm_", problem, fix=fix))
    factor = max_norm / (total + 1e-6)
    if factor < 1 or math.isnan(factor):
        for owner in owners:
            owner.grad = _changed(owner.grad)
            owner.grad.data *= factor
    return wrap(norm)


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Clip every element of the gradients, in place, to ``[-clip_value, clip_value]``.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Those without a gradient are passed over.
    clip_value : float

    Raises
    ------
    ArgumentError
        If `clip_value` is negative or NaN.

    Examples
    --------
    >>> import lucid
    >>> w = lucid.Tensor([3.0, -0.5], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> lucid.optim.clip_grad_value_([w], 2.0)
    >>> print(w.grad)
    [2.0000, -1.0000]
    """
    if not clip_value >= 0:
        problem = f"clip_value must be at least 0, not {clip_value!r}"
        raise ArgumentError(compose("clip_grad_value_", problem))
    for owner in _owners(parameters):
        owner.grad = grad = _changed(owner.grad)
        np.clip(grad.data, -clip_value, clip_value, out=grad.data)


def get_total_norm(tensors: Tensor | Iterable[Tensor], norm_type: float = 2.0) -> Tensor:
    """The norm of several tensors taken as one vector.

    Squares are summed in double precision, and where they would overflow or vanish even
    there, relative to the largest element.

    Parameters
    ----------
    tensors : Tensor or iterable of Tensor
    norm_type : float, default 2
        Order of the norm; ``inf`` for the largest absolute value.

    Returns
    -------
    Tensor
        0-d, of the widest dtype among the tensors.

    Raises
    ------
    ArgumentError
        If `norm_type` is not positive.

    Examples
    --------
    >>> import lucid
    >>> print(lucid.optim.get_total_norm([lucid.tensor([3.0]), lucid.tensor([4.0])]))
    5.0000
    """
    given = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    return wrap(_norm("get_total_norm", [tensor.data for tensor in given], norm_type))


def _owners(parameters: Tensor | Iterable[Tensor]) -> list[Any]:
    """The tensors that have a gradient."""
    given = [parameters] if isinstance(parameters, Tensor) else parameters
    return [p for p in given if p.grad is not None]


def _changed(grad: Tensor) -> Tensor:
    """The gradient, about to be changed in place; one that cannot be is replaced by a copy."""
    if grad.requires_grad or not grad.data.flags.writeable:
        return wrap(grad.data.copy())
    versions.bump(grad.data)
    return grad


def _norm(where: str, arrays: list[Any], order: float) -> Any:
    """The norm of all elements, as a 0-d array of the arrays' widest real dtype."""
    if not isinstance(order, Real) or not order > 0:
        problem = f"norm_type must be a positive number or inf, not {order!r}"
        raise ArgumentError(compose(where, problem))
    dtype = np.result_type(*(a.real.dtype for a in arrays)) if arrays else np.dtype(np.float32)
    flat = [a.ravel() for a in arrays if a.size]
    if len(flat) > 1 and sum(a.size for a in flat) <= BLOCK:
        flat = [np.concatenate(flat)]  # many small arrays cost more in calls than in sums
    if order == math.inf:
        return np.asarray(_largest(flat), dtype)
    total = sum(_power_sum(a, order, 1.0) for a in flat)
    if order == 2 and total > 1e-280 and math.isfinite(total):
        return np.asarray(math.sqrt(total), dtype)
    scale = _largest(flat)
    if not 0 < scale < math.inf:  # zero, NaN or infinite, and so is the norm
        return np.asarray(scale, dtype)
    total = sum(_power_sum(a, order, scale) for a in flat)
    return np.asarray(scale * total ** (1.0 / order), dtype)


def _largest(flat: list[Any]) -> float:
    """The largest absolute value; NaN if there is one."""
    return float(np.max([np.abs(a).max() for a in flat])) if flat else 0.0


def _power_sum(a: Any, order: float, scale: float) -> float:
    """Sum of ``|a / scale| ** order`` in double precision, a block at a time."""
    total = 0.0
    for start in range(0, a.size, BLOCK):
        block = a[start : start + BLOCK]
        block = block.astype(np.complex128 if block.dtype.kind == "c" else np.float64)
        if scale != 1.0:
            block = block / scale
        if order == 2:
            total += float(np.vdot(block, block).real)
        else:
            total += float((np.abs(block) ** order).sum())
    return total
