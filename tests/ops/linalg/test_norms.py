"""Norms and condition numbers: empty tensors, dtypes, singular matrices, and what is refused."""

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, DTypeError, IndexingError, ShapeError

INF = float("inf")
linalg = lucid.linalg


@pytest.mark.parametrize("shape", [(2, 0), (0, 2), (0, 0), (2, 0, 3)])
@pytest.mark.parametrize("ord", ["fro", "nuc", INF, 1, 2])
def test_matrices_of_no_elements(shape, ord):
    assert not linalg.matrix_norm(lucid.zeros(*shape), ord).numpy().any()


def test_vectors_of_no_elements():
    assert linalg.vector_norm(lucid.zeros(0), 1) == 0
    assert linalg.vector_norm(lucid.zeros(0, 2), INF, dim=1).shape == (0,)
    for ord in (INF, -INF, -1):
        with pytest.raises(ArgumentError, match="no norm of order"):
            linalg.vector_norm(lucid.zeros(0), ord)


def test_dtypes():
    x = lucid.tensor([3.0, 4.0], dtype=lucid.float16)
    assert linalg.vector_norm(x).dtype == lucid.float16
    assert linalg.norm(x, dtype=lucid.float64).dtype == lucid.float64
    assert linalg.matrix_norm(x.reshape(1, 2), 1, dtype=lucid.float32).dtype == lucid.float32
    assert linalg.matrix_norm(lucid.ones(2, 2, dtype=lucid.complex64), "nuc").dtype == "float32"


def test_gradient_is_zero_where_the_norm_is():
    x = lucid.zeros(2, 2, requires_grad=True)
    linalg.norm(x).backward()
    assert not x.grad.numpy().any()


@pytest.mark.parametrize("p", ["fro", "nuc", INF, -INF, 1, -1])
def test_cond_of_singular_matrices(p):
    a = lucid.tensor(np.stack([np.ones((2, 2)), 2 * np.eye(2)]), requires_grad=True)
    found = linalg.cond(a, p)
    assert found[0] == INF
    found[1].backward()
    assert not np.isnan(a.grad.numpy()).any()


def test_cond_of_no_elements():
    assert linalg.cond(lucid.zeros(2, 0, 0)).tolist() == [0, 0]
    assert linalg.cond(lucid.zeros(2, 0, 0), 1).tolist() == [0, 0]
    assert np.isnan(linalg.cond(lucid.zeros(2, 2)).item())


def test_refusals():
    eye = lucid.eye(2)
    with pytest.raises(ArgumentError, match="one of 'fro'"):
        linalg.matrix_norm(eye, 3)
    with pytest.raises(ArgumentError, match="pair of different dimensions"):
        linalg.matrix_norm(eye, dim=(0, 0))
    with pytest.raises(ArgumentError, match="pair of different dimensions"):
        linalg.norm(eye, "fro", dim=1)
    with pytest.raises(ArgumentError, match="must be a number"):
        linalg.vector_norm(eye, "fro")
    with pytest.raises(ShapeError, match="one dimension or two"):
        linalg.norm(lucid.ones(2, 2, 2), 2)
    with pytest.raises(DTypeError, match="floating"):
        linalg.norm(lucid.tensor([1, 2]))
    with pytest.raises(IndexingError, match="no dimension 3"):
        linalg.vector_norm(eye, dim=3)
    with pytest.raises(ShapeError, match="square"):
        linalg.cond(lucid.ones(2, 3), 1)
    with pytest.raises(ArgumentError, match="at most two"):
        lucid.frobenius_norm(lucid.ones(2, 2, 2), (0, 1, 2))
