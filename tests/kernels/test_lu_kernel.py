"""LU factors: compiled columns and their reference, and permutations from exchanges."""

import numpy as np
import pytest

from lucid.kernels.lu import lu_factor, permutation
from lucid.testing.cases import kernels


def draw(*shape, dtype="float64"):
    return np.random.default_rng(0).standard_normal(shape).astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("pivot", [True, False])
@pytest.mark.parametrize("shape", [(3, 3), (2, 7, 4), (4, 7), (90, 130), (120, 60), (0, 3, 3)])
def test_compiled_and_reference_agree(shape, pivot, dtype):
    a = draw(*shape, dtype=dtype)
    if not pivot:
        np.einsum("...ii->...i", a[..., : min(shape[-2:]), : min(shape[-2:])])[...] += 30
    with kernels(False):
        expected = lu_factor(a, pivot)
    with kernels(True):
        found = lu_factor(a, pivot)
    np.testing.assert_allclose(found[0], expected[0], 1e-3 if dtype == "float32" else 1e-9, 1e-4)
    np.testing.assert_array_equal(found[1], expected[1])
    np.testing.assert_array_equal(found[2], expected[2])


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_strange_columns(bad, compiled):
    a = draw(3, 3)
    a[:, 0] = bad
    with kernels(compiled):
        factors, pivots, info = lu_factor(a)
    assert pivots[0] == 1  # of equals, and of NaN, the first
    assert info == (1 if bad == 0 else 0)
    assert np.isfinite(factors).all() == (bad == 0)


def test_the_input_is_left_alone():
    a = draw(60, 60)
    before = a.copy()
    lu_factor(a)
    np.testing.assert_array_equal(a, before)


def test_permutations():
    orders = permutation(np.array([[2, 2, 2], [0, 1, 2]]), 4)
    np.testing.assert_array_equal(orders, [[2, 0, 1, 3], [0, 1, 2, 3]])
