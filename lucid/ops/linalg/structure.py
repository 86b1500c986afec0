"""Matrices taken by their structure: adjoint, Hermitian part, diagonal; and their samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.tensor import values
from ...errors import GradError, LinAlgError, compose
from ...samples import Draw, Sample
from ..gathering import take_along_dim
from ..selection import where


def adjoint(x: Any) -> Any:
    """Matrices transposed and conjugated."""
    x = x.swapaxes(-2, -1)
    return x.conj() if x.dtype.kind == "c" else x


def hermitian_part(x: Any) -> Any:
    """The Hermitian matrices nearest to `x`."""
    return (x + adjoint(x)) * 0.5


def skew_part(x: Any) -> Any:
    """The skew-Hermitian matrices nearest to `x`."""
    return (x - adjoint(x)) * 0.5


def half_diagonal(x: Any) -> Any:
    """Matrices with the diagonal halved."""
    return where(on_diagonal(x), x * 0.5, x)


def on_diagonal(x: Any) -> Any:
    """The mask of the diagonal of matrices."""
    return np.eye(*x.shape[-2:], dtype=np.bool_)


def with_diagonal(x: Any, diagonal: Any) -> Any:
    """Square matrices with another diagonal."""
    return where(on_diagonal(x), as_row(diagonal), x)


def with_unit_diagonal(x: Any) -> Any:
    """Matrices with ones on the diagonal."""
    return where(on_diagonal(x), 1.0, x)


def as_row(x: Any) -> Any:
    """Vectors as matrices of one row: ``V * as_row(w)`` scales the columns of V."""
    return x.reshape((*x.shape[:-1], 1, x.shape[-1]))


def as_column(x: Any) -> Any:
    """Vectors as matrices of one column: ``as_column(w) * V`` scales the rows of V."""
    return x.reshape((*x.shape, 1))


def rows_in_order(x: Any, order: Any) -> Any:
    """The rows of matrices in another order; the leading dimensions of the two broadcast."""
    ndim = max(x.ndim, order.ndim + 1)
    if x.ndim < ndim:
        x = x.reshape((1,) * (ndim - x.ndim) + tuple(x.shape))
    order = order.reshape((1,) * (ndim - 1 - order.ndim) + order.shape)
    return take_along_dim(x, order[..., None], -2)


# ---- errors ---------------------------------------------------------------------------


def failure(caller: str, info: Any, problem: str, fix: str | None = None, **seen: Any) -> Any:
    """The error for the first matrix of a batch whose `info` is not zero.

    ``{order}`` in `problem` stands for that number.
    """
    place = np.argwhere(info)[0].tolist()
    element = f"batch element {place[0] if len(place) == 1 else tuple(place)}: " if place else ""
    text = element + problem.format(order=info[tuple(place)])
    return LinAlgError(compose(caller, text, seen, fix))


def refuse_phase(caller: str, turning: Any) -> None:
    """Refuse the gradient of a loss that depends on the phases of complex vectors.

    `turning` has the derivative of the loss in the phase of every vector, times i.

    Raises
    ------
    GradError
        If one of them is not nearly zero.
    """
    derivative = values(turning)
    if derivative.size and np.abs(derivative.imag).max() > 1e-2:
        problem = (
            "the loss depends on the phase of complex vectors, which are determined only up "
            "to a factor exp(i phi), so its gradient is not defined"
        )
        fix = "use what no phase changes, such as V.abs() or V @ V.mT.conj()"
        raise GradError(compose(caller, problem, fix=fix))


# ---- samples --------------------------------------------------------------------------


def through_hermitian(op: Callable[..., Any], x: Any) -> Any:
    """Run an op on the Hermitian part: it reads one triangle, and its gradient fills both."""
    return op(hermitian_part(x))


def positive_definite(draw: Draw, *shape: int) -> Any:
    """Hermitian matrices with all eigenvalues above 1."""
    x = draw(*shape)
    return x @ adjoint(x) + np.eye(shape[-1])


def hermitian_samples(*inputs: Any, **static: Any) -> list[Sample]:
    """Samples of an op on Hermitian matrices."""
    return [Sample((x,), static, through_hermitian) for x in inputs]
