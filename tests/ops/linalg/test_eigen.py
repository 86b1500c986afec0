"""Eigenvalues and eigenvectors: what is determined of them, and PyTorch parity of that."""

import numpy as np
import pytest

import lucid

DTYPES = ["float64", "complex128"]
SHAPES = [(3, 3), (2, 1, 4, 4), (1, 1), (0, 2, 2), (0, 0)]


def hermitian(x):
    return x + x.conj().swapaxes(-2, -1)


def invariants(eigen):
    """Functions of the eigenvectors that neither signs nor phases change."""

    def parts(x):
        w, v = eigen(x)
        return [w, v.abs(), v[..., :1, :].conj() * v]

    return parts


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("triangle", ["L", "u"])
@pytest.mark.parametrize("shape", SHAPES)
def test_hermitian_as_pytorch(shape, triangle, dtype, draw, same_as_torch):
    torch = pytest.importorskip("torch")
    a = hermitian(draw(*shape, dtype=dtype))
    same_as_torch(
        invariants(lambda x: lucid.linalg.eigh(x, triangle)),
        invariants(lambda x: torch.linalg.eigh(x, triangle)),
        a,
    )
    same_as_torch(
        lambda x: [lucid.linalg.eigvalsh(x, triangle)],
        lambda x: [torch.linalg.eigvalsh(x, triangle)],
        a,
    )


def test_one_triangle_is_read(draw):
    a = hermitian(draw(3, 3))
    for triangle, half in (("L", np.tril(a)), ("U", np.triu(a))):
        found = lucid.linalg.eigvalsh(lucid.tensor(half), triangle)
        np.testing.assert_allclose(found.data, np.linalg.eigvalsh(a))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_any_as_pytorch(shape, dtype, draw, same_as_torch):
    torch = pytest.importorskip("torch")
    a = draw(*shape, dtype=dtype)
    same_as_torch(invariants(lucid.linalg.eig), invariants(torch.linalg.eig), a)
    same_as_torch(lambda x: [lucid.linalg.eigvals(x)], lambda x: [torch.linalg.eigvals(x)], a)


def test_real_eigenvalues_are_complex_numbers():
    w, v = lucid.linalg.eig(lucid.tensor([[2.0, 1.0], [0.0, 3.0]]))
    assert w.dtype == v.dtype == np.complex64
    assert lucid.linalg.eigvals(lucid.eye(2, dtype=lucid.float64)).dtype == np.complex128


def test_large_ones_keep_their_order(draw):
    """Values and vectors belong together, whether or not both were asked for."""
    x = lucid.tensor(draw(40, 40), requires_grad=True)
    w = lucid.linalg.eigvals(x)
    grads = lucid.autograd.grad(w[7].real, x, create_graph=True)[0]
    step = 1e-6 * draw(40, 40, seed=5)
    moved = np.linalg.eigvals(x.data + step)
    nearest = moved[np.argmin(abs(moved - w.data[7]))]
    change = (nearest - w.data[7]).real
    np.testing.assert_allclose((grads.data * step).sum(), change, rtol=1e-3)


@pytest.mark.parametrize("dtype", DTYPES)
def test_twice(dtype, draw, twice_differentiable):
    a = draw(3, 3, dtype=dtype)
    twice_differentiable(lambda x: lucid.linalg.eigh(x + x.mT.conj())[1].abs(), a)
    twice_differentiable(lambda x: lucid.linalg.eig(x)[1].abs(), a)
    twice_differentiable(lucid.linalg.eigvals, a)


def test_equal_eigenvalues_have_a_gradient():
    x = lucid.eye(3, requires_grad=True)
    lucid.linalg.eigvalsh(x).sum().backward()
    np.testing.assert_allclose(x.grad.data, np.eye(3), atol=1e-6)


@pytest.mark.parametrize("eigen", [lucid.linalg.eigh, lucid.linalg.eig])
def test_phases_count_for_nothing(eigen, draw):
    x = lucid.tensor(hermitian(draw(3, 3, dtype="complex128")), requires_grad=True)
    with pytest.raises(RuntimeError, match="phase"):
        (eigen(x).eigenvectors * (1 + 2j)).real.sum().backward()


def test_nan():
    nan = lucid.full((2, 2), np.nan)
    assert np.isnan(lucid.linalg.eigh(nan).eigenvalues.data).all()
    for call in (lucid.linalg.eig, lucid.linalg.eigvals):
        with pytest.raises(lucid.linalg.LinAlgError, match="NaN or infinite"):
            call(nan)


def test_refused():
    for call in (lucid.linalg.eig, lucid.linalg.eigvals, lucid.linalg.eigh, lucid.linalg.eigvalsh):
        with pytest.raises(ValueError, match="square"):
            call(lucid.ones(2, 3))
        with pytest.raises(TypeError, match="floating or complex"):
            call(lucid.ones(2, 2, dtype=lucid.int64))
    with pytest.raises(ValueError, match="'L' or 'U'"):
        lucid.linalg.eigh(lucid.eye(2), "lower")
