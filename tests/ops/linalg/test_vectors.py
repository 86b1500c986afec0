"""Cross and scalar products, Vandermonde's matrices: shapes, dtypes, and what is refused."""

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, IndexingError, ShapeError

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(("a", "b"), [((3,), (3,)), ((2, 3), (1, 3)), ((2, 1, 3), (1, 4, 3))])
def test_cross_is_numpys(a, b):
    x, y = RNG.standard_normal(a), RNG.standard_normal(b)
    np.testing.assert_allclose(
        lucid.linalg.cross(lucid.tensor(x), lucid.tensor(y)), np.cross(x, y), atol=1e-15
    )


def test_cross_takes_the_first_dimension_of_length_3():
    x = lucid.tensor(RNG.standard_normal((3, 3, 3)))
    y = lucid.tensor(RNG.standard_normal((3, 3, 3)))
    np.testing.assert_array_equal(x.cross(y), lucid.linalg.cross(x, y, dim=0))
    np.testing.assert_array_equal(lucid.cross(x, y, axis=-1), lucid.linalg.cross(x, y))


def test_vander():
    x = lucid.tensor([True, False])
    assert lucid.linalg.vander(x).tolist() == [[1, 1], [1, 0]]
    assert lucid.vander(lucid.tensor([2, 3]), 0).shape == (2, 0)
    assert lucid.vander(lucid.tensor([2, 3]), 1).tolist() == [[1], [1]]
    assert lucid.vander(lucid.tensor([0.0, 2.0]), 3, True).tolist() == [[1, 0, 0], [1, 2, 4]]
    assert lucid.linalg.vander(lucid.zeros(2, 0)).shape == (2, 0, 0)


def test_vecdot_conjugates_the_first():
    x, y = lucid.tensor([1j, 2.0]), lucid.tensor([1j, 1.0])
    assert lucid.linalg.vecdot(x, y).item() == 3


def test_refusals():
    three, four = lucid.ones(3), lucid.ones(4)
    with pytest.raises(ShapeError, match="equally many dimensions"):
        lucid.linalg.cross(lucid.ones(2, 3), three)
    with pytest.raises(ShapeError, match="must have length 3"):
        lucid.linalg.cross(four, four)
    with pytest.raises(ShapeError, match="no dimension of the input has length 3"):
        lucid.cross(four, four)
    with pytest.raises(IndexingError, match="no dimension 1"):
        lucid.linalg.cross(three, three, dim=1)
    with pytest.raises(ShapeError, match="broadcast"):
        lucid.linalg.vecdot(three, four)
    with pytest.raises(ShapeError, match="takes a vector"):
        lucid.vander(lucid.ones(2, 2))
    with pytest.raises(ShapeError, match="takes a vector"):
        lucid.linalg.vander(lucid.tensor(1.0))
    with pytest.raises(ArgumentError, match="more than 1"):
        lucid.linalg.vander(three, N=1)
    with pytest.raises(ArgumentError, match="different"):
        lucid.linalg.diagonal(lucid.ones(2, 2), dim1=0, dim2=0)
