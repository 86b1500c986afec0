"""Inverses: singular matrices, empty ones, and what is refused."""

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, DTypeError, LinAlgError, ShapeError

SINGULAR = np.stack([np.eye(2), np.ones((2, 2)), np.zeros((2, 2))])


def test_inv_names_the_singular_matrix():
    with pytest.raises(LinAlgError, match=r"linalg.inv: batch element 1: .* pivot 2 .* zero"):
        lucid.linalg.inv(lucid.tensor(SINGULAR))


def test_inv_ex_goes_on():
    found = lucid.linalg.inv_ex(lucid.tensor(SINGULAR))
    assert found.info.tolist() == [0, 2, 1]
    np.testing.assert_array_equal(found.inverse.numpy()[0], np.eye(2))
    assert np.isnan(found.inverse.numpy()[1:]).all()
    with pytest.raises(LinAlgError, match=r"linalg\.inv_ex: batch element 1"):
        lucid.linalg.inv_ex(lucid.tensor(SINGULAR), check_errors=True)


@pytest.mark.parametrize("shape", [(0, 0), (0, 2, 2), (3, 0, 0)])
def test_no_elements(shape):
    assert lucid.linalg.inv(lucid.zeros(*shape)).shape == shape
    assert lucid.linalg.inv_ex(lucid.zeros(*shape)).info.shape == shape[:-2]


def test_nan_passes_through():
    assert np.isnan(lucid.inverse(lucid.full((2, 2), np.nan)).numpy()).all()


def test_tensorinv_undoes_tensordot():
    a = lucid.tensor(np.random.default_rng(0).standard_normal((4, 6, 8, 3)))
    b = lucid.tensor(np.random.default_rng(1).standard_normal((4, 6)))
    inverse = lucid.linalg.tensorinv(a)
    np.testing.assert_allclose(
        lucid.tensordot(inverse, b, 2).numpy(), lucid.linalg.tensorsolve(a, b).numpy(), rtol=1e-9
    )


def test_refusals():
    with pytest.raises(ShapeError, match="square"):
        lucid.linalg.inv(lucid.zeros(2, 3))
    with pytest.raises(DTypeError, match="not list"):
        lucid.linalg.inv([[1.0]])
    with pytest.raises(DTypeError, match="int64"):
        lucid.linalg.inv_ex(lucid.tensor([[1]]))
    with pytest.raises(ArgumentError, match="positive"):
        lucid.linalg.tensorinv(lucid.zeros(2, 2), ind=0)
    with pytest.raises(ShapeError, match="equal products"):
        lucid.linalg.tensorinv(lucid.zeros(2, 3), ind=1)
