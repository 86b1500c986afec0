"""Slopes of samples: NumPy's, integers, and what is refused."""

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, IndexingError, ShapeError


@pytest.mark.parametrize("edge_order", [1, 2])
@pytest.mark.parametrize("count", [3, 4, 7])
def test_is_numpys(count, edge_order):
    rng = np.random.default_rng(count)
    y, x = rng.standard_normal((2, count)), np.cumsum(rng.uniform(0.5, 1.5, count))
    (even,) = lucid.gradient(lucid.tensor(y), spacing=0.5, dim=1, edge_order=edge_order)
    np.testing.assert_allclose(even, np.gradient(y, 0.5, axis=1, edge_order=edge_order))
    (uneven,) = lucid.gradient(
        lucid.tensor(y), spacing=(lucid.tensor(x),), dim=1, edge_order=edge_order
    )
    np.testing.assert_allclose(uneven, np.gradient(y, x, axis=1, edge_order=edge_order))


def test_two_samples():
    assert lucid.gradient(lucid.tensor([1, 4]))[0].tolist() == [3, 3]
    (slope,) = lucid.gradient(lucid.tensor([1.0, 4.0]), spacing=[lucid.tensor([0.0, 2.0])])
    assert slope.tolist() == [1.5, 1.5]


def test_refusals():
    x = lucid.ones(3, 3)
    with pytest.raises(ArgumentError, match="edge_order must be 1 or 2"):
        lucid.gradient(x, edge_order=3)
    with pytest.raises(ArgumentError, match="each of 2 directions"):
        lucid.gradient(x, spacing=[1.0])
    with pytest.raises(ShapeError, match="at least 3 samples"):
        lucid.gradient(lucid.ones(2), edge_order=2)
    with pytest.raises(ShapeError, match="a vector of 3"):
        lucid.gradient(x, spacing=[lucid.ones(2), lucid.ones(3)])
    with pytest.raises(IndexingError, match="no dimension 2"):
        lucid.gradient(x, dim=2)
    assert lucid.gradient(x, dim=()) == ()
    with pytest.raises(ArgumentError, match="named twice"):
        lucid.gradient(x, dim=(0, -2))
