"""Triangular systems: every triangle, size and batch, and zeros on the diagonal."""

import numpy as np
import pytest

from lucid.kernels.triangular import solve_triangular
from lucid.testing.cases import kernels


@pytest.fixture(autouse=True, params=[True, False], ids=["compiled", "reference"])
def compiled(request):
    with kernels(request.param):
        yield


@pytest.mark.parametrize("upper", [True, False])
@pytest.mark.parametrize("unit", [True, False])
@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize(
    ("a", "b"),
    [
        *(((1, 1), (1, 1)), ((5, 5), (5, 2)), ((150, 150), (150, 3)), ((30, 4, 4), (30, 4, 2))),
        *(((2, 1, 3, 3), (4, 3, 2)), ((3, 3), (2, 3, 1)), ((0, 0), (0, 2)), ((2, 2), (2, 0))),
    ],
)
def test_solves(a, b, dtype, unit, upper):
    rng = np.random.default_rng(0)
    n = a[-1]
    whole = (rng.standard_normal(a) / max(n, 1) + 2 * np.eye(n)).astype(dtype)
    right = rng.standard_normal(b).astype(dtype)
    before = whole.copy()
    x = solve_triangular(whole, right, upper, unit)
    triangle = np.triu(whole) if upper else np.tril(whole)
    if unit:
        triangle[..., range(n), range(n)] = 1
    np.testing.assert_allclose(triangle @ x, np.broadcast_to(right, x.shape), atol=1e-12)
    np.testing.assert_array_equal(whole, before)


@pytest.mark.parametrize("copies", [1, 50])
def test_zeros_divide(copies):
    a = np.broadcast_to(np.array([[1.0, 0], [0, 0]]), (copies, 2, 2))
    x = solve_triangular(a, np.ones((copies, 2, 1)), False)
    np.testing.assert_array_equal(x[..., 0], [[1.0, np.inf]] * copies)
