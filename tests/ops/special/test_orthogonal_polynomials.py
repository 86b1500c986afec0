"""Orthogonal polynomials beside NumPy's, with all their derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy import polynomial

import lucid

SERIES = {
    "chebyshev_polynomial_t": polynomial.Chebyshev,
    "hermite_polynomial_h": polynomial.Hermite,
    "hermite_polynomial_he": polynomial.HermiteE,
    "laguerre_polynomial_l": polynomial.Laguerre,
    "legendre_polynomial_p": polynomial.Legendre,
}
X = np.array([-2.0, -1.0, -0.3, 0.0, 0.5, 1.0, 3.0])


def derivative(name: str, x: Any, n: Any, order: int) -> np.ndarray:
    leaf = lucid.Tensor(x, dtype=x.dtype, requires_grad=True)
    value = getattr(lucid.special, name)(leaf, n)
    for _ in range(order):
        (value,) = lucid.autograd.grad(value.sum(), leaf, create_graph=True)
    return value.detach().numpy()


@pytest.mark.parametrize("order", [0, 1, 2, 3])
@pytest.mark.parametrize("name", SERIES)
def test_derivatives(name: str, order: int) -> None:
    for n in (0, 1, 2, 5, 8):
        known = SERIES[name].basis(n).deriv(order)(X)
        scale = np.abs(known).max() + 1
        np.testing.assert_allclose(derivative(name, X, n, order), known, atol=1e-13 * scale)


@pytest.mark.parametrize("kind", "tuvw")
def test_shifted_ones(kind: str) -> None:
    for order in (0, 1, 2):
        found = derivative(f"shifted_chebyshev_polynomial_{kind}", X, 6, order)
        known = 2.0**order * derivative(f"chebyshev_polynomial_{kind}", 2 * X - 1, 6, order)
        np.testing.assert_allclose(found, known, rtol=1e-12)


def test_angles() -> None:
    theta = np.linspace(0.1, 3.0, 50)
    for n in (0, 3, 40):
        known = {
            "t": np.cos(n * theta),
            "u": np.sin((n + 1) * theta) / np.sin(theta),
            "v": np.cos((n + 0.5) * theta) / np.cos(theta / 2),
            "w": np.sin((n + 0.5) * theta) / np.sin(theta / 2),
        }
        for kind, values in known.items():
            found = derivative(f"chebyshev_polynomial_{kind}", np.cos(theta), n, 0)
            np.testing.assert_allclose(found, values, atol=1e-12)


def test_degrees_of_each_element() -> None:
    n = lucid.tensor(np.array([[-1], [0], [4]]))
    found = derivative("legendre_polynomial_p", np.tile(X, (3, 1)), n, 1)
    known = [0 * X, 0 * X, polynomial.Legendre.basis(4).deriv()(X)]
    np.testing.assert_allclose(found, known, atol=1e-12)
    assert lucid.special.legendre_polynomial_p(lucid.ones(0, 3), 2).shape == (0, 3)
    assert lucid.special.legendre_polynomial_p(lucid.ones(1, 3), lucid.ones(0, 3)).shape == (0, 3)


def test_messages() -> None:
    with pytest.raises(lucid.errors.ShapeError, match="orthogonal_polynomial"):
        lucid.special.hermite_polynomial_h(lucid.ones(2), lucid.ones(3))
    with pytest.raises(lucid.errors.DTypeError, match="shifted_chebyshev_polynomial_t: takes real"):
        lucid.special.shifted_chebyshev_polynomial_t(lucid.tensor([1j]), 2)
