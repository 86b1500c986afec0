"""Updates that see a parameter as the matrix it is, not as a row of numbers.

Here ``p`` and ``g`` have the parameter's shape, and ``s`` is a tuple of arrays. What takes the
time is NumPy's: products of matrices, norms along an axis.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np


class MatrixRule:
    """An update that has only its reference; stands where a `Rule` stands."""

    __slots__ = ("reference",)

    def __init__(self, reference: Callable[..., None]) -> None:
        self.reference = reference

    def choose(self, size: int, dtype: Any) -> Callable[..., None]:
        """The reference, whatever the size."""
        return self.reference


# ---- Adafactor ------------------------------------------------------------------------
# h: share of the new squares, step relative to p, least size of p, eps (below 0: of the
# dtype), threshold d, factor on p. s: means of g^2 along the rows and the columns, or of g^2
# itself.


def adafactor_reference(p: Any, g: Any, s: Any, h: Any) -> None:
    """p -= step max(eps2, rms(p)) u / max(1, rms(u) / d),  u = g / sqrt(estimate of g^2)."""
    new, relative, least, eps, threshold, shrink = h.tolist()
    eps = eps if eps >= 0 else float(np.finfo(p.dtype).eps)
    step = relative * max(least, _rms(p))
    if shrink != 1:
        p *= shrink
    if len(s) == 1:
        (v,) = s
        v += (g * g - v) * new
        root = np.sqrt(v, out=np.empty_like(v))  # an array also where p has no dimensions
    else:
        rows, columns = s
        squares = g * g
        rows += (squares.mean(-1, keepdims=True) - rows) * new
        columns += (squares.mean(-2, keepdims=True) - columns) * new
        # the root of a product of two vectors, from theirs: few roots, no division
        share = rows / np.maximum(rows.mean(-2, keepdims=True), eps)
        root = np.sqrt(share) * np.sqrt(columns)
    np.maximum(root, eps, out=root)
    update = np.divide(g, root, out=root)
    update *= step / max(1.0, _rms(update) / threshold)
    p -= update


def _rms(x: Any) -> float:
    """The root of the mean square of all elements."""
    flat = x.ravel()
    return math.sqrt(float(flat.dot(flat)) / flat.size) if flat.size else 0.0


# ---- Muon -----------------------------------------------------------------------------
# h: momentum, nesterov, lr, whether the step has the size of AdamW's, factor on p, eps,
# rounds, and the polynomial's a, b, c. s: the momentum.


def muon_reference(p: Any, g: Any, s: Any, h: Any) -> None:
    """b += (1 - momentum)(g - b),  p = shrink p - step orthogonalized(g + momentum (b - g))."""
    momentum, nesterov, lr, as_adamw, shrink, eps, rounds, *polynomial = h.tolist()
    height, width = p.shape
    ratio = 0.2 * math.sqrt(max(height, width)) if as_adamw else math.sqrt(max(1, height / width))
    (b,) = s
    b += (g - b) * (1 - momentum)
    direction = g + (b - g) * momentum if nesterov else b
    p *= shrink
    p -= lr * ratio * orthogonalized(direction, polynomial, int(rounds), eps)


def orthogonalized(x: Any, polynomial: list[float], rounds: int, eps: float) -> Any:
    """About ``U V'`` of the singular value decomposition ``U S V'``, by Newton-Schulz rounds.

    Each round replaces X by ``a X + (b A + c A^2) X`` with ``A = X X'``, which drives all
    singular values, at first between 0 and 1, towards 1.

    Examples
    --------
    >>> x = orthogonalized(np.diag([3.0, 4.0]), [1.5, -0.5, 0.0], 20, 1e-7)
    >>> np.allclose(x, np.eye(2))
    True
    """
    a, b, c = polynomial
    flip = x.shape[0] > x.shape[1]
    x = x.T if flip else x
    x = x / max(float(np.linalg.norm(x)), eps)
    for _ in range(rounds):
        gram = x @ x.T
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return x.T if flip else x


adafactor = MatrixRule(adafactor_reference)
muon = MatrixRule(muon_reference)
