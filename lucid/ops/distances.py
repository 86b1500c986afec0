"""Distances: between two tensors, and between all pairs of two sets of points."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, values
from ..dtypes import is_floating
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from ..samples import Draw, ErrorSample, Sample
from .arithmetic import sub
from .autocasting import casting, raised
from .bind import method
from .indexing import HERE, read
from .promotion import promote
from .selection import where
from .shape import unsqueeze
from .vector_norm import _norm, norm


def _samples(draw: Draw) -> list[Sample]:
    return [
        draw.sample(draw(4, 3), draw(5, 3), p=2.0),
        draw.sample(draw(2, 1, 4, 3), draw(3, 5, 3), p=2.0),
        draw.sample(draw(40, 30), draw(30, 30) + 5, p=2.0),
        draw.sample(draw(0, 3), draw(2, 3), p=2.0),
        draw.sample(draw(2, 0), draw(3, 0), p=2.0),
        draw.sample(draw.apart(4, 3), draw.apart(5, 3) + 0.05, p=1.0),
        draw.sample(draw(2, 1, 4, 3), draw(3, 5, 3), p=3.0),
        draw.sample(draw(0, 3), draw(2, 3), p=1.5),
    ]


def _error_samples(draw: Draw) -> list[ErrorSample]:
    x, y = Tensor(draw(2, 3)), Tensor(draw(2, 4))
    return [
        draw.error(lambda: cdist(x, y), ShapeError, "as many coordinates"),
        draw.error(lambda: cdist(x, x, p=-1.0), ArgumentError, "not be negative"),
    ]


@primitive(
    "cdist",
    saves=("a", "b", "out"),
    broadcasts=True,
    samples=_samples,
    error_samples=_error_samples,
)
def _cdist(a: Any, b: Any, *, p: float) -> Any:
    return _euclidean(a, b) if p == 2 else _in_blocks(a, b, p)


def _differences(a: Any, b: Any) -> Any:
    return a[..., :, None, :] - b[..., None, :, :]


def _in_blocks(a: Any, b: Any, p: float, size: int = 1 << 15) -> Any:
    """The norms of the differences, of so many rows at once that these stay in cache."""
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    out = np.empty((*batch, a.shape[-2], b.shape[-2]), a.dtype)
    step = max(1, size // max(1, b.shape[-2] * b.shape[-1]))
    for start in range(0, a.shape[-2], step):
        rows = slice(start, start + step)
        d = _differences(a[..., rows, :], b)
        out[..., rows, :] = _norm.forward(d, p=p, axis=(d.ndim - 1,), keepdims=False)
    return out


def _euclidean(a: Any, b: Any) -> Any:
    if a.shape[-2] * b.shape[-2] * b.shape[-1] <= _FEW:
        return np.sqrt(_squares(_differences(a, b)))
    shift = b.mean(-2, keepdims=True)
    x, y = a - shift, b - shift
    in_x, in_y = (_squares(points)[..., None] for points in (x, y))
    # |x|^2 - 2 x y + |y|^2 as one product
    left = np.concatenate([x * -2, in_x, np.ones_like(in_x)], -1)
    right = np.concatenate([y, np.ones_like(in_y), in_y], -1)
    squares = left @ right.mT
    largest = in_x.max(initial=0) + in_y.max(initial=0)
    if not squares.min(initial=np.inf) > largest * 0.01:
        near = ~(squares > (in_x + in_y.mT) * 0.01)  # most digits are lost, or it is not finite
        _measure(squares, near, a, b)
    return np.sqrt(squares, out=squares)


_FEW = 1 << 12  # so few differences are subtracted faster than multiplied


def _squares(x: Any) -> Any:
    return np.vecdot(x, x)


def _measure(squares: Any, chosen: Any, a: Any, b: Any, block: int = 1 << 14) -> None:
    """Put in the squared distances of chosen pairs, from their differences, block by block."""
    batch = squares.shape[:-2]
    a = np.broadcast_to(a, (*batch, *a.shape[-2:]))
    b = np.broadcast_to(b, (*batch, *b.shape[-2:]))
    places = np.nonzero(chosen)
    for start in range(0, len(places[0]), block):
        *outer, i, j = (p[start : start + block] for p in places)
        difference = a[(*outer, i)] - b[(*outer, j)]
        squares[(*outer, i, j)] = _squares(difference)


@_cdist.rule
def _(g, y, a, b, *, p, needs):
    if p == 2:
        return _toward_both(g, y, a, b, needs)
    d = _differences(a, b)
    (pull,) = _norm.vjp(g, y, d, p=p, axis=(d.ndim - 1,), keepdims=False)  # type: ignore[misc]
    return pull.sum(axis=-2), -pull.sum(axis=-3)


def _toward_both(g: Any, y: Any, a: Any, b: Any, needs: Any) -> Any:
    """With d |a - b| = (a - b) / |a - b|, and 0 where they meet, as products of matrices."""
    meet = values(y) == 0
    pull = where(meet, 0.0, g / where(meet, 1.0, y))
    if b.shape[-2]:  # the middle is subtracted from both, so that less is lost
        shift = values(b).mean(-2, keepdims=True)
        a, b = a - shift, b - shift
    toward_a = toward_b = None
    if needs[0]:
        toward_a = a * pull.sum(axis=-1, keepdims=True) - pull @ b
    if needs[1]:
        toward_b = b * pull.sum(axis=-2, keepdims=True).mT - pull.mT @ a
    return toward_a, toward_b


_MODES = (
    "use_mm_for_euclid_dist_if_necessary",
    "use_mm_for_euclid_dist",
    "donot_use_mm_for_euclid_dist",
)


def cdist(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: str | None = None) -> Tensor:
    r"""The distances between all pairs of two sets of points, :math:`\lVert x_i - y_j \rVert_p`.

    Parameters
    ----------
    x1 : Tensor
        Shape ``(..., P, M)``: P points with M coordinates. Floating.
    x2 : Tensor
        Shape ``(..., R, M)``. The leading dimensions broadcast.
    p : float, default 2.0
        Which norm; 0 counts the coordinates that differ, inf takes the largest difference.
    compute_mode : str, optional
        PyTorch's choices are accepted and change nothing: distances with p = 2 are found by
        products of matrices, and those anew that would be inaccurate so.

    Returns
    -------
    Tensor
        Shape ``(..., P, R)``. The gradient of a distance of 0 is 0.

    Raises
    ------
    ShapeError
        If an operand has fewer than two dimensions, or the numbers of coordinates differ.
    DTypeError
        If an operand is not floating.
    ArgumentError
        If `p` is negative, or there is no such mode.

    Examples
    --------
    >>> import lucid
    >>> lucid.cdist(lucid.tensor([[0.0, 0.0]]), lucid.tensor([[3.0, 4.0], [0.0, 1.0]]))
    Tensor([[5.0000, 1.0000]])
    """
    for name, x in (("x1", x1), ("x2", x2)):
        _points("cdist", name, x)
    if x1.shape[-1] != x2.shape[-1]:
        problem = "x2 must have as many coordinates as x1, in the last dimension"
        raise ShapeError(compose("cdist", problem, {"x1": x1, "x2": x2}))
    _order("cdist", p)
    if compute_mode not in (None, *_MODES):
        problem = f"compute_mode must be one of {', '.join(_MODES)}"
        raise ArgumentError(compose("cdist", problem, {"compute_mode": compute_mode}))
    if casting:
        x1, x2 = raised(x1, x2)
    a, b = promote("cdist", x1, x2)
    if 0 < p < math.inf and a.dtype.itemsize > 2:
        return apply(_cdist, a, b, p=float(p))
    return norm(sub(unsqueeze(a, -2), unsqueeze(b, -3)), float(p), -1)


def _points(caller: str, name: str, x: Any) -> None:
    if not isinstance(x, Tensor) or not is_floating(x.dtype):
        raise DTypeError(compose(caller, f"{name} must be a floating tensor", {name: x}))
    if x.ndim < 2:
        problem = f"{name} must have shape (..., points, coordinates)"
        raise ShapeError(compose(caller, problem, {name: x}))


def _order(caller: str, p: float) -> None:
    if not p >= 0:
        raise ArgumentError(compose(caller, "p must not be negative", {"p": p}))


def pdist(input: Tensor, p: float = 2.0) -> Tensor:
    r"""The distances between all pairs of points, each pair once.

    Parameters
    ----------
    input : Tensor
        Shape ``(N, M)``: N points with M coordinates. Floating.
    p : float, default 2.0
        Which norm, as for `cdist`.

    Returns
    -------
    Tensor
        Shape ``(N (N - 1) / 2,)``: the part of ``cdist(input, input)`` above the diagonal, row
        by row.

    Raises
    ------
    ShapeError
        If `input` is no matrix.
    DTypeError
        If `input` is not floating.
    ArgumentError
        If `p` is negative.

    Examples
    --------
    >>> import lucid
    >>> lucid.pdist(lucid.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]]))
    Tensor([5.0000, 1.0000, 4.2426])
    """
    _points("pdist", "input", input)
    if input.ndim != 2:
        raise ShapeError(compose("pdist", "takes a matrix", {"input": input}))
    _order("pdist", p)
    i, j = np.triu_indices(input.shape[0], 1)
    return norm(sub(read(input, (i,), (HERE,)), read(input, (j,), (HERE,))), float(p), -1)


@method("dist")
def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    r"""The distance of two tensors, :math:`\lVert x - y \rVert_p` over all elements.

    Parameters
    ----------
    input, other : Tensor
        Floating or complex; they broadcast.
    p : float, default 2
        Which norm.

    Returns
    -------
    Tensor
        0-d and real.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DTypeError
        If the operands are neither floating nor complex.

    Examples
    --------
    >>> import lucid
    >>> lucid.dist(lucid.tensor([0.0, 0.0]), lucid.tensor([3.0, 4.0]))
    Tensor(5.0000)
    """
    return norm(sub(input, other), p)
