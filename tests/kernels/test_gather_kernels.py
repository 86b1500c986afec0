"""Gathering along a dimension, and its gradient: the loops agree with NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from lucid.kernels import gather as loops
from lucid.testing.cases import kernels

pytest.importorskip("numba")

SHAPES = [((5, 7), 3), ((4, 6, 3), 9), ((700, 500), 500)]


@pytest.mark.parametrize(("shape", "count"), SHAPES)
@pytest.mark.parametrize("axis", [0, 1])
def test_gather_and_its_gradient(shape, count, axis):
    rng = np.random.default_rng(0)
    places = list(shape)
    places[axis] = count
    x = rng.standard_normal(shape).astype(np.float32)
    index = rng.integers(0, shape[axis], places)
    g = rng.integers(-9, 9, places).astype(np.float32)  # whole, so that sums are exact
    with kernels(True):
        picked, added = loops.gather(x, index, axis), loops.add_along(g, index, axis, shape[axis])
    with kernels(False):
        np.testing.assert_array_equal(picked, loops.gather(x, index, axis))
        np.testing.assert_array_equal(added, loops.add_along(g, index, axis, shape[axis]))


@pytest.mark.parametrize("on", [True, False])
@pytest.mark.parametrize("wrong", [-1, 3])
def test_indices_outside_are_refused(on, wrong):
    index = np.array([[0, 1], [wrong, 2]])
    with kernels(on):
        with pytest.raises(IndexError, match="outside of 0 to 2"):
            loops.gather(np.zeros((2, 3), np.float32), index, 1)
        with pytest.raises(IndexError, match="outside of 0 to 2"):
            loops.add_along(np.zeros((2, 2), np.float32), index, 1, 3)
