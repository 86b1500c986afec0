"""Cholesky factors: PyTorch parity, what is not positive-definite, and what is solved with them."""

import numpy as np
import pytest

import lucid

DTYPES = ["float64", "complex128"]


def definite(x):
    return x @ x.conj().swapaxes(-2, -1) + np.eye(x.shape[-1])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("shape", [(1, 1), (4, 4), (2, 3, 3, 3), (0, 2, 2), (0, 0)])
def test_as_pytorch(shape, upper, dtype, draw, same_as_torch):
    torch = pytest.importorskip("torch")
    a = definite(draw(*shape, dtype=dtype))
    same_as_torch(
        lambda x: [lucid.linalg.cholesky(x, upper=upper)],
        # where the loss reads the imaginary part of the diagonal, which is always zero, PyTorch's
        # gradient is not Hermitian; its Hermitian part is what counts
        lambda x: [torch.linalg.cholesky((x + x.mH) / 2, upper=upper)],
        a,
    )


@pytest.mark.parametrize("upper", [False, True])
def test_one_triangle_is_read(upper, draw):
    a = definite(draw(3, 3))
    half = np.triu(a) if upper else np.tril(a)
    found = lucid.linalg.cholesky(lucid.tensor(half), upper=upper)
    np.testing.assert_array_equal(
        found.data, lucid.linalg.cholesky(lucid.tensor(a), upper=upper).data
    )


def test_where_it_ends(draw):
    torch = pytest.importorskip("torch")
    a = np.stack([definite(draw(3, 3)), np.diag([1.0, -1, 1]), np.diag([1.0, 1, np.nan])])
    a[1, 1, 0] = a[1, 0, 1] = 0.5
    factor, info = lucid.linalg.cholesky_ex(lucid.tensor(a))
    expected = torch.linalg.cholesky_ex(torch.tensor(a))
    np.testing.assert_array_equal(info.data, expected.info.numpy())
    assert info.dtype == np.int32
    np.testing.assert_allclose(factor.data[:2], expected.L.numpy()[:2])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (-np.eye(2), "linalg.cholesky: the matrix is not positive-definite: .* order 1"),
        (np.stack([np.eye(2), np.diag([1.0, 0.0])]), "batch element 1: .* order 2"),
        (np.broadcast_to(-np.eye(2), (2, 3, 2, 2)), r"batch element \(0, 0\): .* order 1"),
        (np.full((1, 1), np.nan), "order 1"),
    ],
)
def test_not_positive_definite(given, words):
    with pytest.raises(lucid.linalg.LinAlgError, match=words):
        lucid.linalg.cholesky(lucid.tensor(given))
    with pytest.raises(RuntimeError, match="cholesky_ex"):
        lucid.linalg.cholesky_ex(lucid.tensor(given), check_errors=True)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("upper", [False, True])
def test_solved_with_factors(upper, dtype, draw, same_as_torch, twice_differentiable):
    torch = pytest.importorskip("torch")
    factor, b = draw(2, 3, 3, dtype=dtype), draw(3, 2, dtype=dtype, seed=1)
    factor[..., range(3), range(3)] = 2 + draw(2, 3, seed=2)
    triangle = np.triu(factor) if upper else np.tril(factor)

    def from_triangle(x):  # the gradient of PyTorch's own functions fills both triangles
        return torch.triu(x) if upper else torch.tril(x)

    same_as_torch(
        lambda f, b: [lucid.cholesky_solve(b, f, upper), lucid.cholesky_inverse(f, upper)],
        lambda f, b: [
            torch.cholesky_solve(b, from_triangle(f), upper),
            torch.cholesky_inverse(from_triangle(f), upper),
        ],
        triangle,
        np.broadcast_to(b, (2, 3, 2)).copy(),
    )
    twice_differentiable(lambda f, b: lucid.cholesky_solve(b, f, upper), factor[0], b)
    twice_differentiable(lambda f: lucid.cholesky_inverse(f, upper), factor[0])


def test_refused():
    eye = lucid.eye(2)
    with pytest.raises(lucid.linalg.LinAlgError, match="element 2 of the diagonal"):
        lucid.cholesky_inverse(lucid.tensor([[1.0, 0.0], [1.0, 0.0]]))
    with pytest.raises(ValueError, match="as many rows as L"):
        lucid.cholesky_solve(lucid.ones(3, 1), eye)
    for call in (lucid.linalg.cholesky, lucid.cholesky, lucid.cholesky_inverse):
        with pytest.raises(ValueError, match="square matrices"):
            call(lucid.ones(2, 3))
        with pytest.raises(TypeError, match="floating or complex"):
            call(lucid.ones(2, 2, dtype=lucid.int64))


def test_float32_stays(draw):
    a = lucid.tensor(definite(draw(3, 3)).astype("float32"), requires_grad=True)
    factor = a.cholesky()
    factor.sum().backward()
    assert factor.dtype == a.grad.dtype == np.float32
