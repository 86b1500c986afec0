"""The exponential of matrices: every size of norm, strange values, and what is refused."""

import numpy as np
import pytest

import lucid
from lucid.errors import DTypeError, ShapeError

RNG = np.random.default_rng(0)
A = RNG.standard_normal((4, 4))


@pytest.mark.parametrize("size", [0.0, 1e-8, 1e-3, 0.03, 0.2, 0.7, 1.0, 5.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
def test_by_eigenvalues(size, dtype):
    symmetric = (A + A.T) * size
    w, v = np.linalg.eigh(symmetric)
    expected = v * np.exp(w) @ v.T
    found = lucid.matrix_exp(lucid.tensor(symmetric.astype(dtype)))
    assert found.dtype == dtype
    rounding = np.finfo(dtype).eps * 20 * np.abs(expected).max()
    np.testing.assert_allclose(found.numpy(), expected, rtol=0, atol=rounding)


def test_norms_of_a_batch_do_not_meddle():
    batch = np.stack([A * s for s in (1e-4, 1.0, 10.0)])
    found = lucid.matrix_exp(lucid.tensor(batch)).numpy()
    for x, y in zip(batch, found, strict=True):
        np.testing.assert_allclose(lucid.matrix_exp(lucid.tensor(x)).numpy(), y, rtol=1e-12)


def test_strange_values_stay_in_their_matrix():
    batch = np.stack([np.zeros((2, 2)), np.full((2, 2), np.inf), np.diag([np.nan, 0.0])])
    found = lucid.matrix_exp(lucid.tensor(batch)).numpy()
    np.testing.assert_array_equal(found[0], np.eye(2))
    assert np.isnan(found[1:]).all()


def test_narrow_and_no_elements():
    assert lucid.matrix_exp(lucid.zeros(2, 2, dtype=lucid.float16)).dtype == lucid.float16
    assert lucid.matrix_exp(lucid.zeros(0, 3, 3)).shape == (0, 3, 3)
    assert lucid.matrix_exp(lucid.zeros(2, 0, 0)).shape == (2, 0, 0)


def test_refusals():
    with pytest.raises(ShapeError, match="square"):
        lucid.matrix_exp(lucid.zeros(2, 3))
    with pytest.raises(DTypeError, match="floating"):
        lucid.matrix_exp(lucid.zeros(2, 2, dtype=lucid.int64))
