"""Systems of equations: shapes, singular matrices, triangles, and what is refused."""

import numpy as np
import pytest

import lucid
from lucid.errors import DTypeError, LinAlgError, ShapeError

RNG = np.random.default_rng(0)


def regular(*shape):
    return RNG.standard_normal(shape) + 3 * np.eye(shape[-1])


@pytest.mark.parametrize(
    ("a", "b", "result"),
    [
        ((3, 3), (3,), (3,)),
        ((2, 3, 3), (2, 3), (2, 3)),
        ((2, 3, 3), (3,), (2, 3)),
        ((3, 3), (2, 3, 1), (2, 3, 1)),
        ((4, 1, 3, 3), (2, 3, 5), (4, 2, 3, 5)),
        ((0, 3, 3), (3, 2), (0, 3, 2)),
        ((3, 3), (3, 0), (3, 0)),
    ],
)
def test_shapes(a, b, result):
    x, y = lucid.tensor(regular(*a)), lucid.tensor(RNG.standard_normal(b))
    found = lucid.linalg.solve(x, y)
    assert found.shape == result
    if y.ndim < x.ndim and result == (*a[:-2], 3):
        np.testing.assert_allclose(
            (x @ found.unsqueeze(-1)).squeeze(-1), np.broadcast_to(y, result)
        )
    else:
        np.testing.assert_allclose(x @ found, np.broadcast_to(y, result), atol=1e-12)
    assert lucid.linalg.solve_ex(x, y).info.shape == a[:-2]


@pytest.mark.parametrize("left", [True, False])
def test_singular_matrices(left):
    a = lucid.tensor(np.stack([np.eye(2), np.ones((2, 2))]))
    b = lucid.tensor(RNG.standard_normal((2, 3) if left else (3, 2)))
    with pytest.raises(LinAlgError, match=r"batch element 1: .* pivot 2"):
        lucid.linalg.solve(a, b, left=left)
    found = lucid.linalg.solve_ex(a, b, left=left)
    assert found.info.tolist() == [0, 2]
    np.testing.assert_array_equal(found.result.numpy()[0], b)
    assert np.isnan(found.result.numpy()[1]).all()
    with pytest.raises(LinAlgError, match=r"linalg\.solve_ex"):
        lucid.linalg.solve_ex(a, b, left=left, check_errors=True)


@pytest.mark.parametrize("upper", [True, False])
@pytest.mark.parametrize("n", [1, 5, 64, 65, 200])
def test_triangles_of_every_size(n, upper):
    a = RNG.standard_normal((2, n, n)) / n + 2 * np.eye(n)
    b = RNG.standard_normal((n, 3))
    triangle = np.triu(a) if upper else np.tril(a)
    found = lucid.linalg.solve_triangular(lucid.tensor(a), lucid.tensor(b), upper=upper)
    np.testing.assert_allclose(triangle @ found.numpy(), [b, b], atol=1e-12)


def test_triangle_with_a_zero_divides_by_it():
    a = lucid.tensor([[1.0, 1.0], [0.0, 0.0]])
    found = lucid.linalg.solve_triangular(a, lucid.tensor([[1.0], [1.0]]), upper=True)
    assert found.tolist() == [[-np.inf], [np.inf]]


def test_the_other_triangle_has_no_gradient():
    a = lucid.tensor(regular(3, 3), requires_grad=True)
    lucid.linalg.solve_triangular(a, lucid.ones(3, 1).double(), upper=True).sum().backward()
    assert not np.tril(a.grad.numpy(), -1).any()


def test_mixed_dtypes_are_promoted():
    a, b = lucid.eye(2), lucid.ones(2, 1, dtype=lucid.complex128)
    assert lucid.linalg.solve(a, b).dtype == lucid.complex128


def test_refusals():
    eye = lucid.eye(2)
    with pytest.raises(ShapeError, match=r"as many rows as A[\s\S]*B: float32\[3, 1\]"):
        lucid.linalg.solve(eye, lucid.ones(3, 1))
    with pytest.raises(ShapeError, match="as many columns as A"):
        lucid.linalg.solve(eye, lucid.ones(2, 3), left=False)
    with pytest.raises(ShapeError, match="do not broadcast"):
        lucid.linalg.solve(lucid.eye(2).expand(3, 2, 2), lucid.ones(4, 2, 1))
    with pytest.raises(DTypeError, match="floating"):
        lucid.linalg.solve(eye, lucid.ones(2, 1, dtype=lucid.int64))
    with pytest.raises(DTypeError, match="floating"):
        lucid.linalg.solve(eye, lucid.ones(2, dtype=lucid.int64))
    with pytest.raises(ShapeError, match="square"):
        lucid.linalg.solve_triangular(lucid.ones(2, 3), eye, upper=True)
    with pytest.raises(ShapeError, match="a matrix or a batch"):
        lucid.linalg.solve_triangular(eye, lucid.ones(2), upper=True)
    with pytest.raises(ShapeError, match="square matrix with a row for each"):
        lucid.linalg.tensorsolve(lucid.ones(2, 3), lucid.ones(2))
